/**
 * Structural primitives: linear maps whose matrices hold only zeros and ones. Layout and windows have their own files;
 * here are indexing by integers, sums and conversions.
 *
 * | `y` | element | transpose |
 * |---|---|---|
 * | `sum(x, axes)` | the sum over the axes, which are dropped; first element first, in row-major order | broadcast |
 * | `cumsum(x, axis)` | `y[i] = x[0] + ... + x[i]`; reversed `y[i] = x[n-1] + ... + x[i]` | the other direction |
 * | `gather(x: [B.., N, R..], i: [B.., I..])` | `y[b, j, r] = x[b, i[b, j], r]`, `[B.., I.., R..]` | scatterAdd |
 * | `scatterAdd(i: [B.., I..], u: [B.., I.., R..])` | `y[b, n, r]` = sum of the `u[b, j, r]` with `i[b, j] = n`, in the order of `j` | gather |
 * | `convert(x, dtype)` | the same number in another element type | reals: itself |
 *
 * Conventions. An index outside `0 .. N-1`, negative ones included, reads NaN (0 for integers, false for booleans) and
 * scatters nothing; so the transpose of `scatterAdd` reads zero there. Sums of integers wrap to 32 bits; the sum of no
 * elements is 0. Real to int truncates toward zero, saturates at the ends of the 32-bit range and takes NaN to 0;
 * anything to bool is `x != 0` (NaN is not 0).
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { type DType, equals, type Shape, show, size, strides, without } from '../Shape.js'
import { DTypeCodec } from '../tensor/codec.js'
import type { AnyVar } from '../Var.js'
import { free, perOperand, SIMPLE } from './cost.js'
import { arithmetic, lanes, others } from './indexing.js'
import { layoutRows } from './layout.js'
import { type Primitive, plain, type Vocabulary } from './Primitive.js'
import { dtypes, index, indices, knownAxes, linear, refusal, result, shifted, spread } from './rows.js'
import { windowRows } from './windows.js'

const ARITHMETIC: ReadonlyArray<DType> = ['real', 'int']

// ------------------------------------------------------------------------------------------------------- sums

const sum: Primitive<'sum'> = {
  name: 'sum',
  family: 'structural',
  arity: 1,
  attributes: t.readonly(t.strict({ axes: indices })),
  spec: (xs, { axes }) => {
    const dtype = dtypes('sum', xs, ARITHMETIC)
    if (E.isLeft(dtype)) return dtype
    const known = knownAxes('sum', xs, axes, xs[0].shape.length)
    return E.isLeft(known) ? known : result('sum', without(xs[0].shape, axes), dtype.right)
  },
  kernel: (algebra, { operands: [x], attributes: { axes } }) => {
    const { literal, add } = arithmetic(algebra, x.dtype)
    const [starts, terms] = lanes(x.shape, axes)
    if (starts.length === 0) {
      const zero = literal(0)
      return (_, out) => {
        for (let i = 0; i < out.length; i++) out[i] = zero
      }
    }
    return ([from], out) => {
      for (let i = 0; i < starts.length; i++) {
        const start = starts[i]
        let total = from[start]
        for (let j = 1; j < terms.length; j++) total = add(total, from[start + terms[j]])
        out[i] = total
      }
    }
  },
  derivative: linear('sum', (v, ct, _, [{ shape }], { axes }) => v.broadcast(ct, shape, others(shape.length, axes))),
  batch: (v, [x], _b, _l, { axes }) => v.sum(x, shifted(axes)),
  domain: '',
  branches: null,
  flops: perOperand(SIMPLE),
  show: ([x], { axes }) => `sum(${x}, axes=${show(axes)})`,
}

const cumsum: Primitive<'cumsum'> = {
  name: 'cumsum',
  family: 'structural',
  arity: 1,
  attributes: t.readonly(t.strict({ axis: index, reverse: t.boolean })),
  spec: (xs, { axis }) => {
    const [x] = xs
    const dtype = dtypes('cumsum', xs, ARITHMETIC)
    return E.isLeft(dtype)
      ? dtype
      : axis < x.shape.length
        ? E.right(x)
        : refusal('cumsum', xs)('InvalidAxis', `axis ${axis} is out of range for rank ${x.shape.length}`)
  },
  kernel: (algebra, { operands: [x], attributes: { axis, reverse } }) => {
    const { add } = arithmetic(algebra, x.dtype)
    const [starts] = lanes(x.shape, [axis])
    const length = x.shape[axis]
    const forward = strides(x.shape)[axis]
    const first = reverse ? (length - 1) * forward : 0
    const step = reverse ? -forward : forward
    return ([from], out) => {
      for (let i = 0; i < starts.length; i++) {
        let at = starts[i] + first
        let total = from[at]
        out[at] = total
        for (let j = 1; j < length; j++) {
          at += step
          total = add(total, from[at])
          out[at] = total
        }
      }
    }
  },
  derivative: linear('cumsum', (v, ct, _k, _xs, { axis, reverse }) =>
    v.emit('cumsum', [ct], { axis, reverse: !reverse }),
  ),
  batch: (v, [x], _b, _l, { axis, reverse }) => v.emit('cumsum', [x], { axis: axis + 1, reverse }),
  domain: '',
  branches: null,
  flops: perOperand(SIMPLE),
  show: ([x], { axis, reverse }) => `cumsum(${x}, axis=${axis}${reverse ? ', reverse' : ''})`,
}

// --------------------------------------------------------------------------------------- indexing by integers

const gather: Primitive<'gather'> = {
  name: 'gather',
  family: 'structural',
  arity: 2,
  attributes: t.readonly(t.strict({ batch: index })),
  spec: (xs, { batch }) => {
    const [x, at] = xs
    const no = refusal('gather', xs)
    if (at.dtype !== 'int') return no('TypeMismatch', `the indices must be int, not ${at.dtype}`)
    if (x.shape.length <= batch || at.shape.length < batch)
      return no(
        'ShapeMismatch',
        `${show(x.shape)} at ${show(at.shape)} has no ${batch} batch dimensions and one to index`,
      )
    const lead = x.shape.slice(0, batch)
    return equals(lead, at.shape.slice(0, batch))
      ? result('gather', [...at.shape, ...x.shape.slice(batch + 1)], x.dtype)
      : no('ShapeMismatch', `the first ${batch} dimensions of ${show(x.shape)} and ${show(at.shape)} differ`)
  },
  kernel: (algebra, { operands: [x, at], attributes: { batch } }) => {
    const n = x.shape[batch]
    const groups = size(x.shape.slice(0, batch))
    const each = size(at.shape.slice(batch))
    const row = size(x.shape.slice(batch + 1))
    const outside = arithmetic(algebra, x.dtype).literal(x.dtype === 'real' ? Number.NaN : 0)
    return ([from, indices], out) => {
      const chosen = plain(indices)
      let to = 0
      if (out.length === 0) return
      for (let b = 0; b < groups; b++)
        for (let i = 0; i < each; i++) {
          const k = chosen[b * each + i]
          const start = (b * n + k) * row
          if (k >= 0 && k < n) for (let r = 0; r < row; r++) out[to++] = from[start + r]
          else for (let r = 0; r < row; r++) out[to++] = outside
        }
    }
  },
  derivative: linear('gather', (v, ct, _, [x, at], { batch }) =>
    v.emit('scatterAdd', [at, ct], { batch, size: x.shape[batch] }),
  ),
  batch: (v, xs, batched, length, { batch }) =>
    // one table shared by the whole batch: more indices, nothing repeated
    batch === 0 && !batched[0]
      ? v.emit('gather', xs, { batch })
      : v.emit('gather', spread(v, xs, batched, length), { batch: batch + 1 }),
  domain: '0 <= index < length',
  branches: null,
  flops: free,
  show: ([x, at], { batch }) => (batch === 0 ? `${x}[${at}]` : `gather(${x}, ${at}, batch=${batch})`),
}

/** `ct` read at the indices, and zero where nothing was scattered from. */
const gatherInside = (v: Vocabulary, ct: AnyVar, at: AnyVar, batch: number, n: number, shape: Shape): AnyVar => {
  const inside = v.and(v.ge(at, v.like(at, 0)), v.lt(at, v.like(at, n)))
  const read = v.emit('gather', [ct, at], { batch })
  return v.select(
    v.broadcast(
      inside,
      shape,
      at.shape.map((_, i) => i),
    ),
    read,
    v.like(read, 0),
  )
}

