/**
 * Element by element: maps, conversions, comparisons (see `Tensor.ts`).
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type * as Eq from 'fp-ts/lib/Eq.js'
import { type Failure, fail } from '../Failure.js'
import { type DType, type Shape, equals as sameShape, show } from '../Shape.js'
import { type AnyTensor, allocate, type Tensor, unsafeMake, write } from './model.js'

const generate = <S extends Shape, D extends DType>(
  shape: S,
  dtype: D,
  n: number,
  f: (i: number) => number,
): Tensor<S, D> => {
  const out = allocate(dtype, n)
  for (let i = 0; i < n; i++) write(dtype, out, i, f(i))
  return unsafeMake(shape, dtype, out)
}

/**
 * A function of each element, and its position in row-major order. The element type stays: results are converted as
 * `cast` does.
 *
 * @example
 * ```ts
 * import { map, tensor } from 'wengert/Tensor'
 * import assert from 'node:assert'
 *
 * assert.deepStrictEqual(map((x) => x * x)(tensor([1, 2, 3])), tensor([1, 4, 9]))
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const map =
  (f: (x: number, i: number) => number): (<S extends Shape, D extends DType>(t: Tensor<S, D>) => Tensor<S, D>) =>
  (t) =>
    generate(t.shape, t.dtype, t.data.length, (i) => f(t.data[i], i))

/**
 * A function of the elements of two tensors at one place. Fails with `ShapeMismatch` unless the shapes are equal, and with
 * `TypeMismatch` unless the element types are.
 *
 * @example
 * ```ts
 * import { tensor, zipWith } from 'wengert/Tensor'
 * import * as E from 'fp-ts/lib/Either.js'
 * import assert from 'node:assert'
 *
 * assert.deepStrictEqual(zipWith(Math.max)(tensor([1, 4]), tensor([3, 2])), E.right(tensor([3, 4])))
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const zipWith =
  (
    f: (x: number, y: number) => number,
  ): (<S extends Shape, D extends DType>(
    a: Tensor<S, D>,
    b: Tensor<Shape, NoInfer<D>>,
  ) => E.Either<Failure, Tensor<S, D>>) =>
  (a, b) => {
    const operation = 'zipWith'
    const shapes = [a.shape, b.shape]
    if (a.dtype !== b.dtype)
      return fail('TypeMismatch', `${operation}: ${a.dtype} with ${b.dtype}; cast one of them`, { operation, shapes })
    return sameShape(a.shape, b.shape)
      ? E.right(generate(a.shape, a.dtype, a.data.length, (i) => f(a.data[i], b.data[i])))
      : fail('ShapeMismatch', `${operation}: shapes ${show(a.shape)} and ${show(b.shape)} differ`, {
          operation,
          shapes,
        })
  }

/**
 * The elements as another type: a real or integer becomes the boolean of being other than 0; a boolean becomes 0 or 1; a
 * real becomes an integer by dropping its fraction and wrapping to 32 bits, NaN and infinities becoming 0.
 *
 * @example
 * ```ts
 * import { cast, ints, tensor } from 'wengert/Tensor'
 * import assert from 'node:assert'
 *
 * assert.deepStrictEqual(cast(tensor([1.7, -1.7, 2 ** 31]), 'int'), ints([1, -1, -(2 ** 31)]))
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const cast = <S extends Shape, D extends DType>(t: Tensor<S, DType>, dtype: D): Tensor<S, D> =>
  (t.dtype as DType) === dtype ? (t as Tensor<S, D>) : generate(t.shape, dtype, t.data.length, (i) => t.data[i])

/**
 * The greatest `|a - b|` over all elements; 0 when there are none. Equal infinities differ by 0; a NaN on either side makes
 * the result NaN, so that no comparison with a tolerance passes. Fails with `ShapeMismatch` unless the shapes are equal.
 *
 * @category destructors
 * @since 0.1.0
 */
export const maxAbsDiff = (a: AnyTensor, b: AnyTensor): E.Either<Failure, number> => {
  if (!sameShape(a.shape, b.shape))
    return fail('ShapeMismatch', `maxAbsDiff: shapes ${show(a.shape)} and ${show(b.shape)} differ`, {
      operation: 'maxAbsDiff',
      shapes: [a.shape, b.shape],
    })
  let greatest = 0
  for (let i = 0; i < a.data.length; i++)
    // Math.max propagates NaN
    greatest = Math.max(greatest, a.data[i] === b.data[i] ? 0 : Math.abs(a.data[i] - b.data[i]))
  return E.right(greatest)
}

/**
 * Same element type, same shape, and elements that are the same by `Object.is`: NaN equals NaN and 0 differs from -0.
 *
 * @category instances
 * @since 0.1.0
 */
export const equals = (a: AnyTensor, b: AnyTensor): boolean => {
  if (a === b) return true
  if (a.dtype !== b.dtype || !sameShape(a.shape, b.shape)) return false
  for (let i = 0; i < a.data.length; i++) if (!Object.is(a.data[i], b.data[i])) return false
  return true
}

/**
 * `equals` as an instance.
 *
 * @category instances
 * @since 0.1.0
 */
export const getEq = <S extends Shape = Shape, D extends DType = DType>(): Eq.Eq<Tensor<S, D>> => ({ equals })
