/**
 * Nests cut along a kept dimension.
 *
 * A nest over some of the points does at each of them what the whole one does, in vectors or not, to the same bits. Only
 * sums could come out differently: their order hangs on whether a reduced dimension goes in vectors and how far these are
 * unrolled, and a nest is left whole where that would not be the same in its parts. No two parts write the same element, and
 * none reads what another writes.
 *
 * @since 0.1.0
 */
import type { Access } from '../compile/access.js'
import type { Nest } from '../compile/Nest.js'
import type { Scalar } from '../engine/wasm/kernels/lanes.js'
import { type Layout, layoutOf, workOf } from '../engine/wasm/layout.js'
import { type Grain, partsOf, ranges } from './ranges.js'

/** Functions that workers do not have: they are the caller's own. */
const ABSENT: ReadonlySet<string> = new Set(['lgamma'])

/** The elements that an access meets at index 0 of a dimension: the first and the last. */
const extent = ({ offset, steps }: Access, dims: ReadonlyArray<number>, d: number): readonly [number, number] => {
  const reaches = steps.map((step, i) => (i === d ? 0 : step * (dims[i] - 1)))
  const sum = (of: (reach: number) => number): number => reaches.reduce((total, reach) => total + of(reach), offset)
  return [sum((reach) => Math.min(0, reach)), sum((reach) => Math.max(0, reach))]
}

/** Whether an access meets no element twice, but for dimensions that it does not move along. */
const injective = ({ steps }: Access, dims: ReadonlyArray<number>): boolean => {
  let reach = 0
  for (const [n, step] of dims
    .map((n, i) => [n, Math.abs(steps[i])] as const)
    .filter(([n, step]) => n > 1 && step > 0)
    .toSorted(([, a], [, b]) => a - b)) {
    if (step <= reach) return false
    reach += step * (n - 1)
  }
  return true
}

/**
 * Whether whatever is written at one index of a dimension is neither written nor read at another: all accesses to it move on
 * by the same step, and either at one index stay within it, or are one access that meets no element twice.
 */
const apart = ({ dims, nodes, stores }: Nest, d: number): boolean => {
  const all = [...stores, ...nodes.flatMap((node) => (node.kind === 'load' ? [node] : []))]
  return stores.every(({ value, access }) => {
    const step = access.steps[d]
    const here = all.filter((other) => other.value === value).map((other) => other.access)
    if (step === 0 || here.some(({ steps }) => steps[d] !== step)) return false
    const extents = here.map((other) => extent(other, dims, d))
    const reach = Math.max(...extents.map(([, last]) => last)) - Math.min(...extents.map(([first]) => first))
    const one = here.every(
      ({ offset, steps }) => offset === access.offset && steps.every((s, i) => s === access.steps[i]),
    )
    return reach < Math.abs(step) || (one && injective(access, dims))
  })
}

/** The nest over the indices `[from, to)` of a dimension. */
const cut = (nest: Nest, d: number, from: number, to: number): Nest => {
  const moved = ({ offset, steps }: Access): Access => ({ offset: offset + from * steps[d], steps })
  return {
    ...nest,
    dims: nest.dims.with(d, to - from),
    nodes: nest.nodes.map((node) => (node.kind === 'load' ? { ...node, access: moved(node.access) } : node)),
    stores: nest.stores.map((store) => ({ ...store, access: moved(store.access) })),
  }
}

/** What the order of sums hangs on: the reduced dimensions, and how they are cut where one of them goes in vectors. */
const orderOf = ({ nest, kept: count, vector, parts }: Layout): string =>
  JSON.stringify([nest.dims.slice(count), vector >= count ? parts.slice(count) : null])

/** Neighbours in memory are cut into blocks of so many, so that vectors are filled. */
const BLOCK = 32

/**
 * The parts of a nest, or null where it is too small or cannot be cut.
 *
 * @category destructors
 * @since 0.1.0
 */
export const nestParts = (by: Grain, scalar: Scalar, nest: Nest): ReadonlyArray<Nest> | null => {
  const parts = partsOf(by, workOf(nest))
  if (parts < 2 || nest.nodes.some((node) => node.kind === 'apply' && ABSENT.has(node.primitive))) return null
  const laid = layoutOf(nest, scalar, false)
  const { dims, stores } = laid.nest
  const blockOf = (d: number): number => (stores.every(({ access }) => Math.abs(access.steps[d]) > 1) ? 1 : BLOCK)
  const countOf = (d: number): number => Math.min(parts, Math.floor(dims[d] / blockOf(d)))
  const [d] = dims
    .flatMap((_, d) => (d < laid.kept && countOf(d) > 1 && apart(laid.nest, d) ? [d] : []))
    .toSorted((a, b) => countOf(b) - countOf(a))
  if (d === undefined) return null
  const pieces = ranges(dims[d], blockOf(d), parts).map(([from, to]) => cut(laid.nest, d, from, to))
  const sums = nest.nodes.some(({ kind }) => kind === 'join')
  const order = orderOf(laid)
  return sums && pieces.some((piece) => orderOf(layoutOf(piece, scalar, false)) !== order) ? null : pieces
}
