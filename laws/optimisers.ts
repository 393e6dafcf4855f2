/**
 * Optimisers: pure unfolds that rest where the gradient is 0, compose like functions, and scale as their formulas say.
 *
 * Gradients are those of `h/2 (p - c)^2` on a small tree of parameters; scaling is by powers of two, which float64 does
 * without rounding, so all laws but the last hold bit for bit.
 *
 * @since 0.1.0
 */
import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { compile } from '../src/engine/index.js'
import { mul, sub } from '../src/ops/index.js'
import { type LbfgsState, leafwise, move, type Objective, type Optimiser } from '../src/optim/index.js'
import { spec } from '../src/Program.js'
import { gen, type Reverse } from '../src/Reverse.js'
import { type AnyTensor, ints, map, scalar, type Tensor, tensor } from '../src/Tensor.js'
import * as Tree from '../src/Tree.js'
import { holds, identical } from './check.js'
import { type Law, law, part, type Subject, type Tally } from './Law.js'
import { must, type Numbers } from './Model.js'

/** An optimiser whose types are not known. */
type Any = Optimiser<unknown>

const RATE = 0.1

/** Directions by name, and how they answer a gradient that is scaled by a power of two. */
const directions = ({
  operations: { optimisers: o },
}: Subject): ReadonlyArray<readonly [string, Any, 'linear' | 'invariant']> =>
  [
    ['plain', o.identity, 'linear'],
    ['momentum', o.momentum({ decay: 0.9 }), 'linear'],
    ['damped momentum', o.momentum({ decay: 0.5, dampening: 0.25 }), 'linear'],
    ['nesterov', o.momentum({ decay: 0.9, nesterov: true }), 'linear'],
    // without epsilon, which is what breaks the scaling; gradients here are never 0
    ['sum', o.scaleBySum({ eps: 0 }), 'invariant'],
    ['rms', o.scaleByRms({ eps: 0 }), 'invariant'],
    ['rms, centred', o.scaleByRms({ eps: 0, centred: true }), 'invariant'],
    ['moments', o.scaleByMoments({ eps: 0 }), 'invariant'],
    ['moments, amsgrad', o.scaleByMoments({ eps: 0, amsgrad: true }), 'invariant'],
  ] as never

/** The same with an epsilon, so that a gradient of 0 is answered. */
const whole = (subject: Subject): ReadonlyArray<readonly [string, Any]> => {
  const { chain, descend, identity, momentum, scaleByMoments, scaleByRms, scaleBySum } = subject.operations.optimisers
  const each = [
    ['sgd', identity],
    ['momentum', momentum({ decay: 0.9 })],
    ['nesterov', momentum({ decay: 0.9, dampening: 0.5, nesterov: true })],
    ['adagrad', scaleBySum()],
    ['rmsprop', scaleByRms()],
    ['rmsprop, centred', scaleByRms({ centred: true })],
    ['adam', scaleByMoments()],
    ['adam, amsgrad', scaleByMoments({ amsgrad: true })],
  ] as ReadonlyArray<readonly [string, Any]>
  return each.map(([name, one]) => [name, chain(one, descend(RATE)) as Any])
}

type Point = { readonly w: Tensor<readonly [2]>; readonly b: Tensor<readonly []> }

interface State {
  readonly parameters: Tree.TensorTree
  readonly state: Tree.TensorTree
  readonly step: number
}

const numbers = (...trees: ReadonlyArray<Tree.TensorTree>): Numbers =>
  trees.flatMap((tree) => Tree.leaves<AnyTensor>(tree).flatMap(({ data }) => [...data]))

/** One step of an optimiser on `h/2 (p - c)^2`, scaled; the update comes with the next state. */
const stepping = (
  subject: Subject,
  optimiser: Any,
  centre: Point,
  curvature: number,
  scale = 1,
): ((at: State) => State & { readonly update: Tree.TensorTree }) => {
  type Inputs = { readonly parameters: Tree.VarTree; readonly state: Tree.VarTree; readonly step: never }
  const body = ({ parameters, state, step }: Inputs) =>
    gen(function* () {
      const gradient = yield* leafwise((p, c) => mul(mul(sub(p, c), curvature), scale))(parameters, centre as never)
      const moved = yield* optimiser.update({ gradient, state: state as never, parameters, step })
      return { parameters: yield* move(parameters, moved.update), ...(moved as { readonly update: Tree.VarTree }) }
    }) as unknown as Reverse<Tree.VarTree>
  const state = optimiser.init(centre)
  const program = subject.operations.record(body as never, { calculus: subject.calculus })({
    parameters: centre,
    state,
    step: spec([], 'int'),
  } as never)
  const { run } = must(E.chain(compile({ engine: 'reference' }))(program), 'compiling')
  return (at) => {
    const next = must(run({ parameters: at.parameters, state: at.state, step: ints(at.step) } as never), 'a step')
    return { ...(next as unknown as State & { readonly update: Tree.TensorTree }), step: at.step + 1 }
  }
}

