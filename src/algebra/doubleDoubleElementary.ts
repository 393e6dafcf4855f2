/**
 * The elementary functions of double-double numbers.
 *
 * Each has *relative* accuracy over its whole range: what cancels is avoided by the form of the formula (`expm1`,
 * `log1p`, products instead of differences of squares), and arguments of sin, cos and tan are reduced by as many digits
 * of π as they need, up to the largest float64. A starting value from `Math` is only ever corrected, so nothing here
 * depends on the accuracy of the engine's library. Measured errors: `test/algebra/DoubleDouble.test.ts`.
 *
 * Where float64 gives a number for the upper half, so do these: `asin` of a number that rounds to 1 is at most π/2, the
 * sign of `pow(x, y)` with negative x is that of the upper half of y.
 *
 * @since 0.1.0
 */
import {
  add,
  addNumber,
  compare,
  type DoubleDoubleNumber,
  div,
  exponentOf,
  fromNumber,
  horner,
  mul,
  neg,
  ONE,
  reciprocal,
  scale,
  sqrt,
  sub,
  ZERO,
} from './doubleDoubleBasic.js'
import {
  COS_TABLE,
  EXPM1_TABLE,
  HALF_PI,
  INVERSE_FACTORIALS,
  LN2_PARTS,
  PI,
  SIN_TABLE,
  SMALL_INVERSE_FACTORIALS,
} from './doubleDoubleConstants.js'
import { remainder } from './doubleDoubleReduction.js'

type DD = DoubleDoubleNumber

const negative = (x: DD): boolean => x.hi < 0 || Object.is(x.hi, -0)

const magnitude = (x: DD): DD => (negative(x) ? neg(x) : x)

// an odd function, from its values for x > 0; a zero or NaN is its own value
const odd =
  (f: (x: DD) => DD): ((x: DD) => DD) =>
  (x) =>
    x.hi > 0 ? f(x) : x.hi < 0 ? neg(f(neg(x))) : x

// expm1 for |x| < 0.4: from the nearest sixteenth by a table, and from there by Taylor's series
const expm1Near0 = (x: DD): DD => {
  const j = Math.round(16 * x.hi)
  const t = j === 0 ? x : addNumber(x, -j / 16)
  const p = add(t, mul(mul(t, t), horner(INVERSE_FACTORIALS, SMALL_INVERSE_FACTORIALS, t)))
  if (j === 0) return p
  const T = EXPM1_TABLE[j + 6]
  return add(T, add(p, mul(T, p)))
}

// e^x 2^shift, which overflows only where that does
const expShifted = (x: DD, shift: number): DD => {
  if (x.hi > 800) return fromNumber(Infinity)
  if (x.hi < -800) return ZERO
  if (Number.isNaN(x.hi)) return x
  const k = Math.round(x.hi / LN2_PARTS[0])
  const r = addNumber(addNumber(addNumber(x, -k * LN2_PARTS[0]), -k * LN2_PARTS[1]), -k * LN2_PARTS[2])
  return scale(addNumber(expm1Near0(r), 1), k + shift)
}

/**
 * @category exponential
 * @since 0.1.0
 */
export const exp = (x: DoubleDoubleNumber): DoubleDoubleNumber => expShifted(x, 0)

/**
 * @category exponential
 * @since 0.1.0
 */
export const expm1 = (x: DoubleDoubleNumber): DoubleDoubleNumber => {
  if (x.hi === 0) return x
  return Math.abs(x.hi) < 0.34 ? expm1Near0(x) : addNumber(exp(x), -1)
}

/**
 * Two steps of Newton's method in one, from a float64 start: `log1p(z) = y + log1p((z - expm1(y)) / (1 + expm1(y)))`.
 *
 * @category exponential
 * @since 0.1.0
 */
export const log1p = (z: DoubleDoubleNumber): DoubleDoubleNumber => {
  if (z.hi === 0 || !(z.hi < Infinity)) return z
  if (z.hi <= -1) return compare(z, fromNumber(-1)) > 0 ? log(addNumber(z, 1)) : fromNumber(Math.log1p(z.hi))
  if (z.hi < -0.5 || z.hi > 1) return log(addNumber(z, 1))
  const y = Math.log1p(z.hi)
  const e = expm1(fromNumber(y))
  const d = div(sub(z, e), addNumber(e, 1))
  return addNumber(addNumber(d, d.hi * d.hi * (d.hi / 3 - 0.5)), y)
}

/**
 * `k log 2 + log1p(m - 1)`, where `x = m 2^k` and m is about 1.
 *
 * @category exponential
 * @since 0.1.0
 */
