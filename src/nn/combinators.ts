/**
 * How models are combined besides one after another: side by side, fanned out, around, or one of two.
 *
 * Laws, exactly and in both modes: `identity` is one for `sequential`; `parallel` keeps identities; `fanOut` is copying, then
 * `parallel`; what is only carried along is not touched. Composing in parallel and in sequence exchange up to the order of
 * parameters, states and keys. `wengert/laws` runs them.
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/lib/Either.js'
import * as E from 'fp-ts/lib/Either.js'
import { fail, failure } from '../Failure.js'
import { add } from '../ops/arithmetic.js'
import { fromEither, gen, map, of, type Reverse, throwError } from '../Reverse.js'
import { type DType, equals, type Shape, show } from '../Shape.js'
import { isVar, type Var } from '../Var.js'
import { containing, leaf, recording } from './layer.js'
import {
  type Applied,
  fromLayers,
  type InputOf,
  type Layer,
  type Model,
  type OutputOf,
  type ParametersOf,
  type Pipeline,
  type StateOf,
} from './Model.js'
import type { Batch, Blocks, Fits, None, Same } from './types.js'

type Lists = ReadonlyArray<unknown>

// ---------------------------------------------------------------------------------------------------- beginnings

/**
 * What gives back its input: no layers.
 *
 * @category combinators
 * @since 0.1.0
 */
export const identity = <A>(): Model<None, A, A, None, Same> => fromLayers([])

/**
 * The identity on one value of a given shape, which tells a sequence what it takes where its first layer would take many
 * shapes. Refuses other shapes.
 *
 * @category combinators
 * @since 0.1.0
 */
export const input = <const S extends Shape, D extends DType = 'real'>(
  shape: S,
  dtype: D = 'real' as D,
): Model<None, Var<S, D>, Var<S, D>> =>
  fromLayers([
    leaf({
      name: `input(${show(shape)})`,
      refuses: (x) =>
        x.dtype === dtype && x.shape.length === shape.length + 1 && equals(x.shape.slice(1), shape)
          ? undefined
          : `takes ${dtype} [${['examples', ...shape].join(', ')}]`,
      apply: (_, x) => of({ output: x }),
    }),
  ])

/**
 * A function as a model without parameters. It must treat the examples of a batch alike. What it takes is inferred from a
 * function of one value, and stated for others: `lift<readonly [X, Y], Z>(([x, y]) => ...)`.
 *
 * @example
 * ```ts
 * import { add, mul, type Var } from 'wengert'
 * import { fanOut, lift, linear, sequential } from 'wengert/nn'
 *
 * type Two = readonly [Var<readonly [3]>, Var<readonly [3]>]
 * const gated = sequential(
 *   fanOut(linear(2, 3), linear(2, 3)),
 *   lift<Two, Var<readonly [3]>>(([x, y]) => mul(x, y)),
 *   lift(<N extends number>(x: Var<readonly [N, 3]>) => add(x, 1)),
 * )
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const lift: {
  <S extends Shape, T extends Shape, D extends DType = 'real', K extends DType = 'real'>(
    f: <N extends number>(x: Var<readonly [N, ...S], D>) => Reverse<Var<readonly [N, ...T], K>>,
    name?: string,
  ): Model<None, Var<readonly [...S], D>, Var<readonly [...T], K>>
  <A, B>(f: <N extends number>(x: Batch<N, A>) => Reverse<Batch<N, B>>, name?: string): Model<None, A, B>
} = (f: (x: never) => Reverse<unknown>, name: string = f.name === '' ? 'function' : f.name) =>
  fromLayers([recording(name, f as (x: unknown) => Reverse<unknown>)]) as never

// --------------------------------------------------------------------------------------------------- side by side

type AllParameters<L> = L extends readonly [infer M, ...infer R]
  ? readonly [...(ParametersOf<M> extends infer P extends Blocks ? P : None), ...AllParameters<R>]
  : None

type AllStates<L> = L extends readonly [infer M, ...infer R]
  ? readonly [...(StateOf<M> extends infer S extends Blocks ? S : None), ...AllStates<R>]
  : None

/** The layers of models, for a name. */
const named = (what: string, models: ReadonlyArray<Pipeline>): string =>
  `${what}(${models.map(({ layers }) => layers.map(({ name }) => name).join(', ')).join(' | ')})`

const list = (x: unknown): Lists | undefined => (Array.isArray(x) ? x : undefined)

const several = (
  name: string,
  models: ReadonlyArray<Pipeline>,
  inputs: (input: unknown) => ReadonlyArray<unknown> | undefined,
): Layer =>
  containing(named(name, models), models, (parts, x) => {
    const xs = inputs(x)
    if (xs === undefined || xs.length !== parts.length)
      return fromEither(
        fail('StructureMismatch', `${name}: takes ${parts.length} values, one for each model`, { operation: name }),
      )
    return gen(function* () {
      const output: Array<unknown> = []
      const state: Array<unknown> = []
      for (const [i, part] of parts.entries()) {
        const applied = yield* part.apply(xs[i])
        output.push(applied.output)
        state.push(...applied.state)
      }
      return { output, state }
    })
  })

/**
 * Models side by side, each on a value of its own.
 *
 * @category combinators
 * @since 0.1.0
 */
export const parallel = <const L extends ReadonlyArray<Pipeline>>(
  ...models: L
): Model<
  AllParameters<L>,
  { readonly [K in keyof L]: InputOf<L[K]> },
  { readonly [K in keyof L]: OutputOf<L[K]> },
  AllStates<L>
