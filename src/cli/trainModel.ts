/**
 * The model, the loss and the optimiser that a configuration describes. A layer says what it gives; what it takes follows
 * from the layers before it.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'
import * as nn from '../nn/index.js'
import {
  argmax,
  binaryCrossEntropy,
  convert,
  crossEntropy,
  elu,
  eq,
  gelu,
  huber,
  leakyRelu,
  mean,
  meanAbsoluteError,
  meanSquaredError,
  relu,
  sigmoid,
  silu,
  softplus,
  tanh,
} from '../ops/index.js'
import * as optim from '../optim/index.js'
import { spec } from '../Program.js'
import { gen, type Reverse } from '../Reverse.js'
import { type Shape, show } from '../Shape.js'
import type { Measures } from '../train/index.js'
import type { AnyVar, Var } from '../Var.js'
import type { Config, LayerConfig, OptimiserConfig, ScheduleConfig } from './trainConfig.js'

/**
 * A model whose types are known when it runs.
 *
 * @category model
 * @since 0.1.0
 */
export type AnyModel = nn.Model<nn.Blocks, Var<Shape>, Var<Shape>, nn.Blocks>

const ACTIVATIONS = { relu, sigmoid, tanh, silu, softplus }

const WITHOUT_SIZES = { globalAvgPool: nn.globalAvgPool, globalMaxPool: nn.globalMaxPool, flatten: nn.flatten }

type Convolution = (
  channels: number,
  outputs: number,
  window: number,
  options: nn.ConvolutionLayerOptions,
) => nn.Pipeline

const CONVOLUTIONS: { readonly [K in 'conv1d' | 'conv2d']: Convolution } = {
  conv1d: (channels, outputs, window, options) => nn.conv1d(channels, outputs, window, options as never),
  conv2d: (channels, outputs, window, options) => nn.conv2d(channels, outputs, window, options as never),
}

type Pooling = (window: number, options: { readonly stride: number; readonly padding: number }) => nn.Pipeline

const POOLINGS: { readonly [K in 'maxPool1d' | 'maxPool2d' | 'avgPool1d' | 'avgPool2d']: Pooling } = {
  maxPool1d: (window, options) => nn.maxPool1d(window, options),
  maxPool2d: (window, options) => nn.maxPool2d(window, options),
  avgPool1d: (window, options) => nn.avgPool1d(window, options),
  avgPool2d: (window, options) => nn.avgPool2d(window, options),
}

/** A layer for examples of a shape. */
const itemOf = (layer: Exclude<LayerConfig, { readonly layer: 'residual' }>, shape: Shape): nn.Pipeline => {
  const [first, last] = [shape[0] ?? 0, shape[shape.length - 1] ?? 0]
  switch (layer.layer) {
    case 'linear':
      return nn.linear(last, layer.outputs, { bias: layer.bias ?? true })
    case 'conv1d':
    case 'conv2d': {
      const { outputs, window, bias = true, stride = 1, padding = 0 } = layer
      return CONVOLUTIONS[layer.layer](first, outputs, window, { bias, stride, padding })
    }
    case 'maxPool1d':
    case 'maxPool2d':
    case 'avgPool1d':
    case 'avgPool2d': {
      const { window, stride = window, padding = 0 } = layer
      return POOLINGS[layer.layer](window, { stride, padding })
    }
    case 'globalAvgPool':
    case 'globalMaxPool':
    case 'flatten':
      return WITHOUT_SIZES[layer.layer]
    case 'batchNorm':
      return nn.batchNorm(first)
    case 'layerNorm':
      return nn.layerNorm([last])
    case 'groupNorm':
      return nn.groupNorm(layer.groups, first)
    case 'dropout':
      return nn.dropout(layer.rate)
    case 'embedding':
      return nn.embedding(layer.symbols, layer.features)
    case 'selfAttention':
      return nn.selfAttention(last, layer.heads, { causal: layer.causal ?? false })
    case 'leakyRelu': {
      const { slope = 0.01 } = layer
      return nn.activation((x) => leakyRelu(x, slope), `leakyRelu(${slope})`)
    }
    case 'gelu':
      return nn.activation((x) => gelu(x), 'gelu')
    case 'elu':
      return nn.activation((x) => elu(x), 'elu')
    default:
      return nn.activation(ACTIVATIONS[layer.layer], layer.layer)
  }
}

/** Layers, and what they make of one example. */
interface Grown {
  readonly layers: ReadonlyArray<nn.Layer>
  readonly output: AnyVar
}

/** One layer more, or a few around which something is carried. */
const grownBy =
  (path: string, layer: LayerConfig) =>
  ({ layers, output }: Grown): E.Either<Failure, Grown> => {
    const made: E.Either<Failure, nn.Pipeline> =
      layer.layer === 'residual'
        ? E.map((inner: Grown) => nn.residual(modelWith(inner)))(grown(`${path}.layers`, layer.layers, output))
        : E.right(itemOf(layer, output.shape))
    if (E.isLeft(made)) return made
    const item: AnyModel = nn.fromLayers(made.right.layers)
    return E.bimap(
      ({ message, ...details }: Failure): Failure => ({ ...details, message: `${path}: ${message}` }),
      ({ rows }: nn.Summary): Grown => ({
        layers: [...layers, ...item.layers],
        output: spec(rows.at(-1)?.output[0] ?? output.shape),
      }),
    )(nn.summary(item, output as Var<Shape>))
  }

