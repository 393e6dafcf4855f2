/**
 * The reverse sweep as a linear map: linear in the cotangent, functorial in the function, and right about fan-out, sums,
 * products, tuples and what does not flow at all. None of these laws needs to know a derivative.
 *
 * @since 0.1.0
 */
import * as fc from 'fast-check'
import { type Bounded, ErrorBound } from '../src/algebra/ErrorBound.js'
import { testable } from '../src/algebra/tolerance.js'
import { flatMap, map, type Reverse } from '../src/Reverse.js'
import type { AnyVar } from '../src/Var.js'
import {
  type Drawn,
  directionAt,
  draw,
  drawnModel,
  names,
  programs,
  resultOf,
  type Sketch,
  siteModel,
  sites,
  sketches,
} from './arbitrary/index.js'
import {
  agreeing,
  apply,
  composed,
  gradientAt,
  identical,
  pulled,
  resultsAt,
  scalarised,
  single,
  told,
  valuesOf,
} from './check.js'
import { type Law, law, type Part, part, type Subject, type Tally } from './Law.js'
import { boundedResults, counts, type Model, type Numbers, reals, recorded, results } from './Model.js'

/**
 * Parts over every primitive that has a derivative and over random programs.
 *
 * @category constructors
 * @since 0.1.0
 */
export const modelParts = (
  subject: Subject,
  check: (model: Model, seed: number, tally: Tally) => void,
  share = 1 / 2,
): ReadonlyArray<Part> => [
  ...names.flatMap((name) => {
    const row = subject.calculus.table[name]
    if (row.derivative === null && name !== 'call') return []
    return [
      part(
        name,
        sites(name, subject),
        (site, tally) => {
          const model = siteModel(site as never)
          if (model.inputs.length === 0 || resultOf(row as never, site as never).dtype !== 'real') tally.skip()
          check(model, site.source.seed, tally)
        },
        { share: share / 8 },
      ),
    ]
  }),
  part('scalar programs', programs('scalar'), (d, tally) => check(drawnModel(d), d.source.seed, tally), { share }),
  part('tensor programs', programs('tensor'), (d, tally) => check(drawnModel(d), d.source.seed, tally), { share }),
]

const shapesOf = (subject: Subject, model: Model) => results(recorded(subject, reals(model.inputs), model.f))

/**
 * Cotangents that follow from a seed, one list for each result.
 *
 * @category constructors
 * @since 0.1.0
 */
export const cotangents = (subject: Subject, model: Model, seed: number, which = 0): ReadonlyArray<Numbers> =>
  counts(shapesOf(subject, model)).map((n, i) => directionAt(seed, 200 * which + i, n))

const scale = (k: number, lists: ReadonlyArray<Numbers>): ReadonlyArray<Numbers> =>
  lists.map((list) => list.map((x) => k * x))

const plus = (a: ReadonlyArray<Numbers>, b: ReadonlyArray<Numbers>): ReadonlyArray<Numbers> =>
  a.map((list, i) => list.map((x, j) => x + b[i][j]))

const sums = (a: ReadonlyArray<Bounded>, b: ReadonlyArray<Bounded>): ReadonlyArray<Bounded> =>
  a.map((x, i) => ErrorBound.add(x, b[i]))

/**
 * Linearity of the pullback in its cotangent.
 *
 * @category checks
 * @since 0.1.0
 */
export const checkLinear =
  (subject: Subject) =>
  (model: Model, seed: number, tally: Tally): void => {
    const pull = pulled(subject, model)
    const c = cotangents(subject, model, seed)
    const d = cotangents(subject, model, seed, 1)
    const { results: values, gradient } = pull(c)
    if (!testable(values) || !testable(gradient)) tally.skip()
    const told_ = told(subject, model)
    const informative = agreeing(
      'vjp(3c + 5d) and 3 vjp(c) + 5 vjp(d)',
      pull(plus(scale(3, c), scale(5, d))).gradient,
      sums(
        gradient.map((g) => ErrorBound.mul(ErrorBound.literal(3), g)),
        pull(d).gradient.map((g) => ErrorBound.mul(ErrorBound.literal(5), g)),
      ),
      told_,
    )
    const exact = valuesOf(gradient)
    identical(
      'vjp(-c) and -vjp(c)',
      valuesOf(pull(scale(-1, c)).gradient),
      exact.map((g) => -g),
      told_,
    )
    // subnormal numbers do not scale exactly
    if (exact.every((g) => g === 0 || Math.abs(g) > 2 ** -900))
      identical(
        'vjp(4c) and 4 vjp(c)',
        valuesOf(pull(scale(4, c)).gradient),
        exact.map((g) => 4 * g),
        told_,
      )
    identical(
      'vjp(0) and 0',
      valuesOf(pull(scale(0, c)).gradient),
      exact.map(() => 0),
      told_,
    )
    if (informative) tally.informative()
  }

