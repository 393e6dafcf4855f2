import { describe, expect, it } from 'vitest'
import * as ops from '../../src/ops/elementary.js'
import { sum } from '../../src/ops/reduction.js'
import { bools, ints, tensor } from '../../src/Tensor.js'
import { near, refusal, result, slope, value } from './given.js'

const { acosh, asinh, atanh, clip, convert, digamma, log1mexp, polygamma, round, sign, square } = ops

describe('stable compositions', () => {
  it('asinh is right from tiny to huge, and smooth at 0', () => {
    const xs = [0, 1e-20, -1e-20, 0.5, -3, 1e8, -1e17, 1e300, Infinity, -Infinity]
    near(
      value((x) => asinh(x), tensor(xs)),
      xs.map(Math.asinh),
      1e-15,
    )
    expect(value((x) => asinh(x), tensor([1e-20, NaN]))).toEqual([1e-20, NaN])
    near(
      slope((x) => sum(asinh(x)), tensor(xs)),
      xs.map((x) => 1 / Math.hypot(1, x)),
      1e-15,
    )
  })
  it('acosh starts at 1', () => {
    const xs = [1, 1 + 1e-10, 2, 1e10, 1e300, Infinity]
    near(
      value((x) => acosh(x), tensor(xs)),
      xs.map(Math.acosh),
      1e-9,
    )
    near(
      value((x) => acosh(x), tensor([1 + 2 ** -40])),
      Math.sqrt(2 ** -39) * (1 - 2 ** -40 / 12),
      1e-20,
    )
    expect(value((x) => acosh(x), tensor([0.5]))).toEqual([NaN])
    expect(slope((x) => sum(acosh(x)), tensor([1]))).toEqual([Infinity])
  })
  it('atanh reaches infinity at 1', () => {
    const xs = [0, 1e-20, -0.5, 0.999999, 1, -1, 1.5]
    near(
      value((x) => atanh(x), tensor(xs)),
      xs.map(Math.atanh),
      1e-15,
    )
    near(
      slope((x) => sum(atanh(x)), tensor([0, 0.5])),
      [1, 4 / 3],
    )
  })
  it('log1mexp keeps digits at both ends', () => {
    const found = value((x) => log1mexp(x), tensor([-1e-20, -Math.LN2, -50, -800, 0, 1, -Infinity]))
    near(found.slice(0, 4), [Math.log(1e-20), -Math.LN2, -Math.exp(-50), 0], 1e-15)
    expect(found[2]).toBe(-Math.exp(-50))
    expect(found[4]).toBe(-Infinity)
    expect(found[5]).toBe(NaN)
    near(
      slope((x) => sum(log1mexp(x)), tensor([-0.1, -3])),
      [-0.1, -3].map((x) => 1 / Math.expm1(-x) / -1),
      1e-14,
    )
  })
})

describe('special functions', () => {
  it('polygamma counts from digamma', () => {
    near(
      value((x) => digamma(x), tensor([1, 2])),
      [-0.5772156649015329, 0.42278433509846713],
      1e-14,
    )
    near(
      value((x) => polygamma(1, x), tensor([1])),
      [Math.PI ** 2 / 6],
      1e-14,
    )
    for (const order of [-1, 0.5, NaN])
      expect(refusal((x) => polygamma(order, x), tensor([1]))).toBe(
        `polygamma: the order must be an integer >= 0, not ${order}`,
      )
  })
})

describe('integers and conversion', () => {
  it('converts', () => {
    expect(value((x) => convert(x, 'int'), tensor([1.9, -1.9, 1e10, NaN]))).toEqual([1, -1, 2 ** 31 - 1, 0])
    expect(value((x) => convert(x, 'real'), bools([true, false]))).toEqual([1, 0])
    expect(result((x) => convert(x, 'bool'), tensor([0, NaN])).data).toEqual(Uint8Array.of(0, 1))
    expect(refusal((x) => convert(x, 'float' as never), tensor([1]))).toBe(
      'convert: the element type must be real, int or bool, not float',
    )
  })
  it('keeps integers where it can', () => {
    expect(value((x) => square(x), ints([-3]))).toEqual([9])
    expect(value((x) => sign(x), ints([-3, 0]))).toEqual([-1, 0])
    expect(refusal((x) => ops.exp(x), ints([1]))).toBe('exp: takes real operands, not int [1]')
  })
  it('rounds to even', () => {
    expect(value((x) => round(x), tensor([0.5, 1.5, -2.5]))).toEqual([0, 2, -2])
  })
})

describe('clip', () => {
  it('has half a derivative on a bound', () => {
    expect(value((x) => clip(x, 0, 1), tensor([-1, 0, 0.5, 2, NaN]))).toEqual([0, 0, 0.5, 1, NaN])
    expect(slope((x) => sum(clip(x, 0, 1)), tensor([-1, 0, 0.5, 1, 2]))).toEqual([0, 0.5, 1, 0.5, 0])
    expect(value((x) => clip(x, -1, 2), ints([-5, 5]))).toEqual([-1, 2])
  })
})
