/**
 * Who is to blame for a wrong derivative: conservation along the wavefront of the reverse sweep.
 *
 * Let `t_i` be the tangent of instruction `i` along the direction, and `a_i` its cotangent. At any moment of the sweep
 * `W = sum over what is live of <a, t>` is the derivative sought, so each step has to conserve it. Two things happen to it:
 *
 * - the rule of `i` hands `a_i` on: `rule_i = sum_k <contribution_k, t_k> - <a_i, t_i>` must be 0;
 * - contributions to `p` are joined: `join_p = <a_p, t_p> - sum of <contributions to p, t_p>` must be 0.
 *
 * All these residuals sum to the error of the derivative: the ledger. Cotangents and contributions come from the sweep's own
 * provenance in double-double; tangents from differences of every instruction's value at four points of the line. No rule
 * is used to judge a rule. For arrays `<.,.>` is the inner product.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Buffer, type DoubleDoubleNumber as DD, DoubleDouble } from '../algebra/index.js'
import type { Failure } from '../Failure.js'
import { bufferFor, kernelFor, needed } from '../primitive/evaluate.js'
import type { Call, Primitive, PrimitiveName } from '../primitive/Primitive.js'
import { size } from '../Shape.js'
import type { Instruction } from '../Tape.js'
import type { Contribution } from '../transform/index.js'
import type { AnyVar } from '../Var.js'
import { judge } from './classify.js'
import { directionOf } from './directions.js'
import { type Examined, examine } from './examined.js'
import { frozen, holding } from './held.js'
import type { Blame, LedgerRow } from './model.js'
import { type Line, lineOf } from './oracles/line.js'
import { at, bodyOf, evaluated, inner, type Numbers, nameOf, parametersOf } from './problem.js'

const { add, sub, mul, div, literal } = DoubleDouble

const ZERO = literal(0)

/** How many lines of the ledger are kept. */
const KEPT = 12

type Many<N> = ReadonlyArray<N>

const fourth = (f: Many<Many<DD>>, h: number): Many<DD> =>
  f[0].map((_, j) => div(sub(mul(literal(8), sub(f[0][j], f[1][j])), sub(f[2][j], f[3][j])), literal(12 * h)))

/** The largest step of tangents, relative to the size of the point: there the power that is eliminated is what they are off by. */
const FINE = 2 ** -17

/** The points of a fourth-order difference. */
const stencil = (h: number): Numbers => [h, -h, 2 * h, -2 * h]

interface Tangent {
  readonly value: Many<DD>
  /** an estimate of each element's error, on top of `relative` of its value */
  readonly error: Numbers
}

/**
 * Tangents of instructions from differences at two steps, by which the error of fourth order is eliminated; it bounds what is left,
 * of sixth.
 */
const tangentsOf = (
  line: Line,
  ids: Many<number>,
  step: number,
  moving: ReadonlyMap<number, Many<DD>>,
): ReadonlyMap<number, Tangent> => {
  const valuesBy = (h: number): Many<ReadonlyMap<number, Many<DD>>> => stencil(h).map(line.nodes)
  const [fine, rough] = [valuesBy(step), valuesBy(8 * step)]
  const of = (points: typeof fine, id: number, h: number): Many<DD> =>
    fourth(
      points.map((p) => p.get(id) as Many<DD>),
      h,
    )
  return new Map(
    ids.map((id) => {
      const known = moving.get(id)
      if (known !== undefined) return [id, { value: known, error: known.map(() => 0) }] as const
      const value = of(fine, id, step)
      const other = of(rough, id, 8 * step)
      const values = fine[0].get(id) as Many<DD>
      const rest = value.map((x, j) => div(sub(x, other[j]), literal(8 ** 4 - 1)))
      const error = rest.map((x, j) => {
        const rounding = (2 * line.precision * 2 ** -52 * Math.abs(values[j].hi)) / step
        return Math.abs(x.hi) + rounding
      })
      return [id, { value: value.map((x, j) => add(x, rest[j])), error }] as const
    }),
  )
}

const slackOf = (xs: Buffer<DD>, t: Tangent): number => {
  let sum = 0
  for (let j = 0; j < xs.length; j++) sum += Math.abs(xs[j].hi) * (t.error[j] + 2 ** -92 * Math.abs(t.value[j].hi))
  return sum
}

/**
 * Finds the instruction that is to blame for a wrong derivative along a direction; `null` where all residuals are within what
 * the errors of the tangents explain. `widest` is the step of the best difference.
 *
 * @category blame
 * @since 0.1.0
 */
