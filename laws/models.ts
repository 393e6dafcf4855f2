/**
 * Models: a category with products and sums, exactly. Two models are equal when the same key gives equal weights and both give
 * equal outputs and states, in training (with the same key, so the same random masks) and in evaluation, bit for bit.
 *
 * @since 0.1.0
 */
import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { run } from '../src/engine/index.js'
import * as nn from '../src/nn/index.js'
import { mul, sin, tanh } from '../src/ops/index.js'
import { key } from '../src/Random.js'
import { flatMap, map, type Operand, of, type Reverse } from '../src/Reverse.js'
import { type AnyTensor, normal } from '../src/Tensor.js'
import { leaves, type TensorTree, type VarTree } from '../src/Tree.js'
import type { Var } from '../src/Var.js'
import { holds } from './check.js'
import { type Law, law, part, type Subject, type Tally } from './Law.js'
import { must } from './Model.js'

type Model = nn.instances.Arrow<unknown, unknown>

/** A model that is built with the combinators of the subject. */
type Maker = (combinators: Combinators) => Model

/** The combinators without their types, which say what fits and here everything does. */
interface Combinators {
  readonly identity: () => Model
  readonly sequential: (...models: ReadonlyArray<Model>) => Model
  readonly parallel: (...models: ReadonlyArray<Model>) => Model
  readonly fanOut: (...models: ReadonlyArray<Model>) => Model
  readonly first: () => (model: Model) => Model
  readonly second: () => (model: Model) => Model
  readonly left: () => (model: Model) => Model
  readonly right: () => (model: Model) => Model
  readonly choice: (onLeft: Model, onRight: Model) => Model
  readonly lift: (f: (x: never) => Reverse<unknown>, name?: string) => Model
}

const combinatorsOf = (subject: Subject): Combinators => subject.operations.models as unknown as Combinators

const FEATURES = 3

const hidden = ({ layers }: nn.Pipeline): Model => nn.fromLayers(layers)

const single = fc.constantFrom<Maker>(
  () => hidden(nn.linear(FEATURES, FEATURES)),
  () => hidden(nn.activation(tanh, 'tanh')),
  () => hidden(nn.dropout(0.5)),
  () => hidden(nn.batchNorm(FEATURES)),
  () => hidden(nn.residual(nn.linear(FEATURES, FEATURES))),
)

/** Models that keep the shape: single layers and sequences of some. */
const makers: fc.Arbitrary<Maker> = fc.oneof(
  single,
  fc.array(single, { minLength: 1, maxLength: 3 }).map(
    (parts): Maker =>
      (combinators) =>
        combinators.sequential(...parts.map((make) => make(combinators))),
  ),
)

const seeds = fc.integer({ min: 0, max: 2 ** 20 })

const sample = fc.tuple(makers, makers, makers, seeds)

type Sample = readonly [Maker, Maker, Maker, number]

const batch = (seed: number, which: number): AnyTensor => normal(key(4 * seed + which), [4, FEATURES])

type Weights = { readonly parameters: ReadonlyArray<TensorTree>; readonly state: ReadonlyArray<TensorTree> }

const initial = (model: Model, seed: number): Weights => must(model.init(key(seed)), 'initialising') as never

type Result = { readonly output: TensorTree; readonly state: ReadonlyArray<TensorTree> }

/** What a model gives; `wrap` makes its input of the recorded one and `unwrap` a tree of its output. */
const applied = (
  model: Model,
  weights: Weights,
  context: nn.Context,
  x: unknown,
  wrap: (input: unknown) => unknown = (input) => input,
  unwrap: (output: unknown) => unknown = (output) => output,
): Result =>
  must(
    run(((input: VarTree) =>
      map(({ output, state }: nn.Applied<unknown, unknown>) => ({ output: unwrap(output), state }))(
        model.apply(weights as never, context)(wrap(input) as never) as Reverse<never>,
      )) as never)(x as never),
    'applying',
  ) as never

const numbers = (tree: unknown): ReadonlyArray<ReadonlyArray<number>> =>
  leaves(tree as TensorTree).map(({ shape, data }) => [...shape, ...data])

const same = (what: string, a: unknown, b: unknown): void => {
  const [as, bs] = [numbers(a), numbers(b)]
  holds(
    `${what}: they differ`,
    as.length === bs.length &&
      as.every((xs, i) => xs.length === bs[i].length && xs.every((x, j) => Object.is(x, bs[i][j]))),
  )
}

