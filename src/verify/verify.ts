/**
 * Says whether the gradient of a model is right at a point, and if not, who is to blame.
 *
 * In tiers. T0: the model is recorded and evaluated twice, its results are finite reals, the pullback of nothing is nothing,
 * and both modes are adjoint. T1: complex steps along random directions. T2: the sweep in double-double against differences
 * of values in double-double, and what it means if they disagree (`classify.ts`). T3, only if the gradient is wrong: the
 * guilty instruction (`blame.ts`), the smallest program that shows it (`shrink.ts`), and a test (`reproducer.ts`).
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { F64 } from '../algebra/index.js'
import { SAFETY } from '../algebra/tolerance.js'
import { type Failure, fail } from '../Failure.js'
import { standard } from '../Program.js'
import type { Calculus } from '../primitive/Recorder.js'
import type { Reverse } from '../Reverse.js'
import { size } from '../Shape.js'
import type { Program } from '../Tape.js'
import type * as Tree from '../Tree.js'
import { leaves } from '../Tree.js'
import type { AnyVar } from '../Var.js'
import { alone } from './alone.js'
import { coveredBy } from './coverage.js'
import { directionOf, missProbability } from './directions.js'
import { wrongEntry } from './entry.js'
import { type Examined, examine } from './examined.js'
import { problemOf } from './held.js'
import { type Found, judged, worstOf } from './judged.js'
import { describe } from './message.js'
import type { Blame, Judgement, Minimal, Report } from './model.js'
import { complexSteps } from './oracles/complexStep.js'
import { dotTest } from './oracles/dotTest.js'
import { refute } from './oracles/interval.js'
import { evaluated, type Numbers, type Problem } from './problem.js'
import { reproducer } from './reproducer.js'
import { secondOrder } from './second.js'
import { shrink } from './shrink.js'
import { BUDGET, type Budget, type Subject, subjectOf } from './subject.js'

/**
 * How to verify. Everything random follows from `seed`, which is 1 unless given.
 *
 * @category model
 * @since 0.1.0
 */
export interface VerifyOptions {
  /** the rules to differentiate by; those of the library unless given */
  readonly calculus?: Calculus
  readonly seed?: number
  /** how many directions are judged in full: 2, one of each kind, unless given */
  readonly directions?: number
  /** how many directions are probed by complex steps first: 4 unless given */
  readonly probes?: number
  /** 2 to judge second derivatives as well, where first ones are not wrong: 1 unless given */
  readonly order?: 1 | 2
  readonly budget?: Partial<Budget>
  /** whether to look for a smallest example of what is wrong: yes unless given */
  readonly shrink?: boolean
}

/** An error in one entry this small a part of which is the tolerance: its chance of being missed is stated. */
const MISSED = 2 ** -20

const AFFINE = 'the pullback of zero is not zero: a rule adds something of its own'

const isWrong = ({ judgement }: Found): boolean => judgement.verdict.startsWith('WRONG')

const ratio = (difference: number, tolerance: number): number => (difference === 0 ? 0 : difference / tolerance)

/** The first tier: how far complex steps are from the sweep in float64, in tolerances; NaN where not finite. */
const probe = (
  { problem, bounded }: Examined,
  directions: ReadonlyArray<ReadonlyArray<Numbers>>,
): E.Either<Failure, Numbers> => {
  const steps = complexSteps(problem, directions)
  if (E.isLeft(steps)) return steps
  return E.right(
    steps.right.map(({ derivative, error: stepped }, l) => {
      let analytic = 0
      let error = 0
      for (const [i, g] of bounded.entries())
        for (const [j, b] of g.entries()) {
          analytic += b.value * directions[l][i][j]
          error += b.error * Math.abs(directions[l][i][j])
        }
      return ratio(Math.abs(derivative - analytic), SAFETY * (error + stepped))
    }),
  )
}

