/**
 * A number algebra: what a tape needs of its numbers. One tape is read over many algebras (float64, float32, dual,
 * complex, ...), which is how one recording gives values, derivatives, error bounds and proofs.
 *
 * Laws. `primal` is a homomorphism wherever the algebra extends float64: `primal(f(x)) = f(primal(x))` exactly.
 * Branches (`abs`, `max`, `floor`, ...) always follow `primal`, so every algebra walks the branch that float64 walks.
 *
 * It is a record of functions, not a class, so an algebra can be built from another (`dual(F64)`, `dual(dual(F64))`).
 *
 * @since 0.1.0
 */

/**
 * Something indexable and writable that holds numbers of an algebra; typed arrays and plain arrays both serve.
 *
 * @category model
 * @since 0.1.0
 */
export interface Buffer<N> {
  readonly length: number
  [index: number]: N
}

/**
 * The one-argument operations.
 *
 * @category model
 * @since 0.1.0
 */
export type UnaryName =
  | 'neg'
  | 'reciprocal'
  | 'exp'
  | 'expm1'
  | 'log'
  | 'log1p'
  | 'sqrt'
  | 'rsqrt'
  | 'sin'
  | 'cos'
  | 'tan'
  | 'asin'
  | 'acos'
  | 'atan'
  | 'sinh'
  | 'cosh'
  | 'tanh'
  | 'sigmoid'
  | 'softplus'
  | 'erf'
  | 'lgamma'
  | 'abs'
  | 'sign'
  | 'floor'
  | 'ceil'
  | 'round'

/**
 * The two-argument operations. `mod` has the sign of the divisor (`a - b * floor(a / b)`); `max` and `min` return NaN
 * when either argument is NaN.
 *
 * @category model
 * @since 0.1.0
 */
export type BinaryName = 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'atan2' | 'mod' | 'max' | 'min'

/**
 * @category model
 * @since 0.1.0
 */
export interface Algebra<N>
  extends Readonly<Record<UnaryName, (x: N) => N>>,
    Readonly<Record<BinaryName, (x: N, y: N) => N>> {
  /** its name in reports */
  readonly name: string
  /** a new buffer of zeros */
  readonly buffer: (length: number) => Buffer<N>
  /** the number that stands for a float64 */
  readonly literal: (x: number) => N
  /** the float64 that decides branches */
  readonly primal: (n: N) => number
  /** the polygamma function of a given order: 0 is digamma, 1 trigamma */
  readonly polygamma: (order: number, x: N) => N
}

/**
 * The operations that choose by `primal` and are otherwise built from negation and literals. Algebras whose numbers
 * stand for one real number take them from here.
 *
 * `round` is to the nearest integer, ties to even. `sign` of a zero is that zero, of NaN is NaN.
 *
 * @category constructors
 * @since 0.1.0
 */
export const branching = <N>(
  a: Pick<Algebra<N>, 'literal' | 'primal' | 'neg' | 'sub' | 'mul'>,
): Pick<Algebra<N>, 'abs' | 'sign' | 'floor' | 'ceil' | 'round' | 'mod' | 'max' | 'min'> => ({
  abs: (x) => (a.primal(x) < 0 || Object.is(a.primal(x), -0) ? a.neg(x) : x),
  sign: (x) => a.literal(Math.sign(a.primal(x))),
  floor: (x) => a.literal(Math.floor(a.primal(x))),
  ceil: (x) => a.literal(Math.ceil(a.primal(x))),
  round: (x) => a.literal(roundEven(a.primal(x))),
  mod: (x, y) => a.sub(x, a.mul(a.literal(Math.floor(a.primal(x) / a.primal(y))), y)),
  max: (x, y) => (a.primal(x) >= a.primal(y) || Number.isNaN(a.primal(x)) ? x : y),
  min: (x, y) => (a.primal(x) <= a.primal(y) || Number.isNaN(a.primal(x)) ? x : y),
})

/**
 * To the nearest integer, ties to even, as IEEE 754 `roundToIntegralTiesToEven`.
 *
 * @category destructors
 * @since 0.1.0
 */
export const roundEven = (x: number): number => {
  const down = Math.floor(x)
  const rest = x - down
  if (rest < 0.5) return Object.is(x, -0) ? x : down
  if (rest > 0.5) return x < 0 && down === -1 ? -0 : down + 1
  return down % 2 === 0 ? down : x < 0 && down === -1 ? -0 : down + 1
}
