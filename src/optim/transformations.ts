/**
 * Small transformations of gradients, to chain before and after the ones that choose a direction.
 *
 * @since 0.1.0
 */
import { add, div, minimum, mul } from '../ops/arithmetic.js'
import { full } from '../ops/creation.js'
import { clip, convert, sqrt, square } from '../ops/elementary.js'
import { sum } from '../ops/reduction.js'
import { flatMap, type Reverse } from '../Reverse.js'
import type { Shape } from '../Shape.js'
import * as Tree from '../Tree.js'
import type { AnyVar, Var } from '../Var.js'
import { leafwise, type Nothing, type Optimiser, ranges, type Schedule, stateless } from './Optimiser.js'
import { constant } from './schedule.js'

/**
 * Times a number. `scale(0)` freezes, `scale(-1)` climbs where a chain descends.
 *
 * @category transformations
 * @since 0.1.0
 */
export const scale = (factor: number): Optimiser<Nothing> =>
  stateless({
    name: 'scale',
    options: [['factor', factor, ranges.finite]],
    update: ({ gradient }) => leafwise((g) => mul(g, factor))(gradient),
  })

/**
 * Times minus the learning rate: the last member of a chain, after which the update goes down.
 *
 * @category transformations
 * @since 0.1.0
 */
export const descend = (rate: number | Schedule): Optimiser<Nothing> => {
  const schedule = typeof rate === 'number' ? constant(rate) : rate
  return stateless({
    name: 'descend',
    options: typeof rate === 'number' ? [['rate', rate, ranges.nonNegative]] : [],
    rate: schedule,
    update: ({ gradient, step }) =>
      flatMap(convert(step, 'real'), (t) =>
        flatMap(mul(schedule(t), -1), (down) => leafwise((g) => mul(g, down))(gradient)),
      ),
  })
}

/**
 * Adds `factor` times the parameters. Before a direction is chosen this is the gradient of the penalty `factor / 2 |p|^2`
 * (coupled, as in PyTorch's `Adam` and `SGD`); after it, it is weight decay proper (decoupled, as in `AdamW`: I. Loshchilov,
 * F. Hutter, "Decoupled weight decay regularization", ICLR 2019).
 *
 * @category transformations
 * @since 0.1.0
 */
export const decayWeights = (factor: number): Optimiser<Nothing> =>
  stateless({
    name: 'decayWeights',
    options: [['factor', factor, ranges.nonNegative]],
    update: ({ gradient, parameters }) => leafwise((g, p) => add(g, mul(p, factor)))(gradient, parameters),
  })

/**
 * Each number moved into `[-limit, limit]` (PyTorch's `clip_grad_value_`).
 *
 * @category transformations
 * @since 0.1.0
 */
export const clipByValue = (limit: number): Optimiser<Nothing> =>
  stateless({
    name: 'clipByValue',
    options: [['limit', limit, ranges.nonNegative]],
    update: ({ gradient }) => leafwise((g) => clip(g, -limit, limit))(gradient),
  })

/**
 * The Euclidean norm of all numbers of a tree together.
 *
 * @category destructors
 * @since 0.1.0
 */
export const globalNorm = (tree: Tree.VarTree): Reverse<Var<readonly []>> =>
  sqrt(
    Tree.leaves<AnyVar>(tree).reduce<Reverse<Var<readonly []>>>(
      (total, leaf) => add(total, sum(square(leaf as Var<Shape>))),
      full([], 0),
    ),
  )

/**
 * All numbers scaled together where their norm exceeds `limit`, by `limit / (norm + 1e-6)` (PyTorch's
 * `clip_grad_norm_`), so that the direction stays.
 *
 * @category transformations
 * @since 0.1.0
 */
export const clipByNorm = (limit: number): Optimiser<Nothing> =>
  stateless({
    name: 'clipByNorm',
    options: [['limit', limit, ranges.nonNegative]],
    update: ({ gradient }) =>
      flatMap(minimum(div(limit, add(globalNorm(gradient), 1e-6)), 1), (factor) =>
        leafwise((g) => mul(g, factor))(gradient),
      ),
  })
