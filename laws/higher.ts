/**
 * Derivatives of derivatives: Hessians in every way there is to make them, for every primitive and for random programs.
 *
 * @since 0.1.0
 */

import { type Bounded, ErrorBound, UNIT } from '../src/algebra/ErrorBound.js'
import { Complex, dual } from '../src/algebra/index.js'
import { bounded, inner, testable } from '../src/algebra/tolerance.js'
import { flatMap, map, type Reverse } from '../src/Reverse.js'
import { size } from '../src/Shape.js'
import type { AnyVar } from '../src/Var.js'
import {
  type Drawn,
  directionAt,
  drawnModel,
  emitting,
  integersAt,
  names,
  programs,
  resultOf,
  siteModel,
  sites,
} from './arbitrary/index.js'
import { agreeing, apply, gradientOf, holds, identical, literal, scalarised, told, total, valuesOf } from './check.js'
import { differences } from './differences.js'
import { fixed, type Law, law, part, type Subject, type Tally } from './Law.js'
import { along, boundedResults, counts, evaluator, type Model, type Numbers, reals, recorded } from './Model.js'
import { COMPLEX_COST, isSmooth, STEP } from './modes.js'

type Scalar = (xs: ReadonlyArray<AnyVar>) => Reverse<AnyVar>

const gradient =
  (subject: Subject, f: Scalar) =>
  (xs: ReadonlyArray<AnyVar>): Reverse<ReadonlyArray<AnyVar>> =>
    subject.operations.grad(f as never)(xs) as Reverse<ReadonlyArray<AnyVar>>

const Duals = dual(ErrorBound)

/**
 * `w' H v` in every way.
 *
 * @category checks
 * @since 0.1.0
 */
export const checkHessian =
  (subject: Subject) =>
  (model: Model, f: Scalar, seed: number, tally: Tally): void => {
    const { jvp, hvp } = subject.operations
    const n = model.inputs.length
    const v = counts(model.inputs).map((k, i) => directionAt(seed, 40 + i, k))
    const w = counts(model.inputs).map((k, i) => directionAt(seed, 60 + i, k))
    const grads = gradientOf(subject, model.inputs, f)
    if (!isSmooth(subject, grads, { model, tangent: v, cotangent: [] })) tally.skip()
    const twice = (g: (xs: ReadonlyArray<AnyVar>, u: ReadonlyArray<AnyVar>) => Reverse<ReadonlyArray<AnyVar>>) => {
      const run = boundedResults(
        subject,
        recorded(subject, reals([...model.inputs, ...model.inputs]), (all) => g(all.slice(0, n), all.slice(n))),
      )
      return (u: ReadonlyArray<Numbers>, against: ReadonlyArray<Numbers>): Bounded =>
        inner(run([...model.point, ...u]).flat(), bounded(against.flat()))
    }
    const forwardOverReverse = twice(
      (xs, u) => hvp(f as never)(xs as never, u as never) as Reverse<ReadonlyArray<AnyVar>>,
    )
    const expected = forwardOverReverse(v, w)
    if (!testable([expected])) tally.skip()
    const reverseOverReverse = twice((xs, u) =>
      gradient(subject, (ys) => flatMap(gradient(subject, f)(ys), (gs) => dotted(gs, u)))(xs),
    )
    const reverseOverForward = twice((xs, u) =>
      gradient(subject, (ys) => jvp(f as never)(ys as never, u as never) as Reverse<AnyVar>)(xs),
    )
    const forwardOverForward = (): Bounded => {
      const program = recorded(subject, reals([...model.inputs, ...model.inputs, ...model.inputs]), (all) =>
        map((y: AnyVar) => [y])(
          jvp(((ys: ReadonlyArray<AnyVar>) => jvp(f as never)(ys as never, all.slice(n, 2 * n) as never)) as never)(
            all.slice(0, n) as never,
            all.slice(2 * n) as never,
          ) as Reverse<AnyVar>,
        ),
      )
      return boundedResults(subject, program)([...model.point, ...v, ...w])[0][0]
    }
    const duals = (): Bounded => {
      const { outputs } = evaluator(
        subject,
        Duals,
        grads,
      )(
        model.point.map((xs, i) =>
          xs.map((x, j) => ({ primal: ErrorBound.literal(x), tangent: ErrorBound.literal(v[i][j]) })),
        ),
      )
      return inner(
        outputs.flat().map((d) => d.tangent),
        bounded(w.flat()),
      )
    }
    const complex = (like: Bounded): Bounded => {
      const { outputs } = evaluator(
        subject,
        Complex,
        grads,
      )(model.point.map((xs, i) => xs.map((x, j) => ({ re: x, im: v[i][j] * STEP }))))
      const terms = outputs.flat().map((z, i) => (w.flat()[i] * z.im) / STEP)
      const scale = terms.reduce((sum, x) => sum + Math.abs(x), 0)
      return { value: terms.reduce((sum, x) => sum + x, 0), error: COMPLEX_COST * (like.error + UNIT * scale) + STEP }
    }
    const byDuals = duals()
    const slopes = differences(along(subject, grads, model.point, v))
    const ways: ReadonlyArray<readonly [string, Bounded | null]> = [
      ['its transpose', forwardOverReverse(w, v)],
      ['reverse over reverse', reverseOverReverse(v, w)],
      ['reverse over forward', reverseOverForward(v, w)],
      ['forward over forward', forwardOverForward()],
      ['dual numbers over reverse', byDuals],
      ['the complex step over reverse', complex(byDuals)],
      ['differences of the gradient', slopes === null ? null : inner(slopes, bounded(w.flat()))],
    ]
    let informative = true
    for (const [way, value] of ways)
      if (value !== null)
        informative =
          agreeing(`w' H v by forward over reverse and by ${way}`, [expected], [value], told(subject, model)) &&
          informative
    if (informative) tally.informative()
  }

