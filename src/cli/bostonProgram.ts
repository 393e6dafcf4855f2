/**
 * The program behind `npm start`: check the gradient of a small network, train it on Boston housing, show what came of it.
 *
 * Everything it draws comes from the seed that it prints, so the same seed prints the same numbers (times aside).
 *
 * @since 0.1.0
 */
import { parseArgs } from 'node:util'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import {
  bostonFeatures,
  bostonPrices,
  minibatches,
  rows,
  type Standard,
  shuffle,
  split,
  standardise,
  standardOf,
} from '../data/index.js'
import { compile } from '../engine/index.js'
import type { Failure } from '../Failure.js'
import { record, spec } from '../Program.js'
import type { Calculus } from '../primitive/Recorder.js'
import * as Random from '../Random.js'
import { show as showShape } from '../Shape.js'
import { type LineChart, lineChartSvg, lineChartText } from '../show/plot.js'
import { type AnyTensor, type Tensor, zerosLike } from '../Tensor.js'
import * as Tree from '../Tree.js'
import type { Var } from '../Var.js'
import { centralDifferences, entryName, type GradientCheck } from '../verify/index.js'
import { compileStep, initial, loss, type Net, type NetValues, netSpec, predict } from './bostonModel.js'
import { startProgress } from './progress.js'
import { styled, type Terminal, table } from './terminal.js'

/**
 * What the program was asked to do.
 *
 * @category model
 * @since 0.1.0
 */
export interface Options {
  readonly seed: number
  readonly epochs: number
  readonly quiet: boolean
}

const DEFAULTS: Options = { seed: 1, epochs: 300, quiet: false }

const HELP = `Checks the gradient of a 12-10-1 sigmoid network, trains it on Boston housing and shows the result.

  npm start -- [options]

  --seed N     where all random numbers come from (default ${DEFAULTS.seed})
  --epochs N   how often every training row is seen (default ${DEFAULTS.epochs})
  --quiet      no progress and no chart in the terminal
  --help       this text

The loss curve is also written to out/boston-loss.svg. Exit codes: 0 when all went well, 1 when the gradient is wrong or
something failed, 3 when the options are not understood.
`

/** The exit code for options that are not understood. */
const USAGE = 3

const MAX_EPOCHS = 100_000

const whole = (name: string, text: string, from: number, to: number): E.Either<string, number> =>
  /^-?\d+$/.test(text) && Number(text) >= from && Number(text) <= to
    ? E.right(Number(text))
    : E.left(`--${name} must be an integer from ${from} to ${to}, not ${text === '' ? 'empty' : text}`)

/**
 * Reads the options: what to do, or `help`, or a sentence that says what is wrong.
 *
 * @category constructors
 * @since 0.1.0
 */
export const readOptions = (args: ReadonlyArray<string>): E.Either<string, Options | 'help'> => {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string' },
        epochs: { type: 'string' },
        quiet: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (values.help === true) return E.right('help')
    return pipe(
      E.Do,
      E.apS(
        'seed',
        whole('seed', values.seed ?? String(DEFAULTS.seed), Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
      ),
      E.apS('epochs', whole('epochs', values.epochs ?? String(DEFAULTS.epochs), 1, MAX_EPOCHS)),
      E.map((numbers) => ({ ...numbers, quiet: values.quiet === true })),
    )
  } catch (e) {
    // parseArgs throws what it does not understand, as a TypeError with a sentence
    if (e instanceof TypeError) return E.left(e.message.split(/[.\n]/)[0])
    throw e
  }
}

const TRAINING_ROWS = 400
const BATCH = 16
const RATE = 0.002
const CHECKED_ROWS = 32

type Features<N extends number = number> = Tensor<readonly [N, 12]>
type Prices<N extends number = number> = Tensor<readonly [N, 1]>

interface Part {
  readonly x: Features
  readonly y: Prices
}

interface Data {
  readonly train: Part
  readonly test: Part
  readonly standard: Standard
}

