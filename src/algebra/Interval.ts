/**
 * The algebra of intervals with outward rounding: a tape read over it yields bounds that the true result is between,
 * whatever rounding did. With it a wrong derivative is *proved* wrong: by the mean value theorem the difference quotient
 * of a function between two points lies in the interval of its derivative over everything in between.
 *
 * R. E. Moore, "Interval Analysis" (1966); IEEE 1788-2015. How they are represented is said in `intervalModel.ts`.
 *
 * Laws. Inclusion: for real x in X, and y in Y, `f(x, y)` is in `f(X, Y)`, of every operation, exactly and over
 * double-double numbers. Monotony: a part of X has its result in that of X, or one step of float64 beyond. Where no sound
 * bound is known the result is the whole line: no conclusion, never a wrong one.
 *
 * For thin arguments the result has two neighbouring float64 as its ends, or is exact; in the subnormal range it is a few
 * steps wide. Over wide ones all operations are as tight as that but `mod` and, for negative arguments, `lgamma` and the
 * polygammas; an expression in which a variable occurs more than once is not.
 *
 * Conventions.
 *
 * - Division by an interval with 0 in it is `interval.ENTIRE`. What is undefined somewhere in its argument, or meets a
 *   NaN, is `interval.NAI`: the whole line too, with a `primal` of NaN, and everything computed from it is the same.
 * - Branches outside (comparisons, selections by `primal`) follow the midpoint. But `max`, `min`, `abs`, `sign`,
 *   `floor`, `ceil`, `round` and `mod` yield everything that can happen.
 * - An angle `atan2` across the negative x-axis is any angle.
 *
 * @since 0.1.0
 */
import type { Algebra } from './Algebra.js'
import * as B from './intervalBasic.js'
import * as F from './intervalFunctions.js'
import { lgamma, polygamma } from './intervalGamma.js'
import { type IntervalNumber, midpoint, thin } from './intervalModel.js'
import * as S from './intervalSteps.js'

export type { IntervalNumber } from './intervalModel.js'

/**
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { type Algebra, Interval, interval } from 'wengert/algebra'
 *
 * const f = <N>(a: Algebra<N>, x: N): N => a.exp(a.sin(x))
 * const X = interval.make(1, 1.01)
 *
 * // the slope between the ends lies in the derivative over X, which is exp(sin x) cos x ...
 * const over = Interval.sub(f(Interval, interval.thin(1.01)), f(Interval, interval.thin(1)))
 * const slope = Interval.div(over, Interval.sub(interval.thin(1.01), interval.thin(1)))
 * assert.ok(interval.intersects(slope, Interval.mul(f(Interval, X), Interval.cos(X))))
 * // ... and certainly not exp(sin x) sin x
 * assert.ok(!interval.intersects(slope, Interval.mul(f(Interval, X), Interval.sin(X))))
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const Interval: Algebra<IntervalNumber> = {
  name: 'interval',
  buffer: (length) => Array.from({ length }, () => thin(0)),
  literal: thin,
  primal: midpoint,
  neg: B.neg,
  add: B.add,
  sub: B.sub,
  mul: B.mul,
  div: B.div,
  reciprocal: (x) => B.div(thin(1), x),
  sqrt: B.sqrt,
  rsqrt: F.rsqrt,
  exp: F.exp,
  expm1: F.expm1,
  log: F.log,
  log1p: F.log1p,
  pow: F.pow,
  sin: F.sin,
  cos: F.cos,
  tan: F.tan,
  asin: F.asin,
  acos: F.acos,
  atan: F.atan,
  atan2: F.atan2,
  sinh: F.sinh,
  cosh: F.cosh,
  tanh: F.tanh,
  sigmoid: F.sigmoid,
  softplus: F.softplus,
  erf: F.erf,
  lgamma,
  polygamma,
  abs: S.abs,
  sign: S.sign,
  floor: S.floor,
  ceil: S.ceil,
  round: S.round,
  mod: S.mod,
  max: S.max,
  min: S.min,
}
