/**
 * Each instruction by itself: its rule against differences of its own values, at the operands that it has, with the cotangent
 * that the sweep gives it.
 *
 * In the whole a mistake shows as far as the derivative flows through it, and where little does, or the flow cancels, it hides
 * below what else is compared. By itself every rule is as large as any other. Nothing here replaces the whole: only there does
 * it show whether cotangents are joined as they should be, and that is where a gradient is right or not.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Buffer, F64 } from '../algebra/index.js'
import type { Failure } from '../Failure.js'
import { needed } from '../primitive/evaluate.js'
import type { Call } from '../primitive/Primitive.js'
import { size } from '../Shape.js'
import type { Program } from '../Tape.js'
import type { AnyVar } from '../Var.js'
import { directionOf } from './directions.js'
import { type Examined, examine, isSplit } from './examined.js'
import { extracted, moving } from './extract.js'
import { type Found, judged, worstOf } from './judged.js'
import type { Verdict } from './model.js'
import { at, evaluated, type Numbers, parametersOf } from './problem.js'

const REASON =
  'the rule of an instruction differs from its own function, at the operands and with the cotangent that it has'

/** Scaled by a power of two to a largest number between 1 and 2: rules are linear in their cotangent. */
const scaled = (xs: Numbers): Numbers => {
  const largest = xs.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  const exponent = Math.floor(Math.log2(largest))
  // in two steps, since 2^-exponent may be beyond the largest number
  const half = Math.trunc(exponent / 2)
  return xs.map((x) => x * 2 ** -half * 2 ** (half - exponent))
}

/** Whether a function holds a value in two parts (`held.ts`): that of an operand of 106 bits, which float64 here has not. */
const holdsMore = (body: Program): boolean =>
  needed(body).some(
    (x) => isSplit(body, x) || (x.primitive === 'call' && holdsMore((x.attributes as unknown as Call).body)),
  )

/** A direction in two: what moves in the first half of what moves in it, and the rest; `null` where one number moves. */
const halves = (direction: ReadonlyArray<Numbers>): ReadonlyArray<ReadonlyArray<Numbers>> | null => {
  const moves = direction.flat().filter((u) => u !== 0).length
  if (moves < 2) return null
  return [true, false].map((first) => {
    let seen = 0
    return direction.map((us) => us.map((u) => (u !== 0 && seen++ < moves >> 1 === first ? u : 0)))
  })
}

/** Into how many parts a direction across a kink is cut at most. */
const PARTS = 16

/** Judges along a direction, and where that crosses a kink along parts of it: of an array, few elements are at one. */
const around = (examined: Examined, whole: ReadonlyArray<Numbers>): E.Either<Failure, Found> => {
  const found: Array<Found> = []
  const open = [whole]
  for (let direction = open.shift(), cut = 0; direction !== undefined; direction = open.shift()) {
    const one = judged(examined, direction)
    if (E.isLeft(one) || one.right.blame !== null) return one
    const parts = one.right.judgement.verdict === 'KINK' && cut < PARTS ? halves(direction) : null
    if (parts === null) found.push(one.right)
    else {
      open.push(...parts)
      cut++
    }
  }
  return E.right(worstOf(found))
}

/**
 * How many rules were judged by themselves, how many of those are right, and the first from the results on that is wrong.
 *
 * @category model
 * @since 0.1.0
 */
export interface Alone {
  readonly judged: number
  readonly right: number
  readonly wrong: Found | null
}

/**
 * Judges every instruction that a derivative flows through, by itself. What is neither right nor wrong is at a kink of its own,
 * or has too small a derivative for differences.
 *
 * @category verification
 * @since 0.1.0
 */
export const alone = ({ problem, sweep }: Examined, seed: number): E.Either<Failure, Alone> => {
  const { calculus, program, point, cotangent } = problem
  const evaluation = evaluated(F64, calculus, sweep.program)([...point, ...cotangent])
  if (E.isLeft(evaluation)) return evaluation
  const values = (id: number): Numbers => Array.from(evaluation.right.value(id) as Buffer<number> & ArrayLike<number>)
  const moves = moving(problem)
  let [tried, right] = [0, 0]
  for (const { id, operands, primitive, attributes } of sweep.visited) {
    if (!operands.some((k) => moves.has(k) && at(program, k).dtype === 'real')) continue
    if (primitive === 'call' && holdsMore((attributes as unknown as Call).body)) continue
    const given = values((sweep.adjoint.cotangents.get(id) as AnyVar).id)
    if (!given.every(Number.isFinite) || given.every((x) => x === 0)) continue
    const one = extracted(problem, {
      keep: new Set([id]),
      values,
      constant: (k) => !moves.has(k),
      results: [{ id, weight: scaled(given) }],
    })
    const examined = E.chain(examine)(one)
    if (E.isLeft(examined)) return examined
    const sizes = examined.right.problem.program.inputs.map(({ shape }) => size(shape))
    const found = around(examined.right, directionOf(seed, 0, sizes))
    if (E.isLeft(found)) return found
    const { blame, judgement } = found.right
    tried++
    if (RIGHT.has(judgement.verdict)) right++
    if (blame === null) continue
    const parameters = parametersOf(problem, [operands[blame.operand?.index ?? 0]])
    return E.right({
      judged: tried,
      right,
      wrong: { ...found.right, judgement: { ...judgement, reason: REASON }, blame: { ...blame, parameters } },
    })
  }
  return E.right({ judged: tried, right, wrong: null })
}

/** Verdicts by which a rule is right. */
const RIGHT: ReadonlySet<Verdict> = new Set<Verdict>(['PASS', 'ILL_CONDITIONED'])
