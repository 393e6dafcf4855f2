/**
 * Operations: what a model is written with. Each is a pure function from operands to a recording.
 *
 * @since 0.1.0
 */
export * from './activation.js'
export * from './arithmetic.js'
export * from './comparison.js'
export {
  type Channels,
  type ConvolutionOptions,
  conv1d,
  conv2d,
  type Padding,
  type PerDimension,
  type Positions,
} from './convolution.js'
export * from './creation.js'
export * from './einsum.js'
export * from './elementary.js'
export { argmax, argmin, logSumExp, max, min } from './extremes.js'
export * from './indexing.js'
export * from './joining.js'
export type {
  LogicalReduction,
  Place,
  RealReduction,
  ReduceOptions,
  Reduction,
} from './lanes.js'
export * from './layout.js'
export * from './linear.js'
export * from './loss.js'
export * from './marker.js'
export * from './pooling.js'
export * from './random.js'
export * from './reduction.js'
export { type Parts, slice, split } from './slicing.js'
export * from './softmax.js'
