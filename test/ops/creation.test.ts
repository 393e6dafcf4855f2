import { describe, expect, it } from 'vitest'
import { arange, constant, eye, full, iota, onesLike, zerosLike } from '../../src/ops/creation.js'
import { bools, ints, tensor } from '../../src/Tensor.js'
import { refusal, result, value } from './given.js'

describe('creation', () => {
  it('makes constants', () => {
    expect(value(() => constant(2))).toBe(2)
    expect(value(() => constant(ints([1, 2])))).toEqual([1, 2])
    expect(result(() => full([2, 0], 3)).shape).toEqual([2, 0])
    expect(value(() => full([2], 1, 'bool'))).toEqual([1, 1])
    expect(value((x) => zerosLike(x), bools([true]))).toEqual([0])
    expect(result((x) => onesLike(x), ints([7])).dtype).toBe('int')
    expect(value(() => eye(2))).toEqual([
      [1, 0],
      [0, 1],
    ])
  })
  it('counts', () => {
    expect(value(() => iota([2, 3]))).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ])
    expect(value(() => iota([2, 2], 0))).toEqual([
      [0, 0],
      [1, 1],
    ])
    expect(value(() => arange(3))).toEqual([0, 1, 2])
    expect(value(() => arange(5, 0, -2))).toEqual([5, 3, 1])
    expect(value(() => arange(-3))).toEqual([])
  })
  it('refuses', () => {
    expect(refusal(() => full([1.5], 0))).toBe('full: shape [1.5] has the dimension 1.5; it must be an integer >= 0')
    expect(refusal(() => full([-1], 0))).toMatch(/^full: shape \[-1\]/)
    expect(refusal(() => full([2 ** 31], 0))).toMatch(/^full: shape \[2147483648\]/)
    expect(refusal(() => full([1], 0.5, 'int'))).toBe('full: the value 0.5 is not of the element type int')
    expect(refusal(() => iota([2], 1 as never))).toBe('iota: axis 1 is out of range for rank 1')
    expect(refusal(() => iota([]))).toBe('iota: axis -1 is out of range for rank 0')
    expect(refusal(() => arange(0, 5, 0))).toBe('arange: from 0 to 5 by 0 is no range of 32-bit integers')
    expect(refusal(() => arange(NaN))).toMatch(/no range/)
    expect(refusal(() => arange(2 ** 40))).toMatch(/no range/)
    expect(refusal(() => eye(-1))).toMatch(/^eye: /)
    expect(refusal(() => full(tensor([1]).shape, NaN, 'int'))).toMatch(/not of the element type/)
  })
})
