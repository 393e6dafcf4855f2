/**
 * A nest as WebAssembly: the loops of its layout around the formulas of its nodes.
 *
 * A *tile* is what one turn of the loops over the kept dimensions computes: all its elements side by side, each node of
 * each element in a local of its own. What does not depend on an inner loop is computed before it. All loads of a tile
 * stand before its stores, so a tile may overwrite what it reads.
 *
 * Sums run in several chains, so their order is not that of the reference evaluator; it is the same in every run. A zero
 * that a maximum or minimum of several numbers gives may have the other sign.
 *
 * Addresses: for each way of walking through memory there is one pointer, moved on at the end of each turn and moved back
 * behind the loop; everything else about an address is a literal in the instruction.
 *
 * @since 0.1.0
 */
import type { Access } from '../../compile/access.js'
import type { Nest, Node } from '../../compile/Nest.js'
import { unit } from '../../compile/plan.js'
import type { DType } from '../../Shape.js'
import { noAttributes } from '../../Tape.js'
import { type Expr, type Func, forEach, func, i32, type Local, local, type Statement, set } from './assembler.js'
import { type Scalar, type Vector, vectors } from './kernels/lanes.js'
import { type Layout, layoutOf, type Part, settingOf } from './layout.js'
import {
  identity,
  joinSingles,
  joinVectors,
  laneOf,
  literalSingle,
  literalVector,
  loadSingle,
  loadVector,
  type Place,
  type Single,
  storeSingle,
  storeVector,
} from './numbers.js'
import { many, type PointName, single } from './points.js'

/**
 * What code needs to know beyond its nest: for each value the element type and where it starts, which is a literal, or a
 * parameter of the function.
 *
 * @category model
 * @since 0.1.0
 */
export interface Surroundings {
  readonly scalar: Scalar
  readonly start: (value: number) => number | Local<'i32'>
  readonly dtype: (value: number) => DType
}

type Any = Expr<'i32' | 'f32' | 'f64' | 'v128'>

/** A way of walking through memory: how far each dimension moves, and where it starts if not at 0. */
interface Pointer {
  readonly pointer: Local<'i32'>
  readonly bytes: ReadonlyArray<number>
  readonly from: Local<'i32'> | null
}

// ------------------------------------------------------------------------------------------------------ tiles

/** Statements that run together, and the nodes that they have computed. */
interface Scope {
  readonly statements: Array<Statement>
  readonly known: Map<string, Any>
}

const scope = (): Scope => ({ statements: [], known: new Map() })

/** The dimensions that each node depends on, in order. */
const dependencies = (
  nodes: ReadonlyArray<Node>,
  reduced: ReadonlyArray<boolean>,
): ReadonlyArray<ReadonlyArray<number>> => {
  const all = reduced.map((_, d) => d)
  const out: Array<ReadonlyArray<number>> = []
  for (const node of nodes)
    out.push(
      node.kind === 'load'
        ? all.filter((d) => node.access.steps[d] !== 0)
        : node.kind === 'literal'
          ? []
          : node.kind === 'join'
            ? all.filter((d) => !reduced[d])
            : node.args.length === 1
              ? out[node.args[0]]
              : all.filter((d) => node.args.some((k) => out[k].includes(d))),
    )
  return out
}

/** A node at an element, in a vector or by itself. */
const keyOf = (k: number, inVector: boolean, uses: ReadonlyArray<number>, at: ReadonlyArray<number>): string => {
  let key = inVector ? `${k}v` : `${k}s`
  for (const d of uses) key += `,${at[d] ?? ''}`
  return key
}