/** A program and what is done with its results. */
const pairs = fc.tuple(programs('tensor', { maxLength: 5 }), sketches('tensor', 4))

const checkChain =
  (subject: Subject) =>
  ([first, sketch]: readonly [Drawn, Sketch], tally: Tally): void => {
    const f = drawnModel(first)
    const g = draw(sketch)
    const model: Model = { ...f, f: composed(f.f, g) }
    const c = cotangents(subject, model, first.source.seed)
    const whole = pulled(subject, model)(c)
    if (!testable(whole.results) || !testable(whole.gradient)) tally.skip()
    // the two pullbacks one after the other, on one tape, so that errors are carried through
    const n = f.inputs.length
    const chained = recorded(subject, reals([...f.inputs, ...shapesOf(subject, model)]), (all) =>
      flatMap(subject.operations.vjp(f.f)(all.slice(0, n)), ([ys, pullF]) =>
        flatMap(subject.operations.vjp(g)(ys), ([_, pullG]) => flatMap(pullG(all.slice(n)), pullF)),
      ),
    )
    const parts = boundedResults(subject, chained)([...f.point, ...c]).flat()
    if (agreeing('vjp(g . f) and vjp(f) . vjp(g)', whole.gradient, parts, told(subject, model))) tally.informative()
  }

const triples = fc.tuple(programs('tensor', { maxLength: 3 }), sketches('tensor', 3), sketches('tensor', 3))

const ELEMENTWISE = ['add', 'mul', 'div', 'sub'] as const

/** Combines two scalar functions by a primitive. */
const combined =
  (primitive: (typeof ELEMENTWISE)[number], f: Scalar, g: Scalar): Scalar =>
  (xs) =>
    flatMap(f(xs), (a) => flatMap(g(xs), (b) => apply(primitive)(a, b)))

type Scalar = (xs: ReadonlyArray<AnyVar>) => Reverse<AnyVar>

const twoScalars = fc.tuple(programs('tensor', { maxLength: 4 }), sketches('tensor', 4))

const times = (k: Bounded, xs: ReadonlyArray<Bounded>): ReadonlyArray<Bounded> => xs.map((x) => ErrorBound.mul(k, x))

const checkAlgebra =
  (subject: Subject) =>
  ([first, sketch]: readonly [Drawn, Sketch], tally: Tally): void => {
    const model = drawnModel(first)
    const f = scalarised(model.f)
    const g = scalarised(draw(sketch))
    const [df, dg] = [gradientAt(subject, model, f), gradientAt(subject, model, g)]
    const [y] = resultsAt(subject, model, single(f))
    const [z] = resultsAt(subject, model, single(g))
    if (!testable([y, z, ...df, ...dg])) tally.skip()
    const expected: { readonly [K in (typeof ELEMENTWISE)[number]]: () => ReadonlyArray<Bounded> } = {
      add: () => sums(df, dg),
      sub: () => sums(df, times(ErrorBound.literal(-1), dg)),
      mul: () => sums(times(z, df), times(y, dg)),
      div: () => sums(df, times(ErrorBound.neg(ErrorBound.div(y, z)), dg)).map((top) => ErrorBound.div(top, z)),
    }
    let informative = true
    for (const primitive of ELEMENTWISE) {
      if (primitive === 'div' && z.value === 0) continue
      const whole = gradientAt(subject, model, combined(primitive, f, g))
      if (!testable(whole)) tally.skip()
      informative =
        agreeing(`the rule of ${primitive}`, whole, expected[primitive](), told(subject, model)) && informative
    }
    if (informative) tally.informative()
  }

const checkAssociative =
  (subject: Subject) =>
  ([first, second, third]: readonly [Drawn, Sketch, Sketch], tally: Tally): void => {
    const f = drawnModel(first)
    const [g, h] = [draw(second), draw(third)]
    const left: Model = { ...f, f: composed(composed(f.f, g), h) }
    const right: Model = { ...f, f: composed(f.f, composed(g, h)) }
    const c = cotangents(subject, left, first.source.seed)
    const [a, b] = [pulled(subject, left)(c).gradient, pulled(subject, right)(c).gradient]
    if (!testable(a)) tally.skip()
    if (identical('vjp((h . g) . f) and vjp(h . (g . f))', valuesOf(a), valuesOf(b), told(subject, left)))
      tally.informative()
  }

