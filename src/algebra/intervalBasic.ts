/**
 * The arithmetic of intervals, rounded outward.
 *
 * @since 0.1.0
 */
import { ENTIRE, type IntervalNumber, isThin, NAI } from './intervalModel.js'
import { addDown, addUp, divDown, divUp, mulDown, mulUp, sqrtRounded } from './intervalRounding.js'

/**
 * @category arithmetic
 * @since 0.1.0
 */
export const isNai = (x: IntervalNumber): boolean => Number.isNaN(x.lo)

/**
 * @category arithmetic
 * @since 0.1.0
 */
export const isUnbounded = (x: IntervalNumber): boolean => x.lo === -Infinity || x.hi === Infinity

/**
 * @category arithmetic
 * @since 0.1.0
 */
export const hasZero = (x: IntervalNumber): boolean => x.lo <= 0 && x.hi >= 0

/**
 * What an operation yields that is undefined somewhere in its arguments.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const undecided = (x: IntervalNumber, y: IntervalNumber): IntervalNumber =>
  isThin(x) && isThin(y) ? NAI : ENTIRE

/**
 * @category arithmetic
 * @since 0.1.0
 */
export const neg = (x: IntervalNumber): IntervalNumber => ({ lo: -x.hi, hi: -x.lo })

/**
 * @category arithmetic
 * @since 0.1.0
 */
export const add = (x: IntervalNumber, y: IntervalNumber): IntervalNumber => {
  if (isNai(x) || isNai(y)) return NAI
  const lo = addDown(x.lo, y.lo)
  const hi = addUp(x.hi, y.hi)
  return Number.isNaN(lo) || Number.isNaN(hi) ? undecided(x, y) : { lo, hi }
}

/**
 * @category arithmetic
 * @since 0.1.0
 */
export const sub = (x: IntervalNumber, y: IntervalNumber): IntervalNumber => add(x, neg(y))

/**
 * @category arithmetic
 * @since 0.1.0
 */
export const mul = (x: IntervalNumber, y: IntervalNumber): IntervalNumber => {
  if (isNai(x) || isNai(y)) return NAI
  if ((hasZero(x) && isUnbounded(y)) || (hasZero(y) && isUnbounded(x))) return undecided(x, y)
  if (x.lo >= 0 && y.lo >= 0) return { lo: mulDown(x.lo, y.lo), hi: mulUp(x.hi, y.hi) }
  return {
    lo: Math.min(mulDown(x.lo, y.lo), mulDown(x.lo, y.hi), mulDown(x.hi, y.lo), mulDown(x.hi, y.hi)),
    hi: Math.max(mulUp(x.lo, y.lo), mulUp(x.lo, y.hi), mulUp(x.hi, y.lo), mulUp(x.hi, y.hi)),
  }
}

/**
 * @category arithmetic
 * @since 0.1.0
 */
export const div = (x: IntervalNumber, y: IntervalNumber): IntervalNumber => {
  if (isNai(x) || isNai(y)) return NAI
  if (hasZero(y)) return hasZero(x) ? NAI : ENTIRE
  if (isUnbounded(x) && isUnbounded(y)) return undecided(x, y)
  return {
    lo: Math.min(divDown(x.lo, y.lo), divDown(x.lo, y.hi), divDown(x.hi, y.lo), divDown(x.hi, y.hi)),
    hi: Math.max(divUp(x.lo, y.lo), divUp(x.lo, y.hi), divUp(x.hi, y.lo), divUp(x.hi, y.hi)),
  }
}

/**
 * @category arithmetic
 * @since 0.1.0
 */
export const sqrt = (x: IntervalNumber): IntervalNumber => {
  if (!(x.lo >= 0)) return NAI
  return { lo: sqrtRounded(x.lo, false), hi: sqrtRounded(x.hi, true) }
}
