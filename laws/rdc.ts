/**
 * The axioms of a reverse derivative category (R. Cockett et al., "Reverse derivative categories", arXiv:1910.07065) for
 * `R[f](x, c)`, the pullback of `f` at `x` applied to `c`.
 *
 * The axioms characterise what a reverse derivative is without limits or real numbers, so they are stated here once more
 * in their own words, each with the numbering of the paper.
 *
 * @since 0.1.0
 */
import * as fc from 'fast-check'
import { type Bounded, ErrorBound } from '../src/algebra/ErrorBound.js'
import { bounded, inner, testable } from '../src/algebra/tolerance.js'
import { flatMap, map, of, type Reverse } from '../src/Reverse.js'
import type { Shape } from '../src/Shape.js'
import type { AnyVar } from '../src/Var.js'
import { type Drawn, directionAt, draw, drawnModel, programs, type Sketch, sketches } from './arbitrary/index.js'
import {
  type Arrows,
  agreeing,
  apply,
  composed,
  identical,
  literal,
  scalarised,
  single,
  told,
  valuesOf,
} from './check.js'
import { fixed, type Law, law, part, type Subject, type Tally } from './Law.js'
import { boundedResults, counts, describe, type Model, type Numbers, reals, recorded } from './Model.js'
import { cotangents } from './reverse.js'

/** `R[f]` as a function of `[...x, ...c]`. */
const R =
  (subject: Subject, f: Arrows, n: number): Arrows =>
  (all) =>
    flatMap(subject.operations.vjp(f)(all.slice(0, n)), ([_, pull]) => pull(all.slice(n)))

const shapesOf = (subject: Subject, model: Model): ReadonlyArray<Shape> =>
  recorded(subject, reals(model.inputs), model.f).outputs.map(({ shape }) => shape)

const run = (
  subject: Subject,
  shapes: ReadonlyArray<Shape>,
  f: Arrows,
  at: ReadonlyArray<Numbers>,
): ReadonlyArray<Bounded> => boundedResults(subject, recorded(subject, reals(shapes), f))(at).flat()

const sum = (a: ReadonlyArray<Bounded>, b: ReadonlyArray<Bounded>): ReadonlyArray<Bounded> =>
  a.map((x, i) => ErrorBound.add(x, b[i]))

type Pair = readonly [Drawn, Sketch]

const pair = fc.tuple(programs('tensor', { maxLength: 4, outputs: 1 }), sketches('tensor', 3))

const SCALAR: ReadonlyArray<Shape> = [[]]

/** RD.1 for scalar functions, so that both have one codomain. */
const additive =
  (subject: Subject) =>
  ([first, sketch]: Pair, tally: Tally): void => {
    const model = drawnModel(first)
    const n = model.inputs.length
    const [f, g] = [scalarised(model.f), scalarised(draw(sketch))]
    const both: Arrows = single((xs) => flatMap(f(xs), (a) => flatMap(g(xs), (b) => apply('add')(a, b))))
    const at = [...model.point, [3]]
    const shapes = [...model.inputs, ...SCALAR]
    const [whole, left, right] = [both, single(f), single(g)].map((h) => run(subject, shapes, R(subject, h, n), at))
    if (!testable([...whole, ...left, ...right])) tally.skip()
    if (agreeing('R[f + g] and R[f] + R[g]', whole, sum(left, right), told(subject, model))) tally.informative()
  }

const nothing = (subject: Subject): void => {
  const zero: Arrows = () => map((z: AnyVar) => [z])(literal(0))
  identical('R[0]', valuesOf(run(subject, [[2], []], R(subject, zero, 1), [[1, 2], [5]])), [0, 0])
}

const linear =
  (subject: Subject) =>
  (sample: Drawn, tally: Tally): void => {
    const model = drawnModel(sample)
    const n = model.inputs.length
    const [c, d] = [cotangents(subject, model, sample.source.seed), cotangents(subject, model, sample.source.seed, 1)]
    const shapes = [...model.inputs, ...shapesOf(subject, model)]
    const pull = (ct: ReadonlyArray<Numbers>) => run(subject, shapes, R(subject, model.f, n), [...model.point, ...ct])
    const [whole, left, right] = [c.map((xs, i) => xs.map((x, j) => x + d[i][j])), c, d].map(pull)
    if (!testable([...whole, ...left, ...right])) tally.skip()
    identical(
      'R[f](x, 0)',
      valuesOf(pull(c.map((xs) => xs.map(() => 0)))),
      whole.map(() => 0),
      told(subject, model),
    )
    if (agreeing('R[f](x, c + d) and R[f](x, c) + R[f](x, d)', whole, sum(left, right), told(subject, model)))
      tally.informative()
  }

