/**
 * Line charts, as text for a terminal and as SVG for a file. The libraries that draw are optional peers, loaded when a chart
 * is asked for; without them a chart is a failure that says what to install.
 *
 * | chart | libraries |
 * |---|---|
 * | `lineChartText` | simple-ascii-chart |
 * | `lineChartSvg` | d3-scale, d3-shape |
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { type Failure, fail } from '../Failure.js'

/**
 * A line: points in the order in which they are joined. Points that are not finite, or not positive on a logarithmic axis,
 * interrupt it.
 *
 * @category model
 * @since 0.1.0
 */
export interface Series {
  readonly name: string
  readonly points: ReadonlyArray<readonly [x: number, y: number]>
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
}

const visible =
  (chart: LineChart) =>
  ([x, y]: readonly [number, number]): boolean =>
    Number.isFinite(x) && Number.isFinite(y) && (chart.logarithmic !== true || y > 0)

const isMissing = (e: unknown): boolean =>
  e instanceof Error && (e as { readonly code?: unknown }).code === 'ERR_MODULE_NOT_FOUND'

/** Loads what draws, and draws: refuses an empty chart and a missing library. */
const drawn =
  <L>(
    chart: LineChart,
    libraries: string,
    load: () => Promise<L>,
    draw: (library: L) => string,
  ): TaskEither<Failure, string> =>
  async () => {
    if (!chart.series.some(({ points }) => points.some(visible(chart))))
      return fail('InvalidArgument', `the chart "${chart.title}" has no point that can be drawn`)
    try {
      return E.right(draw(await load()))
    } catch (e) {
      if (!isMissing(e)) throw e
      return fail('MissingInput', `charts need a library that is not installed: npm install ${libraries}`)
    }
  }

/** A number with three digits, without trailing zeros. */
const brief = (x: number): string => String(Number(x.toPrecision(3)))

const extent = (values: ReadonlyArray<number>): [number, number] => {
  const low = values.reduce((a, b) => Math.min(a, b))
  const high = values.reduce((a, b) => Math.max(a, b))
  return low < high ? [low, high] : [low - Math.abs(low || 1) / 2, high + Math.abs(high || 1) / 2]
}

/** Multiples of 1, 2 or 5 times a power of ten within an interval, about `count` of them. */
const roundTicks = ([low, high]: readonly [number, number], count: number): Array<number> => {
  const raw = (high - low) / count
  const unit = 10 ** Math.floor(Math.log10(raw))
  const step = unit * ([1, 2, 5].find((m) => m * unit >= raw) ?? 10)
  const first = Math.ceil(low / step)
  // each from its index, so that errors do not add up; rounded, because 3 * 0.1 is not 0.3
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  )
}

/** 1, 2 and 5 times the powers of ten within an interval of logarithms; some of them where there are many. */
const decadeTicks = ([low, high]: readonly [number, number]): Array<number> => {
  const leading = high - low > 4 ? [1] : [1, 2, 5]
  const decades = Array.from({ length: Math.ceil(high) - Math.floor(low) + 1 }, (_, i) => Math.floor(low) + i)
  return decades.flatMap((d) => leading.map((m) => d + Math.log10(m))).filter((t) => low <= t && t <= high)
}

