/**
 * A problem examined once: its sweep in float64, with error bounds and in double-double, and what rounding does to it, before
 * any direction is judged.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Bounded } from '../algebra/ErrorBound.js'
import { type Buffer, type DoubleDoubleNumber as DD, DoubleDouble, F64, UNIT } from '../algebra/index.js'
import { SAFETY } from '../algebra/tolerance.js'
import type { Failure } from '../Failure.js'
import type { Attributes, Primitive, PrimitiveName } from '../primitive/Primitive.js'
import type { Instruction, Program } from '../Tape.js'
import type { Contribution } from '../transform/index.js'
import { tangentsAlong } from './oracles/complexStep.js'
import { sameBranches } from './oracles/line.js'
import { boundedGradient, type Rounding, roundingOf } from './oracles/rounding.js'
import { at, evaluated, type Numbers, type Problem, type Sweep, sweepOf, weighed } from './problem.js'

/**
 * A problem with all that does not depend on the direction.
 *
 * @category model
 * @since 0.1.0
 */
export interface Examined {
  readonly problem: Problem
  readonly sweep: Sweep
  /** the gradient in float64 with error bounds, and in double-double */
  readonly bounded: ReadonlyArray<ReadonlyArray<Bounded>>
  readonly exact: ReadonlyArray<ReadonlyArray<DD>>
  readonly rounding: Rounding
  /** the number of results times the sum of their sizes, weighed */
  readonly weight: number
  /** the weighed value in float64, and how many digits of the results are lost */
  readonly value: number
  readonly lostDigitsOfValue: number
  /** by how much the constants in rules, rounded to float64 as `ln 2` would be, may move the derivative along a direction */
  readonly literals: (direction: ReadonlyArray<Numbers>) => number
  /** float64 takes the branches that double-double takes */
  readonly sameBranches: boolean
}

/**
 * `u² = 2^-106`, and what sums and products of double-double lose of it.
 *
 * @category constants
 * @since 0.1.0
 */
export const SUMMING: number = 2 ** -104

/**
 * `log10(|x - exact| / (u |exact|))`, between 0 and all sixteen.
 *
 * @category destructors
 * @since 0.1.0
 */
export const digitsLost = (difference: number, size: number): number =>
  difference === 0 ? 0 : Math.min(16, Math.max(0, Math.log10(difference / (UNIT * size))))

const apart = (xs: ReadonlyArray<number>, ys: ReadonlyArray<DD>, weights: Numbers): readonly [number, number] => {
  let difference = 0
  let size = 0
  for (let j = 0; j < xs.length; j++) {
    difference += Math.abs(weights[j] * DoubleDouble.sub(DoubleDouble.literal(xs[j]), ys[j]).hi)
    size += Math.abs(weights[j] * ys[j].hi)
  }
  return [difference, size]
}

/**
 * By how much arrays differ from exact ones, and the size of those, both weighed.
 *
 * @category destructors
 * @since 0.1.0
 */
export const total = (
  xs: ReadonlyArray<ReadonlyArray<number>>,
  ys: ReadonlyArray<ReadonlyArray<DD>>,
  weights: ReadonlyArray<Numbers>,
): readonly [number, number] =>
  xs.map((x, i) => apart(x, ys[i], weights[i])).reduce(([a, b], [c, d]) => [a + c, b + d] as const, [0, 0] as const)

const dataOf = ({ attributes }: Instruction): ArrayLike<number> => (attributes as Attributes['constant']).value.data

const isConstant = ({ primitive, dtype }: Instruction): boolean => primitive === 'constant' && dtype === 'real'

/** A real constant of more than 32 significant bits: most likely a rounded one. */
const isRounded = (instruction: Instruction): boolean =>
  isConstant(instruction) &&
  Array.from(dataOf(instruction)).some((x) => {
    const scaled = x === 0 ? 0 : Math.abs(x) * 2 ** (32 - Math.ceil(Math.log2(Math.abs(x))))
    return scaled !== Math.round(scaled)
  })

/**
 * Constants in two parts, of which float64 keeps the first: 106 bits of a number, as many as double-double has.
 *
 * @category refinements
 * @since 0.1.0
 */
export const isSplit = (program: Program, { primitive, operands }: Instruction): boolean => {
  const [high, low] = operands.map((k) => at(program, k))
  if (primitive !== 'add' || !isConstant(high) || !isConstant(low)) return false
  const [xs, ys] = [dataOf(high), dataOf(low)]
  return Array.from(ys).every((y, j) => y !== 0 && xs[j] + y === xs[j])
}

/** A constant is off by half a unit; this allows eight of them in each contribution. */
const LITERALS = 4 * UNIT

/**
 * The contributions made with a rounded constant of a rule; those of the program are in the function as well. A rule makes
 * its contribution out of its own cotangent and what the sweep passed before, which are not its doing, and nothing of what a
 * locally constant row is given reaches its result.
 */
