/**
 * Directed rounding of float64 results.
 *
 * JavaScript has no rounding modes. But the rounding error of a sum, a product, a quotient or a root can be computed
 * exactly (Dekker 1971; Knuth, TAOCP 2, 4.2.2), and its sign says whether the float64 result is already a bound or its
 * neighbour is. So these are the tightest bounds, and exact results stay exact; only where a product over- or underflows
 * is a bound one step wider than it need be.
 *
 * @since 0.1.0
 */
import { type DoubleDoubleNumber, productError, splits, sumError } from './doubleDoubleBasic.js'

const MAX = Number.MAX_VALUE
const LEAST = 2 ** -1074

// (1 + 2^-52) 2^-53: S. M. Rump et al., "Computing predecessor and successor in rounding to nearest" (2009)
const PHI = 2 ** -53 * (1 + 2 ** -52)

/**
 * The next float64 above.
 *
 * @category rounding
 * @since 0.1.0
 */
export const nextUp = (x: number): number => {
  const size = Math.abs(x)
  if (size >= 2 ** -960) return x === -Infinity ? -MAX : x === Infinity ? x : x + PHI * size
  return size < 2 ** -1021 ? x + LEAST : nextUp(x * 2 ** 200) * 2 ** -200
}

/**
 * The next float64 below.
 *
 * @category rounding
 * @since 0.1.0
 */
export const nextDown = (x: number): number => -nextUp(-x)

/**
 * The largest float64 `<= x`, for a double-double x with an error up to `error`.
 *
 * @category rounding
 * @since 0.1.0
 */
export const lower = (x: DoubleDoubleNumber, error: number): number => {
  if (!Number.isFinite(x.hi)) return x.hi === Infinity ? MAX : -Infinity
  const rest = x.lo - error
  return addDown(x.hi, error > 0 && x.lo !== 0 ? nextDown(rest) : rest)
}

/**
 * The smallest float64 `>= x`, for a double-double x with an error up to `error`.
 *
 * @category rounding
 * @since 0.1.0
 */
export const upper = (x: DoubleDoubleNumber, error: number): number => -lower({ hi: -x.hi, lo: -x.lo }, error)

// a result that overflowed, as a lower bound; infinite where it is that exactly
const overflowed = (x: number, exactly: boolean): number => (x === Infinity && !exactly ? MAX : x)

const infinite = (x: number): boolean => x === Infinity || x === -Infinity

/**
 * `x + y` rounded down.
 *
 * @category rounding
 * @since 0.1.0
 */
export const addDown = (x: number, y: number): number => {
  const s = x + y
  if (!Number.isFinite(s)) return overflowed(s, infinite(x) || infinite(y))
  return sumError(x, y, s) >= 0 ? s : nextDown(s)
}

/**
 * `x + y` rounded up.
 *
 * @category rounding
 * @since 0.1.0
 */
export const addUp = (x: number, y: number): number => {
  const s = x + y
  if (!Number.isFinite(s)) return -overflowed(-s, infinite(x) || infinite(y))
  return sumError(x, y, s) <= 0 ? s : nextUp(s)
}

// of a product or quotient whose rounding error is not to be had: one step down, but not through zero
const stepDown = (value: number, positive: boolean): number => (value === 0 && positive ? 0 : nextDown(value))

/**
 * `x y` rounded down.
 *
 * @category rounding
 * @since 0.1.0
 */
export const mulDown = (x: number, y: number): number => {
  const p = x * y
  if (splits(x, y, p)) return productError(x, y, p) >= 0 ? p : nextDown(p)
  if (x === 0 || y === 0) return p
  return !Number.isFinite(p) ? overflowed(p, infinite(x) || infinite(y)) : stepDown(p, x > 0 === y > 0)
}

/**
 * `x / y` rounded down.
 *
 * @category rounding
 * @since 0.1.0
 */
export const divDown = (x: number, y: number): number => {
  const q = x / y
  const size = Math.abs(x)
  const p = q * y
  if (size > 2 ** -900 && size < 2 ** 900 && splits(q, y, p)) {
    const rest = x - p - productError(q, y, p)
    return rest === 0 || rest > 0 === y > 0 ? q : nextDown(q)
  }
  if (x === 0 || infinite(x) || infinite(y)) return q
  return !Number.isFinite(q) ? overflowed(q, false) : stepDown(q, x > 0 === y > 0)
}

/**
 * `x y` rounded up.
 *
 * @category rounding
 * @since 0.1.0
 */
export const mulUp = (x: number, y: number): number => -mulDown(-x, y)

/**
 * `x / y` rounded up.
 *
 * @category rounding
 * @since 0.1.0
 */
export const divUp = (x: number, y: number): number => -divDown(-x, y)

/**
 * The square root rounded up or down.
 *
 * @category rounding
 * @since 0.1.0
 */
export const sqrtRounded = (x: number, up: boolean): number => {
  const s = Math.sqrt(x)
  const p = s * s
  if (x === 0 || x === Infinity) return s
  if (x < 2 ** -900) return sqrtRounded(x * 2 ** 512, up) * 2 ** -256
  if (x > 2 ** 1000) return sqrtRounded(x * 2 ** -512, up) * 2 ** 256
  const rest = x - p - productError(s, s, p)
  return up && rest > 0 ? nextUp(s) : !up && rest < 0 ? nextDown(s) : s
}
