/**
 * Data sets: named columns of one length, each kept in the type of its file, so that sixty thousand images are 47 MB and not
 * 376. Rows become numbers of the model when a batch is filled (`batches.ts`).
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'
import { allocatePacked, type Packed, type PackedType, packedOf, unsafePacked } from '../formats/index.js'
import type { Key } from '../Random.js'
import { type Shape, show, size } from '../Shape.js'
import { type AnyTensor, allocate, type Tensor, unsafeMake } from '../Tensor.js'
import { permutation } from './prepare.js'

/**
 * @category model
 * @since 0.1.0
 */
export type Columns = Readonly<Record<string, Packed>>

/**
 * Columns `[rows, ...]`.
 *
 * @category model
 * @since 0.1.0
 */
export interface Dataset<C extends Columns = Columns> {
  readonly _tag: 'Dataset'
  readonly rows: number
  readonly columns: C
}

/** What tensors and packed arrays are in a data set. */
type Packing<C extends Readonly<Record<string, Packed | AnyTensor>>> = {
  readonly [K in keyof C]: C[K] extends Packed ? C[K] : Packed
}

const refuse = (operation: string, sentence: string, shapes: ReadonlyArray<Shape> = []): E.Either<Failure, never> =>
  fail('InvalidArgument', `${operation}: ${sentence}`, { operation, shapes })

/**
 * Columns as a data set. Fails with `InvalidArgument` when there are none, when one is a scalar, or when their first dimensions
 * differ.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import * as E from 'fp-ts/lib/Either.js'
 * import { bostonFeatures, bostonPrices, dataset } from 'wengert/data'
 *
 * const houses = dataset({ x: bostonFeatures(), y: bostonPrices() })
 * assert(E.isRight(houses) && houses.right.rows === 506)
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const dataset = <const C extends Readonly<Record<string, Packed | AnyTensor>>>(
  columns: C,
): E.Either<Failure, Dataset<Packing<C>>> => {
  const entries = Object.entries(columns).map(([name, one]) => [name, packedOf(one)] as const)
  if (entries.length === 0) return refuse('dataset', 'it needs a column')
  const [first, { shape }] = entries[0]
  for (const [name, one] of entries) {
    if (one.shape.length === 0)
      return refuse('dataset', `the column ${name} is a scalar, which has no rows`, [one.shape])
    if (one.shape[0] !== shape[0])
      return refuse('dataset', `the column ${first} has ${shape[0]} rows, the column ${name} has ${one.shape[0]}`, [
        shape,
        one.shape,
      ])
  }
  return E.right({ _tag: 'Dataset', rows: shape[0], columns: Object.fromEntries(entries) as unknown as Packing<C> })
}

/** Rows that are there. */
const pick = <C extends Columns>(data: Dataset<C>, at: ArrayLike<number>): Dataset<C> => {
  const columns = Object.entries(data.columns).map(([name, { shape, type, data: from }]) => {
    const width = size(shape.slice(1))
    const out = allocatePacked<PackedType>(type, at.length * width)
    for (let i = 0; i < at.length; i++) out.set(from.subarray(at[i] * width, (at[i] + 1) * width), i * width)
    return [name, unsafePacked([at.length, ...shape.slice(1)], type, out)] as const
  })
  return { _tag: 'Dataset', rows: at.length, columns: Object.fromEntries(columns) as unknown as C }
}

/**
 * Rows at given positions, in that order and as often as named. Fails with `InvalidArgument` on a position that is not one.
 *
 * @category combinators
 * @since 0.1.0
 */
export const datasetRows =
  (at: ArrayLike<number>) =>
  <C extends Columns>(data: Dataset<C>): E.Either<Failure, Dataset<C>> => {
    for (let i = 0; i < at.length; i++)
      if (!Number.isInteger(at[i]) || at[i] < 0 || at[i] >= data.rows)
        return refuse('datasetRows', `there is no row ${at[i]} among ${data.rows}`)
    return E.right(pick(data, at))
  }

/**
 * Splits the shuffled rows: the first `count` are for training, the others for testing. Fails with `InvalidArgument` unless
 * both parts have rows.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import * as E from 'fp-ts/lib/Either.js'
 * import { digits, splitDataset } from 'wengert/data'
 * import { key } from 'wengert/Random'
 *
 * const parts = splitDataset(key(1), 800)(digits())
 * assert(E.isRight(parts) && parts.right.test.rows === 200)
 * ```
 *
 * @category random
 * @since 0.1.0
 */
export const splitDataset =
  (key: Key, count: number) =>
  <C extends Columns>(
    data: Dataset<C>,
  ): E.Either<Failure, { readonly train: Dataset<C>; readonly test: Dataset<C> }> => {
    if (!Number.isInteger(count) || count < 1 || count >= data.rows)
      return refuse('splitDataset', `cannot take ${count} of ${data.rows} rows for training and leave some`)
    const order = permutation(key, data.rows)
    return E.right({ train: pick(data, order.slice(0, count)), test: pick(data, order.slice(count)) })
  }

/**
 * Labels as rows of a unit matrix, `[n, classes]`: 1 at the label and 0 elsewhere. Fails with `InvalidArgument` on a label that
 * is not an integer from 0 to `classes - 1`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { right } from 'fp-ts/lib/Either.js'
 * import { ints, tensor } from 'wengert'
 * import { oneHot } from 'wengert/data'
 *
 * assert.deepStrictEqual(oneHot(3)(ints([2, 0])), right(tensor([[0, 0, 1], [1, 0, 0]])))
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const oneHot =
  <const N extends number>(classes: N) =>
  (labels: Packed | AnyTensor): E.Either<Failure, Tensor<readonly [number, N]>> => {
    const { shape, data } = labels
    if (shape.length !== 1) return refuse('oneHot', `labels [n] are needed, not ${show(shape)}`, [shape])
    const wrong = Array.prototype.findIndex.call(data, (x) => !isLabel(x, classes))
    if (wrong >= 0)
      return refuse('oneHot', `label ${wrong} is ${data[wrong]}; it must be an integer from 0 to ${classes - 1}`)
    const out = allocate('real', data.length * classes)
    for (let i = 0; i < data.length; i++) out[i * classes + data[i]] = 1
    return E.right(unsafeMake([data.length, classes] as const, 'real', out))
  }

/**
 * Whether a number is one of `classes` labels counted from 0.
 *
 * @category refinements
 * @since 0.1.0
 */
export const isLabel = (x: number, classes: number): boolean => Number.isInteger(x) && x >= 0 && x < classes
