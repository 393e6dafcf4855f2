/**
 * npy, the format of NumPy's arrays (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), versions 1, 2
 * and 3: a magic word, the length of a header, the header as a Python dictionary of three keys, and the elements.
 *
 * Laws. `readNpy(writeNpy(p))` is `p` to the bit; the bytes written are those that NumPy 2 writes. Elements in Fortran's order
 * are brought into row-major order. The header is read by a grammar of its own: nothing in a file is ever run.
 *
 * | in the file | read as |
 * |---|---|
 * | f8, f4, i4, i2, i1, u1, b1 | f64, f32, i32, i16, i8, u8, bool |
 * | f2 | f32, exactly |
 * | u2 | i32, exactly |
 * | i8, u8, u4 | i32; a value beyond 2^31 is refused |
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'
import { check, type Shape, show, size } from '../Shape.js'
import { putElements, refuseFile, utf8At, utf8Of, viewOf } from './bytes.js'
import { type Source, sources } from './elements.js'
import { type Arrays, allocatePacked, type Packed, type PackedType, unsafePacked } from './Packed.js'

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
/** as NumPy does */
const HEADER = 10_000

const SOURCES: Readonly<Record<string, Source>> = {
  f8: sources.f64,
  f4: sources.f32,
  f2: sources.f16,
  i8: sources.i64,
  i4: sources.i32,
  i2: sources.i16,
  i1: sources.i8,
  u8: sources.u64,
  u4: sources.u32,
  u2: sources.u16,
  u1: sources.u8,
  b1: sources.bool,
}

const DESCRIPTIONS: Readonly<Record<PackedType, string>> = {
  f64: '<f8',
  f32: '<f4',
  i32: '<i4',
  i16: '<i2',
  i8: '|i1',
  u8: '|u1',
  bool: '|b1',
}

// ------------------------------------------------------------------------------------------------------- header

/** One entry of the dictionary: a string in quotes, a boolean, or a tuple of integers. */
const ENTRY = /\s*'(descr|fortran_order|shape)'\s*:\s*(?:'([^'\\]*)'|(True|False)|\(([\d\s,]*)\))\s*(,|(?=\}))/y

/** Integers with commas between them, and after a single one; null otherwise. */
const tupleOf = (text: string): Shape | null => {
  const parts = text.split(',').map((part) => part.trim())
  if (parts[parts.length - 1] === '') parts.pop()
  else if (parts.length === 1) return null
  return parts.every((part) => /^\d+$/.test(part)) ? parts.map(Number) : null
}

interface Described {
  readonly descr?: string
  readonly fortran_order?: boolean
  readonly shape?: Shape
}

/** The dictionary, or a sentence that says what is not one. */
const dictionary = (text: string): E.Either<string, Described> => {
  if (text[0] !== '{') return E.left('the header must begin with {')
  const found: { descr?: string; fortran_order?: boolean; shape?: Shape } = {}
  let at = 1
  for (;;) {
    ENTRY.lastIndex = at
    const entry = ENTRY.exec(text)
    if (entry === null) break
    const [all, key, string, truth, tuple] = entry
    const shape = tuple === undefined ? null : tupleOf(tuple)
    if (key in found) return E.left(`the header has '${key}' twice`)
    if (key === 'descr' && string !== undefined) found.descr = string
    else if (key === 'fortran_order' && truth !== undefined) found.fortran_order = truth === 'True'
    else if (key === 'shape' && shape !== null) found.shape = shape
    else return E.left(`the header has a '${key}' of another type`)
    at += all.length
  }
  return /^\s*\}\s*$/.test(text.slice(at))
    ? E.right(found)
    : E.left(`the header cannot be read from its character ${at} on: ${JSON.stringify(text.slice(at, at + 40))}`)
}

interface Header {
  readonly source: Source
  readonly little: boolean
  readonly fortran: boolean
  readonly shape: Shape
  readonly offset: number
}

