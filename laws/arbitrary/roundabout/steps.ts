/**
 * Steps of roundabout programs, each of which fits whatever stands before it.
 *
 * @since 0.1.0
 */
import type { PrimitiveName, Vocabulary } from '../../../src/primitive/index.js'
import { type DType, type Shape, size } from '../../../src/Shape.js'
import { noAttributes } from '../../../src/Tape.js'
import type { AnyVar } from '../../../src/Var.js'
import { programFrom } from '../Use.js'
import type { Draw } from '../values.js'
import { SPECIAL } from './numbers.js'

/**
 * What a step has to work with.
 *
 * @category model
 * @since 0.1.0
 */
export interface Scene {
  readonly v: Vocabulary
  readonly draw: Draw
  /** an earlier value of an element type */
  readonly any: (dtype?: DType) => AnyVar
  /** a value, or a literal, in the shape and type of another */
  readonly beside: (x: AnyVar) => AnyVar
  readonly literal: (x: AnyVar) => AnyVar
}

/**
 * A step of a roundabout program.
 *
 * @category model
 * @since 0.1.0
 */
export type Step = (scene: Scene) => AnyVar

const pointwise =
  (names: ReadonlyArray<PrimitiveName>, dtypes: ReadonlyArray<DType>): Step =>
  ({ v, draw, any, beside }) => {
    const name = draw.pick(names)
    const x = any(draw.pick(dtypes))
    const y = beside(x)
    return v.emit(name, draw.bool() ? [x, y] : [y, x], noAttributes as never)
  }

/**
 * A function of one value, of some element type.
 *
 * @category constructors
 * @since 0.1.0
 */
export const single =
  (names: ReadonlyArray<PrimitiveName>, dtypes: ReadonlyArray<DType>): Step =>
  ({ v, draw, any }) =>
    v.emit(draw.pick(names), [any(draw.pick(dtypes))], noAttributes as never)

/** Another shape for as many elements: dimensions of 1 come and go, or all is one dimension. */
const reshaped = (draw: Draw, shape: Shape): Shape => {
  const way = draw.int(0, 2)
  if (way === 0) return shape.toSpliced(draw.int(0, shape.length), 0, 1)
  return way === 1 ? shape.filter((n) => n !== 1) : [size(shape)]
}

const along = (draw: Draw, x: AnyVar): ReadonlyArray<number> => draw.subset(x.shape.length)

/**
 * Moves elements.
 *
 * @category model
 * @since 0.1.0
 */
export const layout: ReadonlyArray<Step> = [
  ({ v, draw, any }) => {
    const x = any()
    return v.reshape(x, reshaped(draw, x.shape))
  },
  ({ v, draw, any }) => {
    const x = any()
    return v.emit('permute', [x], { order: draw.order(x.shape.length) })
  },
  ({ v, draw, any }) => {
    const x = any()
    const at = draw.int(0, x.shape.length)
    const shape = x.shape.toSpliced(at, 0, draw.int(1, 3))
    return v.broadcast(
      x,
      shape,
      x.shape.map((_, d) => (d < at ? d : d + 1)),
    )
  },
  ({ v, draw, any }) => {
    const x = any()
    const stop = x.shape.map((n) => draw.int(Math.min(n, 1), n))
    const start = stop.map((n) => draw.int(0, Math.max(0, n - 1)))
    return v.emit('slice', [x], { start, stop, stride: stop.map(() => draw.int(1, 2)) })
  },
  ({ v, draw, any }) => {
    const x = any()
    const some = () => x.shape.map(() => draw.int(0, 1))
    return v.emit('pad', [x], {
      low: some(),
      high: some(),
      interior: some(),
      value: x.dtype === 'real' ? draw.pick(SPECIAL) : draw.int(0, 1),
    })
  },
  ({ v, draw, any, beside }) => {
    const x = any()
    if (x.shape.length === 0) return x
    return v.emit('concat', draw.bool() ? [x, beside(x)] : [beside(x), x, x], { axis: draw.int(0, x.shape.length - 1) })
  },
  ({ v, draw, any }) => {
    const x = any()
    return v.emit('flip', [x], { axes: along(draw, x) })
  },
]

