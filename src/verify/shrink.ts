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
import type { Attributes, Primitive, PrimitiveName } from '../primitive/Primitive.js'
import { attempt, recorderOn } from '../primitive/Recorder.js'
import { show, size } from '../Shape.js'
import { empty, type Instruction } from '../Tape.js'
import { unsafeMake } from '../Tensor.js'
import type { AnyVar } from '../Var.js'
import { blame as blameOf } from './blame.js'
import { judge } from './classify.js'
import { directionOf } from './directions.js'
import { examine } from './examined.js'
import type { Blame, Minimal } from './model.js'
import { at, evaluated, type Flat, type Numbers, type Problem, type Sweep, sweepOf } from './problem.js'

/** How far around the blamed instruction to look, in steps along the tape. */
const FAR = 6

/** Pairs of contributors to try for an accumulation. */
const PAIRS = 12

/** Directions to try on each candidate. */
const TRIES = 2

type Values = (id: number) => ReadonlyArray<number>

/** Positions that depend on a parameter. */
const moving = ({ program }: Problem): ReadonlySet<number> => {
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
 * A problem of some instructions only; `constant` says which outside operands are not to be parameters, `joined` is the value
 * whose cotangents are joined wrongly.
 */
const extracted = (
  problem: Problem,
  sweep: Sweep,
  keep: ReadonlySet<number>,
  values: Values,
  constant: (id: number) => boolean,
  joined: number | null,
): E.Either<Failure, Problem> => {
  const { calculus, program, cotangent, origin } = problem
  const recorder = recorderOn(empty, calculus)
  const kept = [...keep].sort((a, b) => a - b).map((id) => at(program, id))
  const used = kept.flatMap(({ operands }) => operands)
  const outside = [...new Set(joined === null ? used : [...used, joined])]
    .filter((k) => !keep.has(k))
    .sort((a, b) => a - b)
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
    const outputs: Array<AnyVar> = []
    const weights: Array<Numbers> = []
    for (const { id, shape, dtype } of kept) {
      if (dtype !== 'real') continue
      // what arrives from outside: seeds, and contributions of instructions that are not kept
      const weight = new Array<number>(size(shape)).fill(0)
      let any = false
      const receive = (xs: Numbers): void => {
        any = true
        for (let j = 0; j < weight.length; j++) weight[j] += xs[j]
      }
      for (const [i, y] of program.outputs.entries()) if (y.id === id) receive(cotangent[i])
      for (const c of sweep.adjoint.contributions)
        if (!keep.has(c.instruction) && at(program, c.instruction).operands[c.operand] === id)
          receive(values(c.value.id))
      if (!any) continue
      outputs.push(here.get(id) as AnyVar)
      weights.push(weight)
    }
    // a result that is itself what cotangents are joined at
    for (const [i, y] of program.outputs.entries())
      if (y.id === joined && !keep.has(y.id)) {
        outputs.push(here.get(y.id) as AnyVar)
        weights.push(cotangent[i])
      }
    const inputs = parameters.map((k) => here.get(k) as AnyVar)
    return E.right({
      calculus,
      program: { _tag: 'Program', tape: recorder.builder.tape(), inputs, outputs },
      paths: parameters.map((k) => `x${k}`),
      point: parameters.map(values),
      cotangent: weights,
      origin: Array.from(from, (id) => id ?? -1),
    })
  })
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

  let best: Shown | null = null
  let kept: ReadonlySet<number> = new Set()
  for (const keep of candidates(problem, sweep.right, id < 0 ? wanted.id : id, wanted)) {
    best = shows(extracted(problem, sweep.right, keep, values, still, joined), wanted)
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
      extracted(problem, sweep.right, kept, values, (j) => still(j) || fixed.has(j) || j === k, joined),
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
