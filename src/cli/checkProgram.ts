/**
 * The program behind `wengert check`.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Calculus } from '../primitive/Recorder.js'
import { verificationHtml } from '../report/index.js'
import { type Program, programOf, USAGE } from './arguments.js'
import { type Loaders, loadModule, nodeLoaders } from './checkLoad.js'
import { type Found, modelsOf } from './checkModule.js'
import { type CheckOptions, HELP, readCheck } from './checkOptions.js'
import { type Checked, checkModel, exitCodeOf } from './checkOutcome.js'
import { readPoint } from './checkPoint.js'
import { startCheckProgress } from './checkProgress.js'
import { certificatesText, counts, jsonOf, junitOf, type Run } from './checkReports.js'
import type { SelfCheck } from './checkSelf.js'
import { smallestWrong } from './checkShrink.js'
import { styled, type Terminal } from './terminal.js'
import { version } from './version.js'

/**
 * What a test may replace: the rules to differentiate by, and how modules are loaded.
 *
 * @category model
 * @since 0.1.0
 */
export interface Environment {
  readonly calculus?: Calculus
  readonly loaders?: Loaders
}

const STYLES = { right: 'good', wrong: 'bad', undecided: 'bold' } as const

/** The verdict and the name in the first line, the rest of the message below. */
const shown = (terminal: Terminal, { name, verdict, status, message, report }: Checked): string => {
  const head = `${styled(terminal, STYLES[status], verdict.padEnd(15))}  ${name}`
  if (verdict === 'PASS') return `${head}\n`
  const [first, ...rest] = message.split('\n')
  const reason = first.startsWith(`${verdict}: `) ? first.slice(verdict.length + 2) : first
  const more = [
    ...rest,
    ...(status === 'right' ? ['accepted: there is no derivative here, and the one given is a subgradient'] : []),
    ...(report?.reproducer == null ? [] : ['reproducer: a vitest file that fails by itself, see --json']),
  ]
  return `${head}: ${reason}\n${more.map((line) => `    ${line}\n`).join('')}`
}

interface Case {
  readonly name: string
  readonly model: unknown
  readonly point: unknown
  /** what the point was drawn from, and what a smaller one can be drawn from */
  readonly drawn: { readonly name: string; readonly arbitrary: unknown } | null
}

/** A model at its points; arbitraries are sampled. */
const casesOf = async (
  { name, model, points }: Found,
  { seed, samples }: Pick<CheckOptions, 'seed' | 'samples'>,
): Promise<E.Either<string, ReadonlyArray<Case>>> => {
  const drawn = points._tag === 'Drawn' ? { name, arbitrary: points.arbitrary } : null
  const all = (list: ReadonlyArray<unknown>, what: string): ReadonlyArray<Case> =>
    list.map((point, i) => ({ name: list.length === 1 ? name : `${name}, ${what} ${i + 1}`, model, point, drawn }))
  if (points._tag === 'Given') return E.right(all(points.points, 'point'))
  const fc = await import('fast-check').catch(() => null)
  if (fc === null) return E.left(`${name} draws its points: npm install --save-dev fast-check`)
  try {
    return E.right(all(fc.sample(points.arbitrary as never, { seed, numRuns: samples }), 'sample'))
  } catch (e) {
    return E.left(`the points of ${name} cannot be drawn: ${e instanceof Error ? e.message : String(e)}`)
  }
}

