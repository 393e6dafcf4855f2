/**
 * Proofs that a gradient is wrong, without any tolerance, by the mean value theorem: over a segment on which a function
 * is smooth, its difference quotient is its derivative at some point in between. So
 *
 *     Q = (F(x + h u) - F(x - h u)) / 2h      meets      G = <g(X), u>,      X = the box around [x - h u, x + h u]
 *
 * where both are evaluated over intervals with outward rounding, and `g` is the recorded gradient: its cotangents and the
 * literals inside its rules are intervals too. If Q and G have no number in common, the gradient is wrong somewhere on the
 * segment, and by at least the gap between them (R. E. Moore, "Interval Analysis", 1966, chapters 4 and 6).
 *
 * Sound, because a segment leads to no conclusion unless
 *
 * - every value of the function is bounded over X: no pole is inside;
 * - every branch, of the function and of its gradient, comes out the same all over X (`decided.ts`).
 *
 * What is proved is about the tape, with its constants as they stand: a rule that says `ln 2` in one float64 is wrong in the
 * 17th digit, and nothing coarser than that is ever said about it. The rules of the library have such numbers in two parts.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Buffer, Interval, type IntervalNumber, interval } from '../../algebra/index.js'
import { type Evaluation, evaluate } from '../../engine/index.js'
import type { Failure } from '../../Failure.js'
import type { Table } from '../../primitive/Primitive.js'
import type { Program } from '../../Tape.js'
import { type Flat, type Numbers, type Problem, sweepOf, weighed } from '../problem.js'
import { bounded, decided, hasZero, isBounded, Tracked } from './decided.js'

type I = IntervalNumber

const { thin, hull, intersects, isThin, midpoint, width } = interval

// ------------------------------------------------------------------------------------------------- the refuter

/**
 * What a segment led to: a proof; nothing, because the two meet; or no conclusion, because a branch may change there, or
 * something is unbounded or undefined.
 *
 * @category model
 * @since 0.1.0
 */
export type Conclusion = 'refuted' | 'consistent' | 'branches' | 'unbounded'

/**
 * One segment: `x ± step u`.
 *
 * @category model
 * @since 0.1.0
 */
export interface Segment {
  readonly step: number
  readonly conclusion: Conclusion
  /** Q, which has the derivative at some point of the segment in it; NAI without conclusion */
  readonly quotient: IntervalNumber
  /** G, which has the gradient's at every point of the segment in it; NAI without conclusion */
  readonly derivative: IntervalNumber
}

/**
 * What is proved, and what is known besides.
 *
 * @category model
 * @since 0.1.0
 */
export interface Refutation {
  /** the segment on which the gradient is proved wrong */
  readonly proof: Segment | null
  /** the least by which it is wrong there: the gap between Q and G; 0 without a proof */
  readonly gap: number
  /** every segment that was looked at, in order */
  readonly segments: ReadonlyArray<Segment>
  /** the derivative that the tape gives at the point itself, without rounding */
  readonly enclosure: IntervalNumber
  /** how many of its digits are certain */
  readonly digits: number
}

/** Most proofs come at steps of which neither rounding, `2^-53 F / h`, nor the box, `h F''`, spoils much. */
const EXPONENTS: ReadonlyArray<number> = [22, 26, 30, 18, 34, 14, 10]

/**
 * How many decimal digits two ends agree in: `-log10` of half the width over the middle, from 0 to 16.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { interval } from 'wengert/algebra'
 * import { certainDigits } from 'wengert/verify'
 *
 * assert.strictEqual(Math.round(certainDigits(interval.make(3.14, 3.142))), 3)
 * assert.strictEqual(certainDigits(interval.make(-1, 2)), 0)
 * ```
 *
 * @category destructors
 * @since 0.1.0
 */
export const certainDigits = (x: IntervalNumber): number => {
  if (!isBounded(x) || (hasZero(x) && !isThin(x))) return 0
  return isThin(x) ? 16 : Math.min(16, Math.max(0, -Math.log10(width(x) / 2 / Math.abs(midpoint(x)))))
}

const NO = { quotient: interval.NAI, derivative: interval.NAI }

type Run = (inputs: ReadonlyArray<ReadonlyArray<I>>) => E.Either<Failure, Evaluation<I>>

const weighedBy = (g: ReadonlyArray<Buffer<I>>, direction: ReadonlyArray<Numbers>): I => {
  let total = thin(0)
  // what does not move does not matter, however unbounded it is
  for (let i = 0; i < g.length; i++)
    for (let j = 0; j < g[i].length; j++)
      if (direction[i][j] !== 0) total = Interval.add(total, Interval.mul(g[i][j], thin(direction[i][j])))
  return total
}

interface Runs {
  readonly table: Table
  readonly program: Flat
  readonly values: Run
  /** the results and the gradient, of the parameters and the cotangents */
  readonly sweep: Program
  readonly gradients: Run
  readonly cotangents: ReadonlyArray<ReadonlyArray<I>>
}

const runsOf = (problem: Problem): E.Either<Failure, Runs> => {
  const { calculus, program, cotangent } = problem
  const sweep = sweepOf(problem)
  if (E.isLeft(sweep)) return sweep
  const both: Program = { ...sweep.right.program, outputs: [...sweep.right.results, ...sweep.right.gradient] }
  const values = evaluate(Tracked, calculus.table)(program)
  if (E.isLeft(values)) return values
  const gradients = evaluate(Tracked, calculus.table)(both)
  if (E.isLeft(gradients)) return gradients
  const cotangents = cotangent.map((c) => c.map(thin))
  return E.right({
    table: calculus.table,
    program,
    values: values.right,
    sweep: both,
    gradients: gradients.right,
    cotangents,
  })
}

