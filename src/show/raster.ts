/**
 * Pixels: images as PNG, by themselves and inside drawings.
 *
 * @since 0.1.0
 */
import { crc32, deflateSync } from 'node:zlib'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { type Failure, failure } from '../Failure.js'
import { using } from './optional.js'
import { COLOURS, type Scale, scales } from './svg.js'

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10]

/** A part of a PNG file: length, name, data, checksum. */
const chunk = (name: string, data: Uint8Array): Buffer => {
  const out = Buffer.alloc(data.length + 12)
  out.writeUInt32BE(data.length, 0)
  out.write(name, 4, 'latin1')
  out.set(data, 8)
  out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8)
  return out
}

/**
 * An image as a PNG file (W3C, "Portable Network Graphics", 3rd edition, 2025).
 *
 * @param rgb - red, green and blue of every pixel, row by row, from 0 to 255
 * @category images
 * @since 0.1.0
 */
export const encodePng = (width: number, height: number, rgb: ArrayLike<number>): Uint8Array => {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // 8 bits for each of three colours
  header.set([8, 2, 0, 0, 0], 8)
  const line = 3 * width
  // each row begins with the filter that it used: none
  const rows = new Uint8Array(height * (line + 1))
  for (let y = 0; y < height; y++) for (let x = 0; x < line; x++) rows[y * (line + 1) + 1 + x] = rgb[y * line + x]
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', new Uint8Array())]
  return Uint8Array.from(Buffer.concat([Buffer.from(SIGNATURE), ...parts]))
}

/**
 * Numbers as pixels of a colour scale, as an address that a drawing can hold.
 *
 * @param at - from 0 to 1, by row and column
 * @category images
 * @since 0.1.0
 */
export const pixels = (
  width: number,
  height: number,
  scale: Scale,
  at: (row: number, column: number) => number,
): string => {
  const rgb = new Uint8Array(3 * width * height)
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) rgb.set(scales[scale](at(y, x)), 3 * (y * width + x))
  return dataUri(encodePng(width, height, rgb))
}

/**
 * @category images
 * @since 0.1.0
 */
export const dataUri = (png: Uint8Array): string => `data:image/png;base64,${Buffer.from(png).toString('base64')}`

/**
 * A drawing as PNG, in its light colours, by resvg: `scale` pixels for each unit of the drawing.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { svgPng } from 'wengert/show'
 *
 * const png = await svgPng('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"/>', { scale: 2 })()
 * assert(isRight(png))
 * assert.deepStrictEqual([...png.right.subarray(1, 4)], [...'PNG'].map((c) => c.charCodeAt(0)))
 * ```
 *
 * @category images
 * @since 0.1.0
 */
export const svgPng = (svg: string, { scale = 2 }: { readonly scale?: number } = {}): TaskEither<Failure, Uint8Array> =>
  using(
    '@resvg/resvg-js',
    () => import('@resvg/resvg-js'),
    ({ Resvg }) =>
      E.tryCatch(
        () => {
          const picture = new Resvg(svg, {
            fitTo: { mode: 'zoom', value: scale },
            background: COLOURS.page,
            font: { loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans' },
          })
          return Uint8Array.from(picture.render().asPng())
        },
        // resvg throws what it cannot read or has no room for
        (e) =>
          failure('InvalidArgument', `the drawing cannot become a PNG: ${e instanceof Error ? e.message : String(e)}`),
      ),
  )
