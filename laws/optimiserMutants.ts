/**
 * Broken on purpose, continued: optimisers that remember what they should not, forget what they should not, or answer the
 * wrong gradient.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { abs, add, div, mul, sqrt } from '../src/ops/index.js'
import { leafwise, type Optimiser, optimiser, type SquareMean, stateless } from '../src/optim/index.js'
import { gen, map } from '../src/Reverse.js'
import { type AnyTensor, zerosLike } from '../src/Tensor.js'
import * as Tree from '../src/Tree.js'
import type { Mutant } from './breaking.js'
import type { Operations, Subject } from './Law.js'

type Optimisers = Operations['optimisers']

const optimising = (
  kind: string,
  doc: string,
  change: (optimisers: Optimisers) => { readonly [K in keyof Optimisers]?: unknown },
): Mutant => ({
  kind,
  doc,
  apply: (subject: Subject) => ({
    ...subject,
    operations: {
      ...subject.operations,
      optimisers: {
        ...subject.operations.optimisers,
        ...(change(subject.operations.optimisers) as Partial<Optimisers>),
      },
    },
  }),
})

type Any = Optimiser<unknown>

let recordings = 0

/** An optimiser whose updates are changed. */
const changed =
  (change: (update: Tree.VarTree) => ReturnType<ReturnType<typeof leafwise>>) =>
  (inner: Any): Any => ({
    ...inner,
    update: (moment) =>
      gen(function* () {
        const moved = yield* inner.update(moment)
        return { ...moved, update: (yield* change(moved.update)) as never }
      }),
  })

/**
 * Optimisers, broken.
 *
 * @category mutants
 * @since 0.1.0
 */
export const optimiserMutants: ReadonlyArray<Mutant> = [
  optimising(
    'optimiser counts recordings',
    'the rate falls with each recording, not with each step',
    ({ descend }) => ({
      descend: (rate: number) => {
        const n = ++recordings
        return descend(rate / n)
      },
    }),
  ),
  optimising('restless', 'a small constant is added to every update', ({ descend }) => ({
    descend: (rate: number) => changed(leafwise((x) => add(x, 2 ** -20)))(descend(rate) as Any),
  })),
  optimising('chain backwards', 'the last member comes first', ({ chain }) => ({
    chain: (...members: ReadonlyArray<Any>) => {
      const backwards = chain(...members.toReversed()) as Any
      const flipped = (states: unknown): unknown => (states as ReadonlyArray<unknown>).toReversed()
      return {
        ...backwards,
        init: (parameters: Tree.TensorTree) => flipped(backwards.init(parameters)),
        update: (moment: { readonly state: unknown }) =>
          map((moved: { readonly state: unknown }) => ({ ...moved, state: flipped(moved.state) }))(
            backwards.update({ ...moment, state: flipped(moment.state) } as never),
          ),
      }
    },
  })),
  optimising('state of the first', 'members of a chain but the first keep their first state', ({ chain }) => ({
    chain: (...members: ReadonlyArray<Any>) => {
      const whole = chain(...members) as Any
      return {
        ...whole,
        update: (moment: { readonly state: unknown }) =>
          map((moved: { readonly state: unknown }) => ({
            ...moved,
            state: (moved.state as ReadonlyArray<unknown>).map((s, i) =>
              i === 0 ? s : (moment.state as ReadonlyArray<unknown>)[i],
            ),
          }))(whole.update(moment as never)),
      }
    },
  })),
  optimising('no root', 'RMSprop divides by the mean square itself', () => ({
    scaleByRms: () =>
      optimiser<SquareMean>({
        name: 'no root',
        init: (parameters) => ({ square: Tree.map((t: AnyTensor) => zerosLike(t))(parameters) as Tree.TensorTree }),
        update: ({ gradient, state }) =>
          gen(function* () {
            const square = yield* leafwise((s, g) => add(mul(s, 0.99), mul(mul(g, g), 0.01)))(state.square, gradient)
            return { update: yield* leafwise((g, s) => div(g, add(s, 1e-8)))(gradient, square), state: { square } }
          }),
      }),
  })),
  optimising('size of the root', 'momentum loses the sign of the gradient', () => ({
    momentum: () => stateless({ name: 'unsigned', update: ({ gradient }) => leafwise((g) => sqrt(abs(g)))(gradient) }),
  })),
  optimising('no memory', 'L-BFGS forgets what it learnt of the curvature', ({ lbfgs }) => ({
    lbfgs: (options: Parameters<typeof lbfgs>[0]) => {
      const inner = lbfgs(options)
      return {
        ...inner,
        step: (objective: never) => (state: never) =>
          E.map((next: object) => ({ ...next, memory: null }))(inner.step(objective)(state) as never),
      }
    },
  })),
]
