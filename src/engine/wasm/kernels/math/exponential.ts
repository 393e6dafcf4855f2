/**
 * exp, expm1 and what is made of them, for both scalars.
 *
 * `x = n log 2 + r` with a whole `n` and `|r| <= ½ log 2` (W. J. Cody and W. Waite, "Software Manual for the Elementary
 * Functions", 1980, chapter 6): `log 2` is split so that `n` times its head is exact, and what rounding `r` loses goes
 * into the tail. Then `e^r - 1 = r + s`, `s = r² (1/2! + r/3! + ...)` by Taylor's series, whose remainder is below
 * `2^-57` in float64 (13 powers) and `2^-27` in float32 (7 powers).
 *
 * @since 0.1.0
 */
import { compute, type Expr, type Local, v128 } from '../../assembler.js'
import { estrin, horner, powerOfTwo, type Scalar, signOf, type Vector, type Vectors, where } from '../lanes.js'
import { log1p } from './logarithm.js'

type Keep = (value: Expr<'v128'>) => Local<'v128'>

const LOG2_E = Math.LOG2E

// log 2 in two parts: the head has 42 bits in float64 and 15 in float32, so its product with n is exact
const LOG_2: { readonly [S in Scalar]: readonly [head: number, tail: number] } = {
  f64: [0.6931471805598903, 5.497923018708371e-14],
  f32: [0.693145751953125, 1.4286068203094173e-6],
}

const DEGREE: { readonly [S in Scalar]: number } = { f64: 13, f32: 7 }

// e^x is +∞ from `most` on, also when halved, and 0 to `least`; e^x - 1 is +∞ from `full` on and -1 to `flat`
const RANGE: { readonly [S in Scalar]: { readonly [K in 'most' | 'least' | 'full' | 'flat']: number } } = {
  f64: { most: 711, least: -746, full: 709.9, flat: -40 },
  f32: { most: 90, least: -105, full: 88.8, flat: -20 },
}

const factorials = (from: number, to: number, step: number): ReadonlyArray<number> => {
  const out: Array<number> = []
  let value = 1
  for (let k = 1; k <= to; k++) {
    value *= k
    if (k >= from && (k - from) % step === 0) out.push(1 / value)
  }
  return out
}

/** NaN stays NaN. */
const clamped = (v: Vectors, x: Vector, least: number, most: number): Vector => v.pmax(v.pmin(x, most), least)

/** `x = n log 2 + r` and `e^r = 1 + (r + s)`. */
const reduced = (v: Vectors, keep: Keep, x: Local<'v128'>) => {
  const [head, tail] = LOG_2[v.scalar]
  const n = keep(v.nearest(v.mul(x, LOG2_E)))
  const high = keep(v.sub(x, v.mul(n, head)))
  const low = keep(v.mul(n, tail))
  const r = keep(v.sub(high, low))
  const lost = v.sub(v.sub(high, r), low)
  const s = v.add(v.mul(v.mul(r, r), estrin(v, r, factorials(2, DEGREE[v.scalar], 1))), lost)
  return { n, r, s }
}

/** `2^shift e^x`. The power of two is applied in two steps, so that it neither over- nor underflows before the result. */
const scaledExp = (v: Vectors, x: Vector, shift: number): Vector =>
  compute((keep) => {
    const { least, most } = RANGE[v.scalar]
    const { n, r, s } = reduced(v, keep, keep(clamped(v, x, least, most)))
    const half = keep(v.floor(v.mul(n, 0.5)))
    const rest = v.sub(n, half)
    const value = v.mul(v.add(v.add(r, s), 1), powerOfTwo(v, half))
    return v.mul(value, powerOfTwo(v, shift === 0 ? rest : v.add(rest, shift)))
  })

/**
 * `e^x` within 1 ulp, where it is subnormal 1.25, because it is rounded again.
 *
 * @category exponential
 * @since 0.1.0
 */
