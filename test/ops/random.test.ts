import { describe, expect, it } from 'vitest'
import { normal, randomBits, splitKey, uniform } from '../../src/ops/random.js'
import { bits, key } from '../../src/Random.js'
import * as Tensor from '../../src/Tensor.js'
import { ints, tensor } from '../../src/Tensor.js'
import { refusal, result, value } from './given.js'

const seeds = [key(1), key(-5), key(2 ** 40)]

describe('random draws', () => {
  it('are those of tensors', () => {
    for (const k of seeds)
      for (const shape of [[], [1], [7], [2, 3], [0], [2, 0]]) {
        const [a, b] = [ints([...k]), Tensor.normal(k, shape, 2, 3)]
        expect(result((x) => normal(x, shape, 2, 3), a)).toEqual(b)
        expect(result(() => normal(k, shape))).toEqual(Tensor.normal(k, shape))
        expect(result((x) => uniform(x, shape, -1, 3), a)).toEqual(Tensor.uniform(k, shape, -1, 3))
      }
    expect(value((k) => randomBits(k, [5]), ints([3, 4]))).toEqual([...bits([3, 4], 5)])
    expect(result(() => splitKey([1, 2])).shape).toEqual([2, 2])
  })
  it('refuse', () => {
    expect(refusal((k) => uniform(k, [2]), tensor([1, 2]))).toBe('uniform: a key is two integers, not real')
    expect(refusal((k) => normal(k, [2]), ints([1, 2, 3]))).toBe('normal: a key has the shape [2], not [3]')
    expect(refusal(() => uniform([1] as never, [2]))).toBe('uniform: a key has the shape [2], not [1]')
    expect(refusal(() => uniform([1, 2], [-1]))).toMatch(/^uniform: shape \[-1\]/)
    expect(refusal(() => normal([1, 2], [2], NaN))).toBe('normal: mean must be a finite number, not NaN')
    for (const n of [-1, 0.5, NaN]) expect(refusal(() => splitKey([1, 2], n))).toMatch(/^splitKey: shape/)
  })
})
