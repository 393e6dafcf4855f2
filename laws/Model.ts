/**
 * A model under test: a function of real tensors to real tensors with a point to test it at, whatever it was made from.
 * Laws are stated on models, so one statement covers single primitives, random programs and a user's own function.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Bounded, ErrorBound } from '../src/algebra/ErrorBound.js'
import type { Algebra, Buffer } from '../src/algebra/index.js'
import { evaluate } from '../src/engine/index.js'
import type { Failure } from '../src/Failure.js'
import { spec } from '../src/Program.js'
import { needed, type Primitive, type PrimitiveName } from '../src/primitive/index.js'
import { flatMap, map, type Reverse } from '../src/Reverse.js'
import { type Shape, type Spec, show, size } from '../src/Shape.js'
import { at, type Instruction, type Program } from '../src/Tape.js'
import { leaves } from '../src/Tree.js'
import type { AnyVar } from '../src/Var.js'
import type { Sample } from './differences.js'
import { Broken, type Subject } from './Law.js'

/**
 * The numbers of one array.
 *
 * @category model
 * @since 0.1.0
 */
export type Numbers = ReadonlyArray<number>

/**
 * @category model
 * @since 0.1.0
 */
export interface Model {
  /** a primitive's name, or what else it was made from */
  readonly label: string
  readonly inputs: ReadonlyArray<Shape>
  /** where to test it, an array for each input */
  readonly point: ReadonlyArray<Numbers>
  /** all results are real */
  readonly f: (xs: ReadonlyArray<AnyVar>) => Reverse<ReadonlyArray<AnyVar>>
}

/**
 * The value of something that a law needs; its failure breaks the law.
 *
 * @category destructors
 * @since 0.1.0
 */
export const must = <A>(either: E.Either<Failure, A>, what: string): A => {
  if (E.isLeft(either)) throw new Broken(`${what}: ${either.left.message}`)
  return either.right
}

/**
 * Records a function of arrays of the given shapes and element types, by the subject's calculus.
 *
 * @category constructors
 * @since 0.1.0
 */
export const recorded = (
  subject: Subject,
  specs: ReadonlyArray<Spec>,
  f: (xs: ReadonlyArray<AnyVar>) => Reverse<ReadonlyArray<AnyVar>>,
): Program<ReadonlyArray<AnyVar>, ReadonlyArray<AnyVar>> =>
  must(
    subject.operations.record<ReadonlyArray<AnyVar>, ReadonlyArray<AnyVar>>(f, { calculus: subject.calculus })(
      specs.map(({ shape, dtype }) => spec(shape, dtype)) as never,
    ),
    'recording',
  )

/**
 * The specs of real arrays.
 *
 * @category constructors
 * @since 0.1.0
 */
export const reals = (shapes: ReadonlyArray<Shape>): ReadonlyArray<Spec> =>
  shapes.map((shape) => ({ shape, dtype: 'real' }))

/**
 * The results' shapes.
 *
 * @category destructors
 * @since 0.1.0
 */
export const results = (program: Program): ReadonlyArray<Shape> =>
  leaves<AnyVar>(program.outputs).map(({ shape }) => shape)

/**
 * A program as people read it, one needed instruction a line.
 *
 * @category destructors
 * @since 0.1.0
 */
export const listing = (subject: Subject, program: Program): string =>
  [
    ...needed(program).map((instruction: Instruction) => {
      const row = subject.calculus.table[instruction.primitive as PrimitiveName] as Primitive
      const text = row.show(
        instruction.operands.map((k) => `%${k}`),
        instruction.attributes as never,
      )
      return `%${instruction.id}: ${instruction.dtype} ${show(instruction.shape)} = ${text}`
    }),
    `return ${leaves<AnyVar>(program.outputs)
      .map(({ id }) => `%${id}`)
      .join(', ')}`,
  ].join('\n')

/**
 * The listing of a model and its point.
 *
 * @category destructors
 * @since 0.1.0
 */