/** Lets a progress bar draw and a signal arrive. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const prepared = async (
  file: string,
  options: CheckOptions,
  loaders: Loaders,
): Promise<E.Either<string, ReadonlyArray<Case>>> => {
  const point = options.at === null ? null : readPoint(options.at)
  if (point !== null && E.isLeft(point)) return point
  const module = await loadModule(file, loaders)
  if (E.isLeft(module)) return module
  const models = modelsOf(file, module.right, {
    ...(options.export === null ? {} : { export: options.export }),
    ...(point === null ? {} : { at: { point: point.right } }),
  })
  if (E.isLeft(models)) return models
  const cases: Array<Case> = []
  for (const model of models.right) {
    const some = await casesOf(model, options)
    if (E.isLeft(some)) return some
    cases.push(...some.right)
  }
  return E.right(cases)
}

const summary = (all: ReadonlyArray<Checked>, started: number, terminal: Terminal, what: string): string => {
  const { right, wrong, undecided } = counts(all)
  const style = STYLES[wrong > 0 ? 'wrong' : undecided > 0 ? 'undecided' : 'right']
  const told = styled(terminal, style, `${right} right, ${wrong} wrong, ${undecided} undecided`)
  return `\n${told} of ${all.length} ${what} in ${((terminal.now() - started) / 1000).toFixed(1)} s\n`
}

type Results = E.Either<string, ReadonlyArray<Checked>>

const checkFile = async (
  file: string,
  options: CheckOptions,
  terminal: Terminal,
  { calculus, loaders = nodeLoaders }: Environment,
): Promise<Results> => {
  const started = terminal.now()
  const cases = await prepared(file, options, loaders)
  if (E.isLeft(cases)) return cases
  const say = options.json ? () => undefined : terminal.write
  const total = cases.right.length
  say(`wengert check ${file}: ${total} ${total === 1 ? 'gradient' : 'gradients'}, seed ${options.seed}\n\n`)
  const progress = await startCheckProgress(options.json ? { ...terminal, screen: null } : terminal, total)
  const found: Array<Checked> = []
  const verify = {
    seed: options.seed,
    order: options.order,
    certified: options.certificate !== null,
    ...(calculus === undefined ? {} : { calculus }),
  }
  const check = (name: string, model: unknown, point: unknown): Checked => {
    const checked = checkModel(name, model, point, verify, terminal.now)
    found.push(checked)
    if (!progress.drawn) say(shown(terminal, checked))
    return checked
  }
  const shrunk = new Set<unknown>()
  for (const [done, { name, model, point, drawn }] of cases.right.entries()) {
    progress.report(done, name)
    await breathe()
    const { status } = check(name, model, point)
    if (status !== 'wrong' || drawn === null || shrunk.has(drawn.arbitrary)) continue
    shrunk.add(drawn.arbitrary)
    const isWrong = (p: unknown): boolean =>
      checkModel(name, model, p, { ...verify, shrink: false }, terminal.now).status === 'wrong'
    const smallest = await smallestWrong(drawn.arbitrary, isWrong, options)
    if (smallest !== null) check(`${drawn.name}, smallest sample`, model, smallest.point)
  }
  progress.stop()
  if (progress.drawn) for (const checked of found) say(shown(terminal, checked))
  say(summary(found, started, terminal, 'gradients'))
  return E.right(found)
}

const checkSelf = async (options: CheckOptions, terminal: Terminal, { calculus }: Environment): Promise<Results> => {
  const self = await import('./checkSelf.js').catch((e: unknown) => e as { readonly code?: unknown })
  if (!('checkPrimitive' in self)) {
    if (self.code !== 'ERR_MODULE_NOT_FOUND') throw self
    return E.left('--self draws its points: npm install --save-dev fast-check')
  }
  const started = terminal.now()
  const say = options.json ? () => undefined : terminal.write
  const total = self.differentiable.length
  say(`wengert check --self: ${total} primitives at up to ${options.samples} sites, seed ${options.seed}\n\n`)
  const progress = await startCheckProgress(options.json ? { ...terminal, screen: null } : terminal, total)
  const found: Array<SelfCheck> = []
  for (const name of self.differentiable) {
    progress.report(found.length, name)
    await breathe()
    const { seed, samples } = options
    const how = { seed, samples, ...(calculus === undefined ? {} : { calculus }) }
    found.push(self.checkPrimitive(name, how, terminal.now))
  }
  progress.stop()
  const all = found.map(({ checked }) => checked)
  say(self.selfTable(found))
  for (const checked of all) if (checked.verdict !== 'PASS') say(`\n${shown(terminal, checked)}`)
  say(summary(all, started, terminal, 'primitives'))
  return E.right(all)
}

/** What is written beside what is printed: the file and its text, for each that was asked for. */
const filesOf = async (
  { junit, html, certificate }: CheckOptions,
  run: Run,
): Promise<ReadonlyArray<readonly [string, string]>> => {
  const certificates = run.models.flatMap((model) => (model.certificate === null ? [] : [model.certificate]))
  return [
    ...(junit === null ? [] : [[junit, junitOf(run)] as const]),
    ...(html === null ? [] : [[html, await verificationHtml(run.models, run)()] as const]),
    ...(certificate === null ? [] : [[certificate, certificatesText(certificates)] as const]),
  ]
}

const checkWith = async (options: CheckOptions, terminal: Terminal, environment: Environment): Promise<number> => {
  const { file, seed, json } = options
  const results =
    file === null
      ? await checkSelf(options, terminal, environment)
      : await checkFile(file, options, terminal, environment)
  if (E.isLeft(results)) {
    terminal.error(`${results.left}\n`)
    if (json)
      terminal.write(`${JSON.stringify({ version: version(), exitCode: USAGE, error: results.left }, null, 2)}\n`)
    return USAGE
  }
  const exitCode = exitCodeOf(results.right)
  const run: Run = { version: version(), subject: file ?? 'wengert', seed, exitCode, models: results.right }
  const unsaved = (await filesOf(options, run)).flatMap(([path, content]) => {
    const reason = terminal.save(path, content)
    return reason === null ? [] : [`no ${path}: ${reason}\n`]
  })
  for (const sentence of unsaved) terminal.error(sentence)
  const code = unsaved.length === 0 || exitCode === 1 ? exitCode : USAGE
  if (json) terminal.write(jsonOf({ ...run, exitCode: code }))
  return code
}

/**
 * `wengert check` in an environment.
 *
 * @category programs
 * @since 0.1.0
 */
export const checkIn = (environment: Environment): Program =>
  programOf('wengert check', HELP, readCheck, (options, terminal) => checkWith(options, terminal, environment))

/**
 * Runs `wengert check`.
 *
 * @category programs
 * @since 0.1.0
 */
export const check: Program = checkIn({})
