/**
 * Numbers and vectors of the three element types: from memory and back, as literals, and joined by reductions. In a vector
 * an integer beside float64 is in the lower half, and a boolean is a mask as wide as a real (`points.ts`).
 *
 * @since 0.1.0
 */
import type { Combine } from '../../compile/roles.js'
import type { DType } from '../../Shape.js'
import {
  type Expr,
  f32,
  f32x4,
  f64,
  f64x2,
  i8x16,
  i32,
  i32x4,
  i64x2,
  type Statement,
  select,
  v128,
} from './assembler.js'
import { type Scalar, type Vector, vectors } from './kernels/lanes.js'

/**
 * One number.
 *
 * @category model
 * @since 0.1.0
 */
export type Single = Expr<'i32' | 'f32' | 'f64'>

/**
 * An address: a pointer, if it moves, and a literal offset.
 *
 * @category model
 * @since 0.1.0
 */
export interface Place {
  readonly pointer: Expr<'i32'>
  readonly offset: number
}

/**
 * @category memory
 * @since 0.1.0
 */
export const loadSingle = (scalar: Scalar, dtype: DType, { pointer, offset }: Place): Single =>
  dtype === 'real'
    ? (scalar === 'f64' ? f64.load : f32.load)(pointer, offset)
    : dtype === 'int'
      ? i32.load(pointer, offset)
      : i32.load8_u(pointer, offset)

/**
 * @category memory
 * @since 0.1.0
 */
export const storeSingle = (scalar: Scalar, dtype: DType, { pointer, offset }: Place, x: Single): Statement =>
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

/**
 * A vector of neighbours in memory, of one number, or of numbers `step` apart.
 *
 * @category memory
 * @since 0.1.0
 */
export const loadVector = (scalar: Scalar, dtype: DType, place: Place, step: number): Vector => {
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

/**
 * A vector to neighbours in memory.
 *
 * @category memory
 * @since 0.1.0
 */
export const storeVector = (scalar: Scalar, dtype: DType, { pointer, offset }: Place, x: Vector): Statement => {
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

const MAX_INT = 2 ** 31 - 1

/**
 * What joins to nothing new: -0 and not 0, since -0 + x is x for every x.
 *
 * @category joining
 * @since 0.1.0
 */
export const identity = (combine: Combine, dtype: DType): number =>
  dtype === 'real'
    ? { add: -0, max: Number.NEGATIVE_INFINITY, min: Number.POSITIVE_INFINITY }[combine]
    : { add: 0, max: -MAX_INT - 1, min: MAX_INT }[combine]

/**
 * @category joining
 * @since 0.1.0
 */
export const joinSingles = (scalar: Scalar, dtype: DType, combine: Combine, x: Single, y: Single): Single => {
  if (dtype === 'real')
    return scalar === 'f64'
      ? f64[combine](x as Expr<'f64'>, y as Expr<'f64'>)
      : f32[combine](x as Expr<'f32'>, y as Expr<'f32'>)
  const [a, b] = [x as Expr<'i32'>, y as Expr<'i32'>]
  return combine === 'add' ? i32.add(a, b) : select('i32', (combine === 'max' ? i32.gt_s : i32.lt_s)(a, b), a, b)
}

/**
 * @category joining
 * @since 0.1.0
 */
export const joinVectors = (scalar: Scalar, dtype: DType, combine: Combine, x: Vector, y: Vector): Vector =>
  dtype === 'real'
    ? vectors[scalar][combine](x, y)
    : combine === 'add'
      ? i32x4.add(x, y)
      : combine === 'max'
        ? i32x4.max_s(x, y)
        : i32x4.min_s(x, y)

/**
 * One of the numbers of a vector.
 *
 * @category joining
 * @since 0.1.0
 */
export const laneOf = (scalar: Scalar, dtype: DType, x: Vector, lane: number): Single =>
  dtype === 'int'
    ? i32x4.extract_lane(x, lane)
    : scalar === 'f64'
      ? f64x2.extract_lane(x, lane)
      : f32x4.extract_lane(x, lane)

/**
 * @category literals
 * @since 0.1.0
 */
export const literalSingle = (scalar: Scalar, dtype: DType, x: number): Single =>
  dtype === 'real' ? (scalar === 'f64' ? f64.const(x) : f32.const(x)) : i32.const(x)

/**
 * A number in every lane.
 *
 * @category literals
 * @since 0.1.0
 */
export const literalVector = (scalar: Scalar, dtype: DType, x: number): Vector => {
  if (dtype === 'real') return vectors[scalar].constant(x)
  return dtype === 'int' ? i32x4.const(x, x, x, x) : i32x4.const(-x, -x, -x, -x)
}
