/**
 * Normalisation: means and variances taken away, over examples, features or groups of channels.
 *
 * All compute `(x - mean) / sqrt(variance + epsilon) * scale + shift`, where the variance is that of the numbers (divided by
 * their count), `epsilon` is 1e-5, and scale and shift are learnt and start as 1 and 0. These are PyTorch's definitions.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { failure } from '../Failure.js'
import { add, mul, sub } from '../ops/arithmetic.js'
import { rsqrt } from '../ops/elementary.js'
import { reshape } from '../ops/layout.js'
import { stopGradient } from '../ops/marker.js'
import { mean, variance } from '../ops/reduction.js'
import { gen, type Operand, type Reverse } from '../Reverse.js'
import { equals, type Shape, show, size } from '../Shape.js'
import type { DimEq, ShapeError, Show } from '../shape/types.js'
import type { Var } from '../Var.js'
import { alongChannels, type Other } from './convolution.js'
import { ones, zeros } from './initialisers.js'
import { invalid, leaf, only, positive } from './layer.js'
import { fromLayers, type Model } from './Model.js'
import type { None, Rule } from './types.js'

/**
 * What is learnt: a scale and a shift of each feature.
 *
 * @category types
 * @since 0.1.0
 */
export type Scale<S extends Shape> = { readonly scale: Var<S>; readonly shift: Var<S> }

/**
 * What batch normalisation remembers: the running mean and variance of each feature.
 *
 * @category types
 * @since 0.1.0
 */
export type Running<N extends number> = {
  readonly mean: Var<readonly [N]>
  readonly variance: Var<readonly [N]>
}

/**
 * The rule of what is normalised for each channel, the first dimension.
 *
 * @category rules
 * @since 0.1.0
 */
export interface PerChannel<Name extends string, N extends number> extends Rule {
  readonly output: this['input'] extends Var<readonly [infer C extends number, ...infer R extends Shape]>
    ? DimEq<C, N> extends true
      ? this['input']
      : ShapeError<`${Name} takes [${N}, ...], and the layer before it gives ${Show<readonly [C, ...R]>}`>
    : Other<Name, `${N}, ...`, this['input'], Shape>
}

/**
 * The rule of what is normalised over the last dimensions `S`.
 *
 * @category rules
 * @since 0.1.0
 */
export interface OverLast<S extends Shape> extends Rule {
  readonly output: this['input'] extends Var<readonly [...Shape, ...S]>
    ? this['input']
    : Other<'layerNorm', `..., ${Show<S>}`, this['input'], Shape>
}

const scaled = (x: Operand<Shape>, scale: Operand<Shape>, shift: Operand<Shape>): Reverse<Var<Shape>> =>
  add(mul(x, scale), shift)

const centred = (
  x: Operand<Shape>,
  average: Operand<Shape>,
  spread: Operand<Shape>,
  epsilon: number,
): Reverse<Var<Shape>> => mul(sub(x, average), rsqrt(add(spread, epsilon)))

const small = (name: string, epsilon: number): E.Either<ReturnType<typeof failure>, null> =>
  epsilon >= 0 && epsilon < Infinity
    ? E.right(null)
    : invalid(name, `epsilon must be a finite number >= 0, not ${epsilon}`)

/** The axes of what is normalised for each channel of `[examples, channels, ...space]`. */
const besideChannels = (shape: Shape): ReadonlyArray<number> => shape.map((_, d) => d).filter((d) => d !== 1)

/**
 * Normalises each of `features` channels of `[channels, ...space]` over the examples and the space (S. Ioffe, C. Szegedy,
 * "Batch normalization", ICML 2015). In training with the statistics of the batch, which also enter the running ones:
 * `running + momentum (batch - running)`, where the variance is divided by the count less one. In evaluation with the
 * running ones, which start as mean 0 and variance 1. The momentum is 0.1.
 *
 * Refuses features that are not an integer >= 1, a momentum outside `[0, 1]`, and in training one number for a channel, whose
 * variance says nothing.
 *
 * @category layers
 * @since 0.1.0
 */
export const batchNorm = <N extends number>(
  features: N,
  { epsilon = 1e-5, momentum = 0.1 }: { readonly epsilon?: number; readonly momentum?: number } = {},
): Model<
  readonly [Scale<readonly [N]>],
  Var<readonly [N]>,
  Var<readonly [N]>,
  readonly [Running<N>],
  PerChannel<'batchNorm', N>
