/**
 * Convolution in the sense of neural networks, `y[n, o, p] = sum over c, j of x[n, c, p stride + j dilation - low] w[o, c, j]`,
 * over one or two spatial dimensions.
 *
 * `x` is `[examples, channels, ...space]`, `w` is `[outputs, channels / groups, ...kernel]` and the result
 * `[examples, outputs, ...positions]`. Padding is 'valid' (none, the default), 'same' (as many positions as `ceil(length /
 * stride)`, the odd element after), a number for every side, or a pair before and after each dimension. A dimension of `n` has
 * `floor((n + before + after - dilation (kernel - 1) - 1) / stride) + 1` positions, and none where the kernel does not fit.
 *
 * Fails with `ShapeMismatch` on shapes that are not these, and with `InvalidArgument` on strides, dilations or groups that are
 * not integers >= 1, padding that is not integers >= 0, or groups that do not divide the channels and the outputs.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'
import type { AnyOperand, Operand, Reverse } from '../Reverse.js'
import { step } from '../Reverse.js'
import { type Shape, show } from '../Shape.js'
import type { DimEq, ShapeError } from '../shape/types.js'
import type { AnyVar, Var } from '../Var.js'
import { refuse } from './record.js'

/**
 * How many elements to put around a spatial dimension.
 *
 * @category types
 * @since 0.1.0
 */
export type Padding = number | 'same' | 'valid' | ReadonlyArray<readonly [before: number, after: number]>

/**
 * One number for every spatial dimension, or one for each.
 *
 * @category types
 * @since 0.1.0
 */
export type PerDimension = number | ReadonlyArray<number>

/**
 * Accepts options that have no other names than `T`.
 *
 * @category types
 * @since 0.1.0
 */
export type Only<O, T> = { readonly [K in Exclude<keyof O, keyof T>]: never }

/**
 * What a convolution may be told.
 *
 * @category types
 * @since 0.1.0
 */
export interface ConvolutionOptions {
  readonly stride?: PerDimension | undefined
  readonly padding?: Padding | undefined
  readonly dilation?: PerDimension | undefined
  readonly groups?: number | undefined
}

/**
 * One integer >= `least` for each spatial dimension.
 *
 * @category checks
 * @since 0.1.0
 */
export const perDimension = (
  operation: string,
  what: string,
  given: PerDimension,
  count: number,
): E.Either<Failure, ReadonlyArray<number>> => {
  const list = typeof given === 'number' ? Array.from({ length: count }, () => given) : given
  if (list.length !== count)
    return refuse(
      operation,
      'InvalidArgument',
      `the ${what} ${show(list)} needs ${count} entries, one for each spatial dimension`,
    )
  const wrong = list.find((n) => !Number.isInteger(n) || n < 1)
  return wrong === undefined
    ? E.right([...list])
    : refuse(operation, 'InvalidArgument', `the ${what} must be an integer >= 1, not ${wrong}`)
}

/**
 * The margins of each spatial dimension.
 *
 * @category checks
 * @since 0.1.0
 */
export const margins = (
  operation: string,
  padding: Padding,
  space: Shape,
  kernel: Shape,
  strides: Shape,
  dilation: Shape,
): E.Either<Failure, ReadonlyArray<readonly [number, number]>> => {
  if (padding === 'valid') return E.right(space.map(() => [0, 0]))
  if (padding === 'same')
    return E.right(
      space.map((n, d) => {
        const reach = (Math.ceil(n / strides[d]) - 1) * strides[d] + dilation[d] * (kernel[d] - 1) + 1
        const total = Math.max(0, reach - n)
        return [Math.floor(total / 2), Math.ceil(total / 2)]
      }),
    )
  if (typeof padding === 'string')
    return refuse(
      operation,
      'InvalidArgument',
      `the padding must be 'same', 'valid', a number or pairs, not '${padding}'`,
    )
  const pairs = typeof padding === 'number' ? space.map(() => [padding, padding] as const) : padding
  if (pairs.length !== space.length)
    return refuse(
      operation,
      'InvalidArgument',
      `${pairs.length} pairs of padding for ${space.length} spatial dimensions`,
    )
  const wrong = pairs.flat().find((n) => !Number.isInteger(n) || n < 0)
  return wrong === undefined
    ? E.right(pairs.map(([before, after]) => [before, after]))
    : refuse(operation, 'InvalidArgument', `the padding must be an integer >= 0, not ${wrong}`)
}

