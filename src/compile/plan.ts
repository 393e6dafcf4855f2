/**
 * Where values live: one arena, planned once.
 *
 * Inputs and constants have places of their own for good. A donated output takes the place of its input where nobody reads
 * the input after the output is written, and the item that writes it reads it only at the point that it writes; elsewhere
 * it gets a place of its own and is copied after the step. Every other value lives from the item that writes it to the last
 * one that reads it (outputs to the end), and places are given anew when values die: best fit on a sorted free list. A copy
 * of a value that dies with it takes its place, and is not made.
 *
 * @since 0.1.0
 */
import { type DType, size } from '../Shape.js'
import { sameAccess } from './access.js'
import { copyOf, type Item, type Nest, reads, writes } from './Nest.js'
import type { Schedule } from './schedule.js'

/**
 * Every address is a multiple of it.
 *
 * @category constants
 * @since 0.1.0
 */
export const ALIGNMENT = 16

/** Bytes at the start that belong to nobody, so that no address is 0. */
const RESERVED = 64

/**
 * @category model
 * @since 0.1.0
 */
export interface Plan {
  readonly items: ReadonlyArray<Item>
  /** the address of each value that is in memory */
  readonly address: ReadonlyMap<number, number>
  /** the size of the arena in bytes */
  readonly bytes: number
  /** the most bytes alive at one item: no plan of these items needs fewer */
  readonly bound: number
  /** copies that are not made, since what they copy dies with them: each by the value whose place it takes */
  readonly passed: ReadonlyMap<number, number>
  /** where kernels may write what they like */
  readonly scratch: number
  /** copies after the step: donated outputs that could not be computed in place, as value and address */
  readonly copies: ReadonlyArray<{ readonly from: number; readonly to: number }>
}

const UNITS: { readonly [S in 'f64' | 'f32']: { readonly [D in DType]: number } } = {
  f64: { real: 8, int: 4, bool: 1 },
  f32: { real: 4, int: 4, bool: 1 },
}

/**
 * The bytes of one element.
 *
 * @category destructors
 * @since 0.1.0
 */
export const unit = (scalar: 'f64' | 'f32', dtype: DType): number => UNITS[scalar][dtype]

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT

/**
 * The items in an order in which, where there is one, everybody who reads a donated input comes before the item that
 * overwrites it; otherwise as they were. Kahn's algorithm, in passes over what is left.
 */
const reordered = (
  items: ReadonlyArray<Item>,
  donated: ReadonlyArray<readonly [input: number, output: number]>,
): ReadonlyArray<Item> => {
  if (donated.length === 0) return items
  const writers = new Map<number, ReadonlyArray<number>>()
  const readers = new Map<number, Array<number>>()
  const waiting = items.map(() => ({ hard: 0, soft: 0 }))
  const after: ReadonlyArray<Array<readonly [item: number, kind: 'hard' | 'soft']>> = items.map(() => [])
  const follow = (j: number, i: number, kind: 'hard' | 'soft'): void => {
    if (i === j) return
    waiting[i][kind]++
    after[j].push([i, kind])
  }
  for (const [i, item] of items.entries()) {
    for (const value of reads(item)) readers.set(value, [...(readers.get(value) ?? []), i])
    for (const value of new Set([...reads(item), ...writes(item)]))
      for (const j of writers.get(value) ?? []) follow(j, i, 'hard')
    for (const value of writes(item)) writers.set(value, [...(writers.get(value) ?? []), i])
  }
  for (const [input, output] of donated)
    for (const i of writers.get(output) ?? []) for (const j of readers.get(input) ?? []) follow(j, i, 'soft')

  const out: Array<Item> = []
  const take = (i: number): void => {
    out.push(items[i])
    for (const [next, kind] of after[i]) waiting[next][kind]--
  }
  let left = items.map((_, i) => i)
  while (left.length > 0) {
    const kept = left.filter((i) => {
      if (waiting[i].hard > 0 || waiting[i].soft > 0) return true
      take(i)
      return false
    })
    if (kept.length === left.length) {
      // two overwrite what the other reads: one of them goes first, and its output is copied
      const first = kept.findIndex((i) => waiting[i].hard === 0)
      take(kept[first])
      kept.splice(first, 1)
    }
    left = kept
  }
  return out
}

/** Whether a nest reads a value only where, and in no way but how, it writes another. */
const pointForPoint = (nest: Nest, input: number, output: number): boolean => {
  const targets = nest.stores.filter(({ value }) => value === output)
  return (
    targets.length === 1 &&
    nest.nodes.every(
      (node) =>
        node.kind !== 'load' ||
        node.value !== input ||
        (node.tail === nest.nodes[targets[0].node].tail && sameAccess(node.access, targets[0].access)),
    )
  )
}

