/**
 * Shape arithmetic in types: what `Shape.ts` computes on numbers, computed on literal numbers while a program is written.
 *
 * A dimension is a literal (`13`), unknown (`number`), or a brand of its own (`type Batch = number & { readonly dim:
 * 'batch' }`), which equals only itself. Results are computed by plain generics. A check is a conditional type that is
 * intersected onto the parameter at fault: `unknown` where it passes, `ShapeError<sentence>` where it does not, so the
 * compiler points at the wrong operand and prints the sentence that the same mistake gives at run time. What the types do
 * not know they let pass; the recording checks again.
 *
 * Every type here must stay cheap: a branch that builds a sentence is only entered on the way to an error.
 *
 * @since 0.1.0
 */
import type { Shape } from '../Shape.js'

declare const message: unique symbol

/**
 * What a parameter must be besides when its shape does not fit: nothing is one.
 *
 * @category model
 * @since 0.1.0
 */
export interface ShapeError<M extends string> {
  readonly [message]: M
}

/**
 * The shape that was computed, or any shape where there is none.
 *
 * @category checks
 * @since 0.1.0
 */
export type Ok<T> = T extends Shape ? T : Shape

/**
 * Lets a computed shape pass and keeps an error.
 *
 * @category checks
 * @since 0.1.0
 */
export type Check<T> = T extends Shape ? unknown : T

/**
 * Whether a dimension is unknown to the types. (Written inline in another type, the test misbehaves.)
 *
 * @category dimensions
 * @since 0.1.0
 */
export type IsDynamic<D extends number> = number extends D ? true : false

/**
 * Whether the number of dimensions is unknown to the types.
 *
 * @category dimensions
 * @since 0.1.0
 */
export type IsOpen<S extends Shape> = number extends S['length'] ? true : false

/**
 * Whether two dimensions can be equal.
 *
 * @category dimensions
 * @since 0.1.0
 */
export type DimEq<J extends number, K extends number> =
  IsDynamic<J> extends true
    ? true
    : IsDynamic<K> extends true
      ? true
      : [J] extends [K]
        ? [K] extends [J]
          ? true
          : false
        : false

/**
 * A shape as the run time prints it: `[2, 3]`.
 *
 * @category printing
 * @since 0.1.0
 */
export type Show<S extends Shape> = IsOpen<S> extends true ? '[...]' : `[${Listed<S>}]`

type Listed<S extends Shape> = S extends readonly [infer N extends number]
  ? `${N}`
  : S extends readonly [infer N extends number, ...infer R extends Shape]
    ? `${N}, ${Listed<R>}`
    : ''

// ------------------------------------------------------------------------------------------------ broadcasting

/**
 * NumPy's rule: aligned at the last dimension, two dimensions fit when they are equal or one of them is 1. Beside an
 * unknown dimension a known one other than 1 is the result.
 *
 * @category broadcasting
 * @since 0.1.0
 */
export type Broadcast<A extends Shape, B extends Shape> =
  IsOpen<A> extends true ? Shape : IsOpen<B> extends true ? Shape : Aligned<A, B, A, B>

type Aligned<
  A extends Shape,
  B extends Shape,
  A0 extends Shape,
  B0 extends Shape,
  Out extends Shape = readonly [],
> = A extends readonly [...infer L extends Shape, infer M extends number]
  ? B extends readonly [...infer R extends Shape, infer N extends number]
    ? [Wider<M, N>] extends [never]
      ? ShapeError<`cannot broadcast ${Show<A0>} with ${Show<B0>}: ${M} and ${N} differ and neither is 1`>
      : Aligned<L, R, A0, B0, readonly [Wider<M, N>, ...Out]>
    : readonly [...A, ...Out]
  : readonly [...B, ...Out]

type Wider<M extends number, N extends number> = [M] extends [1]
  ? N
  : [N] extends [1]
    ? M
    : IsDynamic<M> extends true
      ? N
      : IsDynamic<N> extends true
        ? M
        : DimEq<M, N> extends true
          ? M
          : never

/**
 * Accepts `A` where it broadcasts to `B` and no further.
 *
 * @category broadcasting
 * @since 0.1.0
 */
export type BroadcastsTo<A extends Shape, B extends Shape> =
  IsOpen<A> extends true ? unknown : IsOpen<B> extends true ? unknown : FitsIn<A, B, A, B>

type FitsIn<A extends Shape, B extends Shape, A0 extends Shape, B0 extends Shape> = A extends readonly [
  ...infer L extends Shape,
  infer M extends number,
]
  ? B extends readonly [...infer R extends Shape, infer N extends number]
    ? [M] extends [1]
      ? FitsIn<L, R, A0, B0>
      : DimEq<M, N> extends true
        ? FitsIn<L, R, A0, B0>
        : ShapeError<`cannot broadcast ${Show<A0>} to ${Show<B0>}: ${M} and ${N} differ`>
    : ShapeError<`cannot broadcast ${Show<A0>} to ${Show<B0>}: it has more dimensions`>
  : unknown

// -------------------------------------------------------------------------------------------------- reductions

/**
 * What a reduction takes as its axes: all of them when `undefined`.
 *
 * @category axes
 * @since 0.1.0
 */
