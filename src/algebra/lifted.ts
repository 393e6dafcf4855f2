/**
 * The functions of float64 over numbers of another kind that are computed as float64 ones.
 *
 * @since 0.1.0
 */
import type { Algebra, UnaryName } from './Algebra.js'
import { F64 } from './F64.js'

/**
 * The functions of one argument that round, and powers and angles.
 *
 * @category model
 * @since 0.1.0
 */
export type Lifted<N> = Pick<
  Algebra<N>,
  Exclude<UnaryName, 'neg' | 'abs' | 'sign' | 'floor' | 'ceil' | 'round'> | 'pow' | 'atan2'
>

/**
 * Those functions, given what makes one over the other numbers of one of one argument, and of one of two.
 *
 * @category constructors
 * @since 0.1.0
 */
export const lifted = <N>(
  unary: (f: (x: number) => number) => (x: N) => N,
  binary: (f: (x: number, y: number) => number) => (x: N, y: N) => N,
): Lifted<N> => ({
  pow: binary(F64.pow),
  atan2: binary(F64.atan2),
  reciprocal: unary(F64.reciprocal),
  exp: unary(F64.exp),
  expm1: unary(F64.expm1),
  log: unary(F64.log),
  log1p: unary(F64.log1p),
  sqrt: unary(F64.sqrt),
  rsqrt: unary(F64.rsqrt),
  sin: unary(F64.sin),
  cos: unary(F64.cos),
  tan: unary(F64.tan),
  asin: unary(F64.asin),
  acos: unary(F64.acos),
  atan: unary(F64.atan),
  sinh: unary(F64.sinh),
  cosh: unary(F64.cosh),
  tanh: unary(F64.tanh),
  sigmoid: unary(F64.sigmoid),
  softplus: unary(F64.softplus),
  erf: unary(F64.erf),
  lgamma: unary(F64.lgamma),
})
