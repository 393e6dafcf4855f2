/**
 * Says what is the matter with a derivative along a direction: a wrong rule, or a function that is ill-conditioned, kinked,
 * discontinuous or noisy there.
 *
 * Three numbers decide. `g64` is the sweep in float64, `gdd` the same sweep in double-double, and `fd` comes from differences of
 * the function's values in double-double, with an error `e` of its own, so it knows nothing of any rule.
 *
 * - `gdd` and `fd` differ by more than their errors: something is wrong, whatever the conditioning.
 * - they agree, and `g64` is far from `gdd`: the rules are right and float64 is not enough.
 * - no two steps stay on one smooth piece: a kink, or a jump where the one-sided limits differ.
 *
 * Tolerances. `gdd` is off by the first-order bound of `ErrorBound` at the accuracy of double-double; `fd` by `e`, which is an
 * estimate and is multiplied by 10; sums of `n` products by `n 2^-104` of the sum of their sizes. What is not finite is never
 * close to anything.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type DoubleDoubleNumber as DD, DoubleDouble, F64, UNIT } from '../algebra/index.js'
import { BLUNT } from '../algebra/tolerance.js'
import { evaluate } from '../engine/index.js'
import type { Failure } from '../Failure.js'
import { digitsLost, type Examined, SUMMING, sweptAlong } from './examined.js'
import type { Judgement, KinkFacts, Verdict } from './model.js'
import { contradiction, type Ladder, ladder, type Side, side } from './oracles/ladder.js'
import { type Line, lineOf, type Sample } from './oracles/line.js'
import { measuredNoise } from './oracles/noise.js'
import { at, evaluated, type Numbers, nameOf, type Problem, type Sweep, weighed } from './problem.js'

/** Float64 has lost more than half of its digits: what is left is less than single precision. */
const HALF = 2 ** -26.5

/** The relative mistake that a PASS excludes at least: 2^-41, or 4.5e-13; most exclude far smaller ones. */
const RESOLUTION = 2 ** -41

const between = (x: number, a: number, b: number, slack: number): boolean =>
  x >= Math.min(a, b) - slack && x <= Math.max(a, b) + slack

const differ = (x: DD, y: DD, slack: number): boolean => !(Math.abs(DoubleDouble.sub(x, y).hi) <= slack)

/** What happens where no difference can be taken across: one-sided slopes and limits. */
const atBranches = (
  line: Line,
  base: Sample,
  noise: number,
  exact: number,
  slack: number,
): { readonly verdict: Verdict; readonly reason: string; readonly facts: KinkFacts; readonly slope: Side | null } => {
  const [left, right] = [side(line, -1, noise), side(line, 1, noise)]
  const facts: KinkFacts = {
    left: left?.slope.hi ?? null,
    right: right?.slope.hi ?? null,
    limits: [left?.limit.hi ?? null, base.value.hi, right?.limit.hi ?? null],
    contained:
      left === null || right === null
        ? null
        : between(exact, left.slope.hi, right.slope.hi, slack + 10 * (left.error + right.error)),
  }
  const limits = [left, right].filter((s) => s !== null)
  const jumps =
    limits.some((s) => differ(s.limit, base.value, 10 * s.limitError + 4 * noise)) ||
    (left !== null && right !== null && differ(left.limit, right.limit, 10 * (left.limitError + right.limitError)))
  if (jumps)
    return {
      verdict: 'DISCONTINUITY',
      reason: 'the function jumps at this point: its limits differ',
      facts,
      slope: null,
    }
  if (left !== null && right !== null && !differ(left.slope, right.slope, 10 * (left.error + right.error)))
    return {
      verdict: 'PASS',
      reason: 'a branch changes here, and the slopes on both sides are equal',
      facts,
      slope: right,
    }
  return {
    verdict: 'KINK',
    reason:
      facts.contained === null
        ? 'branches change at this point and as close to it as differences reach'
        : `the slopes on both sides differ; the derivative given is ${facts.contained ? 'between them, a subgradient' : 'not between them'}`,
    facts,
    slope: null,
  }
}