export const exp = (v: Vectors, x: Vector): Vector => scaledExp(v, x, 0)

/**
 * `e^x - 1` within 1.5 ulps, as `2 ((2^(n-1) - ½) + 2^(n-1) r) + ...`, where the sum in brackets is kept with its error.
 *
 * @category exponential
 * @since 0.1.0
 */
export const expm1 = (v: Vectors, of: Vector): Vector =>
  compute((keep) => {
    const { flat, full } = RANGE[v.scalar]
    const x = keep(of)
    const { n, r, s } = reduced(v, keep, keep(clamped(v, x, flat, full)))
    const scale = keep(powerOfTwo(v, v.sub(n, 1)))
    const a = keep(v.sub(scale, 0.5))
    const b = keep(v.mul(scale, r))
    const sum = keep(v.add(a, b))
    const part = keep(v.sub(sum, a))
    const lost = v.add(v.sub(a, v.sub(sum, part)), v.sub(b, part))
    const value = v.mul(v.add(sum, v.add(lost, v.mul(scale, s))), 2)
    return where(v.lt(v.abs(x), 2 ** -(v.significand + 2)), x, value)
  })

/**
 * `1 / (1 + e^-x)` within 2 ulps, in both tails.
 *
 * @category exponential
 * @since 0.1.0
 */
export const sigmoid = (v: Vectors, of: Vector): Vector =>
  compute((keep) => {
    const x = keep(of)
    const e = keep(exp(v, v.neg(v.abs(x))))
    return v.div(where(v.lt(x, 0), e, v.constant(1)), v.add(e, 1))
  })

/**
 * `log(1 + e^x)` within 2.5 ulps, as `max(x, 0) + log1p(e^-|x|)`.
 *
 * @category exponential
 * @since 0.1.0
 */
export const softplus = (v: Vectors, of: Vector): Vector =>
  compute((keep) => {
    const x = keep(of)
    return v.add(v.pmax(x, 0), log1p(v, exp(v, v.neg(v.abs(x)))))
  })

/**
 * `tanh x` within 2 ulps, as `E / (E + 2)` with `E = e^(2|x|) - 1`.
 *
 * @category exponential
 * @since 0.1.0
 */
export const tanh = (v: Vectors, of: Vector): Vector =>
  compute((keep) => {
    const x = keep(of)
    const twice = keep(v.abs(x))
    const e = keep(expm1(v, v.pmin(v.add(twice, twice), 60)))
    return v128.or(v.div(e, v.add(e, 2)), signOf(v, x))
  })

// the power of x where the series of sinh, up to 1, stops: the next term is below 2^-65 and 2^-32
const SINH_DEGREE: { readonly [S in Scalar]: number } = { f64: 19, f32: 11 }

/**
 * `sinh x` within 2 ulps: Taylor's series up to 1, then `h - 1/(4h)` with `h = e^|x| / 2`.
 *
 * @category exponential
 * @since 0.1.0
 */
export const sinh = (v: Vectors, of: Vector): Vector =>
  compute((keep) => {
    const x = keep(of)
    const square = keep(v.mul(x, x))
    const series = horner(v, square, factorials(3, SINH_DEGREE[v.scalar], 2))
    const near = v.add(x, v.mul(v.mul(x, square), series))
    const h = keep(scaledExp(v, v.abs(x), -1))
    const far = v128.or(v.sub(h, v.div(0.25, h)), signOf(v, x))
    return where(v.lt(v.abs(x), 1), near, far)
  })

/**
 * `cosh x` within 2 ulps: `h + 1/(4h)` with `h = e^|x| / 2`.
 *
 * @category exponential
 * @since 0.1.0
 */
export const cosh = (v: Vectors, x: Vector): Vector =>
  compute((keep) => {
    const h = keep(scaledExp(v, v.abs(x), -1))
    return v.add(h, v.div(0.25, h))
  })
