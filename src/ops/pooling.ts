/**
 * The largest or the mean element of every window over one or two spatial dimensions.
 *
 * `x` is `[examples, channels, ...space]`. The stride is the window unless told otherwise, so that windows lie side by side;
 * padding is as for convolutions, less than the window on each side. Fails with `ShapeMismatch` on another rank, and with
 * `InvalidArgument` on windows, strides or padding out of range.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'
import type { Vocabulary } from '../primitive/Primitive.js'
import { windowed } from '../primitive/windows.js'
import type { AnyOperand, Operand, Reverse } from '../Reverse.js'
import { type Shape, show, size } from '../Shape.js'
import { unsafeMake } from '../Tensor.js'
import type { AnyVar, Var } from '../Var.js'
import { margins, type Only, type Padding, type PerDimension, type Positions, perDimension } from './convolution.js'
import { body, refuse } from './record.js'

/**
 * What pooling may be told besides the window.
 *
 * @category types
 * @since 0.1.0
 */
export interface PoolingOptions {
  readonly stride?: PerDimension | undefined
  readonly padding?: Padding | undefined
}

/**
 * What pooling by the mean may be told besides.
 *
 * @category types
 * @since 0.1.0
 */
export interface MeanPoolingOptions extends PoolingOptions {
  /** whether padding counts as elements that are 0 (no unless told otherwise) */
  readonly countPadding?: boolean | undefined
}

type Margins = ReadonlyArray<readonly [number, number]>

interface Laid {
  readonly v: Vocabulary
  readonly x: AnyVar
  readonly space: Shape
  readonly around: Margins
  readonly window: { readonly window: Shape; readonly strides: Shape; readonly dilation: Shape }
}

const padded = (v: Vocabulary, x: AnyVar, around: Margins, value: number): AnyVar =>
  around.every(([before, after]) => before === 0 && after === 0)
    ? x
    : v.emit('pad', [x], {
        low: [0, 0, ...around.map(([before]) => before)],
        high: [0, 0, ...around.map(([, after]) => after)],
        interior: x.shape.map(() => 0),
        value,
      })

const pooled = (
  operation: string,
  spatial: number,
  operand: AnyOperand,
  given: PerDimension,
  options: PoolingOptions,
  write: (laid: Laid) => AnyVar,
) =>
  body([operand], (v, [x]): E.Either<Failure, AnyVar> => {
    if (x.shape.length !== spatial + 2)
      return refuse(
        operation,
        'ShapeMismatch',
        `takes [examples, channels, ${spatial === 1 ? 'length' : 'height, width'}], not ${show(x.shape)}`,
        [x],
      )
    if (x.dtype !== 'real')
      return refuse(operation, 'TypeMismatch', `takes real operands, not ${x.dtype} ${show(x.shape)}`, [x])
    const space = x.shape.slice(2)
    const window = perDimension(operation, 'window', given, spatial)
    if (E.isLeft(window)) return window
    const strides = perDimension(operation, 'stride', options.stride ?? window.right, spatial)
    if (E.isLeft(strides)) return strides
    const dilation = space.map(() => 1)
    const around = margins(operation, options.padding ?? 'valid', space, window.right, strides.right, dilation)
    if (E.isLeft(around)) return around
    const wide = around.right.findIndex((pair, d) => pair.some((n) => n >= window.right[d]))
    if (wide >= 0)
      return refuse(
        operation,
        'InvalidArgument',
        `the padding ${show(around.right[wide])} must be less than the window, which is ${window.right[wide]}`,
        [x],
      )
    return E.right(
      write({ v, x, space, around: around.right, window: { window: window.right, strides: strides.right, dilation } }),
    )
  })

const largest = ({ v, x, around, window }: Laid): AnyVar =>
  v.emit('reduceWindow', [padded(v, x, around, -Infinity)], { ...window, kind: 'max' })

/** How many real elements each window holds, `positions` of a dimension. */
const counts = (
  n: number,
  [before]: readonly [number, number],
  positions: number,
  window: number,
  stride: number,
): ReadonlyArray<number> =>
  Array.from({ length: positions }, (_, p) => {
    const start = p * stride - before
    return Math.min(n, start + window) - Math.max(0, start)
  })

