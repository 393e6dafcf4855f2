/**
 * Transformations of programs: pruning, gradients that are stopped, rules of one's own, and pullbacks as
 * values.
 *
 * @since 0.1.0
 */
import { F64 } from '../src/algebra/index.js'
import { testable } from '../src/algebra/tolerance.js'
import { needed } from '../src/primitive/index.js'
import { flatMap, map, of, type Reverse } from '../src/Reverse.js'
import { equals, type Program } from '../src/Tape.js'
import type { AnyVar } from '../src/Var.js'
import { drawnModel, programs } from './arbitrary/index.js'
import { agreeing, apply, gradientAt, holds, identical, literal, pulled, told, valuesOf } from './check.js'
import { Broken, fixed, type Law, law, part, type Subject, type Tally } from './Law.js'
import { boundedResults, evaluator, type Model, must, type Numbers, pullback, reals, recorded } from './Model.js'
import { cotangents } from './reverse.js'

const checkPrune =
  (subject: Subject) =>
  (model: Model, seed: number, tally: Tally): void => {
    const c = cotangents(subject, model, seed)
    const whole = pullback(subject, model)
    const less = must(subject.operations.prune(whole, subject.calculus), 'pruning')
    holds('pruning never adds', less.tape.length <= whole.tape.length, told(subject, model))
    holds('what is left is needed', needed(less).length + unusedInputs(less) === less.tape.length, told(subject, model))
    holds(
      'pruning twice is pruning once',
      equals(must(subject.operations.prune(less, subject.calculus), 'pruning').tape, less.tape),
    )
    const run = (program: Program) => evaluator(subject, F64, program)([...model.point, ...c]).outputs.flat()
    if (identical('the values and gradients of a pruned program', run(less), run(whole), told(subject, model)))
      tally.informative()
  }

const unusedInputs = (program: Program): number => {
  const used = new Set(needed(program).map(({ id }) => id))
  return (program.inputs as ReadonlyArray<AnyVar>).filter(({ id }) => !used.has(id)).length
}

const checkStopped =
  (subject: Subject) =>
  (model: Model, seed: number, tally: Tally): void => {
    const stop = apply('stopGradient')
    const stopped: Model = {
      ...model,
      f: (xs) => flatMap(model.f(xs), (ys) => map((z: AnyVar) => [z, ...ys.slice(1)])(stop(ys[0]))),
    }
    const c = cotangents(subject, model, seed)
    const only = c.map((list, i) => (i === 0 ? list : list.map(() => 0)))
    const [plain, cut] = [pulled(subject, model)(only), pulled(subject, stopped)(only)]
    if (!testable(plain.results) || !testable(plain.gradient)) tally.skip()
    identical('the value of what is stopped', valuesOf(cut.results), valuesOf(plain.results), told(subject, model))
    identical(
      'the gradient of what is stopped',
      valuesOf(cut.gradient),
      cut.gradient.map(() => 0),
      told(subject, model),
    )
    const n = model.inputs.length
    const forward = recorded(subject, reals([...model.inputs, ...model.inputs]), (all) =>
      map((dys: ReadonlyArray<AnyVar>) => [dys[0]])(subject.operations.jvp(stopped.f)(all.slice(0, n), all.slice(n))),
    )
    const tangent = boundedResults(
      subject,
      forward,
    )([...model.point, ...model.point.map((xs) => xs.map(() => 1))]).flat()
    identical(
      'the tangent of what is stopped',
      valuesOf(tangent),
      tangent.map(() => 0),
      told(subject, model),
    )
    if (plain.gradient.some(({ value }) => value !== 0)) tally.informative()
  }

/** `sin(x) y` as a custom rule, with the true derivative: by its cotangents, by its tangents, and by nothing. */
const RULES = (subject: Subject) => {
  const mul = apply('mul')
  type Two = { readonly a: AnyVar; readonly b: AnyVar }
  const f = ({ a, b }: Two): Reverse<AnyVar> => flatMap(apply('sin')(a), (s) => mul(s, b))
  const vjp = ({ x: { a, b }, ct }: { readonly x: Two; readonly ct: AnyVar }): Reverse<Two> =>
    flatMap(apply('cos')(a), (c) =>
      flatMap(mul(c, b), (cb) =>
        flatMap(mul(ct, cb), (da) =>
          flatMap(apply('sin')(a), (s) => map((db: AnyVar) => ({ a: da, b: db }))(mul(ct, s))),
        ),
      ),
    )
  const jvp = ({ x: { a, b }, dx }: { readonly x: Two; readonly dx: Two }): Reverse<AnyVar> =>
    flatMap(apply('cos')(a), (c) =>
      flatMap(mul(c, b), (cb) =>
        flatMap(mul(dx.a, cb), (left) =>
          flatMap(apply('sin')(a), (s) => flatMap(mul(dx.b, s), (right) => apply('add')(left, right))),
        ),
      ),
    )
  const make =
    (rule: object) =>
    (xs: ReadonlyArray<AnyVar>): Reverse<AnyVar> =>
      subject.operations.customRule({ name: 'product', f, ...rule } as never)({
        a: xs[0],
        b: xs[1],
      } as never) as Reverse<AnyVar>
  return {
    plain: (xs: ReadonlyArray<AnyVar>) => f({ a: xs[0], b: xs[1] }),
    ways: {
      'its own vjp': make({ vjp }),
      'its own jvp': make({ jvp }),
      'both rules': make({ vjp, jvp }),
      'no rule': make({}),
      checkpoint: (xs: ReadonlyArray<AnyVar>) =>
        subject.operations.checkpoint(f as never)({ a: xs[0], b: xs[1] } as never) as Reverse<AnyVar>,
    },
    make,
  }
}

