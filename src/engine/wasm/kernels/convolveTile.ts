/**
 * The innermost part of a convolution: a few positions times a few outputs in registers, over all channels and kernel
 * elements, which are nested loops of known counts.
 *
 *     Y[row, column] = sum over terms of S[row, term] * V[term, column]
 *
 * One operand is read number by number (S), the other in vectors (V). What the terms are, and which operand is which, the
 * caller says by steps. Sums run in the order of the terms, or in several sums that take turns where a tile is small.
 *
 * @since 0.1.0
 */
import { branchIf, type Func, func, i32, type Local, local, loop, type Statement, set, v128 } from '../assembler.js'
import type { Features } from './features.js'
import { once, type Vectors } from './lanes.js'
import { transposed } from './pack.js'
import { loadPart, multiplyAdd, storePart, unrolled, waysOf } from './tile.js'

/**
 * A loop over terms, and from term to term of both operands, in bytes.
 *
 * @category model
 * @since 0.1.0
 */
export interface Terms {
  readonly count: number
  readonly single: number
  readonly vector: number
}

/**
 * @category model
 * @since 0.1.0
 */
export interface ConvolutionTile {
  /** where the rows begin in S and in Y, in bytes */
  readonly singles: ReadonlyArray<number>
  readonly results: ReadonlyArray<number>
  readonly columns: number
  /** from column to column of Y */
  readonly column: number
  /** whether V may be read up to a whole vector beyond `columns` */
  readonly padded: boolean
  /** outermost first */
  readonly terms: ReadonlyArray<Terms>
}

/**
 * The addresses of S, V and Y.
 *
 * @category model
 * @since 0.1.0
 */
export type ConvolutionTileFunc = Func<readonly ['i32', 'i32', 'i32'], 'void'>

/** A loop of at most so many turns is written out. */
const UNROLL = 8

/**
 * In how many sums that take turns an element is summed, in a tile of so many vectors of them.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const waysOfTile = (features: Features, sums: number): number =>
  Math.min(waysOf(features, sums), unrolled(features, UNROLL))

const range = (n: number): ReadonlyArray<number> => Array.from({ length: n }, (_, i) => i)

/** The loops that do something, neighbours joined where they are one loop in both operands. */
const merged = (terms: ReadonlyArray<Terms>): ReadonlyArray<Terms> => {
  const out: Array<Terms> = []
  for (const t of terms) {
    const outer = out[out.length - 1]
    if (outer !== undefined && outer.single === t.count * t.single && outer.vector === t.count * t.vector)
      out[out.length - 1] = { ...t, count: outer.count * t.count }
    else if (t.count !== 1) out.push(t)
  }
  return out.length === 0 ? terms.slice(-1) : out
}

/**
 * @category constructors
 * @since 0.1.0
 */
export const convolutionTile: (v: Vectors, features: Features, t: ConvolutionTile) => ConvolutionTileFunc = once(
  (v, features, t) => JSON.stringify([v.scalar, features, t]),
  (v, features, t) => {
    const across = range(Math.ceil(t.columns / v.lanes))
    const used = (c: number): number => Math.min(v.lanes, t.columns - c * v.lanes)
    const loops = merged(t.terms)
    const most = unrolled(features, UNROLL)
    const ways = waysOfTile(features, t.singles.length * across.length)
    return func(`convolve_${t.singles.length}x${t.columns}_${v.scalar}`, ['i32', 'i32', 'i32'], 'void', (s, w, y) => {
      const sums = range(ways).map(() => t.singles.map(() => across.map(() => local('v128'))))
      const row = across.map(() => local('v128'))
      const one = local('v128')
      const term = (single: number, vector: number, way: ReadonlyArray<ReadonlyArray<Local<'v128'>>>) => [
        ...row.map((l, c) =>
          set(l, t.padded ? v128.load(w, vector + 16 * c) : loadPart(v, w, used(c), vector + 16 * c)),
        ),
        ...t.singles.flatMap((offset, r) => [
          set(one, v.loadSplat(s, single + offset)),
          ...row.map((l, c) => set(way[r][c], multiplyAdd(v, features, one, l, way[r][c]))),
        ]),
      ]
      const advance = (single: number, vector: number): ReadonlyArray<Statement> => [
        ...(single === 0 ? [] : [set(s, i32.add(s, single))]),
        ...(vector === 0 ? [] : [set(w, i32.add(w, vector))]),
      ]
      const turns = (count: number, body: ReadonlyArray<Statement>): ReadonlyArray<Statement> => {
        if (count === 0) return []
        if (count === 1) return body
        const left = local('i32')
        return [set(left, count), loop((again) => [...body, set(left, i32.sub(left, 1)), branchIf(again, left)])]
      }
      /** The loops from level `l` on; the pointers end where the last turn left them, one step further. */
      const nest = (l: number): ReadonlyArray<Statement> => {
        const { count, single, vector } = loops[l]
        if (l === loops.length - 1) {
          const written = count <= most ? count : Math.ceil(most / 2)
          const some = (n: number) => [
            ...range(n).flatMap((u) => term(u * single, u * vector, sums[u % ways])),
            ...advance(n * single, n * vector),
          ]
          return [...turns(Math.floor(count / written), some(written)), ...some(count % written)]
        }
        const inner = loops[l + 1]
        return turns(count, [
          ...nest(l + 1),
          ...advance(single - inner.count * inner.single, vector - inner.count * inner.vector),
        ])
      }
      const lane = v.bytes === 8 ? v128.store64_lane : v128.store32_lane
      const storeRow = (r: number): ReadonlyArray<Statement> =>
        sums[0][r].flatMap((sum, c) =>
          t.column === v.bytes
            ? storePart(v, y, sum, used(c), t.results[r] + 16 * c)
            : range(used(c)).map((l) => lane(y, sum, l, t.results[r] + (c * v.lanes + l) * t.column)),
        )
      /** Rows side by side in Y, as many as a vector has lanes: each column of them is a vector. */
      const storeSquares = (r: number): ReadonlyArray<Statement> =>
        across.flatMap((c) =>
          transposed(
            v,
            range(v.lanes).map((i) => sums[0][r + i][c]),
          )
            .slice(0, used(c))
            .map((column, l) => v128.store(y, column, t.results[r] + (c * v.lanes + l) * t.column)),
        )
      const storing = (r: number): ReadonlyArray<Statement> => {
        if (r >= t.results.length) return []
        const beside = range(v.lanes).every((i) => t.results[r + i] === t.results[r] + i * v.bytes)
        return beside ? [...storeSquares(r), ...storing(r + v.lanes)] : [...storeRow(r), ...storing(r + 1)]
      }
      const empty = t.terms.some(({ count }) => count === 0)
      return [
        ...sums.flat(2).map((sum) => set(sum, v.constant(0))),
        ...(empty ? [] : nest(0)),
        ...sums
          .slice(1)
          .flatMap((rows) =>
            rows.flatMap((list, r) => list.map((sum, c) => set(sums[0][r][c], v.add(sums[0][r][c], sum)))),
          ),
        ...storing(0),
      ]
    })
  },
)
