/**
 * Evaluation: deterministic, the same over every algebra that extends float64, and along the same branches.
 *
 * @since 0.1.0
 */

import { ErrorBound } from '../src/algebra/ErrorBound.js'
import { Complex, dual, F64 } from '../src/algebra/index.js'
import { type Drawn, drawnModel, names, programs, resultOf, type SiteOf, siteModel, sites } from './arbitrary/index.js'
import { holds, identical, told } from './check.js'
import { type Law, law, type Part, part, type Subject, type Tally } from './Law.js'
import { evaluator, type Model, reals, recorded } from './Model.js'

const Duals = dual(F64)

const parts = (subject: Subject, check: (model: Model, tally: Tally) => void): ReadonlyArray<Part> => [
  ...names.map((name) =>
    part(
      name,
      sites(name, subject),
      (site, tally) => {
        if (resultOf(subject.calculus.table[name] as never, site as unknown as SiteOf).dtype !== 'real') tally.skip()
        check(siteModel(site as unknown as SiteOf), tally)
      },
      { share: 1 / 16, needs: 0 },
    ),
  ),
  part('programs', programs('any'), (sample: Drawn, tally) => check(drawnModel(sample), tally)),
]

const checkDeterminism =
  (subject: Subject) =>
  (model: Model, tally: Tally): void => {
    const program = recorded(subject, reals(model.inputs), model.f)
    const run = evaluator(subject, F64, program)
    const first = run(model.point).outputs.flat()
    const elsewhere = run(model.point.map((xs) => xs.map((x) => x + 1))).outputs.flat()
    const second = run(model.point).outputs.flat()
    identical('two evaluations with another between them', second, first, told(subject, model))
    identical(
      'an evaluation by itself',
      evaluator(subject, F64, program)(model.point).outputs.flat(),
      first,
      told(subject, model),
    )
    holds('an evaluation gives as many numbers at every point', elsewhere.length === first.length)
    if (first.some((x) => x !== 0)) tally.informative()
  }

const checkAlgebras =
  (subject: Subject) =>
  (model: Model, tally: Tally): void => {
    const program = recorded(subject, reals(model.inputs), model.f)
    const plain = evaluator(subject, F64, program)(model.point).outputs.flat()
    if (!plain.every(Number.isFinite)) tally.skip()
    const duals = evaluator(
      subject,
      Duals,
      program,
    )(model.point.map((xs) => xs.map((x) => ({ primal: x, tangent: 1 }))))
    const complex = evaluator(subject, Complex, program)(model.point.map((xs) => xs.map(Complex.literal)))
    const bounds = evaluator(subject, ErrorBound, program)(model.point.map((xs) => xs.map(ErrorBound.literal)))
    identical('the primal of duals', duals.outputs.flat().map(Duals.primal), plain, told(subject, model))
    identical(
      'real complex numbers',
      complex.outputs.flat().map(({ re }) => re),
      plain,
      told(subject, model),
    )
    identical(
      'their imaginary parts',
      complex.outputs.flat().map(({ im }) => im),
      plain.map(() => 0),
      told(subject, model),
    )
    identical(
      'the value of error bounds',
      bounds.outputs.flat().map(({ value }) => value),
      plain,
      told(subject, model),
    )
    if (plain.some((x) => x !== 0)) tally.informative()
  }

const checkBranches =
  (subject: Subject) =>
  (model: Model, tally: Tally): void => {
    const program = recorded(subject, reals(model.inputs), model.f)
    const plain = evaluator(subject, F64, program)(model.point).signature()
    const duals = evaluator(
      subject,
      Duals,
      program,
    )(model.point.map((xs) => xs.map((x) => ({ primal: x, tangent: -3 }))))
    const complex = evaluator(
      subject,
      Complex,
      program,
    )(model.point.map((xs) => xs.map((x) => ({ re: x, im: 2 ** -80 }))))
    identical('the branches over dual numbers', duals.signature(), plain, told(subject, model))
    // an imaginary part may move a real one by an ulp: at ties the branch is free
    if (plain.length === complex.signature().length && plain.length > 0) tally.informative()
  }

/**
 * L16, L17 and L20.
 *
 * @category laws
 * @since 0.1.0
 */
export const replayLaws: ReadonlyArray<Law> = [
  law(
    {
      id: 'L16',
      name: 'determinism',
      cls: 'B',
      section: 'replay',
      doc: 'an evaluation depends on the program and the inputs, and on nothing that ran before',
    },
    (subject) => parts(subject, checkDeterminism(subject)),
  ),
  law(
    {
      id: 'L17',
      name: 'homomorphism',
      cls: 'B',
      section: 'replay',
      doc: 'the primal of dual numbers, the real part of real complex numbers and the value of error bounds are float64, bit for bit',
    },
    (subject) => parts(subject, checkAlgebras(subject)),
  ),
  law(
    {
      id: 'L20',
      name: 'branches',
      cls: 'S',
      section: 'replay',
      doc: 'every algebra walks the branches that float64 walks',
    },
    (subject) => parts(subject, checkBranches(subject)),
  ),
]
