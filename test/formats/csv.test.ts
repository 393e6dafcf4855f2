import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import type { Failure } from '../../src/Failure.js'
import { CsvInteger, CsvNumber, csvStart, csvStep, csvText, readCsv, readCsvNumbers } from '../../src/formats/index.js'
import { left, right } from './support.js'

const Cells = t.record(t.string, t.string)
const House = t.type({ rooms: CsvNumber, age: CsvInteger, street: t.string })
const houses = readCsv('houses.csv', House)

const cell = fc.oneof(fc.string({ maxLength: 6 }), fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', 'a', 'é') }))
const tables = fc
  .integer({ min: 1, max: 4 })
  .chain((width) =>
    fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 5 }).map((rows) => ({ width, rows })),
  )

/** Rows read in pieces cut at the given places. */
const inPieces = (
  text: string,
  cuts: ReadonlyArray<number>,
  columns?: ReadonlyArray<string>,
): E.Either<Failure, ReadonlyArray<Record<string, string>>> => {
  const step = csvStep('t.csv', Cells, { columns })
  const places = [0, ...cuts.map((c) => c % (text.length + 1)).sort((a, b) => a - b), text.length]
  let state = csvStart({ columns })
  const rows: Array<Record<string, string>> = []
  for (let i = 1; i < places.length; i++) {
    const next = step(state, text.slice(places[i - 1], places[i]), i === places.length - 1)
    if (E.isLeft(next)) return next
    state = next.right.state
    rows.push(...next.right.rows)
  }
  return E.right(rows)
}

describe('cells', () => {
  it('round-trip, however the text is cut', () => {
    fc.assert(
      fc.property(tables, fc.array(fc.nat(1000), { maxLength: 6 }), ({ width, rows }, cuts) => {
        const columns = Array.from({ length: width }, (_, i) => `c${i}`)
        const back = right(inPieces(csvText(rows), cuts, columns))
        expect(back.map((r) => columns.map((c) => r[c]))).toEqual(rows)
      }),
      { numRuns: 500 },
    )
  })

  it('answer any text, the same in pieces as at once', () => {
    const text = fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', 'a', '1', ' ') })
    fc.assert(
      fc.property(text, fc.array(fc.nat(1000), { maxLength: 6 }), (s, cuts) => {
        const whole = readCsv('t.csv', Cells)(s)
        expect(inPieces(s, cuts)).toEqual(whole)
        if (E.isLeft(whole)) expect(whole.left).toMatchObject({ file: 't.csv', line: expect.any(Number) })
      }),
      { numRuns: 3000 },
    )
  })
})

describe('tables', () => {
  it('are typed by a codec, with quotes, CRLF, empty lines and a byte order mark', () => {
    const text = '\ufeffrooms,age,street\r\n6.5,12,"Elm ""Green"", 1"\r\n\r\n-1e3,7,"two\nlines"'
    const expected = [
      { rooms: 6.5, age: 12, street: 'Elm "Green", 1' },
      { rooms: -1000, age: 7, street: 'two\nlines' },
    ]
    expect(right(houses(text))).toEqual(expected)
    expect(right(houses(new TextEncoder().encode(text)))).toEqual(expected)
  })

  it('may have no header and another separator', () => {
    const read = readCsv('h.tsv', House, { separator: '\t', columns: ['street', 'rooms', 'age'] })
    expect(right(read('a, b\t1\t2'))).toEqual([{ street: 'a, b', rooms: 1, age: 2 }])
  })

  it('of numbers need no codec', () => {
    const { columns, values } = right(readCsvNumbers('n.csv')('a,b\n1,-.5\n 2 ,1e-3\n'))
    expect([columns, values.shape, ...values.data]).toEqual([['a', 'b'], [2, 2], 1, -0.5, 2, 0.001])
    expect(right(readCsvNumbers('n.csv', { columns: ['x'] })('1\n2')).values.shape).toEqual([2, 1])
    expect(right(readCsvNumbers('n.csv')('a\n')).values.shape).toEqual([0, 1])
  })
})

describe('what is refused, with line and column', () => {
  const head = 'rooms,age,street\n'
  it.each<readonly [string, string, string, number | undefined, number | undefined]>([
    ['an empty file', '', 'line 1: a header row is needed, the file is empty', 1, undefined],
    ['a repeated name', 'a,b,a\n', 'line 1, column 5: the header names the column "a" twice', 1, 5],
    [
      'a word for a number',
      `${head}1,2,x\n1,2,"a\nb"\nsix,2,x`,
      'line 5, column 1 (rooms): expected a number, found "six"',
      5,
      1,
    ],
    ['a fraction for an integer', `${head}1,2.5,x`, 'line 2, column 3 (age): expected an integer, found "2.5"', 2, 3],
    ['an empty cell', `${head}1,,x`, 'line 2, column 3 (age): expected an integer, found ""', 2, 3],
    ['NaN', `${head}NaN,1,x`, 'line 2, column 1 (rooms): expected a number, found "NaN"', 2, 1],
    ['overflow', `${head}1e999,1,x`, 'line 2, column 1 (rooms): expected a number, found "1e999"', 2, 1],
    [
      'a missing column',
      'rooms,street\n1,x',
      'line 2, column 1: there is no column "age"; the columns are rooms, street',
      2,
      1,
    ],
    ['a short row', `${head}1,2`, 'line 2, column 3: the row has 2 cells, the table has 3 columns', 2, 3],
    ['a long row', `${head}1,2,x,y`, 'line 2, column 7: the row has 4 cells, the table has 3 columns', 2, 7],
    ['a quote within', `${head}1,2,a"b"`, 'line 2, column 6: a quote inside a cell that does not begin with one', 2, 6],
    ['text after a quote', `${head}1,2,"a"b`, 'line 2, column 8: after the closing quote a cell must end', 2, 8],
    ['an open quote', `${head}1,2,"a\n1,2,b\n`, 'line 2, column 5: the quote is never closed', 2, 5],
    ['a lone carriage return', `${head}1,2,a\rb`, 'line 2, column 6: a carriage return without a line feed', 2, 6],
  ])('%s', (_, text, sentence, line, column) => {
    const failure = left(houses(text))
    expect(failure.message).toContain(`houses.csv: ${sentence}`)
    expect([failure.line, failure.column]).toEqual([line, column])
  })

  it('bytes that are not UTF-8', () => {
    expect(left(houses(Uint8Array.of(0x61, 0xe9, 0x0a))).message).toBe(
      'houses.csv: byte 1 is not UTF-8; save the file as UTF-8',
    )
    expect(left(houses(Uint8Array.of(0xff, 0xfe, 0x61, 0))).message).toBe(
      'houses.csv: the text is UTF-16; save it as UTF-8',
    )
  })

  it('rows beyond the limit, before the file is at its end', () => {
    const step = csvStep('t.csv', Cells, { row: 100 })
    const failure = left(step(csvStart(), `a\n"${'x'.repeat(200)}`, false))
    expect(failure).toMatchObject({ _tag: 'TooLarge', line: 2 })
  })

  it('cells of numbers that are none', () => {
    expect(left(readCsvNumbers('n.csv')('a,b\n1,x')).message).toBe(
      'n.csv: line 2, column 3 (b): expected a number, found "x"',
    )
    expect(left(readCsvNumbers('n.csv')('a,b\n1')).message).toContain('the row has 1 cells, the table has 2 columns')
  })
})