/** `vjp(0) = 0`: a pullback is linear, so of nothing it makes nothing. */
const pullsNothing = ({ problem: { calculus, point, cotangent }, sweep }: Examined): E.Either<Failure, boolean> => {
  const zero = evaluated(F64, calculus, sweep.program)([...point, ...cotangent.map((c) => c.map(() => 0))])
  return E.isLeft(zero)
    ? zero
    : E.right(
        sweep.gradient.every(({ id }) =>
          Array.from(zero.right.value(id) as ArrayLike<number>).every((x) => x === 0 || Number.isNaN(x)),
        ),
      )
}

/** A proof by intervals that the smallest program is wrong, where there is one. */
const proofOf = ({ calculus }: Problem, { program, point, cotangent, direction }: Minimal): Report['proof'] => {
  const inputs = program.inputs.map((_, i) => String(i))
  const small = problemOf(calculus, program, inputs, point, cotangent)
  const found = E.isLeft(small) ? small : refute(small.right, direction)
  return E.isLeft(found) ? null : found.right.proof
}

/**
 * Verifies a recorded problem: the tiers after the first hygiene.
 *
 * @category verification
 * @since 0.1.0
 */
export const verifyRecorded = (
  { problem, instructions, elements }: Subject,
  { seed = 1, directions = 2, probes = 4, shrink: smaller = true, order: depth = 1 }: VerifyOptions = {},
): E.Either<Failure, Report> => {
  const subject = examine(problem)
  if (E.isLeft(subject)) return subject
  const examined = subject.right
  const nothing = pullsNothing(examined)
  if (E.isLeft(nothing)) return nothing
  const sizes = problem.program.inputs.map(({ shape }) => size(shape))
  const along = (which: number): ReadonlyArray<Numbers> => directionOf(seed, which, sizes)
  const dot = dotTest(problem, examined.bounded, along(0))
  if (E.isLeft(dot)) return dot

  const probed = probe(
    examined,
    Array.from({ length: Math.max(probes, 0) }, (_, which) => along(which)),
  )
  if (E.isLeft(probed)) return probed
  const known = probed.right.map((off) => (Number.isNaN(off) ? 0 : off))
  const worstProbe = Math.max(0, ...known)
  const odd = probed.right.findIndex(Number.isNaN)
  const suspect = odd >= 0 ? odd : known.indexOf(worstProbe)
  // what looks worst is judged first; then those of both kinds in turn
  const order = [
    ...new Set([
      ...(worstProbe > 1 || odd >= 0 ? [suspect] : []),
      ...Array.from({ length: Math.max(1, directions) }, (_, i) => i),
    ]),
  ]
  const found: Array<Found> = []
  for (const which of order) {
    const one = judged(examined, along(which))
    if (E.isLeft(one)) return one
    found.push(one.right)
    if (isWrong(one.right)) break
  }
  const rules = isWrong(worstOf(found)) ? E.right(null) : alone(examined, seed)
  if (E.isLeft(rules)) return rules
  const single = rules.right?.wrong ?? null
  const first = single ?? worstOf(found)
  const affine = !nothing.right && !isWrong(first)
  const wrong = affine || isWrong(first)
  const again = depth === 2 && !wrong ? secondOrder(examined, seed, Math.max(1, directions)) : E.right(null)
  if (E.isLeft(again)) return again
  const worst = again.right === null ? first : worstOf([first, again.right.found])
  const judgement: Judgement = affine ? { ...worst.judgement, verdict: 'WRONG_RULE', reason: AFFINE } : worst.judgement
  const minimal: E.Either<Failure, Minimal | null> =
    worst.blame !== null && smaller ? shrink(worst.examined.problem, worst.blame) : E.right(null)
  const example = E.isLeft(minimal) ? null : minimal.right
  const entry = worst.blame === null || worst === single ? E.right(null) : wrongEntry(worst.examined, worst.direction)
  const covered = coveredBy(problem, examined.sweep, along(0))
  if (E.isLeft(covered)) return covered
  const weighed = problem.cotangent.flat().length > 1
  const report: Omit<Report, 'message'> = {
    verdict: judgement.verdict,
    seed,
    problem,
    value: examined.value,
    judgement,
    direction: worst.direction,
    judgements: found.map((f) => f.judgement),
    rules: rules.right === null ? null : { judged: rules.right.judged, right: rules.right.right },
    probes: { count: probes, worst: worstProbe },
    dotTest: dot.right,
    missProbability: missProbability(MISSED, {
      rademacher: Math.ceil(found.length / 2),
      normal: Math.floor(found.length / 2),
      weighed,
    }),
    instructions,
    elements,
    coverage: covered.right,
    second: again.right?.second ?? null,
    blame: worst.blame,
    entry: E.isLeft(entry) ? null : entry.right,
    minimal: example,
    proof: example === null ? null : proofOf(problem, example),
    reproducer: example === null ? null : reproducer(example, judgement.verdict, worst.blame as Blame),
  }
  return E.right({ ...report, message: describe(report) })
}

