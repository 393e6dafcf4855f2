/**
 * Intervals of real numbers with float64 ends.
 *
 * Representation.
 *
 * - `lo <= hi`: all real numbers in between, and a thin interval is one number. An infinite end says that there is no
 *   bound; only the thin intervals `[∞, ∞]` and `[-∞, -∞]` stand for float64's infinities.
 * - `ENTIRE`, `[-∞, ∞]`: no conclusion, as of a quotient whose divisor can be 0.
 * - `NAI`, `{ lo: NaN, hi: NaN }`, "not an interval": no conclusion, and in some place float64 has NaN. A bound that is
 *   NaN excludes nothing: `contains` and `intersects` hold, and so they do for whoever asks the ends himself what they
 *   exclude (`x < lo || x > hi`). Every operation with a NAI is a NAI, so what is undefined somewhere stays without
 *   conclusion, where `sin` of the whole line is between -1 and 1.
 *
 * IEEE 1788-2015, "Standard for interval arithmetic", has the same sets; here there is no empty one, because the empty
 * result of an undefined operation must never refute anything.
 *
 * @since 0.1.0
 */
import { addUp } from './intervalRounding.js'

/**
 * All numbers from `lo` to `hi`.
 *
 * @category model
 * @since 0.1.0
 */
export interface IntervalNumber {
  readonly lo: number
  readonly hi: number
}

/**
 * The whole line: no conclusion.
 *
 * @category constants
 * @since 0.1.0
 */
export const ENTIRE: IntervalNumber = { lo: -Infinity, hi: Infinity }

/**
 * Not an interval: no conclusion, and float64 has NaN.
 *
 * @category constants
 * @since 0.1.0
 */
export const NAI: IntervalNumber = { lo: NaN, hi: NaN }

/**
 * The interval between two numbers, in any order; NAI where one of them is NaN.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { Interval, interval } from 'wengert/algebra'
 *
 * const x = interval.make(-1, 2)
 * assert.deepStrictEqual(Interval.mul(x, x), { lo: -2, hi: 4 })
 * assert.deepStrictEqual(Interval.pow(x, interval.thin(2)), { lo: 0, hi: 4 })
 * assert.deepStrictEqual(Interval.reciprocal(x), interval.ENTIRE)
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (x: number, y: number): IntervalNumber => ({ lo: Math.min(x, y), hi: Math.max(x, y) })

/**
 * The interval of one number.
 *
 * @category constructors
 * @since 0.1.0
 */
export const thin = (x: number): IntervalNumber => ({ lo: x, hi: x })

/**
 * @category refinements
 * @since 0.1.0
 */
export const isThin = (x: IntervalNumber): boolean => x.lo === x.hi

/**
 * An upper bound of `hi - lo`, the next float64 to it; infinite where there is no conclusion.
 *
 * @category destructors
 * @since 0.1.0
 */
export const width = (x: IntervalNumber): number =>
  isThin(x) ? 0 : x.hi - x.lo < Infinity ? addUp(x.hi, -x.lo) : Infinity

/**
 * Whether a number can be in the interval; a NaN is only in an interval without conclusion.
 *
 * @category refinements
 * @since 0.1.0
 */
export const contains = (x: IntervalNumber, n: number): boolean =>
  Number.isNaN(n) ? !(x.lo > -Infinity || x.hi < Infinity) : !(n < x.lo || n > x.hi)

/**
 * Whether two intervals can have a number in common. Where this is false of two enclosures, what they enclose is
 * different: a proof.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { Interval, interval } from 'wengert/algebra'
 *
 * const third = Interval.div(interval.thin(1), interval.thin(3))
 * assert.ok(interval.contains(third, 1 / 3) && interval.width(third) < 1e-16)
 * assert.ok(!interval.intersects(Interval.mul(third, interval.thin(3)), interval.thin(1.0000001)))
 * assert.ok(interval.intersects(interval.thin(NaN), interval.thin(1)))
 * ```
 *
 * @category refinements
 * @since 0.1.0
 */
export const intersects = (x: IntervalNumber, y: IntervalNumber): boolean => !(x.hi < y.lo || y.hi < x.lo)

/**
 * The least interval around both; NAI where one of them is.
 *
 * @category combinators
 * @since 0.1.0
 */
export const hull = (x: IntervalNumber, y: IntervalNumber): IntervalNumber => ({
  lo: Math.min(x.lo, y.lo),
  hi: Math.max(x.hi, y.hi),
})

/**
 * A number in the interval by which branches are chosen: the rounded midpoint; NaN of NAI, 0 of the whole line, and of
 * the largest size where one end is infinite.
 *
 * @category destructors
 * @since 0.1.0
 */
export const midpoint = (x: IntervalNumber): number => {
  if (x.lo === x.hi) return x.lo
  if (x.hi === Infinity) return x.lo === -Infinity ? 0 : Number.MAX_VALUE
  if (x.lo === -Infinity) return -Number.MAX_VALUE
  const sum = x.lo + x.hi
  return Number.isFinite(sum) ? 0.5 * sum : 0.5 * x.lo + 0.5 * x.hi
}

/**
 * What of the first is in the second, for intervals that meet; NAI where one of them is.
 *
 * @category combinators
 * @since 0.1.0
 */
export const within = (x: IntervalNumber, range: IntervalNumber): IntervalNumber => ({
  lo: Math.max(x.lo, range.lo),
  hi: Math.min(x.hi, range.hi),
})
