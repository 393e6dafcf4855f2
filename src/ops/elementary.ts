/**
 * Functions of one operand, the same at every element and so of any shape. They take reals unless they say otherwise.
 *
 * Outside its domain a function is NaN, at a pole it is infinite, as in IEEE 754. Functions that are locally constant
 * (`sign`, `floor`, `ceil`, `round`) have derivative 0 everywhere, also at their jumps.
 *
 * @since 0.1.0
 */
import type { UnaryName } from '../algebra/Algebra.js'
import { type AnyOperand, type Operand, type Reverse, step } from '../Reverse.js'
import type { DType, Shape } from '../Shape.js'
import { noAttributes } from '../Tape.js'
import type { Var } from '../Var.js'
import { add, div, maximum, minimum, mul, sub } from './arithmetic.js'
import { gt, lt, where } from './comparison.js'
import { one, refuse } from './record.js'

/**
 * A function of a real of any shape.
 *
 * @category types
 * @since 0.1.0
 */
export type Elementwise = <S extends Shape>(x: Operand<S>) => Reverse<Var<S>>

/**
 * A function of a real or an integer of any shape.
 *
 * @category types
 * @since 0.1.0
 */
export type NumberWise = <S extends Shape, D extends 'real' | 'int' = 'real'>(x: Operand<S, D>) => Reverse<Var<S, D>>

const elementwise = (name: UnaryName): Elementwise & NumberWise =>
  ((x: AnyOperand) => one(name, [x], noAttributes)) as never

// ----------------------------------------------------------------------------------------- sign and rounding

/**
 * `-x`, of reals or integers.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const neg: NumberWise = elementwise('neg')

/**
 * `|x|`, of reals or integers; the derivative at 0 is 0.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const abs: NumberWise = elementwise('abs')

/**
 * -1, 0 or 1, of reals or integers; NaN stays NaN.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const sign: NumberWise = elementwise('sign')

/**
 * The greatest integer not above `x`, as a real.
 *
 * @category rounding
 * @since 0.1.0
 */
export const floor: Elementwise = elementwise('floor')

/**
 * The least integer not below `x`, as a real.
 *
 * @category rounding
 * @since 0.1.0
 */
export const ceil: Elementwise = elementwise('ceil')

/**
 * The nearest integer, as a real; of two equally near the even one.
 *
 * @category rounding
 * @since 0.1.0
 */
export const round: Elementwise = elementwise('round')

/**
 * The value in another element type. Real to integer truncates toward zero, saturates at 32 bits and takes NaN to 0;
 * anything to boolean is `x != 0`. Only reals to reals have a derivative.
 *
 * @category conversions
 * @since 0.1.0
 */
export const convert = <S extends Shape, D extends DType>(x: Operand<S, DType>, dtype: D): Reverse<Var<S, D>> =>
  step([x], (recorder, [v]) => {
    if (dtype !== 'real' && dtype !== 'int' && dtype !== 'bool')
      return refuse('convert', 'InvalidArgument', `the element type must be real, int or bool, not ${String(dtype)}`, [
        v,
      ])
    return recorder.emit('convert', [v], { dtype })
  }) as never

// ----------------------------------------------------------------------------------------- powers and logarithms

/**
 * `x^2`.
 *
 * @category powers
 * @since 0.1.0
 */
export const square: NumberWise = ((x: Operand) => mul(x, x)) as never

/**
 * `1 / x`.
 *
 * @category powers
 * @since 0.1.0
 */
export const reciprocal: Elementwise = elementwise('reciprocal')

/**
 * The square root. Its derivative at 0 is infinite; see `norm` for a length with a derivative there.
 *
 * @category powers
 * @since 0.1.0
 */
export const sqrt: Elementwise = elementwise('sqrt')

/**
 * `1 / sqrt(x)`.
 *
 * @category powers
 * @since 0.1.0
 */
export const rsqrt: Elementwise = elementwise('rsqrt')

/**
 * `e^x`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { exp, run, tensor, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly [2]>) => exp(x)
 * assert.deepStrictEqual(run(f)(tensor([0, 1])), { _tag: 'Right', right: tensor([1, Math.E]) })
 * ```
 *
 * @category powers
 * @since 0.1.0
 */
export const exp: Elementwise = elementwise('exp')

/**
 * `e^x - 1`, with all digits near 0.
 *
 * @category powers
 * @since 0.1.0
 */
export const expm1: Elementwise = elementwise('expm1')

/**
 * The natural logarithm.
 *
 * @category powers
 * @since 0.1.0
 */
export const log: Elementwise = elementwise('log')

/**
 * `log(1 + x)`, with all digits near 0.
 *
 * @category powers
 * @since 0.1.0
 */
export const log1p: Elementwise = elementwise('log1p')

/**
 * `log(1 - e^x)` for `x < 0`, with all digits: by `expm1` above `-log 2` and by `log1p` below (M. Maechler, "Accurately
 * computing log(1 - exp(-|a|))", 2012). `-Infinity` at 0, NaN above.
 *
 * @category powers
 * @since 0.1.0
 */
export const log1mexp: Elementwise = ((x: Operand) => {
  const near = gt(x, -Math.LN2)
  const below = where(near, -1, x)
  const above = where(near, x, -1)
  return where(near, log(neg(expm1(above))), log1p(neg(exp(below))))
}) as never

