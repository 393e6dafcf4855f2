import { describe, expect, it } from 'vitest'
import { and, eq, ge, gt, le, lt, ne, not, or, where, xor } from '../../src/ops/comparison.js'
import { log } from '../../src/ops/elementary.js'
import { sum } from '../../src/ops/reduction.js'
import { bools, ints, tensor } from '../../src/Tensor.js'
import { refusal, result, slope, value } from './given.js'

describe('comparison', () => {
  const x = tensor([-1, 0, 1, NaN])
  it('compares with a number', () => {
    expect(value((v) => eq(v, 0), x)).toEqual([0, 1, 0, 0])
    expect(value((v) => ne(v, 0), x)).toEqual([1, 0, 1, 1])
    expect(value((v) => lt(v, 0), x)).toEqual([1, 0, 0, 0])
    expect(value((v) => le(v, 0), x)).toEqual([1, 1, 0, 0])
    expect(value((v) => gt(v, 0), x)).toEqual([0, 0, 1, 0])
    expect(value((v) => ge(v, 0), x)).toEqual([0, 1, 1, 0])
    expect(result((v) => gt(0, v), x).dtype).toBe('bool')
  })

  it('compares integers and booleans', () => {
    expect(value((v) => gt(v, 1), ints([1, 2]))).toEqual([0, 1])
    expect(value((v) => eq(v, bools([true, true])), bools([true, false]))).toEqual([1, 0])
    expect(refusal((v) => eq(v, tensor([1, 2])), ints([1, 2]))).toBe(
      'eq: operands must have one element type, not int and real',
    )
  })
})

describe('logic', () => {
  const [p, q] = [bools([true, true, false, false]), bools([true, false, true, false])]
  it('has its truth tables', () => {
    expect(value((a, b) => and(a, b), p, q)).toEqual([1, 0, 0, 0])
    expect(value((a, b) => or(a, b), p, q)).toEqual([1, 1, 1, 0])
    expect(value((a, b) => xor(a, b), p, q)).toEqual([0, 1, 1, 0])
    expect(value((a) => not(a), p)).toEqual([0, 0, 1, 1])
  })
  it('refuses numbers', () => {
    expect(refusal((a) => and(a, a), ints([1]))).toBe('and: takes bool operands, not int [1]')
  })
})

describe('where', () => {
  it('chooses, broadcasting all three', () => {
    expect(value((c) => where(c, 1, 0), bools([true, false]))).toEqual([1, 0])
    expect(value((c, x) => where(c, x, 0), bools([true, false]), ints([5, 6]))).toEqual([5, 0])
    expect(value((c, x, y) => where(c, x, y), bools([true, false]), tensor([[1], [2]]), tensor([8, 9]))).toEqual([
      [1, 9],
      [2, 9],
    ])
  })
  it('gives the derivative to the chosen side, and a guard keeps NaN out', () => {
    const f = (x: any) => sum(where(gt(x, 0), log(where(gt(x, 0), x, 1)), 0))
    expect(slope(f, tensor([-1, 0, 2]))).toEqual([0, 0, 0.5])
  })
  it('refuses under its own name', () => {
    expect(refusal((c, x) => where(c, x, 0), bools([true, false]), tensor([1, 2, 3]))).toBe(
      'where: cannot broadcast [2] with [3]: 2 and 3 differ and neither is 1',
    )
    expect(refusal((c) => where(c, 1, 0), tensor([1]))).toBe('select: the condition must be bool, not real')
  })
})
