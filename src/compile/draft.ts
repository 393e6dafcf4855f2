/**
 * Nests under construction, and what is known of the values that they compute and read.
 *
 * A value joins the nest that computes the latest of its operands where it runs over the same points and reads what that
 * nest computes at the very point where it is computed; then the value passes in a register. Otherwise it opens a nest of
 * its own. A value goes to memory only where another item, a kernel or the caller reads it.
 *
 * Reductions join their operand's nest if that has no reduction over other dimensions; what is pointwise in a result of a
 * reduction joins as its tail.
 *
 * @since 0.1.0
 */
import { pick } from '../primitive/indexing.js'
import { equals, type Shape, size, strides } from '../Shape.js'
import { type Access, contiguous, isContiguous, refinement, reshaped, sameAccess } from './access.js'
import type { Flat, Value } from './flat.js'
import { apply, literal } from './formulas.js'
import { type Item, kept, type Nest, type Node, refine, type Store } from './Nest.js'
import type { Combine } from './roles.js'

/** Nodes beyond which a nest takes no more: hosts compile long functions slowly. */
const MOST_NODES = 160

/** Dimensions of one nest: each is a loop. */
const MOST_DIMS = 24

/**
 * Where the elements of a value are to be read.
 *
 * @category model
 * @since 0.1.0
 */
export interface Reading {
  readonly base: number
  readonly access: Access
}

/** A nest under construction: which nodes hold which values. */
interface Draft {
  readonly at: number
  nest: Nest
  readonly held: Map<number, number>
}

/**
 * What the scheduler builds items with.
 *
 * @category model
 * @since 0.1.0
 */
export interface Drafts {
  /** a function of readings at each point of a shape: that of the value's primitive, or another one */
  readonly pointwise: (
    value: Value,
    readings: ReadonlyArray<Reading>,
    shape: Shape,
    primitive?: Value['primitive'],
  ) => void
  /** joins elements over the dimensions `gone` of a space; several readings are multiplied first */
  readonly reduction: (
    value: Value,
    readings: ReadonlyArray<Reading>,
    shape: Shape,
    gone: ReadonlyArray<number>,
    combine: Combine,
    mean: boolean,
  ) => void
  /** makes all elements of a value one number */
  readonly filled: (value: Value, number: number) => void
  /** stores a reading into a part of a value: where it is computed if `anywhere`, otherwise after what is there */
  readonly placing: (
    value: Value,
    reading: Reading,
    shape: Shape,
    access: Access,
    how: { readonly adding: boolean; readonly anywhere: boolean },
  ) => void
  /** an item of another kind that computes a value in memory */
  readonly item: (value: Value, item: Exclude<Item, Nest>) => void
  /** says that a value is read from memory */
  readonly needs: (value: number) => void
  /** all items, and the values that are read from memory but depend on no input */
  readonly finished: () => { readonly items: ReadonlyArray<Item>; readonly constants: ReadonlyArray<number> }
}

const withoutOnes = (shape: Shape): Shape => shape.filter((n) => n !== 1)

/**
 * Starts without items. `moving` says which values depend on an input; `constant` gives those that do not.
 *
 * @category constructors
 * @since 0.1.0
 */
