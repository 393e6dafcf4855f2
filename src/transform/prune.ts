/**
 * Dead code: what a program records and its outputs do not need.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'
import { standard } from '../Program.js'
import { type Calculus, recorderOn } from '../primitive/Recorder.js'
import { empty, type Instruction, type Program } from '../Tape.js'
import * as Tree from '../Tree.js'
import type { AnyVar } from '../Var.js'
import { inline } from './inline.js'

/**
 * The same program on a tape of its own, without the instructions that its outputs do not need. Inputs stay, used or not,
 * so it is called as before; so does what a `peek` states. Outputs are the same bit for bit, and pruning twice is pruning
 * once.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { exp, flatMap, mul, prune, record, spec, type Var } from 'wengert'
 *
 * const wasteful = (x: Var<readonly []>) => flatMap(exp(x), () => mul(x, x))
 * const program = record(wasteful)(spec([]))
 * assert(isRight(program) && program.right.tape.length === 3) // input, exp, mul
 * const less = prune(program.right)
 * assert(isRight(less) && less.right.tape.length === 2)
 * ```
 *
 * @category transformations
 * @since 0.1.0
 */
export const prune = <P extends Tree.VarTree, Q extends Tree.VarTree>(
  program: Program<P, Q>,
  calculus: Calculus = standard,
): E.Either<Failure, Program<P, Q>> => {
  const recorder = recorderOn(empty, calculus)
  const inputs: Array<AnyVar> = []
  for (const v of Tree.leaves<AnyVar>(program.inputs)) {
    const input = recorder.emit('input', [], (v as Instruction).attributes as never)
    if (E.isLeft(input)) return input
    inputs.push(input.right)
  }
  const outputs = inline(recorder, program, inputs)
  if (E.isLeft(outputs)) return outputs
  const tree = (template: Tree.VarTree, vars: ReadonlyArray<AnyVar>) =>
    Tree.unflatten<Tree.Tree<Tree.Leaf>, AnyVar>(template, vars)
  const p = tree(program.inputs, inputs)
  if (E.isLeft(p)) return p
  const q = tree(program.outputs, outputs.right)
  return E.isLeft(q)
    ? q
    : E.right(
        Object.freeze({ _tag: 'Program', tape: recorder.builder.tape(), inputs: p.right as P, outputs: q.right as Q }),
      )
}
