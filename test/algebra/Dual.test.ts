/**
 * Dual numbers against derivatives that other people published or computed, against the complex step, and at the points
 * where a rule of thumb gives NaN.
 */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Complex, type Dual, dual, F32, F64, type UnaryName } from 'wengert/algebra'
import { type Case, evaluate } from './expressions.js'
import { BINARY, EPSILON, ordinary, stratified, table, UNARY, ulps, worst } from './support.js'

const D = dual(F64)
const DD = dual(D)
const x1 = (x: number): Dual<number> => ({ primal: x, tangent: 1 })
const constant = (x: number): Dual<number> => ({ primal: x, tangent: 0 })
const x2 = (x: number): Dual<Dual<number>> => ({ primal: x1(x), tangent: constant(1) })

const slope = (name: UnaryName, x: number): number => D[name](x1(x)).tangent

/** f, f', f'' and f''' at the double 0.6, by mpmath with 60 digits */
const KNOWN: Readonly<Partial<Record<UnaryName, readonly [number, number, number, number]>>> = {
  neg: [-0.6, -1.0, 0.0, 0.0],
  reciprocal: [1.6666666666666667, -2.777777777777778, 9.25925925925926, -46.296296296296305],
  exp: [1.8221188003905089, 1.8221188003905089, 1.8221188003905089, 1.8221188003905089],
  expm1: [0.8221188003905089, 1.8221188003905089, 1.8221188003905089, 1.8221188003905089],
  log: [-0.5108256237659907, 1.6666666666666667, -2.777777777777778, 9.25925925925926],
  log1p: [0.4700036292457355, 0.625, -0.390625, 0.48828125],
  sqrt: [0.7745966692414834, 0.6454972243679028, -0.537914353639919, 1.3447858840997977],
  rsqrt: [1.2909944487358056, -1.075828707279838, 2.6895717681995954, -11.206549034164981],
  sin: [0.5646424733950354, 0.8253356149096783, -0.5646424733950354, -0.8253356149096783],
  cos: [0.8253356149096783, -0.5646424733950354, -0.8253356149096783, 0.5646424733950354],
  tan: [0.6841368083416923, 1.4680431725279575, 2.008684741122178, 7.058731848323871],
  asin: [0.6435011087932844, 1.25, 1.1718749999999998, 5.249023437499999],
  acos: [0.9272952180016123, -1.25, -1.1718749999999998, -5.249023437499999],
  atan: [0.5404195002705842, 0.7352941176470589, -0.6487889273356401, 0.06360675758192544],
  sinh: [0.6366535821482412, 1.1854652182422676, 0.6366535821482412, 1.1854652182422676],
  cosh: [1.1854652182422676, 0.6366535821482412, 1.1854652182422676, 0.6366535821482412],
  tanh: [0.5370495669980353, 0.7115777625872228, -0.7643050585657976, -0.191746422902937],
  sigmoid: [0.6456563062257954, 0.2287842404566573, -0.0666477347751818, -0.08526913163132023],
  softplus: [1.0374879504858856, 0.6456563062257954, 0.2287842404566573, -0.0666477347751818],
  erf: [0.6038560908479259, 0.7872434317142873, -0.9446921180571447, -0.44085632176000095],
  lgamma: [0.39823385806923495, -1.5406192138931905, 3.6362096709023577, -9.96283153714346],
}

describe('primal', () => {
  it('commutes with every operation, bit for bit', () => {
    fc.assert(
      fc.property(stratified, stratified, stratified, stratified, (x, y, dx, dy) => {
        const [a, b] = [
          { primal: x, tangent: dx },
          { primal: y, tangent: dy },
        ]
        for (const name of UNARY) expect(D.primal(D[name](a)), name).toBe(F64[name](x))
        for (const name of BINARY) expect(D.primal(D[name](a, b)), name).toBe(F64[name](x, y))
        for (const order of [0, 1, 2]) expect(D.primal(D.polygamma(order, a))).toBe(F64.polygamma(order, x))
      }),
      { numRuns: 300 },
    )
  })

  it('commutes over nested and over float32 duals', () => {
    const S = dual(F32)
    fc.assert(
      fc.property(stratified, stratified, (x, y) => {
        const [s, t] = [Math.fround(x), Math.fround(y)]
        for (const name of UNARY) {
          expect(DD.primal(DD[name](x2(x))), name).toBe(F64[name](x))
          expect(S[name](x1(s)).primal, name).toBe(F32[name](s))
          expect(S[name](x1(s)).tangent, name).toBe(Math.fround(S[name](x1(s)).tangent))
        }
        for (const name of BINARY) {
          expect(DD.primal(DD[name](x2(x), x2(y))), name).toBe(F64[name](x, y))
          expect(S[name](x1(s), x1(t)).primal, name).toBe(F32[name](s, t))
        }
      }),
    )
  })
})

