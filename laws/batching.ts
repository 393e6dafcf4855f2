/**
 * Batching: a model of many examples does to each what the model of one does to it, bit for bit, for every primitive,
 * every choice of what is batched, any number of examples (also none), and through derivatives.
 *
 * @since 0.1.0
 */
import type * as fc from 'fast-check'
import { F64 } from '../src/algebra/index.js'
import { testable } from '../src/algebra/tolerance.js'
import { flatMap, map, type Reverse } from '../src/Reverse.js'
import type { Spec } from '../src/Shape.js'
import type { AnyVar } from '../src/Var.js'
import {
  bitsOf,
  type Drawn,
  drawnModel,
  emitting,
  names,
  numbersFor,
  pointOf,
  programs,
  type SiteOf,
  sites,
} from './arbitrary/index.js'
import { type Arrows, agreeing, gradientAt, holds, identical, scalarised, told, total } from './check.js'
import { type Law, law, part, type Subject, type Tally } from './Law.js'
import { boundedResults, describe, evaluator, listing, type Model, type Numbers, reals, recorded } from './Model.js'
import { cotangents } from './reverse.js'

const vmapped = (subject: Subject, f: Arrows, xs: ReadonlyArray<AnyVar>, options: { in?: number; out?: number } = {}) =>
  subject.operations.vmap(f as never, options)(xs as never) as Reverse<ReadonlyArray<AnyVar>>

const LENGTHS: Numbers = [1, 2, 3, 3, 2, 0]

/** One primitive, with some of its operands batched, against a loop. */
const checkSite =
  (subject: Subject) =>
  (site: SiteOf, tally: Tally): void => {
    const { seed } = site.source
    const n = site.operands.length
    if (n === 0) tally.skip()
    const length = LENGTHS[bitsOf(seed, 1) % LENGTHS.length]
    const mask = 1 + (bitsOf(seed, 2) % (2 ** n - 1))
    const batched = site.operands.map((_, k) => (mask & (1 << k)) !== 0)
    const specs = site.operands.map((x, k): Spec => (batched[k] ? { ...x, shape: [length, ...x.shape] } : x))
    const put = (all: ReadonlyArray<AnyVar>, inner: ReadonlyArray<AnyVar>): ReadonlyArray<AnyVar> => {
      let next = 0
      return all.map((x, k) => (batched[k] ? inner[next++] : x))
    }
    const many = recorded(subject, specs, (all) =>
      vmapped(
        subject,
        (inner) => map((y: AnyVar) => [y])(emitting(site.primitive, put(all, inner), site.attributes)),
        all.filter((_, k) => batched[k]),
      ),
    )
    const one = recorded(subject, site.operands, (xs) =>
      map((y: AnyVar) => [y])(emitting(site.primitive, xs, site.attributes)),
    )
    const examples = Array.from({ length }, (_, i) =>
      numbersFor(site, { ...site.source, seed: bitsOf(seed, 3, i) }).map((numbers, k) =>
        batched[k] ? numbers : site.values[k],
      ),
    )
    const whole = evaluator(
      subject,
      F64,
      many,
    )(site.operands.map((_, k) => (batched[k] ? examples.flatMap((example) => example[k]) : site.values[k]))).outputs
    const run = evaluator(subject, F64, one)
    const each = examples.flatMap((example) => run(example).outputs[0])
    const [y] = one.outputs
    holds(
      `the batch of results has the shape [${many.outputs[0].shape}]`,
      many.outputs[0].shape.join() === [length, ...y.shape].join(),
      () => listing(subject, many),
    )
    const some = identical(`vmap of ${site.primitive} and a loop`, whole[0], each, () => listing(subject, many))
    if (some && length > 1) tally.informative()
  }

interface Examples {
  readonly model: Model
  readonly points: ReadonlyArray<ReadonlyArray<Numbers>>
  /** the points one after another, an array for each input */
  readonly stacked: ReadonlyArray<Numbers>
}

const examplesOf = (sample: Drawn, length: number): Examples => {
  const model = drawnModel(sample)
  const points = Array.from({ length }, (_, i) =>
    pointOf(sample.inputs, { ...sample.source, seed: bitsOf(sample.source.seed, 4, i) }),
  )
  return { model, points, stacked: sample.inputs.map((_, k) => points.flatMap((point) => point[k])) }
}

const COUNT = 3

const stackedShapes = (model: Model, ...lengths: Numbers) => reals(model.inputs.map((shape) => [...lengths, ...shape]))

/** The results of a function at several points, each result's numbers one point after another. */
const looped = (subject: Subject, model: Model, f: Arrows, points: Examples['points']): Numbers => {
  const run = evaluator(subject, F64, recorded(subject, reals(model.inputs), f))
  const all = points.map((point) => run(point).outputs)
  return all[0].flatMap((_, i) => all.flatMap((outputs) => outputs[i]))
}

