/**
 * The noise of a function, measured from its values: ECnoise (J. J. Moré, S. M. Wild, "Estimating computational noise", SIAM
 * J. Sci. Comput. 33, 2011). Seven equally spaced values are differenced again and again; what smoothness there is dies out,
 * what is left is noise.
 *
 * @since 0.1.0
 */

/** Values minus one: six differences. */
const ORDER = 6

/** `(k!)² / (2k)!`: the variance of `k`-th differences of independent noise is the noise's variance divided by this. */
const gammaOf = (k: number): number => {
  let gamma = 1
  for (let j = 1; j <= k; j++) gamma *= j / (2 * (2 * j - 1))
  return gamma
}

/** One difference table: the noise level, or which way the step has to change. */
const attempted = (values: ReadonlyArray<number>): number | 'smaller' | 'larger' => {
  const high = Math.max(...values)
  const low = Math.min(...values)
  if (!Number.isFinite(high - low)) return 'smaller'
  if (high - low > 0.1 * Math.max(Math.abs(high), Math.abs(low))) return 'smaller'
  let row = values
  const levels: Array<number> = []
  const changes: Array<boolean> = []
  for (let k = 1; k <= ORDER; k++) {
    row = row.slice(1).map((x, i) => x - row[i])
    if (k === 1 && row.filter((x) => x === 0).length >= ORDER / 2) return 'larger'
    levels.push(Math.sqrt((gammaOf(k) * row.reduce((sum, x) => sum + x * x, 0)) / row.length))
    changes.push(Math.min(...row) < 0 && Math.max(...row) > 0)
  }
  for (let k = 0; k + 2 < ORDER; k++) {
    const three = levels.slice(k, k + 3)
    if (Math.max(...three) <= 4 * Math.min(...three) && changes[k]) return levels[k]
  }
  return 'smaller'
}

/**
 * The standard deviation of the noise of `f` around 0, or `null` where values do not show any: they are constant, or vary
 * too much. Steps start at `h`, and change by factors of 100 as More and Wild advise.
 *
 * @category oracles
 * @since 0.1.0
 */
export const measuredNoise = (f: (t: number) => number, h: number): number | null => {
  let step = h
  let came: 'smaller' | 'larger' | null = null
  for (let tries = 0; tries < 3; tries++) {
    const found = attempted(Array.from({ length: ORDER + 1 }, (_, j) => f((j - ORDER / 2) * step)))
    if (typeof found === 'number') return found
    // both ways: there is no step at which noise alone is seen
    if (came !== null && came !== found) return null
    came = found
    step *= found === 'larger' ? 100 : 1 / 100
  }
  return null
}
