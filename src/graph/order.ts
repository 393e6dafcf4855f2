/**
 * Topological order: every node after those that it needs.
 *
 * Kahn's algorithm ("Topological sorting of large networks", CACM 5(11), 1962) in waves: first what needs nothing, then
 * what needs only that, and so on; names within a wave go by code unit. So the order depends on the graph alone and not on
 * how it was written down.
 *
 * Law. The order holds every node once, and for every edge `a -> b` it has `a` before `b`; where there is none, the graph
 * has the cycle that the failure prints.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'

/**
 * Which nodes use which: from each node to those that take it.
 *
 * @category model
 * @since 0.1.0
 */
export type Successors = Readonly<Record<string, ReadonlyArray<string>>>

/**
 * How many nodes and edges a graph may have, together.
 *
 * @category limits
 * @since 0.1.0
 */
export const MAX_SIZE = 1_000_000

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** A cycle among nodes each of which still waits for another of them. */
const cycleIn = (
  edges: ReadonlyMap<string, ReadonlyArray<string>>,
  waiting: ReadonlySet<string>,
): ReadonlyArray<string> => {
  const waitsFor = new Map<string, string>()
  for (const node of [...waiting].sort(byCodeUnit))
    for (const next of edges.get(node) ?? []) if (waiting.has(next) && !waitsFor.has(next)) waitsFor.set(next, node)
  const path: Array<string> = []
  const seen = new Set<string>()
  // against the edges from any node that waits, one comes round
  let node = [...waiting].sort(byCodeUnit)[0]
  while (!seen.has(node)) {
    seen.add(node)
    path.push(node)
    node = waitsFor.get(node) as string
  }
  const round = path.slice(path.indexOf(node)).reverse()
  const first = round.indexOf([...round].sort(byCodeUnit)[0])
  const turned = [...round.slice(first), ...round.slice(0, first)]
  return [...turned, turned[0]]
}

/** How many nodes of a cycle a sentence names. */
const NAMED = 20

const shown = (cycle: ReadonlyArray<string>): string =>
  (cycle.length > NAMED
    ? [...cycle.slice(0, NAMED - 1), `... ${cycle.length - NAMED} more ...`, cycle[0]]
    : cycle
  ).join(' -> ')

/**
 * The nodes of a graph in topological order. Nodes that are only named as successors belong to it too. Fails with
 * `InvalidArgument` where nodes wait for each other, naming the cycle, and with `TooLarge`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isLeft, right } from 'fp-ts/lib/Either.js'
 * import { topologicalOrder } from 'wengert/graph'
 *
 * assert.deepStrictEqual(topologicalOrder({ x: ['L1'], L1: ['sigmoid'], k: ['L1'] }), right(['k', 'x', 'L1', 'sigmoid']))
 * const refused = topologicalOrder({ a: ['b'], b: ['c'], c: ['a'] })
 * assert(isLeft(refused) && refused.left.message === 'graph: nodes wait for each other: a -> b -> c -> a')
 * ```
 *
 * @category ordering
 * @since 0.1.0
 */
export const topologicalOrder = (successors: Successors): E.Either<Failure, ReadonlyArray<string>> => {
  const edges = new Map(Object.entries(successors))
  let size = edges.size
  for (const next of edges.values()) size += next.length
  if (size > MAX_SIZE) return fail('TooLarge', `graph: ${size} nodes and edges are more than ${MAX_SIZE}`)
  const missing = new Map<string, number>()
  for (const [node, next] of edges) {
    if (!missing.has(node)) missing.set(node, 0)
    for (const other of next) missing.set(other, (missing.get(other) ?? 0) + 1)
  }
  const order: Array<string> = []
  let wave = [...missing.keys()].filter((node) => missing.get(node) === 0)
  while (wave.length > 0) {
    wave.sort(byCodeUnit)
    const ready: Array<string> = []
    for (const node of wave) {
      order.push(node)
      for (const other of edges.get(node) ?? []) {
        const left = (missing.get(other) as number) - 1
        missing.set(other, left)
        if (left === 0) ready.push(other)
      }
    }
    wave = ready
  }
  if (order.length === missing.size) return E.right(order)
  const waiting = new Set([...missing].flatMap(([node, n]) => (n > 0 ? [node] : [])))
  const cycle = cycleIn(edges, waiting)
  return fail('InvalidArgument', `graph: nodes wait for each other: ${shown(cycle)}`, {
    operation: 'graph',
    path: cycle[0],
  })
}
