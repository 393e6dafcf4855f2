/**
 * Calculus: what is true of a gradient however it was computed. Integrals, homogeneity, invariance and convexity hold on whole
 * regions, so they see what is right at one point by accident, and none of them takes another derivative.
 *
 * @since 0.1.0
 */
import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { type Bounded, ErrorBound } from '../src/algebra/ErrorBound.js'
import { BLUNT, bounded, inner, SAFETY, testable } from '../src/algebra/tolerance.js'
import type { PrimitiveName, Vocabulary } from '../src/primitive/index.js'
import { attempt } from '../src/primitive/Recorder.js'
import { flatMap, type Reverse, step } from '../src/Reverse.js'
import { noAttributes } from '../src/Tape.js'
import { unsafeMake } from '../src/Tensor.js'
import type { AnyVar } from '../src/Var.js'
import { type Drawn, directionAt, drawnModel, type Palette, programs } from './arbitrary/index.js'
import { agreeing, gradientAt, gradientOf, holds, resultsAt, scalarised, single, told } from './check.js'
import { type Law, law, type Part, part, type Subject, type Tally } from './Law.js'
import { boundedResults, counts, type Model, type Numbers } from './Model.js'

type Scalar = (xs: ReadonlyArray<AnyVar>) => Reverse<AnyVar>

/**
 * A function written in the words of rules.
 *
 * @category constructors
 * @since 0.1.0
 */
export const words = (
  xs: ReadonlyArray<AnyVar>,
  f: (v: Vocabulary, vars: ReadonlyArray<AnyVar>) => ReadonlyArray<AnyVar>,
): Reverse<ReadonlyArray<AnyVar>> => step(xs, ({ vocabulary: v }, vars) => attempt(() => E.right(f(v, vars))))

const word = (xs: ReadonlyArray<AnyVar>, f: (v: Vocabulary, vars: ReadonlyArray<AnyVar>) => AnyVar): Reverse<AnyVar> =>
  step(xs, ({ vocabulary: v }, vars) => attempt(() => E.right(f(v, vars))))

const everything = (x: AnyVar): ReadonlyArray<number> => x.shape.map((_, d) => d)

const sumOf = (v: Vocabulary, xs: ReadonlyArray<AnyVar>): AnyVar =>
  xs.map((x) => v.sum(x, everything(x))).reduce((a, b) => v.add(a, b))

const like = (v: Vocabulary, x: AnyVar, one: AnyVar): AnyVar => v.broadcast(one, x.shape, [])

/**
 * The parts of a law on random programs with one result.
 *
 * @category constructors
 * @since 0.1.0
 */
export const on = (
  palettes: ReadonlyArray<Palette>,
  check: (model: Model, tally: Tally, seed: number) => void,
  share = 1 / 2,
): ReadonlyArray<Part> =>
  palettes.map((palette) =>
    part(
      `${palette} programs`,
      programs(palette, { maxLength: 6, outputs: 1 }),
      (sample: Drawn, tally) => check(drawnModel(sample), tally, sample.source.seed),
      { share },
    ),
  )

// ------------------------------------------------------------------------------- homogeneity and invariance

/** `|x|^k f(x / |x|)`, which is homogeneous of degree `k` whatever `f` is. */
const homogeneous =
  (f: Scalar, k: number): Scalar =>
  (xs) =>
    flatMap(
      word(xs, (v, vars) =>
        v.sqrt(
          sumOf(
            v,
            vars.map((x) => v.mul(x, x)),
          ),
        ),
      ),
      (norm) =>
        flatMap(
          flatMap(
            words([norm, ...xs], (v, [s, ...vars]) => vars.map((x) => v.div(x, like(v, x, s)))),
            f,
          ),
          (y) => word([norm, y], (v, [s, z]) => Array.from({ length: k }).reduce<AnyVar>((a) => v.mul(a, s), z)),
        ),
    )

const isNowhere = (model: Model): boolean => model.point.flat().every((x) => x === 0)

const checkEuler =
  (subject: Subject) =>
  (model: Model, tally: Tally, seed: number): void => {
    if (isNowhere(model)) tally.skip()
    const degree = seed % 4
    const f = homogeneous(scalarised(model.f), degree)
    const gradient = gradientAt(subject, model, f)
    const values = resultsAt(subject, model, single(f))
    if (!testable([...gradient, ...values])) tally.skip()
    const flow = inner(gradient, bounded(model.point.flat()))
    const expected = ErrorBound.mul(ErrorBound.literal(degree), values[0])
    if (agreeing(`<grad f, x> and ${degree} f of degree ${degree}`, [flow], [expected], told(subject, model)))
      tally.informative()
  }

