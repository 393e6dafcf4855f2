/**
 * `wengert predict`: what a trained model says of inputs.
 *
 * @since 0.1.0
 */
import { extname } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { batches, dataset, readCsvNumbersFile, readNpyFile, readNpzFile, readSafetensorsFile } from '../data/index.js'
import { compile } from '../engine/index.js'
import { type Failure, fail, failure } from '../Failure.js'
import type { Packed } from '../formats/index.js'
import { predict as predicting } from '../nn/index.js'
import { sigmoid, softmax } from '../ops/index.js'
import { record } from '../Program.js'
import { key } from '../Random.js'
import { flatMap, of, type Reverse } from '../Reverse.js'
import { type Shape, show, size } from '../Shape.js'
import type { AnyTensor } from '../Tensor.js'
import { shapedLike } from '../train/Checkpoint.js'
import { type Checkpoint, loadFrom } from '../train/index.js'
import type { AnyVar, Var } from '../Var.js'
import { type Program, parsed, programOf, USAGE, whole } from './arguments.js'
import { type Terminal, table } from './terminal.js'
import { inputFeed, loadExamples, prepare, preparedInput } from './trainData.js'
import { modelOf } from './trainModel.js'
import { arrayIn, rowsOf } from './trainRows.js'
import { type Run, readRun } from './trainRun.js'

const HELP = `Says what a trained model makes of inputs: classes with their probabilities, or numbers.

  wengert predict RUN [options]

RUN is the folder of wengert train, or a checkpoint in it.

  --data FILE   inputs: .csv, .npy, .npz or .safetensors (default: what the run was validated on, with the targets)
  --rows N      how many rows are printed (default 10)
  --json        one JSON document with all of them
  --help        this text

Exit codes: 0 predicted; 3 the run, the inputs or an option is not usable.
`

interface Options {
  readonly run: string
  readonly data: string | null
  readonly rows: number
  readonly json: boolean
}

const ROWS = 10

const read = (args: ReadonlyArray<string>): E.Either<string, Options> => {
  const found = parsed({ data: { type: 'string' }, rows: { type: 'string' }, json: { type: 'boolean' } })(args)
  if (E.isLeft(found)) return found
  const { values, positionals } = found.right
  if (positionals.length !== 1) return E.left('say which run to use, one of them: wengert predict RUN')
  return E.map((rows: number) => ({
    run: positionals[0],
    data: values.data ?? null,
    rows,
    json: values.json === true,
  }))(whole('rows', values.rows ?? String(ROWS), 1, Number.MAX_SAFE_INTEGER))
}

/** Inputs, and what they should give where that is known. */
interface Asked {
  readonly input: Packed
  readonly target: Packed | null
}

const NAME = 'inputs'

/** The inputs in a file, by the names that the run had for them. */
const inputsIn = (file: string, { config: { data } }: Run): TE.TaskEither<Failure, Packed> => {
  const name = data.from === 'npz' || data.from === 'safetensors' ? data.inputs : NAME
  switch (extname(file.replace(/\.gz$/, ''))) {
    case '.csv':
      return data.from === 'csv'
        ? TE.map(({ input }: { readonly input: Packed }) => input)(rowsOf({ ...data, file }, 'none'))
        : TE.map(({ values }: { readonly values: Packed }) => values)(readCsvNumbersFile(file))
    case '.npy':
      return readNpyFile(file)
    case '.npz':
      return TE.chainEitherK((arrays: Readonly<Record<string, Packed>>) => arrayIn(file, arrays)(name))(
        readNpzFile(file),
      )
    case '.safetensors':
      return pipe(
        readSafetensorsFile(file),
        TE.chainEitherK(({ tensors }) => arrayIn(file, tensors)(name)),
      )
    default:
      return TE.left(
        failure('InvalidArgument', `--data ${file}: the name must end in .csv, .npy, .npz or .safetensors`, { file }),
      )
  }
}

/** What the run was validated on, or learned from where it was not validated. */
const validated = ({ config }: Run): TE.TaskEither<Failure, Asked> =>
  pipe(
    loadExamples(config),
    TE.chainEitherK((examples) => prepare(config, examples)),
    TE.map(({ train, validation }) => (validation ?? train).columns),
  )

const asked = (run: Run, data: string | null): TE.TaskEither<Failure, Asked> =>
  data === null
    ? validated(run)
    : pipe(
        inputsIn(data, run),
        TE.chainEitherK((input) =>
          String(input.shape.slice(1)) === String(run.shape)
            ? preparedInput(run.config, run.preparation.standard)(input)
            : fail(
                'ShapeMismatch',
                `${data}: inputs are ${show(input.shape)}; the model takes [n, ${run.shape.join(', ')}]`,
              ),
        ),
        TE.map((input) => ({ input, target: null })),
      )

/** What a model has learnt: the best of it, where the run kept the best. */
const learnt =
  <W>(like: W) =>
  (checkpoint: Checkpoint): E.Either<Failure, W> => {
    const best = Object.keys(checkpoint.tensors).some((name) => name.startsWith('best.'))
    const part = (name: 'parameters' | 'state') =>
      shapedLike(
        `${best ? 'best' : 'learner'}.${name}`,
        (like as { readonly [_ in typeof name]: never })[name],
      )(checkpoint)
    return pipe(E.Do, E.apS('parameters', part('parameters')), E.apS('state', part('state'))) as never
  }

/** Rows that are computed at once, at most. */
const AT_ONCE = 256

