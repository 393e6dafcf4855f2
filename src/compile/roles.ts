/**
 * What each primitive is to the scheduler.
 *
 * | role | meaning |
 * |---|---|
 * | `source` | a value that is there before a step |
 * | `view` | elements of the operand in other places; `null` where the map is not affine, and then they are copied |
 * | `pointwise` | a function at each element |
 * | `reduce` | elements of a view of the operand joined over the last axes of the view's shape |
 * | `contract`, `convolve` | products summed |
 * | `place` | the operands put into a result that is filled first |
 * | `host` | computed by the row's own kernel |
 *
 * @since 0.1.0
 */
import type { Attributes, PrimitiveName } from '../primitive/Primitive.js'
import { windowed, windowSteps } from '../primitive/windows.js'
import { type Shape, strides } from '../Shape.js'
import { type Access, reshaped } from './access.js'
import type { Value } from './flat.js'

/**
 * How reductions join.
 *
 * @category model
 * @since 0.1.0
 */
export type Combine = 'add' | 'max' | 'min'

/**
 * One operand placed inside a result: `access` leads from the operand's indices into the result.
 *
 * @category model
 * @since 0.1.0
 */
export interface Placement {
  readonly operand: number
  readonly access: Access
}

/** What a layout primitive does to the access of its operand. */
type View = (access: Access, value: Value, from: Shape) => Access | null

/**
 * @category model
 * @since 0.1.0
 */
export type Role =
  | { readonly kind: 'source' | 'pointwise' | 'contract' | 'convolve' | 'host' }
  | { readonly kind: 'view'; readonly view: View }
  | {
      readonly kind: 'reduce'
      readonly combine: (value: Value) => Combine
      /** the space to reduce over, how it reads the operand, and which of its dimensions go */
      readonly space: (
        value: Value,
        access: Access,
        from: Shape,
      ) => { readonly shape: Shape; readonly access: Access; readonly gone: ReadonlyArray<number> }
      /** the result is divided by the number of elements joined */
      readonly mean: (value: Value) => boolean
    }
  | {
      readonly kind: 'place'
      /** the value where nothing is placed; `null` where everything is covered */
      readonly fill: (value: Value) => number | null
      /** whether what is placed is added to what is there */
      readonly adding: boolean
      readonly placements: (value: Value, shapes: ReadonlyArray<Shape>) => ReadonlyArray<Placement>
    }

const attributesOf = <K extends PrimitiveName>(_: K, value: Value): Attributes[K] =>
  value.attributes as unknown as Attributes[K]

const SOURCE: Role = { kind: 'source' }
const POINTWISE: Role = { kind: 'pointwise' }
const HOST: Role = { kind: 'host' }

const view = (f: View): Role => ({ kind: 'view', view: f })

const sameElements: View = (access, { shape }, from) => reshaped(access, from, shape)

const over = (name: 'sum' | 'reduceMax' | 'reduceMin', combine: Combine): Role => ({
  kind: 'reduce',
  combine: () => combine,
  space: (value, access, from) => ({ shape: from, access, gone: attributesOf(name, value).axes }),
  mean: () => false,
})

const throughWindows = (
  { offset, steps }: Access,
  { window, strides: by, dilation }: Attributes['windows'],
): Access => {
  const lead = steps.length - window.length
  return {
    offset,
    steps: [
      ...steps.slice(0, lead),
      ...window.map((_, d) => steps[lead + d] * by[d]),
      ...window.map((_, d) => steps[lead + d] * dilation[d]),
    ],
  }
}

const overWindows: Role = {
  kind: 'reduce',
  combine: (value) => (attributesOf('reduceWindow', value).kind === 'max' ? 'max' : 'add'),
  space: (value, access, from) => {
    const a = attributesOf('reduceWindow', value)
    const shape = windowed(from, a).flat()
    const gone = a.window.map((_, d) => shape.length - a.window.length + d)
    return { shape, access: throughWindows(access, a), gone }
  },
  mean: (value) => attributesOf('reduceWindow', value).kind === 'mean',
}

