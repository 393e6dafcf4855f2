/**
 * The network of `npm start`: twelve features, ten sigmoid units, one price; its data, and how it learns.
 *
 * @since 0.1.0
 */
import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { bostonFeatures, bostonPrices, split, standardise, standardOf } from '../data/index.js'
import { jit } from '../engine/index.js'
import type { Failure } from '../Failure.js'
import { initialisers, linear, type ParametersOf, predict, sequential } from '../nn/index.js'
import { meanSquaredError, sigmoid } from '../ops/index.js'
import { sgd } from '../optim/index.js'
import type { Key } from '../Random.js'
import { flatMap, type Operand, type Reverse } from '../Reverse.js'
import type { Tensor } from '../Tensor.js'
import type { Values } from '../Tree.js'
import { type Event, fit as learning } from '../train/index.js'
import type { Var } from '../Var.js'

const glorot = { weights: initialisers.glorotUniform(), biases: initialisers.zeros }

/** The network. Its first weights keep the size of signals and of gradients (X. Glorot, Y. Bengio, AISTATS 2010). */
const network = sequential(linear(12, 10, glorot), sigmoid, linear(10, 1, glorot))

/**
 * The weights of both layers.
 *
 * @category model
 * @since 0.1.0
 */
export type Net = ParametersOf<typeof network>

/**
 * Values for the weights.
 *
 * @category model
 * @since 0.1.0
 */
export type NetValues = Values<Net>

/**
 * The first weights, drawn from a key.
 *
 * @category constructors
 * @since 0.1.0
 */
export const initial = (key: Key): NetValues => {
  const weights = network.init(key)
  // only a network whose sizes make no sense has none
  if (E.isLeft(weights)) throw new Error(weights.left.message)
  return weights.right.parameters
}

/**
 * The mean squared error of the predictions `[n, 1]` for features `[n, 12]`.
 *
 * @category model
 * @since 0.1.0
 */
export const loss = <N extends number>(
  net: Net,
  x: Operand<readonly [N, 12]>,
  y: Operand<readonly [N, 1]>,
): Reverse<Var<readonly []>> => flatMap(predict(network)(net)(x), (price) => meanSquaredError(price, y))

/**
 * Features and prices.
 *
 * @category model
 * @since 0.1.0
 */
export interface Part {
  readonly x: Tensor<readonly [number, 12]>
  readonly y: Tensor<readonly [number, 1]>
}

/**
 * @category model
 * @since 0.1.0
 */
export interface Houses {
  readonly train: Part
  readonly test: Part
}

const TRAINING_ROWS = 400

/**
 * Boston housing, shuffled and split; features standardised by the training part, prices as they are.
 *
 * @category constructors
 * @since 0.1.0
 */
export const houses = (key: Key): E.Either<Failure, Houses> =>
  pipe(
    E.Do,
    E.apS('x', split(key, TRAINING_ROWS)(bostonFeatures())),
    E.apS('y', split(key, TRAINING_ROWS)(bostonPrices())),
    E.bind('standard', ({ x }) => standardOf(x.train)),
    E.bind('train', ({ x, standard }) => standardise(standard)(x.train)),
    E.bind('test', ({ x, standard }) => standardise(standard)(x.test)),
    E.map(({ y, train, test }) => ({ train: { x: train, y: y.train }, test: { x: test, y: y.test } })),
  )

/**
 * How the network learns.
 *
 * @category constants
 * @since 0.1.0
 */
export const SETTINGS = { batch: 16, rate: 0.002, momentum: 0.9 } as const

type Batch = { readonly x: Var<readonly [number, 12]>; readonly y: Var<readonly [number, 1]> }

/**
 * A training by stochastic gradient descent with momentum: a stream of events, with the errors on both parts after every so
 * many epochs.
 *
 * @category training
 * @since 0.1.0
 */
export const training = (
  { train, test }: Houses,
  parameters: NetValues,
  { epochs, seed, every }: { readonly epochs: number; readonly seed: number; readonly every: number },
): E.Either<Failure, Iterable<Event<Net, readonly []>>> => {
  const error = jit(({ net, x, y }: Batch & { readonly net: Net }) => loss(net, x, y))
  const { batch, rate, momentum } = SETTINGS
  return learning({
    loss: (net: Net, { x, y }: Batch) => loss(net, x, y),
    optimiser: sgd({ rate, momentum }),
    parameters,
    data: { x: train.x, y: train.y },
    batchSize: batch,
    epochs,
    seed,
    validation: {
      evaluate: ({ parameters: net }) =>
        pipe(
          { training: error({ net, ...train }), test: error({ net, ...test }) },
          sequenceS(E.Apply),
          E.map((errors) => ({ training: errors.training.data[0], test: errors.test.data[0] })),
        ),
      epochs: every,
    },
  })
}

/**
 * The prices that the network predicts.
 *
 * @category running
 * @since 0.1.0
 */
export const prices = (net: NetValues, x: Part['x']): E.Either<Failure, Part['y']> =>
  jit((p: { readonly net: Net; readonly x: Batch['x'] }) => predict(network)(p.net)(p.x))({ net, x })
