/**
 * Elements chosen by integers, and orders of elements.
 *
 * Indices count from 0. One outside the dimension, a negative one included, reads NaN (0 of integers, false of booleans)
 * and is added nowhere: what an index is, is known only when the tape runs, and no evaluation fails. Indices have no
 * derivative; the elements read have theirs scattered back to where they came from.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { moving } from '../primitive/indexing.js'
import { type AnyOperand, type Operand, type Reverse, step } from '../Reverse.js'
import { axis as axisOf, type DType, equals, type Shape, show } from '../Shape.js'
import type { HasAxis, WithLength } from '../shape/types.js'
import type { AnyVar, Var } from '../Var.js'
import { body, type Recorded, refuse } from './record.js'
import type { Along } from './softmax.js'

const integers = (operation: string, x: AnyVar, at: AnyVar): Recorded =>
  at.dtype === 'int'
    ? E.right(at)
    : refuse(operation, 'TypeMismatch', `the indices must be int, not ${at.dtype}`, [x, at])

// ----------------------------------------------------------------------------------------------------- reading

/**
 * The shape of `take`: the indices' dimensions in place of the axis.
 *
 * @category types
 * @since 0.1.0
 */
export type Taken<S extends Shape, I extends Shape, A extends number> = [A] extends [0]
  ? S extends readonly [number, ...infer R extends Shape]
    ? readonly [...I, ...R]
    : Shape
  : Shape

/**
 * Rows by number: along the axis (the first unless told otherwise) the elements at the indices, whose dimensions take the
 * place of the axis. `[V, D]` at `[B, T]` is `[B, T, D]`: the look-up in a table of embeddings.
 *
 * Fails with `TypeMismatch` unless the indices are integers, and with `InvalidAxis`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { ints, run, take, tensor, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly [3, 2]>) => take(x, ints([2, 0]))
 * assert.deepStrictEqual(run(f)(tensor([[1, 2], [3, 4], [5, 6]])), { _tag: 'Right', right: tensor([[5, 6], [1, 2]]) })
 * ```
 *
 * @category reading
 * @since 0.1.0
 */
export const take = <S extends Shape, I extends Shape, const A extends number = 0, D extends DType = 'real'>(
  x: Operand<S, D>,
  indices: Operand<I, 'int'>,
  options?: { readonly axis?: A | undefined } & HasAxis<S, A>,
): Reverse<Var<Taken<S, I, A>, D>> =>
  body([x as AnyOperand, indices], (v, [y, at]) => {
    const axis = axisOf(options?.axis ?? 0, y.shape.length, 'take')
    if (E.isLeft(axis)) return axis
    const int = integers('take', y, at)
    if (E.isLeft(int)) return int
    const a = axis.right
    const read = v.emit('gather', [v.permute(y, moving(y.shape.length, a, 0)), at], { batch: 0 })
    // [I.., before.., after..] to [before.., I.., after..]
    const k = at.shape.length
    const places = read.shape.map((_, d) => d)
    return E.right(v.permute(read, [...places.slice(k, k + a), ...places.slice(0, k), ...places.slice(k + a)]))
  }) as never

/** With the axis last, as `gather` with batch dimensions wants it. */
const gathered = (operation: string, y: AnyVar, at: AnyVar, axis: number) => {
  const int = integers(operation, y, at)
  if (E.isLeft(int)) return int
  const beside = (shape: Shape): Shape => shape.filter((_, d) => d !== axis)
  return at.shape.length === y.shape.length && equals(beside(y.shape), beside(at.shape))
    ? E.right(at)
    : refuse(
        operation,
        'ShapeMismatch',
        `indices ${show(at.shape)} must have the shape ${show(y.shape)} beside axis ${axis}`,
        [y, at],
      )
}

