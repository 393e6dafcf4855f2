/**
 * `wengert/nn`: models, the layers that they are made of, and how layers are combined.
 *
 * @since 0.1.0
 */
export * from './attention.js'
export * from './combinators.js'
export {
  type ConvolutionLayerOptions,
  type Convolved1d,
  type Convolved2d,
  conv1d,
  conv2d,
} from './convolution.js'
export * from './embedding.js'
export * as initialisers from './initialisers.js'
export * as instances from './instances.js'
export { type Leaf, leaf, type Own, type Recorded, type Slot, type Slots } from './layer.js'
export * from './linear.js'
export * from './Model.js'
export * as metrics from './metrics.js'
export * from './normalisation.js'
export * from './pooling.js'
export * from './regularise.js'
export * from './sequential.js'
export * from './summary.js'
