/**
 * Matrix products with every size and stride known, `C[m, n] (+)= A[m, k] B[k, n]`.
 *
 * The product is cut into tiles that fit into the registers (`tile.ts`), the inner dimension into ranges of 256 terms, so
 * that what a row of tiles reads stays in the caches (K. Goto and R. A. van de Geijn, "Anatomy of high-performance matrix
 * multiplication", 2008). Where the columns of B are far apart, or not side by side, panels of B are copied into scratch
 * memory first, and panels of A where its terms are; where a matrix is small or used once, it is read where it lies.
 *
 * The bits of an element depend on the description alone: not on the run, the addresses or the range of rows that a call
 * computes. Nothing outside of A, B and C is read, and nothing outside of C and the scratch memory written.
 *
 * @since 0.1.0
 */
import {
  call,
  type Func,
  forEach,
  func,
  i32,
  type Local,
  local,
  type Statement,
  select,
  set,
  when,
} from '../assembler.js'
import type { Features } from './features.js'
import { type Scalar, type Vectors, vectors } from './lanes.js'
import { type PackFunc, pack } from './pack.js'
import { type TileFunc, tile } from './tile.js'

/**
 * Elements from row to row, and from column to column; not negative.
 *
 * @category model
 * @since 0.1.0
 */
export type Steps = readonly [row: number, column: number]

/**
 * A product. The columns of C must be side by side (`c` is from row to row), or there must be only one.
 *
 * @category model
 * @since 0.1.0
 */
export interface Gemm {
  readonly scalar: Scalar
  readonly m: number
  readonly n: number
  readonly k: number
  readonly a: Steps
  readonly b: Steps
  readonly c: number
  /** whether the product is added to what is in C */
  readonly accumulate: boolean
}

/**
 * A function that multiplies, and what it needs. Its arguments are the addresses of A, B, C and scratch memory, and the
 * range of rows `[from, to)` to compute: both are multiples of `grain`, or `to` is m.
 *
 * @category model
 * @since 0.1.0
 */
export interface GemmKernel {
  readonly func: Func<readonly ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'void'>
  /** bytes of scratch memory, for each range that is computed at the same time */
  readonly scratch: number
  readonly grain: number
}

/** The terms of a range, the rows of a block, and the columns of a block: multiples of all tiles. */
const TERMS = 256
const ROWS = 96
const COLUMNS = 1536

/** What is read from a level-one cache without loss, in bytes. */
const NEAR = 16384

/** The largest tile: twelve vectors of sums where a multiplication adds, eight where its product needs a register. */
const tileRows = ({ fma }: Features): number => (fma ? 6 : 4)

/** The rows of a tile and its vectors across, for a product of few rows or columns too. */
const shapeOf = (v: Vectors, features: Features, m: number, n: number): readonly [rows: number, across: number] => {
  const most = tileRows(features)
  const rows = Math.min(m, n <= v.lanes ? 2 * most : most)
  const across = Math.min(Math.ceil(n / v.lanes), Math.max(2, Math.min(8, Math.floor((2 * most) / rows))))
  return [rows, across]
}

/** A panel count and what is left: full tiles first, one partial tile last. */
const cut = (total: number, size: number): readonly [whole: number, rest: number] => [
  Math.floor(total / size) * size,
  total % size,
]

/**
 * The product as its transpose, which has the same elements: where C is one column, or has its rows side by side.
 *
 * @category combinators
 * @since 0.1.0
 */
export const transposed = ({ a, b, ...g }: Gemm, c: number): Gemm => ({
  ...g,
  m: g.n,
  n: g.m,
  a: [b[1], b[0]],
  b: [a[1], a[0]],
  c,
})

/**
 * @category constructors
 * @since 0.1.0
 */
