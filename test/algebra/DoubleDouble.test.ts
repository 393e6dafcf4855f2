/**
 * Errors here are relative, in bits: `|found - right| / |right|`. The right values of `doubleDouble.table.json` are by
 * mpmath 1.3 with 400 bits or more, rounded to double-double, which is an error of 2^-107 at most.
 */
import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DoubleDouble as A, type DoubleDoubleNumber, doubleDouble, F64, type UnaryName } from 'wengert/algebra'
import { BINARY, ordinary, stratified, table, UNARY, ulp, ulps } from './support.js'

type DD = DoubleDoubleNumber

const dd = (hi: number, lo = 0): DD => ({ hi, lo })

const distance = (x: DD, y: DD): number => Math.abs(x.hi - y.hi + (x.lo - y.lo))

const relative = (x: DD, right: DD): number =>
  x.hi === right.hi && x.lo === right.lo ? 0 : distance(x, right) / Math.abs(right.hi)

const digits = (error: number): string => (-Math.log10(error)).toFixed(1)

const NAMED: Readonly<Record<string, (x: DD) => DD>> = {
  lgammaNegative: A.lgamma,
  digamma: (x) => A.polygamma(0, x),
  digammaNegative: (x) => A.polygamma(0, x),
  trigamma: (x) => A.polygamma(1, x),
  tetragamma: (x) => A.polygamma(2, x),
  polygamma7: (x) => A.polygamma(7, x),
}

// Bounds in bits. Measured with 1200 points each: elementary functions 2^-104, erf, lgamma and digamma 2^-102, higher
// polygammas 2^-101, pow 2^-98 because its error is that of y log x, up to 660. The negative axis is apart: see below.
const BITS: Readonly<Record<string, number>> = {
  erf: 101,
  lgamma: 101,
  digamma: 100,
  trigamma: 100,
  tetragamma: 100,
  polygamma7: 99,
  pow: 96,
  lgammaNegative: 88,
  digammaNegative: 88,
}

const path = new URL('./doubleDouble.table.json', import.meta.url)
const recorded: Readonly<Record<string, ReadonlyArray<ReadonlyArray<number>>>> = JSON.parse(readFileSync(path, 'utf8'))

/** a normalised number of ordinary size with a lower half, or without */
const doubled: fc.Arbitrary<DD> = fc
  .tuple(ordinary, fc.integer({ min: -(2 ** 30), max: 2 ** 30 }), fc.boolean())
  .map(([hi, n, full]) => (full ? A.add(dd(hi), dd(hi * n * 2 ** -84)) : dd(hi)))

// an integer multiple of 2^-1074, exactly
const exactly = (x: number): bigint => {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, Math.abs(x))
  const bits = view.getBigUint64(0)
  const e = bits >> 52n
  const f = bits & (2n ** 52n - 1n)
  const m = e === 0n ? f : (f + 2n ** 52n) << (e - 1n)
  return x < 0 ? -m : m
}

describe('accuracy', () => {
  for (const [name, rows] of Object.entries(recorded).filter(([key]) => key !== 'about')) {
    const bits = BITS[name] ?? 103
    it(`${name}: 2^-${bits} against mpmath`, () => {
      let worst = 0
      let sum = 0
      for (const row of rows) {
        const [x, y] = [dd(row[0], row[1]), dd(row[2], row[3])]
        const right = dd(row[row.length - 2], row[row.length - 1])
        const found = row.length === 6 ? A[name as 'add'](x, y) : (NAMED[name] ?? A[name as UnaryName])(x)
        const error = relative(found, right)
        expect(Number.isNaN(error)).toBe(false)
        expect(found.hi + found.lo).toBe(found.hi)
        worst = Math.max(worst, error)
        sum += error
      }
      console.log(
        `${name.padEnd(16)} ${rows.length} rows, ${digits(worst)} digits at worst, ${digits(sum / rows.length)} on average`,
      )
      expect(worst).toBeLessThanOrEqual(2 ** -bits)
    })
  }
})

