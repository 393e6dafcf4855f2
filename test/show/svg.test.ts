import { describe, expect, it } from 'vitest'
import { brief, decadeTicks, extent, roundTicks, tickText, widened } from '../../src/show/numbers.js'
import { COLOURS, colourOf, escaped, inkOn, scales, svgDocument } from '../../src/show/svg.js'

/** relative luminance and contrast by WCAG 2.2 */
const luminance = (hex: string): number =>
  [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
    const c = Number.parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16) / 255
    return sum + weight * (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
  }, 0)

const contrast = (a: string, b: string): number => {
  const [x, y] = [luminance(a), luminance(b)]
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05)
}

const dark = new Map(
  [...svgDocument(1, 1, '', '', '').matchAll(/\[fill="(#\w+)"\]\{fill:(#\w+)\}/g)].map(([, from, to]) => [from, to]),
)

describe('colours', () => {
  const modes = [(c: string) => c, (c: string) => dark.get(c) as string]

  it('all have a dark counterpart, each its own', () => {
    const all = Object.values(COLOURS).flat()
    expect(new Set(all).size).toBe(all.length)
    for (const colour of all) expect(dark.has(colour)).toBe(true)
  })

  it('can be read in both modes: 4.5 for text, 3 for lines (WCAG 2.2, 1.4.3 and 1.4.11)', () => {
    for (const mode of modes) {
      for (const ground of [COLOURS.page, COLOURS.panel, COLOURS.input, COLOURS.output, COLOURS.node, COLOURS.mark])
        expect(contrast(mode(COLOURS.ink), mode(ground))).toBeGreaterThan(4.5)
      expect(contrast(mode(COLOURS.muted), mode(COLOURS.page))).toBeGreaterThan(4.5)
      for (const line of COLOURS.lines) expect(contrast(mode(line), mode(COLOURS.page))).toBeGreaterThan(3)
    }
  })

  it('of cells leave their numbers readable', () => {
    for (const scale of Object.keys(scales) as Array<keyof typeof scales>)
      for (let t = 0; t <= 1; t += 1 / 64)
        expect(contrast(inkOn(scale, t), colourOf(scale, t)), `${scale} ${t}`).toBeGreaterThan(4.3)
  })
})

describe('escaped', () => {
  it('leaves nothing that XML would read or refuse', () => {
    expect(escaped('<a b="c">&\'')).toBe('&lt;a b=&quot;c&quot;&gt;&amp;&#39;')
    expect(escaped('\u0000\u001b[1m\ud800')).toBe('\ufffd\ufffd[1m\ufffd')
    expect(escaped('é 数 😀\n')).toBe('é 数 😀\n')
  })
})

describe('numbers', () => {
  it('are brief', () => {
    expect([0, 1234, 0.12345, 1e-5, 123456789, -0.00098].map(brief)).toEqual([
      '0',
      '1230',
      '0.123',
      '1e-5',
      '1.23e8',
      '-9.8e-4',
    ])
  })

  it('have ticks that can be told apart, inside the interval, also far from 0 and close together', () => {
    for (const interval of [
      [0, 1],
      [-3, 7.5],
      [1e9, 1e9 + 3],
      [1e-12, 5e-12],
      [-1e300, 1e300],
      [999_999.9, 1_000_000.4],
    ] as const) {
      const ticks = roundTicks(interval, 6)
      const step = ticks[1] - ticks[0]
      expect(ticks.length).toBeGreaterThan(2)
      expect(ticks.every((t) => t >= interval[0] - 1e-9 * step && t <= interval[1] + 1e-9 * step)).toBe(true)
      expect(new Set(ticks.map(tickText(step))).size).toBe(ticks.length)
      const [low, high] = widened(interval, 6)
      expect(low <= interval[0] && high >= interval[1]).toBe(true)
    }
  })

  it('have few ticks on a logarithmic axis, of however many decades', () => {
    for (const decades of [0.3, 1, 3, 30, 600])
      expect(decadeTicks([-decades / 2, decades / 2], 10).length).toBeLessThanOrEqual(12)
  })

  it('span an interval, also when they are one, none or not finite', () => {
    expect(extent([3, Number.NaN, 1])).toEqual([1, 3])
    expect(extent([2])).toEqual([1, 3])
    expect(extent([0, 0])).toEqual([-0.5, 0.5])
    expect(extent([])).toEqual([0, 1])
    expect(extent([Number.POSITIVE_INFINITY, 4, 8])).toEqual([4, 8])
  })
})
