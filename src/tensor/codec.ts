/**
 * Tensors as JSON: `{ "shape": [2], "dtype": "real", "data": [1, "NaN"] }`. JSON has no NaN, infinities or -0, so those
 * four are written as the strings `"NaN"`, `"Infinity"`, `"-Infinity"` and `"-0"`; every other float64 round-trips as
 * the shortest decimal that JavaScript prints.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { check, type DType, size } from '../Shape.js'
import { type AnyTensor, isTensor, unsafeMake } from './model.js'

const words: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  '-0': -0,
}

/**
 * A float64, NaN, infinities and -0 included.
 *
 * @category codecs
 * @since 0.1.0
 */
export const NumberCodec: t.Type<number, number | string, unknown> = new t.Type(
  'Number',
  t.number.is,
  (u, c) => {
    if (typeof u === 'number') return t.success(u)
    return typeof u === 'string' && Object.hasOwn(words, u)
      ? t.success(words[u])
      : t.failure(u, c, 'must be a number, "NaN", "Infinity", "-Infinity" or "-0"')
  },
  (x) => (Number.isFinite(x) && !Object.is(x, -0) ? x : Object.is(x, -0) ? '-0' : String(x)),
)

/**
 * @category codecs
 * @since 0.1.0
 */
export const DTypeCodec: t.Type<DType, DType, unknown> = t.union([
  t.literal('real'),
  t.literal('int'),
  t.literal('bool'),
])

/** The elements as a typed array, or where the first one that does not fit is. */
const elements = (dtype: DType, data: ReadonlyArray<unknown>): E.Either<string, AnyTensor['data']> => {
  const out =
    dtype === 'real'
      ? new Float64Array(data.length)
      : dtype === 'int'
        ? new Int32Array(data.length)
        : new Uint8Array(data.length)
  for (let i = 0; i < data.length; i++) {
    const u = data[i]
    const x =
      typeof u === 'number'
        ? u
        : typeof u === 'string' && dtype === 'real' && Object.hasOwn(words, u)
          ? words[u]
          : undefined
    if (x === undefined) return E.left(`element ${i} is not a number`)
    out[i] = x
    if (!Object.is(out[i], x) && !(x === 0 && dtype === 'real')) return E.left(`element ${i}, ${x}, is no ${dtype}`)
    if (dtype === 'bool' && x > 1) return E.left(`element ${i}, ${x}, is no bool: it must be 0 or 1`)
  }
  return E.right(out)
}

const Raw = t.strict({ shape: t.readonlyArray(t.number), dtype: DTypeCodec, data: t.readonlyArray(t.unknown) })

/**
 * @category codecs
 * @since 0.1.0
 */
export const TensorCodec: t.Type<AnyTensor, unknown, unknown> = new t.Type<AnyTensor, unknown, unknown>(
  'Tensor',
  isTensor,
  (u, c) => {
    const raw = Raw.validate(u, c)
    if (E.isLeft(raw)) return raw
    const { shape, dtype, data } = raw.right
    const valid = check(shape, 'tensor')
    if (E.isLeft(valid)) return t.failure(u, c, valid.left.message)
    if (size(shape) !== data.length)
      return t.failure(u, c, `a tensor of shape [${shape.join(', ')}] has ${size(shape)} elements, not ${data.length}`)
    const made = elements(dtype, data)
    return E.isLeft(made) ? t.failure(u, c, made.left) : t.success(unsafeMake([...shape], dtype, made.right))
  },
  ({ shape, dtype, data }) => ({
    shape,
    dtype,
    data: Array.from(data, (x) => (dtype === 'real' ? NumberCodec.encode(x) : x)),
  }),
)
