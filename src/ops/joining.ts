/**
 * Values put together, and made longer. All work for every element type and are linear (`pad` affine).
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'
import type { AnyOperand, Operand, Reverse } from '../Reverse.js'
import { axis as axisOf, type DType, equals, type Shape, show } from '../Shape.js'
import type { Concat, Stack } from '../shape/layout.js'
import type { Check, HasAxis, Ok } from '../shape/types.js'
import type { AnyVar, Var } from '../Var.js'
import { body, refuse } from './record.js'
import { between } from './slicing.js'

/** Refuses lists of operands that cannot be joined. */
const joinable = (operation: string, xs: ReadonlyArray<AnyVar>): E.Either<Failure, AnyVar> => {
  if (xs.length === 0) return refuse(operation, 'InvalidArgument', 'no operand was given')
  const [first] = xs
  for (const { dtype } of xs)
    if (dtype !== first.dtype)
      return refuse(
        operation,
        'TypeMismatch',
        `operands must have one element type, not ${first.dtype} and ${dtype}`,
        xs,
      )
  return E.right(first)
}

/**
 * Operands one after another along an axis, the first unless told otherwise. Fails with `InvalidArgument` on no operand,
 * `InvalidAxis`, `ShapeMismatch` when another dimension differs, and `TypeMismatch` when element types do.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { concat, run, tensor, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly [1, 2]>) => concat([x, tensor([[3]])], { axis: -1 })
 * assert.deepStrictEqual(run(f)(tensor([[1, 2]])), { _tag: 'Right', right: tensor([[1, 2, 3]]) })
 * ```
 *
 * @category joining
 * @since 0.1.0
 */
export const concat = <const Ss extends ReadonlyArray<Shape>, const A extends number = 0, D extends DType = 'real'>(
  operands: { readonly [I in keyof Ss]: Operand<Ss[I], D> } & Check<Concat<Ss, A>>,
  options?: { readonly axis?: A | undefined } & (Ss extends readonly [infer S extends Shape, ...unknown[]]
    ? HasAxis<S, A>
    : unknown),
): Reverse<Var<Ok<Concat<Ss, A>>, D>> =>
  body(operands as unknown as ReadonlyArray<AnyOperand>, (v, xs) => {
    const first = joinable('concat', xs)
    if (E.isLeft(first)) return first
    const { shape } = first.right
    const axis = axisOf(options?.axis ?? 0, shape.length, 'concat')
    if (E.isLeft(axis)) return axis
    for (const x of xs)
      if (x.shape.length !== shape.length || x.shape.some((n, d) => d !== axis.right && n !== shape[d]))
        return refuse(
          'concat',
          'ShapeMismatch',
          `shapes ${show(shape)} and ${show(x.shape)} differ outside axis ${axis.right}`,
          xs,
        )
    return E.right(xs.length === 1 ? first.right : v.emit('concat', xs, { axis: axis.right }))
  }) as never

/**
 * Operands of equal shapes side by side along a new axis, the first of the result unless told otherwise. Fails with
 * `InvalidArgument` on no operand, `InvalidAxis`, `ShapeMismatch` when shapes differ, and `TypeMismatch`.
 *
 * @category joining
 * @since 0.1.0
 */
export const stack = <const Ss extends ReadonlyArray<Shape>, const A extends number = 0, D extends DType = 'real'>(
  operands: { readonly [I in keyof Ss]: Operand<Ss[I], D> } & Check<Stack<Ss, A>>,
  options?: { readonly axis?: A | undefined } & (Ss extends readonly [infer S extends Shape, ...unknown[]]
    ? HasAxis<readonly [1, ...S], A>
    : unknown),
): Reverse<Var<Ok<Stack<Ss, A>>, D>> =>
  body(operands as unknown as ReadonlyArray<AnyOperand>, (v, xs) => {
    const first = joinable('stack', xs)
    if (E.isLeft(first)) return first
    const { shape } = first.right
    for (const x of xs)
      if (!equals(x.shape, shape))
        return refuse('stack', 'ShapeMismatch', `shapes ${show(shape)} and ${show(x.shape)} differ`, xs)
    const axis = axisOf(options?.axis ?? 0, shape.length + 1, 'stack')
    if (E.isLeft(axis)) return axis
    const wide = shape.toSpliced(axis.right, 0, 1)
    const rows = xs.map((x) => v.reshape(x, wide))
    return E.right(rows.length === 1 ? rows[0] : v.emit('concat', rows, { axis: axis.right }))
  }) as never

/**
 * How many elements to put before and after a dimension.
 *
 * @category types
 * @since 0.1.0
 */
