/**
 * Trees: records, tuples and arrays, nested at will, with handles, tensors or numbers as leaves. Parameters, gradients,
 * batches and optimiser states are trees, so that a model keeps the structure its author gave it.
 *
 * A tree is plain data, not a wrapper: `{ w: tensor([[1, 2]]), layers: [{ b: 0 }] }` is one. A leaf is recognised by its
 * `_tag` (`Var` or `Tensor`) or by being a number. Leaves have an order, records by their keys sorted by code unit and
 * arrays by index, and a path, their keys and indices joined by dots: `layers.0.w`, and the empty path for a tree that
 * is a leaf. A key that is empty or holds a dot or a quote is quoted as in JSON, so different leaves have different paths.
 *
 * Laws. `map(identity)` and then any equality of leaves gives the same tree; `map(f)` then `map(g)` is `map(f then g)`;
 * `unflatten(t, leaves(t))` is `t`; `leaves(unflatten(t, ls))` is `ls`; `structureEquals` is an equivalence that `map`
 * preserves. Every result is frozen at every level and holds the keys in the order of the tree it came from.
 *
 * What cannot be a tree: null, undefined, functions, strings, class instances such as a Map or a typed array, a record
 * with the key `__proto__`, and anything nested deeper than `MAX_DEPTH`. `check` decides that as a value. Functions of
 * two trees and `traverse` refuse such a thing with a `Failure`; functions of one tree, whose types exclude it already,
 * throw a `TypeError` with the same sentence. Whatever comes from outside goes through `check` first.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from './Failure.js'
import type { Entry, Leaf, Replace, Tree } from './tree/types.js'
import { difference, entriesOf, orThrow, refill } from './tree/walk.js'

export type { Entry, Inputs, Leaf, Replace, TensorTree, Tree, Values, VarTree } from './tree/types.js'
export { isLeaf, MAX_DEPTH } from './tree/walk.js'

const mapped = (tree: unknown, f: (path: string, leaf: unknown, index: number) => unknown): unknown =>
  refill(
    tree,
    orThrow(entriesOf(tree, 'map')).map(({ path, leaf }, i) => f(path, leaf, i)),
  )

/**
 * Accepts what is a tree: the door for values of unknown origin. Fails with `StructureMismatch` and the path of what is
 * no part of a tree, or `TooLarge` when nested deeper than `MAX_DEPTH` (so a structure that holds itself is refused).
 *
 * @example
 * ```ts
 * import { check } from 'wengert/Tree'
 * import * as E from 'fp-ts/lib/Either.js'
 * import assert from 'node:assert'
 *
 * assert.ok(E.isRight(check({ w: [1, 2] })))
 * const refused = check({ layers: [{ w: null }] })
 * assert.ok(E.isLeft(refused) && refused.left.path === 'layers.0.w')
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const check = (u: unknown, operation = 'tree'): E.Either<Failure, Tree<Leaf>> => {
  const entries = entriesOf(u, operation)
  return E.isLeft(entries) ? entries : E.right(u as Tree<Leaf>)
}

/**
 * The leaves with their paths, in order.
 *
 * @example
 * ```ts
 * import { flatten } from 'wengert/Tree'
 * import assert from 'node:assert'
 *
 * assert.deepStrictEqual(flatten({ layers: [{ w: 1, b: 2 }], scale: 3 }), [
 *   { path: 'layers.0.b', leaf: 2 },
 *   { path: 'layers.0.w', leaf: 1 },
 *   { path: 'scale', leaf: 3 },
 * ])
 * ```
 *
 * @category destructors
 * @since 0.1.0
 */
export const flatten = <L extends Leaf>(tree: Tree<L>): ReadonlyArray<Entry<L>> =>
  orThrow(entriesOf(tree, 'flatten')) as ReadonlyArray<Entry<L>>

/**
 * The leaves, in order.
 *
 * @category destructors
 * @since 0.1.0
 */
export const leaves = <L extends Leaf>(tree: Tree<L>): ReadonlyArray<L> =>
  Object.freeze(flatten(tree).map((entry) => entry.leaf))

/**
 * How many leaves there are.
 *
 * @category destructors
 * @since 0.1.0
 */
export const size = (tree: Tree<Leaf>): number => orThrow(entriesOf(tree, 'size')).length

/**
 * The same structure over other leaves, given each leaf's path, in order.
 *
 * @example
 * ```ts
 * import { mapWithPath } from 'wengert/Tree'
 * import assert from 'node:assert'
 *
 * const decay = mapWithPath((path: string, x: number) => (path.endsWith('w') ? 0.9 * x : x))
 * assert.deepStrictEqual(decay({ b: 1, w: 10 }), { b: 1, w: 9 })
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const mapWithPath =
  <A extends Leaf, B>(f: (path: string, leaf: A) => B): (<P extends Tree<A>>(tree: P) => Replace<P, B>) =>
  (tree) =>
    mapped(tree, (path, leaf) => f(path, leaf as A)) as never

/**
 * The same structure over other leaves.
 *
 * @example
 * ```ts
 * import { map } from 'wengert/Tree'
 * import assert from 'node:assert'
 *
 * assert.deepStrictEqual(map((x: number) => 2 * x)({ a: 1, b: [2, 3] }), { a: 2, b: [4, 6] })
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const map =
  <A extends Leaf, B>(f: (leaf: A) => B): (<P extends Tree<A>>(tree: P) => Replace<P, B>) =>
  (tree) =>
    mapped(tree, (_, leaf) => f(leaf as A)) as never

/**
 * The same structure over the results of a function that may fail and is told each leaf's path: the first failure in the
 * order of the leaves, or all results. Also fails on what is no tree, as `check` does.
 *
 * @category combinators
 * @since 0.1.0
 */
