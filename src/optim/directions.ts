/**
 * Transformations that remember: momentum and the adaptive scalings of Adagrad, RMSprop and Adam. Each makes a direction
 * to climb; chained with `descend` it is an optimiser (see `optimisers.ts`). Constants stand where PyTorch has them:
 * epsilon is added after the root, momentum starts from the first gradient, undamped.
 *
 * Averages of gradients that have become 0 decay through denormal numbers, for thousands of steps on which many machines
 * are a hundred times slower. What is smaller in magnitude than `flush` is therefore set to 0: 1.2e-38 unless given, below
 * which numbers of float32 are denormal. `flush: 0` keeps everything.
 *
 * @since 0.1.0
 */
import { add, div, maximum, mul, sub } from '../ops/arithmetic.js'
import { eq, lt, where } from '../ops/comparison.js'
import { abs, convert, expm1, neg, reciprocal, rsqrt, sqrt, square } from '../ops/elementary.js'
import { flatMap, gen, of, type Reverse } from '../Reverse.js'
import type { Shape } from '../Shape.js'
import { type AnyTensor, fullLike } from '../Tensor.js'
import * as Tree from '../Tree.js'
import type { Var } from '../Var.js'
import { type Like, leafwise, type Optimiser, optimiser, type Range, ranges } from './Optimiser.js'

type Leafs = Reverse<Var<Shape>>

/** The parameters' structure over one number. */
const everywhere = (parameters: Tree.TensorTree, value = 0): Tree.TensorTree =>
  Tree.map((t: AnyTensor) => fullLike(t, value))(parameters) as Tree.TensorTree

/** The smallest normal number of float32. */
const NORMAL = 2 ** -126

const flushed = (threshold: number, x: Leafs): Leafs => (threshold === 0 ? x : where(lt(abs(x), threshold), 0, x))

/** `decay x + (1 - decay) y`, flushed. */
const average =
  (decay: number, flush: number) =>
  (x: Var<Shape>, y: Var<Shape> | Leafs): Leafs =>
    flushed(flush, add(mul(x, decay), mul(y, 1 - decay)))

/**
 * What momentum keeps.
 *
 * @category model
 * @since 0.1.0
 */
export type Velocity = { readonly velocity: Like }

/**
 * `v' = decay v + (1 - dampening) g`, undamped at the first step; the direction is `v'`, or `g + decay v'` when `nesterov`
 * (B. T. Polyak, 1964; Y. Nesterov, 1983, in the form of I. Sutskever et al., ICML 2013, as PyTorch's `SGD` has it).
 *
 * @category directions
 * @since 0.1.0
 */
export const momentum = ({
  decay,
  dampening = 0,
  nesterov = false,
  flush = NORMAL,
}: {
  readonly decay: number
  readonly dampening?: number
  readonly nesterov?: boolean
  readonly flush?: number
}): Optimiser<Velocity> =>
  optimiser<Velocity>({
    name: nesterov ? 'nesterov' : 'momentum',
    options: [
      ['decay', decay, ranges.share],
      ['dampening', dampening, ranges.finite],
      ['flush', flush, ranges.nonNegative],
    ],
    init: (parameters) => ({ velocity: everywhere(parameters) }),
    update: ({ gradient, state, step }) =>
      gen(function* () {
        const fresh = yield* dampening === 0
          ? of(gradient)
          : flatMap(where(eq(step, 0), 1, 1 - dampening), (weight) => leafwise((g) => mul(g, weight))(gradient))
        const faster = leafwise((v, g) => flushed(flush, add(mul(v, decay), g)))
        const velocity = yield* faster(state.velocity, fresh)
        const update = nesterov ? yield* leafwise((g, v) => add(g, mul(v, decay)))(gradient, velocity) : velocity
        return { update, state: { velocity } }
      }),
  })

/**
 * What Adagrad keeps.
 *
 * @category model
 * @since 0.1.0
 */
export type SquareSum = { readonly sum: Like }

/**
 * `s' = s + g^2`; the direction is `g / (sqrt(s') + eps)` (J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient methods for
 * online learning and stochastic optimization", JMLR 12, 2011).
 *
 * @category directions
 * @since 0.1.0
 */
export const scaleBySum = ({
  initial = 0,
  eps = 1e-10,
}: {
  /** the first value of the sums */
  readonly initial?: number
  readonly eps?: number
} = {}): Optimiser<SquareSum> =>
  optimiser<SquareSum>({
    name: 'scaleBySum',
    options: [
      ['initial', initial, ranges.nonNegative],
      ['eps', eps, ranges.nonNegative],
    ],
    init: (parameters) => ({ sum: everywhere(parameters, initial) }),
    update: ({ gradient, state }) =>
      gen(function* () {
        const sum = yield* leafwise((s, g) => add(s, square(g)))(state.sum, gradient)
        const update = yield* leafwise((g, s) => div(g, add(sqrt(s), eps)))(gradient, sum)
        return { update, state: { sum } }
      }),
  })

/**
 * What RMSprop keeps.
 *
 * @category model
 * @since 0.1.0
 */
