/**
 * Explicit randomness: a key is plain data, the same key gives the same bits for ever and on every machine, and new keys
 * are split off old ones. Nothing here has hidden state, so a program that draws is as reproducible as one that does not.
 *
 * The bits come from Threefry-2x32 with 20 rounds: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random
 * numbers: as easy as 1, 2, 3", SC 2011. It is a keyed bijection of a 64-bit counter that passes BigCrush, made of
 * additions, rotations and exclusive ors on 32-bit words, which every interpreter of a tape can do exactly.
 *
 * Layout. Write `T(k, c)` for the two words that Threefry makes of a key and a counter `c = [c0, c1]`.
 *
 * | function | counter | result |
 * |---|---|---|
 * | `bits(k, n)` | `[j, 0]` for `j = 0, 1, ...` | words `2j` and `2j + 1` |
 * | `split(k, n)` | `[i, 1]` for `i = 0, ..., n - 1` | the `i`-th key |
 * | `fold(k, i)` | `[i mod 2^32, 4 floor(i / 2^32) + 2]` | the key |
 *
 * Word `i` of `bits(k, n)` hence depends on `k` and `i` alone, never on `n`: fewer bits are a prefix of more bits. The
 * counters of the three functions never meet, so bits, split keys and folded keys of one key are distinct blocks.
 *
 * Law of use: a key is used once. Two draws from one key are equal; `split` it first.
 *
 * @since 0.1.0
 */

/**
 * Two 32-bit words, as signed integers. Keys are data: print them, store them, compare them by their words.
 *
 * @category model
 * @since 0.1.0
 */
export type Key = readonly [number, number]

const TWO_32 = 2 ** 32

/** The constant of the key schedule (Threefish: C240 for 32-bit words). */
const PARITY = 0x1bd11bda

/** Puts the two outputs for a key and a counter at `out[at]` and `out[at + 1]`; writes beyond the end are ignored. */
const scramble = (k0: number, k1: number, c0: number, c1: number, out: Int32Array, at: number): void => {
  const k2 = PARITY ^ k0 ^ k1
  let x0 = (c0 + k0) | 0
  let x1 = (c1 + k1) | 0
  // Five groups of four rounds `x0 += x1; x1 = rotl(x1, r) ^ x0`, each followed by an injection of the key schedule.
  // Rotations 13 15 26 6 and 17 29 16 24 alternate; the injected pairs are (k1 k2) (k2 k0) (k0 k1) ... plus 1, 2, ...
  let a = k1
  let b = k2
  let c = k0
  for (let group = 1; group <= 5; group++) {
    if ((group & 1) === 1) {
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0
    } else {
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0
      x0 = (x0 + x1) | 0
      x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0
    }
    x0 = (x0 + a) | 0
    x1 = (x1 + b + group) | 0
    const first = a
    a = b
    b = c
    c = first
  }
  out[at] = x0
  out[at + 1] = x1
}

/**
 * Threefry-2x32-20: key `[k0, k1]` and counter `[c0, c1]`, each a 32-bit word in any integer representation, to two
 * int32 words. The outputs agree with the known answers published with Random123.
 *
 * @example
 * ```ts
 * import { threefry2x32 } from 'wengert/Random'
 * import assert from 'node:assert'
 *
 * assert.deepStrictEqual(threefry2x32(0, 0, 0, 0), [0x6b200159, 0x99ba4efe | 0])
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const threefry2x32 = (k0: number, k1: number, c0: number, c1: number): Key => {
  const out = new Int32Array(2)
  scramble(k0, k1, c0, c1, out, 0)
  return Object.freeze([out[0], out[1]] as const)
}

const integer = (n: number, what: string): void => {
  if (!Number.isSafeInteger(n)) throw new RangeError(`${what} must be a safe integer, not ${n}`)
}

const count = (n: number, what: string): void => {
  if (!Number.isInteger(n) || n < 0 || n > 2 ** 31 - 1)
    throw new RangeError(`${what} must be an integer from 0 to 2^31 - 1, not ${n}`)
}

/**
 * The key of a seed: its low 32 bits and its high ones. Different safe integers give different keys. Throws a
 * `RangeError` when the seed is not a safe integer.
 *
 * @example
 * ```ts
 * import { key, split } from 'wengert/Random'
 * import assert from 'node:assert'
 *
 * const root = key(42)
 * assert.deepStrictEqual(root, [42, 0])
 * const [forWeights, forDropout] = split(root, 2)
 * assert.notDeepStrictEqual(forWeights, forDropout)
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const key = (seed: number): Key => {
  integer(seed, 'key: the seed')
  // `| 0` takes a number modulo 2^32, exactly, and turns -0 into 0
  return Object.freeze([seed | 0, Math.floor(seed / TWO_32) | 0] as const)
}

/**
 * `n` keys, each as good as new. Key `i` depends on `k` and `i` alone. Throws a `RangeError` when `n` is not an integer
 * from 0 to 2^31 - 1.
 *
 * @category combinators
 * @since 0.1.0
 */
