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
import { type AnyOperand, type Operand, type Reverse, step } from '../Reverse.js'
import { axis as axisOf, type Shape } from '../Shape.js'
import type { Axes, HasAxes, HasAxis, Reduce } from '../shape/types.js'
import { noAttributes } from '../Tape.js'
import type { AnyVar, Var } from '../Var.js'
import { extreme } from './extremes.js'
import {
  type Lanes,
  type LogicalReduction,
  NUMBERS,
  REALS,
  type RealReduction,
  type ReduceOptions,
  type Reduction,
  reduction,
} from './lanes.js'
import { refuse } from './record.js'
import type { Along } from './softmax.js'

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
 * assert.deepStrictEqual(run(direction)(tensor([0, 4])), { _tag: 'Right', right: tensor([0, 1]) })
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

/**
 * Running sums along an axis (the last unless told otherwise): `y[i] = x[0] + ... + x[i]`, or from the end with `reverse`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { cumsum, run, tensor, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly [3]>) => cumsum(x)
 * assert.deepStrictEqual(run(f)(tensor([1, 2, 3])), { _tag: 'Right', right: tensor([1, 3, 6]) })
 * ```
 *
 * @category sums
 * @since 0.1.0
 */
export const cumsum = <S extends Shape, const A extends number = -1, D extends 'real' | 'int' = 'real'>(
  x: Operand<S, D>,
  options?: Along<A> & { readonly reverse?: boolean | undefined } & HasAxis<S, A>,
): Reverse<Var<S, D>> =>
  step([x as AnyOperand], (recorder, [y]) => {
    const axis = axisOf(options?.axis ?? -1, y.shape.length, 'cumsum')
    return E.isLeft(axis)
      ? axis
      : recorder.emit('cumsum', [y], { axis: axis.right, reverse: options?.reverse === true })
  }) as never

// ------------------------------------------------------------------------------------------------ truth values

/**
 * Whether all are true; true of nothing.
 *
 * @category truth
 * @since 0.1.0
 */
export const all: LogicalReduction = reduction('all', ['bool'], ({ v, x, axes }) => {
  const wrong = v.sum(v.convert(v.emit('not', [x], noAttributes), 'int'), axes)
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
