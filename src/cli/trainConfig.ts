/**
 * What `wengert train` is told: data, a model as a list of layers, a loss, an optimiser, and how long.
 *
 * @since 0.1.0
 */
import { basename, dirname, extname, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { loadModule } from './checkLoad.js'
import {
  decoded,
  fields,
  finite,
  flag,
  integer,
  listOf,
  natural,
  numberOr,
  positive,
  type Reader,
  share,
  tagged,
  word,
  wordOf,
} from './fields.js'
import { readText, reasonOf } from './files.js'

const Data = tagged('from', {
  boston: [{}, {}],
  digits: [{}, {}],
  mnist: [{ folder: word }, {}],
  csv: [{ file: word, inputs: listOf(word), targets: listOf(word) }, { separator: word }],
  npy: [{ inputs: word, targets: word }, {}],
  npz: [{ file: word, inputs: word, targets: word }, {}],
  safetensors: [{ file: word, inputs: word, targets: word }, {}],
})

const affine = { bias: flag }
const windows = { stride: natural, padding: integer }

const LAYERS = {
  linear: [{ outputs: natural }, affine],
  conv1d: [
    { outputs: natural, window: natural },
    { ...affine, ...windows },
  ],
  conv2d: [
    { outputs: natural, window: natural },
    { ...affine, ...windows },
  ],
  maxPool1d: [{ window: natural }, windows],
  maxPool2d: [{ window: natural }, windows],
  avgPool1d: [{ window: natural }, windows],
  avgPool2d: [{ window: natural }, windows],
  globalAvgPool: [{}, {}],
  globalMaxPool: [{}, {}],
  batchNorm: [{}, {}],
  layerNorm: [{}, {}],
  groupNorm: [{ groups: natural }, {}],
  dropout: [{ rate: share }, {}],
  embedding: [{ symbols: natural, features: natural }, {}],
  selfAttention: [{ heads: natural }, { causal: flag }],
  flatten: [{}, {}],
  relu: [{}, {}],
  leakyRelu: [{}, { slope: finite }],
  sigmoid: [{}, {}],
  tanh: [{}, {}],
  gelu: [{}, {}],
  silu: [{}, {}],
  elu: [{}, {}],
  softplus: [{}, {}],
} as const

const Layer = tagged('layer', { ...LAYERS, residual: [{ layers: listOf(tagged('layer', LAYERS)) }, {}] })

const Schedule = tagged('schedule', {
  constant: [{ value: finite }, {}],
  stepwise: [{ initial: finite, every: natural, factor: positive }, {}],
  exponential: [{ initial: finite, factor: positive }, {}],
  inverseTime: [{ initial: finite, decay: finite }, {}],
  cosine: [
    { initial: finite, steps: natural },
    { final: finite, warmUp: natural },
  ],
  oneCycle: [{ peak: finite, steps: natural }, { rise: share }],
})

const rate = numberOr(positive, Schedule)
const common = { weightDecay: finite, clipNorm: positive }
const moments = { ...common, beta1: finite, beta2: finite, eps: positive, amsgrad: flag }

const Optimiser = tagged('optimiser', {
  sgd: [{ rate }, { ...common, momentum: finite, dampening: finite, nesterov: flag }],
  adagrad: [{ rate }, { ...common, eps: positive }],
  rmsprop: [{ rate }, { ...common, decay: finite, eps: positive, centred: flag, momentum: finite }],
  adam: [{ rate }, moments],
  adamw: [{ rate }, moments],
})

/**
 * The codec of configurations.
 *
 * @category codecs
 * @since 0.1.0
 */
export const ConfigCodec = fields(
  {
    data: Data,
    model: listOf(Layer),
    loss: wordOf(['meanSquaredError', 'meanAbsoluteError', 'huber', 'crossEntropy', 'binaryCrossEntropy']),
    optimiser: Optimiser,
    epochs: natural,
    batchSize: natural,
  },
  {
    seed: integer,
    standardise: flag,
    augment: fields({}, { shift: natural, flip: flag }),
    validation: share,
    checkpoint: fields({}, { epochs: natural, steps: natural }),
    stopping: fields({ patience: natural }, { minDelta: finite }),
    scalar: wordOf(['f64', 'f32']),
    out: word,
  },
)

/**
 * A configuration.
 *
 * @category model
 * @since 0.1.0
 */
export type Config = t.TypeOf<typeof ConfigCodec>

/**
 * Where data come from.
 *
 * @category model
 * @since 0.1.0
 */
export type DataConfig = t.TypeOf<typeof Data>

/**
 * @category model
 * @since 0.1.0
 */
export type LayerConfig = t.TypeOf<typeof Layer>

/**
 * @category model
 * @since 0.1.0
 */
export type OptimiserConfig = t.TypeOf<typeof Optimiser>

/**
 * @category model
 * @since 0.1.0
 */
export type ScheduleConfig = t.TypeOf<typeof Schedule>

/** Paths in a configuration are relative to its file. */
const placed = (folder: string, data: DataConfig): DataConfig => {
  switch (data.from) {
    case 'boston':
    case 'digits':
      return data
    case 'mnist':
      return { ...data, folder: resolve(folder, data.folder) }
    case 'npy':
      return { ...data, inputs: resolve(folder, data.inputs), targets: resolve(folder, data.targets) }
    default:
      return { ...data, file: resolve(folder, data.file) }
  }
}

/**
 * Decodes a configuration that was written in a file, with its paths made absolute.
 *
 * @category constructors
 * @since 0.1.0
 */
export const configOf =
  (file: string) =>
  (u: unknown): E.Either<string, Config> =>
    E.bimap(
      (sentence: string) => `${file}: ${sentence}`,
      (config: Config): Config => ({ ...config, data: placed(dirname(resolve(file)), config.data) }),
    )(decoded(ConfigCodec as Reader<Config>, 'the configuration')(u))

/**
 * A JSON document in a file.
 *
 * @category constructors
 * @since 0.1.0
 */
export const readJson = (file: string): E.Either<string, unknown> =>
  E.chain((text: string) =>
    E.tryCatch(
      () => JSON.parse(text) as unknown,
      (e) => `${file} is no JSON: ${reasonOf(e)}`,
    ),
  )(readText(file))

/**
 * Reads a configuration: JSON, or the default export of a JavaScript or TypeScript module.
 *
 * @category constructors
 * @since 0.1.0
 */
export const readConfig = async (file: string): Promise<E.Either<string, Config>> => {
  if (extname(file) === '.json') return E.chain(configOf(file))(readJson(file))
  const module = await loadModule(file)
  if (E.isLeft(module)) return module
  const exported = (module.right as { readonly default?: unknown }).default
  return exported === undefined
    ? E.left(`${file} has no default export; a configuration is export default { data, model, loss, ... }`)
    : configOf(file)(exported)
}

/**
 * Where a run keeps its files, unless its configuration says so: `out/NAME` for `NAME.json`.
 *
 * @category destructors
 * @since 0.1.0
 */
export const folderOf = (file: string, { out }: Pick<Config, 'out'>): string =>
  out ?? `out/${basename(file, extname(file))}`
