/**
 * The program behind `npm start`: check the gradient of a small network, train it on Boston housing, show what came of it.
 *
 * Everything it draws comes from the seed that it prints, so the same seed prints the same numbers (times aside).
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { rows } from '../data/index.js'
import type { Failure } from '../Failure.js'
import type { Calculus } from '../primitive/Recorder.js'
import * as Random from '../Random.js'
import { lineChartSvg } from '../show/index.js'
import type { Event } from '../train/index.js'
import { centralDifferences, entryName, type GradientCheck } from '../verify/index.js'
import { type Program, parsed, programOf, whole } from './arguments.js'
import {
  type Houses,
  houses,
  initial,
  loss,
  type Net,
  type NetValues,
  type Part,
  prices,
  SETTINGS,
  training,
} from './bostonModel.js'
import { checkTable, type Errors, lossChart, predictionChart, predictionTable, resultTable } from './bostonShown.js'
import { charted } from './charted.js'
import { startProgress } from './progress.js'
import { styled, type Terminal } from './terminal.js'

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

const LOSSES = 'out/boston-loss.svg'
const PREDICTIONS = 'out/boston-predictions.svg'

const HELP = `Checks the gradient of a 12-10-1 sigmoid network, trains it on Boston housing and shows the result.

  npm start -- [options]

  --seed N     where all random numbers come from (default ${DEFAULTS.seed})
  --epochs N   how often every training row is seen (default ${DEFAULTS.epochs})
  --quiet      no progress and no chart in the terminal
  --help       this text

The loss curve is also written to ${LOSSES}, predictions against true prices to ${PREDICTIONS}.
Exit codes: 0 when all went well, 1 when the gradient is wrong or something failed, 3 when the options are not understood.
`

const MAX_EPOCHS = 100_000

/**
 * Reads the options: what to do, or a sentence that says what is wrong.
 *
 * @category constructors
 * @since 0.1.0
 */
export const readOptions = (args: ReadonlyArray<string>): E.Either<string, Options> =>
  pipe(
    parsed({ seed: { type: 'string' }, epochs: { type: 'string' }, quiet: { type: 'boolean' } })(args),
    E.filterOrElse(
      ({ positionals }) => positionals.length === 0,
      ({ positionals }) => `there are only options here, not ${positionals.join(' ')}`,
    ),
    E.chain(({ values: { seed, epochs, quiet = DEFAULTS.quiet } }) =>
      pipe(
        E.Do,
        E.apS('seed', whole('seed', seed ?? String(DEFAULTS.seed), Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)),
        E.apS('epochs', whole('epochs', epochs ?? String(DEFAULTS.epochs), 1, MAX_EPOCHS)),
        E.map((numbers) => ({ ...numbers, quiet })),
      ),
    ),
  )

const CHECKED_ROWS = 32

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

/** What came of a training: errors by epoch, and the weights. */
interface Trained {
  readonly net: NetValues
  readonly steps: number
  readonly errors: Errors
}

/** How many points a loss curve has, at most about. */
const CURVE = 100

const train = (
  data: Houses,
  first: NetValues,
  { epochs, seed }: Options,
  report: (done: number, loss: number) => void,
): E.Either<Failure, Trained> =>
  E.chain((events: Iterable<Event<Net, readonly []>>): E.Either<Failure, Trained> => {
    const errors: Array<Errors[number]> = []
    let trained: Trained = { net: first, steps: 0, errors }
    for (const event of events) {
      if (event._tag === 'failed') return E.left(event.failure)
      if (event._tag === 'epoch') report(event.epoch + 1, event.loss)
      if (event._tag === 'validation') errors.push([event.epoch + 1, event.measures.training, event.measures.test])
      if (event._tag === 'stopped') trained = { net: event.parameters, steps: event.step, errors }
    }
    return E.right(trained)
  })(training(data, first, { epochs, seed, every: Math.ceil(epochs / CURVE) }))

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/** Writes pictures; whether all of them could be. */
const saved = async (
  pictures: ReadonlyArray<readonly [what: string, file: string, svg: TaskEither<Failure, string>]>,
  terminal: Terminal,
): Promise<boolean> => {
  let all = true
  for (const [what, file, draw] of pictures) {
    const svg = await draw()
    const unsaved = E.isRight(svg) ? terminal.save(file, svg.right) : svg.left.message
    all &&= unsaved === null
    terminal.write(unsaved === null ? `  ${what}: ${file}\n` : `  no ${file}: ${unsaved}\n`)
  }
  return all
}

