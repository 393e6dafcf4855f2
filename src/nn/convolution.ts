/**
 * Convolutional layers, on `[channels, ...space]` (`NCHW` with the examples first).
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { type Failure, failure } from '../Failure.js'
import { add } from '../ops/arithmetic.js'
import {
  type ConvolutionOptions,
  conv1d as convolve1d,
  conv2d as convolve2d,
  margins,
  type Only,
  type Padding,
  type PerDimension,
  perDimension,
} from '../ops/convolution.js'
import { reshape } from '../ops/layout.js'
import type { Operand, Reverse } from '../Reverse.js'
import { type Shape, show, size } from '../Shape.js'
import type { DimEq, ShapeError, Show } from '../shape/types.js'
import type { Var } from '../Var.js'
import { fanIn } from './initialisers.js'
import { leaf, only, positive } from './layer.js'
import type { Affine, LinearOptions } from './linear.js'
import { fromLayers, type Layer, type Model } from './Model.js'
import type { Along, Windows } from './positions.js'
import type { None, Rule } from './types.js'

/**
 * Stride, padding, dilation and groups as those of the operation; biases and initialisers as those of a dense layer.
 *
 * @category types
 * @since 0.1.0
 */
export interface ConvolutionLayerOptions extends ConvolutionOptions, LinearOptions {}

/** The channels of each group. */
type Each<C extends number, X> = X extends { readonly groups: number } ? number : C

/**
 * The rule of a convolution over one dimension.
 *
 * @category rules
 * @since 0.1.0
 */
export interface Convolved1d<C extends number, O extends number, K, X> extends Rule {
  readonly output: this['input'] extends Var<readonly [infer D extends number, infer L extends number]>
    ? DimEq<D, C> extends true
      ? Var<readonly [O, Windows<L, Along<K, 0>, X, 1>]>
      : ShapeError<`conv1d takes [${C}, length], and the layer before it gives ${Show<readonly [D, L]>}`>
    : Other<'conv1d', `${C}, length`, this['input'], readonly [O, number]>
}

/**
 * The rule of a convolution over two dimensions.
 *
 * @category rules
 * @since 0.1.0
 */
export interface Convolved2d<C extends number, O extends number, K, X> extends Rule {
  readonly output: this['input'] extends Var<
    readonly [infer D extends number, infer H extends number, infer W extends number]
  >
    ? DimEq<D, C> extends true
      ? Var<readonly [O, Windows<H, Along<K, 0>, X, 1>, Windows<W, Along<K, 1>, X, 1>]>
      : ShapeError<`conv2d takes [${C}, height, width], and the layer before it gives ${Show<readonly [D, H, W]>}`>
    : Other<'conv2d', `${C}, height, width`, this['input'], readonly [O, number, number]>
}

/**
 * What a layer makes of an input of another rank: the types let it pass where they do not know the rank.
 *
 * @category rules
 * @since 0.1.0
 */
export type Other<Name extends string, Taken extends string, Given, Made extends Shape> =
  Given extends Var<infer S extends Shape>
    ? number extends S['length']
      ? Var<Made>
      : ShapeError<`${Name} takes [${Taken}], and the layer before it gives ${Show<S>}`>
    : ShapeError<`${Name} takes reals [${Taken}], and the layer before it gives something else`>

/**
 * Refuses inputs that a window does not fit into: the sentence, if so.
 *
 * @category checks
 * @since 0.1.0
 */
export const tooSmall = (
  space: Shape,
  window: Shape,
  strides: Shape,
  padding: Padding,
  dilation: Shape = window.map(() => 1),
): string | undefined => {
  const around = margins('window', padding, space, window, strides, dilation)
  const reach = window.map((k, d) => dilation[d] * (k - 1) + 1)
  return E.isRight(around) && space.some((n, d) => n + around.right[d][0] + around.right[d][1] < reach[d])
    ? `takes at least ${show(reach)} positions, padding included`
    : undefined
}

