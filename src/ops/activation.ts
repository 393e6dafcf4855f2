/**
 * Activations: the nonlinearities between the layers of a network, the same at every element.
 *
 * Where a function has a kink, the derivative is that of the side below it: 0 at the kink of `relu`, the slope at that of
 * `leakyRelu`. NaN stays NaN.
 *
 * @since 0.1.0
 */
import type { AnyOperand, Operand, Reverse } from '../Reverse.js'
import type { Shape } from '../Shape.js'
import { noAttributes } from '../Tape.js'
import type { Var } from '../Var.js'
import { add, mul } from './arithmetic.js'
import { eq, gt, le, lt, where } from './comparison.js'
import { clip, type Elementwise, erf, expm1, neg } from './elementary.js'
import { one } from './record.js'

/**
 * `1 / (1 + e^-x)`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { grad, run, scalar, sigmoid, type Var } from 'wengert'
 *
 * const slope = grad((x: Var<readonly []>) => sigmoid(x))
 * assert.deepStrictEqual(run(slope)(scalar(0)), { _tag: 'Right', right: scalar(0.25) })
 * ```
 *
 * @category activations
 * @since 0.1.0
 */
export const sigmoid: Elementwise = ((x: AnyOperand) => one('sigmoid', [x], noAttributes)) as never

/**
 * `log sigmoid(x)`, as `-softplus(-x)`, which keeps its digits where the sigmoid is 0 or 1.
 *
 * @category activations
 * @since 0.1.0
 */
export const logSigmoid: Elementwise = ((x: Operand) => neg(softplus(neg(x)))) as never

/**
 * `log(1 + e^x)`, without overflow.
 *
 * @category activations
 * @since 0.1.0
 */
export const softplus: Elementwise = ((x: AnyOperand) => one('softplus', [x], noAttributes)) as never

/**
 * The hyperbolic tangent.
 *
 * @category activations
 * @since 0.1.0
 */
export const tanh: Elementwise = ((x: AnyOperand) => one('tanh', [x], noAttributes)) as never

/**
 * `x` above 0, 0 elsewhere. The derivative at 0 is 0.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { grad, relu, run, sum, tensor, type Var } from 'wengert'
 *
 * const slope = grad((x: Var<readonly [3]>) => sum(relu(x)))
 * assert.deepStrictEqual(run(slope)(tensor([-1, 0, 2])), { _tag: 'Right', right: tensor([0, 0, 1]) })
 * ```
 *
 * @category activations
 * @since 0.1.0
 */
export const relu: Elementwise = ((x: Operand) => where(le(x, 0), 0, x)) as never

/**
 * `x` above 0, `slope * x` elsewhere. The derivative at 0 is the slope.
 *
 * @category activations
 * @since 0.1.0
 */
export const leakyRelu = <S extends Shape>(x: Operand<S>, slope = 0.01): Reverse<Var<S>> =>
  where(le(x as Operand, 0), mul(x as Operand, slope), x as Operand) as never

/**
 * `x` above 0, `alpha (e^x - 1)` elsewhere. The derivative at 0 is `alpha`.
 *
 * @category activations
 * @since 0.1.0
 */
export const elu = <S extends Shape>(x: Operand<S>, alpha = 1): Reverse<Var<S>> => {
  const low = le(x as Operand, 0)
  // the exponential of what is not taken must not overflow, or its derivative is 0 times infinity
  return where(low, mul(expm1(where(low, x as Operand, 0)), alpha), x as Operand) as never
}

const SELU_ALPHA = 1.6732632423543772
const SELU_SCALE = 1.0507009873554805

/**
 * `elu` scaled so that mean 0 and variance 1 are a fixed point: `scale elu(x, alpha)` with `alpha = 1.6732632423543772`
 * and `scale = 1.0507009873554805` (G. Klambauer et al., "Self-normalizing neural networks", 2017).
 *
 * @category activations
 * @since 0.1.0
 */
export const selu: Elementwise = ((x: Operand) => mul(elu(x, SELU_ALPHA), SELU_SCALE)) as never

/**
 * `x` times the probability that a standard normal is below it: `x (1 + erf(x / sqrt 2)) / 2`, or by the approximation
 * `x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2` (D. Hendrycks, K. Gimpel, "Gaussian error linear units", 2016).
 *
 * @category activations
 * @since 0.1.0
 */
export const gelu = <S extends Shape>(
  x: Operand<S>,
  { approximate = false }: { readonly approximate?: boolean | undefined } = {},
): Reverse<Var<S>> => {
  const u: Operand = x as Operand
  const inner = approximate
    ? tanh(mul(mul(u, add(mul(mul(u, u), 0.044715), 1)), Math.sqrt(2 / Math.PI)))
    : erf(mul(u, Math.SQRT1_2))
  return mul(mul(u, 0.5), add(inner, 1)) as never
}

/**
 * `x sigmoid(x)`, also called swish.
 *
 * @category activations
 * @since 0.1.0
 */
export const silu: Elementwise = ((x: Operand) => mul(x, sigmoid(x))) as never

/**
 * `x / 6 + 1/2` moved into `[0, 1]`. The derivative is half of 1/6 at -3 and 3.
 *
 * @category activations
 * @since 0.1.0
 */
export const hardSigmoid: Elementwise = ((x: Operand) => clip(add(mul(x, 1 / 6), 0.5), 0, 1)) as never

/**
 * The step function of Heaviside: 0 below 0, 1 above, and at 0 a number of choice. Its derivative is 0.
 *
 * @category activations
 * @since 0.1.0
 */
export const step = <S extends Shape>(x: Operand<S>, atZero = 0): Reverse<Var<S>> => {
  const u: Operand = x as Operand
  // adding 0 x would keep NaN and spoil infinities, so NaN is passed on where no comparison holds
  return where(gt(u, 0), 1, where(lt(u, 0), 0, where(eq(u, 0), atZero, u))) as never
}
