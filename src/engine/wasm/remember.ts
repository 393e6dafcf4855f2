/**
 * What programs were compiled to, by what they say: a program that is recorded again is not compiled again.
 *
 * Laws. An answer is given again only for an equal question: tapes with equal instructions at equal positions, constants by
 * their bits, the same ends and the same settings. Hashes only choose what to compare. Answers are kept up to a number and a
 * size, those used last; the last one whatever its size.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../../Failure.js'
import { size } from '../../Shape.js'
import { equals, hash, instructions, type Program, type Tape } from '../../Tape.js'
import * as Tree from '../../Tree.js'
import type { AnyVar } from '../../Var.js'

/**
 * How much is kept.
 *
 * @category model
 * @since 0.1.0
 */
export interface Room {
  readonly answers: number
  /** of programs and answers together, about */
  readonly bytes: number
}

/** An instruction, and what becomes of it: a value, a line of a schedule, a place in memory, code. */
const INSTRUCTION_BYTES = 1024
const ELEMENT_BYTES = 8

const bytesOf = (tape: Tape): number =>
  instructions(tape).reduce(
    (sum, { primitive, shape }) =>
      sum + INSTRUCTION_BYTES + (primitive === 'constant' ? ELEMENT_BYTES * size(shape) : 0),
    0,
  )

const endsOf = ({ inputs, outputs }: Program): string =>
  [inputs, outputs].map((tree) => Tree.leaves<AnyVar>(tree).map(({ id }) => id)).join(';')

interface Answer<A> {
  readonly tape: Tape
  readonly code: number
  readonly ends: string
  readonly settings: ReadonlyArray<unknown>
  readonly bytes: number
  readonly value: A
}

/**
 * Asks for what is made of a program under some settings, which are compared one by one by identity. `weigh` says how many
 * bytes of data an answer has. Failures are not kept.
 *
 * @category constructors
 * @since 0.1.0
 */
export const remembering = <A>(
  room: Room,
  weigh: (value: A) => number,
): ((program: Program, settings: ReadonlyArray<unknown>, make: () => E.Either<Failure, A>) => E.Either<Failure, A>) => {
  const codes = new WeakMap<Tape, number>()
  // those used last stand last
  const kept: Array<Answer<A>> = []
  let bytes = 0
  return (program, settings, make) => {
    const { tape } = program
    const code = codes.get(tape) ?? hash(tape)
    codes.set(tape, code)
    const ends = endsOf(program)
    const found = kept.findIndex(
      (answer) =>
        answer.code === code &&
        answer.ends === ends &&
        answer.settings.length === settings.length &&
        answer.settings.every((setting, i) => setting === settings[i]) &&
        equals(answer.tape, tape),
    )
    if (found !== -1) {
      const [answer] = kept.splice(found, 1)
      kept.push(answer)
      return E.right(answer.value)
    }
    const made = make()
    if (E.isLeft(made)) return made
    const answer = { tape, code, ends, settings, bytes: bytesOf(tape) + weigh(made.right), value: made.right }
    kept.push(answer)
    bytes += answer.bytes
    while (kept.length > 1 && (kept.length > room.answers || bytes > room.bytes))
      bytes -= (kept.shift() as Answer<A>).bytes
    return made
  }
}
