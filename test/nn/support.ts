// What the tests of models share.

import * as E from 'fp-ts/lib/Either.js'
import { expect } from 'vitest'
import type { Failure } from '../../src/Failure.js'

/** The value; a refusal ends the test. */
export const given = <A>(e: E.Either<Failure, A>): A => {
  if (E.isLeft(e)) throw new Error(e.left.message)
  return e.right
}

/** The sentence of a refusal. */
export const sentence = (e: E.Either<Failure, unknown>): string => {
  expect(e._tag).toBe('Left')
  return E.isLeft(e) ? e.left.message : ''
}
