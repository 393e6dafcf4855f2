/**
 * The optimisers that people call by name, each a chain of transformations. They move parameters as PyTorch's of the same
 * names and options do, up to rounding.
 *
 * `rate` is the learning rate, fixed or by schedule. `weightDecay` times the parameters is added to the gradient before
 * anything else; in `adamw` to the direction instead.
 *
 * @since 0.1.0
 */
import {
  type Moments,
  type MomentsOptions,
  momentum as momentumOf,
  type SquareMean,
  type SquareSum,
  scaleByMoments,
  scaleByRms,
  scaleBySum,
  type Velocity,
} from './directions.js'
import { chain, identity, type Nothing, type Optimiser, type Schedule } from './Optimiser.js'
import { decayWeights, descend } from './transformations.js'

/**
 * What every optimiser here takes.
 *
 * @category model
 * @since 0.1.0
 */
export interface CommonOptions {
  readonly rate: number | Schedule
  readonly weightDecay?: number
}

const decayed = (weightDecay: number | undefined): Optimiser<Nothing> =>
  weightDecay === undefined || weightDecay === 0 ? identity : decayWeights(weightDecay)

const called = <S>(name: string, optimiser: Optimiser<S>): Optimiser<S> => ({ ...optimiser, name })

/** Momentum where there is any. */
const moving = (
  decay: number,
  options: { readonly dampening?: number; readonly nesterov?: boolean; readonly flush?: number },
) => (decay === 0 ? identity : momentumOf({ decay, ...options })) as Optimiser<Partial<Velocity>>

/**
 * Gradient descent, stochastic where the gradient is: `p' = p - rate v'` with the velocity of `momentum`, or the gradient
 * itself where `momentum` is 0.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { gen, grad, ints, run, scalar, square, type Var } from 'wengert'
 * import { move, sgd } from 'wengert/optim'
 *
 * type X = Var<readonly []>
 * const descent = sgd({ rate: 0.25 })
 * const step = ({ x, n }: { readonly x: X; readonly n: Var<readonly [], 'int'> }) =>
 *   gen(function* () {
 *     const gradient = yield* grad((at: X) => square(at))(x)
 *     const { update } = yield* descent.update({ gradient, state: [{}, {}, {}], parameters: x, step: n })
 *     return yield* move(x, update)
 *   })
 * const result = run(step)({ x: scalar(8), n: ints(0) })
 * assert(isRight(result) && result.right.data[0] === 4)
 * ```
 *
 * @category optimisers
 * @since 0.1.0
 */
export const sgd = ({
  rate,
  weightDecay,
  momentum = 0,
  ...options
}: CommonOptions & {
  readonly momentum?: number
  readonly dampening?: number
  readonly nesterov?: boolean
  readonly flush?: number
}): Optimiser<readonly [Nothing, Partial<Velocity>, Nothing]> =>
  called('sgd', chain(decayed(weightDecay), moving(momentum, options), descend(rate)))

/**
 * Steps divided by the root of the sum of all squares so far. PyTorch's `lr_decay` is the schedule `inverseTime`.
 *
 * @category optimisers
 * @since 0.1.0
 */
export const adagrad = ({
  rate,
  weightDecay,
  ...options
}: CommonOptions & { readonly initial?: number; readonly eps?: number }): Optimiser<
  readonly [Nothing, SquareSum, Nothing]
> => called('adagrad', chain(decayed(weightDecay), scaleBySum(options), descend(rate)))

/**
 * Steps divided by the root of the average of squares; `decay` is PyTorch's `alpha`. `momentum` is that of the divided
 * gradients.
 *
 * @category optimisers
 * @since 0.1.0
 */
export const rmsprop = ({
  rate,
  weightDecay,
  momentum = 0,
  ...options
}: CommonOptions & {
  readonly decay?: number
  readonly eps?: number
  readonly centred?: boolean
  readonly momentum?: number
  readonly flush?: number
}): Optimiser<readonly [Nothing, SquareMean, Partial<Velocity>, Nothing]> =>
  called(
    'rmsprop',
    chain(
      decayed(weightDecay),
      scaleByRms(options),
      moving(momentum, { ...(options.flush === undefined ? {} : { flush: options.flush }) }),
      descend(rate),
    ),
  )

/**
 * Adam, with coupled weight decay.
 *
 * @category optimisers
 * @since 0.1.0
 */
export const adam = ({
  rate,
  weightDecay,
  ...options
}: CommonOptions & MomentsOptions): Optimiser<readonly [Nothing, Moments, Nothing]> =>
  called('adam', chain(decayed(weightDecay), scaleByMoments(options), descend(rate)))

/**
 * Adam with decoupled weight decay, `p' = p - rate (direction + weightDecay p)`; 0.01 unless given, as in PyTorch.
 *
 * @category optimisers
 * @since 0.1.0
 */
export const adamw = ({
  rate,
  weightDecay = 0.01,
  ...options
}: CommonOptions & MomentsOptions): Optimiser<readonly [Moments, Nothing, Nothing]> =>
  called('adamw', chain(scaleByMoments(options), decayed(weightDecay), descend(rate)))