/** Memory as a list of free stretches in the order of their addresses. */
const arena = (from: number) => {
  let end = from
  const free: Array<{ at: number; bytes: number }> = []
  return {
    end: () => end,
    take: (bytes: number): number => {
      let best = -1
      for (let i = 0; i < free.length; i++)
        if (free[i].bytes >= bytes && (best < 0 || free[i].bytes < free[best].bytes)) best = i
      if (best < 0) {
        const last = free[free.length - 1]
        // a free stretch at the end grows
        if (last !== undefined && last.at + last.bytes === end) {
          free.pop()
          end = last.at + bytes
          return last.at
        }
        end += bytes
        return end - bytes
      }
      const { at } = free[best]
      free[best].at += bytes
      free[best].bytes -= bytes
      if (free[best].bytes === 0) free.splice(best, 1)
      return at
    },
    give: (at: number, bytes: number): void => {
      let i = free.findIndex((stretch) => stretch.at > at)
      if (i < 0) i = free.length
      free.splice(i, 0, { at, bytes })
      const next = free[i + 1]
      if (next !== undefined && at + bytes === next.at) {
        free[i].bytes += next.bytes
        free.splice(i + 1, 1)
      }
      const previous = free[i - 1]
      if (previous !== undefined && previous.at + previous.bytes === at) {
        previous.bytes += free[i].bytes
        free.splice(i, 1)
      }
    },
  }
}

/**
 * Plans the memory of a schedule. `donated` pairs inputs with the outputs that take their place, as values; `scratch` is
 * how many bytes the greediest kernel wants for itself. `guard` bytes behind each value belong to nobody: tests look
 * whether they stay as they were.
 *
 * @category constructors
 * @since 0.1.0
 */
export const plan = (
  { flat, items: given, constants }: Schedule,
  scalar: 'f64' | 'f32',
  donated: ReadonlyArray<readonly [input: number, output: number]>,
  scratch: number,
  guard = 0,
): Plan => {
  const bytesOf = (value: number): number =>
    aligned(size(flat.values[value].shape) * unit(scalar, flat.values[value].dtype)) + guard
  const items = reordered(given, donated)

  const begin = new Map<number, number>()
  const end = new Map<number, number>()
  for (const [i, item] of items.entries()) {
    for (const value of reads(item)) end.set(value, i)
    for (const value of writes(item)) {
      if (!begin.has(value)) begin.set(value, i)
      end.set(value, Math.max(end.get(value) ?? i, i))
    }
  }

  const address = new Map<number, number>()
  const memory = arena(RESERVED)
  const lasting = (value: number): void => {
    if (!address.has(value)) address.set(value, memory.take(bytesOf(value)))
  }
  for (const value of [...flat.inputs, ...constants]) lasting(value)
  const copies: Array<{ from: number; to: number }> = []
  const own = memory.take(aligned(scratch) + guard)
  const outputs = new Set(flat.outputs)
  for (const [input, output] of donated) {
    const writer = begin.get(output)
    const item = writer === undefined ? undefined : items[writer]
    const inPlace =
      item?.kind === 'nest' && (end.get(input) ?? -1) <= (writer as number) && pointForPoint(item, input, output)
    if (inPlace) address.set(output, address.get(input) as number)
    else copies.push({ from: output, to: input })
  }
  for (const value of outputs) if (!begin.has(value)) lasting(value)

  const made: Array<Item> = []
  const passed = new Map<number, number>()
  const dying: Array<Array<number>> = items.map(() => [])
  for (const [value, at] of end) if (begin.has(value) && !outputs.has(value)) dying[at].push(value)
  let alive = memory.end() - RESERVED
  let bound = alive
  for (const [i, item] of items.entries()) {
    const [from, to] = copyOf(item, (value) => size(flat.values[value].shape)) ?? []
    const dies = from !== undefined && dying[i].length === 1 && dying[i][0] === from
    if (dies && to !== undefined && begin.get(to) === i && !address.has(to)) {
      address.set(to, address.get(from) as number)
      passed.set(to, from)
      continue
    }
    made.push(item)
    for (const value of writes(item))
      if (begin.get(value) === i && !address.has(value)) {
        address.set(value, memory.take(bytesOf(value)))
        alive += bytesOf(value)
      }
    bound = Math.max(bound, alive)
    for (const value of dying[i]) {
      memory.give(address.get(value) as number, bytesOf(value))
      alive -= bytesOf(value)
    }
  }
  return { items: made, address, bytes: memory.end(), bound, passed, scratch: own, copies }
}