/** `f(x - mean x)`: moving all numbers alike changes nothing. */
const centred =
  (f: Scalar, count: number): Scalar =>
  (xs) =>
    flatMap(
      words(xs, (v, vars) => {
        const all = sumOf(v, vars)
        const mean = v.div(all, v.like(all, count))
        return vars.map((x) => v.sub(x, like(v, x, mean)))
      }),
      f,
    )

const checkShift =
  (subject: Subject) =>
  (model: Model, tally: Tally): void => {
    const count = model.point.flat().length
    const gradient = gradientAt(subject, model, centred(scalarised(model.f), count))
    if (!testable(gradient)) tally.skip()
    const ones = bounded(gradient.map(() => 1))
    const { value, error } = inner(gradient, ones)
    const size = gradient.reduce((sum, g) => sum + Math.abs(g.value), 0)
    holds(
      `the entries of the gradient sum to ${value}, and rounding explains ${SAFETY * error}`,
      Math.abs(value) <= SAFETY * error,
      told(subject, model),
    )
    if (size > 0 && SAFETY * error <= BLUNT * size) tally.informative()
  }

// ------------------------------------------------------------------------------------------------- integrals

/** Nodes and weights of Gauss and Legendre on [0, 1], by Newton's method on the polynomials. */
const gauss = (n: number): ReadonlyArray<readonly [node: number, weight: number]> =>
  Array.from({ length: n }, (_, i) => {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5))
    let slope = 1
    for (let turn = 0; turn < 8; turn++) {
      let [before, now] = [1, x]
      for (let k = 2; k <= n; k++) [before, now] = [now, ((2 * k - 1) * x * now - (k - 1) * before) / k]
      slope = (n * (x * now - before)) / (x * x - 1)
      x -= now / slope
    }
    return [(1 + x) / 2, 1 / ((1 - x * x) * slope * slope)] as const
  })

/** What two orders may differ by, relative to what is integrated, for the better one to be believed; else nothing is said. */
const CONVERGED = 2 ** -24

const [COARSE, FINE] = [gauss(8), gauss(12)]

type Path = readonly [from: ReadonlyArray<Numbers>, to: ReadonlyArray<Numbers>]

/** The integral of the gradient along a segment, with its error: what two orders differ by, and rounding. */
const integral = (
  gradient: (at: ReadonlyArray<Numbers>) => ReadonlyArray<Bounded>,
  [from, to]: Path,
  tally: Tally,
): Bounded => {
  const way = bounded(to.flatMap((xs, i) => xs.map((x, j) => x - from[i][j])))
  const by = (rule: typeof FINE): Bounded =>
    rule
      .map(([t, weight]) => {
        const at = from.map((xs, i) => xs.map((x, j) => x + t * (to[i][j] - x)))
        return ErrorBound.mul(ErrorBound.literal(weight), inner(gradient(at), way))
      })
      .reduce(ErrorBound.add)
  const [rough, fine] = [by(COARSE), by(FINE)]
  // nodes and weights are rounded as well: each is off by some units of what it contributes
  const size = Math.abs(fine.value) + way.reduce((s, w) => s + Math.abs(w.value), 0)
  if (!(Math.abs(fine.value - rough.value) <= CONVERGED * size)) tally.skip()
  return { value: fine.value, error: fine.error + Math.abs(fine.value - rough.value) + 2 ** -46 * size }
}

/** Segments are short, so that the rules converge. */
const REACH = 2 ** -6

const nearby = (model: Model, seed: number, which: number): ReadonlyArray<Numbers> => {
  const u = counts(model.inputs).map((n, i) => directionAt(seed, which + i, n))
  return model.point.map((xs, i) => xs.map((x, j) => x + REACH * u[i][j]))
}

const checkIntegral =
  (subject: Subject) =>
  (model: Model, tally: Tally, seed: number): void => {
    const f = scalarised(model.f)
    const run = boundedResults(subject, gradientOf(subject, model.inputs, f))
    const gradient = (at: ReadonlyArray<Numbers>): ReadonlyArray<Bounded> => run(at).flat()
    const corners = [model.point, nearby(model, seed, 0), nearby(model, seed, 50)]
    const [ab, bc, ca] = corners.map((corner, i) => integral(gradient, [corner, corners[(i + 1) % 3]], tally))
    const values = corners.slice(0, 2).map((point) => resultsAt(subject, { ...model, point }, single(f))[0])
    if (!testable([ab, bc, ca, ...values])) tally.skip()
    const rise = ErrorBound.sub(values[1], values[0])
    if (agreeing('the integral of the gradient and the rise of the function', [ab], [rise], told(subject, model)))
      tally.informative()
    const round = [ab, bc, ca].reduce(ErrorBound.add)
    holds(
      `the integral of the gradient round a triangle is ${round.value}, and ${SAFETY * round.error} is explained`,
      Math.abs(round.value) <= SAFETY * round.error,
      told(subject, model),
    )
  }