const average =
  (countPadding: boolean) =>
  ({ v, x, space, around, window }: Laid): AnyVar => {
    const whole = padded(v, x, around, 0)
    if (countPadding || whole === x) return v.emit('reduceWindow', [whole], { ...window, kind: 'mean' })
    const [lead, positions] = windowed(whole.shape, window)
    const windows = v.emit('windows', [whole], window)
    const sums = v.sum(
      windows,
      window.window.map((_, d) => lead.length + positions.length + d),
    )
    // the number of elements is a product over the dimensions
    const along = space.map((n, d) => counts(n, around[d], positions[d], window.window[d], window.strides[d]))
    const data = new Float64Array(size(positions))
    for (let i = 0; i < data.length; i++) {
      let product = 1
      for (let d = positions.length - 1, rest = i; d >= 0; rest = Math.floor(rest / positions[d--]))
        product *= along[d][rest % positions[d]]
      data[i] = product
    }
    const divisor = v.emit('constant', [], { value: unsafeMake([...positions], 'real', data) })
    return v.div(
      sums,
      v.broadcast(
        divisor,
        sums.shape,
        positions.map((_, d) => lead.length + d),
      ),
    )
  }

/**
 * The largest element of every window: `[N, C, L]` to `[N, C, positions]`. Padding is `-Infinity`. Equal ones share the
 * derivative equally.
 *
 * @category pooling
 * @since 0.1.0
 */
export const maxPool1d = <
  N extends number,
  C extends number,
  L extends number,
  const O extends PoolingOptions = PoolingOptions,
>(
  x: Operand<readonly [N, C, L]>,
  window: PerDimension,
  options?: O & Only<O, PoolingOptions>,
): Reverse<Var<readonly [N, C, Pooled<L, O>]>> => pooled('maxPool1d', 1, x, window, options ?? {}, largest) as never

/**
 * The largest element of every window: `[N, C, H, W]` to `[N, C, positions, positions]`. Padding is `-Infinity`. Equal ones
 * share the derivative equally.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { maxPool2d, run, tensor, type Var } from 'wengert'
 *
 * const f = (x: Var<readonly [1, 1, 2, 4]>) => maxPool2d(x, 2)
 * assert.deepStrictEqual(run(f)(tensor([[[[1, 2, 5, 6], [3, 4, 7, 8]]]])), { _tag: 'Right', right: tensor([[[[4, 8]]]]) })
 * ```
 *
 * @category pooling
 * @since 0.1.0
 */
export const maxPool2d = <
  N extends number,
  C extends number,
  H extends number,
  W extends number,
  const O extends PoolingOptions = PoolingOptions,
>(
  x: Operand<readonly [N, C, H, W]>,
  window: PerDimension,
  options?: O & Only<O, PoolingOptions>,
): Reverse<Var<readonly [N, C, Pooled<H, O>, Pooled<W, O>]>> =>
  pooled('maxPool2d', 2, x, window, options ?? {}, largest) as never

/**
 * The mean of every window: `[N, C, L]` to `[N, C, positions]`. The mean is over the elements of `x` alone, so a window that
 * reaches over an edge is divided by fewer; with `countPadding` it is divided by its full size.
 *
 * @category pooling
 * @since 0.1.0
 */
export const avgPool1d = <
  N extends number,
  C extends number,
  L extends number,
  const O extends MeanPoolingOptions = MeanPoolingOptions,
>(
  x: Operand<readonly [N, C, L]>,
  window: PerDimension,
  options?: O & Only<O, MeanPoolingOptions>,
): Reverse<Var<readonly [N, C, Pooled<L, O>]>> =>
  pooled('avgPool1d', 1, x, window, options ?? {}, average(options?.countPadding === true)) as never

/**
 * The mean of every window: `[N, C, H, W]` to `[N, C, positions, positions]`. The mean is over the elements of `x` alone, so a
 * window that reaches over an edge is divided by fewer; with `countPadding` it is divided by its full size.
 *
 * @category pooling
 * @since 0.1.0
 */
export const avgPool2d = <
  N extends number,
  C extends number,
  H extends number,
  W extends number,
  const O extends MeanPoolingOptions = MeanPoolingOptions,
>(
  x: Operand<readonly [N, C, H, W]>,
  window: PerDimension,
  options?: O & Only<O, MeanPoolingOptions>,
): Reverse<Var<readonly [N, C, Pooled<H, O>, Pooled<W, O>]>> =>
  pooled('avgPool2d', 2, x, window, options ?? {}, average(options?.countPadding === true)) as never

/**
 * The number of positions: that of `x` for 'same' with a stride of 1, otherwise known when the tape is recorded.
 *
 * @category types
 * @since 0.1.0
 */
export type Pooled<N extends number, O> = O extends { readonly stride: PerDimension } ? Positions<N, O> : number
