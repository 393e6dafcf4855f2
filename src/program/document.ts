/**
 * The document that a program is written as (see `ProgramCodec.ts` and docs/tape-format.md): its parts as io-ts codecs, and
 * refusals that name the place inside the document, such as `instructions[3].with.axes[0]`.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { type Failure, type FailureTag, fail } from '../Failure.js'
import { index, indices } from '../primitive/rows.js'
import type { DType, Shape } from '../Shape.js'
import type { Tree } from '../Tree.js'
import { DTypeCodec } from '../tensor/codec.js'

/**
 * The name of the format, which every document begins with.
 *
 * @category model
 * @since 0.1.0
 */
export const FORMAT = 'wengert-tape'

/**
 * The version of the format that is written here, and the only one that is read.
 *
 * @category model
 * @since 0.1.0
 */
export const VERSION = 1

/**
 * One instruction. What is absent is empty; `shape` and `dtype` are computed by the shape rules, and only compared where
 * they are given.
 *
 * @category model
 * @since 0.1.0
 */
export interface TapeLine {
  readonly op: string
  /** positions of the operands, all before this one */
  readonly in?: ReadonlyArray<number>
  /** the attributes of the primitive */
  readonly with?: Readonly<Record<string, unknown>>
  readonly shape?: Shape
  readonly dtype?: DType
}

/**
 * A program as plain JSON.
 *
 * @category model
 * @since 0.1.0
 */
export interface TapeDocument {
  readonly format: typeof FORMAT
  readonly version: typeof VERSION
  readonly instructions: ReadonlyArray<TapeLine>
  /** positions of `input` instructions, in the structure of the argument */
  readonly inputs: Tree<number>
  /** positions, in the structure of the result */
  readonly outputs: Tree<number>
}

/**
 * A place inside a document: its path, and the position on the outermost tape.
 *
 * @category places
 * @since 0.1.0
 */
export interface Place {
  readonly path: string
  readonly position?: number
}

const IDENTIFIER = /^[A-Za-z_]\w*$/
const NUMERIC = /^\d+$/
const LONGEST_KEY = 40

/**
 * The path of a part: `instructions[3]`, `with.axes`, `with["a key"]`.
 *
 * @category places
 * @since 0.1.0
 */
export const inside = ({ path, ...rest }: Place, key: string | number): Place => {
  const name = String(key).slice(0, LONGEST_KEY)
  const step = NUMERIC.test(name) ? `[${name}]` : IDENTIFIER.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
  return { path: path === '' && step.startsWith('.') ? step.slice(1) : path + step, ...rest }
}

/**
 * Refuses a place in a document. The sentence goes on after the path: `must be ...`.
 *
 * @category places
 * @since 0.1.0
 */
export const refuse = (place: Place, sentence: string, tag: FailureTag = 'MalformedTape'): E.Either<Failure, never> =>
  fail(tag, `decode: ${place.path === '' ? 'the document' : place.path} ${sentence}`, { operation: 'decode', ...place })

/**
 * A failure of something inside a document, with the place before its sentence.
 *
 * @category places
 * @since 0.1.0
 */
export const placed = (place: Place, failed: Failure): Failure => ({
  ...failed,
  ...place,
  message: `decode: ${place.path}: ${failed.message}`,
})

/**
 * A value in a few words, however large or deep it is.
 *
 * @category places
 * @since 0.1.0
 */
export const said = (u: unknown): string =>
  typeof u === 'number'
    ? Object.is(u, -0)
      ? '-0'
      : String(u)
    : typeof u === 'string'
      ? JSON.stringify(u.length > LONGEST_KEY ? `${u.slice(0, LONGEST_KEY)}...` : u)
      : Array.isArray(u)
        ? `an array of ${u.length}`
        : u === null || u === undefined || typeof u === 'boolean'
          ? String(u)
          : typeof u === 'object'
            ? 'a record'
            : `a ${typeof u}`

// --------------------------------------------------------------------------------------------------- plain data

