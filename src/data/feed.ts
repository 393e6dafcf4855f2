/**
 * How a column becomes an input of a model: a feed is plain data that names a column and what to do with its rows while they
 * are put into a batch. So data stay as small as in their files, and nothing is computed twice or kept.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'
import type { Packed } from '../formats/index.js'
import { type DType, type Shape, show, size } from '../Shape.js'
import { isLabel } from './dataset.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface NumbersFeed<S extends Shape = Shape, D extends DType = DType> {
  readonly _tag: 'Numbers'
  readonly column: string
  readonly dtype: D
  /** `x * scale + offset` */
  readonly scale: number
  readonly offset: number
  /** the shape of a row in the batch; null for that of the column */
  readonly shape: S | null
}

/**
 * @category model
 * @since 0.1.0
 */
export interface OneHotFeed<S extends Shape = Shape> {
  readonly _tag: 'OneHot'
  readonly column: string
  readonly dtype: 'real'
  readonly classes: number
  readonly shape: S
}

/**
 * @category model
 * @since 0.1.0
 */
export interface ImageFeed<S extends Shape = Shape> {
  readonly _tag: 'Image'
  readonly column: string
  readonly dtype: 'real'
  readonly scale: number
  readonly offset: number
  /** the most pixels by which an image moves up, down, left or right */
  readonly shift: number
  /** whether every other image, on average, is mirrored left to right */
  readonly flip: boolean
  /** height and width of the part that is taken; null for all */
  readonly crop: readonly [number, number] | null
  /** what stands beyond the border, before scaling */
  readonly background: number
  readonly shape: S | null
}

/**
 * @category model
 * @since 0.1.0
 */
export type Feed = NumbersFeed | OneHotFeed | ImageFeed

/**
 * @category model
 * @since 0.1.0
 */
export interface NumbersOptions<S extends Shape> {
  /** the numbers are multiplied by this, 1 unless told otherwise */
  readonly scale?: number | undefined
  /** and this is added */
  readonly offset?: number | undefined
  /** the shape of a row in the batch, of as many elements; that of the column unless told otherwise */
  readonly shape?: S | undefined
}

/**
 * Reals `x * scale + offset`, such as bytes 0 to 255 brought to 0 to 1.
 *
 * @category constructors
 * @since 0.1.0
 */
export const asReals = <const S extends Shape = Shape>(
  column: string,
  { scale = 1, offset = 0, shape }: NumbersOptions<S> = {},
): NumbersFeed<S, 'real'> => ({ _tag: 'Numbers', column, dtype: 'real', scale, offset, shape: shape ?? null })

/**
 * Integers as they are, such as labels. A column of reals is refused.
 *
 * @category constructors
 * @since 0.1.0
 */
export const asInts = <const S extends Shape = Shape>(
  column: string,
  { shape }: { readonly shape?: S | undefined } = {},
): NumbersFeed<S, 'int'> => ({ _tag: 'Numbers', column, dtype: 'int', scale: 1, offset: 0, shape: shape ?? null })

/**
 * Labels as rows of a unit matrix. A label that is not an integer from 0 to `classes - 1` is refused.
 *
 * @category constructors
 * @since 0.1.0
 */
export const asOneHot = <const N extends number>(column: string, classes: N): OneHotFeed<readonly [N]> => ({
  _tag: 'OneHot',
  column,
  dtype: 'real',
  classes,
  shape: [classes],
})

/**
 * What may be done to images. Shift, flip and crop are drawn anew for every image in every epoch, from the key of the batches
 * alone; batches without a key move nothing and take the middle.
 *
 * @category model
 * @since 0.1.0
 */
export interface ImageOptions<S extends Shape> extends NumbersOptions<S> {
  readonly shift?: number | undefined
  readonly flip?: boolean | undefined
  readonly crop?: readonly [height: number, width: number] | undefined
  readonly background?: number | undefined
}

/**
 * Images, from a column `[n, height, width]` or `[n, channels, height, width]`, as reals `x * scale + offset`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const asImages = <const S extends Shape = Shape>(
  column: string,
  { scale = 1, offset = 0, shift = 0, flip = false, crop, background = 0, shape }: ImageOptions<S> = {},
): ImageFeed<S> => ({
  _tag: 'Image',
  column,
  dtype: 'real',
  scale,
  offset,
  shift,
  flip,
  crop: crop ?? null,
  background,
  shape: shape ?? null,
})

// ------------------------------------------------------------------------------------------------------- filling

/** Elements of a batch. */
type Elements = Float64Array | Float32Array | Int32Array | Uint8Array

