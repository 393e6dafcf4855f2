/**
 * A function along a line through its point, in double-double: `t -> <c, f(x + t u)>` and the branches taken there.
 *
 * Only values are used, never a rule, so whatever is concluded from here is independent of the derivatives it judges.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Algebra, type Buffer, type DoubleDoubleNumber as DD, DoubleDouble } from '../../algebra/index.js'
import { type Evaluation, evaluate } from '../../engine/index.js'
import type { Failure } from '../../Failure.js'
import { needed } from '../../primitive/evaluate.js'
import type { Primitive, PrimitiveName, Table } from '../../primitive/Primitive.js'
import type { Instruction, Program } from '../../Tape.js'
import type { AnyVar } from '../../Var.js'
import { at, type Numbers, type Problem, weighed } from '../problem.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface Sample {
  readonly value: DD
  /** the branches taken: equal lists mean the same smooth piece */
  readonly signature: Numbers
  readonly finite: boolean
}

/**
 * The line. `sample(t)` is exact in `t` for powers of two; `nodes(t)` copies the values of some instructions.
 *
 * @category model
 * @since 0.1.0
 */
export interface Line {
  readonly sample: (t: number) => Sample
  readonly nodes: (t: number) => ReadonlyMap<number, ReadonlyArray<DD>>
  /** a power of two, at least the size of the point: what steps are relative to */
  readonly scale: number
  /** whether a branch can change at all */
  readonly branching: boolean
  /** by how much smaller than in float64 rounding errors are here, at most */
  readonly precision: number
}

/** Rows whose branches follow from the order of their operands' elements alone. */
const ORDERED: ReadonlySet<string> = new Set([
  'max',
  'min',
  'eq',
  'ne',
  'lt',
  'le',
  'gt',
  'ge',
  'reduceMax',
  'reduceMin',
  'argMax',
  'argMin',
  'sort',
  'topK',
  'argSort',
  'argTopK',
  'reduceWindow',
])

const compareDD = (x: DD, y: DD): number => x.hi - y.hi || x.lo - y.lo

/** Numbers in the same order that differ wherever the given ones do, however little. */
const ranks = (operands: ReadonlyArray<ReadonlyArray<DD>>): ReadonlyArray<Numbers> => {
  const sorted = operands.flat().sort(compareDD)
  let rank = 0
  const rankOf = new Map<number, Map<number, number>>()
  for (const [i, x] of sorted.entries()) {
    if (i > 0 && compareDD(x, sorted[i - 1]) !== 0) rank++
    const lows = rankOf.get(x.hi + 0) ?? new Map<number, number>()
    lows.set(x.lo + 0, rank)
    rankOf.set(x.hi + 0, lows)
  }
  return operands.map((xs) => xs.map((x) => rankOf.get(x.hi + 0)?.get(x.lo + 0) ?? 0))
}

type Signature = (evaluation: Evaluation<DD>) => Numbers

/**
 * The branches of a double-double evaluation. Unlike the engine's own signature it tells numbers apart that round to the
 * same float64, because double-double takes the larger of two such; and it looks into called functions.
 */
const signatureOf = (table: Table, program: Program): Signature => {
  const inner = new Map<number, ReturnType<typeof calledBody>>()
  const calledBody = (body: Program) => ({
    run: evaluate(DoubleDouble, table)(body),
    signature: signatureOf(table, body),
  })
  const wanted = needed(program).filter(
    ({ primitive }) => primitive === 'call' || (table[primitive as PrimitiveName] as Primitive).branches !== null,
  )
  for (const { id, primitive, attributes } of wanted)
    if (primitive === 'call') inner.set(id, calledBody(attributes.body as Program))
  return ({ value }) =>
    wanted.flatMap((instruction) => {
      const operands = instruction.operands.map((k) => at(program, k))
      const called = inner.get(instruction.id)
      if (called !== undefined) {
        if (E.isLeft(called.run)) return []
        const run = called.run.right(operands.map(({ id }) => value(id) as Buffer<DD>))
        return E.isLeft(run) ? [] : called.signature(run.right)
      }
      const primals = operands.map((x) => {
        const xs = Array.from(value(x.id) as ArrayLike<DD>)
        return x.dtype === 'real' ? xs.map(({ hi }) => hi) : (xs as unknown as Numbers)
      })
      const reals = operands.every(({ dtype }) => dtype === 'real')
      const ordered =
        ORDERED.has(instruction.primitive) && reals && primals.every((xs) => xs.every((x) => !Number.isNaN(x)))
      const seen = ordered ? ranks(operands.map(({ id }) => Array.from(value(id) as ArrayLike<DD>))) : primals
      const row = table[instruction.primitive as PrimitiveName] as Primitive
      return row.branches?.({ attributes: instruction.attributes as never, operands, result: instruction }, seen) ?? []
    })
}

