/**
 * Tables from comma-separated values, typed by an io-ts codec of a row: a record of its cells by the names of the columns, all
 * strings. What is wrong is named by line, column and the name of the column.
 *
 * A table of any length can be read in pieces by `csvStep`; `readCsv` is its use on one piece.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Failure } from '../Failure.js'
import { refuseFile, utf8At } from './bytes.js'
import { type CsvFormat, type CsvRest, type CsvRow, csvRows } from './csvText.js'
import { type Packed, unsafePacked } from './Packed.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface CsvOptions extends CsvFormat {
  /** the names of the columns of a file that has no header row */
  readonly columns?: ReadonlyArray<string> | undefined
}

/** A decimal number: `1`, `-0.5`, `.5`, `1e-3`; each digit can be matched in one way only, so this takes linear time. */
const DECIMAL = /^\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*$/

const numberOf = (cell: string): number => (DECIMAL.test(cell) ? Number(cell) : Number.NaN)

/**
 * A finite decimal number in a cell.
 *
 * @category codecs
 * @since 0.1.0
 */
export const CsvNumber: t.Type<number, string, unknown> = new t.Type<number, string, unknown>(
  'a number',
  t.number.is,
  (u, c) => {
    const x = typeof u === 'string' ? numberOf(u) : Number.NaN
    return Number.isFinite(x) ? t.success(x) : t.failure(u, c)
  },
  String,
)

/**
 * An integer of 32 bits in a cell.
 *
 * @category codecs
 * @since 0.1.0
 */
export const CsvInteger: t.Type<number, string, unknown> = new t.Type<number, string, unknown>(
  'an integer',
  t.number.is,
  (u, c) => {
    const x = typeof u === 'string' ? numberOf(u) : Number.NaN
    return (x | 0) === x ? t.success(x) : t.failure(u, c)
  },
  String,
)

// ---------------------------------------------------------------------------------------------------- typed rows

/**
 * Where the reading of a table stands.
 *
 * @category model
 * @since 0.1.0
 */
export interface CsvState {
  readonly rest: CsvRest
  /** the names of the columns; null before the header row */
  readonly names: ReadonlyArray<string> | null
}

/**
 * Before the first piece.
 *
 * @category constructors
 * @since 0.1.0
 */
export const csvStart = (options: CsvOptions = {}): CsvState => ({
  rest: { text: '', line: 1 },
  names: options.columns ?? null,
})

const refuseAt = (
  name: string,
  row: CsvRow,
  cell: number,
  sentence: string,
  column?: string,
): E.Either<Failure, never> => {
  const place = { line: row.lines[cell], column: row.columns[cell] }
  const called = column === undefined ? '' : ` (${column})`
  return refuseFile(name, `line ${place.line}, column ${place.column}${called}: ${sentence}`, place)
}

/** At most so many characters of a cell are quoted in a sentence. */
const QUOTED = 40

const quoted = (cell: string): string => JSON.stringify(cell.length > QUOTED ? `${cell.slice(0, QUOTED)}...` : cell)

/** The header row: its names differ, and every record can have them. */
const namesOf = (name: string, row: CsvRow): E.Either<Failure, ReadonlyArray<string>> => {
  const hostile = row.cells.indexOf('__proto__')
  if (hostile >= 0) return refuseAt(name, row, hostile, 'a column cannot be called __proto__')
  const twice = row.cells.findIndex((cell, i) => row.cells.indexOf(cell) !== i)
  return twice < 0
    ? E.right(row.cells)
    : refuseAt(name, row, twice, `the header names the column ${quoted(row.cells[twice])} twice`)
}

const ragged = (name: string, row: CsvRow, width: number): E.Either<Failure, never> =>
  refuseAt(
    name,
    row,
    Math.min(width, row.cells.length - 1),
    `the row has ${row.cells.length} cells, the table has ${width} columns`,
  )

/** What a codec says of a row, as a refusal at the cell it complains of first. */
const refuseRow = (
  name: string,
  row: CsvRow,
  names: ReadonlyArray<string>,
  [error]: t.Errors,
): E.Either<Failure, never> => {
  const key = error.context.map((entry) => entry.key).find((k) => k !== '')
  const expected = error.context[error.context.length - 1].type.name
  const cell = key === undefined ? -1 : names.indexOf(key)
  if (cell >= 0)
    return refuseAt(name, row, cell, error.message ?? `expected ${expected}, found ${quoted(row.cells[cell])}`, key)
  return refuseAt(
    name,
    row,
    0,
    key === undefined
      ? (error.message ?? `the row is no ${expected}`)
      : `there is no column ${quoted(key)}; the columns are ${names.join(', ')}`,
  )
}

/**
 * Reads one more piece of text: the rows that it completes, and where the reading then stands. `last` says that no text
 * follows. Fails as `readCsv` does.
 *
 * @category decoding
 * @since 0.1.0
 */
