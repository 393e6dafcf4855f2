/**
 * How much work is worth dividing, and into which ranges.
 *
 * @since 0.1.0
 */

/** Parts for each thread: enough of them that one who is late leaves his to the others. */
const EACH = 4

/** The most parts that a job can have. */
const MOST = 255

/**
 * Who divides: how many threads, and how many simple operations a part must have at least.
 *
 * @category model
 * @since 0.1.0
 */
export interface Grain {
  readonly threads: number
  readonly least: number
}

/**
 * How many parts some work is worth.
 *
 * @category destructors
 * @since 0.1.0
 */
export const partsOf = ({ threads, least }: Grain, work: number): number =>
  Math.min(EACH * threads, MOST, Math.floor(work / least))

/**
 * `[0, n)` in at most so many ranges of whole blocks, as even as these allow; what fills no block belongs to the last one.
 *
 * @category combinators
 * @since 0.1.0
 */
export const ranges = (n: number, block: number, parts: number): ReadonlyArray<readonly [from: number, to: number]> => {
  const blocks = Math.max(1, Math.floor(n / block))
  const count = Math.min(parts, blocks)
  const edge = (i: number): number => (i === count ? n : Math.floor((i * blocks) / count) * block)
  return Array.from({ length: count }, (_, i) => [edge(i), edge(i + 1)])
}
