/**
 * How many digits each derivative keeps: every pointwise rule in float64, over operands of all sizes from `2^-60` to `2^60`,
 * against two judges in double-double.
 *
 * - *The same rule*: what rounding does to the formula. It shows cancellation, and over- and underflow inside.
 * - *Differences of the primitive's values*: what the derivative is, whatever the rule says. They also show a wrong
 *   formula, or a constant in it. They are judges only where they know 60 bits themselves: differences of fourth order with
 *   steps of powers of two, of which the best two neighbours agree (`oracles/ladder.ts` says how).
 *
 * Errors are counted in ulps of the derivative. One half is the best there is; elementary functions in a rule may
 * cost one or two each. An infinite error is a derivative that float64 has, and the rule does not give.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Buffer, type DoubleDoubleNumber as DD, DoubleDouble, F64 } from '../algebra/index.js'
import { evaluate } from '../engine/index.js'
import type { Failure } from '../Failure.js'
import { standard } from '../Program.js'
import type { Attributes, Primitive, PrimitiveName } from '../primitive/Primitive.js'
import { attempt, type Calculus, recorderOn } from '../primitive/Recorder.js'
import { bits, fold, key, uniform01 } from '../Random.js'
import { empty, type Instruction, at as instructionAt, noAttributes } from '../Tape.js'
import { evaluated, type Flat, type Numbers, type Problem, sweepOf } from './problem.js'

/**
 * The errors of one derivative, in ulps.
 *
 * @category model
 * @since 0.1.0
 */
export interface Ulps {
  readonly worst: number
  readonly median: number
  /** the operands of the worst */
  readonly witness: Numbers
  /** how many operands were judged */
  readonly samples: number
}

/**
 * One line of the map: a primitive and the operand that its derivative is by.
 *
 * @category model
 * @since 0.1.0
 */
export interface RuleAccuracy {
  readonly primitive: PrimitiveName
  /** `order 1` and the like; empty for most */
  readonly variant: string
  readonly operand: number
  /** against the same rule in double-double; `null` where nothing is in the domain */
  readonly rounding: Ulps | null
  /** against differences of the primitive; `null` where they know no 60 bits anywhere */
  readonly truth: Ulps | null
}

/**
 * @category model
 * @since 0.1.0
 */
export interface RuleMapOptions {
  /** the rules; those of the library unless given */
  readonly calculus?: Calculus
  readonly seed?: number
  /** only these primitives */
  readonly only?: ReadonlyArray<PrimitiveName>
  /** sizes from `2^-range` to `2^range`: 60 unless given */
  readonly range?: number
}

/** The distance from `exact` to `x`, in units in the last place of `exact` as a float64. */
const ulpsOf = (x: number, exact: DD): number => {
  const off = Math.abs(DoubleDouble.sub(DoubleDouble.literal(x), exact).hi)
  if (off === 0) return 0
  const exponent = Math.max(-1022, Math.floor(Math.log2(Math.abs(exact.hi))))
  return Number.isNaN(off) ? Number.POSITIVE_INFINITY : off / 2 ** (exponent - 52)
}

const isKnown = ({ hi, lo }: DD): boolean => Number.isFinite(hi) && Number.isFinite(lo)

/** Operands of all sizes and both signs: for one operand two of each size, for two a random size each. */
const operandsOf = (arity: number, range: number, seed: number): ReadonlyArray<Numbers> => {
  const count = arity === 1 ? 4 * (2 * range + 1) : 8 * (2 * range + 1)
  return Array.from({ length: arity }, (_, k) => {
    const words = bits(fold(key(seed), k), 3 * count)
    return Array.from({ length: count }, (_, i) => {
      // the first operand goes through the sizes one by one, others are of a size of their own, or of a like one
      const exponent = Math.floor(i / (count / (2 * range + 1))) - range
      const near = Math.floor(3 * uniform01(words[3 * i])) - 1
      const any = Math.floor((2 * range + 1) * uniform01(words[3 * i])) - range
      const size = k === 0 ? exponent : i % 2 === 0 ? exponent + near : any
      const negative = k === 0 ? i % 2 === 1 : (words[3 * i + 2] & 1) === 1
      return (negative ? -1 : 1) * 2 ** size * (1 + uniform01(words[3 * i + 1]))
    })
  })
}

const problemFor = <K extends PrimitiveName>(
  calculus: Calculus,
  name: K,
  attributes: Attributes[K],
  operands: ReadonlyArray<Numbers>,
): E.Either<Failure, Problem> => {
  const recorder = recorderOn(empty, calculus)
  const length = operands[0].length
  return attempt(() => {
    const { emit } = recorder.vocabulary
    const inputs = operands.map((_, i) => emit('input', [], { path: `x${i}`, shape: [length], dtype: 'real' }))
    const y = emit(name, inputs, attributes)
    const program: Flat = { _tag: 'Program', tape: recorder.builder.tape(), inputs, outputs: [y] }
    const origin = Array.from({ length: program.tape.length }, (_, id) => id)
    const paths = inputs.map((_, i) => `x${i}`)
    return E.right({ calculus, program, paths, point: operands, cotangent: [Array.from({ length }, () => 1)], origin })
  })
}

