/**
 * The Taylor test, repaired. If `g` is the derivative of `F` along `u`, then of the remainders
 *
 *     R0(h) = |F(h) - F(0)|,      R1(h) = |F(h) - F(0) - h g|
 *
 * the second shrinks by orders faster: R1 is of order `h²`, of a higher one at an inflexion, and of order `h` if `g` is wrong.
 *
 * As it is commonly done (P. E. Farrell, D. A. Ham, S. W. Funke, M. E. Rognes, "Automated derivation of the adjoint of
 * high-level transient finite element programs", SIAM J. Sci. Comput. 35, 2013), with four steps, one direction and a rate of
 * "more than 1.9", it fails linear functions, whose remainders are rounding errors, and passes errors of the lucky sign, of
 * which the rates first drift above 2. Here
 *
 * - values are double-double, and remainders below 32 times their noise are discarded; if all of them are, the function
 *   is affine and the gradient exact;
 * - both `u` and `-u` must pass, since an error that helps one of them hurts the other;
 * - the rate is the median slope between pairs of points (H. Theil, 1950; P. K. Sen, 1968), near the small end of the
 *   longest run of steps in which R1 shrinks, where an error shows first; it must be an integer, 2 or more;
 * - it is measured what error would have passed.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { DoubleDouble } from '../../algebra/index.js'
import type { Failure } from '../../Failure.js'
import { evaluated, type Numbers, type Problem, sweepOf, weighed } from '../problem.js'
import { type Line, lineOf, sameBranches } from './line.js'
import { roundingOf } from './rounding.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface Remainder {
  /** signed: along `-u` it is negative */
  readonly step: number
  readonly r0: number
  readonly r1: number
}

/**
 * One side of the point.
 *
 * @category model
 * @since 0.1.0
 */
export interface TaylorSide {
  /** what is above the noise, largest step first */
  readonly remainders: ReadonlyArray<Remainder>
  /** how many were discarded as noise */
  readonly discarded: number
  /** the order of R1; NaN without six points */
  readonly rate: number
  readonly verdict: TaylorVerdict
}

/**
 * - `exact`: nothing is left of R1 but noise: the function is affine along the direction, and its gradient right
 * - `passes`, `fails`: the rate is an integer of 2 or more, or tends to 1
 * - `inconclusive`: fewer than six points on one smooth piece, or a rate that is no integer
 *
 * @category model
 * @since 0.1.0
 */
export type TaylorVerdict = 'exact' | 'passes' | 'fails' | 'inconclusive'

/**
 * @category model
 * @since 0.1.0
 */
export interface TaylorReport {
  readonly verdict: TaylorVerdict
  readonly along: TaylorSide
  readonly against: TaylorSide
  /** the derivative along the direction that was tested */
  readonly derivative: number
  /** an error of the derivative of this size and more, of either sign, would not have passed */
  readonly resolution: number
}

/** Halvings of the size of the point. */
const HALVINGS = 40

const POINTS = 6

interface Raw {
  readonly step: number
  readonly r0: number
  /** signed */
  readonly r1: number
}

/** The longest run in which the remainders shrink with the step. */
const monotone = (points: ReadonlyArray<Raw>): ReadonlyArray<Raw> => {
  let longest: ReadonlyArray<Raw> = []
  let run: ReadonlyArray<Raw> = []
  for (const point of points) {
    const last = run[run.length - 1]
    run = last !== undefined && Math.abs(point.r1) < Math.abs(last.r1) ? [...run, point] : [point]
    if (run.length >= longest.length) longest = run
  }
  return longest
}

/** The median slope of `log R1` over `log h` between all pairs. */
const rateOf = (points: ReadonlyArray<Raw>): number => {
  const slopes = points.flatMap((p, i) =>
    points.slice(i + 1).map((q) => Math.log2(Math.abs(p.r1 / q.r1)) / Math.log2(Math.abs(p.step / q.step))),
  )
  slopes.sort((a, b) => a - b)
  const middle = slopes.length >> 1
  return slopes.length % 2 === 1 ? slopes[middle] : (slopes[middle - 1] + slopes[middle]) / 2
}

