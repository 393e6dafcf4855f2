/**
 * Copies of parts of a matrix in the order in which the tiles of a product read them: panels of `width` numbers side by
 * side, one group for each term.
 *
 *     panel[p, w] = X[p, w],   w < used <= width
 *
 * What lies behind `used` is zero up to a whole vector, and not written beyond.
 *
 * @since 0.1.0
 */
import {
  type Expr,
  type Func,
  forEach,
  func,
  i8x16,
  i32,
  type Local,
  local,
  type Statement,
  set,
  v128,
  whilst,
} from '../assembler.js'
import { once, type Vector, type Vectors } from './lanes.js'
import { loadPart } from './tile.js'

/**
 * How the numbers lie in memory, in bytes: from term to term, and from one to the next of a group.
 *
 * @category model
 * @since 0.1.0
 */
export interface Source {
  readonly term: number
  readonly next: number
}

/**
 * The addresses of the numbers and of the panel, and how many terms there are.
 *
 * @category model
 * @since 0.1.0
 */
export type PackFunc = Func<readonly ['i32', 'i32', 'i32'], 'void'>

const range = (n: number): ReadonlyArray<number> => Array.from({ length: n }, (_, i) => i)

/** `count` numbers `next` bytes apart in one vector, zeros behind them. */
const gathered = (v: Vectors, from: Expr<'i32'>, count: number, next: number, offset: number): Vector => {
  if (next === v.bytes) return loadPart(v, from, count, offset)
  const load = v.bytes === 8 ? v128.load64_lane : v128.load32_lane
  return range(count - 1).reduce(
    (x: Vector, l) => load(from, x, l + 1, offset + (l + 1) * next),
    v.loadFirst(from, offset),
  )
}

const words = (of: ReadonlyArray<number>): ReadonlyArray<number> =>
  of.flatMap((word) => [4 * word, 4 * word + 1, 4 * word + 2, 4 * word + 3])

/**
 * The rows of a square of numbers as its columns. The rows are read more than once.
 *
 * @category combinators
 * @since 0.1.0
 */
export const transposed = (v: Vectors, rows: ReadonlyArray<Local<'v128'>>): ReadonlyArray<Vector> => {
  const [a, b, c, d] = rows
  if (v.bytes === 8) return [i8x16.shuffle(a, b, words([0, 1, 4, 5])), i8x16.shuffle(a, b, words([2, 3, 6, 7]))]
  const low = (x: Vector, y: Vector): Vector => i8x16.shuffle(x, y, words([0, 4, 1, 5]))
  const high = (x: Vector, y: Vector): Vector => i8x16.shuffle(x, y, words([2, 6, 3, 7]))
  const front = (x: Vector, y: Vector): Vector => i8x16.shuffle(x, y, words([0, 1, 4, 5]))
  const back = (x: Vector, y: Vector): Vector => i8x16.shuffle(x, y, words([2, 3, 6, 7]))
  return [
    front(low(a, b), low(c, d)),
    back(low(a, b), low(c, d)),
    front(high(a, b), high(c, d)),
    back(high(a, b), high(c, d)),
  ]
}

/**
 * Packs one panel. Where the terms are side by side in memory, squares of them are transposed in registers.
 *
 * @category constructors
 * @since 0.1.0
 */
export const pack: (v: Vectors, width: number, used: number, source: Source) => PackFunc = once(
  (v, ...rest) => JSON.stringify([v.scalar, rest]),
  (v, width, used, { term, next }) => {
    const group = width * v.bytes
    const chunks = range(Math.ceil(used / v.lanes))
    const count = (c: number): number => Math.min(v.lanes, used - c * v.lanes)
    return func(`pack_${used}of${width}_${v.scalar}`, ['i32', 'i32', 'i32'], 'void', (from, to, terms) => {
      const square = range(v.lanes).map(() => local('v128'))
      const turn = (step: number, body: ReadonlyArray<Statement>): Statement =>
        whilst(i32.ge_s(terms, step), [
          ...body,
          set(from, i32.add(from, step * term)),
          set(to, i32.add(to, step * group)),
          set(terms, i32.sub(terms, step)),
        ])
      /** A chunk that fits into its group is stored whole, another one in part. */
      const store = (c: number, x: Vector, offset: number): ReadonlyArray<Statement> => {
        if ((c + 1) * v.lanes <= width) return [v128.store(to, x, offset)]
        return [set(square[0], x), ...range(width - c * v.lanes).map((l) => storeLane(v, to, square[0], l, offset))]
      }
      const squares = chunks.flatMap((c) => [
        ...square.map((l, i) => set(l, i < count(c) ? v128.load(from, (c * v.lanes + i) * next) : v.constant(0))),
        ...transposed(v, square).flatMap((x, p) => [v128.store(to, x, p * group + 16 * c)]),
      ])
      const plain = chunks.flatMap((c) => store(c, gathered(v, from, count(c), next, c * v.lanes * next), 16 * c))
      const whole = width % v.lanes === 0
      return [...(term === v.bytes && next !== v.bytes && whole ? [turn(v.lanes, squares)] : []), turn(1, plain)]
    })
  },
)

const storeLane = (v: Vectors, to: Expr<'i32'>, x: Vector, lane: number, offset: number): Statement =>
  (v.bytes === 8 ? v128.store64_lane : v128.store32_lane)(to, x, lane, offset + lane * v.bytes)

/**
 * Whether so many numbers at an address are finite: `0 x` is NaN where one is not.
 *
 * @category memory
 * @since 0.1.0
 */
export const finite = (v: Vectors, count: number): Func<readonly ['i32'], 'i32'> =>
  func(`finite_${v.scalar}`, ['i32'], 'i32', (from) => {
    const [at, sum] = [local('i32'), local('v128')]
    const whole = Math.floor(count / v.lanes) * v.lanes
    const take = (x: Expr<'v128'>): Statement => set(sum, v.add(sum, v.mul(x, 0)))
    return [
      forEach(at, 0, whole * v.bytes, 16, [take(v128.load(i32.add(from, at)))]),
      ...(whole === count ? [] : [take(loadPart(v, from, count - whole, whole * v.bytes))]),
      i32.eqz(v128.any_true(v.ne(sum, sum))),
    ]
  })
