import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { sum } from '../../src/ops/reduction.js'
import { slice, split } from '../../src/ops/slicing.js'
import { ones, type Range, slice as sliceOf, tensor, toNested, zeros } from '../../src/Tensor.js'
import { refusal, result, slope, value } from './given.js'

const a = tensor([
  [1, 2, 3],
  [4, 5, 6],
])

describe('slice', () => {
  it('takes positions and ranges', () => {
    expect(value((x) => slice(x, ':', 0), a)).toEqual([1, 4])
    expect(value((x) => slice(x, -1, { step: -1 }), a)).toEqual([6, 5, 4])
    expect(value((x) => slice(x, { start: 5 }), a)).toEqual([])
    expect(value((x) => slice(x, 1, 2), a)).toBe(6)
    expect(slope((x) => sum(slice(x, ':', { step: -2 })), a)).toEqual([
      [1, 0, 1],
      [1, 0, 1],
    ])
  })
  it('is the slice of tensors', () => {
    const bound = fc.option(fc.integer({ min: -7, max: 7 }), { nil: undefined })
    const range: fc.Arbitrary<Range> = fc.oneof(
      fc.integer({ min: -6, max: 6 }),
      fc.constant(':' as const),
      fc.record(
        { start: bound, stop: bound, step: fc.integer({ min: -3, max: 3 }) },
        { requiredKeys: [] },
      ) as fc.Arbitrary<any>,
    )
    fc.assert(
      fc.property(fc.array(range, { maxLength: 3 }), (ranges) => {
        const x = tensor([
          [1, 2, 3, 4, 5],
          [6, 7, 8, 9, 10],
          [11, 12, 13, 14, 15],
        ])
        const expected = sliceOf(x, ...ranges)
        if (E.isLeft(expected)) expect(refusal((v) => slice(v, ...ranges), x)).toBe(expected.left.message)
        else expect(value((v) => slice(v, ...ranges), x)).toEqual(toNested(expected.right))
      }),
    )
  })
})

describe('split', () => {
  it('into equal parts or given lengths', () => {
    const found = result((x) => split(x, 3, { axis: 1 }), a)
    expect(found.map(toNested)).toEqual([
      [[1], [4]],
      [[2], [5]],
      [[3], [6]],
    ])
    expect(result((x) => split(x, [0, 2]), a).map((t: any) => t.shape)).toEqual([
      [0, 3],
      [2, 3],
    ])
    expect(result((x) => split(x, 2), zeros([0, 3])).map((t: any) => t.shape)).toEqual([
      [0, 3],
      [0, 3],
    ])
  })
  it('refuses', () => {
    expect(refusal((x) => split(x, 2), ones([3]))).toBe('split: 3 elements of [3] are not 2 equal parts')
    for (const n of [0, -1, 0.5, NaN])
      expect(refusal((x) => split(x, n), ones([3]))).toBe(
        `split: the number of parts must be an integer >= 1, not ${n}`,
      )
    expect(refusal((x) => split(x, [1, 1]), ones([3]))).toBe('split: the lengths [1, 1] add up to 2, not 3')
    expect(refusal((x) => split(x, [4, -1]), ones([3]))).toMatch(/must be integers >= 0/)
    expect(refusal((x) => split(x, 1, { axis: 1 }), ones([3]))).toBe('split: axis 1 is out of range for rank 1')
  })
})
