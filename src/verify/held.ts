/**
 * Programs in which some values are held: replaced by constants of the value that they have.
 *
 * `stopGradient` says that a value is to be held. The function whose derivative a sweep gives is therefore the one in
 * which that value is a constant, in called functions too, and that is the function held against it.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type DoubleDoubleNumber as DD, DoubleDouble, F64 } from '../algebra/index.js'
import { evaluate } from '../engine/index.js'
import { type Failure, fail } from '../Failure.js'
import { needed } from '../primitive/evaluate.js'
import type { Attributes, Call, PrimitiveName } from '../primitive/Primitive.js'
import { attempt, type Calculus, recorderOn } from '../primitive/Recorder.js'
import { size } from '../Shape.js'
import { empty, type Instruction, type Program } from '../Tape.js'
import { unsafeMake } from '../Tensor.js'
import type { AnyVar } from '../Var.js'
import { at, bodyOf, evaluated, type Flat, type Numbers, type Problem } from './problem.js'

/**
 * A program with some instructions replaced by constants of given values, and without what its outputs then no longer
 * need. Every other value stays what it was. Says where each instruction came from.
 *
 * `bodies` are what some calls are to call instead; `rest` is what a value is short of in float64.
 *
 * @category combinators
 * @since 0.1.0
 */
export const frozen = (
  { calculus, program, origin }: Pick<Problem, 'calculus' | 'program' | 'origin'>,
  isFrozen: (instruction: Instruction) => boolean,
  value: (id: number) => ArrayLike<number>,
  {
    bodies = new Map(),
    rest = () => null,
  }: {
    readonly bodies?: ReadonlyMap<number, Program>
    readonly rest?: (id: number) => ArrayLike<number> | null
  } = {},
): E.Either<Failure, { readonly program: Flat; readonly origin: ReadonlyArray<number> }> => {
  const recorder = recorderOn(empty, calculus)
  const here = new Map<number, AnyVar>()
  const from: Array<number> = []
  const put = (id: number, made: AnyVar): void => {
    here.set(id, made)
    if (from[made.id] === undefined) from[made.id] = origin[id] ?? -1
  }
  return attempt(() => {
    const { emit, add } = recorder.vocabulary
    const constant = (x: Instruction, xs: ArrayLike<number>): AnyVar =>
      emit('constant', [], { value: unsafeMake(x.shape, x.dtype, dataOf(x, xs)) })
    const held = (x: Instruction): AnyVar => {
      const more = rest(x.id)
      return more === null ? constant(x, value(x.id)) : add(constant(x, value(x.id)), constant(x, more))
    }
    for (const v of program.inputs) put(v.id, emit('input', [], (v as Instruction).attributes as Attributes['input']))
    // what is frozen needs no operands: mark only what is still reached
    const reached = new Set<number>(program.outputs.map(({ id }) => id))
    const all = needed(program)
    for (const instruction of [...all].reverse())
      if (reached.has(instruction.id) && !isFrozen(instruction)) for (const k of instruction.operands) reached.add(k)
    for (const instruction of all) {
      const { id, primitive, operands, attributes } = instruction
      if (here.has(id) || !reached.has(id)) continue
      const body = bodies.get(id)
      put(
        id,
        isFrozen(instruction)
          ? held(instruction)
          : emit(
              primitive as PrimitiveName,
              operands.map((k) => here.get(k) as AnyVar),
              (body === undefined ? attributes : { ...attributes, body }) as Attributes[PrimitiveName],
            ),
      )
    }
    const inputs = program.inputs.map(({ id }) => here.get(id) as AnyVar)
    const outputs = program.outputs.map(({ id }) => here.get(id) as AnyVar)
    return E.right({
      program: { _tag: 'Program', tape: recorder.builder.tape(), inputs, outputs } as const,
      origin: Array.from(from, (id) => id ?? -1),
    })
  })
}

