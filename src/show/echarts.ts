/**
 * Charts by ECharts' renderer for servers, as documents that depend on the data alone.
 *
 * ECharts numbers its instances, and leaves rules and attributes for a mouse that a picture does not have. Both are taken
 * out here; what identifiers remain are derived from the picture's content, so several can stand in one page.
 *
 * @since 0.1.0
 */
import type { CustomSeriesOption, EChartsOption } from 'echarts'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Failure } from '../Failure.js'
import { brief, decadeTicks, type Interval, roundStep, roundTicks, tickText } from './numbers.js'
import { drawing } from './optional.js'
import { COLOURS, FONT, svgDocument } from './svg.js'

/** FNV-1a, 32 bits: names, not secrets. */
const digest = (text: string): string => {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return (h >>> 0).toString(36)
}

/** The drawing inside a document of ECharts, without what belongs to one instance. */
const cleaned = (svg: string): string => {
  const body = svg
    .slice(svg.indexOf('>') + 1, svg.lastIndexOf('</svg>'))
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/<defs\s*>\s*<\/defs>/g, '')
    .replace(/<(rect|path)[^>]*\sfill="(none|rgb\(0,0,0\))"(?![^>]*\sstroke="[^n])[^>]*><\/\1>\n?/g, '')
    .replace(/ (class="zr\d+-cls-\d+"|ecmeta_\w+="[^"]*"|pointer-events="visible"|xml:space="preserve")/g, '')
    .replaceAll('<image ', '<image preserveAspectRatio="none" ')
    .replace(/zr\d+-/g, 'zr-')
    .replace(/><\/(path|rect|image)>/g, '/>')
    .replace(/\n{2,}/g, '\n')
    .trim()
  return body.replaceAll('zr-', `c${digest(body)}-`)
}

/**
 * What a chart says about itself, and how much room it has.
 *
 * @category model
 * @since 0.1.0
 */
export interface Frame {
  readonly title: string
  readonly description: string
  readonly width: number
  readonly height: number
  /** the names in the legend, if there is to be one, and whether they have marks besides lines */
  readonly legend: ReadonlyArray<{ readonly name: string; readonly mark: boolean }>
}

const MARGIN = 16
const LINE = 22
/** About how wide a character of the title and of the legend is. */
const TITLE_CHARACTER = 8.5
const LEGEND_CHARACTER = 6.8
const LEGEND_MARK = 46

/** How many lines the legend needs. */
const legendLines = (names: Frame['legend'], width: number): number => {
  let lines = 1
  let used = 0
  for (const { name } of names) {
    const wide = LEGEND_MARK + LEGEND_CHARACTER * name.length
    if (used > 0 && used + wide > width) {
      lines++
      used = 0
    }
    used += wide
  }
  return lines
}

/**
 * Draws a chart with its title and legend in their places.
 *
 * @category constructors
 * @since 0.1.0
 */
export const rendered = (
  { title, description, width, height, legend }: Frame,
  option: EChartsOption,
): TaskEither<Failure, string> =>
  drawing(
    'echarts',
    () => import('echarts'),
    ({ init }) => {
      const titleLines = Math.max(1, Math.ceil((title.length * TITLE_CHARACTER) / (width - 2 * MARGIN)))
      const under = MARGIN + titleLines * LINE
      const top = under + (legend.length === 0 ? 0 : legendLines(legend, width - 2 * MARGIN) * LINE) + 10
      const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
      try {
        chart.setOption({
          animation: false,
          textStyle: { fontFamily: FONT, color: COLOURS.ink },
          color: [...COLOURS.lines],
          title: {
            text: title,
            left: MARGIN,
            top: MARGIN - 4,
            padding: 0,
            textStyle: {
              fontSize: 16,
              fontWeight: 600,
              fontFamily: FONT,
              lineHeight: LINE,
              color: COLOURS.ink,
              width: width - 2 * MARGIN,
              overflow: 'break',
            },
          },
          ...(legend.length === 0
            ? {}
            : {
                legend: {
                  data: legend.map(({ name, mark }) =>
                    mark ? { name } : { name, itemStyle: { color: 'rgba(0,0,0,0)' } },
                  ),
                  left: MARGIN,
                  right: MARGIN,
                  top: under,
                  padding: 0,
                  itemGap: 16,
                  selectedMode: false,
                  textStyle: { color: COLOURS.ink, fontSize: 12.5, fontFamily: FONT },
                },
              }),
          grid: {
            left: MARGIN,
            right: MARGIN + 8,
            top,
            bottom: MARGIN,
            outerBoundsMode: 'same',
            outerBoundsContain: 'all',
          },
          ...option,
        })
        return svgDocument(width, height, title, description, cleaned(chart.renderToSVGString()))
      } finally {
        chart.dispose()
      }
    },
  )

/**
 * A numeric axis.
 *
 * @category model
 * @since 0.1.0
 */
export interface Axis {
  readonly label: string
  readonly interval: Interval
  readonly logarithmic: boolean
  readonly ticks: number
}

const axisText = { color: COLOURS.ink, fontFamily: FONT, fontSize: 12 }

/**
 * How all axes look.
 *
 * @category axes
 * @since 0.1.0
 */
export const axisStyle = (label: string) => ({
  name: label,
  nameLocation: 'middle' as const,
  nameGap: 12,
  nameTextStyle: { ...axisText, fontSize: 13 },
  axisLine: { show: true, onZero: false, lineStyle: { color: COLOURS.muted } },
  axisTick: { lineStyle: { color: COLOURS.muted } },
  axisLabel: axisText,
})

/**
 * An axis with ticks at round numbers, also where it is logarithmic and shorter than a decade.
 *
 * @category axes
 * @since 0.1.0
 */
export const numericAxis = ({ label, interval, logarithmic, ticks }: Axis, grid: boolean) => {
  const [low, high] = interval
  const values = logarithmic
    ? decadeTicks([Math.log10(low), Math.log10(high)], 10).map((t) => Number((10 ** t).toPrecision(6)))
    : roundTicks(interval, ticks)
  const style = axisStyle(label)
  return {
    ...style,
    type: logarithmic ? ('log' as const) : ('value' as const),
    min: low,
    max: high,
    axisTick: { ...style.axisTick, customValues: values },
    axisLabel: {
      ...style.axisLabel,
      customValues: values,
      formatter: logarithmic ? brief : tickText(roundStep(interval, ticks)),
      hideOverlap: true,
    },
    splitLine: { show: grid, lineStyle: { color: COLOURS.faint } },
  }
}

type Item = ReturnType<NonNullable<CustomSeriesOption['renderItem']>>

/**
 * A series that draws itself, once, from points of the data to pixels.
 *
 * @category series
 * @since 0.1.0
 */
export const drawn = (
  draw: (pixel: (x: number, y: number) => [number, number]) => Item,
  more: { readonly name?: string; readonly z?: number } = {},
): CustomSeriesOption => ({
  type: 'custom',
  silent: true,
  clip: true,
  data: [[0, 0]],
  renderItem: (_, api) => draw((x, y) => api.coord([x, y]) as [number, number]),
  ...more,
})
