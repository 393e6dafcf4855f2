/**
 * Errors are in ulps of the right value, with bounds as in `special.test.ts`.
 */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digamma, lgamma, polygamma } from 'wengert/algebra'
import { accurate, EPSILON, ulps } from './support.js'

describe('lgamma', () => {
  // Around the zeros at 1 and 2 the relative error stays small; at -10 the result is a difference of logarithms twice as
  // large. Measured 1, 2, 1, 5.
  accurate('gamma_near_0', 2, lgamma, 4)
  accurate('gamma_near_1', 2, lgamma, 4)
  accurate('gamma_near_2', 2, lgamma, 4)
  accurate('gamma_near_m10', 2, lgamma, 8)

  it('is the logarithm of factorials', () => {
    let factorial = 1n
    for (let n = 1; n <= 22; n++) {
      // both sides are within 2 ulps; 22! is the last factorial that float64 holds exactly
      expect(ulps(lgamma(n + 1), Math.log(Number(factorial * BigInt(n))))).toBeLessThanOrEqual(4)
      factorial *= BigInt(n)
    }
    expect([lgamma(1), lgamma(2)]).toEqual([0, 0])
  })

  it('satisfies lgamma(x + 1) = lgamma(x) + log x', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 20 }), (n) => {
        const x = n * 2 ** -14
        const scale = Math.max(Math.abs(lgamma(x)), Math.abs(Math.log(x)), Math.abs(lgamma(x + 1)))
        expect(ulps(lgamma(x) + Math.log(x), lgamma(x + 1), scale)).toBeLessThanOrEqual(8)
      }),
    )
  })

  it('satisfies the reflection formula Γ(x) Γ(-x) = -π / (x sin πx)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 10 }), (n) => {
        const x = n / 64 + 1 / 128
        const sum = Math.log(Math.PI / Math.abs(x * Math.sin((Math.PI * (n % 128)) / 64 + Math.PI / 128)))
        // sin here is off by the rounding of π times at most 2π: a few ulps of 1 at x where it is small
        expect(Math.abs(lgamma(x) + lgamma(-x) - sum)).toBeLessThan(200 * EPSILON)
      }),
    )
  })

  it('is infinite at the poles and at both infinities', () => {
    for (const x of [0, -0, -1, -2, -100, -1e300, Infinity, -Infinity, 1e306]) expect(lgamma(x)).toBe(Infinity)
    expect(lgamma(NaN)).toBe(NaN)
    expect(ulps(lgamma(5e-324), 744.4400719213812)).toBeLessThanOrEqual(1)
    expect(ulps(lgamma(-1e-20), 46.051701859880914)).toBeLessThanOrEqual(1)
  })
})

describe('digamma', () => {
  accurate('digamma_data', 1, digamma, 5)
  accurate('digamma_small_data', 1, digamma, 5)
  // Near the zeros between negative integers the reflection cancels, so the error is in ulps of 1 there.
  accurate('digamma_neg_data', 1, digamma, 10, () => 1)

  it('has relative accuracy at its positive root', () => {
    // ψ at doubles next to the root, from 40 digits
    const root = 1.4616321449683622
    expect(ulps(digamma(root), -9.241265521729427e-17)).toBeLessThanOrEqual(2)
    expect(ulps(digamma(root + EPSILON), 1.2245374622004068e-16)).toBeLessThanOrEqual(2)
  })

  it('goes on at the poles as the sign of zero says', () => {
    expect([digamma(0), digamma(-0), digamma(-1), digamma(-7)]).toEqual([-Infinity, Infinity, NaN, NaN])
    expect([digamma(Infinity), digamma(-Infinity), digamma(NaN)]).toEqual([Infinity, NaN, NaN])
  })
})

