/**
 * Charts of lines and points, as text for a terminal and as SVG for a file: losses over time, scatters with a fitted curve,
 * errors over step sizes.
 *
 * | chart | library |
 * |---|---|
 * | `lineChartText` | simple-ascii-chart |
 * | `lineChartSvg` | echarts |
 *
 * @since 0.1.0
 */
import type { SeriesOption } from 'echarts'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Failure, failure } from '../Failure.js'
import { drawn, numericAxis, rendered } from './echarts.js'
import { brief, decadeTicks, extent, type Interval, MOST, roundStep, roundTicks, tickText, widened } from './numbers.js'
import { drawing } from './optional.js'
import { COLOURS, type Size } from './svg.js'

/**
 * A point with the interval in which its vertical coordinate lies.
 *
 * @category model
 * @since 0.1.0
 */
export type Spread = readonly [x: number, low: number, high: number]

/**
 * A line: points in the order in which they are joined. Points that are not finite, or beyond 1e300, or not positive on a
 * logarithmic axis, interrupt it.
 *
 * @category model
 * @since 0.1.0
 */
export interface Series {
  readonly name: string
  readonly points: ReadonlyArray<readonly [x: number, y: number]>
  /** what is drawn: the line that joins the points (unless said otherwise), the points, or both */
  readonly as?: 'line' | 'points' | 'both'
  /** an area around the line */
  readonly band?: ReadonlyArray<Spread>
  /** bars of uncertainty */
  readonly errors?: ReadonlyArray<Spread>
}

/**
 * What to draw. Labels say the units.
 *
 * @category model
 * @since 0.1.0
 */
export interface LineChart {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly series: ReadonlyArray<Series>
  /** a logarithmic vertical axis; linear unless said */
  readonly logarithmic?: boolean
  /** a logarithmic horizontal axis; linear unless said */
  readonly logarithmicX?: boolean
  /** what the picture shows, for those who cannot see it; made from the data unless given */
  readonly description?: string
}

type Point = readonly [x: number, y: number]

const fits = (logarithmic: boolean | undefined, x: number): boolean =>
  Math.abs(x) <= MOST && (logarithmic !== true || x > 0)

const visible =
  (chart: LineChart) =>
  ([x, y]: Point): boolean =>
    fits(chart.logarithmicX, x) && fits(chart.logarithmic, y)

/** Refuses a chart without a point. */
const checked = (chart: LineChart): TE.TaskEither<Failure, LineChart> =>
  chart.series.some(({ points }) => points.some(visible(chart)))
    ? TE.right(chart)
    : TE.left(failure('InvalidArgument', `the chart "${chart.title}" has no point that can be drawn`))

const INKS = ['ansiBlue', 'ansiYellow', 'ansiMagenta', 'ansiCyan', 'ansiGreen', 'ansiRed'] as const
const PAINT = [34, 33, 35, 36, 32, 31]
// Without colours the marks alone tell lines apart.
const MARKS = ['●', '○', '+', '×', '◆', '◇']

/** Where numbers stand on an axis of characters, and back. */
const placing = (logarithmic = false) =>
  logarithmic
    ? { to: Math.log10, ticks: decadeTicks, text: () => (t: number) => brief(10 ** t) }
    : {
        to: (x: number): number => x,
        ticks: roundTicks,
        text: (interval: Interval, count: number) => tickText(roundStep(interval, count)),
      }

/**
 * A chart of characters, `width` by `height` without axes and title; in colours when asked. Lines are rows of marks, one
 * kind each.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { lineChartText } from 'wengert/show'
 *
 * const parabola = [-2, -1, 0, 1, 2].map((x) => [x, x * x] as const)
 * const chart = { title: 'Squares', xLabel: 'x', yLabel: 'x²', series: [{ name: 'square', points: parabola }] }
 * const text = await lineChartText(chart, { width: 20, height: 5 })()
 * assert(isRight(text) && text.right.includes('Squares'))
 * ```
 *
 * @category charts
 * @since 0.1.0
 */
