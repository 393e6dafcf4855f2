/**
 * The complex step: `Im f(x + i h u) / h` is the derivative of `f` along `u` up to `h²`, and no difference is taken, so nothing
 * cancels and `h` can be as small as one likes (W. Squire, G. Trapp, "Using complex variables to estimate derivatives of
 * real functions", SIAM Review 40, 1998).
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { Complex } from '../../algebra/index.js'
import { evaluate } from '../../engine/index.js'
import type { Failure } from '../../Failure.js'
import { type Numbers, type Problem, weighed } from '../problem.js'

/**
 * The derivative of `<c, f(x)>` along a direction, with `h = 2^-80` times the size of the point.
 *
 * @category oracles
 * @since 0.1.0
 */
export const complexStep = (
  { calculus, program, point, cotangent }: Problem,
  direction: ReadonlyArray<Numbers>,
): E.Either<Failure, number> => {
  const run = evaluate(Complex, calculus.table)(program)
  if (E.isLeft(run)) return run
  const largest = Math.max(1, ...point.flat().map(Math.abs))
  const h = 2 ** (Math.ceil(Math.log2(largest)) - 80)
  const values = run.right(point.map((xs, i) => xs.map((x, j) => ({ re: x, im: h * direction[i][j] }))))
  return E.isLeft(values) ? values : E.right(weighed(Complex, values.right.outputs, cotangent).im / h)
}
