/**
 * Oracles: what other algebras say of a program's values, and what the verifier of this package may never say of a right
 * derivative.
 *
 * @since 0.1.0
 */
import type { Bounded } from '../src/algebra/ErrorBound.js'
import { DoubleDouble, F64, Interval, type IntervalNumber } from '../src/algebra/index.js'
import { BLUNT, SAFETY, testable } from '../src/algebra/tolerance.js'
import { needed, type PrimitiveName } from '../src/primitive/index.js'
import { flatMap } from '../src/Reverse.js'
import type { Program } from '../src/Tape.js'
import { unsafeMake } from '../src/Tensor.js'
import { problemOf } from '../src/verify/held.js'
import { refute } from '../src/verify/oracles/interval.js'
import { taylorTest } from '../src/verify/oracles/taylor.js'
import { verifyTape } from '../src/verify/verify.js'
import { directionAt } from './arbitrary/index.js'
import { on, words } from './calculus.js'
import { holds, scalarised, single, told } from './check.js'
import { type Law, law, type Subject, type Tally } from './Law.js'
import { boundedResults, counts, evaluator, type Model, must, type Numbers, reals, recorded } from './Model.js'

// ------------------------------------------------------------------------------------------------------- algebras

/** How much more precise double-double is than the bounds of float64, at least: `oracles/line.ts` of the verifier says why. */
const FINER = 2 ** -41

const distance = (x: number, { lo, hi }: IntervalNumber): number => Math.max(0, lo - x, x - hi)

interface Read {
  readonly program: Program
  readonly float: Numbers
  readonly exact: ReadonlyArray<{ readonly hi: number; readonly lo: number }>
  readonly range: ReadonlyArray<IntervalNumber>
  readonly bounds: ReadonlyArray<Bounded>
}

/** A program over four algebras; skipped where they take different branches, or float64 knows no bound. */
const readings = (subject: Subject, model: Model, tally: Tally): Read => {
  const program = recorded(subject, reals(model.inputs), model.f)
  const low = evaluator(subject, F64, program)(model.point)
  const exact = evaluator(subject, DoubleDouble, program)(model.point.map((xs) => xs.map(DoubleDouble.literal)))
  const range = evaluator(subject, Interval, program)(model.point.map((xs) => xs.map(Interval.literal)))
  const bounds = boundedResults(subject, program)(model.point).flat()
  const branches = low.signature()
  const same = [exact.signature(), range.signature()].every((s) => s.every((b, i) => b === branches[i]))
  if (!same || !testable(bounds)) tally.skip()
  return { program, float: low.outputs.flat(), exact: exact.outputs.flat(), range: range.outputs.flat(), bounds }
}

/** Rows that round each result correctly, or not at all: rounding is monotone, so their results stay inside of an interval. */
const CORRECT: ReadonlySet<string> = new Set([
  'add',
  'sub',
  'mul',
  'div',
  'neg',
  'abs',
  'sqrt',
  'max',
  'min',
  'contract',
  'convolve',
] satisfies ReadonlyArray<PrimitiveName>)

const isCorrect = (subject: Subject, program: Program): boolean =>
  needed(program).every(({ primitive }) => {
    const { family } = subject.calculus.table[primitive as PrimitiveName]
    return CORRECT.has(primitive) || ['structural', 'source', 'marker'].includes(family)
  })

const checkInclusion =
  (subject: Subject) =>
  (model: Model, tally: Tally): void => {
    const { program, float, exact, range, bounds } = readings(subject, model, tally)
    const correct = isCorrect(subject, program)
    for (const [i, r] of range.entries()) {
      if (Number.isNaN(r.lo) || Number.isNaN(r.hi)) tally.skip()
      const room = correct ? 0 : SAFETY * bounds[i].error
      holds(
        `float64 gives ${float[i]}, outside of [${r.lo}, ${r.hi}]`,
        distance(float[i], r) <= room,
        told(subject, model),
      )
      holds(
        `double-double gives ${exact[i].hi}, outside of [${r.lo}, ${r.hi}]`,
        distance(exact[i].hi, r) <= SAFETY * FINER * bounds[i].error,
        told(subject, model),
      )
    }
    if (range.some((r, i) => r.hi - r.lo <= BLUNT * Math.abs(float[i]))) tally.informative()
  }

const checkRounding =
  (subject: Subject) =>
  (model: Model, tally: Tally): void => {
    const { float, exact, bounds } = readings(subject, model, tally)
    for (const [i, { hi, lo }] of exact.entries()) {
      const off = Math.abs(float[i] - hi - lo)
      holds(
        `float64 is off by ${off}, and ${bounds[i].error} bounds its error`,
        off <= SAFETY * bounds[i].error * (1 + FINER),
        told(subject, model),
      )
    }
    if (bounds.some(({ error }, i) => error > 0 && error <= BLUNT * Math.abs(float[i]))) tally.informative()
  }

// ------------------------------------------------------------------------------------------------- the verifier

const problemFor = (subject: Subject, model: Model) => {
  const program = recorded(subject, reals(model.inputs), single(scalarised(model.f)))
  return must(
    problemOf(
      subject.calculus,
      program,
      model.inputs.map((_, i) => String(i)),
      model.point,
      [[1]],
    ),
    'a problem',
  )
}

