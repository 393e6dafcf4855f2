/**
 * Multilinear primitives: linear in each argument when the other is held. The tangent is the sum over the arguments, and
 * the cotangent of each argument is the transpose in that one.
 *
 * @since 0.1.0
 */
import { contract } from './contract.js'
import { convolve } from './convolve.js'
import type { Primitive } from './Primitive.js'

/**
 * @category rows
 * @since 0.1.0
 */
export const multilinearRows = { contract, convolve } satisfies {
  readonly [K in 'contract' | 'convolve']: Primitive<K>
}
