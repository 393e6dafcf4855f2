import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contour, fieldSvg, sampleField } from '../../src/show/field.js'
import { surfaceSvg, TURNING } from '../../src/show/surface.js'
import { drawn, refused } from './support.js'
import { malformed } from './xml.js'

const bowl = sampleField((x, y) => x * x + y * y, [-2, 2], [-2, 2], 81)
const chart = { title: 'A bowl', xLabel: 'x', yLabel: 'y', field: bowl }

describe('contour', () => {
  it('of x² + y² is a circle, as near as linear interpolation on the grid comes', () => {
    const segments = contour(bowl, 1)
    // linear interpolation errs by h² f'' / 8 = 0.05² * 2 / 8 in f, and |grad f| = 2 there
    for (const [x, y] of segments.flat()) expect(Math.abs(Math.hypot(x, y) - 1)).toBeLessThan((0.05 ** 2 * 2) / 8)
    const length = segments.reduce((sum, [p, q]) => sum + Math.hypot(p[0] - q[0], p[1] - q[1]), 0)
    expect(Math.abs(length - 2 * Math.PI)).toBeLessThan(0.01)
  })

  it('is closed, or ends at the edge: inside, every end is the end of exactly one other segment', () => {
    const values = fc.array(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 5, maxLength: 5 }), {
      minLength: 4,
      maxLength: 4,
    })
    fc.assert(
      fc.property(values, (rows) => {
        const ends = new Map<string, number>()
        for (const [x, y] of contour({ x: [0, 4], y: [0, 3], values: rows }, 0.5).flat()) {
          if (x === 0 || x === 4 || y === 0 || y === 3) continue
          const key = `${x.toFixed(9)},${y.toFixed(9)}`
          ends.set(key, (ends.get(key) ?? 0) + 1)
        }
        return [...ends.values()].every((n) => n === 2)
      }),
      { seed: 1 },
    )
  })
})

describe('fieldSvg', () => {
  it('has colours, contours and the series on top, and is stable', async () => {
    const path = {
      name: 'descent',
      points: [
        [-1, -1],
        [0, 0],
      ] as const,
    }
    const svg = await drawn(fieldSvg({ ...chart, series: [path], logarithmic: true }))
    expect(malformed(svg)).toEqual([])
    expect(svg).toBe(await drawn(fieldSvg({ ...chart, series: [path], logarithmic: true })))
    expect(svg).toContain('data:image/png;base64,')
    expect(svg).toContain('preserveAspectRatio="none"')
    expect(svg).toContain('>descent<')
    expect(svg).not.toMatch(/NaN/)
  })

  it('refuses what is no field', async () => {
    const field = { x: [0, 1], y: [0, 1], values: [[1, 2], [3]] } as const
    expect(await refused(fieldSvg({ ...chart, field }))).toMatch(/^StructureMismatch/)
    expect(await refused(fieldSvg({ ...chart, field: { ...bowl, x: [1, 1] } }))).toMatch(/not empty/)
    expect(
      await refused(
        fieldSvg({
          ...chart,
          field: {
            ...bowl,
            values: [
              [Number.NaN, 1 / 0],
              [0 / 0, 0 / 0],
            ],
          },
        }),
      ),
    ).toMatch(/no finite value/)
  })
})

describe('surfaceSvg', () => {
  const surface = {
    title: 'A bowl',
    xLabel: 'x',
    yLabel: 'y',
    zLabel: 'z',
    field: sampleField((x, y) => x * y, [0, 1], [0, 1], 4),
  }

  it('has a face for each cell, named axes, and leaves out what is not finite', async () => {
    const svg = await drawn(surfaceSvg(surface))
    expect(malformed(svg)).toEqual([])
    expect(svg.match(/class="face"/g)).toHaveLength(9)
    for (const word of ['>x<', '>y<', '>z<']) expect(svg).toContain(word)
    const holed = surface.field.values.map((row, i) => (i === 0 ? [Number.NaN, ...row.slice(1)] : row))
    expect(
      (await drawn(surfaceSvg({ ...surface, field: { ...surface.field, values: holed } }))).match(/class="face"/g),
    ).toHaveLength(8)
  })

  it('is turned in a page to what is drawn at those angles', async () => {
    type Shape = { readonly attributes: Map<string, string>; readonly [name: string]: unknown }
    const read = (svg: string): ReadonlyArray<Shape> =>
      [...svg.matchAll(/<(path|text)([^>]* data-corners[^>]*)>/g)].map(([, tagName, text]) => {
        const attributes = new Map([...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, k, v]) => [k, v]))
        return {
          tagName,
          attributes,
          dataset: { corners: attributes.get('data-corners'), off: attributes.get('data-off') },
          classList: { contains: (name: string) => attributes.get('class') === name },
          setAttribute: (k: string, v: string) => attributes.set(k, String(v)),
          parentNode: { append: () => undefined },
        }
      })
    const svg = await drawn(surfaceSvg(surface))
    const shapes = read(svg)
    const handlers = new Map<string, (e: unknown) => void>()
    const outer = {
      style: {},
      setAttribute: () => undefined,
      addEventListener: (k: string, f: never) => handlers.set(k, f),
    }
    const [, turn, tilt, place] = /data-turn="([^"]*)" data-tilt="([^"]*)" data-place="([^"]*)"/.exec(
      svg,
    ) as RegExpExecArray
    const box = { closest: () => outer, dataset: { turn, tilt, place }, querySelectorAll: () => shapes }
    runInNewContext(TURNING, {
      document: { querySelectorAll: () => [box] },
      requestAnimationFrame: (f: () => void) => f(),
    })
    const press = (key: string) => handlers.get('keydown')?.({ key, preventDefault: () => undefined })
    press('ArrowRight')
    press('ArrowUp')
    const turned = read(await drawn(surfaceSvg({ ...surface, turn: 35, tilt: 33 })))
    const corners = (s: Shape) => s.attributes.get('data-corners') as string
    const numbers = (s: Shape) => (s.attributes.get('d') as string).slice(1).split(/[L,]/).map(Number)
    const faces = shapes.filter((s) => s.attributes.get('class') === 'face')
    expect(faces).toHaveLength(9)
    for (const face of faces) {
      const other = turned.find((s) => corners(s) === corners(face)) as Shape
      // corners are kept in thousandths of a box of some 340 pixels
      for (const [i, n] of numbers(face).entries()) expect(Math.abs(n - numbers(other)[i])).toBeLessThan(0.6)
    }
  })
})