export const drafts = (
  { values, outputs }: Flat,
  moving: ReadonlyArray<boolean>,
  constant: (id: number) => ArrayLike<number>,
): Drafts => {
  const items: Array<Draft | Exclude<Item, Nest>> = []
  /** the item that computes a value; -1 for what is there before a step */
  const home = new Int32Array(values.length).fill(-1)
  const stored = new Set<number>(outputs)
  const constants = new Set<number>()
  /** the latest nest that reads a value from memory */
  const reader = new Map<number, number>()

  const needs = (base: number): void => {
    ;(moving[base] ? stored : constants).add(base)
  }

  /** Reads a value in a nest, as steps over its dimensions: through a register, as a literal, or from memory. */
  const load = (draft: Draft, { base, access }: Reading, tail: boolean): number => {
    const { dtype, shape } = values[base]
    const nodes = draft.nest.nodes as Array<Node>
    if (!moving[base] && (size(shape) === 1 || access.steps.every((step, d) => step === 0 || draft.nest.dims[d] === 1)))
      return literal(nodes, constant(base)[access.offset], tail, dtype)
    needs(base)
    if (moving[base]) reader.set(base, draft.at)
    const known = nodes.findIndex(
      (node) => node.kind === 'load' && node.value === base && node.tail === tail && sameAccess(node.access, access),
    )
    return known >= 0 ? known : nodes.push({ kind: 'load', value: base, access, dtype, tail }) - 1
  }

  const open = (dims: Shape, reduced: ReadonlyArray<boolean>): Draft => {
    const draft: Draft = {
      at: items.length,
      nest: { kind: 'nest', dims, reduced, nodes: [], stores: [] },
      held: new Map(),
    }
    items.push(draft)
    return draft
  }

  const latest = (readings: ReadonlyArray<Reading>): number =>
    readings.reduce((most, { base }) => Math.max(most, home[base]), -1)

  /** The node of a value in a nest where it is read at the point where it is computed. */
  const register = (draft: Draft, { base, access }: Reading, shape: Shape): number | undefined =>
    size(values[base].shape) === size(shape) && isContiguous(access, shape) ? draft.held.get(base) : undefined

  /**
   * An item, refined to run over `shape`, in which every reading of what it computes is one at the same point; and whether
   * those points are of the tail. It is the item that computes the latest of the readings or, where siblings may share
   * their loads, a later one that reads the same memory at the same points.
   */
  const joinable = (
    readings: ReadonlyArray<Reading>,
    shape: Shape,
    siblings: boolean,
  ): { readonly draft: Draft; readonly tail: boolean } | null => {
    const at = latest(readings)
    const last = siblings ? readings.reduce((most, { base }) => Math.max(most, reader.get(base) ?? -1), at) : at
    return (last > at ? joining(last, readings, shape) : null) ?? (at < 0 ? null : joining(at, readings, shape))
  }

  const joining = (
    at: number,
    readings: ReadonlyArray<Reading>,
    shape: Shape,
  ): { readonly draft: Draft; readonly tail: boolean } | null => {
    const draft = items[at]
    if ('kind' in draft || draft.nest.nodes.length > MOST_NODES) return null
    let tail: boolean | null = null
    for (const r of readings) {
      if (home[r.base] !== at) continue
      const node = register(draft, r, shape)
      if (node === undefined) return null
      const behind = draft.nest.nodes[node].tail
      if (tail !== null && tail !== behind) return null
      tail = behind
    }
    const { nest, held } = draft
    if (tail === null && held.size === 0) return null
    const space = tail === true ? pick(nest.dims, kept(nest)) : nest.dims
    if (!equals(space, shape)) {
      const refined = refinement(space, shape)
      if (refined === null || refined.length > MOST_DIMS) return null
      draft.nest = refine(nest, refined, tail === true)
    }
    return { draft, tail: tail === true }
  }

  /** A reading over `shape` as one over the dimensions of a nest, whose kept or whole space refines it. */
  const placed = ({ base, access }: Reading, shape: Shape, { nest }: Draft, tail: boolean): Reading => {
    if (!tail && equals(nest.dims, shape)) return { base, access }
    const mine = tail ? kept(nest) : nest.dims.map((_, d) => d)
    const fine = reshapedFully(access, shape, pick(nest.dims, mine))
    const steps = nest.dims.map((_, d) => (mine.includes(d) ? fine.steps[mine.indexOf(d)] : 0))
    return { base, access: { offset: access.offset, steps } }
  }

  const argument = (draft: Draft, r: Reading, shape: Shape, tail: boolean): number => {
    const known = register(draft, r, shape)
    return known ?? load(draft, placed(r, shape, draft, tail), tail)
  }

  /** A function of readings at each point of a shape. */
  const pointwise = (
    value: Value,
    readings: ReadonlyArray<Reading>,
    shape: Shape,
    primitive = value.primitive,
  ): void => {
    const joined = joinable(readings, shape, true)
    const dims = withoutOnes(shape)
    const { draft, tail } = joined ?? {
      draft: open(
        dims,
        dims.map(() => false),
      ),
      tail: false,
    }
    const args = readings.map((r) => argument(draft, r, shape, tail))
    const nodes = draft.nest.nodes as Array<Node>
    const node = primitive === 'label' ? args[0] : apply(nodes, primitive, args, tail, value.dtype, value.attributes)
    hold(draft, value.id, node)
  }

  const hold = (draft: Draft, id: number, node: number): void => {
    draft.held.set(id, node)
    home[id] = draft.at
  }

  /** Joins elements over the dimensions `gone` of a space. */
  const reduction = (
    value: Value,
    readings: ReadonlyArray<Reading>,
    shape: Shape,
    gone: ReadonlyArray<number>,
    combine: Combine,
    mean: boolean,
  ): void => {
    const wanted = shape.map((n, d) => ({ n, away: gone.includes(d) })).filter(({ n }) => n !== 1)
    const single = readings.length === 1 ? joinable(readings, shape, false) : null
    let draft: Draft | null = null
    if (single !== null && !single.tail) {
      const away = awayFor(single.draft.nest.dims, wanted)
      const { nest } = single.draft
      const free = nest.nodes.every((node) => node.kind !== 'join')
      if (away !== null && (free || away.every((gone, d) => gone === nest.reduced[d]))) {
        single.draft.nest = { ...nest, reduced: away }
        draft = single.draft
      }
    }
    draft ??= open(
      wanted.map(({ n }) => n),
      wanted.map(({ away }) => away),
    )
    const nodes = draft.nest.nodes as Array<Node>
    const target = draft
    const args = readings.map((r) => argument(target, r, shape, false))
    const { dtype } = value
    const arg = args.length === 1 ? args[0] : apply(nodes, 'mul', args, false, dtype)
    let node = arg
    const several = wanted.some(({ away }) => away)
    if (several) node = nodes.push({ kind: 'join', combine, arg, dtype, tail: true }) - 1
    if (mean && several) {
      const count = literal(nodes, size(pick(shape, gone)), true, dtype)
      node = apply(nodes, 'div', [node, count], true, dtype)
    }
    hold(draft, value.id, node)
  }

  /** Puts readings into parts of a value that is filled first. */
  const filled = (value: Value, number: number): void => {
    const dims = withoutOnes(value.shape)
    const draft = open(
      dims,
      dims.map(() => false),
    )
    ;(draft.nest.nodes as Array<Node>).push({ kind: 'literal', number, dtype: value.dtype, tail: false })
    ;(draft.nest.stores as Array<Store>).push({ value: value.id, node: 0, access: contiguous(dims), adding: false })
    home[value.id] = items.length - 1
  }

  /** Stores readings into a part of a value: where they are computed if `anywhere`, otherwise after what is there. */
  const placing = (
    value: Value,
    r: Reading,
    shape: Shape,
    access: Access,
    { adding, anywhere }: { readonly adding: boolean; readonly anywhere: boolean },
  ): void => {
    const joined = anywhere ? joinable([r], shape, false) : null
    const dims = withoutOnes(shape)
    const { draft, tail } = joined ?? {
      draft: open(
        dims,
        dims.map(() => false),
      ),
      tail: false,
    }
    const node = argument(draft, r, shape, tail)
    const target = placed({ base: value.id, access }, shape, draft, tail)
    ;(draft.nest.stores as Array<Store>).push({ value: value.id, node, access: target.access, adding })
    home[value.id] = Math.max(home[value.id], draft.at)
  }

  const item = (value: Value, made: Exclude<Item, Nest>): void => {
    home[value.id] = items.push(made) - 1
    stored.add(value.id)
  }

  const finished: Drafts['finished'] = () => ({
    items: items.map((made) => ('kind' in made ? made : closed(made, stored))),
    constants: [...constants],
  })

  return { pointwise, reduction, filled, placing, item, needs, finished }
}

