import * as E from 'fp-ts/lib/Either.js'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { describeChart, type LineChart, lineChartSvg, lineChartText } from '../../src/show/plot.js'
import { COLOURS } from '../../src/show/svg.js'
import { malformed } from './xml.js'

const right = <A>(e: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(e)) throw new Error(e.left.message)
  return e.right
}

const chart: LineChart = {
  title: 'Loss <of> "a" & b',
  xLabel: 'epoch',
  yLabel: 'error ($1000²)',
  logarithmic: true,
  series: [
    {
      name: 'training',
      points: [
        [1, 100],
        [2, 10],
        [3, 1],
      ],
    },
    {
      name: 'test',
      points: [
        [1, 1000],
        [2, 400],
        [3, 300],
      ],
    },
  ],
}

/** the subpaths of the series' lines, as points */
const linesOf = (svg: string, series = 0): ReadonlyArray<ReadonlyArray<readonly [number, number]>> =>
  [...svg.matchAll(/<path d="(M[^"]*)"([^>]*)>/g)]
    .filter(([, , style]) => style.includes(`stroke="${COLOURS.lines[series]}"`) && style.includes('stroke-linejoin'))
    .flatMap(([, d]) => d.slice(1).split('M'))
    .map((d) => d.split('L').map((p) => p.split(' ').map(Number) as unknown as readonly [number, number]))