/** One side, with the derivative moved by `by`. */
const sideOf = (all: ReadonlyArray<Raw>, noise: number, by: number): TaylorSide => {
  const moved = all.map((p) => ({ ...p, r1: p.r1 - by * p.step }))
  const loud = moved.filter(({ r1 }) => Math.abs(r1) >= 32 * noise)
  const side = {
    remainders: loud.map(({ step, r0, r1 }) => ({ step, r0: Math.abs(r0), r1: Math.abs(r1) })),
    discarded: all.length - loud.length,
  }
  if (loud.length === 0 && all.length >= POINTS) return { ...side, rate: Number.NaN, verdict: 'exact' }
  const tail = monotone(loud).slice(-POINTS)
  if (tail.length < POINTS) return { ...side, rate: Number.NaN, verdict: 'inconclusive' }
  const rate = rateOf(tail)
  const integer = Math.abs(rate - Math.round(rate)) <= 0.1
  // a wrong gradient tends to order 1; between two orders of a right one the rate may fall below 2, and then rises again
  const first = rate < 1.5 && rateOf(tail.slice(-POINTS / 2)) < 1.5
  return { ...side, rate, verdict: first ? 'fails' : integer && rate > 1.5 ? 'passes' : 'inconclusive' }
}

const joined = (a: TaylorVerdict, b: TaylorVerdict): TaylorVerdict =>
  (['fails', 'inconclusive', 'passes', 'exact'] as const).find((verdict) => a === verdict || b === verdict) ?? 'exact'

const rawOf = (line: Line, derivative: ReturnType<typeof DoubleDouble.literal>, sign: 1 | -1): ReadonlyArray<Raw> => {
  const { sub, mul, literal } = DoubleDouble
  const base = line.sample(0)
  const out: Array<Raw> = []
  for (let i = 1; i <= HALVINGS; i++) {
    const step = sign * line.scale * 2 ** -i
    const { value, signature, finite } = line.sample(step)
    if (!finite || !base.finite || !sameBranches(signature, base.signature)) continue
    const rise = sub(value, base.value)
    out.push({ step, r0: rise.hi, r1: sub(rise, mul(literal(step), derivative)).hi })
  }
  return out
}

/**
 * Tests the gradient of a problem along a direction and against it.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import * as E from 'fp-ts/lib/Either.js'
 * import { map, record, sin, spec, type Var } from 'wengert'
 * import { primitives } from 'wengert/primitive'
 * import { problemOf, taylorTest } from 'wengert/verify'
 *
 * const calculus = { table: primitives, accumulate: (v, a, b) => v.add(a, b) } as Parameters<typeof problemOf>[0]
 * type X = Var<readonly []>
 * const model = ([x]: readonly [X]) => map((y: X) => [y] as const)(sin(x))
 * const program = record(model, { calculus })([spec([])])
 * assert.ok(E.isRight(program))
 * const problem = problemOf(calculus, program.right, ['x'], [[1]], [[1]])
 * assert.ok(E.isRight(problem))
 * const report = taylorTest(problem.right, [[1]])
 * assert.ok(E.isRight(report) && report.right.verdict === 'passes' && report.right.resolution < 1e-9)
 * ```
 *
 * @category oracles
 * @since 0.1.0
 */
export const taylorTest = (problem: Problem, direction: ReadonlyArray<Numbers>): E.Either<Failure, TaylorReport> => {
  const { calculus, point, cotangent } = problem
  const sweep = sweepOf(problem)
  if (E.isLeft(sweep)) return sweep
  const rounding = roundingOf(problem, sweep.right)
  if (E.isLeft(rounding)) return rounding
  const lined = lineOf(problem, direction)
  if (E.isLeft(lined)) return lined
  const line = lined.right
  const swept = { ...sweep.right.program, outputs: [...sweep.right.results, ...sweep.right.gradient] }
  const run = evaluated(DoubleDouble, calculus, swept)([...point, ...cotangent])
  if (E.isLeft(run)) return run
  const count = sweep.right.results.length
  const derivative = weighed(DoubleDouble, run.right.outputs.slice(count), direction)
  const values = run.right.outputs.slice(0, count)
  const weight = values.reduce(
    (sum, y, i) => sum + cotangent[i].reduce((s, c, j) => s + Math.abs(c * y[j].hi), 0) * y.length,
    0,
  )
  const noise = line.precision * rounding.right.noise + 2 ** -104 * weight
  const [along, against] = [rawOf(line, derivative, 1), rawOf(line, derivative, -1)]
  const judged = (by: number): TaylorVerdict =>
    joined(sideOf(along, noise, by).verdict, sideOf(against, noise, by).verdict)
  const verdict = judged(0)
  const clean = (by: number): boolean =>
    ['passes', 'exact'].includes(judged(by)) || ['passes', 'exact'].includes(judged(-by))
  let resolution = Number.POSITIVE_INFINITY
  if (verdict === 'passes' || verdict === 'exact') {
    const size = 2 ** Math.ceil(Math.log2(Math.max(Math.abs(derivative.hi), 2 ** -200)))
    for (let e = 0; e <= 110 && !clean(size * 2 ** -e); e++) resolution = size * 2 ** -e
  }
  return E.right({
    verdict,
    along: sideOf(along, noise, 0),
    against: sideOf(against, noise, 0),
    derivative: derivative.hi,
    resolution,
  })
}