export const log = (x: DoubleDoubleNumber): DoubleDoubleNumber => {
  if (!(x.hi > 0 && x.hi < Infinity)) return fromNumber(Math.log(x.hi))
  const up = x.hi < 2 ** -1000 ? 100 : 0
  const lifted = scale(x, up)
  const e = exponentOf(lifted.hi)
  const k = lifted.hi > 1.4 * 2 ** e ? e + 1 : e
  const l = log1p(addNumber(scale(lifted, -k), -1))
  const n = k - up
  if (n === 0) return l
  return addNumber(addNumber(addNumber(l, n * LN2_PARTS[2]), n * LN2_PARTS[1]), n * LN2_PARTS[0])
}

// -1/3!, 1/5!, -1/7! and in float64 1/9!, ..., -1/15!; -1/2!, 1/4!, -1/6! and in float64 1/8!, ..., -1/14!
const [C2, C3, C4, C5, C6, C7, C8] = INVERSE_FACTORIALS
const [C9, C10, C11, C12, C13, C14, C15] = SMALL_INVERSE_FACTORIALS
const SIN_HEAD = [neg(C3), C5, neg(C7)]
const SIN_TAIL = [C9, -C11, C13, -C15]
const COS_HEAD = [neg(C2), C4, neg(C6)]
const COS_TAIL = [C8.hi, -C10, C12, -C14]

// sin and cos of |x| < 13.5/16: from the nearest sixteenth by a table, and from there by Taylor's series
const sinCosNear0 = (x: DD): readonly [sin: DD, cos: DD] => {
  const size = magnitude(x)
  const j = Math.round(16 * size.hi)
  const t = addNumber(size, -j / 16)
  const t2 = mul(t, t)
  const sin = add(t, mul(mul(t, t2), horner(SIN_HEAD, SIN_TAIL, t2)))
  const versine = mul(t2, horner(COS_HEAD, COS_TAIL, t2))
  const S = SIN_TABLE[j]
  const C = COS_TABLE[j]
  const sine = j === 0 ? sin : add(S, add(mul(C, sin), mul(S, versine)))
  const cosine = j === 0 ? addNumber(versine, 1) : add(C, sub(mul(C, versine), mul(S, sin)))
  return [negative(x) ? neg(sine) : sine, cosine]
}

/**
 * `sin x` and `cos x`.
 *
 * @category elementary
 * @since 0.1.0
 */
export const sinCos = (x: DoubleDoubleNumber): readonly [sin: DoubleDoubleNumber, cos: DoubleDoubleNumber] => {
  if (x.hi === 0) return [x, ONE]
  if (!Number.isFinite(x.hi)) return [fromNumber(NaN), fromNumber(NaN)]
  if (Math.abs(x.hi) < 0.78) return sinCosNear0(x)
  const [quadrant, rest] = remainder(x)
  const [s, c] = sinCosNear0(rest)
  if (quadrant === 0) return [s, c]
  if (quadrant === 1) return [c, neg(s)]
  return quadrant === 2 ? [neg(s), neg(c)] : [neg(c), s]
}

/**
 * @category trigonometric
 * @since 0.1.0
 */
export const sin = (x: DoubleDoubleNumber): DoubleDoubleNumber => sinCos(x)[0]

/**
 * @category trigonometric
 * @since 0.1.0
 */
export const cos = (x: DoubleDoubleNumber): DoubleDoubleNumber => sinCos(x)[1]

/**
 * @category trigonometric
 * @since 0.1.0
 */
export const tan = (x: DoubleDoubleNumber): DoubleDoubleNumber => {
  const [s, c] = sinCos(x)
  return div(s, c)
}

// atan of 0 <= t <= 1: the angle from a float64 start to the direction (1, t), whose tangent is d
const atanTo1 = (t: DD): DD => {
  if (t.hi === 0) return t
  const start = Math.atan(t.hi)
  const [s, c] = sinCos(fromNumber(start))
  const d = div(sub(mul(t, c), s), add(c, mul(t, s)))
  return addNumber(addNumber(d, -(d.hi * d.hi * d.hi) / 3), start)
}

const ratio = (x: DD, y: DD): DD => (compare(x, y) === 0 ? ONE : div(x, y))

/**
 * @category trigonometric
 * @since 0.1.0
 */
