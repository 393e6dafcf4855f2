// What the tests of operations share: evaluating one on tensors, and reading what it refuses.

import * as E from 'fp-ts/lib/Either.js'
import { expect } from 'vitest'
import { run } from '../../src/engine/index.js'
import type { Reverse } from '../../src/Reverse.js'
import { type AnyTensor, toNested } from '../../src/Tensor.js'
import { grad } from '../../src/transform/vjp.js'

type Model = (...xs: ReadonlyArray<any>) => Reverse<any>

const evaluated = (f: Model, inputs: ReadonlyArray<AnyTensor>) => run((xs: any) => f(...xs))(inputs as any)

/** The result of an operation, or of a tree of them, as it comes. */
export const result = (f: Model, ...inputs: ReadonlyArray<AnyTensor>): any => {
  const found = evaluated(f, inputs)
  if (E.isLeft(found)) throw new Error(found.left.message)
  return found.right
}

/** The result as nested arrays. */
export const value = (f: Model, ...inputs: ReadonlyArray<AnyTensor>): any => toNested(result(f, ...inputs))

/** The sentence of a refusal. */
export const refusal = (f: Model, ...inputs: ReadonlyArray<AnyTensor>): string => {
  const found = evaluated(f, inputs)
  return E.isLeft(found) ? found.left.message : 'it was accepted'
}

/** The gradient of a scalar model by its first argument, as nested arrays. */
export const slope = (f: Model, x: AnyTensor): any => value(grad(f as any) as Model, x)

const flat = (a: any): ReadonlyArray<number> => [a].flat(Infinity) as ReadonlyArray<number>

/** Equal up to a relative error (absolute below 1); infinities and NaN exactly. */
export const near = (found: any, expected: any, tolerance = 1e-14): void => {
  const [a, b] = [flat(found), flat(expected)]
  expect(a.length).toBe(b.length)
  a.forEach((x, i) => {
    if (Number.isFinite(b[i])) expect(Math.abs(x - b[i])).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(b[i])))
    else expect(x).toBe(b[i])
  })
}
