/**
 * Bars: values by category, in groups; and histograms.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Failure, fail, failure } from '../Failure.js'
import { axisStyle, drawn, numericAxis, rendered } from './echarts.js'
import { brief, extent, roundStep, widened } from './numbers.js'
import { COLOURS, type Size } from './svg.js'

/**
 * A value for each category in each series. Values that are not finite have no bar.
 *
 * @category model
 * @since 0.1.0
 */
export interface BarChart {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly categories: ReadonlyArray<string>
  readonly series: ReadonlyArray<{ readonly name: string; readonly values: ReadonlyArray<number> }>
  /** what the picture shows, for those who cannot see it; made from the data unless given */
  readonly description?: string
}

const checked = (chart: BarChart): E.Either<Failure, BarChart> => {
  const n = chart.categories.length
  const odd = chart.series.find(({ values }) => values.length !== n)
  if (odd !== undefined)
    return fail(
      'StructureMismatch',
      `the chart "${chart.title}" has ${n} categories, but the series ${odd.name} has ${odd.values.length} values`,
    )
  return chart.series.some(({ values }) => values.some(Number.isFinite))
    ? E.right(chart)
    : fail('InvalidArgument', `the chart "${chart.title}" has no bar that can be drawn`)
}

/**
 * Bars as an SVG document. Fails on a chart without bars and on series of other lengths than the categories.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { barChartSvg } from 'wengert/show'
 *
 * const speed = { name: 'steps a second', values: [120, 3400] }
 * const chart = { title: 'Engines', xLabel: 'engine', yLabel: 'steps a second', categories: ['reference', 'wasm'] }
 * assert(isRight(await barChartSvg({ ...chart, series: [speed] })()))
 * ```
 *
 * @category charts
 * @since 0.1.0
 */
export const barChartSvg = (given: BarChart, { width = 720, height = 400 }: Size = {}): TaskEither<Failure, string> =>
  TE.chain((chart: BarChart) => {
    const interval = widened(extent([0, ...chart.series.flatMap(({ values }) => values)]), 6)
    const style = axisStyle(chart.xLabel)
    const described = chart.series.map(
      ({ name, values }) => `${name}: ${values.map((v, i) => `${chart.categories[i]} ${brief(v)}`).join(', ')}.`,
    )
    return rendered(
      {
        title: chart.title,
        description: chart.description ?? `${chart.yLabel} by ${chart.xLabel}. ${described.join(' ')}`,
        width,
        height,
        legend: chart.series.length > 1 ? chart.series.map(({ name }) => ({ name, mark: true })) : [],
      },
      {
        xAxis: {
          ...style,
          type: 'category',
          data: [...chart.categories],
          axisTick: { show: false },
          axisLabel: {
            ...style.axisLabel,
            interval: 0,
            hideOverlap: true,
            width: width / chart.categories.length - 8,
            overflow: 'break',
          },
        },
        yAxis: numericAxis({ label: chart.yLabel, interval, logarithmic: false, ticks: 6 }, true),
        series: chart.series.map(({ name, values }, i) => ({
          type: 'bar' as const,
          name,
          silent: true,
          data: values.map((v) => (Number.isFinite(v) ? v : '-')),
          itemStyle: { color: COLOURS.lines[i % COLOURS.lines.length] },
          barMaxWidth: 56,
        })),
      },
    )
  })(TE.fromEither(checked(given)))

/**
 * How often values fall between successive edges; the last bin holds its upper edge too.
 *
 * @category model
 * @since 0.1.0
 */
export interface Bins {
  readonly edges: ReadonlyArray<number>
  readonly counts: ReadonlyArray<number>
}

const MOST_BINS = 200

/**
 * Counts values in bins of one round width. Unless their number is given, the width follows D. Freedman and P. Diaconis,
 * "On the histogram as a density estimator" (1981): twice the interquartile range over the cube root of the number of
 * values. Values that are not finite are left out; without any other there is one empty bin.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { binsOf } from 'wengert/show'
 *
 * assert.deepStrictEqual(binsOf([0.1, 0.2, 1.5, 2.9, 3], 3), { edges: [0, 1, 2, 3], counts: [2, 1, 2] })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const binsOf = (values: Iterable<number>, about?: number): Bins => {
  const sorted = Float64Array.from([...values].filter(Number.isFinite)).sort()
  const range = extent(sorted)
  const quartiles = sorted[Math.floor(0.75 * sorted.length)] - sorted[Math.floor(0.25 * sorted.length)]
  const ideal = (range[1] - range[0]) / ((2 * quartiles) / Math.cbrt(sorted.length))
  const wanted = about ?? (Number.isFinite(ideal) ? Math.ceil(ideal) : 1 + Math.ceil(Math.log2(sorted.length + 1)))
  const most = Math.min(MOST_BINS, Math.max(1, Math.floor(wanted)))
  const step = roundStep(range, most)
  const [low, high] = widened(range, most)
  const bins = Math.max(1, Math.round((high - low) / step))
  const edges = Array.from({ length: bins + 1 }, (_, i) => Number((low + i * step).toPrecision(12)))
  const counts = new Array<number>(bins).fill(0)
  // values and edges both ascend
  let bin = 0
  for (const x of sorted) {
    while (bin < bins - 1 && x >= edges[bin + 1]) bin++
    counts[bin]++
  }
  return { edges, counts }
}

/**
 * A histogram as an SVG document.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { histogramSvg } from 'wengert/show'
 *
 * assert(isRight(await histogramSvg({ title: 'Weights', xLabel: 'weight', values: [-1, 0.5, 0, 0.1, 2] })()))
 * ```
 *
 * @category charts
 * @since 0.1.0
 */
