import { describe, expect, it } from 'vitest'
import { mul } from '../../src/ops/arithmetic.js'
import { sum } from '../../src/ops/reduction.js'
import { logSoftmax, softmax } from '../../src/ops/softmax.js'
import { ints, tensor, zeros } from '../../src/Tensor.js'
import { near, refusal, result, slope, value } from './given.js'

describe('softmax', () => {
  it('normalises along an axis, whatever the size', () => {
    near(
      value((x) => softmax(x), tensor([1000, 1000, -1000])),
      [0.5, 0.5, 0],
    )
    near(
      value(
        (x) => softmax(x, { axis: 0 }),
        tensor([
          [0, 1],
          [0, 1],
        ]),
      ),
      [
        [0.5, 0.5],
        [0.5, 0.5],
      ],
    )
    expect(value((x) => softmax(x), tensor([-Infinity, 0]))).toEqual([0, 1])
    expect(value((x) => softmax(x), tensor([-Infinity, -Infinity]))).toEqual([NaN, NaN])
    expect(result((x) => softmax(x), zeros([2, 0])).shape).toEqual([2, 0])
  })
  it('has derivative diag(p) - p p^T', () => {
    const p = [0.25, 0.75]
    const x = tensor([0, Math.log(3)])
    near(
      slope((z) => sum(mul(softmax(z), tensor([1, 0]))), x),
      [p[0] * (1 - p[0]), -p[0] * p[1]],
      1e-15,
    )
    expect(slope((z) => sum(mul(softmax(z), tensor([1, 0]))), tensor([-Infinity, 0]))).toEqual([0, 0])
  })
  it('logSoftmax keeps digits where the softmax is 0', () => {
    expect(value((x) => logSoftmax(x), tensor([0, 1000]))).toEqual([-1000, 0])
    near(
      slope((x) => sum(mul(logSoftmax(x), tensor([1, 0]))), tensor([0, 1000])),
      [1, -1],
    )
  })
  it('refuses', () => {
    expect(refusal((x) => softmax(x), tensor(1))).toBe('softmax: axis -1 is out of range for rank 0')
    expect(refusal((x) => logSoftmax(x, { axis: 0.5 }), tensor([1]))).toBe(
      'logSoftmax: axis 0.5 is out of range for rank 1',
    )
    expect(refusal((x) => softmax(x), ints([1]))).toBe('softmax: takes real operands, not int [1]')
  })
})
