/**
 * `Reverse<A>`: a description of a recording that ends in an `A`. Running it appends instructions to a Wengert tape;
 * nothing is computed, and a failure (a shape that does not fit, say) ends the run as a value.
 *
 * It is a state monad over the tape with a failure channel, made of data rather than functions: a loop with its own
 * stack interprets it, so a million nested `flatMap`s, to either side, neither overflow nor go quadratic.
 *
 * Laws.
 * - `Functor`, `Apply`, `Applicative`, `Chain` and `Monad` as in fp-ts, where two recordings are equal when they leave
 *   equal tapes and results. `of` and `map` record nothing; `ap` records the function first, then the argument.
 * - Recording is idempotent: within one run a `Reverse` value that has already been run yields what it yielded before.
 *   Hence `const y = sigmoid(x)` may be used twice in an expression and is recorded once.
 *
 * It is an object rather than a bare function so that `yield*` works on it inside `gen`.
 *
 * @since 0.1.0
 */
import type { Applicative1 } from 'fp-ts/lib/Applicative.js'
import { type Apply1, apS as apS_ } from 'fp-ts/lib/Apply.js'
import { bind as bind_, type Chain1 } from 'fp-ts/lib/Chain.js'
import * as E from 'fp-ts/lib/Either.js'
import { bindTo as bindTo_, type Functor1, let as let__ } from 'fp-ts/lib/Functor.js'
import type { Monad1 } from 'fp-ts/lib/Monad.js'
import type { Option } from 'fp-ts/lib/Option.js'
import type { Pointed1 } from 'fp-ts/lib/Pointed.js'
import { type Failure, failure } from './Failure.js'
import {
  type AnyOperand,
  Base,
  Chained,
  Failed,
  Generated,
  Pure,
  type Recording,
  type Reverse,
  Step,
} from './reverse/node.js'

export type { AnyOperand, Operand, Recording, Reverse } from './reverse/node.js'

// ------------------------------------------------------------------------------------------------ constructors

/**
 * @category constructors
 * @since 0.1.0
 */
export const of = <A>(a: A): Reverse<A> => new Pure(a)

/**
 * Ends the recording with a failure of the model's own, tagged `Raised`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const raise = (message: string): Reverse<never> => new Failed(failure('Raised', message))

/**
 * @category constructors
 * @since 0.1.0
 */
export const throwError = (e: Failure): Reverse<never> => new Failed(e)

/**
 * @category conversions
 * @since 0.1.0
 */
export const fromEither = <A>(e: E.Either<Failure, A>): Reverse<A> =>
  E.isLeft(e) ? new Failed(e.left) : new Pure(e.right)

/**
 * @category conversions
 * @since 0.1.0
 */
export const fromOption =
  (onNone: () => Failure) =>
  <A>(o: Option<A>): Reverse<A> =>
    o._tag === 'None' ? new Failed(onNone()) : new Pure(o.value)

/**
 * Records its operands, left to right, then records with them: how every operation is made.
 *
 * @category constructors
 * @since 0.1.0
 */
export const step = <A>(operands: ReadonlyArray<AnyOperand>, record: Recording<A>): Reverse<A> =>
  new Step(operands, record)

/**
 * Do-notation with a generator: `yield*` records and gives the handle.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { add, gen, mul, run, scalar, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly []>) =>
 *   gen(function* () {
 *     const y = yield* mul(x, x)
 *     return yield* add(y, 1)
 *   })
 * assert.deepStrictEqual(run(f)(scalar(3)), { _tag: 'Right', right: scalar(10) })
 * ```
 *
 * @category do notation
 * @since 0.1.0
 */
export const gen = <A>(make: () => Generator<Reverse<unknown>, A, unknown>): Reverse<A> => new Generated(make)

// --------------------------------------------------------------------------------------------------- pipeables

/**
 * @category sequencing
 * @since 0.1.0
 */
export const flatMap: {
  <A, B>(f: (a: A) => Reverse<B>): (ma: Reverse<A>) => Reverse<B>
  <A, B>(ma: Reverse<A>, f: (a: A) => Reverse<B>): Reverse<B>
} = <A, B>(first: Reverse<A> | ((a: A) => Reverse<B>), second?: (a: A) => Reverse<B>) =>
  (typeof first === 'function'
    ? (ma: Reverse<A>) => new Chained(ma, first)
    : new Chained(first, second as (a: A) => Reverse<B>)) as never

/**
 * @category mapping
 * @since 0.1.0
 */
export const map =
  <A, B>(f: (a: A) => B) =>
  (fa: Reverse<A>): Reverse<B> =>
    new Chained(fa, (a) => new Pure(f(a)))

/**
 * @category sequencing
 * @since 0.1.0
 */
export const flatten = <A>(mma: Reverse<Reverse<A>>): Reverse<A> => new Chained(mma, (ma) => ma)

