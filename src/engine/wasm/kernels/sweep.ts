/**
 * One row times a matrix with long rows: `C[j] (+)= sum over p of A[p] * B[p, j]`.
 *
 * Tiles would walk down the columns of B, a page of memory for each term. Instead eight rows of B at a time are read from
 * end to end and added to C, which stays in the cache: memory is read as it lies. The terms of an element are added in
 * order.
 *
 * @since 0.1.0
 */
import { type Func, forEach, func, i32, local, type Statement, set, when } from '../assembler.js'
import type { Features } from './features.js'
import type { Vector, Vectors } from './lanes.js'
import { loadPart, multiplyAdd, storePart } from './tile.js'

/**
 * Steps are in bytes.
 *
 * @category model
 * @since 0.1.0
 */
export interface Sweep {
  readonly columns: number
  readonly terms: number
  readonly aTerm: number
  readonly bTerm: number
  readonly accumulate: boolean
}

/** Rows that are read side by side. */
const ROWS = 8

/** Columns at a time, in bytes: C and the rows of B fit into a level-one cache. */
const BLOCK = 4096

const range = (n: number): ReadonlyArray<number> => Array.from({ length: n }, (_, i) => i)

/**
 * The addresses of A, B and C.
 *
 * @category constructors
 * @since 0.1.0
 */
export const sweep = (
  v: Vectors,
  features: Features,
  { columns, terms, aTerm, bTerm, accumulate }: Sweep,
): Func<readonly ['i32', 'i32', 'i32'], 'void'> =>
  func(`sweep_${v.scalar}`, ['i32', 'i32', 'i32'], 'void', (a, b, c) => {
    const [p, j, from, to, start, last] = range(6).map(() => local('i32'))
    const factors = range(ROWS).map(() => local('v128'))
    const sum = local('v128')
    const width = columns * v.bytes
    const rest = columns % v.lanes
    /** Adds the products of `rows` terms to some elements, or sets them where these are the first terms. */
    const add = (rows: number, count: number, first: boolean): ReadonlyArray<Statement> => [
      set(sum, first ? v.constant(0) : loadPart(v, to, count, 0)),
      ...range(rows).map((u) =>
        set(sum, multiplyAdd(v, features, factors[u], loadPart(v, from, count, u * bTerm), sum)),
      ),
      ...storePart(v, to, sum, count, 0),
    ]
    const across = (rows: number, first: boolean): ReadonlyArray<Statement> => [
      forEach(j, 0, last, 16, [...add(rows, v.lanes, first), set(from, i32.add(from, 16)), set(to, i32.add(to, 16))]),
    ]
    const splat = (u: number): Vector => v.loadSplat(i32.add(a, i32.mul(p, aTerm)), u * aTerm)
    const rowsOf = (rows: number, body: (first: boolean) => ReadonlyArray<Statement>): ReadonlyArray<Statement> => [
      ...range(rows).map((u) => set(factors[u], splat(u))),
      set(from, i32.add(i32.add(b, start), i32.mul(p, bTerm))),
      set(to, i32.add(c, start)),
      ...(accumulate ? body(false) : [when(p, body(false), body(true))]),
    ]
    const all = (body: (rows: number) => (first: boolean) => ReadonlyArray<Statement>): ReadonlyArray<Statement> => {
      const whole = terms - (terms % ROWS)
      return [
        forEach(p, 0, whole, ROWS, rowsOf(ROWS, body(ROWS))),
        ...(whole === terms ? [] : [set(p, whole), ...rowsOf(terms - whole, body(terms - whole))]),
      ]
    }
    const end = width - rest * v.bytes
    return [
      forEach(start, 0, end, BLOCK, [
        set(last, i32.sub(end, start)),
        when(i32.gt_s(last, BLOCK), [set(last, BLOCK)]),
        ...all((rows) => (first) => across(rows, first)),
      ]),
      ...(rest === 0 ? [] : [set(start, end), ...all((rows) => (first) => add(rows, rest, first))]),
    ]
  })