/** `<xs, ys>`. */
const dotted = (xs: ReadonlyArray<AnyVar>, ys: ReadonlyArray<AnyVar>): Reverse<AnyVar> => {
  const products = xs.map((x, i) => apply('mul')(x, ys[i]))
  const gather = (i: number, done: ReadonlyArray<AnyVar>): Reverse<AnyVar> =>
    i === products.length ? total(done) : flatMap(products[i], (p) => gather(i + 1, [...done, p]))
  return gather(0, [])
}

/**
 * The sum of the cubes: even linear rows bend then, and roots still do.
 *
 * @category functions
 * @since 0.1.0
 */
export const cubed =
  (model: Model): Scalar =>
  (xs) =>
    flatMap(model.f(xs), ([y]) => flatMap(apply('mul')(y, y), (squares) => dotted([squares], [y])))

const checkFull =
  (subject: Subject) =>
  (sample: Drawn, tally: Tally): void => {
    const model = drawnModel({ ...sample, inputs: sample.inputs.slice(0, 1) })
    const f = scalarised(model.f)
    const [shape] = model.inputs
    const n = size(shape)
    const H = boundedResults(
      subject,
      recorded(subject, reals(model.inputs), ([x]) =>
        map((h: AnyVar) => [h])(
          subject.operations.hessian(((y: AnyVar) => f([y])) as never)(x as never) as Reverse<AnyVar>,
        ),
      ),
    )(model.point)[0]
    const v = directionAt(sample.source.seed, 1, n)
    const product = boundedResults(
      subject,
      recorded(subject, reals([shape, shape]), ([x, u]) =>
        map((h: AnyVar) => [h])(
          subject.operations.hvp(((y: AnyVar) => f([y])) as never)(x as never, u as never) as Reverse<AnyVar>,
        ),
      ),
    )([model.point[0], v])[0]
    if (!testable(H) || !testable(product)) tally.skip()
    const at = (i: number, j: number): Bounded => H[i * n + j]
    const all = Array.from({ length: n * n }, (_, k) => [Math.floor(k / n), k % n] as const)
    agreeing(
      'H and its transpose',
      H,
      all.map(([i, j]) => at(j, i)),
      told(subject, model),
    )
    const rows = Array.from({ length: n }, (_, i) => inner(H.slice(i * n, (i + 1) * n), bounded(v)))
    if (agreeing('hvp(v) and H v', product, rows, told(subject, model))) tally.informative()
  }

