/**
 * Broken on purpose, continued: combinators of models that lose track of order, weights, keys or state.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as nn from '../src/nn/index.js'
import { flatMap, map, of, type Reverse } from '../src/Reverse.js'
import type { Mutant } from './breaking.js'
import type { Operations, Subject } from './Law.js'

type Models = Operations['models']

const combining = (
  kind: string,
  doc: string,
  change: (models: Models) => { readonly [K in keyof Models]?: unknown },
): Mutant => ({
  kind,
  doc,
  apply: (subject: Subject) => ({
    ...subject,
    operations: {
      ...subject.operations,
      models: { ...subject.operations.models, ...(change(subject.operations.models) as Partial<Models>) },
    },
  }),
})

type Many = (...models: ReadonlyArray<nn.Pipeline>) => nn.Pipeline

/** The layers of a model, changed. */
const changed =
  (change: (layer: nn.Layer) => nn.Layer) =>
  (model: nn.Pipeline): nn.Pipeline =>
    nn.fromLayers(model.layers.map(change))

const applying = (
  change: (
    applied: nn.Applied<unknown, ReadonlyArray<unknown>>,
    call: nn.Call,
    input: unknown,
  ) => nn.Applied<unknown, ReadonlyArray<unknown>>,
) =>
  changed((layer) => ({
    ...layer,
    apply: (call, input) =>
      map((applied: nn.Applied<unknown, ReadonlyArray<unknown>>) => change(applied, call, input))(
        layer.apply(call, input),
      ),
  }))

const last = <A>(f: (...models: ReadonlyArray<nn.Pipeline>) => A, models: ReadonlyArray<nn.Pipeline>): A =>
  f(...models.toReversed())

/** A model as one layer whose parts get their keys one place further on. */
const nest = (model: nn.Pipeline): nn.Layer => {
  const [one] = nn.block('nested', model as never).layers
  return {
    ...one,
    keys: one.keys + 1,
    init: (keys) => one.init(keys.slice(1)),
    apply: (call, input) => one.apply({ ...call, keys: call.keys.slice(1) }, input),
  }
}

/**
 * Combinators of models, broken.
 *
 * @category mutants
 * @since 0.1.0
 */
export const modelMutants: ReadonlyArray<Mutant> = [
  combining('identity takes a key', 'the identity uses up a key that the next layer should have', () => ({
    identity: () =>
      nn.fromLayers([
        {
          name: 'identity',
          parameters: 0,
          states: 0,
          keys: 1,
          init: () => E.right({ parameters: [], state: [] }),
          apply: (_, output) => of({ output, state: [] }),
          parts: [],
        },
      ]),
  })),
  combining('sequence backwards', 'the last model is applied first', ({ sequential }) => ({
    sequential: (...models: ReadonlyArray<nn.Pipeline>) => last(sequential as unknown as Many, models),
  })),
  combining('keys by nesting', 'a sequence draws from the second key of each model in it', ({ sequential }) => ({
    sequential: (...models: ReadonlyArray<nn.Pipeline>) => {
      const one = (sequential as unknown as Many)(...models)
      return nn.fromLayers([nest(one)])
    },
  })),
  combining('parallel swaps', 'two models side by side exchange their results', ({ parallel }) => ({
    parallel: (...models: ReadonlyArray<nn.Pipeline>) =>
      applying((applied) => ({ ...applied, output: [...(applied.output as ReadonlyArray<unknown>)].toReversed() }))(
        (parallel as unknown as Many)(...models),
      ),
  })),
  combining('state forgotten', 'models side by side give back the state that they were given', ({ parallel }) => ({
    parallel: (...models: ReadonlyArray<nn.Pipeline>) =>
      applying((applied, call) => ({ ...applied, state: call.state }))((parallel as unknown as Many)(...models)),
  })),
  combining('fan-out in a chain', 'all models get the result of the first one', ({ fanOut }) => ({
    fanOut: (...models: ReadonlyArray<nn.Pipeline>) =>
      changed((layer) => ({
        ...layer,
        apply: (call, input) =>
          flatMap(layer.apply(call, input), ({ output }) => layer.apply(call, (output as ReadonlyArray<unknown>)[0])),
      }))((fanOut as unknown as Many)(...models)),
  })),
  combining('always left', 'of two models the one for the left side is taken', ({ choice }) => ({
    choice: (onLeft: nn.Pipeline, onRight: nn.Pipeline) =>
      changed((layer) => ({
        ...layer,
        apply: (call, input) => {
          const either = input as E.Either<unknown, unknown>
          return layer.apply(call, E.left(E.isLeft(either) ? either.left : either.right))
        },
      }))((choice as unknown as (f: nn.Pipeline, g: nn.Pipeline) => nn.Pipeline)(onLeft, onRight)),
  })),
  combining('lifted twice', 'a lifted function is applied to its result again', ({ lift }) => ({
    lift: (f: (x: unknown) => Reverse<unknown>, name?: string) =>
      (lift as unknown as (f: (x: unknown) => Reverse<unknown>, name?: string) => nn.Pipeline)(
        (x) => flatMap(f(x), (y) => f(y)),
        name,
      ),
  })),
]
