/**
 * The WebAssembly engine: a program becomes one module with one function `step`, over one memory.
 *
 * Where a primitive has no code, `step` calls back into its row's kernel on views of the memory, and for large products
 * into the library that it was given, if any. A program that is recorded or compiled again gives the module that it gave
 * before; every executable has memory of its own.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Buffer } from '../../algebra/Algebra.js'
import type { Value } from '../../compile/flat.js'
import { unit } from '../../compile/plan.js'
import type { Failure } from '../../Failure.js'
import { standard } from '../../Program.js'
import { kernelFor, MAX_ELEMENTS } from '../../primitive/evaluate.js'
import { size } from '../../Shape.js'
import type { Program } from '../../Tape.js'
import { type Blas, multiplying, multiplyingIn, type Reals } from '../Blas.js'
import type { Donation } from '../donation.js'
import type { Engine, Machine, View } from '../Executable.js'
import { algebraOf } from '../reference.js'
import type { Threads } from '../Threads.js'
import { featuresOf } from './kernels/features.js'
import type { Scalar } from './kernels/lanes.js'
import { hostFunctions } from './kernels/math/index.js'
import { departure, type Lowered, lowered, tooLarge } from './lower.js'
import { moduleOf } from './moduleCode.js'
import { allocated, compiled, platform, type WasmMemory, type WasmModule } from './platform.js'
import { remembering } from './remember.js'

const viewOf = (buffer: WasmMemory['buffer'], scalar: Scalar, { dtype, shape }: Value, at: number): View => {
  const n = size(shape)
  if (dtype === 'real') return scalar === 'f64' ? new Float64Array(buffer, at, n) : new Float32Array(buffer, at, n)
  return dtype === 'int' ? new Int32Array(buffer, at, n) : new Uint8Array(buffer, at, n)
}

const machineOn = (
  low: Lowered,
  module: WasmModule,
  scalar: Scalar,
  blas: Blas | null,
  threads: Threads | null,
  memory: WasmMemory,
): E.Either<Failure, Machine> => {
  const host = platform()
  if (E.isLeft(host)) return host
  const { flat, kernels: coded, multiplications, convolutions, divisions, stride, constants } = low
  const { items, address, scratch } = low.plan
  const { buffer } = memory
  const algebra = algebraOf(scalar)
  const view = (id: number): View => viewOf(buffer, scalar, flat.values[id], address.get(id) ?? 0)
  for (const [id, value] of constants) (view(id) as Float64Array).set(value)

  let refused: E.Either<Failure, never> | null = null
  const kernels = items.map((item) => {
    const multiplication = multiplications.get(item)
    if (item.kind === 'product' && multiplication !== undefined && blas !== null)
      return multiplying(blas, multiplication, item, view as (id: number) => Reals)
    if (item.kind !== 'host' || coded.has(item) || divisions.has(item)) return () => undefined
    const value = flat.values[item.value]
    const kernel = kernelFor(
      algebra,
      standard.table,
      value,
      value.operands.map((k) => flat.values[k]),
    )
    const operands = item.reads.map(view) as ReadonlyArray<unknown> as ReadonlyArray<Buffer<number>>
    const out = view(item.value) as unknown as Buffer<number>
    if (value.primitive !== 'peek') return () => kernel(operands, out)
    return () => {
      kernel(operands, out)
      refused ??= departure(value, out)
    }
  })
  const space = scalar === 'f64' ? new Float64Array(buffer, scratch) : new Float32Array(buffer, scratch)
  const multiplied = new Map<number, ReadonlyArray<() => void>>()
  for (const [item, products] of convolutions)
    if (blas !== null) multiplied.set(item.value, multiplyingIn(blas, products, view(item.reads[1]) as Reals, space))
  const multiply = (value: number, k: number): void => multiplied.get(value)?.[k]()
  const { exports } = new host.right.Instance(module, {
    host: { memory, multiply, kernel: (i: number) => kernels[i](), divided: (job: number) => divided(job) },
    ...hostFunctions,
  })
  const jobs = items.flatMap((item) => divisions.get(item)?.length ?? [])
  const parts = jobs.map((_, job) => exports[`job${job}`] as (part: number, scratch: number) => void)
  const computed =
    threads === null || jobs.length === 0
      ? null
      : threads.share({ module, memory, jobs, scratch, stride, compute: (job, part) => parts[job](part, scratch) })
  const divided = (job: number): void => {
    const done = computed?.(job)
    if (done !== undefined && E.isLeft(done)) broken ??= done
  }
  const run = exports.step as () => void
  // a step that was not finished has left this memory in between
  let broken: E.Either<Failure, never> | null = null
  const stepped: E.Either<Failure, void> = E.right(undefined)
  return E.right({
    inputs: flat.inputs.map(view),
    outputs: flat.outputs.map(view),
    step: () => {
      if (broken !== null) return broken
      refused = null
      run()
      return broken ?? refused ?? stepped
    },
  })
}

/** What a program has been compiled to. */
interface Made {
  readonly low: Lowered
  readonly start: (memory: WasmMemory) => E.Either<Failure, Machine>
}

