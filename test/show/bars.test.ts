import { describe, expect, it } from 'vitest'
import { barChartSvg, barChartText, binsOf, histogramSvg } from '../../src/show/bars.js'
import { drawn, left, refused, right } from './support.js'
import { malformed } from './xml.js'

const chart = {
  title: 'Engines & more',
  xLabel: 'engine',
  yLabel: 'steps a second',
  categories: ['reference', 'wasm'],
  series: [
    { name: 'forward', values: [10, 40] },
    { name: 'training', values: [5, Number.NaN] },
  ],
}

describe('barChartSvg', () => {
  it('is well-formed, stable and says its values', async () => {
    const svg = await drawn(barChartSvg(chart))
    expect(malformed(svg)).toEqual([])
    expect(svg).toBe(await drawn(barChartSvg(chart)))
    expect(svg).toContain('forward: reference 10, wasm 40.')
    for (const word of ['>reference<', '>wasm<', '>forward<', '>training<']) expect(svg).toContain(word)
    expect(svg).not.toContain('NaN"')
  })

  it('refuses series of other lengths, and a chart without bars', async () => {
    expect(await refused(barChartSvg({ ...chart, categories: ['a', 'b', 'c'] }))).toBe(
      'StructureMismatch: the chart "Engines & more" has 3 categories, but the series forward has 2 values',
    )
    expect(await refused(barChartSvg({ ...chart, categories: [], series: [] }))).toMatch(/no bar that can be drawn/)
  })
})

describe('barChartText', () => {
  it('has bars in proportion, no wider than asked, and no escape codes unless asked', () => {
    const text = right(barChartText(chart, { columns: 50 }))
    const lines = text.trimEnd().split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(50)
    const bars = lines.slice(1).map((line) => line.match(/█/g)?.length ?? 0)
    expect(bars[0]).toBe(Math.floor(bars[2] / 4))
    expect(bars[3]).toBe(0)
    expect(text).not.toContain('\u001b')
    expect(right(barChartText(chart, { color: true }))).toContain('\u001b[')
    expect(left(barChartText({ ...chart, series: [] }))).toMatch(/^InvalidArgument/)
  })
})

describe('binsOf', () => {
  it('counts every finite value once, between ascending edges', () => {
    const values = Array.from({ length: 999 }, (_, i) => Math.sin(i) ** 3)
    for (const about of [undefined, 1, 7, 1e9]) {
      const { edges, counts } = binsOf([...values, Number.NaN, Number.POSITIVE_INFINITY], about)
      expect(counts.reduce((a, b) => a + b, 0)).toBe(999)
      expect(edges).toHaveLength(counts.length + 1)
      expect(counts.length).toBeLessThanOrEqual(201)
      expect(edges.every((e, i) => i === 0 || e > edges[i - 1])).toBe(true)
      for (const [i, count] of counts.entries()) {
        const inside = values.filter(
          (x) => x >= edges[i] && (x < edges[i + 1] || (i + 1 === counts.length && x <= edges[i + 1])),
        )
        expect(inside.length).toBe(count)
      }
    }
  })

  it('holds equal values, and none', () => {
    expect(binsOf([2, 2, 2]).counts.reduce((a, b) => a + b)).toBe(3)
    expect(binsOf([]).counts.every((n) => n === 0)).toBe(true)
  })
})

describe('histogramSvg', () => {
  it('has a bar for each bin', async () => {
    const svg = await drawn(histogramSvg({ title: 'w', xLabel: 'weight', values: [1, 2, 2, 3, 9], bins: 4 }))
    expect(malformed(svg)).toEqual([])
    expect(svg).toContain('5 values of weight')
    expect(await refused(histogramSvg({ title: 'w', xLabel: 'weight', values: [Number.NaN] }))).toMatch(
      /no finite value/,
    )
  })
})
