/**
 * Handwritten digits for the lessons that learn from them: MNIST from a folder, or the thousand that come along.
 *
 * @since 0.1.0
 */

import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Failure, mul, type Reverse, sub, type Var } from 'wengert'
import { asImages, asOneHot, type Digits, datasetRows, digits, type Mnist, readMnist, splitDataset } from 'wengert/data'
import { key } from 'wengert/Random'
import type { LessonOptions } from '../lesson.js'

/**
 * Digits to learn from, and others to be asked about.
 *
 * @category model
 * @since 0.1.0
 */
export interface Task {
  readonly train: Digits
  readonly test: Digits
  readonly source: 'MNIST' | 'embedded'
  /** of the pixels of `train`, from 0 (paper) to 1 (ink) */
  readonly mean: number
  readonly deviation: number
}

/** Of the thousand, those to learn from. */
const LEARNT = 800

const standard = ({ columns }: Digits): Pick<Task, 'mean' | 'deviation'> => {
  // how often each of the 256 levels occurs says all
  const counts = new Float64Array(256)
  const levels = columns.images.data
  const n = levels.length
  for (let i = 0; i < n; i++) counts[levels[i]]++
  const mean = counts.reduce((sum, k, level) => sum + (k * level) / 255, 0) / n
  const variance = counts.reduce((sum, k, level) => sum + k * (level / 255 - mean) ** 2, 0) / n
  return { mean, deviation: Math.sqrt(variance) }
}

/**
 * The first so many digits. Fails with `InvalidArgument` where there are fewer.
 *
 * @category combinators
 * @since 0.1.0
 */
export const firstDigits = (n: number): ((digits: Digits) => E.Either<Failure, Digits>) =>
  datasetRows(Array.from({ length: n }, (_, i) => i))

/** As many of MNIST's digits as short settings take. */
const SOME = { train: 5000, test: 1000 }

const some = ({ train, test }: Mnist): E.Either<Failure, Mnist> =>
  pipe(
    E.Do,
    E.bind('train', () => firstDigits(SOME.train)(train)),
    E.bind('test', () => firstDigits(SOME.test)(test)),
  )

/**
 * The four files of MNIST where a folder is given, or with short settings the first digits of them; of the embedded
 * thousand, 800 to learn from and 200 to test on. Fails as `readMnist` does.
 *
 * @category constructors
 * @since 0.1.0
 */
export const taskOf = ({
  data,
  seed,
  full,
}: Pick<LessonOptions, 'data' | 'seed' | 'full'>): TE.TaskEither<Failure, Task> =>
  pipe(
    data === null ? TE.fromEither(splitDataset(key(seed), LEARNT)(digits())) : readMnist(data),
    TE.chainEitherK((parts) => (data === null || full ? E.right(parts) : some(parts))),
    TE.map(({ train, test }) => ({
      train,
      test,
      source: data === null ? 'embedded' : 'MNIST',
      ...standard(train),
    })),
  )

/**
 * Images, moved by up to `shift` pixels, and labels as rows of the unit matrix. Pixels are from 0 to 255, as in the file.
 *
 * @category feeds
 * @since 0.1.0
 */
export const rawFeeds = (shift = 0) => ({
  input: asImages('images', { shift, shape: [1, 28, 28] }),
  target: asOneHot('labels', 10),
})

/**
 * Records the pixels that a network sees, with mean 0 and deviation 1 over all that are learnt from. As a part of a training
 * step it is done where the rest is computed, to several pixels at once.
 *
 * @category feeds
 * @since 0.1.0
 */
export const standardised =
  ({ mean, deviation }: Pick<Task, 'mean' | 'deviation'>) =>
  (pixels: Var<readonly [number, 1, 28, 28]>): Reverse<Var<readonly [number, 1, 28, 28]>> =>
    mul(sub(pixels, 255 * mean), 1 / (255 * deviation))

/**
 * `rawFeeds` as the network sees them.
 *
 * @category feeds
 * @since 0.1.0
 */
export const feedsOf = ({ mean, deviation }: Task, shift = 0) => ({
  ...rawFeeds(),
  input: asImages('images', { scale: 1 / (255 * deviation), offset: -mean / deviation, shift, shape: [1, 28, 28] }),
})