/**
 * Puts rows into a batch: those of `order[from]`, `order[from + 1]`, ... one after the other, until `into` is full; positions
 * count on from the start beyond the end. `words` has three random words for each row, or is null where nothing is drawn.
 *
 * @category model
 * @since 0.1.0
 */
export type Fill = (into: Elements, order: ArrayLike<number>, from: number, words: Int32Array | null) => void

/**
 * A feed of a column, checked: the shape of a row in the batch, and how rows are put there.
 *
 * @category model
 * @since 0.1.0
 */
export interface Filling {
  readonly shape: Shape
  readonly fill: Fill
}

/** Puts `count` numbers from `start` on, `stride` apart, into a batch, each as `x * scale + offset`. */
type Copy = (start: number, stride: 1 | -1, into: Elements, at: number, count: number) => void

/** Bytes have 256 values, which are computed once. */
const copyBytes = (data: Uint8Array, scale: number, offset: number): Copy => {
  const values = Float64Array.from({ length: 256 }, (_, x) => x * scale + offset)
  return (start, stride, into, at, count) => {
    for (let i = 0, from = start; i < count; i++, from += stride) into[at + i] = values[data[from]]
  }
}

const copyOf = (data: Packed['data'], scale: number, offset: number): Copy =>
  data instanceof Uint8Array
    ? copyBytes(data, scale, offset)
    : (start, stride, into, at, count) => {
        for (let i = 0, from = start; i < count; i++, from += stride) into[at + i] = data[from] * scale + offset
      }

/** From so many numbers on a row is worth a call of `set`, which converts several of them in one instruction. */
const WIDE = 64

const plainFill = ({ data }: Packed, width: number): Fill => {
  const line = 64 / data.BYTES_PER_ELEMENT
  return (into, order, from) => {
    const rows = into.length / width
    // The rows lie anywhere in memory, and `set` waits for one after the other. A loop that reads a number of each line of
    // the cache waits for many at once. Their sum is overwritten; it keeps the loop from being optimised away.
    let sum = 0
    for (let r = 0; r < rows; r++) {
      const start = order[(from + r) % order.length] * width
      for (let i = start; i < start + width; i += line) sum += data[i]
    }
    into[0] = sum
    for (let r = 0; r < rows; r++) {
      const start = order[(from + r) % order.length] * width
      into.set(data.subarray(start, start + width), r * width)
    }
  }
}

const numbersFill = (column: Packed, width: number, { scale, offset }: NumbersFeed | ImageFeed): Fill => {
  if (scale === 1 && offset === 0 && width >= WIDE) return plainFill(column, width)
  const copy = copyOf(column.data, scale, offset)
  return (into, order, from) => {
    const rows = into.length / width
    for (let r = 0; r < rows; r++) copy(order[(from + r) % order.length] * width, 1, into, r * width, width)
  }
}

const oneHotFill =
  ({ data }: Packed, classes: number): Fill =>
  (into, order, from) => {
    into.fill(0)
    const rows = into.length / classes
    for (let r = 0; r < rows; r++) into[r * classes + data[order[(from + r) % order.length]]] = 1
  }

/** One of `0, ..., n - 1` from a random word: the multiple of `n` that the word, as a fraction of 2^32, has passed. */
const choose = (word: number, n: number): number => Math.floor(((word >>> 0) * n) / 2 ** 32)