/** Features standardised by the training part, prices as they are. */
const prepare = (key: Random.Key): E.Either<Failure, Data> =>
  pipe(
    E.Do,
    E.apS('x', split(key, TRAINING_ROWS)(bostonFeatures())),
    E.apS('y', split(key, TRAINING_ROWS)(bostonPrices())),
    E.bind('standard', ({ x }) => standardOf(x.train)),
    E.bind('train', ({ x, standard }) => standardise(standard)(x.train)),
    E.bind('test', ({ x, standard }) => standardise(standard)(x.test)),
    E.map(({ y, standard, train, test }) => ({
      train: { x: train, y: y.train },
      test: { x: test, y: y.test },
      standard,
    })),
  )

/** The gradient at the first weights, over the first rows. */
const check = (net: NetValues, { x, y }: Part, calculus: Calculus | undefined): E.Either<Failure, GradientCheck> => {
  const first = Array.from({ length: CHECKED_ROWS }, (_, i) => i)
  return pipe(
    E.Do,
    E.apS('x', rows(x, first)),
    E.apS('y', rows(y, first)),
    E.chain((few) =>
      centralDifferences(calculus === undefined ? {} : { calculus })((p: Net) => loss(p, few.x, few.y))(net),
    ),
  )
}

const checkTable = ({ parameters }: GradientCheck): string =>
  table([
    ['parameter', 'shape', 'compared', '|analytic - numeric|', 'tolerance', 'ratio'],
    ...parameters.map(({ path, shape, compared, skipped, worst }) => [
      path,
      showShape(shape),
      skipped === 0 ? String(compared) : `${compared} (${skipped} at a kink)`,
      ...(worst === null
        ? ['-', '-', '-']
        : [
            Math.abs(worst.analytic - worst.numeric).toExponential(1),
            worst.tolerance.toExponential(1),
            worst.ratio.toPrecision(2),
          ]),
    ]),
  ])

/** The mean squared error over a part, by a program compiled for its size. */
const compileError = ({ x, y }: Part): E.Either<Failure, (net: NetValues) => E.Either<Failure, number>> => {
  type Inputs = { readonly net: Net; readonly x: Var<readonly [number, 12]>; readonly y: Var<readonly [number, 1]> }
  const n = x.shape[0]
  return pipe(
    record((p: Inputs) => loss(p.net, p.x, p.y))({ net: netSpec, x: spec([n, 12]), y: spec([n, 1]) }),
    E.chain(compile()),
    E.map(
      ({ run }) =>
        (net: NetValues) =>
          E.map((mse: Tensor<readonly []>) => mse.data[0])(run({ net, x, y })),
    ),
  )
}

interface Losses {
  readonly train: ReadonlyArray<readonly [number, number]>
  readonly test: ReadonlyArray<readonly [number, number]>
}

interface Trained extends Losses {
  readonly net: NetValues
  readonly steps: number
}

/** How many points a loss curve has, at most about. */
const CURVE = 100

