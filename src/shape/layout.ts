/**
 * Shape arithmetic in types for operations that move elements: orders of dimensions, numbers of elements, values side by
 * side. See `ShapeTypes.ts` for how results and checks are written.
 *
 * @since 0.1.0
 */
import type { Shape } from '../Shape.js'
import type { Added, Digits, DigitsOf, IsLiteral, Multiplied, Parsed, Written } from './digits.js'
import type { Axes, AxisOf, DimEq, HasAxes, IsDynamic, IsOpen, Reduce, ShapeError, Show, WithLength } from './types.js'

/**
 * The shape with a new dimension before it.
 *
 * @category layout
 * @since 0.1.0
 */
export type Prepend<N extends number, S extends Shape> = readonly [N, ...S]

/**
 * The shape with a new dimension at an axis of the result.
 *
 * @category layout
 * @since 0.1.0
 */
export type Insert<S extends Shape, A extends number, N extends number> =
  IsOpen<S> extends true
    ? Shape
    : IsDynamic<A> extends true
      ? Shape
      : AxisOf<readonly [0, ...S], A> extends infer At extends string
        ? Inserted<S, At, N>
        : Shape

type Inserted<
  S extends Shape,
  At extends string,
  N extends number,
  Out extends Shape = readonly [],
> = `${Out['length']}` extends At
  ? readonly [...Out, N, ...S]
  : S extends readonly [infer F extends number, ...infer R extends Shape]
    ? Inserted<R, At, N, readonly [...Out, F]>
    : Shape

/**
 * The dimensions in another order; with axes that the types do not know, all unknown.
 *
 * @category layout
 * @since 0.1.0
 */
export type Permute<S extends Shape, O extends ReadonlyArray<number>> =
  IsOpen<S> extends true
    ? { readonly [I in keyof O]: number }
    : IsOpen<O> extends true
      ? Shape
      : {
          readonly [I in keyof O]: IsDynamic<O[I]> extends true
            ? number
            : AxisOf<S, O[I]> extends infer At extends keyof S
              ? S[At] & number
              : number
        }

/**
 * Accepts an order that names as many axes as there are dimensions, all of them there.
 *
 * @category layout
 * @since 0.1.0
 */
export type IsOrder<S extends Shape, O extends ReadonlyArray<number>> =
  IsOpen<S> extends true
    ? unknown
    : IsOpen<O> extends true
      ? unknown
      : DimEq<S['length'], O['length']> extends true
        ? HasAxes<S, O>
        : ShapeError<`the order ${Show<O>} must name each of the ${S['length']} axes of ${Show<S>} once`>

/**
 * Two dimensions exchanged.
 *
 * @category layout
 * @since 0.1.0
 */
export type Swap<S extends Shape, A extends number, B extends number> =
  IsOpen<S> extends true
    ? Shape
    : true extends IsDynamic<A> | IsDynamic<B>
      ? { readonly [I in keyof S]: number }
      : {
          readonly [I in keyof S]: I extends AxisOf<S, A>
            ? S[AxisOf<S, B> & keyof S] & number
            : I extends AxisOf<S, B>
              ? S[AxisOf<S, A> & keyof S] & number
              : S[I]
        }

/**
 * The shape without its dimensions of 1: all of them, or one axis. Unknown dimensions make it unknown which are 1.
 *
 * @category layout
 * @since 0.1.0
 */
export type Squeeze<S extends Shape, A extends Axes> = [A] extends [undefined]
  ? IsOpen<S> extends true
    ? Shape
    : true extends IsDynamic<S[number]>
      ? Shape
      : WithoutOnes<S>
  : Reduce<S, A>

type WithoutOnes<S extends Shape, Out extends Shape = readonly []> = S extends readonly [
  infer N extends number,
  ...infer R extends Shape,
]
  ? WithoutOnes<R, [N] extends [1] ? Out : readonly [...Out, N]>
  : Out

// ---------------------------------------------------------------------------------------- numbers of elements

type AllLiteral<S extends Shape> = S extends readonly [infer N extends number, ...infer R extends Shape]
  ? IsLiteral<N> extends true
    ? AllLiteral<R>
    : false
  : true

/**
 * The sum of two dimensions.
 *
 * @category dimensions
 * @since 0.1.0
 */
export type Sum<M extends number, N extends number> =
  IsLiteral<M> extends true
    ? IsLiteral<N> extends true
      ? Parsed<Written<Added<DigitsOf<`${M}`>, DigitsOf<`${N}`>>>>
      : number
    : number

/**
 * The number of elements of a shape.
 *
 * @category dimensions
 * @since 0.1.0
 */
export type Size<S extends Shape> =
  IsOpen<S> extends true
    ? number
    : S extends readonly [infer N extends number]
      ? N
      : AllLiteral<S> extends true
        ? Parsed<Elements<S>>
        : number

type Elements<S extends Shape> = 0 extends S[number] ? '0' : Written<Multiple<S>>

type Multiple<S extends Shape, Out extends Digits = readonly ['1']> = S extends readonly [
  infer N extends number,
  ...infer R extends Shape,
]
  ? Multiple<R, [N] extends [1] ? Out : Multiplied<DigitsOf<`${N}`>, Out>>
  : Out

