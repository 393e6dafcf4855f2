/**
 * What the engine promises apart from speed: nothing allocated in a loop, work and compile time in proportion to the
 * program, and a quick start.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import {
  add,
  compile,
  gen,
  mul,
  type Program,
  type Running,
  record,
  spec,
  sum,
  tensor,
  type Var,
  type VarTree,
} from 'wengert'
import { right } from '../engine/given.js'
import { workloads } from './engineWorkloads.js'
import { atMost, type Figure, median, milliseconds, reported } from './report.js'

type Any = Var<readonly [number]>

const STEPS = 100_000

/** Heap that steps take and leave, in bytes each. Warm: what compilers allocate for the loop itself is there before. */
const allocation = (): ReadonlyArray<Figure> => {
  const { program, inputs, donate } = workloads.W1()
  const { step } = right(right(compile({ scalar: 'f32', donate })(program)).start(inputs as never)) as Running<
    VarTree,
    VarTree
  >
  const run = (): void => {
    for (let i = 0; i < STEPS; i++) step()
  }
  const { gc } = globalThis as { readonly gc?: () => void }
  if (gc === undefined) throw new Error('the benchmark needs node --expose-gc')
  run()
  run()
  gc()
  const before = process.memoryUsage().heapUsed
  run()
  const taken = process.memoryUsage().heapUsed - before
  // the measurement itself leaves an object of some hundred bytes
  return [atMost(`W1: heap taken by ${STEPS} steps, each`, Math.max(0, taken) / STEPS, 'bytes', 1)]
}

/** `n` instructions that no pass can merge, each of them read by the next. */
const chain = (n: number): Program =>
  right(
    record((x: Any) =>
      gen(function* () {
        let y: Any = x
        for (let i = 0; i < n; i += 2) y = yield* add(mul(y, 1 + 1 / (i + 2)), x)
        return yield* sum(y)
      }),
    )(spec([8])),
  )

const SIZES = [100, 1000, 10_000, 100_000]

/** A step's time over the work of it, and the compiler's, on programs from 100 to 100 000 instructions. */
const growth = (): ReadonlyArray<Figure> => {
  const measured = SIZES.map((n) => {
    const program = chain(n)
    let state: Running<VarTree, VarTree> | null = null
    const compiling = milliseconds(() => {
      state = right(right(compile()(program)).start(tensor([1, 2, 3, 4, 5, 6, 7, 8]) as never)) as never
    })
    const { step } = state as unknown as Running<VarTree, VarTree>
    const times = Math.ceil(1e6 / n)
    const once = (): number =>
      (milliseconds(() => {
        for (let i = 0; i < times; i++) step()
      }) *
        1e6) /
      (times * n)
    once()
    return { n, compiling, nanoseconds: median(Array.from({ length: 9 }, once)) }
  })
  return [
    ...measured.flatMap(({ n, compiling, nanoseconds }) => [
      reported(`${n} instructions: compiled`, compiling, 'ms', { 'us per instruction': (compiling * 1000) / n }),
      reported(`${n} instructions: a step, each`, nanoseconds, 'ns'),
    ]),
    atMost('100000 instructions: compiled', measured[3].compiling / 1000, 's', 10),
  ]
}

/** From the start of a process to its end, in milliseconds: the median of nine, in turns. */
const starting = (): ReadonlyArray<Figure> => {
  const file = fileURLToPath(new URL('./engineStart.js', import.meta.url))
  const runs = [
    ['-e', ''],
    [file, 'reference'],
    [file, 'wasm'],
  ].map((rest) => ({ rest, times: [] as Array<number> }))
  for (let i = 0; i < 9; i++)
    for (const { rest, times } of runs)
      times.push(
        milliseconds(() => {
          const { status, stderr } = spawnSync(process.execPath, rest)
          if (status !== 0) throw new Error(String(stderr))
        }),
      )
  const [bare, reference, wasm] = runs.map(({ times }) => median(times))
  return [
    reported('W8: bare node', bare, 'ms'),
    atMost('W8: first gradient of W1 on the reference evaluator, beyond bare node', reference - bare, 'ms', 15),
    atMost('W8: first compiled step of W1, beyond bare node', wasm - bare, 'ms', 30),
  ]
}

export const limitFigures = (): ReadonlyArray<Figure> => [...allocation(), ...growth(), ...starting()]
