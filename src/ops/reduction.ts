/**
 * Reductions: one number out of many, along some axes or all of them.
 *
 * `axis` is one axis, several, or absent for all; negative ones count from the end. The axes are dropped, or kept with
 * length 1 when `keepDims` is true. An axis that is not there, or named twice, fails with `InvalidAxis`.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'
import type { Vocabulary } from '../primitive/Primitive.js'
import type { AnyOperand, Operand, Reverse } from '../Reverse.js'
import { axes as axesOf, type DType, type Shape, show, size } from '../Shape.js'
import type { Axes, HasAxes, Reduce } from '../ShapeTypes.js'
import type { AnyVar, Var } from '../Var.js'
import { body, type Recorded, refuse } from './record.js'

/**
 * What every reduction may be told.
 *
 * @category types
 * @since 0.1.0
 */
export interface ReduceOptions<A extends Axes = Axes, K extends boolean = boolean> {
  /** the axes to reduce; all of them when absent */
  readonly axis?: A | undefined
  /** whether the axes stay, with length 1 */
  readonly keepDims?: K | undefined
}

/**
 * A reduction of reals.
 *
 * @category types
 * @since 0.1.0
 */
export type RealReduction = <S extends Shape, const A extends Axes = undefined, const K extends boolean = false>(
  x: Operand<S>,
  options?: ReduceOptions<A, K> & HasAxes<S, A>,
) => Reverse<Var<Reduce<S, A, K>>>

/**
 * A reduction of reals or integers.
 *
 * @category types
 * @since 0.1.0
 */
export type Reduction = <
  S extends Shape,
  const A extends Axes = undefined,
  const K extends boolean = false,
  D extends 'real' | 'int' = 'real',
>(
  x: Operand<S, D>,
  options?: ReduceOptions<A, K> & HasAxes<S, A>,
) => Reverse<Var<Reduce<S, A, K>, D>>

/**
 * A reduction of booleans.
 *
 * @category types
 * @since 0.1.0
 */
export type LogicalReduction = <S extends Shape, const A extends Axes = undefined, const K extends boolean = false>(
  x: Operand<S, 'bool'>,
  options?: ReduceOptions<A, K> & HasAxes<S, A>,
) => Reverse<Var<Reduce<S, A, K>, 'bool'>>

/**
 * The place of a largest or smallest element, along one axis or in the whole.
 *
 * @category types
 * @since 0.1.0
 */
export type Place = <S extends Shape, const A extends number | undefined = undefined, const K extends boolean = false>(
  x: Operand<S, 'real' | 'int'>,
  options?: ReduceOptions<A, K> & HasAxes<S, A>,
) => Reverse<Var<Reduce<S, A, K>, 'int'>>

const NUMBERS: ReadonlyArray<DType> = ['real', 'int']
const REALS: ReadonlyArray<DType> = ['real']

interface Lanes {
  readonly v: Vocabulary
  readonly x: AnyVar
  /** the axes, ascending */
  readonly axes: ReadonlyArray<number>
  /** the number of elements that are reduced to one */
  readonly count: number
  /** repeats one number of each lane over its elements */
  readonly over: (lane: AnyVar) => AnyVar
}

/** A reduction from one that drops its axes. */
const reduction = <O extends ReduceOptions>(
  operation: string,
  dtypes: ReadonlyArray<DType>,
  write: (lanes: Lanes, options: O) => Recorded,
) =>
  ((operand: AnyOperand, options: O = {} as O) =>
    body([operand], (v, [x]) => {
      if (!dtypes.includes(x.dtype))
        return refuse(
          operation,
          'TypeMismatch',
          `takes ${dtypes.join(' or ')} operands, not ${x.dtype} ${show(x.shape)}`,
          [x],
        )
      const found = axesOf(options.axis, x.shape.length, operation)
      if (E.isLeft(found)) return found
      const axes = found.right
      const kept = x.shape.map((_, d) => d).filter((d) => !axes.includes(d))
      const lanes: Lanes = {
        v,
        x,
        axes,
        count: size(axes.map((d) => x.shape[d])),
        over: (lane) => v.broadcast(lane, x.shape, kept),
      }
      const y = write(lanes, options)
      return E.isLeft(y) || options.keepDims !== true || axes.length === 0
        ? y
        : E.right(
            v.reshape(
              y.right,
              x.shape.map((n, d) => (axes.includes(d) ? 1 : n)),
            ),
          )
    })) as never

