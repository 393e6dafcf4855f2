/**
 * The program in a file: the model that a module exports, the network that a configuration of `wengert train` describes, or a
 * tape that was written as JSON.
 *
 * @since 0.1.0
 */
import { extname } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { Failure } from '../Failure.js'
import * as nn from '../nn/index.js'
import { named } from '../ops/index.js'
import { type Program, record, spec } from '../Program.js'
import { decode } from '../ProgramCodec.js'
import { key } from '../Random.js'
import type { Reverse } from '../Reverse.js'
import type { Shape } from '../Shape.js'
import type * as Tree from '../Tree.js'
import type { AnyVar, Var } from '../Var.js'
import { loadModule } from './checkLoad.js'
import { modelsOf } from './checkModule.js'
import { readPoint } from './checkPoint.js'
import { reasonOf } from './files.js'
import { type Config, configOf, readJson } from './trainConfig.js'
import { loadExamples, prepare } from './trainData.js'
import { lossOf, modelOf } from './trainModel.js'

/**
 * A program, and what it is called. `layers` is the table of a network's layers.
 *
 * @category model
 * @since 0.1.0
 */
export interface Drawable {
  readonly name: string
  readonly program: Program
  readonly layers: string | null
}

/**
 * Which model of a file, and where.
 *
 * @category model
 * @since 0.1.0
 */
export interface Wanted {
  readonly export: string | null
  readonly at: string | null
  /** what to record of a configuration: the output of the network for one example, or its loss */
  readonly network: 'output' | 'loss'
}

const sentence =
  (file: string): (<A>(result: E.Either<Failure, A>) => E.Either<string, A>) =>
  (result) =>
    E.mapLeft(({ message }: Failure) => `${file}: ${message}`)(result)

/** The same network, with a name for what each layer gives: `linear0`, `relu1`. */
const labelled = ({ layers }: nn.Pipeline): nn.Model<nn.Blocks, Var<Shape>, Var<Shape>, nn.Blocks> =>
  nn.fromLayers(
    layers.flatMap((layer, i) => {
      const name = `${layer.name.split('(')[0]}${i}`
      return [layer, ...nn.activation((x) => named(name)(x) as never, name).layers]
    }),
  )

const ofConfig = async (
  file: string,
  config: Config,
  network: Wanted['network'],
): Promise<E.Either<string, Drawable>> => {
  const examples = await loadExamples(config)()
  if (E.isLeft(examples)) return sentence(file)(examples)
  return sentence(file)(
    pipe(
      prepare(config, examples.right),
      E.bindTo('prepared'),
      E.bind('built', ({ prepared }) => modelOf(config.model, prepared.shape)),
      E.bind('weights', ({ built }) => built.model.init(key(config.seed ?? 1))),
      E.bind('table', ({ built }) => nn.summary(built.model, built.input as Var<Shape>)),
      E.bind('compare', ({ built, prepared }) =>
        lossOf(config.loss, built.output, prepared.train.columns.target.shape.slice(1), prepared.preparation.classes),
      ),
      E.bind('program', ({ built, prepared, weights, compare }) => {
        const model = labelled(built.model)
        type Inputs = { readonly parameters: nn.Blocks; readonly input: Var<Shape>; readonly target: AnyVar }
        const target = prepared.train.columns.target.shape.slice(1)
        const output = ({ parameters, input }: Omit<Inputs, 'target'>): Reverse<Var<Shape>> =>
          nn.predict(model)(parameters as never, weights.state as never)(input as never) as never
        const inputs = { parameters: weights.parameters, input: spec([1, ...built.input.shape], built.input.dtype) }
        if (network === 'output') return record(output as never)(inputs as never) as E.Either<Failure, Program>
        const loss = (given: Inputs): Reverse<AnyVar> => named('loss')(compare(output(given) as never, given.target))
        const dtype = config.loss === 'crossEntropy' ? 'int' : 'real'
        return record(loss as never)({ ...inputs, target: spec([1, ...target], dtype) } as never) as E.Either<
          Failure,
          Program
        >
      }),
      E.map(({ program, table }) => ({ name: file, program, layers: nn.showSummary(table) })),
    ),
  )
}

const ofModule = (file: string, module: unknown, { export: name, at }: Wanted): E.Either<string, Drawable> => {
  const point = at === null ? null : readPoint(at)
  if (point !== null && E.isLeft(point)) return point
  const models = modelsOf(file, module, {
    ...(name === null ? {} : { export: name }),
    ...(point === null ? {} : { at: { point: point.right } }),
  })
  if (E.isLeft(models)) return models
  const [first, ...others] = models.right
  if (others.length > 0)
    return E.left(`${file} has several models; choose with --export: ${models.right.map((m) => m.name).join(', ')}`)
  if (first.points._tag === 'Drawn')
    return E.left(`${file}: the points of ${first.name} are drawn; give one with --at FILE`)
  const [where] = first.points.points
  try {
    const model = first.model as (p: Tree.VarTree) => Reverse<Tree.VarTree>
    return E.map((program: Program): Drawable => ({ name: first.name, program, layers: null }))(
      sentence(file)(record(model)(where as never) as E.Either<Failure, Program>),
    )
  } catch (e) {
    return E.left(`${file}: the model ${first.name} throws ${reasonOf(e)}`)
  }
}

const isConfig = (u: unknown): boolean =>
  typeof u === 'object' && u !== null && 'data' in u && 'model' in u && 'loss' in u

/**
 * Reads the program in a file, or says why there is none.
 *
 * @category constructors
 * @since 0.1.0
 */
export const programIn = async (file: string, wanted: Wanted): Promise<E.Either<string, Drawable>> => {
  const config = async (u: unknown): Promise<E.Either<string, Drawable>> => {
    const found = configOf(file)(u)
    return E.isLeft(found) ? found : ofConfig(file, found.right, wanted.network)
  }
  if (extname(file) === '.json') {
    const json = readJson(file)
    if (E.isLeft(json)) return json
    return isConfig(json.right)
      ? config(json.right)
      : E.map((program: Program): Drawable => ({ name: file, program, layers: null }))(
          sentence(file)(decode(json.right)),
        )
  }
  const module = await loadModule(file)
  if (E.isLeft(module)) return module
  const exported = (module.right as { readonly default?: unknown }).default
  return isConfig(exported) ? config(exported) : ofModule(file, module.right, wanted)
}