interface Known {
  readonly value: DD
  readonly error: number
}

/** Steps in halvings of the operand, and in halvings of one: functions vary over either. */
const STEPS: ReadonlyArray<readonly [exponent: number, relative: boolean]> = [
  ...[6, 10, 14, 18, 22].map((e) => [e, true] as const),
  ...[5, 9, 13, 17].map((e) => [e, false] as const),
]

/** What 60 bits are, with room. */
const KNOWN = 2 ** -58

/** Derivatives by one operand from values, at every sample; `null` where not known to 60 bits. */
const differences = (
  { calculus, program, point }: Problem,
  operand: number,
): E.Either<Failure, ReadonlyArray<DD | null>> => {
  const { add, sub, mul, div, literal } = DoubleDouble
  const found: Array<Known | null> = point[0].map(() => null)
  const branches = branchesOf(calculus, program)
  const pieces = branches(point)
  let last: ReadonlyArray<DD> = []
  for (const [s, [exponent, relative]] of STEPS.entries()) {
    const h = point[operand].map((x) =>
      relative ? 2 ** (Math.floor(Math.log2(Math.abs(x))) - exponent) : 2 ** -exponent,
    )
    const at: Array<ReadonlyArray<DD>> = []
    const same = h.map(() => true)
    for (const t of [1, -1, 2, -2]) {
      const moved = point.map((xs, k) =>
        xs.map((x, i) => (k === operand ? add(literal(x), literal(t * h[i])) : literal(x))),
      )
      const run = runOf(calculus, program, moved)
      if (E.isLeft(run)) return run
      at.push(run.right)
      for (const [i, piece] of branches(moved.map((xs) => xs.map(({ hi }) => hi))).entries())
        if (piece !== pieces[i]) same[i] = false
    }
    const here = h.map((step, i) => {
      const near = mul(literal(8), sub(at[0][i], at[1][i]))
      return same[i] ? div(sub(near, sub(at[2][i], at[3][i])), literal(12 * step)) : literal(Number.NaN)
    })
    for (const [i, value] of here.entries()) {
      const before = s > 0 && STEPS[s - 1][1] === relative ? last[i] : undefined
      if (before === undefined || !isKnown(value) || !isKnown(before)) continue
      // the values are known to 2^-100 of their size, some with 2^-92
      const noise = (2 ** -96 * Math.max(Math.abs(at[2][i].hi), Math.abs(at[3][i].hi))) / h[i]
      const error = Math.abs(sub(value, before).hi) + noise
      const known = found[i]
      // a coarse step that jumps whole periods agrees with others of its kind, and not with a finer one
      const disagrees = known !== null && !(Math.abs(sub(value, known.value).hi) <= 10 * (error + known.error))
      if (disagrees || error < (known?.error ?? Number.POSITIVE_INFINITY))
        found[i] = { value, error: disagrees ? Number.POSITIVE_INFINITY : error }
    }
    last = here
  }
  return E.right(found.map((k) => (k !== null && k.error <= KNOWN * Math.abs(k.value.hi) ? k.value : null)))
}

/** The smooth pieces that samples are on; all on one where there are no branches. */
const branchesOf =
  ({ table }: Calculus, { tape, inputs, outputs: [y] }: Flat) =>
  (xs: ReadonlyArray<Numbers>): Numbers => {
    const { primitive, attributes } = instructionAt(tape, y.id) as Instruction
    const row = table[primitive as PrimitiveName] as Primitive
    return row.branches?.({ attributes: attributes as never, operands: inputs, result: y }, xs) ?? xs[0].map(() => 0)
  }

const runOf = (
  calculus: Calculus,
  program: Flat,
  inputs: ReadonlyArray<ReadonlyArray<DD>>,
): E.Either<Failure, ReadonlyArray<DD>> => {
  const run = evaluate(DoubleDouble, calculus.table)(program)
  if (E.isLeft(run)) return run
  const result = run.right(inputs)
  return E.isLeft(result) ? result : E.right(Array.from(result.right.outputs[0] as ArrayLike<DD>))
}

const summary = (
  xs: Buffer<number>,
  exact: ReadonlyArray<DD | null>,
  operands: ReadonlyArray<Numbers>,
): Ulps | null => {
  const errors = exact.flatMap((d, i) => {
    // what float64 cannot hold, or the judge does not know, is no loss
    const known = d !== null && isKnown(d) && (d.hi === 0 || Math.abs(d.hi) >= 2 ** -1022)
    return known ? [{ ulps: ulpsOf(xs[i], d), i }] : []
  })
  if (errors.length === 0) return null
  const sorted = errors.sort((a, b) => a.ulps - b.ulps)
  const { ulps, i } = sorted[sorted.length - 1]
  return {
    worst: ulps,
    median: sorted[sorted.length >> 1].ulps,
    witness: operands.map((x) => x[i]),
    samples: sorted.length,
  }
}

