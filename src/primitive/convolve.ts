/**
 * Convolution, in the sense of neural networks: cross-correlation. With `N` examples, `C` channels in `G` groups, `O`
 * outputs and any number of spatial dimensions (one written here),
 *
 *     y[n, o, p] = sum over c in the group of o, over j, of x[n, c, q] * w[o, c, j]
 *     where q * inputDilation = p * stride + j * kernelDilation - low, and the terms without such a q are left out
 *
 * The products are summed with the channel outermost and the kernel in row-major order inside. What is left out is
 * not multiplied by zero, so an infinite weight over padding does no harm.
 *
 * Both transposes solve the same equation for another index, which swaps strides and dilations:
 *
 * - for `x`, correlate the cotangent with the flipped kernel: `p * stride = q * inputDilation + j' * kernelDilation - low'`
 *   with `j' = k - 1 - j` and `low' = kernelDilation * (k - 1) - low`; the groups keep, their inputs and outputs swap;
 * - for `w`, correlate `x` with the cotangent: `q * inputDilation = j * kernelDilation + p * stride - low`; the examples
 *   are what is summed over, so they take the place of the channels and the channels that of the examples.
 *
 * The high padding is whatever gives as many positions as `x`, or `w`, has: negative where a stride left a remainder.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { MAX_RANK, MAX_SIZE, type Shape, show, size, strides } from '../Shape.js'
import type { AnyVar } from '../Var.js'
import { offsets } from './indexing.js'
import type { Batch, Convolution, Primitive, Vocabulary } from './Primitive.js'
import { dtypes, index, indices, multilinear, perAxis, refusal, result } from './rows.js'
import { positions } from './windows.js'

/** The rules give `w` two dimensions more for its groups and a batch. */
const MAX_SPACE = MAX_RANK - 4

const offset: t.Type<number, unknown> = new t.Type<number, unknown>(
  'Offset',
  (u): u is number => Number.isInteger(u) && Math.abs(u as number) <= MAX_SIZE,
  (u, c) =>
    Number.isInteger(u) && Math.abs(u as number) <= MAX_SIZE
      ? t.success(u as number)
      : t.failure(u, c, 'must be an integer from -2147483647 to 2147483647'),
  (n) => n,
)

const dilated = (n: number, dilation: number): number => (n === 0 ? 0 : (n - 1) * dilation + 1)

/** The spatial dimensions of the result. */
const reach = (x: Shape, w: Shape, a: Convolution): Shape =>
  a.strides.map((stride, d) => {
    const [low, high] = a.padding[d]
    return positions(dilated(x[d + 2], a.inputDilation[d]) + low + high, w[d + 2], stride, a.kernelDilation[d])
  })

// ------------------------------------------------------------------------------------------------ derivatives

const pullInput = (v: Vocabulary, ct: AnyVar, x: AnyVar, w: AnyVar, a: Convolution): AnyVar => {
  const [outputs, channels, ...kernel] = w.shape
  const { groups } = a
  const each = outputs / groups
  // [G O', C', k..] to [G C', O', k..], turned round
  const swapped = v.reshape(
    v.permute(v.reshape(w, [groups, each, channels, ...kernel]), [0, 2, 1, ...kernel.map((_, d) => d + 3)]),
    [groups * channels, each, ...kernel],
  )
  return v.emit('convolve', [ct, v.emit('flip', [swapped], { axes: kernel.map((_, d) => d + 2) })], {
    strides: a.inputDilation,
    inputDilation: a.strides,
    kernelDilation: a.kernelDilation,
    groups,
    padding: kernel.map((k, d) => {
      const low = a.kernelDilation[d] * (k - 1) - a.padding[d][0]
      const wanted = dilated(x.shape[d + 2], a.inputDilation[d]) + a.kernelDilation[d] * (k - 1)
      return [low, wanted - low - dilated(ct.shape[d + 2], a.strides[d])] as const
    }),
  })
}

const pullKernel = (v: Vocabulary, ct: AnyVar, x: AnyVar, w: AnyVar, a: Convolution): AnyVar => {
  const [examples, , ...space] = x.shape
  const [, channels, ...kernel] = w.shape
  const { groups } = a
  const rest = (from: number) => space.map((_, d) => d + from)
  // [N, G C', s..] to [C', G N, s..]
  const inputs = v.reshape(v.permute(v.reshape(x, [examples, groups, channels, ...space]), [2, 1, 0, ...rest(3)]), [
    channels,
    groups * examples,
    ...space,
  ])
  const d = v.emit('convolve', [inputs, v.permute(ct, [1, 0, ...rest(2)])], {
    strides: a.kernelDilation,
    inputDilation: a.inputDilation,
    kernelDilation: a.strides,
    groups,
    padding: kernel.map((k, d) => {
      const low = a.padding[d][0]
      const wanted = dilated(k, a.kernelDilation[d]) + a.strides[d] * (ct.shape[d + 2] - 1)
      return [low, wanted - low - dilated(space[d], a.inputDilation[d])] as const
    }),
  })
  return v.permute(d, [1, 0, ...rest(2)])
}