const run = async (options: Options, terminal: Terminal, calculus: Calculus | undefined): Promise<number> => {
  const { seed, epochs, quiet } = options
  const failed = ({ message }: Failure): number => {
    terminal.error(`${message}\n`)
    return 1
  }
  const heading = (text: string): void => terminal.write(`\n${styled(terminal, 'bold', text)}\n\n`)

  const started = terminal.now()
  const [splitKey, netKey] = Random.split(Random.key(seed), 2)
  const data = houses(splitKey)
  if (E.isLeft(data)) return failed(data.left)
  const first = initial(netKey)
  const { train: known, test: kept } = data.right
  terminal.write(
    `wengert: a 12-10-1 sigmoid network learns Boston housing prices (seed ${seed})\n` +
      `  ${known.x.shape[0]} training rows, ${kept.x.shape[0]} test rows, prices in $1000; ` +
      'data: StatLib, Harrison and Rubinfeld 1978\n',
  )

  heading(`Is the gradient right? Against central differences, ${CHECKED_ROWS} rows`)
  const checkStarted = terminal.now()
  const checked = check(first, known, calculus)
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

  const { batch, rate, momentum } = SETTINGS
  const perEpoch = Math.floor(known.x.shape[0] / batch)
  heading(`Training: ${epochs} epochs of ${perEpoch} batches of ${batch}, rate ${rate}, momentum ${momentum}`)
  const progress = quiet ? null : await startProgress(terminal, { unit: 'epoch', total: epochs })
  const trainStarted = terminal.now()
  const trained = train(data.right, first, options, (done, value) => progress?.report(done, `loss ${value.toFixed(2)}`))
  const took = terminal.now() - trainStarted
  progress?.stop()
  if (E.isLeft(trained)) return failed(trained.left)
  const { net, steps, errors } = trained.right
  terminal.write(`  ${steps} steps in ${seconds(took)}, ${((1000 * steps) / took).toFixed(0)} steps a second\n`)
  if (!quiet) terminal.write(`\n${await charted(terminal, lossChart(errors))}`)

  heading('Result')
  const predicted = pipe(E.Do, E.apS('known', prices(net, known.x)), E.apS('kept', prices(net, kept.x)))
  if (E.isLeft(predicted)) return failed(predicted.left)
  terminal.write(
    resultTable([
      ['training', known.y, predicted.right.known],
      ['test', kept.y, predicted.right.kept],
    ]),
  )
  terminal.write(`\n${predictionTable(kept.y, predicted.right.kept)}\n`)
  const all = await saved(
    [
      ['loss curve', LOSSES, lineChartSvg(lossChart(errors))],
      ['predictions', PREDICTIONS, lineChartSvg(predictionChart(kept.y, predicted.right.kept))],
    ],
    terminal,
  )
  terminal.write(`  total: ${seconds(terminal.now() - started)}\n`)
  return all ? 0 : 1
}

/**
 * The program of `npm start`; `calculus` says by which rules to differentiate for the check.
 *
 * @category programs
 * @since 0.1.0
 */
export const bostonBy = (calculus?: Calculus): Program =>
  programOf('npm start --', HELP, readOptions, (options, terminal) => run(options, terminal, calculus))

/**
 * Runs `npm start`.
 *
 * @category programs
 * @since 0.1.0
 */
export const boston: Program = bostonBy()