/** A coarse difference that a noise level leaves something of, for functions whose values are rough. */
const coarse = (line: Line, noise: number): { readonly value: number; readonly error: number } => {
  let best = { value: Number.NaN, error: Number.POSITIVE_INFINITY }
  let last = Number.NaN
  for (let exponent = 1; exponent <= 20; exponent++) {
    const h = line.scale * 2 ** -exponent
    const value = DoubleDouble.sub(line.sample(h).value, line.sample(-h).value).hi / (2 * h)
    const error = Math.abs(value - last) + (4 * noise) / h
    if (error < best.error) best = { value, error }
    last = value
  }
  return best
}

/** The instruction whose rule is the first to hand on something that is not finite. */
const firstNotFinite = (problem: Problem, { program, adjoint }: Sweep): string | null => {
  const values = evaluated(F64, problem.calculus, program)([...problem.point, ...problem.cotangent])
  if (E.isLeft(values)) return null
  const first = adjoint.contributions.find(({ value }) =>
    Array.from(values.right.value(value.id) as ArrayLike<number>).some((x) => !Number.isFinite(x)),
  )
  return first === undefined ? null : nameOf(problem, at(program, first.instruction))
}

/**
 * Judges the derivative along a direction.
 *
 * @category destructors
 * @since 0.1.0
 */