const scatterAdd: Primitive<'scatterAdd'> = {
  name: 'scatterAdd',
  family: 'structural',
  arity: 2,
  attributes: t.readonly(t.strict({ batch: index, size: index })),
  spec: (xs, { batch, size: n }) => {
    const [at, updates] = xs
    const no = refusal('scatterAdd', xs)
    if (at.dtype !== 'int') return no('TypeMismatch', `the indices must be int, not ${at.dtype}`)
    const dtype = dtypes('scatterAdd', [updates], ARITHMETIC)
    if (E.isLeft(dtype)) return dtype
    if (at.shape.length < batch)
      return no('ShapeMismatch', `indices ${show(at.shape)} have no ${batch} batch dimensions`)
    const rank = at.shape.length
    return equals(at.shape, updates.shape.slice(0, rank))
      ? result('scatterAdd', [...at.shape.slice(0, batch), n, ...updates.shape.slice(rank)], dtype.right)
      : no('ShapeMismatch', `updates ${show(updates.shape)} must begin with the shape ${show(at.shape)} of the indices`)
  },
  kernel: (algebra, { operands: [at, updates], attributes: { batch, size: n } }) => {
    const { literal, add } = arithmetic(algebra, updates.dtype)
    const groups = size(at.shape.slice(0, batch))
    const each = size(at.shape.slice(batch))
    const row = size(updates.shape.slice(at.shape.length))
    const zero = literal(0)
    return ([indices, from], out) => {
      const chosen = plain(indices)
      for (let i = 0; i < out.length; i++) out[i] = zero
      if (from.length === 0) return
      for (let b = 0; b < groups; b++)
        for (let i = 0; i < each; i++) {
          const k = chosen[b * each + i]
          if (k < 0 || k >= n) continue
          const start = (b * each + i) * row
          const to = (b * n + k) * row
          for (let r = 0; r < row; r++) out[to + r] = add(out[to + r], from[start + r])
        }
    }
  },
  derivative: linear('scatterAdd', (v, ct, _, [at, updates], { batch, size: n }) =>
    gatherInside(v, ct, at, batch, n, updates.shape),
  ),
  batch: (v, xs, batched, length, { batch, size: n }) =>
    v.emit('scatterAdd', spread(v, xs, batched, length), { batch: batch + 1, size: n }),
  domain: '',
  branches: null,
  flops: ({ operands: [, updates] }) => SIMPLE * size(updates.shape),
  show: ([at, updates], { batch, size: n }) =>
    `scatterAdd(${at}, ${updates}, size=${n}${batch === 0 ? '' : `, batch=${batch}`})`,
}

