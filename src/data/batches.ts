/**
 * Mini-batches of a data set, made for training loops: a batch is put into memory that is there already, the inputs of an
 * engine's state, say; no memory is taken for its numbers, only for the order of the rows at the beginning of each epoch.
 *
 * Batches are numbered from 0 on without end. Batch `i` depends on the data, the feeds, the key and `i` alone, so training that
 * is resumed at a step sees the data that it would have seen, whatever was asked before.
 *
 * Laws. In each epoch every row comes once (but those that do not fill a batch), in the order of a permutation of its own;
 * without a key, in their own order. `into(views)(i)` leaves in the views what `at(i)` gives.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { View, Views } from '../engine/index.js'
import { type Failure, fail } from '../Failure.js'
import { spec } from '../Program.js'
import { bits, fold, type Key, split } from '../Random.js'
import { type DType, type Shape, show, size } from '../Shape.js'
import { allocate, type Tensor, unsafeMake } from '../Tensor.js'
import type { Var } from '../Var.js'
import type { Columns, Dataset } from './dataset.js'
import { draws, type Feed, type Filling, filling } from './feed.js'
import { permutation } from './prepare.js'

/**
 * Feeds by the names of a model's inputs.
 *
 * @category model
 * @since 0.1.0
 */
export type Feeds = Readonly<Record<string, Feed>>

type ShapeOf<F> = F extends { readonly shape: infer S | null } ? (S extends Shape ? S : never) : never
type DTypeOf<F> = F extends { readonly dtype: infer D extends DType } ? D : never

/**
 * The inputs that feeds fill, as handles: what a model takes.
 *
 * @category types
 * @since 0.1.0
 */
export type Fed<F extends Feeds, B extends number> = {
  readonly [K in keyof F]: Var<readonly [B, ...ShapeOf<F[K]>], DTypeOf<F[K]>>
}

/**
 * @category model
 * @since 0.1.0
 */
export interface BatchOptions<B extends number, F extends Feeds> {
  /** rows of a batch */
  readonly size: B
  readonly feeds: F
  /** what the order and the augmentation of every epoch are drawn from; without it, rows come as they are */
  readonly key?: Key | undefined
  /**
   * what becomes of rows at the end of an epoch that do not fill a batch: they are left out, or the batch is filled up with the
   * first rows of the epoch (see `count`); 'drop' unless told otherwise
   */
  readonly last?: 'drop' | 'wrap' | undefined
}

/**
 * @category model
 * @since 0.1.0
 */
export interface Batches<B extends number, F extends Feeds> {
  /** how many make an epoch */
  readonly perEpoch: number
  /** what they depend on besides the data (key, feeds, what becomes of the last rows) as text: equal texts, equal batches */
  readonly drawn: string
  /** shapes and element types of a batch, to record a program with */
  readonly specs: Fed<F, B>
  /** batch `i` as new tensors */
  readonly at: (i: number) => { readonly [K in keyof F]: Tensor<readonly [B, ...ShapeOf<F[K]>], DTypeOf<F[K]>> }
  /** how many rows of batch `i` are not there to fill it up */
  readonly count: (i: number) => number
  /** a function that puts batch `i` into these views; `InvalidArgument` when one of them is of another length */
  readonly into: (views: Views<Fed<F, B>>) => E.Either<Failure, (i: number) => void>
}

/** The rows of an epoch in their order, and three random words for each. */
interface Epoch {
  readonly order: ArrayLike<number>
  readonly words: Int32Array | null
}

/** Epochs by number; the last one asked for is kept, because a loop asks for it again and again. */
const epochs = (rows: number, key: Key | undefined, drawing: boolean): ((epoch: number) => Epoch) => {
  if (key === undefined) {
    const still = { order: Uint32Array.from({ length: rows }, (_, i) => i), words: null }
    return () => still
  }
  let kept: readonly [number, Epoch] | null = null
  return (epoch) => {
    if (kept === null || kept[0] !== epoch) {
      const [forOrder, forWords] = split(fold(key, epoch), 2)
      kept = [epoch, { order: permutation(forOrder, rows), words: drawing ? bits(forWords, 3 * rows) : null }]
    }
    return kept[1]
  }
}

