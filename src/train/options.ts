/**
 * What a run is made of.
 *
 * @since 0.1.0
 */
import type * as E from 'fp-ts/lib/Either.js'
import type { IOEither } from 'fp-ts/lib/IOEither.js'
import type { EngineOptions } from '../engine/index.js'
import type { Failure } from '../Failure.js'
import type { Optimiser } from '../optim/Optimiser.js'
import type * as Tree from '../Tree.js'
import type { Checkpoint } from './Checkpoint.js'
import type { Learnt, Validated } from './events.js'
import type { Numbered } from './loader.js'
import type { Source } from './source.js'
import type { Loss } from './step.js'
import type { Patience } from './stopping.js'

/**
 * Saving checkpoints: after every so many steps, and after every so many epochs (every one unless told otherwise); and after
 * any step that somebody asks for, as on a signal.
 *
 * @category model
 * @since 0.1.0
 */
export interface Saving {
  /** `saveTo(path)`, say */
  readonly save: (checkpoint: Checkpoint) => IOEither<Failure, void>
  readonly steps?: number
  readonly epochs?: number
  /** asked after every step: whether to save now */
  readonly now?: () => boolean
}

/**
 * Validating after every so many epochs (every one unless told otherwise).
 *
 * @category model
 * @since 0.1.0
 */
export interface Validation<P, M> {
  /** `evaluator(...)`, say */
  readonly evaluate: (learnt: Learnt<P, M>) => E.Either<Failure, Validated['measures']>
  readonly epochs?: number
  /** the measure that early stopping looks at, `loss` unless given */
  readonly watch?: string
}

/**
 * A run. `P` are the parameters, `X` a batch, `M` the model's state, `S` the optimiser's.
 *
 * @category model
 * @since 0.1.0
 */
export interface FitOptions<P, X, M, S> {
  readonly loss: Loss<P, X, M>
  readonly optimiser: Optimiser<S>
  /** where to begin */
  readonly parameters: Tree.Values<P>
  /** the model's first state; none unless given */
  readonly state?: Tree.Values<M>
  /** the examples: tensors whose rows they are, or a source of some of them; or batches, such as those of `wengert/data`, which
   * have a size and a key of their own */
  readonly data: Tree.Values<X> | Source<Tree.Values<X>> | Numbered<Tree.Values<X>>
  /** how many examples make a batch; not for batches */
  readonly batchSize?: number
  readonly epochs: number
  /** what order of the examples, dropout and augmentation are drawn from */
  readonly seed: number
  /** what to do with the examples of an epoch that fill no batch: leave them out, as is done unless told otherwise, or make a
   * smaller batch of them, by a second compiled program */
  readonly lastBatch?: 'drop' | 'keep'
  readonly validation?: Validation<P, M>
  /** look at the validation's measure, or at the mean loss of the epoch where there is none */
  readonly stopping?: Patience
  readonly checkpoint?: Saving
  /** go on from here; seed, data and program must be those of the checkpoint */
  readonly resume?: Checkpoint
  readonly engine?: EngineOptions
}

/**
 * Options whose types are not known.
 *
 * @category model
 * @since 0.1.0
 */
export type AnyOptions = FitOptions<Tree.VarTree, Tree.VarTree, Tree.VarTree, unknown>
