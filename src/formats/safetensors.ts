/**
 * safetensors, the format in which models are passed around (https://github.com/huggingface/safetensors): the length of a
 * header as eight bytes, the header as JSON that names every tensor's type, shape and bytes, and those bytes.
 *
 * Laws. `readSafetensors(write(x))` is `x` to the bit, for every NaN too. Equal content is equal bytes, whatever the order
 * of the record: tensors are written in the order of the reference implementation, by type with the widest first and then by
 * name, so that each lies at a multiple of its width. What is read is checked as strictly as the reference does: the bytes
 * of the tensors follow each other without gap or overlap to the end of the file, and no name occurs twice.
 *
 * | in the file | read as |
 * |---|---|
 * | F64, F32, I32, I16, I8, U8, BOOL | f64, f32, i32, i16, i8, u8, bool |
 * | F16, BF16 | f32, exactly |
 * | U16 | i32, exactly |
 * | I64, U64, U32 | i32; a value beyond 2^31 is refused |
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Failure } from '../Failure.js'
import { check, type Shape, show, size } from '../Shape.js'
import type { AnyTensor } from '../Tensor.js'
import { putElements, refuseFile, utf8At, utf8Of, viewOf } from './bytes.js'
import { type Source, sources } from './elements.js'
import { repeatedKey } from './json.js'
import { type Packed, type PackedType, packedOf, unsafePacked } from './Packed.js'

/**
 * What a file holds.
 *
 * @category model
 * @since 0.1.0
 */
