/**
 * The algebra of magnitudes: float64 numbers that know how large the terms were that they were summed from. It gives the
 * scale of a derived tolerance for sweeps.
 *
 * What it computes. Cotangents are *seeds* and what depends on them; everything else on a gradient tape is forward: values
 * v, and partial derivatives d made of them. A forward number has the size `|value|`, however it was computed. On what
 * depends on a seed, `add` and `sub` add sizes, `mul` and `div` multiply and divide them, and every other function of it
 * starts afresh with `|f(value)|`. So `size >= |value|`, up to rounding.
 *
 * Why that is the G of a sweep. A rule is linear in the cotangent `a_i` of its instruction: it adds `d_ik a_i` to that of
 * operand k, by `mul` or `div` with forward numbers. With cotangents `c_o` as seeds, by induction along the sweep
 *
 *     size(a_j) = Σ over paths from an output o to j of |c_o| Π |d_ik|  =  G_j .
 *
 * Two sweeps over the same partial derivatives that are equal in exact arithmetic, forward and reverse say, differ in
 * float64 by at most `2 γ_2L G_j`, where L is the length of the longest path with its additions, `γ_n = n u / (1 - n u)`
 * and `u = 2^-53` (N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., 3.1): each path is a product
 * and a sum of at most L steps each. No constant is guessed.
 *
 * What it does not see is the error of the partial derivatives themselves. With the inputs of the tape as seeds too, the
 * forward sums accumulate as well, and size bounds the terms of cancellation there; the whole story, conditioning
 * included, is running error analysis: `ErrorBound` in `wengert/laws`.
 *
 * Laws. The value is that of float64, bit for bit. `size(-x) = size(x)`, `size(x y) = size(x) size(y)` and
 * `size(x + y) = size(x) + size(y)` of seeds.
 *
 * @since 0.1.0
 */
import type { Algebra } from './Algebra.js'
import { F64 } from './F64.js'
import { lifted } from './lifted.js'

/**
 * A float64, the sum of the sizes of its terms, and whether it depends on a seed.
 *
 * @category model
 * @since 0.1.0
 */
export interface MagnitudeNumber {
  readonly value: number
  readonly size: number
  readonly swept: boolean
}

type M = MagnitudeNumber

const forward = (value: number): M => ({ value, size: Math.abs(value), swept: false })

/**
 * A number whose further sums are to be accounted for: a cotangent.
 *
 * @category constructors
 * @since 0.1.0
 */
export const magnitudeSeed = (value: number): MagnitudeNumber => ({ value, size: Math.abs(value), swept: true })

const unary =
  (f: (x: number) => number): ((x: M) => M) =>
  (x) =>
    forward(f(x.value))

const binary =
  (f: (x: number, y: number) => number): ((x: M, y: M) => M) =>
  (x, y) =>
    forward(f(x.value, y.value))

const linear =
  (f: (x: number, y: number) => number, size: (x: M, y: M) => number): ((x: M, y: M) => M) =>
  (x, y) => {
    const value = f(x.value, y.value)
    return x.swept || y.swept ? { value, size: size(x, y), swept: true } : forward(value)
  }

const sum = (x: M, y: M): number => x.size + y.size

// the argument that was chosen; of equal ones the larger size
const chosen =
  (f: (x: number, y: number) => number): ((x: M, y: M) => M) =>
  (x, y) => {
    const value = f(x.value, y.value)
    const swept = x.swept || y.swept
    if (x.value === y.value) return { value, size: Math.max(x.size, y.size), swept }
    return { value, size: Object.is(value, x.value) ? x.size : y.size, swept }
  }

/**
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { Magnitude, magnitudeSeed } from 'wengert/algebra'
 *
 * // two paths that cancel: 3 c - 3 c
 * const c = magnitudeSeed(1)
 * const path = Magnitude.mul(c, Magnitude.literal(3))
 * assert.deepStrictEqual(Magnitude.sub(path, path), { value: 0, size: 6, swept: true })
 * // a forward number is as large as it is
 * assert.strictEqual(Magnitude.sub(Magnitude.literal(3), Magnitude.literal(3)).size, 0)
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const Magnitude: Algebra<MagnitudeNumber> = {
  name: 'magnitude',
  buffer: (length) => Array.from({ length }, () => forward(0)),
  literal: forward,
  primal: (x) => x.value,
  add: linear(F64.add, sum),
  sub: linear(F64.sub, sum),
  mul: linear(F64.mul, (x, y) => x.size * y.size),
  div: linear(F64.div, (x, y) => x.size / Math.abs(y.value)),
  mod: linear(F64.mod, (x, y) => x.size + Math.abs(Math.floor(x.value / y.value)) * y.size),
  neg: (x) => ({ ...x, value: -x.value }),
  abs: (x) => ({ ...x, value: F64.abs(x.value) }),
  max: chosen(F64.max),
  min: chosen(F64.min),
  ...lifted(unary, binary),
  polygamma: (order, x) => forward(F64.polygamma(order, x.value)),
  sign: unary(F64.sign),
  floor: unary(F64.floor),
  ceil: unary(F64.ceil),
  round: unary(F64.round),
}
