/**
 * Tensors from nested arrays and back (see `Tensor.ts`).
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'
import { check, type DType, MAX_RANK, type Shape, show, size } from '../Shape.js'
import { type AnyTensor, allocate, type Tensor, unsafeMake } from './model.js'

/**
 * Arrays of arrays of ... of `A`, or an `A` itself.
 *
 * @category model
 * @since 0.1.0
 */
export type NestedArray<A> = A | ReadonlyArray<NestedArray<A>>

/**
 * What a literal reports that is no tensor: its message is the type argument.
 *
 * @category types
 * @since 0.1.0
 */
export interface Ragged<M extends string> {
  readonly 'not a tensor': M
}

type IsUnion<A, B = A> = A extends unknown ? ([B] extends [A] ? false : true) : never

/** A length that is known only at run time stays `number`. */
type Length<L> = [L] extends [number]
  ? number extends L
    ? number
    : IsUnion<L> extends true
      ? never
      : L & number
  : never

/** All rows at once: `A` is the union of them. Beyond 8 levels nothing is known. */
type Dims<A, Level extends ReadonlyArray<unknown> = readonly []> = Level['length'] extends 8
  ? Shape
  : [A] extends [number | boolean]
    ? readonly []
    : [A] extends [ReadonlyArray<unknown>]
      ? readonly [Length<A['length']>, ...Dims<A[number], readonly [...Level, unknown]>]
      : [ReadonlyArray<A>] extends [A]
        ? Shape
        : never

type HasNever<S> = [S] extends [never]
  ? true
  : S extends readonly [infer A, ...infer R]
    ? [A] extends [never]
      ? true
      : HasNever<R>
    : false

/**
 * The shape of a nested array, of literal numbers where the type shows them; `Shape` when it is ragged.
 *
 * @category types
 * @since 0.1.0
 */
export type ShapeOf<A> = HasNever<Dims<A>> extends true ? Shape : Dims<A> extends infer S extends Shape ? S : Shape

/**
 * Accepts nested arrays whose type shows no two rows of different length.
 *
 * @category types
 * @since 0.1.0
 */
export type Rectangular<A> = HasNever<Dims<A>> extends true ? Ragged<'its rows differ in length or depth'> : unknown

/**
 * The nested arrays of a tensor of shape `S`.
 *
 * @category types
 * @since 0.1.0
 */
export type Nested<S extends Shape> = S extends readonly []
  ? number
  : number extends S['length']
    ? NestedArray<number>
    : S extends readonly [number, ...infer R extends Shape]
      ? ReadonlyArray<Nested<R>>
      : never

const position = (index: ReadonlyArray<number>): string => (index.length === 0 ? '' : ` at [${index.join('][')}]`)

const said = (u: unknown): string =>
  Array.isArray(u)
    ? `an array of ${u.length}`
    : typeof u === 'number' || typeof u === 'boolean'
      ? String(u)
      : u === null || u === undefined
        ? `${u}`
        : `a ${typeof u}`

/** The lengths along the first row of everything. */
const outline = (nested: unknown): ReadonlyArray<number> => {
  const shape: Array<number> = []
  for (let u = nested; Array.isArray(u) && shape.length <= MAX_RANK; u = u[0]) shape.push(u.length)
  return shape
}

/** What an element type admits, in words, or the element as a number. */
const element = (u: unknown, dtype: DType): number | string => {
  if (dtype === 'bool')
    return u === true || u === 1 ? 1 : u === false || (u === 0 && !Object.is(u, -0)) ? 0 : 'a boolean, or 0 or 1'
  if (dtype === 'int') return typeof u === 'number' && (u | 0) === u ? u : 'an integer from -2^31 to 2^31 - 1'
  return typeof u === 'number' ? u : 'a number'
}

