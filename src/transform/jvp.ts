/**
 * Forward mode: tangents and pushforwards.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'
import type { OnTree, OnTrees } from '../Program.js'
import type { Recorder } from '../primitive/Recorder.js'
import { flatMap, map, type Reverse } from '../Reverse.js'
import * as Tree from '../Tree.js'
import type { AnyVar } from '../Var.js'
import { forwardSweep } from './sweep.js'
import { onLeaves, open, type Recorded } from './vjp.js'

const push = <P, Q>(
  recorder: Recorder,
  { vars, result, from, until }: Recorded<P, Q>,
  dxs: ReadonlyArray<AnyVar>,
): E.Either<Failure, Q> => {
  const tangents = forwardSweep(
    recorder,
    from,
    vars.map((x, i) => [x, dxs[i]] as const),
    until,
  )
  if (E.isLeft(tangents)) return tangents
  const dys = Tree.leaves(result as Tree.VarTree).map((y) => tangents.right.get(y.id) ?? recorder.vocabulary.like(y, 0))
  return Tree.unflatten<Tree.Tree<Tree.Leaf>, AnyVar>(result as Tree.VarTree, dys) as E.Either<Failure, Q>
}

/**
 * The pushforward of a recorded model.
 *
 * @category combinators
 * @since 0.1.0
 */
export const pushforwardOf =
  <P, Q>(recorded: Recorded<P, Q>): OnTree<P, Reverse<Q>> =>
  (dp: unknown) =>
    onLeaves('jvp', recorded, recorded.argument as Tree.VarTree, dp, (recorder, dxs) => push(recorder, recorded, dxs))

/**
 * The result of a model and its pushforward: `dx -> J dx`, which may be called any number of times.
 *
 * @category forward mode
 * @since 0.1.0
 */
export const linearize =
  <P extends Tree.VarTree, Q extends Tree.VarTree>(
    f: (p: P) => Reverse<Q>,
  ): OnTree<P, Reverse<readonly [Q, OnTree<P, Reverse<Q>>]>> =>
  (p: unknown) =>
    open('jvp', f, p, (_, recorded: Recorded<P, Q>) => E.right([recorded.result, pushforwardOf(recorded)] as const))

/**
 * The result of a model and its derivative in a direction.
 *
 * @category forward mode
 * @since 0.1.0
 */
export const jvpAndValue =
  <P extends Tree.VarTree, Q extends Tree.VarTree>(f: (p: P) => Reverse<Q>): OnTrees<P, Reverse<readonly [Q, Q]>> =>
  (p: unknown, dp: unknown) =>
    flatMap(linearize(f)(p as P), ([q, pushforward]) => map((dq: Q) => [q, dq] as const)(pushforward(dp as P)))

/**
 * The derivative of a model in a direction: `J dp`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { jvp, mul, run, tensor, type Var } from 'wengert'
 *
 * const square = (x: Var<readonly [2]>) => mul(x, x)
 * const along = (x: Var<readonly [2]>) => jvp(square)(x, tensor([1, 10]))
 * assert.deepStrictEqual(run(along)(tensor([3, 4])), { _tag: 'Right', right: tensor([6, 80]) })
 * ```
 *
 * @category forward mode
 * @since 0.1.0
 */
export const jvp =
  <P extends Tree.VarTree, Q extends Tree.VarTree>(f: (p: P) => Reverse<Q>): OnTrees<P, Reverse<Q>> =>
  (p: unknown, dp: unknown) =>
    flatMap(linearize(f)(p as P), ([_, pushforward]) => pushforward(dp as P))
