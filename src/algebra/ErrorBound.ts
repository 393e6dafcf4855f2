/**
 * The algebra of float64 numbers that know how wrong they may be: each carries a bound on its distance from what exact
 * arithmetic on the same inputs would have given (running error analysis: J. H. Wilkinson, "Error analysis revisited",
 * 1986; N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., section 3.3).
 *
 * A law compares two ways to compute one real number. Evaluated over this algebra, each way says by how much rounding
 * can have moved it, so the tolerance of every comparison follows from the computation itself: no constant is guessed,
 * conditioning is included, and what float64 computes exactly must agree exactly.
 *
 * `f(x + d)` differs from `f(x)` by at most `|f'| d` to first order, and the float64 result from `f(x)` by at most
 * `c u |f(x)|`, where `u = 2^-53` and `c` is the accuracy of that function in half-ulps. The rounding errors of sums and
 * products are not estimated but computed: they are float64 numbers (Dekker, Knuth), often zero.
 *
 * Law: the value is that of float64, bit for bit.
 *
 * @since 0.1.0
 */
import type { Algebra } from './Algebra.js'
import { F64 } from './F64.js'

/**
 * A float64 value and a bound on its error.
 *
 * @category model
 * @since 0.1.0
 */
export interface Bounded {
  readonly value: number
  readonly error: number
}

/**
 * The unit roundoff of float64.
 *
 * @category constants
 * @since 0.1.0
 */
export const UNIT: number = 2 ** -53

/** Half the least subnormal and a little: what one operation may lose to underflow. */
const LOST = 2 ** -1074

/** Below this a product's own rounding error is itself rounded. */
const SMALL = 2 ** -960

const SPLITTER = 2 ** 27 + 1

/** The rounding error of `sum = x + y`, exactly. */
const sumError = (x: number, y: number, sum: number): number => {
  const z = sum - x
  return Math.abs(x - (sum - z) + (y - z))
}

/** The rounding error of `product = x * y`: exact where nothing over- or underflows, bounded otherwise. */
const productError = (x: number, y: number, product: number): number => {
  const size = Math.abs(product)
  if (size === 0) return x === 0 || y === 0 ? 0 : LOST
  if (size < SMALL || Math.abs(x) > 2 ** 990 || Math.abs(y) > 2 ** 990 || size > 2 ** 1020) return UNIT * size + LOST
  const a = SPLITTER * x
  const xh = a - (a - x)
  const xl = x - xh
  const b = SPLITTER * y
  const yh = b - (b - y)
  const yl = y - yh
  return Math.abs(xl * yl - (product - xh * yh - xl * yh - xh * yl))
}

const make = (value: number, error: number): Bounded => ({
  value,
  error: Number.isNaN(error) ? Number.POSITIVE_INFINITY : error,
})

const exact = (value: number): Bounded => ({ value, error: 0 })

const add = (x: Bounded, y: Bounded): Bounded => {
  const value = x.value + y.value
  return make(value, x.error + y.error + sumError(x.value, y.value, value))
}

const neg = (x: Bounded): Bounded => ({ value: -x.value, error: x.error })

const sub = (x: Bounded, y: Bounded): Bounded => add(x, neg(y))

/** `a * e`, where no error stays none even beside infinity. */
const scaled = (a: number, e: number): number => (e === 0 ? 0 : Math.abs(a) * e)

const mul = (x: Bounded, y: Bounded): Bounded => {
  const value = x.value * y.value
  return make(
    value,
    scaled(x.value, y.error) + scaled(y.value, x.error) + x.error * y.error + productError(x.value, y.value, value),
  )
}

const div = (x: Bounded, y: Bounded): Bounded => {
  const value = x.value / y.value
  const back = value * y.value
  const rounding = back === x.value && productError(value, y.value, back) === 0 ? 0 : UNIT * Math.abs(value) + LOST
  const least = Math.abs(y.value) - y.error
  if (x.error === 0 && y.error === 0) return make(value, rounding)
  return make(value, least > 0 ? rounding + (x.error + scaled(value, y.error)) / least : Number.POSITIVE_INFINITY)
}

/**
 * A function of one argument: its float64 value, its derivative there, and its accuracy in units of roundoff. `scale`
 * is what the accuracy is relative to, where that is not the value.
 */
const smooth =
  (
    f: (x: number) => number,
    slope: (x: number, value: number) => number,
    accuracy: number,
    scale: (x: number, value: number) => number = (_, value) => Math.abs(value),
  ) =>
  (x: Bounded): Bounded => {
    const value = f(x.value)
    const rounding = accuracy * UNIT * scale(x.value, value) + (value !== 0 && Math.abs(value) < SMALL ? LOST : 0)
    return make(value, scaled(slope(x.value, value), x.error) + rounding + (x.error > 0 ? LOST : 0))
  }

/** A step function: exact unless its argument may lie on the other side of a jump. */
const stepped =
  (f: (x: number) => number) =>
  (x: Bounded): Bounded => {
    const value = f(x.value)
    return x.error === 0 ? exact(value) : make(value, Math.abs(f(x.value + x.error) - f(x.value - x.error)))
  }

