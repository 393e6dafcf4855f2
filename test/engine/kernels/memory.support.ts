/** Calls a kernel on regions of memory that lie between guard zones, and checks that nothing else was written. */

import type { Func } from '../../../src/engine/wasm/assembler.js'
import type { Scalar } from '../../../src/engine/wasm/kernels/lanes.js'
import type { DType } from '../../../src/Shape.js'
import { type HostMemory, instantiate } from '../wasm/support.js'

/** Numbers in memory. What is not writable must be unchanged afterwards. */
export interface Region {
  readonly values: ReadonlyArray<number>
  readonly writable: boolean
  /** real unless given */
  readonly dtype?: DType
}

/** Bytes between regions. */
export const GUARD = 256
const PAGE = 65536
const MARK = 0xa5

type Values = Float32Array | Float64Array | Int32Array | Uint8Array

const typeOf = (scalar: Scalar, { dtype = 'real' }: Region) =>
  dtype === 'int' ? Int32Array : dtype === 'bool' ? Uint8Array : scalar === 'f32' ? Float32Array : Float64Array

/** Where the regions stand, for functions of the host. */
export interface Placing {
  readonly buffer: ArrayBuffer
  readonly addresses: ReadonlyArray<number>
}

const same = (xs: Values, ys: Values): boolean => xs.every((x, i) => Object.is(x, ys[i]))

/**
 * Puts the regions into memory, calls the function once for each list of further arguments, and gives the regions back.
 *
 * This is done once for each region, with that region at the very end of the memory, where reading beyond it traps. The
 * results must be the same, wherever the regions are.
 */
export const call = (
  scalar: Scalar,
  f: Func,
  regions: ReadonlyArray<Region>,
  calls: ReadonlyArray<ReadonlyArray<number>>,
  imports: (placing: () => Placing) => object = () => ({}),
): ReadonlyArray<Values> => {
  const bytes = regions.map((r) => r.values.length * typeOf(scalar, r).BYTES_PER_ELEMENT)
  const pages = Math.ceil(bytes.reduce((sum, n) => sum + n + GUARD + 16, GUARD) / PAGE)
  let placed: ReadonlyArray<number> = []
  const { f: run, memory } = instantiate(
    { exports: { f }, memory: { pages, as: 'memory' } },
    imports(() => ({ buffer, addresses: placed })),
  )
  const { buffer } = memory as unknown as HostMemory
  const all = new Uint8Array(buffer)

  const once = (last: number): ReadonlyArray<Values> => {
    let next = GUARD
    const addresses = bytes.map((n, i) => {
      if (i === last) return pages * PAGE - n
      const address = next
      next += Math.ceil(n / 16) * 16 + GUARD
      return address
    })
    placed = addresses
    all.fill(MARK)
    const view = (i: number): Values => new (typeOf(scalar, regions[i]))(buffer, addresses[i], regions[i].values.length)
    regions.forEach(({ values }, i) => {
      view(i).set(values)
    })
    const before = regions.map((_, i) => view(i).slice())
    for (const rest of calls) run(...addresses, ...rest)
    const after = regions.map((_, i) => view(i).slice())
    regions.forEach(({ writable }, i) => {
      if (!writable && !same(before[i], after[i])) throw new Error(`the operand ${i} was changed`)
      all.fill(MARK, addresses[i], addresses[i] + bytes[i])
    })
    const stray = all.findIndex((byte) => byte !== MARK)
    if (stray >= 0) throw new Error(`the byte at ${stray} was written, beside regions at ${addresses.join(', ')}`)
    return after
  }

  // the last region is scratch memory, which holds whatever is left there
  const results = regions.map((_, last) => once(last))
  const [first, ...others] = results
  for (const other of others)
    for (const [i, values] of first.slice(0, -1).entries())
      if (!same(values, other[i])) throw new Error(`the region ${i} depends on where the regions are`)
  return first
}
