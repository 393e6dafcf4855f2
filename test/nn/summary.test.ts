import { describe, expect, it } from 'vitest'
import { relu, spec } from '../../src/index.js'
import * as nn from '../../src/nn/index.js'
import { given, sentence } from './support.js'

describe('summary', () => {
  const model = nn.sequential(
    nn.input([1, 8, 8]),
    nn.conv2d(1, 4, 3, { padding: 'same' }),
    nn.batchNorm(4),
    relu,
    nn.maxPool2d(2),
    nn.flatten,
    nn.linear(64, 10),
  )
  it('follows shapes and counts parameters', () => {
    const { rows, parameters } = given(nn.summary(model, spec([1, 8, 8])))
    expect(rows.map(({ name, output, parameters }) => [name, output[0], parameters])).toEqual([
      ['input([1, 8, 8])', [1, 8, 8], 0],
      ['conv2d(1, 4, 3)', [4, 8, 8], 40],
      ['batchNorm(4)', [4, 8, 8], 8],
      ['relu', [4, 8, 8], 0],
      ['maxPool2d(2)', [4, 4, 4], 0],
      ['flatten', [64], 0],
      ['linear(64, 10)', [10], 650],
    ])
    expect(parameters).toBe(698)
  })
  it('counts operations by the cost model', () => {
    const { rows } = given(nn.summary(nn.sequential(nn.linear(64, 10)), spec([64])))
    // 640 products, each with a sum, and ten biases
    expect(rows[0].operations).toBe(2 * 640 + 10)
    const bare = given(nn.summary(nn.conv2d(1, 4, 3, { padding: 'same', bias: false }), spec([1, 8, 8])))
    // along each dimension 8 positions of 3 elements less the 2 that lie outside: products with padding do not count
    expect(bare.operations).toBe(2 * 4 * (8 * 3 - 2) ** 2)
  })
  it('shows several outputs, and fails as the model does', () => {
    const two = given(nn.summary(nn.fanOut(nn.linear(2, 3), nn.linear(2, 1)), spec([2])))
    expect(nn.showSummary(two)).toContain('[3] [1]')
    expect(sentence(nn.summary(nn.linear(2, 1), spec([3]) as never))).toBe(
      'linear(2, 1): takes reals [examples, ..., 2], not real [1, 3]',
    )
    expect(sentence(nn.summary(nn.linear(0, 1), spec([0])))).toMatch(/inputs must be an integer >= 1/)
  })
})
