/**
 * The compiled step: loss, gradient and update as one program, whose learner (parameters, optimiser's state, model's state,
 * number of the step) moves on in place while the batch and the key are filled in.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { copied, type View } from '../engine/Executable.js'
import { compile, type EngineOptions, type Running } from '../engine/index.js'
import { type Failure, fail } from '../Failure.js'
import { add } from '../ops/arithmetic.js'
import { full } from '../ops/creation.js'
import { convert } from '../ops/elementary.js'
import type { KeyOperand } from '../ops/random.js'
import { move, type Optimiser, type Over } from '../optim/Optimiser.js'
import { type Program, record, spec } from '../Program.js'
import type { Key } from '../Random.js'
import { gen, map, type Reverse } from '../Reverse.js'
import { equals, show } from '../Shape.js'
import { type AnyTensor, ints } from '../Tensor.js'
import * as Tree from '../Tree.js'
import { reverseSweep } from '../transform/sweep.js'
import { open } from '../transform/vjp.js'
import { type AnyVar, isVar, type Var } from '../Var.js'

/**
 * What a loss may know besides parameters and batch: the model's state and, in training, a key of this step's own. It
 * serves as the `Context` of a model of `wengert/nn`.
 *
 * @category model
 * @since 0.1.0
 */
export type Situation<M> =
  | { readonly mode: 'evaluation'; readonly state: M }
  | { readonly mode: 'training'; readonly state: M; readonly key: KeyOperand }

/**
 * A loss, and the model's state after it.
 *
 * @category model
 * @since 0.1.0
 */
export interface Assessed<M> {
  readonly loss: Var<readonly []>
  readonly state: M
}

/**
 * What is minimised: a scalar from parameters `P` and a batch `X`, with the next state where there is one. No derivative
 * passes through the state.
 *
 * @category model
 * @since 0.1.0
 */
export type Loss<P, X, M> = (
  parameters: P,
  batch: X,
  situation: Situation<M>,
) => Reverse<Var<readonly []>> | Reverse<Assessed<M>>

/**
 * Everything that training changes. `S` is the type of the optimiser's state, `M` the model's state.
 *
 * @category model
 * @since 0.1.0
 */
export type Learner<P, M, S> = {
  readonly parameters: P
  readonly optimiser: Over<S, P>
  readonly state: M
  /** how many steps have been made */
  readonly step: Var<readonly [], 'int'>
}

/**
 * @category model
 * @since 0.1.0
 */
export type StepInputs<P, X, M, S> = {
  readonly learner: Learner<P, M, S>
  readonly batch: X
  readonly key: Var<readonly [2], 'int'>
}

/**
 * `rate` is the learning rate of the step, 0 for an optimiser that has none.
 *
 * @category model
 * @since 0.1.0
 */
export type StepOutputs<P, M, S> = {
  readonly learner: Learner<P, M, S>
  readonly loss: Var<readonly []>
  readonly rate: Var<readonly []>
}

/** Accepts values of the expected structure, shapes and element types. */
const fitting = (expected: Tree.VarTree, found: Tree.TensorTree): E.Either<Failure, Tree.TensorTree> => {
  const same = Tree.checkStructure(expected, found, 'fit')
  if (E.isLeft(same)) return same
  const leaves = Tree.leaves<AnyTensor>(found)
  const wrong = Tree.flatten<AnyVar>(expected).findIndex(
    ({ leaf }, i) => leaf.dtype !== leaves[i].dtype || !equals(leaf.shape, leaves[i].shape),
  )
  if (wrong < 0) return E.right(found)
  const { path, leaf } = Tree.flatten<AnyVar>(expected)[wrong]
  const { dtype, shape } = leaves[wrong]
  return fail(
    'ShapeMismatch',
    `fit: ${path === '' ? 'the batch' : `the batch's ${path}`} is ${dtype} ${show(shape)}; the step takes ${leaf.dtype} ${show(leaf.shape)}`,
    { operation: 'fit', path, shapes: [leaf.shape, shape] },
  )
}

const noSteps = ints(0)

/** The loss and the state that a loss function gives, whichever way it gives them. */
const assessed = <M>(result: Var<readonly []> | Assessed<M>, before: M): Assessed<M> =>
  isVar(result) ? { loss: result, state: before } : (result as Assessed<M>)

/** The loss, the state after it, and the gradient of the loss alone. */
const differentiated = <P extends Tree.VarTree, M>(
  f: (p: P) => Reverse<Assessed<M>>,
  p: P,
): Reverse<Assessed<M> & { readonly gradient: P }> =>
  open('fit', f as never, p, (recorder, { vars, argument, result, from, until }) => {
    const { loss, state } = result as unknown as Assessed<M>
    if (!isVar(loss) || loss.shape.length !== 0 || loss.dtype !== 'real')
      return fail(
        'NotScalar',
        `fit: the loss must be a real scalar, not ${isVar(loss) ? `${loss.dtype} ${show(loss.shape)}; take its mean` : 'a tree'}`,
        { operation: 'fit' },
      )
    const { vocabulary: v } = recorder
    const adjoint = reverseSweep(recorder, from, vars, [[loss, v.like(loss, 1)]], until)
    if (E.isLeft(adjoint)) return adjoint
    const gradient = vars.map((x) => adjoint.right.cotangents.get(x.id) ?? v.like(x, 0))
    return E.map((tree) => ({ loss, state, gradient: tree as P }))(
      Tree.unflatten<Tree.Tree<Tree.Leaf>, AnyVar>(argument as Tree.VarTree, gradient),
    )
  })

