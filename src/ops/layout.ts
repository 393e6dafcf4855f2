/**
 * The same elements in another shape or order. All work for every element type and are linear.
 *
 * Axes count from the end when negative; one that is not there fails with `InvalidAxis`. A shape that no value has fails
 * with `InvalidShape` or `TooLarge`.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'
import type { AnyOperand, Operand, Reverse } from '../Reverse.js'
import { axes as axesOf, axis as axisOf, check, type DType, type Shape, show, size } from '../Shape.js'
import type { Insert, IsOrder, Permute, Refill, Reshape, Squeeze, Swap } from '../shape/layout.js'
import type { Axes, BroadcastsTo, HasAxes, HasAxis } from '../shape/types.js'
import type { Reversed } from '../Tensor.js'
import type { AnyVar, Var } from '../Var.js'
import { body, expand, refuse } from './record.js'

/** The requested shape with its -1 found. */
const filled = (x: AnyVar, shape: Shape): E.Either<Failure, Shape> => {
  const open = shape.indexOf(-1)
  if (open < 0) return check(shape, 'reshape')
  const others = shape.filter((_, d) => d !== open)
  if (others.includes(-1))
    return refuse('reshape', 'InvalidShape', `${show(shape)} has -1 more than once; one length can be found`, [x])
  const valid = check(others, 'reshape')
  if (E.isLeft(valid)) return valid
  const [n, rest] = [size(x.shape), size(others)]
  if (rest === 0)
    return refuse('reshape', 'InvalidShape', `-1 in ${show(shape)} could be any length, because another is 0`, [x])
  return n % rest === 0
    ? E.right(shape.with(open, n / rest))
    : refuse('reshape', 'ShapeMismatch', `${n} elements of ${show(x.shape)} do not fill ${show(shape)}`, [x])
}

/**
 * The same elements, in the same row-major order, in another shape; one length may be -1 and is found. Fails with
 * `ShapeMismatch` when the numbers of elements differ.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { reshape, run, tensor, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly [2, 3]>) => reshape(x, [3, -1])
 * assert.deepStrictEqual(run(f)(tensor([[1, 2, 3], [4, 5, 6]])), { _tag: 'Right', right: tensor([[1, 2], [3, 4], [5, 6]]) })
 * // @ts-expect-error cannot reshape [2, 3] (6 elements) to [4, 2] (8 elements)
 * const refused = (x: Var<readonly [2, 3]>) => reshape(x, [4, 2])
 * assert.strictEqual(run(refused)(tensor([[1, 2, 3], [4, 5, 6]]))._tag, 'Left')
 * ```
 *
 * @category shape
 * @since 0.1.0
 */
export const reshape = <S extends Shape, const R extends Shape, D extends DType = 'real'>(
  x: Operand<S, D>,
  shape: R & Refill<S, R>,
): Reverse<Var<Reshape<S, R>, D>> =>
  body([x as AnyOperand], (_, [v], recorder) => {
    const whole = filled(v, shape as Shape)
    return E.isLeft(whole) ? whole : recorder.emit('reshape', [v], { shape: [...whole.right] })
  }) as never

/**
 * The shape without its dimensions of 1, or without one of them: `squeeze(x, axis)` fails with `ShapeMismatch` when that
 * one is not 1.
 *
 * @category shape
 * @since 0.1.0
 */
export const squeeze = <S extends Shape, const A extends Axes = undefined, D extends DType = 'real'>(
  x: Operand<S, D>,
  axis?: A & HasAxes<S, A>,
): Reverse<Var<Squeeze<S, A>, D>> =>
  body([x as AnyOperand], (v, [y]) => {
    const { shape } = y
    const found =
      axis === undefined
        ? E.right(shape.flatMap((n, d) => (n === 1 ? [d] : [])))
        : axesOf(axis as number | ReadonlyArray<number>, shape.length, 'squeeze')
    if (E.isLeft(found)) return found
    const wrong = found.right.find((d) => shape[d] !== 1)
    return wrong === undefined
      ? E.right(
          v.reshape(
            y,
            shape.filter((_, d) => !found.right.includes(d)),
          ),
        )
      : refuse('squeeze', 'ShapeMismatch', `axis ${wrong} of ${show(shape)} has the length ${shape[wrong]}, not 1`, [y])
  }) as never

/**
 * The shape with a new dimension of 1, which is dimension `axis` of the result.
 *
 * @category shape
 * @since 0.1.0
 */
