/**
 * How operations are recorded: aligning shapes, and the few forms that most operations have.
 *
 * Pointwise primitives want equal shapes. Broadcasting is therefore written out on the tape: dimensions of 1 that must
 * grow are dropped by a reshape, then one `broadcast` puts the others in their places, so that its transpose is one sum.
 *
 * Inside this floor operands are handles of any shape and element type; the exported constants give them their types.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Details, type Failure, type FailureTag, fail } from '../Failure.js'
import type { Attributes, Pointwise, PrimitiveName, Vocabulary } from '../primitive/Primitive.js'
import { attempt, type Recorder } from '../primitive/Recorder.js'
import { type AnyOperand, flatMap, type Recording, type Reverse, step } from '../Reverse.js'
import { broadcast, equals, type Shape } from '../Shape.js'
import { noAttributes } from '../Tape.js'
import type { AnyVar } from '../Var.js'

/**
 * A recording that gives a handle or a refusal.
 *
 * @category model
 * @since 0.1.0
 */
export type Recorded = E.Either<Failure, AnyVar>

/**
 * A refusal that begins with the operation's name.
 *
 * @category errors
 * @since 0.1.0
 */
export const refuse = (
  operation: string,
  tag: FailureTag,
  sentence: string,
  operands: ReadonlyArray<AnyVar> = [],
  details: Details = {},
): E.Either<Failure, never> =>
  fail(tag, `${operation}: ${sentence}`, { operation, shapes: operands.map((x) => x.shape), ...details })

/**
 * Repeats a value so that it has the given shape, to which it must broadcast.
 *
 * @category combinators
 * @since 0.1.0
 */
export const expand = (recorder: Pick<Recorder, 'emit'>, x: AnyVar, shape: Shape): Recorded => {
  if (equals(x.shape, shape)) return E.right(x)
  const lead = shape.length - x.shape.length
  const kept = x.shape.flatMap((n, d) => (n === shape[lead + d] ? [d] : []))
  const narrow =
    kept.length === x.shape.length ? E.right(x) : recorder.emit('reshape', [x], { shape: kept.map((d) => x.shape[d]) })
  return E.isLeft(narrow)
    ? narrow
    : recorder.emit('broadcast', [narrow.right], { shape, axes: kept.map((d) => lead + d) })
}

/**
 * Brings operands to the shape that they have together.
 *
 * @category combinators
 * @since 0.1.0
 */
export const align = (
  recorder: Recorder,
  xs: ReadonlyArray<AnyVar>,
  operation: string,
): E.Either<Failure, ReadonlyArray<AnyVar>> => {
  let shape: Shape = xs[0].shape
  if (xs.every((x) => equals(x.shape, shape))) return E.right(xs)
  for (const x of xs) {
    const joined = broadcast(shape, x.shape, operation)
    if (E.isLeft(joined)) return joined
    shape = joined.right
  }
  const out: Array<AnyVar> = []
  for (const x of xs) {
    const wide = expand(recorder, x, shape)
    if (E.isLeft(wide)) return wide
    out.push(wide.right)
  }
  return E.right(out)
}

/**
 * One primitive on operands as they are.
 *
 * @category constructors
 * @since 0.1.0
 */
export const one = <K extends PrimitiveName>(
  name: K,
  operands: ReadonlyArray<AnyOperand>,
  attributes: Attributes[K],
): Reverse<AnyVar> => step(operands, (recorder, xs) => recorder.emit(name, xs, attributes))

/**
 * Records a pointwise primitive on operands brought to one shape. An operation makes this once, not for each use:
 * expressions of a million operations consist of such uses.
 *
 * @category constructors
 * @since 0.1.0
 */
export const broadcasting =
  (name: Pointwise, operation: string = name): Recording<AnyVar> =>
  (recorder, xs) => {
    const aligned = align(recorder, xs, operation)
    return E.isLeft(aligned) ? aligned : recorder.emit(name, aligned.right, noAttributes)
  }

/**
 * Several instructions, written with the vocabulary of the rules.
 *
 * @category constructors
 * @since 0.1.0
 */
export const body = <A>(
  operands: ReadonlyArray<AnyOperand>,
  write: (v: Vocabulary, xs: ReadonlyArray<AnyVar>, recorder: Recorder) => E.Either<Failure, A>,
): Reverse<A> => step(operands, (recorder, xs) => attempt(() => write(recorder.vocabulary, xs, recorder)))

/**
 * A composition that needs to know the shapes of its operands.
 *
 * @category constructors
 * @since 0.1.0
 */
export const seeing = <A>(
  operands: ReadonlyArray<AnyOperand>,
  compose: (...xs: ReadonlyArray<AnyVar>) => Reverse<A>,
): Reverse<A> =>
  flatMap(
    step(operands, (_, xs) => E.right(xs)),
    (xs) => compose(...xs),
  )
