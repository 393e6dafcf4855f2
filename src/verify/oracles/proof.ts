/**
 * A proof that a derivative is wrong, without any tolerance: by the mean value theorem the difference quotient of a function
 * over `[x - h u, x + h u]` is a value that its derivative along `u` takes in between, so it lies in the interval that the reverse
 * sweep gives over all of that segment. Both are computed with outward rounding. If they do not meet, the sweep is not that
 * of the function, whatever rounding did (R. E. Moore, "Interval Analysis", 1966).
 *
 * It concludes only where neither the program nor its sweep chooses between branches, since choices follow midpoints.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { Interval, type IntervalNumber, interval } from '../../algebra/index.js'
import { evaluate } from '../../engine/index.js'
import type { Failure } from '../../Failure.js'
import { needed } from '../../primitive/evaluate.js'
import type { Primitive, PrimitiveName, Table } from '../../primitive/Primitive.js'
import type { Program } from '../../Tape.js'
import { type Numbers, type Problem, sweepOf, weighed } from '../problem.js'

/**
 * Two intervals that would have to meet and do not.
 *
 * @category model
 * @since 0.1.0
 */
export interface Proof {
  readonly step: number
  /** what the function's values say, and what the sweep says of the whole segment */
  readonly quotient: IntervalNumber
  readonly derivative: IntervalNumber
}

/** From wide segments, over which values are told apart well, to narrow ones, over which derivatives are. */
const EXPONENTS: ReadonlyArray<number> = [10, 14, 18, 22, 26, 30]

const straight = (table: Table, program: Program): boolean =>
  needed(program).every(({ primitive, attributes }) =>
    primitive === 'call'
      ? straight(table, attributes.body as Program)
      : primitive !== 'select' && (table[primitive as PrimitiveName] as Primitive).branches === null,
  )

/**
 * Tries to refute a problem's sweep along a direction; `null` where it cannot.
 *
 * @category oracles
 * @since 0.1.0
 */
export const prove = (problem: Problem, direction: ReadonlyArray<Numbers>): E.Either<Failure, Proof | null> => {
  const { calculus, program, point, cotangent } = problem
  const sweep = sweepOf(problem)
  if (E.isLeft(sweep)) return sweep
  if (!straight(calculus.table, sweep.right.program)) return E.right(null)
  const values = evaluate(Interval, calculus.table)(program)
  if (E.isLeft(values)) return values
  const gradient = evaluate(Interval, calculus.table)({ ...sweep.right.program, outputs: sweep.right.gradient })
  if (E.isLeft(gradient)) return gradient
  const { add, sub, div, literal } = Interval
  const scale = 2 ** Math.ceil(Math.log2(Math.max(1, ...point.flat().map(Math.abs))))
  for (const exponent of EXPONENTS) {
    const h = scale * 2 ** -exponent
    const at = (t: number): ReadonlyArray<ReadonlyArray<IntervalNumber>> =>
      point.map((xs, i) => xs.map((x, j) => add(literal(x), literal(t * direction[i][j]))))
    const [low, high] = [at(-h), at(h)]
    const value = (xs: typeof low): IntervalNumber | null => {
      const result = values.right(xs)
      return E.isLeft(result) ? null : weighed(Interval, result.right.outputs, cotangent)
    }
    const [above, below] = [value(high), value(low)]
    const segment = low.map((xs, i) => xs.map((x, j) => interval.hull(x, high[i][j])))
    const swept = gradient.right([...segment, ...cotangent.map((c) => c.map(literal))])
    if (above === null || below === null || E.isLeft(swept)) return E.right(null)
    const quotient = div(sub(above, below), literal(2 * h))
    const derivative = weighed(Interval, swept.right.outputs, direction)
    // NaN bounds know nothing, and meet everything
    if (!interval.intersects(quotient, derivative)) return E.right({ step: h, quotient, derivative })
  }
  return E.right(null)
}
