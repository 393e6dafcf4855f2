/**
 * Enclosures of a function's value at a point: evaluated in double-double, widened by the error of that evaluation, rounded
 * outward to float64.
 *
 * The error bounds: `ELEMENTARY`, `POWER`, `SPECIAL`. The error is *measured*, not derived: the bounds are 2^4 and more above the worst of some thousand random points of
 * each function against mpmath with 400 bits (`test/algebra/DoubleDouble.test.ts` measures a part of them again). They are
 * 2^-39 of an ulp and less, so what they cost is nothing: a thin argument gives two neighbouring float64, or one.
 *
 * @since 0.1.0
 */
import { type DoubleDoubleNumber, fromNumber } from './doubleDoubleBasic.js'
import { type IntervalNumber, NAI } from './intervalModel.js'
import { lower, upper } from './intervalRounding.js'

/**
 * Measured: elementary functions 2^-103.8, erf 2^-102.9.
 *
 * @category enclosure
 * @since 0.1.0
 */
export const ELEMENTARY: number = 2 ** -98

/**
 * Measured 2^-97.2 with |y log x| up to 660; the error is proportional to that, and at most 745.
 *
 * @category enclosure
 * @since 0.1.0
 */
export const POWER: number = 2 ** -92

/**
 * Measured 2^-101.6, for orders up to 7; powers cost a rounding for each order: for order m the bound is m + 1 times this.
 *
 * @category enclosure
 * @since 0.1.0
 */
export const SPECIAL: number = 2 ** -96

const SUBNORMAL = 2 ** -1072

/**
 * The value v of a function at x, with the relative error that v may have.
 *
 * @category enclosure
 * @since 0.1.0
 */
export const enclose = (v: DoubleDoubleNumber, x: number, relative: number): IntervalNumber => {
  // at 0, and where f vanishes but does not underflow, f is exact unless it is irrational
  const exact = v.lo === 0 && (x === 0 || (v.hi === 0 && Math.abs(x) <= 2))
  const error = exact ? 0 : relative * Math.abs(v.hi) + (Math.abs(v.hi) < 2 ** -900 ? SUBNORMAL : 0)
  return Number.isNaN(v.hi) ? NAI : { lo: lower(v, error), hi: upper(v, error) }
}

/**
 * A function at a float64.
 *
 * @category enclosure
 * @since 0.1.0
 */
export const at = (
  f: (x: DoubleDoubleNumber) => DoubleDoubleNumber,
  x: number,
  relative = ELEMENTARY,
): IntervalNumber => enclose(f(fromNumber(x)), x, relative)