export const histogramSvg = (
  {
    title,
    xLabel,
    values,
    bins,
    description,
  }: {
    readonly title: string
    readonly xLabel: string
    readonly values: Iterable<number>
    /** about how many bins */
    readonly bins?: number
    readonly description?: string
  },
  { width = 720, height = 400 }: Size = {},
): TaskEither<Failure, string> => {
  const { edges, counts } = binsOf(values, bins)
  const total = counts.reduce((a, b) => a + b, 0)
  if (total === 0) return TE.left(failure('InvalidArgument', `the histogram "${title}" has no finite value`))
  const interval = [edges[0], edges[edges.length - 1]] as const
  const most = extent([0, ...counts])[1]
  return rendered(
    {
      title,
      description:
        description ??
        `${total} values of ${xLabel} from ${brief(interval[0])} to ${brief(interval[1])} in ${counts.length} bins; at most ${most} in one.`,
      width,
      height,
      legend: [],
    },
    {
      xAxis: numericAxis({ label: xLabel, interval, logarithmic: false, ticks: 8 }, false),
      yAxis: numericAxis({ label: 'count', interval: widened([0, most], 6), logarithmic: false, ticks: 6 }, true),
      series: [
        drawn((pixel) => ({
          type: 'group',
          children: counts.map((count, i) => {
            const [left, bottom] = pixel(edges[i], 0)
            const [right, top] = pixel(edges[i + 1], count)
            return {
              type: 'rect' as const,
              shape: { x: left, y: top, width: right - left, height: bottom - top },
              style: { fill: COLOURS.lines[0], stroke: COLOURS.page, lineWidth: 1 },
            }
          }),
        })),
      ],
    },
  )
}

/**
 * Bars for a terminal, one line for each category and series, no wider than `columns`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { barChartText } from 'wengert/show'
 *
 * const chart = { title: 'Rates', xLabel: 'engine', yLabel: 'steps a second', categories: ['a', 'bb'] }
 * const text = barChartText({ ...chart, series: [{ name: 'speed', values: [1, 4] }] }, { columns: 20 })
 * assert(isRight(text))
 * assert.strictEqual(text.right, '  Rates (steps a second)\n   a  ██▌         1\n  bb  ██████████  4\n')
 * ```
 *
 * @category terminal
 * @since 0.1.0
 */
export const barChartText = (
  given: BarChart,
  { columns = 80, color = false }: { readonly columns?: number; readonly color?: boolean } = {},
): E.Either<Failure, string> =>
  E.map((chart: BarChart) => {
    const several = chart.series.length > 1
    const rows = chart.categories.flatMap((category, i) =>
      chart.series.map(({ name, values }, k) => ({
        name: several ? `${category} ${name}` : category,
        value: values[i],
        paint: PAINT[k % PAINT.length],
      })),
    )
    const text = (x: number): string => (Number.isFinite(x) ? brief(x) : '-')
    const names = Math.max(...rows.map(({ name }) => name.length))
    const numbers = Math.max(...rows.map(({ value }) => text(value).length))
    const room = Math.max(4, columns - names - numbers - 7)
    const most = extent([0, ...rows.map(({ value }) => Math.abs(value))])[1]
    const lines = rows.map(({ name, value, paint }) => {
      const eighths = Number.isFinite(value) ? Math.round((8 * room * Math.abs(value)) / most) : 0
      const bar = ('█'.repeat(Math.floor(eighths / 8)) + PARTS[eighths % 8]).padEnd(room)
      return `  ${name.padStart(names)}  ${color ? `\u001b[${paint}m${bar}\u001b[0m` : bar}  ${text(value)}`
    })
    return `${[`  ${chart.title} (${chart.yLabel})`, ...lines].join('\n')}\n`
  })(checked(given))

const PARTS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']
const PAINT = [34, 33, 35, 36, 32, 31]