export const traverseWithPath =
  <A extends Leaf, X, B>(
    f: (path: string, leaf: A) => E.Either<X, B>,
  ): (<P extends Tree<A>>(tree: P) => E.Either<X | Failure, Replace<P, B>>) =>
  (tree) => {
    const entries = entriesOf(tree, 'traverse')
    if (E.isLeft(entries)) return entries
    const values: Array<B> = []
    for (const { path, leaf } of entries.right) {
      const result = f(path, leaf as A)
      if (E.isLeft(result)) return result
      values.push(result.right)
    }
    return E.right(refill(tree, values) as never)
  }

/**
 * The same structure over the results of a function that may fail.
 *
 * @example
 * ```ts
 * import { traverse } from 'wengert/Tree'
 * import * as E from 'fp-ts/lib/Either.js'
 * import assert from 'node:assert'
 *
 * const root = traverse((x: number) => (x < 0 ? E.left('negative') : E.right(Math.sqrt(x))))
 * assert.deepStrictEqual(root({ a: 4, b: [9] }), E.right({ a: 2, b: [3] }))
 * assert.deepStrictEqual(root({ a: 4, b: [-9] }), E.left('negative'))
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const traverse = <A extends Leaf, X, B>(
  f: (leaf: A) => E.Either<X, B>,
): (<P extends Tree<A>>(tree: P) => E.Either<X | Failure, Replace<P, B>>) =>
  traverseWithPath((_: string, leaf: A) => f(leaf))

/**
 * Accepts a tree whose structure is that of `expected`; leaves stand for leaves, whatever their kind or shape. Fails with
 * `StructureMismatch`, the path of the first difference, and what was expected and found there.
 *
 * @category combinators
 * @since 0.1.0
 */
export const checkStructure = (
  expected: unknown,
  found: unknown,
  operation = 'tree',
): E.Either<Failure, Tree<Leaf>> => {
  const failed = difference(expected, found, '', 0, operation)
  return failed === undefined ? E.right(found as Tree<Leaf>) : E.left(failed)
}

/**
 * Joins two trees of one structure leaf by leaf. The first is the expected one: see `checkStructure`.
 *
 * @example
 * ```ts
 * import { zipWith } from 'wengert/Tree'
 * import * as E from 'fp-ts/lib/Either.js'
 * import assert from 'node:assert'
 *
 * const descend = zipWith((p: number, g: number) => p - 0.5 * g)
 * assert.deepStrictEqual(descend({ b: 1, w: 2 }, { b: 10, w: 20 }), E.right({ b: -4, w: -8 }))
 * const refused = descend({ b: 1, w: 2 }, { b: 10 })
 * assert.ok(E.isLeft(refused) && refused.left.message === 'zipWith: w is missing; expected a number')
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const zipWith =
  <A extends Leaf, B extends Leaf, C>(
    f: (a: A, b: B, path: string) => C,
  ): (<P extends Tree<A>>(expected: P, found: Tree<B>) => E.Either<Failure, Replace<P, C>>) =>
  (expected, found) => {
    const failed = difference(expected, found, '', 0, 'zipWith')
    if (failed !== undefined) return E.left(failed)
    const others = orThrow(entriesOf(found, 'zipWith'))
    return E.right(mapped(expected, (path, leaf, i) => f(leaf as A, others[i].leaf as B, path)) as never)
  }

/**
 * Puts leaves, in order, into the structure of a template. Fails with `StructureMismatch` when there are too few or too
 * many, and on a template that is no tree.
 *
 * @example
 * ```ts
 * import { leaves, unflatten } from 'wengert/Tree'
 * import * as E from 'fp-ts/lib/Either.js'
 * import assert from 'node:assert'
 *
 * const tree = { a: 1, b: [2, 3] }
 * assert.deepStrictEqual(unflatten(tree, leaves(tree)), E.right(tree))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const unflatten = <P extends Tree<Leaf>, B>(
  template: P,
  values: ReadonlyArray<B>,
): E.Either<Failure, Replace<P, B>> => {
  const entries = entriesOf(template, 'unflatten')
  if (E.isLeft(entries)) return entries
  const expected = entries.right.length
  return expected === values.length
    ? E.right(refill(template, values) as never)
    : fail('StructureMismatch', `unflatten: the template has ${expected} leaves, ${values.length} were given`, {
        operation: 'unflatten',
      })
}

/**
 * Whether two trees differ in their leaves only. False when either is no tree.
 *
 * @category instances
 * @since 0.1.0
 */
export const structureEquals = (a: unknown, b: unknown): boolean => E.isRight(checkStructure(a, b))