// -------------------------------------------------------------------------------------------------------- sums

/**
 * The sum; 0 of nothing.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { run, sum, tensor, type Var } from 'wengert'
 *
 * const rows = (x: Var<readonly [2, 3]>) => sum(x, { axis: -1 })
 * assert.deepStrictEqual(run(rows)(tensor([[1, 2, 3], [4, 5, 6]])), { _tag: 'Right', right: tensor([6, 15]) })
 * ```
 *
 * @category sums
 * @since 0.1.0
 */
export const sum: Reduction = reduction('sum', NUMBERS, ({ v, x, axes }) => E.right(v.sum(x, axes)))

const averaged = ({ v, x, axes, count }: Lanes): AnyVar => {
  const total = v.sum(x, axes)
  return v.div(total, v.like(total, count))
}

/**
 * The mean; NaN of nothing.
 *
 * @category sums
 * @since 0.1.0
 */
export const mean: RealReduction = reduction('mean', REALS, (lanes) => E.right(averaged(lanes)))

/**
 * What `variance` and `std` may be told besides.
 *
 * @category types
 * @since 0.1.0
 */
export interface VarianceOptions<A extends Axes = Axes, K extends boolean = boolean> extends ReduceOptions<A, K> {
  /** degrees of freedom taken from the divisor: 0 for the variance of the numbers, 1 for an unbiased estimate */
  readonly ddof?: number | undefined
}

/**
 * A reduction of reals that has degrees of freedom.
 *
 * @category types
 * @since 0.1.0
 */
export type VarianceReduction = <S extends Shape, const A extends Axes = undefined, const K extends boolean = false>(
  x: Operand<S>,
  options?: VarianceOptions<A, K> & HasAxes<S, A>,
) => Reverse<Var<Reduce<S, A, K>>>

const varied = (operation: string, lanes: Lanes, { ddof = 0 }: VarianceOptions): E.Either<Failure, AnyVar> => {
  const { v, x, axes, count, over } = lanes
  if (!(ddof >= 0 && ddof < Infinity))
    return refuse(operation, 'InvalidArgument', `ddof must be a finite number >= 0, not ${ddof}`, [x])
  const off = v.sub(x, over(averaged(lanes)))
  const squares = v.sum(v.mul(off, off), axes)
  return E.right(v.div(squares, v.like(squares, Math.max(0, count - ddof))))
}

/**
 * The mean square distance from the mean, `sum (x - mean)^2 / (n - ddof)`; the divisor is at least 0, and so the variance
 * of too few numbers is NaN or infinite.
 *
 * @category sums
 * @since 0.1.0
 */
export const variance: VarianceReduction = reduction('variance', REALS, (lanes, options: VarianceOptions) =>
  varied('variance', lanes, options),
)

/** The square root with derivative 0 at 0: the operand is kept away from there, and so is its infinite slope. */
const rooted = (v: Vocabulary, x: AnyVar): AnyVar => {
  const zero = v.like(x, 0)
  const isZero = v.eq(x, zero)
  return v.select(isZero, zero, v.sqrt(v.select(isZero, v.like(x, 1), x)))
}

/**
 * The square root of the variance. Where all numbers are equal there is no derivative; it is taken to be 0.
 *
 * @category sums
 * @since 0.1.0
 */
export const std: VarianceReduction = reduction('std', REALS, (lanes, options: VarianceOptions) =>
  E.map((square: AnyVar) => rooted(lanes.v, square))(varied('std', lanes, options)),
)

/**
 * What `norm` may be told besides.
 *
 * @category types
 * @since 0.1.0
 */
export interface NormOptions<A extends Axes = Axes, K extends boolean = boolean> extends ReduceOptions<A, K> {
  /** 2 (the default) for the Euclidean length, 1 for the sum and `Infinity` for the largest of the absolute values */
  readonly order?: 1 | 2 | number | undefined
}

