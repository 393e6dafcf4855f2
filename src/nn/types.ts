/**
 * The types of models: what a batch of a type is, and what a layer makes of what it is given.
 *
 * Types of one example stand for all batches of it: `Var<readonly [13]>` for every `Var<readonly [N, 13]>`. A layer that
 * follows the shape it is given (an activation, pooling, a dense layer on any number of leading dimensions) carries a
 * `Rule`, a function of types by the trick of fp-ts's `HKT`: an interface whose `output` is written in terms of its `input`.
 *
 * A check costs little when it passes; sentences are only built on the way to an error.
 *
 * @since 0.1.0
 */
import type { Operand } from '../Reverse.js'
import type { DType, Shape } from '../Shape.js'
import type { DimEq, IsOpen, ShapeError, Show } from '../shape/types.js'
import type { VarTree } from '../Tree.js'
import type { AnyVar, Var } from '../Var.js'

/**
 * A list of trees of handles: the parameters of each layer that has any, or their states.
 *
 * @category model
 * @since 0.1.0
 */
export type Blocks = ReadonlyArray<VarTree>

/**
 * No parameters, or no state.
 *
 * @category model
 * @since 0.1.0
 */
export type None = readonly []

/**
 * A batch of `N` examples: each handle has one more dimension, the first.
 *
 * @category batches
 * @since 0.1.0
 */
export type Batch<N extends number, A> =
  A extends Var<infer S extends Shape, infer D extends DType>
    ? Var<readonly [N, ...S], D>
    : { readonly [K in keyof A]: Batch<N, A[K]> }

/**
 * What may be given for a batch: for each handle a handle, a recording or a tensor.
 *
 * @category batches
 * @since 0.1.0
 */
export type BatchOperand<N extends number, A> =
  A extends Var<infer S extends Shape, infer D extends DType>
    ? Operand<readonly [N, ...S], D>
    : { readonly [K in keyof A]: BatchOperand<N, A[K]> }

/**
 * A function of types: `(R & { input: A })['output']`.
 *
 * @category rules
 * @since 0.1.0
 */
export interface Rule {
  readonly input: unknown
  readonly output: unknown
}

/**
 * The rule of what keeps the shape.
 *
 * @category rules
 * @since 0.1.0
 */
export interface Same extends Rule {
  readonly output: this['input']
}

type Dims<S extends Shape, T extends Shape> =
  IsOpen<S> extends true
    ? true
    : IsOpen<T> extends true
      ? true
      : S['length'] extends T['length']
        ? false extends { readonly [I in keyof S]: I extends keyof T ? DimEq<S[I], T[I] & number> : true }[number]
          ? false
          : true
        : false

/**
 * Accepts an input that a layer can take: `unknown`, or the sentence that says why not.
 *
 * @category rules
 * @since 0.1.0
 */
export type Fits<Given, Taken> = [Given] extends [Taken]
  ? unknown
  : Given extends Var<infer S extends Shape, infer D extends DType>
    ? Taken extends Var<infer T extends Shape, infer K extends DType>
      ? [D] extends [K]
        ? Dims<S, T> extends true
          ? unknown
          : ShapeError<`takes ${Show<T>}, and the layer before it gives ${Show<S>}`>
        : ShapeError<`takes ${K} ${Show<T>}, and the layer before it gives ${D} ${Show<S>}`>
      : ShapeError<'takes several values, and the layer before it gives one'>
    : Taken extends AnyVar
      ? ShapeError<'takes one value, and the layer before it gives several'>
      : keyof Taken extends keyof Given
        ? { readonly [K in keyof Taken & keyof Given]: Fits<Given[K], Taken[K]> } extends infer Each
          ? [unknown] extends [Each[keyof Each]]
            ? unknown
            : Extract<Each[keyof Each], ShapeError<string>>
          : never
        : ShapeError<'takes other parts than the layer before it gives'>
