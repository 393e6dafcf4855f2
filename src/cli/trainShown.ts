/**
 * Following a run: its progress, its losses, and what is left of it.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type LineChart, lineChartSvg } from '../show/index.js'
import { charted } from './charted.js'
import { breathing, startProgress } from './progress.js'
import type { Terminal } from './terminal.js'
import type { Ready } from './trainPlan.js'
import { type Passed, type RunFiles, saveJson } from './trainRun.js'

/** Four digits. */
const short = (x: number): string => String(Number(x.toPrecision(4)))

const shownMeasures = (measures: Passed['measures']): string =>
  Object.entries(measures)
    .map(([name, value]) =>
      name === 'accuracy' ? `accuracy ${(100 * value).toFixed(2)} %` : `${name} ${short(value)}`,
    )
    .join(', ')

const chartOf = (file: string, { config }: Ready, history: ReadonlyArray<Passed>): LineChart => {
  const validated = history.filter(({ measures }) => Object.hasOwn(measures, 'loss'))
  const all = [...history.map(({ loss }) => loss), ...validated.map(({ measures }) => measures.loss)]
  return {
    title: `${file}: ${config.loss}`,
    xLabel: 'epoch',
    yLabel: config.loss,
    logarithmic: all.every((x) => x > 0),
    series: [
      { name: 'training', points: history.map(({ epoch, loss }) => [epoch, loss] as const) },
      ...(validated.length === 0
        ? []
        : [{ name: 'validation', points: validated.map(({ epoch, measures }) => [epoch, measures.loss] as const) }]),
    ],
  }
}

/**
 * What came of a run.
 *
 * @category model
 * @since 0.1.0
 */
export interface Ended {
  readonly step: number
  readonly history: ReadonlyArray<Passed>
  readonly reason: 'finished' | 'patience' | 'interrupted'
  readonly best: { readonly epoch: number; readonly loss: number } | null
  readonly milliseconds: number
}

/** Milliseconds between two times that the losses are written: they grow, and a short epoch must not wait for them. */
const BETWEEN = 1000

/** How much of the mean of the losses of steps comes from the last one. */
const FRESH = 0.05

/**
 * Makes the steps of a run, shows how it goes, and keeps its losses; until it ends, or is interrupted and has saved. A sentence
 * where it fails.
 *
 * @category running
 * @since 0.1.0
 */
export const followed = async (
  ready: Ready,
  before: ReadonlyArray<Passed>,
  files: RunFiles,
  interrupted: () => boolean,
  terminal: Terminal,
  quiet: boolean,
): Promise<E.Either<string, Ended>> => {
  const total = ready.config.epochs * ready.perEpoch
  const progress = quiet ? null : await startProgress(terminal, { unit: 'step', total, first: ready.from })
  const breathe = breathing(terminal.now)
  const keep = saveJson(terminal)
  const started = terminal.now()
  const history = [...before]
  let [step, mean, written] = [ready.from, Number.NaN, started]
  try {
    for (const event of ready.events) {
      const milliseconds = terminal.now() - started
      if (event._tag === 'step') {
        step = event.step
        mean = Number.isNaN(mean) ? event.loss : mean + FRESH * (event.loss - mean)
        const speed = Math.round((1000 * (step - ready.from)) / Math.max(1, milliseconds))
        progress?.report(step, `loss ${short(mean)}   rate ${short(event.rate)}   ${speed} steps/s`)
        await breathe()
      } else if (event._tag === 'epoch')
        history.push({ epoch: event.epoch + 1, step: event.step, loss: event.loss, measures: {} })
      else if (event._tag === 'validation')
        history[history.length - 1] = { ...history[history.length - 1], measures: event.measures }
      else if (event._tag === 'failed') return E.left(event.failure.message)
      else if (event._tag === 'checkpoint') {
        const stopped = interrupted() && step < total
        if (stopped || terminal.now() - written > BETWEEN) {
          const kept = keep(files.history, history)
          if (E.isLeft(kept)) return kept
          written = terminal.now()
        }
        if (stopped) return E.right({ step, history, reason: 'interrupted', best: null, milliseconds })
      } else
        return E.map((): Ended => ({ step, history, reason: event.reason, best: event.best, milliseconds }))(
          keep(files.history, history),
        )
    }
  } finally {
    progress?.stop()
  }
  return E.left('the run ended without an end')
}

/**
 * Prints and writes what is left of a run: numbers, and a picture. The exit code.
 *
 * @category printing
 * @since 0.1.0
 */
export const concluded = async (
  file: string,
  ready: Ready,
  { step, history, reason, best, milliseconds }: Ended,
  files: RunFiles,
  terminal: Terminal,
  quiet: boolean,
): Promise<number> => {
  const last = history.at(-1)
  const seconds = milliseconds / 1000
  const made = step - ready.from
  const chosen = best === null ? last : history.find(({ epoch }) => epoch === best.epoch + 1)
  const told = chosen === undefined ? {} : chosen.measures
  terminal.write(
    `\n  ${step} steps, ${history.length} epochs (${reason === 'patience' ? 'no better for a while' : reason}), ` +
      `${seconds.toFixed(1)} s, ${Math.round(made / Math.max(seconds, 1e-3))} steps/s\n` +
      (last === undefined ? '' : `  training loss ${short(last.loss)}\n`) +
      (Object.keys(told).length === 0 ? '' : `  validation: ${shownMeasures(told)}\n`) +
      (best === null || last === undefined || best.epoch + 1 === last.epoch ? '' : `  best epoch: ${best.epoch + 1}\n`),
  )
  const chart = chartOf(file, ready, history)
  if (!quiet && history.length > 1) terminal.write(`\n${await charted(terminal, chart)}`)
  const summed = saveJson(terminal)(files.summary, {
    config: ready.config,
    step,
    epochs: history.length,
    reason,
    loss: last?.loss ?? null,
    validation: told,
    best,
    seconds,
    stepsPerSecond: made / Math.max(seconds, 1e-3),
  })
  const svg = history.length > 1 ? await lineChartSvg(chart)() : null
  const unsaved = [
    ...(E.isLeft(summed) ? [summed.left] : []),
    ...(svg === null || E.isRight(svg) ? [] : [`no ${files.picture}: ${svg.left.message}`]),
    ...(svg !== null && E.isRight(svg) ? [terminal.save(files.picture, svg.right)] : []).filter((s) => s !== null),
  ]
  for (const sentence of unsaved) terminal.error(`${sentence}\n`)
  terminal.write(`\n  ${files.checkpoint}, ${files.summary}${svg === null ? '' : `, ${files.picture}`}\n`)
  return unsaved.length === 0 ? 0 : 1
}