export type SquareMean = { readonly square: Like; readonly mean?: Like }

/**
 * `s' = decay s + (1 - decay) g^2`; the direction is `g / (sqrt(s') + eps)` (T. Tieleman, G. Hinton, lecture 6.5 of "Neural
 * networks for machine learning", 2012). `centred` subtracts the square of the mean of the gradients from `s'` (A. Graves,
 * "Generating sequences with recurrent neural networks", 2013), which rounding may not take below 0.
 *
 * @category directions
 * @since 0.1.0
 */
export const scaleByRms = ({
  decay = 0.99,
  eps = 1e-8,
  centred = false,
  flush = NORMAL,
}: {
  readonly decay?: number
  readonly eps?: number
  readonly centred?: boolean
  readonly flush?: number
} = {}): Optimiser<SquareMean> =>
  optimiser<SquareMean>({
    name: centred ? 'scaleByRms, centred' : 'scaleByRms',
    options: [
      ['decay', decay, ranges.share],
      ['eps', eps, ranges.nonNegative],
      ['flush', flush, ranges.nonNegative],
    ],
    init: (parameters) =>
      centred ? { square: everywhere(parameters), mean: everywhere(parameters) } : { square: everywhere(parameters) },
    update: ({ gradient, state }) =>
      gen(function* () {
        const next = average(decay, flush)
        const squares = yield* leafwise((s, g) => next(s, square(g)))(state.square, gradient)
        if (state.mean === undefined) {
          const update = yield* leafwise((g, s) => div(g, add(sqrt(s), eps)))(gradient, squares)
          return { update, state: { square: squares } }
        }
        const mean = yield* leafwise((m, g) => next(m, g))(state.mean, gradient)
        const spread = (s: Var<Shape>, m: Var<Shape>): Leafs => sqrt(maximum(sub(s, square(m)), 0))
        const update = yield* leafwise((g, s, m) => div(g, add(spread(s, m), eps)))(gradient, squares, mean)
        return { update, state: { square: squares, mean } }
      }),
  })

/**
 * What Adam keeps: averages of the gradients and of their squares, and with `amsgrad` the greatest of the latter.
 *
 * @category model
 * @since 0.1.0
 */
export type Moments = { readonly mean: Like; readonly square: Like; readonly peak?: Like }

/**
 * The options of Adam's direction.
 *
 * @category model
 * @since 0.1.0
 */
export interface MomentsOptions {
  readonly beta1?: number
  readonly beta2?: number
  readonly eps?: number
  /** divide by the greatest average so far (S. J. Reddi, S. Kale, S. Kumar, ICLR 2018) */
  readonly amsgrad?: boolean
  readonly flush?: number
}

/** `1 - beta^t` without cancellation: over float32 `1 - 0.999` alone loses four digits. */
const correction = (beta: number, t: Var<readonly []>): Reverse<Var<readonly []>> => neg(expm1(mul(t, Math.log(beta))))

/**
 * `m' = beta1 m + (1 - beta1) g`, `s' = beta2 s + (1 - beta2) g^2`; at step `t = 1, 2, ...` the direction is
 * `m' / (1 - beta1^t) / (sqrt(s') / sqrt(1 - beta2^t) + eps)` (D. P. Kingma, J. Ba, "Adam: a method for stochastic
 * optimization", ICLR 2015, with epsilon where PyTorch has it).
 *
 * @category directions
 * @since 0.1.0
 */
export const scaleByMoments = ({
  beta1 = 0.9,
  beta2 = 0.999,
  eps = 1e-8,
  amsgrad = false,
  flush = NORMAL,
}: MomentsOptions = {}): Optimiser<Moments> => {
  const share: Range = ranges.share
  return optimiser<Moments>({
    name: amsgrad ? 'scaleByMoments, amsgrad' : 'scaleByMoments',
    options: [
      ['beta1', beta1, share],
      ['beta2', beta2, share],
      ['eps', eps, ranges.nonNegative],
      ['flush', flush, ranges.nonNegative],
    ],
    init: (parameters) => {
      const zeros = everywhere(parameters)
      return amsgrad ? { mean: zeros, square: zeros, peak: zeros } : { mean: zeros, square: zeros }
    },
    update: ({ gradient, state, step }) =>
      gen(function* () {
        const t = yield* add(convert(step, 'real'), 1)
        const mean = yield* leafwise((m, g) => average(beta1, flush)(m, g))(state.mean, gradient)
        const squares = yield* leafwise((s, g) => average(beta2, flush)(s, square(g)))(state.square, gradient)
        const peak =
          state.peak === undefined ? undefined : yield* leafwise((p, s) => maximum(p, s))(state.peak, squares)
        // reciprocals of numbers, so that an element costs one division
        const unbias = yield* reciprocal(correction(beta1, t))
        const unroot = yield* rsqrt(correction(beta2, t))
        const direction = leafwise((m, s) => div(mul(m, unbias), add(mul(sqrt(s), unroot), eps)))
        const update = yield* direction(mean, peak ?? squares)
        return { update, state: { mean, square: squares, ...(peak === undefined ? {} : { peak }) } }
      }),
  })
}