export const atan2 = (y: DoubleDoubleNumber, x: DoubleDoubleNumber): DoubleDoubleNumber => {
  if (Number.isNaN(y.hi) || Number.isNaN(x.hi)) return fromNumber(NaN)
  const [rise, run] = [magnitude(y), magnitude(x)]
  const flat = rise.hi === 0 || compare(rise, run) <= 0
  const acute = rise.hi === 0 ? ZERO : flat ? atanTo1(ratio(rise, run)) : sub(HALF_PI, atanTo1(ratio(run, rise)))
  const angle = negative(x) ? sub(PI, acute) : acute
  return negative(y) ? neg(angle) : angle
}

/**
 * @category trigonometric
 * @since 0.1.0
 */
export const atan: (x: DoubleDoubleNumber) => DoubleDoubleNumber = odd((x) => atan2(x, ONE))

// 1 - x² for |x| <= 1, by factors; 0 where x rounds to ±1 but lies beyond
const cosineSquared = (x: DD): DD => {
  const size = magnitude(x)
  return size.hi === 1 && size.lo >= 0 ? ZERO : mul(sub(ONE, size), add(ONE, size))
}

/**
 * @category trigonometric
 * @since 0.1.0
 */
export const asin: (x: DoubleDoubleNumber) => DoubleDoubleNumber = odd((x) => atan2(x, sqrt(cosineSquared(x))))

/**
 * @category trigonometric
 * @since 0.1.0
 */
export const acos = (x: DoubleDoubleNumber): DoubleDoubleNumber => atan2(sqrt(cosineSquared(x)), x)

/**
 * @category hyperbolic
 * @since 0.1.0
 */
export const sinh: (x: DoubleDoubleNumber) => DoubleDoubleNumber = odd((x) => {
  if (x.hi > 40) return expShifted(x, -1)
  const e = expm1(x)
  return scale(add(e, div(e, addNumber(e, 1))), -1)
})

/**
 * @category hyperbolic
 * @since 0.1.0
 */
export const cosh = (x: DoubleDoubleNumber): DoubleDoubleNumber => {
  const size = magnitude(x)
  if (size.hi > 40) return expShifted(size, -1)
  const e = exp(size)
  return scale(add(e, reciprocal(e)), -1)
}

/**
 * @category hyperbolic
 * @since 0.1.0
 */
export const tanh: (x: DoubleDoubleNumber) => DoubleDoubleNumber = odd((x) => {
  if (x.hi > 400) return ONE
  const e = expm1(scale(x, 1))
  const beyond = addNumber(e, 2)
  return x.hi < 1 ? div(e, beyond) : sub(ONE, div(fromNumber(2), beyond))
})

/**
 * @category exponential
 * @since 0.1.0
 */
export const sigmoid = (x: DoubleDoubleNumber): DoubleDoubleNumber => {
  const e = exp(neg(magnitude(x)))
  return div(negative(x) ? e : ONE, addNumber(e, 1))
}

/**
 * @category exponential
 * @since 0.1.0
 */
export const softplus = (x: DoubleDoubleNumber): DoubleDoubleNumber => {
  const tail = log1p(exp(neg(magnitude(x))))
  return x.hi > 0 ? add(x, tail) : tail
}

/**
 * `x^n` for a whole n >= 1, by squaring.
 *
 * @category elementary
 * @since 0.1.0
 */
export const powWhole = (x: DoubleDoubleNumber, n: number): DoubleDoubleNumber => {
  let result = n % 2 === 1 ? x : ONE
  let base = x
  for (let rest = Math.floor(n / 2); rest > 0; rest = Math.floor(rest / 2)) {
    base = mul(base, base)
    if (rest % 2 === 1) result = result === ONE ? base : mul(result, base)
  }
  return result
}

/**
 * @category exponential
 * @since 0.1.0
 */
export const pow = (x: DoubleDoubleNumber, y: DoubleDoubleNumber): DoubleDoubleNumber => {
  const rough = x.hi ** y.hi
  if (Number.isNaN(rough) || x.hi === 0 || y.hi === 0 || !Number.isFinite(x.hi) || !Number.isFinite(y.hi))
    return fromNumber(rough)
  const n = Math.abs(y.hi)
  if (y.lo === 0 && n <= 64 && Number.isInteger(n)) return powWhole(y.hi < 0 ? reciprocal(x) : x, n)
  const size = exp(mul(y, log(magnitude(x))))
  return x.hi < 0 && n % 2 === 1 ? neg(size) : size
}

/**
 * @category arithmetic
 * @since 0.1.0
 */
export const rsqrt = (x: DoubleDoubleNumber): DoubleDoubleNumber => reciprocal(sqrt(x))
