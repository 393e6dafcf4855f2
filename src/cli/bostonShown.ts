/**
 * What `npm start` found, as tables and charts.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { metrics } from '../nn/index.js'
import { show as showShape } from '../Shape.js'
import type { LineChart } from '../show/index.js'
import type { GradientCheck } from '../verify/index.js'
import type { Part } from './bostonModel.js'
import { table } from './terminal.js'

/**
 * Mean squared errors after some epochs.
 *
 * @category model
 * @since 0.1.0
 */
export type Errors = ReadonlyArray<readonly [epoch: number, training: number, test: number]>

/**
 * The gradient against differences, a line for each parameter.
 *
 * @category printing
 * @since 0.1.0
 */
export const checkTable = ({ parameters }: GradientCheck): string =>
  table([
    ['parameter', 'shape', 'compared', '|analytic - numeric|', 'tolerance', 'ratio'],
    ...parameters.map(({ path, shape, compared, skipped, worst }) => [
      path,
      showShape(shape),
      skipped === 0 ? String(compared) : `${compared} (${skipped} at a kink)`,
      ...(worst === null
        ? ['-', '-', '-']
        : [
            Math.abs(worst.analytic - worst.numeric).toExponential(1),
            worst.tolerance.toExponential(1),
            worst.ratio.toPrecision(2),
          ]),
    ]),
  ])

/**
 * How good the predictions of each part are, beside the mean price as the prediction.
 *
 * @category printing
 * @since 0.1.0
 */
export const resultTable = (parts: ReadonlyArray<readonly [string, Part['y'], predicted: Part['y']]>): string =>
  table([
    ['', 'rows', 'MSE', 'RMSE ($1000)', 'R²', 'MSE of the mean price'],
    ...parts.map(([name, { data, shape }, predicted]) => {
      const mse = Array.from(data).reduce((sum, y, i) => sum + (predicted.data[i] - y) ** 2, 0) / shape[0]
      const r2 = E.getOrElse(() => Number.NaN)(metrics.rSquared(predicted.data, data))
      return [
        name,
        String(shape[0]),
        mse.toFixed(2),
        Math.sqrt(mse).toFixed(2),
        r2.toFixed(3),
        (mse / (1 - r2)).toFixed(2),
      ]
    }),
  ])

/** How many test rows are shown. */
const EXAMPLES = 8

/**
 * Some predictions beside the true prices.
 *
 * @category printing
 * @since 0.1.0
 */
export const predictionTable = ({ data }: Part['y'], predicted: Part['y']): string =>
  table([
    ['test row', 'predicted', 'true', 'difference'],
    ...Array.from({ length: EXAMPLES }, (_, i) => {
      const off = predicted.data[i] - data[i]
      return [String(i + 1), predicted.data[i].toFixed(1), data[i].toFixed(1), `${off < 0 ? '' : '+'}${off.toFixed(1)}`]
    }),
  ])

/**
 * Errors by epoch.
 *
 * @category charts
 * @since 0.1.0
 */
export const lossChart = (errors: Errors): LineChart => ({
  title: 'Boston housing: loss of a 12-10-1 sigmoid network',
  xLabel: 'epoch',
  yLabel: 'mean squared error ($1000²)',
  logarithmic: true,
  series: [
    { name: 'training', points: errors.map(([epoch, error]) => [epoch, error] as const) },
    { name: 'test', points: errors.map(([epoch, , error]) => [epoch, error] as const) },
  ],
})

/**
 * Predictions by true prices: the nearer to the line, the better.
 *
 * @category charts
 * @since 0.1.0
 */
export const predictionChart = ({ data }: Part['y'], predicted: Part['y']): LineChart => ({
  title: 'Boston housing: predictions for houses that were not learned from',
  xLabel: 'true price ($1000)',
  yLabel: 'predicted price ($1000)',
  series: [
    { name: 'test rows', as: 'points', points: Array.from(data, (y, i) => [y, predicted.data[i]] as const) },
    { name: 'exact', points: [Math.min(...data), Math.max(...data)].map((y) => [y, y] as const) },
  ],
})
