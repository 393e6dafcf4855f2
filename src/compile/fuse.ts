/**
 * Items made into fewer ones that touch less memory; what they compute stays the same.
 *
 * - *Accumulation.* A sum of a product with something that is there, `v = a + x w`, is a product added to a copy of `a`. The
 *   plan gives `v` the place of `a` where nobody needs `a` any more, and then there is no copy.
 * - *Merging.* A nest that reads what an earlier one computes only at the points where it computes it becomes one nest with
 *   it: the earlier one waits, or the later one comes forward, where nobody between them minds. Values then pass in a
 *   register. No merge lets more values live longer than it takes out of memory.
 * - *Series.* Products added one onto another become one product with more terms (`series.ts`).
 *
 * @since 0.1.0
 */
import { size } from '../Shape.js'
import { type Access, isContiguous, refinement, sameAccess } from './access.js'
import type { Flat } from './flat.js'
import { apply, literal } from './formulas.js'
import { type Item, type Nest, type Node, type Product, reads, refine, type Store, writes } from './Nest.js'
import type { Schedule } from './schedule.js'
import { inSeries } from './series.js'

/** Nodes beyond which nests are not merged: hosts compile long functions slowly. */
const MOST_NODES = 160

/** Items at places that may fall empty, with who reads and who writes each value. */
const board = (given: ReadonlyArray<Item>) => {
  const items: Array<ReadonlyArray<Item>> = given.map((item) => [item])
  const readers = new Map<number, Set<number>>()
  const writers = new Map<number, Set<number>>()
  const note = (map: Map<number, Set<number>>, value: number, place: number): void => {
    const known = map.get(value)
    if (known === undefined) map.set(value, new Set([place]))
    else known.add(place)
  }
  const put = (place: number, list: ReadonlyArray<Item>): void => {
    for (const item of items[place]) {
      for (const value of reads(item)) readers.get(value)?.delete(place)
      for (const value of writes(item)) writers.get(value)?.delete(place)
    }
    items[place] = list
    for (const item of list) {
      for (const value of reads(item)) note(readers, value, place)
      for (const value of writes(item)) note(writers, value, place)
    }
  }
  for (const [place, item] of given.entries()) put(place, [item])
  const none: ReadonlySet<number> = new Set()
  return {
    items,
    put,
    readersOf: (value: number): ReadonlySet<number> => readers.get(value) ?? none,
    writersOf: (value: number): ReadonlySet<number> => writers.get(value) ?? none,
  }
}

/** The two values that a nest adds, where it does nothing else, and what it stores. */
const sumOf = (
  nest: Nest,
): { readonly terms: ReadonlyArray<Node & { kind: 'load' }>; readonly store: Store } | null => {
  const { nodes, stores, reduced } = nest
  if (stores.length !== 1 || stores[0].adding || nodes.length !== 3 || reduced.includes(true)) return null
  const node = nodes[stores[0].node]
  if (node.kind !== 'apply' || node.primitive !== 'add' || node.dtype !== 'real') return null
  const terms = node.args.map((k) => nodes[k]).filter((term) => term.kind === 'load')
  return terms.length === 2 ? { terms, store: stores[0] } : null
}

/** Items in which sums with products are accumulated. */
const accumulating = (flat: Flat, given: ReadonlyArray<Item>): ReadonlyArray<Item> => {
  const { items, put, readersOf, writersOf } = board(given)
  const outputs = new Set(flat.outputs)
  const elements = (value: number): number => size(flat.values[value].shape)
  for (const [place, [item]] of items.entries()) {
    const sum = item?.kind === 'nest' ? sumOf(item) : null
    if (sum === null) continue
    const { dims } = item as Nest
    const whole = ({ value, access }: { readonly value: number; readonly access: Access }): boolean =>
      isContiguous(access, dims) && elements(value) === size(dims)
    if (!whole(sum.store)) continue
    // the later product, so that the earlier one is what is there
    const products = sum.terms
      .flatMap((term) => {
        const [from] = writersOf(term.value)
        const product = from === undefined ? undefined : items[from].at(-1)
        return product?.kind === 'product' &&
          product.value === term.value &&
          !product.accumulate &&
          readersOf(term.value).size === 1 &&
          !outputs.has(term.value) &&
          whole(term)
          ? [{ from, product, term }]
          : []
      })
      .toSorted((a, b) => b.from - a.from)
    if (products.length === 0) continue
    const [{ from, product, term }] = products
    const other = sum.terms.find((one) => one !== term) as Node
    const copy: Nest = { ...(item as Nest), nodes: [other], stores: [{ ...sum.store, node: 0 }] }
    const onto: Product = { ...product, value: sum.store.value, accumulate: true }
    put(from, [])
    put(place, [copy, onto])
  }
  return items.flat()
}

