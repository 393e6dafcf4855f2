/**
 * The elements of values in memory: reals as the scalar, integers as i32, booleans as a byte.
 *
 * @since 0.1.0
 */
import type { DType, Shape } from '../../../Shape.js'
import { type Expr, f32, f64, i32, i32x4, memory, type Statement, v128 } from '../assembler.js'
import { type Scalar, singles, type Vector, type Vectors, vectors } from './lanes.js'

/**
 * @category model
 * @since 0.1.0
 */
export type NumberType = 'i32' | 'f32' | 'f64'

type Value = Expr<NumberType>

/**
 * What code does with one element, and with a vector of them.
 *
 * @category model
 * @since 0.1.0
 */
export interface Element {
  readonly type: NumberType
  readonly bytes: number
  readonly load: (address: Expr<'i32'>, offset?: number) => Value
  readonly store: (address: Expr<'i32'>, value: Value, offset?: number) => Statement
  readonly add: (x: Value, y: Value) => Value
  readonly constant: (x: number) => Value
  readonly lt: (x: Value, y: Value) => Expr<'i32'>
  readonly gt: (x: Value, y: Value) => Expr<'i32'>
  readonly ne: (x: Value, y: Value) => Expr<'i32'>
  /** how vectors of it are loaded and stored, in whole and in part */
  readonly vectors: Vectors
  readonly addLanes: (x: Vector, y: Vector) => Vector
}

const integer = {
  type: 'i32',
  add: i32.add,
  constant: i32.const,
  lt: i32.lt_s,
  gt: i32.gt_s,
  ne: i32.ne,
  vectors: singles,
  addLanes: i32x4.add,
}

const elements = {
  f32: { ...f32, type: 'f32', bytes: 4, constant: f32.const, vectors: vectors.f32, addLanes: vectors.f32.add },
  f64: { ...f64, type: 'f64', bytes: 8, constant: f64.const, vectors: vectors.f64, addLanes: vectors.f64.add },
  int: { ...integer, bytes: 4, load: i32.load, store: i32.store },
  bool: { ...integer, bytes: 1, load: i32.load8_u, store: i32.store8 },
} as unknown as { readonly [K in Scalar | 'int' | 'bool']: Element }

/**
 * @category constructors
 * @since 0.1.0
 */
export const elementOf = (scalar: Scalar, dtype: DType): Element => elements[dtype === 'real' ? scalar : dtype]

/**
 * An array as `[outer, length, inner]` around one of its axes.
 *
 * @category indexing
 * @since 0.1.0
 */
export const around = (
  shape: Shape,
  axis: number,
): { readonly outer: number; readonly length: number; readonly inner: number } => {
  const product = (list: Shape): number => list.reduce((p, n) => p * n, 1)
  return { outer: product(shape.slice(0, axis)), length: shape[axis], inner: product(shape.slice(axis + 1)) }
}

/** Longer rows are left to the host's copy. */
const LONG = 256

/**
 * Copies a known number of bytes that do not overlap. The addresses are read more than once.
 *
 * @category memory
 * @since 0.1.0
 */
export const copyBytes = (from: Expr<'i32'>, to: Expr<'i32'>, count: number): ReadonlyArray<Statement> => {
  if (count > LONG) return [memory.copy(to, from, count)]
  const out: Array<Statement> = []
  let at = 0
  for (; at + 16 <= count; at += 16) out.push(v128.store(to, v128.load(from, at), at))
  for (; at + 8 <= count; at += 8) out.push(f64.store(to, f64.load(from, at), at))
  for (; at + 4 <= count; at += 4) out.push(i32.store(to, i32.load(from, at), at))
  for (; at < count; at += 1) out.push(i32.store8(to, i32.load8_u(from, at), at))
  return out
}
