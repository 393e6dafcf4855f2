/**
 * How a nest is laid out as loops: which dimension goes in vectors, which is done in blocks so that what is loaded is used
 * more than once, and how far each is unrolled.
 *
 * @since 0.1.0
 */
import type { Access } from '../../compile/access.js'
import type { Nest, Node } from '../../compile/Nest.js'
import type { DType } from '../../Shape.js'
import { type Expr, local } from './assembler.js'
import { once, type Scalar, vectors } from './kernels/lanes.js'
import { many, type PointName, type Setting } from './points.js'

/**
 * A part of a dimension: `times` turns of `step` elements from `start` on, in each of which the elements at `lanes` are
 * computed; each of these is a vector of elements where `vector` is set.
 *
 * @category model
 * @since 0.1.0
 */
export interface Part {
  readonly start: number
  readonly times: number
  readonly step: number
  readonly lanes: ReadonlyArray<number>
  readonly vector: boolean
}

/**
 * @category model
 * @since 0.1.0
 */
export interface Layout {
  /** kept dimensions first, a reduced vector dimension last */
  readonly nest: Nest
  /** how many of the dimensions are kept */
  readonly kept: number
  /** the dimension in vectors, or -1 */
  readonly vector: number
  /** the parts of each dimension */
  readonly parts: ReadonlyArray<ReadonlyArray<Part>>
}

type Mapped = (access: Access) => Access

const mapAccesses = (nest: Nest, f: Mapped): Pick<Nest, 'nodes' | 'stores'> => ({
  nodes: nest.nodes.map((node) => (node.kind === 'load' ? { ...node, access: f(node.access) } : node)),
  stores: nest.stores.map((store) => ({ ...store, access: f(store.access) })),
})

/** The same nest with its dimensions in another order. */
const permuted = (nest: Nest, order: ReadonlyArray<number>): Nest => ({
  ...nest,
  dims: order.map((d) => nest.dims[d]),
  reduced: order.map((d) => nest.reduced[d]),
  ...mapAccesses(nest, ({ offset, steps }) => ({ offset, steps: order.map((d) => steps[d]) })),
})

const accesses = ({ nodes, stores }: Nest): ReadonlyArray<Access> => [
  ...nodes.flatMap((node) => (node.kind === 'load' ? [node.access] : [])),
  ...stores.map(({ access }) => access),
]

/** Neighbouring dimensions that every access walks through as one become one. */
const coalesced = (nest: Nest): Nest => {
  let out = nest
  for (let d = out.dims.length - 2; d >= 0; d--) {
    const inner = out.dims[d + 1]
    if (out.reduced[d] !== out.reduced[d + 1]) continue
    if (!accesses(out).every(({ steps }) => steps[d] === steps[d + 1] * inner)) continue
    const gone = d
    out = {
      ...out,
      dims: out.dims.with(d + 1, inner * out.dims[d]).toSpliced(gone, 1),
      reduced: out.reduced.toSpliced(gone, 1),
      ...mapAccesses(out, ({ offset, steps }) => ({ offset, steps: steps.toSpliced(gone, 1) })),
    }
  }
  return out
}

const keptFirst = (nest: Nest): Nest => {
  const all = nest.dims.map((_, d) => d)
  return permuted(nest, [...all.filter((d) => !nest.reduced[d]), ...all.filter((d) => nest.reduced[d])])
}

/** The setting of a node that applies a primitive: comparisons and conversions are named by what they take. */
export const settingOf = (nodes: ReadonlyArray<Node>, k: number, scalar: Scalar): Setting => {
  const node = nodes[k]
  const from: DType = node.kind === 'apply' ? nodes[node.args[node.primitive === 'select' ? 1 : 0]].dtype : node.dtype
  return { scalar, from, to: node.dtype }
}

const probe: Expr<'v128'> = local('v128')

const vectorForm: (name: PointName, operands: number, setting: Setting) => boolean = once(
  (name, _, { scalar, from, to }) => `${name} ${scalar} ${from} ${to}`,
  (name, operands, setting) => many[name](setting, ...Array.from({ length: operands }, () => probe)) !== null,
)

const hasVectorForm = (nodes: ReadonlyArray<Node>, k: number, scalar: Scalar): boolean => {
  const node = nodes[k]
  return node.kind !== 'apply' || vectorForm(node.primitive as PointName, node.args.length, settingOf(nodes, k, scalar))
}

