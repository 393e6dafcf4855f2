/**
 * Files larger than memory, row by row. A stream is an `AsyncIterable` of `Either`s: rows, and after the first failure nothing
 * more. What is held at once is a piece of the file (64 KiB) with the rows in it, and whatever a buffer was told to hold;
 * a consumer that stops closes the file. A file whose name ends with `.gz` is decompressed on the way.
 *
 * Failures are those of `file.ts`.
 *
 * @since 0.1.0
 */
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import * as E from 'fp-ts/lib/Either.js'
import type { Decoder } from 'io-ts'
import { type Failure, type FailureTag, failure } from '../Failure.js'
import { elementsAt } from '../formats/bytes.js'
import {
  allocatePacked,
  type CsvOptions,
  csvStart,
  csvStep,
  IDX_HEADER,
  type Packed,
  readIdxHeader,
  unsafePacked,
} from '../formats/index.js'
import { bits, fold, type Key } from '../Random.js'
import { size } from '../Shape.js'
import { unreadable } from './file.js'
import { permutation } from './prepare.js'

/**
 * @category model
 * @since 0.1.0
 */
export type Stream<A> = AsyncIterable<E.Either<Failure, A>>

const refuse = (path: string, sentence: string, tag: FailureTag = 'MalformedFile'): E.Either<Failure, never> =>
  E.left(failure(tag, `${path}: ${sentence}`, { file: path }))

/** A piece of a file; the last one is empty. */
interface Piece {
  readonly bytes: Uint8Array
  readonly last: boolean
}

async function* pieces(path: string): AsyncGenerator<E.Either<Failure, Piece>> {
  const file = createReadStream(path)
  // the loop below hears of failures; the callback is there because pipeline asks for one
  const all = path.endsWith('.gz') ? pipeline(file, createGunzip(), () => undefined) : file
  try {
    for await (const bytes of all) yield E.right({ bytes, last: false })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    yield code?.startsWith('Z_')
      ? refuse(path, `the gzip data are damaged: ${message}`)
      : E.left(unreadable(path, error))
    return
  }
  yield E.right({ bytes: new Uint8Array(0), last: true })
}

const joined = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  const out = new Uint8Array(a.length + b.length)
  out.set(a)
  out.set(b, a.length)
  return out
}

/** A row is one array in memory; more bytes than these are no row of a table. */
const ROW = 2 ** 24

/**
 * The rows of an idx file: an array `[n, ...]` as `n` arrays `[...]`, of at most 16 MiB each.
 *
 * @category reading
 * @since 0.1.0
 */
export async function* streamIdx(path: string): AsyncGenerator<E.Either<Failure, Packed>> {
  let held: Uint8Array = new Uint8Array(0)
  let row: { readonly type: Packed['type']; readonly shape: ReadonlyArray<number>; readonly bytes: number } | null =
    null
  let left = 0
  for await (const piece of pieces(path)) {
    if (E.isLeft(piece)) return yield piece
    const { bytes, last } = piece.right
    held = joined(held, bytes)
    if (row === null) {
      if (held.length < IDX_HEADER && !last) continue
      const header = readIdxHeader(path)(held)
      if (E.isLeft(header)) return yield header
      const { type, shape, offset } = header.right
      if (shape.length === 0) return yield refuse(path, 'a scalar has no rows')
      const width = size(shape.slice(1)) * allocatePacked(type, 0).BYTES_PER_ELEMENT
      if (width > ROW) return yield refuse(path, `a row has ${width} bytes; at most ${ROW} are allowed`, 'TooLarge')
      row = { type, shape: shape.slice(1), bytes: width }
      left = shape[0]
      held = held.subarray(offset)
    }
    let at = 0
    for (; left > 0 && at + row.bytes <= held.length; left--, at += row.bytes)
      yield E.right(unsafePacked([...row.shape], row.type, elementsAt(row.type, held, at, size(row.shape), false)))
    held = held.subarray(at)
    if (left === 0 && held.length > 0) return yield refuse(path, 'there are bytes after the last row')
    if (last && left > 0) return yield refuse(path, `the file ends ${left} rows early; is it cut off?`)
  }
}

