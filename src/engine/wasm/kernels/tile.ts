/**
 * The innermost part of a matrix product: a tile of C in registers, over a range of the inner dimension.
 *
 *     C[r, 0..] (+)= sum over p of A[r, p] * B[p, 0..],   r < rows
 *
 * Everything but addresses and the length of the range is a literal in the code. The terms of an element are added in
 * order of p, by a fused multiply-add where there is one, in `ways` sums that take turns and are added in the end; so the
 * bits of an element depend on the shape of its tile and nothing else.
 *
 * @since 0.1.0
 */
import { type Expr, type Func, func, i32, type Local, local, type Statement, set, v128, whilst } from '../assembler.js'
import type { Features } from './features.js'
import { once, type Vector, type Vectors } from './lanes.js'

/**
 * A tile. Steps are in bytes and not negative.
 *
 * @category model
 * @since 0.1.0
 */
export interface Tile {
  readonly rows: number
  /** the elements of a row; the last vector may be used in part */
  readonly columns: number
  /** from row to row, and from term to term of A */
  readonly aRow: number
  readonly aTerm: number
  /** from term to term of B, whose columns are side by side */
  readonly bTerm: number
  /** whether B may be read up to a whole vector beyond `columns` */
  readonly bPadded: boolean
  /** from row to row of C, whose columns are side by side */
  readonly cRow: number
  /** whether the sums start with what is in C */
  readonly accumulate: boolean
}

/**
 * The addresses of A, B and C, and how many terms there are.
 *
 * @category model
 * @since 0.1.0
 */
export type TileFunc = Func<readonly ['i32', 'i32', 'i32', 'i32'], 'void'>

/**
 * The first `count` numbers at an address, then zeros.
 *
 * @category memory
 * @since 0.1.0
 */
export const loadPart = (v: Vectors, address: Expr<'i32'>, count: number, offset: number): Vector => {
  if (count === v.lanes) return v128.load(address, offset)
  if (v.bytes === 8 || count === 1) return v.loadFirst(address, offset)
  const pair = v128.load64_zero(address, offset)
  return count === 2 ? pair : v128.load32_lane(address, pair, 2, offset + 8)
}

/**
 * Stores the first `count` numbers of a vector.
 *
 * @category memory
 * @since 0.1.0
 */
export const storePart = (
  v: Vectors,
  address: Expr<'i32'>,
  x: Local<'v128'>,
  count: number,
  offset: number,
): ReadonlyArray<Statement> => {
  if (count === v.lanes) return [v128.store(address, x, offset)]
  if (v.bytes === 8 || count === 1) return [v.storeFirst(address, x, offset)]
  const pair = v128.store64_lane(address, x, 0, offset)
  return count === 2 ? [pair] : [pair, v128.store32_lane(address, x, 2, offset + 8)]
}

/**
 * `x y + z`.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const multiplyAdd = (v: Vectors, { fma }: Features, x: Vector, y: Vector, z: Vector): Vector =>
  fma ? v.relaxed_madd(x, y, z) : v.add(z, v.mul(x, y))

/** The registers that a tile may fill: sixteen, less one for A, two for B and one for what the host needs. */
const REGISTERS = 12

/** So many additions are under way at the same time, one after another on each of two units. */
const UNDER_WAY = 4

/** How far the loop over the terms is unrolled, at most. */
const UNROLL = 4

/**
 * How many terms in a row are written out, at most. Older compilers keep sums in registers in short loops only: there a
 * loop of one term is 1.5 times faster than one of four.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const unrolled = ({ wide }: Features, most: number): number => (wide ? most : 1)

/**
 * In how many sums that take turns an element is summed: few sums would wait for each other.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const waysOf = ({ wide }: Features, sums: number): number =>
  Math.max(1, Math.min(UNROLL, Math.floor((wide ? REGISTERS : UNDER_WAY) / sums)))

const range = (n: number): ReadonlyArray<number> => Array.from({ length: n }, (_, i) => i)

/**
 * @category constructors
 * @since 0.1.0
 */
export const tile: (v: Vectors, features: Features, t: Tile) => TileFunc = once(
  (v, features, t) => JSON.stringify([v.scalar, features, t]),
  (v, features, t) => {
    const across = Math.ceil(t.columns / v.lanes)
    const used = (c: number): number => Math.min(v.lanes, t.columns - c * v.lanes)
    const ways = waysOf(features, t.rows * across)
    const written = Math.max(ways, unrolled(features, UNROLL))
    const name = `tile_${t.rows}x${t.columns}_${v.scalar}`
    return func(name, ['i32', 'i32', 'i32', 'i32'], 'void', (a, b, c, terms) => {
      const sums = range(ways).map(() => range(t.rows).map(() => range(across).map(() => local('v128'))))
      const row = range(across).map(() => local('v128'))
      const one = local('v128')
      const term = (u: number): ReadonlyArray<Statement> => [
        ...row.map((l, j) =>
          set(l, t.bPadded ? v128.load(b, u * t.bTerm + 16 * j) : loadPart(v, b, used(j), u * t.bTerm + 16 * j)),
        ),
        ...range(t.rows).flatMap((r) => [
          set(one, v.loadSplat(a, u * t.aTerm + r * t.aRow)),
          ...row.map((l, j) => {
            const sum = sums[u % ways][r][j]
            return set(sum, multiplyAdd(v, features, one, l, sum))
          }),
        ]),
      ]
      const turn = (count: number): Statement =>
        whilst(i32.ge_s(terms, count), [
          ...range(count).flatMap(term),
          set(a, i32.add(a, count * t.aTerm)),
          set(b, i32.add(b, count * t.bTerm)),
          set(terms, i32.sub(terms, count)),
        ])
      const each = (f: (sum: Local<'v128'>, r: number, j: number) => ReadonlyArray<Statement>) =>
        sums[0].flatMap((list, r) => list.flatMap((sum, j) => f(sum, r, j)))
      const at = (r: number, j: number): number => r * t.cRow + 16 * j
      return [
        ...each((sum, r, j) => [set(sum, t.accumulate ? loadPart(v, c, used(j), at(r, j)) : v.constant(0))]),
        ...sums.slice(1).flatMap((rows) => rows.flatMap((list) => list.map((sum) => set(sum, v.constant(0))))),
        turn(written),
        ...(written === 1 ? [] : [turn(1)]),
        ...each((sum, r, j) => [
          ...(ways === 1
            ? []
            : [
                set(
                  sum,
                  range(ways - 1).reduce((s: Vector, w) => v.add(s, sums[w + 1][r][j]), sum),
                ),
              ]),
          ...storePart(v, c, sum, used(j), at(r, j)),
        ]),
      ]
    })
  },
)