export const split: {
  (k: Key, n: 2): readonly [Key, Key]
  (k: Key, n: 3): readonly [Key, Key, Key]
  (k: Key, n: 4): readonly [Key, Key, Key, Key]
  (k: Key, n: number): ReadonlyArray<Key>
} = ((k: Key, n: number): ReadonlyArray<Key> => {
  count(n, 'split: the number of keys')
  return Object.freeze(Array.from({ length: n }, (_, i) => threefry2x32(k[0], k[1], i, 1)))
}) as never

/**
 * The key of `k` numbered `i`, any safe integer: for a step, a layer or an example whose number is known. Throws a
 * `RangeError` otherwise.
 *
 * @example
 * ```ts
 * import { bits, fold, key } from 'wengert/Random'
 * import assert from 'node:assert'
 *
 * const atStep = (step: number) => bits(fold(key(7), step), 4)
 * assert.deepStrictEqual(atStep(3), atStep(3))
 * assert.notDeepStrictEqual(atStep(3), atStep(4))
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const fold = (k: Key, i: number): Key => {
  integer(i, 'fold: the number')
  return threefry2x32(k[0], k[1], i | 0, (Math.floor(i / TWO_32) << 2) | 2)
}

/**
 * `n` uniformly distributed int32 words. Words `2j` and `2j + 1` are the two outputs of Threefry for the counter
 * `[j, 0]`; an odd `n` drops the last output. Throws a `RangeError` when `n` is not an integer from 0 to 2^31 - 1.
 *
 * @example
 * ```ts
 * import { bits, key } from 'wengert/Random'
 * import assert from 'node:assert'
 *
 * assert.deepStrictEqual(bits(key(0), 2), Int32Array.of(0x6b200159, 0x99ba4efe))
 * assert.deepStrictEqual(bits(key(0), 100).slice(0, 7), bits(key(0), 7))
 * ```
 *
 * @category destructors
 * @since 0.1.0
 */
export const bits = (k: Key, n: number): Int32Array => {
  count(n, 'bits: the number of words')
  const out = new Int32Array(n)
  for (let i = 0; i < n; i += 2) scramble(k[0], k[1], i >>> 1, 0, out, i)
  return out
}

/**
 * An int32 word as a number in the open interval (0, 1): the middle of the word's cell among 2^32 equal ones,
 * `word 2^-32 + 1/2 + 2^-33`, exact in float64. The least value is 2^-33 and the greatest 1 - 2^-33, so logarithms of it
 * and of one minus it are finite; the mean over all words is 1/2 exactly.
 *
 * @example
 * ```ts
 * import { uniform01 } from 'wengert/Random'
 * import assert from 'node:assert'
 *
 * assert.strictEqual(uniform01(-(2 ** 31)), 2 ** -33)
 * assert.strictEqual(uniform01(2 ** 31 - 1), 1 - 2 ** -33)
 * ```
 *
 * @category destructors
 * @since 0.1.0
 */
export const uniform01 = (word: number): number => word * 2 ** -32 + 0.5 + 2 ** -33