/** Whether a nest reads a value only at the points, and in the way, in which another stores it. */
const pointwiseIn = (nest: Nest, { value, access }: Store): boolean =>
  nest.nodes.every(
    (node) => node.kind !== 'load' || node.value !== value || (!node.tail && sameAccess(node.access, access)),
  )

/** Two nests over the same points as one, without the stores that nobody reads. */
const joined = (first: Nest, second: Nest, gone: ReadonlySet<number>): Nest => {
  const passed = new Map(first.stores.map(({ value, node }) => [value, node]))
  const nodes: Array<Node> = [...first.nodes]
  const at: Array<number> = []
  for (const node of second.nodes) {
    if (node.kind === 'load') {
      const known =
        passed.get(node.value) ??
        nodes.findIndex(
          (one) =>
            one.kind === 'load' &&
            one.value === node.value &&
            one.tail === node.tail &&
            sameAccess(one.access, node.access),
        )
      at.push(known >= 0 ? known : nodes.push(node) - 1)
    } else if (node.kind === 'apply') {
      const args = node.args.map((k) => at[k])
      at.push(apply(nodes, node.primitive, args, node.tail, node.dtype, node.attributes))
    } else if (node.kind === 'join') at.push(nodes.push({ ...node, arg: at[node.arg] }) - 1)
    else at.push(literal(nodes, node.number, node.tail, node.dtype))
  }
  return {
    ...second,
    nodes,
    stores: [
      ...first.stores.filter(({ value }) => !gone.has(value)),
      ...second.stores.map((store) => ({ ...store, node: at[store.node] })),
    ],
  }
}

/** Items in which nests are merged with those whose values they read. */
const merging = (flat: Flat, given: ReadonlyArray<Item>): ReadonlyArray<Item> => {
  const { items, put, readersOf, writersOf } = board(given)
  const outputs = new Set(flat.outputs)
  const elements = (values: Iterable<number>): number => {
    let sum = 0
    for (const value of values) sum += size(flat.values[value].shape)
    return sum
  }

  const between = (places: ReadonlySet<number>, a: number, b: number): boolean => {
    for (const place of places) if (place > a && place < b) return true
    return false
  }
  const untouched = (nest: Nest, a: number, b: number): boolean =>
    writes(nest).every((value) => !between(readersOf(value), a, b) && !between(writersOf(value), a, b))

  /** Merges the nest at one place with one that it reads from, and gives the place of both; `null` where none fits. */
  const merge = (b: number): number | null => {
    const [second] = items[b]
    if (second?.kind !== 'nest' || second.reduced.includes(true)) return null
    const candidates = new Set<number>()
    for (const value of reads(second)) {
      const from = writersOf(value)
      if (from.size === 1) for (const a of from) if (a < b) candidates.add(a)
    }
    for (const a of candidates) {
      const [first] = items[a]
      if (first?.kind !== 'nest' || first.reduced.includes(true)) continue
      if (first.nodes.length + second.nodes.length > MOST_NODES) continue
      const refined = refinement(first.dims, second.dims)
      if (refined === null) continue
      const one = refine(first, refined, false)
      const two = refine(second, refined, false)
      const single = one.stores.every(
        (store) => !store.adding && (writersOf(store.value).size === 1 || !readersOf(store.value).has(b)),
      )
      if (!single || !one.stores.every((store) => pointwiseIn(two, store))) continue
      const gone = new Set(
        writes(one).filter((value) => !outputs.has(value) && readersOf(value).size === 1 && readersOf(value).has(b)),
      )
      const waits = untouched(one, a, b)
      // what would have to stay until then
      const kept = waits ? reads(one).filter((value) => writersOf(value).size > 0 && !laterThan(value, b)) : []
      const early = reads(two).every((value) => [...writersOf(value)].every((place) => place <= a))
      const place =
        waits && elements(kept) <= elements(gone)
          ? b
          : early && untouched(two, a, b) && elements(writes(two)) <= elements(gone)
            ? a
            : null
      if (place === null) continue
      const both = joined(one, two, gone)
      put(a === place ? b : a, [])
      put(place, [both])
      return place
    }
    return null
  }
  const laterThan = (value: number, b: number): boolean => {
    if (outputs.has(value)) return true
    for (const place of readersOf(value)) if (place >= b) return true
    return false
  }

  for (let place = 0; place < items.length; place++) for (let at: number | null = place; at !== null; ) at = merge(at)
  return items.flat()
}

/**
 * A schedule with fewer items.
 *
 * @category combinators
 * @since 0.1.0
 */
export const fused = (schedule: Schedule): Schedule =>
  inSeries({ ...schedule, items: merging(schedule.flat, accumulating(schedule.flat, schedule.items)) })
