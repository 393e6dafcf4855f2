/**
 * `npm run bench:threads`: whole training steps and products on one thread and on several, in one process and in turns, so
 * that they meet the same weather. Speed-ups are ratios of the shortest times, since a core that other work takes away shows in
 * everything else; and what it costs to hand something over.
 *
 * - `--counts 2,4` chooses how many threads, `--only W3,W4` the workloads, `--seconds 4` how long each;
 * - `--json` prints everything as data.
 */
import { parseArgs } from 'node:util'
import { compile, type Running, type VarTree } from 'wengert'
import type { Threads } from 'wengert/engine'
import { startThreads } from 'wengert/threads'
import { assemble, type Func, func } from '../../src/engine/wasm/assembler.js'
import { allocated, compiled, platform } from '../../src/engine/wasm/platform.js'
import { right } from '../engine/given.js'
import { workloads } from './engineWorkloads.js'
import { type Figure, median, report, reported } from './report.js'

const { values: options } = parseArgs({
  options: {
    counts: { type: 'string', default: '2' },
    only: { type: 'string', default: 'W1,W3,W4,W5,W6-512,W6-1024' },
    seconds: { type: 'string', default: '4' },
    json: { type: 'boolean', default: false },
  },
})

const SCALARS = ['f32', 'f64'] as const

const WARM_UP = 500

/** Runs each in turns for so many seconds, and gives the fewest microseconds of a step of each. */
const inTurns = (steps: ReadonlyArray<() => unknown>, seconds: number): ReadonlyArray<number> => {
  const timed = (step: () => unknown, times: number): number => {
    const from = performance.now()
    for (let i = 0; i < times; i++) step()
    return ((performance.now() - from) * 1000) / times
  }
  // compilers improve on code that runs often
  for (const step of steps) for (const from = performance.now(); performance.now() - from < WARM_UP; ) step()
  // blocks of half a millisecond: short enough to meet a moment in which all cores are there
  const times = steps.map((step) => Math.max(1, Math.round(500 / timed(step, 5))))
  const least = steps.map(() => Number.POSITIVE_INFINITY)
  const until = performance.now() + 1000 * seconds
  for (let round = 0; round < 20 || performance.now() < until; round++)
    for (const [i, step] of steps.entries()) least[i] = Math.min(least[i], timed(step, times[i]))
  return least
}

const speedUps = (name: string, all: ReadonlyArray<Threads>): ReadonlyArray<Figure> => {
  const { program, inputs, donate } = workloads[name]()
  return SCALARS.flatMap((scalar) => {
    const steps = [null, ...all].map((threads) => {
      const given = { engine: 'wasm' as const, scalar, donate, ...(threads === null ? {} : { threads }) }
      return (right(right(compile(given)(program)).start(inputs as never)) as Running<VarTree, VarTree>).step
    })
    const [one, ...more] = inTurns(steps, Number(options.seconds))
    return [
      reported(`${name} ${scalar}: 1 thread`, one, 'us'),
      ...more.map((time, i) =>
        reported(`${name} ${scalar}: ${all[i].count} threads`, time, 'us', { 'speed-up': one / time }),
      ),
    ]
  })
}

/** What the caller pays to publish a job of nothing: to workers that look for one, and to workers that sleep. */
const handOver = (threads: Threads): ReadonlyArray<Figure> => {
  const module = right(
    compiled(
      right(platform()),
      assemble({
        exports: { job0: func('job0', ['i32', 'i32'], 'void', () => []) as Func },
        memory: { pages: 1, most: 1, shared: true, from: ['host', 'memory'] },
      }),
    ),
  )
  const memory = right(allocated(1, true))
  const run = threads.share({
    module,
    memory,
    jobs: [threads.count],
    scratch: 0,
    stride: 0,
    compute: () => undefined,
  })
  const sleeping = Array.from({ length: 200 }, () => {
    const from = performance.now()
    while (performance.now() - from < 1);
    const then = performance.now()
    right(run(0))
    return (performance.now() - then) * 1000
  })
  const [awake] = inTurns([() => right(run(0))], 0.5)
  return [
    reported(`a job of nothing, ${threads.count} threads, awake`, awake, 'us'),
    reported(`a job of nothing, ${threads.count} threads, asleep`, median(sleeping), 'us'),
  ]
}

const counts = options.counts.split(',').map(Number)
const all = await Promise.all(counts.map(async (count) => right(await startThreads({ count })())))
await report([
  ...options.only.split(',').map((name) => [name, () => speedUps(name, all)] as const),
  ['handing over', () => all.flatMap(handOver)],
])
