/**
 * The modes agree: reverse, forward, dual numbers, the complex step and central differences give one derivative.
 *
 * The last three know nothing of the rules under test: the kernels are evaluated over another algebra, or only values are
 * used. So a rule that is wrong in forward and reverse alike is seen too.
 *
 * Everything is compared in directions, `<c, J u>`, with `u` and `c` small odd integers; for a single primitive `u` moves
 * one operand at a time, so the counterexample names the operand.
 *
 * @since 0.1.0
 */
import * as fc from 'fast-check'
import { type Bounded, ErrorBound, UNIT } from '../src/algebra/ErrorBound.js'
import { Complex, dual } from '../src/algebra/index.js'
import { bounded, compare, inner, testable } from '../src/algebra/tolerance.js'
import type { Program } from '../src/Tape.js'
import { type Drawn, directionAt, drawnModel, names, programs, resultOf, siteModel, sites } from './arbitrary/index.js'
import { differences } from './differences.js'
import { Broken, type Law, law, type Part, part, type Subject, type Tally } from './Law.js'
import {
  along,
  boundedResults,
  counts,
  describe,
  evaluator,
  type Model,
  type Numbers,
  pullback,
  pushforward,
  reals,
  recorded,
  results,
} from './Model.js'

/**
 * A model with a direction of its inputs and one of its results.
 *
 * @category model
 * @since 0.1.0
 */
export interface Directed {
  readonly model: Model
  readonly tangent: ReadonlyArray<Numbers>
  readonly cotangent: ReadonlyArray<Numbers>
}

/**
 * Complex arithmetic rounds up to this many times as often as dual arithmetic does: `atan` and `pow` by their polar form.
 *
 * @category constants
 * @since 0.1.0
 */
export const COMPLEX_COST = 16

/**
 * The step of the complex derivative. The truncation, `STEP^2 f''' / 6`, is below `STEP` unless `f'''` is beyond 2^200.
 *
 * @category constants
 * @since 0.1.0
 */
export const STEP = 2 ** -200

const Duals = dual(ErrorBound)

/** `<c, J u>` by evaluating the program over dual numbers. */
const byDuals = (subject: Subject, program: Program, { model, tangent, cotangent }: Directed): Bounded => {
  const { outputs } = evaluator(
    subject,
    Duals,
    program,
  )(
    model.point.map((xs, i) =>
      xs.map((x, j) => ({ primal: ErrorBound.literal(x), tangent: ErrorBound.literal(tangent[i][j]) })),
    ),
  )
  return inner(
    outputs.flat().map((d) => d.tangent),
    bounded(cotangent.flat()),
  )
}

/**
 * `<c, J u>` by the complex step. Its error is taken from the dual evaluation, which rounds in the same places, and one
 * rounding more for each result, since complex arithmetic also rounds where real arithmetic happens to be exact.
 */
const byComplexStep = (
  subject: Subject,
  program: Program,
  { model, tangent, cotangent }: Directed,
  like: Bounded,
): Bounded => {
  const { outputs } = evaluator(
    subject,
    Complex,
    program,
  )(model.point.map((xs, i) => xs.map((x, j) => ({ re: x, im: tangent[i][j] * STEP }))))
  const c = cotangent.flat()
  const terms = outputs.flat().map((z, i) => c[i] * (z.im / STEP))
  const sum = (numbers: Numbers): number => numbers.reduce((total, x) => total + x, 0)
  return { value: sum(terms), error: COMPLEX_COST * (like.error + UNIT * sum(terms.map(Math.abs))) + STEP }
}

/**
 * `<c, J u>` by central differences of the values; `null` at kinks.
 *
 * @category oracles
 * @since 0.1.0
 */
export const byDifferences = (
  subject: Subject,
  program: Program,
  { model, tangent, cotangent }: Directed,
): Bounded | null => {
  const slopes = differences(along(subject, program, model.point, tangent))
  return slopes === null ? null : inner(slopes, bounded(cotangent.flat()))
}

/**
 * `<J^T c, u>` by the pullback under test; `null` where it is not finite.
 *
 * @category oracles
 * @since 0.1.0
 */
export const byReverse = (
  subject: Subject,
  { model, tangent, cotangent }: Directed,
): { readonly value: Bounded; readonly primal: ReadonlyArray<Bounded> } => {
  const outputs = boundedResults(subject, pullback(subject, model))([...model.point, ...cotangent])
  const n = outputs.length - model.inputs.length
  return { value: inner(outputs.slice(n).flat(), bounded(tangent.flat())), primal: outputs.slice(0, n).flat() }
}

/**
 * `<c, J u>` by the pushforward under test.
 *
 * @category oracles
 * @since 0.1.0
 */
export const byForward = (subject: Subject, { model, tangent, cotangent }: Directed): Bounded =>
  inner(
    boundedResults(subject, pushforward(subject, model))([...model.point, ...tangent]).flat(),
    bounded(cotangent.flat()),
  )

