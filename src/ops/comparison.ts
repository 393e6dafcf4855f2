/**
 * Comparison, logic and choice. Operands broadcast as in arithmetic; results are booleans, which have no derivative.
 *
 * A comparison with NaN is false, except `ne`, which is true.
 *
 * @since 0.1.0
 */
import type { Pointwise } from '../primitive/Primitive.js'
import { type AnyOperand, type Operand, type Reverse, step } from '../Reverse.js'
import type { DType, Shape } from '../Shape.js'
import type { Broadcast, Check, Ok } from '../shape/types.js'
import { noAttributes } from '../Tape.js'
import type { Var } from '../Var.js'
import { broadcasting, one } from './record.js'

/**
 * A comparison of two reals, two integers or two booleans.
 *
 * @category types
 * @since 0.1.0
 */
export interface Comparing {
  <S extends Shape, D extends DType = 'real'>(
    a: Operand<S, D>,
    b: Operand<NoInfer<S>, NoInfer<D>> | number,
  ): Reverse<Var<S, 'bool'>>
  <S extends Shape, D extends DType = 'real'>(a: number, b: Operand<S, D>): Reverse<Var<S, 'bool'>>
  <A extends Shape, B extends Shape, D extends DType = 'real'>(
    a: Operand<A, D>,
    b: Operand<B, NoInfer<D>> & Check<Broadcast<A, B>>,
  ): Reverse<Var<Ok<Broadcast<A, B>>, 'bool'>>
}

/**
 * An operation of two booleans.
 *
 * @category types
 * @since 0.1.0
 */
export interface Logical {
  <S extends Shape>(a: Operand<S, 'bool'>, b: Operand<NoInfer<S>, 'bool'>): Reverse<Var<S, 'bool'>>
  <A extends Shape, B extends Shape>(
    a: Operand<A, 'bool'>,
    b: Operand<B, 'bool'> & Check<Broadcast<A, B>>,
  ): Reverse<Var<Ok<Broadcast<A, B>>, 'bool'>>
}

/**
 * A choice between two reals, two integers or two booleans.
 *
 * @category types
 * @since 0.1.0
 */
export interface Choosing {
  <S extends Shape, D extends DType = 'real'>(
    condition: Operand<S, 'bool'>,
    a: Operand<NoInfer<S>, D>,
    b: Operand<NoInfer<S>, NoInfer<D>> | number,
  ): Reverse<Var<S, D>>
  <S extends Shape, D extends DType = 'real'>(
    condition: Operand<S, 'bool'>,
    a: number,
    b: Operand<NoInfer<S>, D> | number,
  ): Reverse<Var<S, D>>
  <C extends Shape, A extends Shape, D extends DType = 'real'>(
    condition: Operand<C, 'bool'>,
    a: Operand<A, D> & Check<Broadcast<C, A>>,
    b: number,
  ): Reverse<Var<Ok<Broadcast<C, A>>, D>>
  <C extends Shape, B extends Shape, D extends DType = 'real'>(
    condition: Operand<C, 'bool'>,
    a: number,
    b: Operand<B, D> & Check<Broadcast<C, B>>,
  ): Reverse<Var<Ok<Broadcast<C, B>>, D>>
  <C extends Shape, A extends Shape, B extends Shape, D extends DType = 'real'>(
    condition: Operand<C, 'bool'>,
    a: Operand<A, D> & Check<Broadcast<C, A>>,
    b: Operand<B, NoInfer<D>> & Check<Broadcast<Ok<Broadcast<C, A>>, B>>,
  ): Reverse<Var<Ok<Broadcast<Ok<Broadcast<C, A>>, B>>, D>>
}

const comparing = (name: Pointwise): Comparing & Logical => {
  const recording = broadcasting(name)
  return ((a: AnyOperand, b: AnyOperand) => step([a, b], recording)) as never
}

/**
 * `a == b`.
 *
 * @category comparison
 * @since 0.1.0
 */
export const eq: Comparing = comparing('eq')

/**
 * `a != b`.
 *
 * @category comparison
 * @since 0.1.0
 */
export const ne: Comparing = comparing('ne')

/**
 * `a < b`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { bools, lt, run, tensor, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly [3]>) => lt(x, 0)
 * assert.deepStrictEqual(run(f)(tensor([-1, 0, NaN])), { _tag: 'Right', right: bools([true, false, false]) })
 * ```
 *
 * @category comparison
 * @since 0.1.0
 */
export const lt: Comparing = comparing('lt')

/**
 * `a <= b`.
 *
 * @category comparison
 * @since 0.1.0
 */
export const le: Comparing = comparing('le')

/**
 * `a > b`.
 *
 * @category comparison
 * @since 0.1.0
 */
export const gt: Comparing = comparing('gt')

/**
 * `a >= b`.
 *
 * @category comparison
 * @since 0.1.0
 */
export const ge: Comparing = comparing('ge')

/**
 * Both.
 *
 * @category logic
 * @since 0.1.0
 */
export const and: Logical = comparing('and')

/**
 * At least one.
 *
 * @category logic
 * @since 0.1.0
 */
export const or: Logical = comparing('or')

/**
 * Exactly one.
 *
 * @category logic
 * @since 0.1.0
 */
export const xor: Logical = comparing('xor')

/**
 * The other truth value.
 *
 * @category logic
 * @since 0.1.0
 */
export const not = <S extends Shape>(x: Operand<S, 'bool'>): Reverse<Var<S, 'bool'>> =>
  one('not', [x], noAttributes) as never

const choosing = broadcasting('select', 'where')

/**
 * `a` where the condition holds, `b` elsewhere; all three broadcast. The derivative goes to the chosen side alone. Both
 * sides are computed, and a side whose own derivative is infinite makes NaN out of the zero it gets: guard its operand
 * with another `where`, as in `where(gt(x, 0), sqrt(where(gt(x, 0), x, 1)), 0)`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { gt, run, tensor, type Var, where } from 'wengert'
 *
 * const f = (x: Var<readonly [3]>) => where(gt(x, 1), x, 0)
 * assert.deepStrictEqual(run(f)(tensor([1, 2, 3])), { _tag: 'Right', right: tensor([0, 2, 3]) })
 * ```
 *
 * @category choice
 * @since 0.1.0
 */
export const where: Choosing = ((condition: AnyOperand, a: AnyOperand, b: AnyOperand) =>
  step([condition, a, b], choosing)) as never