/**
 * The first learner: given parameters and model's state, the optimiser's own first state, no steps made.
 *
 * @category constructors
 * @since 0.1.0
 */
export const firstLearner = <P extends Tree.VarTree, M extends Tree.VarTree, S>(
  parameters: Tree.Values<P>,
  state: Tree.Values<M>,
  optimiser: Optimiser<S>,
): Tree.Values<Learner<P, M, S>> =>
  ({ parameters, optimiser: optimiser.init(parameters as never), state, step: noSteps }) as never

/**
 * Records a whole step for batches like the one given: `parameters + update`, the optimiser's and the model's next states,
 * the next number. Only shapes matter here.
 *
 * @category constructors
 * @since 0.1.0
 */
export const recordStep = <P extends Tree.VarTree, X extends Tree.VarTree, M extends Tree.VarTree, S>(
  loss: Loss<P, X, M>,
  optimiser: Optimiser<S>,
  learner: Tree.Values<Learner<P, M, S>>,
  batch: Tree.Values<X>,
): E.Either<Failure, Program<StepInputs<P, X, M, S> & Tree.VarTree, StepOutputs<P, M, S> & Tree.VarTree>> =>
  record(((inputs: StepInputs<P, X, M, S>) =>
    gen(function* () {
      const { parameters, optimiser: memory, state, step } = inputs.learner
      const situation: Situation<M> = { mode: 'training', state, key: inputs.key }
      const assess = (p: P): Reverse<Assessed<M>> =>
        map((result: Var<readonly []> | Assessed<M>) => assessed(result, state))(
          loss(p, inputs.batch, situation) as Reverse<Var<readonly []> | Assessed<M>>,
        )
      const now = yield* differentiated(assess, parameters)
      const moved = yield* optimiser.update({ gradient: now.gradient, state: memory, parameters, step })
      return {
        learner: {
          parameters: yield* move(parameters, moved.update),
          optimiser: moved.state,
          state: now.state,
          step: yield* add(step, 1),
        },
        loss: now.loss,
        rate: optimiser.rate === null ? yield* full([], 0) : yield* optimiser.rate(yield* convert(step, 'real')),
      }
    })) as never)({ learner, batch, key: spec([2], 'int') } as never) as never

/** The leaves of a tree of views, in the order of the tree that they belong to. */
const viewsOf = (like: unknown, views: unknown): ReadonlyArray<View> => {
  if (Tree.isLeaf(like)) return [views as View]
  if (Array.isArray(like)) return like.flatMap((part, i) => viewsOf(part, (views as ReadonlyArray<unknown>)[i]))
  const [parts, memories] = [like, views] as ReadonlyArray<Readonly<Record<string, unknown>>>
  return Object.keys(parts)
    .sort()
    .flatMap((key) => viewsOf(parts[key], memories[key]))
}

const pour = (into: ReadonlyArray<View>, tree: Tree.TensorTree): void => {
  const leaves = Tree.leaves<AnyTensor>(tree)
  for (const [i, view] of into.entries()) (view as Float64Array).set(leaves[i].data as unknown as ArrayLike<number>)
}

/**
 * A step that runs: the learner lives in the memory of the executable.
 *
 * @category model
 * @since 0.1.0
 */
export interface Stepper {
  /** where the step reads its batch: views of its structure */
  readonly batch: unknown
  /** puts a batch in place; fails with `ShapeMismatch` or `StructureMismatch` on another kind of batch */
  readonly load: (batch: Tree.TensorTree) => E.Either<Failure, void>
  /** makes a step with a key and gives its loss and rate */
  readonly step: (key: Key) => E.Either<Failure, { readonly loss: number; readonly rate: number }>
  /** a copy of the learner as it is */
  readonly learner: () => Tree.TensorTree
  /** goes on from another learner */
  readonly restore: (learner: Tree.TensorTree) => void
}

/**
 * Compiles a recorded step and starts it. Fails as `compile` does.
 *
 * @category constructors
 * @since 0.1.0
 */
export const stepper = (
  program: Program,
  learner: Tree.TensorTree,
  batch: Tree.TensorTree,
  options: EngineOptions = {},
): E.Either<Failure, Stepper> => {
  const inputs = { learner, batch, key: ints([0, 0]) }
  const expected = (program.inputs as { readonly batch: Tree.VarTree }).batch
  const begin = (running: Running<unknown, unknown>): Stepper => {
    const [into, out] = [running.inputs, running.outputs] as [
      { readonly learner: unknown; readonly batch: unknown; readonly key: Int32Array },
      { readonly loss: Float64Array; readonly rate: Float64Array },
    ]
    const state = viewsOf(learner, into.learner)
    const places = viewsOf(batch, into.batch)
    return {
      batch: into.batch,
      load: (next) => {
        const fits = fitting(expected, next)
        if (E.isLeft(fits)) return fits
        pour(places, next)
        return E.right(undefined)
      },
      step: (key) => {
        into.key.set(key)
        return E.map(() => ({ loss: out.loss[0], rate: out.rate[0] }))(running.step())
      },
      learner: () => {
        let i = 0
        return Tree.map((t: AnyTensor) => copied(t as never, state[i++]))(learner) as Tree.TensorTree
      },
      restore: (other) => pour(state, other),
    }
  }
  return pipe(
    compile({ ...options, donate: ['learner'] })(program),
    E.chain(({ start }) => start(inputs as never)),
    E.map((running) => begin(running as Running<unknown, unknown>)),
  )
}
