/**
 * How good predictions are, computed on values: what is reported, not what is trained by.
 *
 * Classes are integers from 0. Where a quotient is 0 / 0 (precision of a class never predicted, recall of one that never
 * occurs) it counts as 0, as scikit-learn has it; a class that neither occurs nor is predicted is left out of macro means. A
 * mean of nothing is NaN.
 *
 * Lists of different lengths fail with `ShapeMismatch`, numbers that are no classes with `InvalidArgument`.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'
import { show } from '../Shape.js'
import { type Tensor, unsafeMake } from '../Tensor.js'

/**
 * Numbers in a list or in a tensor, whose shape does not matter.
 *
 * @category model
 * @since 0.1.0
 */
export type Listed = ArrayLike<number> | { readonly data: ArrayLike<number> }

/**
 * Counts by true class (row) and predicted class (column).
 *
 * @category model
 * @since 0.1.0
 */
export type ConfusionMatrix = Tensor<readonly [number, number], 'int'>

/**
 * How the figures of classes become one: their mean, that of all decisions together, or the figure of class 1.
 *
 * @category model
 * @since 0.1.0
 */
export type Average = 'macro' | 'micro' | 'binary'

const numbers = (x: Listed): ArrayLike<number> => ('data' in x ? x.data : x)

const paired = <A>(
  operation: string,
  predicted: Listed,
  expected: Listed,
  use: (p: ArrayLike<number>, t: ArrayLike<number>) => E.Either<Failure, A>,
): E.Either<Failure, A> => {
  const [p, t] = [numbers(predicted), numbers(expected)]
  return p.length === t.length
    ? use(p, t)
    : fail('ShapeMismatch', `${operation}: ${p.length} predictions for ${t.length} targets`, { operation })
}

const sumOf = (n: number, term: (i: number) => number): number => {
  let sum = 0
  for (let i = 0; i < n; i++) sum += term(i)
  return sum
}

/**
 * The part of the predictions that are right.
 *
 * @category classification
 * @since 0.1.0
 */
export const accuracy = (predicted: Listed, labels: Listed): E.Either<Failure, number> =>
  paired('accuracy', predicted, labels, (p, t) => E.right(sumOf(p.length, (i) => (p[i] === t[i] ? 1 : 0)) / p.length))

/**
 * The class with the largest score in each row of `[examples, classes]`; the first of several. A row with NaN gives -1.
 *
 * @category classification
 * @since 0.1.0
 */
export const classOf = ({ shape, data }: Tensor<readonly [number, number]>): ReadonlyArray<number> =>
  Array.from({ length: shape[0] }, (_, row) => {
    let best = shape[1] === 0 ? -1 : 0
    for (let j = 0; j < shape[1]; j++) {
      const score = data[row * shape[1] + j]
      if (Number.isNaN(score)) return -1
      if (score > data[row * shape[1] + best]) best = j
    }
    return best
  })

/**
 * How often each class was taken for each. Fails with `InvalidArgument` on numbers that are not classes, and unless the number
 * of classes is an integer from 1 to 4096.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { map } from 'fp-ts/lib/Either.js'
 * import { ints } from 'wengert'
 * import { metrics } from 'wengert/nn'
 *
 * const matrix = metrics.confusionMatrix(2)([1, 1, 0, 0], [1, 0, 0, 0])
 * assert.deepStrictEqual(matrix, { _tag: 'Right', right: ints([[2, 1], [0, 1]]) })
 * assert.deepStrictEqual(map(metrics.precision('binary'))(matrix), { _tag: 'Right', right: 0.5 })
 * ```
 *
 * @category classification
 * @since 0.1.0
 */
export const confusionMatrix =
  (classes: number) =>
  (predicted: Listed, labels: Listed): E.Either<Failure, ConfusionMatrix> => {
    const operation = 'confusionMatrix'
    if (!Number.isInteger(classes) || classes < 1 || classes > 4096)
      return fail('InvalidArgument', `${operation}: the classes must be an integer from 1 to 4096, not ${classes}`, {
        operation,
      })
    return paired(operation, predicted, labels, (p, t) => {
      const counts = new Int32Array(classes * classes)
      const isClass = (n: number): boolean => Number.isInteger(n) && n >= 0 && n < classes
      for (let i = 0; i < p.length; i++) {
        if (!isClass(p[i]) || !isClass(t[i]))
          return fail(
            'InvalidArgument',
            `${operation}: example ${i} is ${isClass(t[i]) ? 'predicted' : 'labelled'} ${isClass(t[i]) ? p[i] : t[i]}, which is not a class from 0 to ${classes - 1}`,
            { operation },
          )
        counts[t[i] * classes + p[i]]++
      }
      return E.right(unsafeMake([classes, classes], 'int', counts))
    })
  }

/**
 * The figures of one class.
 *
 * @category model
 * @since 0.1.0
 */
