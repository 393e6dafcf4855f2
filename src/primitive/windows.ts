/**
 * Windows over the trailing dimensions. Position `p` and window element `w` of a dimension meet at
 * `p * stride + w * dilation`, so taking windows is one affine map of indices, and putting them back is adding through
 * the same map:
 *
 * - `windows(x: [..., s1, ..., sk]): [..., p1, ..., pk, w1, ..., wk]`, linear, with the transpose
 * - `foldWindows(y: [..., p1, ..., pk, w1, ..., wk]): [..., s1, ..., sk]`, which adds where windows overlap, in the
 *   row-major order of `y`, and is zero where no window reaches.
 *
 * A window that does not fit has no position: the dimension becomes 0.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Failure } from '../Failure.js'
import { type Shape, type Spec, show, size, strides } from '../Shape.js'
import { free, perOperand, SIMPLE } from './cost.js'
import { arithmetic, offsets, reading } from './indexing.js'
import type { Primitive, PrimitiveName, Window } from './Primitive.js'
import { dtypes, indices, linear, refusal, result } from './rows.js'

/**
 * The attributes of a window, for codecs that add to them.
 *
 * @category attributes
 * @since 0.1.0
 */
export const windowProps = { window: indices, strides: indices, dilation: indices }

/**
 * The number of positions of a dilated window in a dimension: 0 where it does not fit.
 *
 * @category indexing
 * @since 0.1.0
 */
export const positions = (length: number, window: number, stride: number, dilation: number): number =>
  Math.max(0, Math.floor((length - dilation * (window - 1) - 1) / stride) + 1)

/**
 * The shape of `windows(x)` cut in three: the leading dimensions, the positions, the window.
 *
 * @category indexing
 * @since 0.1.0
 */
export const windowed = (
  shape: Shape,
  { window, strides: steps, dilation }: Window,
): readonly [Shape, Shape, Shape] => {
  const lead = shape.length - window.length
  return [shape.slice(0, lead), window.map((w, d) => positions(shape[lead + d], w, steps[d], dilation[d])), window]
}

/**
 * The steps through `shape` along the dimensions of each part of `windowed`.
 *
 * @category indexing
 * @since 0.1.0
 */
export const windowSteps = (
  shape: Shape,
  { window, strides: steps, dilation }: Window,
): readonly [Shape, Shape, Shape] => {
  const all = strides(shape)
  const lead = shape.length - window.length
  return [
    all.slice(0, lead),
    steps.map((step, d) => step * all[lead + d]),
    dilation.map((step, d) => step * all[lead + d]),
  ]
}

/**
 * Refuses windows that cannot be laid over a shape.
 *
 * @category checks
 * @since 0.1.0
 */
export const fitting = (
  name: PrimitiveName,
  xs: ReadonlyArray<Spec>,
  shape: Shape,
  { window, strides: steps, dilation }: Window,
): E.Either<Failure, Shape> => {
  const no = refusal(name, xs)
  if (steps.length !== window.length || dilation.length !== window.length)
    return no(
      'InvalidArgument',
      `window ${show(window)}, strides ${show(steps)} and dilation ${show(dilation)} need equally many entries`,
    )
  if (window.length > shape.length)
    return no(
      'ShapeMismatch',
      `a window ${show(window)} needs ${window.length} dimensions, ${show(shape)} has ${shape.length}`,
    )
  for (const [what, list] of [
    ['window', window],
    ['strides', steps],
    ['dilation', dilation],
  ] as const)
    if (list.some((n) => n < 1)) return no('InvalidArgument', `the ${what} ${show(list)} must be at least 1 everywhere`)
  return E.right(shape)
}

const mapOf = (shape: Shape, a: Window): Int32Array => offsets(windowed(shape, a).flat(), windowSteps(shape, a).flat())

/**
 * One formula for windows: `[3, 3] / [2, 2]`, with the dilation where there is one.
 *
 * @category printing
 * @since 0.1.0
 */
export const showWindow = ({ window, strides: steps, dilation }: Window): string =>
  `window=${show(window)}, strides=${show(steps)}${dilation.some((d) => d !== 1) ? `, dilation=${show(dilation)}` : ''}`

const windows: Primitive<'windows'> = {
  name: 'windows',
  family: 'structural',
  arity: 1,
  attributes: t.readonly(t.strict(windowProps)),
  spec: (xs, a) => {
    const [x] = xs
    const fit = fitting('windows', xs, x.shape, a)
    return E.isLeft(fit) ? fit : result('windows', windowed(x.shape, a).flat(), x.dtype)
  },
  kernel: (_, { operands: [x], attributes }) => reading(mapOf(x.shape, attributes)),
  derivative: linear('windows', (v, ct, _, [x], a) =>
    v.emit('foldWindows', [ct], { ...a, shape: x.shape.slice(x.shape.length - a.window.length) }),
  ),
  batch: (v, [x], _b, _l, a) => v.emit('windows', [x], a),
  domain: '',
  branches: null,
  flops: free,
  show: ([x], a) => `windows(${x}, ${showWindow(a)})`,
}

const foldWindows: Primitive<'foldWindows'> = {
  name: 'foldWindows',
  family: 'structural',
  arity: 1,
  attributes: t.readonly(t.strict({ ...windowProps, shape: indices })),
  spec: (xs, a) => {
    const [x] = xs
    const dtype = dtypes('foldWindows', xs, ['real', 'int'])
    if (E.isLeft(dtype)) return dtype
    const fit = fitting('foldWindows', xs, a.shape, a)
    if (E.isLeft(fit)) return fit
    const no = refusal('foldWindows', xs)
    const k = a.window.length
    if (a.shape.length !== k)
      return no('InvalidArgument', `shape ${show(a.shape)} and window ${show(a.window)} need equally many entries`)
    const [, from, window] = windowed(a.shape, a)
    const lead = x.shape.slice(0, Math.max(0, x.shape.length - 2 * k))
    const expected = [...lead, ...from, ...window]
    return expected.length === x.shape.length && expected.every((n, d) => n === x.shape[d])
      ? result('foldWindows', [...lead, ...a.shape], dtype.right)
      : no(
          'ShapeMismatch',
          `windows ${show(a.window)} over ${show(a.shape)} have the shape ${show([...from, ...window])}, which is not how ${show(x.shape)} ends`,
        )
  },
  kernel: (algebra, { operands: [x], result: y, attributes }) => {
    const map = size(x.shape) === 0 ? new Int32Array(0) : mapOf(y.shape, attributes)
    const { literal, add } = arithmetic(algebra, x.dtype)
    const zero = literal(0)
    return ([from], out) => {
      for (let i = 0; i < out.length; i++) out[i] = zero
      for (let i = 0; i < map.length; i++) out[map[i]] = add(out[map[i]], from[i])
    }
  },
  derivative: linear('foldWindows', (v, ct, _k, _xs, { window, strides: steps, dilation }) =>
    v.emit('windows', [ct], { window, strides: steps, dilation }),
  ),
  batch: (v, [x], _b, _l, a) => v.emit('foldWindows', [x], a),
  domain: '',
  branches: null,
  flops: perOperand(SIMPLE),
  show: ([x], a) => `foldWindows(${x}, ${show(a.shape)}, ${showWindow(a)})`,
}

/**
 * @category rows
 * @since 0.1.0
 */
export const windowRows = { windows, foldWindows } satisfies {
  readonly [K in 'windows' | 'foldWindows']: Primitive<K>
}
