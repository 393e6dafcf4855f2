/**
 * The two ways a vector holds numbers, as one record each, so that a formula is written once and generated for both.
 *
 * @since 0.1.0
 */
import {
  compute,
  type Expr,
  f32x4,
  f64x2,
  i32x4,
  i64x2,
  type Lanes,
  type Local,
  type Operand,
  type Statement,
  v128,
} from '../assembler.js'

/**
 * The type of real numbers in memory.
 *
 * @category model
 * @since 0.1.0
 */
export type Scalar = 'f32' | 'f64'

/**
 * A vector as an expression.
 *
 * @category model
 * @since 0.1.0
 */
export type Vector = Expr<'v128'>

type Unary = 'abs' | 'neg' | 'sqrt' | 'ceil' | 'floor' | 'trunc' | 'nearest'
type Binary = 'eq' | 'ne' | 'lt' | 'gt' | 'le' | 'ge' | 'add' | 'sub' | 'mul' | 'div' | 'min' | 'max' | 'pmin' | 'pmax'

/**
 * The arithmetic of vectors of one scalar type. Numbers beside vectors are constants for every lane; `int` constants are
 * for the integer operations, whose lanes are as wide as those of the scalar.
 *
 * @category model
 * @since 0.1.0
 */
export interface Vectors
  extends Readonly<Record<Unary, (x: Lanes) => Vector>>,
    Readonly<Record<Binary, (x: Lanes, y: Lanes) => Vector>> {
  readonly scalar: Scalar
  /** how many numbers a vector holds */
  readonly lanes: number
  /** the bytes of one number */
  readonly bytes: 4 | 8
  /** the stored bits of the significand, and the bias of the exponent */
  readonly significand: 23 | 52
  readonly bias: 127 | 1023
  /** `x y + z`, rounded once or twice as the host likes */
  readonly relaxed_madd: (x: Lanes, y: Lanes, z: Lanes) => Vector
  readonly constant: (x: number) => Vector
  readonly int: (x: bigint) => Vector
  readonly iadd: (x: Vector, y: Vector) => Vector
  readonly isub: (x: Vector, y: Vector) => Vector
  readonly shl: (x: Vector, by: number) => Vector
  readonly shr_u: (x: Vector, by: number) => Vector
  /** one number of memory in every lane */
  readonly loadSplat: (address: Operand<'i32'>, offset?: number) => Vector
  /** one number of memory in the first lane, zeros in the others */
  readonly loadFirst: (address: Operand<'i32'>, offset?: number) => Vector
  /** stores the first lane */
  readonly storeFirst: (address: Operand<'i32'>, x: Vector, offset?: number) => Statement
}

/**
 * Two float64.
 *
 * @category instances
 * @since 0.1.0
 */
export const doubles: Vectors = {
  ...f64x2,
  scalar: 'f64',
  lanes: 2,
  bytes: 8,
  significand: 52,
  bias: 1023,
  constant: (x) => f64x2.const(x, x),
  int: (x) => i64x2.const(x, x),
  iadd: i64x2.add,
  isub: i64x2.sub,
  shl: i64x2.shl,
  shr_u: i64x2.shr_u,
  loadSplat: v128.load64_splat,
  loadFirst: v128.load64_zero,
  storeFirst: (address, x, offset = 0) => v128.store64_lane(address, x, 0, offset),
}

const word = (x: bigint): number => Number(BigInt.asIntN(32, x))

/**
 * Four float32.
 *
 * @category instances
 * @since 0.1.0
 */
export const singles: Vectors = {
  ...f32x4,
  scalar: 'f32',
  lanes: 4,
  bytes: 4,
  significand: 23,
  bias: 127,
  constant: (x) => f32x4.const(x, x, x, x),
  int: (x) => i32x4.const(word(x), word(x), word(x), word(x)),
  iadd: i32x4.add,
  isub: i32x4.sub,
  shl: i32x4.shl,
  shr_u: i32x4.shr_u,
  loadSplat: v128.load32_splat,
  loadFirst: v128.load32_zero,
  storeFirst: (address, x, offset = 0) => v128.store32_lane(address, x, 0, offset),
}

/**
 * @category instances
 * @since 0.1.0
 */
export const vectors: { readonly [S in Scalar]: Vectors } = { f32: singles, f64: doubles }

/**
 * The lanes of `x` where the mask is set, those of `y` elsewhere.
 *
 * @category combinators
 * @since 0.1.0
 */
export const where = (mask: Vector, x: Vector, y: Vector): Vector => v128.bitselect(x, y, mask)

/**
 * The sign bit alone.
 *
 * @category combinators
 * @since 0.1.0
 */
export const signOf = (v: Vectors, x: Vector): Vector => v128.and(x, v.constant(-0))

/**
 * `c_0 + x (c_1 + x (c_2 + ...))`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const horner = (v: Vectors, x: Local<'v128'>, coefficients: ReadonlyArray<number>): Vector =>
  coefficients
    .slice(0, -1)
    .reduceRight((sum: Vector, c) => v.add(v.mul(sum, x), c), v.constant(coefficients[coefficients.length - 1]))

/**
 * The same polynomial with a shorter chain of dependent operations (G. Estrin, 1960): neighbours are joined in pairs,
 * pairs by `x²`, and so on. Few elements in flight, as in small networks, are computed up to twice as fast.
 *
 * @category combinators
 * @since 0.1.0
 */
export const estrin = (v: Vectors, x: Local<'v128'>, coefficients: ReadonlyArray<number>): Vector =>
  compute((keep) => {
    let power = x
    let terms: ReadonlyArray<Vector | number> = coefficients
    while (terms.length > 1) {
      const [by, list] = [power, terms]
      terms = list.flatMap((term, i) => {
        const next = list[i + 1]
        if (i % 2 === 1) return []
        return [next === undefined ? term : v.add(v.mul(by, next), term)]
      })
      if (terms.length > 1) power = keep(v.mul(power, power))
    }
    const [value] = terms
    return typeof value === 'number' ? v.constant(value) : value
  })

/**
 * `2^n` for a vector of whole numbers, from the bits: exact where `2^n` is normal.
 *
 * Adding `1.5 · 2^significand` leaves a whole number in the low bits, which are then moved into the exponent.
 *
 * @category combinators
 * @since 0.1.0
 */
export const powerOfTwo = (v: Vectors, n: Vector): Vector =>
  v.shl(v.iadd(v.add(n, 1.5 * 2 ** v.significand), v.int(BigInt(v.bias))), v.significand)

const KEPT = 4096

/**
 * A function that makes each of its results once. Functions of a module are told apart by identity, so a module contains
 * once what is made once. A process that asks for very many is not to keep them all: then all are forgotten.
 *
 * @category combinators
 * @since 0.1.0
 */
export const once = <A extends ReadonlyArray<unknown>, F>(
  key: (...args: A) => string,
  make: (...args: A) => F,
): ((...args: A) => F) => {
  const made = new Map<string, F>()
  return (...args) => {
    const name = key(...args)
    const known = made.get(name)
    if (known !== undefined) return known
    const fresh = make(...args)
    if (made.size >= KEPT) made.clear()
    made.set(name, fresh)
    return fresh
  }
}
