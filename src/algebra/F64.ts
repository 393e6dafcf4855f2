/**
 * The algebra of float64: JavaScript's own numbers. Every other algebra that extends it has this one as its primal.
 *
 * `pow` is `Math.pow`, which differs from C in one point: `pow(1, ±∞)`, `pow(-1, ±∞)` and `pow(1, NaN)` are NaN.
 *
 * @since 0.1.0
 */
import { type Algebra, branching } from './Algebra.js'
import { lgamma, polygamma } from './gamma.js'
import { erf, sigmoid, softplus } from './special.js'

const field: Pick<Algebra<number>, 'literal' | 'primal' | 'neg' | 'sub' | 'mul'> = {
  literal: (x) => x,
  primal: (x) => x,
  neg: (x) => -x,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
}

/**
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { F64 } from 'wengert/algebra'
 *
 * assert.strictEqual(F64.add(0.1, 0.2), 0.30000000000000004)
 * assert.strictEqual(F64.mod(-1, 3), 2)
 * assert.strictEqual(F64.round(2.5), 2)
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const F64: Algebra<number> = {
  name: 'float64',
  buffer: (length) => new Float64Array(length),
  ...field,
  ...branching(field),
  add: (x, y) => x + y,
  div: (x, y) => x / y,
  pow: Math.pow,
  atan2: Math.atan2,
  reciprocal: (x) => 1 / x,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  sigmoid,
  softplus,
  erf,
  lgamma,
  polygamma,
}
