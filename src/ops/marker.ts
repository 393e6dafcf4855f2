/**
 * Operations that leave the value as it is and say something about it.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type AnyOperand, type Operand, type Reverse, step } from '../Reverse.js'
import type { DType, Shape } from '../Shape.js'
import { noAttributes } from '../Tape.js'
import type { Tensor } from '../Tensor.js'
import type { Var } from '../Var.js'
import { one } from './record.js'

/**
 * The same value, held constant by differentiation.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { grad, mul, run, scalar, stopGradient, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly []>) => mul(stopGradient(x), x)
 * assert.deepStrictEqual(run(grad(f))(scalar(3)), { _tag: 'Right', right: scalar(3) })
 * ```
 *
 * @category markers
 * @since 0.1.0
 */
export const stopGradient = <S extends Shape, D extends DType = 'real'>(x: Operand<S, D>): Reverse<Var<S, D>> =>
  one('stopGradient', [x as AnyOperand], noAttributes) as never

/**
 * Gives a value a name, for people and for tools that watch values by name.
 *
 * @category markers
 * @since 0.1.0
 */
export const named =
  (name: string) =>
  <S extends Shape, D extends DType = 'real'>(x: Operand<S, D>): Reverse<Var<S, D>> =>
    one('label', [x as AnyOperand], { name: String(name) }) as never

/**
 * Looks at a value while recording, to choose what to record next. The tape then states that value and is refused where it
 * differs: it is specialised to this branch. Fails with `NeedsValue` where only shapes are known; `where` chooses without
 * looking.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { flatMap, neg, peek, run, scalar, type Var } from 'wengert'
 *
 * const abs = (x: Var<readonly []>) => flatMap(peek(x), (seen) => neg(seen.data[0] < 0 ? x : neg(x)))
 * assert.deepStrictEqual(run(abs)(scalar(-2)), { _tag: 'Right', right: scalar(2) })
 * ```
 *
 * @category markers
 * @since 0.1.0
 */
export const peek = <S extends Shape, D extends DType = 'real'>(x: Operand<S, D>): Reverse<Tensor<S, D>> =>
  step([x as AnyOperand], (recorder, [v]) => {
    const value = recorder.peek(recorder, v)
    if (E.isLeft(value)) return value
    const stated = recorder.emit('peek', [v], { value: value.right })
    return E.isLeft(stated) ? stated : E.right(value.right as unknown as Tensor<S, D>)
  })