const roundedOnes = ({ calculus, program }: Problem, sweep: Sweep): ReadonlyArray<Contribution> => {
  const { cotangents, contributions } = sweep.adjoint
  const given = new Set([...cotangents.values()].map(({ id }) => id))
  return contributions.filter(({ instruction, value }) => {
    const own = cotangents.get(instruction)?.id
    const stack = [value.id]
    const seen = new Set<number>()
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      if (seen.has(id) || id < program.tape.length || id === own || (id !== value.id && given.has(id))) continue
      seen.add(id)
      const made = at(sweep.program, id)
      if (isRounded(made)) return true
      const { derivative } = calculus.table[made.primitive as PrimitiveName] as Primitive
      const passes = derivative !== null || made.primitive === 'call'
      if (passes && !isSplit(sweep.program, made)) stack.push(...made.operands)
    }
    return false
  })
}

/**
 * What rounded constants in rules can do to the derivative along a direction: the flow `sum |contribution t|` through the
 * contributions made with them, times what they are off by.
 */
const literalsOf = (problem: Problem, sweep: Sweep): Examined['literals'] => {
  const { calculus, program, point, cotangent } = problem
  const made = roundedOnes(problem, sweep)
  if (made.length === 0) return () => 0
  const values = evaluated(F64, calculus, sweep.program)([...point, ...cotangent])
  if (E.isLeft(values)) return () => 0
  return (direction) => {
    const tangent = tangentsAlong(problem, direction)
    if (E.isLeft(tangent)) return 0
    let flow = 0
    for (const { instruction, operand, value } of made) {
      const t = tangent.right(at(program, instruction).operands[operand])
      const given = values.right.value(value.id) as Buffer<number>
      for (let j = 0; t !== null && j < given.length; j++) flow += Math.abs(given[j] * t[j])
    }
    return LITERALS * flow
  }
}

/**
 * Sweeps a problem in float64, with error bounds and in double-double.
 *
 * @category constructors
 * @since 0.1.0
 */
export const examine = (problem: Problem): E.Either<Failure, Examined> => {
  const { calculus, program, point, cotangent } = problem
  const sweep = sweepOf(problem)
  if (E.isLeft(sweep)) return sweep
  const bounded = boundedGradient(problem, sweep.right)
  if (E.isLeft(bounded)) return bounded
  const exact = evaluated(DoubleDouble, calculus, sweep.right.program)([...point, ...cotangent])
  if (E.isLeft(exact)) return exact
  const rounding = roundingOf(problem, sweep.right)
  if (E.isLeft(rounding)) return rounding
  const values = evaluated(F64, calculus, program)(point)
  if (E.isLeft(values)) return values
  const high = sweep.right.results.map(({ id }) => Array.from(exact.right.value(id) as ArrayLike<DD>))
  const low = values.right.outputs.map((y) => Array.from(y as ArrayLike<number>))
  const [difference, size] = total(low, high, cotangent)
  const sig = evaluated(DoubleDouble, calculus, program)(point)
  return E.right({
    problem,
    sweep: sweep.right,
    bounded: bounded.right,
    exact: sweep.right.gradient.map(({ id }) => Array.from(exact.right.value(id) as ArrayLike<DD>)),
    rounding: rounding.right,
    literals: literalsOf(problem, sweep.right),
    value: weighed(F64, low, cotangent),
    weight:
      low.flat().length *
      low.reduce((sum, y, i) => sum + y.reduce((s, x, j) => s + Math.abs(x * cotangent[i][j]), 0), 0),
    lostDigitsOfValue: digitsLost(difference, size),
    sameBranches: E.isRight(sig) && sameBranches(values.right.signature(), sig.right.signature()),
  })
}

/**
 * The sweep's derivative along a direction.
 *
 * @category model
 * @since 0.1.0
 */
export interface SweptAlong {
  readonly exact: DD
  /** by how much float64 is off, and the sum of the sizes of all entries, both weighed */
  readonly lost: number
  readonly size: number
  /** a bound on the error of `exact` */
  readonly slack: number
}

/**
 * The derivative that the sweep gives along a direction, in double-double; `precision` is by how much smaller than in float64
 * rounding errors are there.
 *
 * @category destructors
 * @since 0.1.0
 */
export const sweptAlong = (
  { bounded, exact, literals }: Examined,
  direction: ReadonlyArray<Numbers>,
  precision: number,
): SweptAlong => {
  const low = bounded.map((g) => g.map(({ value }) => value))
  const [lost, size] = total(low, exact, direction)
  const count = direction.reduce((n, u) => n + u.length, 0)
  const bound = bounded.reduce(
    (sum, g, i) => sum + g.reduce((s, b, j) => s + b.error * Math.abs(direction[i][j]), 0),
    0,
  )
  return {
    exact: weighed(DoubleDouble, exact, direction),
    lost,
    size,
    slack: SAFETY * precision * bound + (count + 4) * SUMMING * size + literals(direction),
  }
}
