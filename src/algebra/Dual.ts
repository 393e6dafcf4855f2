/**
 * Dual numbers `a + b ε` with `ε² = 0` over any algebra: a number together with its tangent, the derivative in one
 * direction. Clifford, "Preliminary sketch of biquaternions" (1873); as forward differentiation, Wengert (1964).
 *
 * Laws. `primal` commutes with every operation, bit for bit. `dual` is a constructor of algebras, so
 * `dual(dual(A))` nests: its innermost tangent is a second derivative.
 *
 * The derivative formulas here are written down independently of the rules by which a tape is differentiated, because
 * they serve as a check of those. Each is in a form that does not cancel, overflow or divide 0 by 0 where the
 * derivative exists, also when it is itself differentiated.
 *
 * Conventions.
 *
 * - A tangent that is exactly 0 stays 0, whatever it is multiplied by: a constant has no derivative, even at a point
 *   where the function has none. So `sqrt` of a constant 0 has the tangent 0, not NaN.
 * - At ties `max` and `min` have half of each argument's tangent; `abs` at 0 has the derivative 0.
 * - `sign`, `floor`, `ceil` and `round` have the derivative 0 everywhere.
 * - `a mod b` has the tangent `da - floor(a / b) db`.
 * - `pow(x, y)`: the part of x is `y x^(y-1)`, and 0 when y is the constant 0, so `x^0` has the derivative 0 at 0 too. The part
 *   of y is `x^y log x`; at x = 0 it is 0 for y > 0 and infinite for y <= 0; for x < 0 there is no such derivative: NaN,
 *   unless y has tangent 0.
 *
 * @since 0.1.0
 */
import type { Algebra } from './Algebra.js'
import { TWO_OVER_SQRT_PI } from './doubleDoubleConstants.js'

/**
 * `primal + tangent ε`.
 *
 * @category model
 * @since 0.1.0
 */
export interface Dual<N> {
  readonly primal: N
  readonly tangent: N
}

// 0 in every component, so that its own tangents are 0 as well: a record of numbers is looked through to the bottom.
const isZero = (n: unknown): boolean => (typeof n === 'object' && n !== null ? Object.values(n).every(isZero) : n === 0)