/** `x' A x / 2` on integers: `H = (A + A') / 2` exactly. */
const quadratic = (subject: Subject): void => {
  const n = 3
  const A = integersAt(3, 0, n * n)
  const f = (x: AnyVar, a: AnyVar): Reverse<AnyVar> =>
    flatMap(emitting('contract', [a, x], { contract: [[1], [0]], batch: [[], []] }), (ax) =>
      flatMap(emitting('contract', [x, ax], { contract: [[0], [0]], batch: [[], []] }), (q) =>
        flatMap(literal(0.5), (half) => apply('mul')(half, q)),
      ),
    )
  const H = boundedResults(
    subject,
    recorded(subject, reals([[n], [n, n]]), ([x, a]) =>
      map((h: AnyVar) => [h])(
        subject.operations.hessian(((y: AnyVar) => f(y, a)) as never)(x as never) as Reverse<AnyVar>,
      ),
    ),
  )([integersAt(3, 1, n), A])[0]
  identical(
    "the Hessian of x' A x / 2",
    valuesOf(H),
    A.map((x, k) => (x + A[(k % n) * n + Math.floor(k / n)]) / 2),
  )
}

/** All orders of three directions give one third derivative of a cubic, exactly on integers. */
const cubic = (subject: Subject): void => {
  const n = 3
  const f = ([x]: ReadonlyArray<AnyVar>): Reverse<AnyVar> =>
    flatMap(emitting('cumsum', [x], { axis: 0, reverse: false }), (s) =>
      flatMap(apply('mul')(s, x), (sx) => flatMap(apply('mul')(sx, s), (t) => total([t]))),
    )
  const along3 = (directions: ReadonlyArray<Numbers>): number => {
    const program = recorded(subject, reals([[n], [n], [n], [n]]), ([x, a, b, c]) => {
      const D = (g: (x: AnyVar) => Reverse<AnyVar>, u: AnyVar) => (y: AnyVar) =>
        subject.operations.jvp(g as never)(y as never, u as never) as Reverse<AnyVar>
      return map((y: AnyVar) => [y])(
        D(
          D(
            D((y) => f([y]), a),
            b,
          ),
          c,
        )(x),
      )
    })
    return boundedResults(subject, program)([integersAt(4, 9, n), ...directions])[0][0].value
  }
  const [a, b, c] = [0, 1, 2].map((i) => integersAt(4, i, n))
  const values = [
    [a, b, c],
    [a, c, b],
    [b, a, c],
    [b, c, a],
    [c, a, b],
    [c, b, a],
  ].map(along3)
  holds('the third derivative of the cubic is not zero', values[0] !== 0)
  identical(
    'the third derivative in any order of directions',
    values,
    values.map(() => values[0]),
  )
}

/**
 * L47 and L48.
 *
 * @category laws
 * @since 0.1.0
 */
export const higherLaws: ReadonlyArray<Law> = [
  law(
    {
      id: 'L47',
      name: 'second derivatives',
      cls: 'N',
      section: 'higher',
      doc: "w' H v = v' H w, by forward over reverse, reverse over reverse, reverse over forward, forward over forward, dual numbers, the complex step and differences; hvp(v) = H v",
    },
    (subject) => [
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
              checkHessian(subject)(model, cubed(model), site.source.seed, tally)
            },
            { share: 1 / 16 },
          ),
        ]
      }),
      ...(['scalar', 'tensor'] as const).map((palette) =>
        part(
          `${palette} programs`,
          programs(palette, { maxLength: 4 }),
          (sample, tally) => {
            const model = drawnModel(sample)
            checkHessian(subject)(model, scalarised(model.f), sample.source.seed, tally)
          },
          { share: 1 / 4 },
        ),
      ),
      part('whole Hessians', programs('smooth', { maxLength: 4 }), checkFull(subject), { share: 1 / 8 }),
    ],
  ),
  law(
    {
      id: 'L48',
      name: 'polynomials',
      cls: 'P',
      section: 'higher',
      doc: "the Hessian of x' A x / 2 is (A + A') / 2; third derivatives are symmetric in their directions; exact on integers",
    },
    (subject) => [fixed('a quadratic form', () => quadratic(subject)), fixed('a cubic', () => cubic(subject))],
  ),
]
