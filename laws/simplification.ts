/**
 * Simplification: the same values bit for bit, the same inputs and outputs, no more work, and nothing left to simplify.
 *
 * Values are compared by `Object.is`, so zeros have signs, and over float64 and float32, at numbers at which identities of
 * real numbers fail.
 *
 * @since 0.1.0
 */
import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { type Algebra, F32, F64 } from '../src/algebra/index.js'
import { testable } from '../src/algebra/tolerance.js'
import type { Pass, PassName, SimplifyOptions } from '../src/compile/index.js'
import { evaluate } from '../src/engine/index.js'
import { type Attributes, statisticsOf } from '../src/primitive/index.js'
import { flatMap, map, of, type Reverse, step } from '../src/Reverse.js'
import { size } from '../src/Shape.js'
import { at, equals, type Instruction, type Program } from '../src/Tape.js'
import { scalar } from '../src/Tensor.js'
import { leaves, structureEquals } from '../src/Tree.js'
import { inline } from '../src/transform/inline.js'
import type { AnyVar } from '../src/Var.js'
import { lookalikeNames, models, type Roundabout, roundaboutModel, roundabouts } from './arbitrary/index.js'
import { agreeing, apply, gradientAt, holds, pulled, valuesOf } from './check.js'
import { fixed, type Law, law, type Part, part, type Subject, type Tally } from './Law.js'
import {
  boundedResults,
  evaluator,
  listing,
  type Model,
  must,
  type Numbers,
  pullback,
  reals,
  recorded,
} from './Model.js'
import { wellFormed } from './recording.js'
import { cotangents } from './reverse.js'

type Scalar = NonNullable<SimplifyOptions['scalar']>

const ALGEBRAS: { readonly [S in Scalar]: Algebra<number> } = { f64: F64, f32: F32 }

/** Both programs, for counterexamples. */
const both =
  (subject: Subject, before: Program, after: Program): (() => string) =>
  () =>
    `${listing(subject, before)}\nbecame\n${listing(subject, after)}`

/** The numbers, their signs included; `null` where the program refuses the point. */
const computed = (subject: Subject, algebra: Algebra<number>, program: Program, point: ReadonlyArray<Numbers>) => {
  const run = evaluate(algebra, subject.calculus.table)(program)
  if (E.isLeft(run)) return null
  const result = run.right(point.map((xs) => Float64Array.from(xs, algebra.literal)))
  return E.isLeft(result) ? null : result.right.outputs.flatMap((xs) => Array.from(xs as ArrayLike<number>))
}

/** Breaks the law unless two programs compute the same bits. Tells whether there were any. */
const sameBits = (
  subject: Subject,
  scalars: ReadonlyArray<Scalar>,
  before: Program,
  after: Program,
  point: ReadonlyArray<Numbers>,
): boolean => {
  let some = false
  for (const name of scalars) {
    const [a, b] = [before, after].map((program) => computed(subject, ALGEBRAS[name], program, point))
    const told = both(subject, before, after)
    holds('a program and the simplified one refuse the same points', (a === null) === (b === null), told)
    if (a === null || b === null) continue
    const shown = (x: number): string => (Object.is(x, -0) ? '-0' : String(x))
    for (let i = 0; i < a.length; i++)
      holds(
        `number ${i} over ${name} is ${shown(a[i])} and became ${shown(b[i])} at ${point.map((xs) => `[${xs.map(shown).join(', ')}]`).join(', ')}`,
        Object.is(a[i], b[i]),
        told,
      )
    some ||= a.some((x) => Number.isFinite(x) && x !== 0)
  }
  return some
}

/** The program of a model, or of its values and gradients, and where to evaluate it. */
const subjectOf = (subject: Subject, model: Model, withGradient: boolean): readonly [Program, Model['point']] => {
  if (!withGradient) return [recorded(subject, reals(model.inputs), model.f), model.point]
  const program = pullback(subject, model)
  const ct = leaves<AnyVar>(program.inputs)
    .slice(model.inputs.length)
    .map(({ shape }, k) => Array.from({ length: size(shape) }, (_, i) => [1, -3, 5][(i + k) % 3]))
  return [program, [...model.point, ...ct]]
}

interface Sample {
  readonly roundabout: Roundabout
  readonly gradient: boolean
  readonly scalar: Scalar
}

