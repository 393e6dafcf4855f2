/**
 * What every check of a gradient stands on: a program of real tensors, a point, and the reverse sweep of it by some
 * calculus, recorded behind the program on the same tape. So one position means the same instruction in the program, in
 * its sweep and in every report.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Algebra, Buffer } from '../algebra/index.js'
import { type Evaluation, evaluate } from '../engine/index.js'
import type { Failure } from '../Failure.js'
import type { Call } from '../primitive/Primitive.js'
import { attempt, type Calculus, recorderOn } from '../primitive/Recorder.js'
import type { Shape } from '../Shape.js'
import { type Instruction, at as instructionAt, type Program } from '../Tape.js'
import { leaves } from '../Tree.js'
import { type Adjoint, reverseSweep } from '../transform/index.js'
import type { AnyVar } from '../Var.js'

/**
 * The numbers of one array.
 *
 * @category model
 * @since 0.1.0
 */
export type Numbers = ReadonlyArray<number>

/**
 * A program from a list of real arrays to a list of real arrays.
 *
 * @category model
 * @since 0.1.0
 */
export type Flat = Program<ReadonlyArray<AnyVar>, ReadonlyArray<AnyVar>>

/**
 * A program at a point, with the rules to differentiate it by.
 *
 * @category model
 * @since 0.1.0
 */
export interface Problem {
  readonly calculus: Calculus
  readonly program: Flat
  /** the path of each parameter in the tree that the model takes; empty where it is the whole of it */
  readonly paths: ReadonlyArray<string>
  readonly point: ReadonlyArray<Numbers>
  /** what the results are weighed with: the function checked is `<cotangent, f(x)>` */
  readonly cotangent: ReadonlyArray<Numbers>
  /** the position in the model's own recording of each position of `program`, or -1 */
  readonly origin: ReadonlyArray<number>
}

/**
 * The reverse sweep of a problem: a program of the parameters and one cotangent for each result.
 *
 * @category model
 * @since 0.1.0
 */
export interface Sweep {
  readonly program: Flat
  readonly results: ReadonlyArray<AnyVar>
  readonly gradient: ReadonlyArray<AnyVar>
  readonly adjoint: Adjoint
  /** the instructions of the problem's program that the sweep passed, latest first */
  readonly visited: ReadonlyArray<Instruction>
}

/**
 * The instruction at a position that exists.
 *
 * @category destructors
 * @since 0.1.0
 */
export const at = (program: Program, id: number): Instruction => instructionAt(program.tape, id) as Instruction

/**
 * A called function's body as a program from a list to a list.
 *
 * @category destructors
 * @since 0.1.0
 */
export const bodyOf = ({ attributes }: Instruction): Flat => {
  const { body } = attributes as unknown as Call
  return { ...body, inputs: leaves<AnyVar>(body.inputs), outputs: leaves<AnyVar>(body.outputs) }
}

/**
 * A problem's reverse sweep, by its calculus.
 *
 * @category constructors
 * @since 0.1.0
 */
export const sweepOf = ({ calculus, program }: Problem): E.Either<Failure, Sweep> => {
  const recorder = recorderOn(program.tape, calculus)
  return attempt(() => {
    const { vocabulary: v, builder } = recorder
    const cts = program.outputs.map((y, i) =>
      v.emit('input', [], { path: `cotangent ${i}`, shape: y.shape, dtype: y.dtype }),
    )
    const seeds = program.outputs.map((y, i) => [y, cts[i]] as const)
    const adjoint = reverseSweep(recorder, 0, program.inputs, seeds, program.tape.length)
    if (E.isLeft(adjoint)) return adjoint
    const { cotangents, contributions } = adjoint.right
    const gradient = program.inputs.map((x) => cotangents.get(x.id) ?? v.like(x, 0))
    const visited = [...cotangents.keys()].sort((a, b) => b - a).map((id) => builder.at(id) as Instruction)
    const outputs = [
      ...program.outputs,
      ...gradient,
      ...visited,
      ...cotangents.values(),
      ...contributions.map(({ value }) => value),
    ]
    return E.right({
      program: { _tag: 'Program', tape: builder.tape(), inputs: [...program.inputs, ...cts], outputs },
      results: program.outputs,
      gradient,
      adjoint: adjoint.right,
      visited,
    } as const)
  })
}

/**
 * A program evaluated at float64 arrays over any algebra.
 *
 * @category destructors
 * @since 0.1.0
 */
export const evaluated =
  <N>(algebra: Algebra<N>, { table }: Calculus, program: Program) =>
  (inputs: ReadonlyArray<Numbers>): E.Either<Failure, Evaluation<N>> => {
    const run = evaluate(algebra, table)(program)
    return E.isLeft(run) ? run : run.right(inputs.map((xs) => xs.map(algebra.literal)))
  }

/**
 * `<weights, xs>` over an algebra.
 *
 * @category destructors
 * @since 0.1.0
 */
export const weighed = <N>(algebra: Algebra<N>, xs: ReadonlyArray<Buffer<N>>, weights: ReadonlyArray<Numbers>): N => {
  let total = algebra.literal(0)
  for (let i = 0; i < xs.length; i++)
    for (let j = 0; j < xs[i].length; j++)
      total = algebra.add(total, algebra.mul(xs[i][j], algebra.literal(weights[i][j])))
  return total
}

/**
 * `<xs, ys>` of two arrays over an algebra.
 *
 * @category destructors
 * @since 0.1.0
 */
export const inner = <N>(algebra: Algebra<N>, xs: Buffer<N>, ys: Buffer<N>): N => {
  let total = algebra.literal(0)
  for (let j = 0; j < xs.length; j++) total = algebra.add(total, algebra.mul(xs[j], ys[j]))
  return total
}

/**
 * The name that an instruction goes by: that of a label or of a called function, or its primitive and position.
 *
 * @category destructors
 * @since 0.1.0
 */
export const nameOf = ({ program, origin }: Problem, { id, primitive, attributes }: Instruction): string => {
  const { name } = attributes as { readonly name?: unknown }
  if (typeof name === 'string') return name
  for (let later = id + 1; later < program.tape.length; later++) {
    const user = at(program, later)
    if (user.primitive === 'label' && user.operands[0] === id) return String(user.attributes.name)
  }
  return `${primitive}#${origin[id] ?? id}`
}

/**
 * Which parameters some instructions depend on: those whose gradient flows through them.
 *
 * @category destructors
 * @since 0.1.0
 */
export const parametersOf = ({ program, paths }: Problem, ids: Numbers): ReadonlyArray<string> => {
  const seen = new Set<number>()
  const stack = [...ids]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    stack.push(...at(program, next).operands)
  }
  return program.inputs.flatMap((x, i) => (seen.has(x.id) ? [paths[i]] : []))
}

/**
 * An array's index from an element's place.
 *
 * @category destructors
 * @since 0.1.0
 */
export const indexIn = (shape: Shape, flat: number): Numbers => {
  const index: Array<number> = []
  for (let d = shape.length - 1, rest = flat; d >= 0; d--) {
    index.unshift(rest % shape[d])
    rest = Math.floor(rest / shape[d])
  }
  return index
}
