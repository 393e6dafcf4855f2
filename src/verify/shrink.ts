/**
 * The smallest program that shows a mistake: everything but a few instructions is frozen at the values it has.
 *
 * Freezing what comes before makes the operands of the instructions kept into parameters; freezing what comes after makes
 * their results into results, weighed with the cotangents that the rest of the sweep would hand them. Every value and
 * every cotangent in what is left is what it was. The blamed instruction alone is tried first (for an accumulation: pairs
 * of the instructions that contribute to it), then its neighbourhood, further and further; whatever still has the same
 * verdict and the same primitive to blame is taken. In it, parameters become constants one by one while the mistake stays.
 *
 * This is delta debugging (A. Zeller, R. Hildebrandt, "Simplifying and isolating failure-inducing input", 2002) started
 * from where blame points.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Buffer, F64 } from '../algebra/index.js'
import type { Failure } from '../Failure.js'
import { needed } from '../primitive/evaluate.js'
import type { Primitive, PrimitiveName } from '../primitive/Primitive.js'
import { show, size } from '../Shape.js'
import { blame as blameOf } from './blame.js'
import { judge } from './classify.js'
import { directionOf } from './directions.js'
import { examine } from './examined.js'
import { type Extract, extracted, moving } from './extract.js'
import type { Blame, Minimal } from './model.js'
import { at, evaluated, type Flat, type Numbers, type Problem, type Sweep, sweepOf } from './problem.js'

/** How far around the blamed instruction to look, in steps along the tape. */
const FAR = 6

/** Pairs of contributors to try for an accumulation. */
const PAIRS = 12

/** Directions to try on each candidate. */
const TRIES = 2

type Values = (id: number) => ReadonlyArray<number>

/** What some instructions and `joined`, whose cotangents are joined wrongly, are given from outside: seeds and contributions. */
const resultsOf = (
  { program, cotangent }: Problem,
  sweep: Sweep,
  keep: ReadonlySet<number>,
  values: Values,
  joined: number | null,
): Extract['results'] => {
  const seeds = (id: number): ReadonlyArray<Numbers> =>
    program.outputs.flatMap((y, i) => (y.id === id ? [cotangent[i]] : []))
  const kept = [...keep]
    .sort((a, b) => a - b)
    .filter((id) => at(program, id).dtype === 'real')
    .flatMap((id) => {
      const arrived = sweep.adjoint.contributions.filter(
        (c) => !keep.has(c.instruction) && at(program, c.instruction).operands[c.operand] === id,
      )
      const given = [...seeds(id), ...arrived.map((c) => values(c.value.id))]
      return given.length === 0 ? [] : [{ id, weight: given.reduce((xs, ys) => xs.map((x, j) => x + ys[j])) }]
    })
  return joined === null || keep.has(joined)
    ? kept
    : [...kept, ...seeds(joined).map((weight) => ({ id: joined, weight }))]
}

/** A candidate that shows the same mistake, with a direction along which it does. */
interface Shown {
  readonly problem: Problem
  readonly direction: ReadonlyArray<Numbers>
  readonly analytic: number
  readonly reference: number
}

const shows = (candidate: E.Either<Failure, Problem>, wanted: Blame): Shown | null => {
  if (E.isLeft(candidate)) return null
  const { program } = candidate.right
  if (program.inputs.length === 0 || program.outputs.length === 0) return null
  const examined = examine(candidate.right)
  if (E.isLeft(examined)) return null
  const sizes = program.inputs.map(({ shape }) => size(shape))
  for (let which = 0; which < TRIES; which++) {
    const direction = directionOf(1, which, sizes)
    const found = judge(examined.right, direction)
    if (E.isLeft(found) || found.right.verdict !== 'WRONG_RULE') continue
    const who = blameOf(examined.right, direction, found.right.step)
    if (E.isLeft(who) || who.right?.verdict !== wanted.verdict) continue
    // for an accumulation it is the joining that matters, not whose results are joined
    if (wanted.verdict === 'WRONG_RULE' && who.right.primitive !== wanted.primitive) continue
    const { exact: analytic, reference } = found.right
    return { problem: candidate.right, direction, analytic, reference }
  }
  return null
}