describe('lineChartSvg', () => {
  it('is well-formed, with a title, a description, axis labels, a legend and one path for each line', async () => {
    const svg = right(await lineChartSvg(chart)())
    expect(malformed(svg)).toEqual([])
    expect(svg).toContain('<title>Loss &lt;of&gt; &quot;a&quot; &amp; b</title>')
    expect(svg).toContain(`<desc>${describeChart(chart)}</desc>`)
    for (const text of ['>epoch<', '>error ($1000²)<', '>training<', '>test<']) expect(svg).toContain(text)
    expect([0, 1].map((i) => linesOf(svg, i).map((line) => line.length))).toEqual([[3], [3]])
    expect(svg).toContain('prefers-color-scheme:dark')
    expect(svg).not.toContain('NaN')
  })

  it('depends on the data alone: no counters of the library, nothing for a mouse', async () => {
    const first = right(await lineChartSvg(chart)())
    expect(right(await lineChartSvg(chart)())).toBe(first)
    expect(first).not.toMatch(/zr\d|ecmeta|cursor|:hover/)
    const ids = (svg: string) => [...svg.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    const second = right(await lineChartSvg({ ...chart, logarithmic: false })())
    expect(ids(first).length).toBeGreaterThan(0)
    expect(ids(first).filter((id) => ids(second).includes(id))).toEqual([])
  })

  it('puts greater values higher, and equal ratios equally far on a logarithmic axis', async () => {
    const [line] = linesOf(right(await lineChartSvg({ ...chart, series: chart.series.slice(0, 1) })()))
    const [a, b, c] = line.map(([, y]) => y)
    expect(a).toBeLessThan(b)
    // coordinates are rounded to tenths
    expect(Math.abs(b - a - (c - b))).toBeLessThanOrEqual(0.2)
  })

  it('has the same on a logarithmic horizontal axis', async () => {
    const points = [
      [0.01, 1],
      [0.1, 2],
      [1, 3],
    ] as const
    const [line] = linesOf(
      right(await lineChartSvg({ ...chart, logarithmicX: true, series: [{ name: 'a', points }] })()),
    )
    const [a, b, c] = line.map(([x]) => x)
    expect(Math.abs(b - a - (c - b))).toBeLessThanOrEqual(0.2)
  })

  it('interrupts a line where a point cannot be drawn', async () => {
    const points = [
      [0, 1],
      [1, 2],
      [2, Number.NaN],
      [3, 0],
      [4, 3],
      [5, 4],
    ] as const
    const parts = async (logarithmic: boolean) =>
      linesOf(right(await lineChartSvg({ ...chart, logarithmic, series: [{ name: 'a', points }] })())).map(
        (l) => l.length,
      )
    expect(await parts(false)).toEqual([2, 3])
    // 0 has no logarithm
    expect(await parts(true)).toEqual([2, 2])
  })

  it('draws points, bands and bars of uncertainty', async () => {
    const points = [
      [0, 1],
      [1, 3],
    ] as const
    const around = points.map(([x, y]) => [x, y - 1, y + 1] as const)
    const draw = async (more: object) =>
      right(await lineChartSvg({ ...chart, logarithmic: false, series: [{ name: 'a', points, ...more }] })())
    const count = (svg: string, part: string | RegExp) => svg.split(part).length - 1
    const plain = await draw({})
    // its two points and the mark in the legend
    expect(count(await draw({ as: 'points' }), /opacity="0\.65"/)).toBe(3)
    expect(count(plain, /opacity="0\.65"/)).toBe(0)
    expect(linesOf(await draw({ as: 'points' }))).toEqual([])
    expect(count(await draw({ band: around }), 'opacity="0.18"')).toBe(1)
    expect(count(await draw({ errors: around }), 'stroke-width="1.5"')).toBe(2)
  })

  it.each([
    [[3, 5]],
    [
      [0, 0],
      [1, 0],
    ],
    [
      [-9e299, -9e299],
      [9e299, 9e299],
    ],
    [
      [1e-300, 5e-324],
      [2e-300, 1e-323],
    ],
  ] as const)('draws a single point, a constant, the largest and the smallest numbers: %j', async (...points) => {
    const svg = right(await lineChartSvg({ ...chart, logarithmic: false, series: [{ name: 'a', points }] })())
    expect(malformed(svg)).toEqual([])
    expect(svg).not.toMatch(/NaN|Infinity/)
  })

  it('reads without the picture', () => {
    expect(describeChart({ ...chart, series: chart.series.slice(0, 1) })).toBe(
      'error ($1000²) over epoch. training: 3 points from 100 at 1 to 1 at 3, between 1 and 100.',
    )
  })
})

describe('lineChartText', () => {
  it('has the title, the labels, a mark for each line and no escape codes without colours', async () => {
    const text = right(await lineChartText(chart, { width: 30, height: 8 })())
    for (const part of [chart.title, 'epoch', 'error ($1000²)', '● training', '○ test']) expect(text).toContain(part)
    const plot = text.split('\n').slice(2).join('\n')
    expect(plot.match(/●/g)).toHaveLength(3)
    expect(plot.match(/○/g)).toHaveLength(3)
    expect(text).not.toContain('\u001b')
    expect(Math.max(...plot.split('\n').map((line) => line.length))).toBeLessThan(30 + 20)
  })

  it('is coloured when asked', async () => {
    expect(right(await lineChartText(chart, { color: true })())).toContain('\u001b[')
  })

  it('says the original values on a logarithmic axis', async () => {
    expect(right(await lineChartText(chart)())).toMatch(/ 10┤/)
    const points = [0.001, 0.1, 10].map((x) => [x, x] as const)
    const both = { ...chart, logarithmicX: true, series: [{ name: 'a', points }] }
    expect(right(await lineChartText(both)())).toMatch(/0\.001 .* 0\.1 .* 10/)
  })

  it('draws a single point and a constant', async () => {
    for (const points of [
      [[3, 5]],
      [
        [0, 0],
        [1, 0],
      ],
    ] as const)
      expect(right(await lineChartText({ ...chart, logarithmic: false, series: [{ name: 'a', points }] })())).toContain(
        '●',
      )
  })
})

describe('both', () => {
  afterEach(() => {
    vi.doUnmock('simple-ascii-chart')
    vi.doUnmock('echarts')
  })

  it.each([lineChartText, lineChartSvg])('refuse a chart without a point that can be drawn', async (draw) => {
    const empty = {
      ...chart,
      series: [
        {
          name: 'a',
          points: [
            [1, -1],
            [2, Number.POSITIVE_INFINITY],
          ] as const,
        },
      ],
    }
    const result = await draw(empty)()
    expect(E.isLeft(result) && result.left.message).toBe(`the chart "${chart.title}" has no point that can be drawn`)
  })

  it('say what to install where a library is missing', async () => {
    const missing = (name: string) => () => ({
      get [name]() {
        throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
      },
    })
    vi.doMock('simple-ascii-chart', missing('default'))
    vi.doMock('echarts', missing('init'))
    const sentence = async (result: Promise<E.Either<{ readonly message: string }, string>>) => {
      const e = await result
      return E.isLeft(e) ? e.left.message : 'drawn'
    }
    expect(await sentence(lineChartText(chart)())).toBe(
      'this needs a library that is not installed: npm install simple-ascii-chart',
    )
    expect(await sentence(lineChartSvg(chart)())).toBe(
      'this needs a library that is not installed: npm install echarts',
    )
  })
})