/**
 * Along an axis (the last unless told otherwise), in every lane the elements at that lane's own indices:
 * `y[i, j] = x[i, indices[i, j]]`. With what `argSort` gives it sorts. The indices have the shape of `x` but for the axis.
 *
 * Fails with `ShapeMismatch` otherwise, with `TypeMismatch` unless the indices are integers, and with `InvalidAxis`.
 *
 * @category reading
 * @since 0.1.0
 */
export const gather = <S extends Shape, I extends Shape, const A extends number = -1, D extends DType = 'real'>(
  x: Operand<S, D>,
  indices: Operand<I, 'int'>,
  options?: Along<A> & HasAxis<S, A>,
): Reverse<Var<I, D>> =>
  body([x as AnyOperand, indices], (v, [y, at]) => {
    const rank = y.shape.length
    const axis = axisOf(options?.axis ?? -1, rank, 'gather')
    if (E.isLeft(axis)) return axis
    const fit = gathered('gather', y, at, axis.right)
    if (E.isLeft(fit)) return fit
    const last = moving(rank, axis.right, rank - 1)
    const read = v.emit('gather', [v.permute(y, last), v.permute(at, last)], { batch: rank - 1 })
    return E.right(v.permute(read, moving(rank, rank - 1, axis.right)))
  }) as never

/**
 * Ones at the indices and zeros elsewhere, along a new last dimension of length `depth`; all zeros for an index outside it.
 * Fails with `InvalidArgument` unless the depth is an integer >= 0, and with `TypeMismatch` unless the indices are integers.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { ints, oneHot, run, tensor, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly [2], 'int'>) => oneHot(x, 3)
 * assert.deepStrictEqual(run(f)(ints([2, 0])), { _tag: 'Right', right: tensor([[0, 0, 1], [1, 0, 0]]) })
 * ```
 *
 * @category reading
 * @since 0.1.0
 */
export const oneHot = <S extends Shape, const N extends number>(
  indices: Operand<S, 'int'>,
  depth: N,
): Reverse<Var<readonly [...S, N]>> =>
  body([indices], (v, [at]) => {
    if (at.dtype !== 'int') return refuse('oneHot', 'TypeMismatch', `the indices must be int, not ${at.dtype}`, [at])
    if (!Number.isInteger(depth) || depth < 0)
      return refuse('oneHot', 'InvalidArgument', `the depth must be an integer >= 0, not ${depth}`, [at])
    const shape = [...at.shape, depth]
    const classes = v.emit('iota', [], { shape, axis: at.shape.length })
    const wanted = v.broadcast(
      at,
      shape,
      at.shape.map((_, d) => d),
    )
    return E.right(v.convert(v.eq(classes, wanted), 'real'))
  }) as never

// ----------------------------------------------------------------------------------------------------- writing

/**
 * `x` with updates added at rows: the transpose of `take`. Along the axis (the first unless told otherwise) row
 * `indices[j]` of `x` gets `updates[j]`; rows named twice get both. The updates have the shape of `take(x, indices)`.
 *
 * Fails with `ShapeMismatch` otherwise, with `TypeMismatch` unless the indices are integers, and with `InvalidAxis`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { ints, run, scatterAdd, tensor, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly [3]>) => scatterAdd(x, ints([0, 2, 0]), tensor([10, 20, 30]))
 * assert.deepStrictEqual(run(f)(tensor([1, 2, 3])), { _tag: 'Right', right: tensor([41, 2, 23]) })
 * ```
 *
 * @category writing
 * @since 0.1.0
 */
