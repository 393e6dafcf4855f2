/**
 * Recording: time, memory and depth. Each measurement runs in a process of its own, so that none pays for another's
 * garbage; this file is also that process.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { add, gen, type Reverse, record, type Shape, spec, type Var } from 'wengert'
import * as R from 'wengert/Reverse'
import { atMost, exactly, type Figure, median, milliseconds } from './report.js'

type Scalar = Var<readonly []>

const MILLION = 1_000_000

/** `y + x`, n times, one `yield*` after another. */
const stepwise = (n: number) => (x: Scalar) =>
  gen(function* () {
    let y: Scalar = x
    for (let i = 0; i < n; i++) y = yield* add(y, x)
    return y
  })

/** The same as one expression, n deep. */
const nested = (n: number) => (x: Scalar) => {
  let y: Scalar | Reverse<Var<Shape>> = x
  for (let i = 0; i < n; i++) y = add(y as Scalar, x)
  return y as Reverse<Scalar>
}

const leftNested = (n: number) => (x: Scalar) => {
  let m: Reverse<number> = R.of(0)
  for (let i = 0; i < n; i++) m = R.flatMap(m, (k) => R.of(k + 1))
  return R.flatMap(m, () => R.of(x))
}

const rightNested = (n: number) => (x: Scalar) => {
  const go = (k: number): Reverse<number> => (k === 0 ? R.of(0) : R.flatMap(R.of(k - 1), go))
  return R.flatMap(go(n), () => R.of(x))
}

const generated = (n: number) => (x: Scalar) =>
  gen(function* () {
    let k = 0
    for (let i = 0; i < n; i++) k = yield* R.of(k + 1)
    return k === n ? x : yield* R.raise('lost count')
  })

const models = { stepwise, nested, leftNested, rightNested, generated }

interface Measured {
  readonly length: number
  readonly ms: number
  /** what the whole process ever held */
  readonly peakMegabytes: number
  /** what the tape holds once everything else is collected */
  readonly retainedMegabytes: number
}

const measureHere = (name: keyof typeof models, n: number): Measured => {
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  let program: unknown
  let length = 0
  const ms = milliseconds(() => {
    const recorded = record(models[name](n))(spec([]))
    if (recorded._tag === 'Left') throw new Error(recorded.left.message)
    length = recorded.right.tape.length
    program = recorded
  })
  globalThis.gc?.()
  const retained = process.memoryUsage().heapUsed - before
  return {
    length: program === undefined ? 0 : length,
    ms,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
    retainedMegabytes: retained / 2 ** 20,
  }
}

/** A heap of this size is given to the process, so that 500 MB are held in all. */
const HEAP_MEGABYTES = 400

const measure = (name: keyof typeof models, n: number): Measured => {
  const child = spawnSync(
    process.execPath,
    ['--expose-gc', `--max-old-space-size=${HEAP_MEGABYTES}`, fileURLToPath(import.meta.url), name, String(n)],
    { encoding: 'utf8' },
  )
  if (child.status !== 0) throw new Error(`recording ${n} (${name}) failed:\n${child.stderr}`)
  return JSON.parse(child.stdout) as Measured
}

const repeated = (name: keyof typeof models, n: number): Measured => {
  const runs = [0, 1, 2].map(() => measure(name, n))
  return {
    length: runs[0].length,
    ms: median(runs.map((r) => r.ms)),
    peakMegabytes: median(runs.map((r) => r.peakMegabytes)),
    retainedMegabytes: median(runs.map((r) => r.retainedMegabytes)),
  }
}

const sharing = (): number => {
  const recorded = record((x: Scalar) => {
    let y: Reverse<Scalar> = R.of(x)
    for (let i = 0; i < 50; i++) y = add(y, y)
    return y
  })(spec([]))
  return recorded._tag === 'Right' ? recorded.right.tape.length - 1 : Number.NaN
}

export const recordingFigures = (): ReadonlyArray<Figure> => {
  const whole = repeated('stepwise', MILLION)
  const quarter = repeated('stepwise', MILLION / 4)
  const expression = repeated('nested', MILLION)
  const depth = (['leftNested', 'rightNested', 'generated'] as const).map(
    (name) => [name, measure(name, MILLION)] as const,
  )
  return [
    exactly('instructions recorded step by step', whole.length - 1, 'instructions', MILLION),
    atMost('time, step by step', whole.ms / 1000, 's', 3),
    atMost('peak memory of the process, step by step', whole.peakMegabytes, 'MB', 500),
    atMost('memory kept by the tape', whole.retainedMegabytes, 'MB', 500),
    atMost('time of 1 000 000 over time of 250 000 (linear: 4)', whole.ms / quarter.ms, 'x', 6),
    atMost('time, one expression 1 000 000 deep', expression.ms / 1000, 's', 3),
    atMost('peak memory of the process, one expression', expression.peakMegabytes, 'MB', 500),
    ...depth.map(([name, m]) => atMost(`1 000 000 flatMaps, ${name}: time`, m.ms / 1000, 's', 3)),
    exactly('y = add(y, y) fifty times over', sharing(), 'instructions', 50),
  ]
}

const [name, n] = process.argv.slice(2)
if (process.argv[1] === fileURLToPath(import.meta.url) && name in models)
  console.log(JSON.stringify(measureHere(name as keyof typeof models, Number(n))))
