/**
 * Which systems there are to compare, how the process of each is started, and how it is talked to.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Ready, Round } from './engineStepper.js'

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

/** The compiled benchmark stands in `.cache/run/test/bench`. */
const ROOT = path('../../../../')
const PEERS = `${ROOT}.cache/peers`

export interface System {
  readonly name: string
  /** whether it is somebody else's library */
  readonly library: boolean
  /** whether there is any point in asking it for a workload */
  readonly does: (workload: string) => boolean
  readonly command: (workload: string) => readonly [program: string, ...rest: ReadonlyArray<string>]
}

/** Loops are written for what fits on a page; a large product by the reference evaluator takes minutes. */
const partial: Readonly<Record<string, (workload: string) => boolean>> = {
  loops: (workload) => ['W1', 'W2', 'W7'].includes(workload),
  reference: (workload) => !workload.startsWith('W6'),
}

const ours = (name: string, library = false): System => ({
  name,
  library,
  does: partial[name] ?? (() => true),
  command: (workload) => [process.execPath, path('./engineSystem.js'), name, workload],
})

/** Installs the npm peers into `.cache/peers`. */
export const install = (): void => {
  mkdirSync(PEERS, { recursive: true })
  cpSync(`${ROOT}test/bench/peers/package.json`, `${PEERS}/package.json`)
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: PEERS,
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) throw new Error('the peers could not be installed')
}

const python = (program: string): ReadonlyArray<System> =>
  ['jax', 'torch'].flatMap((module) =>
    spawnSync(program, ['-c', `import ${module}`]).status === 0
      ? [
          {
            name: module === 'jax' ? 'JAX' : 'PyTorch',
            library: true,
            does: () => true,
            command: (workload) => [program, `${ROOT}test/bench/peers/${module}_peer.py`, workload] as const,
          },
        ]
      : [],
  )

/** Everything that can be compared here, ours first. */
export const systems = (interpreter: string): ReadonlyArray<System> => [
  ...['wasm f32', 'wasm f64', 'BLAS f32', 'BLAS f64', 'reference', 'loops'].map((name) => ours(name)),
  ...(existsSync(`${PEERS}/node_modules`) ? ['jax-js', 'tfjs', 'ONNX Runtime'].map((name) => ours(name, true)) : []),
  ...python(interpreter),
]

/** A process under measurement. */
export interface Subject {
  readonly system: System
  readonly ready: Ready
  readonly round: (milliseconds: number) => Promise<Round>
  readonly stop: () => void
}

/** One thread each, so that work is compared and not cores. */
const SINGLE = {
  OMP_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  XLA_FLAGS: '--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1',
}

/** Starts a system on a workload. Gives a sentence where it cannot do it. */
export const started = async (system: System, workload: string): Promise<Subject | string> => {
  const [program, ...rest] = system.command(workload)
  const env = { ...process.env, ...SINGLE, BENCH_PEERS: `${PEERS}/package.json` }
  const child: ChildProcessWithoutNullStreams = spawn(program, rest, { env })
  const trouble: Array<string> = []
  child.stderr.on('data', (text: Buffer) => trouble.push(text.toString()))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  /** the next line that is JSON: libraries greet on standard output too */
  const next = async (): Promise<unknown> => {
    for (;;) {
      const { done, value } = await lines.next()
      if (done === true) return null
      if (value.startsWith('{')) return JSON.parse(value)
    }
  }
  const ready = (await next()) as Ready | null
  if (ready === null) {
    const said = trouble.join('').split('\n')
    return said.find((line) => line.includes('Error')) ?? said.at(-1) ?? ''
  }
  return {
    system,
    ready,
    round: async (milliseconds) => {
      child.stdin.write(`${milliseconds}\n`)
      const round = (await next()) as Round | null
      if (round === null) throw new Error(`${system.name} stopped at ${workload}: ${trouble.join('')}`)
      return round
    },
    stop: () => {
      child.stdin.end()
      child.kill()
    },
  }
}
