/**
 * Models: an initialiser and a pure application, as a list of layers.
 *
 * A `Model<P, A, B, S>` takes `A` to `B` with parameters `P` and running state `S`. `A` and `B` are the types of one example
 * and stand for every batch of them, so one model serves all batch sizes. Applying it records; nothing is computed, and what
 * does not fit is a `Left` with a sentence, or does not compile.
 *
 * Parameters and states are lists with one entry for each layer that has any, and a model is the list of its layers. So
 * composition joins lists and the identity is the empty one, and the laws of a category hold exactly: `compose(f, identity)`
 * has the parameters of `f` and records what `f` records, and a pipeline is the same however it is bracketed. The keys that
 * layers draw with are such a list too: nothing depends on how a pipeline is nested, not even a random mask.
 *
 * State (the running statistics of normalisation) is threaded: it goes in and comes out as a value. Derivatives do not pass
 * through the state that comes out. Randomness is explicit: training takes a key, evaluation has none.
 *
 * A configuration that makes no sense (no features, groups that do not divide) gives a model that refuses to initialise and
 * to record, so that models are composed as plain values.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'
import { type KeyOperand, splitKey } from '../ops/random.js'
import { slice } from '../ops/slicing.js'
import type { Given } from '../Program.js'
import { type Key, split } from '../Random.js'
import { type AnyOperand, fromEither, gen, isReverse, map, of, type Reverse, step, traverseArray } from '../Reverse.js'
import { isTensor } from '../Tensor.js'
import type { TensorTree, Values } from '../Tree.js'
import { isVar } from '../Var.js'
import type { Batch, BatchOperand, Blocks, None } from './types.js'

export type { Batch, BatchOperand, Blocks, Fits, None, Rule, Same } from './types.js'

/**
 * What a model has learnt: parameters, which are trained by their gradient, and state, which training carries along. A tree
 * of handles; `Values<Weights<P, S>>` are the numbers.
 *
 * @category model
 * @since 0.1.0
 */
export type Weights<P extends Blocks, S extends Blocks = None> = {
  readonly parameters: P
  readonly state: S
}

/**
 * How a model is applied: in training, where layers may draw from a key and renew their state, or in evaluation, where
 * they do neither. Use a key for one step only: `Random.fold(key, step)`, or a key that is an input of the step's program.
 *
 * @category model
 * @since 0.1.0
 */
export type Context = { readonly mode: 'evaluation' } | { readonly mode: 'training'; readonly key: KeyOperand }

/**
 * An output, and the state after it.
 *
 * @category model
 * @since 0.1.0
 */
export type Applied<B, S> = {
  readonly output: B
  readonly state: S
}

/**
 * What a layer is applied to besides its input: its own parameters, states and keys (none in evaluation). Parameters may
 * be tensors where the user gave tensors.
 *
 * @category layers
 * @since 0.1.0
 */
export interface Call {
  readonly parameters: ReadonlyArray<unknown>
  readonly state: ReadonlyArray<unknown>
  readonly keys: ReadonlyArray<KeyOperand>
  readonly mode: Context['mode']
}

/**
 * One layer, without its types: how many parameter blocks, states and keys it takes, how they start and what it records.
 *
 * @category layers
 * @since 0.1.0
 */
export interface Layer {
  /** what a summary and a refusal call it: `linear(13, 10)` */
  readonly name: string
  /** how many entries of the parameters are its own */
  readonly parameters: number
  /** how many entries of the state are its own */
  readonly states: number
  /** how many keys it takes to initialise it, and to apply it in training */
  readonly keys: number
  readonly init: (keys: ReadonlyArray<Key>) => E.Either<Failure, Initial>
  readonly apply: (call: Call, input: unknown) => Reverse<Applied<unknown, ReadonlyArray<unknown>>>
  /** the models inside it */
  readonly parts: ReadonlyArray<Pipeline>
}

/**
 * The first parameters and states of a layer.
 *
 * @category layers
 * @since 0.1.0
 */
