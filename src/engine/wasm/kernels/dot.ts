/**
 * Products of few rows with a matrix whose columns are contiguous: sums of products along vectors.
 *
 *     C[i, j] (+)= sum over p of A[i, p] * B[p, j],   p side by side in A and in B
 *
 * Each element is summed in as many sums as a vector has lanes, added pairwise in the end.
 *
 * @since 0.1.0
 */
import { type Func, func, i32, local, type Statement, set, whilst } from '../assembler.js'
import type { Features } from './features.js'
import { once, type Vector, type Vectors } from './lanes.js'
import { transposed } from './pack.js'
import { loadPart, multiplyAdd, storePart } from './tile.js'

/**
 * Rows and columns, at most the lanes of a vector, and the terms. Steps are in bytes.
 *
 * @category model
 * @since 0.1.0
 */
export interface Dot {
  readonly rows: number
  readonly columns: number
  readonly terms: number
  readonly aRow: number
  readonly bColumn: number
  readonly cRow: number
  readonly accumulate: boolean
}

/**
 * The addresses of A, B and C.
 *
 * @category model
 * @since 0.1.0
 */
export type DotFunc = Func<readonly ['i32', 'i32', 'i32'], 'void'>

const range = (n: number): ReadonlyArray<number> => Array.from({ length: n }, (_, i) => i)

/**
 * @category constructors
 * @since 0.1.0
 */
export const dot: (v: Vectors, features: Features, d: Dot) => DotFunc = once(
  (v: Vectors, features: Features, d: Dot) => JSON.stringify([v.scalar, features, d]),
  (v, features, d) =>
    func(`dot_${d.rows}x${d.columns}_${v.scalar}`, ['i32', 'i32', 'i32'], 'void', (a, b, c) => {
      const sums = range(d.rows).map(() => range(v.lanes).map(() => local('v128')))
      const row = range(d.rows).map(() => local('v128'))
      const column = local('v128')
      const left = local('i32')
      const step = (count: number): ReadonlyArray<Statement> => [
        ...row.map((l, r) => set(l, loadPart(v, a, count, r * d.aRow))),
        ...range(d.columns).flatMap((j) => [
          set(column, loadPart(v, b, count, j * d.bColumn)),
          ...row.map((l, r) => set(sums[r][j], multiplyAdd(v, features, l, column, sums[r][j]))),
        ]),
      ]
      const rest = d.terms % v.lanes
      const total = (list: ReadonlyArray<Vector>): Vector =>
        list.length === 2 ? v.add(list[0], list[1]) : v.add(v.add(list[0], list[1]), v.add(list[2], list[3]))
      return [
        ...sums.flatMap((list) => list.map((sum) => set(sum, v.constant(0)))),
        set(left, Math.floor(d.terms / v.lanes)),
        whilst(left, [...step(v.lanes), set(a, i32.add(a, 16)), set(b, i32.add(b, 16)), set(left, i32.sub(left, 1))]),
        ...(rest === 0 ? [] : step(rest)),
        ...sums.flatMap((list, r) => {
          const sum = total(transposed(v, list))
          const at = r * d.cRow
          return [
            set(column, d.accumulate ? v.add(loadPart(v, c, d.columns, at), sum) : sum),
            ...storePart(v, c, column, d.columns, at),
          ]
        }),
      ]
    }),
)
