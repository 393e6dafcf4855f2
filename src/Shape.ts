/**
 * Shapes: the lengths of a tensor's dimensions, outermost first. A scalar has shape `[]`; a dimension may be 0.
 * The type level carries the same arithmetic over literal numbers in `ShapeTypes.ts`, and both levels use one sentence
 * for one mistake.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from './Failure.js'

/**
 * @category model
 * @since 0.1.0
 */
export type Shape = ReadonlyArray<number>

/**
 * The element types. `real` is a number of whatever algebra or precision evaluates the tape; `int` is a 32-bit signed
 * integer that wraps; `bool` is 0 or 1.
 *
 * @category model
 * @since 0.1.0
 */
export type DType = 'real' | 'int' | 'bool'

/**
 * What is known of a value before it is computed.
 *
 * @category model
 * @since 0.1.0
 */
export interface Spec<S extends Shape = Shape, D extends DType = DType> {
  readonly shape: S
  readonly dtype: D
}

/**
 * The most dimensions a value may have. Tensors that people write have at most 8; batching and windows add some.
 *
 * @category limits
 * @since 0.1.0
 */
export const MAX_RANK = 16

/**
 * The most elements a value may have: what a 32-bit index can address.
 *
 * @category limits
 * @since 0.1.0
 */
export const MAX_SIZE = 2 ** 31 - 1

/**
 * The number of elements: the product of the dimensions, 1 for a scalar.
 *
 * @category destructors
 * @since 0.1.0
 */
export const size = (shape: Shape): number => {
  let product = 1
  for (let i = 0; i < shape.length; i++) product *= shape[i]
  return product
}

/**
 * Row-major strides, in elements.
 *
 * @category destructors
 * @since 0.1.0
 */
export const strides = (shape: Shape): ReadonlyArray<number> => {
  const out = new Array<number>(shape.length)
  let step = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    out[i] = step
    step *= shape[i]
  }
  return out
}

/**
 * @category instances
 * @since 0.1.0
 */
export const equals = (a: Shape, b: Shape): boolean => {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/**
 * `[2, 3]`, and `[]` for a scalar.
 *
 * @category instances
 * @since 0.1.0
 */
export const show = (shape: Shape): string => `[${shape.join(', ')}]`

/**
 * Accepts a shape that a value can have.
 *
 * @category constructors
 * @since 0.1.0
 */
export const check = (shape: Shape, operation: string): E.Either<Failure, Shape> => {
  if (shape.length > MAX_RANK)
    return fail('InvalidShape', `${operation}: ${shape.length} dimensions, at most ${MAX_RANK} are possible`, {
      operation,
    })
  for (const d of shape)
    if (!Number.isInteger(d) || d < 0)
      return fail(
        'InvalidShape',
        `${operation}: shape ${show(shape)} has the dimension ${d}; it must be an integer >= 0`,
        {
          operation,
          shapes: [shape],
        },
      )
  return size(shape) > MAX_SIZE || shape.some((d) => d > MAX_SIZE)
    ? fail('TooLarge', `${operation}: shape ${show(shape)} is larger than ${MAX_SIZE} elements`, {
        operation,
        shapes: [shape],
      })
    : E.right(shape)
}

/**
 * Counts a negative axis from the end, and refuses one that is not there.
 *
 * @category axes
 * @since 0.1.0
 */
export const axis = (given: number, rank: number, operation: string): E.Either<Failure, number> =>
  Number.isInteger(given) && given >= -rank && given < rank
    ? E.right(given < 0 ? given + rank : given + 0)
    : fail('InvalidAxis', `${operation}: axis ${given} is out of range for rank ${rank}`, { operation })

/**
 * The same for several axes, which must differ; the result is ascending. `undefined` stands for all of them.
 *
 * @category axes
 * @since 0.1.0
 */
export const axes = (
  given: number | ReadonlyArray<number> | undefined,
  rank: number,
  operation: string,
): E.Either<Failure, ReadonlyArray<number>> => {
  if (given === undefined) return E.right(Array.from({ length: rank }, (_, i) => i))
  const out: Array<number> = []
  for (const one of typeof given === 'number' ? [given] : given) {
    const found = axis(one, rank, operation)
    if (E.isLeft(found)) return found
    if (out.includes(found.right)) return fail('InvalidAxis', `${operation}: axis ${one} is given twice`, { operation })
    out.push(found.right)
  }
  return E.right(out.sort((a, b) => a - b))
}

/**
 * NumPy's rule: align at the last dimension; two dimensions fit when they are equal or one of them is 1.
 *
 * @category combinators
 * @since 0.1.0
 */
export const broadcast = (a: Shape, b: Shape, operation: string): E.Either<Failure, Shape> => {
  if (equals(a, b)) return E.right(a)
  const rank = Math.max(a.length, b.length)
  const out = new Array<number>(rank)
  for (let i = 1; i <= rank; i++) {
    const x = a[a.length - i] ?? 1
    const y = b[b.length - i] ?? 1
    if (x !== y && x !== 1 && y !== 1)
      return fail(
        'ShapeMismatch',
        `${operation}: cannot broadcast ${show(a)} with ${show(b)}: ${x} and ${y} differ and neither is 1`,
        { operation, shapes: [a, b] },
      )
    out[rank - i] = x === 1 ? y : x
  }
  return E.right(out)
}

/**
 * The dimensions left when some axes are taken away.
 *
 * @category combinators
 * @since 0.1.0
 */
export const without = (shape: Shape, axes: ReadonlyArray<number>): Shape => shape.filter((_, i) => !axes.includes(i))
