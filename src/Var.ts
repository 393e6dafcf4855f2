/**
 * A handle on a value that will exist when a tape is evaluated: a position, a shape and an element type, never a number.
 *
 * @since 0.1.0
 */
import type { DType, Shape, Spec } from './Shape.js'

/**
 * A handle. `S` is its shape, of literal numbers where known; `D` its element type.
 *
 * @category model
 * @since 0.1.0
 */
export interface Var<S extends Shape = Shape, D extends DType = 'real'> extends Spec<S, D> {
  readonly _tag: 'Var'
  /** its position on the tape */
  readonly id: number
}

/**
 * A handle of any shape and element type.
 *
 * @category model
 * @since 0.1.0
 */
export type AnyVar = Var<Shape, DType>

/**
 * @category refinements
 * @since 0.1.0
 */
export const isVar = (u: unknown): u is AnyVar => {
  if (typeof u !== 'object' || u === null) return false
  const { _tag, shape } = u as Partial<AnyVar>
  return _tag === 'Var' && Array.isArray(shape)
}