// ------------------------------------------------------------------------------------------------ trigonometry

/**
 * The sine of an angle in radians.
 *
 * @category trigonometry
 * @since 0.1.0
 */
export const sin: Elementwise = elementwise('sin')

/**
 * The cosine of an angle in radians.
 *
 * @category trigonometry
 * @since 0.1.0
 */
export const cos: Elementwise = elementwise('cos')

/**
 * The tangent of an angle in radians.
 *
 * @category trigonometry
 * @since 0.1.0
 */
export const tan: Elementwise = elementwise('tan')

/**
 * The angle in `[-pi/2, pi/2]` whose sine is `x`.
 *
 * @category trigonometry
 * @since 0.1.0
 */
export const asin: Elementwise = elementwise('asin')

/**
 * The angle in `[0, pi]` whose cosine is `x`.
 *
 * @category trigonometry
 * @since 0.1.0
 */
export const acos: Elementwise = elementwise('acos')

/**
 * The angle in `(-pi/2, pi/2)` whose tangent is `x`.
 *
 * @category trigonometry
 * @since 0.1.0
 */
export const atan: Elementwise = elementwise('atan')

/**
 * `(e^x - e^-x) / 2`.
 *
 * @category hyperbolic functions
 * @since 0.1.0
 */
export const sinh: Elementwise = elementwise('sinh')

/**
 * `(e^x + e^-x) / 2`.
 *
 * @category hyperbolic functions
 * @since 0.1.0
 */
export const cosh: Elementwise = elementwise('cosh')

/** Beyond it `asinh t = log 2t` to 1e-32, and its square is still finite in float32. */
const LARGE = 1e16

/**
 * The inverse of `sinh`, as `sign(x) log1p(t + t^2 / (1 + sqrt(1 + t^2)))` with `t = |x|`, and `log 2t` for large `t`.
 *
 * @category hyperbolic functions
 * @since 0.1.0
 */
export const asinh: Elementwise = ((x: Operand) => {
  // |x| and its sign with the derivatives of the right side at 0, where abs and sign have 0
  const negative = lt(x, 0)
  const t = where(negative, neg(x), x)
  const large = gt(t, LARGE)
  const s = where(large, 1, t)
  const near = log1p(add(s, div(square(s), add(sqrt(add(square(s), 1)), 1))))
  const y = where(large, add(log(where(large, t, 1)), Math.LN2), near)
  return where(negative, neg(y), y)
}) as never

/**
 * The inverse of `cosh` for `x >= 1`, as `log1p(y + sqrt(y) sqrt(y + 2))` with `y = x - 1`. Its derivative at 1 is infinite.
 *
 * @category hyperbolic functions
 * @since 0.1.0
 */
export const acosh: Elementwise = ((x: Operand) => {
  const y = sub(x, 1)
  return log1p(add(y, mul(sqrt(y), sqrt(add(y, 2)))))
}) as never

/**
 * The inverse of `tanh` for `|x| < 1`, as `(log1p(x) - log1p(-x)) / 2`.
 *
 * @category hyperbolic functions
 * @since 0.1.0
 */
export const atanh: Elementwise = ((x: Operand) => mul(sub(log1p(x), log1p(neg(x))), 0.5)) as never

// ------------------------------------------------------------------------------------------- special functions

/**
 * The error function, `2 / sqrt(pi)` times the integral of `e^(-t^2)` from 0 to `x`.
 *
 * @category special functions
 * @since 0.1.0
 */
export const erf: Elementwise = elementwise('erf')

/**
 * The logarithm of `|gamma(x)|`.
 *
 * @category special functions
 * @since 0.1.0
 */
export const lgamma: Elementwise = elementwise('lgamma')

/**
 * The derivative of `log gamma` taken `order + 1` times: 0 is digamma, 1 trigamma. Fails with `InvalidArgument` unless the
 * order is a natural number.
 *
 * @category special functions
 * @since 0.1.0
 */
export const polygamma = <S extends Shape>(order: number, x: Operand<S>): Reverse<Var<S>> =>
  step([x], (recorder, [v]) =>
    Number.isSafeInteger(order) && order >= 0
      ? recorder.emit('polygamma', [v], { order })
      : refuse('polygamma', 'InvalidArgument', `the order must be an integer >= 0, not ${order}`, [v]),
  ) as never

/**
 * The derivative of `lgamma`.
 *
 * @category special functions
 * @since 0.1.0
 */
export const digamma: Elementwise = ((x: Operand) => polygamma(0, x)) as never

// ------------------------------------------------------------------------------------------------------ bounds

/**
 * `x` moved into `[low, high]`: `minimum(maximum(x, low), high)`. NaN stays NaN. The derivative is 0 outside and 1/2 on a
 * bound, where `x` and the bound tie. Where `low > high` the result is `high`.
 *
 * @category bounds
 * @since 0.1.0
 */
export const clip = <S extends Shape, D extends 'real' | 'int' = 'real'>(
  x: Operand<S, D>,
  low: number | Operand<readonly [], NoInfer<D>>,
  high: number | Operand<readonly [], NoInfer<D>>,
): Reverse<Var<S, D>> => minimum(maximum(x as Operand, low as number), high as number) as never
