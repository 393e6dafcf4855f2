/**
 * Parts of a value. They are linear and work for every element type; their transposes put the part back among zeros.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'
import type { Vocabulary } from '../primitive/Primitive.js'
import type { AnyOperand, Operand, Reverse } from '../Reverse.js'
import { axis as axisOf, type DType, type Shape, show } from '../Shape.js'
import type { HasAxis, WithLength } from '../shape/types.js'
import type { Range, Sliced } from '../Tensor.js'
import { type Span, spans } from '../tensor/slicing.js'
import type { AnyVar, Var } from '../Var.js'
import { body, refuse } from './record.js'

/** Takes the spans; those that run backwards are taken forwards and turned round. */
const cut = (v: Vocabulary, x: AnyVar, spans: ReadonlyArray<Span>): AnyVar => {
  const starts = spans.map(({ start, step, length }) =>
    length === 0 ? 0 : Math.min(start, start + (length - 1) * step),
  )
  const whole = spans.every(({ length, step }, d) => length === x.shape[d] && Math.abs(step) === 1)
  const taken = whole
    ? x
    : v.emit('slice', [x], {
        start: starts,
        stop: spans.map(({ step, length }, d) => (length === 0 ? 0 : starts[d] + (length - 1) * Math.abs(step) + 1)),
        // the step of one element or none says nothing, and one spelling is recorded
        stride: spans.map(({ step, length }) => (length > 1 ? Math.abs(step) : 1)),
      })
  const backwards = spans.flatMap(({ step, length }, d) => (step < 0 && length > 1 ? [d] : []))
  return backwards.length === 0 ? taken : v.emit('flip', [taken], { axes: backwards })
}

/**
 * A part: one `Range` for each dimension, and all of the dimensions that are not mentioned. A range is a position, which
 * drops the dimension; `':'`, all of it; or `{ start, stop, step }`, where negative positions count from the end, a negative
 * step runs backwards and bounds beyond the ends are moved to them, as in NumPy.
 *
 * Fails with `InvalidArgument` on a position out of range, a step of 0 or a bound that is not an integer, and with
 * `InvalidAxis` on more ranges than dimensions.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { run, slice, tensor, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly [2, 3]>) => slice(x, -1, { step: -1 })
 * assert.deepStrictEqual(run(f)(tensor([[1, 2, 3], [4, 5, 6]])), { _tag: 'Right', right: tensor([6, 5, 4]) })
 * ```
 *
 * @category parts
 * @since 0.1.0
 */
export const slice = <S extends Shape, const R extends ReadonlyArray<Range>, D extends DType = 'real'>(
  x: Operand<S, D>,
  ...ranges: R
): Reverse<Var<Sliced<S, R>, D>> =>
  body([x as AnyOperand], (v, [y]) => {
    const found = spans(y.shape, ranges)
    if (E.isLeft(found)) return found
    const taken = cut(v, y, found.right)
    return E.right(
      found.right.some(({ dropped }) => dropped)
        ? v.reshape(
            taken,
            found.right.flatMap(({ dropped, length }) => (dropped ? [] : [length])),
          )
        : taken,
    )
  }) as never

/**
 * The elements from `start` up to and without `stop` along one axis.
 *
 * @category combinators
 * @since 0.1.0
 */
export const between = (v: Vocabulary, x: AnyVar, axis: number, start: number, stop: number): AnyVar =>
  cut(
    v,
    x,
    x.shape.map((n, d) => ({
      step: 1,
      dropped: false,
      ...(d === axis ? { start, length: stop - start } : { start: 0, length: n }),
    })),
  )

type Filled<N extends number, T, Out extends ReadonlyArray<T> = readonly []> = number extends N
  ? ReadonlyArray<T>
  : Out['length'] extends N
    ? Out
    : Out['length'] extends 64
      ? ReadonlyArray<T>
      : Filled<N, T, readonly [...Out, T]>

/**
 * The parts that `split` gives.
 *
 * @category types
 * @since 0.1.0
 */
export type Parts<S extends Shape, P extends number | ReadonlyArray<number>, A extends number, D extends DType> = [
  P,
] extends [number]
  ? Filled<P, Var<WithLength<S, A, number>, D>>
  : { readonly [I in keyof P]: Var<WithLength<S, A, P[I] & number>, D> }

const lengthsOf = (
  x: AnyVar,
  parts: number | ReadonlyArray<number>,
  n: number,
): E.Either<Failure, ReadonlyArray<number>> => {
  const no = (sentence: string) => refuse('split', 'InvalidArgument', sentence, [x])
  if (typeof parts === 'number') {
    if (!Number.isInteger(parts) || parts < 1) return no(`the number of parts must be an integer >= 1, not ${parts}`)
    return n % parts === 0
      ? E.right(Array.from({ length: parts }, () => n / parts))
      : no(`${n} elements of ${show(x.shape)} are not ${parts} equal parts`)
  }
  if (!parts.every((length) => Number.isInteger(length) && length >= 0))
    return no(`the lengths of the parts must be integers >= 0, not ${show(parts)}`)
  const total = parts.reduce((sum, length) => sum + length, 0)
  return total === n ? E.right(parts) : no(`the lengths ${show(parts)} add up to ${total}, not ${n}`)
}

/**
 * Parts one after another along an axis, the first unless told otherwise: so many equal ones, or ones of given lengths.
 * Fails with `InvalidArgument` when they do not make up the dimension, and with `InvalidAxis`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { run, split, tensor, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly [4]>) => split(x, [1, 3])
 * assert.deepStrictEqual(run(f)(tensor([1, 2, 3, 4])), { _tag: 'Right', right: [tensor([1]), tensor([2, 3, 4])] })
 * ```
 *
 * @category parts
 * @since 0.1.0
 */
export const split = <
  S extends Shape,
  const P extends number | ReadonlyArray<number>,
  const A extends number = 0,
  D extends DType = 'real',
>(
  x: Operand<S, D>,
  parts: P,
  options?: { readonly axis?: A | undefined } & HasAxis<S, A>,
): Reverse<Parts<S, P, A, D>> =>
  body([x as AnyOperand], (v, [y]) => {
    const axis = axisOf(options?.axis ?? 0, y.shape.length, 'split')
    if (E.isLeft(axis)) return axis
    const lengths = lengthsOf(y, parts, y.shape[axis.right])
    if (E.isLeft(lengths)) return lengths
    let at = 0
    return E.right(
      lengths.right.map((length) => {
        at += length
        return between(v, y, axis.right, at - length, at)
      }),
    )
  }) as never
