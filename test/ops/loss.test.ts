import { describe, expect, it } from 'vitest'
import {
  binaryCrossEntropy,
  crossEntropy,
  hinge,
  huber,
  klDivergence,
  meanAbsoluteError,
  meanSquaredError,
  multiClassHinge,
  negativeLogLikelihood,
} from '../../src/ops/loss.js'
import { logSoftmax } from '../../src/ops/softmax.js'
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

describe('logarithms of probabilities', () => {
  const scores = tensor([
    [0.5, -1, 2],
    [0, 3, 1],
  ])
  it('negativeLogLikelihood of logSoftmax is the cross-entropy', () => {
    expect(value((v) => negativeLogLikelihood(logSoftmax(v), ints([2, 0])), scores)).toBe(
      value((v) => crossEntropy(v, ints([2, 0])), scores),
    )
    expect(
      value(
        (v) => negativeLogLikelihood(v, ints([1, 0])),
        tensor([
          [-1, -2],
          [-4, -8],
        ]),
      ),
    ).toBe(3)
    expect(
      value(
        (v) =>
          negativeLogLikelihood(
            v,
            tensor([
              [0, 1],
              [0.5, 0.5],
            ]),
          ),
        tensor([
          [-1, -2],
          [-4, -8],
        ]),
      ),
    ).toBe(4)
    expect(refusal((v) => negativeLogLikelihood(v, ints([1])), scores)).toBe(
      'negativeLogLikelihood: log-probabilities [2, 3] need labels [2], not [1]',
    )
  })
  it('klDivergence is 0 of equal distributions, and 0 log 0 is 0', () => {
    const halves = tensor([[Math.log(0.5), Math.log(0.5)]])
    near(
      value((v) => klDivergence(v, tensor([[0.5, 0.5]])), halves),
      0,
    )
    near(
      value((v) => klDivergence(v, tensor([[1, 0]])), halves),
      Math.log(2),
    )
    near(
      value((v) => klDivergence(v, tensor([[0.25, 0.75]])), halves),
      0.25 * Math.log(0.5) + 0.75 * Math.log(1.5),
    )
    near(
      slope((v) => klDivergence(v, tensor([[1, 0]])), halves),
      [[-1, -0]],
    )
    expect(value((v) => klDivergence(v, tensor([[1, 0]])), tensor([[0, -Infinity]]))).toBe(0)
    expect(refusal((v) => klDivergence(v, v), tensor(1))).toBe(
      'klDivergence: probabilities need a dimension of classes',
    )
    expect(refusal((v) => klDivergence(v, ones([2]) as never), halves)).toMatch(/differ/)
  })
})

describe('margins', () => {
  it('hinge', () => {
    const t = tensor([1, -1, 1, -1])
    expect(value((v) => hinge(v, t), tensor([2, -3, 0.5, 0.5]))).toBe((0.5 + 1.5) / 4)
    expect(slope((v) => hinge(v, t), tensor([2, -3, 0.5, 0.5]))).toEqual([-0, 0, -0.25, 0.25])
    // at the kink the derivative is that of 0
    expect(slope((v) => hinge(v, tensor([1])), tensor([1]))).toEqual([-0])
  })
  it('multiClassHinge as PyTorch documents it', () => {
    // (max(0, 1 - 0.8 + 0.1) + max(0, 1 - 0.8 + 0.2) + max(0, 1 - 0.8 + 0.4)) / 4
    near(
      value((v) => multiClassHinge(v, ints([3])), tensor([[0.1, 0.2, 0.4, 0.8]])),
      0.325,
    )
    near(
      slope((v) => multiClassHinge(v, ints([3])), tensor([[0.1, 0.2, 0.4, 0.8]])),
      [[0.25, 0.25, 0.25, -0.75]],
    )
    expect(value((v) => multiClassHinge(v, ints([0])), tensor([[9, 1]]))).toBe(0)
    expect(value((v) => multiClassHinge(v, ints([2])), tensor([[9, 1]]))).toBe(NaN)
    expect(refusal((v) => multiClassHinge(v, ints([0]), 0), tensor([[9, 1]]))).toBe(
      'multiClassHinge: the margin must be > 0, not 0',
    )
    expect(refusal((v) => multiClassHinge(v, ints([0, 1])), tensor([[9, 1]]))).toBe(
      'multiClassHinge: scores [1, 2] need labels [1], not [2]',
    )
    expect(refusal((v) => multiClassHinge(v, ones([1]) as never), tensor([[9, 1]]))).toBe(
      'multiClassHinge: takes real scores and integer labels, not real and real',
    )
  })
})