/**
 * Verifies the gradient of a model at a point. The result is data: a verdict, the numbers behind it, and a message; a wrong
 * gradient is no failure but the result.
 *
 * Results may be any tree of reals: several numbers are weighed with random ones. Fails as recording the model does, and with
 * a sentence for whatever cannot be verified: a model that throws or is not deterministic, integers among the parameters,
 * no parameters, values that are not finite, or too big a model.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { cos, customRule, mul, sin, sum, tensor, type Var } from 'wengert'
 * import { verifyGradient } from 'wengert/verify'
 *
 * type X = Var<readonly [3]>
 * const at = tensor([-1, 0.5, 2])
 * const right = verifyGradient((x: X) => sum(mul(x, sin(x))))(at)
 * assert(isRight(right) && right.right.verdict === 'PASS')
 *
 * // the sign of a derivative forgotten
 * const wave = customRule<X, X>({ name: 'wave', f: (x) => cos(x), vjp: ({ x, ct }) => mul(ct, sin(x)) })
 * const wrong = verifyGradient((x: X) => sum(mul(x, wave(x))))(at)
 * assert(isRight(wrong) && wrong.right.verdict === 'WRONG_RULE' && wrong.right.blame?.name === 'wave')
 * ```
 *
 * @category verification
 * @since 0.1.0
 */
export const verifyGradient =
  <P extends Tree.VarTree, Q extends Tree.VarTree>(model: (p: P) => Reverse<Q>, options: VerifyOptions = {}) =>
  (point: Tree.Inputs<P>): E.Either<Failure, Report> => {
    const { calculus = standard, seed = 1, directions = 2 } = options
    if (!Number.isInteger(directions) || directions < 1)
      return fail('InvalidArgument', `verifyGradient: directions must be at least 1, not ${directions}`)
    const subject = subjectOf(model as unknown as (p: never) => Reverse<Tree.VarTree>, point, {
      calculus,
      seed,
      budget: { ...BUDGET, ...options.budget },
    })
    return E.isLeft(subject) ? subject : verifyRecorded(subject.right, options)
  }

/**
 * Judges the derivative of a recorded program, such as a reproducer holds, along one direction. Its inputs and outputs are
 * taken in order.
 *
 * @category verification
 * @since 0.1.0
 */
export const verifyTape = (
  program: Program,
  at: {
    readonly point: ReadonlyArray<Numbers>
    readonly cotangent: ReadonlyArray<Numbers>
    readonly direction: ReadonlyArray<Numbers>
    readonly calculus?: Calculus
  },
): E.Either<Failure, Judgement> => {
  const inputs = leaves<AnyVar>(program.inputs)
  const flat = { ...program, inputs, outputs: leaves<AnyVar>(program.outputs) }
  const paths = inputs.map((_, i) => String(i))
  const problem = problemOf(at.calculus ?? standard, flat, paths, at.point, at.cotangent)
  if (E.isLeft(problem)) return problem
  const examined = examine(problem.right)
  if (E.isLeft(examined)) return examined
  const found = judged(examined.right, at.direction)
  return E.isLeft(found) ? found : E.right(found.right.judgement)
}