const grown = (path: string, layers: ReadonlyArray<LayerConfig>, input: AnyVar): E.Either<Failure, Grown> =>
  layers.reduce<E.Either<Failure, Grown>>(
    (before, layer, i) => E.chain(grownBy(`${path}.${i}`, layer))(before),
    E.right({ layers: [], output: input }),
  )

const modelWith = ({ layers }: Grown): AnyModel => nn.fromLayers(layers)

/**
 * How many symbols there are, where a model begins by giving vectors to symbols; null where it takes numbers.
 *
 * @category destructors
 * @since 0.1.0
 */
export const symbolsOf = ([first]: ReadonlyArray<LayerConfig>): number | null =>
  first.layer === 'embedding' ? first.symbols : null

/**
 * The model for examples of a shape, with what it takes and gives for one. Fails as the first layer does that does not fit, and
 * says which it is.
 *
 * @category constructors
 * @since 0.1.0
 */
export const modelOf = (
  layers: ReadonlyArray<LayerConfig>,
  shape: Shape,
): E.Either<Failure, { readonly model: AnyModel; readonly input: AnyVar; readonly output: Shape }> => {
  const input = spec(shape, symbolsOf(layers) === null ? 'real' : 'int')
  return E.map((all: Grown) => ({ model: modelWith(all), input, output: all.output.shape }))(
    grown('model', layers, input),
  )
}

/**
 * Compares a batch of outputs with its targets.
 *
 * @category model
 * @since 0.1.0
 */
export type Compare = (output: AnyVar, target: AnyVar) => Reverse<Var<readonly []>>

const LOSSES = { meanSquaredError, meanAbsoluteError, huber, binaryCrossEntropy, crossEntropy }

/**
 * The loss of a configuration, if the outputs of the model fit the targets.
 *
 * @category constructors
 * @since 0.1.0
 */
export const lossOf = (
  loss: Config['loss'],
  output: Shape,
  target: Shape,
  classes: ReadonlyArray<string> | null,
): E.Either<Failure, Compare> => {
  const refuse = (wanted: string): E.Either<Failure, never> =>
    fail('ShapeMismatch', `model: ${loss} needs ${wanted} for one example, and the last layer gives ${show(output)}`)
  if (classes !== null && loss === 'crossEntropy') {
    if (output.length !== 1 || output[0] < classes.length)
      return refuse(`[${classes.length}], a number for each class,`)
  } else if (output.length !== target.length || output.some((n, i) => n !== target[i]))
    return refuse(`${show(target)}, as the targets are,`)
  return E.right(LOSSES[loss] as unknown as Compare)
}

/**
 * What is measured on a batch besides the loss: the share of right classes, or the mean distance.
 *
 * @category constructors
 * @since 0.1.0
 */
export const measuresOf =
  (loss: Config['loss'], compare: Compare) =>
  (output: AnyVar, target: AnyVar): Reverse<Measures> =>
    gen(function* () {
      const value = yield* compare(output, target)
      if (loss === 'crossEntropy') {
        const right = yield* eq(argmax(output as Var<readonly [number, number]>, { axis: 1 }) as never, target as never)
        return { loss: value, accuracy: yield* mean(convert(right as Var<Shape, 'bool'>, 'real')) }
      }
      return { loss: value, distance: yield* meanAbsoluteError(output as Var<Shape>, target as Var<Shape>) }
    }) as Reverse<Measures>

const scheduleOf = (config: ScheduleConfig): optim.Schedule => {
  switch (config.schedule) {
    case 'constant':
      return optim.constant(config.value)
    case 'stepwise':
      return optim.stepwise(config)
    case 'exponential':
      return optim.exponential(config)
    case 'inverseTime':
      return optim.inverseTime(config)
    case 'oneCycle':
      return optim.oneCycle(config)
    case 'cosine': {
      const { warmUp, ...options } = config
      const falling = optim.cosine(options)
      return warmUp === undefined ? falling : optim.warmUp(warmUp, falling)
    }
  }
}

const { sgd, adagrad, rmsprop, adam, adamw } = optim
const OPTIMISERS = { sgd, adagrad, rmsprop, adam, adamw }

/**
 * The optimiser of a configuration.
 *
 * @category constructors
 * @since 0.1.0
 */
export const optimiserOf = ({ clipNorm, ...config }: OptimiserConfig): optim.Optimiser<unknown> => {
  const { optimiser, rate, ...options } = config
  const moving = typeof rate === 'number' ? rate : scheduleOf(rate)
  const made = OPTIMISERS[optimiser]({ ...options, rate: moving }) as optim.Optimiser<unknown>
  return clipNorm === undefined ? made : (optim.chain(optim.clipByNorm(clipNorm), made) as optim.Optimiser<unknown>)
}
