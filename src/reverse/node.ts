/**
 * What a recording is made of. `Reverse.ts` is the module to use; this one is shared with the interpreter.
 *
 * @since 0.1.0
 */
import type * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'
import type { Recorder } from '../primitive/Recorder.js'
import type { DType, Shape } from '../Shape.js'
import type { AnyTensor, Tensor } from '../Tensor.js'
import type { AnyVar, Var } from '../Var.js'

/**
 * A recording that ends in an `A`.
 *
 * @category model
 * @since 0.1.0
 */
export interface Reverse<A> {
  readonly _tag: 'Reverse'
  readonly [Symbol.iterator]: () => Generator<Reverse<A>, A, unknown>
}

/**
 * What an operation takes: a handle, a recording of one, or a tensor, which is recorded as a constant.
 *
 * @category model
 * @since 0.1.0
 */
export type Operand<S extends Shape = Shape, D extends DType = 'real'> = Var<S, D> | Reverse<Var<S, D>> | Tensor<S, D>

/**
 * Any operand, or a number, which takes the element type of the operands beside it.
 *
 * @category model
 * @since 0.1.0
 */
export type AnyOperand = AnyVar | Reverse<AnyVar> | AnyTensor | number

/**
 * Records against a recorder, once its operands have been recorded.
 *
 * @category model
 * @since 0.1.0
 */
export type Recording<A> = (recorder: Recorder, operands: ReadonlyArray<AnyVar>) => E.Either<Failure, A>

/**
 * @category model
 * @since 0.1.0
 */
export abstract class Base<A> implements Reverse<A> {
  *[Symbol.iterator](): Generator<Reverse<A>, A, unknown> {
    return (yield this) as A
  }
  get _tag(): 'Reverse' {
    return 'Reverse'
  }
  // a cache, invisible from outside: the first run that meets this recording notes here what it gave
  metBy: object | null = null
  gave: unknown = undefined
}

/**
 * Records nothing.
 *
 * @category model
 * @since 0.1.0
 */
export class Pure<A> extends Base<A> {
  constructor(readonly value: A) {
    super()
  }
}

/**
 * Ends the run.
 *
 * @category model
 * @since 0.1.0
 */
export class Failed extends Base<never> {
  constructor(readonly failure: Failure) {
    super()
  }
}

/**
 * One recording, then another that depends on its result.
 *
 * @category model
 * @since 0.1.0
 */
export class Chained<A, B> extends Base<B> {
  constructor(
    readonly first: Reverse<A>,
    readonly then: (a: A) => Reverse<B>,
  ) {
    super()
  }
}

/**
 * A generator whose every `yield` is a recording.
 *
 * @category model
 * @since 0.1.0
 */
export class Generated<A> extends Base<A> {
  constructor(readonly make: () => Generator<Reverse<unknown>, A, unknown>) {
    super()
  }
}

/**
 * Operands, and what to record with them.
 *
 * @category model
 * @since 0.1.0
 */
export class Step<A> extends Base<A> {
  constructor(
    readonly operands: ReadonlyArray<AnyOperand>,
    readonly record: Recording<A>,
  ) {
    super()
  }
}
