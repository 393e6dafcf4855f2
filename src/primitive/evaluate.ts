/**
 * The reference evaluator: one tape, any algebra, one instruction after another. It is simple so that it is obviously
 * right; everything faster is checked against it.
 *
 * Preparing a program makes one kernel and one buffer for each instruction that the outputs need; running it does no
 * bookkeeping. Instructions that depend on no input are run once, when the program is prepared.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Algebra, Buffer } from '../algebra/Algebra.js'
import { type Failure, fail } from '../Failure.js'
import { type DType, size } from '../Shape.js'
import { at, type Instruction, instructions, type Program } from '../Tape.js'
import { leaves } from '../Tree.js'
import type { Attributes, Evaluate, Kernel, Primitive, PrimitiveName, Table } from './Primitive.js'

/**
 * A program ready to run over an algebra. Results live in its own buffers until the next run.
 *
 * @category model
 * @since 0.1.0
 */
export interface Prepared<N> {
  /** values of the inputs in order, then the outputs in order */
  readonly run: (inputs: ReadonlyArray<Buffer<N>>) => E.Either<Failure, ReadonlyArray<Buffer<N>>>
  /** the value of any instruction that the outputs need, after a run */
  readonly value: (id: number) => Buffer<N> | undefined
  /** the instructions that the outputs need, in order */
  readonly needed: ReadonlyArray<Instruction>
}

/**
 * How much the evaluator may allocate, in elements over all instructions: 2^28 float64 are 2 GiB.
 *
 * @category limits
 * @since 0.1.0
 */
export const MAX_ELEMENTS = 2 ** 28

/**
 * The instructions from position `from` on that the outputs need, in order; what a `peek` states is always needed.
 *
 * @category destructors
 * @since 0.1.0
 */
export const needed = ({ tape, inputs, outputs }: Program, from = 0): ReadonlyArray<Instruction> => {
  const marked = new Uint8Array(tape.length)
  for (const v of [...leaves(inputs), ...leaves(outputs)]) marked[v.id] = 1
  const all = instructions(tape, from)
  const out: Array<Instruction> = []
  for (let id = tape.length - 1; id >= from; id--) {
    const instruction = all[id - from]
    if (marked[id] === 0 && instruction.primitive !== 'peek') continue
    for (const operand of instruction.operands) marked[operand] = 1
    out.push(instruction)
  }
  return out.reverse()
}

/**
 * A buffer for values of an element type: integers and booleans are plain numbers in every algebra.
 *
 * @category constructors
 * @since 0.1.0
 */
export const bufferFor = <N>(algebra: Algebra<N>, dtype: DType, length: number): Buffer<N> =>
  dtype === 'real'
    ? algebra.buffer(length)
    : ((dtype === 'int' ? new Int32Array(length) : new Uint8Array(length)) as unknown as Buffer<N>)

/**
 * The kernel of one instruction.
 *
 * @category constructors
 * @since 0.1.0
 */
export const kernelFor = <N>(
  algebra: Algebra<N>,
  table: Table,
  instruction: Instruction,
  operands: ReadonlyArray<Instruction>,
): Kernel<N> =>
  (table[instruction.primitive as PrimitiveName] as Primitive).kernel(
    algebra,
    { attributes: instruction.attributes as Attributes[PrimitiveName], operands, result: instruction },
    evaluate(table),
  )

/** The refusal of a value that is not what a `peek` states, if it is not. */
const departure = <N>(
  algebra: Algebra<N>,
  instruction: Instruction,
  value: Buffer<N>,
): E.Either<Failure, never> | null => {
  const { value: stated } = instruction.attributes as unknown as Attributes['peek']
  for (let i = 0; i < value.length; i++) {
    const x = stated.dtype === 'real' ? algebra.primal(value[i]) : (value[i] as unknown as number)
    if (x === stated.data[i] || (Number.isNaN(x) && Number.isNaN(stated.data[i]))) continue
    return fail(
      'Specialised',
      `peek: the tape is specialised to the value it looked at, and element ${i} of %${instruction.operands[0]} differs; ` +
        'record it again at these inputs, or use where()',
      { operation: 'peek', position: instruction.id },
    )
  }
  return null
}

/** The elements of all results, those inside called programs included. */
const elementsOf = (instructions: ReadonlyArray<Instruction>): number => {
  let elements = 0
  for (const { shape, primitive, attributes } of instructions) {
    elements += size(shape)
    if (primitive === 'call') elements += elementsOf(needed((attributes as unknown as Attributes['call']).body))
  }
  return elements
}

/**
 * Makes a program ready to run over an algebra. Fails with `TooLarge` before allocating more than `limit` elements, and
 * with `Specialised` when the tape states a value that does not hold.
 *
 * @category constructors
 * @since 0.1.0
 */