const headerOf = (name: string, bytes: Uint8Array): E.Either<Failure, Header> => {
  const refuse = (sentence: string, offset: number) => refuseFile(name, sentence, { offset })
  if (bytes.length < 10 || MAGIC.some((b, i) => bytes[i] !== b))
    return refuse('a npy file begins with \\x93NUMPY, a version and the length of its header; this one does not', 0)
  const version = bytes[6]
  if (version < 1 || version > 3 || bytes[7] !== 0)
    return refuse(`version ${version}.${bytes[7]} is unknown; 1.0, 2.0 and 3.0 are read`, 6)
  const start = version === 1 ? 10 : 12
  if (bytes.length < start) return refuse('the file ends in the length of its header', 8)
  const view = viewOf(bytes)
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  if (length > HEADER)
    return refuseFile(
      name,
      `the header says that it has ${length} bytes; at most ${HEADER} are allowed`,
      { offset: 8 },
      'TooLarge',
    )
  const offset = start + length
  if (offset > bytes.length)
    return refuse(
      `the header says that it has ${length} bytes, but ${bytes.length - start} follow; is the file cut off?`,
      8,
    )
  const text = utf8At(bytes, start, offset)
  if (E.isLeft(text)) return refuse(`the header is not UTF-8 at byte ${text.left}`, text.left)
  const described = dictionary(text.right)
  if (E.isLeft(described)) return refuse(described.left, start)
  const { descr, fortran_order: fortran, shape } = described.right
  if (descr === undefined || fortran === undefined || shape === undefined)
    return refuse("the header needs 'descr', 'fortran_order' and 'shape'", start)
  const kind = descr.slice(1)
  if (!/^[<>|]/.test(descr) || !Object.hasOwn(SOURCES, kind) || (descr[0] === '|' && SOURCES[kind].width > 1))
    return refuse(
      `the element type '${descr}' is not read; known are ${Object.keys(SOURCES).join(', ')}, with < or > before those of several bytes`,
      start,
    )
  const valid = check(shape, name)
  return E.isLeft(valid)
    ? E.left({ ...valid.left, file: name, offset: start })
    : E.right({ source: SOURCES[kind], little: descr[0] !== '>', fortran, shape, offset })
}

// ------------------------------------------------------------------------------------------------------ reading

/** Elements with the first dimension fastest, in row-major order. */
const rowMajor = <T extends PackedType>(type: T, data: Arrays[T], shape: Shape): Arrays[T] => {
  const out = allocatePacked(type, data.length)
  const at = shape.map(() => 0)
  const steps = shape.map((_, d) => size(shape.slice(0, d)))
  let from = 0
  for (let i = 0; i < out.length; i++) {
    out[i] = data[from]
    for (let d = shape.length - 1; d >= 0; d--) {
      from += steps[d]
      if (++at[d] < shape[d]) break
      from -= shape[d] * steps[d]
      at[d] = 0
    }
  }
  return out
}

/**
 * Accepts the bytes of a file; `name` is for the sentences. Fails with `MalformedFile` on what is not a npy file, cut off or
 * too long or of other element types, and with `TooLarge` or `InvalidShape` on a shape that no tensor has.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import * as E from 'fp-ts/lib/Either.js'
 * import { tensor } from 'wengert'
 * import { pack, readNpy, unpack, writeNpy } from 'wengert/formats'
 *
 * const x = tensor([[1, 2, 3], [4, 5, 6]])
 * const bytes = E.map(writeNpy)(pack('f32')(x))
 * assert.deepStrictEqual(E.map(unpack)(E.chain(readNpy('x.npy'))(bytes)), E.right(x))
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const readNpy =
  (name: string) =>
  (bytes: Uint8Array): E.Either<Failure, Packed> => {
    const header = headerOf(name, bytes)
    if (E.isLeft(header)) return header
    const { source, little, fortran, shape, offset } = header.right
    const needed = offset + size(shape) * source.width
    if (needed !== bytes.length)
      return refuseFile(
        name,
        `an array ${show(shape)} of ${source.width} bytes each takes ${needed} bytes with its header, the file has ${bytes.length}${needed > bytes.length ? '; is it cut off?' : ''}`,
        { offset: Math.min(needed, bytes.length) },
      )
    const data = source.read(bytes, offset, size(shape), little)
    if (typeof data === 'number')
      return refuseFile(name, `element ${data}, in the order of the file, does not fit ${source.type}`, {
        offset: offset + data * source.width,
      })
    const ordered = fortran && shape.length > 1 ? rowMajor(source.type, data, shape) : data
    return E.right(unsafePacked([...shape], source.type, ordered))
  }

// ------------------------------------------------------------------------------------------------------ writing

/** NumPy leaves room for the first dimension to grow to this many digits. */
const GROWTH = 21
/** and begins the elements at a multiple of this. */
const ALIGN = 64

/**
 * The bytes of a file, version 1.0, row-major, little-endian.
 *
 * @category encoding
 * @since 0.1.0
 */
export const writeNpy = ({ shape, type, data }: Packed): Uint8Array<ArrayBuffer> => {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const room = shape.length === 0 ? 0 : Math.max(0, GROWTH - String(shape[0]).length)
  const text = `{'descr': '${DESCRIPTIONS[type]}', 'fortran_order': False, 'shape': ${tuple}, }${' '.repeat(room)}`
  const offset = Math.ceil((10 + text.length + 1) / ALIGN) * ALIGN
  const bytes = new Uint8Array(offset + data.byteLength).fill(0x20, 10, offset)
  bytes.set([...MAGIC, 1, 0])
  viewOf(bytes).setUint16(8, offset - 10, true)
  bytes.set(utf8Of(text), 10)
  bytes[offset - 1] = 0x0a
  putElements(data, bytes, offset, true)
  return bytes
}
