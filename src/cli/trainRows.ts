/**
 * The rows of the files that a configuration names: inputs and targets, as they are there.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import * as t from 'io-ts'
import { readNpyFile, readNpzFile, readSafetensorsFile, streamCsv } from '../data/index.js'
import { type Failure, fail, failure } from '../Failure.js'
import { CsvNumber, type Packed, packedOf } from '../formats/index.js'
import { unsafeMake } from '../Tensor.js'
import type { DataConfig } from './trainConfig.js'

/**
 * Data in files of one's own.
 *
 * @category model
 * @since 0.1.0
 */
export type FileData = Extract<DataConfig, { readonly from: 'csv' | 'npy' | 'npz' | 'safetensors' }>

/**
 * Inputs, and targets where they are asked for. Classes of a table are still words.
 *
 * @category model
 * @since 0.1.0
 */
export interface Rows {
  readonly input: Packed
  readonly target: Packed | ReadonlyArray<string> | null
}

/**
 * An array of an archive by its name.
 *
 * @category reading
 * @since 0.1.0
 */
export const arrayIn =
  (file: string, arrays: Readonly<Record<string, Packed>>) =>
  (name: string): E.Either<Failure, Packed> =>
    Object.hasOwn(arrays, name)
      ? E.right(arrays[name])
      : fail('InvalidArgument', `${file}: there is no array ${name}; there are ${Object.keys(arrays).join(', ')}`)

const fromArchive = (
  { file, inputs, targets }: { readonly file: string; readonly inputs: string; readonly targets: string | null },
  arrays: Readonly<Record<string, Packed>>,
): E.Either<Failure, Rows> =>
  pipe(
    E.Do,
    E.apS('input', arrayIn(file, arrays)(inputs)),
    E.apS('target', targets === null ? E.right(null) : arrayIn(file, arrays)(targets)),
  )

/** The most numbers that are taken of a table: 4 GiB. */
const MOST_NUMBERS = 2 ** 29

/** A matrix whose rows come one after the other, in memory that doubles whenever it is full. */
const growing = (columns: number) => {
  let held = new Float64Array(1024)
  let length = 0
  return {
    /** whether there was room */
    push: (row: ReadonlyArray<number>): boolean => {
      if (length + columns > MOST_NUMBERS) return false
      if (length + columns > held.length) {
        const more = new Float64Array(Math.max(length + columns, 2 * held.length))
        more.set(held)
        held = more
      }
      held.set(row, length)
      length += columns
      return true
    },
    matrix: (): Packed => packedOf(unsafeMake([length / columns, columns], 'real', held.slice(0, length))),
  }
}

/** A table, read in pieces: its text may be larger than memory, its numbers are kept. */
const table =
  (
    { file, inputs, targets, separator }: Extract<DataConfig, { readonly from: 'csv' }>,
    wanted: 'classes' | 'numbers' | 'none',
  ): TE.TaskEither<Failure, Rows> =>
  async () => {
    const cells = (names: ReadonlyArray<string>, cell: t.Mixed) => names.map((name) => [name, cell] as const)
    const read = cells(wanted === 'none' ? [] : targets, wanted === 'classes' ? t.string : CsvNumber)
    const codec = t.type(Object.fromEntries([...read, ...cells(inputs, CsvNumber)]))
    const [input, target] = [growing(inputs.length), growing(targets.length)]
    const words: Array<string> = []
    // a word that comes again is kept once
    const known = new Map<string, string>()
    for await (const next of streamCsv(file, codec, { ...(separator === undefined ? {} : { separator }) })) {
      if (E.isLeft(next)) return next
      const row: Readonly<Record<string, unknown>> = next.right
      const numbers = (names: ReadonlyArray<string>) => names.map((name) => row[name] as number)
      if (!input.push(numbers(inputs)) || (wanted === 'numbers' && !target.push(numbers(targets))))
        return fail('TooLarge', `${file}: it has more than the ${MOST_NUMBERS} numbers that are allowed`, { file })
      if (wanted !== 'classes') continue
      const word = String(row[targets[0]])
      if (!known.has(word)) known.set(word, word)
      words.push(known.get(word) as string)
    }
    const targetsRead = { none: () => null, classes: () => words, numbers: target.matrix }
    return E.right({ input: input.matrix(), target: targetsRead[wanted]() })
  }

/**
 * The rows of files: inputs, and targets where they are wanted.
 *
 * @category reading
 * @since 0.1.0
 */
export const rowsOf = (data: FileData, wanted: 'classes' | 'numbers' | 'none'): TE.TaskEither<Failure, Rows> => {
  switch (data.from) {
    case 'csv':
      return wanted === 'classes' && data.targets.length > 1
        ? TE.left(failure('InvalidArgument', `classes are in one column, not in ${data.targets.join(', ')}`))
        : table(data, wanted)
    case 'npy':
      return pipe(
        readNpyFile(data.inputs),
        TE.bindTo('input'),
        TE.bind('target', () => (wanted === 'none' ? TE.right(null) : readNpyFile(data.targets))),
      )
    default: {
      const arrays =
        data.from === 'npz'
          ? readNpzFile(data.file)
          : TE.map(({ tensors }: { readonly tensors: Readonly<Record<string, Packed>> }) => tensors)(
              readSafetensorsFile(data.file),
            )
      const names = { ...data, targets: wanted === 'none' ? null : data.targets }
      return TE.chainEitherK((found: Readonly<Record<string, Packed>>) => fromArchive(names, found))(arrays)
    }
  }
}
