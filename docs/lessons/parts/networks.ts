/**
 * The convolutional network of lessons 11 and 12.
 *
 * @since 0.1.0
 */
import { relu } from 'wengert'
import {
  batchNorm,
  conv2d,
  dropout,
  flatten,
  input,
  linear,
  maxPool2d,
  type ParametersOf,
  type StateOf,
  sequential,
} from 'wengert/nn'
import { adam, oneCycle } from 'wengert/optim'
import type { Learnt } from 'wengert/train'

const eye = sequential(input([1, 28, 28]), conv2d(1, 16, 5, { padding: 'same', bias: false }), batchNorm(16), relu)

const convolutional = sequential(
  eye,
  maxPool2d(2),
  conv2d(16, 32, 3, { padding: 'same', bias: false }),
  batchNorm(32),
  relu,
  maxPool2d(2),
  flatten,
  dropout(0.25),
  linear(1568, 64),
  relu,
  linear(64, 10),
)

const inOneCycle = (steps: number) => adam({ rate: oneCycle({ peak: 4e-3, steps }) })

/**
 * What the convolutional network has learnt.
 *
 * @category model
 * @since 0.1.0
 */
export type Weights = Learnt<ParametersOf<typeof convolutional>, StateOf<typeof convolutional>>

export {
  /**
   * The network.
   *
   * @category networks
   * @since 0.1.0
   */
  convolutional,
  /**
   * Its first layers, as a model of their own.
   *
   * @category networks
   * @since 0.1.0
   */
  eye,
  /**
   * Adam with a rate that rises and falls once in so many steps.
   *
   * @category networks
   * @since 0.1.0
   */
  inOneCycle,
}
