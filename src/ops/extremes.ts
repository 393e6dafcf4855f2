/**
 * The largest and the smallest element, where they are, and the smooth maximum. Options are those of reductions.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { show } from '../Shape.js'
import { noAttributes } from '../Tape.js'
import {
  type Lanes,
  NUMBERS,
  type Place,
  REALS,
  type RealReduction,
  type ReduceOptions,
  type Reduction,
  reduction,
} from './lanes.js'
import { type Recorded, refuse } from './record.js'

/**
 * The largest or smallest of every lane, of which there must be one.
 *
 * @category constructors
 * @since 0.1.0
 */
export const extreme = (
  operation: string,
  name: 'reduceMax' | 'reduceMin',
  what: string,
  { v, x, axes, count }: Lanes,
): Recorded => {
  if (axes.length === 0) return E.right(x)
  return count === 0
    ? refuse(
        operation,
        'InvalidArgument',
        `there is no ${what} of nothing: ${show(x.shape)} is empty along axes ${show(axes)}`,
        [x],
      )
    : E.right(v.emit(name, [x], { axes }))
}

/**
 * The largest element; NaN where there is one. Equal ones share the derivative equally. Fails with `InvalidArgument` where
 * there is no element. `maximum` compares two operands.
 *
 * @category extremes
 * @since 0.1.0
 */
export const max: Reduction = reduction('max', NUMBERS, (lanes) => extreme('max', 'reduceMax', 'maximum', lanes))

/**
 * The smallest element; NaN where there is one. Equal ones share the derivative equally. Fails with `InvalidArgument`
 * where there is no element. `minimum` compares two operands.
 *
 * @category extremes
 * @since 0.1.0
 */
export const min: Reduction = reduction('min', NUMBERS, (lanes) => extreme('min', 'reduceMin', 'minimum', lanes))

const place = (operation: string, name: 'argMax' | 'argMin', what: string): Place =>
  reduction(operation, NUMBERS, ({ v, x, axes, count }, { axis }: ReduceOptions) => {
    if (axis !== undefined && typeof axis !== 'number')
      return refuse(operation, 'InvalidAxis', `takes one axis or none, not ${show(axis)}`, [x])
    if (count === 0)
      return refuse(
        operation,
        'InvalidArgument',
        `there is no ${what} of nothing: ${show(x.shape)} is empty along axes ${show(axes)}`,
        [x],
      )
    return E.right(
      axis === undefined
        ? v.emit(name, [x.shape.length === 1 ? x : v.reshape(x, [count])], { axis: 0 })
        : v.emit(name, [x], { axis: axes[0] }),
    )
  })

/**
 * Where the largest element is: along an axis its position there, otherwise its position in row-major order. The first of
 * equal ones, and the first NaN where there is one.
 *
 * @category extremes
 * @since 0.1.0
 */
export const argmax: Place = place('argmax', 'argMax', 'maximum')

/**
 * Where the smallest element is: along an axis its position there, otherwise its position in row-major order. The first of
 * equal ones, and the first NaN where there is one.
 *
 * @category extremes
 * @since 0.1.0
 */
export const argmin: Place = place('argmin', 'argMin', 'minimum')

/**
 * `log sum e^x`, shifted by the maximum, so that it neither overflows nor loses what is small. Of nothing, and where all
 * are `-Infinity`, it is `-Infinity` with derivative 0; otherwise the derivative is the softmax. With `+Infinity` among
 * them it is `+Infinity`, and the derivative is NaN there.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { logSumExp, run, tensor, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly [2]>) => logSumExp(x)
 * assert.deepStrictEqual(run(f)(tensor([1000, -1000])), run(f)(tensor([1000, -Infinity])))
 * ```
 *
 * @category extremes
 * @since 0.1.0
 */
export const logSumExp: RealReduction = reduction('logSumExp', REALS, ({ v, x, axes, count, over }) => {
  if (count === 0) {
    const nothing = v.sum(x, axes)
    return E.right(v.like(nothing, -Infinity))
  }
  const top = v.emit('stopGradient', [axes.length === 0 ? x : v.emit('reduceMax', [x], { axes })], noAttributes)
  const zero = v.like(top, 0)
  // an infinite maximum cannot be taken away
  const shift = v.select(v.lt(v.abs(top), v.like(top, Infinity)), top, zero)
  const total = v.sum(v.exp(v.sub(x, over(shift))), axes)
  // the total is at least 1, except that it is 0 when all are -Infinity
  const none = v.eq(total, zero)
  const shifted = v.add(v.log(v.select(none, v.like(total, 1), total)), shift)
  return E.right(v.select(none, v.like(total, -Infinity), shifted))
})