/** Trains for some epochs, reporting each. */
const train = (
  key: Random.Key,
  first: NetValues,
  data: Data,
  epochs: number,
  report: (done: number, loss: number) => void,
): E.Either<Failure, Trained> =>
  pipe(
    E.Do,
    E.apS('step', compileStep(BATCH)),
    E.apS('trainError', compileError(data.train)),
    E.apS('testError', compileError(data.test)),
    E.chain(({ step, trainError, testError }) => {
      let net = first
      let velocity: NetValues = Tree.map((t: AnyTensor) => zerosLike(t))(first) as NetValues
      let steps = 0
      const curves = { train: [] as Array<readonly [number, number]>, test: [] as Array<readonly [number, number]> }
      const every = Math.ceil(epochs / CURVE)
      for (let epoch = 0; epoch <= epochs; epoch++) {
        // not before the first epoch, where the loss is of another order
        if (epoch > 0 && (epoch % every === 0 || epoch === epochs)) {
          const errors = E.sequenceArray([trainError(net), testError(net)])
          if (E.isLeft(errors)) return errors
          curves.train.push([epoch, errors.right[0]])
          curves.test.push([epoch, errors.right[1]])
        }
        if (epoch === epochs) break
        const order = shuffle(Random.fold(key, epoch))
        const cut = minibatches(BATCH)
        const xs = E.chain(cut<readonly [number, 12], 'real'>)(order(data.train.x))
        if (E.isLeft(xs)) return xs
        const ys = E.chain(cut<readonly [number, 1], 'real'>)(order(data.train.y))
        if (E.isLeft(ys)) return ys
        let total = 0
        for (let i = 0; i < xs.right.length; i++) {
          const done = step.run({ net, velocity, rate: RATE, x: xs.right[i], y: ys.right[i] })
          if (E.isLeft(done)) return done
          net = done.right.net
          velocity = done.right.velocity
          total += done.right.loss.data[0]
          steps++
        }
        report(epoch + 1, total / xs.right.length)
      }
      return E.right({ net, steps, ...curves })
    }),
  )

const meanOf = (xs: ArrayLike<number>): number => Array.from(xs).reduce((a, b) => a + b, 0) / xs.length

/** The mean squared distance of prices from their own mean. */
const varianceOf = ({ data }: Prices): number => {
  const mean = meanOf(data)
  return meanOf(Array.from(data, (y) => (y - mean) ** 2))
}

const last = (curve: ReadonlyArray<readonly [number, number]>): number => curve[curve.length - 1][1]

const resultTable = (data: Data, trained: Trained): string => {
  const line = (name: string, part: Part, mse: number): ReadonlyArray<string> => {
    const variance = varianceOf(part.y)
    const r2 = 1 - mse / variance
    return [
      name,
      String(part.y.shape[0]),
      mse.toFixed(2),
      Math.sqrt(mse).toFixed(2),
      r2.toFixed(3),
      variance.toFixed(2),
    ]
  }
  return table([
    ['', 'rows', 'MSE', 'RMSE ($1000)', 'R²', 'MSE of the mean price'],
    line('training', data.train, last(trained.train)),
    line('test', data.test, last(trained.test)),
  ])
}

/** How many test rows are shown. */
const EXAMPLES = 8

const predictionTable = (net: NetValues, { x, y }: Part): E.Either<Failure, string> => {
  type Inputs = { readonly net: Net; readonly x: Var<readonly [number, 12]> }
  return pipe(
    record((p: Inputs) => predict(p.net, p.x))({ net: netSpec, x: spec([x.shape[0], 12]) }),
    E.chain(compile()),
    E.chain(({ run }) => run({ net, x })),
    E.map((predicted) =>
      table([
        ['test row', 'predicted', 'true', 'difference'],
        ...Array.from({ length: EXAMPLES }, (_, i) => [
          String(i + 1),
          predicted.data[i].toFixed(1),
          y.data[i].toFixed(1),
          `${predicted.data[i] < y.data[i] ? '' : '+'}${(predicted.data[i] - y.data[i]).toFixed(1)}`,
        ]),
      ]),
    ),
  )
}

const lossChart = ({ train, test }: Losses): LineChart => ({
  title: 'Boston housing: loss of a 12-10-1 sigmoid network',
  xLabel: 'epoch',
  yLabel: 'mean squared error ($1000²)',
  logarithmic: true,
  series: [
    { name: 'training', points: train },
    { name: 'test', points: test },
  ],
})

const SVG_FILE = 'out/boston-loss.svg'

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/**
 * Runs the program with the arguments of its command line; the exit code. `calculus` says by which rules to differentiate
 * for the check.
 *
 * @category destructors
 * @since 0.1.0
 */
