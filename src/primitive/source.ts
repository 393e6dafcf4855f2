/**
 * Sources: instructions without real operands, where values come from.
 *
 * `input` is given a value by whoever evaluates the tape, `constant` carries its value, `iota` counts `0, 1, 2, ...` along
 * an axis, and `randomBits` draws 32 uniformly random bits for each element from a key (see `Random.ts`), so that the same
 * tape on the same inputs always gives the same numbers. Keys of shape `[..., 2]` give `[..., ...shape]`, one independent
 * draw for each key, which is what a batch of keys means.
 *
 * @since 0.1.0
 */
import * as t from 'io-ts'
import { bits } from '../Random.js'
import { type Shape, show, size } from '../Shape.js'
import { DTypeCodec, TensorCodec } from '../tensor/codec.js'
import { free, perResult, SIMPLE } from './cost.js'
import { type Batch, type Primitive, type PrimitiveName, plain } from './Primitive.js'
import { index, indices, refusal, result } from './rows.js'

/** Nothing that has no operands is ever batched. */
const never =
  <K extends PrimitiveName>(name: K): Batch<K> =>
  () => {
    throw new Error(`${name} has no operands and cannot be batched`)
  }

const input: Primitive<'input'> = {
  name: 'input',
  family: 'source',
  arity: 0,
  attributes: t.readonly(t.strict({ path: t.string, shape: indices, dtype: DTypeCodec })),
  spec: (_, { shape, dtype }) => result('input', shape, dtype),
  kernel:
    (_, { attributes: { path } }) =>
    () => {
      throw new Error(`the input ${path} is given, not computed`)
    },
  derivative: null,
  batch: never('input'),
  domain: '',
  branches: null,
  flops: free,
  show: (_, { path, shape, dtype }) => `input ${path}: ${dtype} ${show(shape)}`,
}

const constant: Primitive<'constant'> = {
  name: 'constant',
  family: 'source',
  arity: 0,
  attributes: t.readonly(t.strict({ value: TensorCodec })),
  spec: (_, { value }) => result('constant', value.shape, value.dtype),
  kernel: (algebra, { attributes: { value } }) => {
    const { data } = value
    return value.dtype === 'real'
      ? (_, out) => {
          for (let i = 0; i < out.length; i++) out[i] = algebra.literal(data[i])
        }
      : (_, out) => {
          const b = plain(out)
          for (let i = 0; i < b.length; i++) b[i] = data[i]
        }
  },
  derivative: null,
  batch: never('constant'),
  domain: '',
  branches: null,
  flops: free,
  show: (_, { value }) =>
    value.shape.length === 0 ? String(value.data[0]) : `constant ${value.dtype} ${show(value.shape)}`,
}

const iota: Primitive<'iota'> = {
  name: 'iota',
  family: 'source',
  arity: 0,
  attributes: t.readonly(t.strict({ shape: indices, axis: index })),
  spec: (xs, { shape, axis }) =>
    axis < shape.length
      ? result('iota', shape, 'int')
      : refusal('iota', xs)('InvalidAxis', `axis ${axis} is out of range for rank ${shape.length}`),
  kernel: (_, { attributes: { shape, axis } }) => {
    const inner = size(shape.slice(axis + 1))
    const length = shape[axis]
    return (_, out) => {
      const b = plain(out)
      for (let i = 0; i < b.length; i++) b[i] = Math.floor(i / inner) % length
    }
  },
  derivative: null,
  batch: never('iota'),
  domain: '',
  branches: null,
  flops: free,
  show: (_, { shape, axis }) => `iota(${show(shape)}, axis=${axis})`,
}

const keyed = (shape: Shape): boolean => shape.length > 0 && shape[shape.length - 1] === 2

const randomBits: Primitive<'randomBits'> = {
  name: 'randomBits',
  family: 'source',
  arity: 1,
  attributes: t.readonly(t.strict({ shape: indices })),
  spec: (xs, { shape }) => {
    const [key] = xs
    const no = refusal('randomBits', xs)
    if (key.dtype !== 'int') return no('TypeMismatch', `a key is two integers, not ${key.dtype}`)
    return keyed(key.shape)
      ? result('randomBits', [...key.shape.slice(0, -1), ...shape], 'int')
      : no('ShapeMismatch', `a key has the shape [2], not ${show(key.shape)}`)
  },
  kernel: (_, { attributes: { shape } }) => {
    const count = size(shape)
    return ([keys], out) => {
      const words = plain(keys)
      const b = plain(out)
      for (let at = 0; at < b.length; at += count) {
        const k = (2 * at) / count
        const drawn = bits([words[k], words[k + 1]], count)
        for (let i = 0; i < count; i++) b[at + i] = drawn[i]
      }
    }
  },
  derivative: null,
  batch: (v, [key], _b, _l, a) => v.emit('randomBits', [key], a),
  domain: '',
  branches: null,
  // twenty rounds of three operations for each pair of words
  flops: perResult(30 * SIMPLE),
  show: ([key], { shape }) => `randomBits(${key}, ${show(shape)})`,
}

/**
 * @category rows
 * @since 0.1.0
 */
export const sourceRows = { input, constant, iota, randomBits } satisfies {
  readonly [K in 'input' | 'constant' | 'iota' | 'randomBits']: Primitive<K>
}
