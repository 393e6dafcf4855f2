/**
 * Parts of tensors (see `Tensor.ts`). They are copies: a tensor owns its elements, in row-major order, so that no reader
 * needs strides.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as O from 'fp-ts/lib/Option.js'
import { type Failure, fail } from '../Failure.js'
import { type DType, type Shape, show, strides } from '../Shape.js'
import { gather, type Tensor } from './model.js'

/**
 * One integer per dimension of `S`.
 *
 * @category types
 * @since 0.1.0
 */
export type Index<S extends Shape> = { readonly [K in keyof S]: number }

/**
 * What to take of one dimension: one position, which drops the dimension; all of it, `':'`; or from `start` up to and
 * without `stop`, every `step`-th. Negative positions count from the end. A negative step runs backwards, from the last
 * position through the first unless told otherwise. Bounds beyond the ends are moved to them, as in NumPy.
 *
 * @category model
 * @since 0.1.0
 */
export type Range = number | ':' | { readonly start?: number; readonly stop?: number; readonly step?: number }

/**
 * The shape that `slice` leaves of `S`; a length that depends on the bounds is `number`.
 *
 * @category types
 * @since 0.1.0
 */
export type Sliced<S extends Shape, R extends ReadonlyArray<Range>> = number extends S['length']
  ? Shape
  : number extends R['length']
    ? Shape
    : S extends readonly [infer N, ...infer T extends Shape]
      ? R extends readonly [infer Q, ...infer U extends ReadonlyArray<Range>]
        ? readonly [...Kept<N, Q>, ...Sliced<T, U>]
        : S
      : readonly []

type Kept<N, Q> = [Q] extends [number] ? readonly [] : [Q] extends [':'] ? readonly [N & number] : readonly [number]

/**
 * The element at an index, negative positions counted from the end; `none` when a position is out of range, is not an
 * integer, or when there are not as many as dimensions. A boolean is 0 or 1.
 *
 * @example
 * ```ts
 * import { get, tensor } from 'wengert/Tensor'
 * import * as O from 'fp-ts/lib/Option.js'
 * import assert from 'node:assert'
 *
 * const a = tensor([[1, 2, 3], [4, 5, 6]])
 * assert.deepStrictEqual(get(a, 1, -1), O.some(6))
 * assert.deepStrictEqual(get(a, 2, 0), O.none)
 * ```
 *
 * @category destructors
 * @since 0.1.0
 */
export const get = <S extends Shape>(t: Tensor<S, DType>, ...index: Index<S>): O.Option<number> => {
  const given: ReadonlyArray<number> = index
  const { data, shape } = t
  if (given.length !== shape.length) return O.none
  let at = 0
  for (let d = 0; d < shape.length; d++) {
    const i = given[d] < 0 ? given[d] + shape[d] : given[d]
    if (!(Number.isInteger(i) && i >= 0 && i < shape[d])) return O.none
    at = at * shape[d] + i
  }
  return O.some(data[at])
}

/**
 * Which elements of a dimension: from `start` on, `length` of them, `step` apart. A position takes one and drops the
 * dimension.
 *
 * @category model
 * @since 0.1.0
 */
export interface Span {
  readonly start: number
  readonly step: number
  readonly length: number
  readonly dropped: boolean
}

/** A range on a dimension of `n`, as in Python's `slice.indices`; a sentence when it is refused. */
const span = (range: Range, n: number): Span | string => {
  if (range === ':') return { start: 0, step: 1, length: n, dropped: false }
  if (typeof range === 'number')
    return Number.isInteger(range) && range >= -n && range < n
      ? { start: range < 0 ? range + n : range, step: 1, length: 1, dropped: true }
      : `position ${range} is out of range for a dimension of ${n}`
  const { step = 1 } = range
  if (!Number.isInteger(step) || step === 0) return `step ${step}; it must be an integer other than 0`
  for (const one of [range.start, range.stop])
    if (one !== undefined && !Number.isInteger(one)) return `bound ${one}; it must be an integer`
  const [lowest, highest] = step > 0 ? [0, n] : [-1, n - 1]
  const bound = (given: number | undefined, otherwise: number): number =>
    given === undefined ? otherwise : Math.min(highest, Math.max(lowest, given < 0 ? given + n : given))
  const start = bound(range.start, step > 0 ? lowest : highest)
  const stop = bound(range.stop, step > 0 ? highest : lowest)
  return { start, step, length: Math.max(0, Math.ceil((stop - start) / step)), dropped: false }
}

/**
 * What ranges take of a shape, dimension by dimension; those not mentioned are taken whole. Fails as `slice` does.
 *
 * @category destructors
 * @since 0.1.0
 */
export const spans = (shape: Shape, ranges: ReadonlyArray<Range>): E.Either<Failure, ReadonlyArray<Span>> => {
  const details = { operation: 'slice', shapes: [shape] }
  if (ranges.length > shape.length)
    return fail('InvalidAxis', `slice: ${ranges.length} ranges for shape ${show(shape)}`, details)
  const out: Array<Span> = []
  for (let d = 0; d < shape.length; d++) {
    const found = span(d < ranges.length ? ranges[d] : ':', shape[d])
    if (typeof found === 'string')
      return fail('InvalidArgument', `slice: along axis ${d} of ${show(shape)}: ${found}`, details)
    out.push(found)
  }
  return E.right(out)
}

/**
 * A part of a tensor: one `Range` per dimension, and all of the dimensions that are not mentioned. Fails with
 * `InvalidArgument` on a position out of range, a step of 0, or a bound that is not an integer, and with `InvalidAxis` on
 * more ranges than dimensions.
 *
 * @example
 * ```ts
 * import { slice, tensor } from 'wengert/Tensor'
 * import * as E from 'fp-ts/lib/Either.js'
 * import assert from 'node:assert'
 *
 * const a = tensor([[1, 2, 3], [4, 5, 6]])
 * assert.deepStrictEqual(slice(a, ':', 0), E.right(tensor([1, 4])))
 * assert.deepStrictEqual(slice(a, 1, { start: 1 }), E.right(tensor([5, 6])))
 * assert.deepStrictEqual(slice(a, -1, { step: -1 }), E.right(tensor([6, 5, 4])))
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const slice = <S extends Shape, D extends DType, const R extends ReadonlyArray<Range>>(
  t: Tensor<S, D>,
  ...ranges: R
): E.Either<Failure, Tensor<Sliced<S, R>, D>> => {
  const taken = spans(t.shape, ranges)
  if (E.isLeft(taken)) return taken
  const along = strides(t.shape)
  const kept = taken.right.flatMap((one, d) => (one.dropped ? [] : [{ ...one, stride: along[d] }]))
  const shape = kept.map(({ length }) => length)
  const steps = kept.map(({ step, stride }) => step * stride)
  const offset = taken.right.reduce((sum, { start }, d) => sum + start * along[d], 0)
  return E.right(gather(t, shape, steps, offset) as unknown as Tensor<Sliced<S, R>, D>)
}