const customRules = (subject: Subject): void => {
  const at = { inputs: [[], []], point: [[0.75], [-1.5]] }
  const { plain, ways } = RULES(subject)
  const again = (f: (xs: ReadonlyArray<AnyVar>) => Reverse<AnyVar>) => (xs: ReadonlyArray<AnyVar>) =>
    flatMap(subject.operations.grad(f as never)(xs) as Reverse<ReadonlyArray<AnyVar>>, ([a, b]) =>
      flatMap(apply('mul')(a, b), (p) => apply('add')(p, a)),
    )
  const forward = (f: (xs: ReadonlyArray<AnyVar>) => Reverse<AnyVar>) => (xs: ReadonlyArray<AnyVar>) =>
    flatMap(literal(3), (u) =>
      flatMap(literal(-5), (w) => subject.operations.jvp(f as never)(xs as never, [u, w] as never) as Reverse<AnyVar>),
    )
  for (const [name, f] of Object.entries(ways)) {
    agreeing(`a function with ${name}`, gradientAt(subject, at, f), gradientAt(subject, at, plain))
    agreeing(
      `the second derivative of a function with ${name}`,
      gradientAt(subject, at, again(f)),
      gradientAt(subject, at, again(plain)),
    )
    agreeing(
      `the derivative of the tangent of a function with ${name}`,
      gradientAt(subject, at, forward(f)),
      gradientAt(subject, at, forward(plain)),
    )
  }
}

/** A rule is used: one that is wrong on purpose shows; and a rule that uses values from outside is refused. */
const customUse = (subject: Subject): void => {
  const { make } = RULES(subject)
  const wrong = make({ vjp: ({ ct }: { readonly ct: AnyVar }) => of({ a: ct, b: ct }) })
  const at = { inputs: [[], []], point: [[0.75], [-1.5]] }
  identical('a rule of its own is what is used', valuesOf(gradientAt(subject, at, wrong)), [1, 1])
  let message = ''
  try {
    recorded(subject, reals([[], []]), (xs) =>
      map((y: AnyVar) => [y])(make({ vjp: () => of({ a: xs[0], b: xs[1] }) })(xs)),
    )
  } catch (e) {
    if (!(e instanceof Broken)) throw e
    message = e.message
  }
  holds('a rule that captures a value from outside is refused', message.includes('outside'))
}

/** A pullback is a value: called twice, or after another call, it gives the same numbers. */
const checkPurity =
  (subject: Subject) =>
  (model: Model, seed: number, tally: Tally): void => {
    const n = model.inputs.length
    const shapes = recorded(subject, reals(model.inputs), model.f).outputs.map(({ shape }) => shape)
    const [c, d] = [cotangents(subject, model, seed), cotangents(subject, model, seed, 1)]
    const m = shapes.length
    const program = recorded(subject, reals([...model.inputs, ...shapes, ...shapes]), (all) =>
      flatMap(subject.operations.vjp(model.f)(all.slice(0, n)), ([_, pull]) =>
        flatMap(pull(all.slice(n, n + m)), (first) =>
          flatMap(pull(all.slice(n + m)), (other) =>
            map((second: ReadonlyArray<AnyVar>) => [...first, ...other, ...second])(pull(all.slice(n, n + m))),
          ),
        ),
      ),
    )
    const outputs = boundedResults(subject, program)([...model.point, ...c, ...d])
    const alone = pulled(subject, model)
    const part_ = (k: number): Numbers => valuesOf(outputs.slice(k * n, (k + 1) * n).flat())
    if (!testable(outputs.flat())) tally.skip()
    identical('a pullback called twice', part_(2), part_(0), told(subject, model))
    identical(
      'a pullback that shares its tape with others',
      part_(0),
      valuesOf(alone(c).gradient),
      told(subject, model),
    )
    if (identical('a pullback called after another', part_(1), valuesOf(alone(d).gradient), told(subject, model)))
      tally.informative()
  }

/**
 * L60 and L66 to L68.
 *
 * @category laws
 * @since 0.1.0
 */
export const transformationLaws: ReadonlyArray<Law> = [
  law(
    {
      id: 'L60',
      name: 'pruning',
      cls: 'B',
      section: 'transformations',
      doc: 'the same values and gradients, never longer, idempotent',
    },
    (subject) => [
      part('programs', programs('tensor'), (s, tally) => checkPrune(subject)(drawnModel(s), s.source.seed, tally), {
        share: 1 / 2,
      }),
    ],
  ),
  law(
    {
      id: 'L66',
      name: 'stopped gradients',
      cls: 'B',
      section: 'transformations',
      doc: 'stopGradient keeps the value; its vjp and jvp are 0',
    },
    (subject) => [
      part('programs', programs('tensor'), (s, tally) => checkStopped(subject)(drawnModel(s), s.source.seed, tally), {
        share: 1 / 4,
      }),
    ],
  ),
  law(
    {
      id: 'L67',
      name: 'custom rules',
      cls: 'N',
      section: 'transformations',
      doc: 'a custom rule with the true derivative changes nothing, at any order and in any mode; it is used; it may capture nothing',
    },
    (subject) => [fixed('true rules', () => customRules(subject)), fixed('use', () => customUse(subject))],
  ),
  law(
    {
      id: 'L68',
      name: 'pullbacks are pure',
      cls: 'B',
      section: 'transformations',
      doc: 'a pullback gives the same numbers however often and in whatever order it is called',
    },
    (subject) => [
      part('programs', programs('tensor'), (s, tally) => checkPurity(subject)(drawnModel(s), s.source.seed, tally), {
        share: 1 / 4,
      }),
    ],
  ),
]