/** Attributes are flat: a tensor of 16 dimensions as nested arrays is the deepest of them. */
const DEEPEST = 20

const isRecord = (u: unknown): u is Readonly<Record<string, unknown>> =>
  typeof u === 'object' && u !== null && !Array.isArray(u)

const isAtom = (u: unknown): boolean =>
  u === null || typeof u === 'number' || typeof u === 'string' || typeof u === 'boolean'

/**
 * A copy of JSON data: nothing that a document's owner holds is kept or frozen. Refuses what JSON cannot hold and what is
 * nested deeper than any attribute. The sign of a zero counts below `value`, the one attribute that holds reals; elsewhere
 * are indices, which have no -0.
 *
 * @category decoding
 * @since 0.1.0
 */
export const plain = (u: unknown, place: Place, depth = 0, real = false): E.Either<Failure, unknown> => {
  if (isAtom(u)) return E.right(u === 0 && !real ? 0 : u)
  if (depth > DEEPEST) return refuse(place, `is nested deeper than ${DEEPEST} levels`, 'TooLarge')
  if (Array.isArray(u)) {
    const out: Array<unknown> = []
    for (let i = 0; i < u.length; i++) {
      const item: unknown = u[i]
      if (isAtom(item)) {
        out.push(item === 0 && !real ? 0 : item)
        continue
      }
      const copy = plain(item, inside(place, i), depth + 1, real)
      if (E.isLeft(copy)) return copy
      out.push(copy.right)
    }
    return E.right(out)
  }
  if (!isRecord(u)) return refuse(place, `is ${said(u)}, which is no JSON`)
  const entries: Array<readonly [string, unknown]> = []
  for (const key of Object.keys(u)) {
    if (u[key] === undefined) continue
    const copy = plain(u[key], inside(place, key), depth + 1, real || key === 'value')
    if (E.isLeft(copy)) return copy
    entries.push([key, copy.right])
  }
  return E.right(Object.fromEntries(entries))
}

// ---------------------------------------------------------------------------------------------------- reporting

const names: Readonly<Record<string, string>> = {
  string: 'a string',
  boolean: 'true or false',
  PerAxis: 'a list',
  UnknownArray: 'a list',
  UnknownRecord: 'a record',
}

/** Without what changes nothing about the input. */
const core = (type: t.Decoder<unknown, unknown>): t.Decoder<unknown, unknown> =>
  type instanceof t.ReadonlyType || type instanceof t.ExactType ? core(type.type) : type

const described = (type: t.Decoder<unknown, unknown>): string =>
  type instanceof t.TupleType
    ? `a list of ${type.types.length}`
    : type instanceof t.UnionType || type instanceof t.KeyofType
      ? `one of ${type.name.replace(/^\(|\)$/g, '').replaceAll(' | ', ', ')}`
      : (names[type.name] ?? type.name)

/** Turns what a codec says into a failure. Only its first error counts: the others are often its consequences. */
const report = (errors: t.Errors, root: Place): E.Either<Failure, never> => {
  const [{ context, message, value }] = errors
  let place = root
  let last = 0
  for (; last + 1 < context.length; last++) {
    const type = core(context[last].type)
    // the alternatives of a union, and the parts of an intersection, are no steps into the document
    if (type instanceof t.UnionType) break
    if (!(type instanceof t.IntersectionType)) place = inside(place, context[last + 1].key)
  }
  const type = core(context[last].type)
  if (value === undefined) return refuse(place, 'is missing')
  const sentence = message ?? `must be ${described(type)}`
  return refuse(place, sentence.startsWith('must') ? `${sentence}, not ${said(value)}` : `is refused: ${sentence}`)
}

/**
 * Decodes a part of a document.
 *
 * @category decoding
 * @since 0.1.0
 */
export const read = <A>(codec: t.Decoder<unknown, A>, u: unknown, place: Place): E.Either<Failure, A> => {
  const result = codec.decode(u)
  return E.isLeft(result) ? report(result.left, place) : result
}

