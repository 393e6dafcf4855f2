/**
 * The pictures of lesson 11.
 *
 * @since 0.1.0
 */
import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Failure, Tensor } from 'wengert'
import type { Digits } from 'wengert/data'
import { confusionMatrixSvg, type Image, imageGridSvg, type LineChart, lineChartSvg } from 'wengert/show'
import type { Schooled } from './classifier.js'

/**
 * What is drawn.
 *
 * @category model
 * @since 0.1.0
 */
export interface Pictured {
  readonly train: Digits
  readonly test: Digits
  readonly dense: Learning
  readonly convolutional: Learning
  /** of the dense network, `[784, hidden]` */
  readonly weights: Tensor<readonly [number, number]>
  /** of the first convolution, `[n, 1, k, k]` */
  readonly kernels: Tensor<readonly [number, number, number, number]>
  /** what it makes of the first digit of the tests, `[1, n, 28, 28]` */
  readonly features: Tensor<readonly [number, number, number, number]>
  /** the first digit, as it comes in several epochs */
  readonly moved: ReadonlyArray<Tensor<readonly [number, 1, 28, 28]>>
  /** of the convolutional network for the tests, `[n, 10]` */
  readonly scores: Tensor<readonly [number, 10]>
  readonly confusion: Tensor<readonly [number, number], 'int'>
}

type Learning = Pick<Schooled<unknown, unknown>, 'losses' | 'rates' | 'tested' | 'steps'>

const SIDE = 28

/** Charts of which two stand beside each other. */
const HALF = { width: 440, height: 360 }

/** A digit of a set. */
const digit = ({ columns: { images } }: Digits, i: number, caption: string): Image => ({
  width: SIDE,
  height: SIDE,
  values: images.data.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE),
  caption,
})

/** Square images one after another in an array of numbers. */
const squares = (data: ArrayLike<number>, side: number, n: number): ReadonlyArray<Image> =>
  Array.from({ length: n }, (_, i) => ({
    width: side,
    height: side,
    values: Array.from({ length: side * side }, (__, j) => data[i * side * side + j]),
  }))

const perEpoch = ({ steps, tested }: Learning): number => steps / tested.length

const byEpoch = (learning: Learning, points: ReadonlyArray<readonly [step: number, y: number]>) =>
  points.map(([step, y]) => [step / perEpoch(learning), y] as const)

/**
 * Digits that were taken for others, the most certain mistakes first.
 *
 * @category destructors
 * @since 0.1.0
 */
export const mistakes = (
  { data }: Tensor<readonly [number, 10]>,
  { columns: { labels } }: Digits,
): ReadonlyArray<{ readonly at: number; readonly label: number; readonly taken: number }> =>
  Array.from(labels.data, (label, at) => {
    const scores = Array.from({ length: 10 }, (_, j) => data[10 * at + j])
    const best = Math.max(...scores)
    return { at, label, taken: scores.indexOf(best), by: best - scores[label] }
  })
    .filter(({ label, taken }) => label !== taken)
    .sort((a, b) => b.by - a.by)

const networksOf = ({ dense, convolutional }: Pick<Pictured, 'dense' | 'convolutional'>) =>
  [
    ['dense', dense],
    ['convolutional', convolutional],
  ] as const

/**
 * How the losses of both networks fell.
 *
 * @category pictures
 * @since 0.1.0
 */
export const losses = (given: Pick<Pictured, 'dense' | 'convolutional'>): LineChart => ({
  title: 'The loss while learning',
  xLabel: 'epochs',
  yLabel: 'cross-entropy',
  logarithmic: true,
  series: networksOf(given).map(([name, learning]) => ({ name, points: byEpoch(learning, learning.losses) })),
})

/**
 * The pictures as SVG documents, by name. Fails as drawing does.
 *
 * @category pictures
 * @since 0.1.0
 */
export const pictures = (given: Pictured): TE.TaskEither<Failure, Readonly<Record<string, string>>> => {
  const { train, test, weights, kernels, features, moved, scores, confusion } = given
  const wrong = mistakes(scores, test).slice(0, 30)
  const networks = networksOf(given)
  const hidden = weights.shape[1]
  return sequenceS(TE.ApplyPar)({
    digits: imageGridSvg({
      title: 'Digits to learn from',
      images: Array.from({ length: 36 }, (_, i) => digit(train, i, String(train.columns.labels.data[i]))),
      columns: 12,
    }),
    moved: imageGridSvg({
      title: 'One digit, as it comes in eight epochs',
      images: moved.flatMap(({ data }) => squares(data, SIDE, 1)),
      columns: 8,
    }),
    rate: lineChartSvg(
      {
        title: 'The learning rates',
        xLabel: 'epochs',
        yLabel: 'learning rate',
        series: networks.map(([name, learning]) => ({ name, points: byEpoch(learning, learning.rates) })),
      },
      { height: 300 },
    ),
    losses: lineChartSvg(losses(given), HALF),
    tested: lineChartSvg(
      {
        title: 'Mistakes on digits never seen',
        xLabel: 'epochs',
        yLabel: 'wrong of 100',
        logarithmic: true,
        series: networks.map(([name, { tested }]) => ({
          name,
          as: 'both' as const,
          points: tested.map(({ accuracy }, i) => [i + 1, 100 * (1 - accuracy)] as const),
        })),
      },
      HALF,
    ),
    confusion: confusionMatrixSvg({
      title: 'What the convolutional network takes for what',
      classes: Array.from('0123456789'),
      counts: Array.from({ length: 10 }, (_, i) => Array.from({ length: 10 }, (__, j) => confusion.data[10 * i + j])),
    }),
    mistakes: imageGridSvg({
      title: 'Its mistakes, the most certain first',
      images: wrong.map(({ at, label, taken }) => digit(test, at, `${label} as ${taken}`)),
      columns: 10,
    }),
    weights: imageGridSvg({
      title: 'What twenty hidden units of the dense network look for',
      images: Array.from({ length: 20 }, (_, unit) => ({
        width: SIDE,
        height: SIDE,
        values: Array.from({ length: SIDE * SIDE }, (__, pixel) => weights.data[pixel * hidden + unit]),
      })),
      columns: 10,
      scale: 'diverging',
    }),
    kernels: imageGridSvg({
      title: 'The kernels of the first convolution',
      images: squares(kernels.data, kernels.shape[3], kernels.shape[0]),
      columns: 8,
      scale: 'diverging',
    }),
    features: imageGridSvg({
      title: 'What each of them sees in a digit',
      images: squares(features.data, SIDE, kernels.shape[0]),
      columns: 8,
    }),
  })
}
