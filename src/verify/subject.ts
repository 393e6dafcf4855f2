/**
 * From a model and a point to a problem, with everything that can be the matter with them said in a sentence.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Buffer, F64 } from '../algebra/index.js'
import { evaluate } from '../engine/index.js'
import { type Failure, fail } from '../Failure.js'
import { type Given, record } from '../Program.js'
import { needed } from '../primitive/evaluate.js'
import type { Calculus, Peek } from '../primitive/Recorder.js'
import type { Reverse } from '../Reverse.js'
import { size } from '../Shape.js'
import { equals, instructions, type Program } from '../Tape.js'
import { type AnyTensor, unsafeMake } from '../Tensor.js'
import * as Tree from '../Tree.js'
import type { AnyVar } from '../Var.js'
import { directionOf } from './directions.js'
import { problemOf } from './held.js'
import type { Flat, Numbers, Problem } from './problem.js'

const OPERATION = 'verifyGradient'

/**
 * How much may be verified: a double-double takes some 30 times the memory and time of a float64.
 *
 * @category model
 * @since 0.1.0
 */
export interface Budget {
  readonly instructions: number
  /** over all instructions of the model */
  readonly elements: number
}

/**
 * 20 000 instructions, four million elements: some minutes.
 *
 * @category constants
 * @since 0.1.0
 */
export const BUDGET: Budget = { instructions: 20_000, elements: 2 ** 22 }

const refuse = (tag: Parameters<typeof fail>[0], message: string, path?: string): E.Either<Failure, never> =>
  fail(tag, `${OPERATION}: ${message}`, { operation: OPERATION, ...(path === undefined ? {} : { path }) })

const isReal = (v: AnyVar): boolean => v.dtype === 'real'

/** What a model throws is a failure of its own. */
const caught = <A>(body: () => E.Either<Failure, A>): E.Either<Failure, A> => {
  try {
    return body()
  } catch (e) {
    return refuse('Raised', `the model throws: ${e instanceof Error ? e.message : String(e)}`)
  }
}

/** Looks at a value by evaluating all that has been recorded so far. */
const looking =
  (calculus: Calculus, point: ReadonlyArray<AnyTensor>): Peek =>
  (recorder, v) => {
    const tape = recorder.fork().builder.tape()
    const inputs = instructions(tape).filter(({ primitive }) => primitive === 'input')
    if (inputs.length !== point.length)
      return refuse(
        'NeedsValue',
        'a value is peeked at inside a batch, where it differs from example to example; use where()',
      )
    const run = evaluate(F64, calculus.table)({ _tag: 'Program', tape, inputs, outputs: [v] })
    if (E.isLeft(run)) return run
    const seen = run.right(point.map(({ data }) => data as Buffer<number>))
    if (E.isLeft(seen)) return seen
    const data = Array.from(seen.right.outputs[0] as ArrayLike<number>)
    const made =
      v.dtype === 'real' ? Float64Array.from(data) : v.dtype === 'int' ? Int32Array.from(data) : Uint8Array.from(data)
    return E.right(unsafeMake(v.shape, v.dtype, made))
  }

/** The elements of all instructions that the outputs need. */
const elementsOf = (program: Program): number => needed(program).reduce((sum, { shape }) => sum + size(shape), 0)

/**
 * A model recorded at a point.
 *
 * @category model
 * @since 0.1.0
 */
export interface Subject {
  readonly problem: Problem
  readonly instructions: number
  readonly elements: number
}

/**
 * Records a model and refuses what cannot be verified: a point with NaN, without parameters or with integers; a model that
 * throws, gives no real results, is not deterministic, is not finite at the point, or is too big.
 *
 * @param seed - from which cotangents are drawn for results that are not one number
 * @category constructors
 * @since 0.1.0
 */
