/**
 * Errors are in ulps of the right value, which the tables give with 25 digits or more. A bound is the number of roundings
 * on the longest path through a formula, each worth half an ulp of a quantity not larger than the result, plus one ulp for
 * each call of Math; the measured worst case stands beside it.
 */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { erf, sigmoid, softplus } from 'wengert/algebra'
import { accurate, EPSILON, ulps } from './support.js'

describe('erf', () => {
  // measured 1, 1, 0; a result near 1 plus a small correction
  accurate('erf_data', 1, erf, 2)
  accurate('erf_small_data', 1, erf, 2)
  accurate('erf_large_data', 1, erf, 1)

  it('is odd, bounded and monotone', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (x, y) => {
        expect(erf(-x)).toBe(-erf(x))
        expect(Math.abs(erf(x))).toBeLessThanOrEqual(1)
        // monotone but for the error of two values of one ulp each
        if (x < y) expect(erf(x)).toBeLessThanOrEqual(erf(y) + 2 * EPSILON)
      }),
    )
  })

  it('keeps the sign of zero, and NaN', () => {
    expect([erf(0), erf(-0), erf(Infinity), erf(-Infinity), erf(NaN), erf(5e-324)]).toEqual([0, -0, 1, -1, NaN, 5e-324])
  })
})

describe('sigmoid', () => {
  it('keeps relative accuracy in the tails, and mirrors', () => {
    fc.assert(
      fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
        expect(Math.abs(sigmoid(x) + sigmoid(-x) - 1)).toBeLessThanOrEqual(2 * EPSILON)
        // sigmoid(x) / sigmoid(-x) = e^x
        expect(ulps(sigmoid(x) / sigmoid(-x), Math.exp(x))).toBeLessThanOrEqual(8)
      }),
    )
    expect([sigmoid(0), sigmoid(-0), sigmoid(Infinity), sigmoid(-Infinity), sigmoid(NaN)]).toEqual([
      0.5,
      0.5,
      1,
      0,
      NaN,
    ])
  })
})

describe('softplus', () => {
  it('is x + softplus(-x)', () => {
    fc.assert(
      fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
        expect(ulps(x + softplus(-x), softplus(x), Math.abs(x))).toBeLessThanOrEqual(3)
      }),
    )
    expect([softplus(Infinity), softplus(-Infinity), softplus(NaN)]).toEqual([Infinity, 0, NaN])
    expect(ulps(softplus(-700), Math.exp(-700))).toBeLessThanOrEqual(1)
  })
})