export interface Safetensors {
  readonly tensors: Readonly<Record<string, Packed>>
  /** words about the file, `__metadata__` in its header */
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * What can be written: a tensor's reals go as F64, its integers as I32.
 *
 * @category model
 * @since 0.1.0
 */
export interface SafetensorsInput {
  readonly tensors: Readonly<Record<string, Packed | AnyTensor>>
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

/**
 * @category model
 * @since 0.1.0
 */
export interface SafetensorsOptions {
  /** the most bytes of a header, 16 MiB unless told otherwise: enough for 100 000 tensors */
  readonly header?: number | undefined
}

const HEADER = 2 ** 24
const METADATA = '__metadata__'
const TWO_32 = 2 ** 32
/** `{` */
const OPEN = 0x7b

const SOURCES: Readonly<Record<string, Source>> = {
  F64: sources.f64,
  F32: sources.f32,
  F16: sources.f16,
  BF16: sources.bf16,
  I64: sources.i64,
  U64: sources.u64,
  I32: sources.i32,
  U32: sources.u32,
  I16: sources.i16,
  U16: sources.u16,
  I8: sources.i8,
  U8: sources.u8,
  BOOL: sources.bool,
}

/** The types that are written, in the order in which their tensors are. */
const NAMES: Readonly<Record<PackedType, string>> = {
  f64: 'F64',
  f32: 'F32',
  i32: 'I32',
  i16: 'I16',
  i8: 'I8',
  u8: 'U8',
  bool: 'BOOL',
}
const ORDER = Object.keys(NAMES)

// ------------------------------------------------------------------------------------------------------ reading

const Entry = t.strict({
  dtype: t.string,
  shape: t.readonlyArray(t.number),
  data_offsets: t.tuple([t.number, t.number]),
})

const Header = t.record(t.string, t.unknown)
const Metadata = t.record(t.string, t.string)

interface Placed {
  readonly key: string
  readonly shape: Shape
  readonly source: Source
  readonly begin: number
  readonly end: number
}

/** One tensor of the header, whose type, shape and number of bytes fit each other. */
const placed = (name: string, key: string, u: unknown): E.Either<Failure, Placed> => {
  const refuse = (sentence: string, tag?: 'TooLarge') =>
    refuseFile(name, `tensor ${JSON.stringify(key)} ${sentence}`, { path: key }, tag)
  const entry = Entry.decode(u)
  if (E.isLeft(entry))
    return refuse('needs a dtype (a string), a shape (numbers) and data_offsets (two numbers) in the header')
  const { dtype, shape, data_offsets } = entry.right
  if (!Object.hasOwn(SOURCES, dtype))
    return refuse(`has the type ${JSON.stringify(dtype)}; known are ${Object.keys(SOURCES).join(', ')}`)
  const source = SOURCES[dtype]
  const valid = check(shape, `${name}: tensor ${JSON.stringify(key)}`)
  if (E.isLeft(valid)) return E.left({ ...valid.left, file: name, path: key })
  const [begin, end] = data_offsets
  const needed = size(shape) * source.width
  if (!Number.isSafeInteger(begin) || begin < 0 || end - begin !== needed)
    return refuse(`of ${dtype} ${show(shape)} needs ${needed} bytes; its data_offsets are ${begin} and ${end}`)
  return E.right({ key, shape, source, begin, end })
}

/** The header as JSON, and where the tensors' bytes begin. */
const headerOf = (
  name: string,
  bytes: Uint8Array,
  most: number,
): E.Either<Failure, readonly [Readonly<Record<string, unknown>>, number]> => {
  if (bytes.length < 8)
    return refuseFile(name, `a safetensors file has at least 8 bytes, this one has ${bytes.length}`, { offset: 0 })
  const view = viewOf(bytes)
  const length = view.getUint32(0, true) + view.getUint32(4, true) * TWO_32
  if (length > most)
    return refuseFile(
      name,
      `the header says that it has ${length} bytes; at most ${most} are allowed`,
      { offset: 0 },
      'TooLarge',
    )
  const start = 8 + length
  if (start > bytes.length)
    return refuseFile(
      name,
      `the header says that it has ${length} bytes, but ${bytes.length - 8} follow; is the file cut off?`,
      {
        offset: 8,
      },
    )
  if (bytes[8] !== OPEN) return refuseFile(name, 'the header must begin with {', { offset: 8 })
  const text = utf8At(bytes, 8, start)
  if (E.isLeft(text)) return refuseFile(name, `the header is not UTF-8 at byte ${text.left}`, { offset: text.left })
  let json: unknown
  try {
    json = JSON.parse(text.right)
  } catch (e) {
    return refuseFile(name, `the header is not JSON: ${e instanceof Error ? e.message : String(e)}`, { offset: 8 })
  }
  const twice = repeatedKey(text.right)
  if (twice !== null)
    return refuseFile(name, `the header names ${JSON.stringify(twice)} twice`, { offset: 8, path: twice })
  const header = Header.decode(json)
  return E.isLeft(header)
    ? refuseFile(name, 'the header must be a JSON object', { offset: 8 })
    : E.right([header.right, start])
}

/**
 * Accepts the bytes of a file; `name` is for the sentences. Fails with `MalformedFile` on what is not a safetensors file and
 * with `TooLarge` on a header or a tensor beyond the limits; a failure names the tensor (`path`) or the byte (`offset`).
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import * as E from 'fp-ts/lib/Either.js'
 * import { tensor } from 'wengert'
 * import { readSafetensors, unpack, writeSafetensors } from 'wengert/formats'
 *
 * const w = tensor([[1, 2.5], [-0, Infinity]])
 * const bytes = writeSafetensors('net.safetensors')({ tensors: { 'layer.w': w }, metadata: { step: '7' } })
 * const read = E.chain(readSafetensors('net.safetensors'))(bytes)
 * assert(E.isRight(read) && read.right.metadata.step === '7')
 * assert.deepStrictEqual(unpack(read.right.tensors['layer.w']), w)
 *
 * const refused = readSafetensors('cut.safetensors')(new Uint8Array(3))
 * assert(E.isLeft(refused))
 * assert.strictEqual(refused.left.message, 'cut.safetensors: a safetensors file has at least 8 bytes, this one has 3')
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const readSafetensors =
  (name: string, options: SafetensorsOptions = {}) =>
  (bytes: Uint8Array): E.Either<Failure, Safetensors> => {
    const opened = headerOf(name, bytes, options.header ?? HEADER)
    if (E.isLeft(opened)) return opened
    const [{ [METADATA]: words = {}, ...header }, start] = opened.right
    const metadata = Metadata.decode(words)
    if (E.isLeft(metadata))
      return refuseFile(name, `${METADATA} in the header must be an object of strings`, { path: METADATA })
    const list: Array<Placed> = []
    for (const key of Object.keys(header)) {
      const one = placed(name, key, header[key])
      if (E.isLeft(one)) return one
      list.push(one.right)
    }
    list.sort((a, b) => a.begin - b.begin || a.end - b.end)
    let at = 0
    for (const { key, begin, end } of list) {
      if (begin !== at || start + end > bytes.length)
        return refuseFile(
          name,
          begin !== at
            ? `tensor ${JSON.stringify(key)} begins at byte ${begin} of the data where ${at} is expected: bytes overlap or are left out`
            : `tensor ${JSON.stringify(key)} ends at byte ${end} of the data, which have ${bytes.length - start}; is the file cut off?`,
          { path: key, offset: start + begin },
        )
      at = end
    }
    if (start + at !== bytes.length)
      return refuseFile(name, `${bytes.length - start - at} bytes after the last tensor belong to none`, {
        offset: start + at,
      })
    const tensors: Array<readonly [string, Packed]> = []
    for (const { key, shape, source, begin } of list) {
      const data = source.read(bytes, start + begin, size(shape), true)
      if (typeof data === 'number')
        return refuseFile(name, `element ${data} of tensor ${JSON.stringify(key)} does not fit ${source.type}`, {
          path: key,
          offset: start + begin + data * source.width,
        })
      tensors.push([
        key,
        unsafePacked(
          shape.map((d) => d + 0),
          source.type,
          data,
        ),
      ])
    }
    return E.right({ tensors: Object.fromEntries(tensors), metadata: metadata.right })
  }

// ------------------------------------------------------------------------------------------------------ writing

/** JSON of a record, its keys in one order. */
const sortedJson = (record: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))))