const chosen =
  (f: (x: number, y: number) => number) =>
  (x: Bounded, y: Bounded): Bounded =>
    make(f(x.value, y.value), Math.max(x.error, y.error))

const sqrt = (x: Bounded): Bounded => {
  const value = Math.sqrt(x.value)
  const square = value * value
  const rounding = square === x.value && productError(value, value, square) === 0 ? 0 : UNIT * value
  if (x.error === 0) return make(value, rounding)
  const least = Math.max(0, x.value - x.error)
  return make(value, rounding + x.error / (value + Math.sqrt(least)))
}

const abs = (x: Bounded): Bounded => ({ value: F64.abs(x.value), error: x.error })

// Math.exp and its kind are within one ulp in every engine we know (fdlibm and its descendants): two units of roundoff.
const MATH = 2

const sech2 = (x: number): number => 1 / Math.cosh(x) ** 2

/**
 * Float64 with error bounds.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { ErrorBound } from 'wengert/algebra'
 *
 * const { literal, add, sub, mul } = ErrorBound
 * // exact in float64, and known to be
 * assert.deepStrictEqual(mul(literal(3), literal(0.5)), { value: 1.5, error: 0 })
 * // catastrophic cancellation: everything that is left is rounding error
 * const lost = sub(add(literal(1e16), literal(1.25)), literal(1e16))
 * assert.ok(lost.value === 2 && lost.error >= 0.75)
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const ErrorBound: Algebra<Bounded> = {
  name: 'float64 with error bounds',
  buffer: (length) => Array.from({ length }, () => exact(0)),
  literal: exact,
  primal: (x) => x.value,
  add,
  sub,
  neg,
  mul,
  div,
  reciprocal: (x) => div(exact(1), x),
  sqrt,
  rsqrt: (x) => {
    const value = F64.rsqrt(x.value)
    const least = x.value - x.error
    return make(value, 2 * UNIT * value + (x.error === 0 ? 0 : (0.5 * x.error * value) / Math.max(0, least)))
  },
  exp: smooth(Math.exp, (_, value) => value, MATH),
  expm1: smooth(Math.expm1, (x) => Math.exp(x), MATH),
  log: smooth(Math.log, (x) => 1 / x, MATH),
  log1p: smooth(Math.log1p, (x) => 1 / (1 + x), MATH),
  sin: smooth(Math.sin, Math.cos, MATH),
  cos: smooth(Math.cos, Math.sin, MATH),
  tan: smooth(Math.tan, (x) => 1 / Math.cos(x) ** 2, MATH),
  asin: smooth(Math.asin, (x) => 1 / Math.sqrt((1 - x) * (1 + x)), MATH),
  acos: smooth(Math.acos, (x) => 1 / Math.sqrt((1 - x) * (1 + x)), MATH),
  atan: smooth(Math.atan, (x) => 1 / (1 + x * x), MATH),
  sinh: smooth(Math.sinh, Math.cosh, 2 * MATH),
  cosh: smooth(Math.cosh, Math.sinh, 2 * MATH),
  tanh: smooth(Math.tanh, sech2, 2 * MATH),
  sigmoid: smooth(F64.sigmoid, (_, value) => value * (1 - value), 6),
  softplus: smooth(F64.softplus, (x) => F64.sigmoid(x), 6),
  erf: smooth(F64.erf, (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x), 8),
  // relative at the zeros 1 and 2; near the zeros on the negative axis relative to the terms that cancel
  lgamma: smooth(
    F64.lgamma,
    (x) => F64.polygamma(0, x),
    16,
    (x, value) => (x > 0 ? Math.abs(value) : Math.max(1, Math.abs(value), Math.abs(F64.lgamma(1 - x)))),
  ),
  polygamma: (order, x) =>
    smooth(
      (p) => F64.polygamma(order, p),
      (p) => F64.polygamma(order + 1, p),
      16 + 4 * order,
      // digamma cancels between its root and the recurrence; on the negative axis the reflection does
      (p, value) =>
        p > 0 ? Math.max(Math.abs(value), order === 0 ? Math.min(1, 1 / p) : 0) : 64 * (1 + Math.abs(value)),
    )(x),
  pow: (x, y) => {
    const value = F64.pow(x.value, y.value)
    return make(
      value,
      (x.error === 0 ? 0 : scaled(y.value * F64.pow(x.value, y.value - 1), x.error)) +
        (y.error === 0 ? 0 : scaled(value * Math.log(Math.abs(x.value)), y.error)) +
        // engines may be exact at small whole exponents; nothing promises it
        2 * MATH * UNIT * Math.abs(value),
    )
  },
  atan2: (y, x) => {
    const value = F64.atan2(y.value, x.value)
    const square = x.value * x.value + y.value * y.value
    const moved = (scaled(x.value, y.error) + scaled(y.value, x.error)) / square
    return make(value, (x.error === 0 && y.error === 0 ? 0 : moved) + MATH * UNIT * Math.abs(value))
  },
  abs,
  sign: stepped(F64.sign),
  floor: stepped(F64.floor),
  ceil: stepped(F64.ceil),
  round: stepped(F64.round),
  mod: (x, y) => sub(x, mul(exact(Math.floor(x.value / y.value)), y)),
  max: chosen(F64.max),
  min: chosen(F64.min),
}
