/**
 * Copies between arrays of numbers that stand apart in memory: any number of nested loops, each with a step in both.
 *
 * @since 0.1.0
 */
import { type Expr, f32, f64, forEach, i32, local, type Statement, set } from '../assembler.js'
import { copyBytes } from './element.js'
import type { Vectors } from './lanes.js'

/**
 * A loop over numbers, and from one to the next in both arrays, in bytes.
 *
 * @category model
 * @since 0.1.0
 */
export interface Side {
  readonly count: number
  readonly from: number
  readonly to: number
}

/** Numbers that are copied one by one are written out so far. */
const UNROLL = 8

/** The loops that do something, neighbours joined where they are one loop in both arrays. */
const merged = (sides: ReadonlyArray<Side>): ReadonlyArray<Side> => {
  const out: Array<Side> = []
  for (const side of sides) {
    const outer = out[out.length - 1]
    if (outer !== undefined && outer.from === side.count * side.from && outer.to === side.count * side.to)
      out[out.length - 1] = { ...side, count: outer.count * side.count }
    else if (side.count !== 1) out.push(side)
  }
  return out.length === 0 ? sides.slice(-1) : out
}

/**
 * Copies a box of numbers, its loops outermost first, to where none of them stands.
 *
 * @category memory
 * @since 0.1.0
 */
export const copyBox = (
  v: Vectors,
  sides: ReadonlyArray<Side>,
  from: Expr<'i32'>,
  to: Expr<'i32'>,
): ReadonlyArray<Statement> => {
  const [source, target, left] = [local('i32'), local('i32'), local('i32')]
  const real = v.bytes === 4 ? f32 : f64
  const one = (side: Side, i: number): Statement =>
    (real as typeof f64).store(target, (real as typeof f64).load(source, i * side.from), i * side.to)
  const advance = (side: Side, by: number): ReadonlyArray<Statement> => [
    set(source, i32.add(source, by * side.from)),
    set(target, i32.add(target, by * side.to)),
  ]
  const [side, ...inner] = merged(sides)
  const start = [set(source, from), set(target, to)]
  if (side.count === 0 || inner.some(({ count }) => count === 0)) return []
  if (inner.length > 0)
    return [...start, forEach(left, 0, side.count, 1, [...copyBox(v, inner, source, target), ...advance(side, 1)])]
  if (side.from === v.bytes && side.to === v.bytes)
    return [...start, ...copyBytes(source, target, side.count * v.bytes)]
  const some = (count: number): ReadonlyArray<Statement> => Array.from({ length: count }, (_, i) => one(side, i))
  const whole = side.count - (side.count % UNROLL)
  return [
    ...start,
    forEach(left, 0, whole, UNROLL, [...some(UNROLL), ...advance(side, UNROLL)]),
    ...some(side.count - whole),
  ]
}
