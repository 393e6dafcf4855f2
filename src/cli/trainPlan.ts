/**
 * From a configuration and its data to a run that can be followed.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { batches, datasetRows } from '../data/index.js'
import type { Failure } from '../Failure.js'
import { mul } from '../ops/index.js'
import { fold, key } from '../Random.js'
import { flatMap, type Reverse } from '../Reverse.js'
import type { Shape } from '../Shape.js'
import {
  type Checkpoint,
  type Event,
  evaluator,
  measured,
  type Pairs,
  type Source,
  saveTo,
  supervised,
  fit as training,
} from '../train/index.js'
import type { AnyVar, Var } from '../Var.js'
import type { Config } from './trainConfig.js'
import { type Examples, inputFeed, type Prepared } from './trainData.js'
import { type AnyModel, lossOf, measuresOf, modelOf, optimiserOf } from './trainModel.js'
import type { RunFiles } from './trainRun.js'

/** Examples to validate on, as a source of batches. */
const sourceOf = (data: Examples['data'], feeds: Prepared['feeds']): Source<unknown> => ({
  _tag: 'Source',
  rows: data.rows,
  take: (at) =>
    pipe(
      datasetRows(at)(data),
      E.chain(batches({ size: at.length, feeds })),
      E.map((made) => made.at(0)),
    ),
})

type AnyLoss = (parameters: never, batch: Pairs<Var<Shape>, AnyVar>, situation: never) => Reverse<unknown>

/** A loss whose inputs are multiplied first, as they are for validation and predictions when they come into a batch. */
const scaled = (scale: number, loss: AnyLoss): AnyLoss =>
  scale === 1
    ? loss
    : (parameters, { input, target }, situation) =>
        flatMap(mul(input, scale), (x) => loss(parameters, { input: x, target }, situation))

type Events = Iterable<Event<unknown, unknown>>

/**
 * A run, ready to go.
 *
 * @category model
 * @since 0.1.0
 */
export interface Ready {
  readonly config: Config
  readonly prepared: Prepared
  readonly model: AnyModel
  /** one example, as the model takes it */
  readonly input: AnyVar
  readonly perEpoch: number
  readonly from: number
  readonly events: Events
}

/**
 * Builds the model, its batches and its run. `now` is asked after every step whether to save at once. Fails as they do.
 *
 * @category constructors
 * @since 0.1.0
 */
export const planned = (
  config: Config,
  prepared: Prepared,
  files: RunFiles,
  resume: Checkpoint | null,
  now: () => boolean,
): E.Either<Failure, Ready> => {
  const { seed = 1, batchSize, scalar = 'f64', epochs, checkpoint, stopping } = config
  const { train, validation, feeds, shape, preparation } = prepared
  const target = train.columns.target.shape.slice(1)
  return pipe(
    modelOf(config.model, shape),
    E.bind('compare', ({ output }) => lossOf(config.loss, output, target, preparation.classes)),
    E.bind('weights', ({ model }) => model.init(fold(key(seed), 1))),
    // what comes unscaled is copied natively, and the step scales many numbers at once
    E.bind('loader', () =>
      batches({ size: batchSize, key: fold(key(seed), 2), feeds: { ...feeds, input: inputFeed(config, 1) } })(train),
    ),
    E.bind('evaluate', ({ model, compare, weights }) =>
      validation === null
        ? E.right(null)
        : evaluator(
            measured(model, measuresOf(config.loss, compare) as never) as never,
            sourceOf(validation, feeds) as never,
            weights as never,
            { scalar },
          ),
    ),
    E.bind('events', ({ model, compare, weights, loader, evaluate }) =>
      training({
        loss: scaled(preparation.scale, supervised(model, compare as never) as never) as never,
        optimiser: optimiserOf(config.optimiser),
        ...(weights as { readonly parameters: never; readonly state: never }),
        data: loader as never,
        epochs,
        seed,
        engine: { scalar },
        ...(evaluate === null ? {} : { validation: { evaluate: evaluate as never } }),
        ...(stopping === undefined ? {} : { stopping }),
        checkpoint: { ...checkpoint, save: saveTo(files.checkpoint), now },
        ...(resume === null ? {} : { resume }),
      }),
    ),
    E.map(
      ({ model, input, loader, events }): Ready => ({
        config,
        prepared,
        model,
        input,
        perEpoch: loader.perEpoch,
        from: resume?.progress.step ?? 0,
        events: events as Events,
      }),
    ),
  )
}