// ------------------------------------------------------------------------------------------------- convexity

const CONVEX = ['exp', 'softplus', 'cosh', 'square', 'abs'] as const
const RISING = ['exp', 'softplus', 'sigmoid', 'atan'] as const

interface Mixture {
  readonly functions: ReadonlyArray<PrimitiveName | 'square'>
  /** eighths */
  readonly slopes: ReadonlyArray<ReadonlyArray<number>>
  readonly from: Numbers
  readonly to: Numbers
}

const DIMENSION = 3

const mixtures = (names: ReadonlyArray<PrimitiveName | 'square'>, least: number): fc.Arbitrary<Mixture> => {
  const numbers = (min: number): fc.Arbitrary<Numbers> =>
    fc.array(
      fc.integer({ min, max: 16 }).map((k) => k / 8),
      { minLength: DIMENSION, maxLength: DIMENSION },
    )
  return fc.array(fc.tuple(fc.constantFrom(...names), numbers(least)), { minLength: 1, maxLength: 4 }).chain((terms) =>
    fc.record({
      functions: fc.constant(terms.map(([name]) => name)),
      slopes: fc.constant(terms.map(([, slopes]) => slopes)),
      from: numbers(-16),
      to: numbers(-16),
    }),
  )
}

/** `sum over j of φ_j(<a_j, x>)`: convex or rising where all `φ_j` are, the latter for `a_j >= 0`. */
const mixed =
  ({ functions, slopes }: Mixture): Scalar =>
  (xs) =>
    word(xs, (v, [x]) =>
      functions
        .map((name, j) => {
          const slope = v.emit('constant', [], { value: unsafeMake([DIMENSION], 'real', Float64Array.from(slopes[j])) })
          const z = v.sum(v.mul(x, slope), [0])
          return name === 'square' ? v.mul(z, z) : v.emit(name, [z], noAttributes as never)
        })
        .reduce((a, b) => v.add(a, b)),
    )

const modelOf = (mixture: Mixture, point: Numbers): Model => ({
  label: 'mixture',
  inputs: [[DIMENSION]],
  point: [point],
  f: single(mixed(mixture)),
})

const checkConvex =
  (subject: Subject) =>
  (mixture: Mixture, tally: Tally): void => {
    const [at, there] = [modelOf(mixture, mixture.from), modelOf(mixture, mixture.to)]
    const gradient = gradientAt(subject, at, mixed(mixture))
    const [f, g] = [at, there].map((model) => resultsAt(subject, model, model.f)[0])
    const way = inner(gradient, bounded(mixture.to.map((y, i) => y - mixture.from[i])))
    const gap = ErrorBound.sub(g, ErrorBound.add(f, way))
    holds(
      `f(y) - f(x) - <grad f(x), y - x> is ${gap.value} for a convex f`,
      gap.value >= -SAFETY * gap.error,
      told(subject, at),
    )
    if (gap.value > SAFETY * gap.error) tally.informative()
  }

const checkRising =
  (subject: Subject) =>
  (mixture: Mixture, tally: Tally): void => {
    const model = modelOf(mixture, mixture.from)
    const gradient = gradientAt(subject, model, mixed(mixture))
    for (const { value, error } of gradient)
      holds(`a rising function has the partial derivative ${value}`, value >= -SAFETY * error, told(subject, model))
    if (gradient.some(({ value, error }) => value > SAFETY * error)) tally.informative()
  }

const about = (id: string, name: string, doc: string, cls: Law['cls'] = 'N') => ({
  id,
  name,
  cls,
  section: 'calculus',
  doc,
})

/**
 * L55 to L58.
 *
 * @category laws
 * @since 0.1.0
 */
export const calculusLaws: ReadonlyArray<Law> = [
  law(about('L55', 'Euler', 'f(λ x) = λ^k f(x) for all λ > 0 implies <grad f(x), x> = k f(x)'), (subject) =>
    on(['smooth'], checkEuler(subject)),
  ),
  law(about('L56', 'invariance', 'f(x + t 1) = f(x) for all t implies <grad f(x), 1> = 0'), (subject) =>
    on(['smooth', 'tensor'], checkShift(subject)),
  ),
  law(
    about('L57', 'fundamental theorem', 'the integral of grad f along a path is what f rises by, and 0 round a loop'),
    (subject) => on(['smooth'], checkIntegral(subject)),
  ),
  law(
    about('L58', 'convexity', 'f(y) >= f(x) + <grad f(x), y - x> for convex f; grad f(x) >= 0 for rising f'),
    (subject) => [
      part('convex mixtures', mixtures(CONVEX, -16), checkConvex(subject)),
      part('rising mixtures', mixtures(RISING, 0), checkRising(subject)),
    ],
  ),
]