/**
 * The rows of a table, each accepted by a codec. Fails as `readCsvFile` does.
 *
 * @category reading
 * @since 0.1.0
 */
export async function* streamCsv<A>(
  path: string,
  row: Decoder<unknown, A>,
  options: CsvOptions = {},
): AsyncGenerator<E.Either<Failure, A>> {
  // takes a byte order mark away, and characters that two pieces share together
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const step = csvStep(path, row, options)
  let state = csvStart(options)
  for await (const piece of pieces(path)) {
    if (E.isLeft(piece)) return yield piece
    const { bytes, last } = piece.right
    let text: string
    try {
      text = decoder.decode(bytes, { stream: !last })
    } catch {
      return yield refuse(
        path,
        `after line ${state.rest.line} there is a byte that is not UTF-8; save the file as UTF-8`,
      )
    }
    const next = step(state, text, last)
    if (E.isLeft(next)) return yield next
    state = next.right.state
    for (const one of next.right.rows) yield E.right(one)
  }
}

/** How many random words are drawn at once. */
const WORDS = 1024

/**
 * A stream in random order, through a buffer of `capacity` rows: each row that comes takes the place of one in the buffer, which
 * goes on; at the end the buffer is shuffled. Every row comes once, and the order depends on the key, the capacity and the number
 * of rows alone. With a capacity of all rows it is a shuffle; with less, a row comes at most `capacity` places early. Throws a
 * `RangeError` unless the capacity is a positive integer.
 *
 * @category random
 * @since 0.1.0
 */
export const shuffleStream = (key: Key, capacity: number) =>
  async function* <A>(source: Stream<A>): AsyncGenerator<E.Either<Failure, A>> {
    if (!Number.isInteger(capacity) || capacity < 1)
      throw new RangeError(`shuffleStream: the capacity ${capacity} must be a positive integer`)
    const buffer: Array<A> = []
    let words: Int32Array = new Int32Array(0)
    let count = 0
    for await (const next of source) {
      if (E.isLeft(next)) return yield next
      if (buffer.length < capacity) buffer.push(next.right)
      else {
        if (count % WORDS === 0) words = bits(fold(key, count / WORDS), WORDS)
        const place = Math.floor(((words[count++ % WORDS] >>> 0) * capacity) / 2 ** 32)
        yield E.right(buffer[place])
        buffer[place] = next.right
      }
    }
    for (const place of permutation(fold(key, -1), buffer.length)) yield E.right(buffer[place])
  }

/**
 * Rows together, `length` at a time; the last group may have fewer. Throws a `RangeError` unless the length is a positive
 * integer.
 *
 * @category combinators
 * @since 0.1.0
 */
export const groupStream = (length: number) =>
  async function* <A>(source: Stream<A>): AsyncGenerator<E.Either<Failure, ReadonlyArray<A>>> {
    if (!Number.isInteger(length) || length < 1)
      throw new RangeError(`groupStream: the length ${length} must be a positive integer`)
    let group: Array<A> = []
    for await (const next of source) {
      if (E.isLeft(next)) return yield next
      group.push(next.right)
      if (group.length === length) {
        yield E.right(group)
        group = []
      }
    }
    if (group.length > 0) yield E.right(group)
  }

/**
 * Two streams side by side, images and their labels, say. Fails with `InvalidArgument` when one ends before the other.
 *
 * @category combinators
 * @since 0.1.0
 */
export async function* zipStreams<A, B>(
  first: Stream<A>,
  second: Stream<B>,
): AsyncGenerator<E.Either<Failure, readonly [A, B]>> {
  const others = second[Symbol.asyncIterator]()
  let pairs = 0
  try {
    for await (const a of first) {
      if (E.isLeft(a)) return yield a
      const next = await others.next()
      if (next.done === true)
        return yield E.left(
          failure('InvalidArgument', `zipStreams: the second stream ends after ${pairs} rows, the first goes on`),
        )
      if (E.isLeft(next.value)) return yield next.value
      pairs++
      yield E.right([a.right, next.value.right])
    }
    const more = await others.next()
    if (more.done !== true)
      yield E.left(
        failure('InvalidArgument', `zipStreams: the first stream ends after ${pairs} rows, the second goes on`),
      )
  } finally {
    await others.return?.()
  }
}