/**
 * Nested arrays of unknown origin as a tensor; the data are copied. Elements are numbers; for `int` integers of 32 bits,
 * for `bool` booleans or 0 and 1. Fails with `ShapeMismatch` when rows differ in length or depth, `TypeMismatch` on an
 * element of another type, `InvalidShape` beyond 16 dimensions, naming the index of the culprit.
 *
 * @example
 * ```ts
 * import { fromArray, tensor } from 'wengert/Tensor'
 * import * as E from 'fp-ts/lib/Either.js'
 * import assert from 'node:assert'
 *
 * assert.deepStrictEqual(fromArray([[1, 2], [3, 4]]), E.right(tensor([[1, 2], [3, 4]])))
 * const ragged = fromArray([[1, 2], [3]])
 * assert.ok(E.isLeft(ragged) && ragged.left.message === 'fromArray: expected an array of 2 at [1], found an array of 1')
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromArray = <D extends DType = 'real'>(
  nested: unknown,
  dtype: D = 'real' as D,
  operation = 'fromArray',
): E.Either<Failure, Tensor<Shape, D>> => {
  const checked = check(outline(nested), operation)
  if (E.isLeft(checked)) return checked
  const shape = checked.right
  const data = allocate(dtype, size(shape))
  let next = 0
  const fill = (u: unknown, index: ReadonlyArray<number>): E.Either<Failure, never> | undefined => {
    const axis = index.length
    if (axis === shape.length) {
      const x = Array.isArray(u) ? 'a number, as the first element is' : element(u, dtype)
      if (typeof x === 'string')
        return fail(
          Array.isArray(u) ? 'ShapeMismatch' : 'TypeMismatch',
          `${operation}: expected ${x}${position(index)}, found ${said(u)}`,
          { operation },
        )
      data[next++] = x
      return undefined
    }
    if (!Array.isArray(u) || u.length !== shape[axis])
      return fail(
        'ShapeMismatch',
        `${operation}: expected an array of ${shape[axis]}${position(index)}, found ${said(u)}`,
        {
          operation,
        },
      )
    for (let i = 0; i < u.length; i++) {
      const failed = fill(u[i], [...index, i])
      if (failed !== undefined) return failed
    }
    return undefined
  }
  return fill(nested, []) ?? E.right(unsafeMake(shape, dtype, data))
}

const literal = <D extends DType>(nested: unknown, dtype: D, operation: string): Tensor<Shape, D> => {
  const made = fromArray(nested, dtype, operation)
  if (E.isLeft(made)) throw new TypeError(`${made.left.message}; use fromArray for data that may be malformed`)
  return made.right
}

/**
 * A tensor of reals from a literal. Its shape is known to the type as far as the literal shows it, and a ragged literal
 * does not compile. What the type cannot see, such as rows of `number[][]` that differ, throws a `TypeError`; data that
 * may be malformed go through `fromArray`.
 *
 * @example
 * ```ts
 * import { tensor, type Tensor } from 'wengert/Tensor'
 * import assert from 'node:assert'
 *
 * const a: Tensor<readonly [2, 3]> = tensor([
 *   [1, 2, 3],
 *   [4, 5, 6],
 * ])
 * assert.deepStrictEqual(a.shape, [2, 3])
 * assert.deepStrictEqual([...a.data], [1, 2, 3, 4, 5, 6])
 * // tensor([[1, 2], [3]]) does not compile
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const tensor = <const A extends NestedArray<number>>(nested: A & Rectangular<A>): Tensor<ShapeOf<A>> =>
  literal(nested, 'real', 'tensor') as Tensor<ShapeOf<A>>

/**
 * The same for 32-bit integers. Throws a `TypeError` on other numbers as well.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ints = <const A extends NestedArray<number>>(nested: A & Rectangular<A>): Tensor<ShapeOf<A>, 'int'> =>
  literal(nested, 'int', 'ints') as Tensor<ShapeOf<A>, 'int'>

/**
 * The same for booleans.
 *
 * @category constructors
 * @since 0.1.0
 */
export const bools = <const A extends NestedArray<boolean>>(nested: A & Rectangular<A>): Tensor<ShapeOf<A>, 'bool'> =>
  literal(nested, 'bool', 'bools') as Tensor<ShapeOf<A>, 'bool'>

/**
 * Elements in row-major order under a shape; they are copied. Fails with `InvalidShape` or `TooLarge` on a shape that no
 * tensor has, `ShapeMismatch` when the elements are more or fewer than it says, and `TypeMismatch` on an element that the
 * element type does not have.
 *
 * @example
 * ```ts
 * import { fromData, tensor } from 'wengert/Tensor'
 * import * as E from 'fp-ts/lib/Either.js'
 * import assert from 'node:assert'
 *
 * assert.deepStrictEqual(fromData([2, 2], [1, 2, 3, 4]), E.right(tensor([[1, 2], [3, 4]])))
 * assert.ok(E.isLeft(fromData([2, 2], [1, 2, 3])))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromData = <const S extends Shape, D extends DType = 'real'>(
  shape: S,
  data: ArrayLike<number>,
  dtype: D = 'real' as D,
): E.Either<Failure, Tensor<S, D>> => {
  const operation = 'fromData'
  const checked = check(shape, operation)
  if (E.isLeft(checked)) return checked
  const n = size(shape)
  if (data.length !== n)
    return fail('ShapeMismatch', `${operation}: shape ${show(shape)} has ${n} elements, ${data.length} were given`, {
      operation,
      shapes: [shape],
    })
  const out = allocate(dtype, n)
  for (let i = 0; i < n; i++) {
    const x = element(data[i], dtype)
    if (typeof x === 'string')
      return fail('TypeMismatch', `${operation}: expected ${x} at element ${i}, found ${said(data[i])}`, { operation })
    out[i] = x
  }
  return E.right(unsafeMake([...shape] as unknown as S, dtype, out))
}

/**
 * The elements in row-major order, copied to an array.
 *
 * @category destructors
 * @since 0.1.0
 */
export const toArray = (t: AnyTensor): Array<number> => Array.from(t.data)

/**
 * The elements in nested arrays; a number for a scalar. A boolean is 0 or 1.
 *
 * @example
 * ```ts
 * import { ones, toNested } from 'wengert/Tensor'
 * import assert from 'node:assert'
 *
 * assert.deepStrictEqual(toNested(ones([2, 2])), [[1, 1], [1, 1]])
 * ```
 *
 * @category destructors
 * @since 0.1.0
 */
export const toNested = <S extends Shape>(t: Tensor<S, DType>): Nested<S> => {
  const { data, shape } = t
  let next = 0
  const nest = (axis: number): NestedArray<number> =>
    axis === shape.length ? data[next++] : Array.from({ length: shape[axis] }, () => nest(axis + 1))
  return nest(0) as Nested<S>
}

/**
 * The number in a tensor of one element, whatever its rank. Fails with `NotScalar` otherwise.
 *
 * @category destructors
 * @since 0.1.0
 */
export const item = (t: AnyTensor): E.Either<Failure, number> =>
  t.data.length === 1
    ? E.right(t.data[0])
    : fail('NotScalar', `item: a tensor of shape ${show(t.shape)} has ${t.data.length} elements, not one`, {
        operation: 'item',
        shapes: [t.shape],
      })
