/**
 * `log |Γ|` and the polygamma functions of intervals.
 *
 * @since 0.1.0
 */
import * as B from './doubleDoubleBasic.js'
import * as S from './doubleDoubleSpecial.js'
import { add, isNai, mul, neg, sub } from './intervalBasic.js'
import { enclose, SPECIAL } from './intervalEnclosure.js'
import { ENTIRE, hull, type IntervalNumber, isThin, NAI, thin, within } from './intervalModel.js'
import { lower, upper } from './intervalRounding.js'

type I = IntervalNumber
type DD = B.DoubleDoubleNumber

const LINE = ENTIRE
const HALF: I = { lo: 0, hi: Infinity }

// log |Γ| and the polygammas of odd order are convex between poles, those of even order rise; for x > 0 the odd ones fall

const negativeError = (value: DD, mirrored: DD): number => 1 + Math.abs(value.hi) + 2 * Math.abs(mirrored.hi)

const lgammaAt = (x: number): I => {
  const n = B.fromNumber(x)
  const v = S.lgamma(n)
  if (x > 0 || !Number.isFinite(v.hi)) return enclose(v, x, SPECIAL)
  const error = SPECIAL * negativeError(v, S.lgamma(B.neg(n)))
  return { lo: lower(v, error), hi: upper(v, error) }
}

const polygammaAt = (order: number, x: number): I => {
  const n = B.fromNumber(x)
  const v = S.polygamma(order, n)
  const relative = SPECIAL * (1 + order)
  if (x > 0 || !Number.isFinite(v.hi)) return enclose(v, x, relative)
  const error = relative * negativeError(v, S.polygamma(order, B.sub(B.ONE, n)))
  return { lo: lower(v, error), hi: upper(v, error) }
}

// a convex function: below the chord, and above its tangents on both sides of the least value
const convex = (f: (x: number) => I, slope: (x: number) => I, x: I): I => {
  const ends = hull(f(x.lo), f(x.hi))
  let { lo, hi } = x
  if (slope(lo).lo >= 0 || slope(hi).hi <= 0) return ends
  for (let k = 0; k < 20; k++) {
    const middle = 0.5 * lo + 0.5 * hi
    const s = slope(middle)
    if (s.hi <= 0) lo = middle
    else if (s.lo >= 0) hi = middle
  }
  const run = sub(thin(hi), thin(lo))
  const low = Math.max(add(f(lo), mul(slope(lo), run)).lo, sub(f(hi), mul(slope(hi), run)).lo)
  return { lo: Number.isNaN(low) ? -Infinity : Math.min(low, ends.lo), hi: ends.hi }
}

// whether a pole, 0 or a negative integer, is in x
const atPole = (x: I): boolean => x.lo <= 0 && Math.ceil(x.lo) <= x.hi

// just below the least value for x > 0, which is -0.12148629053584960809...
const LEAST_LGAMMA = -0.1214862905358497

/**
 * @category gamma
 * @since 0.1.0
 */
export const lgamma = (x: IntervalNumber): IntervalNumber => {
  if (isNai(x)) return NAI
  if (isThin(x)) return lgammaAt(x.lo)
  if (atPole(x)) return ENTIRE
  const found = x.hi === Infinity ? hull(thin(Infinity), lgammaAt(Math.max(x.lo, 2))) : convex(lgammaAt, digammaAt, x)
  if (x.lo < 0) return found
  return x.hi === Infinity && x.lo < 2
    ? { lo: LEAST_LGAMMA, hi: Infinity }
    : within(found, { lo: LEAST_LGAMMA, hi: Infinity })
}

const digammaAt = (x: number): I => polygammaAt(0, x)

/**
 * @category gamma
 * @since 0.1.0
 */
export const polygamma = (order: number, x: IntervalNumber): IntervalNumber => {
  if (isNai(x) || !Number.isInteger(order) || order < 0) return NAI
  if (isThin(x)) return x.lo === 0 ? ENTIRE : polygammaAt(order, x.lo)
  if (atPole(x)) return ENTIRE
  const f = (end: number): I => polygammaAt(order, end)
  const range = order === 0 ? LINE : order % 2 === 1 ? HALF : x.lo > 0 ? neg(HALF) : LINE
  const found =
    x.lo > 0 || order % 2 === 0 ? hull(f(x.lo), f(x.hi)) : convex(f, (end) => polygammaAt(order + 1, end), x)
  return within(found, range)
}