export const boston = async (
  args: ReadonlyArray<string>,
  terminal: Terminal,
  { calculus }: { readonly calculus?: Calculus } = {},
): Promise<number> => {
  const options = readOptions(args)
  if (E.isLeft(options)) {
    terminal.error(`${options.left}. Try --help.\n`)
    return USAGE
  }
  if (options.right === 'help') {
    terminal.write(HELP)
    return 0
  }
  const { seed, epochs, quiet } = options.right
  const failed = ({ message }: Failure): number => {
    terminal.error(`${message}\n`)
    return 1
  }
  const heading = (text: string): void => terminal.write(`\n${styled(terminal, 'bold', text)}\n\n`)

  const started = terminal.now()
  const [splitKey, netKey, epochKey] = Random.split(Random.key(seed), 3)
  const data = prepare(splitKey)
  if (E.isLeft(data)) return failed(data.left)
  const first = initial(netKey)
  terminal.write(
    `wengert: a 12-10-1 sigmoid network learns Boston housing prices (seed ${seed})\n` +
      `  ${data.right.train.x.shape[0]} training rows, ${data.right.test.x.shape[0]} test rows, prices in $1000; ` +
      'data: StatLib, Harrison and Rubinfeld 1978\n',
  )

  heading(`Is the gradient right? Against central differences, ${CHECKED_ROWS} rows`)
  const checkStarted = terminal.now()
  const checked = check(first, data.right.train, calculus)
  if (E.isLeft(checked)) return failed(checked.left)
  terminal.write(checkTable(checked.right))
  const { worst, agrees, compared } = checked.right
  terminal.write(
    worst === null
      ? '\n  no entry could be compared\n'
      : `\n  largest deviation: ${worst.ratio.toPrecision(2)} of the derived tolerance, at ${entryName(worst)}: ` +
          `analytic ${worst.analytic.toPrecision(8)}, numeric ${worst.numeric.toPrecision(8)}\n`,
  )
  if (!agrees) {
    terminal.write(
      `  ${styled(terminal, 'bad', 'The gradient is WRONG')}: it deviates by more than rounding and truncation can explain. Not training.\n`,
    )
    return 1
  }
  terminal.write(
    `  ${styled(terminal, 'good', 'The gradient agrees')}: ${compared} entries, ${seconds(terminal.now() - checkStarted)}\n`,
  )

  heading(
    `Training: ${epochs} epochs of ${Math.floor(TRAINING_ROWS / BATCH)} batches of ${BATCH}, rate ${RATE}, momentum 0.9`,
  )
  const progress = quiet ? null : await startProgress(terminal, epochs)
  const trainStarted = terminal.now()
  const trained = train(epochKey, first, data.right, epochs, (done, value) => progress?.report(done, value))
  const took = terminal.now() - trainStarted
  progress?.stop()
  if (E.isLeft(trained)) return failed(trained.left)
  terminal.write(
    `  ${trained.right.steps} steps in ${seconds(took)}, ${((1000 * trained.right.steps) / took).toFixed(0)} steps a second\n`,
  )

  const chart = lossChart(trained.right)
  if (!quiet) {
    const width = Math.max(20, Math.min(72, terminal.columns - 16))
    const text = await lineChartText(chart, { width, color: terminal.color })()
    terminal.write(`\n${E.isRight(text) ? text.right : `  ${text.left.message}\n`}`)
  }

  heading('Result')
  terminal.write(resultTable(data.right, trained.right))
  const predictions = predictionTable(trained.right.net, data.right.test)
  if (E.isLeft(predictions)) return failed(predictions.left)
  terminal.write(`\n${predictions.right}`)

  const svg = await lineChartSvg(chart)()
  const unsaved = E.isRight(svg) ? terminal.save(SVG_FILE, svg.right) : svg.left.message
  terminal.write(unsaved === null ? `\n  loss curve: ${SVG_FILE}\n` : `\n  no ${SVG_FILE}: ${unsaved}\n`)
  terminal.write(`  total: ${seconds(terminal.now() - started)}\n`)
  return unsaved === null ? 0 : 1
}
