/**
 * Images: digits, learned kernels, saliencies, in a grid or in a terminal.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Failure, fail } from '../Failure.js'
import { brief, extent, type Interval } from './numbers.js'
import { pixels } from './raster.js'
import { COLOURS, escaped, px, type Scale, type Size, scales, svgDocument, svgText } from './svg.js'

/**
 * An image of one channel: brightness by row and column, rows from the top.
 *
 * @category model
 * @since 0.1.0
 */
export interface Image {
  readonly width: number
  readonly height: number
  /** `width * height` numbers, row by row */
  readonly values: ArrayLike<number>
  readonly caption?: string
}

/**
 * Images side by side. Each has colours over the interval of its own values unless `range` gives one for all; a
 * `diverging` scale, for values of both signs, has white at 0.
 *
 * @category model
 * @since 0.1.0
 */
export interface ImageGrid {
  readonly title: string
  readonly images: ReadonlyArray<Image>
  readonly columns?: number
  readonly scale?: Scale
  readonly range?: Interval
  readonly description?: string
}

const MOST_PIXELS = 4_000_000

const checked = ({ title, images }: ImageGrid): E.Either<Failure, null> => {
  if (images.length === 0) return fail('InvalidArgument', `the images "${title}" are none`)
  const odd = images.findIndex(
    ({ width, height, values }) => !(width > 0 && height > 0) || values.length !== width * height,
  )
  if (odd >= 0) {
    const { width, height, values } = images[odd]
    return fail('ShapeMismatch', `image ${odd} of "${title}" is ${width} by ${height} and has ${values.length} values`)
  }
  return images.reduce((sum, { values }) => sum + values.length, 0) > MOST_PIXELS
    ? fail('TooLarge', `the images "${title}" have more than ${MOST_PIXELS} pixels together`)
    : E.right(null)
}

const rangeOf = ({ values }: Image, scale: Scale, given: Interval | undefined): Interval => {
  if (given !== undefined) return given
  const [low, high] = extent(Array.from(values))
  const most = Math.max(Math.abs(low), Math.abs(high))
  return scale === 'diverging' ? [-most, most] : [low, high]
}

const MARGIN = 16
const GAP = 10
const CAPTION = 20

/**
 * Images in rows, with their captions, as an SVG document; `svgPng` makes a PNG of it.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { imageGridSvg } from 'wengert/show'
 *
 * const kernel = { width: 3, height: 3, values: [-1, 0, 1, -2, 0, 2, -1, 0, 1], caption: 'Sobel' }
 * assert(isRight(await imageGridSvg({ title: 'Kernels', images: [kernel], scale: 'diverging' })()))
 * ```
 *
 * @category images
 * @since 0.1.0
 */
export const imageGridSvg = (given: ImageGrid, { width = 640 }: Size = {}): TaskEither<Failure, string> =>
  TE.fromEither(
    E.map(() => {
      const { title, images, scale = 'grey', range } = given
      const columns = Math.max(1, Math.min(given.columns ?? Math.ceil(Math.sqrt(1.6 * images.length)), images.length))
      const side = Math.min(160, (width - 2 * MARGIN - (columns - 1) * GAP) / columns)
      const aspect = Math.max(...images.map((image) => image.height / image.width))
      const tall = side * aspect
      const room = images.some(({ caption }) => caption !== undefined) ? CAPTION : 0
      const rows = Math.ceil(images.length / columns)
      const used = Math.max(columns * (side + GAP) - GAP + 2 * MARGIN, Math.min(width, 9.5 * title.length + 2 * MARGIN))
      const cells = images.map((image, i) => {
        const [low, high] = rangeOf(image, scale, range)
        const href = pixels(
          image.width,
          image.height,
          scale,
          (r, c) => (image.values[r * image.width + c] - low) / (high - low),
        )
        const x = MARGIN + (i % columns) * (side + GAP)
        const y = 48 + Math.floor(i / columns) * (tall + room + GAP)
        const name = `${image.caption ?? `image ${i}`}, from ${brief(low)} to ${brief(high)}`
        const fits = Math.max(3, Math.floor(side / 6.6))
        const caption = image.caption ?? ''
        const short = caption.length > fits ? `${caption.slice(0, fits - 1)}…` : caption
        return (
          `<image x="${px(x)}" y="${px(y)}" width="${px(side)}" height="${px((side * image.height) / image.width)}" href="${href}" image-rendering="optimizeSpeed" style="image-rendering:pixelated" preserveAspectRatio="none"><title>${escaped(name)}</title></image>` +
          `<rect x="${px(x)}" y="${px(y)}" width="${px(side)}" height="${px((side * image.height) / image.width)}" fill="none" stroke="${COLOURS.faint}"/>` +
          (room === 0 ? '' : svgText(x + side / 2, y + tall + 14, short, { anchor: 'middle' }))
        )
      })
      return svgDocument(
        used,
        48 + rows * (tall + room + GAP) - GAP + MARGIN,
        title,
        given.description ?? `${images.length} images: ${images.map(({ caption }, i) => caption ?? i).join(', ')}.`,
        [svgText(MARGIN, 30, title, { size: 16, bold: true }), ...cells].join('\n'),
      )
    })(checked(given)),
  )

/** From dark to light, for terminals without colours. */
const SHADES = ' .:-=+*#%@'

/**
 * An image for a terminal, two rows of pixels on each line: half blocks in grey levels when colours are asked for, and
 * characters of growing weight otherwise. Images wider than `columns` are made smaller.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { imageText } from 'wengert/show'
 *
 * assert.strictEqual(imageText({ width: 3, height: 2, values: [0, 0.5, 1, 0, 0.5, 1] }), ' +@\n')
 * ```
 *
 * @category terminal
 * @since 0.1.0
 */
export const imageText = (
  image: Image,
  {
    columns = 80,
    color = false,
    range,
  }: { readonly columns?: number; readonly color?: boolean; readonly range?: Interval } = {},
): string => {
  const [low, high] = rangeOf(image, 'grey', range)
  const every = Math.max(1, Math.ceil(image.width / Math.max(1, columns)))
  const [wide, tall] = [Math.ceil(image.width / every), Math.ceil(image.height / every)]
  /** the mean of the pixels that one stands for, from 0 to 1 */
  const at = (row: number, column: number): number => {
    let [sum, n] = [0, 0]
    for (let r = row * every; r < Math.min(image.height, (row + 1) * every); r++)
      for (let c = column * every; c < Math.min(image.width, (column + 1) * every); c++) {
        sum += image.values[r * image.width + c]
        n++
      }
    return n === 0 ? 0 : Math.min(1, Math.max(0, (sum / n - low) / (high - low) || 0))
  }
  const rgb = (t: number): string => scales.grey(t).join(';')
  const lines = Array.from({ length: Math.ceil(tall / 2) }, (_, line) => {
    const cells = Array.from({ length: wide }, (_, c) => {
      const [upper, lower] = [at(2 * line, c), at(2 * line + 1, c)]
      if (color) return `\u001b[38;2;${rgb(upper)};48;2;${rgb(lower)}m▀`
      const mean = 2 * line + 1 < tall ? (upper + lower) / 2 : upper
      return SHADES[Math.min(SHADES.length - 1, Math.floor(mean * SHADES.length))]
    })
    return color ? `${cells.join('')}\u001b[0m` : cells.join('').trimEnd()
  })
  return `${lines.join('\n')}\n`
}
