/**
 * Layout: chains of index maps become one map, and what moves nothing disappears. No number is touched, so every rule is
 * exact, for every element type.
 *
 * Each rule puts one instruction in the place of one; what it passes by is dropped only where nobody else needs it. What
 * is left of a chain is in one spelling: a permutation that moves only dimensions of 1 is a reshape, a broadcast that
 * adds only dimensions of 1 is a reshape, a sum over dimensions of 1 is a reshape, a slice stops right behind its last
 * element.
 *
 * @since 0.1.0
 */
import { inverse, others, pick } from '../../primitive/indexing.js'
import type { Attributes } from '../../primitive/Primitive.js'
import { equals, type Shape, without } from '../../Shape.js'
import type { AnyVar } from '../../Var.js'
import { attributesOf, isAscending, type Rule, type Rules } from './Rewrite.js'

/** For two shapes that differ only by dimensions of 1, where each dimension of the first stands in the second. */
const matching = (from: Shape, to: Shape): ReadonlyArray<number> | null => {
  const places: Array<number> = []
  let at = 0
  for (const n of from) {
    while (at < to.length && to[at] !== n && to[at] === 1) at++
    if (to[at] !== n) return null
    places.push(at++)
  }
  return to.slice(at).every((n) => n === 1) ? places : null
}

const reshape: Rule<'reshape'> = (cx, [x], { shape }) => {
  if (equals(x.shape, shape)) return x
  if (x.primitive === 'reshape') return cx.v.reshape(cx.operands(x)[0], shape)
  if (x.primitive !== 'broadcast') return null
  // dimensions of 1 that appear or go are a matter of the broadcast, unless its operand has them
  const [inner] = cx.operands(x)
  const { axes } = attributesOf<'broadcast'>(x)
  const kept = x.shape.flatMap((n, d) => (n !== 1 || axes.includes(d) ? [d] : []))
  const places = matching(pick(x.shape, kept), shape)
  return places === null
    ? null
    : cx.v.broadcast(
        inner,
        shape,
        axes.map((axis) => places[kept.indexOf(axis)]),
      )
}

const permute: Rule<'permute'> = (cx, [x], { order }) => {
  const shape = pick(x.shape, order)
  if (isAscending(order.filter((axis) => x.shape[axis] !== 1))) return cx.v.reshape(x, shape)
  if (x.primitive === 'permute') return cx.v.permute(cx.operands(x)[0], pick(attributesOf<'permute'>(x).order, order))
  if (x.primitive === 'broadcast') {
    const to = inverse(order)
    const axes = pick(to, attributesOf<'broadcast'>(x).axes)
    return isAscending(axes) ? cx.v.broadcast(cx.operands(x)[0], shape, axes) : null
  }
  if (x.primitive === 'reshape' && cx.alone(x)) {
    // dimensions of 1 that the reshape has added may as well be added afterwards
    const [inner] = cx.operands(x)
    const places = matching(inner.shape, x.shape)
    return places === null
      ? null
      : cx.v.reshape(
          cx.v.permute(
            inner,
            order.flatMap((axis) => (places.includes(axis) ? [places.indexOf(axis)] : [])),
          ),
          shape,
        )
  }
  return null
}

const broadcast: Rule<'broadcast'> = (cx, [x], { shape, axes }) => {
  if (others(shape.length, axes).every((d) => shape[d] === 1)) return cx.v.reshape(x, shape)
  if (x.primitive === 'broadcast')
    return cx.v.broadcast(cx.operands(x)[0], shape, pick(axes, attributesOf<'broadcast'>(x).axes))
  if (x.primitive === 'reshape') {
    const [inner] = cx.operands(x)
    // dimensions of 1 that the reshape has added may as well be added here
    const places = matching(inner.shape, x.shape)
    return places === null ? null : cx.v.broadcast(inner, shape, pick(axes, places))
  }
  return null
}

/** The one spelling of a slice: it stops behind its last element, and a single element has no stride. */
const ranged = (start: Shape, counts: Shape, stride: Shape): Attributes['slice'] => ({
  start: start.map((from, d) => (counts[d] === 0 ? 0 : from)),
  stop: start.map((from, d) => (counts[d] === 0 ? 0 : from + (counts[d] - 1) * stride[d] + 1)),
  stride: stride.map((step, d) => (counts[d] < 2 ? 1 : step)),
})

const slice: Rule<'slice'> = (cx, [x], given) => {
  const { start, stop, stride } = given
  const counts = start.map((from, d) => Math.ceil((stop[d] - from) / stride[d]))
  if (equals(counts, x.shape)) return x
  const cut = (y: AnyVar, from: Shape, step: Shape = stride): AnyVar =>
    cx.v.emit('slice', [y], ranged(from, counts, step))
  const spelled = ranged(start, counts, stride)
  if (!equals(spelled.stop, stop) || !equals(spelled.stride, stride) || !equals(spelled.start, start))
    return cut(x, start)
  if (counts.includes(0)) return null
  const [inner] = cx.operands(x)
  if (x.primitive === 'slice') {
    const { start: from, stride: steps } = attributesOf<'slice'>(x)
    return cut(
      inner,
      start.map((n, d) => from[d] + n * steps[d]),
      stride.map((n, d) => n * steps[d]),
    )
  }
  if (x.primitive === 'pad') {
    // inside what is padded
    const { low, interior } = attributesOf<'pad'>(x)
    const within = start.every(
      (from, d) => from >= low[d] && stop[d] <= low[d] + inner.shape[d] && (interior[d] === 0 || inner.shape[d] === 1),
    )
    return within
      ? cut(
          inner,
          start.map((from, d) => from - low[d]),
        )
      : null
  }
  if (x.primitive === 'broadcast') {
    // only along what repeats
    const { axes } = attributesOf<'broadcast'>(x)
    return axes.every((axis) => counts[axis] === x.shape[axis]) ? cx.v.broadcast(inner, counts, axes) : null
  }
  if (x.primitive === 'concat') {
    // inside one part
    const { axis } = attributesOf<'concat'>(x)
    let before = 0
    for (const part of cx.operands(x)) {
      const length = part.shape[axis]
      if (start[axis] >= before && stop[axis] <= before + length)
        return cut(part, start.with(axis, start[axis] - before))
      before += length
    }
  }
  return null
}