export type Margin = readonly [before: number, after: number]

/**
 * Surrounded with a value (0 unless told otherwise): the same number of elements on every side, or a margin for each
 * dimension. Fails with `InvalidArgument` unless there are as many margins as dimensions, of integers >= 0, and with
 * `TypeMismatch` on a value that is not of the element type.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { pad, run, tensor, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly [2]>) => pad(x, [[1, 2]])
 * assert.deepStrictEqual(run(f)(tensor([1, 2])), { _tag: 'Right', right: tensor([0, 1, 2, 0, 0]) })
 * ```
 *
 * @category joining
 * @since 0.1.0
 */
export const pad = <S extends Shape, D extends DType = 'real'>(
  x: Operand<S, D>,
  margins: number | ReadonlyArray<Margin>,
  value = 0,
): Reverse<Var<{ readonly [I in keyof S]: number }, D>> =>
  body([x as AnyOperand], (v, [y]) => {
    const { shape } = y
    const all = typeof margins === 'number' ? shape.map((): Margin => [margins, margins]) : margins
    if (all.length !== shape.length)
      return refuse(
        'pad',
        'InvalidArgument',
        `${all.length} margins for the ${shape.length} dimensions of ${show(shape)}`,
        [y],
      )
    const wrong = all.flat().find((n) => !Number.isInteger(n) || n < 0)
    if (wrong !== undefined)
      return refuse('pad', 'InvalidArgument', `a margin must be an integer >= 0, not ${wrong}`, [y])
    return E.right(
      v.emit('pad', [y], {
        low: all.map(([before]) => before),
        high: all.map(([, after]) => after),
        interior: shape.map(() => 0),
        value,
      }),
    )
  }) as never

/**
 * Repeated as a whole, `repeats[i]` times along dimension `i`; `tile(x, [2])` of `[1, 2]` is `[1, 2, 1, 2]`. More repeats than
 * dimensions add dimensions before, fewer repeat the last ones. Fails with `InvalidArgument` unless they are integers >= 0.
 *
 * @category joining
 * @since 0.1.0
 */
export const tile = <S extends Shape, D extends DType = 'real'>(
  x: Operand<S, D>,
  repeats: ReadonlyArray<number>,
): Reverse<Var<Shape, D>> =>
  body([x as AnyOperand], (v, [y]) => {
    const wrong = repeats.find((n) => !Number.isInteger(n) || n < 0)
    if (wrong !== undefined)
      return refuse('tile', 'InvalidArgument', `repeats must be integers >= 0, not ${wrong}`, [y])
    const rank = Math.max(y.shape.length, repeats.length)
    const ones = (n: number): ReadonlyArray<number> => Array.from({ length: n }, () => 1)
    const shape = [...ones(rank - y.shape.length), ...y.shape]
    const times = [...ones(rank - repeats.length), ...repeats]
    // a repeat of a dimension is a new dimension before it; dimensions that stay need none
    const apart = shape.flatMap((n, d) => (times[d] === 1 ? [n] : [times[d], n]))
    const at = shape.map((_, d) => times.slice(0, d + 1).filter((n) => n !== 1).length + d)
    const wide = v.broadcast(v.reshape(y, shape), apart, at)
    return E.right(
      v.reshape(
        wide,
        shape.map((n, d) => n * times[d]),
      ),
    )
  }) as never

/**
 * Moved along an axis (the last unless told otherwise) by so many places towards the end; what falls off comes in again at
 * the other side. Fails with `InvalidArgument` unless the places are an integer, and with `InvalidAxis`.
 *
 * @category joining
 * @since 0.1.0
 */
export const roll = <S extends Shape, const A extends number = -1, D extends DType = 'real'>(
  x: Operand<S, D>,
  places: number,
  options?: { readonly axis?: A | undefined } & HasAxis<S, A>,
): Reverse<Var<S, D>> =>
  body([x as AnyOperand], (v, [y]) => {
    const axis = axisOf(options?.axis ?? -1, y.shape.length, 'roll')
    if (E.isLeft(axis)) return axis
    if (!Number.isSafeInteger(places))
      return refuse('roll', 'InvalidArgument', `the places must be an integer, not ${places}`, [y])
    const n = y.shape[axis.right]
    const start = n === 0 ? 0 : (n - (places % n)) % n
    return E.right(
      start === 0
        ? y
        : v.emit('concat', [between(v, y, axis.right, start, n), between(v, y, axis.right, 0, start)], {
            axis: axis.right,
          }),
    )
  }) as never
