/**
 * Arrays in the type in which a file holds them: a byte for a pixel, four for a float32. A `Tensor` spends eight on either,
 * so data stay packed until they are put into a batch.
 *
 * Laws. `unpack` is exact for every type, and `pack(p.type)(unpack(p))` is `p` again, to the bit but for the payload of a
 * NaN. `pack` rounds to the nearest in f32 and otherwise refuses what the type cannot hold.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'
import type { DType, Shape } from '../Shape.js'
import { type AnyTensor, allocate, unsafeMake } from '../Tensor.js'

/**
 * The typed array behind each element type: IEEE floats, two's complement integers, `bool` as a byte 0 or 1.
 *
 * @category model
 * @since 0.1.0
 */
export interface Arrays {
  readonly f64: Float64Array
  readonly f32: Float32Array
  readonly i32: Int32Array
  readonly i16: Int16Array
  readonly i8: Int8Array
  readonly u8: Uint8Array
  readonly bool: Uint8Array
}

/**
 * @category model
 * @since 0.1.0
 */
export type PackedType = keyof Arrays

/**
 * An array of shape `S`, its elements in row-major order. Typed arrays cannot be frozen: whoever has one may read it only.
 *
 * @category model
 * @since 0.1.0
 */
export interface Packed<S extends Shape = Shape, T extends PackedType = PackedType> {
  readonly _tag: 'Packed'
  readonly shape: S
  readonly type: T
  readonly data: Arrays[T]
}

const MAKERS: { readonly [T in PackedType]: (n: number) => Arrays[T] } = {
  f64: (n) => new Float64Array(n),
  f32: (n) => new Float32Array(n),
  i32: (n) => new Int32Array(n),
  i16: (n) => new Int16Array(n),
  i8: (n) => new Int8Array(n),
  u8: (n) => new Uint8Array(n),
  bool: (n) => new Uint8Array(n),
}

/**
 * New elements, all 0, for their maker to write once and then to hand to `unsafePacked`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const allocatePacked = <T extends PackedType>(type: T, length: number): Arrays[T] => MAKERS[type](length)

/**
 * Takes elements that nobody else will write to; nothing is checked.
 *
 * @category constructors
 * @since 0.1.0
 */
export const unsafePacked = <S extends Shape, T extends PackedType>(shape: S, type: T, data: Arrays[T]): Packed<S, T> =>
  Object.freeze({ _tag: 'Packed', shape: Object.freeze(shape), type, data })

/**
 * The element type of the tensor that a packed array becomes.
 *
 * @category destructors
 * @since 0.1.0
 */
export const dtypeOf = (type: PackedType): DType =>
  type === 'bool' ? 'bool' : type === 'f64' || type === 'f32' ? 'real' : 'int'

/**
 * The same elements as a tensor: reals of f64 and f32, booleans of bool, integers of the others.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import * as E from 'fp-ts/lib/Either.js'
 * import { ints } from 'wengert'
 * import { pack, unpack } from 'wengert/formats'
 *
 * const pixels = ints([[0, 128], [255, 7]])
 * const image = pack('u8')(pixels)
 * assert(E.isRight(image) && image.right.data.byteLength === 4)
 * assert.deepStrictEqual(E.map(unpack)(image), E.right(pixels))
 * ```
 *
 * @category destructors
 * @since 0.1.0
 */
export const unpack = (packed: Packed): AnyTensor => {
  const dtype = dtypeOf(packed.type)
  const data = allocate(dtype, packed.data.length)
  data.set(packed.data)
  return unsafeMake([...packed.shape], dtype, data)
}

/**
 * A tensor's elements as another type holds them: rounded to the nearest in f32, and as they are in the others. Fails with
 * `TypeMismatch` on an element that the type does not have.
 *
 * @category constructors
 * @since 0.1.0
 */
export const pack =
  <T extends PackedType>(type: T) =>
  (t: AnyTensor): E.Either<Failure, Packed<Shape, T>> => {
    const data = allocatePacked(type, t.data.length)
    const exact = type !== 'f32' && type !== 'f64'
    for (let i = 0; i < data.length; i++) {
      const x = t.data[i]
      data[i] = x
      if (exact && (data[i] !== x || (type === 'bool' && x > 1)))
        return fail('TypeMismatch', `pack: element ${i} is ${x}, which ${type} does not have`, { operation: 'pack' })
    }
    return E.right(unsafePacked([...t.shape], type, data))
  }

/**
 * A tensor as it is, its reals as f64 and its integers as i32; a packed array is given back. Elements that lie in memory so
 * already are shared, not copied.
 *
 * @category constructors
 * @since 0.1.0
 */
export const packedOf = (one: Packed | AnyTensor): Packed => {
  if (one._tag === 'Packed') return one
  const { shape, dtype, data } = one
  if (dtype === 'real') return unsafePacked(shape, 'f64', data instanceof Float64Array ? data : Float64Array.from(data))
  if (dtype === 'int') return unsafePacked(shape, 'i32', data instanceof Int32Array ? data : Int32Array.from(data))
  return unsafePacked(shape, 'bool', data instanceof Uint8Array ? data : Uint8Array.from(data))
}
