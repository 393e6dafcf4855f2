/**
 * Functions of two variables over a rectangle: losses with the paths of parameters, decision regions with their points,
 * contours; and as a surface (`surface.ts`).
 *
 * @since 0.1.0
 */
import type { SeriesOption } from 'echarts'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Failure, fail } from '../Failure.js'
import { drawn, numericAxis, rendered } from './echarts.js'
import { brief, extent, type Interval, roundTicks } from './numbers.js'
import { type Series, seriesOptions } from './plot.js'
import { pixels } from './raster.js'
import { inkOn, ON_CELL, type Scale, type Size } from './svg.js'

/**
 * Samples of a function on a grid that includes the edges of the rectangle: `values[row][column]`, rows from the least y
 * to the greatest, columns from the least x.
 *
 * @category model
 * @since 0.1.0
 */
export interface Field {
  readonly x: Interval
  readonly y: Interval
  readonly values: ReadonlyArray<ReadonlyArray<number>>
}

const place = ([low, high]: Interval, i: number, n: number): number => low + ((high - low) * i) / (n - 1)

/**
 * Samples a function at `n` by `n` points.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { sampleField } from 'wengert/show'
 *
 * const field = sampleField((x, y) => x + 10 * y, [0, 1], [0, 2], 3)
 * assert.deepStrictEqual(field.values, [[0, 0.5, 1], [10, 10.5, 11], [20, 20.5, 21]])
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const sampleField = (f: (x: number, y: number) => number, x: Interval, y: Interval, n = 60): Field => ({
  x,
  y,
  values: Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => f(place(x, j, n), place(y, i, n)))),
})

/**
 * Checks that samples form a grid of at least two by two over a rectangle that is not empty, with something finite in it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const checkField = ({ x, y, values }: Field, title: string): E.Either<Failure, null> => {
  const columns = values[0]?.length ?? 0
  if (values.length < 2 || columns < 2 || values.some((row) => row.length !== columns))
    return fail(
      'StructureMismatch',
      `the field "${title}" must have at least two rows of equally many, at least two, values`,
    )
  if (values.length * columns > MOST_SAMPLES)
    return fail('TooLarge', `the field "${title}" has more than ${MOST_SAMPLES} samples: take a coarser grid`)
  if (!(x[0] < x[1] && y[0] < y[1] && [...x, ...y].every(Number.isFinite)))
    return fail('InvalidArgument', `the field "${title}" needs finite intervals that are not empty`)
  return values.some((row) => row.some(Number.isFinite))
    ? E.right(null)
    : fail('InvalidArgument', `the field "${title}" has no finite value`)
}

const MOST_SAMPLES = 1_000_000

type Point = readonly [x: number, y: number]

/**
 * Where a field has a given value: segments from edge to edge of the grid's cells, by linear interpolation (marching
 * squares; where all four edges are crossed, the mean of the corners decides which of them belong together).
 *
 * @category contours
 * @since 0.1.0
 */
export const contour = ({ x, y, values }: Field, level: number): ReadonlyArray<readonly [Point, Point]> => {
  const [rows, columns] = [values.length, values[0].length]
  const out: Array<readonly [Point, Point]> = []
  const at = (i: number, j: number): Point => [place(x, j, columns), place(y, i, rows)]
  for (let i = 0; i + 1 < rows; i++)
    for (let j = 0; j + 1 < columns; j++) {
      const corners = [
        [i, j],
        [i, j + 1],
        [i + 1, j + 1],
        [i + 1, j],
      ] as const
      const heights = corners.map(([a, b]) => values[a][b])
      if (!heights.every(Number.isFinite)) continue
      const crossings = corners.flatMap(([a, b], k): ReadonlyArray<Point> => {
        const next = (k + 1) % 4
        const [h, g] = [heights[k], heights[next]]
        if (h > level === g > level) return []
        const t = (level - h) / (g - h)
        const [p, q] = [at(a, b), at(...corners[next])]
        return [[p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]]
      })
      if (crossings.length === 2) out.push([crossings[0], crossings[1]])
      if (crossings.length !== 4) continue
      const middle = heights.reduce((a, b) => a + b, 0) / 4 > level
      const [a, b, c, d] = crossings
      // crossings lie on the edges from corner 0 on: cut off corners 1 and 3, or corners 0 and 2
      if (middle === heights[0] > level) out.push([a, b], [c, d])
      else out.push([d, a], [b, c])
    }
  return out
}

/**
 * What to draw of a field, and on top of it.
 *
 * @category model
 * @since 0.1.0
 */
export interface FieldChart {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly field: Field
  /** points and paths on the field */
  readonly series?: ReadonlyArray<Series>
  /** where contours run, or about how many there are (10); `[0.5]` draws the boundary of a decision */
  readonly levels?: ReadonlyArray<number> | number
  /** colours by the logarithm of the value, for losses that fall over decades */
  readonly logarithmic?: boolean
  readonly scale?: Scale
  /** which numbers have the first and the last colour; the least and the greatest unless given */
  readonly range?: Interval
  readonly description?: string
}

