/**
 * What rounding can do to a function and to its gradient: derived, never assumed.
 *
 * The function. One evaluation is off by at most `ε = sum_i |a_i| r_i`, with the cotangent `a_i` of instruction `i` and what that
 * instruction alone may round away (S. Linnainmaa, "Taylor expansion of the accumulated rounding error", BIT 16, 1976).
 *
 * The gradient. Its tape is evaluated over `ErrorBound`, with worst roundings instead of actual ones.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Bounded, ErrorBound } from '../../algebra/ErrorBound.js'
import { type Algebra, type Buffer, F64, UNIT } from '../../algebra/index.js'
import type { Failure } from '../../Failure.js'
import { bufferFor, kernelFor } from '../../primitive/evaluate.js'
import { size } from '../../Shape.js'
import type { Instruction } from '../../Tape.js'
import { at, evaluated, type Problem, type Sweep } from '../problem.js'

const rounded = (value: number, inherited: number): Bounded => ({ value, error: inherited + UNIT * Math.abs(value) })

/** `a * e`, where no error stays none even beside infinity. */
const scaled = (a: number, e: number): number => (e === 0 ? 0 : Math.abs(a) * e)

/**
 * `ErrorBound` with the worst rounding instead of the actual one: what holds at neighbouring points and for other precisions.
 *
 * @category instances
 * @since 0.1.0
 */
export const worstCase: Algebra<Bounded> = {
  ...ErrorBound,
  name: 'float64 with worst-case error bounds',
  add: (x, y) => rounded(x.value + y.value, x.error + y.error),
  sub: (x, y) => rounded(x.value - y.value, x.error + y.error),
  mul: (x, y) => rounded(x.value * y.value, scaled(x.value, y.error) + scaled(y.value, x.error)),
  div: (x, y) => rounded(x.value / y.value, (x.error + scaled(x.value / y.value, y.error)) / Math.abs(y.value)),
  reciprocal: (x) => rounded(1 / x.value, scaled(1 / (x.value * x.value), x.error)),
  sqrt: (x) => rounded(Math.sqrt(x.value), x.error === 0 ? 0 : x.error / (2 * Math.sqrt(x.value))),
}

/**
 * How a function rounds.
 *
 * @category model
 * @since 0.1.0
 */
export interface Rounding {
  /** `ε`: a bound on the rounding error of one float64 evaluation of the function */
  readonly noise: number
  /** the instruction that contributes most to it */
  readonly worst: Instruction | null
  readonly worstShare: number
}

/**
 * The noise of a problem's function, and where most of it comes from.
 *
 * @category oracles
 * @since 0.1.0
 */
export const roundingOf = ({ calculus, point, cotangent }: Problem, sweep: Sweep): E.Either<Failure, Rounding> => {
  const values = evaluated(F64, calculus, sweep.program)([...point, ...cotangent])
  if (E.isLeft(values)) return values
  const { value } = values.right
  let noise = 0
  let worst: Instruction | null = null
  let worstShare = 0
  for (const instruction of sweep.visited) {
    const operands = instruction.operands.map((k) => at(sweep.program, k))
    const given = operands.map((x) => {
      const computed = value(x.id) as Buffer<number>
      return x.dtype === 'real'
        ? Array.from(computed as ArrayLike<number>, (v) => ErrorBound.literal(v))
        : (computed as unknown as Buffer<Bounded>)
    })
    if (operands.length === 0) continue
    const out = bufferFor(worstCase, instruction.dtype, size(instruction.shape))
    kernelFor(worstCase, calculus.table, instruction, operands)(given, out)
    const cotangentHere = value(
      (sweep.adjoint.cotangents.get(instruction.id) as { readonly id: number }).id,
    ) as Buffer<number>
    let share = 0
    for (let j = 0; j < out.length; j++) share += scaled(cotangentHere[j], out[j].error)
    noise += share
    if (share > worstShare) {
      worst = instruction
      worstShare = share
    }
  }
  return E.right({ noise, worst, worstShare })
}

/**
 * The gradient in float64, entry by entry, with worst-case bounds on its error.
 *
 * @category oracles
 * @since 0.1.0
 */
export const boundedGradient = (
  { calculus, point, cotangent }: Problem,
  sweep: Sweep,
): E.Either<Failure, ReadonlyArray<ReadonlyArray<Bounded>>> => {
  const values = evaluated(worstCase, calculus, sweep.program)([...point, ...cotangent])
  return E.isLeft(values)
    ? values
    : E.right(sweep.gradient.map(({ id }) => Array.from(values.right.value(id) as ArrayLike<Bounded>)))
}
