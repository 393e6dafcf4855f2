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
import { relu, softplus } from './activation.js'
import { add, div, minimum, mul, sub } from './arithmetic.js'
import { eq, where } from './comparison.js'
import { abs, log, neg, square } from './elementary.js'
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

/** The mean of `-scores[label]` or of `-sum target scores`, for scores made of what is given. */
const likelihood = (operation: string, scoresOf: (x: Var) => Operand, given: string, x: AnyVar, y: AnyVar) => {
  const rank = x.shape.length
  if (rank === 0) return fromEither(refuse(operation, 'ShapeMismatch', `${given} need a dimension of classes`, [x, y]))
  if (x.dtype !== 'real')
    return fromEither(refuse(operation, 'TypeMismatch', `takes real ${given}, not ${x.dtype}`, [x, y]))
  const scores = scoresOf(x as Var)
  if (y.dtype === 'int') {
    if (!equals(y.shape, without(x.shape, [rank - 1])))
      return fromEither(
        refuse(
          operation,
          'ShapeMismatch',
          `${given} ${show(x.shape)} need labels ${show(x.shape.slice(0, -1))}, not ${show(y.shape)}`,
          [x, y],
        ),
      )
    return neg(mean(gather(scores, expandDims(y as Var<Shape, 'int'>, -1))))
  }
  const fit = checked(operation, x, y)
  return E.isLeft(fit) ? fromEither(fit) : neg(mean(sum(mul(scores, y as Var), { axis: -1 })))
}

/**
 * A loss of `[..., classes]` against labels, integers of the shape `[...]`, or against probabilities of the same shape.
 *
 * @category types
 * @since 0.1.0
 */
export type Classifying = <S extends Shape>(
  scores: Operand<S>,
  target: Operand<Reduce<NoInfer<S>, -1>, 'int'> | Operand<NoInfer<S>>,
) => Reverse<Var<readonly []>>

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
export const crossEntropy: Classifying = ((logits: AnyOperand, target: AnyOperand) =>
  seeing([logits, target], (x, y) => likelihood('crossEntropy', logSoftmax, 'logits', x, y))) as never

/**
 * The same for what are logarithms of probabilities already, such as those that `logSoftmax` gives: the mean over examples of
 * `-logProbabilities[label]`.
 *
 * @category losses
 * @since 0.1.0
 */
export const negativeLogLikelihood: Classifying = ((logProbabilities: AnyOperand, target: AnyOperand) =>
  seeing([logProbabilities, target], (x, y) =>
    likelihood('negativeLogLikelihood', (scores) => scores, 'log-probabilities', x, y),
  )) as never

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

/**
 * The divergence of Kullback and Leibler, `sum t (log t - x)` over the last dimension and the mean over examples, for
 * logarithms of probabilities `x` and probabilities `t`, where `0 log 0 = 0`: how many nats the model wastes on each example.
 * (PyTorch's `kl_div` with the reduction `batchmean`, where `x` is a matrix.)
 *
 * @category losses
 * @since 0.1.0
 */
export const klDivergence: Loss = ((logProbabilities: AnyOperand, target: AnyOperand) =>
  seeing([logProbabilities, target], (x, t) => {
    const fit =
      x.shape.length === 0
        ? refuse('klDivergence', 'ShapeMismatch', 'probabilities need a dimension of classes', [x, t])
        : checked('klDivergence', x, t)
    if (E.isLeft(fit)) return fromEither(fit)
    const none = eq(t as Var, 0)
    const entropy = log(where(none, 1, t as Var))
    return mean(sum(where(none, 0, mul(t as Var, sub(entropy, x as Var))), { axis: -1 }))
  })) as never

/**
 * The mean of `max(0, 1 - t x)` for scores `x` and targets `t` of -1 and 1 (the loss of support vector machines). The
 * derivative at the kink is that of 0.
 *
 * @category losses
 * @since 0.1.0
 */
export const hinge: Loss = loss('hinge', (x, t) => relu(sub(1, mul(t, x))))

/**
 * The mean over examples of `sum over j != label of max(0, margin - x[label] + x[j]) / classes`: scores `[..., classes]`
 * against integer labels `[...]` (J. Weston, C. Watkins, 1999; PyTorch's `multi_margin_loss`). A label that is no class gives
 * NaN. Fails with `ShapeMismatch` on other shapes and with `InvalidArgument` unless `margin > 0`.
 *
 * @category losses
 * @since 0.1.0
 */
export const multiClassHinge = <S extends Shape>(
  scores: Operand<S>,
  labels: Operand<Reduce<NoInfer<S>, -1>, 'int'>,
  margin = 1,
): Reverse<Var<readonly []>> =>
  seeing([scores, labels as AnyOperand], (x, y) => {
    const no = (sentence: string, tag: 'ShapeMismatch' | 'InvalidArgument' | 'TypeMismatch' = 'ShapeMismatch') =>
      fromEither(refuse('multiClassHinge', tag, sentence, [x, y]))
    if (!(margin > 0)) return no(`the margin must be > 0, not ${margin}`, 'InvalidArgument')
    if (x.dtype !== 'real' || y.dtype !== 'int')
      return no(`takes real scores and integer labels, not ${x.dtype} and ${y.dtype}`, 'TypeMismatch')
    const classes = x.shape.at(-1)
    if (classes === undefined || !equals(y.shape, x.shape.slice(0, -1)))
      return no(`scores ${show(x.shape)} need labels ${show(x.shape.slice(0, -1))}, not ${show(y.shape)}`)
    const at = expandDims(y as Var<Shape, 'int'>, -1)
    // the label's own term is the margin itself, and is not counted
    const terms = relu(add(sub(x as Var, gather(x as Var, at)), margin))
    return mean(div(sub(sum(terms, { axis: -1 }), margin), classes))
  }) as never