describe('other tables', () => {
  const fromBits = (hex: string): number => {
    const view = new DataView(new ArrayBuffer(8))
    view.setBigUint64(0, BigInt(hex))
    return view.getFloat64(0)
  }
  const files = { arccos: 'acos', arcsin: 'asin', arctan: 'atan' } as const
  const names = [
    'arccos',
    'arcsin',
    'arctan',
    'cos',
    'cosh',
    'exp',
    'expm1',
    'log',
    'log1p',
    'sin',
    'sinh',
    'tan',
    'tanh',
  ]
  for (const name of names) {
    const text = table(`elementary-functions/${name}.csv`)
    it.skipIf(text === undefined)(`${name}: rounds to the correctly rounded float64`, () => {
      const f = A[(files[name as keyof typeof files] ?? name) as UnaryName]
      const rows = (text ?? '')
        .split('\n')
        .filter((line) => line.startsWith('np.float64'))
        .map((line) => line.split(',').slice(1, 3).map(fromBits))
      const wrong = rows.filter(([x, right]) => !Object.is(f(dd(x)).hi, right))
      console.log(`${name}: ${rows.length} rows, ${wrong.length} not as in the table ${JSON.stringify(wrong)}`)
      // The table itself is wrong in three rows, where it was rounded twice: cos(0.439...) and sin(-0.0318...) are within
      // 2^-10 ulp of the middle between two float64, exp(-708.4...) is subnormal. mpmath agrees with us there.
      for (const [x, right] of wrong) {
        const v = f(dd(x))
        const tie = Math.abs(Math.abs(v.lo) / ulp(v.hi) - 0.5) < 2 ** -9
        expect([x, tie || Math.abs(right) < 2 ** -1022, ulps(v.hi, right)]).toEqual([x, true, 1])
      }
      expect(wrong.length).toBeLessThanOrEqual(1)
    })
  }

  // [file, column of the result, function, digits]: the tables have 30 or 40 digits
  const special: ReadonlyArray<readonly [string, number, (x: DD) => DD, number]> = [
    ['erf_data', 1, A.erf, 29],
    ['erf_small_data', 1, A.erf, 29],
    ['erf_large_data', 1, A.erf, 29],
    ['gamma_near_0', 2, A.lgamma, 29],
    ['gamma_near_1', 2, A.lgamma, 29],
    ['gamma_near_2', 2, A.lgamma, 29],
    ['gamma_near_m10', 2, A.lgamma, 28],
    ['digamma_data', 1, NAMED.digamma, 29],
    ['digamma_small_data', 1, NAMED.digamma, 29],
    ['digamma_neg_data', 1, NAMED.digamma, 26],
    ['log1p_expm1_data', 1, A.log1p, 29],
    ['log1p_expm1_data', 2, A.expm1, 29],
  ]
  for (const [file, column, f, least] of special) {
    const text = table(`special-functions/${file}.txt`)
    it.skipIf(text === undefined)(`${file}, column ${column}: ${least} digits`, () => {
      const rows = (text ?? '')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => line.split(/\s+/).map(doubleDouble.fromString))
      const errors = rows.map((row) => relative(f(row[0]), row[column]))
      const worst = Math.max(...errors)
      console.log(`${file}: ${rows.length} rows, ${digits(worst)} digits at ${rows[errors.indexOf(worst)][0].hi}`)
      expect(worst).toBeLessThan(10 ** -least)
    })
  }
})

describe('exactness', () => {
  it('the sum of two float64 is exact', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (x, y) => {
        const s = A.add(dd(x), dd(y))
        expect(s.hi).toBe(x + y)
        if (Number.isFinite(x + y)) expect(exactly(s.hi) + exactly(s.lo)).toBe(exactly(x) + exactly(y))
      }),
    )
  })

  it('the product of two float64 is exact, or rounded once where it is subnormal', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (x, y) => {
        const p = A.mul(dd(x), dd(y))
        expect(p.hi).toBe(x * y)
        if (!Number.isFinite(x * y)) return
        const error = ((exactly(p.hi) + exactly(p.lo)) << 1074n) - exactly(x) * exactly(y)
        if (Math.abs(x * y) >= 2 ** -968) expect(error).toBe(0n)
        else expect(2n * (error < 0n ? -error : error) <= 1n << 1074n).toBe(true)
      }),
    )
  })

  it('quotients and roots of exact products are exact', () => {
    fc.assert(
      fc.property(ordinary, ordinary, (x, y) => {
        expect(A.div(A.mul(dd(x), dd(y)), dd(y))).toEqual(dd(x))
        expect(A.sqrt(A.mul(dd(x), dd(x)))).toEqual(dd(Math.abs(x)))
        expect(A.pow(dd(x), dd(2))).toEqual(A.mul(dd(x), dd(x)))
      }),
    )
  })

  it('all of it scales by powers of two, into the range where splitting would overflow', () => {
    fc.assert(
      fc.property(doubled, doubled, fc.constantFrom(-880, -400, 400, 880), (x, y, k) => {
        const by = (z: DD, n: number): DD => dd(z.hi * 2 ** n, z.lo * 2 ** n)
        expect(A.add(by(x, k), by(y, k))).toEqual(by(A.add(x, y), k))
        expect(A.mul(by(x, k), y)).toEqual(by(A.mul(x, y), k))
        expect(A.mul(by(x, k), by(y, -k))).toEqual(A.mul(x, y))
        expect(A.div(by(x, k), by(y, k))).toEqual(A.div(x, y))
        expect(A.div(x, by(y, k))).toEqual(by(A.div(x, y), -k))
        expect(A.mul(by(x, 1000), y)).toEqual(by(A.mul(x, y), 1000))
        expect(A.div(by(x, 990), y)).toEqual(by(A.div(x, y), 990))
      }),
    )
  })
})

