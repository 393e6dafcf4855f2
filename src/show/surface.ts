/**
 * Surfaces in three dimensions, drawn back to front (the painter's algorithm) in parallel projection: no library that
 * needs a graphics processor is involved, and the picture is a file like the others.
 *
 * Every shape keeps its corners in an attribute, so that a page (`page.ts`) can turn the surface when it is dragged.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Failure } from '../Failure.js'
import { checkField, type Field } from './field.js'
import { brief, extent } from './numbers.js'
import { COLOURS, colourOf, px, type Scale, type Size, svgDocument, svgText } from './svg.js'

/**
 * What to draw. Angles are in degrees: `turn` about the vertical axis, `tilt` above the horizon.
 *
 * @category model
 * @since 0.1.0
 */
export interface Surface {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly zLabel: string
  readonly field: Field
  readonly turn?: number
  readonly tilt?: number
  readonly scale?: Scale
  readonly description?: string
}

/** A corner of the unit cube, centred at 0. */
type Corner = readonly [x: number, y: number, z: number]

/** At most so many cells along a side: more cannot be told apart. */
const SIDE = 32

/** The surface in the unit cube, on a grid of at most `SIDE` cells a side. */
const grid = ({
  values,
}: Field): { readonly points: ReadonlyArray<ReadonlyArray<Corner>>; readonly z: readonly [number, number] } => {
  const [low, high] = extent(values.flat())
  const steps = (n: number): ReadonlyArray<number> => {
    const m = Math.min(n, SIDE + 1)
    return Array.from({ length: m }, (_, i) => Math.round((i * (n - 1)) / (m - 1)))
  }
  const [rows, columns] = [values.length, values[0].length]
  return {
    points: steps(rows).map((i) =>
      steps(columns).map((j) => [
        j / (columns - 1) - 0.5,
        i / (rows - 1) - 0.5,
        (values[i][j] - low) / (high - low) - 0.5,
      ]),
    ),
    z: [low, high],
  }
}

/** Onto the picture: across, down, and how far away. */
const project =
  (turn: number, tilt: number) =>
  ([x, y, z]: Corner): readonly [across: number, down: number, far: number] => {
    const [a, b] = [(turn * Math.PI) / 180, (tilt * Math.PI) / 180]
    const [u, v] = [x * Math.cos(a) - y * Math.sin(a), x * Math.sin(a) + y * Math.cos(a)]
    return [u, -v * Math.sin(b) - z * Math.cos(b) * HEIGHT, v * Math.cos(b) - z * Math.sin(b) * HEIGHT]
  }

/** How tall the box is beside its sides. */
const HEIGHT = 0.7

interface Quad {
  readonly corners: readonly [Corner, Corner, Corner, Corner]
  readonly fill: string
}

const quads = (points: ReadonlyArray<ReadonlyArray<Corner>>, scale: Scale): ReadonlyArray<Quad> =>
  points.slice(1).flatMap((row, i) =>
    row.slice(1).flatMap((far, j): ReadonlyArray<Quad> => {
      const corners = [points[i][j], points[i][j + 1], far, row[j]] as const
      const height = corners.reduce((sum, [, , z]) => sum + z, 0) / 4 + 0.5
      return Number.isFinite(height) ? [{ corners, fill: colourOf(scale, height) }] : []
    }),
  )

/** The edges of the box that carry the axes, with their names. */
const axes = ({ field, xLabel, yLabel, zLabel }: Surface, z: readonly [number, number]) =>
  [
    [[-0.5, -0.5, -0.5], [0.5, -0.5, -0.5], xLabel, field.x],
    [[-0.5, -0.5, -0.5], [-0.5, 0.5, -0.5], yLabel, field.y],
    [[-0.5, 0.5, -0.5], [-0.5, 0.5, 0.5], zLabel, z],
  ] as const

const described = ({ description, xLabel, yLabel, zLabel }: Surface, z: readonly [number, number]): string =>
  description ?? `${zLabel} as a surface over ${xLabel} and ${yLabel}, from ${brief(z[0])} to ${brief(z[1])}.`

const TURN = 30
const TILT = 28

/**
 * A surface as an SVG document.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { sampleField, surfaceSvg } from 'wengert/show'
 *
 * const field = sampleField((x, y) => x * x - y * y, [-1, 1], [-1, 1], 20)
 * assert(isRight(await surfaceSvg({ title: 'A saddle', xLabel: 'x', yLabel: 'y', zLabel: 'z', field })()))
 * ```
 *
 * @category charts
 * @since 0.1.0
 */
export const surfaceSvg = (surface: Surface, { width = 640, height = 520 }: Size = {}): TaskEither<Failure, string> =>
  TE.fromEither(E.map(() => still(surface, width, height))(checkField(surface.field, surface.title)))

/** Corners in thousandths of the box, for whoever turns it. */
const kept = (corners: ReadonlyArray<Corner>): string =>
  ` data-corners="${corners.map((corner) => corner.map((n) => Math.round(1000 * n)).join()).join()}"`

