/**
 * Networks that tell digits apart: training one and keeping what the pages show, and asking it.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import {
  argmax,
  convert,
  crossEntropy,
  eq,
  type Failure,
  flatMap,
  gen,
  jit,
  map,
  mean,
  type Reverse,
  type Tensor,
  type Var,
} from 'wengert'
import { batches, type Digits } from 'wengert/data'
import type { Applied, Blocks, Model } from 'wengert/nn'
import type { Optimiser } from 'wengert/optim'
import { key } from 'wengert/Random'
import type { Values } from 'wengert/Tree'
import {
  evaluator,
  type FitOptions,
  fit,
  inMemory,
  type Learnt,
  measured,
  type Numbered,
  type Pairs,
  supervised,
} from 'wengert/train'
import { feedsOf, rawFeeds, standardised, type Task } from './digits.js'

/**
 * An image of one channel.
 *
 * @category model
 * @since 0.1.0
 */
export type Picture = Var<readonly [1, 28, 28]>

/**
 * A network from an image to ten scores.
 *
 * @category model
 * @since 0.1.0
 */
export type Classifier<P extends Blocks, S extends Blocks> = Model<P, Picture, Var<readonly [10]>, S, unknown>

type Batch = Pairs<Picture, Var<readonly [number, 10]>>

/** How all of it is computed: single precision, as is usual for networks. */
const engine = { scalar: 'f32' } as const

/**
 * How a network is trained.
 *
 * @category model
 * @since 0.1.0
 */
export interface Schooling<O> {
  readonly optimiser: Optimiser<O>
  readonly epochs: number
  readonly batchSize: number
  /** by how many pixels images are moved at most; 0 unless given */
  readonly shift?: number
  readonly seed: number
}

/**
 * A run as `fit` takes it, and the time that its batches took.
 *
 * @category model
 * @since 0.1.0
 */
export interface Run<P extends Blocks, S extends Blocks, O = unknown> {
  readonly options: FitOptions<P, Batch, S, O>
  /** batches in an epoch */
  readonly perEpoch: number
  /** milliseconds spent on making batches so far */
  readonly loading: () => number
}

/**
 * A run that teaches a network the digits of a task, and measures it on the others after each epoch. Fails as its parts do.
 *
 * @category constructors
 * @since 0.1.0
 */
export const schooled = <P extends Blocks, S extends Blocks, O>(
  network: Classifier<P, S>,
  task: Task,
  { optimiser, epochs, batchSize, shift = 0, seed }: Schooling<O>,
): E.Either<Failure, Run<P, S, O>> =>
  pipe(
    E.Do,
    E.bind('weights', () => network.init(key(seed))),
    E.bind('loader', () => batches({ size: batchSize, key: key(seed), feeds: rawFeeds(shift) })(task.train)),
    E.bind('tested', () => batches({ size: task.test.rows, feeds: feedsOf(task) })(task.test)),
    E.bind('held', ({ tested }) => inMemory(tested.at(0))),
    E.bind('evaluate', ({ held, weights }) =>
      evaluator(
        measured(network, (scores, target: Batch['target']) =>
          gen(function* () {
            const right = yield* eq(yield* argmax(scores, { axis: -1 }), yield* argmax(target, { axis: -1 }))
            return { loss: yield* crossEntropy(scores, target), accuracy: yield* mean(yield* convert(right, 'real')) }
          }),
        ),
        held,
        weights,
        { ...engine, batchSize: 100 },
      ),
    ),
    E.map(({ weights, loader, evaluate }) => {
      const learning = supervised(network, (scores, target: Batch['target']) => crossEntropy(scores, target))
      let loading = 0
      const timed: Numbered<Values<Batch>> = {
        ...loader,
        into: (views) =>
          pipe(
            loader.into(views),
            E.map((fill) => (i: number) => {
              const begun = performance.now()
              fill(i)
              loading += performance.now() - begun
            }),
          ),
      }
      return {
        options: {
          loss: (parameters, { input, target }, situation) =>
            flatMap(standardised(task)(input), (seen) => learning(parameters, { input: seen, target }, situation)),
          optimiser,
          ...weights,
          data: timed,
          epochs,
          seed,
          validation: { evaluate },
          engine,
        },
        perEpoch: loader.perEpoch,
        loading: () => loading,
      }
    }),
  )