// ------------------------------------------------------------------------------------------------ conversions

const MIN_INT = -(2 ** 31)
const MAX_INT = 2 ** 31 - 1

const toInt = (x: number): number => (Number.isNaN(x) ? 0 : Math.trunc(Math.min(MAX_INT, Math.max(MIN_INT, x))) | 0)

const toBool = (x: number): number => (x === 0 ? 0 : 1)

const discrete = { int: toInt, bool: toBool }

const convert: Primitive<'convert'> = {
  name: 'convert',
  family: 'structural',
  arity: 1,
  attributes: t.readonly(t.strict({ dtype: DTypeCodec })),
  spec: ([x], { dtype }) => E.right({ shape: x.shape, dtype }),
  kernel: (algebra, { operands: [x], attributes: { dtype } }) => {
    if (x.dtype === dtype)
      return ([from], out) => {
        for (let i = 0; i < out.length; i++) out[i] = from[i]
      }
    if (dtype === 'real')
      return ([from], out) => {
        const a = plain(from)
        for (let i = 0; i < out.length; i++) out[i] = algebra.literal(a[i])
      }
    const { primal } = arithmetic(algebra, x.dtype)
    const to = discrete[dtype]
    return ([from], out) => {
      const b = plain(out)
      for (let i = 0; i < b.length; i++) b[i] = to(primal(from[i]))
    }
  },
  // asked only between reals, where nothing changes
  derivative: { pull: (_, ct) => ct, push: (_, [dx]) => dx },
  batch: (v, [x], _b, _l, { dtype }) => v.convert(x, dtype),
  domain: '',
  branches: ({ operands: [x], attributes: { dtype } }, [from]) =>
    x.dtype === 'real' && dtype !== 'real' ? Array.from(from, discrete[dtype]) : [],
  flops: free,
  show: ([x], { dtype }) => `${dtype}(${x})`,
}

/**
 * @category rows
 * @since 0.1.0
 */
export const structuralRows = { ...layoutRows, ...windowRows, sum, cumsum, gather, scatterAdd, convert } satisfies {
  readonly [K in
    | keyof typeof layoutRows
    | keyof typeof windowRows
    | 'sum'
    | 'cumsum'
    | 'gather'
    | 'scatterAdd'
    | 'convert']: Primitive<K>
}
