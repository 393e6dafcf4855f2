/**
 * What a check of a model is worth, measured: which derivatives it exercises, and which mistakes in them it would notice.
 *
 * A checker that passes everything looks like one that finds everything right. So every derivative that the model uses is
 * made wrong on purpose, in one operand at a time, and the check is run again: it should no longer pass. A mutant that
 * survives says what the points do not reach.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'
import { standard } from '../Program.js'
import { needed } from '../primitive/evaluate.js'
import type { Primitive, PrimitiveName, Table, Vocabulary } from '../primitive/Primitive.js'
import type { Calculus } from '../primitive/Recorder.js'
import type { Reverse } from '../Reverse.js'
import { size } from '../Shape.js'
import type * as Tree from '../Tree.js'
import type { AnyVar } from '../Var.js'
import { type Covered, coveredBy, together } from './coverage.js'
import { directionOf } from './directions.js'
import { examine } from './examined.js'
import { judged } from './judged.js'
import { type Problem, sweepOf } from './problem.js'
import { BUDGET, type Budget, subjectOf } from './subject.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface PowerOptions {
  /** the rules to differentiate by; those of the library unless given */
  readonly calculus?: Calculus
  readonly seed?: number
  readonly budget?: Partial<Budget>
}

type Model = (p: never) => Reverse<Tree.VarTree>

const problemsOf = (
  model: Model,
  points: ReadonlyArray<unknown>,
  { calculus = standard, seed = 1, budget = {} }: PowerOptions,
): E.Either<Failure, ReadonlyArray<Problem>> => {
  const problems: Array<Problem> = []
  for (const point of points) {
    const subject = subjectOf(model, point, { calculus, seed, budget: { ...BUDGET, ...budget } })
    if (E.isLeft(subject)) return subject
    problems.push(subject.right.problem)
  }
  return E.right(problems)
}

const sizesOf = ({ program }: Problem): ReadonlyArray<number> => program.inputs.map(({ shape }) => size(shape))

/**
 * Which derivatives of a model are exercised at some points, and how much goes through each: rules by operands by branches.
 * Fails as `verifyGradient` does.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { abs, mul, relu, sum, tensor, type Var } from 'wengert'
 * import { coverage } from 'wengert/verify'
 *
 * type X = Var<readonly [2]>
 * const model = (x: X) => sum(mul(relu(x), abs(x)))
 * const once = coverage(model)([tensor([1, 2])])
 * // nothing was negative
 * assert(isRight(once) && once.right.some(({ rule, branch, covered }) => rule === 'abs' && branch === 'x < 0' && !covered))
 * ```
 *
 * @category verification
 * @since 0.1.0
 */
export const coverage =
  <P extends Tree.VarTree, Q extends Tree.VarTree>(model: (p: P) => Reverse<Q>, options: PowerOptions = {}) =>
  (points: ReadonlyArray<Tree.Inputs<P>>): E.Either<Failure, ReadonlyArray<Covered>> => {
    const problems = problemsOf(model as unknown as Model, points, options)
    if (E.isLeft(problems)) return problems
    const samples: Array<ReadonlyArray<Covered>> = []
    for (const problem of problems.right) {
      const covered = E.chain((sweep: Parameters<typeof coveredBy>[1]) =>
        coveredBy(problem, sweep, directionOf(options.seed ?? 1, 0, sizesOf(problem))),
      )(sweepOf(problem))
      if (E.isLeft(covered)) return covered
      samples.push(covered.right)
    }
    return E.right(together(samples))
  }

/**
 * A mistake in the derivative for one operand of one primitive, and at how many points it was noticed.
 *
 * @category model
 * @since 0.1.0
 */
export interface Power {
  readonly primitive: PrimitiveName
  readonly operand: number
  /** the derivative is multiplied by this */
  readonly factor: number
  readonly killed: number
  readonly points: number
  /** for the chance of being noticed at a point of this kind: 95 % of such intervals hold it */
  readonly interval: readonly [low: number, high: number]
}

/** The standard normal number that 95 % of all are below in size. */
const Z = 1.959964

/**
 * An interval for a probability of which `killed` of `trials` tries are known (E. B. Wilson, "Probable inference, the law of
 * succession, and statistical inference", 1927). It keeps its promise at 0 and at all of them too.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { wilson } from 'wengert/verify'
 *
 * const [low, high] = wilson(10, 10)
 * assert(low > 0.72 && low < 0.73 && high === 1)
 * ```
 *
 * @category destructors
 * @since 0.1.0
 */
export const wilson = (killed: number, trials: number): readonly [low: number, high: number] => {
  if (trials === 0) return [0, 1]
  const p = killed / trials
  const z2 = (Z * Z) / trials
  const middle = (p + z2 / 2) / (1 + z2)
  const half = (Z / (1 + z2)) * Math.sqrt((p * (1 - p)) / trials + z2 / (4 * trials))
  return [killed === 0 ? 0 : middle - half, killed === trials ? 1 : middle + half]
}

