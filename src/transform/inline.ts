/**
 * Records a program once more, on other operands.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'
import { needed } from '../primitive/evaluate.js'
import type { Attributes, PrimitiveName } from '../primitive/Primitive.js'
import type { Recorder } from '../primitive/Recorder.js'
import type { Program } from '../Tape.js'
import { leaves } from '../Tree.js'
import type { AnyVar } from '../Var.js'

/**
 * The outputs of a program on given inputs, recorded here; of its instructions only those that the outputs need.
 *
 * @category combinators
 * @since 0.1.0
 */
export const inline = (
  recorder: Recorder,
  program: Program,
  inputs: ReadonlyArray<AnyVar>,
): E.Either<Failure, ReadonlyArray<AnyVar>> => {
  const here = new Map(leaves(program.inputs).map((v, i) => [v.id, inputs[i]]))
  for (const { id, primitive, operands, attributes } of needed(program)) {
    if (here.has(id)) continue
    const recorded = recorder.emit(
      primitive as PrimitiveName,
      operands.map((k) => here.get(k) as AnyVar),
      attributes as Attributes[PrimitiveName],
    )
    if (E.isLeft(recorded)) return recorded
    here.set(id, recorded.right)
  }
  return E.right(leaves(program.outputs).map((v) => here.get(v.id) as AnyVar))
}
