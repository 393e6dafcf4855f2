/**
 * The steps, choices and remainders of intervals: hulls over everything that can happen, whatever the midpoint does.
 *
 * @since 0.1.0
 */
import { roundEven } from './Algebra.js'
import { hasZero, isNai, isUnbounded, mul, sub, undecided } from './intervalBasic.js'
import { ENTIRE, type IntervalNumber, NAI, thin } from './intervalModel.js'
import { addDown, addUp } from './intervalRounding.js'

type I = IntervalNumber

const smallest = (x: I): number => (hasZero(x) ? 0 : Math.min(Math.abs(x.lo), Math.abs(x.hi)))
const largest = (x: I): number => Math.max(Math.abs(x.lo), Math.abs(x.hi))

/**
 * @category rounding
 * @since 0.1.0
 */
export const abs = (x: IntervalNumber): IntervalNumber => ({ lo: smallest(x), hi: largest(x) })

const stepped =
  (f: (x: number) => number): ((x: I) => I) =>
  (x) => ({ lo: f(x.lo), hi: f(x.hi) })

/**
 * @category steps
 * @since 0.1.0
 */
export const sign: (x: IntervalNumber) => IntervalNumber = stepped(Math.sign)

/**
 * @category steps
 * @since 0.1.0
 */
export const floor: (x: IntervalNumber) => IntervalNumber = stepped(Math.floor)

/**
 * @category steps
 * @since 0.1.0
 */
export const ceil: (x: IntervalNumber) => IntervalNumber = stepped(Math.ceil)

/**
 * @category steps
 * @since 0.1.0
 */
export const round: (x: IntervalNumber) => IntervalNumber = stepped(roundEven)

/**
 * @category steps
 * @since 0.1.0
 */
export const max = (x: IntervalNumber, y: IntervalNumber): IntervalNumber =>
  isNai(x) || isNai(y) ? NAI : { lo: Math.max(x.lo, y.lo), hi: Math.max(x.hi, y.hi) }

/**
 * @category steps
 * @since 0.1.0
 */
export const min = (x: IntervalNumber, y: IntervalNumber): IntervalNumber =>
  isNai(x) || isNai(y) ? NAI : { lo: Math.min(x.lo, y.lo), hi: Math.min(x.hi, y.hi) }

/**
 * `x - n y` where `n = floor(fl(x / y))` is the same all over; elsewhere everything from 0 to y, and a little more,
 * because a quotient just below an integer, or 0, can be rounded to it.
 *
 * @category steps
 * @since 0.1.0
 */
export const mod = (x: IntervalNumber, y: IntervalNumber): IntervalNumber => {
  if (isNai(x) || isNai(y) || hasZero(y)) return NAI
  if (isUnbounded(x) || isUnbounded(y)) return undecided(x, y)
  const quotients = [x.lo / y.lo, x.lo / y.hi, x.hi / y.lo, x.hi / y.hi]
  const first = Math.floor(Math.min(...quotients))
  const last = Math.floor(Math.max(...quotients))
  if (first === -Infinity || last === Infinity) return ENTIRE
  const direct = sub(x, mul(thin(first), y))
  if (first === last) return direct
  const slack = 2 ** -51 * largest(x) + 2 ** -1074 * largest(y)
  const cell = { lo: addDown(Math.min(y.lo, 0), -slack), hi: addUp(Math.max(y.hi, 0), slack) }
  const all = sub(x, mul({ lo: first, hi: last }, y))
  return isNai(all) ? cell : { lo: Math.max(cell.lo, all.lo), hi: Math.min(cell.hi, all.hi) }
}