const beginning = (optimiser: Any, parameters: Point): State => ({
  parameters,
  state: optimiser.init(parameters) as Tree.TensorTree,
  step: 0,
})

const unfolded = (step: (at: State) => State, times: number, from: State): State => {
  let at = from
  for (let i = 0; i < times; i++) at = step(at)
  return at
}

/** Halves of odd numbers, and the centres are integers: no gradient is 0. */
const points: fc.Arbitrary<Point> = fc
  .tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: -20, max: 20 }), fc.integer({ min: -20, max: 20 }))
  .map(([x, y, b]) => ({ w: tensor([x + 0.5, y + 0.5]), b: scalar(b + 0.5) }))

const runs = fc.record({
  start: points,
  shift: fc.integer({ min: -3, max: 3 }),
  curvature: fc.constantFrom(0.25, 1, 3),
  first: fc.integer({ min: 1, max: 4 }),
  second: fc.integer({ min: 1, max: 4 }),
  power: fc.constantFrom(-20, -3, 1, 4, 30),
})
type Run = typeof runs extends fc.Arbitrary<infer A> ? A : never

const centreOf = ({ shift }: Run): Point => ({ w: tensor([shift, -shift]), b: scalar(shift + 1) })

const checkUnfold =
  (subject: Subject, name: string, of: (subject: Subject) => Any) =>
  (run: Run, tally: Tally): void => {
    const make = () => {
      const optimiser = of(subject)
      return {
        step: stepping(subject, optimiser, centreOf(run), run.curvature),
        start: beginning(optimiser, run.start),
      }
    }
    const all = make()
    const end = unfolded(all.step, run.first + run.second, all.start)
    const before = make()
    const half = unfolded(before.step, run.first, before.start)
    // another recording goes on, from nothing but the state
    const resumed = unfolded(make().step, run.second, half)
    identical(
      `${name}: m + n steps and m, then n`,
      numbers(resumed.parameters, resumed.state),
      numbers(end.parameters, end.state),
    )
    if (numbers(end.parameters).some((x, i) => x !== numbers(run.start as never)[i])) tally.informative()
  }

const checkRest =
  (subject: Subject, name: string, optimiser: Any) =>
  (run: Run, tally: Tally): void => {
    const step = stepping(subject, optimiser, run.start, run.curvature)
    const end = unfolded(step, run.first, beginning(optimiser, run.start))
    identical(`${name} at a stationary point`, numbers(end.parameters), numbers(run.start as never))
    tally.informative()
  }

/** What a chain of two means. */
const inTurn = <S, T>(first: Optimiser<S>, second: Optimiser<T>): Optimiser<readonly [S, T]> => ({
  name: 'in turn',
  rate: null,
  init: (parameters) => [first.init(parameters), second.init(parameters)] as never,
  update: ({ gradient, state, parameters, step }) =>
    gen(function* () {
      const [s, t] = state as readonly [never, never]
      const one = yield* first.update({ gradient, state: s, parameters, step })
      const two = yield* second.update({ gradient: one.update, state: t, parameters, step })
      return { update: two.update, state: [one.state, two.state] as never }
    }),
})

const checkChain =
  (subject: Subject) =>
  (run: Run, tally: Tally): void => {
    const { chain, descend, identity, momentum, scaleByMoments } = subject.operations.optimisers
    const centre = centreOf(run)
    const trace = (optimiser: unknown): Numbers => {
      const step = stepping(subject, optimiser as Any, centre, run.curvature)
      const end = unfolded(step, run.first + 1, beginning(optimiser as Any, run.start))
      return numbers(end.parameters, end.state)
    }
    const [a, b, c] = [momentum({ decay: 0.5 }), scaleByMoments(), descend(RATE)]
    const flat = trace(chain(a, b, c))
    identical('a, (b, c) and a, b, c', trace(chain(a, chain(b, c))), flat)
    identical('(a, b), c and a, b, c', trace(chain(chain(a, b), c)), flat)
    identical('a, b, identity, c and a, b, c', trace(chain(a, b, identity, c)), flat)
    identical('a chain of one and its member', trace(chain(c)), trace(c))
    // a chain that runs backwards, or forgets, may be associative too
    identical('two members and one after the other', trace(chain(a, b)), trace(inTurn(a, b)))
    tally.informative()
  }

