/**
 * Models as fp-ts knows such things: a category, with products (`Strong`) and sums (`Choice`).
 *
 * fp-ts composes types of kind `(A, B)`, so parameters and state are hidden: `Arrow<A, B>` is a model of some parameters. The
 * functions given to `map` and `promap` rearrange handles and record nothing; they see the handles of a batch, so they may
 * move values but not look at shapes. What they must not do they cannot do if they are polymorphic in what they move.
 *
 * @since 0.1.0
 */
import type { Category2 } from 'fp-ts/lib/Category.js'
import type { Choice2 } from 'fp-ts/lib/Choice.js'
import type { Functor2 } from 'fp-ts/lib/Functor.js'
import type { Profunctor2 } from 'fp-ts/lib/Profunctor.js'
import type { Semigroupoid2 } from 'fp-ts/lib/Semigroupoid.js'
import type { Strong2 } from 'fp-ts/lib/Strong.js'
import { of } from '../Reverse.js'
import { first, identity, left, right, second } from './combinators.js'
import { recording } from './layer.js'
import { fromLayers, type Model } from './Model.js'
import type { Blocks } from './types.js'

/**
 * A model of which the parameters, the state and the rule are not known.
 *
 * @category model
 * @since 0.1.0
 */
export type Arrow<A, B> = Model<Blocks, A, B, Blocks, unknown>

/**
 * Forgets the parameters of a model.
 *
 * @category conversions
 * @since 0.1.0
 */
export const arrow = <P extends Blocks, A, B, S extends Blocks, R>(model: Model<P, A, B, S, R>): Arrow<A, B> =>
  fromLayers(model.layers)

/**
 * @category type lambdas
 * @since 0.1.0
 */
export const URI = 'wengert/nn/Model'

/**
 * @category type lambdas
 * @since 0.1.0
 */
export type URI = typeof URI

declare module 'fp-ts/HKT' {
  interface URItoKind2<E, A> {
    readonly [URI]: Arrow<E, A>
  }
}

const pure = <A, B>(f: (a: A) => B): Arrow<A, B> => fromLayers([recording('map', (x) => of(f(x as A)))])

const compose = <A, B, C>(bc: Arrow<B, C>, ab: Arrow<A, B>): Arrow<A, C> => fromLayers([...ab.layers, ...bc.layers])

/**
 * Composition without identities: fp-ts's `compose(g, f)` is `sequential(f, g)`.
 *
 * @category instances
 * @since 0.1.0
 */
export const Semigroupoid: Semigroupoid2<URI> = { URI, compose }

/**
 * @category instances
 * @since 0.1.0
 */
export const Category: Category2<URI> = { URI, compose, id: () => arrow(identity()) }

/**
 * @category instances
 * @since 0.1.0
 */
export const Functor: Functor2<URI> = { URI, map: (fa, f) => compose(pure(f), fa) }

/**
 * @category instances
 * @since 0.1.0
 */
export const Profunctor: Profunctor2<URI> = {
  ...Functor,
  promap: (pbc, f, g) => compose(pure(g), compose(pbc, pure(f))),
}

/**
 * Models on one of two values.
 *
 * @category instances
 * @since 0.1.0
 */
export const Strong: Strong2<URI> = {
  ...Profunctor,
  first: <A, B, C>(pab: Arrow<A, B>) => arrow(first<C>()(pab)),
  second: <A, B, C>(pbc: Arrow<B, C>) => arrow(second<A>()(pbc)),
}

/**
 * Models on one side of an `Either`.
 *
 * @category instances
 * @since 0.1.0
 */
export const Choice: Choice2<URI> = {
  ...Profunctor,
  left: <A, B, C>(pab: Arrow<A, B>) => arrow(left<C>()(pab)),
  right: <A, B, C>(pbc: Arrow<B, C>) => arrow(right<A>()(pbc)),
}
