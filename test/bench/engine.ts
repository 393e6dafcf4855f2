/**
 * `npm run bench:engine`: whole training steps on our engines, on loops written by hand, and on other libraries, all from
 * the same numbers and with the same loss after ten steps; then what the engine promises apart from speed.
 *
 * Each system runs in a process of its own; all of them are measured in turns, many times, so that they meet the same
 * weather. Times are medians, with the first and the ninth decile; ratios are to our float32 in the same run.
 *
 * - `--peers` installs jax-js, TensorFlow.js and ONNX Runtime into `.cache/peers`; later runs find them there;
 * - `--python PROGRAM` names a Python that may have JAX and PyTorch;
 * - `--only W1,W5` chooses workloads, `--rounds 9` and `--milliseconds 300` how long;
 * - `--json` prints everything as data.
 */
import { parseArgs } from 'node:util'
import { limitFigures } from './engineLimits.js'
import { install, type Subject, type System, started, systems } from './engineSystems.js'
import { workloads } from './engineWorkloads.js'
import { atMost, type Figure, median, report, reported } from './report.js'

const { values: options } = parseArgs({
  options: {
    peers: { type: 'boolean', default: false },
    python: { type: 'string', default: 'python3' },
    only: { type: 'string', default: [...Object.keys(workloads), 'limits'].join() },
    rounds: { type: 'string', default: '7' },
    milliseconds: { type: 'string', default: '300' },
    json: { type: 'boolean', default: false },
  },
})

/** What a system did at a workload: microseconds of a step, all samples of each round. */
interface Measured {
  readonly name: string
  readonly library: boolean
  readonly loss: number | null
  readonly first: number
  readonly memory: number
  readonly rounds: ReadonlyArray<ReadonlyArray<number>>
}

const quantile = (xs: ReadonlyArray<number>, share: number): number =>
  xs.toSorted((a, b) => a - b)[Math.min(xs.length - 1, Math.floor(share * xs.length))]

const measure = async (workload: string, all: ReadonlyArray<System>): Promise<ReadonlyArray<Measured>> => {
  const subjects: Array<Subject> = []
  for (const system of all.filter(({ does }) => does(workload))) {
    const subject = await started(system, workload)
    if (typeof subject === 'string') console.error(`${workload}: without ${system.name} (${subject.trim()})`)
    else subjects.push(subject)
  }
  const rounds = subjects.map((): Array<ReadonlyArray<number>> => [])
  const memory = subjects.map(() => 0)
  for (let r = 0; r < Number(options.rounds); r++)
    for (const [i, subject] of subjects.entries()) {
      const round = await subject.round(Number(options.milliseconds))
      rounds[i].push(round.samples)
      memory[i] = round.memory
    }
  for (const subject of subjects) subject.stop()
  return subjects.map(({ system: { name, library }, ready }, i) => ({
    name,
    library,
    ...ready,
    memory: memory[i],
    rounds: rounds[i],
  }))
}

/** The median over the rounds of one system's time over another's. */
const ratio = (a: Measured, b: Measured): number =>
  median(a.rounds.map((samples, r) => median(samples) / median(b.rounds[r])))

/** Shares of others' times that are to be reached: of the fastest library, or of the named ones. */
const targets: Readonly<
  Record<string, ReadonlyArray<readonly [system: string, others: ReadonlyArray<string>, share: number]>>
> = {
  W1: [['wasm f32', [], 0.1]],
  W2: [['wasm f32', [], 0.5]],
  W3: [
    ['wasm f32', ['PyTorch', 'ONNX Runtime', 'jax-js', 'tfjs'], 1],
    ['BLAS f32', ['JAX'], 1],
  ],
  W4: [
    ['wasm f32', ['jax-js', 'tfjs'], 0.05],
    ['wasm f32', ['PyTorch'], 1],
    ['BLAS f32', ['JAX'], 1],
  ],
  W5: [
    ['wasm f32', ['PyTorch', 'ONNX Runtime'], 1],
    ['BLAS f32', ['JAX'], 1],
  ],
  W7: [['wasm f32', [], 0.1]],
}

const figuresOf = async (workload: string, all: ReadonlyArray<System>): Promise<ReadonlyArray<Figure>> => {
  const found = await measure(workload, all)
  const { lossAfterTen, flops } = workloads[workload]()
  const own = found.find(({ name }) => name === 'wasm f32') as Measured
  const times = found.map((m) => {
    const samples = m.rounds.flat()
    const middle = median(samples)
    return reported(`${workload}: ${m.name}`, middle, 'us', {
      times: ratio(m, own),
      low: quantile(samples, 0.1),
      high: quantile(samples, 0.9),
      ...(flops === undefined ? {} : { 'GFLOP/s': flops / middle / 1e3 }),
      'first step ms': m.first,
      MiB: m.memory,
    })
  })
  const off = found.map(({ loss }) => (lossAfterTen === null ? 0 : Math.abs((loss as number) / lossAfterTen - 1)))
  const shares = (targets[workload] ?? []).flatMap(([system, others, share]) => {
    const one = found.find(({ name }) => name === system)
    const against = found.filter((m) => (others.length === 0 ? m.library : others.includes(m.name)))
    if (one === undefined || against.length === 0) return []
    const fastest = against.reduce((best, m) => (ratio(m, best) < 1 ? m : best))
    return [atMost(`${workload}: ${system}, share of the time of ${fastest.name}`, ratio(one, fastest), '', share)]
  })
  return [
    ...times,
    // six digits were published, and float32 keeps seven through ten steps
    ...(lossAfterTen === null
      ? []
      : [atMost(`${workload}: losses after ten steps, off by`, Math.max(...off), '', 5e-6)]),
    ...shares,
  ]
}

if (options.peers) install()
const all = systems(options.python)
const chosen = options.only.split(',')
await report([
  ...Object.keys(workloads)
    .filter((name) => chosen.includes(name))
    .map((name) => [name, () => figuresOf(name, all)] as const),
  ...(chosen.includes('limits') ? [['limits', limitFigures] as const] : []),
])
