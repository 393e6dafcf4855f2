import * as E from 'fp-ts/lib/Either.js'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type LineChart, lineChartSvg, lineChartText } from '../../src/show/plot.js'

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

/** what is wrong with a document as XML, as far as tags, quotes and entities go */
const malformed = (xml: string): ReadonlyArray<string> => {
  const open: Array<string> = []
  const wrong: Array<string> = []
  for (const [tag, close, name, attributes, self] of xml.matchAll(
    /<(\/?)([\w:]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g,
  )) {
    if (close === '/') {
      if (open.pop() !== name) wrong.push(tag)
    } else if (self !== '/') open.push(name)
    if (/&(?!amp;|lt;|gt;|quot;)/.test(attributes)) wrong.push(attributes)
  }
  const rest = xml.replace(/<(\/?)([\w:]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g, '')
  if (/[<>]/.test(rest) || /&(?!amp;|lt;|gt;|quot;)/.test(rest)) wrong.push(rest)
  return [...wrong, ...open]
}

describe('lineChartSvg', () => {
  it('is well-formed, with a title, axis labels, a legend and one path for each line', async () => {
    const svg = right(await lineChartSvg(chart)())
    expect(malformed(svg)).toEqual([])
    expect(svg).toContain('Loss &lt;of&gt; &quot;a&quot; &amp; b')
    for (const text of ['>epoch<', '>error ($1000²)<', '>training<', '>test<']) expect(svg).toContain(text)
    const lines = [...svg.matchAll(/class="line line(\d)"[^>]* d="(M[^"]*L[^"]*)"/g)]
    expect(lines.map(([, k]) => k)).toEqual(['0', '1'])
    expect(lines.every(([, , d]) => d.split('L').length === 3)).toBe(true)
    expect(svg).toContain('prefers-color-scheme:dark')
    expect(svg).not.toContain('NaN')
  })

  it('puts greater values higher, and equal ratios equally far on a logarithmic axis', async () => {
    const svg = right(await lineChartSvg({ ...chart, series: chart.series.slice(0, 1) })())
    const ys = [...(/line0"[^>]* d="(M[^"]*L[^"]*)"/.exec(svg)?.[1] ?? '').matchAll(/,([\d.]+)/g)].map((m) =>
      Number(m[1]),
    )
    expect(ys[0]).toBeLessThan(ys[1])
    // coordinates are rounded to hundredths
    expect(Math.abs(ys[1] - ys[0] - (ys[2] - ys[1]))).toBeLessThanOrEqual(0.02)
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
    const at = async (logarithmic: boolean) =>
      /line0"[^>]* d="(M[^"]*L[^"]*)"/.exec(
        right(await lineChartSvg({ ...chart, logarithmic, series: [{ name: 'a', points }] })()),
      )?.[1]
    expect((await at(false))?.match(/M/g)).toHaveLength(2)
    expect((await at(false))?.match(/L/g)).toHaveLength(3)
    // 0 has no logarithm
    expect((await at(true))?.match(/L/g)).toHaveLength(2)
  })

  it('draws a single point and a constant', async () => {
    for (const points of [
      [[3, 5]],
      [
        [0, 0],
        [1, 0],
      ],
    ] as const)
      expect(
        malformed(right(await lineChartSvg({ ...chart, logarithmic: false, series: [{ name: 'a', points }] })())),
      ).toEqual([])
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
    vi.doUnmock('d3-scale')
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
    vi.doMock('d3-scale', missing('scaleLinear'))
    const sentence = async (result: Promise<E.Either<{ readonly message: string }, string>>) => {
      const e = await result
      return E.isLeft(e) ? e.left.message : 'drawn'
    }
    expect(await sentence(lineChartText(chart)())).toBe(
      'charts need a library that is not installed: npm install simple-ascii-chart',
    )
    expect(await sentence(lineChartSvg(chart)())).toBe(
      'charts need a library that is not installed: npm install d3-scale d3-shape',
    )
  })
})