const convolved = (
  operation: string,
  spatial: number,
  input: AnyOperand,
  weights: AnyOperand,
  options: ConvolutionOptions,
): Reverse<AnyVar> =>
  step([input, weights], (recorder, [x, w]) => {
    const no = (tag: 'ShapeMismatch' | 'InvalidArgument', sentence: string) => refuse(operation, tag, sentence, [x, w])
    if (x.shape.length !== spatial + 2 || w.shape.length !== spatial + 2)
      return no(
        'ShapeMismatch',
        `${show(x.shape)} with ${show(w.shape)} are not [examples, channels, ${spatial === 1 ? 'length' : 'height, width'}] and [outputs, channels / groups, ${spatial === 1 ? 'kernel' : 'kernel, kernel'}]`,
      )
    const { groups = 1, padding = 'valid' } = options
    const strides = perDimension(operation, 'stride', options.stride ?? 1, spatial)
    if (E.isLeft(strides)) return strides
    const dilation = perDimension(operation, 'dilation', options.dilation ?? 1, spatial)
    if (E.isLeft(dilation)) return dilation
    const [, channels, ...space] = x.shape
    const [outputs, each, ...kernel] = w.shape
    if (!Number.isInteger(groups) || groups < 1)
      return no('InvalidArgument', `the groups must be an integer >= 1, not ${groups}`)
    if (channels % groups !== 0 || outputs % groups !== 0)
      return no('InvalidArgument', `${groups} groups must divide the ${channels} channels and the ${outputs} outputs`)
    if (channels / groups !== each)
      return no('ShapeMismatch', `channels differ: ${channels / groups} (input, in each group) and ${each} (kernel)`)
    if (kernel.includes(0)) return no('ShapeMismatch', `the kernel of ${show(w.shape)} is empty`)
    const around = margins(operation, padding, space, kernel, strides.right, dilation.right)
    if (E.isLeft(around)) return around
    return recorder.emit('convolve', [x, w], {
      strides: strides.right,
      padding: around.right,
      inputDilation: kernel.map(() => 1),
      kernelDilation: dilation.right,
      groups,
    })
  })

/**
 * Accepts as many channels in the kernel as in the input, where there are no groups.
 *
 * @category types
 * @since 0.1.0
 */
export type Channels<C extends number, K extends number, O> = O extends { readonly groups: number }
  ? unknown
  : DimEq<C, K> extends true
    ? unknown
    : ShapeError<`channels differ: ${C} (input, in each group) and ${K} (kernel)`>

/**
 * The number of positions: that of the input for 'same' with a stride of 1, otherwise known when the tape is recorded.
 *
 * @category types
 * @since 0.1.0
 */
export type Positions<N extends number, O> = O extends { readonly padding: 'same' }
  ? O extends { readonly stride: PerDimension }
    ? O extends { readonly stride: 1 }
      ? N
      : number
    : N
  : number

/**
 * Convolution over one dimension: `[N, C, L]` with `[O, C / groups, K]` to `[N, O, positions]`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { conv1d, run, tensor, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly [1, 1, 4]>) => conv1d(x, tensor([[[1, -1]]]))
 * assert.deepStrictEqual(run(f)(tensor([[[1, 4, 9, 16]]])), { _tag: 'Right', right: tensor([[[-3, -5, -7]]]) })
 * ```
 *
 * @category convolution
 * @since 0.1.0
 */
export const conv1d = <
  N extends number,
  C extends number,
  L extends number,
  M extends number,
  K extends number,
  const O extends ConvolutionOptions = ConvolutionOptions,
>(
  x: Operand<readonly [N, C, L]>,
  w: Operand<readonly [M, K, number]> & Channels<C, K, O>,
  options?: O & Only<O, ConvolutionOptions>,
): Reverse<Var<readonly [N, M, Positions<L, O>]>> => convolved('conv1d', 1, x, w as AnyOperand, options ?? {}) as never

/**
 * Convolution over two dimensions: `[N, C, H, W]` with `[O, C / groups, KH, KW]` to `[N, O, positions, positions]`.
 *
 * @category convolution
 * @since 0.1.0
 */
export const conv2d = <
  N extends number,
  C extends number,
  H extends number,
  W extends number,
  M extends number,
  K extends number,
  const O extends ConvolutionOptions = ConvolutionOptions,
>(
  x: Operand<readonly [N, C, H, W]>,
  w: Operand<readonly [M, K, number, number]> & Channels<C, K, O>,
  options?: O & Only<O, ConvolutionOptions>,
): Reverse<Var<readonly [N, M, Positions<H, O>, Positions<W, O>]>> =>
  convolved('conv2d', 2, x, w as AnyOperand, options ?? {}) as never
