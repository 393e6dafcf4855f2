/**
 * Uses of the primitives that move numbers, add them up or choose among them.
 *
 * @since 0.1.0
 */
import type { PrimitiveName, Window } from '../../src/primitive/index.js'
import { type Shape, size } from '../../src/Shape.js'
import { anywhere, below, int, type Maker, ranked, real, type Use } from './Use.js'
import { ANYWHERE, type Draw } from './values.js'

type Structural =
  | 'reshape'
  | 'permute'
  | 'broadcast'
  | 'slice'
  | 'pad'
  | 'concat'
  | 'flip'
  | 'gather'
  | 'scatterAdd'
  | 'sum'
  | 'cumsum'
  | 'convert'
  | 'windows'
  | 'foldWindows'

const reshape: Maker<'reshape'> = (draw, shape) => {
  const joined = shape.length > 1 && draw.bool() ? [shape[0] * shape[1], ...shape.slice(2)] : shape
  const turned = draw.bool() ? joined.toReversed() : joined
  const to = draw.bool() ? [...turned, 1] : turned
  return anywhere([real(shape)], { shape: draw.int(0, 3) === 1 ? [size(shape)] : to })
}

/** The dimensions of the operand in order, with new ones between them. */
const broadcast: Maker<'broadcast'> = (draw, shape) => {
  const to: Array<number> = []
  const axes: Array<number> = []
  for (const n of shape) {
    if (to.length - axes.length < 2 && draw.bool()) to.push(draw.int(1, 3))
    axes.push(to.length)
    to.push(n)
  }
  if (draw.int(0, 2) > 0) to.push(draw.int(1, 3))
  return anywhere([real(shape)], { shape: to, axes })
}

const slice: Maker<'slice'> = (draw, shape) => {
  const start = shape.map((n) => draw.int(0, n - 1))
  return anywhere([real(shape)], {
    start,
    stop: shape.map((n, d) => n - draw.int(0, n - 1 - start[d])),
    stride: shape.map(() => draw.int(1, 2)),
  })
}

const pad: Maker<'pad'> = (draw, shape) =>
  anywhere([real(shape)], {
    low: shape.map(() => draw.int(0, 2)),
    high: shape.map(() => draw.int(0, 1)),
    interior: shape.map(() => draw.int(0, 1)),
    value: draw.pick([0, 0.5, -2]),
  })

const concat: Maker<'concat'> = (draw, given) => {
  const shape = ranked(given, 1)
  const axis = draw.int(0, shape.length - 1)
  const others = Array.from({ length: draw.int(0, 2) }, () => real(shape.with(axis, draw.int(1, 3))))
  return anywhere([real(shape), ...others], { axis })
}

const gather: Maker<'gather'> = (draw, given) => {
  const shape = ranked(given, 1)
  const batch = draw.int(0, Math.min(1, shape.length - 1))
  const at = Array.from({ length: draw.int(0, 2) }, () => draw.int(1, 3))
  return {
    operands: [real(shape), int([...shape.slice(0, batch), ...at])],
    attributes: { batch },
    domains: [ANYWHERE, below(shape[batch])],
  }
}

const scatterAdd: Maker<'scatterAdd'> = (draw, given) => {
  const shape = ranked(given, 1)
  const batch = draw.int(0, Math.min(1, shape.length - 1))
  const n = draw.int(1, 4)
  const rank = draw.int(batch, shape.length)
  return {
    operands: [int(shape.slice(0, rank)), real(shape)],
    attributes: { batch, size: n },
    // also outside, where nothing is scattered
    domains: [{ low: -1, high: n }, ANYWHERE],
  }
}

/**
 * Windows over the last dimensions of a shape, each with at least one position.
 *
 * @category constructors
 * @since 0.1.0
 */
export const windowOver = (draw: Draw, shape: Shape): Window => {
  const space = shape.slice(shape.length - draw.int(1, Math.min(2, shape.length)))
  const window = space.map((n) => draw.int(1, Math.min(n, 3)))
  return {
    window,
    strides: space.map(() => draw.int(1, 2)),
    dilation: space.map((n, d) => (window[d] > 1 && (window[d] - 1) * 2 < n ? draw.int(1, 2) : 1)),
  }
}

const windows: Maker<'windows'> = (draw, given) => {
  const shape = ranked(given, 1)
  return anywhere([real(shape)], windowOver(draw, shape))
}

const foldWindows: Maker<'foldWindows'> = (draw, given) => {
  const shape = ranked(given, 1)
  const a = windowOver(draw, shape)
  const lead = shape.length - a.window.length
  const space = shape.slice(lead)
  const positions = space.map((n, d) => Math.floor((n - a.dilation[d] * (a.window[d] - 1) - 1) / a.strides[d]) + 1)
  return anywhere([real([...shape.slice(0, lead), ...positions, ...a.window])], { ...a, shape: space })
}

/**
 * @category uses
 * @since 0.1.0
 */
export const structuralUses: { readonly [K in Structural]: Maker<K> } = {
  reshape,
  permute: (draw, shape) => anywhere([real(shape)], { order: draw.order(shape.length) }),
  broadcast,
  slice,
  pad,
  concat,
  flip: (draw, shape) => anywhere([real(shape)], { axes: draw.subset(shape.length) }),
  gather,
  scatterAdd,
  sum: (draw, shape) => anywhere([real(shape)], { axes: draw.subset(shape.length) }),
  cumsum: (draw, given) => {
    const shape = ranked(given, 1)
    return anywhere([real(shape)], { axis: draw.int(0, shape.length - 1), reverse: draw.bool() })
  },
  convert: (draw, shape) => {
    const from = draw.pick([real, real, int])
    return {
      ...anywhere<'convert'>([from(shape)], { dtype: draw.pick(['real', 'real', 'int', 'bool']) }),
      domains: [ANYWHERE],
    }
  },
  windows,
  foldWindows,
}

type Selecting =
  | 'reduceMax'
  | 'reduceMin'
  | 'argMax'
  | 'argMin'
  | 'sort'
  | 'argSort'
  | 'topK'
  | 'argTopK'
  | 'reduceWindow'

const along =
  <K extends PrimitiveName>(make: (draw: Draw, shape: Shape, axis: number) => Use<K>): Maker<K> =>
  (draw, given) => {
    const shape = ranked(given, 1)
    return make(draw, shape, draw.int(0, shape.length - 1))
  }

/**
 * @category uses
 * @since 0.1.0
 */
export const selectingUses: { readonly [K in Selecting]: Maker<K> } = {
  reduceMax: (draw, shape) => anywhere([real(shape)], { axes: draw.subset(shape.length) }),
  reduceMin: (draw, shape) => anywhere([real(shape)], { axes: draw.subset(shape.length) }),
  argMax: along((_, shape, axis) => anywhere([real(shape)], { axis })),
  argMin: along((_, shape, axis) => anywhere([real(shape)], { axis })),
  sort: along((draw, shape, axis) => anywhere([real(shape)], { axis, descending: draw.bool() })),
  argSort: along((draw, shape, axis) => anywhere([real(shape)], { axis, descending: draw.bool() })),
  topK: along((draw, shape, axis) => anywhere([real(shape)], { axis, k: draw.int(1, shape[axis]) })),
  argTopK: along((draw, shape, axis) => anywhere([real(shape)], { axis, k: draw.int(1, shape[axis]) })),
  reduceWindow: (draw, given) => {
    const shape = ranked(given, 1)
    return anywhere([real(shape)], { ...windowOver(draw, shape), kind: draw.pick(['max', 'mean']) })
  },
}