export const blame = (
  examined: Examined,
  direction: ReadonlyArray<Numbers>,
  widest: number,
): E.Either<Failure, Blame | null> => {
  const { problem, sweep } = examined
  const { calculus, program, point, cotangent, origin } = problem
  const { cotangents, contributions } = sweep.adjoint
  // what the sweep did not visit moves too: a row may have lost its derivative
  const watched: Many<Instruction> = needed(program).filter(({ dtype }) => dtype === 'real')
  const ids = watched.map(({ id }) => id)
  const line = lineOf(problem, direction, watched)
  if (E.isLeft(line)) return line
  const step = Math.min(widest, line.right.scale * FINE)
  const moving = new Map(program.inputs.map((x, i) => [x.id, direction[i].map(literal)]))
  const tangents = tangentsOf(line.right, ids, step, moving)
  const tangent = (id: number): Tangent => tangents.get(id) as Tangent
  const evaluation = evaluated(DoubleDouble, calculus, sweep.program)([...point, ...cotangent])
  if (E.isLeft(evaluation)) return evaluation
  const value = (v: AnyVar): Buffer<DD> => evaluation.right.value(v.id) as Buffer<DD>
  const target = ({ instruction, operand }: Contribution): number => at(program, instruction).operands[operand]

  const from = new Map<number, Array<Contribution>>()
  const to = new Map<number, Array<Contribution>>()
  for (const c of contributions) {
    push(from, c.instruction, c)
    push(to, target(c), c)
  }

  const rows: Array<LedgerRow> = []
  const row = (instruction: Instruction, kind: LedgerRow['kind'], residual: DD, tolerance: number): void => {
    const { id, primitive } = instruction
    rows.push({ id, primitive, name: nameOf(problem, instruction), kind, residual: residual.hi, tolerance })
  }
  for (const instruction of sweep.visited) {
    const { id } = instruction
    const t = tangent(id)
    const ct = value(cotangents.get(id) as AnyVar)
    const live = inner(DoubleDouble, ct, t.value as Buffer<DD>)
    const slack = slackOf(ct, t)
    if (instruction.operands.length > 0) {
      const given = from.get(id) ?? []
      const handed = given.reduce(
        (sum, c) => add(sum, inner(DoubleDouble, value(c.value), tangent(target(c)).value as Buffer<DD>)),
        ZERO,
      )
      const slacks = given.reduce((sum, c) => sum + slackOf(value(c.value), tangent(target(c))), slack)
      row(instruction, 'rule', sub(handed, live), 10 * slacks)
    }
    const seeds = program.outputs.flatMap((y, i) => (y.id === id ? [cotangent[i].map(literal)] : []))
    const arrived = [...(to.get(id) ?? []).map((c) => value(c.value)), ...seeds]
    const joined = arrived.reduce((sum, x) => add(sum, inner(DoubleDouble, x, t.value as Buffer<DD>)), ZERO)
    const slacks = arrived.reduce((sum, x) => sum + slackOf(x, t), slack)
    row(instruction, 'accumulation', sub(live, joined), 10 * slacks)
  }
  /** where the sweep ends although values move: the row without a derivative below an instruction that was not visited */
  const cut = (id: number): Instruction | null => {
    const y = at(program, id)
    if (cotangents.has(id) || !moves(tangents, id)) return null
    const below = y.operands.filter((k) => moves(tangents, k))
    const { derivative } = calculus.table[y.primitive as PrimitiveName] as Primitive
    if (derivative === null && y.primitive !== 'call' && below.length > 0) return y
    return below.map(cut).find((found) => found !== null) ?? null
  }
  for (const [i, y] of program.outputs.entries()) {
    const end = cut(y.id)
    if (end === null) continue
    const c = cotangent[i].map(literal)
    const lost = inner(DoubleDouble, c, tangent(y.id).value as Buffer<DD>)
    row(end, 'rule', sub(ZERO, lost), 10 * slackOf(c, tangent(y.id)))
  }
  const guilty = rows
    .filter(({ residual, tolerance }) => Math.abs(residual) > tolerance)
    .sort((a, b) => Math.abs(b.residual) - Math.abs(a.residual))
  if (guilty.length === 0) return E.right(null)
  let [first] = guilty
  let instruction = at(program, first.id)
  const own = from.get(first.id) ?? []
  let parts =
    first.kind === 'accumulation' || !cotangents.has(first.id)
      ? []
      : compared(
          partsOf(examined, instruction, tangents, step, (id) => evaluation.right.value(id) as Buffer<DD>),
          (k) => {
            const given = own.find((c) => c.operand === k)
            const t = tangents.get(instruction.operands[k])
            return given === undefined || t === undefined
              ? ZERO
              : inner(DoubleDouble, value(given.value), t.value as Buffer<DD>)
          },
        )
  // an operand that is owed something and was not visited: it is not this rule that forgot it
  const end = parts.length === 0 ? null : cut(instruction.operands[parts[0].index])
  if (end !== null) {
    first = { ...first, id: end.id, primitive: end.primitive, name: nameOf(problem, end) }
    instruction = end
  }
  if (!cotangents.has(instruction.id)) {
    const index = Math.max(
      0,
      instruction.operands.findIndex((k) => moves(tangents, k)),
    )
    parts = [{ index, given: 0, expected: -first.residual, off: Math.abs(first.residual) }]
  }
  const [worst] = parts
  const operand = worst === undefined ? null : { index: worst.index, given: worst.given, expected: worst.expected }
  // what flows through operands that get the right contributions is right
  const spoiled = parts.filter((p, i) => i === 0 || p.off > first.tolerance).map((p) => instruction.operands[p.index])
  const inside =
    first.primitive === 'call' && first.kind === 'rule'
      ? within(instruction, examined, (id) => evaluation.right.value(id) as Buffer<DD>)
      : null
  const kept = guilty.slice(0, KEPT).map((r) => ({ ...r, id: origin[r.id] ?? r.id }))
  return E.right({
    verdict: inside?.verdict ?? (first.kind === 'rule' ? 'WRONG_RULE' : 'WRONG_SWEEP'),
    id: origin[first.id] ?? first.id,
    primitive: first.primitive,
    name: first.name,
    within: inside,
    operand,
    parameters: parametersOf(problem, spoiled.length === 0 ? [first.id] : spoiled),
    ledger: kept,
    total: rows.reduce((sum, r) => sum + r.residual, 0),
  })
}

