/**
 * Random directions, unnormalised and of both signs: Rademacher ones (`±1`), which weaken no single entry, in turn with
 * normal ones, in which errors of equal size and opposite sign do not cancel. Non-negative or normalised directions
 * hide errors, as those of torch's fast mode do.
 *
 * @since 0.1.0
 */
import { erf } from '../algebra/index.js'
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
 * The directions that a check has taken, and whether several results were weighed with normal numbers, the same ones for all
 * directions.
 *
 * @category model
 * @since 0.1.0
 */
export interface Taken {
  readonly rademacher: number
  readonly normal: number
  readonly weighed: boolean
}

/** `P(|N| < s)` of a standard normal number. */
const within = (s: number): number => erf(s / Math.SQRT2)

/** Points of the trapezoidal rule in `log c`, over 40 and more of it: they cost a ten-thousandth of the result. */
const POINTS = 1000

/**
 * The chance that all directions miss an error in a single entry of the Jacobian, where the tolerance is `s < 1` times that
 * error. A direction `u` and a weight `c` show `|c u|` times the error.
 *
 * With one result, `c = 1`: a Rademacher direction never misses, `k` normal ones with probability `P(|N| < s)^k`. With several,
 * `c` is normal and the directions share it, so more of them help less than one would think:
 *
 *     integral of 2 φ(c) P(|N| < s / c)^k dc,    over c < s if there is a Rademacher direction, else over all c > 0
 *
 * For one normal direction that is `(2 s / π) (1.116 + ln(1 / s))` for small `s`. Normal numbers are rounded to multiples of
 * `2^-10` and never to 0, so what is missed in truth is less.
 *
 * @category destructors
 * @since 0.1.0
 */
export const missProbability = (s: number, { rademacher, normal, weighed }: Taken): number => {
  if (!(s < 1) || rademacher + normal === 0) return 1
  if (!weighed) return rademacher > 0 ? 0 : within(s) ** normal
  if (normal === 0) return within(s)
  const [low, high] = [Math.log(s) - 40, rademacher > 0 ? Math.log(s) : Math.log(40)]
  const step = (high - low) / POINTS
  let sum = 0
  for (let i = 0; i <= POINTS; i++) {
    const c = Math.exp(low + i * step)
    const density = Math.sqrt(2 / Math.PI) * Math.exp((-c * c) / 2) * c
    sum += (i === 0 || i === POINTS ? 0.5 : 1) * density * within(s / c) ** normal
  }
  return sum * step
}