const emit = ({ nest, kept, vector, parts }: Layout, around: Surroundings): ReadonlyArray<Statement> => {
  const { scalar, start, dtype } = around
  const { dims, nodes, stores, reduced } = nest
  const rank = dims.length
  const { lanes: width } = vectors[scalar]
  const depends = dependencies(nodes, reduced)
  const looped = parts.map((list) => list.some(({ times }) => times > 1))

  // ------------------------------------------------------------------------------------------------ addresses
  const pointers = new Map<string, Pointer>()
  const pointerFor = (bytes: ReadonlyArray<number>, from: Local<'i32'> | null, value: number): Expr<'i32'> => {
    const key = `${from === null ? '' : value}: ${bytes.join()}`
    const known = pointers.get(key)
    if (known !== undefined) return known.pointer
    const pointer = local('i32')
    pointers.set(key, { pointer, bytes, from })
    return pointer
  }
  const placeOf = (value: number, { offset, steps }: Access, at: ReadonlyArray<number>): Place => {
    const size = unit(scalar, dtype(value))
    const moving = steps.map((step, d) => (looped[d] ? step * size : 0))
    const base = start(value)
    const within = size * steps.reduce((sum, step, d) => sum + step * at[d], offset)
    const [from, literal] = typeof base === 'number' ? [null, base + within] : [base, within]
    const still = moving.every((bytes) => bytes === 0)
    const pointer = still ? (from ?? i32.const(0)) : pointerFor(moving, from, value)
    // where a pointer runs backwards it is below zero, and only the sum is an address
    return moving.some((bytes) => bytes < 0) || literal < 0
      ? { pointer: i32.add(pointer, literal | 0), offset: 0 }
      : { pointer, offset: literal }
  }
  // every pointer there will be: loops are written before their bodies know them
  for (const { value, access } of [...nodes.flatMap((node) => (node.kind === 'load' ? [node] : [])), ...stores])
    placeOf(
      value,
      access,
      dims.map(() => 0),
    )

  /** The turns of one part of a dimension around a body. */
  const turning = (d: number, part: Part, body: ReadonlyArray<Statement>): ReadonlyArray<Statement> => {
    const moved = looped[d] ? [...pointers.values()].filter(({ bytes }) => bytes[d] !== 0) : []
    const by = (elements: number): ReadonlyArray<Statement> =>
      elements === 0 ? [] : moved.map(({ pointer, bytes }) => set(pointer, i32.add(pointer, elements * bytes[d])))
    if (part.times === 1) return [...by(part.start), ...body, ...by(-part.start)]
    return [
      ...by(part.start),
      forEach(local('i32'), 0, part.times, 1, [...body, ...by(part.step)]),
      ...by(-part.start - part.times * part.step),
    ]
  }
  /** The literal index of an element: pointers know the start of a part of a dimension with loops. */
  const literalIndex = (d: number, part: Part, lane: number): number => (looped[d] ? lane : part.start + lane)

  // ---------------------------------------------------------------------------------------------------- tiles
  const tile = (chosen: ReadonlyArray<Part>): ReadonlyArray<Statement> => {
    const keptVector = vector >= 0 && vector < kept && chosen[vector].vector
    /** the elements of the tile, as indices into the kept dimensions */
    const elements = chosen.reduce<ReadonlyArray<ReadonlyArray<number>>>(
      (all, part, d) => all.flatMap((at) => part.lanes.map((lane) => [...at, literalIndex(d, part, lane)])),
      [[]],
    )
    /** scopes[0] for the tile, then one for each reduced loop that is open */
    const scopes: Array<Scope> = [scope()]

    const evaluate = (k: number, at: ReadonlyArray<number>, inVector: boolean, into: Scope | null): Any => {
      const node = nodes[k]
      if (node.kind === 'literal') return (inVector ? literalVector : literalSingle)(scalar, node.dtype, node.number)
      const uses = depends[k]
      const level = Math.max(0, (uses.at(-1) ?? 0) - kept + 1)
      const target = into ?? scopes[Math.min(level, scopes.length - 1)]
      const key = keyOf(k, inVector, uses, at)
      let known = target.known.get(key)
      for (let s = 0; known === undefined && s < scopes.length; s++) known = scopes[s].known.get(key)
      if (known !== undefined) return known
      let made: Any
      if (node.kind === 'load') {
        const place = placeOf(node.value, node.access, at)
        made = inVector
          ? loadVector(scalar, node.dtype, place, node.access.steps[vector])
          : loadSingle(scalar, node.dtype, place)
      } else if (node.kind === 'apply') {
        const args = node.args.map((arg) => evaluate(arg, at, inVector, into))
        const setting = settingOf(nodes, k, scalar)
        const name = node.primitive as PointName
        const formula = inVector
          ? many[name](setting, ...(args as ReadonlyArray<Vector>))
          : single[name](setting, ...(args as ReadonlyArray<Single>))
        if (formula === null) throw new Error(`${name} has no code for ${setting.from}`)
        made = formula
      } else throw new Error('a join is computed by its loops')
      const held = local(made.type)
      target.statements.push(set(held, made as never))
      target.known.set(key, held)
      return held
    }

    const storing = (
      tail: boolean,
      at: ReadonlyArray<number>,
      inVector: boolean,
      into: Scope | null,
    ): ReadonlyArray<Statement> =>
      stores.flatMap(({ value, node, access, adding }) => {
        if (nodes[node].tail !== tail) return []
        const type = dtype(value)
        const place = placeOf(value, access, at)
        const x = evaluate(node, at, inVector, into)
        if (inVector) {
          const y = adding
            ? joinVectors(scalar, type, 'add', loadVector(scalar, type, place, 1), x as Vector)
            : (x as Vector)
          return [storeVector(scalar, type, place, y)]
        }
        const y = adding
          ? joinSingles(scalar, type, 'add', loadSingle(scalar, type, place), x as Single)
          : (x as Single)
        return [storeSingle(scalar, type, place, y)]
      })

    const joins = nodes.flatMap((node, k) => (node.kind === 'join' ? [{ node, k }] : []))
    if (joins.length === 0 && rank === kept) {
      const writing = elements.flatMap((at) => storing(false, at, keptVector, null))
      return [...scopes[0].statements, ...writing]
    }

    // accumulators: for each join and element one, and where a reduced dimension goes in vectors one for each vector of a
    // turn beside one for single numbers
    const reducedVector = vector >= kept
    const innermost = parts[rank - 1]
    const chains = reducedVector ? Math.max(...innermost.map((part) => (part.vector ? part.lanes.length : 0))) : 1
    const accumulators = joins.map(({ node }) =>
      elements.map(() => ({
        vectors: keptVector || reducedVector ? Array.from({ length: chains }, () => local('v128')) : [],
        single: keptVector ? null : local(node.dtype === 'real' ? scalar : 'i32'),
      })),
    )
    const starting: Array<Statement> = []
    for (const [j, { node }] of joins.entries()) {
      if (node.kind !== 'join') continue
      const from = identity(node.combine, node.dtype)
      for (const { vectors: vs, single: s } of accumulators[j]) {
        for (const v of vs) starting.push(set(v, literalVector(scalar, node.dtype, from)))
        if (s !== null) starting.push(set(s, literalSingle(scalar, node.dtype, from) as never))
      }
    }

    const reducing = (
      d: number,
      at: ReadonlyArray<{ readonly part: Part; readonly lane: number }>,
    ): ReadonlyArray<Statement> => {
      const inner = scopes[scopes.length - 1]
      if (d === rank) {
        const inVector = keptVector || (reducedVector && at[at.length - 1].part.vector)
        const tailIndices = at.map(({ part, lane }, i) => literalIndex(kept + i, part, lane))
        const chain = reducedVector ? at[at.length - 1].part.lanes.indexOf(at[at.length - 1].lane) : 0
        for (const [e, element] of elements.entries()) {
          const whole = [...element, ...tailIndices]
          for (const [j, { node }] of joins.entries()) {
            if (node.kind !== 'join') continue
            const x = evaluate(node.arg, whole, inVector, null)
            const { vectors: vs, single: s } = accumulators[j][e]
            if (inVector)
              inner.statements.push(
                set(vs[chain], joinVectors(scalar, node.dtype, node.combine, vs[chain], x as Vector)),
              )
            else if (s !== null)
              inner.statements.push(
                set(s, joinSingles(scalar, node.dtype, node.combine, s as Single, x as Single) as never),
              )
          }
        }
        const writing = elements.flatMap((element) => storing(false, [...element, ...tailIndices], inVector, null))
        inner.statements.push(...writing)
        return []
      }
      const out: Array<Statement> = []
      for (const part of parts[d]) {
        scopes.push(scope())
        const mine = scopes[scopes.length - 1]
        for (const lane of part.lanes) mine.statements.push(...reducing(d + 1, [...at, { part, lane }]))
        scopes.pop()
        out.push(...turning(d, part, mine.statements))
      }
      return out
    }
    const loops = reducing(kept, [])

    // behind the loops: the joins' values, then the tail
    const behind = scope()
    for (const [j, { node, k }] of joins.entries()) {
      if (node.kind !== 'join') continue
      for (const [e, element] of elements.entries()) {
        const { vectors: vs, single: s } = accumulators[j][e]
        const at = keyOf(k, keptVector, depends[k], element)
        if (keptVector) {
          behind.known.set(at, vs[0])
          continue
        }
        if (s === null) continue
        let total: Single = s as Single
        if (vs.length > 0) {
          let sum: Vector = vs[0]
          for (const v of vs.slice(1)) sum = joinVectors(scalar, node.dtype, node.combine, sum, v)
          const held = local('v128')
          behind.statements.push(set(held, sum))
          for (let lane = 0; lane < width; lane++)
            total = joinSingles(scalar, node.dtype, node.combine, total, laneOf(scalar, node.dtype, held, lane))
          behind.statements.push(set(s, total as never))
        }
        behind.known.set(at, s)
      }
    }
    const padded = elements.map((element) => dims.map((_, d) => element[d] ?? 0))
    const writing = padded.flatMap((at) => storing(true, at, keptVector, behind))
    return [...scopes[0].statements, ...starting, ...loops, ...behind.statements, ...writing]
  }

  const over = (d: number, chosen: ReadonlyArray<Part>): ReadonlyArray<Statement> =>
    d === kept ? tile(chosen) : parts[d].flatMap((part) => turning(d, part, over(d + 1, [...chosen, part])))

  const body = over(0, [])
  return [...[...pointers.values()].map(({ pointer, from }) => set(pointer, from ?? 0)), ...body]
}

