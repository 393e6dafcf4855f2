/**
 * Pooling layers, on `[channels, ...space]`, and flattening.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { margins, type Only, type PerDimension, perDimension } from '../ops/convolution.js'
import { max } from '../ops/extremes.js'
import { reshape } from '../ops/layout.js'
import {
  avgPool1d as average1d,
  avgPool2d as average2d,
  maxPool1d as largest1d,
  maxPool2d as largest2d,
  type MeanPoolingOptions,
  type PoolingOptions,
} from '../ops/pooling.js'
import { mean } from '../ops/reduction.js'
import type { Operand, Reverse } from '../Reverse.js'
import { type Shape, show, size } from '../Shape.js'
import type { Size } from '../shape/layout.js'
import type { AnyVar, Var } from '../Var.js'
import { type Other, tooSmall } from './convolution.js'
import { leaf, only } from './layer.js'
import { fromLayers, type Model } from './Model.js'
import type { Along, Windows } from './positions.js'
import type { None, Rule } from './types.js'

/**
 * The rule of pooling over one dimension.
 *
 * @category rules
 * @since 0.1.0
 */
export interface Pooled1d<K, X> extends Rule {
  readonly output: this['input'] extends Var<readonly [infer C extends number, infer L extends number]>
    ? Var<readonly [C, Windows<L, Along<K, 0>, X, Along<K, 0>>]>
    : Other<'pooling', 'channels, length', this['input'], readonly [number, number]>
}

/**
 * The rule of pooling over two dimensions.
 *
 * @category rules
 * @since 0.1.0
 */
export interface Pooled2d<K, X> extends Rule {
  readonly output: this['input'] extends Var<
    readonly [infer C extends number, infer H extends number, infer W extends number]
  >
    ? Var<readonly [C, Windows<H, Along<K, 0>, X, Along<K, 0>>, Windows<W, Along<K, 1>, X, Along<K, 1>>]>
    : Other<'pooling', 'channels, height, width', this['input'], readonly [number, number, number]>
}

type Pool = (x: Operand<Shape>, window: PerDimension, options: MeanPoolingOptions) => Reverse<Var<Shape>>

const pooling = (kind: string, spatial: 1 | 2, pool: Pool, window: PerDimension, options: MeanPoolingOptions) => {
  const name = `${kind}${spatial}d(${typeof window === 'number' ? window : show(window)})`
  const { padding = 'valid' } = options
  const settings = pipe(
    E.Do,
    E.bind('over', () => perDimension(name, 'window', window, spatial)),
    E.bind('stride', ({ over }) => perDimension(name, 'stride', options.stride ?? over, spatial)),
    E.tap(({ over, stride }) =>
      margins(
        name,
        padding,
        over,
        over,
        stride,
        over.map(() => 1),
      ),
    ),
  )
  return fromLayers([
    leaf({
      name,
      valid: settings,
      refuses: (x) =>
        x.dtype !== 'real' || x.shape.length !== spatial + 2
          ? `takes reals [examples, channels, ${spatial === 1 ? 'length' : 'height, width'}]`
          : E.isRight(settings)
            ? tooSmall(x.shape.slice(2), settings.right.over, settings.right.stride, padding)
            : undefined,
      apply: (_, x) => only(pool(x, window, options)),
    }),
  ]) as never
}

/**
 * The largest of each window of `[channels, length]`; windows do not overlap unless the stride says so. Refuses inputs smaller than the
 * window.
 *
 * @category layers
 * @since 0.1.0
 */
export const maxPool1d = <const K extends PerDimension, const X extends PoolingOptions = PoolingOptions>(
  window: K,
  options?: X & Only<X, PoolingOptions>,
): Model<None, Var<readonly [number, number]>, Var<readonly [number, number]>, None, Pooled1d<K, X>> =>
  pooling('maxPool', 1, largest1d as never, window, options ?? {})

/**
 * The largest of each window of `[channels, height, width]`.
 *
 * @category layers
 * @since 0.1.0
 */
