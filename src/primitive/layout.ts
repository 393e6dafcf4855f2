/**
 * Layout primitives: the elements of the operand in other places. Each is a map of indices, works for every element
 * type, touches no number and is linear, so its derivative is itself and its transpose.
 *
 * | `y` | element | transpose |
 * |---|---|---|
 * | `reshape(x)` | the same row-major order | reshape back |
 * | `permute(x, order)` | `y[i] = x[j]` with `j[order[d]] = i[d]`: `y.shape[d] = x.shape[order[d]]` | the inverse order |
 * | `broadcast(x, shape, axes)` | `y[i] = x[i[axes]]`; dimension `d` of `x` is dimension `axes[d]` of `y` | sum over the other axes |
 * | `slice(x, start, stop, stride)` | `y[i] = x[start + i * stride]` | pad |
 * | `pad(x, low, high, interior, value)` | `y[low + i * (interior + 1)] = x[i]`, `value` elsewhere | slice |
 * | `concat(x0, x1, ...; axis)` | the operands one after another | one slice for each operand |
 * | `flip(x, axes)` | `y[i] = x[n - 1 - i]` along the axes | itself |
 *
 * `pad` is affine: its linear part pads with zero.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { type DType, type Shape, show, size, strides } from '../Shape.js'
import { NumberCodec } from '../tensor/codec.js'
import { free } from './cost.js'
import { arithmetic, inverse, offsets, others, pick, reading } from './indexing.js'
import type { Attributes, Primitive } from './Primitive.js'
import { dtypes, index, indices, knownAxes, linear, refusal, result, shifted, spread } from './rows.js'

const ANY: ReadonlyArray<DType> = ['real', 'int', 'bool']

const reshape: Primitive<'reshape'> = {
  name: 'reshape',
  family: 'structural',
  arity: 1,
  attributes: t.readonly(t.strict({ shape: indices })),
  spec: (xs, { shape }) => {
    const [x] = xs
    return size(shape) === size(x.shape)
      ? result('reshape', shape, x.dtype)
      : refusal('reshape', xs)(
          'ShapeMismatch',
          `cannot reshape ${show(x.shape)} (${size(x.shape)} elements) to ${show(shape)} (${size(shape)} elements)`,
        )
  },
  kernel:
    () =>
    ([x], out) => {
      for (let i = 0; i < out.length; i++) out[i] = x[i]
    },
  derivative: linear('reshape', (v, ct, _, [x]) => v.reshape(ct, x.shape)),
  batch: (v, [x], _, length, { shape }) => v.reshape(x, [length, ...shape]),
  domain: '',
  branches: null,
  flops: free,
  show: ([x], { shape }) => `reshape(${x}, ${show(shape)})`,
}

const permute: Primitive<'permute'> = {
  name: 'permute',
  family: 'structural',
  arity: 1,
  attributes: t.readonly(t.strict({ order: indices })),
  spec: (xs, { order }) => {
    const [x] = xs
    const rank = x.shape.length
    return order.length === rank && order.every((axis, i) => axis < rank && order.indexOf(axis) === i)
      ? E.right({ shape: pick(x.shape, order), dtype: x.dtype })
      : refusal('permute', xs)(
          'InvalidAxis',
          `the order ${show(order)} must name each of the ${rank} axes of ${show(x.shape)} once`,
        )
  },
  kernel: (_, { operands: [x], result: y, attributes: { order } }) =>
    reading(offsets(y.shape, pick(strides(x.shape), order))),
  derivative: linear('permute', (v, ct, _k, _xs, { order }) => v.permute(ct, inverse(order))),
  batch: (v, [x], _b, _l, { order }) => v.permute(x, [0, ...shifted(order)]),
  domain: '',
  branches: null,
  flops: free,
  show: ([x], { order }) => `permute(${x}, ${show(order)})`,
}

const broadcast: Primitive<'broadcast'> = {
  name: 'broadcast',
  family: 'structural',
  arity: 1,
  attributes: t.readonly(t.strict({ shape: indices, axes: indices })),
  spec: (xs, { shape, axes }) => {
    const [x] = xs
    const no = refusal('broadcast', xs)
    if (axes.length !== x.shape.length)
      return no('ShapeMismatch', `${axes.length} axes ${show(axes)} are given for the dimensions of ${show(x.shape)}`)
    const known = knownAxes('broadcast', xs, axes, shape.length)
    if (E.isLeft(known)) return known
    for (let i = 0; i < axes.length; i++)
      if (x.shape[i] !== shape[axes[i]])
        return no(
          'ShapeMismatch',
          `dimension ${i} of ${show(x.shape)} must be dimension ${axes[i]} of ${show(shape)}, but ${x.shape[i]} and ${shape[axes[i]]} differ`,
        )
    return result('broadcast', shape, x.dtype)
  },
  kernel: (_, { operands: [x], result: y, attributes: { axes } }) => {
    const from = strides(x.shape)
    return reading(
      offsets(
        y.shape,
        y.shape.map((_, d) => (axes.includes(d) ? from[axes.indexOf(d)] : 0)),
      ),
    )
  },
  derivative: linear('broadcast', (v, ct, _k, _xs, { shape, axes }) => v.sum(ct, others(shape.length, axes))),
  batch: (v, [x], _, length, { shape, axes }) => v.broadcast(x, [length, ...shape], [0, ...shifted(axes)]),
  domain: '',
  branches: null,
  flops: free,
  show: ([x], { shape, axes }) => `broadcast(${x}, ${show(shape)}, axes=${show(axes)})`,
}

/** The elements that a strided range holds. */
const reached = ({ start, stop, stride }: Attributes['slice']): Shape =>
  start.map((from, d) => Math.ceil((stop[d] - from) / stride[d]))

