/**
 * Random draws from an explicit key. The same key gives the same numbers for ever, and the same as `Tensor.uniform` and
 * `Tensor.normal` give outside a model. A key that is an input of the model makes the tape draw anew for each key.
 *
 * Use a key once: two draws from one key are equal, and a key that was split is spent. A key of another shape or element
 * type fails with `ShapeMismatch` or `TypeMismatch`, a shape that no value has with `InvalidShape` or `TooLarge`.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'
import type { Vocabulary } from '../primitive/Primitive.js'
import type { Key } from '../Random.js'
import type { AnyOperand, Operand, Reverse } from '../Reverse.js'
import { check, type Shape, show, size } from '../Shape.js'
import { unsafeMake } from '../Tensor.js'
import type { AnyVar, Var } from '../Var.js'
import { body, refuse } from './record.js'

/**
 * A key: two integers, as data or as a value of the model.
 *
 * @category types
 * @since 0.1.0
 */
export type KeyOperand = Key | Operand<readonly [2], 'int'>

const isKey = (key: KeyOperand): key is Key => Array.isArray(key)

const operandOf = (key: KeyOperand): AnyOperand =>
  isKey(key) ? unsafeMake([key.length], 'int', Int32Array.from(key)) : key

/** A draw: checks the key and the shape, and the numbers that it needs. */
const drawing = (
  operation: string,
  key: KeyOperand,
  shape: Shape,
  numbers: { readonly [name: string]: number },
  write: (v: Vocabulary, key: AnyVar) => AnyVar,
) =>
  body([operandOf(key)], (v, [k]): E.Either<Failure, AnyVar> => {
    const valid = check(shape, operation)
    if (E.isLeft(valid)) return valid
    if (k.dtype !== 'int') return refuse(operation, 'TypeMismatch', `a key is two integers, not ${k.dtype}`, [k])
    if (k.shape.length !== 1 || k.shape[0] !== 2)
      return refuse(operation, 'ShapeMismatch', `a key has the shape [2], not ${show(k.shape)}`, [k])
    for (const [name, value] of Object.entries(numbers))
      if (!Number.isFinite(value))
        return refuse(operation, 'InvalidArgument', `${name} must be a finite number, not ${value}`, [k])
    return E.right(write(v, k))
  }) as never

/** A word as a number in (0, 1), as `uniform01`. */
const unit = (v: Vocabulary, words: AnyVar): AnyVar => {
  const w = v.convert(words, 'real')
  return v.add(v.add(v.mul(w, v.like(w, 2 ** -32)), v.like(w, 0.5)), v.like(w, 2 ** -33))
}

/**
 * 32 random bits for every element, as integers of both signs.
 *
 * @category random
 * @since 0.1.0
 */
export const randomBits = <const S extends Shape>(key: KeyOperand, shape: S): Reverse<Var<S, 'int'>> =>
  drawing('randomBits', key, shape, {}, (v, k) => v.emit('randomBits', [k], { shape: [...shape] }))

/**
 * Independent draws from the uniform distribution on `(low, high)`, differentiable by neither. In float32 a draw may round
 * to a bound.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { add, run, scalar, uniform, type Var } from 'wengert'
 * import { uniform as drawn } from 'wengert/Tensor'
 *
 * const noisy = (x: Var<readonly []>) => add(x, uniform([1, 2], [3]))
 * assert.deepStrictEqual(run(noisy)(scalar(0)), { _tag: 'Right', right: drawn([1, 2], [3]) })
 * ```
 *
 * @category random
 * @since 0.1.0
 */
export const uniform = <const S extends Shape>(key: KeyOperand, shape: S, low = 0, high = 1): Reverse<Var<S>> =>
  drawing('uniform', key, shape, { low, high }, (v, k) => {
    const u = unit(v, v.emit('randomBits', [k], { shape: [...shape] }))
    return v.add(v.like(u, low), v.mul(v.like(u, high - low), u))
  })

/**
 * Independent draws from the normal distribution with a mean and a standard deviation, by the method of Box and Muller
 * (see `Tensor.normal`).
 *
 * @category random
 * @since 0.1.0
 */
export const normal = <const S extends Shape>(key: KeyOperand, shape: S, mean = 0, std = 1): Reverse<Var<S>> =>
  drawing('normal', key, shape, { mean, std }, (v, k) => {
    const n = size(shape)
    const pairs = Math.ceil(n / 2)
    const words = v.emit('randomBits', [k], { shape: [pairs, 2] })
    const column = (i: number): AnyVar =>
      v.emit('slice', [unit(v, words)], { start: [0, i], stop: [pairs, i + 1], stride: [1, 1] })
    const logs = v.log(column(0))
    const radius = v.sqrt(v.mul(v.like(logs, -2), logs))
    const turns = column(1)
    const angle = v.mul(v.like(turns, 2 * Math.PI), turns)
    const scaled = v.mul(v.like(radius, std), radius)
    const both = v.emit('concat', [v.mul(scaled, v.cos(angle)), v.mul(scaled, v.sin(angle))], { axis: 1 })
    const drawn = v.emit('slice', [v.reshape(both, [2 * pairs])], { start: [0], stop: [n], stride: [1] })
    return v.reshape(v.add(v.like(drawn, mean), drawn), shape)
  })

/**
 * `n` keys from one, `[n, 2]`; each row is as good as new, and the key is spent. They are the random bits of the key, so
 * they differ from those of `Random.split`, which has a stretch of counters of its own.
 *
 * @category random
 * @since 0.1.0
 */
export const splitKey = <const N extends number = 2>(
  key: KeyOperand,
  n: N = 2 as N,
): Reverse<Var<readonly [N, 2], 'int'>> =>
  drawing('splitKey', key, [n, 2], {}, (v, k) => v.emit('randomBits', [k], { shape: [n, 2] }))