const convolution = (
  spatial: 1 | 2,
  channels: number,
  outputs: number,
  kernel: PerDimension,
  options: ConvolutionLayerOptions,
): Layer => {
  const { bias = true, weights = fanIn, biases = fanIn, groups = 1, padding = 'valid' } = options
  const name = `conv${spatial}d(${channels}, ${outputs}, ${typeof kernel === 'number' ? kernel : show(kernel)})`
  const each = (what: string, n: PerDimension): E.Either<Failure, Shape> => perDimension(name, what, n, spatial)
  const settings = pipe(
    positive(name, { channels, outputs, groups }),
    E.filterOrElse(
      () => channels % groups === 0 && outputs % groups === 0,
      () => failure('InvalidArgument', `${name}: ${groups} groups must divide the channels and the outputs`),
    ),
    E.bind('window', () => each('kernel', kernel)),
    E.bind('stride', () => each('stride', options.stride ?? 1)),
    E.bind('dilation', () => each('dilation', options.dilation ?? 1)),
    E.tap(({ window, stride, dilation }) => margins(name, padding, window, window, stride, dilation)),
  )
  const { window, stride, dilation } = E.getOrElse(() => ({
    window: [] as Shape,
    stride: [] as Shape,
    dilation: [] as Shape,
  }))(settings)
  const fans = { fanIn: (channels / groups) * size(window), fanOut: outputs * size(window) }
  const w = { shape: [outputs, channels / groups, ...window], initial: weights, fans }
  const taken = spatial === 1 ? 'length' : 'height, width'
  const convolve: (x: Operand, w: Operand, options: ConvolutionOptions) => Reverse<Var<Shape>> =
    spatial === 1 ? (convolve1d as never) : (convolve2d as never)
  return leaf({
    name,
    valid: settings,
    parameters: bias ? { w, b: { shape: [outputs], initial: biases, fans } } : { w },
    refuses: (x) =>
      x.dtype !== 'real' || x.shape.length !== spatial + 2 || x.shape[1] !== channels
        ? `takes reals [examples, ${channels}, ${taken}]`
        : tooSmall(x.shape.slice(2), window, stride, padding, dilation),
    apply: ({ parameters }, x) => {
      const y = convolve(x, parameters.w, { stride, padding, dilation, groups })
      return only(bias ? add(y, alongChannels(parameters.b, outputs, spatial)) : y)
    },
  })
}

/**
 * A number for each channel, to be broadcast over the space: `[C, 1, ...]`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const alongChannels = (x: Operand<Shape>, channels: number, spatial: number): Reverse<Var<Shape>> =>
  reshape(x, [channels, ...Array.from({ length: spatial }, () => 1)] as Shape)

/**
 * Convolution over one dimension: `[channels, length]` to `[outputs, positions]`, see the operation. The kernel is
 * `[outputs, channels / groups, kernel]`, the bias `[outputs]`, and both start as in PyTorch.
 *
 * Refuses settings that are not integers >= 1, groups that do not divide, and inputs shorter than the kernel.
 *
 * @category layers
 * @since 0.1.0
 */
export const conv1d = <
  C extends number,
  O extends number,
  const K extends PerDimension,
  const X extends ConvolutionLayerOptions = ConvolutionLayerOptions,
>(
  channels: C,
  outputs: O,
  kernel: K,
  options?: X & Only<X, ConvolutionLayerOptions>,
): Model<
  readonly [Affine<readonly [O, Each<C, X>, number], O, X>],
  Var<readonly [C, number]>,
  Var<readonly [O, number]>,
  None,
  Convolved1d<C, O, K, X>
> => fromLayers([convolution(1, channels, outputs, kernel, options ?? {})])

/**
 * Convolution over two dimensions: `[channels, height, width]` to `[outputs, positions, positions]`, see the operation. The
 * kernel is `[outputs, channels / groups, kernel, kernel]`, the bias `[outputs]`, and both start as in PyTorch.
 *
 * @example
 * ```ts
 * import { relu } from 'wengert'
 * import { conv2d, input, sequential } from 'wengert/nn'
 *
 * sequential(input([3, 28, 28]), conv2d(3, 8, 5, { padding: 'same' }), relu, conv2d(8, 16, 3))
 * // @ts-expect-error conv2d takes [3, height, width], and the layer before it gives [1, 28, 28]
 * sequential(input([1, 28, 28]), conv2d(3, 8, 5))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const conv2d = <
  C extends number,
  O extends number,
  const K extends PerDimension,
  const X extends ConvolutionLayerOptions = ConvolutionLayerOptions,
>(
  channels: C,
  outputs: O,
  kernel: K,
  options?: X & Only<X, ConvolutionLayerOptions>,
): Model<
  readonly [Affine<readonly [O, Each<C, X>, number, number], O, X>],
  Var<readonly [C, number, number]>,
  Var<readonly [O, number, number]>,
  None,
  Convolved2d<C, O, K, X>
> => fromLayers([convolution(2, channels, outputs, kernel, options ?? {})])
