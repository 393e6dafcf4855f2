/**
 * When two computed numbers count as equal: derived tolerances, never a constant someone liked.
 *
 * Two ways of computing one real number `r` in float64 give `a` and `b` with `|a - r| <= A` and `|b - r| <= B`, where the
 * bounds come from evaluating both ways over `ErrorBound`. Hence `|a - b| <= A + B`. The bounds are first-order in the
 * propagated errors, so they are multiplied by `SAFETY`; that also covers the rounding of the bounds themselves.
 *
 * A comparison whose tolerance is not small beside the numbers compared says nothing. It is not a pass: laws count the
 * comparisons that were *informative*, and fail as vacuous when there are too few.
 *
 * @since 0.1.0
 */
import { type Bounded, ErrorBound } from './ErrorBound.js'

/**
 * Covers the second-order terms of the error bounds.
 *
 * @category constants
 * @since 0.1.0
 */
export const SAFETY = 4

/**
 * The relative tolerance from which on a comparison of nonzero numbers says nothing.
 *
 * @category constants
 * @since 0.1.0
 */
export const BLUNT: number = 2 ** -10

/**
 * The result of comparing two numbers: they agree or not, and whether that means anything.
 *
 * @category model
 * @since 0.1.0
 */
export interface Comparison {
  readonly agree: boolean
  readonly informative: boolean
  readonly difference: number
  readonly tolerance: number
}

/**
 * The distance that rounding can have put between two ways of computing one number.
 *
 * @category constructors
 * @since 0.1.0
 */
export const tolerance = (a: Bounded, b: Bounded): number => SAFETY * (a.error + b.error)

/**
 * Compares two ways of computing one number. Numbers that are not finite agree only with themselves, and never inform.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { compare, ErrorBound } from 'wengert/algebra'
 *
 * const { literal: n, div, mul } = ErrorBound
 * const third = div(n(1), n(3))
 * assert.ok(compare(mul(third, n(3)), n(1)).agree)
 * assert.ok(!compare(mul(third, n(3)), n(1.000001)).agree)
 * ```
 *
 * @category destructors
 * @since 0.1.0
 */
export const compare = (a: Bounded, b: Bounded): Comparison => {
  const within = tolerance(a, b)
  const difference = Math.abs(a.value - b.value)
  if (!Number.isFinite(a.value) || !Number.isFinite(b.value))
    return { agree: Object.is(a.value, b.value), informative: false, difference, tolerance: within }
  const size = Math.max(Math.abs(a.value), Math.abs(b.value))
  return { agree: difference <= within, informative: size > 0 && within <= BLUNT * size, difference, tolerance: within }
}

/**
 * `sum of a_i b_i`, with its error bound. What lengths do not share is left out.
 *
 * @category combinators
 * @since 0.1.0
 */
export const inner = (a: ReadonlyArray<Bounded>, b: ReadonlyArray<Bounded>): Bounded => {
  let total = ErrorBound.literal(0)
  for (let i = 0; i < Math.min(a.length, b.length); i++) total = ErrorBound.add(total, ErrorBound.mul(a[i], b[i]))
  return total
}

/**
 * Exact numbers.
 *
 * @category constructors
 * @since 0.1.0
 */
export const bounded = (values: ArrayLike<number>): ReadonlyArray<Bounded> => Array.from(values, ErrorBound.literal)

/**
 * Whether every number is finite and so is its error bound: a point where a law can be tested.
 *
 * @category destructors
 * @since 0.1.0
 */
export const testable = (values: ReadonlyArray<Bounded>): boolean =>
  values.every(({ value, error }) => Number.isFinite(value) && Number.isFinite(error))
