/**
 * MNIST: 70 000 images of handwritten digits, from the four idx files in which it is given away.
 *
 * @since 0.1.0
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { type Failure, fail } from '../Failure.js'
import type { Packed } from '../formats/index.js'
import { equals, type Shape, show, size } from '../Shape.js'
import { isLabel } from './dataset.js'
import type { Digits } from './digits.js'
import { readIdxFile } from './file.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface Mnist {
  /** 60 000 */
  readonly train: Digits
  /** 10 000 */
  readonly test: Digits
}

const SOURCE = 'https://ossci-datasets.s3.amazonaws.com/mnist/'

const refuse = (path: string, sentence: string, tag: 'MalformedFile' | 'UnreadableFile'): E.Either<Failure, never> =>
  fail(tag, `${path}: ${sentence}`, { file: path })

/** The bytes before the elements. */
const HEADER = 16

/** One file, as it is or as `.gz`, of bytes of the shape expected. */
const part =
  (folder: string, name: string, shape: Shape): TaskEither<Failure, Packed> =>
  async () => {
    const path = [join(folder, name), join(folder, `${name}.gz`)].find(existsSync)
    if (path === undefined)
      return refuse(
        join(folder, name),
        `neither this file nor ${name}.gz is there; download ${SOURCE}${name}.gz and put it into ${folder}`,
        'UnreadableFile',
      )
    const read = await readIdxFile(path, { most: HEADER + size(shape) })()
    if (E.isLeft(read)) return read
    const { type, shape: found } = read.right
    return type === 'u8' && equals(found, shape)
      ? read
      : refuse(path, `MNIST has u8 ${show(shape)} here, the file has ${type} ${show(found)}`, 'MalformedFile')
  }

/** Images and labels, `n` of each. */
const half =
  (folder: string, images: string, labels: string, n: number): TaskEither<Failure, Digits> =>
  async () => {
    const pixels = await part(folder, images, [n, 28, 28])()
    if (E.isLeft(pixels)) return pixels
    const digits = await part(folder, labels, [n])()
    if (E.isLeft(digits)) return digits
    const wrong = digits.right.data.findIndex((x) => !isLabel(x, 10))
    if (wrong >= 0)
      return refuse(
        join(folder, labels),
        `label ${wrong} is ${digits.right.data[wrong]}; it must be an integer from 0 to 9`,
        'MalformedFile',
      )
    const columns = { images: pixels.right, labels: digits.right } as Digits['columns']
    return E.right({ _tag: 'Dataset', rows: n, columns })
  }

/**
 * Reads the four files, compressed or not, from a folder. Fails with `UnreadableFile` on one that is missing, telling where to
 * get it, and with `MalformedFile` on one that is not what MNIST has: 60 000 and 10 000 images of 28 by 28 bytes, and as many
 * labels from 0 to 9.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import * as E from 'fp-ts/lib/Either.js'
 * import { readMnist } from 'wengert/data'
 *
 * const missing = await readMnist('no/such/folder')()
 * assert(E.isLeft(missing))
 * assert(missing.left.message.includes('download https://'))
 * ```
 *
 * @category reading
 * @since 0.1.0
 */
export const readMnist =
  (folder: string): TaskEither<Failure, Mnist> =>
  async () => {
    const train = await half(folder, 'train-images-idx3-ubyte', 'train-labels-idx1-ubyte', 60_000)()
    if (E.isLeft(train)) return train
    const test = await half(folder, 't10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte', 10_000)()
    return E.isLeft(test) ? test : E.right({ train: train.right, test: test.right })
  }
