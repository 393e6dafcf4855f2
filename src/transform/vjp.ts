/**
 * Reverse mode: gradients and pullbacks.
 *
 * A model is recorded once on fresh variables; its stretch of tape is then read backwards (`sweep.ts`) as often as a
 * cotangent is given. Everything stays on one tape, so all of it nests.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'
import { type OnTree, outputs } from '../Program.js'
import { attempt, type Recorder } from '../primitive/Recorder.js'
import { map, type Reverse, step, throwError } from '../Reverse.js'
import { interpret } from '../reverse/interpreter.js'
import { equals, show } from '../Shape.js'
import * as Tree from '../Tree.js'
import type { AnyVar, Var } from '../Var.js'
import { reverseSweep, variables } from './sweep.js'

/**
 * A model recorded on variables of its own.
 *
 * @category model
 * @since 0.1.0
 */
export interface Recorded<P, Q> {
  /** the variables, in order, and the tree that the model was given */
  readonly vars: ReadonlyArray<AnyVar>
  readonly argument: P
  readonly result: Q
  /** the stretch of tape that belongs to it */
  readonly from: number
  readonly until: number
}

/**
 * Records a model on fresh variables that stand for a given argument. Integer and boolean leaves are refused: nothing can
 * be differentiated with respect to them, so they belong in the model's closure.
 *
 * @category combinators
 * @since 0.1.0
 */
export const open = <P extends Tree.VarTree, Q extends Tree.VarTree, A>(
  operation: string,
  f: (p: P) => Reverse<Q>,
  p: unknown,
  use: (recorder: Recorder, recorded: Recorded<P, Q>) => E.Either<Failure, A>,
): Reverse<A> => {
  const tree = Tree.check(p, operation)
  if (E.isLeft(tree)) return throwError(tree.left)
  const entries = Tree.flatten(tree.right)
  return step(
    entries.map(({ leaf }) => leaf),
    (recorder, xs) =>
      attempt(() => {
        for (let i = 0; i < xs.length; i++)
          if (xs[i].dtype !== 'real')
            return fail(
              'NotDifferentiable',
              `${operation}: the argument ${entries[i].path || '(the whole of it)'} is ${xs[i].dtype}; only reals have ` +
                'derivatives: let the model capture it instead',
              { operation, path: entries[i].path },
            )
        const from = recorder.builder.length()
        const vars = variables(recorder, xs)
        const argument = Tree.unflatten<Tree.Tree<Tree.Leaf>, AnyVar>(tree.right, vars)
        if (E.isLeft(argument)) return argument
        const raw = interpret(f(argument.right as P), recorder)
        if (E.isLeft(raw)) return raw
        const result = outputs(recorder, raw.right, operation)
        return E.isLeft(result)
          ? result
          : use(recorder, {
              vars,
              argument: argument.right as P,
              result: result.right as Q,
              from,
              until: recorder.builder.length(),
            })
      }),
  )
}

/**
 * Accepts a tree of cotangents or tangents: as many leaves as `like`, of the same shapes, all real where `like` is.
 *
 * @category combinators
 * @since 0.1.0
 */
export const matching = (
  operation: string,
  like: ReadonlyArray<AnyVar>,
  found: ReadonlyArray<AnyVar>,
): E.Either<Failure, ReadonlyArray<AnyVar>> => {
  for (let i = 0; i < like.length; i++)
    if (!equals(like[i].shape, found[i].shape) || like[i].dtype !== found[i].dtype)
      return fail(
        'ShapeMismatch',
        `${operation}: expected ${like[i].dtype} ${show(like[i].shape)}, got ${found[i].dtype} ${show(found[i].shape)}`,
        { operation, shapes: [like[i].shape, found[i].shape] },
      )
  return E.right(found)
}

/** Refuses to read a stretch of tape that is not on this recorder. */
const present = (
  operation: string,
  recorder: Recorder,
  { vars, result }: Recorded<unknown, unknown>,
): E.Either<Failure, null> =>
  [...vars, ...Tree.leaves(result as Tree.VarTree)].every((v) => recorder.builder.owns(v))
    ? E.right(null)
    : fail('ForeignVar', `${operation}: the function was recorded on another tape`, { operation })

/**
 * A function of a tree with the structure of a result, recorded on its leaves; shared by pullbacks and pushforwards.
 *
 * @category combinators
 * @since 0.1.0
 */
export const onLeaves = <A>(
  operation: string,
  recorded: Recorded<unknown, unknown>,
  like: Tree.VarTree,
  given: unknown,
  use: (recorder: Recorder, leaves: ReadonlyArray<AnyVar>) => E.Either<Failure, A>,
): Reverse<A> => {
  const tree = Tree.checkStructure(like, given, operation)
  if (E.isLeft(tree)) return throwError(tree.left)
  return step(Tree.leaves(tree.right), (recorder, leaves) =>
    attempt(() => {
      const here = present(operation, recorder, recorded)
      if (E.isLeft(here)) return here
      const checked = matching(operation, Tree.leaves(like), leaves)
      return E.isLeft(checked) ? checked : use(recorder, leaves)
    }),
  )
}

