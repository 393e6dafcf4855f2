import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Failure } from '../../src/Failure.js'

export const right = <A>(e: E.Either<Failure, A>): A => {
  if (E.isLeft(e)) throw new Error(e.left.message)
  return e.right
}

/** the tag and the sentence of a refusal */
export const left = <A>(e: E.Either<Failure, A>): string =>
  E.isLeft(e) ? `${e.left._tag}: ${e.left.message}` : `accepted: ${String(e.right)}`

export const drawn = async <A>(te: TaskEither<Failure, A>): Promise<A> => right(await te())

export const refused = async <A>(te: TaskEither<Failure, A>): Promise<string> => left(await te())
