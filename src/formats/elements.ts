/**
 * The element types that files have, and what each is read as: itself, or the least type that holds its values exactly.
 * Integers of 32 unsigned bits and of 64 become i32, which refuses those beyond 2^31; halves become f32.
 *
 * @since 0.1.0
 */
import { elementsAt, viewOf } from './bytes.js'
import type { Arrays, PackedType } from './Packed.js'

/**
 * How elements in a file become elements in memory.
 *
 * @category model
 * @since 0.1.0
 */
export interface Source {
  /** bytes of an element in the file */
  readonly width: number
  /** what it is read as */
  readonly type: PackedType
  /** `length` elements from `offset` on, which are there; or the position of the first that does not fit the type */
  readonly read: (
    bytes: Uint8Array,
    offset: number,
    length: number,
    littleEndian: boolean,
  ) => Arrays[PackedType] | number
}

const TWO_32 = 2 ** 32

const same = (type: PackedType, width: number): Source => ({
  width,
  type,
  read: (bytes, offset, length, little) => elementsAt(type, bytes, offset, length, little),
})

const converted = (
  type: 'f32' | 'i32',
  width: number,
  element: (view: DataView, at: number, littleEndian: boolean) => number,
): Source => ({
  width,
  type,
  read: (bytes, offset, length, little) => {
    const view = viewOf(bytes)
    const out = type === 'f32' ? new Float32Array(length) : new Int32Array(length)
    for (let i = 0; i < length; i++) {
      const x = element(view, offset + i * width, little)
      out[i] = x
      if (type === 'i32' && out[i] !== x) return i
    }
    return out
  },
})

/** IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits. */
const half = (bits: number): number => {
  const sign = bits >> 15 === 0 ? 1 : -1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
}

/** bfloat16: the upper half of a float32. */
const brain = (bits: number): number => new Float32Array(Uint32Array.of(bits << 16).buffer)[0]

/** 64 bits of two words; rounded beyond 2^53, which is far from fitting. */
const wide =
  (signed: boolean) =>
  (view: DataView, at: number, little: boolean): number => {
    const high = at + (little ? 4 : 0)
    const low = view.getUint32(at + (little ? 0 : 4), little)
    return low + (signed ? view.getInt32(high, little) : view.getUint32(high, little)) * TWO_32
  }

const bool: Source = {
  width: 1,
  type: 'bool',
  read: (bytes, offset, length) => {
    const out = bytes.slice(offset, offset + length)
    const wrong = out.findIndex((b) => b > 1)
    return wrong < 0 ? out : wrong
  },
}

/**
 * @category table
 * @since 0.1.0
 */
export const sources: Readonly<Record<PackedType | 'f16' | 'bf16' | 'i64' | 'u64' | 'u32' | 'u16', Source>> = {
  f64: same('f64', 8),
  f32: same('f32', 4),
  i32: same('i32', 4),
  i16: same('i16', 2),
  i8: same('i8', 1),
  u8: same('u8', 1),
  bool,
  f16: converted('f32', 2, (view, at, little) => half(view.getUint16(at, little))),
  bf16: converted('f32', 2, (view, at, little) => brain(view.getUint16(at, little))),
  u16: converted('i32', 2, (view, at, little) => view.getUint16(at, little)),
  u32: converted('i32', 4, (view, at, little) => view.getUint32(at, little)),
  i64: converted('i32', 8, wide(true)),
  u64: converted('i32', 8, wide(false)),
}