export const lineChartText = (
  chart: LineChart,
  {
    width = 72,
    height = 14,
    color = false,
  }: { readonly width?: number; readonly height?: number; readonly color?: boolean } = {},
): TaskEither<Failure, string> =>
  TE.chain(() =>
    drawing(
      'simple-ascii-chart',
      () => import('simple-ascii-chart'),
      ({ default: plot }) => {
        const place = { x: placing(chart.logarithmicX), y: placing(chart.logarithmic) }
        const lines = chart.series.map(({ points }) =>
          points.filter(visible(chart)).map(([x, y]): [number, number] => [place.x.to(x), place.y.to(y)]),
        )
        const shown = lines.flatMap((line, i) => (line.length > 0 ? [i] : []))
        const xs = extent(lines.flat().map(([x]) => x))
        const ys = extent(lines.flat().map(([, y]) => y))
        const words = { x: place.x.text(xs, 6), y: place.y.text(ys, 5) }
        let line = -1
        const text = plot(
          shown.map((i) => lines[i]),
          {
            width,
            height,
            yRange: ys,
            customXAxisTicks: place.x.ticks(xs, 6),
            customYAxisTicks: place.y.ticks(ys, chart.logarithmic === true ? 12 : 5),
            formatter: (value, { axis }) => words[axis](value),
            // lines come one after another, each from its point 0 on; nothing else says which line a point belongs to
            lineFormatter: ({ plotX, plotY, index }) => {
              if (index === 0) line++
              return { x: plotX, y: plotY, symbol: MARKS[shown[line] % MARKS.length] }
            },
            ...(color ? { color: shown.map((i) => INKS[i % INKS.length]) } : {}),
          },
        )
        const legend = shown.map((i) => {
          const mark = MARKS[i % MARKS.length]
          return `${color ? `\u001b[${PAINT[i % PAINT.length]}m${mark}\u001b[0m` : mark} ${chart.series[i].name}`
        })
        const body = text
          .split('\n')
          .map((row) => `  ${row.trimEnd()}`)
          .filter((row) => row.trim() !== '')
        return `${[`  ${chart.title}`, `  ${chart.yLabel}     ${legend.join('     ')}`, ...body].join('\n')}  ${chart.xLabel}\n`
      },
    ),
  )(checked(chart))

// Lines differ by their dashes too, for print.
const DASHES: ReadonlyArray<'solid' | Array<number>> = ['solid', [7, 4], [2, 3], [10, 3, 2, 3], [12, 4], [1, 2]]

/** More points than this are drawn smaller. */
const MANY = 300

const paint = (i: number): string => COLOURS.lines[i % COLOURS.lines.length]

/**
 * What a chart shows, in a sentence.
 *
 * @category printing
 * @since 0.1.0
 */
export const describeChart = (chart: LineChart): string =>
  `${chart.yLabel} over ${chart.xLabel}. ${chart.series
    .map(({ name, points }) => {
      const seen = points.filter(visible(chart))
      if (seen.length === 0) return `${name}: no points.`
      const [low, high] = extent(seen.map(([, y]) => y))
      const [first, last] = [seen[0], seen[seen.length - 1]]
      return seen.length === 1
        ? `${name}: ${brief(first[1])} at ${brief(first[0])}.`
        : `${name}: ${seen.length} points from ${brief(first[1])} at ${brief(first[0])} to ${brief(last[1])} at ${brief(last[0])}, between ${brief(low)} and ${brief(high)}.`
    })
    .join(' ')}`

/** The interval of an axis that holds some numbers: the numbers' own, or widened to round ones. */
const intervalFor = (logarithmic: boolean | undefined, xs: ReadonlyArray<number>, tight: boolean): Interval => {
  const [low, high] = extent(xs)
  // a logarithmic axis rounded outwards would be mostly empty
  if (logarithmic === true) return low > 0 ? [low / (tight ? 1 : 1.2), high * (tight ? 1 : 1.2)] : [high / 10, high * 2]
  return tight ? [low, high] : widened([low, high], 6)
}

/**
 * The series of a chart as ECharts draws them.
 *
 * @category series
 * @since 0.1.0
 */
export const seriesOptions = (
  series: ReadonlyArray<Series>,
  drawable: (p: Point) => boolean,
  paintOf: (i: number) => string = paint,
): ReadonlyArray<SeriesOption> =>
  series.flatMap(({ name, points, as = 'line', band, errors }, i): ReadonlyArray<SeriesOption> => {
    const color = paintOf(i)
    const spreads = (all: ReadonlyArray<Spread> = []): ReadonlyArray<Spread> =>
      all.filter(([x, low, high]) => drawable([x, low]) && drawable([x, high]))
    const around = spreads(band)
    const bars = spreads(errors)
    return [
      ...(around.length < 2
        ? []
        : [
            drawn(
              (pixel) => ({
                type: 'polygon',
                shape: {
                  points: [
                    ...around.map(([x, , high]) => pixel(x, high)),
                    ...around.map(([x, low]) => pixel(x, low)).reverse(),
                  ],
                },
                style: { fill: color, opacity: 0.18 },
              }),
              { z: 1 },
            ),
          ]),
      ...(bars.length === 0
        ? []
        : [
            drawn(
              (pixel) => ({
                type: 'group',
                children: bars.map(([x, low, high]) => {
                  const [left, bottom] = pixel(x, low)
                  const [, top] = pixel(x, high)
                  return {
                    type: 'path' as const,
                    shape: {
                      d: `M${left},${bottom}V${top}M${left - 4},${bottom}H${left + 4}M${left - 4},${top}H${left + 4}`,
                    },
                    style: { stroke: color, fill: 'none', lineWidth: 1.5 },
                  }
                }),
              }),
              { z: 2 },
            ),
          ]),
      {
        type: as === 'points' ? 'scatter' : 'line',
        name,
        silent: true,
        z: as === 'points' ? 2 : 3,
        // a point that cannot be drawn interrupts the line
        data: points.map((p) => (drawable(p) ? [...p] : [Number.NaN, Number.NaN])),
        symbol: as === 'line' && points.filter(drawable).length > 1 ? 'none' : 'circle',
        symbolSize: points.length > MANY ? 4 : 7,
        itemStyle: { color, opacity: as === 'points' ? 0.65 : 1 },
        ...(as === 'points' ? {} : { lineStyle: { color, width: 2, type: DASHES[i % DASHES.length] } }),
      } as SeriesOption,
    ]
  })

/**
 * A chart as an SVG document with title, axes, grid and legend, which follows the reader's light or dark mode.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { lineChartSvg } from 'wengert/show'
 *
 * const line = { name: 'y = 2x', points: [[0, 0], [1, 2]] as const }
 * const svg = await lineChartSvg({ title: 'A line', xLabel: 'x', yLabel: 'y', series: [line] })()
 * assert(isRight(svg) && svg.right.startsWith('<svg'))
 * ```
 *
 * @category charts
 * @since 0.1.0
 */
export const lineChartSvg = (chart: LineChart, { width = 720, height = 440 }: Size = {}): TaskEither<Failure, string> =>
  TE.chain(() => {
    const can = visible(chart)
    const points = chart.series.flatMap((s) => s.points.filter(can))
    const spreads = chart.series.flatMap(({ band = [], errors = [] }) => [...band, ...errors])
    const ends = spreads.flatMap(
      ([x, low, high]): ReadonlyArray<Point> => [
        [x, low],
        [x, high],
      ],
    )
    const all = [...points, ...ends.filter(can)]
    const scattered = chart.series.some(({ as = 'line' }) => as !== 'line')
    const xs = all.map(([x]) => x)
    const [left, right] = intervalFor(chart.logarithmicX, xs, true)
    // points on the edge would be cut in half
    const room = scattered && chart.logarithmicX !== true ? (right - left) / 40 : 0
    return rendered(
      {
        title: chart.title,
        description: chart.description ?? describeChart(chart),
        width,
        height,
        legend: chart.series.map(({ name, as = 'line' }) => ({ name, mark: as !== 'line' })),
      },
      {
        xAxis: numericAxis(
          {
            label: chart.xLabel,
            interval: [left - room, right + room],
            logarithmic: chart.logarithmicX === true,
            ticks: 8,
          },
          false,
        ),
        yAxis: numericAxis(
          {
            label: chart.yLabel,
            interval: intervalFor(
              chart.logarithmic,
              all.map(([, y]) => y),
              false,
            ),
            logarithmic: chart.logarithmic === true,
            ticks: 6,
          },
          true,
        ),
        series: [...seriesOptions(chart.series, can)],
      },
    )
  })(checked(chart))
