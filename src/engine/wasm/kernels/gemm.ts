/**
 * Matrix products with every size and stride known, `C[m, n] (+)= A[m, k] B[k, n]`.
 *
 * The product is cut into tiles that fit into the registers (`tile.ts`), the inner dimension into ranges of 256 terms, so
 * that what a row of tiles reads stays in the caches (K. Goto and R. A. van de Geijn, "Anatomy of high-performance matrix
 * multiplication", 2008). Where the columns of B are far apart, or not side by side, panels of B are copied into scratch
 * memory first, and panels of A where its terms are; where a matrix is small or used once, it is read where it lies.
 * One row times a matrix is swept (`sweep.ts`), and few rows times contiguous columns are dot products (`dot.ts`).
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
import { dot } from './dot.js'
import type { Features } from './features.js'
import { type Scalar, type Vectors, vectors } from './lanes.js'
import { type PackFunc, pack } from './pack.js'
import { sweep } from './sweep.js'
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
 * range of rows `[from, to)` to compute: both are multiples of `grain`, or `to` is m. Where `grain` is m, all rows are
 * computed whatever the range.
 *
 * @category model
 * @since 0.1.0
 */
export interface GemmKernel {
  readonly func: Func<typeof ARGUMENTS, 'void'>
  /** bytes of scratch memory, for each range that is computed at the same time */
  readonly scratch: number
  readonly grain: number
  /** the columns of a tile: at multiples of it a product may be cut into products of fewer columns, with the same bits */
  readonly breadth: number
}

const ARGUMENTS = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const

/** The terms of a range, and the most rows and columns of a block. */
const TERMS = 256
const ROWS = 96
const COLUMNS = 1536

/** What is read from a level-one cache without loss, and what from a level-two cache, in bytes. */
const NEAR = 2 ** 14
const FAR = 2 ** 19

/** Rows that are a multiple of so many bytes apart compete for the same few lines of a level-one cache. */
const SETS = 4096

/** The largest tile: twelve vectors of sums, or ten where a product needs a register before it is added. */
const tileRows = ({ fma }: Features): number => (fma ? 6 : 5)

/** The rows of a tile and its vectors across, for a product of few rows or columns too. */
const shapeOf = (v: Vectors, features: Features, m: number, n: number): readonly [rows: number, across: number] => {
  const most = tileRows(features)
  const rows = Math.min(m, n <= v.lanes ? 2 * most : most)
  // sums, a row of B, and a number of A: what is more than the registers is slow
  const across = Math.min(Math.ceil(n / v.lanes), Math.max(1, Math.floor((2 * most + 2) / (rows + 1))))
  return [rows, across]
}

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

/** A row of so many bytes is read from end to end. */
const WIDE = 512

/** So few rows do not pay for packing a transposed B. */
const DOT_ROWS = 2

const dots = (v: Vectors, features: Features, { m, n, k, a, b, c, accumulate }: Gemm): GemmKernel => {
  const { bytes, lanes } = v
  const some = (columns: number) =>
    dot(v, features, {
      rows: m,
      columns,
      terms: k,
      aRow: a[0] * bytes,
      bColumn: b[1] * bytes,
      cRow: c * bytes,
      accumulate,
    })
  const made = func('gemm_dots', ARGUMENTS, 'void', (atA, atB, atC) => {
    const j = local('i32')
    const at = (columns: number): Statement =>
      call(some(columns), atA, i32.add(atB, i32.mul(j, b[1] * bytes)), i32.add(atC, i32.mul(j, bytes)))
    const whole = n - (n % lanes)
    return [forEach(j, 0, whole, lanes, [at(lanes)]), ...(whole === n ? [] : [set(j, whole), at(n - whole)])]
  })
  return { func: made, scratch: 0, grain: m, breadth: n }
}

/** The product by tiles. */
const blocked = (v: Vectors, features: Features, g: Gemm): GemmKernel => {
  const { bytes } = v
  const { m, n, k } = g
  const [rows, across] = shapeOf(v, features, m, n)
  const columns = across * v.lanes
  const [aRow, aTerm] = [g.a[0] * bytes, g.a[1] * bytes]
  const [bTerm, bColumn] = [g.b[0] * bytes, g.b[1] * bytes]
  const spanB = bTerm * Math.min(k, TERMS)
  const far = spanB > FAR || bTerm % SETS === 0
  const packB = g.b[1] !== 1 && n > 1 ? true : spanB > NEAR && m > (far ? 1 : 4) * rows
  const packA = g.a[1] !== 1 && n > 2 * columns && m > 1 && aTerm * Math.min(k, TERMS) > NEAR
  const terms = k <= 2 * TERMS ? k : TERMS
  const blockRows = Math.floor(ROWS / rows) * rows
  const blockColumns = packB ? Math.min(Math.floor(COLUMNS / columns), Math.ceil(n / columns)) * columns : n
  const lastRows = m % rows
  const lastColumns = n % columns

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

  const made = func(`gemm_${m}x${k}x${n}_${g.scalar}`, ARGUMENTS, 'void', (a, b, c, scratch, from, to) => {
    const [p, count, i0, i1, i, j0, j1, j] = [0, 1, 2, 3, 4, 5, 6, 7].map(() => local('i32'))

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
    const placeA = i32.add(a, i32.add(i32.mul(i, aRow), i32.mul(p, aTerm)))
    const placeB = i32.add(b, i32.add(i32.mul(p, bTerm), i32.mul(j, bColumn)))
    const placeC = i32.add(c, i32.add(i32.mul(i, g.c * bytes), i32.mul(j, bytes)))

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
  })
  return { func: made, scratch: spaceA + spaceB, grain: rows, breadth: columns }
}

/**
 * @category constructors
 * @since 0.1.0
 */
export const gemm = (features: Features, g: Gemm): GemmKernel => {
  // one column is better computed as one row, with the vectors along it
  if (g.n === 1 && g.m > 1 && g.c === 1) {
    const { func: turned, scratch } = gemm(features, transposed(g, g.m))
    return {
      func: func('gemv', ARGUMENTS, 'void', (a, b, c, space) => [call(turned, b, a, c, space, 0, 1)]),
      scratch,
      grain: g.m,
      breadth: 1,
    }
  }
  const v = vectors[g.scalar]
  const { bytes } = v
  const { m, n, k } = g
  if (m * n === 0) return { func: func('gemm_nothing', ARGUMENTS, 'void', () => []), scratch: 0, grain: 1, breadth: 1 }
  if (m <= DOT_ROWS && g.a[1] === 1 && g.b[0] === 1 && g.b[1] !== 1 && k >= v.lanes) return dots(v, features, g)
  if (m === 1 && g.b[1] === 1 && n * bytes >= WIDE && k > 1) {
    const [aTerm, bTerm] = [g.a[1] * bytes, g.b[0] * bytes]
    const row = sweep(v, features, { columns: n, terms: k, aTerm, bTerm, accumulate: g.accumulate })
    const once = func('gemm_row', ARGUMENTS, 'void', (a, b, c) => [call(row, a, b, c)])
    return { func: once, scratch: 0, grain: 1, breadth: n }
  }
  return blocked(v, features, g)
}