const pull = (v: Vocabulary, ct: AnyVar, k: number, xs: ReadonlyArray<AnyVar>, a: Convolution): AnyVar =>
  size(ct.shape) === 0 || size(xs[k].shape) === 0
    ? v.like(xs[k], 0)
    : (k === 0 ? pullInput : pullKernel)(v, ct, xs[0], xs[1], a)

// --------------------------------------------------------------------------------------------------- batching

const batch: Batch<'convolve'> = (v, [x, w], [first, second], length, a) => {
  const space = a.strides.map((_, d) => d)
  const { groups } = a
  if (first && !second) {
    // more examples
    const [, examples, ...rest] = x.shape
    const y = v.emit('convolve', [v.reshape(x, [length * examples, ...rest]), w], a)
    return v.reshape(y, [length, examples, ...y.shape.slice(1)])
  }
  if (!first) {
    // more outputs in each group: [L, G O', ..] to [G L O', ..]
    const [, outputs, ...rest] = w.shape
    const each = outputs / groups
    const grouped = v.permute(v.reshape(w, [length, groups, each, ...rest]), [1, 0, 2, 3, ...space.map((d) => d + 4)])
    const y = v.emit('convolve', [x, v.reshape(grouped, [groups * length * each, ...rest])], a)
    const [examples, , ...positions] = y.shape
    const split = v.reshape(y, [examples, groups, length, each, ...positions])
    const moved = v.permute(split, [2, 0, 1, 3, ...space.map((d) => d + 4)])
    return v.reshape(moved, [length, examples, outputs, ...positions])
  }
  // more groups: the examples of the batch side by side as channels
  const [, examples, channels, ...rest] = x.shape
  const [, outputs, ...kernel] = w.shape
  if (length === 0)
    return v.like({ shape: [0, examples, outputs, ...reach(x.shape.slice(1), w.shape.slice(1), a)], dtype: 'real' }, 0)
  const beside = v.permute(x, [1, 0, 2, ...space.map((d) => d + 3)])
  const y = v.emit(
    'convolve',
    [v.reshape(beside, [examples, length * channels, ...rest]), v.reshape(w, [length * outputs, ...kernel])],
    { ...a, groups: length * groups },
  )
  const split = v.reshape(y, [examples, length, outputs, ...y.shape.slice(2)])
  return v.permute(split, [1, 0, 2, ...space.map((d) => d + 3)])
}

const gcd = (m: number, n: number): number => (n === 0 ? m : gcd(n, m % n))

/** How many pairs of a position and a kernel element meet an element of `x`, for one channel: padding costs nothing. */
const products = (x: Shape, w: Shape, y: Shape, a: Convolution): number =>
  a.strides.reduce((product, stride, d) => {
    const gap = a.inputDilation[d]
    let met = 0
    for (let k = 0; k < w[d + 2]; k++) {
      // positions p with 0 <= p stride + from <= last, and no hole there: one in `period`, after the first
      const from = k * a.kernelDilation[d] - a.padding[d][0]
      const last = (x[d + 2] - 1) * gap
      const low = Math.max(0, Math.ceil(-from / stride))
      const high = Math.min(y[d + 2] - 1, Math.floor((last - from) / stride))
      const period = gap / gcd(gap, stride)
      const end = Math.min(high, low + period - 1)
      let first = low
      while (first <= end && (first * stride + from) % gap !== 0) first++
      if (first <= end) met += Math.floor((high - first) / period) + 1
    }
    return product * met
  }, 1)

// -------------------------------------------------------------------------------------------------------- row

/**
 * @category rows
 * @since 0.1.0
 */