const pull = <P, Q>(
  recorder: Recorder,
  { vars, argument, result, from, until }: Recorded<P, Q>,
  cts: ReadonlyArray<AnyVar>,
): E.Either<Failure, P> => {
  const ys = Tree.leaves(result as Tree.VarTree)
  const seeds = ys.flatMap((y, i) => (y.dtype === 'real' ? [[y, cts[i]] as const] : []))
  const adjoint = reverseSweep(recorder, from, vars, seeds, until)
  if (E.isLeft(adjoint)) return adjoint
  const gradient = vars.map((x) => adjoint.right.cotangents.get(x.id) ?? recorder.vocabulary.like(x, 0))
  return Tree.unflatten<Tree.Tree<Tree.Leaf>, AnyVar>(argument as Tree.VarTree, gradient) as E.Either<Failure, P>
}

/**
 * The pullback of a recorded model.
 *
 * @category combinators
 * @since 0.1.0
 */
export const pullbackOf =
  <P, Q>(recorded: Recorded<P, Q>): OnTree<Q, Reverse<P>> =>
  (ct: unknown) =>
    onLeaves('vjp', recorded, recorded.result as Tree.VarTree, ct, (recorder, cts) => pull(recorder, recorded, cts))

/**
 * The result of a model and its pullback: `ct -> J^T ct`, which may be called any number of times. Fails as the model
 * does, and with `NotDifferentiable` for integer or boolean arguments.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { flatMap, mul, run, tensor, vjp, type Var } from 'wengert'
 *
 * const square = (x: Var<readonly [2]>) => mul(x, x)
 * const pulled = (x: Var<readonly [2]>) => flatMap(vjp(square)(x), ([_, pullback]) => pullback(tensor([1, 10])))
 * assert.deepStrictEqual(run(pulled)(tensor([3, 4])), { _tag: 'Right', right: tensor([6, 80]) })
 * ```
 *
 * @category reverse mode
 * @since 0.1.0
 */
export const vjp =
  <P extends Tree.VarTree, Q extends Tree.VarTree>(
    f: (p: P) => Reverse<Q>,
  ): OnTree<P, Reverse<readonly [Q, OnTree<Q, Reverse<P>>]>> =>
  (p: unknown) =>
    open('vjp', f, p, (_, recorded: Recorded<P, Q>) => E.right([recorded.result, pullbackOf(recorded)] as const))

/**
 * The value of a scalar function and its gradient, which has the structure of the argument.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { mul, run, scalar, sum, tensor, valueAndGrad, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly [2]>) => sum(mul(x, x))
 * assert.deepStrictEqual(run(valueAndGrad(f))(tensor([3, 4])), {
 *   _tag: 'Right',
 *   right: [scalar(25), tensor([6, 8])],
 * })
 * ```
 *
 * @category reverse mode
 * @since 0.1.0
 */
export const valueAndGrad =
  <P extends Tree.VarTree>(
    f: (p: P) => Reverse<Var<readonly []>>,
  ): OnTree<P, Reverse<readonly [Var<readonly []>, P]>> =>
  (p: unknown) =>
    open('grad', f, p, (recorder, recorded: Recorded<P, Var<readonly []>>) => {
      const y: AnyVar = recorded.result
      if (y._tag !== 'Var' || y.shape.length !== 0 || y.dtype !== 'real')
        return fail(
          'NotScalar',
          y._tag !== 'Var'
            ? 'grad: the function must give one real scalar, not a tree; use vjp for several results'
            : `grad: the function must give a real scalar, not ${y.dtype} ${show(y.shape)}; take its sum or mean, or use vjp or jacobian`,
          { operation: 'grad', shapes: y._tag === 'Var' ? [y.shape] : [] },
        )
      const gradient = pull(recorder, recorded, [recorder.vocabulary.like(y, 1)])
      return E.isLeft(gradient) ? gradient : E.right([recorded.result, gradient.right] as const)
    })

/**
 * The gradient of a scalar function, with the structure of the argument.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { grad, mul, run, sum, tensor, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly [2]>) => sum(mul(x, x))
 * assert.deepStrictEqual(run(grad(f))(tensor([3, 4])), { _tag: 'Right', right: tensor([6, 8]) })
 * ```
 *
 * @category reverse mode
 * @since 0.1.0
 */
export const grad = <P extends Tree.VarTree>(f: (p: P) => Reverse<Var<readonly []>>): OnTree<P, Reverse<P>> => {
  const both = valueAndGrad(f)
  return (p: unknown) => map(([_, gradient]: readonly [Var<readonly []>, P]) => gradient)(both(p as P))
}
