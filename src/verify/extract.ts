/**
 * Some instructions of a problem as a problem of their own: their operands become parameters of the values they have, and
 * their results are weighed with the cotangents that the rest of the sweep hands them. So every value and every cotangent is
 * what it was.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'
import { needed } from '../primitive/evaluate.js'
import type { Attributes, PrimitiveName } from '../primitive/Primitive.js'
import { attempt, recorderOn } from '../primitive/Recorder.js'
import { empty, type Instruction } from '../Tape.js'
import { unsafeMake } from '../Tensor.js'
import type { AnyVar } from '../Var.js'
import { at, type Numbers, type Problem } from './problem.js'

/**
 * Positions that depend on a parameter.
 *
 * @category destructors
 * @since 0.1.0
 */
export const moving = ({ program }: Problem): ReadonlySet<number> => {
  const marks = new Set(program.inputs.map(({ id }) => id))
  for (const { id, operands } of needed(program)) if (operands.some((k) => marks.has(k))) marks.add(id)
  return marks
}

const tensorOf = ({ shape, dtype }: Instruction, xs: Numbers) =>
  unsafeMake(
    shape,
    dtype,
    dtype === 'real' ? Float64Array.from(xs) : dtype === 'int' ? Int32Array.from(xs) : Uint8Array.from(xs),
  )

/**
 * What to extract.
 *
 * @category model
 * @since 0.1.0
 */
export interface Extract {
  readonly keep: ReadonlySet<number>
  readonly values: (id: number) => Numbers
  /** operands from outside that are not to be parameters, besides those that are not real */
  readonly constant: (id: number) => boolean
  /** results, kept or not, with their weights */
  readonly results: ReadonlyArray<{ readonly id: number; readonly weight: Numbers }>
}

/**
 * A problem of some instructions only.
 *
 * @category constructors
 * @since 0.1.0
 */
export const extracted = (
  { calculus, program, origin }: Problem,
  { keep, values, constant, results }: Extract,
): E.Either<Failure, Problem> => {
  const recorder = recorderOn(empty, calculus)
  const kept = [...keep].sort((a, b) => a - b).map((id) => at(program, id))
  const used = [...kept.flatMap(({ operands }) => operands), ...results.map(({ id }) => id)]
  const outside = [...new Set(used)].filter((k) => !keep.has(k)).sort((a, b) => a - b)
  const parameters = outside.filter((k) => at(program, k).dtype === 'real' && !constant(k))
  const here = new Map<number, AnyVar>()
  const from: Array<number> = []
  const put = (id: number, made: AnyVar): void => {
    here.set(id, made)
    from[made.id] ??= origin[id] ?? -1
  }
  return attempt((): E.Either<Failure, Problem> => {
    const { emit } = recorder.vocabulary
    for (const k of parameters) put(k, emit('input', [], { path: `x${k}`, shape: at(program, k).shape, dtype: 'real' }))
    for (const k of outside)
      if (!here.has(k)) put(k, emit('constant', [], { value: tensorOf(at(program, k), values(k)) }))
    for (const { id, primitive, operands, attributes } of kept)
      put(
        id,
        emit(
          primitive as PrimitiveName,
          operands.map((k) => here.get(k) as AnyVar),
          attributes as Attributes[PrimitiveName],
        ),
      )
    const inputs = parameters.map((k) => here.get(k) as AnyVar)
    const outputs = results.map(({ id }) => here.get(id) as AnyVar)
    return E.right({
      calculus,
      program: { _tag: 'Program', tape: recorder.builder.tape(), inputs, outputs },
      paths: parameters.map((k) => `x${k}`),
      point: parameters.map(values),
      cotangent: results.map(({ weight }) => weight),
      origin: Array.from(from, (id) => id ?? -1),
    })
  })
}