describe('laws', () => {
  it('sums and products commute bit for bit, and have inverses', () => {
    fc.assert(
      fc.property(doubled, doubled, (x, y) => {
        expect(A.add(x, y)).toEqual(A.add(y, x))
        expect(A.mul(x, y)).toEqual(A.mul(y, x))
        expect(A.sub(x, x)).toEqual(dd(0))
        expect(A.add(x, dd(0))).toEqual(x)
        expect(A.mul(x, dd(1))).toEqual(x)
        expect(A.div(x, x)).toEqual(dd(1))
        expect(A.neg(A.neg(x))).toEqual(x)
      }),
    )
  })

  // sums are within 3 u², products 7 u², quotients 15 u², u² = 2^-106; two of them on each side
  it('are associative and distributive within the bounds of their sums and products', () => {
    fc.assert(
      fc.property(doubled, doubled, doubled, (x, y, z) => {
        const size = Math.abs(x.hi) + Math.abs(y.hi) + Math.abs(z.hi)
        expect(distance(A.add(A.add(x, y), z), A.add(x, A.add(y, z)))).toBeLessThanOrEqual(12 * 2 ** -106 * size)
        expect(relative(A.mul(A.mul(x, y), z), A.mul(x, A.mul(y, z)))).toBeLessThanOrEqual(28 * 2 ** -106)
        const terms = Math.abs(x.hi) * (Math.abs(y.hi) + Math.abs(z.hi))
        const apart = distance(A.mul(x, A.add(y, z)), A.add(A.mul(x, y), A.mul(x, z)))
        expect(apart).toBeLessThanOrEqual(20 * 2 ** -106 * terms)
        expect(relative(A.mul(A.div(x, y), y), x)).toBeLessThanOrEqual(22 * 2 ** -106)
      }),
    )
  })

  it('the functions satisfy their equations', () => {
    const near = (x: DD, y: DD, scale = Math.abs(y.hi)): void =>
      expect(distance(x, y)).toBeLessThanOrEqual(2 ** -99 * scale)
    fc.assert(
      fc.property(doubled, doubled, (x, y) => {
        const one = dd(1)
        const [s, c] = [A.sin(x), A.cos(x)]
        near(A.add(A.mul(s, s), A.mul(c, c)), one)
        near(A.sin(A.add(x, y)), A.add(A.mul(s, A.cos(y)), A.mul(c, A.sin(y))), 4)
        near(A.exp(A.add(x, y)), A.mul(A.exp(x), A.exp(y)), 16 * Math.exp(x.hi + y.hi))
        near(A.log(A.exp(x)), x, 8)
        near(A.expm1(A.log1p(A.abs(x))), A.abs(x))
        near(A.tan(A.atan(x)), x, 64 * Math.abs(x.hi))
        near(A.sub(A.cosh(x), A.sinh(x)), A.exp(A.neg(x)), Math.exp(Math.abs(x.hi)))
        near(A.tanh(x), A.div(A.sinh(x), A.cosh(x)))
        near(A.add(A.sigmoid(x), A.sigmoid(A.neg(x))), one)
        near(A.sub(A.softplus(x), A.softplus(A.neg(x))), x, Math.abs(x.hi) + 1)
        near(A.add(A.acos(A.sin(x)), A.asin(A.sin(x))), A.acos(dd(0)))
        near(A.atan2(A.mul(y, s), A.mul(y, c)), A.atan2(y.hi < 0 ? A.neg(s) : s, y.hi < 0 ? A.neg(c) : c), 4)
        near(A.pow(A.abs(x), y), A.exp(A.mul(y, A.log(A.abs(x)))), 64 * Math.abs(x.hi) ** y.hi)
        near(A.sub(A.lgamma(A.add(A.abs(x), one)), A.lgamma(A.abs(x))), A.log(A.abs(x)), 64)
        for (const f of [A.sin, A.tan, A.asin, A.atan, A.sinh, A.tanh, A.erf])
          expect(f(A.neg(A.mul(x, dd(0.1))))).toEqual(A.neg(f(A.mul(x, dd(0.1)))))
      }),
    )
  })

  it('arguments are reduced by as many digits of π as they need', () => {
    const pi = A.acos(dd(-1))
    expect(pi).toEqual(dd(Math.PI, 1.2246467991473532e-16))
    // the third part of π is what the two first miss of it
    expect(A.sin(pi).hi).toBe(-2.9947698097183397e-33)
    expect(relative(A.tan(pi), A.neg(A.sin(pi)))).toBe(0)
    expect(A.cos(dd(2 ** 1023)).hi).toBeCloseTo(F64.cos(2 ** 1023), 14)
  })
})