> => {
  const name = `batchNorm(${features})`
  const shape = [features]
  return fromLayers([
    leaf({
      name,
      valid: pipe(
        positive(name, { features }),
        E.chain(() => small(name, epsilon)),
        E.filterOrElse(
          () => momentum >= 0 && momentum <= 1,
          () => failure('InvalidArgument', `${name}: the momentum must be from 0 to 1, not ${momentum}`),
        ),
      ),
      parameters: { scale: { shape, initial: ones }, shift: { shape, initial: zeros } },
      state: { mean: { shape, initial: zeros }, variance: { shape, initial: ones } },
      refuses: (x, mode) =>
        x.dtype !== 'real' || x.shape.length < 2 || x.shape[1] !== features
          ? `takes reals [examples, ${features}, ...]`
          : mode === 'training' && size(x.shape) < 2 * features
            ? 'takes more than one number for each channel in training'
            : undefined,
      apply: ({ parameters: { scale, shift }, state, mode }, x) => {
        const spatial = x.shape.length - 2
        const wide = (a: Operand<Shape>) => alongChannels(a, features, spatial)
        if (mode === 'evaluation')
          return only(scaled(centred(x, wide(state.mean), wide(state.variance), epsilon), wide(scale), wide(shift)))
        const axis = besideChannels(x.shape)
        const count = size(x.shape) / features
        return gen(function* () {
          const average = yield* mean(x, { axis })
          const spread = yield* variance(x, { axis })
          const output = yield* scaled(centred(x, wide(average), wide(spread), epsilon), wide(scale), wide(shift))
          const moved = (running: Operand<Shape>, batch: Operand<Shape>) =>
            stopGradient(add(running, mul(sub(batch, running), momentum)))
          return {
            output,
            state: {
              mean: yield* moved(state.mean, average),
              variance: yield* moved(state.variance, mul(spread, count / (count - 1))),
            },
          }
        })
      },
    }),
  ])
}

/**
 * Normalises each example over its last dimensions, which have the given shape (J. L. Ba et al., "Layer normalization", 2016).
 *
 * Refuses a shape that is empty or has dimensions that are not integers >= 1.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerNorm = <const S extends Shape>(
  shape: S,
  { epsilon = 1e-5 }: { readonly epsilon?: number } = {},
): Model<readonly [Scale<S>], Var<S>, Var<S>, None, OverLast<S>> => {
  const name = `layerNorm(${show(shape)})`
  return fromLayers([
    leaf({
      name,
      valid: pipe(
        shape.length > 0 ? E.right(null) : invalid(name, 'the shape needs a dimension'),
        E.chain(() => positive(name, Object.fromEntries(shape.map((n, d) => [`dimension ${d}`, n])))),
        E.chain(() => small(name, epsilon)),
      ),
      parameters: { scale: { shape, initial: ones }, shift: { shape, initial: zeros } },
      refuses: (x) =>
        x.dtype === 'real' && x.shape.length > shape.length && equals(x.shape.slice(-shape.length), shape)
          ? undefined
          : `takes reals [examples, ..., ${shape.join(', ')}]`,
      apply: ({ parameters: { scale, shift } }, x) => {
        const over = { axis: shape.map((_, d) => d - shape.length), keepDims: true }
        return only(scaled(centred(x, mean(x, over), variance(x, over), epsilon), scale, shift))
      },
    }),
  ])
}

/**
 * Normalises each example over the space and each of `groups` equal groups of its channels, `[channels, ...space]`, with a
 * scale and shift of each channel (Y. Wu, K. He, "Group normalization", ECCV 2018). As many groups as channels is instance
 * normalisation.
 *
 * Refuses numbers that are not integers >= 1, and groups that do not divide the channels.
 *
 * @category layers
 * @since 0.1.0
 */
export const groupNorm = <N extends number>(
  groups: number,
  channels: N,
  { epsilon = 1e-5 }: { readonly epsilon?: number } = {},
): Model<readonly [Scale<readonly [N]>], Var<readonly [N]>, Var<readonly [N]>, None, PerChannel<'groupNorm', N>> => {
  const name = `groupNorm(${groups}, ${channels})`
  const shape = [channels]
  return fromLayers([
    leaf({
      name,
      valid: pipe(
        positive(name, { groups, channels }),
        E.chain(() => small(name, epsilon)),
        E.filterOrElse(
          () => channels % groups === 0,
          () => failure('InvalidArgument', `${name}: ${groups} groups do not divide ${channels} channels`),
        ),
      ),
      parameters: { scale: { shape, initial: ones }, shift: { shape, initial: zeros } },
      refuses: (x) =>
        x.dtype === 'real' && x.shape.length > 1 && x.shape[1] === channels
          ? undefined
          : `takes reals [examples, ${channels}, ...]`,
      apply: ({ parameters: { scale, shift } }, x) => {
        const spatial = x.shape.length - 2
        const grouped = reshape(x, [x.shape[0], groups, size(x.shape.slice(1)) / groups])
        const over = { axis: -1, keepDims: true } as const
        const even = centred(grouped, mean(grouped, over), variance(grouped, over), epsilon)
        return only(
          scaled(
            reshape(even, x.shape),
            alongChannels(scale, channels, spatial),
            alongChannels(shift, channels, spatial),
          ),
        )
      },
    }),
  ])
}
