/**
 * A nest as WebAssembly: the loops of its layout around the formulas of its nodes.
 *
 * A *tile* is what one turn of the loops over the kept dimensions computes: all its elements side by side, each node of
 * each element in a local of its own. What does not depend on an inner loop is computed before it. All loads of a tile
 * stand before its stores, so a tile may overwrite what it reads.
 *
 * Addresses: for each way of walking through memory there is one pointer, moved on at the end of each turn and moved back
 * behind the loop; everything else about an address is a literal in the instruction.
 *
 * @since 0.1.0
 */
import type { Access } from '../../compile/access.js'
import type { Nest, Node } from '../../compile/Nest.js'
import { unit } from '../../compile/plan.js'
import type { Combine } from '../../compile/roles.js'
import type { DType } from '../../Shape.js'
import {
  type Expr,
  type Func,
  f32,
  f32x4,
  f64,
  f64x2,
  forEach,
  func,
  i8x16,
  i32,
  i32x4,
  i64x2,
  type Local,
  local,
  type Statement,
  select,
  set,
  v128,
} from './assembler.js'
import { type Scalar, type Vector, vectors } from './kernels/lanes.js'
import { type Layout, layoutOf, type Part, settingOf } from './layout.js'
import { many, type PointName, single } from './points.js'

/**
 * What code needs to know beyond its nest.
 *
 * @category model
 * @since 0.1.0
 */
export interface Surroundings {
  readonly scalar: Scalar
  readonly address: (value: number) => number
  readonly dtype: (value: number) => DType
}

type Single = Expr<'i32' | 'f32' | 'f64'>
type Any = Expr<'i32' | 'f32' | 'f64' | 'v128'>

/** An address: a pointer, if it moves, and a literal offset. */
interface Place {
  readonly pointer: Expr<'i32'>
  readonly offset: number
}

// --------------------------------------------------------------------------------- numbers to and from memory

const loadSingle = (scalar: Scalar, dtype: DType, { pointer, offset }: Place): Single =>
  dtype === 'real'
    ? (scalar === 'f64' ? f64.load : f32.load)(pointer, offset)
    : dtype === 'int'
      ? i32.load(pointer, offset)
      : i32.load8_u(pointer, offset)

const storeSingle = (scalar: Scalar, dtype: DType, { pointer, offset }: Place, x: Single): Statement =>
  dtype === 'real'
    ? scalar === 'f64'
      ? f64.store(pointer, x as Expr<'f64'>, offset)
      : f32.store(pointer, x as Expr<'f32'>, offset)
    : dtype === 'int'
      ? i32.store(pointer, x as Expr<'i32'>, offset)
      : i32.store8(pointer, x as Expr<'i32'>, offset)

const zeros = (): Vector => i32x4.const(0, 0, 0, 0)

/** Bytes 0 or 1 in the low places as masks as wide as reals. */
const maskOfBytes = (scalar: Scalar, bytes: Vector): Vector =>
  scalar === 'f32'
    ? i32x4.neg(i8x16.shuffle(bytes, zeros(), [0, 16, 16, 16, 1, 16, 16, 16, 2, 16, 16, 16, 3, 16, 16, 16]))
    : i64x2.neg(i8x16.shuffle(bytes, zeros(), [0, 16, 16, 16, 16, 16, 16, 16, 1, 16, 16, 16, 16, 16, 16, 16]))

/** A vector of neighbours in memory, of one number, or of numbers `step` apart. */
const loadVector = (scalar: Scalar, dtype: DType, place: Place, step: number): Vector => {
  const { pointer, offset } = place
  if (dtype === 'bool')
    return step === 0
      ? i8x16.ne(v128.load8_splat(pointer, offset), 0)
      : maskOfBytes(scalar, (scalar === 'f32' ? v128.load32_zero : v128.load16_splat)(pointer, offset))
  const wide = dtype === 'real' && scalar === 'f64'
  const { lanes } = vectors[scalar]
  if (step === 0) return (wide ? v128.load64_splat : v128.load32_splat)(pointer, offset)
  if (step === 1)
    return dtype === 'int' && scalar === 'f64' ? v128.load64_zero(pointer, offset) : v128.load(pointer, offset)
  const bytes = wide ? 8 : 4
  let out = (wide ? v128.load64_splat : v128.load32_splat)(pointer, offset)
  for (let lane = 1; lane < lanes; lane++) {
    const at = shifted(place, lane * step * bytes)
    out = (wide ? v128.load64_lane : v128.load32_lane)(at.pointer, out, lane, at.offset)
  }
  return out
}

/** A place some bytes away: an offset is never negative. */
const shifted = ({ pointer, offset }: Place, bytes: number): Place =>
  offset + bytes >= 0
    ? { pointer, offset: offset + bytes }
    : { pointer: i32.add(pointer, (offset + bytes) | 0), offset: 0 }