/**
 * Decodes a record, and refuses keys that it does not have: a misspelt one would otherwise be ignored. `comment` is free.
 *
 * @category decoding
 * @since 0.1.0
 */
export const readRecord = <A extends object>(
  codec: t.Decoder<unknown, A>,
  keys: ReadonlyArray<string>,
  u: unknown,
  place: Place,
): E.Either<Failure, A> => {
  if (!isRecord(u)) return refuse(place, `must be a record, not ${said(u)}`)
  const unknown = Object.keys(u).find((key) => key !== 'comment' && !keys.includes(key) && u[key] !== undefined)
  return unknown === undefined
    ? read(codec, u, place)
    : refuse(inside(place, unknown), `is not known; there are only ${keys.join(', ')}`)
}

/**
 * Refuses what a codec has dropped silently: further keys of a record, further items of a list.
 *
 * @category decoding
 * @since 0.1.0
 */
export const complete = (given: unknown, decoded: unknown, place: Place): E.Either<Failure, unknown> => {
  if (Array.isArray(given) && Array.isArray(decoded)) {
    if (given.length > decoded.length) return refuse(inside(place, decoded.length), 'is one too many')
    for (let i = 0; i < given.length; i++) {
      const part = complete(given[i], decoded[i], inside(place, i))
      if (E.isLeft(part)) return part
    }
  } else if (isRecord(given) && isRecord(decoded))
    for (const key of Object.keys(given)) {
      if (!Object.hasOwn(decoded, key)) return refuse(inside(place, key), 'is not known')
      const part = complete(given[key], decoded[key], inside(place, key))
      if (E.isLeft(part)) return part
    }
  return E.right(decoded)
}

// ------------------------------------------------------------------------------------------------------- codecs

const optional = <A>(codec: t.Type<A, unknown>): t.Type<A | undefined, unknown> =>
  new t.Type<A | undefined, unknown>(
    codec.name,
    (u): u is A | undefined => u === undefined || codec.is(u),
    (u, c) => (u === undefined ? t.success(undefined) : codec.validate(u, c)),
    (a) => (a === undefined ? undefined : codec.encode(a)),
  )

const list: t.Type<ReadonlyArray<unknown>, unknown> = new t.Type<ReadonlyArray<unknown>, unknown>(
  'UnknownArray',
  Array.isArray,
  // not t.UnknownArray, whose context grows with every element
  (u, c) => (Array.isArray(u) ? t.success(u) : t.failure(u, c)),
  (us) => us,
)

const documentProps = {
  format: t.literal(FORMAT),
  version: t.literal(VERSION),
  instructions: list,
  inputs: t.unknown,
  outputs: t.unknown,
}

const lineProps = {
  op: t.string,
  in: optional(list),
  with: optional(t.UnknownRecord),
  shape: optional(indices),
  dtype: optional(DTypeCodec),
}

const Document = t.type(documentProps)
const Line = t.type(lineProps)

/**
 * Decodes the frame of a document.
 *
 * @category decoding
 * @since 0.1.0
 */
export const readDocument = (u: unknown, place: Place): E.Either<Failure, t.TypeOf<typeof Document>> =>
  readRecord(Document, Object.keys(documentProps), u, place)

/**
 * Decodes the frame of an instruction.
 *
 * @category decoding
 * @since 0.1.0
 */
export const readLine = (u: unknown, place: Place): E.Either<Failure, t.TypeOf<typeof Line>> =>
  readRecord(Line, Object.keys(lineProps), u, place)

/**
 * Decodes a position below a bound.
 *
 * @category decoding
 * @since 0.1.0
 */
export const readPosition = (u: unknown, bound: number, place: Place): E.Either<Failure, number> => {
  const position = read(index, u, place)
  if (E.isLeft(position) || position.right < bound) return position
  return refuse(place, `is ${position.right}, but there are only the positions below ${bound} to refer to`)
}