export interface ClassFigures {
  /** of those predicted to be of the class, the part that are */
  readonly precision: number
  /** of those of the class, the part predicted to be */
  readonly recall: number
  /** the harmonic mean of both, `2 hits / (predicted + occurring)` */
  readonly f1: number
  /** how many are of the class */
  readonly support: number
}

interface Counts {
  readonly hits: number
  readonly predicted: number
  readonly occurring: number
}

const countsOf = ({ shape, data }: ConfusionMatrix): ReadonlyArray<Counts> => {
  const n = shape[0]
  return Array.from({ length: n }, (_, k) => ({
    hits: data[k * n + k],
    predicted: sumOf(n, (i) => data[i * n + k]),
    occurring: sumOf(n, (j) => data[k * n + j]),
  }))
}

const quotient = (a: number, b: number): number => (b === 0 ? 0 : a / b)

type Figure = (counts: Counts) => number

const figures: { readonly precision: Figure; readonly recall: Figure; readonly f1: Figure } = {
  precision: ({ hits, predicted }) => quotient(hits, predicted),
  recall: ({ hits, occurring }) => quotient(hits, occurring),
  f1: ({ hits, predicted, occurring }) => quotient(2 * hits, predicted + occurring),
}

/**
 * Precision, recall and F1 of each class.
 *
 * @category classification
 * @since 0.1.0
 */
export const byClass = (matrix: ConfusionMatrix): ReadonlyArray<ClassFigures> =>
  countsOf(matrix).map((counts) => ({
    precision: figures.precision(counts),
    recall: figures.recall(counts),
    f1: figures.f1(counts),
    support: counts.occurring,
  }))

const averaged =
  (figure: Figure) =>
  (average: Average) =>
  (matrix: ConfusionMatrix): number => {
    const counts = countsOf(matrix)
    if (average === 'binary') return counts.length < 2 ? 0 : figure(counts[1])
    if (average === 'micro') {
      const all = (what: keyof Counts): number => sumOf(counts.length, (k) => counts[k][what])
      return figure({ hits: all('hits'), predicted: all('predicted'), occurring: all('occurring') })
    }
    const seen = counts.filter(({ predicted, occurring }) => predicted + occurring > 0)
    return sumOf(seen.length, (k) => figure(seen[k])) / seen.length
  }

/**
 * Of those predicted to be of a class, the part that are.
 *
 * @category classification
 * @since 0.1.0
 */
export const precision: (average: Average) => (matrix: ConfusionMatrix) => number = averaged(figures.precision)

/**
 * Of those of a class, the part predicted to be.
 *
 * @category classification
 * @since 0.1.0
 */
export const recall: (average: Average) => (matrix: ConfusionMatrix) => number = averaged(figures.recall)

/**
 * The harmonic mean of precision and recall. The macro average is the mean of the classes' own, as in scikit-learn.
 *
 * @category classification
 * @since 0.1.0
 */
export const f1: (average: Average) => (matrix: ConfusionMatrix) => number = averaged(figures.f1)

/**
 * The mean of `-log p[label]`, for probabilities `[examples, classes]`. A label of probability 0 costs `Infinity`: nothing is
 * clipped.
 *
 * @category classification
 * @since 0.1.0
 */
export const logLoss = (
  { shape, data }: Tensor<readonly [number, number]>,
  labels: Listed,
): E.Either<Failure, number> => {
  const operation = 'logLoss'
  const [n, classes] = shape
  const t = numbers(labels)
  if (t.length !== n)
    return fail('ShapeMismatch', `${operation}: ${t.length} labels for probabilities ${show(shape)}`, { operation })
  const wrong = Array.from(t).find((k) => !Number.isInteger(k) || k < 0 || k >= classes)
  return wrong === undefined
    ? E.right(-sumOf(n, (i) => Math.log(data[i * classes + t[i]])) / n)
    : fail('InvalidArgument', `${operation}: the label ${wrong} is not a class from 0 to ${classes - 1}`, { operation })
}

/**
 * The part of the variance of the targets that is explained, `1 - sum (t - p)^2 / sum (t - mean t)^2`. Targets that do not vary
 * give 1 if all predictions are exact and 0 otherwise.
 *
 * @category regression
 * @since 0.1.0
 */
export const rSquared = (predicted: Listed, targets: Listed): E.Either<Failure, number> =>
  paired('rSquared', predicted, targets, (p, t) => {
    const n = p.length
    if (n === 0) return E.right(NaN)
    const mean = sumOf(n, (i) => t[i]) / n
    const residual = sumOf(n, (i) => (t[i] - p[i]) ** 2)
    const varied = sumOf(n, (i) => (t[i] - mean) ** 2)
    return E.right(varied === 0 ? (residual === 0 ? 1 : 0) : 1 - residual / varied)
  })
