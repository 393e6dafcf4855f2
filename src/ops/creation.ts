/**
 * Values that come from no operand, or only from its shape. None has a derivative.
 *
 * Large ones stay small on the tape: one number repeated, or a count, rather than all the elements.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type AnyOperand, type Operand, type Reverse, step } from '../Reverse.js'
import { axis as axisOf, check, type DType, type Shape, type Spec } from '../Shape.js'
import type { HasAxis } from '../shape/types.js'
import type { Tensor } from '../Tensor.js'
import type { Var } from '../Var.js'
import { body, refuse } from './record.js'

const fits = (value: number, dtype: DType): boolean =>
  dtype === 'real' || (dtype === 'int' ? (value | 0) === value : value === 0 || value === 1)

/**
 * A tensor, or a number as a scalar, as a recording. Operations take tensors as they are; this is for a model's result.
 *
 * @category creation
 * @since 0.1.0
 */
export const constant: {
  (value: number): Reverse<Var<readonly []>>
  <S extends Shape, D extends DType>(value: Tensor<S, D>): Reverse<Var<S, D>>
} = (value: AnyOperand) => step([value], (_, [x]) => E.right(x)) as never

/**
 * One number everywhere. Fails with `InvalidShape` or `TooLarge` on a shape that no value has, and with `TypeMismatch` on a
 * number that is not of the element type.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { add, full, run, tensor, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly [2]>) => add(x, full([3, 2], 10))
 * assert.deepStrictEqual(run(f)(tensor([1, 2])), {
 *   _tag: 'Right',
 *   right: tensor([[11, 12], [11, 12], [11, 12]]),
 * })
 * ```
 *
 * @category creation
 * @since 0.1.0
 */
export const full = <const S extends Shape, D extends DType = 'real'>(
  shape: S,
  value: number,
  dtype: D = 'real' as D,
): Reverse<Var<S, D>> =>
  body([], (v) => {
    const valid = check(shape, 'full')
    if (E.isLeft(valid)) return valid
    return fits(value, dtype)
      ? E.right(v.like({ shape: [...shape], dtype }, value))
      : refuse('full', 'TypeMismatch', `the value ${value} is not of the element type ${dtype}`)
  }) as never

const likewise = (value: number) => (x: AnyOperand) =>
  body([x], (v, [{ shape, dtype }]) => E.right(v.like({ shape, dtype } satisfies Spec, value)))

/**
 * A value of one operand's shape and element type.
 *
 * @category types
 * @since 0.1.0
 */
export type Likewise = <S extends Shape, D extends DType = 'real'>(x: Operand<S, D>) => Reverse<Var<S, D>>

/**
 * Zeros, or false, in the shape and element type of an operand.
 *
 * @category creation
 * @since 0.1.0
 */
export const zerosLike: Likewise = likewise(0) as never

/**
 * Ones, or true, in the shape and element type of an operand.
 *
 * @category creation
 * @since 0.1.0
 */
export const onesLike: Likewise = likewise(1) as never

/**
 * Integers that count 0, 1, 2, ... along an axis (the last one unless told otherwise) and repeat along the others. Fails
 * with `InvalidAxis`, `InvalidShape` or `TooLarge`.
 *
 * @category creation
 * @since 0.1.0
 */
export const iota = <const S extends Shape, const A extends number = -1>(
  shape: S,
  axis: A & HasAxis<S, A> = -1 as never,
): Reverse<Var<S, 'int'>> =>
  step([], (recorder) => {
    const valid = check(shape, 'iota')
    if (E.isLeft(valid)) return valid
    const along = axisOf(axis, shape.length, 'iota')
    return E.isLeft(along) ? along : recorder.emit('iota', [], { shape: [...shape], axis: along.right })
  }) as never

/**
 * The integers `start, start + step, ...` up to and without `stop`: `[ceil((stop - start) / step)]`. One argument counts
 * from 0 to it. `convert` makes reals of them. Fails with `InvalidArgument` unless all are 32-bit integers and the step is
 * not 0.
 *
 * @category creation
 * @since 0.1.0
 */
export const arange: {
  <const N extends number>(stop: N): Reverse<Var<readonly [N], 'int'>>
  (start: number, stop: number, step?: number): Reverse<Var<readonly [number], 'int'>>
} = (first: number, second?: number, by: number = 1) =>
  body([], (v) => {
    const [start, stop] = second === undefined ? [0, first] : [first, second]
    if (![start, stop, by].every((x) => (x | 0) === x) || by === 0)
      return refuse('arange', 'InvalidArgument', `from ${start} to ${stop} by ${by} is no range of 32-bit integers`)
    const length = Math.max(0, Math.ceil((stop - start) / by))
    const valid = check([length], 'arange')
    if (E.isLeft(valid)) return valid
    const counted = v.emit('iota', [], { shape: [length], axis: 0 })
    const scaled = by === 1 ? counted : v.mul(counted, v.like(counted, by))
    return E.right(start === 0 ? scaled : v.add(scaled, v.like(scaled, start)))
  }) as never

/**
 * The identity matrix, `[n, n]`.
 *
 * @category creation
 * @since 0.1.0
 */
export const eye = <const N extends number>(n: N): Reverse<Var<readonly [N, N]>> =>
  body([], (v) => {
    const shape = check([n, n], 'eye')
    if (E.isLeft(shape)) return shape
    const row = v.emit('iota', [], { shape: shape.right, axis: 0 })
    const column = v.emit('iota', [], { shape: shape.right, axis: 1 })
    return E.right(v.convert(v.eq(row, column), 'real'))
  }) as never