const contexts = (seed: number): ReadonlyArray<nn.Context> => [
  { mode: 'training', key: key(seed + 1) },
  { mode: 'evaluation' },
]

/** Breaks the law unless two models start equal, and give equal outputs and states for an input in both modes. */
const equal = (
  what: string,
  seed: number,
  a: Model,
  b: Model,
  x: unknown,
  wrap?: (input: unknown) => unknown,
  unwrap?: (output: unknown) => unknown,
): void => {
  const [wa, wb] = [initial(a, seed), initial(b, seed)]
  same(`${what}, the first weights`, wa, wb)
  for (const context of contexts(seed))
    same(
      `${what}, in ${context.mode}`,
      applied(a, wa, context, x, wrap, unwrap),
      applied(b, wb, context, x, wrap, unwrap),
    )
}

/** The weights of two models out of those of both. */
const apart = (weights: Weights, f: Model, seed: number): readonly [Weights, Weights] => {
  const { parameters, state } = initial(f, seed)
  return [
    { parameters: weights.parameters.slice(0, parameters.length), state: weights.state.slice(0, state.length) },
    { parameters: weights.parameters.slice(parameters.length), state: weights.state.slice(state.length) },
  ]
}

const EVALUATION: nn.Context = { mode: 'evaluation' }

const checkIdentity =
  (subject: Subject) =>
  ([make, , , seed]: Sample, tally: Tally): void => {
    const c = combinatorsOf(subject)
    const f = make(c)
    const x = batch(seed, 0)
    equal('identity, then f, and f', seed, c.sequential(c.identity(), f), f, x)
    equal('f, then identity, and f', seed, c.sequential(f, c.identity()), f, x)
    same('identity gives its input', applied(c.identity(), initial(c.identity(), seed), EVALUATION, x).output, x)
    tally.informative()
  }

const checkComposition =
  (subject: Subject) =>
  (makes: Sample, tally: Tally): void => {
    const c = combinatorsOf(subject)
    const [f, g, h] = makes.slice(0, 3).map((make) => (make as Maker)(c))
    const seed = makes[3]
    const x = batch(seed, 0)
    const all = c.sequential(f, g, h)
    equal('(f, g), h', seed, c.sequential(c.sequential(f, g), h), all, x)
    equal('f, (g, h)', seed, c.sequential(f, c.sequential(g, h)), all, x)
    const both = c.sequential(f, g)
    const weights = initial(both, seed)
    const [wf, wg] = apart(weights, f, seed)
    const between = applied(f, wf, EVALUATION, x)
    const after = applied(g, wg, EVALUATION, between.output)
    same('f, then g, and one after the other', applied(both, weights, EVALUATION, x), {
      output: after.output,
      state: [...between.state, ...after.state],
    })
    tally.informative()
  }

const checkProducts =
  (subject: Subject) =>
  ([makeF, makeG, , seed]: Sample, tally: Tally): void => {
    const c = combinatorsOf(subject)
    const [f, g] = [makeF(c), makeG(c)]
    const [x, y] = [batch(seed, 0), batch(seed, 1)]
    const pair = [x, y]
    const beside = c.parallel(f, g)
    const weights = initial(beside, seed)
    const [wf, wg] = apart(weights, f, seed)
    const [a, b] = [applied(f, wf, EVALUATION, x), applied(g, wg, EVALUATION, y)]
    same('f beside g, and each by itself', applied(beside, weights, EVALUATION, pair), {
      output: [a.output, b.output],
      state: [...a.state, ...b.state],
    })
    equal('f beside g, and one after the other', seed, beside, c.sequential(c.first()(f), c.second()(g)), pair)
    equal('first of a sequence', seed, c.first()(c.sequential(f, g)), c.sequential(c.first()(f), c.first()(g)), pair)
    const copy = c.lift(((v: unknown) => of([v, v])) as never)
    equal('fan out, and copy', seed, c.fanOut(f, g), c.sequential(copy, beside), x)
    const fst = c.lift((([v]: ReadonlyArray<unknown>) => of(v)) as never)
    equal('what is carried along', seed, c.sequential(c.first()(f), fst), c.sequential(fst, f), pair)
    equal('identity beside identity', seed, c.parallel(c.identity(), c.identity()), c.identity(), pair)
    tally.informative()
  }