describe('polygamma', () => {
  // ψ^(m)(x) by mpmath with 40 digits
  const known: ReadonlyArray<readonly [order: number, rows: ReadonlyArray<readonly [x: number, value: number]>]> = [
    [
      1,
      [
        [0.25, 17.19732915450711],
        [1, 1.6449340668482264],
        [1.5, 0.9348022005446793],
        [3.7, 0.3100378576700383],
        [20.5, 0.04998959242996099],
        [150, 0.006688938271165994],
        [-0.3, 13.945160267805722],
        [-2.25, 19.37941051186914],
        [-50.6, 10.891997414257988],
      ],
    ],
    [
      2,
      [
        [0.25, -129.32773993753693],
        [1, -2.4041138063191885],
        [1.5, -0.82879664423432],
        [3.7, -0.09539530872855403],
        [20.5, -0.0024984397723677343],
        [150, -4.4741728380430464e-5],
        [-0.3, 67.63908119988317],
        [-2.25, 123.89694977406016],
        [-50.6, -22.276680013997744],
      ],
    ],
    [
      3,
      [
        [0.25, 1538.7821440091884],
        [1, 6.493939402266829],
        [1.5, 1.4090910340024372],
        [3.7, 0.058279217956563614],
        [20.5, 0.0002496881810853771],
        [150, 5.985448553818363e-7],
        [-0.3, 766.6198904191685],
        [-2.25, 1558.4550231887144],
        [-50.6, 283.60228509335],
      ],
    ],
    [
      8,
      [
        [0.25, -10569651520.043915],
        [1, -40400.97839874763],
        [1.5, -1059.9617600414265],
        [3.7, -0.35476306402938856],
        [20.5, -1.9541016061477283e-7],
        [150, -2.0194946440630735e-14],
        [-0.3, 2047468708.477271],
        [-2.25, 10569114258.563671],
        [-50.6, -149809052.1488141],
      ],
    ],
    [
      30,
      [
        [0.25, -1.2232629049437615e51],
        [1, -2.652528599357095e32],
        [1.5, -9.222127066162056e26],
        [3.7, -645161486058326.2],
        [20.5, -7.493795279706338e-9],
        [150, -5.088039355575295e-35],
        [-0.3, 4.2943869916847625e48],
        [-2.25, 1.2232629049437595e51],
        [-50.6, -5.751734540030296e44],
      ],
    ],
  ]

  // m + 1 roundings enter through the power; each of the sums is of positive terms
  for (const [order, rows] of known)
    it(`of order ${order} agrees with 40 digits within ${8 + 2 * order} ulps`, () => {
      for (const [x, value] of rows) expect(ulps(polygamma(order, x), value)).toBeLessThanOrEqual(8 + 2 * order)
    })

  it('is a zeta value at 1', () => {
    const zeta = [1.6449340668482264, 1.2020569031595942, 1.0823232337111381, 1.03692775514337, 1.017343061984449]
    let factorial = 1
    zeta.forEach((z, k) => {
      const order = k + 1
      factorial *= order
      expect(ulps(polygamma(order, 1), (order % 2 === 1 ? 1 : -1) * factorial * z)).toBeLessThanOrEqual(8)
    })
    expect(ulps(polygamma(1, 0.5), Math.PI ** 2 / 2)).toBeLessThanOrEqual(8)
    expect(ulps(polygamma(1, 0.25), Math.PI ** 2 + 8 * 0.915965594177219)).toBeLessThanOrEqual(8)
  })

  it('satisfies ψ^(m)(x + 1) - ψ^(m)(x) = (-1)^m m! / x^(m+1)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: -(2 ** 16), max: 2 ** 16 }), (m, n) => {
        const x = n * 2 ** -12 + 2 ** -14
        let step = 1 / x
        for (let k = 1; k <= m; k++) step *= -k / x
        const [here, there] = [polygamma(m, x), polygamma(m, x + 1)]
        const scale = Math.max(Math.abs(here), Math.abs(there), Math.abs(step))
        // for negative x each side is a difference of terms as large as m! / r^(m+1), r the distance to the next pole
        const r = Math.abs(x - Math.round(x))
        let pole = 1 / r
        for (let k = 1; k <= m; k++) pole *= k / r
        expect(ulps(there - here, step, x < 0 ? Math.max(scale, pole) : scale)).toBeLessThanOrEqual(32 + 8 * m)
      }),
    )
  })

  it('of order 0 is digamma, of no order NaN', () => {
    fc.assert(
      fc.property(fc.double(), (x) => {
        expect(polygamma(0, x)).toBe(digamma(x))
      }),
    )
    for (const order of [-1, 0.5, NaN, Infinity]) expect(polygamma(order, 2)).toBe(NaN)
  })

  it('has infinities at the poles, odd orders from both sides', () => {
    expect([polygamma(1, 0), polygamma(1, -0), polygamma(1, -3)]).toEqual([Infinity, Infinity, Infinity])
    expect([polygamma(2, 0), polygamma(2, -0), polygamma(2, -3)]).toEqual([-Infinity, Infinity, NaN])
    expect([polygamma(1, Infinity), polygamma(2, Infinity), polygamma(1, -Infinity)]).toEqual([0, -0, NaN])
  })

  it('neither overflows nor underflows before its value does', () => {
    expect(ulps(polygamma(1, 1e300), 1e-300)).toBeLessThanOrEqual(2)
    expect(polygamma(1, 1e-200)).toBe(Infinity)
    // 999! ζ(1000, 300) and 4999! ζ(5000, 2000) pass through numbers that float64 does not hold
    expect(Math.abs(polygamma(1000, 300) / -1.0521717652801775e88 - 1)).toBeLessThan(2000 * EPSILON)
    expect(Math.abs(polygamma(5000, 2000) / -1.6307701367817274e-183 - 1)).toBeLessThan(10000 * EPSILON)
  })
})

it('polygamma next to its pole at 0 is the pole, on both sides', () => {
  for (const order of [1, 2, 3, 4, 20]) {
    const side = order % 2 === 1 ? 1 : -1
    expect(polygamma(order, -5e-309)).toBe(Infinity)
    expect(polygamma(order, 5e-309)).toBe(side * Infinity)
  }
  // 1 / x^2 to the last bit, and continuous with the general formula
  expect(polygamma(1, -(2 ** -201))).toBe(2 ** 402)
  expect(polygamma(1, 2 ** -199)).toBe(2 ** 398)
})
