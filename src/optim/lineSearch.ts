/**
 * A line search for the strong Wolfe conditions: how far to go along a direction of descent, so that the value falls in
 * proportion to the way (`f(t) <= f(0) + c1 t f'(0)`) and most of the slope is gone (`|f'(t)| <= c2 |f'(0)|`).
 *
 * First the step grows until an interval holds such a point, then the interval shrinks, by cubic interpolation in both
 * phases (J. Nocedal, S. J. Wright, "Numerical optimization", 2nd ed., algorithms 3.5 and 3.6; the constants and
 * safeguards are those of M. Schmidt's minFunc, which PyTorch's `LBFGS` has too). A value that is no number counts as too
 * far.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'

/**
 * The function at a distance along the direction.
 *
 * @category model
 * @since 0.1.0
 */
export interface Probe {
  readonly distance: number
  readonly value: number
  /** of the whole function, not only along the direction */
  readonly gradient: Float64Array
  /** the derivative along the direction */
  readonly slope: number
}

/**
 * @category model
 * @since 0.1.0
 */
export interface Found {
  readonly probe: Probe
  readonly evaluations: number
}

/** The minimum of the cubic through two probes, within bounds; their middle where the cubic has none. */
const interpolated = (
  a: Probe,
  b: Probe,
  low = Math.min(a.distance, b.distance),
  high = Math.max(a.distance, b.distance),
): number => {
  const [p, q] = a.distance <= b.distance ? [a, b] : [b, a]
  const d1 = a.slope + b.slope - (3 * (a.value - b.value)) / (a.distance - b.distance)
  const square = d1 * d1 - a.slope * b.slope
  if (!(square >= 0)) return (low + high) / 2
  const d2 = Math.sqrt(square)
  const at = q.distance - (q.distance - p.distance) * ((q.slope + d2 - d1) / (q.slope - p.slope + 2 * d2))
  return Number.isNaN(at) ? (low + high) / 2 : Math.min(Math.max(at, low), high)
}

const SUFFICIENT = 1e-4
const CURVATURE = 0.9

/**
 * Searches from `start`, at distance 0, with `first` as the first distance; `reach` is the greatest change of a parameter
 * per unit of distance. Ends with the best probe when `most` evaluations are made, or when the interval moves no parameter
 * by `tolerance`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const strongWolfe = (
  probe: (distance: number) => E.Either<Failure, Probe>,
  start: Probe,
  first: number,
  reach: number,
  tolerance: number,
  most: number,
): E.Either<Failure, Found> => {
  const tooHigh = ({ distance, value }: Probe): boolean => !(value <= start.value + SUFFICIENT * distance * start.slope)
  const flat = ({ slope }: Probe): boolean => Math.abs(slope) <= -CURVATURE * start.slope

  let tried = probe(first)
  if (E.isLeft(tried)) return tried
  let evaluations = 1
  let rounds = 0
  let previous = start
  let found = false
  for (; rounds < most; rounds++) {
    const current: Probe = tried.right
    if (tooHigh(current) || (rounds > 1 && current.value >= previous.value)) break
    if (flat(current)) {
      found = true
      break
    }
    if (current.slope >= 0) break
    const { distance } = current
    const further = interpolated(previous, current, distance + 0.01 * (distance - previous.distance), distance * 10)
    previous = current
    tried = probe(further)
    if (E.isLeft(tried)) return tried
    evaluations++
  }
  if (found) return E.right({ probe: tried.right, evaluations })
  let ends: readonly [Probe, Probe] = [rounds === most ? start : previous, tried.right]
  const lowest = (): 0 | 1 => (ends[1].value < ends[0].value ? 1 : 0)
  let low = lowest()
  let slow = false
  for (; rounds < most; rounds++) {
    const from = Math.min(ends[0].distance, ends[1].distance)
    const to = Math.max(ends[0].distance, ends[1].distance)
    if ((to - from) * reach < tolerance) break
    let distance = interpolated(ends[0], ends[1])
    // a trial near an end shrinks the interval little: the second in a row is moved inwards, as is one on the end itself
    const margin = 0.1 * (to - from)
    const near = Math.min(to - distance, distance - from) < margin
    const moved: boolean = near && (slow || distance >= to || distance <= from)
    if (moved) distance = Math.abs(distance - to) < Math.abs(distance - from) ? to - margin : from + margin
    slow = near && !moved
    tried = probe(distance)
    if (E.isLeft(tried)) return tried
    evaluations++
    const current = tried.right
    const best: Probe = ends[low]
    const other: Probe = ends[1 - low]
    if (tooHigh(current) || current.value >= best.value) {
      ends = low === 0 ? [best, current] : [current, best]
      low = lowest()
      continue
    }
    if (flat(current)) return E.right({ probe: current, evaluations })
    const kept = current.slope * (other.distance - best.distance) >= 0 ? best : other
    ends = low === 0 ? [current, kept] : [kept, current]
  }
  return E.right({ probe: ends[low], evaluations })
}