const directionsOf = (model: Model, seed: number): ReadonlyArray<Numbers> =>
  counts(model.inputs).map((n, i) => directionAt(seed, i, n))

const checkTaylor =
  (subject: Subject) =>
  (model: Model, tally: Tally, seed: number): void => {
    const { verdict, along, against } = must(
      taylorTest(problemFor(subject, model), directionsOf(model, seed)),
      'the Taylor test',
    )
    const rates = `the remainders shrink at the rates ${along.rate} and ${against.rate}`
    holds(`${rates}, by less than order 2`, verdict !== 'fails', told(subject, model))
    if (verdict === 'passes') tally.informative()
  }

const checkVerdict =
  (subject: Subject) =>
  (model: Model, tally: Tally, seed: number): void => {
    const { program, point, cotangent } = problemFor(subject, model)
    const at = { point, cotangent, direction: directionsOf(model, seed), calculus: subject.calculus }
    const { verdict, reason } = must(verifyTape(program, at), 'the verifier')
    holds(`${verdict}: ${reason}`, !verdict.startsWith('WRONG'), told(subject, model))
    if (verdict === 'PASS') tally.informative()
  }

const checkRefuter =
  (subject: Subject) =>
  (model: Model, tally: Tally, seed: number): void => {
    const { proof, segments } = must(refute(problemFor(subject, model), directionsOf(model, seed)), 'the refuter')
    const { quotient: q, derivative: d } = proof ?? { quotient: Interval.literal(0), derivative: Interval.literal(0) }
    holds(`slopes in [${q.lo}, ${q.hi}], the gradient says [${d.lo}, ${d.hi}]`, proof === null, told(subject, model))
    if (segments.some(({ conclusion }) => conclusion === 'consistent')) tally.informative()
  }

// ----------------------------------------------------------------------------------------------------- kinks

/** `f(x + bend(x - x0))` at `x0`, for a smooth `f`: a kink in every entry. */
const bent = (model: Model, bend: 'abs' | 'max' | 'min'): Model => ({
  ...model,
  f: (xs) =>
    flatMap(
      words(xs, (v, vars) =>
        vars.map((x, i) => {
          const here = v.emit('constant', [], {
            value: unsafeMake(model.inputs[i], 'real', Float64Array.from(model.point[i])),
          })
          const off = v.sub(x, here)
          return v.add(x, bend === 'abs' ? v.abs(off) : v[bend](off, v.like(off, 0)))
        }),
      ),
      model.f,
    ),
})

const checkClarke =
  (subject: Subject) =>
  (model: Model, tally: Tally, seed: number): void => {
    const kinked = bent(model, (['abs', 'max', 'min'] as const)[seed % 3])
    const { program, point, cotangent } = problemFor(subject, kinked)
    // along one entry: along several, a mean of subgradients need not lie between the slopes
    const sizes = counts(model.inputs)
    const chosen =
      seed %
      Math.max(
        1,
        sizes.reduce((a, b) => a + b, 0),
      )
    let place = 0
    const direction = sizes.map((n) => Array.from({ length: n }, () => (place++ === chosen ? 1 : 0)))
    const judgement = must(
      verifyTape(program, { point, cotangent, direction, calculus: subject.calculus }),
      'a verdict',
    )
    const { verdict, kink, exact } = judgement
    holds(
      `${verdict}: the derivative ${exact} is not between the slopes ${kink?.left} and ${kink?.right}`,
      kink?.contained !== false && !verdict.startsWith('WRONG'),
      told(subject, kinked),
    )
    if (verdict === 'KINK' && kink?.contained === true) tally.informative()
  }

const about = (id: string, name: string, doc: string, cls: Law['cls'] = 'N') => ({
  id,
  name,
  cls,
  section: 'oracles',
  doc,
})

/**
 * L18, L19, L52 to L54 and L59.
 *
 * @category laws
 * @since 0.1.0
 */
export const oracleLaws: ReadonlyArray<Law> = [
  law(
    about(
      'L18',
      'inclusion',
      'results over intervals hold those over float64 and double-double, up to what these round',
    ),
    (subject) => on(['arithmetic', 'smooth', 'any'], checkInclusion(subject)),
  ),
  law(about('L19', 'rounding', 'float64 differs from double-double by no more than its error bound'), (subject) =>
    on(['arithmetic', 'smooth', 'any'], checkRounding(subject)),
  ),
  law(about('L52', 'Taylor', '|f(x + h u) - f(x) - h <grad f(x), u>| = O(h²), along u and -u'), (subject) =>
    on(['smooth'], checkTaylor(subject)),
  ),
  law(about('L53', 'verdict', 'the verifier calls no right derivative wrong'), (subject) =>
    on(['smooth', 'any'], checkVerdict(subject)),
  ),
  law(about('L54', 'no refutation', 'intervals refute no right derivative'), (subject) =>
    on(['smooth', 'any'], checkRefuter(subject)),
  ),
  law(
    about('L59', 'Clarke', 'at a kink the derivative given along an entry lies between the slopes on both sides'),
    (subject) => on(['smooth'], checkClarke(subject), 1 / 4),
  ),
]