const still = (surface: Surface, width: number, height: number): string => {
  const { points, z } = grid(surface.field)
  const [turn, tilt] = [surface.turn ?? TURN, surface.tilt ?? TILT]
  const onto = project(turn, tilt)
  // so that the box fits at every angle: half its diagonal is 0.79
  const size = Math.min(width / 1.9, (height - 50) / 1.6)
  const [middle, level] = [width / 2, 40 + (height - 40) / 2]
  const at = (p: Corner): readonly [number, number, number] => {
    const [across, down, far] = onto(p)
    return [middle + size * across, level + size * down, far]
  }
  const shape = (corners: ReadonlyArray<Corner>, style: string): string =>
    `<path d="M${corners.map((p) => at(p).slice(0, 2).map(px).join()).join('L')}" ${style}${kept(corners)}/>`
  const faces = quads(points, surface.scale ?? 'viridis')
    .map((quad) => ({ ...quad, far: quad.corners.reduce((sum, p) => sum + at(p)[2], 0) }))
    .sort((a, b) => b.far - a.far)
    .map(({ corners, fill }) => shape(corners, `fill="${fill}" class="face"`))
  const lines = axes(surface, z).map(([from, to, label, [low, high]]) => {
    const upright = from[2] !== to[2]
    const left = upright || at(from)[0] + at(to)[0] < width
    const off = left ? -8 : 8
    const word = (p: Corner, text: string, dx: number, dy: number, more: Parameters<typeof svgText>[3]): string => {
      const [x, y] = at(p)
      const placed = `<text${kept([p])} data-off="${dx},${dy}"`
      return svgText(x + dx, y + dy, text, { anchor: left ? 'end' : 'start', ...more }).replace('<text', placed)
    }
    const between = (t: number): Corner => from.map((a, i) => a + t * (to[i] - a)) as unknown as Corner
    const small = { size: 11, fill: COLOURS.muted }
    const down = upright ? 4 : 15
    return [
      shape([from, to], `stroke="${COLOURS.muted}" fill="none"`),
      word(between(upright ? 0 : 0.08), brief(low), off, down, small),
      word(between(upright ? 1 : 0.96), brief(high), off, down, small),
      upright
        ? word(to, label, 0, -14, { size: 13, anchor: 'middle' })
        : word(between(0.5), label, 2.5 * off, 30, { size: 13 }),
    ].join('')
  })
  const base = (
    [
      [-1, -1],
      [1, -1],
      [1, 1],
      [-1, 1],
      [-1, -1],
    ] as const
  ).map(([x, y]): Corner => [x / 2, y / 2, -0.5])
  return svgDocument(
    width,
    height,
    surface.title,
    described(surface, z),
    [
      svgText(16, 30, surface.title, { size: 16, bold: true }),
      `<g data-turn="${turn}" data-tilt="${tilt}" data-place="${[middle, level, size].map(px).join()}" stroke-linejoin="round">`,
      shape(base, `fill="none" stroke="${COLOURS.faint}"`),
      '<g stroke="#24292f" stroke-opacity="0.3" stroke-width="0.6">',
      ...faces,
      '</g>',
      ...lines,
      '</g>',
    ].join('\n'),
  )
}

/**
 * Turns the surfaces of a page when they are dragged or, once they have the focus, by the arrow keys: what a page needs to
 * run, as a script. It repeats `project` above, because a page cannot import.
 *
 * @category pages
 * @since 0.1.0
 */
export const TURNING = `for (const box of document.querySelectorAll('[data-turn]')) {
  const svg = box.closest('svg')
  let turn = +box.dataset.turn, tilt = +box.dataset.tilt
  const [middle, level, size] = box.dataset.place.split(',').map(Number)
  const shapes = [...box.querySelectorAll('[data-corners]')].map((at) => ({ at, c: at.dataset.corners.split(',').map(Number), off: (at.dataset.off || '0,0').split(',').map(Number) }))
  const draw = () => {
    const a = turn * Math.PI / 180, b = tilt * Math.PI / 180
    for (const s of shapes) {
      const p = []
      s.far = 0
      for (let i = 0; i < s.c.length; i += 3) {
        const [x, y, z] = [s.c[i] / 1000, s.c[i + 1] / 1000, s.c[i + 2] / 1000 * ${HEIGHT}]
        const u = x * Math.cos(a) - y * Math.sin(a), v = x * Math.sin(a) + y * Math.cos(a)
        p.push([middle + size * u, level + size * (-v * Math.sin(b) - z * Math.cos(b))])
        s.far += v * Math.cos(b) - z * Math.sin(b)
      }
      if (s.at.tagName === 'text') {
        s.at.setAttribute('x', p[0][0] + s.off[0])
        s.at.setAttribute('y', p[0][1] + s.off[1])
      } else s.at.setAttribute('d', 'M' + p.map((q) => q.map((n) => n.toFixed(2)).join()).join('L'))
    }
    const faces = shapes.filter((s) => s.at.classList.contains('face')).sort((s, t) => t.far - s.far)
    if (faces.length > 0) faces[0].at.parentNode.append(...faces.map((s) => s.at))
  }
  const by = (dx, dy) => {
    turn -= dx
    tilt = Math.max(0, Math.min(90, tilt + dy))
    requestAnimationFrame(draw)
  }
  let from = null
  svg.style.cursor = 'grab'
  svg.style.touchAction = 'pan-y'
  svg.style.userSelect = 'none'
  svg.setAttribute('tabindex', '0')
  svg.addEventListener('pointerdown', (e) => { from = [e.clientX, e.clientY]; svg.setPointerCapture(e.pointerId) })
  svg.addEventListener('pointerup', () => { from = null })
  svg.addEventListener('pointermove', (e) => {
    if (from === null) return
    by((e.clientX - from[0]) / 2, (e.clientY - from[1]) / 2)
    from = [e.clientX, e.clientY]
  })
  svg.addEventListener('keydown', (e) => {
    const step = { ArrowLeft: [5, 0], ArrowRight: [-5, 0], ArrowUp: [0, 5], ArrowDown: [0, -5] }[e.key]
    if (step === undefined) return
    e.preventDefault()
    by(...step)
  })
}`