/**
 * The bytes of a file. Fails with `InvalidArgument` on a tensor named `__metadata__` and on words that are not Unicode.
 *
 * @category encoding
 * @since 0.1.0
 */
export const writeSafetensors =
  (name: string) =>
  ({ tensors, metadata = {} }: SafetensorsInput): E.Either<Failure, Uint8Array<ArrayBuffer>> => {
    const list = Object.entries(tensors).map(([key, one]) => ({ key, packed: packedOf(one) }))
    const lone = [...Object.keys(tensors), ...Object.entries(metadata).flat()].find((word) =>
      /\p{Surrogate}/u.test(word),
    )
    if (lone !== undefined)
      return refuseFile(
        name,
        `${JSON.stringify(lone)} has a lone surrogate, which UTF-8 cannot write`,
        {},
        'InvalidArgument',
      )
    if (Object.hasOwn(tensors, METADATA))
      return refuseFile(name, `no tensor can have the name ${METADATA}`, { path: METADATA }, 'InvalidArgument')
    const place = ({ packed }: { readonly packed: Packed }): number => ORDER.indexOf(packed.type)
    list.sort((a, b) => place(a) - place(b) || (a.key < b.key ? -1 : 1))
    let at = 0
    const entries = list.map(({ key, packed: { type, shape, data } }) => {
      const begin = at
      at += data.byteLength
      return `${JSON.stringify(key)}:${JSON.stringify({ dtype: NAMES[type], shape, data_offsets: [begin, at] })}`
    })
    const words = Object.keys(metadata).length === 0 ? [] : [`${JSON.stringify(METADATA)}:${sortedJson(metadata)}`]
    const header = utf8Of(`{${[...words, ...entries].join(',')}}`)
    const start = 8 + Math.ceil(header.length / 8) * 8
    const bytes = new Uint8Array(start + at).fill(0x20, 8, start)
    viewOf(bytes).setUint32(0, start - 8, true)
    bytes.set(header, 8)
    let offset = start
    for (const { packed } of list) {
      putElements(packed.data, bytes, offset, true)
      offset += packed.data.byteLength
    }
    return E.right(bytes)
  }