const samples = (options: Parameters<typeof roundabouts>[0] = {}): fc.Arbitrary<Sample> =>
  fc.record({
    roundabout: roundabouts(options),
    gradient: fc.boolean(),
    scalar: fc.constantFrom<Scalar>('f64', 'f32'),
  })

/** The same bits before and after. */
const exact = (
  subject: Subject,
  label: string,
  arbitrary: fc.Arbitrary<Sample>,
  pass: Pass,
  options: SimplifyOptions = {},
): Part =>
  part(label, arbitrary, ({ roundabout, gradient, scalar: precision }, tally) => {
    const [program, point] = subjectOf(subject, roundaboutModel(roundabout), gradient)
    const simplified = pass({ ...options, scalar: precision, calculus: subject.calculus })
    if (sameBits(subject, [precision], program, must(simplified(program), 'simplifying'), point)) tally.informative()
  })

const exactPasses = (subject: Subject, ...names: ReadonlyArray<PassName>): ReadonlyArray<Part> =>
  names.map((name) => exact(subject, name, samples(), subject.operations.passes[name]))

// --------------------------------------------------------------------------------------- common subexpressions

const checkNormalForm =
  (subject: Subject) =>
  (roundabout: Roundabout, tally: Tally): void => {
    const { deadCode, commonSubexpressions } = subject.operations.passes
    const options = { calculus: subject.calculus }
    const dead = (p: Program): Program => must(deadCode(options)(p), 'dropping dead code')
    const common = (p: Program): Program => must(commonSubexpressions(options)(p), 'merging')
    const of_ = (r: Roundabout): Program => {
      const model = roundaboutModel(r)
      return recorded(subject, reals(model.inputs), model.f)
    }
    const program = of_(roundabout)
    const merged = common(program)
    const told = both(subject, program, merged)
    holds('merging after dropping is merging', equals(common(dead(program)).tape, merged.tape), told)
    holds('dropping after merging is merging', equals(dead(merged).tape, merged.tape), told)
    const mirrored = of_({ ...roundabout, mirrored: true })
    const other = common(mirrored)
    holds(
      'the order of commutative operands does not matter',
      equals(other.tape, merged.tape),
      both(subject, merged, other),
    )
    if (!equals(mirrored.tape, program.tape)) tally.informative()
  }

// ------------------------------------------------------------------------------------------------ nearly exact

const checkRelaxed =
  (subject: Subject) =>
  (roundabout: Roundabout, tally: Tally): void => {
    const model = roundaboutModel(roundabout)
    const program = recorded(subject, reals(model.inputs), model.f)
    const simple = must(
      subject.operations.simplify({ relaxed: true, calculus: subject.calculus })(program),
      'simplifying',
    )
    const [a, b] = [program, simple].map((p) => boundedResults(subject, p)(model.point).flat())
    if (!testable(a) || !testable(b)) tally.skip()
    const told = both(subject, program, simple)
    notLarger(subject, program, simple, false)
    if (agreeing('what is nearly the same', a, b, told)) tally.informative()
  }

// ------------------------------------------------------------------------------------------------- all of them

/** Instructions that are not computed from constants alone, those of called programs included. */
const moving = (program: Program): number => {
  const moves = new Uint8Array(program.tape.length)
  let total = 0
  for (let id = 0; id < program.tape.length; id++) {
    const { primitive, operands, attributes } = at(program.tape, id) as Instruction
    if (primitive !== 'input' && !operands.some((k) => moves[k] === 1)) continue
    moves[id] = 1
    total += 1 + (primitive === 'call' ? moving((attributes as unknown as Attributes['call']).body) : 0)
  }
  return total
}

const notLarger = (subject: Subject, before: Program, after: Program, counted = true): void => {
  const flops = statisticsOf(subject.calculus.table)
  const [a, b] = [flops(before).flops, flops(after).flops]
  const told = both(subject, before, after)
  holds(`${a} operations became ${b}`, b <= a, told)
  const [m, n] = [moving(before), moving(after)]
  holds(`${m} instructions became ${n}, at as many operations`, !counted || b < a || n <= m, told)
}

