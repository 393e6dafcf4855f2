/**
 * The batches of a run, by epoch and by position in it, whatever they come from.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'
import type { AnyTensor } from '../Tensor.js'
import * as Tree from '../Tree.js'
import type { Draws, Source } from './source.js'

/**
 * Batches numbered from 0 on without end, `perEpoch` of them to an epoch, all of one length, each the same whenever it is
 * asked for: `batches(...)` of `wengert/data` are such. They have a key of their own. With `into` they are put where the step
 * reads them, and nothing is allocated for them.
 *
 * @category model
 * @since 0.1.0
 */
export interface Numbered<X> {
  readonly perEpoch: number
  /** what they are drawn by, as text: a checkpoint keeps it, and only batches with the same go on from there */
  readonly drawn?: string
  readonly at: (i: number) => X
  /** a function that puts a batch into views of a batch's structure */
  readonly into?: (views: never) => E.Either<Failure, (i: number) => void>
}

/**
 * Which batch, and for which step.
 *
 * @category model
 * @since 0.1.0
 */
export interface Place {
  readonly epoch: number
  /** in the epoch */
  readonly position: number
  /** steps before it */
  readonly step: number
}

/**
 * @category model
 * @since 0.1.0
 */
export interface Loader {
  /** see `Numbered`; null where the seed of the run says all */
  readonly drawn: string | null
  readonly rows: number
  readonly batchSize: number
  /** batches in an epoch */
  readonly batches: number
  /** whether the batch at a position has `batchSize` examples */
  readonly whole: (position: number) => boolean
  readonly at: (place: Place) => E.Either<Failure, Tree.TensorTree>
  /** puts batches into views, where that is quicker */
  readonly into: ((views: unknown) => E.Either<Failure, (place: Place) => void>) | null
}

/**
 * The examples of a source in an order drawn anew for each epoch. Fails with `InvalidArgument` where there is no batch.
 *
 * @category constructors
 * @since 0.1.0
 */
export const shuffled = (
  { rows, take }: Source<Tree.TensorTree>,
  batchSize: number,
  lastBatch: 'drop' | 'keep',
  draws: Draws,
): E.Either<Failure, Loader> => {
  const batches = (lastBatch === 'keep' ? Math.ceil : Math.floor)(rows / batchSize)
  // the last order is kept, because it is asked for again and again
  let kept: readonly [epoch: number, order: ReadonlyArray<number>] | null = null
  const orderOf = (epoch: number): ReadonlyArray<number> => {
    if (kept === null || kept[0] !== epoch) kept = [epoch, draws.order(epoch, rows)]
    return kept[1]
  }
  return batches === 0
    ? fail('InvalidArgument', `fit: ${rows} examples do not fill a batch of ${batchSize}; take a smaller batchSize`, {
        operation: 'fit',
      })
    : E.right({
        drawn: null,
        rows,
        batchSize,
        batches,
        whole: (position) => (position + 1) * batchSize <= rows,
        at: ({ epoch, position, step }) =>
          take(orderOf(epoch).slice(position * batchSize, (position + 1) * batchSize), draws.keys(step)[1]),
        into: null,
      })
}

/**
 * Batches that are numbered. Fails with `InvalidArgument` where there is none in an epoch.
 *
 * @category constructors
 * @since 0.1.0
 */
export const numbered = ({ perEpoch, drawn, at, into }: Numbered<Tree.TensorTree>): E.Either<Failure, Loader> => {
  if (!Number.isSafeInteger(perEpoch) || perEpoch < 1)
    return fail('InvalidArgument', `fit: there are ${perEpoch} batches in an epoch`, { operation: 'fit' })
  const batchSize = Tree.leaves<AnyTensor>(at(0))[0]?.shape[0] ?? 0
  const numberOf = ({ epoch, position }: Place): number => epoch * perEpoch + position
  return E.right({
    drawn: drawn ?? null,
    rows: perEpoch * batchSize,
    batchSize,
    batches: perEpoch,
    whole: () => true,
    at: (place) => E.right(at(numberOf(place))),
    into:
      into === undefined
        ? null
        : (views) => E.map((put: (i: number) => void) => (place: Place) => put(numberOf(place)))(into(views as never)),
  })
}