export const describe = (subject: Subject, model: Model): string => {
  const program = recorded(subject, reals(model.inputs), model.f)
  const point = model.point.map((numbers, i) => `%${i} = [${numbers.join(', ')}]`)
  return [listing(subject, program), ...(point.length === 0 ? [] : [`at ${point.join(', ')}`])].join('\n')
}

/**
 * An evaluation over any algebra. Results are copies; `null` where the program refuses the point.
 *
 * @category constructors
 * @since 0.1.0
 */
export const evaluator = <N>(
  subject: Subject,
  algebra: Algebra<N>,
  program: Program,
): ((inputs: ReadonlyArray<ReadonlyArray<N>>) => {
  readonly outputs: ReadonlyArray<ReadonlyArray<N>>
  readonly signature: () => Numbers
  readonly value: (id: number) => ReadonlyArray<N>
}) => {
  const run = must(evaluate(algebra, subject.calculus.table)(program), 'evaluating')
  return (inputs) => {
    const result = must(run(inputs as ReadonlyArray<Buffer<N>>), 'evaluating')
    return {
      outputs: result.outputs.map((buffer) => Array.from(buffer as ArrayLike<N>)),
      signature: result.signature,
      value: (id) => Array.from(result.value(id) as ArrayLike<N>),
    }
  }
}

/**
 * The results with their error bounds, one list after another.
 *
 * @category destructors
 * @since 0.1.0
 */
export const boundedResults = (
  subject: Subject,
  program: Program,
): ((inputs: ReadonlyArray<Numbers>) => ReadonlyArray<ReadonlyArray<Bounded>>) => {
  const run = evaluator(subject, ErrorBound, program)
  const plain = leaves<AnyVar>(program.inputs).map(({ dtype }) => dtype !== 'real')
  return (inputs) =>
    run(inputs.map((xs, i) => (plain[i] ? (xs as unknown as ReadonlyArray<Bounded>) : xs.map(ErrorBound.literal))))
      .outputs
}

/**
 * The results at points of a line through the model's point: what `differences` takes.
 *
 * @category destructors
 * @since 0.1.0
 */
export const along = (
  subject: Subject,
  program: Program,
  point: ReadonlyArray<Numbers>,
  direction: ReadonlyArray<Numbers>,
): ((t: number) => Sample | null) => {
  const run = evaluator(subject, ErrorBound, program)
  return (t) => {
    const { outputs, signature } = run(
      point.map((xs, i) => xs.map((x, j) => ErrorBound.literal(x + t * direction[i][j]))),
    )
    const values = outputs.flat()
    return values.every(({ value, error }) => Number.isFinite(value) && Number.isFinite(error))
      ? { values, signature: signature() }
      : null
  }
}

/**
 * The pullback of a model as a program: its inputs are the point and a cotangent for each result, its outputs the results
 * and then the gradient.
 *
 * @category constructors
 * @since 0.1.0
 */
export const pullback = (subject: Subject, { inputs, f }: Model): Program => {
  const n = inputs.length
  const outputs = results(recorded(subject, reals(inputs), f))
  return recorded(subject, reals([...inputs, ...outputs]), (all) =>
    flatMap(subject.operations.vjp(f)(all.slice(0, n)), ([ys, pull]) =>
      map((gs: ReadonlyArray<AnyVar>) => [...ys, ...gs])(pull(all.slice(n))),
    ),
  )
}

/**
 * The pushforward of a model as a program: its inputs are the point and a tangent for each input, its outputs the
 * tangents of the results.
 *
 * @category constructors
 * @since 0.1.0
 */
export const pushforward = (subject: Subject, { inputs, f }: Model): Program => {
  const n = inputs.length
  return recorded(subject, reals([...inputs, ...inputs]), (all) =>
    subject.operations.jvp(f)(all.slice(0, n), all.slice(n)),
  )
}

/**
 * How many numbers an array of each shape holds.
 *
 * @category destructors
 * @since 0.1.0
 */
export const counts = (shapes: ReadonlyArray<Shape>): Numbers => shapes.map(size)

/**
 * The instruction at a position that exists.
 *
 * @category destructors
 * @since 0.1.0
 */
export const instructionAt = (program: Program, id: number): Instruction => at(program.tape, id) as Instruction