const dataOf = ({ dtype }: Instruction, xs: ArrayLike<number>): Float64Array | Int32Array | Uint8Array => {
  const numbers = Array.from(xs)
  return dtype === 'real'
    ? Float64Array.from(numbers)
    : dtype === 'int'
      ? Int32Array.from(numbers)
      : Uint8Array.from(numbers)
}

/** Whether something is held or looked at, in a program or in what it calls. */
const holds = (program: Program): boolean =>
  needed(program).some(
    ({ primitive, attributes }) =>
      primitive === 'stopGradient' ||
      primitive === 'peek' ||
      (primitive === 'call' && holds((attributes as unknown as Call).body)),
  )

type Held = Pick<Problem, 'program' | 'origin'>

type Values<N> = ReadonlyArray<ReadonlyArray<N>>

/**
 * A rule of one's own computes again what the function holds, over any algebra, so there it is held in double-double: in two
 * parts. Elsewhere it is held as float64 has it, because that is what the gradient in float64 is made with.
 */
const heldAt = (
  calculus: Calculus,
  { program, origin }: Held,
  low: Values<number>,
  high: Values<DD>,
  ruled = false,
): E.Either<Failure, Held> => {
  if (!holds(program)) return E.right({ program, origin })
  const near = evaluated(F64, calculus, program)(low)
  if (E.isLeft(near)) return near
  const run = evaluate(DoubleDouble, calculus.table)(program)
  const exact = E.isLeft(run) ? run : run.right(high)
  if (E.isLeft(exact)) return exact
  const value = (id: number): Numbers => Array.from(near.right.value(id) as ArrayLike<number>)
  const precise = (id: number): ReadonlyArray<DD> => Array.from(exact.right.value(id) as ArrayLike<DD>)
  const bodies = new Map<number, Program>()
  for (const y of needed(program)) {
    if (y.primitive !== 'call') continue
    const { vjp, jvp } = y.attributes as unknown as Call
    const own = ruled || vjp !== undefined || jvp !== undefined
    const body = { program: bodyOf(y), origin: [] }
    const inside = heldAt(calculus, body, y.operands.map(value), y.operands.map(precise), own)
    if (E.isLeft(inside)) return inside
    bodies.set(y.id, inside.right.program)
  }
  const part = (id: number, of: 'hi' | 'lo'): Numbers | null =>
    ruled && at(program, id).dtype === 'real' ? precise(id).map((x) => x[of]) : null
  return frozen(
    { calculus, program, origin },
    ({ primitive }) => primitive === 'stopGradient',
    (id) => part(id, 'hi') ?? value(id),
    { bodies, rest: (id) => part(id, 'lo') },
  )
}

/**
 * The same problem with everything held that `stopGradient` holds, in called functions too.
 *
 * @category combinators
 * @since 0.1.0
 */
export const holding = (problem: Problem): E.Either<Failure, Problem> =>
  E.map((held: Held): Problem => ({ ...problem, ...held }))(
    heldAt(
      problem.calculus,
      problem,
      problem.point,
      problem.point.map((xs) => xs.map(DoubleDouble.literal)),
    ),
  )

/**
 * A problem made of a program as it stands.
 *
 * @category constructors
 * @since 0.1.0
 */
export const problemOf = (
  calculus: Calculus,
  program: Flat,
  paths: ReadonlyArray<string>,
  point: ReadonlyArray<Numbers>,
  cotangent: ReadonlyArray<Numbers>,
): E.Either<Failure, Problem> => {
  const wrong = program.inputs.findIndex(({ shape }, i) => point[i]?.length !== size(shape))
  if (wrong >= 0 || program.inputs.length !== point.length)
    return fail('ShapeMismatch', `verifyGradient: the point does not fit the parameters of the program`, {
      operation: 'verifyGradient',
    })
  const origin = Array.from({ length: program.tape.length }, (_, id) => id)
  return holding({ calculus, program, paths, point, cotangent, origin })
}
