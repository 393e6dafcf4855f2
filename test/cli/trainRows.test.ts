import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { rowsOf } from '../../src/cli/trainRows.js'
import { scratch } from './support.js'

const { file, folder } = scratch('rows')

const ROWS = 3000
const numbers = (i: number): readonly [number, number, number] => [i, (1 - i) / 7, Math.sqrt(i)]
const text = Array.from({ length: ROWS }, (_, i) => [...numbers(i), i % 3 === 0 ? 'three' : 'other'].join())
file('long.csv', `a,b,c,word\n${text.join('\n')}\n`)

const long = { from: 'csv', file: `${folder}/long.csv`, inputs: ['c', 'a'], targets: ['b'] } as const

describe('the rows of a table', () => {
  it('are those of the file, in the columns that were asked for', async () => {
    const found = await rowsOf(long, 'numbers')()
    if (E.isLeft(found)) return expect.fail(found.left.message)
    const { input, target } = found.right
    expect(input.shape).toEqual([ROWS, 2])
    expect([...input.data]).toEqual(Array.from({ length: ROWS }, (_, i) => [numbers(i)[2], i]).flat())
    expect(target).toMatchObject({ shape: [ROWS, 1] })
    expect([...(target as typeof input).data]).toEqual(Array.from({ length: ROWS }, (_, i) => numbers(i)[1]))
  })

  it('have words for classes, or no targets at all', async () => {
    const words = await rowsOf({ ...long, targets: ['word'] }, 'classes')()
    expect(E.isRight(words) && words.right.target).toEqual(
      Array.from({ length: ROWS }, (_, i) => (i % 3 === 0 ? 'three' : 'other')),
    )
    expect(await rowsOf({ ...long, targets: ['missing'] }, 'none')()).toMatchObject({ right: { target: null } })
  })

  it('are refused with the place in the file', async () => {
    const found = await rowsOf({ ...long, targets: ['word'] }, 'numbers')()
    expect(E.isLeft(found) && found.left.message).toMatch(/long\.csv: line 2, column \d+ \(word\): expected a number/)
    expect(await rowsOf({ ...long, targets: ['b', 'word'] }, 'classes')()).toMatchObject({
      left: { message: 'classes are in one column, not in b, word' },
    })
  })
})