/** Rough costs, in simple vector instructions. */
const FUNCTION = 12
const GATHER = 3

const SIMPLE: ReadonlySet<string> = new Set([
  ...['neg', 'abs', 'sign', 'floor', 'ceil', 'round', 'add', 'sub', 'mul', 'max', 'min', 'select', 'convert'],
  ...['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'and', 'or', 'xor', 'not', 'sqrt', 'div', 'reciprocal', 'rsqrt', 'mod'],
])

const weight = (node: Node): number => (node.kind !== 'apply' ? 1 : SIMPLE.has(node.primitive) ? 1 : FUNCTION)

/** How often the body runs for each point of the kept dimensions. */
const turns = ({ dims, reduced }: Nest): number => dims.reduce((n, d, i) => (reduced[i] ? n * d : n), 1)

/** The cost of a nest for each point of the kept dimensions when `d` goes in vectors, or `null` where it cannot. */
const vectorCost = (nest: Nest, d: number, scalar: Scalar): number | null => {
  const { lanes } = vectors[scalar]
  const n = nest.dims[d]
  if (n < lanes) return null
  const inVector = (tail: boolean): boolean => !tail || !nest.reduced[d]
  for (const { access, node, adding } of nest.stores) {
    if (!inVector(nest.nodes[node].tail)) continue
    if (access.steps[d] !== 1 || (adding && nest.reduced[d])) return null
  }
  const filled = n / (Math.ceil(n / lanes) * lanes)
  let cost = 0
  for (const [k, node] of nest.nodes.entries()) {
    const times = node.tail && node.kind !== 'join' ? 1 : turns(nest)
    if (!inVector(node.tail)) {
      // the lanes of a join are joined at the end
      cost += node.kind === 'join' ? times / lanes + 2 * lanes : weight(node)
      continue
    }
    if (!hasVectorForm(nest.nodes, k, scalar)) return null
    let each = weight(node)
    if (node.kind === 'load') {
      const step = node.access.steps[d]
      if (step !== 0 && step !== 1 && node.dtype === 'bool') return null
      each = step === 0 ? 0.5 : step === 1 ? 1 : GATHER * lanes
    }
    cost += (each * times) / (lanes * filled)
  }
  return cost
}

const scalarCost = (nest: Nest): number =>
  nest.nodes.reduce((sum, node) => sum + weight(node) * (node.tail && node.kind !== 'join' ? 1 : turns(nest)), 0)

/**
 * What a nest computes and stores in all, in simple operations on one number.
 *
 * @category destructors
 * @since 0.1.0
 */
export const workOf = (nest: Nest): number =>
  nest.dims.reduce((n, d, i) => (nest.reduced[i] ? n : n * d), 1) *
  nest.stores.reduce((sum, { node }) => sum + (nest.nodes[node].tail ? 1 : turns(nest)), scalarCost(nest))

const whole = (n: number): Part => ({ start: 0, times: n, step: 1, lanes: [0], vector: false })

const range = (n: number, by = 1): ReadonlyArray<number> => Array.from({ length: n }, (_, i) => i * by)

/** Blocks of `size` elements, then the rest in one turn. */
const blocks = (n: number, size: number): ReadonlyArray<Part> => {
  const times = Math.floor(n / size)
  const rest = n - times * size
  return [
    ...(times > 0 ? [{ start: 0, times, step: size, lanes: range(size), vector: false }] : []),
    ...(rest > 0 ? [{ start: times * size, times: 1, step: rest, lanes: range(rest), vector: false }] : []),
  ]
}

/**
 * A dimension in vectors of `lanes`: `unroll` of them in each turn, then the rest. Elements that fill no vector are done
 * with the last full one before the end (`overlap`: those in both are computed twice), or one by one.
 */
const vectorParts = (
  n: number,
  lanes: number,
  unroll: number,
  overlap: 'always' | 'alone' | 'never',
): ReadonlyArray<Part> => {
  const full = Math.floor(n / lanes)
  const rest = n - full * lanes
  const times = Math.floor(full / unroll)
  const left = full - times * unroll
  const out: Array<Part> = []
  const all = full + (rest > 0 ? 1 : 0)
  const last = rest > 0 ? [n - lanes] : []
  if (all <= unroll && overlap !== 'never')
    return [{ start: 0, times: 1, step: n, lanes: [...range(full, lanes), ...last], vector: true }]
  if (times > 0) out.push({ start: 0, times, step: unroll * lanes, lanes: range(unroll, lanes), vector: true })
  const start = times * unroll * lanes
  const together = rest > 0 && overlap === 'always'
  const remaining = [...range(left, lanes), ...(together ? [n - lanes - start] : [])]
  if (remaining.length > 0) out.push({ start, times: 1, step: n - start, lanes: remaining, vector: true })
  if (rest > 0 && !together) out.push({ start: n - rest, times: 1, step: rest, lanes: range(rest), vector: false })
  return out
}

/** Sums and their like that are kept in registers at once. */
const REGISTERS = 8
/** Vectors that so many nodes are computed for in one turn: more than the registers hold would go through memory. */
const vectorsInTurn = (nodes: number): number => (nodes <= 12 ? 4 : nodes <= 24 ? 2 : 1)
/** Bodies of a loop that are written out one after another at most. */
const UNROLLED = 24

/**
 * Lays out a nest. `inPlace` says that it overwrites what it reads, so elements must not be computed twice.
 *
 * @category constructors
 * @since 0.1.0
 */
export const layoutOf = (given: Nest, scalar: Scalar, inPlace: boolean): Layout => {
  let nest = coalesced(keptFirst(given))
  const { lanes } = vectors[scalar]
  let best = -1
  let least = scalarCost(nest)
  for (let d = 0; d < nest.dims.length; d++) {
    const cost = vectorCost(nest, d, scalar)
    if (cost !== null && cost < least) {
      best = d
      least = cost
    }
  }
  const rank = nest.dims.length
  if (best >= 0 && nest.reduced[best] && best !== rank - 1) {
    nest = permuted(nest, [...range(rank).filter((d) => d !== best), best])
    best = rank - 1
  }
  const kept = nest.reduced.filter((gone) => !gone).length
  const joins = nest.nodes.filter((node) => node.kind === 'join').length
  const adding = nest.stores.some((store) => store.adding)
  const loads = nest.nodes.flatMap((node) => (node.kind === 'load' && !node.tail ? [node.access] : []))
  const parts = nest.dims.map((n) => [whole(n)] as ReadonlyArray<Part>)
  const overlap = adding ? 'never' : inPlace ? 'alone' : 'always'
  const vectorKept = best >= 0 && best < kept

  let accumulators = joins
  if (vectorKept) {
    const vectorsIn = Math.ceil(nest.dims[best] / lanes)
    const most = joins > 0 ? Math.max(1, Math.floor(REGISTERS / joins)) : vectorsInTurn(nest.nodes.length)
    const unroll = vectorsIn <= most ? vectorsIn : joins > 0 ? Math.max(1, Math.min(4, most)) : Math.min(2, most)
    parts[best] = vectorParts(nest.dims[best], lanes, unroll, overlap)
    accumulators *= Math.min(unroll, vectorsIn)
  }
  if (joins > 0) {
    // a second kept dimension in blocks: as many loads as possible should not depend on it
    let block = -1
    let reuse = 0
    for (let d = 0; d < kept; d++) {
      if (d === best) continue
      const saved = loads.filter(({ steps }) => steps[d] === 0).length
      if (saved > reuse && nest.dims[d] > 1) {
        block = d
        reuse = saved
      }
    }
    const size = block < 0 ? 1 : Math.min(4, nest.dims[block], Math.max(1, Math.floor(REGISTERS / accumulators)))
    if (size > 1) {
      parts[block] = blocks(nest.dims[block], size)
      accumulators *= size
    }
    // the innermost reduced dimension, several elements in a turn
    const last = rank - 1
    const bodies = Math.max(1, Math.floor(UNROLLED / (accumulators * nest.nodes.length)))
    if (best === last) parts[last] = vectorParts(nest.dims[last], lanes, accumulators > 2 ? 1 : 4, 'never')
    else if (rank > kept) parts[last] = blocks(nest.dims[last], Math.min(nest.dims[last], 4, bodies + 1))
  }
  return { nest, kept, vector: best, parts }
}
