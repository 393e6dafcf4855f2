/**
 * Where a number stopped being one: a program is evaluated once more, instruction by instruction, at the same inputs, and
 * what is not finite is followed from the outputs back to where it began.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Algebra, Buffer } from '../algebra/Algebra.js'
import { type Failure, fail } from '../Failure.js'
import { standard } from '../Program.js'
import { prepare } from '../primitive/evaluate.js'
import type { Primitive, PrimitiveName } from '../primitive/Primitive.js'
import { type DType, show, size } from '../Shape.js'
import { at, type Instruction, type Program } from '../Tape.js'
import type { AnyTensor } from '../Tensor.js'
import * as Tree from '../Tree.js'
import type { AnyVar } from '../Var.js'
import type { Machine, View } from './Executable.js'
import { algebraOf } from './reference.js'

/**
 * The first instruction, of those on the way to an output that is not finite, whose own operands were all finite; or the
 * input or constant that was not finite to begin with.
 *
 * @category model
 * @since 0.1.0
 */
export interface NonFinite {
  readonly position: number
  readonly primitive: string
  /** the instruction as text, `log(%12)` */
  readonly text: string
  /** the first element concerned, and what it became */
  readonly element: number
  readonly value: number
  /** what went in at that element, where the operands have as many elements; empty otherwise */
  readonly operands: ReadonlyArray<number>
  /** a sentence */
  readonly message: string
}

const indexOfNonFinite = (values: ArrayLike<number>): number => {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i
  return -1
}

const isReal = ({ dtype }: { readonly dtype: DType }): boolean => dtype === 'real'

/** The earliest beginning of what is not finite in the outputs. */
const origin = (program: Program, value: (id: number) => ArrayLike<number>): Instruction | undefined => {
  const spoilt = (v: AnyVar): boolean => isReal(v) && indexOfNonFinite(value(v.id)) >= 0
  const instruction = (id: number): Instruction => at(program.tape, id) as Instruction
  const seen = new Set<number>()
  const beginnings: Array<Instruction> = []
  const waiting = Tree.leaves<AnyVar>(program.outputs).filter(spoilt)
  while (waiting.length > 0) {
    const { id } = waiting.pop() as AnyVar
    if (seen.has(id)) continue
    seen.add(id)
    const from = instruction(id).operands.map(instruction).filter(spoilt)
    if (from.length === 0) beginnings.push(instruction(id))
    waiting.push(...from)
  }
  // an infinite constant is often meant, as a mask is: it is blamed where nothing else is
  const computed = beginnings.filter(({ primitive }) => primitive !== 'constant')
  return (computed.length > 0 ? computed : beginnings).toSorted((a, b) => a.id - b.id)[0]
}

const described = (found: Instruction, value: (id: number) => ArrayLike<number>): NonFinite => {
  const { id, primitive, attributes, shape } = found
  const own = value(id)
  const element = indexOfNonFinite(own)
  const row = standard.table[primitive as PrimitiveName] as Primitive
  const text = row.show(
    found.operands.map((k) => `%${k}`),
    attributes as never,
  )
  const sources = found.operands.map((k) => value(k))
  const operands = sources.every(({ length }) => length === own.length) ? sources.map((xs) => xs[element]) : []
  const what =
    primitive === 'input' ? `the input ${String(attributes.path)}`.trimEnd() : `%${id} = ${text}, ${show(shape)},`
  const because = operands.length === 0 ? '' : ` from ${operands.join(' and ')}`
  return {
    position: id,
    primitive,
    text,
    element,
    value: own[element],
    operands,
    message: `${what} is ${own[element]} at element ${element}${because}`,
  }
}

/** `firstNonFinite`, of inputs that fit. */
const search = (
  algebra: Algebra<number>,
  program: Program,
  inputs: ReadonlyArray<Buffer<number>>,
): E.Either<Failure, NonFinite | null> => {
  const prepared = prepare(algebra, standard.table, program, Number.POSITIVE_INFINITY)
  if (E.isLeft(prepared)) return prepared
  const value = (id: number): ArrayLike<number> => prepared.right.value(id) ?? []
  return E.map(() => {
    const found = origin(program, value)
    return found === undefined ? null : described(found, value)
  })(prepared.right.run(inputs))
}

/**
 * Finds the instruction at which a program first becomes NaN or infinite at these inputs; `null` when its outputs are
 * finite. Fails as evaluating does.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { chain } from 'fp-ts/lib/Either.js'
 * import * as E from 'fp-ts/lib/Either.js'
 * import { log, type Program, record, spec, sub, sum, tensor, type Var } from 'wengert'
 * import { firstNonFinite } from 'wengert/engine'
 *
 * const entropy = (x: Var<readonly [3]>) => sum(log(sub(x, 1)))
 * const found = chain((p: Program) => firstNonFinite(p)(tensor([2, 1, 5])))(record(entropy)(spec([3])))
 * assert.strictEqual(
 *   E.isRight(found) && found.right?.message,
 *   '%4 = log(%3), [3], is -Infinity at element 1 from 0',
 * )
 * ```
 *
 * @category destructors
 * @since 0.1.0
 */
export const firstNonFinite =
  (program: Program, options: { readonly scalar?: 'f64' | 'f32' } = {}) =>
  (inputs: Tree.TensorTree): E.Either<Failure, NonFinite | null> => {
    const same = Tree.checkStructure(program.inputs, inputs, 'firstNonFinite')
    if (E.isLeft(same)) return same
    const given = Tree.leaves<AnyTensor>(inputs)
    const wrong = Tree.leaves<AnyVar>(program.inputs).findIndex(({ shape }, i) => size(shape) !== given[i].data.length)
    if (wrong >= 0)
      return fail('ShapeMismatch', `firstNonFinite: input ${wrong} has another shape`, { operation: 'firstNonFinite' })
    return search(
      algebraOf(options.scalar ?? 'f64'),
      program,
      given.map(({ data }) => data as unknown as Buffer<number>),
    )
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
      if (E.isLeft(stepped) || machine.outputs.every((output) => indexOfNonFinite(output) < 0)) return stepped
      const found = search(algebra, program, before as ReadonlyArray<unknown> as ReadonlyArray<Buffer<number>>)
      if (E.isLeft(found)) return found
      return found.right === null
        ? fail('NonFinite', 'step: an output is not finite, and by the reference engine all of them are', {
            operation: 'step',
          })
        : fail('NonFinite', `step: ${found.right.message}`, {
            operation: found.right.primitive,
            position: found.right.position,
          })
    },
  }
}
