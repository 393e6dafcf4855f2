/**
 * The examples that a configuration names, as a data set with the columns `input` and `target`.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  asImages,
  asInts,
  asReals,
  bostonFeatures,
  bostonPrices,
  type Dataset,
  dataset,
  digits,
  type Feed,
  readMnist,
  type Standard,
  splitDataset,
  standardise,
  standardOf,
} from '../data/index.js'
import { type Failure, fail } from '../Failure.js'
import { type Packed, packedOf, unpack, unsafePacked } from '../formats/index.js'
import { fold, key } from '../Random.js'
import { type Shape, show } from '../Shape.js'
import { type Tensor, unsafeMake } from '../Tensor.js'
import type { Config } from './trainConfig.js'
import { symbolsOf } from './trainModel.js'
import { type FileData, type Rows, rowsOf } from './trainRows.js'

/**
 * Examples, and what is known of them. Where a target is a class, `classes` names them; targets are then their positions.
 *
 * @category model
 * @since 0.1.0
 */
export interface Examples {
  readonly data: Dataset<{ readonly input: Packed; readonly target: Packed }>
  /** examples to validate on that come with the data */
  readonly held: Dataset<{ readonly input: Packed; readonly target: Packed }> | null
  readonly classes: ReadonlyArray<string> | null
  /** what inputs are multiplied by: bytes become 0 to 1 */
  readonly scale: number
}

/**
 * What becomes of the rows of a table before a model sees them: known after training, and used for predictions.
 *
 * @category model
 * @since 0.1.0
 */
export interface Preparation {
  readonly standard: Standard | null
  readonly classes: ReadonlyArray<string> | null
  readonly scale: number
}

const pairs = (input: Parameters<typeof packedOf>[0], target: Parameters<typeof packedOf>[0]) =>
  dataset({ input: packedOf(input), target: packedOf(target) })

const plain = (data: Examples['data'], scale = 1): Examples => ({ data, held: null, classes: null, scale })

/** Images with a channel, `[n, 1, 28, 28]`. */
const imagesOf = ({ columns: { images, labels } }: ReturnType<typeof digits>): E.Either<Failure, Examples['data']> =>
  pairs({ ...images, shape: [images.shape[0], 1, ...images.shape.slice(1)] } as Packed, labels)

const DIGITS = Array.from({ length: 10 }, (_, i) => String(i))

const PIXEL = 1 / 255

/** More are no classes. */
const MOST_CLASSES = 2 ** 16

const inOrder = (words: ReadonlySet<string>): ReadonlyArray<string> => {
  const all = [...words]
  return all.every((word) => Number.isFinite(Number(word))) ? all.sort((a, b) => Number(a) - Number(b)) : all.sort()
}

/** Words as classes, in the order of numbers or of the alphabet; integers as they are, 0 to the greatest. */
const labelled = (
  target: Packed | ReadonlyArray<string>,
): E.Either<Failure, readonly [labels: Packed, classes: ReadonlyArray<string>]> => {
  const refuse = (sentence: string): E.Either<Failure, never> => fail('InvalidArgument', `crossEntropy: ${sentence}`)
  if (Array.isArray(target)) {
    const words = target as ReadonlyArray<string>
    const classes = inOrder(new Set(words))
    if (classes.length > MOST_CLASSES) return refuse(`the targets are ${classes.length} words, and no classes`)
    const at = new Map(classes.map((name, i) => [name, i]))
    const labels = unsafeMake(
      [words.length],
      'int',
      Int32Array.from(words, (w) => at.get(w) as number),
    )
    return E.right([packedOf(labels), classes])
  }
  const { shape, data } = target as Packed
  if (shape.length !== 1) return refuse(`targets are classes, an array [n], not ${show(shape)}`)
  let most = 0
  for (let i = 0; i < data.length; i++) {
    if (!Number.isInteger(data[i]) || data[i] < 0 || data[i] >= MOST_CLASSES)
      return refuse(`target ${i} is ${data[i]}; classes are integers from 0 on, less than ${MOST_CLASSES}`)
    most = Math.max(most, data[i])
  }
  return E.right([target as Packed, Array.from({ length: most + 1 }, (_, i) => String(i))])
}

const fromFiles = (data: FileData, loss: Config['loss']): TE.TaskEither<Failure, Examples> =>
  TE.chainEitherK(({ input, target }: Rows): E.Either<Failure, Examples> => {
    if (loss !== 'crossEntropy') return E.map((found: Examples['data']) => plain(found))(pairs(input, target as Packed))
    return pipe(
      labelled(target as Packed | ReadonlyArray<string>),
      E.chain(([labels, classes]) =>
        E.map((found: Examples['data']): Examples => ({ ...plain(found), classes }))(pairs(input, labels)),
      ),
    )
  })(rowsOf(data, loss === 'crossEntropy' ? 'classes' : 'numbers'))

/**
 * Loads the examples of a configuration.
 *
 * @category reading
 * @since 0.1.0
 */
