/**
 * Files by the formats of `wengert/formats`, as tasks. A file whose name ends with `.gz` is decompressed first. Nothing is read
 * or decompressed beyond a size that the caller can set, so neither an enormous file nor a small one that decompresses to an
 * enormous one can take all memory.
 *
 * Fails with `UnreadableFile` on a file that is not there or that the system does not give, `TooLarge` on one beyond the limit,
 * `MalformedFile` on damaged gzip data, and as the format does. Failures name the path.
 *
 * @since 0.1.0
 */
import { open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip, inflateRawSync } from 'node:zlib'
import * as E from 'fp-ts/lib/Either.js'
import * as O from 'fp-ts/lib/Option.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Decoder } from 'io-ts'
import { type Failure, failure } from '../Failure.js'
import {
  type CsvOptions,
  type Inflate,
  type NumberTable,
  type Packed,
  readCsv,
  readCsvNumbers,
  readIdx,
  readNpy,
  readNpz,
  readSafetensors,
  type Safetensors,
  type SafetensorsOptions,
} from '../formats/index.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface FileOptions {
  /** the most bytes, in the file and decompressed, 1 GiB unless told otherwise */
  readonly most?: number | undefined
}

const MOST = 2 ** 30

const inflated = promisify(gunzip)

/** What the system says when it does not give a file. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'reading it is not permitted',
  EPERM: 'reading it is not permitted',
  EISDIR: 'it is a folder',
}

/**
 * A failure of the system as a value; what is no failure of the system is thrown again.
 *
 * @category constructors
 * @since 0.1.0
 */
export const unreadable = (path: string, error: unknown): Failure => {
  const { code, message } = error as NodeJS.ErrnoException
  if (!(error instanceof Error) || code === undefined) throw error
  return failure('UnreadableFile', `${path}: ${REASONS[code] ?? message}`, { file: path })
}

const tooLarge = (path: string, sentence: string): E.Either<Failure, never> =>
  E.left(failure('TooLarge', `${path}: ${sentence}`, { file: path }))

const gunzipped = async (path: string, bytes: Uint8Array, most: number): Promise<E.Either<Failure, Uint8Array>> => {
  try {
    return E.right(await inflated(bytes, { maxOutputLength: most }))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ERR_BUFFER_TOO_LARGE'
      ? tooLarge(path, `it decompresses to more than the ${most} bytes that are allowed`)
      : E.left(failure('MalformedFile', `${path}: the gzip data are damaged: ${message}`, { file: path }))
  }
}

/**
 * The bytes of a file, decompressed when its name ends with `.gz`.
 *
 * @category reading
 * @since 0.1.0
 */
export const readBytes =
  (path: string, { most = MOST }: FileOptions = {}): TaskEither<Failure, Uint8Array> =>
  async () => {
    try {
      const file = await open(path)
      try {
        const { size } = await file.stat()
        if (size > most) return tooLarge(path, `it has ${size} bytes; at most ${most} are allowed`)
        const bytes = await file.readFile()
        return path.endsWith('.gz') ? await gunzipped(path, bytes, most) : E.right(bytes)
      } finally {
        await file.close()
      }
    } catch (error) {
      return E.left(unreadable(path, error))
    }
  }

/** A reader of bytes as a reader of files. */
const fileOf =
  <A>(read: (bytes: Uint8Array) => E.Either<Failure, A>, path: string, options?: FileOptions): TaskEither<Failure, A> =>
  async () =>
    E.chain(read)(await readBytes(path, options)())

/**
 * An idx file, such as MNIST's.
 *
 * @category reading
 * @since 0.1.0
 */
export const readIdxFile = (path: string, options?: FileOptions): TaskEither<Failure, Packed> =>
  fileOf(readIdx(path), path, options)

/**
 * An array that NumPy saved.
 *
 * @category reading
 * @since 0.1.0
 */
export const readNpyFile = (path: string, options?: FileOptions): TaskEither<Failure, Packed> =>
  fileOf(readNpy(path), path, options)

const inflate: Inflate = (bytes, length) =>
  O.toNullable(O.tryCatch(() => inflateRawSync(bytes, { maxOutputLength: Math.max(1, length) })))

/**
 * An archive of named arrays, from `np.savez` or `np.savez_compressed`.
 *
 * @category reading
 * @since 0.1.0
 */
export const readNpzFile = (
  path: string,
  options: FileOptions = {},
): TaskEither<Failure, Readonly<Record<string, Packed>>> =>
  fileOf(readNpz(path, { inflate, most: options.most ?? MOST }), path, options)

/**
 * A safetensors file.
 *
 * @category reading
 * @since 0.1.0
 */
export const readSafetensorsFile = (
  path: string,
  options: FileOptions & SafetensorsOptions = {},
): TaskEither<Failure, Safetensors> => fileOf(readSafetensors(path, options), path, options)

/**
 * The rows of a table, each accepted by a codec; `streamCsv` reads tables that do not fit into memory.
 *
 * @category reading
 * @since 0.1.0
 */
export const readCsvFile = <A>(
  path: string,
  row: Decoder<unknown, A>,
  options: FileOptions & CsvOptions = {},
): TaskEither<Failure, ReadonlyArray<A>> => fileOf(readCsv(path, row, options), path, options)

/**
 * A table of numbers.
 *
 * @category reading
 * @since 0.1.0
 */
export const readCsvNumbersFile = (
  path: string,
  options: FileOptions & CsvOptions = {},
): TaskEither<Failure, NumberTable> => fileOf(readCsvNumbers(path, options), path, options)