const storeVector = (scalar: Scalar, dtype: DType, { pointer, offset }: Place, x: Vector): Statement => {
  if (dtype === 'real' || (dtype === 'int' && scalar === 'f32')) return v128.store(pointer, x, offset)
  if (dtype === 'int') return v128.store64_lane(pointer, x, 0, offset)
  const ones = v128.and(x, i8x16.splat(1))
  return scalar === 'f32'
    ? v128.store32_lane(
        pointer,
        i8x16.shuffle(ones, ones, [0, 4, 8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        0,
        offset,
      )
    : i32.store16(
        pointer,
        i32x4.extract_lane(i8x16.shuffle(ones, ones, [0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 0),
        offset,
      )
}

// ---------------------------------------------------------------------------------------------------- joining

const MAX_INT = 2 ** 31 - 1

/** What joins to nothing new: -0 and not 0, since -0 + x is x for every x. */
const identity = (combine: Combine, dtype: DType): number =>
  dtype === 'real'
    ? { add: -0, max: Number.NEGATIVE_INFINITY, min: Number.POSITIVE_INFINITY }[combine]
    : { add: 0, max: -MAX_INT - 1, min: MAX_INT }[combine]

const joinSingles = (scalar: Scalar, dtype: DType, combine: Combine, x: Single, y: Single): Single => {
  if (dtype === 'real')
    return scalar === 'f64'
      ? f64[combine](x as Expr<'f64'>, y as Expr<'f64'>)
      : f32[combine](x as Expr<'f32'>, y as Expr<'f32'>)
  const [a, b] = [x as Expr<'i32'>, y as Expr<'i32'>]
  return combine === 'add' ? i32.add(a, b) : select('i32', (combine === 'max' ? i32.gt_s : i32.lt_s)(a, b), a, b)
}

const joinVectors = (scalar: Scalar, dtype: DType, combine: Combine, x: Vector, y: Vector): Vector =>
  dtype === 'real'
    ? vectors[scalar][combine](x, y)
    : combine === 'add'
      ? i32x4.add(x, y)
      : combine === 'max'
        ? i32x4.max_s(x, y)
        : i32x4.min_s(x, y)

const laneOf = (scalar: Scalar, dtype: DType, x: Vector, lane: number): Single =>
  dtype === 'int'
    ? i32x4.extract_lane(x, lane)
    : scalar === 'f64'
      ? f64x2.extract_lane(x, lane)
      : f32x4.extract_lane(x, lane)

const literalSingle = (scalar: Scalar, dtype: DType, x: number): Single =>
  dtype === 'real' ? (scalar === 'f64' ? f64.const(x) : f32.const(x)) : i32.const(x)

const literalVector = (scalar: Scalar, dtype: DType, x: number): Vector => {
  if (dtype === 'real') return vectors[scalar].constant(x)
  return dtype === 'int' ? i32x4.const(x, x, x, x) : i32x4.const(-x, -x, -x, -x)
}

// ------------------------------------------------------------------------------------------------------ tiles

/** Statements that run together, and the nodes that they have computed. */
interface Scope {
  readonly statements: Array<Statement>
  readonly known: Map<string, Any>
}

const scope = (): Scope => ({ statements: [], known: new Map() })

/** Which dimensions each node depends on. */
const dependencies = (
  nodes: ReadonlyArray<Node>,
  reduced: ReadonlyArray<boolean>,
): ReadonlyArray<ReadonlyArray<boolean>> => {
  const out: Array<ReadonlyArray<boolean>> = []
  for (const node of nodes)
    out.push(
      reduced.map((gone, d) =>
        node.kind === 'load'
          ? node.access.steps[d] !== 0
          : node.kind === 'literal'
            ? false
            : node.kind === 'join'
              ? !gone
              : node.args.some((k) => out[k][d]),
      ),
    )
  return out
}

const emit = ({ nest, kept, vector, parts }: Layout, around: Surroundings): ReadonlyArray<Statement> => {
  const { scalar, address, dtype } = around
  const { dims, nodes, stores, reduced } = nest
  const rank = dims.length
  const { lanes: width } = vectors[scalar]
  const depends = dependencies(nodes, reduced)
  const looped = parts.map((list) => list.some(({ times }) => times > 1))

  // ------------------------------------------------------------------------------------------------ addresses
  const pointers = new Map<string, { readonly pointer: Local<'i32'>; readonly bytes: ReadonlyArray<number> }>()
  const pointerFor = (bytes: ReadonlyArray<number>): Expr<'i32'> => {
    const key = bytes.join()
    const known = pointers.get(key)
    if (known !== undefined) return known.pointer
    const pointer = local('i32')
    pointers.set(key, { pointer, bytes })
    return pointer
  }
  const placeOf = (value: number, { offset, steps }: Access, at: ReadonlyArray<number>): Place => {
    const size = unit(scalar, dtype(value))
    const moving = steps.map((step, d) => (looped[d] ? step * size : 0))
    const literal = address(value) + size * steps.reduce((sum, step, d) => sum + step * at[d], offset)
    if (moving.every((bytes) => bytes === 0)) return { pointer: i32.const(0), offset: literal }
    const pointer = pointerFor(moving)
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
      let level = 0
      for (let d = kept; d < rank; d++) if (uses[d]) level = d - kept + 1
      const target = into ?? scopes[Math.min(level, scopes.length - 1)]
      const key = `${k} ${inVector} ${uses.map((used, d) => (used ? (at[d] ?? '') : '-')).join()}`
      const known = target.known.get(key) ?? scopes.find(({ known }) => known.has(key))?.known.get(key)
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
        const at = `${k} ${keptVector} ${depends[k].map((used, d) => (used ? (element[d] ?? '') : '-')).join()}`
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
  return [...[...pointers.values()].map(({ pointer }) => set(pointer, 0)), ...body]
}

/**
 * The function that runs a nest.
 *
 * @category constructors
 * @since 0.1.0
 */
export const nestFunction = (nest: Nest, name: string, around: Surroundings): Func<[], 'void'> => {
  const written = new Set(nest.stores.map(({ value }) => around.address(value)))
  const inPlace = nest.nodes.some((node) => node.kind === 'load' && written.has(around.address(node.value)))
  return func(name, [], 'void', () => emit(layoutOf(nest, around.scalar, inPlace), around)) as Func<[], 'void'>
}