const lineOf = (
  problem: Problem,
  primitive: PrimitiveName,
  variant: string,
): E.Either<Failure, ReadonlyArray<RuleAccuracy>> => {
  const { calculus, point, cotangent } = problem
  const sweep = sweepOf(problem)
  if (E.isLeft(sweep)) return sweep
  const program: Flat = { ...sweep.right.program, outputs: sweep.right.gradient }
  const [low, high] = [evaluated(F64, calculus, program), evaluated(DoubleDouble, calculus, program)]
  const given = low([...point, ...cotangent])
  const exact = high([...point, ...cotangent])
  if (E.isLeft(given)) return given
  if (E.isLeft(exact)) return exact
  const values = runOf(
    calculus,
    problem.program,
    point.map((xs) => xs.map(DoubleDouble.literal)),
  )
  if (E.isLeft(values)) return values
  const rows: Array<RuleAccuracy> = []
  for (const [operand, g] of given.right.outputs.entries()) {
    const judge = Array.from(exact.right.outputs[operand] as ArrayLike<DD>)
    const true_ = differences(problem, operand)
    if (E.isLeft(true_)) return true_
    // where the function leaves float64, or the rule itself has no number, is outside the domain
    const inDomain = (d: DD | null, i: number): DD | null =>
      isKnown(values.right[i]) && !Number.isNaN(judge[i].hi) ? d : null
    rows.push({
      primitive,
      variant,
      operand,
      rounding: summary(g, judge.map(inDomain), point),
      truth: summary(g, true_.right.map(inDomain), point),
    })
  }
  return E.right(rows)
}

/** The attributes that pointwise primitives are tried with. */
const variants = (name: PrimitiveName): ReadonlyArray<readonly [string, Attributes[PrimitiveName]]> =>
  name === 'polygamma' ? [0, 1, 2].map((order) => [`order ${order}`, { order }] as const) : [['', noAttributes]]

/**
 * The accuracy of every pointwise rule with real operands.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import * as E from 'fp-ts/lib/Either.js'
 * import { ruleMap } from 'wengert/verify'
 *
 * const map = ruleMap({ only: ['tanh'] })
 * // sech², not 1 - tanh², of which nothing would be left
 * assert.ok(E.isRight(map) && map.right.every(({ rounding }) => rounding !== null && rounding.median < 2))
 * ```
 *
 * @category destructors
 * @since 0.1.0
 */
export const ruleMap = (options: RuleMapOptions = {}): E.Either<Failure, ReadonlyArray<RuleAccuracy>> => {
  const { calculus = standard, seed = 1, only, range = 60 } = options
  const rows: Array<RuleAccuracy> = []
  for (const name of Object.keys(calculus.table) as ReadonlyArray<PrimitiveName>) {
    const { family, derivative, arity } = calculus.table[name] as Primitive
    // a choice copies numbers: there is nothing to round
    if (family !== 'pointwise' || derivative === null || name === 'select') continue
    if (only !== undefined && !only.includes(name)) continue
    for (const [variant, attributes] of variants(name)) {
      const problem = problemFor(calculus, name, attributes, operandsOf(arity, range, seed))
      if (E.isLeft(problem)) return problem
      const lines = lineOf(problem.right, name, variant)
      if (E.isLeft(lines)) return lines
      rows.push(...lines.right)
    }
  }
  return E.right(rows)
}

const figure = (x: number): string => (x >= 1000 ? x.toExponential(1) : x.toFixed(2))

const cells = (u: Ulps | null): string =>
  u === null
    ? '| | | '
    : `| ${figure(u.worst)} | ${figure(u.median)} | ${u.witness.map((x) => x.toPrecision(4)).join(', ')} `

/**
 * A map as a table of markdown, worst rules first.
 *
 * @category destructors
 * @since 0.1.0
 */
export const showRuleMap = (map: ReadonlyArray<RuleAccuracy>): string => {
  const worst = ({ rounding, truth }: RuleAccuracy): number => Math.max(rounding?.worst ?? 0, truth?.worst ?? 0)
  const lines = [...map]
    .sort((a, b) => (worst(a) === worst(b) ? 0 : worst(b) - worst(a)))
    .map(
      (row) =>
        `| ${row.primitive}${row.variant === '' ? '' : ` (${row.variant})`} | ${row.operand} ${cells(row.rounding)}${cells(row.truth)}|`,
    )
  return [
    '| primitive | operand | worst ulps | median | at | worst against differences | median | at |',
    '|---|---|---|---|---|---|---|---|',
    ...lines,
  ].join('\n')
}
