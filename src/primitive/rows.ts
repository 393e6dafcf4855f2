/**
 * What rows have in common: checks of their operands, derivatives and batching by algebraic class.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { type Failure, type FailureTag, fail } from '../Failure.js'
import { check, type DType, equals, MAX_RANK, MAX_SIZE, type Shape, type Spec, show } from '../Shape.js'
import { noAttributes } from '../Tape.js'
import type { AnyVar } from '../Var.js'
import type { Attributes, Batch, Derivative, None, PrimitiveName, Vocabulary } from './Primitive.js'

/**
 * The codec of no attributes.
 *
 * @category attributes
 * @since 0.1.0
 */
export const none: t.Type<None, unknown> = new t.Type<None, unknown>(
  'None',
  (u): u is None => typeof u === 'object' && u !== null && Object.keys(u).length === 0,
  (u, c) =>
    u === undefined || (typeof u === 'object' && u !== null && Object.keys(u).length === 0)
      ? t.success(noAttributes)
      : t.failure(u, c, 'this primitive has no attributes'),
  () => undefined,
)

/**
 * An integer from 0 up to what a 32-bit index can hold.
 *
 * @category attributes
 * @since 0.1.0
 */
export const index: t.Type<number, unknown> = new t.Type<number, unknown>(
  'Index',
  (u): u is number => Number.isInteger(u) && (u as number) >= 0 && (u as number) <= MAX_SIZE,
  (u, c) =>
    Number.isInteger(u) && (u as number) >= 0 && (u as number) <= MAX_SIZE
      ? t.success(u as number)
      : t.failure(u, c, 'must be an integer from 0 to 2147483647'),
  (n) => n,
)

/**
 * A list with at most one entry for each dimension that a value may have.
 *
 * @category attributes
 * @since 0.1.0
 */
export const perAxis = <A>(item: t.Type<A, unknown>): t.Type<ReadonlyArray<A>, unknown> => {
  const list = t.readonlyArray(item)
  return new t.Type<ReadonlyArray<A>, unknown>(
    'PerAxis',
    (u): u is ReadonlyArray<A> => list.is(u) && u.length <= MAX_RANK,
    (u, c) =>
      Array.isArray(u) && u.length > MAX_RANK
        ? t.failure(u, c, `must have at most ${MAX_RANK} entries`)
        : list.validate(u, c),
    (list) => list.map((one) => item.encode(one)),
  )
}

/**
 * Axes, lengths and other lists of such integers.
 *
 * @category attributes
 * @since 0.1.0
 */
export const indices: t.Type<ReadonlyArray<number>, unknown> = perAxis(index)

/**
 * The ways to refuse one instruction: sentences that begin with its name.
 *
 * @category checks
 * @since 0.1.0
 */
export const refusal =
  (name: PrimitiveName, operands: ReadonlyArray<Spec>) =>
  (tag: FailureTag, sentence: string): E.Either<Failure, never> =>
    fail(tag, `${name}: ${sentence}`, { operation: name, shapes: operands.map((o) => o.shape) })

/**
 * The spec of a result, where it is one that a value can have.
 *
 * @category checks
 * @since 0.1.0
 */
export const result = (name: PrimitiveName, shape: Shape, dtype: DType): E.Either<Failure, Spec> => {
  for (const d of shape)
    if (d > MAX_SIZE)
      return fail('TooLarge', `${name}: the result ${show(shape)} would have a dimension beyond ${MAX_SIZE}`, {
        operation: name,
      })
  return E.map((checked: Shape): Spec => ({ shape: checked, dtype }))(check(shape, name))
}

/**
 * Whether axes are ascending, each once, and all there: the one spelling in which a set of axes is recorded.
 *
 * @category checks
 * @since 0.1.0
 */
export const ascending = (axes: ReadonlyArray<number>, rank: number): boolean =>
  axes.every((axis, i) => axis < rank && (i === 0 || axis > axes[i - 1]))

/**
 * Refuses axes that are not ascending, each once, and all there.
 *
 * @category checks
 * @since 0.1.0
 */
export const knownAxes = (
  name: PrimitiveName,
  operands: ReadonlyArray<Spec>,
  axes: ReadonlyArray<number>,
  rank: number,
): E.Either<Failure, ReadonlyArray<number>> =>
  ascending(axes, rank)
    ? E.right(axes)
    : refusal(name, operands)('InvalidAxis', `axes ${show(axes)} must be ascending and below the rank ${rank}`)

/**
 * Refuses operands of another element type.
 *
 * @category checks
 * @since 0.1.0
 */
export const dtypes = (
  name: PrimitiveName,
  operands: ReadonlyArray<Spec>,
  allowed: ReadonlyArray<DType>,
): E.Either<Failure, DType> => {
  const [first] = operands
  for (const { dtype, shape } of operands) {
    if (!allowed.includes(dtype))
      return fail('TypeMismatch', `${name}: takes ${allowed.join(' or ')} operands, not ${dtype} ${show(shape)}`, {
        operation: name,
        shapes: operands.map((o) => o.shape),
      })
    if (dtype !== first.dtype)
      return fail('TypeMismatch', `${name}: operands must have one element type, not ${first.dtype} and ${dtype}`, {
        operation: name,
        shapes: operands.map((o) => o.shape),
      })
  }
  return E.right(first.dtype)
}