export interface Initial {
  readonly parameters: ReadonlyArray<TensorTree>
  readonly state: ReadonlyArray<TensorTree>
}

/**
 * A model whose types are not known: what the tools that only look at layers take.
 *
 * @category model
 * @since 0.1.0
 */
export interface Pipeline {
  readonly _tag: 'Model'
  readonly layers: ReadonlyArray<Layer>
}

/**
 * A model from `A` to `B`, types of one example, with parameters `P` and state `S`. `R` is the rule by which its types
 * follow another input, for layers that have one (see `sequential`).
 *
 * @category model
 * @since 0.1.0
 */
export interface Model<P extends Blocks, A, B, S extends Blocks = None, R = null> extends Pipeline {
  /** the first weights, drawn from a key */
  readonly init: (key: Key) => E.Either<Failure, Values<Weights<P, S>>>
  /** records the output for a batch, and the state after it */
  readonly apply: (
    weights: Given<Weights<P, S>>,
    context: Context,
  ) => <N extends number>(input: BatchOperand<N, A>) => Reverse<Applied<Batch<N, B>, S>>
  /** for the type checker only: no value has it */
  readonly rule?: R | undefined
}

/**
 * The parameters of a model: `ParametersOf<typeof model>`.
 *
 * @category types
 * @since 0.1.0
 */
export type ParametersOf<M> = M extends Model<infer P, infer _A, infer _B, infer _S, infer _R> ? P : never

/**
 * The state of a model.
 *
 * @category types
 * @since 0.1.0
 */
export type StateOf<M> = M extends Model<infer _P, infer _A, infer _B, infer S, infer _R> ? S : never

/**
 * What a model takes, one example of it.
 *
 * @category types
 * @since 0.1.0
 */
export type InputOf<M> = M extends Model<infer _P, infer A, infer _B, infer _S, infer _R> ? A : never

/**
 * What a model gives, one example of it.
 *
 * @category types
 * @since 0.1.0
 */
export type OutputOf<M> = M extends Model<infer _P, infer _A, infer B, infer _S, infer _R> ? B : never

// --------------------------------------------------------------------------------------------------- application

/**
 * How many parameter blocks, states or keys layers take together.
 *
 * @category layers
 * @since 0.1.0
 */
export const total = (layers: ReadonlyArray<Layer>, what: 'parameters' | 'states' | 'keys'): number =>
  layers.reduce((sum, layer) => sum + layer[what], 0)

/**
 * Initialises layers, each from the next keys.
 *
 * @category layers
 * @since 0.1.0
 */
export const initialise = (layers: ReadonlyArray<Layer>, keys: ReadonlyArray<Key>): E.Either<Failure, Initial> => {
  const parameters: Array<TensorTree> = []
  const state: Array<TensorTree> = []
  let from = 0
  for (const layer of layers) {
    const initial = layer.init(keys.slice(from, from + layer.keys))
    if (E.isLeft(initial)) return initial
    parameters.push(...initial.right.parameters)
    state.push(...initial.right.state)
    from += layer.keys
  }
  return E.right({ parameters, state })
}

/**
 * What each of several lists of layers gets of what they are given together: the next parameters, states and keys.
 *
 * @category layers
 * @since 0.1.0
 */
export const shares = (lists: ReadonlyArray<ReadonlyArray<Layer>>, call: Call): ReadonlyArray<Call> => {
  let [p, s, k] = [0, 0, 0]
  return lists.map((layers) => {
    const [endP, endS, endK] = [p + total(layers, 'parameters'), s + total(layers, 'states'), k + total(layers, 'keys')]
    const own = {
      parameters: call.parameters.slice(p, endP),
      state: call.state.slice(s, endS),
      keys: call.keys.slice(k, endK),
      mode: call.mode,
    }
    ;[p, s, k] = [endP, endS, endK]
    return own
  })
}

/**
 * Applies layers one after another.
 *
 * @category layers
 * @since 0.1.0
 */
