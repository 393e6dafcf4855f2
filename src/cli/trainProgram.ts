/**
 * `wengert train`: trains a model that a configuration describes, shows how it goes, and keeps what it needs to go on.
 *
 * @since 0.1.0
 */
import { existsSync } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { Failure } from '../Failure.js'
import { showSummary, summary } from '../nn/index.js'
import { loadFrom } from '../train/index.js'
import { type Program, parsed, programOf, USAGE } from './arguments.js'
import { styled } from './terminal.js'
import { folderOf, readConfig } from './trainConfig.js'
import { loadExamples, prepare } from './trainData.js'
import { planned, type Ready } from './trainPlan.js'
import { filesIn, type RunFiles, readHistory, runDocument, saveJson } from './trainRun.js'
import { concluded, followed } from './trainShown.js'

const HELP = `Trains a model that a configuration describes.

  wengert train CONFIG [options]

CONFIG is JSON, or a JavaScript or TypeScript module whose default export is such a record:

  {
    "data": { "from": "csv", "file": "iris.csv", "inputs": ["length", "width"], "targets": ["kind"] },
    "standardise": true,
    "validation": 0.2,
    "model": [{ "layer": "linear", "outputs": 16 }, "relu", { "layer": "linear", "outputs": 3 }],
    "loss": "crossEntropy",
    "optimiser": { "optimiser": "adam", "rate": 0.01 },
    "epochs": 100,
    "batchSize": 16,
    "seed": 1
  }

  --resume      go on from the checkpoint in the folder of the run
  --overwrite   begin anew where a run has been
  --out DIR     the folder of the run (default: "out" of the configuration, or out/NAME for NAME.json)
  --quiet       no progress and no chart
  --help        this text

The folder keeps run.json, checkpoint.safetensors, history.json, summary.json and loss.svg. Ctrl-C saves a checkpoint and stops.
Exit codes: 0 trained; 1 the run failed: a loss that is not finite, a file that cannot be written; 3 the configuration, its data or
an option is not usable; 130 stopped by Ctrl-C.
`

interface Options {
  readonly file: string
  readonly out: string | null
  readonly resume: boolean
  readonly overwrite: boolean
  readonly quiet: boolean
}

const read = (args: ReadonlyArray<string>): E.Either<string, Options> => {
  const found = parsed({
    out: { type: 'string' },
    resume: { type: 'boolean' },
    overwrite: { type: 'boolean' },
    quiet: { type: 'boolean' },
  })(args)
  if (E.isLeft(found)) return found
  const { values, positionals } = found.right
  if (positionals.length === 0) return E.left('say what to train: wengert train CONFIG')
  if (positionals.length > 1) return E.left(`one configuration at a time, not ${positionals.join(' ')}`)
  const { out = null, resume = false, overwrite = false, quiet = false } = values
  if (resume && overwrite) return E.left('--resume goes on and --overwrite begins anew: one of them')
  return E.right({ file: positionals[0], out, resume, overwrite, quiet })
}

/**
 * How a run hears that it should stop: `listen` takes what to do, and gives what ends the listening.
 *
 * @category model
 * @since 0.1.0
 */
export interface Interrupts {
  readonly listen: (stop: () => void) => () => void
}

const STOPPED = 130

/** Ctrl-C: the first time is a wish, the second an order. */
const signals: Interrupts = {
  listen: (stop) => {
    let asked = false
    const hear = (): void => {
      if (asked) process.exit(STOPPED)
      asked = true
      stop()
    }
    process.on('SIGINT', hear)
    return () => void process.off('SIGINT', hear)
  },
}

/** All that can be wrong before anything is computed. */
const begun = async (
  { file, out, resume, overwrite }: Options,
  now: () => boolean,
): Promise<E.Either<string, Ready & { readonly files: RunFiles }>> => {
  const config = await readConfig(file)
  if (E.isLeft(config)) return config
  const folder = out ?? folderOf(file, config.right)
  const files = filesIn(folder)
  if (existsSync(files.checkpoint) && !resume && !overwrite)
    return E.left(
      `${folder} has a run already: --resume goes on with it, --overwrite begins anew, --out DIR takes another folder`,
    )
  if (resume && !existsSync(files.checkpoint))
    return E.left(`${folder} has no checkpoint to go on from; leave out --resume`)
  const checkpoint = resume ? loadFrom(files.checkpoint)() : E.right(null)
  if (E.isLeft(checkpoint)) return E.left(checkpoint.left.message)
  const examples = await loadExamples(config.right)()
  if (E.isLeft(examples)) return E.left(`${file}: data: ${examples.left.message}`)
  return E.mapLeft(({ message }: Failure) => `${file}: ${message}`)(
    pipe(
      prepare(config.right, examples.right),
      E.chain((prepared) => planned(config.right, prepared, files, checkpoint.right, now)),
      E.map((ready) => ({ ...ready, files })),
    ),
  )
}

/**
 * `wengert train`, stopped by what it listens to.
 *
 * @category programs
 * @since 0.1.0
 */
export const trainProgram = (interrupts: Interrupts): Program =>
  programOf('wengert train', HELP, read, async (options, terminal) => {
    let stopping = false
    const ready = await begun(options, () => stopping)
    if (E.isLeft(ready)) {
      terminal.error(`${ready.left}\n`)
      return USAGE
    }
    const { file, out, quiet } = options
    const { files, config, prepared, model, input, from } = ready.right
    const { train, validation, preparation, shape } = prepared
    const kept = saveJson(terminal)(
      files.run,
      runDocument({ config, preparation, shape, target: train.columns.target.shape.slice(1) }),
    )
    if (E.isLeft(kept)) {
      terminal.error(`${kept.left}\n`)
      return 1
    }
    const layers = summary(model, input as never)
    terminal.write(
      `${styled(terminal, 'bold', `wengert train ${file}`)} (seed ${config.seed ?? 1}): ${train.rows} examples` +
        `${validation === null ? '' : `, ${validation.rows} to validate on`}${from === 0 ? '' : `, from step ${from}`}\n\n` +
        `${E.isRight(layers) ? showSummary(layers.right).replace(/^/gm, '  ') : ''}\n\n`,
    )
    const before = from === 0 ? [] : readHistory(files.history, from)
    const deaf = interrupts.listen(() => {
      stopping = true
    })
    const ended = await followed(ready.right, before, files, () => stopping, terminal, quiet)
    deaf()
    if (E.isLeft(ended)) {
      terminal.error(`${ended.left}\n`)
      return 1
    }
    if (ended.right.reason !== 'interrupted') return concluded(file, ready.right, ended.right, files, terminal, quiet)
    terminal.write(
      `\n  stopped after step ${ended.right.step}; to go on: wengert train ${file} --resume${out === null ? '' : ` --out ${out}`}\n`,
    )
    return STOPPED
  })

/**
 * Runs `wengert train`.
 *
 * @category programs
 * @since 0.1.0
 */
export const train: Program = trainProgram(signals)
