/**
 * Derivatives from values alone: central differences, with a step and a tolerance that follow from the function. This is
 * the oracle that knows no rule.
 *
 * `D_h = (f(h) - f(-h)) / 2h = f' + h^2 f''' / 6 + O(h^4)`. Three errors compete:
 *
 * - truncation: `D_2h - D_h = h^2 f''' / 2 + ...`, three times the error of `D_h`, so differences of neighbouring steps
 *   estimate it. One such difference can be small by accident (an oscillation that the step aliases); the estimate is the
 *   largest of three consecutive ones, each brought to the present step by the ratio 4 of second order.
 * - rounding: the error bounds of the two values, over `2h`.
 * - kinks: steps over which the branch signature changes are not used at all, nor steps at which halving them does not
 *   bring the differences closer together (poles and other ends of the expansion).
 *
 * A function that oscillates in step with the coarse steps deceives all of them alike; finer steps then contradict, and
 * are believed.
 *
 * All steps are powers of two and points lie on a dyadic grid, so `x + h u` is exact. Of all steps the one of least
 * estimated error is taken, which is the optimum `h = (3 eps_f / f''')^(1/3)` of More and Wild without assuming the
 * orders of magnitude (J. J. More, S. M. Wild, "Estimating derivatives of noisy simulations", 2012).
 *
 * @since 0.1.0
 */
import type { Bounded } from '../src/algebra/ErrorBound.js'
import { SAFETY } from '../src/algebra/tolerance.js'

/**
 * The steps tried, as exponents of two: `2^-FIRST` down to `2^-LAST`.
 *
 * @category constants
 * @since 0.1.0
 */
export const LADDER: { readonly first: number; readonly last: number } = { first: 4, last: 30 }

/** Central differences overstate by this factor what the ladder says of their truncation. */
const CAUTION = 10

/**
 * Numbers at a point, and the branches that were taken on the way.
 *
 * @category model
 * @since 0.1.0
 */
export interface Sample {
  readonly values: ReadonlyArray<Bounded>
  readonly signature: ReadonlyArray<number>
}

const sameBranches = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): boolean =>
  a.length === b.length && a.every((x, i) => Object.is(x, b[i]))

/** The differences at one step, or null where the step leaves the smooth piece or the domain. */
const central = (f: (t: number) => Sample | null, here: Sample, h: number): ReadonlyArray<Bounded> | null => {
  const right = f(h)
  if (right === null || !sameBranches(right.signature, here.signature)) return null
  const left = f(-h)
  if (left === null || !sameBranches(left.signature, here.signature)) return null
  return right.values.map((r, i) => ({
    value: (r.value - left.values[i].value) / (2 * h),
    error: (r.error + left.values[i].error) / (2 * h),
  }))
}

/**
 * Whether halving the step again changed the difference less than before, as it must where the expansion in `h` holds (by
 * a factor 4 or more there). It does not near a pole that the steps jump over.
 */
const converging = (coarse: Bounded, middle: Bounded, fine: Bounded): boolean =>
  Math.abs(fine.value - middle.value) <=
  Math.abs(middle.value - coarse.value) / 2 + SAFETY * (fine.error + middle.error)

/**
 * The derivatives at 0 of functions of one number, by central differences, each with a bound on its error; `null` where
 * the functions have a kink or the domain an edge too close for any step. The errors are such that `compare` applies.
 *
 * @category constructors
 * @since 0.1.0
 */
export const differences = (f: (t: number) => Sample | null): ReadonlyArray<Bounded> | null => {
  const here = f(0)
  if (here === null) return null
  const best: Array<Bounded> = here.values.map(() => ({ value: Number.NaN, error: Number.POSITIVE_INFINITY }))
  // the last rungs: differences at 8h, 4h, 2h; a rung that is missing starts afresh
  let coarser: ReadonlyArray<ReadonlyArray<Bounded>> = []
  for (let k = LADDER.first; k <= LADDER.last; k++) {
    const now = central(f, here, 2 ** -k)
    if (now === null) {
      coarser = []
      continue
    }
    if (coarser.length === 3) {
      const [eight, four, two] = coarser
      for (let i = 0; i < now.length; i++) {
        if (!converging(eight[i], four[i], two[i]) || !converging(four[i], two[i], now[i])) continue
        const truncation = Math.max(
          Math.abs(now[i].value - two[i].value),
          Math.abs(two[i].value - four[i].value) / 4,
          Math.abs(four[i].value - eight[i].value) / 16,
        )
        const error = (CAUTION * truncation) / SAFETY + now[i].error
        // a finer step that contradicts a coarser one is right: the coarser one was aliased
        const aliased = Math.abs(now[i].value - best[i].value) > SAFETY * (error + best[i].error)
        if (aliased || error < best[i].error) best[i] = { value: now[i].value, error }
      }
    }
    coarser = [...coarser.slice(-2), now]
  }
  return best.every(({ error }) => Number.isFinite(error)) ? best : null
}
