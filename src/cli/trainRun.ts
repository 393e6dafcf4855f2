/**
 * The folder of a run: what it was told and how its data were prepared (`run.json`), where it is (`checkpoint.safetensors`),
 * how its losses went (`history.json`), and at the end a summary and a picture. All that a prediction needs is there.
 *
 * @since 0.1.0
 */
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { decoded, fields, finite, integer, listOf, natural, positive, type Reader, word, wordOf } from './fields.js'
import type { Terminal } from './terminal.js'
import { type Config, ConfigCodec, readJson } from './trainConfig.js'
import type { Preparation } from './trainData.js'

const FORMAT = 'wengert-run'

const RunCodec = fields(
  {
    format: wordOf([FORMAT]),
    config: ConfigCodec as Reader<Config>,
    shape: listOf(natural),
    target: listOf(natural, 0),
    scale: positive,
  },
  { standard: fields({ mean: listOf(finite), std: listOf(finite) }, {}), classes: listOf(word) },
)

/**
 * What a prediction must know of a run.
 *
 * @category model
 * @since 0.1.0
 */
export interface Run {
  readonly config: Config
  readonly preparation: Preparation
  /** of one input, and of one target: `[]` for that of a class */
  readonly shape: ReadonlyArray<number>
  readonly target: ReadonlyArray<number>
}

/**
 * The files of a run in its folder.
 *
 * @category model
 * @since 0.1.0
 */
export interface RunFiles {
  readonly run: string
  readonly checkpoint: string
  readonly history: string
  readonly summary: string
  readonly picture: string
}

/**
 * @category constructors
 * @since 0.1.0
 */
export const filesIn = (folder: string): RunFiles => ({
  run: join(folder, 'run.json'),
  checkpoint: join(folder, 'checkpoint.safetensors'),
  history: join(folder, 'history.json'),
  summary: join(folder, 'summary.json'),
  picture: join(folder, 'loss.svg'),
})

/** A document that people may read too. */
const jsonText = (u: unknown): string => `${JSON.stringify(u, null, 2)}\n`

/**
 * Writes a document; a sentence where that fails.
 *
 * @category destructors
 * @since 0.1.0
 */
export const saveJson =
  (terminal: Pick<Terminal, 'save'>) =>
  (file: string, u: unknown): E.Either<string, void> => {
    const reason = terminal.save(file, jsonText(u))
    return reason === null ? E.right(undefined) : E.left(`no ${file}: ${reason}`)
  }

/**
 * A run as the document that is kept of it.
 *
 * @category destructors
 * @since 0.1.0
 */
export const runDocument = ({ config, preparation: { standard, classes, scale }, shape, target }: Run): unknown => ({
  format: FORMAT,
  config,
  ...(standard === null ? {} : { standard }),
  ...(classes === null ? {} : { classes }),
  scale,
  shape,
  target,
})

/**
 * Reads the run that a checkpoint, or the folder of one, belongs to.
 *
 * @category constructors
 * @since 0.1.0
 */
export const readRun = (path: string): E.Either<string, { readonly run: Run; readonly checkpoint: string }> => {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return E.left(`there is no file or folder ${path}`)
  const inside = filesIn(path)
  const [checkpoint, file] = found.isDirectory() ? [inside.checkpoint, inside.run] : [path, filesIn(dirname(path)).run]
  if (!existsSync(file)) return E.left(`${path}: there is no run.json beside it, which wengert train writes`)
  return E.bimap(
    (sentence: string) => `${file}: ${sentence}`,
    ({ config, standard, classes, scale, shape, target }: t.TypeOf<typeof RunCodec>) => ({
      run: { config, preparation: { standard: standard ?? null, classes: classes ?? null, scale }, shape, target },
      checkpoint,
    }),
  )(E.chain(decoded(RunCodec, 'the run'))(readJson(file)))
}

/**
 * Losses after an epoch.
 *
 * @category model
 * @since 0.1.0
 */
export interface Passed {
  readonly epoch: number
  readonly step: number
  readonly loss: number
  /** on the examples to validate on, where there are any */
  readonly measures: Readonly<Record<string, number>>
}

const History = listOf(
  fields({ epoch: integer, step: natural, loss: finite, measures: t.record(t.string, t.number) as t.Mixed }, {}),
  0,
) as Reader<ReadonlyArray<Passed>>

/**
 * The losses of a run up to a step; none where they cannot be read, for they are only shown.
 *
 * @category constructors
 * @since 0.1.0
 */
export const readHistory = (file: string, until: number): ReadonlyArray<Passed> =>
  E.match(
    (): ReadonlyArray<Passed> => [],
    (all: ReadonlyArray<Passed>) => all.filter(({ step }) => step <= until),
  )(E.chain(decoded(History, 'the history'))(readJson(file)))