const table: { readonly [K in PrimitiveName]: Role } = {
  input: SOURCE,
  constant: SOURCE,
  iota: HOST,
  randomBits: HOST,

  variable: view((access) => access),
  label: POINTWISE,
  stopGradient: view((access) => access),
  peek: HOST,
  call: HOST,

  neg: POINTWISE,
  reciprocal: POINTWISE,
  exp: POINTWISE,
  expm1: POINTWISE,
  log: POINTWISE,
  log1p: POINTWISE,
  sqrt: POINTWISE,
  rsqrt: POINTWISE,
  sin: POINTWISE,
  cos: POINTWISE,
  tan: POINTWISE,
  asin: POINTWISE,
  acos: POINTWISE,
  atan: POINTWISE,
  sinh: POINTWISE,
  cosh: POINTWISE,
  tanh: POINTWISE,
  sigmoid: POINTWISE,
  softplus: POINTWISE,
  erf: POINTWISE,
  lgamma: POINTWISE,
  polygamma: HOST,
  abs: POINTWISE,
  sign: POINTWISE,
  floor: POINTWISE,
  ceil: POINTWISE,
  round: POINTWISE,
  add: POINTWISE,
  sub: POINTWISE,
  mul: POINTWISE,
  div: POINTWISE,
  pow: POINTWISE,
  atan2: POINTWISE,
  mod: POINTWISE,
  max: POINTWISE,
  min: POINTWISE,
  eq: POINTWISE,
  ne: POINTWISE,
  lt: POINTWISE,
  le: POINTWISE,
  gt: POINTWISE,
  ge: POINTWISE,
  and: POINTWISE,
  or: POINTWISE,
  xor: POINTWISE,
  not: POINTWISE,
  select: POINTWISE,
  convert: POINTWISE,

  reshape: view(sameElements),
  permute: view(({ offset, steps }, value) => ({
    offset,
    steps: attributesOf('permute', value).order.map((axis) => steps[axis]),
  })),
  broadcast: view(({ offset, steps }, value) => {
    const { axes } = attributesOf('broadcast', value)
    return { offset, steps: value.shape.map((_, d) => (axes.includes(d) ? steps[axes.indexOf(d)] : 0)) }
  }),
  slice: view(({ offset, steps }, value) => {
    const { start, stride } = attributesOf('slice', value)
    return {
      offset: steps.reduce((sum, step, d) => sum + step * start[d], offset),
      steps: steps.map((step, d) => step * stride[d]),
    }
  }),
  flip: view(({ offset, steps }, value) => {
    const { axes } = attributesOf('flip', value)
    return {
      offset: axes.reduce((sum, d) => sum + (value.shape[d] - 1) * steps[d], offset),
      steps: steps.map((step, d) => (axes.includes(d) ? -step : step)),
    }
  }),
  windows: view((access, value) => throughWindows(access, attributesOf('windows', value))),

  sum: over('sum', 'add'),
  reduceMax: over('reduceMax', 'max'),
  reduceMin: over('reduceMin', 'min'),
  reduceWindow: overWindows,
  contract: { kind: 'contract' },
  convolve: { kind: 'convolve' },
  cumsum: HOST,
  gather: HOST,
  scatterAdd: HOST,
  argMax: HOST,
  argMin: HOST,
  sort: HOST,
  argSort: HOST,
  topK: HOST,
  argTopK: HOST,

  pad: {
    kind: 'place',
    fill: (value) => attributesOf('pad', value).value,
    adding: false,
    placements: (value) => {
      const { low, interior } = attributesOf('pad', value)
      const to = strides(value.shape)
      return [
        {
          operand: 0,
          access: {
            offset: to.reduce((sum, step, d) => sum + step * low[d], 0),
            steps: to.map((step, d) => step * (interior[d] + 1)),
          },
        },
      ]
    },
  },
  concat: {
    kind: 'place',
    fill: () => null,
    adding: false,
    placements: (value, shapes) => {
      const { axis } = attributesOf('concat', value)
      const steps = strides(value.shape)
      let at = 0
      return shapes.map((shape, operand) => {
        const access = { offset: at * steps[axis], steps }
        at += shape[axis]
        return { operand, access }
      })
    },
  },
  foldWindows: {
    kind: 'place',
    fill: () => 0,
    adding: true,
    placements: (value) => {
      const steps = windowSteps(value.shape, attributesOf('foldWindows', value)).flat()
      return [{ operand: 0, access: { offset: 0, steps } }]
    },
  },
}

/**
 * The role of a value.
 *
 * @category destructors
 * @since 0.1.0
 */
export const roleOf = (value: Value): Role => table[value.primitive]
