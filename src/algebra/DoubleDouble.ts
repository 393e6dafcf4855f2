/**
 * The algebra of double-double numbers: 106 bits, or 32 digits, for judging derivatives that float64 cannot.
 *
 * Laws. `primal` is the nearest float64, `fl(hi + lo) = hi`. It is a homomorphism up to rounding: `primal(f(x))` is
 * `f(primal(x))` where that is exact in float64, and differs from it by what float64 loses otherwise. It is one exactly
 * for infinities, NaN and the signs of zeros: wherever float64 gives a number or an infinity for the upper halves, so
 * does this.
 *
 * Branches follow `primal` (`abs`, `floor`, `round`, the multiple that `mod` takes off), so a tape takes the way that
 * it takes over float64. `max` and `min` look at `lo` where the upper halves tie.
 *
 * Accuracy: relative, `2^-103` (31 digits) for elementary functions, but `2^-97` (29) for `pow`, whose error grows with
 * `|y log x|`, and `2^-101` (30) for special functions at x > 0, where results are not so small (`2^-968`) that `lo` is
 * subnormal. `test/algebra/DoubleDouble.test.ts` measures it against tables with 40 digits.
 *
 * Y. Hida, X. S. Li, D. H. Bailey, "Library for double-double and quad-double arithmetic" (2007), among others: see
 * `doubleDoubleBasic.ts` for the arithmetic, `doubleDoubleElementary.ts` and `doubleDoubleSpecial.ts` for functions.
 *
 * @since 0.1.0
 */
import { type Algebra, branching } from './Algebra.js'
import * as B from './doubleDoubleBasic.js'
import * as E from './doubleDoubleElementary.js'
import { erf, lgamma, polygamma } from './doubleDoubleSpecial.js'

export type { DoubleDoubleNumber } from './doubleDoubleBasic.js'

type DD = B.DoubleDoubleNumber

const branches = branching<DD>({ literal: B.fromNumber, primal: B.toNumber, neg: B.neg, sub: B.sub, mul: B.mul })

const extremum =
  (sign: number): ((x: DD, y: DD) => DD) =>
  (x, y) =>
    sign * B.compare(x, y) >= 0 || Number.isNaN(x.hi) ? x : y

/**
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { type Algebra, DoubleDouble, doubleDouble, F64 } from 'wengert/algebra'
 *
 * // (1 - cos x) / x², which cancels: at 1e-7 float64 keeps a few digits of it
 * const f = <N>(a: Algebra<N>, x: N): N => a.div(a.sub(a.literal(1), a.cos(x)), a.mul(x, x))
 * assert.ok(Math.abs(f(F64, 1e-7) - 0.5) > 1e-4)
 * assert.strictEqual(doubleDouble.toString(f(DoubleDouble, DoubleDouble.literal(1e-7)), 16), '4.999999999999996e-1')
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const DoubleDouble: Algebra<B.DoubleDoubleNumber> = {
  name: 'double-double',
  buffer: (length) => Array.from({ length }, () => B.ZERO),
  literal: B.fromNumber,
  primal: B.toNumber,
  ...branches,
  max: extremum(1),
  min: extremum(-1),
  neg: B.neg,
  add: B.add,
  sub: B.sub,
  mul: B.mul,
  div: B.div,
  reciprocal: B.reciprocal,
  sqrt: B.sqrt,
  rsqrt: E.rsqrt,
  exp: E.exp,
  expm1: E.expm1,
  log: E.log,
  log1p: E.log1p,
  pow: E.pow,
  sin: E.sin,
  cos: E.cos,
  tan: E.tan,
  asin: E.asin,
  acos: E.acos,
  atan: E.atan,
  atan2: E.atan2,
  sinh: E.sinh,
  cosh: E.cosh,
  tanh: E.tanh,
  sigmoid: E.sigmoid,
  softplus: E.softplus,
  erf,
  lgamma,
  polygamma,
}
