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
import { blame } from './blame.js'
import { judge } from './classify.js'
import { directionOf, missProbability } from './directions.js'
import { type Examined, examine } from './examined.js'
import { describe } from './message.js'
import type { Blame, Judgement, Minimal, Report, Verdict } from './model.js'
import { complexStep } from './oracles/complexStep.js'
import { dotTest } from './oracles/dotTest.js'
import { prove } from './oracles/proof.js'
import { boundedTangent } from './oracles/rounding.js'
import { evaluated, type Numbers, type Problem, problemOf } from './problem.js'
import { reproducer } from './reproducer.js'
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
  readonly budget?: Partial<Budget>
  /** whether to look for a smallest example of what is wrong: yes unless given */
  readonly shrink?: boolean
}

/** What is worst comes first. */
const ORDER: ReadonlyArray<Verdict> = [
  'WRONG_RULE',
  'WRONG_SWEEP',
  'DISCONTINUITY',
  'KINK',
  'NOISY_FUNCTION',
  'ILL_CONDITIONED',
  'INCONCLUSIVE',
  'PASS',
  'VACUOUS',
]

const ratio = (difference: number, tolerance: number): number => (difference === 0 ? 0 : difference / tolerance)

/** The first tier: how far the complex step is from the sweep in float64, in tolerances; NaN where not finite. */
const probe = ({ problem, bounded }: Examined, direction: ReadonlyArray<Numbers>): E.Either<Failure, number> => {
  const step = complexStep(problem, direction)
  if (E.isLeft(step)) return step
  const tangent = boundedTangent(problem, direction)
  if (E.isLeft(tangent)) return tangent
  let analytic = 0
  let error = 0
  for (const [i, g] of bounded.entries())
    for (const [j, b] of g.entries()) {
      analytic += b.value * direction[i][j]
      error += b.error * Math.abs(direction[i][j])
    }
  return E.right(ratio(Math.abs(step.right - analytic), SAFETY * (error + 2 * tangent.right.error)))
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

interface Found {
  readonly judgement: Judgement
  readonly direction: ReadonlyArray<Numbers>
  readonly blame: Blame | null
}

const judged = (examined: Examined, direction: ReadonlyArray<Numbers>): E.Either<Failure, Found> => {
  const first = judge(examined, direction)
  if (E.isLeft(first)) return first
  if (first.right.verdict !== 'WRONG_RULE') return E.right({ judgement: first.right, direction, blame: null })
  const who = blame(examined, direction, first.right.step)
  if (E.isLeft(who)) return who
  // what disagrees without anybody to blame is a contradiction between the oracles, not a proof
  if (who.right === null) {
    const reason =
      'the sweep differs from the function, and every instruction conserves what it is given, as far as can be told'
    return E.right({ judgement: { ...first.right, verdict: 'INCONCLUSIVE', reason }, direction, blame: null })
  }
  const { verdict } = who.right
  const reason =
    verdict === 'WRONG_RULE'
      ? first.right.reason
      : 'the rules are right, and cotangents are not joined as they should be'
  return E.right({ judgement: { ...first.right, verdict, reason }, direction, blame: who.right })
}

/** A proof by intervals that the smallest program is wrong, where there is one. */
const proofOf = ({ calculus }: Problem, { program, point, cotangent, direction }: Minimal): Report['proof'] => {
  const inputs = program.inputs.map((_, i) => String(i))
  const small = problemOf(calculus, program, inputs, point, cotangent)
  const found = E.isLeft(small) ? small : prove(small.right, direction)
  return E.isLeft(found) ? null : found.right
}

/**
 * Verifies a recorded problem: the tiers after the first hygiene.
 *
 * @category verification
 * @since 0.1.0
 */
export const verifyRecorded = (
  { problem, instructions, elements }: Subject,
  { seed = 1, directions = 2, probes = 4, shrink: smaller = true }: VerifyOptions = {},
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

  let worstProbe = 0
  let suspect = 0
  for (let which = 0; which < Math.max(probes, 0); which++) {
    const off = probe(examined, along(which))
    if (E.isLeft(off)) return off
    if (off.right > worstProbe || Number.isNaN(off.right)) {
      worstProbe = Number.isNaN(off.right) ? worstProbe : off.right
      suspect = which
    }
  }
  // what looks worst is judged first; then those of both kinds in turn
  const order = [
    ...new Set([...(worstProbe > 1 ? [suspect] : []), ...Array.from({ length: Math.max(1, directions) }, (_, i) => i)]),
  ]
  const found: Array<Found> = []
  for (const which of order) {
    const one = judged(examined, along(which))
    if (E.isLeft(one)) return one
    found.push(one.right)
    if (one.right.judgement.verdict.startsWith('WRONG')) break
  }
  const worst = [...found].sort((a, b) => ORDER.indexOf(a.judgement.verdict) - ORDER.indexOf(b.judgement.verdict))[0]
  const affine = !nothing.right && !worst.judgement.verdict.startsWith('WRONG')
  const judgement: Judgement = affine
    ? {
        ...worst.judgement,
        verdict: 'WRONG_RULE',
        reason: 'the pullback of zero is not zero: a rule adds something of its own',
      }
    : worst.judgement
  const wrong = worst.blame !== null
  const minimal: E.Either<Failure, Minimal | null> =
    wrong && smaller ? shrink(problem, worst.blame as Blame) : E.right(null)
  const example = E.isLeft(minimal) ? null : minimal.right
  const normal = Math.floor(found.length / 2)
  const report: Omit<Report, 'message'> = {
    verdict: judgement.verdict,
    seed,
    value: examined.value,
    judgement,
    direction: worst.direction,
    judgements: found.map((f) => f.judgement),
    probes: { count: probes, worst: worstProbe },
    dotTest: dot.right,
    // a Rademacher direction sees every single entry
    missProbability: found.length > normal ? 0 : missProbability(2 ** -20, normal),
    instructions,
    elements,
    blame: worst.blame,
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
