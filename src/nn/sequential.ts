/**
 * Pipelines: layers one after another, with shapes that must fit.
 *
 * @since 0.1.0
 */
import type { Elementwise } from '../ops/elementary.js'
import type { ShapeError } from '../shape/types.js'
import { recording } from './layer.js'
import { fromLayers, type InputOf, type Model, type OutputOf, type Pipeline } from './Model.js'
import type { Blocks, Fits, None, Rule } from './types.js'

/**
 * What a sequence is made of: models, and elementwise operations such as `relu`, which keep every shape.
 *
 * @category types
 * @since 0.1.0
 */
export type Item = Pipeline | Elementwise

/** What an item makes of `X`, or the error that says why it does not take it. */
type Made<X, M> =
  M extends Model<infer _P, infer A, infer B, infer _S, infer R>
    ? R extends Rule
      ? (R & { readonly input: X })['output']
      : unknown extends Fits<X, A>
        ? B
        : Fits<X, A>
    : X

/** After an error the types go on with what the item gives otherwise, so that one mistake is one error. */
type Next<Y, M> = Y extends ShapeError<string> ? OutputOf<M> : Y

type Refusal<Y> = Y extends ShapeError<string> ? Y : unknown

/** What the first layer takes that says so; those before it keep every shape. */
type Head<L> = L extends readonly [infer M, ...infer Rest] ? (M extends Pipeline ? InputOf<M> : Head<Rest>) : unknown

type Folded = {
  readonly input: unknown
  readonly output: unknown
  readonly parameters: Blocks
  readonly state: Blocks
  readonly refusals: ReadonlyArray<unknown>
}

type Fold<
  L,
  A,
  X,
  P extends Blocks = None,
  S extends Blocks = None,
  C extends ReadonlyArray<unknown> = readonly [],
> = L extends readonly [infer M, ...infer Rest]
  ? M extends Model<infer Q, infer _A, infer _B, infer T, infer _R>
    ? Made<X, M> extends infer Y
      ? Fold<Rest, A, Next<Y, M>, readonly [...P, ...Q], readonly [...S, ...T], readonly [...C, Refusal<Y>]>
      : never
    : Fold<Rest, A, X, P, S, readonly [...C, unknown]>
  : { readonly input: A; readonly output: X; readonly parameters: P; readonly state: S; readonly refusals: C }

type Sequence<L> = Fold<L, Head<L>, Head<L>>

/**
 * Accepts items of which each takes what the one before it gives.
 *
 * @category types
 * @since 0.1.0
 */
export type Chained<L extends ReadonlyArray<Item>> =
  Sequence<L> extends infer F extends Folded
    ? { readonly [K in keyof L]: L[K] & (K extends keyof F['refusals'] ? F['refusals'][K] : unknown) }
    : never

/**
 * The model that a sequence of items is.
 *
 * @category types
 * @since 0.1.0
 */
export type Sequential<L> =
  Sequence<L> extends infer F extends Folded ? Model<F['parameters'], F['input'], F['output'], F['state']> : never

/**
 * Layers one after another.
 *
 * @category combinators
 * @since 0.1.0
 */
export const sequential = <const L extends ReadonlyArray<Item>>(...items: Chained<L>): Sequential<L> =>
  fromLayers(
    (items as ReadonlyArray<Item>).flatMap((item) =>
      typeof item === 'function' ? [recording(item.name || 'elementwise', item as never)] : item.layers,
    ),
  ) as never