/** What holds of every pass, whatever it does. */
const checkPass =
  (subject: Subject, simplified: (program: Program) => E.Either<{ readonly message: string }, Program>) =>
  (program: Program, tally: Tally): void => {
    const simple = must(simplified(program) as E.Either<never, Program>, 'simplifying')
    const told = both(subject, program, simple)
    const specs = (vars: ReadonlyArray<AnyVar>) => vars.map(({ shape, dtype }) => `${dtype} ${shape.join()}`).join('; ')
    for (const end of ['inputs', 'outputs'] as const) {
      holds(`the structure of the ${end} stays`, structureEquals(program[end], simple[end]), told)
      holds(`the shapes of the ${end} stay`, specs(leaves(program[end])) === specs(leaves(simple[end])), told)
    }
    wellFormed(subject, simple.tape, leaves(simple.outputs))
    notLarger(subject, program, simple)
    const again = must(simplified(simple) as E.Either<never, Program>, 'simplifying')
    holds('simplifying twice is simplifying once', equals(again.tape, simple.tape), both(subject, simple, again))
    if (!equals(simple.tape, program.tape)) tally.informative()
  }

/** Points of one smooth piece of a program are in one piece of the simplified one. */
const checkBranches =
  (subject: Subject) =>
  (roundabout: Roundabout, tally: Tally): void => {
    const model = roundaboutModel(roundabout)
    const program = recorded(subject, reals(model.inputs), model.f)
    const simple = must(
      subject.operations.simplify({ calculus: subject.calculus, inline: 'all' })(program),
      'simplifying',
    )
    const near = model.point.map((xs) => xs.map((x) => x * (1 + 2 ** -20)))
    const signatures = (p: Program) => {
      const run = evaluator(subject, F64, p)
      return [model.point, near].map((point) => run(point).signature().join())
    }
    const [[here, there], [less, after]] = [signatures(program), signatures(simple)]
    holds('no branch appears that was not there', here !== there || less === after, both(subject, program, simple))
    if (here !== '' && here === there) tally.informative()
  }

/** The gradient of the simplified program, and of the program. */
const checkGradient =
  (subject: Subject) =>
  (model: Model, seed: number, tally: Tally): void => {
    const options: SimplifyOptions = { calculus: subject.calculus, inline: 'plain', drop: ['variable', 'label'] }
    const program = recorded(subject, reals(model.inputs), model.f)
    const simple = must(subject.operations.simplify(options)(program), 'simplifying')
    const f = (xs: ReadonlyArray<AnyVar>): Reverse<ReadonlyArray<AnyVar>> =>
      step(xs, (recorder, vars) => inline(recorder, simple, vars))
    const ct = cotangents(subject, model, seed)
    const [plain, less] = [pulled(subject, model)(ct), pulled(subject, { ...model, f })(ct)]
    const both_ = [...plain.results, ...plain.gradient, ...less.results, ...less.gradient]
    if (!testable(both_)) tally.skip()
    if (agreeing('the gradient of a simplified program', less.gradient, plain.gradient, both(subject, program, simple)))
      tally.informative()
    const whole = pullback(subject, model)
    const after = boundedResults(
      subject,
      must(subject.operations.simplify(options)(whole), 'simplifying'),
    )([...model.point, ...ct])
    agreeing('a simplified gradient', after.flat(), [...plain.results, ...plain.gradient])
  }

/** `x` and a statement that it is 1. */
const stated = (subject: Subject): void => {
  const program = recorded(subject, reals([[]]), ([x]) =>
    step([x], (recorder, [v]) =>
      E.map(() => [v] as ReadonlyArray<AnyVar>)(recorder.emit('peek', [v], { value: scalar(1) })),
    ),
  )
  for (const inlining of ['none', 'all'] as const) {
    const simple = must(
      subject.operations.simplify({ inline: inlining, calculus: subject.calculus })(program),
      'simplifying',
    )
    sameBits(subject, ['f64'], program, simple, [[1]])
    sameBits(subject, ['f64'], program, simple, [[2]])
  }
}