/**
 * Batches of a data set. Fails with `InvalidArgument` when no batch can be filled, when a feed names a column that is not
 * there, or when a feed does not fit its column.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import * as E from 'fp-ts/lib/Either.js'
 * import { asImages, asOneHot, batches, digits } from 'wengert/data'
 * import { key } from 'wengert/Random'
 *
 * const loader = batches({
 *   size: 32,
 *   key: key(1),
 *   feeds: { x: asImages('images', { scale: 1 / 255, shift: 2, shape: [784] }), y: asOneHot('labels', 10) },
 * })(digits())
 * assert(E.isRight(loader))
 * assert.strictEqual(loader.right.perEpoch, 31)
 * assert.deepStrictEqual(loader.right.at(7).x.shape, [32, 784])
 *
 * // in a training loop: no allocation for each step
 * const views = { x: new Float32Array(32 * 784), y: new Float32Array(32 * 10) }
 * const fill = loader.right.into(views)
 * assert(E.isRight(fill))
 * fill.right(7)
 * assert.deepStrictEqual(Array.from(views.y), Array.from(loader.right.at(7).y.data))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const batches =
  <const B extends number, const F extends Feeds>({ size: length, feeds, key, last = 'drop' }: BatchOptions<B, F>) =>
  <C extends Columns>(data: Dataset<C>): E.Either<Failure, Batches<B, F>> => {
    const refuse = (sentence: string): E.Either<Failure, never> =>
      fail('InvalidArgument', `batches: ${sentence}`, { operation: 'batches' })
    const { rows, columns } = data
    if (!Number.isInteger(length) || length < 1 || rows < (last === 'drop' ? length : 1))
      return refuse(`cannot make batches of ${length} of ${rows} rows`)
    const inputs: Array<readonly [string, Feed, Filling]> = []
    for (const [input, feed] of Object.entries(feeds)) {
      if (!Object.hasOwn(columns, feed.column))
        return refuse(
          `there is no column ${feed.column} for the input ${input}; there are ${Object.keys(columns).join(', ')}`,
        )
      const fitted = filling(input, feed, columns[feed.column])
      if (E.isLeft(fitted)) return fitted
      inputs.push([input, feed, fitted.right])
    }
    const perEpoch = last === 'drop' ? Math.floor(rows / length) : Math.ceil(rows / length)
    const epochOf = epochs(
      rows,
      key,
      inputs.some(([, feed]) => draws(feed)),
    )
    const each = <A>(f: (feed: Feed, filling: Filling, input: string) => A): Record<string, A> =>
      Object.fromEntries(inputs.map(([input, feed, filling]) => [input, f(feed, filling, input)]))
    const put = (i: number, views: Readonly<Record<string, View>>): void => {
      const { order, words } = epochOf(Math.floor(i / perEpoch))
      const from = (i % perEpoch) * length
      for (const [input, , { fill }] of inputs) fill(views[input], order, from, words)
    }
    return E.right({
      perEpoch,
      drawn: JSON.stringify({ key: key ?? null, last, feeds }),
      specs: each(({ dtype }, { shape }) => spec([length, ...shape], dtype)) as Fed<F, B>,
      count: (i) => Math.min(length, rows - (i % perEpoch) * length),
      at: (i) => {
        const made = each(({ dtype }, { shape }) => allocate(dtype, length * size(shape)))
        put(i, made)
        return each(({ dtype }, { shape }, input) => unsafeMake([length, ...shape], dtype, made[input])) as never
      },
      into: (given) => {
        const views = given as Readonly<Record<string, View>>
        for (const [input, , { shape }] of inputs)
          if (views[input]?.length !== length * size(shape))
            return fail(
              'InvalidArgument',
              `batches: the input ${input} is ${show([length, ...shape])}, which needs ${length * size(shape)} elements; its view has ${views[input]?.length ?? 'none'}`,
              { operation: 'batches', path: input },
            )
        return E.right((i) => put(i, views))
      },
    })
  }