/**
 * The dual numbers over an algebra.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { type Algebra, dual, F64 } from 'wengert/algebra'
 *
 * const cube = <N>(a: Algebra<N>, x: N): N => a.mul(x, a.mul(x, x))
 *
 * // x³ at 2, and its derivative 3x²
 * const D = dual(F64)
 * assert.deepStrictEqual(cube(D, { primal: 2, tangent: 1 }), { primal: 8, tangent: 12 })
 *
 * // the second derivative 6x is the tangent of the tangent
 * const x = { primal: { primal: 2, tangent: 1 }, tangent: { primal: 1, tangent: 0 } }
 * assert.strictEqual(cube(dual(D), x).tangent.tangent, 12)
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const dual = <N>(A: Algebra<N>): Algebra<Dual<N>> => {
  type D = Dual<N>

  const zero = A.literal(0)
  const half = A.literal(0.5)
  const one = A.literal(1)
  const two = A.literal(2)
  const make = (primal: N, tangent: N): D => ({ primal, tangent })
  const constant = (primal: N): D => make(primal, zero)
  const literal = (x: number): D => constant(A.literal(x))
  const primal = (x: D): number => A.primal(x.primal)

  // d · t, where a tangent 0 stays 0; d is not even computed then
  const times = (t: N, d: () => N): N => (isZero(t) ? zero : A.mul(d(), t))
  const over = (t: N, d: () => N): N => (isZero(t) ? zero : A.div(t, d()))

  // f(x) with its derivative, which may use the value
  const chain =
    (f: (x: N) => N, derivative: (x: N, value: N) => N): ((x: D) => D) =>
    (x) => {
      const value = f(x.primal)
      return make(
        value,
        times(x.tangent, () => derivative(x.primal, value)),
      )
    }

  // the same where the reciprocal of the derivative is the simpler formula
  const chainOver =
    (f: (x: N) => N, inverse: (x: N, value: N) => N): ((x: D) => D) =>
    (x) => {
      const value = f(x.primal)
      return make(
        value,
        over(x.tangent, () => inverse(x.primal, value)),
      )
    }

  const flat =
    (f: (x: N) => N): ((x: D) => D) =>
    (x) =>
      constant(f(x.primal))

  const square = (x: N): N => A.mul(x, x)
  const double = (x: N): N => A.mul(two, x)

  // sigmoid'(x) = sigmoid(x) sigmoid(-x); sech²(x) = 4 sigmoid'(2x): no difference of close numbers, no overflow
  const slope = (x: N): N => A.mul(A.sigmoid(x), A.sigmoid(A.neg(x)))
  const sech2 = (x: N): N => A.mul(A.literal(4), slope(double(x)))

  // sqrt(1 - x²), by factors
  const cosine = (x: N): N => A.sqrt(A.mul(A.sub(one, x), A.add(one, x)))

  // exp(-x²) = exp(-h²) exp(-(x - h)(x + h)) for any constant h; a short h near x makes h² exact in float64
  const gaussian = (x: N): N => {
    const p = A.primal(x)
    const h = Math.abs(p) < 30 ? Math.fround(p) : 0
    const H = A.literal(h)
    return A.mul(A.literal(Math.exp(-h * h)), A.exp(A.mul(A.sub(H, x), A.add(H, x))))
  }

  // the argument that is greater, or smaller; at a tie half of each tangent
  const extremum =
    (f: (x: N, y: N) => N, first: (p: number, q: number) => boolean): ((x: D, y: D) => D) =>
    (x, y) => {
      const p = primal(x)
      const q = primal(y)
      const value = f(x.primal, y.primal)
      if (p === q)
        return make(
          value,
          A.add(
            times(x.tangent, () => half),
            times(y.tangent, () => half),
          ),
        )
      return make(value, first(p, q) || Number.isNaN(p) ? x.tangent : y.tangent)
    }

  const polygamma = (order: number, x: D): D =>
    chain(
      (p) => A.polygamma(order, p),
      (p) => A.polygamma(order + 1, p),
    )(x)

  return {
    name: `dual(${A.name})`,
    buffer: (length) => Array.from({ length }, () => literal(0)),
    literal,
    primal,

    add: (x, y) => make(A.add(x.primal, y.primal), A.add(x.tangent, y.tangent)),
    sub: (x, y) => make(A.sub(x.primal, y.primal), A.sub(x.tangent, y.tangent)),
    neg: (x) => make(A.neg(x.primal), A.neg(x.tangent)),
    mul: (x, y) =>
      make(
        A.mul(x.primal, y.primal),
        A.add(
          times(x.tangent, () => y.primal),
          times(y.tangent, () => x.primal),
        ),
      ),
    div: (x, y) => {
      const value = A.div(x.primal, y.primal)
      return make(
        value,
        over(
          A.sub(
            x.tangent,
            times(y.tangent, () => value),
          ),
          () => y.primal,
        ),
      )
    },
    reciprocal: (x) => {
      const value = A.reciprocal(x.primal)
      const once = times(x.tangent, () => value)
      return make(
        value,
        times(once, () => A.neg(value)),
      )
    },

    exp: chain(A.exp, (_, value) => value),
    expm1: chain(A.expm1, (x) => A.exp(x)),
    log: chainOver(A.log, (x) => x),
    log1p: chainOver(A.log1p, (x) => A.add(one, x)),
    sqrt: chainOver(A.sqrt, (_, value) => double(value)),
    rsqrt: chainOver(A.rsqrt, (x) => A.mul(A.literal(-2), A.mul(x, A.sqrt(x)))),
    pow: (x, y) => {
      const value = A.pow(x.primal, y.primal)
      const byBase = (): N => {
        if (isZero(y.primal)) return zero
        // where y - 1 is rounded, x^(y-1) would be off by a factor x^rounding
        const less = A.sub(y.primal, one)
        const exact = A.primal(A.add(less, one)) === primal(y)
        const p = A.primal(value)
        return exact || p === 0 || !Number.isFinite(p)
          ? A.mul(y.primal, A.pow(x.primal, less))
          : A.mul(y.primal, A.div(value, x.primal))
      }
      const byExponent = (): N => {
        if (A.primal(x.primal) === 0 && A.primal(y.primal) > 0) return zero
        return A.mul(value, A.log(x.primal))
      }
      return make(value, A.add(times(x.tangent, byBase), times(y.tangent, byExponent)))
    },

    sin: chain(A.sin, (x) => A.cos(x)),
    cos: chain(A.cos, (x) => A.neg(A.sin(x))),
    tan: chain(A.tan, (_, value) => A.add(one, square(value))),
    asin: chainOver(A.asin, cosine),
    acos: chainOver(A.acos, (x) => A.neg(cosine(x))),
    atan: chainOver(A.atan, (x) => A.add(one, square(x))),
    // (x dy - y dx) / (x² + y²), divided through by the larger coordinate so that no square overflows
    atan2: (y, x) => {
      const value = A.atan2(y.primal, x.primal)
      const wide = Math.abs(primal(x)) >= Math.abs(primal(y))
      const large = wide ? x : y
      const small = wide ? y : x
      if (isZero(large.tangent) && isZero(small.tangent)) return constant(value)
      const q = A.div(small.primal, large.primal)
      const turn = A.sub(
        small.tangent,
        times(large.tangent, () => q),
      )
      const tangent = over(turn, () => A.mul(large.primal, A.add(one, square(q))))
      return make(value, wide ? tangent : A.neg(tangent))
    },
    sinh: chain(A.sinh, (x) => A.cosh(x)),
    cosh: chain(A.cosh, (x) => A.sinh(x)),
    tanh: chain(A.tanh, sech2),

    sigmoid: chain(A.sigmoid, slope),
    softplus: chain(A.softplus, (x) => A.sigmoid(x)),
    erf: chain(A.erf, (x) => A.mul(A.add(A.literal(TWO_OVER_SQRT_PI.hi), A.literal(TWO_OVER_SQRT_PI.lo)), gaussian(x))),
    lgamma: chain(A.lgamma, (x) => A.polygamma(0, x)),
    polygamma,

    abs: (x) => {
      const p = primal(x)
      const tangent = p > 0 ? x.tangent : p < 0 ? A.neg(x.tangent) : p === 0 ? zero : A.literal(NaN)
      return make(A.abs(x.primal), tangent)
    },
    sign: flat(A.sign),
    floor: flat(A.floor),
    ceil: flat(A.ceil),
    round: flat(A.round),
    mod: (x, y) =>
      make(
        A.mod(x.primal, y.primal),
        A.sub(
          x.tangent,
          times(y.tangent, () => A.floor(A.div(x.primal, y.primal))),
        ),
      ),
    max: extremum(A.max, (p, q) => p > q),
    min: extremum(A.min, (p, q) => p < q),
  }
}
