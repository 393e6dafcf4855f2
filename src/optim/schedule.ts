/**
 * Schedules: the learning rate as a function of the step's number, recorded on the tape; so a scheduled step is still one
 * program, and resuming at step `n` needs nothing but `n`.
 *
 * Steps count from 0. Schedules with an end keep their last value after it. Over float32 the number of a step is exact up
 * to 2^24. Options outside their ranges are refused with `InvalidArgument` when the schedule is recorded.
 *
 * @since 0.1.0
 */
import { failure } from '../Failure.js'
import { add, div, maximum, minimum, mul, pow, sub } from '../ops/arithmetic.js'
import { lt, where } from '../ops/comparison.js'
import { full } from '../ops/creation.js'
import { cos, floor } from '../ops/elementary.js'
import { flatMap, type Operand, type Reverse, throwError } from '../Reverse.js'
import type { Var } from '../Var.js'
import { type Range, ranges, type Schedule } from './Optimiser.js'

const checked = (
  name: string,
  options: ReadonlyArray<readonly [name: string, value: number, range: Range]>,
  schedule: Schedule,
): Schedule => {
  const wrong = options.find(([_, value, [__, holds]]) => !holds(value))
  return wrong === undefined
    ? schedule
    : () =>
        throwError(
          failure('InvalidArgument', `${name}: ${wrong[0]} must be ${wrong[2][0]}, not ${wrong[1]}`, {
            operation: name,
          }),
        )
}

/**
 * The same at every step.
 *
 * @category schedules
 * @since 0.1.0
 */
export const constant = (value: number): Schedule =>
  checked('constant', [['value', value, ranges.finite]], () => full([], value))

/**
 * `initial factor^floor(step / every)` (PyTorch's `StepLR`).
 *
 * @category schedules
 * @since 0.1.0
 */
export const stepwise = ({
  initial,
  every,
  factor,
}: {
  readonly initial: number
  readonly every: number
  readonly factor: number
}): Schedule =>
  checked(
    'stepwise',
    [
      ['initial', initial, ranges.finite],
      ['every', every, ranges.positive],
      ['factor', factor, ranges.positive],
    ],
    (step) => mul(pow(factor, floor(div(step, every))), initial),
  )

/**
 * `initial factor^step` (PyTorch's `ExponentialLR`).
 *
 * @category schedules
 * @since 0.1.0
 */
export const exponential = ({ initial, factor }: { readonly initial: number; readonly factor: number }): Schedule =>
  checked(
    'exponential',
    [
      ['initial', initial, ranges.finite],
      ['factor', factor, ranges.positive],
    ],
    (step) => mul(pow(factor, step), initial),
  )

/**
 * `initial / (1 + decay step)` (the `lr_decay` of PyTorch's `Adagrad`).
 *
 * @category schedules
 * @since 0.1.0
 */
export const inverseTime = ({ initial, decay }: { readonly initial: number; readonly decay: number }): Schedule =>
  checked(
    'inverseTime',
    [
      ['initial', initial, ranges.finite],
      ['decay', decay, ranges.nonNegative],
    ],
    (step) => div(initial, add(mul(step, decay), 1)),
  )

/** From one value to another along half a period of the cosine, for a fraction from 0 to 1 and beyond. */
const annealed = (from: number, to: number, fraction: Operand<readonly []>): Reverse<Var<readonly []>> =>
  add(mul(add(cos(mul(minimum(fraction, 1), Math.PI)), 1), (from - to) / 2), to)

/**
 * From `initial` to `final` in so many steps, along half a period of the cosine (I. Loshchilov, F. Hutter, "SGDR:
 * stochastic gradient descent with warm restarts", ICLR 2017, without the restarts).
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { run, scalar, type Var } from 'wengert'
 * import { cosine, warmUp } from 'wengert/optim'
 *
 * const schedule = warmUp(3, cosine({ initial: 0.4, steps: 100 }))
 * const at = (step: number) => {
 *   const rate = run((t: Var<readonly []>) => schedule(t))(scalar(step))
 *   assert(rate._tag === 'Right')
 *   return rate.right.data[0]
 * }
 * assert.deepStrictEqual([0, 1, 2, 3].map(at), [0.1, 0.2, 0.30000000000000004, 0.4])
 * assert(Math.abs(at(53) - 0.2) < 1e-15 && at(1000) < 1e-15)
 * ```
 *
 * @category schedules
 * @since 0.1.0
 */
export const cosine = ({
  initial,
  steps,
  final = 0,
}: {
  readonly initial: number
  readonly steps: number
  readonly final?: number
}): Schedule =>
  checked(
    'cosine',
    [
      ['initial', initial, ranges.finite],
      ['steps', steps, ranges.positive],
      ['final', final, ranges.finite],
    ],
    (step) => annealed(initial, final, div(step, steps)),
  )

/**
 * Before a schedule so many steps that rise evenly to its first value, from `1 / (steps + 1)` of it; then the schedule from
 * its beginning.
 *
 * @category schedules
 * @since 0.1.0
 */
export const warmUp = (steps: number, schedule: Schedule): Schedule =>
  checked('warmUp', [['steps', steps, ranges.nonNegative]], (step) =>
    flatMap(maximum(sub(step, steps), 0), (later) =>
      mul(schedule(later), minimum(mul(add(step, 1), 1 / (steps + 1)), 1)),
    ),
  )

/**
 * Up from `peak / 25` for the first 30 % of the steps, then down to `peak / 250 000`, both along half a period of the
 * cosine (L. N. Smith, N. Topin, "Super-convergence", 2018; the details are those of PyTorch's `OneCycleLR` with its
 * defaults: the peak is reached at step `rise steps - 1`, the end at `steps - 1`).
 *
 * @category schedules
 * @since 0.1.0
 */
export const oneCycle = ({
  peak,
  steps,
  rise = 0.3,
  divide = 25,
  divideLast = 1e4,
}: {
  readonly peak: number
  readonly steps: number
  /** the part of the steps that rises */
  readonly rise?: number
  /** the peak is so many times the first value */
  readonly divide?: number
  /** the first value is so many times the last */
  readonly divideLast?: number
}): Schedule => {
  const top = rise * steps - 1
  return checked(
    'oneCycle',
    [
      ['peak', peak, ranges.finite],
      ['rise', rise, ranges.share],
      ['rise * steps', rise * steps, ['finite and greater than 1', (x) => x > 1 && Number.isFinite(x)]],
      ['divide', divide, ranges.positive],
      ['divideLast', divideLast, ranges.positive],
    ],
    (step) =>
      where(
        lt(step, top),
        annealed(peak / divide, peak, div(step, top)),
        annealed(peak, peak / divide / divideLast, div(sub(step, top), steps - 1 - top)),
      ),
  )
}