const checkProductMap =
  (subject: Subject) =>
  ([first, second]: readonly [Drawn, Drawn], tally: Tally): void => {
    const [f, g] = [drawnModel(first), drawnModel(second)]
    const n = f.inputs.length
    const both: Model = {
      label: 'program',
      inputs: [...f.inputs, ...g.inputs],
      point: [...f.point, ...g.point],
      f: (xs) =>
        flatMap(f.f(xs.slice(0, n)), (ys) => map((zs: ReadonlyArray<AnyVar>) => [...ys, ...zs])(g.f(xs.slice(n)))),
    }
    const c = cotangents(subject, f, first.source.seed)
    const d = cotangents(subject, g, second.source.seed)
    const [whole, left, right] = [pulled(subject, both)([...c, ...d]), pulled(subject, f)(c), pulled(subject, g)(d)]
    if (!testable(whole.gradient)) tally.skip()
    if (
      identical(
        'vjp(f x g)(c, d) and (vjp(f) c, vjp(g) d)',
        valuesOf(whole.gradient),
        valuesOf([...left.gradient, ...right.gradient]),
        told(subject, both),
      )
    )
      tally.informative()
  }

const checkPairing =
  (subject: Subject) =>
  ([first, sketch]: readonly [Drawn, Sketch], tally: Tally): void => {
    const f = drawnModel(first)
    const g: Model = { ...f, f: draw(sketch) }
    const both: Model = {
      ...f,
      f: (xs) => flatMap(f.f(xs), (ys) => map((zs: ReadonlyArray<AnyVar>) => [...ys, ...zs])(g.f(xs))),
    }
    const c = cotangents(subject, f, first.source.seed)
    const d = cotangents(subject, g, first.source.seed, 1)
    const whole = pulled(subject, both)([...c, ...d]).gradient
    const parts = sums(pulled(subject, f)(c).gradient, pulled(subject, g)(d).gradient)
    if (!testable(whole) || !testable(parts)) tally.skip()
    if (agreeing('vjp(<f, g>)(c, d) and vjp(f) c + vjp(g) d', whole, parts, told(subject, both))) tally.informative()
  }

/**
 * L21 to L23 and L26 to L28.
 *
 * @category laws
 * @since 0.1.0
 */
export const reverseLaws: ReadonlyArray<Law> = [
  law(
    {
      id: 'L21',
      name: 'linearity in the cotangent',
      cls: 'N',
      section: 'reverse',
      doc: 'vjp(3c + 5d) = 3 vjp(c) + 5 vjp(d); bit for bit vjp(4c) = 4 vjp(c), vjp(-c) = -vjp(c), vjp(0) = 0',
    },
    (subject) => modelParts(subject, checkLinear(subject)),
  ),
  law(
    {
      id: 'L22',
      name: 'the chain rule',
      cls: 'N',
      section: 'reverse',
      doc: 'vjp(g . f, x) = vjp(f, x) . vjp(g, f x), with each pulled back by itself',
    },
    (subject) => [part('composed programs', pairs, checkChain(subject))],
  ),
  law(
    {
      id: 'L23',
      name: 'associativity of composition',
      cls: 'B',
      section: 'reverse',
      doc: 'vjp((h . g) . f) = vjp(h . (g . f))',
    },
    (subject) => [part('composed programs', triples, checkAssociative(subject))],
  ),
  law(
    {
      id: 'L26',
      name: 'sums, differences, products and quotients',
      cls: 'N',
      section: 'reverse',
      doc: "(f + g)' = f' + g', (f - g)' = f' - g', (f g)' = f' g + f g', (f / g)' = (f' - (f / g) g') / g",
    },
    (subject) => [part('pairs of programs', twoScalars, checkAlgebra(subject))],
  ),
  law(
    {
      id: 'L27',
      name: 'pairing',
      cls: 'N',
      section: 'reverse',
      doc: 'vjp(x => (f x, g x))(c, d) = vjp(f) c + vjp(g) d',
    },
    (subject) => [part('pairs of programs', twoScalars, checkPairing(subject))],
  ),
  law(
    {
      id: 'L28',
      name: 'product map',
      cls: 'B',
      section: 'reverse',
      doc: 'vjp((x, y) => (f x, g y))(c, d) = (vjp(f) c, vjp(g) d)',
    },
    (subject) => [
      part(
        'pairs of programs',
        fc.tuple(programs('tensor', { maxLength: 4 }), programs('tensor', { maxLength: 4 })),
        checkProductMap(subject),
      ),
    ],
  ),
]
