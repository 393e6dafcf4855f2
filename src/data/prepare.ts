/**
 * Preparing data: rows in another order, split, standardised and cut into batches. Pure functions of tensors whose first
 * dimension counts the examples; where something is drawn, a key says what.
 *
 * Laws. A shuffle is a permutation of the rows, the same one for the same key and number of rows, so features and targets
 * shuffled by one key stay together. The parts of a split, joined, are the shuffled whole. Standardised training data have
 * mean 0 and standard deviation 1 in every column that is not constant.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'
import { bits, type Key } from '../Random.js'
import { type DType, type Shape, show, size } from '../Shape.js'
import { type AnyTensor, allocate, map, type Tensor, unsafeMake } from '../Tensor.js'

/** The shape of a part of the rows. */
type Rows<S extends Shape> = S extends readonly [number, ...infer R extends Shape] ? readonly [number, ...R] : Shape

const refuse = (operation: string, sentence: string, shapes: ReadonlyArray<Shape> = []): E.Either<Failure, never> =>
  fail('InvalidArgument', `${operation}: ${sentence}`, { operation, shapes })

/** Rows at given positions, which are in range. */
const pickRows = <S extends Shape, D extends DType>(t: Tensor<S, D>, at: ArrayLike<number>): Tensor<Rows<S>, D> => {
  const rest = t.shape.slice(1)
  const width = size(rest)
  const out = allocate(t.dtype, at.length * width)
  for (let i = 0; i < at.length; i++) for (let j = 0; j < width; j++) out[i * width + j] = t.data[at[i] * width + j]
  return unsafeMake([at.length, ...rest] as unknown as Rows<S>, t.dtype, out)
}

const range = (from: number, to: number): ReadonlyArray<number> => Array.from({ length: to - from }, (_, i) => from + i)

/**
 * Rows at given positions, in that order and as often as named. Fails with `InvalidArgument` on a scalar and on a position
 * that is not one.
 *
 * @category combinators
 * @since 0.1.0
 */
export const rows = <S extends Shape, D extends DType>(
  t: Tensor<S, D>,
  at: ArrayLike<number>,
): E.Either<Failure, Tensor<Rows<S>, D>> => {
  if (t.shape.length === 0) return refuse('rows', 'a scalar has no rows', [t.shape])
  for (let i = 0; i < at.length; i++)
    if (!Number.isInteger(at[i]) || at[i] < 0 || at[i] >= t.shape[0])
      return refuse('rows', `there is no row ${at[i]} in ${show(t.shape)}`, [t.shape])
  return E.right(pickRows(t, at))
}

/** Where in a pair of words the lower half of a number of 64 bits is: 0 on all but a few machines. */
const LOW = new Uint32Array(BigUint64Array.of(1n).buffer)[0] === 1 ? 0 : 1

/**
 * A random order of `0, ..., n - 1`: the places of `n` random words in sorted order, ties (of probability `n² / 2^33`) by
 * position. Throws a `RangeError` when `n` is not an integer from 0 to 2^31 - 1.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { permutation } from 'wengert/data'
 * import { key } from 'wengert/Random'
 *
 * assert.deepStrictEqual([...permutation(key(1), 4)].sort(), [0, 1, 2, 3])
 * assert.deepStrictEqual(permutation(key(1), 4), permutation(key(1), 4))
 * ```
 *
 * @category random
 * @since 0.1.0
 */
export const permutation = (key: Key, n: number): Uint32Array => {
  const words = bits(key, n)
  // numbers `2^32 word + position` need no comparison in JavaScript, which would take most of the time
  const pairs = new Uint32Array(2 * n)
  for (let i = 0; i < n; i++) {
    pairs[2 * i + LOW] = i
    pairs[2 * i + 1 - LOW] = words[i] ^ 0x80000000 // the order of signed words, unsigned
  }
  new BigUint64Array(pairs.buffer).sort()
  const order = new Uint32Array(n)
  for (let i = 0; i < n; i++) order[i] = pairs[2 * i + LOW]
  return order
}

/**
 * The rows in the order of `permutation(key, n)`. Fails with `InvalidArgument` on a scalar.
 *
 * @category random
 * @since 0.1.0
 */
export const shuffle =
  (key: Key) =>
  <S extends Shape, D extends DType>(t: Tensor<S, D>): E.Either<Failure, Tensor<Rows<S>, D>> =>
    t.shape.length === 0
      ? refuse('shuffle', 'a scalar has no rows', [t.shape])
      : E.right(pickRows(t, permutation(key, t.shape[0])))

/**
 * The two parts of a split.
 *
 * @category model
 * @since 0.1.0
 */
export interface Split<S extends Shape, D extends DType> {
  readonly train: Tensor<Rows<S>, D>
  readonly test: Tensor<Rows<S>, D>
}

/**
 * Splits the shuffled rows: the first `count` are for training, the others for testing. Fails with `InvalidArgument` unless
 * both parts have rows.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { bostonFeatures, split } from 'wengert/data'
 * import { key } from 'wengert/Random'
 *
 * const parts = split(key(1), 400)(bostonFeatures())
 * assert(isRight(parts))
 * assert.deepStrictEqual(parts.right.test.shape, [106, 12])
 * ```
 *
 * @category random
 * @since 0.1.0
 */
