import { describe, expect, it } from 'vitest'
import * as ops from '../../src/ops/activation.js'
import { sum } from '../../src/ops/reduction.js'
import { tensor } from '../../src/Tensor.js'
import { near, slope, value } from './given.js'

const at = [-800, -1, 0, 1, 800]

describe('activations', () => {
  it('relu is 0 with derivative 0 at 0 and passes NaN on', () => {
    expect(value((x) => ops.relu(x), tensor([-1, 0, 2, NaN]))).toEqual([0, 0, 2, NaN])
    expect(slope((x) => sum(ops.relu(x)), tensor([-1, 0, 2]))).toEqual([0, 0, 1])
  })
  it('leakyRelu and elu take the derivative from below at 0', () => {
    expect(slope((x) => sum(ops.leakyRelu(x, 0.1)), tensor([-1, 0, 2]))).toEqual([0.1, 0.1, 1])
    expect(value((x) => ops.elu(x), tensor([-800, 0, 800]))).toEqual([-1, 0, 800])
    near(
      slope((x) => sum(ops.elu(x, 2)), tensor([-1, 0, 800])),
      [2 * Math.exp(-1), 2, 1],
    )
    near(
      value((x) => ops.selu(x), tensor([-1, 1])),
      [-1.1113307378125625, 1.0507009873554805],
    )
  })
  it('saturates without NaN, in value and derivative', () => {
    expect(value((x) => ops.sigmoid(x), tensor(at))).toEqual([0, 1 / (1 + Math.E), 0.5, 1 / (1 + Math.exp(-1)), 1])
    near(
      value((x) => ops.softplus(x), tensor(at)),
      [0, Math.log1p(Math.exp(-1)), Math.LN2, Math.log1p(Math.E), 800],
    )
    near(
      value((x) => ops.logSigmoid(x), tensor(at)),
      [-800, -Math.log1p(Math.E), -Math.LN2, -Math.log1p(Math.exp(-1)), 0],
    )
    for (const f of [
      ops.sigmoid,
      ops.softplus,
      ops.logSigmoid,
      ops.tanh,
      ops.silu,
      ops.gelu,
      ops.selu,
      ops.hardSigmoid,
    ])
      expect(slope((x) => sum(f(x)), tensor(at)).every(Number.isFinite)).toBe(true)
  })
  it('gelu, exact and by tanh (values of PyTorch)', () => {
    near(
      value((x) => ops.gelu(x), tensor([-1, 0, 1, 2])),
      [-0.15865525393145707, 0, 0.8413447460685429, 1.9544997361036416],
    )
    near(
      value((x) => ops.gelu(x, { approximate: true }), tensor([-1, 0, 1, 2])),
      [-0.15880800939172324, 0, 0.8411919906082768, 1.9545976940877752],
    )
  })
  it('silu, hardSigmoid, step', () => {
    near(
      value((x) => ops.silu(x), tensor([0, 1])),
      [0, 0.7310585786300049],
    )
    near(
      value((x) => ops.hardSigmoid(x), tensor([-4, -3, 0, 3, 4])),
      [0, 0, 0.5, 1, 1],
    )
    expect(value((x) => ops.step(x, 0.5), tensor([-2, 0, 3, NaN, Infinity]))).toEqual([0, 0.5, 1, NaN, 1])
    expect(slope((x) => sum(ops.step(x)), tensor([-1, 0, 2]))).toEqual([0, 0, 0])
  })
})