/** The gradient over a box, or why there is none. */
const gradientOver = (runs: Runs, box: ReadonlyArray<ReadonlyArray<I>>): ReadonlyArray<Buffer<I>> | Conclusion => {
  const result = runs.gradients([...box, ...runs.cotangents])
  if (E.isLeft(result)) return 'branches'
  if (!bounded(runs.program, result.right)) return 'unbounded'
  if (!decided(runs.table, runs.sweep, result.right)) return 'branches'
  return result.right.outputs.slice(runs.program.outputs.length)
}

const valueAt = (runs: Runs, problem: Problem, end: ReadonlyArray<ReadonlyArray<I>>): I | Conclusion => {
  const result = runs.values(end)
  if (E.isLeft(result)) return 'branches'
  if (!decided(runs.table, runs.program, result.right)) return 'branches'
  return weighed(Interval, result.right.outputs, problem.cotangent)
}

const segmentOf = (runs: Runs, problem: Problem, direction: ReadonlyArray<Numbers>, step: number): Segment => {
  const none = (conclusion: Conclusion): Segment => ({ step, conclusion, ...NO })
  const end = (t: number) =>
    problem.point.map((xs, i) => xs.map((x, j) => Interval.add(thin(x), Interval.mul(thin(t), thin(direction[i][j])))))
  const [low, high] = [end(-step), end(step)]
  const g = gradientOver(
    runs,
    low.map((xs, i) => xs.map((x, j) => hull(x, high[i][j]))),
  )
  if (typeof g === 'string') return none(g)
  const derivative = weighedBy(g, direction)
  const [below, above] = [valueAt(runs, problem, low), valueAt(runs, problem, high)]
  if (typeof below === 'string') return none(below)
  if (typeof above === 'string') return none(above)
  const quotient = Interval.div(Interval.sub(above, below), thin(2 * step))
  if (!isBounded(quotient) || !isBounded(derivative)) return none('unbounded')
  return { step, conclusion: intersects(quotient, derivative) ? 'consistent' : 'refuted', quotient, derivative }
}

/**
 * Tries to prove the gradient of a problem wrong, on segments through its point with steps of `2^-10` to `2^-34` of its size.
 * No proof means nothing; a proof is one whatever rounding did.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import * as E from 'fp-ts/lib/Either.js'
 * import { map, record, sin, spec, type Var } from 'wengert'
 * import { primitives } from 'wengert/primitive'
 * import { refute, problemOf } from 'wengert/verify'
 *
 * const calculus = { table: primitives, accumulate: (v, a, b) => v.add(a, b) } as Parameters<typeof problemOf>[0]
 * // someone gave sin the derivative of abs
 * const wrong = { ...calculus, table: { ...primitives, sin: { ...primitives.sin, derivative: primitives.abs.derivative } } }
 *
 * type X = Var<readonly []>
 * const model = ([x]: readonly [X]) => map((y: X) => [y] as const)(sin(x))
 * const refuted = (c: typeof calculus) => {
 *   const program = record(model, { calculus: c })([spec([])])
 *   assert.ok(E.isRight(program))
 *   const problem = problemOf(c, program.right, ['x'], [[1]], [[1]])
 *   const found = E.isRight(problem) ? refute(problem.right, [[1]]) : problem
 *   assert.ok(E.isRight(found))
 *   return found.right
 * }
 * assert.ok(refuted(wrong as typeof calculus).proof !== null)
 * assert.ok(refuted(calculus).proof === null && refuted(calculus).digits > 15)
 * ```
 *
 * @category oracles
 * @since 0.1.0
 */
export const refute = (problem: Problem, direction: ReadonlyArray<Numbers>): E.Either<Failure, Refutation> => {
  const runs = runsOf(problem)
  if (E.isLeft(runs)) return runs
  const scale = 2 ** Math.ceil(Math.log2(Math.max(1, ...problem.point.flat().map(Math.abs))))
  const segments: Array<Segment> = []
  let proof: Segment | null = null
  for (const exponent of EXPONENTS) {
    const segment = segmentOf(runs.right, problem, direction, scale * 2 ** -exponent)
    segments.push(segment)
    if (segment.conclusion !== 'refuted') continue
    proof = segment
    break
  }
  const here = gradientOver(
    runs.right,
    problem.point.map((xs) => xs.map(thin)),
  )
  const enclosure = typeof here === 'string' ? interval.NAI : weighedBy(here, direction)
  const gap =
    proof === null ? 0 : Math.max(proof.quotient.lo - proof.derivative.hi, proof.derivative.lo - proof.quotient.hi)
  return E.right({ proof, gap, segments, enclosure, digits: certainDigits(enclosure) })
}

/**
 * Every entry of the gradient that a problem's tape gives, enclosed; NAI where a branch is in doubt or a value unbounded.
 *
 * @category oracles
 * @since 0.1.0
 */
export const encloseGradient = (problem: Problem): E.Either<Failure, ReadonlyArray<ReadonlyArray<IntervalNumber>>> => {
  const runs = runsOf(problem)
  if (E.isLeft(runs)) return runs
  const g = gradientOver(
    runs.right,
    problem.point.map((xs) => xs.map(thin)),
  )
  return E.right(problem.point.map((xs, i) => xs.map((_, j) => (typeof g === 'string' ? interval.NAI : g[i][j]))))
}