const agree = (subject: Subject, { model }: Directed, what: string, a: Bounded, b: Bounded): boolean => {
  const { agree: same, informative, difference, tolerance } = compare(a, b)
  if (!same)
    throw new Broken(
      `${what}: ${a.value} and ${b.value} differ by ${difference}, rounding explains ${tolerance}`,
      describe(subject, model),
    )
  return informative
}

/**
 * Whether the kinks of the model are out of reach along the direction: the branches are those of both neighbours.
 *
 * @category oracles
 * @since 0.1.0
 */
export const isSmooth = (subject: Subject, program: Program, { model, tangent }: Directed): boolean => {
  const at = along(subject, program, model.point, tangent)
  const here = at(0)
  const near = [at(2 ** -24), at(-(2 ** -24))]
  return (
    here !== null &&
    near.every(
      (one) =>
        one !== null &&
        one.signature.length === here.signature.length &&
        one.signature.every((b, i) => Object.is(b, here.signature[i])),
    )
  )
}

/**
 * Compares the reverse mode with every oracle, in one direction.
 *
 * @category checks
 * @since 0.1.0
 */
export const checkModes =
  (subject: Subject) =>
  (directed: Directed, tally: Tally): void => {
    const { model } = directed
    const program = recorded(subject, reals(model.inputs), model.f)
    const { value: reverse, primal } = byReverse(subject, directed)
    if (!testable(primal) || !isSmooth(subject, program, directed)) tally.skip()
    const forward = byForward(subject, directed)
    const duals = byDuals(subject, program, directed)
    const complex = byComplexStep(subject, program, directed, duals)
    const ways: ReadonlyArray<readonly [string, Bounded]> = [
      ['reverse mode and dual numbers', duals],
      ['reverse and forward mode', forward],
      ['reverse mode and the complex step', complex],
    ]
    const sharp = ways.map(([what, other]) => agree(subject, directed, what, reverse, other))
    const slope = byDifferences(subject, program, directed)
    const seen = slope !== null && agree(subject, directed, 'reverse mode and central differences', reverse, slope)
    if (sharp.every(Boolean) && (seen || slope === null)) tally.informative()
  }

/**
 * Adjointness alone: `<c, J u> = <J^T c, u>`.
 *
 * @category checks
 * @since 0.1.0
 */
export const checkAdjoint =
  (subject: Subject) =>
  (directed: Directed, tally: Tally): void => {
    const { value: reverse, primal } = byReverse(subject, directed)
    if (!testable(primal)) tally.skip()
    if (agree(subject, directed, 'reverse and forward mode', reverse, byForward(subject, directed))) tally.informative()
  }

/**
 * A model with directions that follow from a seed; `moving` is the only input that moves, if given.
 *
 * @category constructors
 * @since 0.1.0
 */
export const directed = (subject: Subject, model: Model, seed: number, moving?: number): Directed => {
  const outputs = results(recorded(subject, reals(model.inputs), model.f))
  return {
    model,
    tangent: counts(model.inputs).map((n, i) =>
      moving === undefined || moving === i ? directionAt(seed, i, n) : new Array<number>(n).fill(0),
    ),
    cotangent: counts(outputs).map((n, i) => directionAt(seed, 100 + i, n)),
  }
}

const drawn =
  (subject: Subject, check: (sample: Directed, tally: Tally) => void): ((sample: Drawn, tally: Tally) => void) =>
  (sample, tally) =>
    check(directed(subject, drawnModel(sample), sample.source.seed), tally)

/**
 * The parts of a law on directed models: each real operand of each primitive that has a derivative, and random programs.
 *
 * @category constructors
 * @since 0.1.0
 */
export const directedParts = (
  subject: Subject,
  check: (sample: Directed, tally: Tally) => void,
): ReadonlyArray<Part> => [
  ...names.flatMap((name) => {
    const row = subject.calculus.table[name]
    if (row.derivative === null && name !== 'call') return []
    return [
      part(
        name,
        fc.tuple(sites(name, subject), fc.nat(7)),
        ([site, k], tally) => {
          const model = siteModel(site)
          if (model.inputs.length === 0 || resultOf(row as never, site as never).dtype !== 'real') tally.skip()
          check(directed(subject, model, site.source.seed, k % model.inputs.length), tally)
        },
        { share: 1 / 8 },
      ),
    ]
  }),
  part('scalar programs', programs('scalar'), drawn(subject, check), { share: 1 / 2 }),
  part('tensor programs', programs('tensor'), drawn(subject, check), { share: 1 / 2 }),
]

/**
 * L29 and L31.
 *
 * @category laws
 * @since 0.1.0
 */
export const modesLaws: ReadonlyArray<Law> = [
  law(
    {
      id: 'L29',
      name: 'adjointness',
      cls: 'N',
      section: 'modes',
      doc: '<c, jvp(f, x) u> = <vjp(f, x) c, u>',
    },
    (subject) => directedParts(subject, checkAdjoint(subject)),
  ),
  law(
    {
      id: 'L31',
      name: 'the modes agree',
      cls: 'N',
      section: 'modes',
      doc: '<vjp(f, x) c, u> by reverse mode = forward mode = dual numbers = complex step = central differences',
    },
    (subject) => directedParts(subject, checkModes(subject)),
  ),
]
