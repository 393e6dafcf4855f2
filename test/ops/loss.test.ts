import { describe, expect, it } from 'vitest'
import { binaryCrossEntropy, crossEntropy, huber, meanAbsoluteError, meanSquaredError } from '../../src/ops/loss.js'
import { ints, ones, tensor, zeros } from '../../src/Tensor.js'
import { near, refusal, slope, value } from './given.js'

const x = tensor([1, 2, 6])
const y = tensor([1, 4, 2])

describe('regression', () => {
  it('takes means', () => {
    expect(value((v) => meanAbsoluteError(v, y), x)).toBe(2)
    expect(value((v) => meanSquaredError(v, y), tensor([1, 4, 5]))).toBe(3)
    near(
      value((v) => huber(v, y, 3), x),
      (2 + 3 * (4 - 1.5)) / 3,
    )
    near(
      slope((v) => huber(v, y, 3), x),
      [0, -2 / 3, 1],
    )
    expect(slope((v) => meanAbsoluteError(v, y), x)).toEqual([0, -1 / 3, 1 / 3])
    expect(value((v) => meanSquaredError(v, v), zeros([0]))).toBe(NaN)
  })
  it('never broadcasts', () => {
    expect(refusal((v) => meanSquaredError(v, ones([3, 1]) as never), x)).toBe(
      'meanSquaredError: predictions [3] and targets [3, 1] differ',
    )
    for (const delta of [0, -1, NaN])
      expect(refusal((v) => huber(v, y, delta), x)).toBe(`huber: delta must be > 0, not ${delta}`)
    expect(refusal((v) => meanSquaredError(v, v), ints([1]))).toMatch(/takes real operands/)
  })
})

describe('classification', () => {
  it('crossEntropy with labels or probabilities', () => {
    const logits = tensor([
      [0, 0],
      [0, Math.log(3)],
    ])
    near(
      value((v) => crossEntropy(v, ints([0, 1])), logits),
      (Math.log(2) + Math.log(4 / 3)) / 2,
      1e-15,
    )
    near(
      value(
        (v) =>
          crossEntropy(
            v,
            tensor([
              [1, 0],
              [0.5, 0.5],
            ]),
          ),
        logits,
      ),
      (Math.log(2) + (Math.log(4) + Math.log(4 / 3)) / 2) / 2,
      1e-15,
    )
    near(
      slope((v) => crossEntropy(v, ints([0, 1])), logits),
      [-0.25, 0.25, 0.125, -0.125],
      1e-15,
    )
    near(
      value((v) => crossEntropy(v, ints(0)), tensor([0, 1000])),
      1000,
    )
    expect(value((v) => crossEntropy(v, ints(2)), tensor([0, 0]))).toBe(NaN)
    expect(refusal((v) => crossEntropy(v, ints([[0], [1]]) as never), logits)).toBe(
      'crossEntropy: logits [2, 2] need labels [2], not [2, 1]',
    )
    expect(refusal((v) => crossEntropy(v, ones([2]) as never), logits)).toBe(
      'crossEntropy: predictions [2, 2] and targets [2] differ',
    )
    expect(refusal((v) => crossEntropy(v, ints(1) as never), tensor(1))).toBe(
      'crossEntropy: logits need a dimension of classes',
    )
  })
  it('binaryCrossEntropy does not cancel', () => {
    near(
      value((v) => binaryCrossEntropy(v, tensor([0, 1])), tensor([0, 0])),
      Math.LN2,
    )
    near(
      value((v) => binaryCrossEntropy(v, tensor([0, 1])), tensor([1000, -1000])),
      1000,
    )
    near(
      value((v) => binaryCrossEntropy(v, tensor([1])), tensor([40])),
      Math.exp(-40),
      1e-30,
    )
    near(
      slope((v) => binaryCrossEntropy(v, tensor([0, 1])), tensor([0, 0])),
      [0.25, -0.25],
    )
  })
})