/** The mistakes that are tried: the wrong sign, and relative errors down to what a PASS excludes. */
const FACTORS: ReadonlyArray<number> = [-1, 1 + 1e-2, 1 + 1e-6, 1 + 1e-9, 1 + 1e-12]

const scaled = (row: Primitive, operand: number, by: number): Primitive => {
  const { derivative } = row
  if (derivative === null) return row
  const times = (v: Vocabulary, x: AnyVar): AnyVar => v.mul(x, v.like(x, by))
  return {
    ...row,
    derivative: {
      pull: (v, ct, k, xs, y, a) => {
        const x = derivative.pull(v, ct, k, xs, y, a)
        return x === null || k !== operand ? x : times(v, x)
      },
      push: (v, dxs, xs, y, a) =>
        derivative.push(
          v,
          dxs.map((dx, k) => (dx === null || k !== operand ? dx : times(v, dx))),
          xs,
          y,
          a,
        ),
    },
  }
}

/** The derivatives that problems use: a primitive and one of its real operands. */
const derivativesOf = (problems: ReadonlyArray<Problem>): ReadonlyArray<readonly [PrimitiveName, number]> => {
  const found = new Map<string, readonly [PrimitiveName, number]>()
  for (const { program, calculus } of problems) {
    const all = needed(program)
    const real = new Set(all.filter(({ dtype }) => dtype === 'real').map(({ id }) => id))
    for (const { primitive, operands, dtype } of all) {
      const name = primitive as PrimitiveName
      if (dtype !== 'real' || calculus.table[name].derivative === null) continue
      for (const [k, id] of operands.entries()) if (real.has(id)) found.set(`${name} ${k}`, [name, k])
    }
  }
  return [...found.values()].sort(([a, j], [b, k]) => (a === b ? j - k : a < b ? -1 : 1))
}

/** Whether a check of the problem would not pass by other rules. */
const noticed = (problem: Problem, calculus: Calculus, seed: number): E.Either<Failure, boolean> => {
  const examined = examine({ ...problem, calculus })
  if (E.isLeft(examined)) return examined
  const found = judged(examined.right, directionOf(seed, 0, sizesOf(problem)))
  return E.isLeft(found) ? found : E.right(found.right.judgement.verdict.startsWith('WRONG'))
}

/**
 * How many mistakes a check of a model at some points would notice: each derivative that the model uses is given the wrong
 * sign and relative errors of 1e-2 to 1e-12, and called wrong or not. Mistakes inside called functions are not planted. It
 * costs a verification for each mistake and point.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { exp, mul, sum, tensor, type Var } from 'wengert'
 * import { mutationPower } from 'wengert/verify'
 *
 * type X = Var<readonly [2]>
 * const power = mutationPower((x: X) => sum(mul(x, exp(x))))([tensor([1, 2])])
 * assert(isRight(power) && power.right.every(({ killed, points }) => killed === points))
 * ```
 *
 * @category verification
 * @since 0.1.0
 */
export const mutationPower =
  <P extends Tree.VarTree, Q extends Tree.VarTree>(model: (p: P) => Reverse<Q>, options: PowerOptions = {}) =>
  (points: ReadonlyArray<Tree.Inputs<P>>): E.Either<Failure, ReadonlyArray<Power>> => {
    const { calculus = standard, seed = 1 } = options
    const problems = problemsOf(model as unknown as Model, points, options)
    if (E.isLeft(problems)) return problems
    const rows: Array<Power> = []
    for (const [primitive, operand] of derivativesOf(problems.right))
      for (const factor of FACTORS) {
        const row = scaled(calculus.table[primitive] as Primitive, operand, factor)
        const table = { ...calculus.table, [primitive]: row } as unknown as Table
        let killed = 0
        for (const problem of problems.right) {
          const killedHere = noticed(problem, { ...calculus, table }, seed)
          if (E.isLeft(killedHere)) return killedHere
          if (killedHere.right) killed++
        }
        const interval = wilson(killed, points.length)
        rows.push({ primitive, operand, factor, killed, points: points.length, interval })
      }
    return E.right(rows)
  }

const factorOf = (factor: number): string => (factor === -1 ? 'wrong sign' : `off by ${(factor - 1).toExponential(0)}`)

/**
 * A mutation-power table in markdown, survivors first.
 *
 * @category printing
 * @since 0.1.0
 */
export const showPower = (rows: ReadonlyArray<Power>): string =>
  [
    '| derivative of | operand | mistake | noticed | 95 % |',
    '|---|---|---|---|---|',
    ...[...rows]
      .sort((a, b) => a.killed / a.points - b.killed / b.points)
      .map(({ primitive, operand, factor, killed, points, interval: [low, high] }) => {
        const range = `${(100 * low).toFixed(0)} to ${(100 * high).toFixed(0)} %`
        return `| ${primitive} | ${operand} | ${factorOf(factor)} | ${killed} of ${points} | ${range} |`
      }),
  ].join('\n')
