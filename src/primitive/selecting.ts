/**
 * Selecting primitives: the result is one of the elements, and the branch is which one. Sorting has its own file.
 *
 * Conventions. Equal winners of `reduceMax`, `reduceMin` and `reduceWindow` share a cotangent equally, and their
 * tangents are averaged with the same weights `[x = y] / (number of winners)`. NaN wins, and its derivative is NaN.
 * `argMax` and `argMin` give the first winner. There is no largest element of nothing: an empty axis is refused.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { MAX_RANK, MAX_SIZE, type Shape, show, size, without } from '../Shape.js'
import type { AnyVar } from '../Var.js'
import { perOperand, SIMPLE } from './cost.js'
import { arithmetic, lanes, offsets, others } from './indexing.js'
import { orderingRows } from './ordering.js'
import { type Primitive, plain, type Vocabulary } from './Primitive.js'
import { dtypes, index, indices, knownAxes, refusal, result, shifted } from './rows.js'
import { fitting, showWindow, windowed, windowProps, windowSteps } from './windows.js'

/** Whether `x` beats the best so far; NaN beats everything but NaN. */
type Beats = (x: number, best: number) => boolean

const beats: { readonly max: Beats; readonly min: Beats } = {
  max: (x, best) => x > best || (Number.isNaN(x) && !Number.isNaN(best)),
  min: (x, best) => x < best || (Number.isNaN(x) && !Number.isNaN(best)),
}

/** The offset of the first winner of a lane. */
const first = (value: (at: number) => number, start: number, terms: Int32Array, better: Beats): number => {
  let winner = start
  for (let j = 1; j < terms.length; j++) if (better(value(start + terms[j]), value(winner))) winner = start + terms[j]
  return winner
}

/** All winners of every lane: where the lane starts, and which of its elements, since lanes may overlap. */
const winners = (x: ArrayLike<number>, starts: Int32Array, terms: Int32Array, better: Beats): ReadonlyArray<number> => {
  const out: Array<number> = []
  for (const start of starts) {
    const best = x[first((at) => x[at], start, terms, better)]
    for (let j = 0; j < terms.length; j++) if (!better(best, x[start + terms[j]])) out.push(start, j)
  }
  return out
}

/** How the lanes' numbers are repeated over their elements. */
type Spread = (lane: AnyVar) => AnyVar

/** `[x = y]` for every element, and how many there are in each lane. */
const tied = (v: Vocabulary, x: AnyVar, y: AnyVar, axes: ReadonlyArray<number>, spread: Spread) => {
  const hits = v.convert(v.eq(x, spread(y)), 'real')
  return { hits, count: v.sum(hits, axes) }
}

/** A cotangent shared among the winners: divided where there are fewer numbers to divide, lane by lane. */
const shared = (
  v: Vocabulary,
  x: AnyVar,
  y: AnyVar,
  axes: ReadonlyArray<number>,
  spread: Spread,
  ct: AnyVar,
): AnyVar => {
  const { hits, count } = tied(v, x, y, axes, spread)
  return v.mul(hits, spread(v.div(ct, count)))
}

/** The winners' tangents averaged: the transpose of `shared`. */
const averaged = (
  v: Vocabulary,
  x: AnyVar,
  y: AnyVar,
  axes: ReadonlyArray<number>,
  spread: Spread,
  dx: AnyVar,
): AnyVar => {
  const { hits, count } = tied(v, x, y, axes, spread)
  return v.div(v.sum(v.mul(dx, hits), axes), count)
}

/** Repeats a value along axes that a reduction has dropped. */
const over =
  (v: Vocabulary, shape: Shape, axes: ReadonlyArray<number>) =>
  (lane: AnyVar): AnyVar =>
    v.broadcast(lane, shape, others(shape.length, axes))

// ------------------------------------------------------------------------------------------------- reductions

