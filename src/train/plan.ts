/**
 * The plan of a run: its options checked, its steps recorded, its beginning found. Everything that can be wrong is found
 * here, before anything is computed.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { EngineOptions } from '../engine/index.js'
import { type Failure, fail } from '../Failure.js'
import type { Program } from '../Program.js'
import { stringify } from '../ProgramCodec.js'
import type { Key } from '../Random.js'
import type { AnyTensor } from '../Tensor.js'
import type * as Tree from '../Tree.js'
import { type Checkpoint, flat, type Progress, sha256, shapedLike } from './Checkpoint.js'
import { type Loader, type Numbered, numbered, type Place, shuffled } from './loader.js'
import type { AnyOptions } from './options.js'
import { drawsOf, inMemory, type Source } from './source.js'
import { firstLearner, recordStep, type Stepper, stepper } from './step.js'
import { unwatched, type Watch } from './stopping.js'

/**
 * A batch of a run, with the key of its step.
 *
 * @category model
 * @since 0.1.0
 */
export interface Taken {
  readonly batch: Tree.TensorTree
  readonly key: Key
}

/**
 * The learner of a run in the memory of its executables: one for whole batches and, where there are any, one for those of
 * the last examples.
 *
 * @category model
 * @since 0.1.0
 */
export interface Machine {
  readonly step: (place: Place) => ReturnType<Stepper['step']>
  readonly learner: () => Tree.TensorTree
}

/**
 * Where a run is, between two steps.
 *
 * @category model
 * @since 0.1.0
 */
export interface Cursor {
  readonly learner: Tree.TensorTree
  readonly epoch: number
  /** batches taken of the epoch, and the sum of their losses */
  readonly position: number
  readonly total: number
  readonly watch: Watch
  /** the learner of the best epoch, where early stopping will go back to it */
  readonly best: Tree.TensorTree | null
}

/**
 * A run, ready to be started any number of times.
 *
 * @category model
 * @since 0.1.0
 */
export interface Plan {
  /** batches in an epoch */
  readonly batches: number
  readonly taken: (place: Place) => E.Either<Failure, Taken>
  /** the step for the batch at a position */
  readonly program: (position: number) => Program
  readonly start: (learner: Tree.TensorTree) => E.Either<Failure, Machine>
  readonly from: Cursor
  readonly checkpoint: (cursor: Cursor) => Checkpoint
}

/**
 * How many steps a learner has made.
 *
 * @category destructors
 * @since 0.1.0
 */
export const stepsOf = (learner: Tree.TensorTree): number =>
  (learner as unknown as { readonly step: AnyTensor }).step.data[0]

const natural = (name: string, value: number, least: number): E.Either<Failure, number> =>
  Number.isSafeInteger(value) && value >= least
    ? E.right(value)
    : fail('InvalidArgument', `fit: ${name} must be an integer of at least ${least}, not ${value}`, {
        operation: 'fit',
      })

const checkedOptions = ({ epochs, seed, validation, stopping, checkpoint }: AnyOptions) =>
  E.sequenceArray([
    natural('epochs', epochs, 0),
    natural('seed', seed, Number.MIN_SAFE_INTEGER),
    natural('validation.epochs', validation?.epochs ?? 1, 1),
    natural('stopping.patience', stopping?.patience ?? 1, 1),
    natural('checkpoint.steps', checkpoint?.steps ?? 1, 1),
    natural('checkpoint.epochs', checkpoint?.epochs ?? 1, 1),
  ])

const isSource = (u: unknown): u is Source<Tree.TensorTree> => (u as Partial<Source<unknown>>)._tag === 'Source'

const isNumbered = (u: unknown): u is Numbered<Tree.TensorTree> =>
  typeof (u as Partial<Numbered<unknown>>).at === 'function'

const loaderOf = ({ data, batchSize, lastBatch = 'drop', seed }: AnyOptions): E.Either<Failure, Loader> =>
  isNumbered(data)
    ? numbered(data)
    : pipe(
        natural('batchSize', batchSize ?? Number.NaN, 1),
        E.bindTo('size'),
        E.bind('source', () => (isSource(data) ? E.right(data) : inMemory(data as Tree.TensorTree))),
        E.chain(({ size, source }) => shuffled(source, size, lastBatch, drawsOf(seed))),
      )

/** Where a checkpoint says that the run is, if it is a checkpoint of this run. */
const resumed = (first: Cursor, made: Checkpoint, found: Checkpoint): E.Either<Failure, Cursor> => {
  for (const key of ['seed', 'rows', 'batchSize', 'drawn', 'optimiser', 'program'] as const) {
    const [wanted, got] = [made.progress[key], found.progress[key]]
    if (wanted === got) continue
    const difference =
      key === 'program'
        ? 'the recorded step differs (model, loss, options of the optimiser or batch); ' +
          'to begin a new run from what it has learnt, give its parameters'
        : key === 'drawn'
          ? `its batches are drawn by ${got ?? 'its seed'}, here they are drawn by ${wanted ?? 'the seed'}`
          : `its ${key} is ${got}, here it is ${wanted}`
    return fail('StructureMismatch', `fit: the checkpoint is of another run: ${difference}`, {
      operation: 'fit',
      path: key,
    })
  }
  const { epoch, position, total, best, waited } = found.progress
  return pipe(
    E.Do,
    E.apS('learner', shapedLike('learner', first.learner)(found)),
    E.bind(
      'best',
      (): E.Either<Failure, Tree.TensorTree | null> =>
        Object.keys(found.tensors).some((name) => name.startsWith('best.'))
          ? shapedLike('best', first.learner)(found)
          : E.right(null),
    ),
    E.map((trees) => ({ ...trees, epoch, position, total, watch: { best, waited } })),
  )
}

