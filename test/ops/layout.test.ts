import { describe, expect, it } from 'vitest'
import { broadcastTo, expandDims, flip, permute, reshape, squeeze, swapAxes, transpose } from '../../src/ops/layout.js'
import { bools, ints, ones, tensor, zeros } from '../../src/Tensor.js'
import { refusal, result, value } from './given.js'

const a = tensor([
  [1, 2, 3],
  [4, 5, 6],
])

describe('reshape', () => {
  it('finds -1', () => {
    expect(value((x) => reshape(x, [3, -1]), a)).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    expect(value((x) => reshape(x, [-1]), bools([[true], [false]]))).toEqual([1, 0])
    expect(result((x) => reshape(x, [0, 5]), zeros([3, 0])).shape).toEqual([0, 5])
    expect(result((x) => reshape(x, [-1, 5]), zeros([3, 0])).shape).toEqual([0, 5])
    expect(value((x) => reshape(x, []), tensor([[7]]))).toBe(7)
  })
  it('refuses', () => {
    const refused = (shape: any) => refusal((x) => reshape(x, shape), a)
    expect(refused([4, 2])).toBe('reshape: cannot reshape [2, 3] (6 elements) to [4, 2] (8 elements)')
    expect(refused([-1, -1])).toBe('reshape: [-1, -1] has -1 more than once; one length can be found')
    expect(refused([-1, 0])).toBe('reshape: -1 in [-1, 0] could be any length, because another is 0')
    expect(refused([-1, 4])).toBe('reshape: 6 elements of [2, 3] do not fill [-1, 4]')
    for (const n of [0.5, NaN, -2, Infinity]) expect(refused([n])).toMatch(/^reshape: shape \[/)
  })
})

describe('dimensions of 1', () => {
  it('come and go', () => {
    expect(result((x) => squeeze(x), ones([1, 2, 1])).shape).toEqual([2])
    expect(result((x) => squeeze(x, -1), ones([1, 2, 1])).shape).toEqual([1, 2])
    expect(result((x) => squeeze(x, [0, 2]), ones([1, 2, 1])).shape).toEqual([2])
    expect(result((x) => expandDims(x, -1), ones([2, 3])).shape).toEqual([2, 3, 1])
    expect(result((x) => expandDims(x, 0), ones([2, 3])).shape).toEqual([1, 2, 3])
    expect(refusal((x) => squeeze(x, 1), ones([1, 2]))).toBe('squeeze: axis 1 of [1, 2] has the length 2, not 1')
    expect(refusal((x) => expandDims(x, 3), ones([2]))).toBe('expandDims: axis 3 is out of range for rank 2')
  })
  it('broadcastTo repeats', () => {
    expect(value((x) => broadcastTo(x, [2, 3]), tensor([[1], [2]]))).toEqual([
      [1, 1, 1],
      [2, 2, 2],
    ])
    expect(result((x) => broadcastTo(x, [2, 0]), ints([[1]])).shape).toEqual([2, 0])
    expect(refusal((x) => broadcastTo(x, [2, 2]), a)).toBe(
      'broadcastTo: cannot broadcast [2, 3] to [2, 2]: 3 and 2 differ',
    )
    expect(refusal((x) => broadcastTo(x, [3]), a)).toBe(
      'broadcastTo: cannot broadcast [2, 3] to [3]: it has more dimensions',
    )
    expect(refusal((x) => broadcastTo(x, [NaN]), a)).toMatch(/^broadcastTo: shape/)
  })
})

describe('order', () => {
  it('permutes, transposes, exchanges and flips', () => {
    expect(result((x) => permute(x, [2, 0, -2]), ones([2, 3, 4])).shape).toEqual([4, 2, 3])
    expect(value((x) => transpose(x), a)).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ])
    expect(result((x) => swapAxes(x, -1, 0), ones([2, 3, 4])).shape).toEqual([4, 3, 2])
    expect(value((x) => flip(x, 1), a)).toEqual([
      [3, 2, 1],
      [6, 5, 4],
    ])
    expect(value((x) => flip(x), a)).toEqual([
      [6, 5, 4],
      [3, 2, 1],
    ])
    expect(value((x) => flip(x), tensor(3))).toBe(3)
  })
  it('refuses', () => {
    expect(refusal((x) => permute(x, [0, 0]), a)).toBe(
      'permute: the order [0, 0] must name each of the 2 axes of [2, 3] once',
    )
    expect(refusal((x) => permute(x, [0]), a)).toMatch(/must name each of the 2 axes/)
    expect(refusal((x) => permute(x, [0, NaN]), a)).toBe('permute: axis NaN is out of range for rank 2')
    expect(refusal((x) => swapAxes(x, 0, 2), a)).toBe('swapAxes: axis 2 is out of range for rank 2')
    expect(refusal((x) => flip(x, [0, 0]), a)).toBe('flip: axis 0 is given twice')
  })
})
