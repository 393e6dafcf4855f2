/**
 * The elementary functions of intervals: enclosed at the ends of their monotone pieces, and joined with the extrema inside.
 *
 * @since 0.1.0
 */
import * as B from './doubleDoubleBasic.js'
import { HALF_PI, PI } from './doubleDoubleConstants.js'
import * as E from './doubleDoubleElementary.js'
import * as S from './doubleDoubleSpecial.js'
import { hasZero, isNai, isUnbounded, mul, neg, undecided } from './intervalBasic.js'
import { at, ELEMENTARY, enclose, POWER } from './intervalEnclosure.js'
import { ENTIRE, hull, type IntervalNumber, isThin, NAI, thin, within } from './intervalModel.js'
import { upper } from './intervalRounding.js'
import { abs } from './intervalSteps.js'

type I = IntervalNumber
type DD = B.DoubleDoubleNumber

// where a function is defined and what it can yield; both closed
const LINE: I = ENTIRE
const HALF: I = { lo: 0, hi: Infinity }
const UNIT: I = { lo: -1, hi: 1 }

const guarded =
  (domain: I, f: (x: I) => I): ((x: I) => I) =>
  (x) =>
    isNai(x) || x.lo < domain.lo || x.hi > domain.hi ? NAI : f(x)

/** a function that rises, or falls, all over its domain */
const monotone = (f: (x: DD) => DD, domain: I, range: I, relative = ELEMENTARY): ((x: I) => I) =>
  guarded(domain, (x) =>
    within(isThin(x) ? at(f, x.lo, relative) : hull(at(f, x.lo, relative), at(f, x.hi, relative)), range),
  )

/**
 * @category elementary
 * @since 0.1.0
 */
export const exp: (x: IntervalNumber) => IntervalNumber = monotone(E.exp, LINE, HALF)

/**
 * @category elementary
 * @since 0.1.0
 */
export const expm1: (x: IntervalNumber) => IntervalNumber = monotone(E.expm1, LINE, { lo: -1, hi: Infinity })

/**
 * @category elementary
 * @since 0.1.0
 */
export const log: (x: IntervalNumber) => IntervalNumber = monotone(E.log, HALF, LINE)

/**
 * @category elementary
 * @since 0.1.0
 */
export const log1p: (x: IntervalNumber) => IntervalNumber = monotone(E.log1p, { lo: -1, hi: Infinity }, LINE)

/**
 * @category elementary
 * @since 0.1.0
 */
export const asin: (x: IntervalNumber) => IntervalNumber = monotone(E.asin, UNIT, LINE)

/**
 * @category elementary
 * @since 0.1.0
 */
export const acos: (x: IntervalNumber) => IntervalNumber = monotone(E.acos, UNIT, HALF)

/**
 * @category elementary
 * @since 0.1.0
 */
export const atan: (x: IntervalNumber) => IntervalNumber = monotone(E.atan, LINE, LINE)

/**
 * @category elementary
 * @since 0.1.0
 */
export const sinh: (x: IntervalNumber) => IntervalNumber = monotone(E.sinh, LINE, LINE)

/**
 * @category elementary
 * @since 0.1.0
 */
export const tanh: (x: IntervalNumber) => IntervalNumber = monotone(E.tanh, LINE, UNIT)

/**
 * @category elementary
 * @since 0.1.0
 */
export const sigmoid: (x: IntervalNumber) => IntervalNumber = monotone(E.sigmoid, LINE, { lo: 0, hi: 1 })

/**
 * @category elementary
 * @since 0.1.0
 */
export const softplus: (x: IntervalNumber) => IntervalNumber = monotone(E.softplus, LINE, HALF)

/**
 * @category elementary
 * @since 0.1.0
 */
export const erf: (x: IntervalNumber) => IntervalNumber = monotone(S.erf, LINE, UNIT)

const positiveRsqrt = monotone(E.rsqrt, HALF, HALF)

/**
 * At 0 it is unbounded, and which infinity depends on the sign of that zero.
 *
 * @category elementary
 * @since 0.1.0
 */
export const rsqrt = (x: IntervalNumber): IntervalNumber => (x.lo === 0 ? ENTIRE : positiveRsqrt(x))

const risingCosh = monotone(E.cosh, LINE, { lo: 1, hi: Infinity })

/**
 * @category elementary
 * @since 0.1.0
 */
export const cosh = (x: IntervalNumber): IntervalNumber => risingCosh(abs(x))

// whether offset + k period can be in x for a whole k, where both are multiples of π and float64 cannot tell
const meets = (x: I, offset: DD, period: DD): boolean => {
  const cell = (end: number, sign: number): DD => {
    const q = B.div(B.sub(B.fromNumber(end), offset), period)
    const margin = sign * 2 ** -98 * (1 + Math.abs(q.hi))
    const moved = B.addNumber(q, margin)
    const floor = Math.floor(moved.hi)
    return floor === moved.hi ? B.addNumber(B.fromNumber(floor), Math.floor(moved.lo)) : B.fromNumber(floor)
  }
  return B.compare(cell(x.lo, -1), cell(x.hi, 1)) !== 0
}

