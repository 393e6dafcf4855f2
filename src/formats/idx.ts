/**
 * idx, the format of MNIST (http://yann.lecun.com/exdb/mnist): two bytes 0, the element type, the number of dimensions, each
 * dimension as four bytes and the elements in row-major order, all big-endian.
 *
 * Law. `readIdx(writeIdx(p))` is `p` to the bit, for every type but bool, which idx does not have.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'
import { check, type Shape, show, size } from '../Shape.js'
import { elementsAt, putElements, refuseFile, viewOf } from './bytes.js'
import { allocatePacked, type Packed, type PackedType, unsafePacked } from './Packed.js'

const CODES: ReadonlyArray<readonly [number, PackedType]> = [
  [0x08, 'u8'],
  [0x09, 'i8'],
  [0x0b, 'i16'],
  [0x0c, 'i32'],
  [0x0d, 'f32'],
  [0x0e, 'f64'],
]

const hexadecimal = (byte: number): string => `0x${byte.toString(16).padStart(2, '0')}`

/**
 * What an idx file says before its elements.
 *
 * @category model
 * @since 0.1.0
 */
export interface IdxHeader {
  readonly shape: Shape
  readonly type: PackedType
  /** where the elements begin */
  readonly offset: number
}

/**
 * The most bytes of an idx header that can be accepted: 4 and 4 for each of 16 dimensions.
 *
 * @category limits
 * @since 0.1.0
 */
export const IDX_HEADER = 68

/**
 * The header in the first bytes of a file; bytes after it are not looked at.
 *
 * @category decoding
 * @since 0.1.0
 */
export const readIdxHeader =
  (name: string) =>
  (bytes: Uint8Array): E.Either<Failure, IdxHeader> => {
    if (bytes.length < 4)
      return refuseFile(name, `an idx file has at least 4 bytes, this one has ${bytes.length}`, { offset: 0 })
    if (bytes[0] === 0x1f && bytes[1] === 0x8b)
      return refuseFile(name, 'this is gzip data; decompress it first, or give it a name that ends with .gz', {
        offset: 0,
      })
    if (bytes[0] !== 0 || bytes[1] !== 0)
      return refuseFile(
        name,
        `an idx file begins with two bytes 0, this one with ${hexadecimal(bytes[0])} and ${hexadecimal(bytes[1])}`,
        { offset: 0 },
      )
    const type = CODES.find(([code]) => code === bytes[2])?.[1]
    if (type === undefined)
      return refuseFile(
        name,
        `the element type ${hexadecimal(bytes[2])} is unknown; idx has ${CODES.map(([code, t]) => `${hexadecimal(code)} (${t})`).join(', ')}`,
        { offset: 2 },
      )
    const rank = bytes[3]
    const offset = 4 + 4 * rank
    if (bytes.length < offset)
      return refuseFile(name, `the header of ${rank} dimensions has ${offset} bytes, the file ${bytes.length}`, {
        offset: 3,
      })
    const view = viewOf(bytes)
    const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i))
    const valid = check(shape, name)
    return E.isLeft(valid) ? E.left({ ...valid.left, file: name, offset: 4 }) : E.right({ shape, type, offset })
  }

/**
 * Accepts the bytes of a file; `name` is for the sentences. Fails with `MalformedFile` on what is not an idx file, cut off or
 * too long, and with `TooLarge` or `InvalidShape` on dimensions that no tensor has.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import * as E from 'fp-ts/lib/Either.js'
 * import { readIdx } from 'wengert/formats'
 *
 * const labels = readIdx('labels')(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1))
 * assert(E.isRight(labels))
 * assert.deepStrictEqual([...labels.right.data], [7, 2, 1])
 *
 * const refused = readIdx('labels')(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 7))
 * assert(E.isLeft(refused))
 * assert.strictEqual(refused.left.message, 'labels: u8 [3] takes 11 bytes with its header, the file has 9; is it cut off?')
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const readIdx =
  (name: string) =>
  (bytes: Uint8Array): E.Either<Failure, Packed> => {
    const header = readIdxHeader(name)(bytes)
    if (E.isLeft(header)) return header
    const { shape, type, offset } = header.right
    const needed = offset + size(shape) * allocatePacked(type, 0).BYTES_PER_ELEMENT
    if (needed !== bytes.length)
      return refuseFile(
        name,
        `${type} ${show(shape)} takes ${needed} bytes with its header, the file has ${bytes.length}${needed > bytes.length ? '; is it cut off?' : ''}`,
        { offset: Math.min(needed, bytes.length) },
      )
    return E.right(unsafePacked([...shape], type, elementsAt(type, bytes, offset, size(shape), false)))
  }

/**
 * The bytes of a file. Fails with `TypeMismatch` on bool, which idx does not have.
 *
 * @category encoding
 * @since 0.1.0
 */
export const writeIdx = ({ shape, type, data }: Packed): E.Either<Failure, Uint8Array<ArrayBuffer>> => {
  const code = CODES.find(([, t]) => t === type)?.[0]
  if (code === undefined)
    return fail('TypeMismatch', `writeIdx: idx has no element type ${type}; pack the array as u8`, {
      operation: 'writeIdx',
    })
  const offset = 4 + 4 * shape.length
  const bytes = new Uint8Array(offset + data.byteLength)
  bytes.set([0, 0, code, shape.length])
  const view = viewOf(bytes)
  for (const [i, n] of shape.entries()) view.setUint32(4 + 4 * i, n)
  putElements(data, bytes, offset, false)
  return E.right(bytes)
}
