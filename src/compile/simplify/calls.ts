/**
 * Called programs and markers, which mean something to derivatives and to people, and nothing to values.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../../Failure.js'
import { needed } from '../../primitive/evaluate.js'
import type { Attributes, Call, PrimitiveName } from '../../primitive/Primitive.js'
import type { Program } from '../../Tape.js'
import { attributesOf, forEach, type Rule, type Rules } from './Rewrite.js'

/**
 * Which called programs are written out: none, those without rules of their own, or all.
 *
 * @category model
 * @since 0.1.0
 */
export type Inlining = 'none' | 'plain' | 'all'

/**
 * The markers that can be dropped.
 *
 * @category model
 * @since 0.1.0
 */
export type Marker = 'variable' | 'label' | 'stopGradient'

/** Programs that call programs that call programs may stand for more instructions than there is memory. */
const MAX_INLINED = 2 ** 20

/** How many instructions a program has when everything in it is written out. */
const written = (program: Program, counted: WeakMap<Program, number>): number => {
  const before = counted.get(program)
  if (before !== undefined) return before
  let total = 0
  for (const instruction of needed(program))
    total += instruction.primitive === 'call' ? written(attributesOf<'call'>(instruction).body, counted) : 1
  counted.set(program, total)
  return total
}

/**
 * Writes called programs out where they are called. A program that would come to too many instructions keeps its calls.
 *
 * @category rules
 * @since 0.1.0
 */
export const inliningRules = (inlining: Inlining): Rules => {
  if (inlining === 'none') return {}
  const counted = new WeakMap<Program, number>()
  const inline: Rule<'call'> = (cx, xs, { body, vjp, jvp }) =>
    (inlining === 'plain' && (vjp !== undefined || jvp !== undefined)) || written(cx.program, counted) > MAX_INLINED
      ? null
      : cx.replay(body, xs)[0]
  return { call: [inline] }
}

/**
 * Simplifies the programs of calls that stay.
 *
 * @category rules
 * @since 0.1.0
 */
export const bodyRules = (simplified: (program: Program) => E.Either<Failure, Program>): Rules => {
  const done = new Map<Program, Program>()
  const simple = (program: Program): Program => {
    const before = done.get(program)
    if (before !== undefined) return before
    const result = simplified(program)
    const after = E.isLeft(result) ? program : result.right
    done.set(program, after)
    done.set(after, after)
    return after
  }
  const inside: Rule<'call'> = (cx, xs, call) => {
    const { name, body, vjp, jvp } = call
    const less: Call = {
      name,
      body: simple(body),
      ...(vjp === undefined ? {} : { vjp: simple(vjp) }),
      ...(jvp === undefined ? {} : { jvp: simple(jvp) }),
    }
    return less.body === body && less.vjp === vjp && less.jvp === jvp ? null : cx.v.emit('call', xs, less)
  }
  return { call: [inside] }
}

/**
 * Drops markers: each is its operand.
 *
 * @category rules
 * @since 0.1.0
 */
export const markerRules = (drop: ReadonlyArray<Marker>): Rules =>
  forEach(drop, (_, [x]: ReadonlyArray<Parameters<Rule>[1][number]>, __: Attributes[PrimitiveName]) => x)
