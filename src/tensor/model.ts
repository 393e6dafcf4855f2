/**
 * The model behind `Tensor.ts`: what a tensor is and how its elements are held.
 *
 * @since 0.1.0
 */
import { type DType, type Shape, size } from '../Shape.js'

/**
 * Elements that can be read and not written.
 *
 * @category model
 * @since 0.1.0
 */
export interface Data extends ArrayLike<number>, Iterable<number> {
  readonly length: number
  readonly [index: number]: number
}

/**
 * An array of shape `S` and element type `D`. `data` holds the elements in row-major order; a boolean is read as 0 or 1.
 *
 * @category model
 * @since 0.1.0
 */
export interface Tensor<S extends Shape = Shape, D extends DType = 'real'> {
  readonly _tag: 'Tensor'
  readonly shape: S
  readonly dtype: D
  readonly data: Data
}

/**
 * A tensor of any shape and element type.
 *
 * @category model
 * @since 0.1.0
 */
export type AnyTensor = Tensor<Shape, DType>

/**
 * @category refinements
 * @since 0.1.0
 */
export const isTensor = (u: unknown): u is AnyTensor => {
  if (typeof u !== 'object' || u === null) return false
  const { _tag, shape, data } = u as Partial<AnyTensor>
  return _tag === 'Tensor' && Array.isArray(shape) && typeof data?.length === 'number'
}

/**
 * Takes elements that nobody else will write to; `fromArray` and `fromData` are the copying ways in. Freezes the shape
 * given. Nothing is checked: the elements must be as many as the shape says and of the element type.
 *
 * @category constructors
 * @since 0.1.0
 */
export const unsafeMake = <S extends Shape, D extends DType>(shape: S, dtype: D, data: Data): Tensor<S, D> =>
  Object.freeze({ _tag: 'Tensor', shape: Object.freeze(shape), dtype, data })

/**
 * A scalar.
 *
 * @category constructors
 * @since 0.1.0
 */
export const scalar = (x: number): Tensor<readonly []> => unsafeMake([], 'real', Float64Array.of(x))

/**
 * New elements, all 0, for their maker to write once and then to hand to `unsafeMake`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const allocate = (dtype: DType, length: number): Float64Array | Int32Array | Uint8Array =>
  dtype === 'real' ? new Float64Array(length) : dtype === 'int' ? new Int32Array(length) : new Uint8Array(length)

/**
 * Writes a number as an element of the given type: an integer is truncated and wrapped to 32 bits (NaN and infinities
 * give 0), a boolean is whether the number differs from 0.
 *
 * @category combinators
 * @since 0.1.0
 */
export const write = (dtype: DType, into: { [index: number]: number }, position: number, x: number): void => {
  into[position] = dtype === 'bool' && x !== 0 ? 1 : x
}

/**
 * The elements of `t` at `offset` plus every combination of `steps`, one per dimension, in row-major order of `shape`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const gather = (t: AnyTensor, shape: Shape, steps: ReadonlyArray<number>, offset: number): AnyTensor => {
  const n = size(shape)
  const out = allocate(t.dtype, n)
  const rank = shape.length
  const at = new Array<number>(rank).fill(0)
  let from = offset
  for (let i = 0; i < n; i++) {
    out[i] = t.data[from]
    for (let d = rank - 1; d >= 0; d--) {
      from += steps[d]
      if (++at[d] < shape[d]) break
      from -= shape[d] * steps[d]
      at[d] = 0
    }
  }
  return unsafeMake([...shape], t.dtype, out)
}