export type Axes = number | ReadonlyArray<number> | undefined

type Repeat<N extends number, Out extends ReadonlyArray<number> = readonly []> = Out['length'] extends N
  ? Out
  : Out['length'] extends 16
    ? never
    : Repeat<N, readonly [...Out, number]>

/**
 * An axis counted from the start, as a string such as `'1'`; `never` where it is out of range.
 *
 * @category axes
 * @since 0.1.0
 */
export type AxisOf<S extends Shape, A extends number> = `${A}` extends `-${infer P extends number}`
  ? S extends readonly [...infer L extends Shape, ...Repeat<P>]
    ? `${L['length']}`
    : never
  : `${A}` extends keyof S
    ? `${A}`
    : never

/**
 * Accepts an axis that the shape has.
 *
 * @category axes
 * @since 0.1.0
 */
export type HasAxis<S extends Shape, A extends number> =
  IsOpen<S> extends true
    ? unknown
    : IsDynamic<A> extends true
      ? unknown
      : [AxisOf<S, A>] extends [never]
        ? ShapeError<`axis ${A} is out of range for rank ${S['length']}`>
        : unknown

/**
 * Accepts axes that the shape has.
 *
 * @category axes
 * @since 0.1.0
 */
export type HasAxes<S extends Shape, A extends Axes> = [A] extends [number]
  ? HasAxis<S, A>
  : A extends readonly [infer N extends number, ...infer R extends ReadonlyArray<number>]
    ? unknown extends HasAxis<S, N>
      ? HasAxes<S, R>
      : HasAxis<S, N>
    : unknown

/**
 * The shape after reducing along axes, which are dropped, or kept as 1 where `K` is `true`.
 *
 * @category axes
 * @since 0.1.0
 */
export type Reduce<S extends Shape, A extends Axes, K extends boolean = false> = [A] extends [undefined]
  ? K extends true
    ? { readonly [I in keyof S]: 1 }
    : readonly []
  : IsOpen<S> extends true
    ? Shape
    : [A] extends [number]
      ? IsDynamic<A> extends true
        ? Shape
        : Reduced<S, AxisOf<S, A>, K>
      : A extends ReadonlyArray<number>
        ? IsOpen<A> extends true
          ? Shape
          : number extends A[number]
            ? Shape
            : Reduced<S, AxesOf<S, A>[number], K>
        : Shape

type AxesOf<S extends Shape, A extends ReadonlyArray<number>> = { readonly [I in keyof A]: AxisOf<S, A[I]> }

type Reduced<S extends Shape, At extends string, K extends boolean> = K extends true
  ? { readonly [I in keyof S]: I extends At ? 1 : S[I] }
  : Without<S, At>

type Without<
  S extends Shape,
  At extends string,
  I extends Shape = readonly [],
  Out extends Shape = readonly [],
> = S extends readonly [infer N extends number, ...infer R extends Shape]
  ? Without<R, At, readonly [...I, 0], `${I['length']}` extends At ? Out : readonly [...Out, N]>
  : Out

/**
 * The shape with another length along one axis.
 *
 * @category axes
 * @since 0.1.0
 */
export type WithLength<S extends Shape, A extends number, N extends number> =
  IsOpen<S> extends true
    ? Shape
    : IsDynamic<A> extends true
      ? { readonly [I in keyof S]: number }
      : { readonly [I in keyof S]: I extends AxisOf<S, A> ? N : S[I] }

// ------------------------------------------------------------------------------------------------------ matmul

/**
 * Accepts two dimensions that are summed over together.
 *
 * @category matrices
 * @since 0.1.0
 */
export type Inner<J extends number, K extends number> =
  DimEq<J, K> extends true ? unknown : ShapeError<`inner dims differ: ${J} (left) and ${K} (right)`>

/**
 * The shape of a matrix product with NumPy's rules: a vector on the left is a row, on the right a column, and the
 * dimension that this adds is dropped again; the dimensions before the last two broadcast.
 *
 * @category matrices
 * @since 0.1.0
 */
export type MatMul<A extends Shape, B extends Shape> =
  IsOpen<A> extends true
    ? Shape
    : IsOpen<B> extends true
      ? Shape
      : A extends readonly [infer J extends number]
        ? B extends readonly [infer K extends number]
          ? Summed<J, K, readonly []>
          : B extends readonly [...infer R extends Shape, infer K extends number, infer N extends number]
            ? Summed<J, K, readonly [...R, N]>
            : ShapeError<'needs at least one dimension on each side'>
        : A extends readonly [...infer L extends Shape, infer M extends number, infer J extends number]
          ? B extends readonly [infer K extends number]
            ? Summed<J, K, readonly [...L, M]>
            : B extends readonly [...infer R extends Shape, infer K extends number, infer N extends number]
              ? Broadcast<L, R> extends infer O
                ? O extends Shape
                  ? Summed<J, K, readonly [...O, M, N]>
                  : O
                : never
              : ShapeError<'needs at least one dimension on each side'>
          : ShapeError<'needs at least one dimension on each side'>

type Summed<J extends number, K extends number, S extends Shape> = unknown extends Inner<J, K> ? S : Inner<J, K>