/** The instructions to keep, smallest first. */
const candidates = (
  problem: Problem,
  sweep: Sweep,
  id: number,
  { verdict }: Blame,
): ReadonlyArray<ReadonlySet<number>> => {
  const { program } = problem
  const inner = (k: number): boolean => !['input', 'constant'].includes(at(program, k).primitive)
  const found: Array<ReadonlySet<number>> = []
  const users = sweep.visited.filter(({ operands }) => operands.includes(id)).map((x) => x.id)
  if (verdict === 'WRONG_RULE') found.push(new Set([id]))
  else {
    if (program.outputs.some((y) => y.id === id)) found.push(new Set())
    for (const user of users) found.push(new Set([user]))
    for (const [i, a] of users.entries())
      for (const b of users.slice(0, i)) if (found.length < PAIRS) found.push(new Set([a, b]))
    found.push(new Set(users))
  }
  let around = new Set(verdict === 'WRONG_RULE' ? [id] : users)
  for (let far = 0; far < FAR; far++) {
    const next = new Set(around)
    for (const x of sweep.visited) {
      if (around.has(x.id)) for (const k of x.operands) if (inner(k)) next.add(k)
      if (x.operands.some((k) => around.has(k))) next.add(x.id)
    }
    if (next.size === around.size) break
    found.push(next)
    around = next
  }
  return found
}

/**
 * A program as people read it, with the point it is at.
 *
 * @category destructors
 * @since 0.1.0
 */
export const listing = ({ calculus, program, point }: Problem): string => {
  const few = (xs: Numbers): string =>
    xs.length <= 6 ? xs.join(', ') : `${xs.slice(0, 6).join(', ')}, ... ${xs.length} numbers`
  const inputs = new Map(program.inputs.map(({ id }, i) => [id, point[i]]))
  const lines = needed(program).map((x) => {
    const given = inputs.get(x.id)
    const row = calculus.table[x.primitive as PrimitiveName] as Primitive
    const operands = x.operands.map((k) => `%${k}`)
    const text = given === undefined ? row.show(operands, x.attributes as never) : `[${few(given)}]`
    return `%${x.id}: ${x.dtype} ${show(x.shape)} = ${text}`
  })
  return [...lines, `return ${program.outputs.map(({ id }) => `%${id}`).join(', ')}`].join('\n')
}

/**
 * The smallest program found that shows the mistake that is blamed; `null` where none but the whole does.
 *
 * @category blame
 * @since 0.1.0
 */
export const shrink = (problem: Problem, wanted: Blame): E.Either<Failure, Minimal | null> => {
  const sweep = sweepOf(problem)
  if (E.isLeft(sweep)) return sweep
  const evaluation = evaluated(F64, problem.calculus, sweep.right.program)([...problem.point, ...problem.cotangent])
  if (E.isLeft(evaluation)) return evaluation
  const plain = evaluated(F64, problem.calculus, problem.program)(problem.point)
  if (E.isLeft(plain)) return plain
  const values: Values = (id) =>
    Array.from((evaluation.right.value(id) ?? plain.right.value(id) ?? []) as Buffer<number> & ArrayLike<number>)
  const id = problem.origin.indexOf(wanted.id)
  const joined = wanted.verdict === 'WRONG_SWEEP' ? id : null
  const moves = moving(problem)
  const still = (k: number): boolean => !moves.has(k)
  const of = (keep: ReadonlySet<number>, constant: Extract['constant']): E.Either<Failure, Problem> =>
    extracted(problem, { keep, values, constant, results: resultsOf(problem, sweep.right, keep, values, joined) })

  let best: Shown | null = null
  let kept: ReadonlySet<number> = new Set()
  for (const keep of candidates(problem, sweep.right, id < 0 ? wanted.id : id, wanted)) {
    best = shows(of(keep, still), wanted)
    kept = keep
    if (best !== null) break
  }
  if (best === null) return E.right(null)
  // parameters become constants one by one
  const outside = [...new Set([...kept].flatMap((k) => at(problem.program, k).operands))].filter((k) => !kept.has(k))
  const fixed = new Set<number>()
  for (const k of outside) {
    if (still(k) || k === joined) continue
    const fewer = shows(
      of(kept, (j) => still(j) || fixed.has(j) || j === k),
      wanted,
    )
    if (fewer === null) continue
    best = fewer
    fixed.add(k)
  }
  const { program, point, cotangent } = best.problem
  const flat: Flat = program
  return E.right({
    program: flat,
    point,
    cotangent,
    direction: best.direction,
    instructions: needed(flat).filter(({ primitive }) => primitive !== 'input' && primitive !== 'constant').length,
    listing: listing(best.problem),
    analytic: best.analytic,
    reference: best.reference,
  })
}
