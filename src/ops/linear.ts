/**
 * Products of matrices and vectors. All are one contraction each.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { AnyOperand, Operand, Reverse } from '../Reverse.js'
import { broadcast, type Shape, show } from '../Shape.js'
import type { Check, Inner, MatMul, Ok } from '../shape/types.js'
import type { Var } from '../Var.js'
import { body, refuse } from './record.js'

/**
 * A product of matrices.
 *
 * @category types
 * @since 0.1.0
 */
export interface MatrixProduct {
  <M extends number, J extends number, K extends number, N extends number>(
    a: Operand<readonly [M, J]>,
    b: Operand<readonly [K, N]> & Inner<J, K>,
  ): Reverse<Var<readonly [M, N]>>
  <A extends Shape, B extends Shape>(a: Operand<A>, b: Operand<B> & Check<MatMul<A, B>>): Reverse<Var<Ok<MatMul<A, B>>>>
}

/** `0, 1, ..., n - 1`. */
const range = (n: number): ReadonlyArray<number> => Array.from({ length: n }, (_, i) => i)

/**
 * The product of matrices, `[M, K]` with `[K, N]` to `[M, N]`, with NumPy's rules around it: a vector on the left is a row
 * and on the right a column, whose extra dimension is dropped again, and dimensions before the last two broadcast:
 * `[..., M, K]` with `[..., K, N]`. Fails with `ShapeMismatch` when the inner dimensions differ, the others do not broadcast
 * or one side is a scalar.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { matmul, run, tensor, type Var } from 'wengert'
 *
 * const w = tensor([[1, 2], [3, 4], [5, 6]])
 * const f = (x: Var<readonly [2, 3]>) => matmul(x, w)
 * assert.deepStrictEqual(run(f)(tensor([[1, 0, 0], [1, 1, 1]])), { _tag: 'Right', right: tensor([[1, 2], [9, 12]]) })
 * // @ts-expect-error inner dims differ: 2 (left) and 3 (right)
 * const refused = (x: Var<readonly [3, 2]>) => matmul(x, w)
 * assert.strictEqual(run(refused)(tensor([[1, 2], [3, 4], [5, 6]]))._tag, 'Left')
 * ```
 *
 * @category products
 * @since 0.1.0
 */
export const matmul: MatrixProduct = ((left: AnyOperand, right: AnyOperand) =>
  body([left, right], (v, [a, b]) => {
    const m = a.shape.length
    const n = b.shape.length
    if (m === 0 || n === 0)
      return refuse(
        'matmul',
        'ShapeMismatch',
        `needs at least one dimension on each side, not ${show(a.shape)} with ${show(b.shape)}`,
        [a, b],
      )
    const [j, k] = [a.shape[m - 1], b.shape[Math.max(0, n - 2)]]
    if (j !== k) return refuse('matmul', 'ShapeMismatch', `inner dims differ: ${j} (left) and ${k} (right)`, [a, b])
    const before = [a.shape.slice(0, Math.max(0, m - 2)), b.shape.slice(0, Math.max(0, n - 2))] as const
    const batch = broadcast(before[0], before[1], 'matmul')
    if (E.isLeft(batch)) return batch

    // A batch dimension that only one side has, or that is 1 on the other, is a free dimension of that side: nothing is
    // repeated. The three lists are positions in the result.
    const rank = batch.right.length
    const extent = (side: 0 | 1, d: number): number | undefined => before[side][d - rank + before[side].length]
    const ownerOf = (d: number): 0 | 1 | 2 => {
      const [p, q] = [extent(0, d), extent(1, d)]
      return p === q ? 2 : p === undefined || (p === 1 && q !== undefined) ? 1 : 0
    }
    const [mine, theirs, both] = ([0, 1, 2] as const).map((owner) => range(rank).filter((d) => ownerOf(d) === owner))

    const narrow = (x: typeof a, side: 0 | 1, kept: ReadonlyArray<number>) => {
      const own = before[side]
      const at = range(own.length).filter((d) => kept.includes(d + rank - own.length))
      return at.length === own.length ? x : v.reshape(x, [...at.map((d) => own[d]), ...x.shape.slice(own.length)])
    }
    const ofA = range(rank).filter((d) => !theirs.includes(d))
    const ofB = range(rank).filter((d) => !mine.includes(d))
    const y = v.emit('contract', [narrow(a, 0, ofA), narrow(b, 1, ofB)], {
      contract: [[ofA.length + (m > 1 ? 1 : 0)], [ofB.length]],
      batch: [both.map((d) => ofA.indexOf(d)), both.map((d) => ofB.indexOf(d))],
    })
    // both.., mine.., M, theirs.., N
    const axes = [...both, ...mine, ...(m > 1 ? [rank] : []), ...theirs, ...(n > 1 ? [rank + 1] : [])]
    const order = range(axes.length).toSorted((p, q) => axes[p] - axes[q])
    return E.right(v.permute(y, order))
  })) as never

/** A contraction of two vectors. */
const ofVectors = (operation: string, left: AnyOperand, right: AnyOperand, contracted: ReadonlyArray<number>) =>
  body([left, right], (v, [a, b]) => {
    if (a.shape.length !== 1 || b.shape.length !== 1)
      return refuse(operation, 'ShapeMismatch', `takes two vectors, not ${show(a.shape)} and ${show(b.shape)}`, [a, b])
    return contracted.length > 0 && a.shape[0] !== b.shape[0]
      ? refuse(operation, 'ShapeMismatch', `inner dims differ: ${a.shape[0]} (left) and ${b.shape[0]} (right)`, [a, b])
      : E.right(v.emit('contract', [a, b], { contract: [contracted, contracted], batch: [[], []] }))
  }) as never

/**
 * The inner product of two vectors, `[N]` with `[N]` to a scalar. Fails with `ShapeMismatch` otherwise.
 *
 * @category products
 * @since 0.1.0
 */
export const dot = <J extends number, K extends number>(
  a: Operand<readonly [J]>,
  b: Operand<readonly [K]> & Inner<J, K>,
): Reverse<Var<readonly []>> => ofVectors('dot', a, b as Operand<readonly [K]>, [0])

/**
 * All products of two vectors, `[M]` with `[N]` to `[M, N]`. Fails with `ShapeMismatch` on other ranks.
 *
 * @category products
 * @since 0.1.0
 */
export const outer = <M extends number, N extends number>(
  a: Operand<readonly [M]>,
  b: Operand<readonly [N]>,
): Reverse<Var<readonly [M, N]>> => ofVectors('outer', a, b, [])