export const subjectOf = (
  model: (p: never) => Reverse<Tree.VarTree>,
  given: unknown,
  { calculus, seed, budget }: { readonly calculus: Calculus; readonly seed: number; readonly budget: Budget },
): E.Either<Failure, Subject> => {
  const tree = Tree.check(given, OPERATION)
  if (E.isLeft(tree)) return tree
  const entries = Tree.flatten(tree.right)
  if (entries.length === 0) return refuse('InvalidArgument', 'there are no parameters: the point is an empty tree')
  const tensors: Array<AnyTensor> = []
  for (const { path, leaf } of entries) {
    const where = path === '' ? 'the point' : `the parameter ${path}`
    if (typeof leaf === 'object' && leaf._tag === 'Var')
      return refuse('MissingInput', `${where} is a handle; a tensor or number is needed`, path)
    const tensor = typeof leaf === 'number' ? unsafeMake([], 'real', Float64Array.of(leaf)) : leaf
    if (tensor.dtype !== 'real')
      return refuse(
        'NotDifferentiable',
        `${where} is ${tensor.dtype}; only reals have derivatives: let the model capture it instead`,
        path,
      )
    const bad = Array.from(tensor.data).findIndex((x) => !Number.isFinite(x))
    if (bad >= 0)
      return refuse(
        'InvalidArgument',
        `${where} is ${tensor.data[bad]} at element ${bad}; gradients are checked at finite points`,
        path,
      )
    tensors.push(tensor)
  }
  if (tensors.every(({ data }) => data.length === 0))
    return refuse('InvalidArgument', 'the parameters have no elements')

  const recorded = () =>
    caught(() =>
      record(model as (p: Tree.VarTree) => Reverse<Tree.VarTree>, { calculus, peek: looking(calculus, tensors) })(
        tree.right as Given<Tree.VarTree>,
      ),
    )
  const program = recorded()
  if (E.isLeft(program)) return program
  const again = recorded()
  if (E.isLeft(again) || !equals(program.right.tape, again.right.tape))
    return refuse(
      'InvalidArgument',
      'the model is not deterministic: recorded twice at the same point it gives different tapes. Draw random numbers from a ' +
        'key that is passed in, and keep clocks and counters out of it',
    )
  const results = Tree.leaves<AnyVar>(program.right.outputs)
  const wrong = Tree.flatten<AnyVar>(program.right.outputs).find(({ leaf }) => !isReal(leaf))
  if (wrong !== undefined)
    return refuse(
      'TypeMismatch',
      `the model gives ${wrong.leaf.dtype} ${wrong.path === '' ? '' : `at ${wrong.path} `}where a real is needed`,
      wrong.path,
    )
  if (results.length === 0) return refuse('StructureMismatch', 'the model gives an empty tree; a real result is needed')
  const flat: Flat = { ...program.right, inputs: Tree.leaves<AnyVar>(program.right.inputs), outputs: results }
  const wanted = needed(flat)
  const elements = elementsOf(flat)
  if (wanted.length > budget.instructions || elements > budget.elements)
    return refuse(
      'TooLarge',
      `the model has ${wanted.length} instructions with ${elements} elements; the limit is ${budget.instructions} and ` +
        `${budget.elements}. Double-double would take about ${Math.ceil((elements * 32 * 12) / 2 ** 20)} MiB. Verify a smaller ` +
        'instance of it (fewer examples, narrower layers, fewer steps), or raise the budget',
    )
  const paths = entries.map(({ path }) => path)
  const point = tensors.map(({ data }): Numbers => Array.from(data))
  // normal weights, of odd number: one set of weights serves every direction, and ±1 can cancel equal contributions
  const cotangent = results.map(
    (y, i): Numbers =>
      results.length === 1 && y.shape.length === 0 ? [1] : directionOf(seed, 1001 + 2 * i, [size(y.shape)])[0],
  )
  const problem = problemOf(calculus, flat, paths, point, cotangent)
  if (E.isLeft(problem)) return problem
  const run = evaluate(F64, calculus.table)(problem.right.program)
  if (E.isLeft(run)) return run
  const first = valuesAt(run.right(point))
  const second = valuesAt(run.right(point))
  const notFinite = first.findIndex((x) => !Number.isFinite(x))
  if (notFinite >= 0)
    return refuse(
      'InvalidArgument',
      `the model gives ${first[notFinite]} at this point; gradients are checked where it is finite`,
    )
  if (!first.every((x, i) => Object.is(x, second[i])))
    return refuse(
      'InvalidArgument',
      'the model is not deterministic: evaluated twice at the same point it gives different values',
    )
  return E.right({ problem: problem.right, instructions: wanted.length, elements })
}

const valuesAt = (result: E.Either<Failure, { readonly outputs: ReadonlyArray<Buffer<number>> }>): Numbers =>
  E.isLeft(result) ? [] : result.right.outputs.flatMap((y) => Array.from(y as ArrayLike<number>))
