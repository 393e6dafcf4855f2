/**
 * Films: several pictures of one size shown one after another in a single SVG document, such as the frames of a trace.
 *
 * Time is in style rules, not in a script, so a film also plays where an SVG is shown as an image. Where nothing moves (on
 * paper, as PNG, for readers who asked for less motion) the last picture stands.
 *
 * @since 0.1.0
 */
import { createHash } from 'node:crypto'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Failure, failure } from '../Failure.js'
import { svgDocument } from './svg.js'

/**
 * What to show. Frames are SVG documents of one size, as `graphFrames` gives them.
 *
 * @category model
 * @since 0.1.0
 */
export interface Film {
  readonly title: string
  readonly frames: ReadonlyArray<string>
  /** how long each frame is shown; 1 unless given */
  readonly seconds?: number
  /** what is to be seen, for those who cannot see it */
  readonly description?: string
}

const SIZE = /^<svg [^>]*?width="([\d.]+)" height="([\d.]+)"/

const refuse = (title: string, sentence: string): TaskEither<Failure, never> =>
  TE.left(failure('InvalidArgument', `the film "${title}" ${sentence}`))

/**
 * A film as an SVG document. Fails with `InvalidArgument` without frames, on frames that are no SVG documents or differ in
 * size, and unless `seconds` is a positive number.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { filmSvg } from 'wengert/show'
 *
 * const frame = (x: number) =>
 *   `<svg xmlns="http://www.w3.org/2000/svg" width="90" height="20"><circle cx="${x}" cy="10" r="5"/></svg>`
 * const film = await filmSvg({ title: 'A ball', frames: [frame(10), frame(20), frame(30)] })()
 * assert(isRight(film) && film.right.includes('@keyframes'))
 * ```
 *
 * @category charts
 * @since 0.1.0
 */
export const filmSvg = ({ title, frames, seconds = 1, description }: Film): TaskEither<Failure, string> => {
  if (frames.length === 0) return refuse(title, 'has no frames')
  if (!(seconds > 0 && Number.isFinite(seconds))) return refuse(title, `cannot show a frame for ${seconds} seconds`)
  const sizes = frames.map((frame) => SIZE.exec(frame)?.slice(1).map(Number))
  const odd = sizes.findIndex((size) => size === undefined || size.join() !== sizes[0]?.join())
  if (odd >= 0)
    return refuse(
      title,
      sizes[odd] === undefined
        ? `has a frame ${odd + 1} that is no SVG document with a size`
        : `has a frame ${odd + 1} of another size than the first`,
    )
  const [width, height] = sizes[0] as [number, number]
  // rules of a document hold in the whole page around it
  const name = `film-${createHash('sha256').update(frames.join('')).digest('hex').slice(0, 12)}`
  const whole = frames.length * seconds
  const style = [
    `.${name}{visibility:hidden}.${name}:last-child{visibility:visible}`,
    `@keyframes ${name}{0%{visibility:visible}${100 / frames.length}%,100%{visibility:hidden}}`,
    // of a single frame there is nothing to animate
    ...(frames.length === 1
      ? []
      : [
          `@media screen and (prefers-reduced-motion:no-preference){.${name}{animation:${name} ${whole}s step-end infinite}}`,
        ]),
  ].join('')
  const body = frames.map((frame, i) =>
    frame.trim().replace('<svg ', `<svg class="${name}" style="animation-delay:${i * seconds - whole}s" `),
  )
  return TE.right(
    svgDocument(
      width,
      height,
      title,
      description ?? `${frames.length} pictures, one after another, each for ${seconds} seconds.`,
      `<style>${style}</style>\n<g>\n${body.join('\n')}\n</g>`,
    ),
  )
}