export const loadExamples = ({ data, loss }: Pick<Config, 'data' | 'loss'>): TE.TaskEither<Failure, Examples> => {
  switch (data.from) {
    case 'boston':
      return TE.fromEither(E.map((found: Examples['data']) => plain(found))(pairs(bostonFeatures(), bostonPrices())))
    case 'digits':
      return TE.fromEither(
        E.map((found: Examples['data']): Examples => ({ ...plain(found, PIXEL), classes: DIGITS }))(imagesOf(digits())),
      )
    case 'mnist':
      return pipe(
        readMnist(data.folder),
        TE.chainEitherK(({ train, test }) =>
          pipe(
            E.Do,
            E.apS('data', imagesOf(train)),
            E.apS('held', imagesOf(test)),
            E.map((parts): Examples => ({ ...parts, classes: DIGITS, scale: PIXEL })),
          ),
        ),
      )
    default:
      return fromFiles(data, loss)
  }
}

/**
 * Examples to learn from and to validate on, prepared.
 *
 * @category model
 * @since 0.1.0
 */
export interface Prepared {
  readonly train: Examples['data']
  readonly validation: Examples['data'] | null
  readonly feeds: { readonly input: Feed; readonly target: Feed }
  readonly preparation: Preparation
  /** of one example */
  readonly shape: Shape
}

/** Symbols `0, ..., symbols - 1` as integers, whatever numbers they were written as. */
const symbolic =
  (symbols: number) =>
  ({ shape, data }: Packed): E.Either<Failure, Packed> => {
    const wrong = data.findIndex((x) => !Number.isInteger(x) || x < 0 || x >= symbols)
    return wrong < 0
      ? E.right(unsafePacked(shape, 'i32', Int32Array.from(data)))
      : fail(
          'InvalidArgument',
          `model.0: an embedding of ${symbols} symbols takes integers from 0 to ${symbols - 1}, and input ${wrong} is ${data[wrong]}`,
        )
  }

/**
 * Inputs as a model takes them: as symbols, by a standard, or as they are.
 *
 * @category combinators
 * @since 0.1.0
 */
export const preparedInput =
  ({ model }: Pick<Config, 'model'>, standard: Standard | null) =>
  (input: Packed): E.Either<Failure, Packed> => {
    const symbols = symbolsOf(model)
    if (symbols !== null) return symbolic(symbols)(input)
    return standard === null
      ? E.right(input)
      : (E.map(packedOf)(standardise(standard)(unpack(input) as Tensor<Shape>)) as never)
  }

/**
 * How inputs come into a batch, scaled where they are numbers.
 *
 * @category constructors
 * @since 0.1.0
 */
export const inputFeed = ({ model, augment }: Pick<Config, 'model' | 'augment'>, scale: number): Feed => {
  if (symbolsOf(model) !== null) return asInts('input')
  return augment === undefined ? asReals('input', { scale }) : asImages('input', { ...augment, scale })
}

/** Examples to learn from, and to validate on. */
interface Parts {
  readonly train: Examples['data']
  readonly test: Examples['data'] | null
}

/**
 * Splits off a share of the examples to validate on, drawn from the seed, and standardises the inputs by those that are
 * left to learn from, where that is asked for.
 *
 * @category constructors
 * @since 0.1.0
 */
export const prepare = (
  config: Config,
  { data, held, classes, scale: ofNumbers }: Examples,
): E.Either<Failure, Prepared> => {
  const { loss, model, validation, seed = 1, standardise: wanted = false, augment } = config
  const symbols = symbolsOf(model) !== null
  const scale = symbols ? 1 : ofNumbers
  if (symbols && (wanted || augment !== undefined))
    return fail('InvalidArgument', 'model.0: symbols are given vectors; they are not standardised or augmented')
  const inputsBy =
    (standard: Standard | null) =>
    ({ columns, ...rest }: Examples['data']): E.Either<Failure, Examples['data']> =>
      E.map((input: Packed): Examples['data'] => ({ ...rest, columns: { ...columns, input } }))(
        preparedInput(config, standard)(columns.input),
      )
  return pipe(
    validation === undefined
      ? E.right<Failure, Parts>({ train: data, test: held })
      : (splitDataset(
          fold(key(seed), 0),
          Math.max(1, data.rows - Math.round(data.rows * validation)),
        )(data) as E.Either<Failure, Parts>),
    E.bind(
      'standard',
      ({ train }): E.Either<Failure, Standard | null> =>
        wanted ? standardOf(unpack(train.columns.input) as Tensor<Shape>) : E.right(null),
    ),
    E.bind('learned', ({ train, standard }) => inputsBy(standard)(train)),
    E.bind('kept', ({ test, standard }) => (test === null ? E.right(test) : inputsBy(standard)(test))),
    E.map(
      ({ learned, kept, standard }): Prepared => ({
        train: learned,
        validation: kept,
        feeds: {
          input: inputFeed(config, scale),
          target: loss === 'crossEntropy' ? asInts('target') : asReals('target'),
        },
        preparation: { standard, classes, scale },
        shape: learned.columns.input.shape.slice(1),
      }),
    ),
  )
}