describe('derivatives', () => {
  it('agree with 60 digits to the third order at 0.6', () => {
    const T = dual(DD)
    const at = { primal: x2(0.6), tangent: { primal: constant(1), tangent: constant(0) } }
    for (const name of UNARY) {
      const known = KNOWN[name]
      if (known === undefined) continue
      const { primal, tangent } = T[name](at)
      const found = [primal.primal.primal, primal.primal.tangent, primal.tangent.tangent, tangent.tangent.tangent]
      // Each order differentiates a product of at most four factors: it multiplies the number of roundings by some four,
      // from three at the first order. The terms it adds are not larger than `sum of the four`, which scales the ulps.
      const scale = Math.max(...known.map(Math.abs))
      found.forEach((value, order) => {
        expect(ulps(value, known[order], order > 1 ? scale : 0), `${name}, order ${order}`).toBeLessThanOrEqual(
          4 ** order,
        )
      })
    }
  })

  it('agree with the complex step', () => {
    const h = 2 ** -80
    fc.assert(
      fc.property(ordinary, ordinary, (x, y) => {
        for (const name of UNARY) {
          if (!Number.isFinite(F64[name](x))) continue
          const step = Complex[name]({ re: x, im: h }).im / h
          // The two take different routes, of less than ten roundings each. Only digamma, the derivative of lgamma, has
          // terms that cancel: it is accurate relative to 1 + the reciprocal distance to a pole.
          const scale = name === 'lgamma' ? 4 + 1 / Math.abs(x - Math.round(x)) : 0
          expect(ulps(slope(name, x), step, scale), `${name} at ${x}`).toBeLessThanOrEqual(16)
        }
        for (const name of BINARY) {
          const value = F64[name](x, y)
          if (!Number.isFinite(value) || Math.abs(value) < 1e-200) continue
          const byX = D[name](x1(x), constant(y)).tangent
          expect(ulps(byX, Complex[name]({ re: x, im: h }, { re: y, im: 0 }).im / h), name).toBeLessThanOrEqual(16)
          const byY = D[name](constant(x), x1(y)).tangent
          // a negative base has no real power nearby
          if (Number.isNaN(byY)) expect([name, x < 0]).toEqual(['pow', true])
          else expect(ulps(byY, Complex[name]({ re: x, im: 0 }, { re: y, im: h }).im / h), name).toBeLessThanOrEqual(16)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('of polygamma are the next polygamma', () => {
    fc.assert(
      fc.property(fc.nat(6), ordinary, (order, x) => {
        expect(D.polygamma(order, x1(x))).toEqual({
          primal: F64.polygamma(order, x),
          tangent: F64.polygamma(order + 1, x),
        })
      }),
    )
  })

  it('are linear in the tangent', () => {
    fc.assert(
      fc.property(ordinary, ordinary, fc.integer({ min: -9, max: 9 }), (x, y, k) => {
        // a power of two scales exactly
        const factor = 2 ** k
        const [a, b] = [x1(x), { primal: y, tangent: 0.75 }]
        const [c, d] = [
          { primal: x, tangent: factor },
          { primal: y, tangent: 0.75 * factor },
        ]
        for (const name of UNARY) expect(D[name](c).tangent, name).toBe(D[name](a).tangent * factor)
        for (const name of BINARY) expect(D[name](c, d).tangent, name).toBe(D[name](a, b).tangent * factor)
      }),
    )
  })
})

describe('published integrals', () => {
  const text = table('derivatives/cases.json')
  const cases: ReadonlyArray<Case> = text === undefined ? [] : JSON.parse(text).cases
  const points = cases
    // one antiderivative is 0, beside an integrand that vanishes only at the tabled point
    .filter((c) => typeof c.F !== 'number')
    .flatMap((c) => c.points.map((p) => ({ c, p })))
  const distance = (value: number, right: number): number => Math.abs(value - right) / Math.max(1, Math.abs(right))

  it.skipIf(text === undefined)('the derivative of the antiderivative is the integrand', () => {
    const [error, { c }] = worst(points, ({ c, p }) => {
      const { tangent } = evaluate(D, c.F, { ...lift(c.params, constant), [c.var]: x1(p.x) })
      // the table says how much a plain dual number evaluation loses at this point
      return distance(tangent, p.dF) / (p.ad_err + EPSILON)
    })
    console.log(`first order: ${points.length} points, worst ${error.toFixed(1)} times the tabled error at ${c.id}`)
    expect(error).toBeLessThanOrEqual(16)
  })

  it.skipIf(text === undefined)('and so is its complex step', () => {
    const h = 2 ** -80
    const [error, { c }] = worst(points, ({ c, p }) => {
      const { im } = evaluate(Complex, c.F, { ...lift(c.params, Complex.literal), [c.var]: { re: p.x, im: h } })
      return distance(im / h, p.dF) / (p.ad_err + EPSILON)
    })
    console.log(`complex step: worst ${error.toFixed(1)} times the tabled error at ${c.id}`)
    expect(error).toBeLessThanOrEqual(16)
  })

  it.skipIf(text === undefined)('the second derivative, nested, is the derivative of the integrand', () => {
    const [error, { c }] = worst(points, ({ c, p }) => {
      const { tangent } = evaluate(DD, c.F, { ...lift(c.params, DD.literal), [c.var]: x2(p.x) })
      // differentiating once more cancels up to two more digits where the first derivative cancels
      return distance(tangent.tangent, p.d2F) / (p.ad_err + EPSILON)
    })
    console.log(`second order: worst ${error.toFixed(1)} times the tabled error of the first at ${c.id}`)
    expect(error).toBeLessThanOrEqual(1024)
  })

  it.skipIf(text === undefined)('the derivative of the integrand is the tabled one', () => {
    const [error, { c }] = worst(points, ({ c, p }) => {
      const { tangent } = evaluate(D, c.dF, { ...lift(c.params, constant), [c.var]: x1(p.x) })
      return distance(tangent, p.d2F) / EPSILON
    })
    console.log(`integrand: worst error ${error.toFixed(1)} ulps of the larger of 1 and the result at ${c.id}`)
    expect(error).toBeLessThanOrEqual(256)
  })
})

const lift = <N>(params: Readonly<Record<string, number>>, literal: (x: number) => N): Record<string, N> =>
  Object.fromEntries(Object.entries(params).map(([k, v]) => [k, literal(v)]))

describe('conditioning', () => {
  it('keeps relative accuracy where functions saturate', () => {
    for (const x of [20, 40, 300]) {
      expect(ulps(slope('tanh', x), 4 * Math.exp(-2 * x))).toBeLessThanOrEqual(8)
      expect(ulps(slope('tanh', -x), 4 * Math.exp(-2 * x))).toBeLessThanOrEqual(8)
    }
    for (const x of [40, 300, 700]) {
      expect(ulps(slope('sigmoid', x), Math.exp(-x))).toBeLessThanOrEqual(4)
      expect(ulps(slope('sigmoid', -x), Math.exp(-x))).toBeLessThanOrEqual(4)
      expect(ulps(slope('softplus', -x), Math.exp(-x))).toBeLessThanOrEqual(4)
    }
    // (2/√π) exp(-x²) at 5.1 by 40 digits: squaring 5.1 in float64 would cost 26 ulps
    expect(ulps(slope('erf', 5.1), 5.707627016928692e-12)).toBeLessThanOrEqual(4)
    expect(ulps(slope('asin', 1 - 2 ** -40), 741455.2001896339)).toBeLessThanOrEqual(3)
  })

  it('stays finite where a formula by squares overflows', () => {
    expect(slope('tanh', 1e6)).toBe(0)
    expect(slope('erf', 1e200)).toBe(0)
    expect(slope('atan', 1e200)).toBe(0)
    expect(DD.tanh(x2(1000)).tangent).toEqual({ primal: 0, tangent: 0 })
    expect(DD.sigmoid(x2(-1e6)).tangent).toEqual({ primal: 0, tangent: 0 })
    expect(DD.erf(x2(1e200)).tangent.tangent).toBeCloseTo(0)
    expect(D.atan2(x1(3e200), constant(4e200)).tangent).toBeCloseTo(0)
    expect(ulps(D.atan2(x1(3e-200), constant(4e-200)).tangent, 4e-200 / 5e-200 / 5e-200)).toBeLessThanOrEqual(4)
    expect(ulps(D.atan2(constant(3e200), x1(4e200)).tangent, -3e200 / 5e200 / 5e200)).toBeLessThanOrEqual(4)
  })
})

describe('conventions', () => {
  const [a, b] = [
    { primal: 2, tangent: 5 },
    { primal: 2, tangent: 7 },
  ]

  it('max and min at a tie have half of each tangent', () => {
    expect([D.max(a, b), D.min(a, b)]).toEqual([
      { primal: 2, tangent: 6 },
      { primal: 2, tangent: 6 },
    ])
    expect(D.max({ primal: 0, tangent: 1 }, { primal: -0, tangent: 0 })).toEqual({ primal: 0, tangent: 0.5 })
    expect(D.max({ primal: 3, tangent: 1 }, a).tangent).toBe(1)
    expect(D.min({ primal: 3, tangent: 1 }, a).tangent).toBe(5)
    expect(D.max({ primal: NaN, tangent: 1 }, a)).toEqual({ primal: NaN, tangent: 1 })
  })

  it('abs at 0 has the derivative 0', () => {
    expect([slope('abs', 0), slope('abs', -0), slope('abs', 3), slope('abs', -3)]).toEqual([0, 0, 1, -1])
    expect(slope('abs', NaN)).toBe(NaN)
  })

  it('the steps have the derivative 0', () => {
    fc.assert(
      fc.property(stratified, (x) => {
        for (const name of ['sign', 'floor', 'ceil', 'round'] as const) expect(slope(name, x)).toBe(0)
      }),
    )
  })

  it('mod has the tangent da - floor(a / b) db', () => {
    expect(D.mod({ primal: 7.5, tangent: 1 }, { primal: 2, tangent: 1 })).toEqual({ primal: 1.5, tangent: -2 })
    expect(D.mod({ primal: -7.5, tangent: 1 }, { primal: 2, tangent: 1 })).toEqual({ primal: 0.5, tangent: 5 })
  })

  it('a constant has no derivative, even where the function has none', () => {
    for (const name of ['sqrt', 'log', 'rsqrt', 'reciprocal'] as const) expect(D[name](constant(0)).tangent).toBe(0)
    expect(D.mul(constant(Infinity), constant(3)).tangent).toBe(0)
    expect(D.mul(constant(3), { primal: Infinity, tangent: 1 }).tangent).toBe(3)
    expect([slope('sqrt', 0), slope('log', 0)]).toEqual([Infinity, Infinity])
  })

  it('integer powers have the derivatives of products, at 0 and below too', () => {
    const power = (x: number, n: number): number => D.pow(x1(x), constant(n)).tangent
    expect([power(0, 0), power(0, 1), power(0, 2), power(0, 3)]).toEqual([0, 1, 0, 0])
    expect([power(-2, 0), power(-2, 1), power(-2, 2), power(-2, 3), power(-2, -1)]).toEqual([0, 1, -4, 12, -0.25])
    const nested = (x: number, n: number): number => DD.pow(x2(x), DD.literal(n)).tangent.tangent
    expect([nested(0, 0), nested(0, 1), nested(0, 2), nested(0, 3)]).toEqual([0, 0, 2, 0])
    expect([nested(-2, 1), nested(-2, 2), nested(-2, 3)]).toEqual([0, 2, -12])
    expect([power(0, 0.5), power(0, -1)]).toEqual([Infinity, -Infinity])
  })

  it('in the exponent, 0^y is flat for y > 0, and a negative base has no derivative', () => {
    const exponent = (x: number, y: number): number => D.pow(constant(x), x1(y)).tangent
    expect([exponent(0, 2), exponent(0, 0), exponent(0, -1), exponent(-2, 2)]).toEqual([0, -Infinity, -Infinity, NaN])
    expect(exponent(Math.E, 1)).toBe(Math.E)
    // d²/dx dy of x^y at (2, 0) is 1/x
    const mixed = DD.pow({ primal: x1(2), tangent: constant(0) }, { primal: constant(0), tangent: constant(1) })
    expect(mixed.tangent.tangent).toBe(0.5)
  })

  it('a negative power keeps its relative accuracy although y - 1 rounds', () => {
    // y x^(y-1) at 65.25, -63.0151 by 40 digits
    expect(ulps(D.pow(x1(65.25), constant(-63.0151)).tangent, -4.354030223125141e-115)).toBeLessThanOrEqual(4)
  })

  it('buffers are of zeros, and the name tells the base', () => {
    expect(Array.from({ length: 2 }, (_, i) => D.buffer(2)[i])).toEqual([constant(0), constant(0)])
    expect([D.name, DD.name]).toEqual(['dual(float64)', 'dual(dual(float64))'])
  })
})
