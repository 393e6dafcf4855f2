/**
 * Networks that give a price for the features of a house: training one by gradient descent, and asking it.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { type Failure, grad, meanSquaredError, run, sum, type Tensor, type Var } from 'wengert'
import { type Blocks, type Model, predict } from 'wengert/nn'
import { type Optimiser, sgd } from 'wengert/optim'
import { key } from 'wengert/Random'
import type { Values } from 'wengert/Tree'
import { type Event, fit, type Pairs, supervised } from 'wengert/train'

/**
 * Features of tracts, a row for each.
 *
 * @category model
 * @since 0.1.0
 */
export type Rows<F extends number = number> = Tensor<readonly [number, F]>
/**
 * @category model
 * @since 0.1.0
 */
export type Prices = Rows<1>
/**
 * A network from features to a price.
 *
 * @category model
 * @since 0.1.0
 */
export type Regressor<F extends number, P extends Blocks> = Model<
  P,
  Var<readonly [F]>,
  Var<readonly [1]>,
  readonly [],
  unknown
>

/**
 * Features and prices of the same tracts.
 *
 * @category model
 * @since 0.1.0
 */
export interface Tracts<F extends number> {
  readonly input: Rows<F>
  readonly target: Prices
}

/**
 * How a network learns.
 *
 * @category model
 * @since 0.1.0
 */
export interface Way {
  readonly batchSize: number
  readonly epochs: number
  readonly rate: number
}

/**
 * The mean squared error over tracts.
 *
 * @category running
 * @since 0.1.0
 */
export const errorOf =
  <F extends number, P extends Blocks>(network: Regressor<F, P>, { input, target }: Tracts<F>) =>
  (parameters: Values<P>): E.Either<Failure, number> =>
    pipe(
      parameters as never,
      run((p: P) => meanSquaredError(predict(network)(p as never)(input as never), target)),
      E.map((mse) => (mse as Tensor<readonly []>).data[0]),
    )

type Batch = Pairs<Var<readonly [number]>, Var<readonly [number, 1]>>

type Memory = ReturnType<typeof sgd> extends Optimiser<infer S> ? S : never

const schooling = <F extends number, P extends Blocks>(
  network: Regressor<F, P>,
  data: Tracts<F>,
  { batchSize, epochs, rate }: Way,
  seed: number,
  held: Tracts<F>,
): E.Either<Failure, Iterable<Event<P, readonly []>>> =>
  pipe(
    network.init(key(seed)),
    E.chain((weights) =>
      fit<P, Batch, readonly [], Memory>({
        loss: supervised(network as unknown as Regressor<number, P>, (price, target: Batch['target']) =>
          meanSquaredError(price, target),
        ),
        optimiser: sgd({ rate }),
        ...weights,
        data,
        batchSize,
        epochs,
        seed,
        validation: {
          epochs: Math.ceil(epochs / 100),
          evaluate: ({ parameters }) => E.map((loss: number) => ({ loss }))(errorOf(network, held)(parameters)),
        },
      }),
    ),
  )

/**
 * What came of a run.
 *
 * @category model
 * @since 0.1.0
 */
export interface Learned<P extends Blocks> {
  readonly parameters: Values<P>
  /** the weights after each of the last epochs, a tenth of all */
  readonly last: ReadonlyArray<Values<P>>
  /** the mean loss of the steps of each epoch */
  readonly losses: ReadonlyArray<readonly [epoch: number, loss: number]>
  /** the loss of the tracts that were held back, after some of the epochs */
  readonly tested: ReadonlyArray<readonly [epoch: number, loss: number]>
}

/**
 * Makes a run, and keeps what the page shows. Where no tracts are held back, those learnt from are tested.
 *
 * @category running
 * @since 0.1.0
 */
export const learned = <F extends number, P extends Blocks>(
  network: Regressor<F, P>,
  data: Tracts<F>,
  way: Way,
  seed: number,
  progress: (fraction: number) => void,
  held: Tracts<F> = data,
): E.Either<Failure, Learned<P>> =>
  pipe(
    schooling(network, data, way, seed, held),
    E.chain((events) => {
      const losses: Array<readonly [number, number]> = []
      const tested: Array<readonly [number, number]> = []
      const last: Array<Values<P>> = []
      for (const event of events) {
        if (event._tag === 'failed') return E.left(event.failure)
        if (event._tag === 'validation') tested.push([event.epoch + 1, event.measures.loss])
        if (event._tag !== 'epoch') continue
        losses.push([event.epoch + 1, event.loss])
        if (event.epoch >= 0.9 * way.epochs) last.push(event.parameters)
        progress(losses.length / way.epochs)
      }
      return E.right({ parameters: last[last.length - 1], last, losses, tested })
    }),
  )

/**
 * Prices of tracts.
 *
 * @category running
 * @since 0.1.0
 */
export const pricesBy =
  <F extends number, P extends Blocks>(network: Regressor<F, P>, parameters: Values<P>) =>
  (input: Rows<F>): E.Either<Failure, ReadonlyArray<number>> =>
    pipe(
      input as never,
      run((x: Var<readonly [number, F]>) => predict(network)(parameters as never)(x as never)),
      E.map((prices) => Array.from((prices as Prices).data)),
    )

/**
 * For each feature of each tract, how much it changes the price: the gradient of the sum of prices, since no tract's price
 * depends on another.
 *
 * @category running
 * @since 0.1.0
 */
export const slopesBy =
  <F extends number, P extends Blocks>(network: Regressor<F, P>, parameters: Values<P>) =>
  (input: Rows<F>): E.Either<Failure, Rows<F>> =>
    pipe(
      input as never,
      run(grad((x: Var<readonly [number, F]>) => sum(predict(network)(parameters as never)(x as never)) as never)),
    ) as never