/** A stepper, and how a batch comes to it. */
interface Ready {
  readonly stepper: Stepper
  readonly put: (place: Place) => E.Either<Failure, void>
}

/** A batch length: the step for it, and a batch to start with. */
type Length = readonly [program: Program, batch: Tree.TensorTree]

/** One executable for both kinds of batches where they have one length, two otherwise. */
const machine =
  (lengths: ReadonlyArray<Length>, loader: Loader, keyOf: (step: number) => Key, engine: EngineOptions | undefined) =>
  (learner: Tree.TensorTree): E.Either<Failure, Machine> => {
    const ready = ([program, batch]: Length) =>
      pipe(
        stepper(program, learner, batch, engine),
        E.bindTo('stepper'),
        E.bind(
          'put',
          (made): E.Either<Failure, (place: Place) => E.Either<Failure, void>> =>
            loader.into === null
              ? E.right((place) => E.chain(made.stepper.load)(loader.at(place)))
              : E.map((put: (place: Place) => void) => (place: Place) => E.right(put(place)))(
                  loader.into(made.stepper.batch),
                ),
        ),
      )
    return E.map((each: ReadonlyArray<Ready>): Machine => {
      let last = each[0].stepper
      return {
        step: (place) => {
          const next = each[loader.whole(place.position) ? 0 : each.length - 1]
          if (next.stepper !== last) next.stepper.restore(last.learner())
          last = next.stepper
          return E.chain(() => last.step(keyOf(place.step)))(next.put(place))
        },
        learner: () => last.learner(),
      }
    })(E.traverseArray(ready)(lengths))
  }

/**
 * Plans a run. Fails with `InvalidArgument` on options out of range or too few examples, as recording and compiling do, and
 * with `StructureMismatch` on a checkpoint of another run.
 *
 * @category constructors
 * @since 0.1.0
 */
export const planned = (options: AnyOptions): E.Either<Failure, Plan> =>
  pipe(
    checkedOptions(options),
    E.chain(() => loaderOf(options)),
    E.chain((loader) => recorded(options, loader)),
  )

const recorded = (options: AnyOptions, loader: Loader): E.Either<Failure, Plan> => {
  const { loss, optimiser, parameters, seed, engine, resume } = options
  const { rows, batchSize, drawn, batches, whole } = loader
  const draws = drawsOf(seed)
  const keyOf = (step: number): Key => draws.keys(step)[0]
  const learner = firstLearner(parameters, options.state ?? [], optimiser) as Tree.TensorTree
  // one batch of each length, to record a step with
  const lengths = [...(whole(0) ? [0] : []), ...(whole(batches - 1) ? [] : [batches - 1])]
  return pipe(
    lengths,
    E.traverseArray((position) =>
      pipe(
        loader.at({ epoch: 0, position, step: 0 }),
        E.bindTo('batch'),
        E.bind('program', ({ batch }) => recordStep(loss, optimiser, learner as never, batch as never)),
        E.map(({ batch, program }) => [program as Program, batch] as const),
      ),
    ),
    E.chain((programs) => {
      const digest = sha256([engine?.scalar ?? 'f64', ...programs.map(([program]) => stringify(program))].join('\n'))
      const checkpoint = ({ learner: now, epoch, position, total, watch, best }: Cursor): Checkpoint => {
        const progress: Progress = {
          checkpoint: 1,
          step: stepsOf(now),
          epoch,
          position,
          total,
          seed,
          rows,
          batchSize,
          drawn,
          optimiser: optimiser.name,
          program: digest,
          best: watch.best,
          waited: watch.waited,
        }
        return { progress, tensors: { ...flat('learner', now), ...(best === null ? {} : flat('best', best)) } }
      }
      const first: Cursor = { learner, epoch: 0, position: 0, total: 0, watch: unwatched, best: null }
      return E.map(
        (from: Cursor): Plan => ({
          batches,
          taken: (place) =>
            E.map((batch: Tree.TensorTree): Taken => ({ batch, key: keyOf(place.step) }))(loader.at(place)),
          program: (position) => programs[whole(position) ? 0 : programs.length - 1][0],
          start: machine(programs, loader, keyOf, engine),
          from,
          checkpoint,
        }),
      )(resume === undefined ? E.right(first) : resumed(first, checkpoint(first), resume))
    }),
  )
}
