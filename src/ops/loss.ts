/**
 * Losses: how far predictions are from targets, as the mean over all elements or all examples, a real scalar.
 *
 * Predictions and targets have equal shapes; others fail with `ShapeMismatch`, for a loss that broadcasts by accident is a
 * mistake that trains. The mean of nothing is NaN. A target is an operand like any other: derivatives by it exist too.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'
import type { AnyOperand, Operand, Reverse } from '../Reverse.js'
import { fromEither } from '../Reverse.js'
import { equals, type Shape, show, without } from '../Shape.js'
import type { Reduce } from '../shape/types.js'
import type { AnyVar, Var } from '../Var.js'
import { softplus } from './activation.js'
import { add, minimum, mul, sub } from './arithmetic.js'
import { abs, neg, square } from './elementary.js'
import { gather } from './indexing.js'
import { expandDims } from './layout.js'
import { refuse, seeing } from './record.js'
import { mean, sum } from './reduction.js'
import { logSoftmax } from './softmax.js'

/**
 * A loss of reals against reals of the same shape.
 *
 * @category types
 * @since 0.1.0
 */
export type Loss = <S extends Shape>(prediction: Operand<S>, target: Operand<NoInfer<S>>) => Reverse<Var<readonly []>>

const checked = (operation: string, x: AnyVar, y: AnyVar): E.Either<Failure, null> =>
  x.dtype !== 'real' || y.dtype !== 'real'
    ? refuse(operation, 'TypeMismatch', `takes real operands, not ${x.dtype} and ${y.dtype}`, [x, y])
    : equals(x.shape, y.shape)
      ? E.right(null)
      : refuse(operation, 'ShapeMismatch', `predictions ${show(x.shape)} and targets ${show(y.shape)} differ`, [x, y])

const loss = (operation: string, each: (x: Var, y: Var) => Operand): Loss =>
  ((prediction: AnyOperand, target: AnyOperand) =>
    seeing([prediction, target], (x, y) => {
      const fit = checked(operation, x, y)
      return E.isLeft(fit) ? fromEither(fit) : mean(each(x as Var, y as Var))
    })) as never

/**
 * `mean |prediction - target|`. The derivative of a perfect prediction is 0.
 *
 * @category losses
 * @since 0.1.0
 */
export const meanAbsoluteError: Loss = loss('meanAbsoluteError', (x, y) => abs(sub(x, y)))

/**
 * `mean (prediction - target)^2`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { meanSquaredError, run, scalar, tensor, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly [2]>) => meanSquaredError(x, tensor([1, 1]))
 * assert.deepStrictEqual(run(f)(tensor([2, 4])), { _tag: 'Right', right: scalar(5) })
 * ```
 *
 * @category losses
 * @since 0.1.0
 */
export const meanSquaredError: Loss = loss('meanSquaredError', (x, y) => square(sub(x, y)))

/**
 * The mean of `d^2 / 2` where the error `d` is at most `delta` and of `delta (d - delta / 2)` beyond, which is
 * `m (d - m / 2)` with `m = min(d, delta)` (P. J. Huber, 1964). Fails with `InvalidArgument` unless `delta > 0`.
 *
 * @category losses
 * @since 0.1.0
 */
export const huber = <S extends Shape>(
  prediction: Operand<S>,
  target: Operand<NoInfer<S>>,
  delta = 1,
): Reverse<Var<readonly []>> =>
  delta > 0
    ? loss('huber', (x, y) => {
        const d = abs(sub(x, y))
        const m = minimum(d, delta)
        return mul(m, sub(d, mul(m, 0.5)))
      })(prediction, target)
    : fromEither(refuse('huber', 'InvalidArgument', `delta must be > 0, not ${delta}`))

/**
 * The mean over examples of `-log softmax(logits)[label]`: `[..., classes]` against labels, integers of the shape `[...]`, or
 * against probabilities of the shape `[..., classes]`, for which it is `-sum target log softmax(logits)`. A label that is no
 * class gives NaN. With probabilities a class of logit `-Infinity` and probability 0 gives NaN, as 0 times infinity.
 *
 * Fails with `ShapeMismatch` on other shapes.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { crossEntropy, ints, run, scalar, tensor, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly [1, 2]>) => crossEntropy(x, ints([1]))
 * assert.deepStrictEqual(run(f)(tensor([[7, 7]])), { _tag: 'Right', right: scalar(Math.LN2) })
 * ```
 *
 * @category losses
 * @since 0.1.0
 */
export const crossEntropy = <S extends Shape>(
  logits: Operand<S>,
  target: Operand<Reduce<NoInfer<S>, -1>, 'int'> | Operand<NoInfer<S>>,
): Reverse<Var<readonly []>> =>
  seeing([logits, target as AnyOperand], (x, y) => {
    const rank = x.shape.length
    if (rank === 0)
      return fromEither(refuse('crossEntropy', 'ShapeMismatch', 'logits need a dimension of classes', [x, y]))
    if (x.dtype !== 'real')
      return fromEither(refuse('crossEntropy', 'TypeMismatch', `takes real logits, not ${x.dtype}`, [x, y]))
    const scores = logSoftmax(x as Var)
    if (y.dtype === 'int') {
      if (!equals(y.shape, without(x.shape, [rank - 1])))
        return fromEither(
          refuse(
            'crossEntropy',
            'ShapeMismatch',
            `logits ${show(x.shape)} need labels ${show(x.shape.slice(0, -1))}, not ${show(y.shape)}`,
            [x, y],
          ),
        )
      return neg(mean(gather(scores, expandDims(y as Var<Shape, 'int'>, -1))))
    }
    const fit = checked('crossEntropy', x, y)
    return E.isLeft(fit) ? fromEither(fit) : neg(mean(sum(mul(scores, y as Var), { axis: -1 })))
  }) as never

/**
 * The mean of `-t log sigmoid(x) - (1 - t) log sigmoid(-x)` for logits `x` and probabilities `t`, computed as
 * `t softplus(-x) + (1 - t) softplus(x)`, whose terms never cancel. Logits must be finite.
 *
 * @category losses
 * @since 0.1.0
 */
export const binaryCrossEntropy: Loss = loss('binaryCrossEntropy', (x, t) =>
  add(mul(t, softplus(neg(x))), mul(sub(1, t), softplus(x))),
)