const projections = (subject: Subject): void => {
  const shapes: ReadonlyArray<Shape> = [[2], []]
  const at = [[1, 2], [3]]
  const pull = (f: Arrows, out: ReadonlyArray<Shape>, c: ReadonlyArray<Numbers>): Numbers =>
    valuesOf(run(subject, [...shapes, ...out], R(subject, f, 2), [...at, ...c]))
  identical(
    'R[1](x, c)',
    pull((xs) => of(xs), shapes, [[5, 6], [7]]),
    [5, 6, 7],
  )
  identical(
    'R[first](x, c)',
    pull(([x]) => of([x]), [[2]], [[5, 6]]),
    [5, 6, 0],
  )
  identical(
    'R[second](x, c)',
    pull(([, y]) => of([y]), [[]], [[7]]),
    [0, 0, 7],
  )
}

const paired =
  (subject: Subject) =>
  ([first, sketch]: Pair, tally: Tally): void => {
    const model = drawnModel(first)
    const n = model.inputs.length
    const other: Model = { ...model, f: draw(sketch) }
    const both: Arrows = (xs) =>
      flatMap(model.f(xs), (ys) => map((zs: ReadonlyArray<AnyVar>) => [...ys, ...zs])(other.f(xs)))
    const c = cotangents(subject, model, first.source.seed)
    const d = cotangents(subject, other, first.source.seed, 1)
    const [left, right] = [shapesOf(subject, model), shapesOf(subject, other)]
    const whole = run(subject, [...model.inputs, ...left, ...right], R(subject, both, n), [...model.point, ...c, ...d])
    const parts = sum(
      run(subject, [...model.inputs, ...left], R(subject, model.f, n), [...model.point, ...c]),
      run(subject, [...model.inputs, ...right], R(subject, other.f, n), [...model.point, ...d]),
    )
    if (!testable(whole) || !testable(parts)) tally.skip()
    if (agreeing('R[<f, g>](x, (c, d)) and R[f](x, c) + R[g](x, d)', whole, parts, told(subject, model)))
      tally.informative()
  }

const chained =
  (subject: Subject) =>
  ([first, sketch]: Pair, tally: Tally): void => {
    const f = drawnModel(first)
    const n = f.inputs.length
    const g = draw(sketch)
    const model: Model = { ...f, f: composed(f.f, g) }
    const shapes = [...f.inputs, ...shapesOf(subject, model)]
    const at = [...f.point, ...cotangents(subject, model, first.source.seed)]
    const whole = run(subject, shapes, R(subject, model.f, n), at)
    const parts: Arrows = (all) => {
      const [xs, c] = [all.slice(0, n), all.slice(n)]
      return flatMap(f.f(xs), (ys) =>
        flatMap(R(subject, g, ys.length)([...ys, ...c]), (d) => R(subject, f.f, n)([...xs, ...d])),
      )
    }
    const expected = run(subject, shapes, parts, at)
    if (!testable(whole) || !testable(expected)) tally.skip()
    if (agreeing('R[g . f](x, c) and R[f](x, R[g](f x, c))', whole, expected, told(subject, model))) tally.informative()
  }

/** RD.6: differentiating `R[f](x, c)` in `c`, where it is linear, gives it back at the direction; and `f`'s tangent as a pullback. */
const linearAgain =
  (subject: Subject) =>
  (sample: Drawn, tally: Tally): void => {
    const model = drawnModel(sample)
    const n = model.inputs.length
    const outputs = shapesOf(subject, model)
    const m = outputs.length
    const [c, d] = [cotangents(subject, model, sample.source.seed), cotangents(subject, model, sample.source.seed, 1)]
    const u = counts(model.inputs).map((k, i) => directionAt(sample.source.seed, 80 + i, k))
    const direct = run(subject, [...model.inputs, ...outputs], R(subject, model.f, n), [...model.point, ...d])
    // d/dc R[f](x, c) . d, forward
    const forward = run(
      subject,
      [...model.inputs, ...outputs, ...outputs],
      (all) =>
        subject.operations.jvp((c2: ReadonlyArray<AnyVar>) => R(subject, model.f, n)([...all.slice(0, n), ...c2]))(
          all.slice(n, n + m),
          all.slice(n + m),
        ),
      [...model.point, ...c, ...d],
    )
    // and backward: the transpose of the transpose is the tangent
    const backward = run(
      subject,
      [...model.inputs, ...outputs, ...model.inputs],
      (all) => R(subject, (c2) => R(subject, model.f, n)([...all.slice(0, n), ...c2]), m)(all.slice(n)),
      [...model.point, ...c, ...u],
    )
    if (!testable([...direct, ...forward, ...backward])) tally.skip()
    const listing = () => describe(subject, model)
    const some = agreeing('the tangent of R[f](x, .) and R[f](x, .)', forward, direct, listing)
    agreeing(
      '<R[R[f](x, .)](c, u), d> and <R[f](x, d), u>',
      [inner(backward, bounded(d.flat()))],
      [inner(direct, bounded(u.flat()))],
      listing,
    )
    if (some) tally.informative()
  }

