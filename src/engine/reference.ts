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
import { type RecordOptions, record, standard } from '../Program.js'
import { bufferFor, kernelFor, type Prepared, prepare, signature } from '../primitive/evaluate.js'
import type { Table } from '../primitive/Primitive.js'
import type { Peek, Recorder } from '../primitive/Recorder.js'
import type { Reverse } from '../Reverse.js'
import { equals, show, size } from '../Shape.js'
import type { Instruction, Program } from '../Tape.js'
import { type AnyTensor, scalar, unsafeMake } from '../Tensor.js'
import * as Tree from '../Tree.js'
import type { AnyVar } from '../Var.js'

/**
 * A program ready to run: it owns its memory, and each call gives new tensors.
 *
 * @category model
 * @since 0.1.0
 */
export interface Executable<P, Q> {
  readonly run: (inputs: Tree.Inputs<P>) => E.Either<Failure, Tree.Values<Q>>
}

/**
 * @category model
 * @since 0.1.0
 */
export interface EngineOptions {
  /** the precision of reals: every operation is rounded to it */
  readonly scalar?: 'f64' | 'f32'
  /** the most elements to allocate, over all instructions */
  readonly limit?: number
}

/** The given values, in order, checked against what the program expects. */
const valuesFor = (expected: Tree.VarTree, given: unknown): E.Either<Failure, ReadonlyArray<AnyTensor>> => {
  const tree = Tree.checkStructure(expected, given, 'run')
  if (E.isLeft(tree)) return tree
  const found = Tree.leaves(tree.right)
  const out: Array<AnyTensor> = []
  for (const [i, { path, leaf: want }] of Tree.flatten(expected).entries()) {
    const leaf = found[i]
    const value = typeof leaf === 'number' ? scalar(leaf) : leaf
    const where = path === '' ? 'the input' : `the input ${path}`
    if (value._tag === 'Var')
      return fail('MissingInput', `run: ${where} is a handle; a tensor or number is needed`, { operation: 'run', path })
    if (value.dtype !== want.dtype)
      return fail('TypeMismatch', `run: ${where} must be ${want.dtype}, not ${value.dtype}`, { operation: 'run', path })
    if (!equals(value.shape, want.shape))
      return fail('ShapeMismatch', `run: ${where} must have shape ${show(want.shape)}, not ${show(value.shape)}`, {
        operation: 'run',
        path,
        shapes: [want.shape, value.shape],
      })
    out.push(value)
  }
  return E.right(out)
}

const copied = (v: AnyVar, value: ArrayLike<number>): AnyTensor =>
  unsafeMake(
    v.shape,
    v.dtype,
    v.dtype === 'real' ? Float64Array.from(value) : v.dtype === 'int' ? Int32Array.from(value) : Uint8Array.from(value),
  )

/**
 * Makes a program ready to run. Fails with `TooLarge` before allocating beyond the limit.
 *
 * @category constructors
 * @since 0.1.0
 */
export const compile =
  (options: EngineOptions = {}) =>
  <P extends Tree.VarTree, Q extends Tree.VarTree>(program: Program<P, Q>): E.Either<Failure, Executable<P, Q>> => {
    const prepared = prepare(options.scalar === 'f32' ? F32 : F64, standard.table, program, options.limit)
    if (E.isLeft(prepared)) return prepared
    const outputs = Tree.leaves<AnyVar>(program.outputs)
    return E.right({
      run: (inputs) => {
        const values = valuesFor(program.inputs, inputs)
        if (E.isLeft(values)) return values
        const results = prepared.right.run(values.right.map(({ data }) => data as Buffer<number>))
        if (E.isLeft(results)) return results
        const tensors = results.right.map((value, i) => copied(outputs[i], value))
        return Tree.unflatten<Tree.Tree<Tree.Leaf>, AnyTensor>(program.outputs, tensors) as unknown as E.Either<
          Failure,
          Tree.Values<Q>
        >
      },
    })
  }

/** Computes what a recording looks at, each instruction once. */
const peekingAt = (inputs: ReadonlyArray<AnyTensor>, first: number, table: Table): Peek => {
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
 * Records a model and evaluates it over float64.
 *
 * The model may `peek` at values, since they are known here. Fails with whatever the model refuses, or with what does not
 * fit the inputs.
 *
 * @category destructors
 * @since 0.1.0
 */
export const run =
  <P extends Tree.VarTree, Q extends Tree.VarTree>(
    f: (p: P) => Reverse<Q>,
    options: EngineOptions & RecordOptions = {},
  ) =>
  (inputs: Tree.Inputs<P>): E.Either<Failure, Tree.Values<Q>> => {
    const tree = Tree.check(inputs, 'run')
    if (E.isLeft(tree)) return tree
    const tensors: Array<AnyTensor> = []
    for (const { path, leaf } of Tree.flatten(tree.right)) {
      const value = typeof leaf === 'number' ? scalar(leaf) : leaf
      if (value._tag === 'Var')
        return fail('MissingInput', `run: the input ${path} is a handle; a tensor or number is needed`, {
          operation: 'run',
          path,
        })
      tensors.push(value)
    }
    const calculus = options.calculus ?? standard
    const program = record(f, { ...options, peek: peekingAt(tensors, options.tape?.length ?? 0, calculus.table) })(
      tree.right as never,
    )
    if (E.isLeft(program)) return program
    const executable = compile(options)(program.right)
    return E.isLeft(executable) ? executable : executable.right.run(inputs)
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