/** Images of `height` by `width` to parts of `high` by `wide`; `channels` of each. */
const imageFill = (
  { data }: Packed,
  [channels, height, width]: readonly [number, number, number],
  [high, wide]: readonly [number, number],
  { scale, offset, shift, flip, background }: ImageFeed,
): Fill => {
  const copy = copyOf(data, scale, offset)
  const beyond = background * scale + offset
  return (into, order, from, words) => {
    const length = channels * high * wide
    const rows = into.length / length
    for (let r = 0; r < rows; r++) {
      const row = order[(from + r) % order.length]
      const top = words === null ? (height - high) >> 1 : choose(words[3 * row], height - high + 2 * shift + 1) - shift
      const side =
        words === null ? (width - wide) >> 1 : choose(words[3 * row + 1], width - wide + 2 * shift + 1) - shift
      const mirrored = flip && words !== null && words[3 * row + 2] < 0
      // of each line, what lies within the image is copied, forwards or backwards
      const before = Math.max(0, -side)
      const within = Math.max(0, Math.min(width, side + wide) - Math.max(0, side))
      const skipped = mirrored ? wide - before - within : before
      const first = mirrored ? side + before + within - 1 : side + before
      let at = r * length
      for (let c = 0; c < channels; c++)
        for (let y = top; y < top + high; y++, at += wide) {
          const inside = y >= 0 && y < height
          const line = ((row * channels + c) * height + y) * width
          const from = inside ? skipped : wide
          const to = inside ? skipped + within : wide
          for (let i = 0; i < from; i++) into[at + i] = beyond
          if (inside) copy(line + first, mirrored ? -1 : 1, into, at + skipped, within)
          for (let i = to; i < wide; i++) into[at + i] = beyond
        }
    }
  }
}

/**
 * Fits a feed to its column. Fails with `InvalidArgument` where they do not fit each other; the sentence names the input.
 *
 * @category constructors
 * @since 0.1.0
 */
export const filling = (input: string, feed: Feed, column: Packed): E.Either<Failure, Filling> => {
  const refuse = (sentence: string): E.Either<Failure, never> =>
    fail('InvalidArgument', `batches: the input ${input}: ${sentence}`, {
      operation: 'batches',
      path: input,
      shapes: [column.shape],
    })
  const own = column.shape.slice(1)
  if (feed._tag === 'OneHot') {
    const wrong = column.data.findIndex((x) => !isLabel(x, feed.classes))
    if (own.length > 0) return refuse(`labels [n] are needed, the column ${feed.column} is ${show(column.shape)}`)
    return wrong < 0
      ? E.right({ shape: feed.shape, fill: oneHotFill(column, feed.classes) })
      : refuse(`label ${wrong} is ${column.data[wrong]}; it must be an integer from 0 to ${feed.classes - 1}`)
  }
  const fits = (natural: Shape): E.Either<Failure, Shape> =>
    feed.shape === null || size(feed.shape) === size(natural)
      ? E.right(feed.shape ?? natural)
      : refuse(`rows ${show(natural)} of the column ${feed.column} cannot have the shape ${show(feed.shape)}`)
  if (feed._tag === 'Numbers') {
    if (feed.dtype === 'int' && (column.type === 'f64' || column.type === 'f32'))
      return refuse(`integers are needed, the column ${feed.column} is ${column.type}`)
    const fill = numbersFill(column, size(own), feed)
    return E.map((shape: Shape): Filling => ({ shape, fill }))(fits(own))
  }
  if (own.length !== 2 && own.length !== 3)
    return refuse(
      `images [n, height, width] or [n, channels, height, width] are needed, the column ${feed.column} is ${show(column.shape)}`,
    )
  const [height, width] = own.slice(-2)
  const [high, wide] = feed.crop ?? [height, width]
  const whole = (n: number, least: number, most: number): boolean => Number.isInteger(n) && n >= least && n <= most
  if (!whole(high, 1, height) || !whole(wide, 1, width))
    return refuse(`a part of ${high} by ${wide} cannot be taken of images of ${height} by ${width}`)
  if (!whole(feed.shift, 0, Math.max(height, width)))
    return refuse(`the shift ${feed.shift} must be an integer from 0 to ${Math.max(height, width)}`)
  const channels = own.length === 3 ? own[0] : 1
  const fill = draws(feed)
    ? imageFill(column, [channels, height, width], [high, wide], feed)
    : numbersFill(column, size(own), feed)
  return E.map((shape: Shape): Filling => ({ shape, fill }))(fits([...own.slice(0, -2), high, wide]))
}

/**
 * Whether batches of this feed take random words.
 *
 * @category refinements
 * @since 0.1.0
 */
export const draws = (feed: Feed): boolean =>
  feed._tag === 'Image' && (feed.shift > 0 || feed.flip || feed.crop !== null)
