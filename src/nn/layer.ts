/**
 * How layers are made: a leaf is a name, the shapes of its weights and what it records for one value.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { type Failure, fail } from '../Failure.js'
import type { KeyOperand } from '../ops/random.js'
import { MAX_ELEMENTS } from '../primitive/evaluate.js'
import { type Key, split } from '../Random.js'
import { fromEither, isReverse, map, type Operand, type Reverse } from '../Reverse.js'
import { check, equals, type Shape, show, size } from '../Shape.js'
import { type AnyTensor, isTensor } from '../Tensor.js'
import { type AnyVar, isVar, type Var } from '../Var.js'
import type { Fans, Initialiser } from './initialisers.js'
import {
  type Applied,
  applyLayers,
  type Context,
  initialise,
  type Layer,
  type Pipeline,
  shares,
  total,
} from './Model.js'

/**
 * A weight: its shape and how it starts.
 *
 * @category model
 * @since 0.1.0
 */
export interface Slot {
  readonly shape: Shape
  readonly initial: Initialiser
  readonly fans?: Fans
}

/**
 * Weights by name.
 *
 * @category model
 * @since 0.1.0
 */
export type Slots = { readonly [name: string]: Slot }

type Named = { readonly [name: string]: Operand<Shape> }

/**
 * What a leaf is applied to besides its input.
 *
 * @category model
 * @since 0.1.0
 */
export interface Own {
  readonly parameters: Named
  readonly state: Named
  /** only in training, and only where the leaf draws */
  readonly key: KeyOperand | undefined
  readonly mode: Context['mode']
}

/**
 * What a leaf records: its output, or that and its new state.
 *
 * @category model
 * @since 0.1.0
 */
export type Recorded = { readonly output: AnyVar; readonly state?: Named }

/**
 * A leaf, as its author writes it.
 *
 * @category model
 * @since 0.1.0
 */
export interface Leaf {
  readonly name: string
  /** whether its settings make sense: a layer whose settings do not refuses to initialise and to record */
  readonly valid?: E.Either<Failure, unknown>
  readonly parameters?: Slots
  readonly state?: Slots
  /** whether it draws in training */
  readonly draws?: boolean
  /** says what it takes, `takes reals [examples, 13]`, where the input is something else */
  readonly refuses?: (input: AnyVar, mode: Context['mode']) => string | undefined
  readonly apply: (own: Own, input: Var<Shape>) => Reverse<Recorded>
}

/** Values for slots, a key for each; what is too large is refused before anything is allocated. */
const filled = (
  name: string,
  slots: Slots,
  keys: ReadonlyArray<Key>,
): E.Either<Failure, { readonly [name: string]: AnyTensor }> => {
  for (const [slot, { shape }] of Object.entries(slots)) {
    const valid = check(shape, `${name}, ${slot}`)
    if (E.isLeft(valid)) return valid
    if (size(shape) > MAX_ELEMENTS)
      return fail('TooLarge', `${name}: ${slot} of ${show(shape)} has more than ${MAX_ELEMENTS} elements`, {
        operation: name,
        shapes: [shape],
      })
  }
  return E.right(
    Object.fromEntries(
      Object.entries(slots).map(([slot, { shape, initial, fans = { fanIn: 1, fanOut: 1 } }], i) => [
        slot,
        initial(keys[i], shape, fans),
      ]),
    ),
  )
}

/** Accepts weights that have the slots, with their shapes. */
const fitting = (name: string, slots: Slots | undefined, found: unknown): E.Either<Failure, null> => {
  for (const [slot, { shape }] of Object.entries(slots ?? {})) {
    const operand = (found as { readonly [slot: string]: unknown } | undefined)?.[slot]
    if (!isReverse(operand) && !isVar(operand) && !isTensor(operand))
      return fail('StructureMismatch', `${name}: the weight ${slot} is missing; expected ${show(shape)}`, {
        operation: name,
        path: slot,
      })
    if (!isReverse(operand) && (!equals(operand.shape, shape) || operand.dtype !== 'real'))
      return fail(
        'ShapeMismatch',
        `${name}: the weight ${slot} must be real ${show(shape)}, not ${operand.dtype} ${show(operand.shape)}`,
        { operation: name, path: slot, shapes: [shape, operand.shape] },
      )
  }
  return E.right(null)
}

const accepted = (
  name: string,
  input: unknown,
  refuses: Leaf['refuses'],
  mode: Context['mode'],
): E.Either<Failure, null> => {
  if (!isVar(input)) return fail('StructureMismatch', `${name}: takes one value, not several`, { operation: name })
  const wrong = refuses?.(input, mode)
  return wrong === undefined
    ? E.right(null)
    : fail('ShapeMismatch', `${name}: ${wrong}, not ${input.dtype} ${show(input.shape)}`, {
        operation: name,
        shapes: [input.shape],
      })
}

