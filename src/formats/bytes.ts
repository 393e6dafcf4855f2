/**
 * Bytes to numbers and back, in either byte order; UTF-8 to text and back. Whatever the machine, a file means the same.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Details, type Failure, type FailureTag, fail } from '../Failure.js'
import { type Arrays, allocatePacked, type PackedType } from './Packed.js'

/**
 * A refusal of a file: `name: sentence`. The details should say where.
 *
 * @category constructors
 * @since 0.1.0
 */
export const refuseFile = (
  name: string,
  sentence: string,
  details: Details = {},
  tag: FailureTag = 'MalformedFile',
): E.Either<Failure, never> => fail(tag, `${name}: ${sentence}`, { file: name, ...details })

const littleMachine = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** Reverses every group of `width` bytes in place. */
const swap = (bytes: Uint8Array, width: number): void => {
  for (let at = 0; at < bytes.length; at += width)
    for (let i = at, j = at + width - 1; i < j; i++, j--) {
      const byte = bytes[i]
      bytes[i] = bytes[j]
      bytes[j] = byte
    }
}

/**
 * `length` elements from the byte `offset` on, copied to the bit; the bytes are there.
 *
 * @category decoding
 * @since 0.1.0
 */
export const elementsAt = <T extends PackedType>(
  type: T,
  bytes: Uint8Array,
  offset: number,
  length: number,
  littleEndian: boolean,
): Arrays[T] => {
  const out = allocatePacked(type, length)
  const raw = new Uint8Array(out.buffer)
  raw.set(bytes.subarray(offset, offset + raw.length))
  if (littleEndian !== littleMachine) swap(raw, out.BYTES_PER_ELEMENT)
  return out
}

/**
 * Puts elements at the byte `offset`, to the bit; there is room.
 *
 * @category encoding
 * @since 0.1.0
 */
export const putElements = (
  data: Arrays[PackedType],
  into: Uint8Array,
  offset: number,
  littleEndian: boolean,
): void => {
  const raw = into.subarray(offset, offset + data.byteLength)
  raw.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  if (littleEndian !== littleMachine) swap(raw, data.BYTES_PER_ELEMENT)
}

/**
 * Bytes as a `DataView` on the same memory.
 *
 * @category decoding
 * @since 0.1.0
 */
export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** How many characters `String.fromCharCode` takes at once: safely below the arguments that engines allow. */
const PIECE = 8192

/**
 * UTF-8 text between two bytes, or the position of the first byte that is not UTF-8 (overlong forms, surrogates and
 * code points beyond U+10FFFF included; RFC 3629).
 *
 * @category decoding
 * @since 0.1.0
 */
export const utf8At = (bytes: Uint8Array, from: number, to: number): E.Either<number, string> => {
  let text = ''
  let piece: Array<number> = []
  for (let i = from; i < to; ) {
    const first = bytes[i]
    const more = first < 0x80 ? 0 : first >= 0xc2 && first < 0xe0 ? 1 : first >> 4 === 0xe ? 2 : 3
    if (more === 3 && (first < 0xf0 || first > 0xf4)) return E.left(i)
    if (i + more >= to) return E.left(i)
    let point = more === 0 ? first : first & (0x3f >> more)
    for (let j = i + 1; j <= i + more; j++) {
      if (bytes[j] >> 6 !== 2) return E.left(i)
      point = (point << 6) | (bytes[j] & 0x3f)
    }
    const overlong = (more === 2 && point < 0x800) || (more === 3 && point < 0x10000)
    if (overlong || (point >= 0xd800 && point < 0xe000) || point > 0x10ffff) return E.left(i)
    if (point < 0x10000) piece.push(point)
    else piece.push(0xd7c0 + (point >> 10), 0xdc00 + (point & 0x3ff))
    if (piece.length >= PIECE) {
      text += String.fromCharCode(...piece)
      piece = []
    }
    i += more + 1
  }
  return E.right(text + String.fromCharCode(...piece))
}

/**
 * Text as UTF-8; a lone surrogate, which UTF-8 does not have, becomes U+FFFD.
 *
 * @category encoding
 * @since 0.1.0
 */
export const utf8Of = (text: string): Uint8Array<ArrayBuffer> => {
  const out: Array<number> = []
  for (const character of text) {
    const code = character.codePointAt(0) as number
    const point = code >= 0xd800 && code < 0xe000 ? 0xfffd : code
    if (point < 0x80) out.push(point)
    else if (point < 0x800) out.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f))
    else if (point < 0x10000) out.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f))
    else
      out.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 0x3f), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f))
  }
  return Uint8Array.from(out)
}