/**
 * Nests that differ only in where their values start are one function.
 *
 * @category model
 * @since 0.1.0
 */
export interface Shape {
  /** equal for such nests */
  readonly key: string
  /** the nest with its values numbered in the order of their first use, each read or written from its start on */
  readonly nest: Nest
  /** the values, and the element that each starts at */
  readonly values: ReadonlyArray<{ readonly value: number; readonly offset: number }>
  readonly inPlace: boolean
}

const accessKey = ({ offset, steps }: Access): string => `${offset}+${steps}`

const nodeKey = (node: Node): string => {
  const kind = `${node.kind} ${node.dtype} ${node.tail}`
  if (node.kind === 'load') return `${kind} ${node.value} ${accessKey(node.access)}`
  if (node.kind === 'literal') return `${kind} ${Object.is(node.number, -0) ? '-0' : node.number}`
  if (node.kind === 'join') return `${kind} ${node.combine} ${node.arg}`
  const attributes = node.attributes === noAttributes ? '' : JSON.stringify(node.attributes)
  return `${kind} ${node.primitive} ${node.args} ${attributes}`
}

const storeKey = ({ value, node, access, adding }: Nest['stores'][number]): string =>
  `${value} ${node} ${accessKey(access)} ${adding}`

/**
 * What a nest is apart from where its values start.
 *
 * @category destructors
 * @since 0.1.0
 */