export const scatterAdd = <S extends Shape, const A extends number = 0, D extends 'real' | 'int' = 'real'>(
  x: Operand<S, D>,
  indices: Operand<Shape, 'int'>,
  updates: Operand<Shape, NoInfer<D>>,
  options?: { readonly axis?: A | undefined } & HasAxis<S, A>,
): Reverse<Var<S, D>> =>
  body([x as AnyOperand, indices, updates as AnyOperand], (v, [y, at, u]) => {
    const axis = axisOf(options?.axis ?? 0, y.shape.length, 'scatterAdd')
    if (E.isLeft(axis)) return axis
    const int = integers('scatterAdd', y, at)
    if (E.isLeft(int)) return int
    const a = axis.right
    const k = at.shape.length
    const expected = [...y.shape.slice(0, a), ...at.shape, ...y.shape.slice(a + 1)]
    if (!equals(expected, u.shape))
      return refuse(
        'scatterAdd',
        'ShapeMismatch',
        `updates ${show(u.shape)} must have the shape ${show(expected)} of what is taken from ${show(y.shape)} at ${show(at.shape)}`,
        [y, at, u],
      )
    const places = u.shape.map((_, d) => d)
    const first = v.permute(u, [...places.slice(a, a + k), ...places.slice(0, a), ...places.slice(a + k)])
    const sums = v.emit('scatterAdd', [at, first], { batch: 0, size: y.shape[a] })
    return E.right(v.add(y, v.permute(sums, moving(y.shape.length, 0, a))))
  }) as never

// ---------------------------------------------------------------------------------------------------- ordering

/**
 * Along which axis to order (the last unless told otherwise), and which way.
 *
 * @category types
 * @since 0.1.0
 */
export interface SortOptions<A extends number = number> extends Along<A> {
  readonly descending?: boolean | undefined
}

/**
 * An order along one axis.
 *
 * @category types
 * @since 0.1.0
 */
export type Ordering = <S extends Shape, const A extends number = -1, D extends 'real' | 'int' = 'real'>(
  x: Operand<S, D>,
  options?: SortOptions<A> & HasAxis<S, A>,
) => Reverse<Var<S, D>>

const ordered =
  (name: 'sort' | 'argSort') =>
  (x: AnyOperand, { axis = -1, descending = false }: SortOptions = {}): Reverse<AnyVar> =>
    step([x], (recorder, [y]) => {
      const along = axisOf(axis, y.shape.length, name)
      return E.isLeft(along) ? along : recorder.emit(name, [y], { axis: along.right, descending: descending === true })
    })

/**
 * Sorted along an axis. Equal elements keep their order, and NaN comes last whichever way. The derivative follows each
 * element to its place.
 *
 * @category ordering
 * @since 0.1.0
 */
export const sort: Ordering = ordered('sort') as never

/**
 * The indices that sort: `gather(x, argSort(x))` is `sort(x)`.
 *
 * @category ordering
 * @since 0.1.0
 */
export const argSort: <S extends Shape, const A extends number = -1>(
  x: Operand<S, 'real' | 'int'>,
  options?: SortOptions<A> & HasAxis<S, A>,
) => Reverse<Var<S, 'int'>> = ordered('argSort') as never

/**
 * The `k` largest elements along an axis (the last unless told otherwise), largest first, with their indices. Of equal ones
 * the earlier comes first, and NaN last. Fails with `InvalidArgument` unless `k` is an integer from 0 to the length of the
 * axis, and with `InvalidAxis`.
 *
 * @category ordering
 * @since 0.1.0
 */
export const topK = <
  S extends Shape,
  const K extends number,
  const A extends number = -1,
  D extends 'real' | 'int' = 'real',
>(
  x: Operand<S, D>,
  k: K,
  options?: Along<A> & HasAxis<S, A>,
): Reverse<{ readonly values: Var<WithLength<S, A, K>, D>; readonly indices: Var<WithLength<S, A, K>, 'int'> }> =>
  body([x as AnyOperand], (v, [y]) => {
    const axis = axisOf(options?.axis ?? -1, y.shape.length, 'topK')
    if (E.isLeft(axis)) return axis
    const n = y.shape[axis.right]
    if (!Number.isInteger(k) || k < 0 || k > n)
      return refuse('topK', 'InvalidArgument', `k must be an integer from 0 to ${n}, not ${k}`, [y])
    const attributes = { axis: axis.right, k }
    return E.right({ values: v.emit('topK', [y], attributes), indices: v.emit('argTopK', [y], attributes) })
  }) as never