const TWO_PI = B.scale(PI, 1)

const wave =
  (f: (x: DD) => DD, top: DD, bottom: DD): ((x: I) => I) =>
  (x) => {
    if (isNai(x) || isThin(x)) return within(at(f, x.lo), UNIT)
    if (isUnbounded(x) || x.hi - x.lo > 6.4) return UNIT
    const ends = within(hull(at(f, x.lo), at(f, x.hi)), UNIT)
    return { lo: meets(x, bottom, TWO_PI) ? -1 : ends.lo, hi: meets(x, top, TWO_PI) ? 1 : ends.hi }
  }

/**
 * @category elementary
 * @since 0.1.0
 */
export const sin: (x: IntervalNumber) => IntervalNumber = wave(E.sin, HALF_PI, B.neg(HALF_PI))

/**
 * @category elementary
 * @since 0.1.0
 */
export const cos: (x: IntervalNumber) => IntervalNumber = wave(E.cos, B.ZERO, PI)

const risingTan = monotone(E.tan, LINE, LINE)

/**
 * @category elementary
 * @since 0.1.0
 */
export const tan = (x: IntervalNumber): IntervalNumber => {
  if (isThin(x) || isNai(x)) return risingTan(x)
  return isUnbounded(x) || x.hi - x.lo > 3.2 || meets(x, HALF_PI, PI) ? ENTIRE : risingTan(x)
}

// the powers of 0 and 1 are exact, and no others are known to be
const powAt = (x: number, y: number): I =>
  enclose(E.pow(B.fromNumber(x), B.fromNumber(y)), x === 0 || x === 1 ? 0 : NaN, POWER)

// x^y with x >= 0: exp(y log x) has its extrema at the corners
const powPositive = (x: I, y: I): I => {
  if (x.lo === 0 && y.lo < 0) return ENTIRE
  if (isUnbounded(y) && x.lo <= 1 && x.hi >= 1) return undecided(x, y)
  const ends = hull(hull(powAt(x.lo, y.lo), powAt(x.lo, y.hi)), hull(powAt(x.hi, y.lo), powAt(x.hi, y.hi)))
  return within(ends, HALF)
}

/** x^n for a whole n, by the parity of n */
const powWhole = (x: I, n: number): I => {
  if (n === 0) return thin(1)
  if (n === 1) return x
  if (n < 0 && hasZero(x)) return ENTIRE
  if (n === 2 && !isUnbounded(x)) return mul(abs(x), abs(x))
  if (n % 2 === 0) return powPositive(abs(x), thin(n))
  return hull(powOdd(x.lo, n), powOdd(x.hi, n))
}

const powOdd = (x: number, n: number): I => (x < 0 ? neg(powAt(-x, n)) : powAt(x, n))

/**
 * X^y; of a base that can be negative only for one whole y.
 *
 * @category elementary
 * @since 0.1.0
 */
export const pow = (x: IntervalNumber, y: IntervalNumber): IntervalNumber => {
  if (isNai(x) || isNai(y)) return NAI
  if (isThin(y) && Number.isInteger(y.lo)) return powWhole(x, y.lo)
  return x.lo >= 0 ? powPositive(x, y) : NAI
}

const atan2At = (y: number, x: number): I =>
  enclose(E.atan2(B.fromNumber(y), B.fromNumber(x)), y === 0 ? 0 : NaN, ELEMENTARY)

const FULL_TURN: I = { lo: -upper(PI, 0), hi: upper(PI, 0) }

/**
 * The angle of a box is the hull of its corners' angles, but for a box around the origin or across the negative x-axis,
 * where the angle jumps: there it is any. On that axis itself the sign of zero decides, but only for a thin y.
 *
 * @category elementary
 * @since 0.1.0
 */
export const atan2 = (y: IntervalNumber, x: IntervalNumber): IntervalNumber => {
  if (isNai(x) || isNai(y)) return NAI
  if (!hasZero(y) || x.lo > 0) return hull(atan2Between(y.lo, x), atan2Between(y.hi, x))
  if (!isThin(y) || !Object.is(y.lo, y.hi)) return FULL_TURN
  const signed = !hasZero(x) || (isThin(x) && Object.is(x.lo, x.hi))
  return signed ? atan2Between(y.lo, x) : hull(atan2At(y.lo, -1), atan2At(y.lo, 1))
}

const atan2Between = (y: number, x: I): I => hull(atan2At(y, x.lo), atan2At(y, x.hi))