export const prepare = <N>(
  algebra: Algebra<N>,
  table: Table,
  program: Program,
  limit: number = MAX_ELEMENTS,
): E.Either<Failure, Prepared<N>> => {
  const wanted = needed(program)
  const elements = elementsOf(wanted)
  if (elements > limit)
    return fail('TooLarge', `the program needs ${elements} elements of memory; the limit is ${limit}`)

  const at = instructions(program.tape)
  const inputs = leaves(program.inputs)
  const buffers = new Array<Buffer<N> | undefined>(at.length)
  // what depends on an input, and so has to be computed again on every run
  const moving = new Uint8Array(at.length)
  for (const { id } of inputs) moving[id] = 2

  const kernels: Array<Kernel<N>> = []
  const reads: Array<ReadonlyArray<Buffer<N>>> = []
  const writes: Array<Buffer<N>> = []
  let refused: E.Either<Failure, never> | null = null

  for (const instruction of wanted) {
    const { id, shape, dtype, operands } = instruction
    const out = bufferFor(algebra, dtype, size(shape))
    buffers[id] = out
    if (moving[id] === 2) continue
    if (instruction.primitive === 'input')
      return fail('MissingInput', `the program needs the input %${id}, which is not among its inputs`, { position: id })
    const sources = operands.map((k) => at[k])
    const values = operands.map((k) => buffers[k] as Buffer<N>)
    let kernel = kernelFor(algebra, table, instruction, sources)
    if (instruction.primitive === 'peek') {
      const copy = kernel
      kernel = (xs, y) => {
        copy(xs, y)
        refused ??= departure(algebra, instruction, y)
      }
    }
    if (operands.some((k) => moving[k] !== 0)) {
      moving[id] = 1
      kernels.push(kernel)
      reads.push(values)
      writes.push(out)
    } else kernel(values, out)
  }
  if (refused !== null) return refused

  const outputs = leaves(program.outputs).map((v) => buffers[v.id] as Buffer<N>)
  return E.right({
    run: (values) => {
      refused = null
      for (let i = 0; i < inputs.length; i++) {
        const target = buffers[inputs[i].id] as Buffer<N>
        for (let j = 0; j < target.length; j++) target[j] = values[i][j]
      }
      for (let i = 0; i < kernels.length; i++) kernels[i](reads[i], writes[i])
      return refused ?? E.right(outputs)
    },
    value: (id) => buffers[id],
    needed: wanted,
  })
}

/** Evaluates a sub-tape; what it refuses, its caller has already checked. */
const evaluate =
  (table: Table): Evaluate =>
  (algebra, program) => {
    const prepared = prepare(algebra, table, program, Number.POSITIVE_INFINITY)
    if (E.isLeft(prepared)) throw new RangeError(prepared.left.message)
    return (inputs) => {
      const results = prepared.right.run(inputs)
      if (E.isLeft(results)) throw new RangeError(results.left.message)
      return results.right
    }
  }

/** The branches inside a called program at the operands that it was given. */
const calledSignature = <N>(
  algebra: Algebra<N>,
  table: Table,
  body: Program,
  operands: ReadonlyArray<Buffer<N>>,
): ReadonlyArray<number> => {
  const prepared = prepare(algebra, table, body)
  return E.isLeft(prepared) || E.isLeft(prepared.right.run(operands))
    ? []
    : signature(algebra, table, body, prepared.right)
}

/**
 * The branches that an evaluation took, those of called programs included, as one list: equal lists mean that two points
 * lie on one smooth piece of the program. Call it after `run`.
 *
 * @category destructors
 * @since 0.1.0
 */
export const signature = <N>(
  algebra: Algebra<N>,
  table: Table,
  program: Program,
  prepared: Prepared<N>,
): ReadonlyArray<number> => {
  const out: Array<number> = []
  for (const instruction of prepared.needed) {
    if (instruction.primitive === 'call') {
      const values = instruction.operands.map((k) => prepared.value(k) as Buffer<N>)
      out.push(...calledSignature(algebra, table, instruction.attributes.body as Program, values))
      continue
    }
    const row = table[instruction.primitive as PrimitiveName] as Primitive
    if (row.branches === null) continue
    const sources = instruction.operands.map((k) => at(program.tape, k) as Instruction)
    const primals = sources.map((source) => {
      const value = prepared.value(source.id) as Buffer<N>
      return source.dtype === 'real'
        ? Float64Array.from({ length: value.length }, (_, i) => algebra.primal(value[i]))
        : Float64Array.from({ length: value.length }, (_, i) => value[i] as unknown as number)
    })
    const site = { attributes: instruction.attributes as never, operands: sources, result: instruction }
    for (const branch of row.branches(site, primals)) out.push(branch)
  }
  return out
}