/** A view over the parts of its dimensions; the parts multiply to the dimensions, so there always is one. */
const reshapedFully = (access: Access, from: Shape, to: Shape): Access => {
  const fine = reshaped(access, from, to)
  if (fine === null) throw new Error('a refinement cuts every dimension, so every access has steps over it')
  return fine
}

/** Which of the refined dimensions belong to those that go. */
const awayFor = (
  dims: Shape,
  wanted: ReadonlyArray<{ readonly n: number; readonly away: boolean }>,
): ReadonlyArray<boolean> | null => {
  const out: Array<boolean> = []
  let at = 0
  for (const { n, away } of wanted)
    for (let product = 1; product < n; product *= dims[at++]) {
      if (at >= dims.length) return null
      out.push(away)
    }
  return out.length === dims.length ? out : null
}

/** The nest with a store for each value that somebody else reads. */
const closed = ({ nest, held }: Draft, stored: ReadonlySet<number>): Nest => {
  const stores: Array<Store> = [...nest.stores]
  const tailDims = kept(nest)
  const whole = strides(nest.dims)
  const partial = strides(pick(nest.dims, tailDims))
  for (const [value, node] of held) {
    if (!stored.has(value)) continue
    const { tail } = nest.nodes[node]
    const steps = tail ? nest.dims.map((_, d) => (tailDims.includes(d) ? partial[tailDims.indexOf(d)] : 0)) : whole
    stores.push({ value, node, access: { offset: 0, steps }, adding: false })
  }
  return { ...nest, stores }
}
