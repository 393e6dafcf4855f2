/**
 * Libraries that draw. They are optional peers, loaded when something is drawn; without one, a drawing is a failure that
 * says what to install.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { type Failure, fail } from '../Failure.js'

const isMissing = (e: unknown): boolean =>
  e instanceof Error && (e as { readonly code?: unknown }).code === 'ERR_MODULE_NOT_FOUND'

/**
 * Loads a library and uses it. Fails with `MissingInput` where it is not installed.
 *
 * @category constructors
 * @since 0.1.0
 */
export const using =
  <L, A>(
    library: string,
    load: () => Promise<L>,
    use: (library: L) => E.Either<Failure, A> | Promise<E.Either<Failure, A>>,
  ): TaskEither<Failure, A> =>
  async () => {
    try {
      return await use(await load())
    } catch (e) {
      if (!isMissing(e)) throw e
      return fail('MissingInput', `this needs a library that is not installed: npm install ${library}`)
    }
  }

/**
 * The same for what cannot fail once the library is there.
 *
 * @category constructors
 * @since 0.1.0
 */
export const drawing = <L, A>(
  library: string,
  load: () => Promise<L>,
  draw: (library: L) => A,
): TaskEither<Failure, A> => using(library, load, (loaded) => E.right(draw(loaded)))