/** The side of an `Either` that is not there is a list without elements. */
const sides = (x: unknown): unknown => {
  const either = x as E.Either<unknown, unknown>
  return E.isLeft(either) ? [[either.left], []] : [[], [either.right]]
}

const checkSums =
  (subject: Subject) =>
  ([makeF, makeG, , seed]: Sample, tally: Tally): void => {
    const c = combinatorsOf(subject)
    const [f, g] = [makeF(c), makeG(c)]
    const x = batch(seed, 0)
    for (const inject of [E.left, E.right] as ReadonlyArray<(v: unknown) => unknown>) {
      const [left, right] = [c.left()(f), c.right()(g)]
      equal('left of a sequence', seed, c.left()(c.sequential(f, g)), c.sequential(left, c.left()(g)), x, inject, sides)
      equal(
        'right of a sequence',
        seed,
        c.right()(c.sequential(f, g)),
        c.sequential(c.right()(f), right),
        x,
        inject,
        sides,
      )
      const taken = inject === E.left
      const [wf, wg] = [initial(left, seed), initial(right, seed)]
      const [a, b] = [applied(f, wf, EVALUATION, x).output, applied(g, wg, EVALUATION, x).output]
      same('left', applied(left, wf, EVALUATION, x, inject, sides).output, taken ? [[a], []] : [[], [x]])
      same('right', applied(right, wg, EVALUATION, x, inject, sides).output, taken ? [[x], []] : [[], [b]])
      const merge = c.lift(((v: E.Either<unknown, unknown>) => of(E.isLeft(v) ? v.left : v.right)) as never)
      equal('choice, and each side', seed, c.choice(f, g), c.sequential(left, right, merge), x, inject)
    }
    tally.informative()
  }

const functions = fc.constantFrom<(x: never) => Reverse<unknown>>(
  (x: Var) => sin(x),
  (x: Var) => mul(x, 2),
  (x: Var) => tanh(mul(x, x)),
  (x: Var) => of(x),
)

const checkLift =
  (subject: Subject) =>
  (
    [f, g, seed]: readonly [(x: never) => Reverse<unknown>, (x: never) => Reverse<unknown>, number],
    tally: Tally,
  ): void => {
    const c = combinatorsOf(subject)
    const x = batch(seed, 0)
    const both = c.lift((v) => flatMap(f(v), (y) => g(y as never)))
    equal('a lifted composition', seed, both, c.sequential(c.lift(f), c.lift(g)), x)
    equal('a lifted identity', seed, c.lift(((v: unknown) => of(v)) as never), c.identity(), x)
    same(
      'a lifted function',
      applied(c.lift(f), initial(c.lift(f), seed), EVALUATION, x).output,
      must(run(((v: Operand) => f(v as never)) as never)(x as never), 'the function'),
    )
    tally.informative()
  }

/** A sample builds and runs some thirty models. */
const SHARE = 0.2

const about = (id: string, name: string, doc: string) => ({ id, name, cls: 'B' as const, section: 'models', doc })

/**
 * L80 to L84.
 *
 * @category laws
 * @since 0.1.0
 */
export const modelLaws: ReadonlyArray<Law> = [
  law(about('L80', 'identity', 'identity ; f = f = f ; identity'), (subject) => [
    part('models', sample, checkIdentity(subject), { share: SHARE }),
  ]),
  law(about('L81', 'composition', '(f ; g) ; h = f ; (g ; h); (f ; g)(x) = g(f(x))'), (subject) => [
    part('models', sample, checkComposition(subject), { share: SHARE }),
  ]),
  law(
    about(
      'L82',
      'products',
      'f *** g = first f ; second g; first (f ; g) = first f ; first g; f &&& g = copy ; f *** g',
    ),
    (subject) => [part('models', sample, checkProducts(subject), { share: SHARE })],
  ),
  law(about('L83', 'sums', 'left (f ; g) = left f ; left g; f ||| g = left f ; right g ; merge'), (subject) => [
    part('models', sample, checkSums(subject), { share: SHARE }),
  ]),
  law(about('L84', 'functions', 'lift (g . f) = lift f ; lift g; lift id = identity'), (subject) => [
    part('functions', fc.tuple(functions, functions, seeds), checkLift(subject), { share: SHARE }),
  ]),
]
