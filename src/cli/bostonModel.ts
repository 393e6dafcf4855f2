/**
 * The network of `npm start`: twelve features, ten sigmoid units, one price; and how it learns.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { compile, type Executable } from '../engine/index.js'
import type { Failure } from '../Failure.js'
import { add, matmul, mean, mul, sigmoid, square, sub } from '../ops/index.js'
import { type Given, record, spec } from '../Program.js'
import { type Key, split } from '../Random.js'
import { flatMap, fromEither, gen, type Operand, type Reverse, traverseArray } from '../Reverse.js'
import type { Shape } from '../Shape.js'
import { uniform, zeros } from '../Tensor.js'
import * as Tree from '../Tree.js'
import { valueAndGrad } from '../transform/index.js'
import type { AnyVar, Var } from '../Var.js'

/**
 * The weights of both layers.
 *
 * @category model
 * @since 0.1.0
 */
export type Net = {
  readonly w1: Var<readonly [12, 10]>
  readonly b1: Var<readonly [10]>
  readonly w2: Var<readonly [10, 1]>
  readonly b2: Var<readonly [1]>
}

/**
 * Values for the weights.
 *
 * @category model
 * @since 0.1.0
 */
export type NetValues = Tree.Values<Net>

/**
 * Uniform draws of variance `2 / (inputs + outputs)`, which keeps the size of signals and of gradients (X. Glorot,
 * Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010); biases are 0.
 *
 * @category constructors
 * @since 0.1.0
 */
export const initial = (key: Key): NetValues => {
  const [first, second] = split(key, 2)
  const glorot = (inputs: number, outputs: number): number => Math.sqrt(6 / (inputs + outputs))
  return {
    w1: uniform(first, [12, 10], -glorot(12, 10), glorot(12, 10)),
    b1: zeros([10]),
    w2: uniform(second, [10, 1], -glorot(10, 1), glorot(10, 1)),
    b2: zeros([1]),
  }
}

/**
 * Predictions `[n, 1]` for features `[n, 12]`.
 *
 * @category model
 * @since 0.1.0
 */
export const predict = <N extends number>(net: Net, x: Operand<readonly [N, 12]>): Reverse<Var<readonly [N, 1]>> =>
  add(matmul(sigmoid(add(matmul(x, net.w1), net.b1)), net.w2), net.b2)

/**
 * The mean squared error of the predictions.
 *
 * @category model
 * @since 0.1.0
 */
export const loss = <N extends number>(
  net: Net,
  x: Operand<readonly [N, 12]>,
  y: Operand<readonly [N, 1]>,
): Reverse<Var<readonly []>> => mean(square(sub(predict(net, x), y)))

/** A function of two trees' leaves, recorded leaf by leaf. */
const eachLeaf =
  (f: (a: Var<Shape>, b: Var<Shape>) => Reverse<Var<Shape>>) =>
  <P extends Tree.VarTree>(a: P, b: P): Reverse<P> => {
    const others = Tree.leaves<AnyVar>(b)
    const recorded = traverseArray((leaf: AnyVar, i) => f(leaf as Var<Shape>, others[i] as Var<Shape>))(
      Tree.leaves<AnyVar>(a),
    )
    return flatMap(recorded, (leaves) => fromEither(Tree.unflatten(a as Tree.VarTree, leaves))) as unknown as Reverse<P>
  }

/**
 * What one step of training takes.
 *
 * @category model
 * @since 0.1.0
 */
export type StepInputs<B extends number> = {
  readonly net: Net
  readonly velocity: Net
  readonly rate: Var<readonly []>
  readonly x: Var<readonly [B, 12]>
  readonly y: Var<readonly [B, 1]>
}

/**
 * What it gives.
 *
 * @category model
 * @since 0.1.0
 */
export type StepOutputs = { readonly loss: Var<readonly []>; readonly net: Net; readonly velocity: Net }

/** How much of the velocity survives a step. */
const MOMENTUM = 0.9

/**
 * One step of stochastic gradient descent with momentum: the loss, its gradient and the new weights, all on one tape.
 * `velocity' = 0.9 velocity - rate gradient`, `net' = net + velocity'` (B. T. Polyak, 1964).
 *
 * @category combinators
 * @since 0.1.0
 */
export const trainingStep = <B extends number>({ net, velocity, rate, x, y }: StepInputs<B>): Reverse<StepOutputs> =>
  gen(function* () {
    const [value, gradient] = yield* valueAndGrad((p: Net) => loss(p, x, y))(net)
    const accelerate = eachLeaf((v, g) => sub(mul(v, MOMENTUM), mul(g, rate)))
    const faster = yield* accelerate(velocity, gradient)
    return { loss: value, net: yield* eachLeaf(add)(net, faster), velocity: faster }
  })

/**
 * The weights' shapes, for recording.
 *
 * @category model
 * @since 0.1.0
 */
export const netSpec: Net = { w1: spec([12, 10]), b1: spec([10]), w2: spec([10, 1]), b2: spec([1]) }

/**
 * The training step for batches of a given size, ready to run.
 *
 * @category constructors
 * @since 0.1.0
 */
export const compileStep = <const B extends number>(
  batch: B,
): E.Either<Failure, Executable<StepInputs<B>, StepOutputs>> =>
  E.chain(compile())(
    record((p: StepInputs<B>) => trainingStep(p))({
      net: netSpec,
      velocity: netSpec,
      rate: spec([]),
      x: spec([batch, 12]),
      y: spec([batch, 1]),
    } as Given<StepInputs<B>>),
  )
