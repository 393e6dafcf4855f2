/**
 * A thousand handwritten digits, a hundred of each, to learn from where no files are: the first of MNIST's test images, with
 * 16 levels of brightness.
 *
 * MNIST is by Y. LeCun, C. Cortes and C. J. C. Burges, made of NIST's Special Databases 1 and 3 (Y. LeCun, L. Bottou, Y. Bengio,
 * P. Haffner, "Gradient-based learning applied to document recognition", Proceedings of the IEEE 86 (1998) 2278-2324); these
 * images are under CC BY-SA 3.0. They come from MNIST's test set: a model that has learned from them must not be measured on it.
 *
 * @since 0.1.0
 */
import { inflateRawSync } from 'node:zlib'
import { type Packed, unsafePacked } from '../formats/index.js'
import type { Dataset } from './dataset.js'
import { digitsBytes } from './digitsBytes.js'

/**
 * Images of digits, a byte for a pixel from 0 (paper) to 255 (ink), and what they show.
 *
 * @category model
 * @since 0.1.0
 */
export type Digits = Dataset<{
  /** `[n, 28, 28]` */
  readonly images: Packed<readonly [number, number, number], 'u8'>
  /** `[n]`, 0 to 9 */
  readonly labels: Packed<readonly [number], 'u8'>
}>

/** How many, and pixels of each. */
const COUNT = 1000
const PIXELS = 784

/**
 * The thousand digits, in the order of MNIST's test set.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { digits } from 'wengert/data'
 *
 * const { columns, rows } = digits()
 * assert.strictEqual(rows, 1000)
 * assert.deepStrictEqual(columns.images.shape, [1000, 28, 28])
 * assert.deepStrictEqual([...columns.labels.data.slice(0, 6)], [7, 2, 1, 0, 4, 1])
 * ```
 *
 * @category data
 * @since 0.1.0
 */
export const digits = (): Digits => {
  const bytes = inflateRawSync(Buffer.from(digitsBytes, 'base64'))
  const pixels = new Uint8Array(COUNT * PIXELS)
  for (let i = 0; i < pixels.length; i += 2) {
    const pair = bytes[i >> 1]
    pixels[i] = (pair >> 4) * 17
    pixels[i + 1] = (pair & 15) * 17
  }
  const labels = new Uint8Array(bytes.subarray(pixels.length / 2))
  const images = unsafePacked([COUNT, 28, 28] as const, 'u8', pixels)
  return { _tag: 'Dataset', rows: COUNT, columns: { images, labels: unsafePacked([COUNT] as const, 'u8', labels) } }
}