const reduce = <K extends 'reduceMax' | 'reduceMin'>(name: K, of: 'max' | 'min'): Primitive<K> => ({
  name,
  family: 'selecting',
  arity: 1,
  attributes: t.readonly(t.strict({ axes: indices })),
  spec: (xs, { axes }) => {
    const [{ shape }] = xs
    const dtype = dtypes(name, xs, ['real', 'int'])
    if (E.isLeft(dtype)) return dtype
    const known = knownAxes(name, xs, axes, shape.length)
    if (E.isLeft(known)) return known
    return axes.some((axis) => shape[axis] === 0)
      ? refusal(name, xs)(
          'InvalidArgument',
          `there is no ${of} of nothing: ${show(shape)} is empty along axes ${show(axes)}`,
        )
      : result(name, without(shape, axes), dtype.right)
  },
  kernel: (algebra, { operands: [x], attributes: { axes } }) => {
    const better = arithmetic(algebra, x.dtype)[of]
    const [starts, terms] = lanes(x.shape, axes)
    return ([from], out) => {
      for (let i = 0; i < starts.length; i++) {
        let best = from[starts[i]]
        for (let j = 1; j < terms.length; j++) best = better(best, from[starts[i] + terms[j]])
        out[i] = best
      }
    }
  },
  derivative: {
    pull: (v, ct, _k, [x], y, { axes }) => shared(v, x, y, axes, over(v, x.shape, axes), ct),
    push: (v, [dx], [x], y, { axes }) => (dx === null ? null : averaged(v, x, y, axes, over(v, x.shape, axes), dx)),
  },
  batch: (v, [x], _b, _l, { axes }) => v.emit(name, [x], { axes: shifted(axes) }),
  domain: '',
  branches: ({ operands: [x], attributes: { axes } }, [from]) => winners(from, ...lanes(x.shape, axes), beats[of]),
  flops: perOperand(SIMPLE),
  show: ([x], { axes }) => `${name}(${x}, axes=${show(axes)})`,
})

const place = <K extends 'argMax' | 'argMin'>(name: K, of: 'max' | 'min'): Primitive<K> => ({
  name,
  family: 'selecting',
  arity: 1,
  attributes: t.readonly(t.strict({ axis: index })),
  spec: (xs, { axis }) => {
    const [{ shape }] = xs
    const no = refusal(name, xs)
    const dtype = dtypes(name, xs, ['real', 'int'])
    if (E.isLeft(dtype)) return dtype
    if (axis >= shape.length) return no('InvalidAxis', `axis ${axis} is out of range for rank ${shape.length}`)
    return shape[axis] === 0
      ? no('InvalidArgument', `there is no ${of} of nothing: ${show(shape)} is empty along axis ${axis}`)
      : result(name, without(shape, [axis]), 'int')
  },
  kernel: (algebra, { operands: [x], attributes: { axis } }) => {
    const { primal } = arithmetic(algebra, x.dtype)
    const [starts, terms] = lanes(x.shape, [axis])
    return ([from], out) => {
      const indices = plain(out)
      const value = (at: number): number => primal(from[at])
      for (let i = 0; i < starts.length; i++)
        indices[i] = (first(value, starts[i], terms, beats[of]) - starts[i]) / (terms[1] ?? 1)
    }
  },
  derivative: null,
  batch: (v, [x], _b, _l, { axis }) => v.emit(name, [x], { axis: axis + 1 }),
  domain: '',
  branches: ({ operands: [x], attributes: { axis } }, [from]) => {
    const [starts, terms] = lanes(x.shape, [axis])
    return Array.from(starts, (start) => first((at) => from[at], start, terms, beats[of]))
  },
  flops: perOperand(SIMPLE),
  show: ([x], { axis }) => `${name}(${x}, axis=${axis})`,
})

// ---------------------------------------------------------------------------------------------------- windows

/** The shape of all windows, and which axes are inside them. */
const inside = (shape: Shape, window: Shape): ReadonlyArray<number> => window.map((_, d) => shape.length + d)

