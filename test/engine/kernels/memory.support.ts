/** Calls a kernel on regions of memory that lie between guard zones, and checks that nothing else was written. */
import type { Func } from '../../../src/engine/wasm/assembler.js'
import type { Scalar } from '../../../src/engine/wasm/kernels/lanes.js'
import { type HostMemory, instantiate } from '../wasm/support.js'

/** Numbers in memory. What is not writable must be unchanged afterwards. */
export interface Region {
  readonly values: ReadonlyArray<number>
  readonly writable: boolean
}

/** Bytes between regions. */
export const GUARD = 256
const PAGE = 65536
const MARK = 0xa5

type Values = Float32Array | Float64Array

/**
 * Puts the regions into memory, calls the function once for each list of further arguments, and gives the regions back.
 * The memory ends at most a page behind the last region, and a kernel that reads beyond it traps: the last one ends there.
 */
export const call = (
  scalar: Scalar,
  f: Func,
  regions: ReadonlyArray<Region>,
  calls: ReadonlyArray<ReadonlyArray<number>>,
  imports: object = {},
): ReadonlyArray<Values> => {
  const bytes = scalar === 'f32' ? 4 : 8
  const sizes = regions.map(({ values }) => Math.ceil((values.length * bytes) / 16) * 16)
  const total = sizes.reduce((sum, size) => sum + size + GUARD, GUARD)
  const pages = Math.ceil(total / PAGE)
  // the last guard zone ends with the memory
  let next = pages * PAGE - total + GUARD
  const addresses = sizes.map((size) => {
    const address = next
    next += size + GUARD
    return address
  })
  const { f: run, memory } = instantiate({ exports: { f }, memory: { pages, as: 'memory' } }, imports)
  const { buffer } = memory as unknown as HostMemory
  const all = new Uint8Array(buffer)
  all.fill(MARK)
  const view = (i: number): Values =>
    scalar === 'f32'
      ? new Float32Array(buffer, addresses[i], regions[i].values.length)
      : new Float64Array(buffer, addresses[i], regions[i].values.length)
  regions.forEach(({ values }, i) => {
    view(i).set(values)
  })
  const before = regions.map((_, i) => view(i).slice())
  for (const rest of calls) run(...addresses, ...rest)
  const after = regions.map((_, i) => view(i).slice())
  regions.forEach(({ writable }, i) => {
    if (!writable && after[i].some((x, j) => !Object.is(x, before[i][j])))
      throw new Error(`the operand ${i} was changed`)
    all.fill(MARK, addresses[i], addresses[i] + regions[i].values.length * bytes)
  })
  const stray = all.findIndex((byte) => byte !== MARK)
  if (stray >= 0) throw new Error(`the byte at ${stray} was written, beside regions at ${addresses.join(', ')}`)
  return after
}
