/**
 * `wengert/optim`: optimisers as pure transformations of gradients, schedules, and the minimiser L-BFGS.
 *
 * @since 0.1.0
 */
export {
  type Moments,
  type MomentsOptions,
  momentum,
  type SquareMean,
  type SquareSum,
  scaleByMoments,
  scaleByRms,
  scaleBySum,
  type Velocity,
} from './directions.js'
export { type Lbfgs, type LbfgsOptions, type LbfgsState, lbfgs, type Memory, type Objective } from './lbfgs.js'
export {
  chain,
  identity,
  type Like,
  leafwise,
  type Moment,
  type Moved,
  move,
  type Nothing,
  type Optimiser,
  type Over,
  on,
  optimiser,
  type Range,
  ranges,
  type Schedule,
  stateless,
} from './Optimiser.js'
export { adagrad, adam, adamw, type CommonOptions, rmsprop, sgd } from './optimisers.js'
export { constant, cosine, exponential, inverseTime, oneCycle, stepwise, warmUp } from './schedule.js'
export { clipByNorm, clipByValue, decayWeights, descend, globalNorm, scale } from './transformations.js'