export const expandDims = <S extends Shape, const A extends number, D extends DType = 'real'>(
  x: Operand<S, D>,
  axis: A & HasAxis<readonly [1, ...S], A>,
): Reverse<Var<Insert<S, A, 1>, D>> =>
  body([x as AnyOperand], (v, [y]) => {
    const at = axisOf(axis as number, y.shape.length + 1, 'expandDims')
    return E.isLeft(at) ? at : E.right(v.reshape(y, y.shape.toSpliced(at.right, 0, 1)))
  }) as never

/**
 * Repeated to a shape that it broadcasts to: aligned at the last dimension, each of its dimensions is that of the shape,
 * or 1. Fails with `ShapeMismatch` otherwise.
 *
 * @category shape
 * @since 0.1.0
 */
export const broadcastTo = <S extends Shape, const R extends Shape, D extends DType = 'real'>(
  x: Operand<S, D>,
  shape: R & BroadcastsTo<S, R>,
): Reverse<Var<R, D>> =>
  body([x as AnyOperand], (_, [y], recorder) => {
    const valid = check(shape as Shape, 'broadcastTo')
    if (E.isLeft(valid)) return valid
    const [from, to] = [y.shape, valid.right]
    const lead = to.length - from.length
    const no = (sentence: string) =>
      refuse('broadcastTo', 'ShapeMismatch', `cannot broadcast ${show(from)} to ${show(to)}: ${sentence}`, [y])
    if (lead < 0) return no('it has more dimensions')
    for (let d = from.length - 1; d >= 0; d--)
      if (from[d] !== 1 && from[d] !== to[lead + d]) return no(`${from[d]} and ${to[lead + d]} differ`)
    return expand(recorder, y, [...to])
  }) as never

// ------------------------------------------------------------------------------------------------------- order

/**
 * The dimensions in another order: dimension `i` of the result is dimension `order[i]` of `x`. Fails with `InvalidAxis`
 * unless the order names every axis once.
 *
 * @category order
 * @since 0.1.0
 */
export const permute = <S extends Shape, const O extends ReadonlyArray<number>, D extends DType = 'real'>(
  x: Operand<S, D>,
  order: O & IsOrder<S, O>,
): Reverse<Var<Permute<S, O>, D>> =>
  body([x as AnyOperand], (v, [y]) => {
    const rank = y.shape.length
    const given: ReadonlyArray<number> = order
    const found: Array<number> = []
    for (const one of given) {
      const at = axisOf(one, rank, 'permute')
      if (E.isLeft(at)) return at
      found.push(at.right)
    }
    return found.length === rank && found.every((d, i) => found.indexOf(d) === i)
      ? E.right(v.permute(y, found))
      : refuse(
          'permute',
          'InvalidAxis',
          `the order ${show(given)} must name each of the ${rank} axes of ${show(y.shape)} once`,
          [y],
        )
  }) as never

/**
 * The dimensions in reverse order; for a matrix its transpose. `swapAxes(x, -1, -2)` transposes a batch of matrices.
 *
 * @category order
 * @since 0.1.0
 */
export const transpose = <S extends Shape, D extends DType = 'real'>(x: Operand<S, D>): Reverse<Var<Reversed<S>, D>> =>
  body([x as AnyOperand], (v, [y]) =>
    E.right(
      v.permute(
        y,
        y.shape.map((_, d) => y.shape.length - 1 - d),
      ),
    ),
  ) as never

/**
 * Two dimensions exchanged.
 *
 * @category order
 * @since 0.1.0
 */
export const swapAxes = <S extends Shape, const A extends number, const B extends number, D extends DType = 'real'>(
  x: Operand<S, D>,
  first: A & HasAxis<S, A>,
  second: B & HasAxis<S, B>,
): Reverse<Var<Swap<S, A, B>, D>> =>
  body([x as AnyOperand], (v, [y]) => {
    const a = axisOf(first as number, y.shape.length, 'swapAxes')
    if (E.isLeft(a)) return a
    const b = axisOf(second as number, y.shape.length, 'swapAxes')
    if (E.isLeft(b)) return b
    return E.right(
      v.permute(
        y,
        y.shape.map((_, d) => (d === a.right ? b.right : d === b.right ? a.right : d)),
      ),
    )
  }) as never

/**
 * The elements in reverse order along some axes, all of them unless told otherwise.
 *
 * @category order
 * @since 0.1.0
 */
export const flip = <S extends Shape, const A extends Axes = undefined, D extends DType = 'real'>(
  x: Operand<S, D>,
  axis?: A & HasAxes<S, A>,
): Reverse<Var<S, D>> =>
  body([x as AnyOperand], (v, [y]) => {
    const axes = axesOf(axis as number | ReadonlyArray<number> | undefined, y.shape.length, 'flip')
    if (E.isLeft(axes)) return axes
    return E.right(axes.right.length === 0 ? y : v.emit('flip', [y], { axes: axes.right }))
  }) as never