const make = (
  program: Program,
  scalar: Scalar,
  limit: number,
  donated: ReadonlyArray<Donation>,
  blas: Blas | null,
  threads: Threads | null,
  guard: number,
): E.Either<Failure, Made> => {
  const host = platform()
  if (E.isLeft(host)) return host
  const low = lowered(program, scalar, limit, donated, featuresOf(host.right.validate), blas, threads, guard)
  if (E.isLeft(low)) return low
  const module = compiled(host.right, moduleOf(low.right, scalar))
  return E.isLeft(module)
    ? module
    : E.right({ low: low.right, start: (memory) => machineOn(low.right, module.right, scalar, blas, threads, memory) })
}

/** About 64 MB of programs. */
const remembered = remembering<Made>({ answers: 64, bytes: 2 ** 26 }, ({ low: { constants } }) =>
  [...constants.values()].reduce((sum, { length }) => sum + length * Float64Array.BYTES_PER_ELEMENT, 0),
)

/**
 * The WebAssembly engine of a program. Fails with `Unsupported` where the host cannot, and with `TooLarge` before it
 * allocates beyond the limit.
 *
 * @category constructors
 * @since 0.1.0
 */
export const wasmEngine = (
  program: Program,
  scalar: Scalar,
  limit: number = MAX_ELEMENTS,
  donated: ReadonlyArray<Donation> = [],
  blas: Blas | null = null,
  threads: Threads | null = null,
): E.Either<Failure, Engine> => {
  const made = remembered(program, [scalar, JSON.stringify(donated), blas, threads], () =>
    make(program, scalar, limit, donated, blas, threads, 0),
  )
  if (E.isLeft(made)) return made
  const { low, start } = made.right
  const elements = Math.ceil(low.plan.bytes / unit(scalar, 'real'))
  if (elements > limit) return tooLarge(elements, limit)
  return E.right({
    engine: 'wasm',
    footprint: { bytes: low.plan.bytes, bound: low.plan.bound },
    machine: () => E.chain(start)(allocated(low.plan.bytes, low.divisions.size > 0)),
  })
}

/**
 * A state with guards behind its values.
 *
 * @category model
 * @since 0.1.0
 */
export interface Guarded {
  readonly machine: Machine
  /** the first byte outside of every value that has changed, or -1 */
  readonly trespass: () => number
}

/** What guards are painted with. */
const PAINT = 0xa5

/**
 * A state of a program that tells whether a step has written outside of its values: all memory is painted first, and
 * `guard` bytes behind every value are nobody's.
 *
 * @category testing
 * @since 0.1.0
 */
export const guarded = (
  program: Program,
  scalar: Scalar,
  guard: number,
  threads: Threads | null = null,
): E.Either<Failure, Guarded> => {
  const made = make(program, scalar, MAX_ELEMENTS, [], null, threads, guard)
  if (E.isLeft(made)) return made
  const { low, start } = made.right
  const memory = allocated(low.plan.bytes, low.divisions.size > 0)
  if (E.isLeft(memory)) return memory
  const bytes = new Uint8Array(memory.right.buffer).fill(PAINT)
  const machine = start(memory.right)
  if (E.isLeft(machine)) return machine
  const owned = new Uint8Array(bytes.length)
  for (const [value, at] of low.plan.address) {
    const { shape, dtype } = low.flat.values[value]
    owned.fill(1, at, at + size(shape) * unit(scalar, dtype))
  }
  for (const { scratch } of low.kernels.values()) owned.fill(1, low.plan.scratch, low.plan.scratch + scratch)
  owned.fill(1, low.plan.scratch, low.plan.scratch + low.stride * (threads?.count ?? 0))
  return E.right({
    machine: machine.right,
    trespass: () => bytes.findIndex((byte, i) => owned[i] === 0 && byte !== PAINT),
  })
}
