/**
 * Arithmetic of two operands, which broadcast against each other by NumPy's rule: aligned at the last dimension, two
 * dimensions fit when they are equal or one of them is 1.
 *
 * A number takes the element type of the operand beside it: beside integers it must be a 32-bit integer. Integers wrap.
 * Shapes that do not fit fail with `ShapeMismatch`, element types that differ with `TypeMismatch`.
 *
 * @since 0.1.0
 */
import type { Pointwise } from '../primitive/Primitive.js'
import { type AnyOperand, type Operand, type Reverse, step } from '../Reverse.js'
import type { Shape } from '../Shape.js'
import type { Broadcast, Check, Ok } from '../shape/types.js'
import type { Var } from '../Var.js'
import { broadcasting } from './record.js'

/**
 * An operation of two reals or two integers.
 *
 * @category types
 * @since 0.1.0
 */
export interface Arithmetic {
  <L extends Shape, N extends number>(
    a: Operand<readonly [...L, N]>,
    b: Operand<readonly [NoInfer<N>]>,
  ): Reverse<Var<readonly [...L, N]>>
  <S extends Shape, D extends 'real' | 'int' = 'real'>(
    a: Operand<S, D>,
    b: Operand<NoInfer<S>, NoInfer<D>> | number,
  ): Reverse<Var<S, D>>
  <S extends Shape, D extends 'real' | 'int' = 'real'>(a: number, b: Operand<S, D>): Reverse<Var<S, D>>
  <A extends Shape, B extends Shape, D extends 'real' | 'int' = 'real'>(
    a: Operand<A, D>,
    b: Operand<B, NoInfer<D>> & Check<Broadcast<A, B>>,
  ): Reverse<Var<Ok<Broadcast<A, B>>, D>>
}

/**
 * An operation of two reals.
 *
 * @category types
 * @since 0.1.0
 */
export interface RealArithmetic {
  <L extends Shape, N extends number>(
    a: Operand<readonly [...L, N]>,
    b: Operand<readonly [NoInfer<N>]>,
  ): Reverse<Var<readonly [...L, N]>>
  <S extends Shape>(a: Operand<S>, b: Operand<NoInfer<S>> | number): Reverse<Var<S>>
  <S extends Shape>(a: number, b: Operand<S>): Reverse<Var<S>>
  <A extends Shape, B extends Shape>(
    a: Operand<A>,
    b: Operand<B> & Check<Broadcast<A, B>>,
  ): Reverse<Var<Ok<Broadcast<A, B>>>>
}

const arithmetic = (name: Pointwise): Arithmetic & RealArithmetic => {
  const recording = broadcasting(name)
  return ((a: AnyOperand, b: AnyOperand) => step([a, b], recording)) as never
}

/**
 * `a + b`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { add, run, tensor, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly [2, 3]>) => add(x, tensor([10, 20, 30]))
 * assert.deepStrictEqual(run(f)(tensor([[1, 2, 3], [4, 5, 6]])), {
 *   _tag: 'Right',
 *   right: tensor([[11, 22, 33], [14, 25, 36]]),
 * })
 * ```
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const add: Arithmetic = arithmetic('add')

/**
 * `a - b`.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const sub: Arithmetic = arithmetic('sub')

/**
 * `a * b`, element by element; `matmul` is the product of matrices.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const mul: Arithmetic = arithmetic('mul')

/**
 * `a / b` of reals; by zero it is an infinity or NaN, as in IEEE 754.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const div: RealArithmetic = arithmetic('div')

/**
 * `a ** b` of reals: NaN for a negative base and a fractional exponent. `0 ** 0` is 1. Where `log 0` would make the
 * derivative by the exponent undefined, it is 0, and so is the derivative by the base at `0 ** 0`. An exponent of 2, -1 or
 * 1/2 is better said by `square`, `reciprocal` or `sqrt`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { pow, run, tensor, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly [3]>) => pow(x, 3)
 * assert.deepStrictEqual(run(f)(tensor([-1, 0, 2])), { _tag: 'Right', right: tensor([-1, 0, 8]) })
 * ```
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const pow: RealArithmetic = arithmetic('pow')

/**
 * The remainder with the sign of the divisor, `a - b * floor(a / b)`; an integer modulo 0 is 0. The derivative holds the
 * floor.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const mod: Arithmetic = arithmetic('mod')

/**
 * The angle of the point `(x, y)`, in `(-pi, pi]`: `atan2(y, x)`.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const atan2: RealArithmetic = arithmetic('atan2')

/**
 * The larger of two at every element (`max` reduces along axes). NaN where either is NaN. At a tie each argument gets half
 * of the derivative.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const maximum: Arithmetic = arithmetic('max')

/**
 * The smaller of two at every element (`min` reduces along axes). NaN where either is NaN. At a tie each argument gets
 * half of the derivative.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const minimum: Arithmetic = arithmetic('min')