const checkPrograms =
  (subject: Subject) =>
  (sample: Drawn, tally: Tally): void => {
    const { model, points, stacked } = examplesOf(sample, COUNT)
    const whole = evaluator(
      subject,
      F64,
      recorded(subject, stackedShapes(model, COUNT), (xs) => vmapped(subject, model.f, xs)),
    )(stacked).outputs.flat()
    if (identical('vmap f and a loop over f', whole, looped(subject, model, model.f, points), told(subject, model)))
      tally.informative()
  }

const checkNested =
  (subject: Subject) =>
  (sample: Drawn, tally: Tally): void => {
    const { model, points, stacked } = examplesOf(sample, 4)
    const whole = evaluator(
      subject,
      F64,
      recorded(subject, stackedShapes(model, 2, 2), (xs) =>
        vmapped(subject, (ys) => vmapped(subject, model.f, ys), xs),
      ),
    )(stacked).outputs.flat()
    if (identical('vmap (vmap f) and two loops', whole, looped(subject, model, model.f, points), told(subject, model)))
      tally.informative()
  }

const gradientArrows =
  (subject: Subject, model: Model): Arrows =>
  (xs) =>
    subject.operations.grad(scalarised(model.f) as never)(xs) as Reverse<ReadonlyArray<AnyVar>>

const checkGradients =
  (subject: Subject) =>
  (sample: Drawn, tally: Tally): void => {
    const { model, points, stacked } = examplesOf(sample, COUNT)
    const f = gradientArrows(subject, model)
    const loop = looped(subject, model, f, points)
    if (!loop.every(Number.isFinite)) tally.skip()
    const whole = evaluator(
      subject,
      F64,
      recorded(subject, stackedShapes(model, COUNT), (xs) => vmapped(subject, f, xs)),
    )(stacked).outputs.flat()
    identical('vmap (grad f) and a loop over grad f', whole, loop, told(subject, model))
    // the gradient of the sum over examples is every example's own
    const summed = gradientAt(
      subject,
      { inputs: model.inputs.map((shape) => [COUNT, ...shape]), point: stacked },
      (xs) =>
        flatMap(
          vmapped(subject, (ys) => map((y: AnyVar) => [y])(scalarised(model.f)(ys)), xs),
          total,
        ),
    )
    const each = gradientsBounded(subject, model, f, points)
    if (!testable(summed) || !testable(each)) tally.skip()
    if (agreeing('grad (sum of vmap f) and a loop over grad f', summed, each, told(subject, model))) tally.informative()
  }

const gradientsBounded = (subject: Subject, model: Model, f: Arrows, points: Examples['points']) => {
  const run = boundedResults(subject, recorded(subject, reals(model.inputs), f))
  const all = points.map((point) => run(point))
  return all[0].flatMap((_, i) => all.flatMap((outputs) => outputs[i]))
}

/** Every example has its own first input and shares the rest: shared inputs get the sum. */
const checkShared =
  (subject: Subject) =>
  (sample: Drawn, tally: Tally): void => {
    const { model, points } = examplesOf(sample, COUNT)
    const shared = points[0].slice(1)
    const own = points.map((point) => point[0])
    const n = model.inputs.length
    const f = scalarised(model.f)
    const batched: Pick<Model, 'inputs' | 'point'> = {
      inputs: [[COUNT, ...model.inputs[0]], ...model.inputs.slice(1)],
      point: [own.flat(), ...shared],
    }
    const whole = gradientAt(subject, batched, (xs) =>
      flatMap(
        vmapped(subject, ([y]) => map((z: AnyVar) => [z])(f([y, ...xs.slice(1)])), [xs[0]]),
        total,
      ),
    )
    const loop = gradientAt(
      subject,
      { inputs: [...own.map(() => model.inputs[0]), ...model.inputs.slice(1)], point: [...own, ...shared] },
      (xs) =>
        own.reduce<Reverse<AnyVar>>(
          (sum, _, i) => {
            const term = f([xs[i], ...xs.slice(COUNT)])
            return i === 0 ? term : flatMap(sum, (s) => flatMap(term, (t) => total([s, t])))
          },
          total([xs[0]]),
        ),
    )
    if (!testable(whole) || !testable(loop)) tally.skip()
    if (agreeing('the gradients of shared inputs', whole, loop, told(subject, model)) && n > 1) tally.informative()
  }