/** `S` without one dimension equal to `N`; `never` where there is none. */
type Removed<S extends Shape, N extends number, Out extends Shape = readonly []> = S extends readonly [
  infer M extends number,
  ...infer R extends Shape,
]
  ? IsDynamic<M> extends true
    ? Removed<R, N, readonly [...Out, M]>
    : DimEq<M, N> extends true
      ? readonly [...Out, ...R]
      : Removed<R, N, readonly [...Out, M]>
  : never

/** The dimensions of `S` that are left for -1 once the others of `R` are taken out; `never` where one is missing. */
type LeftFor<S extends Shape, R extends Shape> = R extends readonly [infer N extends number, ...infer T extends Shape]
  ? [N] extends [-1]
    ? LeftFor<S, T>
    : IsDynamic<N> extends true
      ? never
      : [Removed<S, N>] extends [never]
        ? never
        : LeftFor<Removed<S, N>, T>
  : S

type Found<S extends Shape, R extends Shape> =
  IsOpen<S> extends true ? number : [LeftFor<S, R>] extends [never] ? number : Size<LeftFor<S, R>>

/**
 * The shape that `reshape` gives for a request, in which -1 is a length to be found. It is found in the types when the
 * other lengths are dimensions of `S`.
 *
 * @category layout
 * @since 0.1.0
 */
export type Reshape<S extends Shape, R extends Shape> = -1 extends R[number]
  ? { readonly [I in keyof R]: [R[I]] extends [-1] ? Found<S, R> : R[I] }
  : { readonly [I in keyof R]: R[I] }

/**
 * Accepts a request for as many elements.
 *
 * @category layout
 * @since 0.1.0
 */
export type Refill<S extends Shape, R extends Shape> =
  IsOpen<S> extends true
    ? unknown
    : IsOpen<R> extends true
      ? unknown
      : AllLiteral<S> extends true
        ? AllLiteral<R> extends true
          ? Elements<S> extends Elements<R>
            ? unknown
            : ShapeError<`cannot reshape ${Show<S>} (${Elements<S>} elements) to ${Show<R>} (${Elements<R>} elements)`>
          : unknown
        : unknown

// ------------------------------------------------------------------------------------------------ side by side

type Beside<S extends Shape, T extends Shape, At extends string, I extends Shape = readonly []> = S extends readonly [
  infer M extends number,
  ...infer R extends Shape,
]
  ? T extends readonly [infer N extends number, ...infer U extends Shape]
    ? `${I['length']}` extends At
      ? Beside<R, U, At, readonly [...I, 0]>
      : DimEq<M, N> extends true
        ? Beside<R, U, At, readonly [...I, 0]>
        : false
    : false
  : T extends readonly []
    ? true
    : false

/**
 * The shape of operands one after another along an axis.
 *
 * @category layout
 * @since 0.1.0
 */
export type Concat<Ss extends ReadonlyArray<Shape>, A extends number> =
  IsDynamic<Ss['length']> extends true
    ? Shape
    : Ss extends readonly [infer S extends Shape, ...infer R extends ReadonlyArray<Shape>]
      ? IsOpen<S> extends true
        ? Shape
        : IsDynamic<A> extends true
          ? { readonly [I in keyof S]: number }
          : Joined<S, R, A, AxisOf<S, A>>
      : ShapeError<'no operand was given'>

type Joined<
  S extends Shape,
  Ss extends ReadonlyArray<Shape>,
  A extends number,
  At extends string,
> = Ss extends readonly [infer T extends Shape, ...infer R extends ReadonlyArray<Shape>]
  ? IsOpen<T> extends true
    ? Shape
    : Beside<S, T, At> extends true
      ? Joined<WithLength<S, A, Sum<S[At & keyof S] & number, T[At & keyof T] & number>>, R, A, At>
      : ShapeError<`shapes ${Show<S>} and ${Show<T>} differ outside axis ${At}`>
  : S

/**
 * The shape of equal shapes stacked along a new axis.
 *
 * @category layout
 * @since 0.1.0
 */
export type Stack<Ss extends ReadonlyArray<Shape>, A extends number> =
  IsDynamic<Ss['length']> extends true
    ? Shape
    : Ss extends readonly [infer S extends Shape, ...infer R extends ReadonlyArray<Shape>]
      ? IsOpen<S> extends true
        ? Shape
        : Alike<S, R> extends infer E
          ? E extends ShapeError<string>
            ? E
            : Insert<S, A, Ss['length'] & number>
          : never
      : ShapeError<'no operand was given'>

type Alike<S extends Shape, Ss extends ReadonlyArray<Shape>> = Ss extends readonly [
  infer T extends Shape,
  ...infer R extends ReadonlyArray<Shape>,
]
  ? IsOpen<T> extends true
    ? unknown
    : Beside<S, T, never> extends true
      ? Alike<S, R>
      : ShapeError<`shapes ${Show<S>} and ${Show<T>} differ`>
  : unknown
