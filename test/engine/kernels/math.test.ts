import { describe, expect, it } from 'vitest'
import type { Algebra, BinaryName, UnaryName } from '../../../src/algebra/Algebra.js'
import { DoubleDouble } from '../../../src/algebra/DoubleDouble.js'
import type { DoubleDoubleNumber } from '../../../src/algebra/doubleDoubleBasic.js'
import { F32 } from '../../../src/algebra/F32.js'
import { F64 } from '../../../src/algebra/F64.js'
import type { Scalar } from '../../../src/engine/wasm/kernels/lanes.js'
import { elementary, hostFunctions } from '../../../src/engine/wasm/kernels/math/index.js'
import { readShared, shared } from '../../conformance/shared.js'
import { instantiate } from '../wasm/support.js'
import { binaryOver, error, polygammaOver, ulp, unaryOver } from './math.support.js'

const SCALARS: ReadonlyArray<Scalar> = ['f32', 'f64']
const ALGEBRA: { readonly [S in Scalar]: Algebra<number> } = { f32: F32, f64: F64 }

/** Numbers in [0, 1) with all 53 bits, from a stated seed, so that a failure can be seen again (mulberry32). */
const uniform = (seed: number): (() => number) => {
  let s = seed >>> 0
  const word = (): number => {
    s = (s + 0x6d2b79f5) >>> 0
    let t = Math.imul(s ^ (s >>> 15), s | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return (t ^ (t >>> 14)) >>> 0
  }
  return () => ((word() >>> 5) * 2 ** 26 + (word() >>> 6)) / 2 ** 53
}

const SEED = 20261
const COUNT = 2000

/** Numbers of both signs over exponents of two from `low` to `high`. */
const spread = (low: number, high: number, signs: ReadonlyArray<number> = [1, -1]): ReadonlyArray<number> => {
  const next = uniform(SEED)
  return Array.from(
    { length: COUNT },
    () => signs[Math.floor(next() * signs.length)] * (1 + next()) * 2 ** Math.floor(low + next() * (high - low)),
  )
}

const between = (low: number, high: number): ReadonlyArray<number> => {
  const next = uniform(SEED + 1)
  return Array.from({ length: COUNT }, () => low + next() * (high - low))
}

/** The numbers nearest to multiples of a quarter turn: there only the digits of π behind float64 are left. */
const quarterTurns = (): ReadonlyArray<number> => {
  const next = uniform(SEED + 2)
  return Array.from({ length: COUNT }, () => (Math.floor(next() * 1.3e6 - 6.5e5) * Math.PI) / 2)
}

const EDGES = [0, -0, 1, -1, 0.5, -0.5, 2, -2, Infinity, -Infinity, NaN]
const extremes = (scalar: Scalar): ReadonlyArray<number> =>
  scalar === 'f32'
    ? [2 ** -149, -(2 ** -149), 2 ** -126, (2 - 2 ** -23) * 2 ** 127, -(2 - 2 ** -23) * 2 ** 127, 3e-42]
    : [5e-324, -5e-324, 2 ** -1022, Number.MAX_VALUE, -Number.MAX_VALUE, 3e-310]

const both = (ulps: number): Readonly<Record<Scalar, number>> => ({ f32: ulps, f64: ulps })

/** Where each function is interesting, and how many ulps it promises. */
const CASES: {
  readonly [K in UnaryName]?: {
    readonly ulps: Readonly<Record<Scalar, number>>
    readonly points: (scalar: Scalar) => ReadonlyArray<number>
  }
} = {
  exp: {
    ulps: both(1.25),
    points: (s) => [...spread(-30, 3), ...(s === 'f32' ? between(-104, 89) : between(-745, 710))],
  },
  expm1: {
    ulps: both(1.5),
    points: (s) => [...spread(s === 'f32' ? -126 : -1022, 3), ...(s === 'f32' ? between(-20, 89) : between(-50, 710))],
  },
  log: {
    ulps: both(1),
    points: (s) => [...(s === 'f32' ? spread(-149, 127, [1]) : spread(-1074, 1023, [1])), ...between(0.5, 2)],
  },
  log1p: {
    ulps: both(2),
    points: (s) => [...(s === 'f32' ? spread(-126, 127, [1]) : spread(-1022, 1023, [1])), ...between(-1, 3)],
  },
  sqrt: { ulps: both(0.5), points: (s) => (s === 'f32' ? spread(-149, 127, [1]) : spread(-1074, 1023, [1])) },
  rsqrt: { ulps: both(1.5), points: (s) => (s === 'f32' ? spread(-149, 127, [1]) : spread(-1074, 1023, [1])) },
  sin: {
    ulps: both(1),
    points: () => [...spread(-30, 19), ...between(-10, 10), ...spread(20, 100), ...quarterTurns()],
  },
  cos: {
    ulps: both(1),
    points: () => [...spread(-30, 19), ...between(-10, 10), ...spread(20, 100), ...quarterTurns()],
  },
  tan: {
    ulps: both(2),
    points: () => [...spread(-30, 19), ...between(-10, 10), ...spread(20, 100), ...quarterTurns()],
  },
  asin: { ulps: both(1), points: () => [...spread(-40, 0), ...between(-1, 1)] },
  acos: { ulps: both(1), points: () => [...spread(-40, 0), ...between(-1, 1)] },
  atan: { ulps: both(1), points: () => [...spread(-40, 70), ...between(-3, 3)] },
  sinh: { ulps: both(2), points: (s) => [...spread(-40, 3), ...(s === 'f32' ? between(-89, 89) : between(-711, 711))] },
  cosh: { ulps: both(2), points: (s) => [...spread(-40, 3), ...(s === 'f32' ? between(-89, 89) : between(-711, 711))] },
  tanh: { ulps: both(2), points: (s) => [...spread(s === 'f32' ? -126 : -1022, 5), ...between(-3, 3)] },
  sigmoid: {
    ulps: both(2),
    points: (s) => [...spread(-30, 3), ...(s === 'f32' ? between(-103, 20) : between(-744, 40))],
  },
  softplus: {
    ulps: both(2.5),
    points: (s) => [...spread(-30, 3), ...(s === 'f32' ? between(-103, 20) : between(-744, 40))],
  },
  erf: { ulps: { f32: 1, f64: 1.5 }, points: (s) => [...spread(s === 'f32' ? -126 : -1022, 3), ...between(-6, 6)] },
}

describe('unary functions', () => {
  for (const scalar of SCALARS)
    for (const [name, { ulps, points }] of Object.entries(CASES) as ReadonlyArray<
      [UnaryName, NonNullable<(typeof CASES)[UnaryName]>]
    >)
      it(`${name} of ${scalar} is within ${ulps[scalar]} ulp of the true value`, () => {
        const xs = points(scalar).map(ALGEBRA[scalar].literal)
        const values = unaryOver(scalar, name)(xs)
        let worst = { error: 0, x: 0, value: 0, wanted: 0 }
        xs.forEach((x, i) => {
          const wanted: DoubleDoubleNumber = DoubleDouble[name](DoubleDouble.literal(x))
          const e = error(scalar, values[i], wanted.hi, wanted.lo)
          if (!(e <= worst.error)) worst = { error: e, x, value: values[i], wanted: wanted.hi }
        })
        expect(worst.error, JSON.stringify(worst)).toBeLessThanOrEqual(ulps[scalar])
      })

  it('give infinities, NaN and the signs of zeros as the algebras do', () => {
    for (const scalar of SCALARS) {
      const a = ALGEBRA[scalar]
      const xs = [...EDGES, ...extremes(scalar)].map(a.literal)
      for (const name of Object.keys(a) as ReadonlyArray<UnaryName>) {
        if (typeof a[name] !== 'function' || a[name].length !== 1 || ['buffer', 'literal', 'primal'].includes(name))
          continue
        const values = unaryOver(scalar, name)(xs)
        xs.forEach((x, i) => {
          const wanted = a[name](x)
          const e = error(scalar, values[i], wanted)
          expect(e, `${name}(${x}) of ${scalar} is ${values[i]}, not ${wanted}`).toBeLessThanOrEqual(2)
        })
      }
    }
  })

  it('are exact where the algebras are', () => {
    for (const scalar of SCALARS) {
      const xs = [...spread(-20, 40), ...between(-9, 9), 2.5, -2.5, 0.5, 1.5, ...EDGES, ...extremes(scalar)].map(
        ALGEBRA[scalar].literal,
      )
      for (const name of ['neg', 'reciprocal', 'sqrt', 'abs', 'sign', 'floor', 'ceil', 'round'] as const) {
        const values = unaryOver(scalar, name)(xs)
        expect(xs.filter((x, i) => !Object.is(values[i], ALGEBRA[scalar][name](x)))).toEqual([])
      }
    }
  })

  it('give the same bits in every lane', () => {
    for (const scalar of SCALARS)
      for (const name of Object.keys(CASES) as ReadonlyArray<UnaryName>) {
        const xs = [0.3, -1.7, 0.9, 40].flatMap((x) => [x, x, x, x])
        const values = unaryOver(scalar, name)(xs)
        for (let i = 0; i < xs.length; i++) expect(Object.is(values[i], values[i - (i % 4)])).toBe(true)
      }
  })

  it('give single numbers the bits that vectors have', () => {
    for (const scalar of SCALARS)
      for (const name of ['exp', 'tanh', 'sin', 'erf', 'abs'] as const) {
        const xs = between(-5, 5).slice(0, 50).map(ALGEBRA[scalar].literal)
        const { single } = instantiate({ exports: { single: elementary(scalar, name).single } }, hostFunctions)
        expect(xs.map((x) => single(x))).toEqual([...unaryOver(scalar, name)(xs)])
      }
    const { atan2 } = instantiate({ exports: { atan2: elementary('f32', 'atan2').single } }, hostFunctions)
    expect(atan2(1, -1)).toBe(Math.fround((3 * Math.PI) / 4))
  })

  it('have lgamma and polygamma from the host, which are those of the algebras', () => {
    const xs = [0.3, 1, 2.5, 17, -0.7, 1e10]
    for (const scalar of SCALARS) {
      const a = ALGEBRA[scalar]
      const rounded = xs.map(a.literal)
      expect([...unaryOver(scalar, 'lgamma')(rounded)]).toEqual(rounded.map(a.lgamma))
      for (const order of [0, 3])
        expect([...polygammaOver(scalar, order)(rounded)]).toEqual(rounded.map((x) => a.polygamma(order, x)))
    }
  })
})

describe('binary functions', () => {
  const pairs = (scalar: Scalar): readonly [ReadonlyArray<number>, ReadonlyArray<number>] => {
    const edges = [...EDGES, ...extremes(scalar)]
    const xs = [...edges.flatMap((x) => edges.map(() => x)), ...between(-9, 9), ...spread(-9, 9)]
    const ys = [...edges.flatMap(() => edges), ...spread(-3, 3), ...between(-20, 20)]
    return [xs.map(ALGEBRA[scalar].literal), ys.map(ALGEBRA[scalar].literal)]
  }

  it('are exact where the algebras are', () => {
    for (const scalar of SCALARS) {
      const [xs, ys] = pairs(scalar)
      const exact: ReadonlyArray<BinaryName> = ['add', 'sub', 'mul', 'div', 'mod', 'max', 'min']
      for (const name of exact) {
        const values = binaryOver(scalar, name)(xs, ys)
        const wrong = xs.flatMap((x, i) =>
          Object.is(values[i], ALGEBRA[scalar][name](x, ys[i])) ? [] : [[name, scalar, x, ys[i], values[i]]],
        )
        expect(wrong).toEqual([])
      }
    }
  })

  it('pow gives zeros, infinities and NaN as the algebras do', () => {
    for (const scalar of SCALARS) {
      const edges = [...EDGES, ...extremes(scalar), 3, -3, 1.5, -1.5, 1 + 2 ** -20, 2 ** 30, -(2 ** 53) - 2].map(
        ALGEBRA[scalar].literal,
      )
      const [xs, ys] = [edges.flatMap((x) => edges.map(() => x)), edges.flatMap(() => edges)]
      const values = binaryOver(scalar, 'pow')(xs, ys)
      xs.forEach((x, i) => {
        const wanted = ALGEBRA[scalar].pow(x, ys[i])
        // the reference is within 1 ulp itself
        const e = error(scalar, values[i], wanted)
        expect(e, `pow(${x}, ${ys[i]}) of ${scalar} is ${values[i]}, not ${wanted}`).toBeLessThanOrEqual(2)
      })
    }
  })

  it('pow is within 1 ulp of the true value, 1.25 where that is subnormal', () => {
    const next = uniform(SEED + 3)
    for (const scalar of SCALARS) {
      const { literal } = ALGEBRA[scalar]
      const most = scalar === 'f32' ? 148 : 1073
      const pairs = [
        ...spread(-9, 9).map((x, i) => [Math.abs(x), spread(-3, 7)[i]] as const),
        ...spread(-40, -1).map((x) => [1 + x, (next() - 0.5) * 2 ** 20] as const),
        ...spread(scalar === 'f32' ? -149 : -1074, most - 30, [1]).map((x) => [x, 2 * next() - 1] as const),
        ...between(-9, 9).map((x) => [x, Math.floor(40 * next()) - 20] as const),
        // over the whole range of results
        ...between(-most, most)
          .map((e) => [1.5 + next(), e] as const)
          .map(([x, e]) => [x, e / Math.log2(x)] as const),
      ].map(([x, y]) => [literal(x), literal(y)] as const)
      const values = binaryOver(scalar, 'pow')(
        pairs.map(([x]) => x),
        pairs.map(([, y]) => y),
      )
      let worst = { error: 0, x: 0, y: 0, value: 0, wanted: 0 }
      pairs.forEach(([x, y], i) => {
        const wanted: DoubleDoubleNumber = DoubleDouble.pow(DoubleDouble.literal(x), DoubleDouble.literal(y))
        const subnormal = Math.abs(wanted.hi) < (scalar === 'f32' ? 2 ** -126 : 2 ** -1022)
        const e = error(scalar, values[i], wanted.hi, wanted.lo) / (subnormal ? 1.25 : 1)
        if (!(e <= worst.error)) worst = { error: e, x, y, value: values[i], wanted: wanted.hi }
      })
      // four float32 are computed in float64 and rounded once
      expect(worst.error, JSON.stringify(worst)).toBeLessThanOrEqual(scalar === 'f32' ? 0.51 : 1)
    }
  })

  it('atan2 is within 2 ulps of the true value, with the zeros and infinities of the algebra', () => {
    for (const scalar of SCALARS) {
      const [ys, xs] = pairs(scalar)
      const values = binaryOver(scalar, 'atan2')(ys, xs)
      ys.forEach((y, i) => {
        const e = error(scalar, values[i], ALGEBRA[scalar].atan2(y, xs[i]))
        // the reference is within 1 ulp itself
        expect(e, `atan2(${y}, ${xs[i]}) of ${scalar} is ${values[i]}`).toBeLessThanOrEqual(2)
      })
    }
  })
})

describe.skipIf(shared === null)('published tables', () => {
  const TABLES: ReadonlyArray<readonly [string, UnaryName]> = [
    ['arccos', 'acos'],
    ['arcsin', 'asin'],
    ['arctan', 'atan'],
    ['cos', 'cos'],
    ['cosh', 'cosh'],
    ['exp', 'exp'],
    ['expm1', 'expm1'],
    ['log', 'log'],
    ['log1p', 'log1p'],
    ['sin', 'sin'],
    ['sinh', 'sinh'],
    ['tan', 'tan'],
    ['tanh', 'tanh'],
  ]
  const view = new DataView(new ArrayBuffer(8))
  const decode = (scalar: Scalar, bits: string): number => {
    view.setBigUint64(0, BigInt(bits))
    return scalar === 'f32' ? view.getFloat32(4) : view.getFloat64(0)
  }

  for (const [file, name] of TABLES)
    it(`${name} agrees with correctly rounded values`, () => {
      const rows = readShared(`conformance/elementary-functions/${file}.csv`)
        .split('\n')
        .flatMap((line) => {
          const [dtype, input, output] = line.split(',')
          const scalar: Scalar = dtype === 'np.float32' ? 'f32' : 'f64'
          return line.startsWith('np.float') && !line.startsWith('np.float16')
            ? [{ scalar, x: decode(scalar, input), y: decode(scalar, output) }]
            : []
        })
      expect(rows.length).toBeGreaterThan(100)
      for (const scalar of SCALARS) {
        const own = rows.filter((r) => r.scalar === scalar)
        const values = unaryOver(scalar, name)(own.map((r) => r.x))
        own.forEach(({ x, y }, i) => {
          // half an ulp more, because the table is rounded
          const most = (CASES[name]?.ulps[scalar] ?? 0) + 0.5
          expect(error(scalar, values[i], y), `${name}(${x}) of ${scalar}: ${values[i]}, not ${y}`).toBeLessThanOrEqual(
            most,
          )
        })
      }
    })

  it('erf, log1p and expm1 agree with tables of 30 digits', () => {
    const tables: ReadonlyArray<readonly [string, UnaryName, number]> = [
      ['erf_data', 'erf', 1],
      ['erf_small_data', 'erf', 1],
      ['erf_large_data', 'erf', 1],
      ['log1p_expm1_data', 'log1p', 1],
      ['log1p_expm1_data', 'expm1', 2],
    ]
    for (const [file, name, column] of tables) {
      const rows = readShared(`conformance/special-functions/${file}.txt`)
        .split('\n')
        .flatMap((line) => {
          const numbers = line.trim().split(/\s+/).map(Number)
          return numbers.length > column && numbers.every((n) => !Number.isNaN(n)) ? [numbers] : []
        })
      expect(rows.length).toBeGreaterThan(20)
      const values = unaryOver('f64', name)(rows.map((r) => r[0]))
      rows.forEach((r, i) => {
        expect(Math.abs(values[i] - r[column]), `${name}(${r[0]})`).toBeLessThanOrEqual(
          ((CASES[name]?.ulps.f64 ?? 0) + 0.5) * ulp('f64', r[column]),
        )
      })
    }
  })
})