/**
 * Inside a called function that has no rule of its own the guilty instruction can be named: the body is a problem at the
 * operands' values, with the cotangent that the call received. Operands that are not real are constants there.
 */
const within = (y: Instruction, { problem, sweep }: Examined, value: (id: number) => Buffer<DD>): Blame | null => {
  const { calculus } = problem
  const { vjp, jvp } = y.attributes as unknown as Call
  if (vjp !== undefined || jvp !== undefined) return null
  const reals = (id: number): Numbers => Array.from(value(id) as ArrayLike<DD>, (x) => x.hi)
  const body = bodyOf(y)
  const operandOf = new Map(body.inputs.map(({ id }, k) => [id, y.operands[k]]))
  const inputs = body.inputs.filter(({ dtype }) => dtype === 'real')
  const fixed = frozen(
    { calculus, program: { ...body, inputs }, origin: Array.from({ length: body.tape.length }, (_, id) => id) },
    ({ id, dtype }) => dtype !== 'real' && operandOf.has(id),
    (id) => value(operandOf.get(id) as number) as unknown as ArrayLike<number>,
  )
  if (E.isLeft(fixed)) return null
  const { program, origin } = fixed.right
  const point = inputs.map(({ id }) => reals(operandOf.get(id) as number))
  const cotangent = [reals((sweep.adjoint.cotangents.get(y.id) as AnyVar).id)]
  const paths = inputs.map(() => '')
  const inside = holding({ calculus, program, paths, point, cotangent, origin })
  if (E.isLeft(inside)) return null
  const examined = examine(inside.right)
  if (E.isLeft(examined)) return null
  const direction = directionOf(
    1,
    0,
    point.map((xs) => xs.length),
  )
  const found = judge(examined.right, direction)
  if (E.isLeft(found) || found.right.verdict !== 'WRONG_RULE') return null
  const who = blame(examined.right, direction, found.right.step)
  return E.isLeft(who) ? null : who.right
}

/** What each operand should be given along the direction: by differences of the instruction alone, others standing still. */
const partsOf = (
  { problem: { calculus, program }, sweep }: Examined,
  y: Instruction,
  tangents: ReadonlyMap<number, Tangent>,
  step: number,
  value: (id: number) => Buffer<DD>,
): Many<DD | null> => {
  const sources = y.operands.map((k) => at(program, k))
  const values = sources.map(({ id }) => Array.from(value(id) as ArrayLike<DD>))
  const kernel = kernelFor(DoubleDouble, calculus.table, y, sources)
  const ct = value((sweep.adjoint.cotangents.get(y.id) as AnyVar).id)
  return sources.map(({ id, dtype }, k) => {
    const t = tangents.get(id)
    if (dtype !== 'real' || t === undefined) return null
    const moved = stencil(step).map((h) => {
      const out = bufferFor(DoubleDouble, y.dtype, size(y.shape))
      const by = literal(h)
      kernel(
        values.map((xs, i) => (i === k ? xs.map((x, j) => add(x, mul(by, t.value[j]))) : xs)),
        out,
      )
      return Array.from(out as ArrayLike<DD>)
    })
    return inner(DoubleDouble, ct, fourth(moved, step) as Buffer<DD>)
  })
}

const moves = (tangents: ReadonlyMap<number, Tangent>, id: number): boolean =>
  tangents.get(id)?.value.some((x, j) => Math.abs(x.hi) > 10 * (tangents.get(id) as Tangent).error[j]) ?? false

const push = <A>(lists: Map<number, Array<A>>, key: number, item: A): void => {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}

interface Part {
  readonly index: number
  readonly given: number
  readonly expected: number
  readonly off: number
}

/** What each operand is given along the direction beside what its own differences say, furthest apart first. */
const compared = (expected: Many<DD | null>, given: (k: number) => DD): ReadonlyArray<Part> =>
  expected
    .flatMap((x, index): ReadonlyArray<Part> => {
      if (x === null) return []
      const gave = given(index)
      return [{ index, given: gave.hi, expected: x.hi, off: Math.abs(sub(gave, x).hi) }]
    })
    .sort((p, q) => q.off - p.off)