/**
 * The length of a vector, or of all numbers together: `(sum |x|^order)^(1/order)`. At the zero vector, where a length has
 * no derivative, it is taken to be 0. The squares must be finite: in float64, elements below 1e154.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { grad, norm, run, tensor, type Var } from 'wengert'
 *
 * const direction = grad((x: Var<readonly [2]>) => norm(x))
 * assert.deepStrictEqual(run(direction)(tensor([3, 4])), { _tag: 'Right', right: tensor([0.6, 0.8]) })
 * assert.deepStrictEqual(run(direction)(tensor([0, 0])), { _tag: 'Right', right: tensor([0, 0]) })
 * ```
 *
 * @category sums
 * @since 0.1.0
 */
export const norm: <S extends Shape, const A extends Axes = undefined, const K extends boolean = false>(
  x: Operand<S>,
  options?: NormOptions<A, K> & HasAxes<S, A>,
) => Reverse<Var<Reduce<S, A, K>>> = reduction('norm', REALS, (lanes, { order = 2 }: NormOptions) => {
  const { v, x, axes } = lanes
  if (order === 2) return E.right(rooted(v, v.sum(v.mul(x, x), axes)))
  if (order === 1) return E.right(v.sum(v.abs(x), axes))
  return order === Infinity
    ? extreme('norm', 'reduceMax', 'maximum', { ...lanes, x: v.abs(x) })
    : refuse('norm', 'InvalidArgument', `the order must be 1, 2 or Infinity, not ${order}`, [x])
})

/**
 * The product; 1 of nothing. It is a balanced tree of products, so zeros among the factors have their right derivatives,
 * which a quotient of the product would not give.
 *
 * @category products
 * @since 0.1.0
 */
export const prod: Reduction = reduction('prod', NUMBERS, ({ v, x, axes, count }) => {
  const kept = x.shape.map((_, d) => d).filter((d) => !axes.includes(d))
  const lead = kept.map((d) => x.shape[d])
  const whole = (values: ReadonlyArray<number>, last: number) => [...values, last]
  const zeros = lead.map(() => 0)
  let length = 2 ** Math.ceil(Math.log2(Math.max(1, count)))
  // factors of 1 make the tree complete
  let y = v.emit('pad', [v.reshape(v.permute(x, [...kept, ...axes]), whole(lead, count))], {
    low: whole(zeros, 0),
    high: whole(zeros, length - count),
    interior: whole(zeros, 0),
    value: 1,
  })
  while (length > 1) {
    const half = length / 2
    const part = (from: number): AnyVar =>
      v.emit('slice', [y], {
        start: whole(zeros, from),
        stop: whole(lead, from + half),
        stride: whole(
          lead.map(() => 1),
          1,
        ),
      })
    y = v.mul(part(0), part(half))
    length = half
  }
  return E.right(v.reshape(y, lead))
})

// ---------------------------------------------------------------------------------------------------- extremes

const extreme = (
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
  const top = v.emit('stopGradient', [axes.length === 0 ? x : v.emit('reduceMax', [x], { axes })], {})
  const zero = v.like(top, 0)
  // an infinite maximum cannot be taken away
  const shift = v.select(v.lt(v.abs(top), v.like(top, Infinity)), top, zero)
  const total = v.sum(v.exp(v.sub(x, over(shift))), axes)
  // the total is at least 1, except that it is 0 when all are -Infinity
  const none = v.eq(total, zero)
  const shifted = v.add(v.log(v.select(none, v.like(total, 1), total)), shift)
  return E.right(v.select(none, v.like(total, -Infinity), shifted))
})

// ------------------------------------------------------------------------------------------------ truth values

/**
 * Whether all are true; true of nothing.
 *
 * @category truth
 * @since 0.1.0
 */
export const all: LogicalReduction = reduction('all', ['bool'], ({ v, x, axes }) => {
  const wrong = v.sum(v.convert(v.emit('not', [x], {}), 'int'), axes)
  return E.right(v.eq(wrong, v.like(wrong, 0)))
})

/**
 * Whether one is true; false of nothing.
 *
 * @category truth
 * @since 0.1.0
 */
export const any: LogicalReduction = reduction('any', ['bool'], ({ v, x, axes }) => {
  const right = v.sum(v.convert(x, 'int'), axes)
  return E.right(v.ne(right, v.like(right, 0)))
})
