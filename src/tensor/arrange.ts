/**
 * Rearrangements of tensors (see `Tensor.ts`): other shapes, other orders of dimensions, tensors side by side.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'
import { axis as axisOf, check, type DType, equals, type Shape, show, size, strides } from '../Shape.js'
import { allocate, gather, type Tensor, unsafeMake } from './model.js'

/**
 * The shape that `reshape` gives for a request, in which -1 is a length to be found.
 *
 * @category types
 * @since 0.1.0
 */
export type Reshaped<R extends Shape> = { readonly [K in keyof R]: R[K] extends -1 ? number : R[K] }

/**
 * The dimensions of `S`, last first.
 *
 * @category types
 * @since 0.1.0
 */
export type Reversed<S extends Shape> = number extends S['length']
  ? Shape
  : S extends readonly [infer N extends number, ...infer R extends Shape]
    ? readonly [...Reversed<R>, N]
    : readonly []

/**
 * The dimensions of `S` in the order `A`; those that `A` does not show are `number`.
 *
 * @category types
 * @since 0.1.0
 */
export type Permuted<S extends Shape, A extends ReadonlyArray<number>> = number extends S['length']
  ? { readonly [K in keyof A]: number }
  : { readonly [K in keyof A]: `${A[K]}` extends keyof S ? S[`${A[K]}` & keyof S] & number : number }

/**
 * The same elements in the same order under another shape; one length may be -1 and is found. Fails with `InvalidShape`
 * on a shape that no tensor has or a second -1, and with `ShapeMismatch` when the numbers of elements differ.
 *
 * @example
 * ```ts
 * import { arange, reshape, tensor } from 'wengert/Tensor'
 * import * as E from 'fp-ts/lib/Either.js'
 * import assert from 'node:assert'
 *
 * assert.deepStrictEqual(reshape(arange(6), [2, -1]), E.right(tensor([[0, 1, 2], [3, 4, 5]])))
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const reshape = <D extends DType, const R extends Shape>(
  t: Tensor<Shape, D>,
  shape: R,
): E.Either<Failure, Tensor<Reshaped<R>, D>> => {
  const operation = 'reshape'
  const n = t.data.length
  const open = shape.indexOf(-1)
  const details = { operation, shapes: [t.shape, shape] }
  const others = shape.filter((_, i) => i !== open)
  if (others.includes(-1))
    return fail('InvalidShape', `${operation}: ${show(shape)} has -1 more than once; one length can be found`, details)
  const checked = check(others, operation)
  if (E.isLeft(checked)) return checked
  const rest = size(others)
  if (open !== -1 && rest === 0)
    return fail('InvalidShape', `${operation}: -1 in ${show(shape)} could be any length, because another is 0`, details)
  if (open !== -1 && n % rest !== 0)
    return fail('ShapeMismatch', `${operation}: ${n} elements of ${show(t.shape)} do not fill ${show(shape)}`, details)
  const wanted = shape.map((d, i) => (i === open ? n / rest : d))
  const whole = check(wanted, operation)
  if (E.isLeft(whole)) return whole
  return size(wanted) === n
    ? E.right(unsafeMake(wanted as unknown as Reshaped<R>, t.dtype, t.data))
    : fail(
        'ShapeMismatch',
        `${operation}: ${show(t.shape)} has ${n} elements and ${show(shape)} has ${size(wanted)}`,
        details,
      )
}

/**
 * The dimensions in another order: dimension `i` of the result is dimension `axes[i]` of `t`, negative ones counted from
 * the end. Fails with `InvalidAxis` unless `axes` names every dimension once.
 *
 * @category combinators
 * @since 0.1.0
 */
export const permute = <S extends Shape, D extends DType, const A extends ReadonlyArray<number>>(
  t: Tensor<S, D>,
  axes: A,
): E.Either<Failure, Tensor<Permuted<S, A>, D>> => {
  const operation = 'permute'
  const rank = t.shape.length
  const order: Array<number> = []
  for (const given of axes) {
    const found = axisOf(given, rank, operation)
    if (E.isLeft(found)) return found
    if (order.includes(found.right))
      return fail('InvalidAxis', `${operation}: axis ${given} is given twice`, { operation })
    order.push(found.right)
  }
  if (order.length !== rank)
    return fail(
      'InvalidAxis',
      `${operation}: ${order.length} axes for shape ${show(t.shape)}; each must be named once`,
      {
        operation,
        shapes: [t.shape],
      },
    )
  const along = strides(t.shape)
  return E.right(
    gather(
      t,
      order.map((d) => t.shape[d]),
      order.map((d) => along[d]),
      0,
    ) as unknown as Tensor<Permuted<S, A>, D>,
  )
}

/**
 * The dimensions in reverse order; for a matrix its transpose.
 *
 * @example
 * ```ts
 * import { tensor, toNested, transpose } from 'wengert/Tensor'
 * import assert from 'node:assert'
 *
 * assert.deepStrictEqual(toNested(transpose(tensor([[1, 2, 3], [4, 5, 6]]))), [[1, 4], [2, 5], [3, 6]])
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const transpose = <S extends Shape, D extends DType>(t: Tensor<S, D>): Tensor<Reversed<S>, D> =>
  gather(t, [...t.shape].reverse(), [...strides(t.shape)].reverse(), 0) as unknown as Tensor<Reversed<S>, D>

/**
 * Tensors one after another along an axis (the first unless told otherwise). Fails with `InvalidArgument` on no tensor,
 * `InvalidAxis` on a missing axis, `ShapeMismatch` when another dimension differs, `TypeMismatch` when element types do.
 *
 * @category combinators
 * @since 0.1.0
 */
export const concat = <D extends DType>(
  ts: ReadonlyArray<Tensor<Shape, D>>,
  axis = 0,
): E.Either<Failure, Tensor<Shape, D>> => {
  const operation = 'concat'
  if (ts.length === 0) return fail('InvalidArgument', `${operation}: no tensor was given`, { operation })
  const { dtype, shape } = ts[0]
  const found = axisOf(axis, shape.length, operation)
  if (E.isLeft(found)) return found
  const d = found.right
  const beside = (s: Shape): Shape => s.map((n, i) => (i === d ? 0 : n))
  for (const t of ts) {
    if (t.dtype !== dtype)
      return fail('TypeMismatch', `${operation}: ${dtype} and ${t.dtype} together; cast one of them`, { operation })
    if (!equals(beside(t.shape), beside(shape)))
      return fail('ShapeMismatch', `${operation}: ${show(shape)} and ${show(t.shape)} differ beside axis ${d}`, {
        operation,
        shapes: [shape, t.shape],
      })
  }
  const joined = shape.map((n, i) => (i === d ? ts.reduce((sum, t) => sum + t.shape[d], 0) : n))
  const checked = check(joined, operation)
  if (E.isLeft(checked)) return checked
  const out = allocate(dtype, size(joined))
  const blocks = size(shape.slice(0, d))
  const block = size(joined.slice(d))
  let offset = 0
  for (const t of ts) {
    const length = size(t.shape.slice(d))
    for (let b = 0; b < blocks; b++)
      for (let i = 0; i < length; i++) out[b * block + offset + i] = t.data[b * length + i]
    offset += length
  }
  return E.right(unsafeMake(joined, dtype, out))
}
