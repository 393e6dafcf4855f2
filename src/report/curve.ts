/**
 * The V-curve: how far difference quotients are from a gradient, by their step. Large steps are off by the function's
 * curvature and small ones by rounding; a right gradient shows no floor but those two, a wrong one a plateau.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { F64 } from '../algebra/index.js'
import type { Failure } from '../Failure.js'
import type { Report } from '../verify/index.js'
import { evaluated, type Numbers, weighed } from '../verify/problem.js'

/**
 * A step and how far the difference is off.
 *
 * @category model
 * @since 0.1.0
 */
export type Off = readonly [step: number, off: number]

const EXPONENTS: ReadonlyArray<number> = Array.from({ length: 50 }, (_, i) => -i)

/**
 * Central differences of second order in float64, as most checkers take them, against the derivative that the sweep gives.
 * Their error falls with `h^2`, then grows with `u |f| / h`.
 *
 * @category destructors
 * @since 0.1.0
 */
export const float64Curve = ({ problem, direction, judgement }: Report): E.Either<Failure, ReadonlyArray<Off>> => {
  const { calculus, program, point, cotangent } = problem
  const f = evaluated(F64, calculus, program)
  const at = (t: number): E.Either<Failure, number> =>
    E.map(({ outputs }: { readonly outputs: ReadonlyArray<ArrayLike<number>> }) =>
      weighed(
        F64,
        outputs.map((y): Numbers => Array.from(y)),
        cotangent,
      ),
    )(f(point.map((xs, i) => xs.map((x, j) => x + t * direction[i][j]))))
  const out: Array<Off> = []
  for (const exponent of EXPONENTS) {
    const h = 2 ** exponent
    const [after, before] = [at(h), at(-h)]
    if (E.isLeft(after)) return after
    if (E.isLeft(before)) return before
    out.push([h, Math.abs((after.right - before.right) / (2 * h) - judgement.analytic)])
  }
  return E.right(out)
}

/**
 * A line of a given slope through one of the points, over the steps of all.
 *
 * @category destructors
 * @since 0.1.0
 */
export const slopeThrough = (points: ReadonlyArray<Off>, [h0, y0]: Off, slope: number): ReadonlyArray<Off> =>
  points.map(([h]) => [h, y0 * (h / h0) ** slope] as const).filter(([, y]) => y > 0 && y < 1e300)