/**
 * What came of a run.
 *
 * @category model
 * @since 0.1.0
 */
export interface Schooled<P, S> {
  readonly learnt: Learnt<P, S>
  /** means over a few steps each, by the number of the last of them */
  readonly losses: ReadonlyArray<readonly [step: number, loss: number]>
  readonly rates: ReadonlyArray<readonly [step: number, rate: number]>
  /** on digits never seen, after each epoch */
  readonly tested: ReadonlyArray<{ readonly loss: number; readonly accuracy: number }>
  readonly steps: number
  /** for the steps alone, without the tests */
  readonly seconds: number
  /** the part of them that making batches took */
  readonly loading: number
}

/**
 * Makes a run to its end.
 *
 * @category running
 * @since 0.1.0
 */
export const made = <P extends Blocks, S extends Blocks, O>(
  { options, perEpoch, loading }: Run<P, S, O>,
  progress: (fraction: number, what: string) => void = () => undefined,
): E.Either<Failure, Schooled<P, S>> =>
  pipe(
    fit(options),
    E.chain((events) => {
      const all = perEpoch * options.epochs
      const every = Math.max(1, Math.round(all / 100))
      const losses: Array<readonly [number, number]> = []
      const rates: Array<readonly [number, number]> = []
      const tested: Array<{ readonly loss: number; readonly accuracy: number }> = []
      let [sum, seconds, since] = [0, 0, performance.now()]
      for (const event of events)
        switch (event._tag) {
          case 'step':
            sum += event.loss
            if (event.step % every !== 0) break
            losses.push([event.step, sum / every])
            rates.push([event.step, event.rate])
            sum = 0
            progress(event.step / all, `loss ${losses[losses.length - 1][1].toFixed(4)}`)
            break
          case 'epoch':
            seconds += (performance.now() - since) / 1000
            break
          case 'validation':
            tested.push(event.measures as { readonly loss: number; readonly accuracy: number })
            since = performance.now()
            break
          case 'failed':
            return E.left(event.failure)
          case 'stopped':
            return E.right({
              learnt: event,
              losses,
              rates,
              tested,
              steps: event.step,
              seconds,
              loading: loading() / 1000 / seconds,
            })
        }
      throw new Error('a run ends with the event stopped or failed')
    }),
  )

/**
 * What a network is asked.
 *
 * @category model
 * @since 0.1.0
 */
export type Asked<P, S> = {
  readonly parameters: P
  readonly state: S
  readonly input: Var<readonly [number, 1, 28, 28]>
}

/**
 * Records the scores of images, by the network as it is used: nothing is dropped and no statistics are renewed.
 *
 * @category running
 * @since 0.1.0
 */
export const answer = <P extends Blocks, S extends Blocks>(
  network: Classifier<P, S>,
  { parameters, state, input }: Asked<P, S>,
): Reverse<Var<readonly [number, 10]>> =>
  map(({ output }: Applied<Var<readonly [number, 10]>, S>) => output)(
    network.apply({ parameters, state } as never, { mode: 'evaluation' })<number>(input),
  )

/**
 * The scores of every digit of a set, `[rows, 10]`.
 *
 * @category running
 * @since 0.1.0
 */
export const scoresOf =
  <P extends Blocks, S extends Blocks>(network: Classifier<P, S>, task: Task) =>
  (digits: Digits) =>
  ({ parameters, state }: Learnt<P, S>): E.Either<Failure, Tensor<readonly [number, 10]>> =>
    pipe(
      batches({ size: 100, feeds: feedsOf(task), last: 'wrap' })(digits),
      E.chain((loader) => {
        const ask = jit((asked: Asked<P, S>) => answer(network, asked), engine)
        const data = new Float64Array(digits.rows * 10)
        for (let i = 0; i < loader.perEpoch; i++) {
          const scores = ask({ parameters, state, input: loader.at(i).input } as never)
          if (E.isLeft(scores)) return scores
          const { data: answered } = scores.right as Tensor<readonly [number, 10]>
          data.set(Array.from(answered).slice(0, loader.count(i) * 10), i * 1000)
        }
        return E.right({ _tag: 'Tensor', shape: [digits.rows, 10], dtype: 'real', data })
      }),
    )
