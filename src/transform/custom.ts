/**
 * Functions with rules of their own, and functions whose intermediate results are forgotten.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'
import { type OnTree, record } from '../Program.js'
import type { Recorder } from '../primitive/Recorder.js'
import { type Reverse, step, throwError } from '../Reverse.js'
import type { DType, Shape } from '../Shape.js'
import type { Program } from '../Tape.js'
import * as Tree from '../Tree.js'
import { type AnyVar, isVar, type Var } from '../Var.js'

/**
 * A function with a derivative of its own, as data: it can be passed around, checked and used.
 *
 * All three are recorded apart from the caller's tape, so that the rule is complete in itself: they may use their
 * arguments and constants, and nothing else that was recorded elsewhere.
 *
 * @category model
 * @since 0.1.0
 */
export interface CustomRule<P extends Tree.VarTree, Y extends AnyVar> {
  /** its name on the tape */
  readonly name: string
  readonly f: (p: P) => Reverse<Y>
  /** from the argument, the result and its cotangent to the cotangent of the argument; integer leaves are left alone */
  readonly vjp?: (at: { readonly x: P; readonly y: Y; readonly ct: Y }) => Reverse<P>
  /** from the argument, the result and the argument's tangent to the tangent of the result */
  readonly jvp?: (at: { readonly x: P; readonly y: Y; readonly dx: P }) => Reverse<Y>
}

const capturing = (name: string, what: string, failed: Failure): Failure =>
  failed._tag === 'ForeignVar'
    ? {
        ...failed,
        operation: name,
        message: `${name}: ${what} uses a value from outside; a rule must be complete in itself: pass the value as an argument`,
      }
    : { ...failed, message: `${name}: ${what}: ${failed.message}` }

/** A program over the leaves of trees, in order, which is how `call` passes them. */
const flatProgram = <Q extends Tree.VarTree>(
  recorder: Recorder,
  name: string,
  what: string,
  f: (leaves: ReadonlyArray<AnyVar>) => Reverse<Q>,
  specs: ReadonlyArray<AnyVar>,
  keep: (leaf: AnyVar) => boolean,
): E.Either<Failure, Program> => {
  const program = record(f as (p: ReadonlyArray<AnyVar>) => Reverse<Q>, { calculus: recorder.calculus })(specs as never)
  return E.isLeft(program)
    ? E.left(capturing(name, what, program.left))
    : E.right({ ...program.right, outputs: Tree.leaves<AnyVar>(program.right.outputs).filter(keep) })
}

/**
 * Uses a function with a rule of its own. Reverse mode uses `vjp`, or transposes `jvp`; forward mode uses `jvp`, or
 * transposes `vjp`. Higher derivatives differentiate the rules themselves. Nothing checks here that a rule is right:
 * that is what `wengert/laws` is for.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { customRule, exp, grad, mul, run, scalar, type Var } from 'wengert'
 *
 * // a gradient that is clipped on its way back
 * const clipped = customRule<Var<readonly []>, Var<readonly []>>({
 *   name: 'clipped',
 *   f: (x) => exp(x),
 *   vjp: ({ ct }) => mul(ct, 1),
 * })
 * assert.deepStrictEqual(run(grad((x: Var<readonly []>) => clipped(x)))(scalar(5)), { _tag: 'Right', right: scalar(1) })
 * ```
 *
 * @category custom rules
 * @since 0.1.0
 */
export const customRule =
  <P extends Tree.VarTree, Y extends AnyVar>({ name, f, vjp, jvp }: CustomRule<P, Y>): OnTree<P, Reverse<Y>> =>
  (p: unknown) => {
    const tree = Tree.check(p, name)
    if (E.isLeft(tree)) return throwError(tree.left)
    const rebuild = (leaves: ReadonlyArray<AnyVar>): P => {
      const made = Tree.unflatten<Tree.Tree<Tree.Leaf>, AnyVar>(tree.right, leaves)
      if (E.isLeft(made)) throw new Error(made.left.message)
      return made.right as P
    }
    return step(Tree.leaves(tree.right), (recorder, xs) => {
      const body = flatProgram(
        recorder,
        name,
        'the function',
        (leaves) => f(rebuild(leaves)),
        xs,
        () => true,
      )
      if (E.isLeft(body)) return body
      const [y] = Tree.leaves(body.right.outputs)
      if (!isVar(y) || Tree.size(body.right.outputs) !== 1)
        return fail('StructureMismatch', `${name}: a custom rule must have one result`, { operation: name })
      const n = xs.length
      const isReal = (v: AnyVar): boolean => v.dtype === 'real'
      const reals = xs.filter(isReal)
      const rules: { vjp?: Program; jvp?: Program } = {}
      if (vjp !== undefined) {
        const rule = flatProgram(
          recorder,
          name,
          'its vjp',
          (all) => vjp({ x: rebuild(all.slice(0, n)), y: all[n] as Y, ct: all[n + 1] as Y }),
          [...xs, y, y],
          isReal,
        )
        if (E.isLeft(rule)) return rule
        rules.vjp = rule.right
      }
      if (jvp !== undefined) {
        const rule = flatProgram(
          recorder,
          name,
          'its jvp',
          (all) => {
            let next = n + 1
            const dx = all.slice(0, n).map((x) => (isReal(x) ? all[next++] : x))
            return jvp({ x: rebuild(all.slice(0, n)), y: all[n] as Y, dx: rebuild(dx) })
          },
          [...xs, y, ...reals],
          () => true,
        )
        if (E.isLeft(rule)) return rule
        rules.jvp = rule.right
      }
      return recorder.emit('call', xs, { name, body: body.right, ...rules }) as E.Either<Failure, Y>
    })
  }

/**
 * The same function, whose intermediate results are computed again when its derivative needs them instead of being kept:
 * less memory, at most one more evaluation. The function must be complete in itself, as for `customRule`.
 *
 * @category custom rules
 * @since 0.1.0
 */
export const checkpoint = <P extends Tree.VarTree, S extends Shape, D extends DType>(
  f: (p: P) => Reverse<Var<S, D>>,
): OnTree<P, Reverse<Var<S, D>>> => customRule<P, Var<S, D>>({ name: 'checkpoint', f })
