/**
 * The algebra of float32: numbers are float64 values that float32 can represent, and every operation computes in
 * float64 and rounds once (`Math.fround`). For `add`, `sub`, `mul`, `div` and `sqrt` that is exactly IEEE float32
 * arithmetic (Figueroa, "When is double rounding innocuous?", 1995: 53 >= 2 · 24 + 2); the others are correctly rounded
 * but for the rare value within a float64 ulp of a float32 tie. `mod` rounds its quotient, its product and its difference.
 *
 * @since 0.1.0
 */
import { type Algebra, branching } from './Algebra.js'
import { F64 } from './F64.js'

const unary =
  (f: (x: number) => number): ((x: number) => number) =>
  (x) =>
    Math.fround(f(x))

const binary =
  (f: (x: number, y: number) => number): ((x: number, y: number) => number) =>
  (x, y) =>
    Math.fround(f(x, y))

const field: Pick<Algebra<number>, 'literal' | 'primal' | 'neg' | 'sub' | 'mul'> = {
  literal: Math.fround,
  primal: (x) => x,
  neg: (x) => -x,
  sub: binary(F64.sub),
  mul: binary(F64.mul),
}

/**
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { F32 } from 'wengert/algebra'
 *
 * const third = F32.div(F32.literal(1), F32.literal(3))
 * assert.strictEqual(third, Math.fround(1 / 3))
 * assert.strictEqual(F32.add(16777216, 1), 16777216)
 * ```
 *
 * @category instances
 * @since 0.1.0
 */
export const F32: Algebra<number> = {
  name: 'float32',
  buffer: (length) => new Float32Array(length),
  ...field,
  ...branching(field),
  mod: (x, y) => field.sub(x, field.mul(Math.floor(Math.fround(x / y)), y)),
  add: binary(F64.add),
  div: binary(F64.div),
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
  polygamma: (order, x) => Math.fround(F64.polygamma(order, x)),
}