export const csvStep =
  <A>(name: string, row: t.Decoder<unknown, A>, options: CsvOptions = {}) =>
  (
    state: CsvState,
    text: string,
    last: boolean,
  ): E.Either<Failure, { readonly state: CsvState; readonly rows: ReadonlyArray<A> }> => {
    const split = csvRows(name, options)(state.rest, text, last)
    let { names } = state
    const rows: Array<A> = []
    for (const one of split.rows) {
      if (names === null) {
        const header = namesOf(name, one)
        if (E.isLeft(header)) return header
        names = header.right
        continue
      }
      if (one.cells.length !== names.length) return ragged(name, one, names.length)
      const decoded = row.decode(Object.fromEntries(names.map((key, i) => [key, one.cells[i]])))
      if (E.isLeft(decoded)) return refuseRow(name, one, names, decoded.left)
      rows.push(decoded.right)
    }
    if (split.failure !== null) return E.left(split.failure)
    if (last && names === null)
      return refuseFile(name, 'line 1: a header row is needed, the file is empty', { line: 1 })
    return E.right({ state: { rest: split.rest, names }, rows })
  }

/** UTF-8 with or without a byte order mark. */
const textOf = (name: string, given: string | Uint8Array): E.Either<Failure, string> => {
  if (typeof given === 'string') return E.right(given.startsWith('\ufeff') ? given.slice(1) : given)
  if ((given[0] === 0xff && given[1] === 0xfe) || (given[0] === 0xfe && given[1] === 0xff))
    return refuseFile(name, 'the text is UTF-16; save it as UTF-8', { offset: 0 })
  const start = given[0] === 0xef && given[1] === 0xbb && given[2] === 0xbf ? 3 : 0
  const text = utf8At(given, start, given.length)
  return E.isLeft(text)
    ? refuseFile(name, `byte ${text.left} is not UTF-8; save the file as UTF-8`, { offset: text.left })
    : text
}

/**
 * The rows of a table, each accepted by a codec; `name` is for the sentences. Fails with `MalformedFile` on text that is not
 * UTF-8 or not RFC 4180, on rows of another length than the header, and on what the codec refuses, with line and column; with
 * `TooLarge` on a row beyond the limit.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import * as E from 'fp-ts/lib/Either.js'
 * import * as t from 'io-ts'
 * import { CsvNumber, readCsv } from 'wengert/formats'
 *
 * const House = t.type({ rooms: CsvNumber, street: t.string })
 * const houses = readCsv('houses.csv', House)('rooms,street\n6.5,"Elm, 1"\n')
 * assert.deepStrictEqual(houses, E.right([{ rooms: 6.5, street: 'Elm, 1' }]))
 *
 * const refused = readCsv('houses.csv', House)('rooms,street\n6.5,Elm\nsix,Oak\n')
 * assert(E.isLeft(refused))
 * assert.strictEqual(refused.left.message, 'houses.csv: line 3, column 1 (rooms): expected a number, found "six"')
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const readCsv =
  <A>(name: string, row: t.Decoder<unknown, A>, options: CsvOptions = {}) =>
  (given: string | Uint8Array): E.Either<Failure, ReadonlyArray<A>> => {
    const text = textOf(name, given)
    if (E.isLeft(text)) return text
    return E.map(({ rows }: { readonly rows: ReadonlyArray<A> }) => rows)(
      csvStep(name, row, options)(csvStart(options), text.right, true),
    )
  }

/**
 * A table of numbers.
 *
 * @category model
 * @since 0.1.0
 */
export interface NumberTable {
  readonly columns: ReadonlyArray<string>
  /** `[rows, columns]` */
  readonly values: Packed<readonly [number, number], 'f64'>
}

const Numbers = t.record(t.string, CsvNumber)

/**
 * A table that has numbers only, without a codec for its rows. Fails as `readCsv` does.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import * as E from 'fp-ts/lib/Either.js'
 * import { readCsvNumbers } from 'wengert/formats'
 *
 * const table = readCsvNumbers('xy.csv')('x,y\n1,2\n3,4\n')
 * assert(E.isRight(table))
 * assert.deepStrictEqual(table.right.columns, ['x', 'y'])
 * assert.deepStrictEqual(table.right.values.data, Float64Array.of(1, 2, 3, 4))
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const readCsvNumbers =
  (name: string, options: CsvOptions = {}) =>
  (given: string | Uint8Array): E.Either<Failure, NumberTable> => {
    const text = textOf(name, given)
    if (E.isLeft(text)) return text
    const read = csvStep(name, Numbers, options)(csvStart(options), text.right, true)
    if (E.isLeft(read)) return read
    const { state, rows } = read.right
    const columns = state.names ?? []
    const data = Float64Array.from(rows.flatMap((row) => columns.map((column) => row[column])))
    return E.right({ columns, values: unsafePacked([rows.length, columns.length] as const, 'f64', data) })
  }