const reduceWindow: Primitive<'reduceWindow'> = {
  name: 'reduceWindow',
  family: 'selecting',
  arity: 1,
  attributes: t.readonly(t.strict({ ...windowProps, kind: t.keyof({ max: null, mean: null }) })),
  spec: (xs, a) => {
    const [{ shape }] = xs
    const no = refusal('reduceWindow', xs)
    const dtype = dtypes('reduceWindow', xs, a.kind === 'max' ? ['real', 'int'] : ['real'])
    if (E.isLeft(dtype)) return dtype
    const fit = fitting('reduceWindow', xs, shape, a)
    if (E.isLeft(fit)) return fit
    const [lead, positions, window] = windowed(shape, a)
    const all = [...lead, ...positions, ...window]
    // the derivative takes the windows apart
    if (all.length > MAX_RANK || size(all) > MAX_SIZE)
      return no(
        'TooLarge',
        `the windows ${show(window)} over ${show(shape)} have more dimensions or elements than a value may`,
      )
    return result('reduceWindow', [...lead, ...positions], dtype.right)
  },
  kernel: (algebra, { operands: [x], result: y, attributes: a }) => {
    if (size(y.shape) === 0) return () => undefined
    const [lead, across, within] = windowSteps(x.shape, a)
    const starts = offsets(y.shape, [...lead, ...across])
    const terms = offsets(a.window, within)
    const { add, max, literal } = arithmetic(algebra, x.dtype)
    const join = a.kind === 'max' ? max : add
    const count = literal(terms.length)
    return ([from], out) => {
      for (let i = 0; i < starts.length; i++) {
        let total = from[starts[i]]
        for (let j = 1; j < terms.length; j++) total = join(total, from[starts[i] + terms[j]])
        out[i] = a.kind === 'max' ? total : algebra.div(total, count)
      }
    }
  },
  derivative: {
    pull: (v, ct, _k, [x], y, { kind, ...a }) => {
      const axes = inside(y.shape, a.window)
      const spread = over(v, [...y.shape, ...a.window], axes)
      const parts =
        kind === 'max'
          ? shared(v, v.emit('windows', [x], a), y, axes, spread, ct)
          : spread(v.div(ct, v.like(ct, size(a.window))))
      return v.emit('foldWindows', [parts], { ...a, shape: x.shape.slice(x.shape.length - a.window.length) })
    },
    push: (v, [dx], [x], y, attributes) => {
      const { kind, ...a } = attributes
      if (dx === null) return null
      if (kind === 'mean') return v.emit('reduceWindow', [dx], attributes)
      const axes = inside(y.shape, a.window)
      const spread = over(v, [...y.shape, ...a.window], axes)
      return averaged(v, v.emit('windows', [x], a), y, axes, spread, v.emit('windows', [dx], a))
    },
  },
  batch: (v, [x], _b, _l, a) => v.emit('reduceWindow', [x], a),
  domain: '',
  branches: ({ operands: [x], result: y, attributes: a }, [from]) => {
    if (a.kind === 'mean' || size(y.shape) === 0) return []
    const [lead, across, within] = windowSteps(x.shape, a)
    return winners(from, offsets(y.shape, [...lead, ...across]), offsets(a.window, within), beats.max)
  },
  flops: ({ result: y, attributes: { window, kind } }) =>
    size(y.shape) * (size(window) + (kind === 'mean' ? 1 : 0)) * SIMPLE,
  show: ([x], a) => `${a.kind}Windows(${x}, ${showWindow(a)})`,
}

/**
 * @category rows
 * @since 0.1.0
 */
export const selectingRows = {
  ...orderingRows,
  reduceMax: reduce('reduceMax', 'max'),
  reduceMin: reduce('reduceMin', 'min'),
  argMax: place('argMax', 'max'),
  argMin: place('argMin', 'min'),
  reduceWindow,
} satisfies {
  readonly [K in
    | keyof typeof orderingRows
    | 'reduceMax'
    | 'reduceMin'
    | 'argMax'
    | 'argMin'
    | 'reduceWindow']: Primitive<K>
}
