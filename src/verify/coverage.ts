/**
 * Which derivatives a check has exercised. A rule whose contribution is zero wherever it was looked at could be anything: a
 * dead `relu`, a factor of zero, a branch that no sample takes.
 *
 * A derivative is that of one operand of one primitive, on one branch of it. It is covered if at some sample
 *
 *     sum |contribution t|  >=  2^-20 sum |g u|
 *
 * over its uses and their elements on that branch: with the contribution that the reverse sweep makes to the operand, the
 * operand's tangent `t` along a random direction `u`, and the gradient `g`. Less than that could hide behind what is compared.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Buffer, F64 } from '../algebra/index.js'
import type { Failure } from '../Failure.js'
import { needed } from '../primitive/evaluate.js'
import type { Call, Primitive, PrimitiveName } from '../primitive/Primitive.js'
import type { Instruction } from '../Tape.js'
import { tangentsAlong } from './oracles/complexStep.js'
import { at, evaluated, type Numbers, type Problem, type Sweep } from './problem.js'

/**
 * One derivative and how much went through it.
 *
 * @category model
 * @since 0.1.0
 */
export interface Covered {
  /** a primitive, or the name of a called function */
  readonly rule: string
  readonly operand: number
  /** on which elements, for rules that have a formula for each branch; empty for others */
  readonly branch: string
  /** in how many instructions */
  readonly uses: number
  /** the largest flow through it, relative to the sum that is compared */
  readonly share: number
  readonly covered: boolean
}

/**
 * The least flow that counts.
 *
 * @category constants
 * @since 0.1.0
 */
export const LEAST: number = 2 ** -20

interface Piece {
  readonly label: string
  /** what the row says of an element; `null` for all elements */
  readonly branch: number | null
}

const WHOLE: ReadonlyArray<Piece> = [{ label: '', branch: null }]

/** Rows whose derivative has a formula for each branch, and those of its branches on which it is not zero by nature. */
const PIECES: { readonly [K in PrimitiveName]?: ReadonlyArray<Piece> } = {
  abs: [
    { label: 'x < 0', branch: -1 },
    { label: 'x > 0', branch: 1 },
  ],
  atan2: [
    { label: 'x >= 0', branch: 0 },
    { label: 'x < 0, y < 0', branch: 1 },
    { label: 'x < 0, y > 0', branch: 3 },
  ],
}

const ruleOf = ({ primitive, attributes }: Instruction): string =>
  primitive === 'call' ? (attributes as unknown as Call).name : primitive

const keyOf = ({ rule, operand, branch }: Pick<Covered, 'rule' | 'operand' | 'branch'>): string =>
  `${rule} ${operand} ${branch}`

/**
 * The derivatives that a problem uses, at its point and along a direction.
 *
 * @category destructors
 * @since 0.1.0
 */
export const coveredBy = (
  problem: Problem,
  sweep: Sweep,
  direction: ReadonlyArray<Numbers>,
): E.Either<Failure, ReadonlyArray<Covered>> => {
  const { calculus, program, point, cotangent } = problem
  const tangent = tangentsAlong(problem, direction)
  if (E.isLeft(tangent)) return tangent
  const values = evaluated(F64, calculus, sweep.program)([...point, ...cotangent])
  if (E.isLeft(values)) return values
  const given = (id: number): Buffer<number> => values.right.value(id) as Buffer<number>
  const compared = sweep.gradient.reduce(
    (sum, { id }, i) => sum + direction[i].reduce((s, u, j) => s + Math.abs(given(id)[j] * u), 0),
    0,
  )
  const found = new Map<string, Covered>()
  for (const y of needed(program)) {
    const row = calculus.table[y.primitive as PrimitiveName] as Primitive
    if (y.dtype !== 'real' || (row.derivative === null && y.primitive !== 'call')) continue
    const pieces = PIECES[y.primitive as PrimitiveName] ?? WHOLE
    const operands = y.operands.map((k) => at(program, k))
    // what no sweep has passed has no value here, and nothing flows through it
    const xs = operands.map(({ id }) => Array.from((values.right.value(id) ?? []) as ArrayLike<number>))
    const site = { attributes: y.attributes as never, operands, result: y }
    const branches = pieces === WHOLE ? null : (row.branches?.(site, xs) ?? null)
    for (const [operand, x] of operands.entries()) {
      const t = tangent.right(x.id)
      if (t === null) continue
      const own = sweep.adjoint.contributions.filter((c) => c.instruction === y.id && c.operand === operand)
      for (const { label, branch } of pieces) {
        let flow = 0
        for (const { value } of own)
          for (let j = 0; j < t.length; j++)
            if (branch === null || branches?.[j] === branch) flow += Math.abs(given(value.id)[j] * t[j])
        const share = flow === 0 ? 0 : flow / compared
        const one = { rule: ruleOf(y), operand, branch: label }
        const before = found.get(keyOf(one)) ?? { ...one, uses: 0, share: 0 }
        const all = before.share + share
        found.set(keyOf(one), { ...one, uses: before.uses + 1, share: all, covered: all >= LEAST })
      }
    }
  }
  return E.right([...found.values()])
}

/**
 * What several samples cover together: a derivative is covered if one of them does.
 *
 * @category combinators
 * @since 0.1.0
 */
export const together = (samples: ReadonlyArray<ReadonlyArray<Covered>>): ReadonlyArray<Covered> => {
  const best = new Map<string, Covered>()
  for (const one of samples.flat()) {
    const known = best.get(keyOf(one))
    if (known === undefined || one.share > known.share) best.set(keyOf(one), one)
  }
  return [...best.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

/**
 * A derivative in words.
 *
 * @category printing
 * @since 0.1.0
 */
export const nameOfCovered = ({ rule, operand, branch }: Covered): string =>
  `${rule}, operand ${operand}${branch === '' ? '' : ` where ${branch}`}`

/**
 * A coverage as a table of markdown, what is not covered first.
 *
 * @category printing
 * @since 0.1.0
 */
export const showCoverage = (rows: ReadonlyArray<Covered>): string =>
  [
    '| rule | operand | branch | uses | largest flow | |',
    '|---|---|---|---|---|---|',
    ...[...rows]
      .sort((a, b) => Number(a.covered) - Number(b.covered))
      .map(
        ({ rule, operand, branch, uses, share, covered }) =>
          `| ${rule} | ${operand} | ${branch} | ${uses} | ${share.toPrecision(2)} | ${covered ? '' : '**not covered**'} |`,
      ),
  ].join('\n')
