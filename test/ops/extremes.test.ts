import { describe, expect, it } from 'vitest'
import { argmax, argmin, logSumExp, max, min } from '../../src/ops/extremes.js'
import { sum } from '../../src/ops/reduction.js'
import { ints, tensor, zeros } from '../../src/Tensor.js'
import { near, refusal, slope, value } from './given.js'

const a = tensor([
  [1, 7, 3],
  [4, 5, 6],
])

describe('max and min', () => {
  it('reduce, share ties and pass NaN on', () => {
    expect(value((x) => max(x, { axis: 0 }), a)).toEqual([4, 7, 6])
    expect(value((x) => min(x, { axis: -1, keepDims: true }), a)).toEqual([[1], [4]])
    expect(value((x) => max(x), ints([-3, -2]))).toBe(-2)
    expect(slope((x) => max(x), tensor([2, 1, 2]))).toEqual([0.5, 0, 0.5])
    expect(value((x) => max(x), tensor([1, NaN]))).toBe(NaN)
    expect(value((x) => max(x), tensor([-Infinity, -Infinity]))).toBe(-Infinity)
  })
  it('refuse nothing', () => {
    expect(refusal((x) => max(x, { axis: 0 }), zeros([0, 2]))).toBe(
      'max: there is no maximum of nothing: [0, 2] is empty along axes [0]',
    )
    expect(value((x) => max(x, { axis: 1 }), zeros([0, 2]))).toEqual([])
  })
})

describe('argmax and argmin', () => {
  it('give the first', () => {
    expect(value((x) => argmax(x, { axis: 1 }), a)).toEqual([1, 2])
    expect(value((x) => argmax(x), a)).toBe(1)
    expect(value((x) => argmin(x, { keepDims: true }), a)).toEqual([[0]])
    expect(value((x) => argmax(x), tensor([1, 2, 2]))).toBe(1)
    expect(value((x) => argmax(x), tensor([1, NaN, 2]))).toBe(1)
    expect(value((x) => argmax(x), tensor(5))).toBe(0)
  })
  it('refuse nothing and several axes', () => {
    expect(refusal((x) => argmax(x), zeros([0]))).toBe(
      'argmax: there is no maximum of nothing: [0] is empty along axes [0]',
    )
    expect(refusal((x) => argmax(x, { axis: [0, 1] as never }), a)).toBe('argmax: takes one axis or none, not [0, 1]')
    expect(refusal((x) => argmin(x, { axis: 5 }), a)).toBe('argmin: axis 5 is out of range for rank 2')
  })
})

describe('logSumExp', () => {
  it('neither overflows nor loses', () => {
    near(
      value((x) => logSumExp(x), tensor([1000, 1000])),
      1000 + Math.LN2,
    )
    near(
      value(
        (x) => logSumExp(x, { axis: 0 }),
        tensor([
          [-1000, 0],
          [-1000, 1],
        ]),
      ),
      [-1000 + Math.LN2, Math.log(1 + Math.E)],
    )
    expect(value((x) => logSumExp(x, { axis: [] }), a)).toEqual([
      [1, 7, 3],
      [4, 5, 6],
    ])
  })
  it('keeps to the edges', () => {
    expect(value((x) => logSumExp(x), tensor([-Infinity, -Infinity]))).toBe(-Infinity)
    expect(value((x) => logSumExp(x), tensor([-Infinity, 3]))).toBe(3)
    expect(value((x) => logSumExp(x), tensor([Infinity, 3]))).toBe(Infinity)
    expect(value((x) => logSumExp(x), tensor([Infinity, -Infinity]))).toBe(Infinity)
    expect(value((x) => logSumExp(x), tensor([NaN, 3]))).toBe(NaN)
    expect(value((x) => logSumExp(x, { axis: 1 }), zeros([2, 0]))).toEqual([-Infinity, -Infinity])
  })
  it('has the softmax for derivative, ties and infinities included', () => {
    expect(slope((x) => logSumExp(x), tensor([5, 5, -Infinity]))).toEqual([0.5, 0.5, 0])
    expect(slope((x) => logSumExp(x), tensor([-Infinity, -Infinity]))).toEqual([0, 0])
    expect(
      slope(
        (x) => sum(logSumExp(x, { axis: 1 })),
        tensor([
          [-Infinity, -Infinity],
          [0, 0],
        ]),
      ),
    ).toEqual([
      [0, 0],
      [0.5, 0.5],
    ])
    expect(slope((x) => logSumExp(x), tensor([Infinity, 3]))).toEqual([NaN, 0])
  })
})