const slice: Primitive<'slice'> = {
  name: 'slice',
  family: 'structural',
  arity: 1,
  attributes: t.readonly(t.strict({ start: indices, stop: indices, stride: indices })),
  spec: (xs, a) => {
    const [x] = xs
    const { start, stop, stride } = a
    const no = refusal('slice', xs)
    const rank = x.shape.length
    if (start.length !== rank || stop.length !== rank || stride.length !== rank)
      return no('ShapeMismatch', `start, stop and stride need one entry for each dimension of ${show(x.shape)}`)
    for (let d = 0; d < rank; d++) {
      if (stride[d] < 1) return no('InvalidArgument', `the stride ${stride[d]} of dimension ${d} must be at least 1`)
      if (start[d] > stop[d] || stop[d] > x.shape[d])
        return no(
          'InvalidArgument',
          `the range ${start[d]} to ${stop[d]} is not inside dimension ${d} of ${show(x.shape)}, whose length is ${x.shape[d]}`,
        )
    }
    return E.right({ shape: reached(a), dtype: x.dtype })
  },
  kernel: (_, { operands: [x], result: y, attributes: { start, stride } }) => {
    const from = strides(x.shape)
    return reading(
      offsets(
        y.shape,
        from.map((step, d) => step * stride[d]),
        from.reduce((sum, step, d) => sum + step * start[d], 0),
      ),
    )
  },
  derivative: linear('slice', (v, ct, _, [x], { start, stride }) =>
    v.emit('pad', [ct], {
      low: start,
      high: x.shape.map((n, d) => n - start[d] - spanned(ct.shape[d], stride[d] - 1)),
      interior: stride.map((step) => step - 1),
      value: 0,
    }),
  ),
  batch: (v, [x], _, length, { start, stop, stride }) =>
    v.emit('slice', [x], { start: [0, ...start], stop: [length, ...stop], stride: [1, ...stride] }),
  domain: '',
  branches: null,
  flops: free,
  show: ([x], { start, stop, stride }) =>
    `${x}[${start.map((from, d) => `${from}:${stop[d]}${stride[d] === 1 ? '' : `:${stride[d]}`}`).join(', ')}]`,
}

/** The length of `n` elements with `interior` others between neighbours. */
const spanned = (n: number, interior: number): number => n + Math.max(0, n - 1) * interior

const fits: { readonly [D in DType]: (value: number) => boolean } = {
  real: () => true,
  int: (value) => (value | 0) === value,
  bool: (value) => value === 0 || value === 1,
}

const pad: Primitive<'pad'> = {
  name: 'pad',
  family: 'structural',
  arity: 1,
  attributes: t.readonly(t.strict({ low: indices, high: indices, interior: indices, value: NumberCodec })),
  spec: (xs, { low, high, interior, value }) => {
    const [x] = xs
    const no = refusal('pad', xs)
    const rank = x.shape.length
    if (low.length !== rank || high.length !== rank || interior.length !== rank)
      return no('ShapeMismatch', `low, high and interior need one entry for each dimension of ${show(x.shape)}`)
    if (!fits[x.dtype](value)) return no('TypeMismatch', `the value ${value} is not of the element type ${x.dtype}`)
    return result(
      'pad',
      x.shape.map((n, d) => low[d] + spanned(n, interior[d]) + high[d]),
      x.dtype,
    )
  },
  kernel: (algebra, { operands: [x], result: y, attributes: { low, interior, value } }) => {
    const to = strides(y.shape)
    const map = offsets(
      x.shape,
      to.map((step, d) => step * (interior[d] + 1)),
      to.reduce((sum, step, d) => sum + step * low[d], 0),
    )
    const blank = arithmetic(algebra, x.dtype).literal(value)
    return ([from], out) => {
      for (let i = 0; i < out.length; i++) out[i] = blank
      for (let i = 0; i < map.length; i++) out[map[i]] = from[i]
    }
  },
  derivative: linear(
    'pad',
    (v, ct, _, [{ shape }], { low, interior }) =>
      v.emit('slice', [ct], {
        start: low,
        stop: shape.map((n, d) => low[d] + spanned(n, interior[d])),
        stride: shape.map((n, d) => (n > 1 ? interior[d] + 1 : 1)),
      }),
    (a) => ({ ...a, value: 0 }),
  ),
  batch: (v, [x], _b, _l, { low, high, interior, value }) =>
    v.emit('pad', [x], { low: [0, ...low], high: [0, ...high], interior: [0, ...interior], value }),
  domain: '',
  branches: null,
  flops: free,
  show: ([x], { low, high, interior, value }) =>
    `pad(${x}, low=${show(low)}, high=${show(high)}${interior.some((n) => n > 0) ? `, interior=${show(interior)}` : ''}, value=${value})`,
}

