/**
 * What happens in a run. Events are plain data: print them, plot them, keep them.
 *
 * @since 0.1.0
 */
import type { Failure } from '../Failure.js'
import type { Values } from '../Tree.js'

/**
 * What has been learnt: parameters `P` and the model's state `M`. Tensors of their own, which later steps do not change.
 *
 * @category model
 * @since 0.1.0
 */
export interface Learnt<P, M> {
  readonly parameters: Values<P>
  readonly state: Values<M>
}

/**
 * A step was made, the `step`-th, counted from 1. `loss` is that of its batch before the update.
 *
 * @category events
 * @since 0.1.0
 */
export interface StepMade {
  readonly _tag: 'step'
  readonly step: number
  readonly epoch: number
  readonly loss: number
  /** 0 for an optimiser without a learning rate */
  readonly rate: number
}

/**
 * Every example was seen once more. `loss` is the mean of the losses of its steps.
 *
 * @category events
 * @since 0.1.0
 */
export interface EpochEnded<P, M> extends Learnt<P, M> {
  readonly _tag: 'epoch'
  readonly epoch: number
  readonly step: number
  readonly loss: number
}

/**
 * The learner was validated after an epoch.
 *
 * @category events
 * @since 0.1.0
 */
export interface Validated {
  readonly _tag: 'validation'
  readonly epoch: number
  readonly step: number
  readonly measures: { readonly [name: string]: number }
}

/**
 * A checkpoint was saved.
 *
 * @category events
 * @since 0.1.0
 */
export interface Saved {
  readonly _tag: 'checkpoint'
  readonly epoch: number
  readonly step: number
}

/**
 * The run is over: all epochs are done, or early stopping ended it. With `best` epoch given, what was learnt is as it was
 * after that epoch.
 *
 * @category events
 * @since 0.1.0
 */
export interface Stopped<P, M> extends Learnt<P, M> {
  readonly _tag: 'stopped'
  readonly reason: 'finished' | 'patience'
  readonly step: number
  readonly best: { readonly epoch: number; readonly loss: number } | null
}

/**
 * The run cannot go on. After a loss that is not finite the failure is `NonFinite` and its message names the instruction.
 *
 * @category events
 * @since 0.1.0
 */
export interface Failed {
  readonly _tag: 'failed'
  readonly step: number
  readonly epoch: number
  readonly failure: Failure
}

/**
 * @category events
 * @since 0.1.0
 */
export type Event<P, M> = StepMade | EpochEnded<P, M> | Validated | Saved | Stopped<P, M> | Failed