/**
 * A product with a permuted partner, contracted over some axes and batched over others, and permuted again.
 *
 * @category model
 * @since 0.1.0
 */
export const product: Step = ({ v, draw, any, beside }) => {
  const x = any('real')
  const order = draw.order(x.shape.length)
  const w = v.emit('permute', [draw.int(0, 2) === 2 ? beside(x) : x], { order })
  const roles = order.map(() => draw.int(0, 2))
  const swapped = draw.bool()
  const of = (role: number): readonly [ReadonlyArray<number>, ReadonlyArray<number>] => {
    const theirs = order.flatMap((_, d) => (roles[d] === role ? [d] : []))
    const own = theirs.map((d) => order[d])
    return swapped ? [theirs, own] : [own, theirs]
  }
  const y = v.emit('contract', swapped ? [w, x] : [x, w], { contract: of(1), batch: of(2) })
  return v.emit('permute', [y], { order: draw.order(y.shape.length) })
}

/**
 * Joins elements.
 *
 * @category model
 * @since 0.1.0
 */
export const joining: ReadonlyArray<Step> = [
  ({ v, draw, any }) => {
    const x = any(draw.pick<DType>(['real', 'int']))
    return v.emit('sum', [x], { axes: along(draw, x) })
  },
  ({ v, draw, any }) => {
    const x = any('real')
    return x.shape.includes(0) ? x : v.emit(draw.pick(['reduceMax', 'reduceMin']), [x], { axes: along(draw, x) })
  },
  ({ v, draw, any }) => {
    const x = any('real')
    if (x.shape.length === 0) return x
    const axis = draw.int(0, x.shape.length - 1)
    return draw.bool()
      ? v.emit('cumsum', [x], { axis, reverse: draw.bool() })
      : v.emit('sort', [x], { axis, descending: draw.bool() })
  },
]

/** `x y - x`, as a called program. */
const called: Step = ({ v, any, beside }) => {
  const x = any('real')
  const body = programFrom([x, x], (w, [a, b]) => [w.sub(w.mul(a, w.neg(w.neg(b))), a)])
  return v.emit('call', [x, beside(x)], { name: 'called', body })
}

/**
 * Element types of which a step draws one.
 *
 * @category model
 * @since 0.1.0
 */
export const REAL: ReadonlyArray<DType> = ['real']
const BOOL: ReadonlyArray<DType> = ['bool']
/**
 * Element types of which a step draws one, `real` twice as often.
 *
 * @category model
 * @since 0.1.0
 */
export const NUMBER: ReadonlyArray<DType> = ['real', 'real', 'int']

/**
 * All steps that are no look-alikes.
 *
 * @category model
 * @since 0.1.0
 */
export const steps: ReadonlyArray<Step> = [
  pointwise(['add', 'sub', 'mul'], NUMBER),
  pointwise(['div', 'pow', 'max', 'min'], REAL),
  pointwise(['eq', 'ne', 'lt', 'le', 'gt', 'ge'], NUMBER),
  pointwise(['and', 'or', 'xor'], BOOL),
  single(['neg', 'abs', 'sign'], NUMBER),
  single(['floor', 'ceil', 'round', 'reciprocal', 'exp', 'tanh'], REAL),
  single(['not'], BOOL),
  ({ v, draw, any }) => v.emit('convert', [any()], { dtype: draw.pick<DType>(['real', 'int', 'bool']) }),
  ({ v, any, beside }) => {
    const x = any()
    return v.select(v.convert(beside(x), 'bool'), x, beside(x))
  },
  ({ v, draw, any }) =>
    v.emit(draw.pick(['label', 'stopGradient', 'variable']), [any('real')], { name: 'here' } as never),
  called,
  product,
  ...layout,
  ...joining,
]