const checkPullbacks =
  (subject: Subject) =>
  (sample: Drawn, tally: Tally): void => {
    const { model, points, stacked } = examplesOf(sample, COUNT)
    const n = model.inputs.length
    const c = cotangents(subject, model, sample.source.seed)
    const cs = points.map((_, i) => c.map((list) => list.map((x) => x + 2 * i)))
    const shapes = recorded(subject, reals(model.inputs), model.f).outputs.map(({ shape }) => shape)
    const pull: Arrows = (all) =>
      flatMap(subject.operations.vjp(model.f)(all.slice(0, n)), ([_, back]) => back(all.slice(n)))
    const whole = evaluator(
      subject,
      F64,
      recorded(subject, [...stackedShapes(model, COUNT), ...reals(shapes.map((shape) => [COUNT, ...shape]))], (xs) =>
        vmapped(subject, pull, xs),
      ),
    )([...stacked, ...c.map((_, k) => cs.flatMap((one) => one[k]))]).outputs.flat()
    const run = evaluator(subject, F64, recorded(subject, reals([...model.inputs, ...shapes]), pull))
    const all = points.map((point, i) => run([...point, ...cs[i]]).outputs)
    const loop = all[0].flatMap((_, i) => all.flatMap((outputs) => outputs[i]))
    if (!loop.every(Number.isFinite)) tally.skip()
    if (identical('vmap (vjp f) and a loop over vjp f', whole, loop, told(subject, model))) tally.informative()
  }

/** A batch in another axis, of arguments and of results. */
const checkAxes =
  (subject: Subject) =>
  (sample: Drawn, tally: Tally): void => {
    const model = drawnModel(sample)
    if (model.inputs.some((shape) => shape.length === 0)) tally.skip()
    const length = 2
    const rank = (shape: ReadonlyArray<number>) => Array.from({ length: shape.length + 1 }, (_, d) => d)
    const front = recorded(subject, stackedShapes(model, length), (xs) => vmapped(subject, model.f, xs))
    const last = recorded(subject, stackedShapes(model, length), (xs) => {
      const moved = xs.reduce<Reverse<ReadonlyArray<AnyVar>>>(
        (all, x, i) =>
          flatMap(all, (done) =>
            map((y: AnyVar) => [...done, y])(
              emitting('permute', [x], { order: [...rank(model.inputs[i]).slice(1), 0] }),
            ),
          ),
        map(() => [])(total(xs)),
      )
      return flatMap(moved, (ys) =>
        flatMap(vmapped(subject, model.f, ys, { in: -1, out: -1 }), (zs) =>
          zs.reduce<Reverse<ReadonlyArray<AnyVar>>>(
            (all, z) =>
              flatMap(all, (done) => {
                const r = z.shape.length
                return map((y: AnyVar) => [...done, y])(
                  emitting('permute', [z], { order: [r - 1, ...Array.from({ length: r - 1 }, (_, d) => d)] }),
                )
              }),
            map(() => [])(total(ys)),
          ),
        ),
      )
    })
    const point = model.inputs.map(
      (shape, i) => pointOf([[length, ...shape]], { ...sample.source, seed: sample.source.seed + i })[0],
    )
    const values = (program: typeof front) => evaluator(subject, F64, program)(point).outputs.flat()
    if (identical('a batch in the last axis', values(last), values(front), () => describe(subject, model)))
      tally.informative()
  }

/** What has no operands is never batched. */
const uselessAlone: ReadonlySet<string> = new Set(['constant', 'iota'])

const some = { maxLength: 5 }

/**
 * L37.
 *
 * @category laws
 * @since 0.1.0
 */
export const batchingLaws: ReadonlyArray<Law> = [
  law(
    {
      id: 'L37',
      name: 'batching is a loop',
      cls: 'B',
      section: 'batching',
      doc: 'vmap(f)(xs)[i] = f(xs[i]) for every primitive and batched operand; so for vmap . vmap, vmap . grad, vmap . vjp; grad . vmap gives shared inputs the sum',
    },
    (subject) => [
      ...names.map((name) =>
        part<SiteOf>(name, sites(name, subject) as unknown as fc.Arbitrary<SiteOf>, checkSite(subject), {
          share: 1 / 8,
          needs: uselessAlone.has(name) ? 0 : 2 ** -10,
        }),
      ),
      part('programs', programs('any', some), checkPrograms(subject), { share: 1 / 2 }),
      part('nested batches', programs('any', some), checkNested(subject), { share: 1 / 4 }),
      part('gradients', programs('tensor', some), checkGradients(subject), { share: 1 / 4 }),
      part('pullbacks', programs('tensor', some), checkPullbacks(subject), { share: 1 / 4 }),
      part('shared inputs', programs('tensor', some), checkShared(subject), { share: 1 / 4 }),
      part('other axes', programs('any', some), checkAxes(subject), { share: 1 / 4 }),
    ],
  ),
]
