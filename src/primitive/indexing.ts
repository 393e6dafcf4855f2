/**
 * Index maps. Most data movement is affine: the element at index `i` of one array stands at offset
 * `origin + i[0] * steps[0] + i[1] * steps[1] + ...` of another. A map is computed once, when a kernel is made, and
 * then read in a tight loop.
 *
 * @since 0.1.0
 */
import type { Algebra } from '../algebra/Algebra.js'
import { type DType, type Shape, size, strides } from '../Shape.js'
import type { Kernel } from './Primitive.js'

/**
 * The offsets of all indices into `shape`, in row-major order. As long as the shape is large: ask only for shapes whose
 * elements exist.
 *
 * @category constructors
 * @since 0.1.0
 */
export const offsets = (shape: Shape, steps: ReadonlyArray<number>, origin = 0): Int32Array => {
  const out = new Int32Array(size(shape))
  if (out.length === 0) return out
  out[0] = origin
  // the block of the inner dimensions, repeated along each outer one
  for (let d = shape.length - 1, block = 1; d >= 0; block *= shape[d--])
    for (let i = 1; i < shape[d]; i++) for (let j = 0; j < block; j++) out[i * block + j] = out[j] + i * steps[d]
  return out
}

/**
 * A shape seen as lanes: the offsets where the indices along the axes are 0, and the offsets along the axes from there.
 * Both follow row-major order. An array without elements has no lanes.
 *
 * @category constructors
 * @since 0.1.0
 */
export const lanes = (shape: Shape, axes: ReadonlyArray<number>): readonly [Int32Array, Int32Array] => {
  if (size(shape) === 0) return [new Int32Array(0), new Int32Array(0)]
  const steps = strides(shape)
  const kept = others(shape.length, axes)
  return [offsets(pick(shape, kept), pick(steps, kept)), offsets(pick(shape, axes), pick(steps, axes))]
}

/**
 * Some entries of a list, in the order asked for.
 *
 * @category combinators
 * @since 0.1.0
 */
export const pick = (list: ReadonlyArray<number>, at: ReadonlyArray<number>): ReadonlyArray<number> =>
  at.map((i) => list[i])

/**
 * The axes of a rank that are not among the given ones, ascending.
 *
 * @category combinators
 * @since 0.1.0
 */
export const others = (rank: number, axes: ReadonlyArray<number>): ReadonlyArray<number> =>
  Array.from({ length: rank }, (_, i) => i).filter((i) => !axes.includes(i))

/**
 * The permutation that undoes one: `inverse(order)[order[i]] = i`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const inverse = (order: ReadonlyArray<number>): ReadonlyArray<number> => {
  const out = new Array<number>(order.length)
  order.forEach((axis, i) => {
    out[axis] = i
  })
  return out
}

/**
 * The permutation that moves one axis to another place and keeps the order of the rest.
 *
 * @category combinators
 * @since 0.1.0
 */
export const moving = (rank: number, from: number, to: number): ReadonlyArray<number> =>
  others(rank, [from]).toSpliced(to, 0, from)

/**
 * A kernel that reads its first operand through a map: `out[i] = x[map[i]]`.
 *
 * @category kernels
 * @since 0.1.0
 */
export const reading =
  <N>(map: Int32Array): Kernel<N> =>
  ([x], out) => {
    for (let i = 0; i < map.length; i++) out[i] = x[map[i]]
  }

/**
 * What kernels need of the numbers of one element type.
 *
 * @category kernels
 * @since 0.1.0
 */
export type Arithmetic<N> = Pick<Algebra<N>, 'literal' | 'primal' | 'add' | 'max' | 'min'>

const integers: Arithmetic<number> = {
  literal: (x) => x,
  primal: (n) => n,
  add: (x, y) => (x + y) | 0,
  max: Math.max,
  min: Math.min,
}

/**
 * The algebra for reals; for integers and booleans, which are plain numbers in every algebra, arithmetic that wraps.
 *
 * @category kernels
 * @since 0.1.0
 */
export const arithmetic = <N>(algebra: Algebra<N>, dtype: DType): Arithmetic<N> =>
  dtype === 'real' ? algebra : (integers as unknown as Arithmetic<N>)