export const shapeOf = (nest: Nest, address: (value: number) => number, dtype: (value: number) => DType): Shape => {
  const offsets = new Map<number, number>()
  for (const { value, access } of [
    ...nest.nodes.flatMap((node) => (node.kind === 'load' ? [node] : [])),
    ...nest.stores,
  ])
    offsets.set(value, Math.min(access.offset, offsets.get(value) ?? access.offset))
  const numbers = new Map([...offsets.keys()].map((value, i) => [value, i]))
  const renamed = <A extends { readonly value: number; readonly access: Access }>(a: A): A => ({
    ...a,
    value: numbers.get(a.value) as number,
    access: { steps: a.access.steps, offset: a.access.offset - (offsets.get(a.value) as number) },
  })
  const same: Nest = {
    ...nest,
    nodes: nest.nodes.map((node) => (node.kind === 'load' ? renamed(node) : node)),
    stores: nest.stores.map(renamed),
  }
  const written = new Set(nest.stores.map(({ value }) => address(value)))
  const inPlace = nest.nodes.some((node) => node.kind === 'load' && written.has(address(node.value)))
  const types = [...offsets.keys()].map(dtype)
  return {
    key: [same.dims, same.reduced, same.nodes.map(nodeKey).join(';'), same.stores.map(storeKey), types, inPlace].join(
      '|',
    ),
    nest: same,
    values: [...offsets].map(([value, offset]) => ({ value, offset })),
    inPlace,
  }
}

/**
 * The function that runs a nest, with the addresses of its values as literals.
 *
 * @category constructors
 * @since 0.1.0
 */
export const nestFunction = (
  { nest, inPlace }: Shape,
  name: string,
  scalar: Scalar,
  starts: ReadonlyArray<number>,
  types: ReadonlyArray<DType>,
): Func<[], 'void'> =>
  func(name, [], 'void', () =>
    emit(layoutOf(nest, scalar, inPlace), { scalar, start: (value) => starts[value], dtype: (value) => types[value] }),
  ) as Func<[], 'void'>

/**
 * The function that runs a nest on values at the addresses that it is given.
 *
 * @category constructors
 * @since 0.1.0
 */
export const sharedFunction = (
  { nest, inPlace, values }: Shape,
  name: string,
  scalar: Scalar,
  types: ReadonlyArray<DType>,
): Func<ReadonlyArray<'i32'>, 'void'> =>
  func(
    name,
    values.map(() => 'i32' as const),
    'void',
    (...starts) =>
      emit(layoutOf(nest, scalar, inPlace), {
        scalar,
        start: (value) => starts[value],
        dtype: (value) => types[value],
      }),
  )