const pad: Rule<'pad'> = (cx, [x], { low, high, interior, value }) => {
  const padded = x.shape.map((n, d) => low[d] + n + Math.max(0, n - 1) * interior[d] + high[d])
  if (equals(padded, x.shape)) return x
  const around = x.dtype === 'real' ? cx.algebra.literal(value) : value
  if (Object.is(cx.uniform(x), around)) return cx.v.like({ shape: padded, dtype: x.dtype }, value)
  if (x.primitive !== 'pad' || interior.some((n) => n > 0)) return null
  const inner = attributesOf<'pad'>(x)
  return Object.is(inner.value, value) && inner.interior.every((n) => n === 0)
    ? cx.v.emit('pad', [cx.operands(x)[0]], {
        low: low.map((n, d) => n + inner.low[d]),
        high: high.map((n, d) => n + inner.high[d]),
        interior,
        value,
      })
    : null
}

/** Longer lists are left nested, or writing out a list that grows by one at a time would be quadratic. */
const MAX_PARTS = 64

const concat: Rule<'concat'> = (cx, xs, { axis }) => {
  const parts = xs.some((x) => x.shape[axis] > 0) ? xs.filter((x) => x.shape[axis] > 0) : xs.slice(0, 1)
  const flat = parts.flatMap((x) =>
    x.primitive === 'concat' && attributesOf<'concat'>(x).axis === axis ? cx.operands(x) : [x],
  )
  if (flat.length === 1) return flat[0]
  return flat.length <= MAX_PARTS && (flat.length !== xs.length || flat.some((x, i) => x !== xs[i]))
    ? cx.v.emit('concat', flat, { axis })
    : null
}

const flip: Rule<'flip'> = (cx, [x], { axes }) => {
  const turned = axes.filter((axis) => x.shape[axis] > 1)
  if (turned.length === 0) return x
  const emit = (y: AnyVar, list: ReadonlyArray<number>): AnyVar => cx.v.emit('flip', [y], { axes: list })
  if (turned.length < axes.length) return emit(x, turned)
  if (x.primitive === 'flip') {
    const before = attributesOf<'flip'>(x).axes
    const once = [...axes, ...before].filter((axis) => axes.includes(axis) !== before.includes(axis))
    return emit(
      cx.operands(x)[0],
      once.sort((a, b) => a - b),
    )
  }
  if (x.primitive !== 'broadcast') return null
  const varying = axes.filter((axis) => attributesOf<'broadcast'>(x).axes.includes(axis))
  return varying.length < axes.length ? emit(x, varying) : null
}

/** A reduction over dimensions of 1. */
const ofOne =
  <K extends 'sum' | 'reduceMax' | 'reduceMin'>(): Rule<K> =>
  (cx, [x], { axes }: { readonly axes: ReadonlyArray<number> }) =>
    axes.every((axis) => x.shape[axis] === 1) ? cx.v.reshape(x, without(x.shape, axes)) : null

/** What happens along one dimension, where that is 1. */
const alongOne =
  <K extends 'cumsum' | 'sort'>(): Rule<K> =>
  (_, [x], { axis }: { readonly axis: number }) =>
    x.shape[axis] === 1 ? x : null

/**
 * Sums read their operand in row-major order, so a map that keeps the order of what is summed, and of what is left, may
 * go: a reshape under a sum of everything, a permutation that moves the summed dimensions as a block.
 */
const sum: Rule<'sum'> = (cx, [x], { axes }) => {
  const [inner] = cx.operands(x)
  if (x.primitive === 'reshape' && axes.length === x.shape.length)
    return cx.v.sum(
      inner,
      inner.shape.map((_, d) => d),
    )
  if (x.primitive !== 'permute') return null
  const { order } = attributesOf<'permute'>(x)
  const [summed, left] = [pick(order, axes), pick(order, others(order.length, axes))]
  return isAscending(summed) && isAscending(left) ? cx.v.sum(inner, summed) : null
}

/**
 * The rules of layout.
 *
 * @category rules
 * @since 0.1.0
 */
export const layoutRules: Rules = {
  reshape: [reshape],
  permute: [permute],
  broadcast: [broadcast],
  slice: [slice],
  pad: [pad],
  concat: [concat],
  flip: [flip],
  sum: [ofOne(), sum],
  reduceMax: [ofOne()],
  reduceMin: [ofOne()],
  cumsum: [alongOne()],
  sort: [alongOne()],
}
