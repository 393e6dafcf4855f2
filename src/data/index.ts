/**
 * Data to learn from, and how to prepare it.
 *
 * @since 0.1.0
 */
export { type BostonColumn, bostonColumn, bostonColumns, bostonFeatures, bostonPrices } from './boston.js'
export {
  minibatches,
  permutation,
  rows,
  type Split,
  type Standard,
  shuffle,
  split,
  standardise,
  standardOf,
  unstandardise,
} from './prepare.js'
