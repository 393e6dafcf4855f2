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
import { lifted } from './lifted.js'

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
  ...lifted(unary, binary),
  polygamma: (order, x) => Math.fround(F64.polygamma(order, x)),
}