export const maxPool2d = <const K extends PerDimension, const X extends PoolingOptions = PoolingOptions>(
  window: K,
  options?: X & Only<X, PoolingOptions>,
): Model<None, Var<readonly [number, number, number]>, Var<readonly [number, number, number]>, None, Pooled2d<K, X>> =>
  pooling('maxPool', 2, largest2d as never, window, options ?? {})

/**
 * The mean of each window of `[channels, length]`. (Padding does not count, where PyTorch counts it unless told otherwise.)
 *
 * @category layers
 * @since 0.1.0
 */
export const avgPool1d = <const K extends PerDimension, const X extends MeanPoolingOptions = MeanPoolingOptions>(
  window: K,
  options?: X & Only<X, MeanPoolingOptions>,
): Model<None, Var<readonly [number, number]>, Var<readonly [number, number]>, None, Pooled1d<K, X>> =>
  pooling('avgPool', 1, average1d as never, window, options ?? {})

/**
 * The mean of each window of `[channels, height, width]`.
 *
 * @category layers
 * @since 0.1.0
 */
export const avgPool2d = <const K extends PerDimension, const X extends MeanPoolingOptions = MeanPoolingOptions>(
  window: K,
  options?: X & Only<X, MeanPoolingOptions>,
): Model<None, Var<readonly [number, number, number]>, Var<readonly [number, number, number]>, None, Pooled2d<K, X>> =>
  pooling('avgPool', 2, average2d as never, window, options ?? {})

/**
 * The rule of global pooling: channels stay.
 *
 * @category rules
 * @since 0.1.0
 */
export interface Channelwise extends Rule {
  readonly output: this['input'] extends Var<readonly [infer C extends number, number, ...Shape]>
    ? Var<readonly [C]>
    : Other<'global pooling', 'channels, ...space', this['input'], readonly [number]>
}

const overSpace = (
  name: string,
  reduce: (x: Var<Shape>, axes: ReadonlyArray<number>) => Reverse<AnyVar>,
): Model<None, Var<readonly [number, number, ...Shape]>, Var<readonly [number]>, None, Channelwise> =>
  fromLayers([
    leaf({
      name,
      refuses: (x) =>
        x.dtype !== 'real' || x.shape.length < 3 || size(x.shape.slice(2)) === 0
          ? 'takes reals [examples, channels, ...space] with some space'
          : undefined,
      apply: (_, x) =>
        only(
          reduce(
            x,
            x.shape.slice(2).map((_, d) => d + 2),
          ),
        ),
    }),
  ])

/**
 * The mean over the whole space: `[channels, ...space]` to `[channels]`.
 *
 * @category layers
 * @since 0.1.0
 */
export const globalAvgPool: Model<
  None,
  Var<readonly [number, number, ...Shape]>,
  Var<readonly [number]>,
  None,
  Channelwise
> = overSpace('globalAvgPool', (x, axis) => mean(x, { axis }))

/**
 * The largest over the whole space: `[channels, ...space]` to `[channels]`.
 *
 * @category layers
 * @since 0.1.0
 */
export const globalMaxPool: Model<
  None,
  Var<readonly [number, number, ...Shape]>,
  Var<readonly [number]>,
  None,
  Channelwise
> = overSpace('globalMaxPool', (x, axis) => max(x, { axis }))

/**
 * The rule of flattening.
 *
 * @category rules
 * @since 0.1.0
 */
export interface Flat extends Rule {
  readonly output: this['input'] extends Var<infer S extends Shape, infer D>
    ? number extends S['length']
      ? Var<readonly [number], D>
      : Var<readonly [Size<S>], D>
    : this['input']
}

/**
 * All of an example in one dimension.
 *
 * @category layers
 * @since 0.1.0
 */
export const flatten: Model<None, unknown, unknown, None, Flat> = fromLayers([
  leaf({
    name: 'flatten',
    refuses: (x) => (x.shape.length > 0 ? undefined : 'takes [examples, ...]'),
    apply: (_, x) => only(reshape(x, [x.shape[0], size(x.shape.slice(1))])),
  }),
])
