/**
 * The reference engine: programs evaluated instruction by instruction, over float64 for results or over any algebra for
 * everything else.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Algebra, Buffer } from '../algebra/Algebra.js'
import { F32 } from '../algebra/F32.js'
import { F64 } from '../algebra/F64.js'
import { type Failure, fail } from '../Failure.js'
import { standard } from '../Program.js'
import { bufferFor, kernelFor, needed, type Prepared, prepare, signature } from '../primitive/evaluate.js'
import type { Table } from '../primitive/Primitive.js'
import type { Peek, Recorder } from '../primitive/Recorder.js'
import { type Spec, show, size } from '../Shape.js'
import type { Instruction, Program } from '../Tape.js'
import type { AnyTensor } from '../Tensor.js'
import * as Tree from '../Tree.js'
import type { AnyVar } from '../Var.js'
import type { Donation } from './donation.js'
import { copied, type Engine, type View } from './Executable.js'

/**
 * The algebra of a precision.
 *
 * @category destructors
 * @since 0.1.0
 */
export const algebraOf = (scalar: 'f64' | 'f32'): Algebra<number> => (scalar === 'f32' ? F32 : F64)

/** The most bytes alive at one instruction, in the order of the tape: inputs and outputs always are. */
const liveBound = (
  wanted: ReadonlyArray<Instruction>,
  always: ReadonlySet<number>,
  bytes: (instruction: Instruction) => number,
): number => {
  const last = new Map<number, number>()
  for (const { id, operands } of wanted) for (const k of operands) last.set(k, id)
  const dying = new Map<number, Array<Instruction>>()
  for (const instruction of wanted) {
    const end = last.get(instruction.id)
    if (end === undefined || always.has(instruction.id)) continue
    dying.set(end, [...(dying.get(end) ?? []), instruction])
  }
  let alive = 0
  for (const instruction of wanted) if (instruction.primitive === 'input') alive += bytes(instruction)
  let most = alive
  for (const instruction of wanted) {
    if (instruction.primitive !== 'input') alive += bytes(instruction)
    most = Math.max(most, alive)
    for (const dead of dying.get(instruction.id) ?? []) alive -= bytes(dead)
  }
  return most
}

/**
 * The reference engine of a program.
 *
 * @category constructors
 * @since 0.1.0
 */
export const referenceEngine = (
  program: Program,
  scalarName: 'f64' | 'f32',
  limit: number | undefined,
  donated: ReadonlyArray<Donation>,
): Engine => {
  const algebra = algebraOf(scalarName)
  const bytesOf = ({ dtype, shape }: Spec): number =>
    size(shape) * (dtype === 'real' ? (scalarName === 'f32' ? 4 : 8) : dtype === 'int' ? 4 : 1)
  const wanted = needed(program)
  const inputs = Tree.leaves<AnyVar>(program.inputs)
  const results = Tree.leaves<AnyVar>(program.outputs)
  const always = new Set([...inputs, ...results].map((v) => v.id))
  const total = [...wanted, ...results].reduce((sum, v) => sum + bytesOf(v), 0)
  return {
    engine: 'reference',
    footprint: { bytes: total, bound: liveBound(wanted, always, bytesOf) },
    machine: () => {
      const prepared = prepare(algebra, standard.table, program, limit)
      if (E.isLeft(prepared)) return prepared
      const { run, value } = prepared.right
      const held = inputs.map((v) => value(v.id) as View)
      // outputs stand apart from whatever they are equal to, so that donated inputs can be overwritten one by one
      const outputs = results.map(({ dtype, shape }) => bufferFor(algebra, dtype, size(shape)) as View)
      const done: E.Either<Failure, void> = E.right(undefined)
      return E.right({
        inputs: held,
        outputs,
        step: () => {
          const computed = run(held as ReadonlyArray<Buffer<number>>)
          if (E.isLeft(computed)) return computed
          for (let i = 0; i < outputs.length; i++) (outputs[i] as Float64Array).set(computed.right[i] as Float64Array)
          for (const [input, output] of donated) (held[input] as Float64Array).set(outputs[output] as Float64Array)
          return done
        },
      })
    },
  }
}

/**
 * Computes what a recording looks at, each instruction once.
 *
 * @category constructors
 * @since 0.1.0
 */
export const peekingAt = (inputs: ReadonlyArray<AnyTensor>, first: number, table: Table): Peek => {
  const values = new Map<AnyVar, Buffer<number>>()
  const computed = (recorder: Recorder, v: AnyVar): E.Either<Failure, Buffer<number>> => {
    const stack: Array<AnyVar> = [v]
    while (stack.length > 0) {
      const instruction = stack[stack.length - 1] as Instruction
      if (values.has(instruction)) {
        stack.pop()
        continue
      }
      const operands = instruction.operands.map((k) => recorder.builder.at(k) as Instruction)
      const missing = operands.filter((x) => !values.has(x))
      if (missing.length > 0) {
        stack.push(...missing)
        continue
      }
      if (instruction.primitive === 'input') {
        // the model's inputs stand first; any other belongs to an example of a batch
        const input = inputs[instruction.id - first]
        if (input === undefined)
          return fail('NeedsValue', 'peek: under vmap the value differs from example to example; use where()', {
            operation: 'peek',
          })
        values.set(instruction, input.data as Buffer<number>)
      } else {
        const out = bufferFor(F64, instruction.dtype, size(instruction.shape))
        kernelFor(
          F64,
          table,
          instruction,
          operands,
        )(
          operands.map((x) => values.get(x) as Buffer<number>),
          out,
        )
        values.set(instruction, out)
      }
      stack.pop()
    }
    return E.right(values.get(v) as Buffer<number>)
  }
  return (recorder, v) => {
    const value = computed(recorder, v)
    return E.isLeft(value) ? value : E.right(copied(v, value.right))
  }
}

/**
 * Values over an algebra, with what only an evaluation knows.
 *
 * @category model
 * @since 0.1.0
 */
export interface Evaluation<N> {
  /** the outputs in order */
  readonly outputs: ReadonlyArray<Buffer<N>>
  /** the value of any instruction that the outputs need */
  readonly value: Prepared<N>['value']
  /** the branches taken: equal lists mean the same smooth piece */
  readonly signature: () => ReadonlyArray<number>
}

/**
 * Evaluates a program over an algebra. Inputs are given in order, as numbers of the algebra (integers and booleans as
 * plain numbers); their lengths must be those of the program's inputs. Each call to the result reuses its memory.
 *
 * @category destructors
 * @since 0.1.0
 */
export const evaluate =
  <N>(algebra: Algebra<N>, table: Table = standard.table) =>
  (program: Program): E.Either<Failure, (inputs: ReadonlyArray<Buffer<N>>) => E.Either<Failure, Evaluation<N>>> => {
    const prepared = prepare(algebra, table, program)
    if (E.isLeft(prepared)) return prepared
    const expected = Tree.leaves(program.inputs)
    return E.right((inputs) => {
      const wrong = expected.findIndex((v, i) => inputs[i]?.length !== size(v.shape))
      if (wrong >= 0 || inputs.length !== expected.length)
        return fail(
          'MissingInput',
          `evaluate: ${inputs.length} inputs of lengths ${inputs.map((x) => x?.length).join(', ')} do not fit ` +
            expected.map((v) => show(v.shape)).join(', '),
          { operation: 'evaluate' },
        )
      const outputs = prepared.right.run(inputs)
      return E.isLeft(outputs)
        ? outputs
        : E.right({
            outputs: outputs.right,
            value: prepared.right.value,
            signature: () => signature(algebra, table, program, prepared.right),
          })
    })
  }