export const split =
  (key: Key, count: number) =>
  <S extends Shape, D extends DType>(t: Tensor<S, D>): E.Either<Failure, Split<S, D>> => {
    const n = t.shape[0] ?? 0
    if (!Number.isInteger(count) || count < 1 || count >= n)
      return refuse('split', `cannot take ${count} of the rows of ${show(t.shape)} for training and leave some`, [
        t.shape,
      ])
    const order = permutation(key, n)
    return E.right({ train: pickRows(t, order.slice(0, count)), test: pickRows(t, order.slice(count)) })
  }

/**
 * Batches of `length` rows in the order of the rows. What does not fill a batch is left out, so that one program fits all.
 * Fails with `InvalidArgument` unless there is a whole batch.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { right } from 'fp-ts/lib/Either.js'
 * import { tensor } from 'wengert'
 * import { minibatches } from 'wengert/data'
 *
 * assert.deepStrictEqual(minibatches(2)(tensor([1, 2, 3, 4, 5])), right([tensor([1, 2]), tensor([3, 4])]))
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const minibatches =
  <const B extends number>(length: B) =>
  <S extends Shape, D extends DType>(
    t: Tensor<S, D>,
  ): E.Either<
    Failure,
    ReadonlyArray<Tensor<S extends readonly [number, ...infer R extends Shape] ? readonly [B, ...R] : Shape, D>>
  > => {
    const n = t.shape[0] ?? 0
    if (!Number.isInteger(length) || length < 1 || length > n)
      return refuse('minibatches', `cannot cut ${show(t.shape)} into batches of ${length} rows`, [t.shape])
    return E.right(
      range(0, Math.floor(n / length)).map((i) => pickRows(t, range(i * length, (i + 1) * length)) as never),
    )
  }

/**
 * Means and standard deviations of columns.
 *
 * @category model
 * @since 0.1.0
 */
export interface Standard {
  readonly mean: ReadonlyArray<number>
  /** 1 for a constant column, which standardising then only centres */
  readonly std: ReadonlyArray<number>
}

/** Fails unless the tensor is a real matrix with rows. */
const matrix = (operation: string, t: AnyTensor): E.Either<Failure, readonly [number, number]> =>
  t.shape.length === 2 && t.shape[0] > 0 && t.dtype === 'real'
    ? E.right([t.shape[0], t.shape[1]])
    : refuse(operation, `a real matrix with rows is needed, not ${t.dtype} ${show(t.shape)}`, [t.shape])

/**
 * The mean and the standard deviation (dividing by `n`) of each column of a matrix `[n, d]`. Give it the training part only:
 * what the test part looks like is not known when a model is made. Fails with `InvalidArgument` on anything but a real
 * matrix with rows.
 *
 * @category destructors
 * @since 0.1.0
 */
export const standardOf = (t: Tensor<Shape>): E.Either<Failure, Standard> =>
  E.map(([n, d]: readonly [number, number]): Standard => {
    const columns = range(0, d).map((j) => range(0, n).map((i) => t.data[i * d + j]))
    const mean = columns.map((column) => column.reduce((a, b) => a + b, 0) / n)
    // two passes: subtracting the mean first keeps the digits that the sum of squares loses
    const std = columns.map((column, j) => Math.sqrt(column.reduce((a, x) => a + (x - mean[j]) ** 2, 0) / n))
    return { mean, std: std.map((s, j) => (columns[j].every((x) => x === columns[j][0]) ? 1 : s)) }
  })(matrix('standardOf', t))

/** A function of each element and its column. */
const byColumn =
  (operation: string, { mean }: Standard, f: (x: number, j: number) => number) =>
  <S extends Shape>(t: Tensor<S>): E.Either<Failure, Tensor<S>> =>
    E.chain(([, d]: readonly [number, number]) =>
      d !== mean.length
        ? refuse(operation, `${show(t.shape)} has ${d} columns, the standard has ${mean.length}`, [t.shape])
        : E.right(map((x, i) => f(x, i % d))(t)),
    )(matrix(operation, t))

/**
 * `(x - mean) / std`, column by column of a matrix `[n, d]`. Fails with `InvalidArgument` when the columns differ in number.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { chain, right } from 'fp-ts/lib/Either.js'
 * import { tensor } from 'wengert'
 * import { type Standard, standardise, standardOf } from 'wengert/data'
 *
 * const train = tensor([[1, 10], [3, 10]])
 * const test = tensor([[5, 11]])
 * const scaled = chain((s: Standard) => standardise(s)(test))(standardOf(train))
 * assert.deepStrictEqual(scaled, right(tensor([[3, 1]])))
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const standardise = (standard: Standard): (<S extends Shape>(t: Tensor<S>) => E.Either<Failure, Tensor<S>>) =>
  byColumn('standardise', standard, (x, j) => (x - standard.mean[j]) / standard.std[j])

/**
 * Undoes `standardise`: `x * std + mean`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const unstandardise = (standard: Standard): (<S extends Shape>(t: Tensor<S>) => E.Either<Failure, Tensor<S>>) =>
  byColumn('unstandardise', standard, (x, j) => x * standard.std[j] + standard.mean[j])
