/** A whole step (loss, gradient, update) as one program, run again and again. */
import * as E from 'fp-ts/lib/Either.js'
import {
  compile,
  type EngineOptions,
  type Failure,
  gen,
  type Reverse,
  record,
  type Values,
  type Var,
  valueAndGrad,
} from 'wengert'
import { move, type Optimiser } from 'wengert/optim'
import { type AnyTensor, ints } from 'wengert/Tensor'
import * as Tree from 'wengert/Tree'

export const right = <A>(e: E.Either<Failure, A>): A => {
  if (E.isLeft(e)) throw new Error(e.left.message)
  return e.right
}

export type Trace<P> = { readonly parameters: P; readonly state: Tree.TensorTree; readonly loss: number }

type StepTree = {
  readonly parameters: Tree.VarTree
  readonly state: Tree.VarTree
  readonly step: Var<readonly [], 'int'>
}

/** The values after each of `steps` steps, the number of which counts from `first`. */
export function* trajectory<P extends Tree.VarTree, S>(
  loss: (p: P) => Reverse<Var<readonly []>>,
  optimiser: Optimiser<S>,
  from: { readonly parameters: Values<P>; readonly state?: Tree.TensorTree },
  steps: number,
  first = 0,
  options: EngineOptions = {},
): Generator<Trace<Values<P>>> {
  let parameters = from.parameters as Tree.TensorTree
  let state = from.state ?? (optimiser.init(parameters) as Tree.TensorTree)
  const program = right(
    record(({ parameters: p, state: s, step }: StepTree) =>
      gen(function* () {
        const [value, gradient] = yield* valueAndGrad(loss as (p: Tree.VarTree) => Reverse<Var<readonly []>>)(p)
        const moved = yield* optimiser.update({ gradient, state: s as never, parameters: p, step })
        return { loss: value, parameters: yield* move(p, moved.update), state: moved.state as Tree.VarTree }
      }),
    )({ parameters, state, step: ints(0) as never } as never),
  )
  const { run } = right(compile(options)(program))
  for (let i = 0; i < steps; i++) {
    const next = right(run({ parameters, state, step: ints(first + i) } as never)) as unknown as {
      readonly parameters: Tree.TensorTree
      readonly state: Tree.TensorTree
      readonly loss: AnyTensor
    }
    parameters = next.parameters
    state = next.state
    yield { parameters: parameters as Values<P>, state, loss: next.loss.data[0] }
  }
}

/** All numbers of a tree, in order. */
export const numbers = (tree: Tree.TensorTree): ReadonlyArray<number> =>
  Tree.leaves<AnyTensor>(tree).flatMap((t) => [...t.data])
