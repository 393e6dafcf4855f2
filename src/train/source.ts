/**
 * Where batches come from: something with a number of examples that gives some of them by their positions. Tensors in
 * memory are the simplest source; files larger than memory, and augmentation, are others.
 *
 * What is drawn for a run depends on its seed alone: the order of epoch `e` on the seed and `e`, the keys of step `i` on
 * the seed and `i`. So a run that is resumed at a step goes on exactly as if it had never stopped.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { permutation } from '../data/index.js'
import { type Failure, fail } from '../Failure.js'
import { fold, type Key, key, split } from '../Random.js'
import { show, size } from '../Shape.js'
import { type AnyTensor, allocate, unsafeMake } from '../Tensor.js'
import * as Tree from '../Tree.js'

/**
 * Examples by their positions from 0 to `rows - 1`. Every tensor of a batch has the number of examples as its first
 * dimension. The key is for augmentation in training; the same positions and key must give the same batch.
 *
 * @category model
 * @since 0.1.0
 */
export interface Source<X> {
  readonly _tag: 'Source'
  readonly rows: number
  readonly take: (at: ReadonlyArray<number>, key: Key) => E.Either<Failure, X>
}

/** Rows that are there. */
const rowsAt = ({ shape, dtype, data }: AnyTensor, at: ReadonlyArray<number>): AnyTensor => {
  const width = size(shape.slice(1))
  const out = allocate(dtype, at.length * width)
  // whoever makes a tensor hands in a typed array
  const from = data as unknown as Float64Array
  for (const [i, row] of at.entries()) out.set(from.subarray(row * width, (row + 1) * width), i * width)
  return unsafeMake([at.length, ...shape.slice(1)], dtype, out)
}

/**
 * The rows of tensors in memory. Fails with `InvalidArgument` unless all have the same number of them.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { chain, right } from 'fp-ts/lib/Either.js'
 * import { tensor } from 'wengert'
 * import { inMemory, type Source } from 'wengert/train'
 *
 * const source = inMemory({ x: tensor([[1, 2], [3, 4], [5, 6]]), y: tensor([0, 1, 0]) })
 * const batch = chain((s: Source<unknown>) => s.take([2, 0], [1, 0]))(source)
 * assert.deepStrictEqual(batch, right({ x: tensor([[5, 6], [1, 2]]), y: tensor([0, 0]) }))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const inMemory = <X extends Tree.TensorTree>(data: X): E.Either<Failure, Source<X>> => {
  const entries = Tree.flatten<AnyTensor>(data)
  const n = entries[0]?.leaf.shape[0]
  const odd = entries.find(({ leaf }) => leaf.shape[0] !== n)
  if (n === undefined)
    return fail('InvalidArgument', 'inMemory: data need at least one tensor with rows', { operation: 'inMemory' })
  if (odd !== undefined)
    return fail(
      'InvalidArgument',
      `inMemory: ${odd.path} has the shape ${show(odd.leaf.shape)}, ${entries[0].path} has ${n} rows`,
      { operation: 'inMemory', path: odd.path },
    )
  return E.right({
    _tag: 'Source',
    rows: n,
    take: (at) => {
      const wrong = at.find((i) => !Number.isInteger(i) || i < 0 || i >= n)
      return wrong === undefined
        ? E.right(Tree.map((t: AnyTensor) => rowsAt(t, at))(data) as unknown as X)
        : fail('InvalidArgument', `inMemory: there is no row ${wrong} among ${n}`, { operation: 'inMemory' })
    },
  })
}

/**
 * Changes batches as they are taken, each by a key of its own: augmentation.
 *
 * @category combinators
 * @since 0.1.0
 */
export const augmented =
  <X>(change: (key: Key) => (batch: X) => E.Either<Failure, X>) =>
  (source: Source<X>): Source<X> => ({
    ...source,
    take: (at, k) => E.chain(change(k))(source.take(at, k)),
  })

/**
 * The draws of a run.
 *
 * @category model
 * @since 0.1.0
 */
export interface Draws {
  /** the order in which an epoch sees the examples */
  readonly order: (epoch: number, rows: number) => ReadonlyArray<number>
  /** the keys of a step: for the loss, and for taking its batch */
  readonly keys: (step: number) => readonly [loss: Key, batch: Key]
}

/**
 * The draws of a seed, any safe integer.
 *
 * @category constructors
 * @since 0.1.0
 */
export const drawsOf = (seed: number): Draws => {
  const [orders, steps] = split(key(seed), 2)
  return {
    order: (epoch, n) => Array.from(permutation(fold(orders, epoch), n)),
    keys: (step) => split(fold(steps, step), 2),
  }
}