/**
 * Records the function, then the argument.
 *
 * @category applying
 * @since 0.1.0
 */
export const ap =
  <A>(fa: Reverse<A>) =>
  <B>(fab: Reverse<(a: A) => B>): Reverse<B> =>
    new Chained(fab, (f) => new Chained(fa, (a) => new Pure(f(a))))

/**
 * Records something more and keeps the first result.
 *
 * @category sequencing
 * @since 0.1.0
 */
export const tap =
  <A>(f: (a: A) => Reverse<unknown>) =>
  (ma: Reverse<A>): Reverse<A> =>
    new Chained(ma, (a) => new Chained(f(a), () => new Pure(a)))

/**
 * Recordings one after another; the result keeps their order. Stack-safe.
 *
 * @category traversing
 * @since 0.1.0
 */
export const traverseArray =
  <A, B>(f: (a: A, i: number) => Reverse<B>) =>
  (as: ReadonlyArray<A>): Reverse<ReadonlyArray<B>> =>
    new Generated(function* () {
      const out: Array<B> = []
      for (let i = 0; i < as.length; i++) out.push(yield* f(as[i], i))
      return out
    })

/**
 * @category traversing
 * @since 0.1.0
 */
export const sequenceArray = <A>(as: ReadonlyArray<Reverse<A>>): Reverse<ReadonlyArray<A>> =>
  traverseArray((ma: Reverse<A>) => ma)(as)

// --------------------------------------------------------------------------------------------------- instances

/**
 * @category type lambdas
 * @since 0.1.0
 */
export const URI = 'wengert/Reverse'

/**
 * @category type lambdas
 * @since 0.1.0
 */
export type URI = typeof URI

declare module 'fp-ts/HKT' {
  interface URItoKind<A> {
    readonly [URI]: Reverse<A>
  }
}

/**
 * @category instances
 * @since 0.1.0
 */
export const Functor: Functor1<URI> = { URI, map: (fa, f) => map(f)(fa) }

/**
 * @category instances
 * @since 0.1.0
 */
export const Pointed: Pointed1<URI> = { URI, of }

/**
 * @category instances
 * @since 0.1.0
 */
export const Apply: Apply1<URI> = { ...Functor, ap: (fab, fa) => ap(fa)(fab) }

/**
 * @category instances
 * @since 0.1.0
 */
export const Applicative: Applicative1<URI> = { ...Apply, of }

/**
 * @category instances
 * @since 0.1.0
 */
export const Chain: Chain1<URI> = { ...Apply, chain: (ma, f) => flatMap(ma, f) }

/**
 * @category instances
 * @since 0.1.0
 */
export const Monad: Monad1<URI> = { ...Applicative, chain: Chain.chain }

/**
 * `MonadThrow` with the failure type of this library.
 *
 * @category instances
 * @since 0.1.0
 */
export const MonadThrow: Monad1<URI> & { readonly throwError: (e: Failure) => Reverse<never> } = {
  ...Monad,
  throwError,
}

/**
 * @category instances
 * @since 0.1.0
 */
export const FromEither: { readonly URI: URI; readonly fromEither: typeof fromEither } = { URI, fromEither }

// ------------------------------------------------------------------------------------------------- do notation

/**
 * @category do notation
 * @since 0.1.0
 */
export const Do: Reverse<Readonly<Record<never, never>>> = of({})

/**
 * @category do notation
 * @since 0.1.0
 */
export const bindTo: <N extends string>(name: N) => <A>(fa: Reverse<A>) => Reverse<{ readonly [K in N]: A }> =
  bindTo_(Functor)

/**
 * @category do notation
 * @since 0.1.0
 */
export const bind: <N extends string, A, B>(
  name: Exclude<N, keyof A>,
  f: (a: A) => Reverse<B>,
) => (ma: Reverse<A>) => Reverse<{ readonly [K in keyof A | N]: K extends keyof A ? A[K] : B }> = bind_(Chain)

const let_: <N extends string, A, B>(
  name: Exclude<N, keyof A>,
  f: (a: A) => B,
) => (fa: Reverse<A>) => Reverse<{ readonly [K in keyof A | N]: K extends keyof A ? A[K] : B }> = let__(Functor)

export {
  /**
   * @category do notation
   * @since 0.1.0
   */
  let_ as let,
}

/**
 * @category do notation
 * @since 0.1.0
 */
export const apS: <N extends string, A, B>(
  name: Exclude<N, keyof A>,
  fb: Reverse<B>,
) => (fa: Reverse<A>) => Reverse<{ readonly [K in keyof A | N]: K extends keyof A ? A[K] : B }> = apS_(Apply)

/**
 * @category refinements
 * @since 0.1.0
 */
export const isReverse = (u: unknown): u is Reverse<unknown> => u instanceof Base
