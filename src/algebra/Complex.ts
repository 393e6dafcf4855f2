/**
 * The algebra of complex numbers, for derivatives by the complex step: `Im f(x + ih) / h` with `h = 2^-80` is a derivative
 * without cancellation (Squire and Trapp, "Using complex variables to estimate derivatives of real functions", 1998).
 *
 * Laws. A complex number whose imaginary part is 0 stands for a real number: every operation on such numbers gives
 * float64's result bit for bit (also where that is NaN, as at `log(-1)`), and an imaginary part 0.
 *
 * Branches follow the real part: `abs(z) = sign(Re z) z`, not the modulus; `floor`, `sign`, ... see the real part only;
 * `max` and `min` choose by it, and at a tie take the mean of the imaginary parts, which is half of each tangent. `lgamma`
 * continues `log |Γ|` from the real part, `atan2` takes its quadrant from the real parts. Everything else is the
 * ordinary analytic function on its principal branch.
 *
 * @since 0.1.0
 */
import { type Algebra, branching } from './Algebra.js'
import * as C from './complexElementary.js'
import { erf, lgamma, polygamma } from './complexSpecial.js'
import { F64 } from './F64.js'

export type { ComplexNumber } from './complexElementary.js'

type Z = C.ComplexNumber

const literal = (x: number): Z => C.complex(x, 0)

const branches = branching<Z>({ literal, primal: (z) => z.re, neg: C.neg, sub: C.sub, mul: C.mul })

const extremum =
  (choose: (x: number, y: number) => number): ((z: Z, w: Z) => Z) =>
  (z, w) => {
    const re = choose(z.re, w.re)
    if (z.re === w.re) return C.complex(re, z.im === w.im ? z.im : 0.5 * z.im + 0.5 * w.im)
    return Object.is(re, z.re) ? z : w
  }

/**
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { type Algebra, Complex } from 'wengert/algebra'
 *
 * // d/dx exp(sin x) at 1, by the complex step
 * const f = <N>(a: Algebra<N>, x: N): N => a.exp(a.sin(x))
 * const h = 2 ** -80
 * const slope = f(Complex, { re: 1, im: h }).im / h
 * assert.ok(Math.abs(slope - Math.cos(1) * Math.exp(Math.sin(1))) < 1e-15)
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const Complex: Algebra<C.ComplexNumber> = {
  name: 'complex',
  buffer: (length) => Array.from({ length }, () => literal(0)),
  literal,
  primal: (z) => z.re,
  add: C.add,
  sub: C.sub,
  neg: C.neg,
  mul: C.mul,
  div: C.div,
  reciprocal: C.reciprocal,
  exp: C.exp,
  expm1: C.expm1,
  log: C.log,
  log1p: C.log1p,
  sqrt: C.sqrt,
  rsqrt: C.rsqrt,
  pow: C.pow,
  sin: C.sin,
  cos: C.cos,
  tan: C.tan,
  asin: C.asin,
  acos: C.acos,
  atan: C.atan,
  atan2: C.atan2,
  sinh: C.sinh,
  cosh: C.cosh,
  tanh: C.tanh,
  sigmoid: C.sigmoid,
  softplus: C.softplus,
  erf,
  lgamma,
  polygamma,
  abs: (z) => (z.re === 0 ? literal(0) : branches.abs(z)),
  sign: branches.sign,
  floor: branches.floor,
  ceil: branches.ceil,
  round: branches.round,
  mod: branches.mod,
  max: extremum(F64.max),
  min: extremum(F64.min),
}
