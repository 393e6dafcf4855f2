/**
 * `wengert/train`: training as a stream of events, evaluation in batches, early stopping and checkpoints.
 *
 * @since 0.1.0
 */
export { type Checkpoint, decode, encode, Progress } from './Checkpoint.js'
export { loadFrom, saveTo } from './checkpointFile.js'
export { type EvaluationOptions, evaluator, type Measure, type Measures } from './evaluation.js'
export type { EpochEnded, Event, Failed, Learnt, Saved, StepMade, Stopped, Validated } from './events.js'
export { fit } from './fit.js'
export type { Numbered } from './loader.js'
export type { FitOptions, Saving, Validation } from './options.js'
export { augmented, inMemory, type Source } from './source.js'
export {
  type Assessed,
  firstLearner,
  type Learner,
  type Loss,
  recordStep,
  type Situation,
  type StepInputs,
  type StepOutputs,
} from './step.js'
export { exhausted, observe, type Patience, unwatched, type Watch } from './stopping.js'
export { measured, type Pairs, supervised } from './supervised.js'
