/** A small classifier with momentum, dropout and running state: everything a resumed run has to bring back. */
import * as E from 'fp-ts/lib/Either.js'
import {
  add,
  crossEntropy,
  gen,
  gt,
  matmul,
  mean,
  mul,
  type Reverse,
  scalar,
  type Tensor,
  tanh,
  uniform,
  type Values,
  type Var,
  where,
} from 'wengert'
import { adam, cosine } from 'wengert/optim'
import { key, split } from 'wengert/Random'
import { type AnyTensor, fromData, normal, zeros } from 'wengert/Tensor'
import * as Tree from 'wengert/Tree'
import { type Assessed, type Event, type FitOptions, type Situation, fit as train } from 'wengert/train'

export const right = <A>(e: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(e)) throw new Error(e.left.message)
  return e.right
}

export type Net = {
  readonly hidden: { readonly w: Var<readonly [2, 8]>; readonly b: Var<readonly [8]> }
  readonly out: { readonly w: Var<readonly [8, 2]>; readonly b: Var<readonly [2]> }
}
export type Batch = { readonly x: Var<readonly [number, 2]>; readonly label: Var<readonly [number], 'int'> }
export type Running = { readonly level: Var<readonly []> }

const [forData, forHidden, forOut] = split(key(7), 3)

export const initial: Values<Net> = {
  hidden: { w: normal(forHidden, [2, 8], 0, 0.5), b: zeros([8]) },
  out: { w: normal(forOut, [8, 2], 0, 0.5), b: zeros([2]) },
}

const points = normal(forData, [70, 2])

/** 70 points of the plane, and whether they lie in the unit circle. */
export const data: Values<Batch> = {
  x: points as Tensor<readonly [number, 2]>,
  label: right(
    fromData(
      [70],
      Array.from({ length: 70 }, (_, i) => Number(points.data[2 * i] ** 2 + points.data[2 * i + 1] ** 2 < 1)),
      'int',
    ),
  ) as Tensor<readonly [number], 'int'>,
}

export const loss = (p: Net, { x, label }: Batch, situation: Situation<Running>): Reverse<Assessed<Running>> =>
  gen(function* () {
    const h = yield* tanh(add(matmul(x, p.hidden.w), p.hidden.b))
    const kept =
      situation.mode === 'evaluation'
        ? h
        : yield* where(gt(uniform(situation.key, [h.shape[0], 8]), 0.2), mul(h, 1 / 0.8), 0)
    const value = yield* crossEntropy(add(matmul(kept as typeof h, p.out.w), p.out.b), label)
    const level = yield* add(mul(situation.state.level, 0.9), mul(mean(h), 0.1))
    return { loss: value, state: { level } }
  })

export const options: FitOptions<Net, Batch, Running, unknown> = {
  loss,
  optimiser: adam({ rate: cosine({ initial: 0.05, steps: 40 }) }) as never,
  parameters: initial,
  state: { level: scalar(0) },
  data,
  batchSize: 16,
  epochs: 5,
  seed: 3,
}

export const eventsOf = <P extends Tree.VarTree, X extends Tree.VarTree, M extends Tree.VarTree, S>(
  run: FitOptions<P, X, M, S>,
): ReadonlyArray<Event<P, M>> => [...right(train(run))]

/** All numbers of a tree; compared by `toEqual`, which tells -0 from 0, equal lists are equal bits. */
export const numbers = (tree: unknown): ReadonlyArray<number> =>
  Tree.leaves<AnyTensor>(tree as Tree.TensorTree).flatMap(({ data: xs }) => [...xs])

/** A run of 400 steps, none of which is the last for whoever is killed. */
export const long: typeof options = {
  ...options,
  optimiser: adam({ rate: 0.01 }) as never,
  epochs: 100,
  stopping: { patience: 1000 },
}