describe('beside float64', () => {
  // Math's functions are within 1 ulp, sigmoid, erf and their like within 3, polygamma within 10: see special.test.ts
  const accuracy = (name: string): number => ({ sigmoid: 3, softplus: 3, rsqrt: 2, erf: 3, lgamma: 8 })[name] ?? 2

  const agrees = (name: string, found: DD, right: number, scale = 0): void => {
    expect([name, Number.isNaN(found.hi)]).toEqual([name, Number.isNaN(right)])
    if (Number.isNaN(right)) return
    if (!Number.isFinite(found.hi)) expect(found.lo).toBe(0)
    // at the ends of the range rounding decides between the last number and infinity
    const clip = (x: number): number => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, x))
    expect(ulps(clip(A.primal(found)), clip(right), scale)).toBeLessThanOrEqual(accuracy(name))
    if (found.hi === 0 || right === 0) expect(ulps(found.hi, right)).toBeLessThanOrEqual(1)
    if (found.hi === 0 && right === 0) expect(Object.is(found.hi, right)).toBe(true)
  }

  it('primal is float64 within its accuracy, with its infinities, NaN and signs of zero', () => {
    fc.assert(
      fc.property(stratified, (x) => {
        for (const name of UNARY) {
          // lgamma loses relative accuracy in float64 at its zeros on the negative axis
          const scale = name === 'lgamma' && x < 0 ? Math.max(1, Math.abs(F64.lgamma(-x))) : 0
          agrees(name, A[name](dd(x)), F64[name](x), scale)
        }
      }),
      { numRuns: 1000 },
    )
    fc.assert(
      fc.property(stratified, stratified, (x, y) => {
        // float64's own mod loses what x - n y cancels
        for (const name of BINARY) if (name !== 'mod') agrees(name, A[name](dd(x), dd(y)), F64[name](x, y))
        expect(Number.isNaN(A.mod(dd(x), dd(y)).hi)).toBe(Number.isNaN(F64.mod(x, y)))
      }),
      { numRuns: 1000 },
    )
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), stratified, (order, x) => {
        const [found, right] = [A.polygamma(order, dd(x)), F64.polygamma(order, x)]
        // float64 reflects to 0 ∞ next to the pole at 0, where this overflows
        if (Number.isNaN(right)) expect(Number.isFinite(found.hi)).toBe(false)
        else if (!Number.isFinite(right) || right === 0) expect(found.hi).toBe(right)
        else if (x > 0) expect(ulps(found.hi, right, order === 0 ? 1 : 0)).toBeLessThanOrEqual(12)
      }),
    )
  })

  it('a lower half never makes a NaN of what float64 has a number for', () => {
    fc.assert(
      fc.property(stratified, stratified, fc.integer({ min: -4, max: 4 }), (x, y, n) => {
        const nudge = (z: number): DD => (Number.isFinite(z) ? A.add(dd(z), dd(z * n * 2 ** -56)) : dd(z))
        const [u, v] = [nudge(x), nudge(y)]
        for (const name of UNARY)
          if (!Number.isNaN(F64[name](u.hi))) expect([name, A[name](u).hi]).not.toEqual([name, NaN])
        for (const name of BINARY)
          if (!Number.isNaN(F64[name](u.hi, v.hi))) expect([name, A[name](u, v).hi]).not.toEqual([name, NaN])
      }),
    )
  })

  it('programs walk with float64, instruction by instruction', () => {
    const step = fc.record({ op: fc.constantFrom(...UNARY, ...BINARY), a: fc.nat(), b: fc.nat() })
    let count = 0
    fc.assert(
      fc.property(
        fc.array(ordinary, { minLength: 2, maxLength: 4 }),
        fc.array(step, { maxLength: 20 }),
        (inputs, steps) => {
          const values = [...inputs]
          for (const { op, a, b } of steps) {
            const [x, y] = [values[a % values.length], values[b % values.length]]
            const single = (UNARY as ReadonlyArray<string>).includes(op)
            const right = single ? F64[op as UnaryName](x) : F64[op as 'add'](x, y)
            if (op !== 'mod' && !(op === 'lgamma' && x < 0))
              agrees(op, single ? A[op as UnaryName](dd(x)) : A[op as 'add'](dd(x), dd(y)), right)
            values.push(right)
            count += 1
          }
        },
      ),
    )
    expect(count).toBeGreaterThan(200)
  })

  it('branches follow primal; max and min look at the lower half at a tie', () => {
    const [below, above] = [dd(1, -(2 ** -80)), dd(1, 2 ** -80)]
    expect([A.floor(below), A.ceil(above), A.sign(dd(-0))]).toEqual([dd(1), dd(1), dd(-0)])
    expect([A.max(below, above), A.max(above, below), A.min(below, above)]).toEqual([above, above, below])
    expect([A.max(dd(NaN), dd(1)).hi, A.max(dd(1), dd(NaN)).hi, A.min(dd(1), dd(NaN)).hi]).toEqual([NaN, NaN, NaN])
    expect(A.abs(dd(-0))).toEqual(dd(0))
    expect(A.mod(dd(-1, -(2 ** -80)), dd(3))).toEqual(dd(2, -(2 ** -80)))
    expect([A.buffer(1)[0], A.primal(dd(1, 2 ** -60)), A.primal(dd(1, 1))]).toEqual([dd(0), 1, 2])
    expect(A.polygamma(0.5, dd(1)).hi).toBe(NaN)
  })
})