/** Resolution of the colours, in samples of the grid. */
const FINE = 160

const sampled = ({ values }: Field, row: number, column: number): number => {
  const [i, j] = [Math.min(values.length - 2, Math.floor(row)), Math.min(values[0].length - 2, Math.floor(column))]
  const [u, v] = [row - i, column - j]
  return (
    (1 - u) * ((1 - v) * values[i][j] + v * values[i][j + 1]) +
    u * ((1 - v) * values[i + 1][j] + v * values[i + 1][j + 1])
  )
}

// On a coloured ground, lines of any hue may drown: these stand out on every colour of the scales.
const OVERLAY = [ON_CELL.light, '#ffb000', '#ff5da2', ON_CELL.dark, '#00e5ff', '#b6ff5c']

/**
 * A field as an SVG document: colours, contours with their levels, and series on top.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { fieldSvg, sampleField } from 'wengert/show'
 *
 * const field = sampleField((k, b) => (k - 1) ** 2 + 4 * b ** 2, [-2, 2], [-2, 2])
 * const path = { name: 'descent', as: 'both', points: [[-2, 2], [-0.5, 0.4], [0.6, 0.1], [0.95, 0]] } as const
 * const chart = { title: 'A loss', xLabel: 'k', yLabel: 'b', field, series: [path], logarithmic: true }
 * assert(isRight(await fieldSvg(chart)()))
 * ```
 *
 * @category charts
 * @since 0.1.0
 */
export const fieldSvg = (chart: FieldChart, { width = 640, height = 520 }: Size = {}): TaskEither<Failure, string> =>
  TE.chain(() => {
    const { field, series = [], levels = 10, logarithmic = false, scale = 'viridis' } = chart
    const tone = (v: number): number => (logarithmic ? Math.log10(v > 0 ? v : Number.NaN) : v)
    const toned = { ...field, values: field.values.map((row) => row.map(tone)) }
    const [low, high] =
      chart.range === undefined ? extent(toned.values.flat()) : (chart.range.map(tone) as [number, number])
    const cuts = typeof levels === 'number' ? roundTicks([low, high], levels) : levels.map(tone)
    const [rows, columns] = [field.values.length, field.values[0].length]
    const image = pixels(FINE, FINE, scale, (i, j) => {
      // the picture's rows come from the top
      const v = sampled(toned, ((FINE - 1 - i) * (rows - 1)) / (FINE - 1), (j * (columns - 1)) / (FINE - 1))
      return (v - low) / (high - low)
    })
    // what can be seen on the middle of the scale
    const line = inkOn(scale, 0.5)
    const ground: ReadonlyArray<SeriesOption> = [
      drawn(
        (pixel) => {
          const [left, bottom] = pixel(field.x[0], field.y[0])
          const [right, top] = pixel(field.x[1], field.y[1])
          return {
            type: 'image',
            style: { image, x: left, y: top, width: right - left, height: bottom - top },
          }
        },
        { z: 0 },
      ),
      drawn(
        (pixel) => ({
          type: 'group',
          children: cuts.map((level) => ({
            type: 'path' as const,
            shape: {
              d: contour(toned, level)
                .map(([p, q]) => `M${pixel(...p).map((n) => n.toFixed(1))}L${pixel(...q).map((n) => n.toFixed(1))}`)
                .join(''),
            },
            style: { stroke: line, opacity: 0.55, fill: 'none', lineWidth: cuts.length === 1 ? 2.5 : 1 },
          })),
        }),
        { z: 1 },
      ),
    ]
    const shown = logarithmic ? [10 ** low, 10 ** high] : [low, high]
    const axis = (label: string, interval: Interval) =>
      numericAxis({ label, interval, logarithmic: false, ticks: 6 }, false)
    return rendered(
      {
        title: chart.title,
        description:
          chart.description ??
          `Values from ${brief(shown[0])} to ${brief(shown[1])} over ${chart.xLabel} and ${chart.yLabel}; contours at ${cuts.map((c) => brief(logarithmic ? 10 ** c : c)).join(', ')}.`,
        width,
        height,
        legend: series.map(({ name, as = 'line' }) => ({ name, mark: as !== 'line' })),
      },
      {
        legend: {
          data: series.map(({ name, as = 'line' }) =>
            as === 'line' ? { name, itemStyle: { color: 'rgba(0,0,0,0)' } } : { name },
          ),
          left: 16,
          top: 38,
          padding: [4, 14, 4, 8],
          itemGap: 20,
          backgroundColor: '#4a5560',
          borderRadius: 4,
          selectedMode: false,
          show: series.length > 0,
          textStyle: { color: ON_CELL.light, fontSize: 12.5 },
        },
        xAxis: axis(chart.xLabel, field.x),
        yAxis: axis(chart.yLabel, field.y),
        series: [
          ...ground,
          ...seriesOptions(
            series,
            ([x, y]) => Number.isFinite(x) && Number.isFinite(y),
            (i) => OVERLAY[i % OVERLAY.length],
          ),
        ],
      },
    )
  })(TE.fromEither(checkField(chart.field, chart.title)))