/** Where each operand starts along the axis. */
const starts = (shapes: ReadonlyArray<Shape>, axis: number): ReadonlyArray<number> => {
  let at = 0
  return shapes.map((shape) => {
    const start = at
    at += shape[axis]
    return start
  })
}

const concat: Primitive<'concat'> = {
  name: 'concat',
  family: 'structural',
  arity: -1,
  attributes: t.readonly(t.strict({ axis: index })),
  spec: (xs, { axis }) => {
    const no = refusal('concat', xs)
    const dtype = dtypes('concat', xs, ANY)
    if (E.isLeft(dtype)) return dtype
    const [{ shape: first }] = xs
    if (axis >= first.length) return no('InvalidAxis', `axis ${axis} is out of range for rank ${first.length}`)
    let length = 0
    for (const { shape } of xs) {
      if (shape.length !== first.length || shape.some((n, d) => d !== axis && n !== first[d]))
        return no('ShapeMismatch', `shapes ${show(first)} and ${show(shape)} differ outside axis ${axis}`)
      length += shape[axis]
    }
    return result('concat', first.with(axis, length), dtype.right)
  },
  kernel: (_, { operands, result: y, attributes: { axis } }) => {
    const to = strides(y.shape)
    const begin = starts(
      operands.map((x) => x.shape),
      axis,
    )
    const maps = operands.map((x, k) => offsets(x.shape, to, begin[k] * to[axis]))
    return (xs, out) => {
      for (let k = 0; k < maps.length; k++) {
        const map = maps[k]
        const x = xs[k]
        for (let i = 0; i < map.length; i++) out[map[i]] = x[i]
      }
    }
  },
  derivative: linear('concat', (v, ct, k, xs, { axis }) => {
    const start = starts(
      xs.map((x) => x.shape),
      axis,
    )[k]
    return v.emit('slice', [ct], {
      start: ct.shape.map((_, d) => (d === axis ? start : 0)),
      stop: ct.shape.map((n, d) => (d === axis ? start + xs[k].shape[axis] : n)),
      stride: ct.shape.map(() => 1),
    })
  }),
  batch: (v, xs, batched, length, { axis }) => v.emit('concat', spread(v, xs, batched, length), { axis: axis + 1 }),
  domain: '',
  branches: null,
  flops: free,
  show: (xs, { axis }) => `concat(${xs.join(', ')}, axis=${axis})`,
}

const flip: Primitive<'flip'> = {
  name: 'flip',
  family: 'structural',
  arity: 1,
  attributes: t.readonly(t.strict({ axes: indices })),
  spec: (xs, { axes }) => E.map(() => xs[0])(knownAxes('flip', xs, axes, xs[0].shape.length)),
  kernel: (_, { operands: [x], attributes: { axes } }) => {
    const from = strides(x.shape)
    return reading(
      offsets(
        x.shape,
        from.map((step, d) => (axes.includes(d) ? -step : step)),
        axes.reduce((sum, d) => sum + (x.shape[d] - 1) * from[d], 0),
      ),
    )
  },
  derivative: linear('flip', (v, ct, _k, _xs, a) => v.emit('flip', [ct], a)),
  batch: (v, [x], _b, _l, { axes }) => v.emit('flip', [x], { axes: shifted(axes) }),
  domain: '',
  branches: null,
  flops: free,
  show: ([x], { axes }) => `flip(${x}, axes=${show(axes)})`,
}

/**
 * @category rows
 * @since 0.1.0
 */
export const layoutRows = { reshape, permute, broadcast, slice, pad, concat, flip } satisfies {
  readonly [K in 'reshape' | 'permute' | 'broadcast' | 'slice' | 'pad' | 'concat' | 'flip']: Primitive<K>
}
