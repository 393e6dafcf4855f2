/**
 * Random bits: Threefry-2x32 with 20 rounds, four counters at a time, bit for bit those of `src/Random.ts`.
 *
 * @since 0.1.0
 */
import {
  type Func,
  forEach,
  func,
  i8x16,
  i32,
  i32x4,
  type Local,
  local,
  type Statement,
  set,
  v128,
} from '../assembler.js'
import { singles, type Vector } from './lanes.js'
import { storePart } from './tile.js'

const PARITY = 0x1bd11bda

/** The rotations of odd and even groups of four rounds. */
const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
]

const rotated = (x: Local<'v128'>, by: number): Vector => v128.or(i32x4.shl(x, by), i32x4.shr_u(x, 32 - by))

/** Words of one pair after another, from the first and second words of four pairs. */
const LOW = [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23]
const HIGH = LOW.map((byte) => byte + 8)

/**
 * `randomBits`: the addresses of the keys, two words each, and of the result, `count` words for each key.
 *
 * @category constructors
 * @since 0.1.0
 */
export const randomBits = (keys: number, count: number): Func<readonly ['i32', 'i32'], 'void'> =>
  func('random_bits', ['i32', 'i32'], 'void', (from, to) => {
    const [k, j] = [local('i32'), local('i32')]
    const schedule = [local('v128'), local('v128'), local('v128')]
    const [x0, x1, pairs] = [local('v128'), local('v128'), local('v128')]
    const [k0, k1, k2] = schedule
    /** The words of the counters `[j, 0]` to `[j + 3, 0]` in x0 and x1. */
    const scramble: ReadonlyArray<Statement> = [
      set(x0, i32x4.add(i32x4.add(i32x4.splat(j), i32x4.const(0, 1, 2, 3)), k0)),
      set(x1, k1),
      ...[1, 2, 3, 4, 5].flatMap((group) => [
        ...ROTATIONS[(group - 1) % 2].flatMap((by) => [
          set(x0, i32x4.add(x0, x1)),
          set(x1, v128.xor(rotated(x1, by), x0)),
        ]),
        set(x0, i32x4.add(x0, schedule[group % 3])),
        set(x1, i32x4.add(i32x4.add(x1, schedule[(group + 1) % 3]), group)),
      ]),
    ]
    /** Stores the next words, eight or fewer. */
    const store = (words: number): ReadonlyArray<Statement> => [
      set(pairs, i8x16.shuffle(x0, x1, LOW)),
      ...storePart(singles, to, pairs, Math.min(4, words), 0),
      ...(words <= 4 ? [] : [set(pairs, i8x16.shuffle(x0, x1, HIGH)), ...storePart(singles, to, pairs, words - 4, 16)]),
      set(to, i32.add(to, 4 * words)),
    ]
    const rest = count % 8
    return [
      forEach(k, 0, keys, 1, [
        set(k0, v128.load32_splat(from)),
        set(k1, v128.load32_splat(from, 4)),
        set(k2, v128.xor(i32x4.splat(PARITY), v128.xor(k0, k1))),
        set(from, i32.add(from, 8)),
        forEach(j, 0, Math.floor(count / 8) * 4, 4, [...scramble, ...store(8)]),
        ...(rest === 0 ? [] : [set(j, Math.floor(count / 8) * 4), ...scramble, ...store(rest)]),
      ]),
    ]
  })
