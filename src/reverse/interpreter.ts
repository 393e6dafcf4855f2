/**
 * Runs a recording: a loop with a stack of its own, so the depth of an expression or of a chain of `flatMap`s is bounded
 * by memory and not by the call stack.
 *
 * Each frame belongs to the recording whose result it waits for. When a recording ends, its result is remembered for the
 * rest of the run, so meeting the same object again yields the same handle and records nothing.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'
import type { Recorder } from '../primitive/Recorder.js'
import { isTensor, scalar, unsafeMake } from '../Tensor.js'
import { type AnyVar, isVar } from '../Var.js'
import { type AnyOperand, Base, Chained, Failed, Generated, Pure, type Reverse, Step } from './node.js'

/**
 * What a frame waits for: the first part of a chain (null), its second part (undefined), a generator's next step, or the
 * operand before the given one of a step.
 */
type Waiting = null | undefined | number | Generator<Reverse<unknown>, unknown, unknown>

/** A number becomes an integer constant beside integers only, a real otherwise. */
const literals = (
  recorder: Recorder,
  found: ReadonlyArray<AnyVar | number>,
): E.Either<Failure, ReadonlyArray<AnyVar>> => {
  if (!found.some((x) => typeof x === 'number')) return E.right(found as ReadonlyArray<AnyVar>)
  const vars = found.filter(isVar)
  const int = vars.length > 0 && vars.some((v) => v.dtype === 'int') && !vars.some((v) => v.dtype === 'real')
  const out: Array<AnyVar> = []
  for (const x of found) {
    if (typeof x !== 'number') {
      out.push(x)
      continue
    }
    const value = int && (x | 0) === x ? unsafeMake([], 'int', Int32Array.of(x)) : scalar(x)
    const constant = recorder.emit('constant', [], { value })
    if (E.isLeft(constant)) return constant
    out.push(constant.right)
  }
  return E.right(out)
}

const described = (u: unknown): string =>
  u === null || u === undefined
    ? String(u)
    : isVar(u)
      ? 'a bare handle: give of(handle)'
      : Array.isArray(u)
        ? 'an array'
        : typeof u === 'object'
          ? 'an object'
          : `a ${typeof u}`

/** An operand as a handle, a literal, or a recording still to be run. */
const resolve = (recorder: Recorder, operand: AnyOperand): E.Either<Failure, AnyVar | number | Reverse<AnyVar>> => {
  if (typeof operand === 'number' || isVar(operand) || operand instanceof Base) return E.right(operand)
  if (!isTensor(operand))
    return fail(
      'InvalidArgument',
      `an operand must be a handle, a recording, a tensor or a number, not ${described(operand)}` +
        (operand === undefined ? '; is it a parameter that the given tree does not have?' : ''),
    )
  if (recorder.remembers(operand)) return E.right(recorder.recall(operand) as AnyVar)
  const constant = recorder.emit('constant', [], { value: operand })
  if (E.isRight(constant)) recorder.remember(operand, constant.right)
  return constant
}

/**
 * Runs a recording on a recorder.
 *
 * @category destructors
 * @since 0.1.0
 */
export const interpret = <A>(reverse: Reverse<A>, recorder: Recorder): E.Either<Failure, A> => {
  const owners: Array<Reverse<unknown>> = []
  const waits: Array<Waiting> = []
  // the operands found so far by all the steps that wait, innermost last
  const found: Array<AnyVar | number> = []
  let current: Reverse<unknown> = reverse

  for (;;) {
    let value: unknown
    // down: until something has a value
    if (current instanceof Pure) value = current.value
    else if (recorder.remembers(current)) value = recorder.recall(current)
    else if (current instanceof Step) {
      owners.push(current)
      waits.push(0)
    } else if (current instanceof Chained) {
      owners.push(current)
      waits.push(null)
      current = current.first
      continue
    } else if (current instanceof Generated) {
      owners.push(current)
      waits.push(current.make())
    } else if (current instanceof Failed) return E.left(current.failure)
    else return fail('InvalidArgument', `a model must give a recording (Reverse), not ${described(current)}`)

    // up: hand the value to whoever waits, until somebody has something more to run
    let next: Reverse<unknown> | undefined
    while (next === undefined) {
      const top = owners.length - 1
      if (top < 0) return E.right(value as A)
      const owner = owners[top]
      const wait = waits[top]
      if (wait === null) {
        waits[top] = undefined
        next = (owner as Chained<unknown, unknown>).then(value)
        continue
      }
      if (typeof wait === 'number') {
        const { operands, record } = owner as Step<unknown>
        if (wait > 0) found.push(value as AnyVar)
        let i = wait
        while (next === undefined && i < operands.length) {
          const operand = resolve(recorder, operands[i++])
          if (E.isLeft(operand)) return operand
          if (operand.right instanceof Base) next = operand.right
          else found.push(operand.right as AnyVar | number)
        }
        waits[top] = i
        if (next !== undefined) continue
        const vars = literals(recorder, found.splice(found.length - operands.length))
        if (E.isLeft(vars)) return vars
        const result = record(recorder, vars.right)
        if (E.isLeft(result)) return result
        value = result.right
      } else if (wait !== undefined) {
        const step = wait.next(value)
        if (step.done !== true) {
          next = step.value
          continue
        }
        value = step.value
      }
      recorder.remember(owner, value)
      owners.pop()
      waits.pop()
    }
    current = next
  }
}