> => fromLayers([several('parallel', models, list)])

/**
 * Models side by side, all on the same value.
 *
 * @category combinators
 * @since 0.1.0
 */
export const fanOut = <const L extends readonly [Pipeline, ...ReadonlyArray<Pipeline>]>(
  ...models: L & { readonly [K in keyof L]: L[K] & Fits<InputOf<L[0]>, InputOf<L[K]>> }
): Model<AllParameters<L>, InputOf<L[0]>, { readonly [K in keyof L]: OutputOf<L[K]> }, AllStates<L>> =>
  fromLayers([several('fanOut', models, (x) => models.map(() => x))])

// --------------------------------------------------------------------------------------------------------- around

const shown = (x: unknown): string => (isVar(x) ? show(x.shape) : 'several values')

/**
 * `x + f(x)`, for a model that keeps the shape (K. He et al., "Deep residual learning for image recognition", CVPR 2016).
 * Refuses a model that does not keep it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const residual = <P extends Blocks, T extends Shape, B, S extends Blocks, R>(
  model: Model<P, Var<T>, B, S, R> & Fits<B, Var<T>>,
): Model<P, Var<T>, Var<T>, S> =>
  fromLayers([
    containing(named('residual', [model]), [model], ([part], x) =>
      gen(function* () {
        const { output, state } = yield* part.apply(x)
        if (!isVar(x) || !isVar(output) || !equals(x.shape, output.shape))
          return yield* throwError(
            failure(
              'ShapeMismatch',
              `residual: the model must keep the shape, but makes ${shown(output)} of ${shown(x)}`,
              {
                operation: 'residual',
              },
            ),
          )
        return { output: yield* add(x as Var, output as Var), state }
      }),
    ),
  ])

/**
 * A model on the first of two values; the second is carried along.
 *
 * @category combinators
 * @since 0.1.0
 */
export const first =
  <C>() =>
  <P extends Blocks, A, B, S extends Blocks, R>(
    model: Model<P, A, B, S, R>,
  ): Model<P, readonly [A, C], readonly [B, C], S> =>
    fromLayers([several('first', [model, identity()], list)])

/**
 * A model on the second of two values; the first is carried along.
 *
 * @category combinators
 * @since 0.1.0
 */
export const second =
  <C>() =>
  <P extends Blocks, A, B, S extends Blocks, R>(
    model: Model<P, A, B, S, R>,
  ): Model<P, readonly [C, A], readonly [C, B], S> =>
    fromLayers([several('second', [identity(), model], list)])

/**
 * A model under a name, as one layer: what a summary shows as one line.
 *
 * @category combinators
 * @since 0.1.0
 */
export const block = <P extends Blocks, A, B, S extends Blocks, R>(
  name: string,
  model: Model<P, A, B, S, R>,
): Model<P, A, B, S, R> => fromLayers([containing(name, [model], ([part], x) => part.apply(x))])

// ------------------------------------------------------------------------------------------------------ one of two

/** Either model, on the value's side, which is known when the model is recorded; the state of the other stays. */
const chosen = (name: string, models: readonly [Pipeline, Pipeline], wrap: boolean): Layer =>
  containing(named(name, models), models, (parts, x) => {
    const side = (x as Either<unknown, unknown> | undefined)?._tag
    if (side !== 'Left' && side !== 'Right')
      return throwError(failure('StructureMismatch', `${name}: takes an Either`, { operation: name }))
    const value = E.match(
      (left: unknown) => left,
      (right: unknown) => right,
    )(x as Either<unknown, unknown>)
    return map(({ output, state }: Applied<unknown, Lists>) => ({
      output: !wrap ? output : side === 'Left' ? E.left(output) : E.right(output),
      state: side === 'Left' ? [...state, ...parts[1].state] : [...parts[0].state, ...state],
    }))(parts[side === 'Left' ? 0 : 1].apply(value))
  })

/**
 * One model for each side of an `Either`, which is known when the model is recorded: two kinds of input that meet in one
 * type. Both models have parameters, and those of the side not taken have the derivative 0.
 *
 * @category combinators
 * @since 0.1.0
 */
export const choice = <P extends Blocks, A, B, S extends Blocks, R, Q extends Blocks, C, D, T extends Blocks, U>(
  onLeft: Model<P, A, B, S, R>,
  onRight: Model<Q, C, D, T, U> & Fits<D, B>,
): Model<readonly [...P, ...Q], Either<A, C>, B, readonly [...S, ...T]> =>
  fromLayers([chosen('choice', [onLeft, onRight], false)])

/**
 * A model on the left side; the right one passes.
 *
 * @category combinators
 * @since 0.1.0
 */
export const left =
  <C>() =>
  <P extends Blocks, A, B, S extends Blocks, R>(model: Model<P, A, B, S, R>): Model<P, Either<A, C>, Either<B, C>, S> =>
    fromLayers([chosen('left', [model, identity()], true)])

/**
 * A model on the right side; the left one passes.
 *
 * @category combinators
 * @since 0.1.0
 */
export const right =
  <C>() =>
  <P extends Blocks, A, B, S extends Blocks, R>(model: Model<P, A, B, S, R>): Model<P, Either<C, A>, Either<C, B>, S> =>
    fromLayers([chosen('right', [identity(), model], true)])
