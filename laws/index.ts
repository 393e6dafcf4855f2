/**
 * `wengert/laws`: what must be true of a derivative, as runnable properties. For this library, for rows and rules that
 * users write, and for whoever wants to know how much such a suite would notice. Needs fast-check.
 *
 * @since 0.1.0
 */
import { batchingLaws } from './batching.js'
import { calculusLaws } from './calculus.js'
import { costLaws } from './cost.js'
import { flowLaws } from './flow.js'
import { higherLaws } from './higher.js'
import type { Law } from './Law.js'
import { linearLaws } from './linear.js'
import { modelLaws } from './models.js'
import { modesLaws } from './modes.js'
import { monadLaws } from './monad.js'
import { nestingLaws } from './nesting.js'
import { optimiserLaws } from './optimisers.js'
import { oracleLaws } from './oracles.js'
import { rdcLaws } from './rdc.js'
import { recordingLaws } from './recording.js'
import { replayLaws } from './replay.js'
import { reverseLaws } from './reverse.js'
import { simplificationLaws } from './simplification.js'
import { sweepLaws } from './sweep.js'
import { transformationLaws } from './transformations.js'

export * as Arbitrary from './arbitrary/index.js'
export type { Break, Mutant } from './breaking.js'
export { differences, type Sample } from './differences.js'
export { kernelMutants } from './kernelMutants.js'
export {
  Broken,
  type Class,
  type Counterexample,
  fixed,
  type Law,
  law,
  library,
  type Operations,
  type Part,
  type Passed,
  part,
  type RunOptions,
  type Subject,
  show,
  type Tally,
  type Verdict,
} from './Law.js'
export type { Model, Numbers } from './Model.js'
export { modelMutants } from './modelMutants.js'
export { calculusMutants, factor, sign } from './mutants.js'
export { operationMutants } from './operationMutants.js'
export { optimiserMutants } from './optimiserMutants.js'
export { type Kill, kills, realOperands, type Sighting, showKills, sightings } from './power.js'
export { simplificationMutants } from './simplificationMutants.js'
export { type VerifyOptions, verifyCustomRule, verifyPrimitive } from './verify.js'

/**
 * Every law, in the order of the design.
 *
 * @category laws
 * @since 0.1.0
 */
export const laws: ReadonlyArray<Law> = [
  ...monadLaws,
  ...recordingLaws,
  ...replayLaws,
  ...reverseLaws,
  ...flowLaws,
  ...linearLaws,
  ...sweepLaws,
  ...modesLaws,
  ...rdcLaws,
  ...higherLaws,
  ...nestingLaws,
  ...calculusLaws,
  ...oracleLaws,
  ...batchingLaws,
  ...transformationLaws,
  ...simplificationLaws,
  ...costLaws,
  ...modelLaws,
  ...optimiserLaws,
].toSorted((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)))