const SPECIAL: ReadonlySet<string> = new Set(['erf', 'lgamma', 'polygamma'])

/** The primitives of a program, those of called functions included. */
const primitivesOf = (program: Program): ReadonlyArray<Instruction> =>
  needed(program).flatMap((x) => (x.primitive === 'call' ? [x, ...primitivesOf(x.attributes.body as Program)] : [x]))

/**
 * By how much smaller than the bounds of `ErrorBound` the errors of double-double are. Those charge `u = 2^-53` for
 * arithmetic, `2 u` for elementary functions, `4 u` for powers and `8 u` or more for special functions. Double-double is off by
 * at most `15 u²` in arithmetic, which is proved (`doubleDoubleBasic.ts`), and by `2^-100`, `2^-92` and `2^-94` in the others,
 * which is measured with room to spare (`DoubleDouble.ts`).
 */
const precisionOf = (program: Program): number => {
  const names = primitivesOf(program).map(({ primitive }) => primitive)
  if (names.includes('pow')) return 2 ** -41
  return names.some((name) => SPECIAL.has(name)) ? 2 ** -44 : 2 ** -48
}

const finite = ({ hi, lo }: DD): boolean => Number.isFinite(hi) && Number.isFinite(lo)

/**
 * A problem along a direction. `watched` are instructions whose values are wanted besides the results.
 *
 * @category constructors
 * @since 0.1.0
 */
export const lineOf = (
  { calculus, program, point, cotangent }: Problem,
  direction: ReadonlyArray<Numbers>,
  watched: ReadonlyArray<AnyVar> = [],
): E.Either<Failure, Line> => {
  const n = program.outputs.length
  const extended = { ...program, outputs: [...program.outputs, ...watched] }
  const run = evaluate(DoubleDouble, calculus.table)(extended)
  if (E.isLeft(run)) return run
  const signature = signatureOf(calculus.table, program)
  const { add, mul, literal }: Algebra<DD> = DoubleDouble
  const moved = (t: number): Evaluation<DD> | null => {
    const by = literal(t)
    const result = run.right(point.map((xs, i) => xs.map((x, j) => add(literal(x), mul(by, literal(direction[i][j]))))))
    return E.isRight(result) ? result.right : null
  }
  const lost: Sample = { value: literal(Number.NaN), signature: [], finite: false }
  const largest = Math.max(1, ...point.flat().map(Math.abs))
  return E.right({
    sample: (t) => {
      const result = moved(t)
      if (result === null) return lost
      const value = weighed(DoubleDouble, result.outputs.slice(0, n), cotangent)
      return { value, signature: signature(result), finite: finite(value) }
    },
    nodes: (t) => {
      const result = moved(t)
      return new Map(
        watched.map(({ id }, i) => [id, result === null ? [] : Array.from(result.outputs[n + i] as ArrayLike<DD>)]),
      )
    },
    scale: 2 ** Math.ceil(Math.log2(largest)),
    branching: primitivesOf(program).some(
      (x) => (calculus.table[x.primitive as PrimitiveName] as Primitive).branches !== null,
    ),
    precision: precisionOf(program),
  })
}

/**
 * Equal branches.
 *
 * @category destructors
 * @since 0.1.0
 */
export const sameBranches = (a: Numbers, b: Numbers): boolean => a.length === b.length && a.every((x, i) => x === b[i])
