import { describe, expect, it } from 'vitest'
import { mul } from '../../src/ops/arithmetic.js'
import { argSort, gather, oneHot, scatterAdd, sort, take, topK } from '../../src/ops/indexing.js'
import { sum } from '../../src/ops/reduction.js'
import { ints, ones, tensor, toNested, zeros } from '../../src/Tensor.js'
import { refusal, result, slope, value } from './given.js'

const a = tensor([
  [1, 2, 3],
  [4, 5, 6],
])

describe('take', () => {
  it('puts the dimensions of the indices in place of the axis', () => {
    expect(value((x) => take(x, ints([1, 0, 1])), a)).toEqual([
      [4, 5, 6],
      [1, 2, 3],
      [4, 5, 6],
    ])
    expect(value((x) => take(x, ints([[2], [0]]), { axis: 1 }), a)).toEqual([
      [[3], [1]],
      [[6], [4]],
    ])
    expect(value((x) => take(x, ints(1)), a)).toEqual([4, 5, 6])
    expect(result((x) => take(x, ints([[0, 1]]), { axis: -2 }), ones([5, 4, 3])).shape).toEqual([5, 1, 2, 3])
  })
  it('reads NaN, or 0, out of range', () => {
    expect(value((x) => take(x, ints([-1, 3, 0])), tensor([7, 8, 9]))).toEqual([NaN, NaN, 7])
    expect(value((x) => take(x, ints([-1])), ints([7]))).toEqual([0])
  })
  it('scatters its derivative', () => {
    expect(slope((x) => sum(take(x, ints([1, 1]))), a)).toEqual([
      [0, 0, 0],
      [2, 2, 2],
    ])
  })
  it('refuses', () => {
    expect(refusal((x) => take(x, tensor([1]) as never), a)).toBe('take: the indices must be int, not real')
    expect(refusal((x) => take(x, ints([1]), { axis: 2 }), a)).toBe('take: axis 2 is out of range for rank 2')
    expect(refusal((x) => take(x, ints([1])), tensor(1))).toBe('take: axis 0 is out of range for rank 0')
  })
})

describe('gather', () => {
  it('reads each lane at its own indices', () => {
    expect(
      value(
        (x) =>
          gather(
            x,
            ints([
              [2, 0],
              [1, 1],
            ]),
          ),
        a,
      ),
    ).toEqual([
      [3, 1],
      [5, 5],
    ])
    expect(value((x) => gather(x, ints([[1, 0, 1]]), { axis: 0 }), a)).toEqual([[4, 2, 6]])
    expect(refusal((x) => gather(x, ints([[0]])), a)).toBe(
      'gather: indices [1, 1] must have the shape [2, 3] beside axis 1',
    )
  })
})

describe('oneHot and scatterAdd', () => {
  it('write', () => {
    expect(value((i) => oneHot(i, 3), ints([[2, -1]]))).toEqual([
      [
        [0, 0, 1],
        [0, 0, 0],
      ],
    ])
    expect(result((i) => oneHot(i, 0), ints([1])).shape).toEqual([1, 0])
    for (const n of [-1, 0.5, NaN])
      expect(refusal((i) => oneHot(i, n), ints([1]))).toBe(`oneHot: the depth must be an integer >= 0, not ${n}`)
    expect(value((x) => scatterAdd(x, ints([0, 2, 0, 9]), tensor([10, 20, 30, 40])), tensor([1, 2, 3]))).toEqual([
      41, 2, 23,
    ])
    expect(
      value(
        (x) =>
          scatterAdd(
            x,
            ints([1, 1]),
            tensor([
              [1, 2],
              [3, 4],
            ]),
            { axis: 1 },
          ),
        a,
      ),
    ).toEqual([
      [1, 5, 3],
      [4, 12, 6],
    ])
    expect(value((x) => scatterAdd(x, ints([[0], [1]]), ints([[5], [6]]) as never), ints([1, 1]))).toEqual([6, 7])
    expect(slope((u) => sum(mul(scatterAdd(zeros([3]), ints([0, 2]), u), tensor([1, 2, 3]))), ones([2]))).toEqual([
      1, 3,
    ])
    expect(refusal((x) => scatterAdd(x, ints([0]), ones([3])), a)).toBe(
      'scatterAdd: updates [3] must have the shape [1, 3] of what is taken from [2, 3] at [1]',
    )
  })
})

describe('ordering', () => {
  it('sorts with NaN last and ties in place', () => {
    expect(value((x) => sort(x), tensor([3, NaN, 1, 2]))).toEqual([1, 2, 3, NaN])
    expect(value((x) => sort(x, { descending: true }), tensor([3, NaN, 1, 2]))).toEqual([3, 2, 1, NaN])
    expect(value((x) => argSort(x), tensor([1, 0, 1, 0]))).toEqual([1, 3, 0, 2])
    expect(
      value(
        (x) => sort(x, { axis: 0 }),
        ints([
          [2, 1],
          [1, 2],
        ]),
      ),
    ).toEqual([
      [1, 1],
      [2, 2],
    ])
    expect(slope((x) => sum(mul(sort(x), tensor([1, 10, 100]))), tensor([3, 1, 2]))).toEqual([100, 1, 10])
    expect(refusal((x) => sort(x, { axis: 1 }), tensor([1]))).toBe('sort: axis 1 is out of range for rank 1')
  })
  it('takes the largest few', () => {
    const { values, indices } = result((x) => topK(x, 2), tensor([3, 1, 3, 2]))
    expect([toNested(values), toNested(indices)]).toEqual([
      [3, 3],
      [0, 2],
    ])
    expect(result((x) => topK(x, 0, { axis: 0 }), a).values.shape).toEqual([0, 3])
    for (const k of [-1, 0.5, NaN, 4])
      expect(refusal((x) => topK(x, k), a)).toBe(`topK: k must be an integer from 0 to 3, not ${k}`)
  })
})