/**
 * The layer that a leaf describes. It takes one key if it has parameters or draws.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { map, mul, run, tensor, type Var } from 'wengert'
 * import { fromLayers, initialisers, leaf, type Model, predict } from 'wengert/nn'
 *
 * // a gain of its own for each of three features
 * const gain: Model<readonly [{ readonly gain: Var<readonly [3]> }], Var<readonly [3]>, Var<readonly [3]>> = fromLayers([
 *   leaf({
 *     name: 'gain',
 *     parameters: { gain: { shape: [3], initial: initialisers.ones } },
 *     apply: ({ parameters }, x) => map((output: Var<readonly number[]>) => ({ output }))(mul(x, parameters.gain)),
 *   }),
 * ])
 * const f = (x: Var<readonly [1, 3]>) => predict(gain)([{ gain: tensor([1, 2, 3]) }])(x)
 * assert.deepStrictEqual(run(f)(tensor([[5, 5, 5]])), { _tag: 'Right', right: tensor([[5, 10, 15]]) })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const leaf = ({ name, valid = E.right(null), parameters, state, draws, refuses, apply }: Leaf): Layer => ({
  name,
  parameters: parameters === undefined ? 0 : 1,
  states: state === undefined ? 0 : 1,
  keys: parameters !== undefined || draws === true ? 1 : 0,
  init: (keys) => {
    if (E.isLeft(valid)) return valid
    // state starts as constants, which need no keys
    const weights = filled(
      name,
      parameters ?? {},
      parameters === undefined ? [] : split(keys[0], Object.keys(parameters).length),
    )
    if (E.isLeft(weights)) return weights
    const running = filled(name, state ?? {}, [])
    if (E.isLeft(running)) return running
    return E.right({
      parameters: parameters === undefined ? [] : [weights.right],
      state: state === undefined ? [] : [running.right],
    })
  },
  apply: (call, input) => {
    const wrong = pipe(
      valid,
      E.chain(() => accepted(name, input, refuses, call.mode)),
      E.chain(() => fitting(name, parameters, call.parameters[0])),
      E.chain(() => fitting(name, state, call.state[0])),
    )
    if (E.isLeft(wrong)) return fromEither(wrong)
    const own: Own = {
      parameters: (call.parameters[0] ?? {}) as Named,
      state: (call.state[0] ?? {}) as Named,
      key: draws === true ? call.keys[0] : undefined,
      mode: call.mode,
    }
    return map((recorded: Recorded) => ({
      output: recorded.output,
      state: recorded.state === undefined ? call.state : [recorded.state],
    }))(apply(own, input as Var<Shape>))
  },
  parts: [],
})

/**
 * Accepts settings that are integers >= 1.
 *
 * @category checks
 * @since 0.1.0
 */
export const positive = (name: string, settings: { readonly [setting: string]: number }): E.Either<Failure, null> => {
  const wrong = Object.entries(settings).find(([, n]) => !Number.isInteger(n) || n < 1)
  return wrong === undefined ? E.right(null) : invalid(name, `${wrong[0]} must be an integer >= 1, not ${wrong[1]}`)
}

/**
 * A refusal of a setting.
 *
 * @category checks
 * @since 0.1.0
 */
export const invalid = (name: string, sentence: string): E.Either<Failure, never> =>
  fail('InvalidArgument', `${name}: ${sentence}`, { operation: name })

/**
 * A recording as the output of a leaf without state.
 *
 * @category constructors
 * @since 0.1.0
 */
export const only: (output: Reverse<AnyVar>) => Reverse<Recorded> = map((output) => ({ output }))

/**
 * A layer without weights that records a function.
 *
 * @category constructors
 * @since 0.1.0
 */
export const recording = (name: string, f: (input: unknown) => Reverse<unknown>): Layer => ({
  name,
  parameters: 0,
  states: 0,
  keys: 0,
  init: () => E.right({ parameters: [], state: [] }),
  apply: (_, input) => map((output: unknown) => ({ output, state: [] }))(f(input)),
  parts: [],
})

/**
 * A part of a layer: its state, and how to apply it.
 *
 * @category model
 * @since 0.1.0
 */
export interface Part {
  readonly state: ReadonlyArray<unknown>
  readonly apply: (input: unknown) => Reverse<Applied<unknown, ReadonlyArray<unknown>>>
}

/**
 * A layer made of models, each with the next parameters, states and keys.
 *
 * @category constructors
 * @since 0.1.0
 */
export const containing = (
  name: string,
  models: ReadonlyArray<Pipeline>,
  apply: (parts: ReadonlyArray<Part>, input: unknown) => Reverse<Applied<unknown, ReadonlyArray<unknown>>>,
  valid: E.Either<Failure, unknown> = E.right(null),
): Layer => {
  const lists = models.map(({ layers }) => layers)
  const all = lists.flat()
  return {
    name,
    parameters: total(all, 'parameters'),
    states: total(all, 'states'),
    keys: total(all, 'keys'),
    init: (keys) => (E.isLeft(valid) ? valid : initialise(all, keys)),
    apply: (call, input) =>
      E.isLeft(valid)
        ? fromEither(valid)
        : apply(
            shares(lists, call).map((own, i) => ({ state: own.state, apply: (x) => applyLayers(lists[i], own, x) })),
            input,
          ),
    parts: models,
  }
}