export const gemm = (features: Features, g: Gemm): GemmKernel => {
  // one column is better computed as one row, with the vectors along it
  if (g.n === 1 && g.m > 1 && g.c === 1) {
    const { func: turned, scratch } = gemm(features, transposed(g, g.m))
    return {
      func: func('gemv', ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'void', (a, b, c, space) => [
        call(turned, b, a, c, space, 0, 1),
      ]),
      scratch,
      grain: g.m,
    }
  }
  const v = vectors[g.scalar]
  const { bytes } = v
  const { m, n, k } = g
  const [rows, across] = shapeOf(v, features, m, n)
  const columns = across * v.lanes
  const [aRow, aTerm] = [g.a[0] * bytes, g.a[1] * bytes]
  const [bTerm, bColumn] = [g.b[0] * bytes, g.b[1] * bytes]
  const packB = g.b[1] !== 1 && n > 1 ? true : m > 4 * rows && bTerm * Math.min(k, TERMS) > NEAR
  const packA = g.a[1] !== 1 && n > 2 * columns && m > 1 && aTerm * Math.min(k, TERMS) > NEAR
  const terms = k <= 2 * TERMS ? k : TERMS
  const blockRows = Math.floor(ROWS / rows) * rows
  const blockColumns = packB ? Math.min(COLUMNS, Math.ceil(n / columns) * columns) : n
  const [, lastRows] = cut(m, rows)
  const [, lastColumns] = cut(n, columns)

  const group = columns * bytes
  const spaceB = packB ? Math.ceil((blockColumns * terms * bytes) / 16) * 16 : 0
  const spaceA = packA ? blockRows * terms * bytes : 0

  const tileOf = (r: number, c: number, accumulate: boolean): TileFunc =>
    tile(v, features, {
      rows: r,
      columns: c,
      aRow: packA ? bytes : aRow,
      aTerm: packA ? r * bytes : aTerm,
      bTerm: packB ? group : bTerm,
      bPadded: packB,
      cRow: g.c * bytes,
      accumulate,
    })
  const packed = (width: number, used: number, term: number, next: number): PackFunc =>
    pack(v, width, used, { term, next })

  const made = func(
    `gemm_${m}x${k}x${n}_${g.scalar}`,
    ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    'void',
    (a, b, c, scratch, from, to) => {
      const [p, count, i0, i1, i, j0, j1, j] = [0, 1, 2, 3, 4, 5, 6, 7].map(() => local('i32'))
      const product = (x: Local<'i32'>, factor: number) => i32.mul(x, factor)

      /** Runs over the full pieces of `[start, end)`, then over the last one, which alone may be smaller. */
      const pieces = (
        x: Local<'i32'>,
        start: Local<'i32'>,
        end: Local<'i32'>,
        size: number,
        last: number,
        body: (used: number) => ReadonlyArray<Statement>,
      ): ReadonlyArray<Statement> => {
        const whole = local('i32')
        return [
          set(whole, i32.sub(end, size - 1)),
          forEach(x, start, whole, size, body(size)),
          ...(last === 0 ? [] : [when(i32.lt_s(x, end), body(last))]),
        ]
      }

      const panelB = i32.add(scratch, i32.mul(i32.sub(j, j0), i32.mul(count, bytes)))
      const panelA = i32.add(i32.add(scratch, spaceB), i32.mul(i32.sub(i, i0), i32.mul(count, bytes)))
      const placeA = i32.add(a, i32.add(product(i, aRow), product(p, aTerm)))
      const placeB = i32.add(b, i32.add(product(p, bTerm), product(j, bColumn)))
      const placeC = i32.add(c, i32.add(product(i, g.c * bytes), product(j, bytes)))

      const packingB = pieces(j, j0, j1, columns, lastColumns, (used) => [
        call(packed(columns, used, bTerm, bColumn), placeB, panelB, count),
      ])
      const packingA = pieces(i, i0, i1, rows, lastRows, (used) => [
        call(packed(used, used, aTerm, aRow), placeA, panelA, count),
      ])
      const tiles = (accumulate: boolean): ReadonlyArray<Statement> =>
        pieces(j, j0, j1, columns, lastColumns, (c1) =>
          pieces(i, i0, i1, rows, lastRows, (r1) => [
            call(tileOf(r1, c1, accumulate), packA ? panelA : placeA, packB ? panelB : placeB, placeC, count),
          ]),
        )
      const least = (x: Local<'i32'>, size: number, end: Local<'i32'> | number) => {
        const next = i32.add(x, size)
        return select('i32', i32.lt_s(next, end), next, end)
      }
      return [
        forEach(j0, 0, n, blockColumns, [
          set(j1, least(j0, blockColumns, n)),
          forEach(p, 0, Math.max(k, 1), Math.max(terms, 1), [
            set(count, i32.sub(least(p, terms, k), p)),
            ...(packB ? packingB : []),
            forEach(i0, from, to, blockRows, [
              set(i1, least(i0, blockRows, to)),
              ...(packA ? packingA : []),
              ...(g.accumulate || k <= terms ? tiles(g.accumulate) : [when(p, tiles(true), tiles(false))]),
            ]),
          ]),
        ]),
      ]
    },
  )
  return { func: made, scratch: spaceA + spaceB, grain: rows }
}