/**
 * Refuses operands of different shapes.
 *
 * @category checks
 * @since 0.1.0
 */
export const sameShapes = (name: PrimitiveName, operands: ReadonlyArray<Spec>): E.Either<Failure, Shape> => {
  const [first] = operands
  for (const { shape } of operands)
    if (!equals(shape, first.shape))
      return fail('ShapeMismatch', `${name}: shapes ${show(first.shape)} and ${show(shape)} differ`, {
        operation: name,
        shapes: operands.map((o) => o.shape),
      })
  return E.right(first.shape)
}

/**
 * The contribution of `d` through one argument of a pointwise primitive. A pointwise Jacobian is diagonal, hence its own
 * transpose, so one formula serves cotangents and tangents.
 *
 * @category derivatives
 * @since 0.1.0
 */
export type Part<K extends PrimitiveName> = (
  v: Vocabulary,
  d: AnyVar,
  xs: ReadonlyArray<AnyVar>,
  y: AnyVar,
  a: Attributes[K],
) => AnyVar

const addAll = (v: Vocabulary, terms: ReadonlyArray<AnyVar | null>): AnyVar | null =>
  terms.reduce((sum, term) => (sum === null ? term : term === null ? sum : v.add(sum, term)), null)

/**
 * The derivative of a pointwise primitive from its partials, one for each operand.
 *
 * @category derivatives
 * @since 0.1.0
 */
export const pointwise = <K extends PrimitiveName>(parts: ReadonlyArray<Part<K> | null>): Derivative<K> => ({
  pull: (v, ct, k, xs, y, a) => parts[k]?.(v, ct, xs, y, a) ?? null,
  push: (v, dxs, xs, y, a) =>
    addAll(
      v,
      dxs.map((dx, k) => (dx === null ? null : (parts[k]?.(v, dx, xs, y, a) ?? null))),
    ),
})

/**
 * The derivative of a primitive that is linear in all its real operands together: forward it is the primitive itself,
 * backward its transpose. `homogeneous` strips attributes of their constant part, where there is one.
 *
 * @category derivatives
 * @since 0.1.0
 */
export const linear = <K extends PrimitiveName>(
  name: K,
  transpose: (v: Vocabulary, ct: AnyVar, k: number, xs: ReadonlyArray<AnyVar>, a: Attributes[K]) => AnyVar | null,
  homogeneous: (a: Attributes[K]) => Attributes[K] = (a) => a,
): Derivative<K> => ({
  pull: (v, ct, k, xs, _y, a) => transpose(v, ct, k, xs, a),
  push: (v, dxs, xs, _y, a) =>
    v.emit(
      name,
      xs.map((x, k) => (x.dtype === 'real' ? (dxs[k] ?? v.like(x, 0)) : x)),
      homogeneous(a),
    ),
})

/**
 * The derivative of a primitive that is linear in each operand separately.
 *
 * @category derivatives
 * @since 0.1.0
 */
export const multilinear = <K extends PrimitiveName>(
  name: K,
  transpose: (v: Vocabulary, ct: AnyVar, k: number, xs: ReadonlyArray<AnyVar>, a: Attributes[K]) => AnyVar,
): Derivative<K> => ({
  pull: (v, ct, k, xs, _y, a) => transpose(v, ct, k, xs, a),
  push: (v, dxs, xs, _y, a) =>
    addAll(
      v,
      dxs.map((dx, k) => (dx === null ? null : v.emit(name, xs.with(k, dx), a))),
    ),
})

/**
 * Gives every operand a batch as its dimension 0, repeating those that have none.
 *
 * @category batching
 * @since 0.1.0
 */
export const spread = (
  v: Vocabulary,
  xs: ReadonlyArray<AnyVar>,
  batched: ReadonlyArray<boolean>,
  length: number,
): ReadonlyArray<AnyVar> =>
  xs.map((x, k) =>
    batched[k]
      ? x
      : v.broadcast(
          x,
          [length, ...x.shape],
          x.shape.map((_, i) => i + 1),
        ),
  )

/**
 * Batching of a primitive that does the same to every element.
 *
 * @category batching
 * @since 0.1.0
 */
export const elementwise =
  <K extends PrimitiveName>(name: K): Batch<K> =>
  (v, xs, batched, length, a) =>
    v.emit(name, spread(v, xs, batched, length), a)

/**
 * The same axes once a batch stands before them.
 *
 * @category batching
 * @since 0.1.0
 */
export const shifted = (axes: ReadonlyArray<number>): ReadonlyArray<number> => axes.map((axis) => axis + 1)