export const convolve: Primitive<'convolve'> = {
  name: 'convolve',
  family: 'multilinear',
  arity: 2,
  attributes: t.readonly(
    t.strict({
      strides: indices,
      padding: perAxis(t.readonly(t.tuple([offset, offset]))),
      inputDilation: indices,
      kernelDilation: indices,
      groups: index,
    }),
  ),
  spec: (xs, a) => {
    const no = refusal('convolve', xs)
    const dtype = dtypes('convolve', xs, ['real'])
    if (E.isLeft(dtype)) return dtype
    const [{ shape: x }, { shape: w }] = xs
    const space = x.length - 2
    if (space < 1 || space > MAX_SPACE || w.length !== x.length)
      return no(
        'ShapeMismatch',
        `${show(x)} with ${show(w)} are not [examples, channels, ...space] and [outputs, channels / groups, ...kernel] with 1 to ${MAX_SPACE} spatial dimensions`,
      )
    for (const [what, list] of [
      ['strides', a.strides],
      ['padding', a.padding],
      ['inputDilation', a.inputDilation],
      ['kernelDilation', a.kernelDilation],
    ] as const)
      if (list.length !== space)
        return no('InvalidArgument', `${what} has ${list.length} entries for ${space} spatial dimensions`)
    for (let d = 0; d < space; d++) {
      if (a.strides[d] < 1 || a.inputDilation[d] < 1 || a.kernelDilation[d] < 1)
        return no('InvalidArgument', `strides and dilations must be at least 1, also in spatial dimension ${d}`)
      if (w[d + 2] < 1) return no('ShapeMismatch', `the kernel of ${show(w)} is empty`)
    }
    const { groups } = a
    if (groups < 1 || x[1] % groups !== 0 || w[0] % groups !== 0)
      return no('InvalidArgument', `${groups} groups must divide the ${x[1]} channels and the ${w[0]} outputs`)
    if (x[1] / groups !== w[1])
      return no(
        'ShapeMismatch',
        `channels differ: ${x[1] / groups} in each group of ${show(x)} and ${w[1]} in ${show(w)}`,
      )
    return result('convolve', [x[0], w[0], ...reach(x, w, a)], 'real')
  },
  kernel: (algebra, { operands: [{ shape: x }, { shape: w }], result: { shape: y }, attributes: a }) => {
    const { literal, add, mul } = algebra
    const zero = literal(0)
    const [examples, outputs, ...to] = y
    const [, channels, ...kernel] = w
    const space = x.slice(2)
    if (size(y) === 0 || size(x) === 0 || channels === 0)
      return (_, out) => {
        for (let i = 0; i < out.length; i++) out[i] = zero
      }
    const rank = space.length
    const steps = strides(space)
    const taps = size(kernel)
    const area = size(space)
    const places = size(to)
    const perGroup = outputs / a.groups
    // the coordinates of every kernel element, one list for each dimension
    const coordinates = kernel.map((_, d) =>
      offsets(
        kernel,
        kernel.map((_, i) => (i === d ? 1 : 0)),
      ),
    )
    const position = new Array<number>(rank).fill(0)
    const fromInput = new Int32Array(taps)
    const fromKernel = new Int32Array(taps)

    /** The offset into the space of x that kernel element `j` meets, or -1. */
    const meets = (j: number): number => {
      let at = 0
      for (let d = 0; d < rank; d++) {
        const q = position[d] * a.strides[d] + coordinates[d][j] * a.kernelDilation[d] - a.padding[d][0]
        if (q < 0 || q % a.inputDilation[d] !== 0 || q / a.inputDilation[d] >= space[d]) return -1
        at += (q / a.inputDilation[d]) * steps[d]
      }
      return at
    }

    const next = (): void => {
      for (let d = rank - 1; d >= 0; d--) {
        if (++position[d] < to[d]) return
        position[d] = 0
      }
    }

    return ([from, weights], out) => {
      position.fill(0)
      for (let p = 0; p < places; p++, next()) {
        let met = 0
        for (let j = 0; j < taps; j++) {
          const at = meets(j)
          if (at < 0) continue
          fromInput[met] = at
          fromKernel[met++] = j
        }
        for (let n = 0; n < examples; n++)
          for (let o = 0; o < outputs; o++) {
            let total = zero
            const group = Math.floor(o / perGroup)
            for (let c = 0; c < channels; c++) {
              const px = ((n * a.groups + group) * channels + c) * area
              const pw = (o * channels + c) * taps
              for (let j = 0; j < met; j++)
                total = add(total, mul(from[px + fromInput[j]], weights[pw + fromKernel[j]]))
            }
            out[(n * outputs + o) * places + p] = total
          }
      }
    }
  },
  derivative: multilinear('convolve', pull),
  batch,
  domain: '',
  branches: null,
  flops: ({ operands: [x, w], attributes, result: y }) =>
    2 * y.shape[0] * y.shape[1] * w.shape[1] * products(x.shape, w.shape, y.shape, attributes),
  show: ([x, w], a) =>
    `convolve(${x}, ${w}, strides=${show(a.strides)}, padding=[${a.padding.map(show).join(', ')}]` +
    `${a.inputDilation.some((d) => d !== 1) ? `, inputDilation=${show(a.inputDilation)}` : ''}` +
    `${a.kernelDilation.some((d) => d !== 1) ? `, kernelDilation=${show(a.kernelDilation)}` : ''}` +
    `${a.groups === 1 ? '' : `, groups=${a.groups}`})`,
}