/** A rule of one's own outlives the inlining of plain calls, and stopped gradients outlive everything. */
const meant = (subject: Subject): void => {
  const odd = subject.operations.customRule({
    name: 'odd',
    f: (x: AnyVar) => apply('sin')(x),
    vjp: ({ ct }: { readonly ct: AnyVar }) => of(ct),
  } as never) as unknown as (x: AnyVar) => Reverse<AnyVar>
  const still = (x: AnyVar): Reverse<AnyVar> => flatMap(apply('stopGradient')(x), (y) => apply('mul')(y, x))
  const inside = { inputs: [[]], point: [[0.75]] }
  for (const f of [odd, still]) {
    const program = recorded(subject, reals(inside.inputs), ([x]) => map((y: AnyVar) => [y])(f(x)))
    const simple = must(
      subject.operations.simplify({ inline: 'plain', calculus: subject.calculus })(program),
      'simplifying',
    )
    const again = ([x]: ReadonlyArray<AnyVar>): Reverse<AnyVar> =>
      step([x], (recorder, vars) => E.map((ys: ReadonlyArray<AnyVar>) => ys[0])(inline(recorder, simple, vars)))
    const [before, after] = [([x]: ReadonlyArray<AnyVar>) => f(x), again].map((g) =>
      valuesOf(gradientAt(subject, inside, g)),
    )
    holds(`what derivatives are told stays: ${before} became ${after}`, before.join() === after.join())
  }
}

const about = (id: string, name: string, cls: Law['cls'], doc: string) => ({
  id,
  name,
  cls,
  section: 'transformations',
  doc,
})

/**
 * L61 to L64.
 *
 * @category laws
 * @since 0.1.0
 */
export const simplificationLaws: ReadonlyArray<Law> = [
  law(
    about('L61', 'constants', 'B', 'what is computed beforehand is what would have been computed, in either precision'),
    (subject) => [
      ...exactPasses(subject, 'repetitions', 'broadcasts'),
      exact(subject, 'constants', samples({ ending: 'numbers known beforehand' }), subject.operations.passes.constants),
    ],
  ),
  law(
    about(
      'L62',
      'common subexpressions',
      'B',
      'the same values; with dead code in either order the same tape, whichever way commutative operands are written',
    ),
    (subject) => [
      ...exactPasses(subject, 'commonSubexpressions', 'deadCode'),
      part('normal form', roundabouts(), checkNormalForm(subject)),
    ],
  ),
  law(
    about(
      'L63',
      'identities',
      'B',
      'the same values at zeros of either sign, infinities and NaN; where rounding may change, no more than it explains',
    ),
    (subject) => [
      ...exactPasses(subject, 'arithmetic', 'layout', 'contractions'),
      ...lookalikeNames.map((ending) =>
        exact(subject, ending, samples({ ending, maxLength: 2 }), subject.operations.simplify),
      ),
      part('relaxed', roundabouts({ tame: true }), checkRelaxed(subject)),
    ],
  ),
  law(
    about(
      'L64',
      'simplification',
      'B',
      'the same values, inputs, outputs and statements, no more work, no new branches, idempotent, well formed; gradients commute with it up to rounding',
    ),
    (subject) => {
      const { simplify, passes } = subject.operations
      const { calculus } = subject
      const roundaboutProgram = roundabouts().map((r) => {
        const model = roundaboutModel(r)
        return () => recorded(subject, reals(model.inputs), model.f)
      })
      const everything: SimplifyOptions = { calculus, inline: 'all', drop: ['variable', 'label', 'stopGradient'] }
      const keeps = (
        name: string,
        simplified: (program: Program) => ReturnType<ReturnType<typeof simplify>>,
        share: number,
      ) =>
        part(
          `${name} keeps`,
          roundaboutProgram,
          (program, tally) => checkPass(subject, simplified as never)(program(), tally),
          {
            share,
            needs: 0,
          },
        )
      return [
        exact(subject, 'values', samples(), simplify, everything),
        part('values of random programs', models('any'), (model, tally) => {
          const program = recorded(subject, reals(model.inputs), model.f)
          const simple = must(simplify(everything)(program), 'simplifying')
          if (sameBits(subject, ['f64'], program, simple, model.point)) tally.informative()
        }),
        ...(Object.keys(passes) as ReadonlyArray<PassName>).map((name) =>
          keeps(name, passes[name](everything) as never, 1 / 4),
        ),
        keeps('simplify', simplify(everything) as never, 1),
        part('branches', roundabouts(), checkBranches(subject)),
        part(
          'gradients',
          fc.tuple(fc.oneof(models('tensor'), roundabouts({ tame: true }).map(roundaboutModel)), fc.nat()),
          ([model, seed], tally) => checkGradient(subject)(model, seed, tally),
        ),
        fixed('statements', () => stated(subject)),
        fixed('meaning', () => meant(subject)),
      ]
    },
  ),
]