/** Probabilities where the loss takes logits; outputs as they are otherwise. */
const readable = (loss: Run['config']['loss'], output: Var<Shape>): Reverse<Var<Shape>> =>
  loss === 'crossEntropy'
    ? (softmax(output as Var<readonly [number, number]>, { axis: 1 }) as Reverse<Var<Shape>>)
    : loss === 'binaryCrossEntropy'
      ? sigmoid(output)
      : of(output)

/** A row of outputs for each input. */
const outputs = (
  run: Run,
  checkpoint: Checkpoint,
  input: Packed,
): E.Either<Failure, ReadonlyArray<ReadonlyArray<number>>> => {
  const { config, preparation, shape } = run
  const length = Math.min(AT_ONCE, input.shape[0])
  const feeds = { input: inputFeed(config, preparation.scale) }
  return pipe(
    E.Do,
    E.apS('built', modelOf(config.model, shape)),
    E.bind('like', ({ built }) => built.model.init(key(0))),
    E.bind('weights', ({ like }) => learnt(like)(checkpoint)),
    E.bind('loader', () => E.chain(batches({ size: length, feeds, last: 'wrap' }))(dataset({ input }))),
    E.bind('execute', ({ built, weights, loader }) =>
      E.chain(compile({ scalar: config.scalar ?? 'f64' }))(
        record((x: Var<Shape>) =>
          flatMap(
            predicting(built.model)(weights.parameters as never, weights.state as never)(x as never),
            (output: AnyVar) => readable(config.loss, output as Var<Shape>),
          ),
        )(loader.specs.input as never),
      ),
    ),
    E.chain(({ loader, execute }) => {
      const rows: Array<ReadonlyArray<number>> = []
      for (let i = 0; i < loader.perEpoch; i++) {
        const made = execute.run(loader.at(i).input as never) as E.Either<Failure, AnyTensor>
        if (E.isLeft(made)) return made
        const { shape: batch, data } = made.right
        const width = size(batch.slice(1))
        for (let r = 0; r < loader.count(i); r++)
          rows.push(Array.from({ length: width }, (_, j) => Number(data[r * width + j])))
      }
      return E.right(rows)
    }),
  )
}

/** What is said of a row. */
interface Said {
  readonly prediction: string | ReadonlyArray<number>
  readonly probability?: number
  readonly target?: string | ReadonlyArray<number>
}

const saidOf =
  ({ preparation: { classes } }: Run, target: Packed | null) =>
  (row: ReadonlyArray<number>, i: number): Said => {
    const width = target === null ? 0 : size(target.shape.slice(1))
    const wanted = target === null ? null : Array.from(target.data.slice(i * width, (i + 1) * width), Number)
    if (classes === null) return { prediction: row, ...(wanted === null ? {} : { target: wanted }) }
    const best = row.indexOf(Math.max(...row))
    return {
      prediction: classes[best] ?? String(best),
      probability: row[best],
      ...(wanted === null ? {} : { target: classes[wanted[0]] }),
    }
  }

const shown = (x: Said['prediction']): string =>
  typeof x === 'string' ? x : x.map((v) => String(Number(v.toPrecision(6)))).join(' ')

const tableOf = (all: ReadonlyArray<Said>, rows: number): string => {
  const columns = (['prediction', 'probability', 'target'] as const).filter((name) => all[0]?.[name] !== undefined)
  const cell = (said: Said, name: (typeof columns)[number]): string => {
    const value = said[name]
    return typeof value === 'number' ? value.toFixed(3) : value === undefined ? '' : shown(value)
  }
  const lines = all.slice(0, rows).map((said, i) => [String(i + 1), ...columns.map((name) => cell(said, name))])
  const more = all.length > rows ? `  and ${all.length - rows} more; --json prints all\n` : ''
  return `${table([['row', ...columns], ...lines])}${more}`
}

/** How often a prediction is right, or how far it is off. */
const scoreOf = (all: ReadonlyArray<Said>): string => {
  if (all[0]?.target === undefined) return ''
  if (typeof all[0].target === 'string') {
    const right = all.filter(({ prediction, target }) => prediction === target).length
    return `\n  ${right} of ${all.length} right, ${((100 * right) / all.length).toFixed(2)} %\n`
  }
  const apart = all.flatMap(({ prediction, target }) =>
    (prediction as ReadonlyArray<number>).map((x, j) => (x - (target as ReadonlyArray<number>)[j]) ** 2),
  )
  return `\n  root mean squared error ${Number(Math.sqrt(apart.reduce((a, b) => a + b, 0) / apart.length).toPrecision(4))}\n`
}

const run = async ({ run: path, data, rows, json }: Options, terminal: Terminal): Promise<number> => {
  const refused = (message: string): number => {
    terminal.error(`${message}\n`)
    return USAGE
  }
  const found = readRun(path)
  if (E.isLeft(found)) return refused(found.left)
  const { run: trained, checkpoint } = found.right
  const loaded = loadFrom(checkpoint)()
  if (E.isLeft(loaded)) return refused(loaded.left.message)
  const inputs = await asked(trained, data)()
  if (E.isLeft(inputs)) return refused(inputs.left.message)
  const { input, target } = inputs.right
  const given = outputs(trained, loaded.right, input)
  if (E.isLeft(given)) return refused(given.left.message)
  const all = given.right.map(saidOf(trained, target))
  terminal.write(json ? `${JSON.stringify(all, null, 2)}\n` : `${tableOf(all, rows)}${scoreOf(all)}`)
  return 0
}

/**
 * Runs `wengert predict`.
 *
 * @category programs
 * @since 0.1.0
 */
export const predict: Program = programOf('wengert predict', HELP, read, run)
