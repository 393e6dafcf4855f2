/**
 * Tensors from a rule: constants, ranges, random draws (see `Tensor.ts`). A shape that no tensor can have is a mistake in
 * the program here, and throws a `RangeError` with the sentence of `Shape.check`; shapes that come from data go through
 * `Shape.check` or `fromData` first.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { bits, type Key, uniform01 } from '../Random.js'
import { check, type DType, type Shape, size } from '../Shape.js'
import { allocate, type Tensor, unsafeMake, write } from './model.js'

const valid = <S extends Shape>(shape: S, operation: string): S => {
  const checked = check(shape, operation)
  if (E.isLeft(checked)) throw new RangeError(checked.left.message)
  // a copy, because the tensor freezes its shape
  return [...shape] as unknown as S
}

const filled = <S extends Shape, D extends DType>(
  shape: S,
  value: number,
  dtype: D,
  operation: string,
): Tensor<S, D> => {
  const own = valid(shape, operation)
  const data = allocate(dtype, size(own))
  write(dtype, data, 0, value)
  return unsafeMake(own, dtype, data.fill(data[0]))
}

const drawn = <S extends Shape>(shape: S, operation: string, element: (i: number) => number): Tensor<S> => {
  const own = valid(shape, operation)
  const data = new Float64Array(size(own))
  for (let i = 0; i < data.length; i++) data[i] = element(i)
  return unsafeMake(own, 'real', data)
}

/**
 * All 0, or false.
 *
 * @example
 * ```ts
 * import { type Tensor, zeros } from 'wengert/Tensor'
 * import assert from 'node:assert'
 *
 * const z: Tensor<readonly [2, 3]> = zeros([2, 3])
 * assert.deepStrictEqual([...z.data], [0, 0, 0, 0, 0, 0])
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const zeros = <const S extends Shape, D extends DType = 'real'>(
  shape: S,
  dtype: D = 'real' as D,
): Tensor<S, D> => filled(shape, 0, dtype, 'zeros')

/**
 * All 1, or true.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ones = <const S extends Shape, D extends DType = 'real'>(shape: S, dtype: D = 'real' as D): Tensor<S, D> =>
  filled(shape, 1, dtype, 'ones')

/**
 * All the same value, converted to the element type as `cast` does.
 *
 * @category constructors
 * @since 0.1.0
 */
export const full = <const S extends Shape, D extends DType = 'real'>(
  shape: S,
  value: number,
  dtype: D = 'real' as D,
): Tensor<S, D> => filled(shape, value, dtype, 'full')

/**
 * Zeros of another tensor's shape and element type.
 *
 * @category constructors
 * @since 0.1.0
 */
export const zerosLike = <S extends Shape, D extends DType>(t: Tensor<S, D>): Tensor<S, D> =>
  filled(t.shape, 0, t.dtype, 'zerosLike')

/**
 * Ones of another tensor's shape and element type.
 *
 * @category constructors
 * @since 0.1.0
 */
export const onesLike = <S extends Shape, D extends DType>(t: Tensor<S, D>): Tensor<S, D> =>
  filled(t.shape, 1, t.dtype, 'onesLike')

/**
 * One value in another tensor's shape and element type.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fullLike = <S extends Shape, D extends DType>(t: Tensor<S, D>, value: number): Tensor<S, D> =>
  filled(t.shape, value, t.dtype, 'fullLike')

/**
 * The identity matrix, `[n, n]`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const eye = <const N extends number>(n: N): Tensor<readonly [N, N]> =>
  drawn([n, n] as const, 'eye', (i) => (i % (n + 1) === 0 ? 1 : 0))

/**
 * `start, start + step, ...` up to and without `stop`, `[ceil((stop - start) / step)]`; one argument counts from 0 to it.
 * Every element is computed from its index, so errors do not accumulate. Throws a `RangeError` on a step of 0 and on
 * arguments that are not finite.
 *
 * @example
 * ```ts
 * import { arange, toArray } from 'wengert/Tensor'
 * import assert from 'node:assert'
 *
 * assert.deepStrictEqual(toArray(arange(4)), [0, 1, 2, 3])
 * assert.deepStrictEqual(toArray(arange(5, 0, -2)), [5, 3, 1])
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const arange: {
  (stop: number): Tensor<readonly [number]>
  (start: number, stop: number, step?: number): Tensor<readonly [number]>
} = (first: number, second?: number, step: number = 1): Tensor<readonly [number]> => {
  const [start, stop] = second === undefined ? [0, first] : [first, second]
  const length = Math.max(0, Math.ceil((stop - start) / step))
  if (step === 0 || !Number.isFinite(step) || !Number.isFinite(length))
    throw new RangeError(`arange: from ${start} to ${stop} by ${step} is no range`)
  return drawn([length], 'arange', (i) => start + i * step)
}

/**
 * `n` evenly spaced numbers from `start` to `stop`, both included, `[n]`; only `start` when `n` is 1.
 *
 * @category constructors
 * @since 0.1.0
 */
export const linspace = <const N extends number>(start: number, stop: number, n: N): Tensor<readonly [N]> => {
  const step = (stop - start) / (n - 1)
  return drawn([n] as const, 'linspace', (i) => (i === 0 ? start : i === n - 1 ? stop : start + i * step))
}

/**
 * Independent draws from the uniform distribution on (`lo`, `hi`): element `i` is `lo + (hi - lo) u`, where `u` is
 * `uniform01` of word `i` of `bits`. The least and the greatest `u` are 2^-33 away from 0 and 1.
 *
 * @example
 * ```ts
 * import { key } from 'wengert/Random'
 * import { uniform } from 'wengert/Tensor'
 * import assert from 'node:assert'
 *
 * const u = uniform(key(1), [1000], -1, 1)
 * assert.ok([...u.data].every((x) => -1 < x && x < 1))
 * assert.deepStrictEqual(u, uniform(key(1), [1000], -1, 1))
 * ```
 *
 * @category random
 * @since 0.1.0
 */
export const uniform = <const S extends Shape>(key: Key, shape: S, lo = 0, hi = 1): Tensor<S> => {
  const words = bits(key, size(valid(shape, 'uniform')))
  return drawn(shape, 'uniform', (i) => lo + (hi - lo) * uniform01(words[i]))
}

/**
 * Independent draws from the normal distribution: elements `2j` and `2j + 1` are `r cos a` and `r sin a` with
 * `r = sqrt(-2 log u)`, `a = 2 pi v`, for `u` and `v` the `uniform01` of words `2j` and `2j + 1` of `bits` (G. E. P. Box,
 * M. E. Muller, 1958). The greatest magnitude possible is sqrt(66 log 2) = 6.76 standard deviations. Machines whose
 * logarithm or cosine round differently may differ in the last bit.
 *
 * @category random
 * @since 0.1.0
 */
export const normal = <const S extends Shape>(key: Key, shape: S, mean = 0, std = 1): Tensor<S> => {
  const n = size(valid(shape, 'normal'))
  const words = bits(key, n + (n % 2))
  return drawn(shape, 'normal', (i) => {
    const even = i - (i % 2)
    const radius = Math.sqrt(-2 * Math.log(uniform01(words[even])))
    const angle = 2 * Math.PI * uniform01(words[even + 1])
    return mean + std * radius * (i === even ? Math.cos(angle) : Math.sin(angle))
  })
}
