/**
 * Probabilities from scores, along one axis: the last unless told otherwise.
 *
 * Both are shifted by the maximum, so no exponential overflows, and adding a constant to all scores changes nothing. A
 * score of `-Infinity` has probability 0; where all scores are `-Infinity`, or one is `+Infinity`, the result is NaN. An axis
 * that is not there fails with `InvalidAxis`.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Vocabulary } from '../primitive/Primitive.js'
import type { AnyOperand, Operand, Reverse } from '../Reverse.js'
import { axis as axisOf, type Shape, show } from '../Shape.js'
import type { HasAxis } from '../shape/types.js'
import { noAttributes } from '../Tape.js'
import type { AnyVar, Var } from '../Var.js'
import { body, refuse } from './record.js'

/**
 * The axis that an operation works along: the last unless told otherwise.
 *
 * @category types
 * @since 0.1.0
 */
export interface Along<A extends number = number> {
  readonly axis?: A | undefined
}

/**
 * An operation on reals along one axis that keeps the shape.
 *
 * @category types
 * @since 0.1.0
 */
export type AlongAxis = <S extends Shape, const A extends number = -1>(
  x: Operand<S>,
  options?: Along<A> & HasAxis<S, A>,
) => Reverse<Var<S>>

type Over = (lane: AnyVar) => AnyVar

const normalised = (
  operation: string,
  write: (v: Vocabulary, x: AnyVar, axes: ReadonlyArray<number>, over: Over) => AnyVar,
): AlongAxis =>
  ((operand: AnyOperand, { axis = -1 }: Along = {}) =>
    body([operand], (v, [x]) => {
      const { shape } = x
      if (x.dtype !== 'real')
        return refuse(operation, 'TypeMismatch', `takes real operands, not ${x.dtype} ${show(shape)}`, [x])
      const along = axisOf(axis, shape.length, operation)
      if (E.isLeft(along)) return along
      if (shape[along.right] === 0) return E.right(x)
      const kept = shape.map((_, d) => d).filter((d) => d !== along.right)
      return E.right(write(v, x, [along.right], (lane) => v.broadcast(lane, shape, kept)))
    })) as never

/** The scores less their maximum. The maximum is held: it cancels, and so does its derivative. */
const shifted = (v: Vocabulary, x: AnyVar, axes: ReadonlyArray<number>, over: Over): AnyVar =>
  v.sub(x, over(v.emit('stopGradient', [v.emit('reduceMax', [x], { axes })], noAttributes)))

/**
 * `e^x / sum e^x`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { run, softmax, tensor, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly [2, 2]>) => softmax(x)
 * assert.deepStrictEqual(run(f)(tensor([[1, 1], [0, -1000]])), { _tag: 'Right', right: tensor([[0.5, 0.5], [1, 0]]) })
 * ```
 *
 * @category probabilities
 * @since 0.1.0
 */
export const softmax: AlongAxis = normalised('softmax', (v, x, axes, over) => {
  const e = v.exp(shifted(v, x, axes, over))
  return v.div(e, over(v.sum(e, axes)))
})

/**
 * `log softmax(x) = x - log sum e^x`, which keeps its digits where the softmax is 0.
 *
 * @category probabilities
 * @since 0.1.0
 */
export const logSoftmax: AlongAxis = normalised('logSoftmax', (v, x, axes, over) => {
  const z = shifted(v, x, axes, over)
  return v.sub(z, over(v.log(v.sum(v.exp(z), axes))))
})
