/**
 * Random directions, unnormalised and of both signs: Rademacher ones (`±1`), which weaken no single entry, in turn with
 * normal ones, in which errors of equal size and opposite sign do not cancel. Non-negative or normalised directions
 * hide errors, as those of torch's fast mode do.
 *
 * @since 0.1.0
 */
import { bits, fold, key, uniform01 } from '../Random.js'
import type { Numbers } from './problem.js'

/** Normal numbers are rounded to this grid, so that a step of a power of two along them is exact in double-double. */
const GRID = 2 ** 10

const rademacher = (words: Int32Array): Numbers => Array.from(words, (word) => ((word & 1) === 0 ? 1 : -1))

/** G. E. P. Box, M. E. Muller, "A note on the generation of random normal deviates" (1958); never 0. */
const gaussian = (words: Int32Array): Numbers =>
  Array.from({ length: words.length / 2 }, (_, i) => {
    const radius = Math.sqrt(-2 * Math.log(uniform01(words[2 * i])))
    const x = Math.round(GRID * radius * Math.cos(2 * Math.PI * uniform01(words[2 * i + 1])))
    return (x === 0 ? 1 : x) / GRID
  })

/**
 * The direction of a given number: even ones are Rademacher, odd ones normal.
 *
 * @category constructors
 * @since 0.1.0
 */
export const directionOf = (seed: number, which: number, sizes: Numbers): ReadonlyArray<Numbers> => {
  const root = fold(key(seed), which)
  return sizes.map((n, i) =>
    which % 2 === 0 ? rademacher(bits(fold(root, i), n)) : gaussian(bits(fold(root, i), 2 * n)),
  )
}

/**
 * A bound on the chance that `k` normal directions all miss an error in a single entry, where the tolerance is `s` times that
 * error: `(2 s / π (1.116 + ln(1/s)))^k`, which holds for normal cotangents too. Rademacher directions never miss one.
 *
 * @category destructors
 * @since 0.1.0
 */
export const missProbability = (s: number, k: number): number =>
  Math.min(1, ((2 * s) / Math.PI) * (1.116 + Math.log(1 / s))) ** k