/** RD.7: mixed second derivatives do not depend on their order. */
const symmetric =
  (subject: Subject) =>
  (sample: Drawn, tally: Tally): void => {
    const model = drawnModel(sample)
    const n = model.inputs.length
    const f = scalarised(model.f)
    const [u, w] = [0, 1].map((which) =>
      counts(model.inputs).map((k, i) => directionAt(sample.source.seed, 90 + 10 * which + i, k)),
    )
    const D =
      (g: (xs: ReadonlyArray<AnyVar>) => Reverse<AnyVar>, direction: ReadonlyArray<AnyVar>) =>
      (xs: ReadonlyArray<AnyVar>) =>
        subject.operations.jvp(g as never)(xs as never, direction as never) as Reverse<AnyVar>
    const mixed = (first: ReadonlyArray<Numbers>, second: ReadonlyArray<Numbers>) =>
      run(
        subject,
        [...model.inputs, ...model.inputs, ...model.inputs],
        (all) => map((y: AnyVar) => [y])(D(D(f, all.slice(n, 2 * n)), all.slice(2 * n))(all.slice(0, n))),
        [...model.point, ...first, ...second],
      )
    const viaReverse = run(
      subject,
      [...model.inputs, ...model.inputs],
      (all) => subject.operations.grad(D(f, all.slice(n)) as never)(all.slice(0, n)) as Reverse<ReadonlyArray<AnyVar>>,
      [...model.point, ...u],
    )
    const [one, other] = [mixed(u, w), mixed(w, u)]
    if (!testable([...one, ...other, ...viaReverse])) tally.skip()
    const some = agreeing('D_u D_w f and D_w D_u f', one, other, told(subject, model))
    agreeing('D_u D_w f and <R[D_u f], w>', one, [inner(viaReverse, bounded(w.flat()))], told(subject, model))
    if (some) tally.informative()
  }

const about = (id: string, name: string, doc: string, cls: 'N' | 'B' = 'N') => ({
  id,
  name,
  cls,
  section: 'reverse derivative category',
  doc,
})

const share = { share: 1 / 2 }

/**
 * L40 to L46.
 *
 * @category laws
 * @since 0.1.0
 */
export const rdcLaws: ReadonlyArray<Law> = [
  law(about('L40', 'RD.1', 'R[f + g] = R[f] + R[g], R[0] = 0'), (subject) => [
    part('scalar functions', pair, additive(subject), share),
    fixed('zero', () => nothing(subject)),
  ]),
  law(about('L41', 'RD.2', 'R[f](x, c + d) = R[f](x, c) + R[f](x, d), R[f](x, 0) = 0'), (subject) => [
    part('programs', programs('tensor'), linear(subject), share),
  ]),
  law(about('L42', 'RD.3', 'R of identities and projections', 'B'), (subject) => [
    fixed('projections', () => projections(subject)),
  ]),
  law(about('L43', 'RD.4', 'R[<f, g>](x, (c, d)) = R[f](x, c) + R[g](x, d)'), (subject) => [
    part('programs', pair, paired(subject), share),
  ]),
  law(about('L44', 'RD.5', 'R[g . f](x, c) = R[f](x, R[g](f x, c))'), (subject) => [
    part('programs', pair, chained(subject), share),
  ]),
  law(about('L45', 'RD.6', 'R[f](x, c) is linear in c, and differentiating it there gives it back'), (subject) => [
    part('programs', programs('tensor', { maxLength: 4 }), linearAgain(subject), { share: 1 / 4 }),
  ]),
  law(about('L46', 'RD.7', 'mixed second derivatives are symmetric'), (subject) => [
    part('programs', programs('tensor', { maxLength: 4 }), symmetric(subject), { share: 1 / 4 }),
  ]),
]