const COLOURS = ['ansiBlue', 'ansiYellow', 'ansiMagenta', 'ansiCyan', 'ansiGreen', 'ansiRed'] as const
const PAINT = [34, 33, 35, 36, 32, 31]
// Without colours the marks alone tell lines apart.
const MARKS = ['●', '○', '+', '×', '◆', '◇']

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
  drawn(
    chart,
    'simple-ascii-chart',
    () => import('simple-ascii-chart'),
    ({ default: plot }) => {
      const logarithmic = chart.logarithmic === true
      const lines = chart.series.map(({ points }) =>
        points.filter(visible(chart)).map(([x, y]): [number, number] => [x, logarithmic ? Math.log10(y) : y]),
      )
      const shown = lines.flatMap((line, i) => (line.length > 0 ? [i] : []))
      const xs = extent(lines.flat().map(([x]) => x))
      const ys = extent(lines.flat().map(([, y]) => y))
      let line = -1
      const text = plot(
        shown.map((i) => lines[i]),
        {
          width,
          height,
          yRange: ys,
          customXAxisTicks: roundTicks(xs, 6),
          customYAxisTicks: logarithmic ? decadeTicks(ys) : roundTicks(ys, 5),
          formatter: (value, { axis }) => brief(axis === 'y' && logarithmic ? 10 ** value : value),
          // lines come one after another, each from its point 0 on; nothing else says which line a point belongs to
          lineFormatter: ({ plotX, plotY, index }) => {
            if (index === 0) line++
            return { x: plotX, y: plotY, symbol: MARKS[shown[line] % MARKS.length] }
          },
          ...(color ? { color: shown.map((i) => COLOURS[i % COLOURS.length]) } : {}),
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
  )

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] as string)

const at = (x: number): string => String(Number(x.toFixed(2)))

// Okabe and Ito's colours, which colour-blind people can tell apart, lightened for a dark page.
const LIGHT = ['#0072b2', '#d55e00', '#009e73', '#cc79a7']
const DARK = ['#56b4e9', '#e69f00', '#2fc79a', '#e6a5c9']
// Lines differ by their dashes too, for print.
const DASHES = ['', '7 4', '2 3', '10 3 2 3']

const classes = (page: string, ink: string, faint: string, lines: ReadonlyArray<string>): string =>
  `.page{fill:${page}}text{fill:${ink}}.axis{stroke:${ink}}.grid{stroke:${faint}}` +
  lines.map((c, i) => `.line${i}{stroke:${c}}`).join('')

const STYLE =
  'text{font:13px system-ui,sans-serif}.title{font-size:16px;font-weight:600}.axis,.grid,.line{fill:none}.line{stroke-width:2}' +
  classes('#ffffff', '#1f2328', '#e3e6ea', LIGHT) +
  `@media (prefers-color-scheme:dark){${classes('#0d1117', '#e6edf3', '#30363d', DARK)}}`

const MARGIN = { top: 64, right: 24, bottom: 52, left: 68 }

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
export const lineChartSvg = (
  chart: LineChart,
  { width = 720, height = 440 }: { readonly width?: number; readonly height?: number } = {},
): TaskEither<Failure, string> =>
  drawn(
    chart,
    'd3-scale d3-shape',
    () => Promise.all([import('d3-scale'), import('d3-shape')]),
    ([{ scaleLinear, scaleLog }, { line }]) => {
      const points = chart.series.flatMap((series) => series.points.filter(visible(chart)))
      const right = width - MARGIN.right
      const bottom = height - MARGIN.bottom
      const x = scaleLinear(extent(points.map((p) => p[0])), [MARGIN.left, right])
      const [low, high] = extent(points.map((p) => p[1]))
      // a logarithmic axis rounded outwards would be mostly empty
      const y =
        chart.logarithmic === true
          ? scaleLog([low / 1.2, high * 1.2], [bottom, MARGIN.top])
          : scaleLinear([low, high], [bottom, MARGIN.top]).nice()
      const xTicks = x.ticks(8)
      const yTicks = y.ticks(6)
      const yText = chart.logarithmic === true ? y.tickFormat(6, '~g') : y.tickFormat(6)
      const grid = yTicks.map((t) => `<path class="grid" d="M${MARGIN.left},${at(y(t))}H${right}"/>`)
      const across = xTicks.map(
        (t) =>
          `<path class="axis" d="M${at(x(t))},${bottom}v5"/>` +
          `<text x="${at(x(t))}" y="${bottom + 20}" text-anchor="middle">${escaped(x.tickFormat(8)(t))}</text>`,
      )
      const up = yTicks.map(
        (t) => `<text x="${MARGIN.left - 8}" y="${at(y(t))}" dy="0.35em" text-anchor="end">${escaped(yText(t))}</text>`,
      )
      const path = line<readonly [number, number]>(
        (p) => Number(at(x(p[0]))),
        (p) => Number(at(y(p[1]))),
      ).defined(visible(chart))
      const lines = chart.series.map((series, i) => {
        const k = i % LIGHT.length
        return `<path class="line line${k}" stroke-dasharray="${DASHES[k]}" d="${path(series.points) ?? ''}"/>`
      })
      const legend = chart.series.map((series, i) => {
        const k = i % LIGHT.length
        const left = MARGIN.left + (i * (right - MARGIN.left)) / Math.max(3, chart.series.length)
        return (
          `<path class="line line${k}" stroke-dasharray="${DASHES[k]}" d="M${at(left)},44h26"/>` +
          `<text x="${at(left + 32)}" y="48">${escaped(series.name)}</text>`
        )
      })
      const middle = (MARGIN.top + bottom) / 2
      const parts = [
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(chart.title)}">`,
        `<title>${escaped(chart.title)}</title>`,
        `<style>${STYLE}</style>`,
        `<rect class="page" width="${width}" height="${height}"/>`,
        `<text class="title" x="${MARGIN.left}" y="24">${escaped(chart.title)}</text>`,
        ...legend,
        ...grid,
        `<path class="axis" d="M${MARGIN.left},${MARGIN.top}V${bottom}H${right}"/>`,
        ...across,
        ...up,
        `<text x="${at((MARGIN.left + right) / 2)}" y="${height - 12}" text-anchor="middle">${escaped(chart.xLabel)}</text>`,
        `<text transform="rotate(-90)" x="${at(-middle)}" y="18" text-anchor="middle">${escaped(chart.yLabel)}</text>`,
        ...lines,
        '</svg>',
      ]
      return `${parts.join('\n')}\n`
    },
  )