export const judge = (examined: Examined, direction: ReadonlyArray<Numbers>): E.Either<Failure, Judgement> => {
  const { problem, sweep, bounded, rounding, weight, lostDigitsOfValue, sameBranches: branchesAgree } = examined
  const lined = lineOf(problem, direction)
  if (E.isLeft(lined)) return lined
  const line = lined.right
  const base = line.sample(0)
  const g64 = bounded.map((g) => g.map(({ value }) => value))
  const analytic = weighed(F64, g64, direction)
  const { exact: gdd, lost, size, slack } = sweptAlong(examined, direction, line.precision)
  const noise = line.precision * rounding.noise + SUMMING * weight
  // two things round besides the operations: the point moved along the line, and the sum of the weighed results
  const moved = problem.point.reduce((sum, xs, i) => sum + xs.reduce((s, x, j) => s + Math.abs(x * g64[i][j]), 0), 0)
  const predicted = rounding.noise + UNIT * (moved + weight)
  let climbed: Ladder = ladder(line, base, noise)
  // before a disagreement is believed, smaller steps have to confirm it
  for (let found = climbed.best; found !== null; found = climbed.best) {
    const gap = Math.abs(DoubleDouble.sub(gdd, found.value).hi)
    if (!(gap > 10 * found.error + slack)) break
    const from = contradiction(line, base, noise, found, gap)
    if (from === null) break
    climbed = ladder(line, base, noise, from)
  }
  const values = evaluate(F64, problem.calculus.table)(problem.program)
  const noisy = (): number | null => {
    if (E.isLeft(values)) return null
    const f = (t: number): number => {
      const result = values.right(problem.point.map((xs, i) => xs.map((x, j) => x + t * direction[i][j])))
      return E.isLeft(result) ? Number.NaN : weighed(F64, result.right.outputs, problem.cotangent)
    }
    return measuredNoise(f, line.scale * 2 ** -20)
  }
  const measured = base.finite ? noisy() : null
  /** hidden rounding: rough values, of which coarse differences agree with the sweep */
  const rough = (): boolean => {
    if (measured === null || !(measured > 100 * predicted)) return false
    const { value, error } = coarse(line, measured)
    return Math.abs(value - gdd.hi) <= 10 * error
  }
  const said = (verdict: Verdict, reason: string, more: Partial<Judgement> = {}): E.Either<Failure, Judgement> =>
    E.right({
      verdict,
      reason,
      analytic,
      exact: gdd.hi,
      reference: climbed.best?.value.hi ?? Number.NaN,
      referenceError: climbed.best?.error ?? Number.NaN,
      step: climbed.best?.step ?? Number.NaN,
      difference: Number.NaN,
      tolerance: Number.NaN,
      lostDigits: digitsLost(lost, size),
      lostDigitsOfValue,
      predictedNoise: predicted,
      measuredNoise: measured,
      branching: climbed.branches,
      kink: null,
      curve: climbed.rungs.map(({ step, value }) => ({ step, difference: Math.abs(DoubleDouble.sub(value, gdd).hi) })),
      ...more,
    })

  if (!base.finite) return said('INCONCLUSIVE', 'the value is not finite in double-double')
  if (!Number.isFinite(gdd.hi)) {
    const from = firstNotFinite(problem, sweep)
    const slope = climbed.best === null ? '' : `, although the function has the slope ${climbed.best.value.hi}`
    return said(
      'INCONCLUSIVE',
      `the gradient is not finite${from === null ? '' : `, from the rule of ${from} on`}${slope}`,
    )
  }
  let best: { readonly value: DD; readonly error: number } | null = climbed.best
  let facts: Partial<Judgement> = {}
  if (best === null) {
    if (climbed.branches === 0) return said('INCONCLUSIVE', 'no step around the point has finite values')
    const { verdict, reason, facts: kink, slope } = atBranches(line, base, noise, gdd.hi, slack)
    if (slope === null)
      return kink.left === null && kink.right === null && rough()
        ? said('NOISY_FUNCTION', NOISY, { kink })
        : said(verdict, reason, { kink })
    best = { value: slope.slope, error: slope.error }
    facts = { kink, reference: slope.slope.hi, referenceError: slope.error, step: slope.step }
  }
  const { value: fd, error: e } = best
  const difference = Math.abs(DoubleDouble.sub(gdd, fd).hi)
  const tolerance = 10 * e + (Number.isFinite(slack) ? slack : 0)
  const numbers = { ...facts, difference, tolerance }
  if (!Number.isFinite(difference) || !Number.isFinite(tolerance))
    return said('INCONCLUSIVE', 'a difference is not finite', numbers)
  if (!(e <= 2 ** -30 * Math.abs(fd.hi) + (2 ** -7 * predicted) / line.scale))
    return rough()
      ? said('NOISY_FUNCTION', NOISY, numbers)
      : said('INCONCLUSIVE', 'the differences do not converge', numbers)
  if (difference > tolerance) {
    if (!Number.isFinite(slack)) return said('INCONCLUSIVE', 'rounding errors have no finite bound here', numbers)
    if (facts.kink !== undefined)
      return said('KINK', 'branches change at this point, and the slopes differ from the sweep', numbers)
    if (rough()) return said('NOISY_FUNCTION', NOISY, numbers)
    return said('WRONG_RULE', 'the sweep differs from the function by more than both errors', numbers)
  }
  if (size === 0 && measured !== null && measured > 100 * predicted) return said('NOISY_FUNCTION', NOISY, numbers)
  if (size === 0) return said('VACUOUS', 'every derivative that was compared is zero', numbers)
  if (!Number.isFinite(lost) || !Number.isFinite(analytic))
    return said('ILL_CONDITIONED', 'the rules are right, and the gradient is not finite in float64', numbers)
  if (lost > HALF * size && lost > 2 * tolerance)
    return branchesAgree
      ? said(
          'ILL_CONDITIONED',
          'the rules are right, and float64 loses more than half of the digits of the gradient',
          numbers,
        )
      : said('KINK', 'float64 rounds the point onto another branch than exact arithmetic takes', numbers)
  if (lostDigitsOfValue > -Math.log10(HALF) && tolerance <= BLUNT * size)
    return said(
      'ILL_CONDITIONED',
      'the gradient is right, and float64 loses more than half of the digits of the value',
      numbers,
    )
  if (!(tolerance <= RESOLUTION * size))
    return said('INCONCLUSIVE', 'the sweep and the differences agree, too roughly to exclude a small mistake', numbers)
  if (rough()) return said('NOISY_FUNCTION', NOISY, numbers)
  return said('PASS', 'the sweep agrees with the function', numbers)
}

const NOISY = 'the values are noisier than the operations explain: something rounds or iterates within'
