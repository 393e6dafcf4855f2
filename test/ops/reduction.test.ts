import { describe, expect, it } from 'vitest'
import { all, any, cumsum, mean, norm, prod, std, sum, variance } from '../../src/ops/reduction.js'
import { bools, ints, tensor, zeros } from '../../src/Tensor.js'
import { near, refusal, result, slope, value } from './given.js'

const a = tensor([
  [1, 2, 3],
  [4, 5, 6],
])

describe('axes', () => {
  it('are one, several or all, dropped or kept', () => {
    expect(value((x) => sum(x), a)).toBe(21)
    expect(value((x) => sum(x, { axis: 0 }), a)).toEqual([5, 7, 9])
    expect(value((x) => sum(x, { axis: -1, keepDims: true }), a)).toEqual([[6], [15]])
    expect(value((x) => sum(x, { axis: [1, -2] }), a)).toBe(21)
    expect(value((x) => sum(x, { keepDims: true }), a)).toEqual([[21]])
    expect(value((x) => sum(x, { axis: [] }), a)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ])
  })
  it('are refused when they are not there', () => {
    expect(refusal((x) => sum(x, { axis: 2 }), a)).toBe('sum: axis 2 is out of range for rank 2')
    expect(refusal((x) => mean(x, { axis: [0, -2] }), a)).toBe('mean: axis -2 is given twice')
    for (const axis of [0.5, NaN, -3, Infinity])
      expect(refusal((x) => prod(x, { axis }), a)).toBe(`prod: axis ${axis} is out of range for rank 2`)
  })
  it('may be empty', () => {
    expect(value((x) => sum(x, { axis: 0 }), zeros([0, 2]))).toEqual([0, 0])
    expect(value((x) => prod(x, { axis: 0 }), zeros([0, 2]))).toEqual([1, 1])
    expect(value((x) => mean(x, { axis: 0 }), zeros([0, 2]))).toEqual([NaN, NaN])
    expect(result((x) => sum(x, { axis: 0 }), zeros([2, 0])).shape).toEqual([0])
    expect(value((x) => norm(x), zeros([0]))).toBe(0)
  })
})

describe('moments', () => {
  it('variance and std take degrees of freedom (values of NumPy)', () => {
    near(
      value((x) => variance(x), a),
      35 / 12,
    )
    near(
      value((x) => variance(x, { axis: 1, ddof: 1 }), a),
      [1, 1],
    )
    near(
      value((x) => std(x, { axis: 0 }), a),
      [1.5, 1.5, 1.5],
    )
    expect(value((x) => variance(x, { ddof: 1 }), tensor([5]))).toBe(NaN)
    for (const ddof of [-1, NaN, Infinity])
      expect(refusal((x) => std(x, { ddof }), a)).toBe(`std: ddof must be a finite number >= 0, not ${ddof}`)
  })
  it('std of equal numbers has derivative 0', () => {
    expect(slope((x) => std(x), tensor([2, 2, 2]))).toEqual([0, 0, 0])
    near(
      slope((x) => std(x), tensor([1, 3])),
      [-0.5, 0.5],
    )
  })
  it('refuses integers', () => {
    expect(refusal((x) => mean(x), ints([1]))).toBe('mean: takes real operands, not int [1]')
  })
})

describe('norm', () => {
  it('has derivative 0 at 0', () => {
    expect(value((x) => norm(x), tensor([3, 4]))).toBe(5)
    near(
      slope((x) => norm(x), tensor([3, 4])),
      [0.6, 0.8],
    )
    expect(slope((x) => norm(x), tensor([0, 0]))).toEqual([0, 0])
    near(
      slope(
        (x) => sum(norm(x, { axis: 1 })),
        tensor([
          [0, 0],
          [3, 4],
        ]),
      ),
      [0, 0, 0.6, 0.8],
    )
    expect(value((x) => norm(x), tensor([NaN, 1]))).toBe(NaN)
  })
  it('of other orders', () => {
    expect(value((x) => norm(x, { order: 1 }), tensor([3, -4]))).toBe(7)
    expect(value((x) => norm(x, { order: Infinity }), tensor([3, -4]))).toBe(4)
    expect(refusal((x) => norm(x, { order: 3 }), a)).toBe('norm: the order must be 1, 2 or Infinity, not 3')
  })
})

describe('prod', () => {
  it('has the right derivatives at zeros', () => {
    expect(value((x) => prod(x, { axis: 0 }), a)).toEqual([4, 10, 18])
    expect(slope((x) => prod(x), tensor([0, 2, 3, 4, 5]))).toEqual([120, 0, 0, 0, 0])
    expect(slope((x) => prod(x), tensor([0, 0, 3]))).toEqual([0, 0, 0])
    expect(value((x) => prod(x), ints([65536, 65537]))).toBe(65536)
    expect(
      value(
        (x) => prod(x, { axis: [0, 2] }),
        tensor([
          [
            [1, 2],
            [3, 4],
          ],
          [
            [5, 6],
            [7, 8],
          ],
        ]),
      ),
    ).toEqual([60, 672])
  })
})

describe('cumsum', () => {
  it('runs both ways', () => {
    expect(value((x) => cumsum(x), a)).toEqual([
      [1, 3, 6],
      [4, 9, 15],
    ])
    expect(value((x) => cumsum(x, { axis: 0, reverse: true }), a)).toEqual([
      [5, 7, 9],
      [4, 5, 6],
    ])
    expect(refusal((x) => cumsum(x, { axis: NaN }), a)).toBe('cumsum: axis NaN is out of range for rank 2')
    expect(refusal((x) => cumsum(x), tensor(1))).toBe('cumsum: axis -1 is out of range for rank 0')
  })
})

describe('all and any', () => {
  it('of some and of nothing', () => {
    const p = bools([
      [true, true],
      [true, false],
    ])
    expect(value((x) => all(x, { axis: 1 }), p)).toEqual([1, 0])
    expect(value((x) => any(x), p)).toBe(1)
    expect(value((x) => all(x), zeros([0], 'bool'))).toBe(1)
    expect(value((x) => any(x), zeros([0], 'bool'))).toBe(0)
    expect(refusal((x) => all(x), a)).toBe('all: takes bool operands, not real [2, 3]')
  })
})