describe('decimal digits', () => {
  it('go in and out within a unit of the last of 106 bits', () => {
    fc.assert(
      fc.property(doubled, fc.integer({ min: -280, max: 280 }), (x, e) => {
        const y = A.mul(x, dd(10 ** e))
        expect(relative(doubleDouble.fromString(doubleDouble.toString(y)), y)).toBeLessThanOrEqual(2 ** -106)
        // all digits there are, because y may lie in the middle between two float64
        expect(Number(doubleDouble.toString(y, 1200))).toBe(doubleDouble.toNumber(y))
      }),
    )
  })

  it('are correctly rounded', () => {
    const third = A.div(dd(1), dd(3))
    expect(doubleDouble.toString(third, 30)).toBe(`3.${'3'.repeat(29)}e-1`)
    expect(doubleDouble.toString(A.neg(dd(999.96)), 4)).toBe('-1.000e+3')
    expect(doubleDouble.toString(dd(5e-324), 3)).toBe('4.94e-324')
    expect(doubleDouble.toString(dd(Number.MAX_VALUE), 1)).toBe('2e+308')
    expect([0, -0, NaN, -Infinity].map((x) => doubleDouble.toString(dd(x)))).toEqual(['0', '-0', 'NaN', '-Infinity'])
    expect(doubleDouble.fromString('1e-400')).toEqual(dd(0))
    expect(doubleDouble.fromString('-0.0')).toEqual(dd(-0))
    expect(doubleDouble.fromString('1e400')).toEqual(dd(Infinity))
    expect([doubleDouble.fromString('x').hi, doubleDouble.fromString('.').hi]).toEqual([NaN, NaN])
    expect(doubleDouble.fromString(' +12.50e1 ')).toEqual(dd(125))
  })
})

it('speed', () => {
  const x = A.div(dd(2), dd(3))
  const lines = [...UNARY, ...BINARY].map((name) => {
    const f = A[name as 'add']
    for (let k = 0; k < 200; k++) f(x, x)
    const start = performance.now()
    for (let k = 0; k < 1000; k++) f(x, x)
    return `${name} ${(1000 * (performance.now() - start)).toFixed(0)}`
  })
  console.log(`ns per operation at 2/3: ${lines.join(', ')}`)
  expect(lines).toHaveLength(UNARY.length + BINARY.length)
})
