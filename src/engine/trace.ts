/**
 * Where a number stopped being one: a machine that, when a step leaves NaN or an infinity in an output, evaluates the
 * program again, instruction by instruction, and names the first instruction that made one out of finite operands.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Algebra, Buffer } from '../algebra/Algebra.js'
import { type Failure, fail } from '../Failure.js'
import { standard } from '../Program.js'
import { prepare } from '../primitive/evaluate.js'
import type { Primitive, PrimitiveName } from '../primitive/Primitive.js'
import { show } from '../Shape.js'
import type { Program } from '../Tape.js'
import type { Machine, View } from './Executable.js'

const wrong = (values: ArrayLike<number>): number => {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i
  return -1
}

/** The first instruction whose operands are finite and whose result is not. */
const culprit = (
  algebra: Algebra<number>,
  program: Program,
  inputs: ReadonlyArray<Buffer<number>>,
): E.Either<Failure, never> => {
  const prepared = prepare(algebra, standard.table, program, Number.POSITIVE_INFINITY)
  if (E.isLeft(prepared)) return prepared
  const { run, value, needed } = prepared.right
  const ran = run(inputs)
  if (E.isLeft(ran)) return ran
  for (const { id, primitive, operands, attributes, shape } of needed) {
    const at = wrong(value(id) as Buffer<number>)
    if (at < 0) continue
    const row = standard.table[primitive as PrimitiveName] as Primitive
    const formula = row.show(
      operands.map((k) => `%${k}`),
      attributes as never,
    )
    const found = (value(id) as Buffer<number>)[at]
    const where = shape.length === 0 ? '' : ` at element ${at} of ${show(shape)}`
    return fail('NonFinite', `step: %${id} = ${formula} is ${found}${where}; its operands are finite`, {
      operation: primitive,
      position: id,
    })
  }
  return fail('NonFinite', 'step: an output is not finite, although every instruction is when evaluated one by one', {
    operation: 'step',
  })
}

/**
 * A machine whose steps fail with `NonFinite` where an output is not finite. It keeps a copy of the inputs of a step.
 *
 * @category combinators
 * @since 0.1.0
 */
export const traced = (algebra: Algebra<number>, program: Program, machine: Machine): Machine => {
  const before = machine.inputs.map((input) => input.slice() as View)
  return {
    ...machine,
    step: () => {
      before.forEach((copy, i) => {
        ;(copy as Float64Array).set(machine.inputs[i] as Float64Array)
      })
      const stepped = machine.step()
      if (E.isLeft(stepped)) return stepped
      return machine.outputs.every((output) => wrong(output) < 0)
        ? stepped
        : culprit(algebra, program, before as ReadonlyArray<unknown> as ReadonlyArray<Buffer<number>>)
    },
  }
}