export const applyLayers = (
  layers: ReadonlyArray<Layer>,
  call: Call,
  input: unknown,
): Reverse<Applied<unknown, ReadonlyArray<unknown>>> => {
  const calls = shares(
    layers.map((layer) => [layer]),
    call,
  )
  return gen(function* () {
    const state: Array<unknown> = []
    let output = input
    for (const [i, layer] of layers.entries()) {
      const applied = yield* layer.apply(calls[i], output)
      output = applied.output
      state.push(...applied.state)
    }
    return { output, state }
  })
}

/** The handles of a tree of operands: tensors become constants, recordings are recorded. What is no operand stays. */
const handles = (x: unknown): Reverse<unknown> => {
  if (isReverse(x) || isTensor(x)) return step([x as AnyOperand], (_, [handle]) => E.right(handle))
  if (Array.isArray(x)) return traverseArray(handles)(x)
  if (typeof x !== 'object' || x === null || isVar(x)) return of(x)
  const keys = Object.keys(x)
  return map((values: ReadonlyArray<unknown>) => Object.fromEntries(keys.map((key, i) => [key, values[i]])))(
    traverseArray(handles)(Object.values(x)),
  )
}

/** The keys of a step: key `i` depends on the key and on `i` alone. They are recorded only where a layer draws. */
const keysOf = (key: KeyOperand, n: number): ReadonlyArray<KeyOperand> => {
  const rows = splitKey(key, n)
  return Array.from({ length: n }, (_, i) => slice(rows, i)) as ReadonlyArray<KeyOperand>
}

const entries = (
  layers: ReadonlyArray<Layer>,
  what: 'parameters' | 'states',
  given: unknown,
): E.Either<Failure, null> => {
  const expected = total(layers, what)
  return Array.isArray(given) && given.length === expected
    ? E.right(null)
    : fail(
        'StructureMismatch',
        `apply: the ${what} of this model are a list of ${expected}, not ${Array.isArray(given) ? `of ${given.length}` : typeof given}`,
        { operation: 'apply', path: what },
      )
}

/**
 * The model that applies layers one after another. Its types are the caller's to state: this is for making layers and
 * combinators.
 *
 * @category layers
 * @since 0.1.0
 */
export const fromLayers = <P extends Blocks, A, B, S extends Blocks = None, R = null>(
  layers: ReadonlyArray<Layer>,
): Model<P, A, B, S, R> => {
  const keys = total(layers, 'keys')
  const apply =
    ({ parameters, state }: Pick<Call, 'parameters' | 'state'>, context: Context) =>
    (input: unknown): Reverse<Applied<unknown, unknown>> =>
      gen(function* () {
        yield* fromEither(entries(layers, 'parameters', parameters))
        yield* fromEither(entries(layers, 'states', state))
        const call: Call = {
          parameters,
          state,
          keys: context.mode === 'training' ? keysOf(context.key, keys) : [],
          mode: context.mode,
        }
        const applied = yield* applyLayers(layers, call, yield* handles(input))
        return { output: applied.output, state: yield* handles(applied.state) }
      })
  return Object.freeze({
    _tag: 'Model',
    layers: Object.freeze([...layers]),
    init: (key: Key) => initialise(layers, split(key, keys)),
    apply,
  }) as never
}

/**
 * The output in evaluation mode, with parameters and, where the model has one, a state.
 *
 * @category application
 * @since 0.1.0
 */
export const predict =
  <P extends Blocks, A, B, S extends Blocks, R>(model: Model<P, A, B, S, R>) =>
  (parameters: Given<P>, ...state: S extends None ? readonly [state?: Given<S>] : readonly [state: Given<S>]) =>
  <N extends number>(input: BatchOperand<N, A>): Reverse<Batch<N, B>> =>
    map(({ output }: Applied<Batch<N, B>, S>) => output)(
      model.apply({ parameters, state: state[0] ?? [] } as never, { mode: 'evaluation' })<N>(input),
    )