const checkScaling =
  (subject: Subject, name: string, optimiser: Any, answer: 'linear' | 'invariant') =>
  (run: Run, tally: Tally): void => {
    const updates = (factor: number): Numbers => {
      const step = stepping(subject, optimiser, centreOf(run), run.curvature, factor)
      // the parameters stand still, so that both meet the same gradients but for the factor
      let at: State = beginning(optimiser, run.start)
      const out: Array<number> = []
      for (let i = 0; i <= run.first; i++) {
        const next = step(at)
        out.push(...numbers(next.update))
        at = { ...next, parameters: at.parameters }
      }
      return out
    }
    const plain = updates(1)
    const factor = 2 ** run.power
    const scaled = plain.map((x) => (answer === 'linear' ? x * factor : x))
    const informative = identical(`${name}: a gradient times ${factor}`, updates(factor), scaled)
    const opposite = plain.map((x) => -x)
    identical(`${name}: the opposite gradient`, updates(-1), opposite)
    if (informative) tally.informative()
  }

const quadratics = fc.record({
  curvatures: fc.array(
    fc.integer({ min: 0, max: 9 }).map((k) => 2 ** k),
    { minLength: 2, maxLength: 6 },
  ),
  centre: fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 6, maxLength: 6 }),
})

/** How near to stationary a point must be. */
const FLAT = 1e-7

const checkQuadratic =
  (subject: Subject) =>
  ({ curvatures, centre }: typeof quadratics extends fc.Arbitrary<infer A> ? A : never, tally: Tally): void => {
    type Vector = Tensor<readonly [number]>
    const n = curvatures.length
    const objective: Objective<Vector> = (p) => {
      const away = map((x: number, i: number) => x - centre[i])(p)
      const gradient = map((x: number, i: number) => curvatures[i] * x)(away)
      const value = curvatures.reduce((sum, h, i) => sum + (h * away.data[i] ** 2) / 2, 0)
      return E.right([scalar(value), gradient as Vector])
    }
    // one iteration a step, so that everything it knows is in the state; an exact search would need n of them
    const { start, step } = subject.operations.optimisers.lbfgs({
      iterations: 1,
      evaluations: 25,
      toleranceGradient: FLAT,
      toleranceChange: 0,
    })
    let state: LbfgsState<Vector> = start(tensor(new Array<number>(n).fill(20)) as unknown as Vector)
    for (let i = 0; i < 20 * n && !state.converged; i++) state = must(step(objective)(state), 'lbfgs')
    holds(`lbfgs finds the minimum of a quadratic within ${20 * n} iterations`, state.converged)
    // |p - c| = |gradient| / h
    holds(
      'lbfgs ends at the minimum',
      curvatures.every((h, i) => Math.abs(state.parameters.data[i] - centre[i]) <= FLAT / h),
    )
    tally.informative()
  }

const about = (id: string, name: string, cls: Law['cls'], doc: string) => ({
  id,
  name,
  cls,
  section: 'optimisers',
  doc,
})

/**
 * L70 to L74.
 *
 * @category laws
 * @since 0.1.0
 */
export const optimiserLaws: ReadonlyArray<Law> = [
  law(about('L70', 'unfold', 'B', 'm + n steps are m steps, and n more from the state alone'), (subject) =>
    whole(subject).map(([name], k) =>
      part(
        name,
        runs,
        checkUnfold(subject, name, (s) => whole(s)[k][1]),
        { share: 0.2 },
      ),
    ),
  ),
  law(about('L71', 'rest', 'B', 'where the gradient is 0 from the start, parameters stay'), (subject) =>
    whole(subject).map(([name, optimiser]) => part(name, runs, checkRest(subject, name, optimiser), { share: 0.2 })),
  ),
  law(
    about('L72', 'chains', 'B', 'chain is one after the other, associative, with identity as its unit'),
    (subject) => [part('momentum, moments, descend', runs, checkChain(subject), { share: 0.4 })],
  ),
  law(
    about(
      'L73',
      'scaling',
      'P',
      'momentum(k g) = k momentum(g), adaptive(k g) = adaptive(g), both odd, for k a power of 2',
    ),
    (subject) =>
      directions(subject).map(([name, optimiser, answer]) =>
        part(name, runs, checkScaling(subject, name, optimiser, answer), { share: 0.2 }),
      ),
  ),
  law(about('L74', 'quadratics', 'N', 'L-BFGS finds the minimum of a convex quadratic'), (subject) => [
    part('diagonal', quadratics, checkQuadratic(subject)),
  ]),
]
