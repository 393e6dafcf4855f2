/**
 * Which entry of a wrong gradient is wrong.
 *
 * Where float64 shows it and entries are not too many, the one that is furthest off of all: a complex step along each of them,
 * many in one evaluation, is held against the sweep with the error bounds of both.
 *
 * Otherwise one that is wrong, in `O(log N)` differences instead of one for each of `N` entries. The residual
 * `r(u) = <g, u> - D_u F` is linear in the direction. With `u` masked to one half of the entries, and again, the half with the
 * larger residual is followed, and the other half's is what remains: each level costs one difference. Random signs keep
 * errors from cancelling for long; where they do all the same, the search ends at a residual within its error, and says
 * nothing.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { DoubleDouble } from '../algebra/index.js'
import { SAFETY } from '../algebra/tolerance.js'
import type { Failure } from '../Failure.js'
import type { Examined } from './examined.js'
import type { WrongEntry } from './model.js'
import { complexSteps } from './oracles/complexStep.js'
import { ladder } from './oracles/ladder.js'
import { lineOf } from './oracles/line.js'
import { indexIn, type Numbers, weighed } from './problem.js'

/** Up to so many entries are looked at one by one. */
const FEW = 4096

/** So many of them share an evaluation. */
const LANES = 32

/** The entry that is furthest off by complex steps, counted through all parameters; `null` where all are within their bounds. */
const furthest = ({ problem, bounded }: Examined): E.Either<Failure, number | null> => {
  const entries = bounded.flat()
  const unit = (place: number): ReadonlyArray<Numbers> => {
    let at = 0
    return bounded.map((g) => g.map(() => (at++ === place ? 1 : 0)))
  }
  let worst: number | null = null
  let most = 0
  for (let start = 0; start < entries.length; start += LANES) {
    const lanes = entries.slice(start, start + LANES)
    const steps = complexSteps(
      problem,
      lanes.map((_, l) => unit(start + l)),
    )
    if (E.isLeft(steps)) return steps
    for (const [l, { derivative, error }] of steps.right.entries()) {
      const off = Math.abs(derivative - lanes[l].value)
      if (off > most && off > SAFETY * (error + lanes[l].error)) {
        worst = start + l
        most = off
      }
    }
  }
  return E.right(worst)
}

interface Residual {
  readonly value: number
  readonly error: number
}

/**
 * The entry that is furthest off, or one that contributes to a wrong derivative along a direction, as far as bisection tells.
 *
 * @category blame
 * @since 0.1.0
 */
export const wrongEntry = (
  examined: Examined,
  direction: ReadonlyArray<Numbers>,
): E.Either<Failure, WrongEntry | null> => {
  const { problem, exact, rounding } = examined
  const sizes = direction.map((u) => u.length)
  const count = sizes.reduce((n, k) => n + k, 0)
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((n, k) => n + k, 0))
  const masked = (from: number, to: number): ReadonlyArray<Numbers> =>
    direction.map((u, i) => u.map((x, j) => (starts[i] + j >= from && starts[i] + j < to ? x : 0)))
  const slopeOn = (from: number, to: number): E.Either<Failure, (Residual & { readonly reference: number }) | null> => {
    const u = masked(from, to)
    const line = lineOf(problem, u)
    if (E.isLeft(line)) return line
    const { best } = ladder(line.right, line.right.sample(0), line.right.precision * rounding.noise)
    if (best === null) return E.right(null)
    const off = DoubleDouble.sub(weighed(DoubleDouble, exact, u), best.value)
    return E.right({ value: off.hi, error: 10 * best.error, reference: best.value.hi })
  }
  const bisected = (): E.Either<Failure, number | null> => {
    const whole = slopeOn(0, count)
    if (E.isLeft(whole) || whole.right === null) return whole as E.Either<Failure, null>
    let [from, to] = [0, count]
    let here: Residual = whole.right
    while (to - from > 1) {
      const middle = (from + to) >> 1
      const half = slopeOn(from, middle)
      if (E.isLeft(half)) return half
      if (half.right === null) return E.right(null)
      const { value, error } = half.right
      const rest: Residual = { value: here.value - value, error: here.error + error }
      if (Math.abs(value) >= Math.abs(rest.value)) [to, here] = [middle, { value, error }]
      else [from, here] = [middle, rest]
      if (!(Math.abs(here.value) > here.error)) return E.right(null)
    }
    return E.right(from)
  }
  const one = count <= FEW ? furthest(examined) : E.right(null)
  if (E.isLeft(one)) return one
  const found = one.right === null ? bisected() : one
  if (E.isLeft(found) || found.right === null) return found as E.Either<Failure, null>
  const from = found.right
  const leaf = starts.findLastIndex((start, i) => start <= from && sizes[i] > 0)
  const place = from - starts[leaf]
  const last = slopeOn(from, from + 1)
  if (E.isLeft(last) || last.right === null) return last as E.Either<Failure, null>
  if (!(Math.abs(last.right.value) > last.right.error)) return E.right(null)
  return E.right({
    path: problem.paths[leaf],
    index: indexIn(problem.program.inputs[leaf].shape, place),
    given: exact[leaf][place].hi,
    expected: last.right.reference / direction[leaf][place],
    worst: one.right !== null,
  })
}
