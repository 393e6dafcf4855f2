/**
 * Identities that hold of real numbers and nearly of floating-point ones; only for whoever asks. What may change is the
 * rounding and the sign of a zero. What is a number stays a number, and what is infinite or NaN stays so, unless it was so
 * only because a sum overflowed on its way: `x * 0 = 0`, `x - x = 0` and `x / x = 1` are not among them.
 *
 * | rule | what changes |
 * |---|---|
 * | `x + 0 = x`, `0 - x = -x` | the sign of zero |
 * | `x ** n` as products, `n` from 1 to 4; `x ** -1` as a reciprocal | rounding |
 * | a sum of a sum, a sum over a batch of contractions: one sum | the order of summation |
 * | a sum of a value repeated `n` times: `n` times the value | rounding |
 * | a sum of values padded with zeros on either side of each other: one concatenation | the sign of zero |
 *
 * @since 0.1.0
 */
import { others, pick } from '../../primitive/indexing.js'
import { size } from '../../Shape.js'
import type { Instruction } from '../../Tape.js'
import { attributesOf, type Context, type Rule, type Rules } from './Rewrite.js'

const isZero = (cx: Context, x: Instruction): boolean => cx.uniform(x) === 0

/** What stands where along the one axis that is padded with zeros. */
const placed = (cx: Context, x: Instruction) => {
  if (x.primitive !== 'pad') return null
  const { low, high, interior, value } = attributesOf<'pad'>(x)
  const axes = low.flatMap((n, d) => (n > 0 || high[d] > 0 || interior[d] > 0 ? [d] : []))
  const [axis] = axes
  const [inner] = cx.operands(x)
  return axes.length === 1 && value === 0 && interior[axis] === 0
    ? { axis, inner, low, high, end: low[axis] + inner.shape[axis] }
    : null
}

const add: Rule<'add'> = (cx, [x, y]) => {
  if (isZero(cx, y)) return x
  if (isZero(cx, x)) return y
  const [a, b] = [placed(cx, x), placed(cx, y)]
  if (a === null || b === null || a.axis !== b.axis) return null
  const [left, right] = a.low[a.axis] < b.low[b.axis] ? [a, b] : [b, a]
  const { axis } = left
  return left.end === right.low[axis]
    ? cx.v.emit('pad', [cx.v.emit('concat', [left.inner, right.inner], { axis })], {
        low: left.low,
        high: right.high,
        interior: left.low.map(() => 0),
        value: 0,
      })
    : null
}

const sub: Rule<'sub'> = (cx, [x, y]) => (isZero(cx, y) ? x : isZero(cx, x) ? cx.v.neg(y) : null)

const pow: Rule<'pow'> = (cx, [x, y]) => {
  switch (cx.uniform(y)) {
    case 1:
      return x
    case 2:
      return cx.v.mul(x, x)
    case 3:
      return cx.v.mul(cx.v.mul(x, x), x)
    case 4: {
      const square = cx.v.mul(x, x)
      return cx.v.mul(square, square)
    }
    case -1:
      return cx.v.reciprocal(x)
    default:
      return null
  }
}

const sum: Rule<'sum'> = (cx, [x], { axes }) => {
  if (size(x.shape) === 0 || x.dtype !== 'real') return null
  const [inner] = cx.operands(x)
  const kept = others(x.shape.length, axes)
  if (x.primitive === 'sum' && cx.alone(x)) {
    const { axes: before } = attributesOf<'sum'>(x)
    const left = others(inner.shape.length, before)
    return cx.v.sum(
      inner,
      [...before, ...pick(left, axes)].sort((a, b) => a - b),
    )
  }
  if (x.primitive === 'broadcast') {
    const { axes: own } = attributesOf<'broadcast'>(x)
    const repeated = axes.filter((axis) => !own.includes(axis))
    if (repeated.length === 0) return null
    const rest = own.flatMap((axis, d) => (axes.includes(axis) ? [d] : []))
    const less = cx.v.sum(inner, rest)
    const times = cx.v.mul(less, cx.v.like(less, size(pick(x.shape, repeated))))
    return cx.v.broadcast(
      times,
      pick(x.shape, kept),
      own.flatMap((axis) => (axes.includes(axis) ? [] : [kept.indexOf(axis)])),
    )
  }
  if (x.primitive === 'contract' && cx.alone(x)) {
    const { contract, batch } = attributesOf<'contract'>(x)
    const lead = batch[0].length
    if (axes.length === 0 || axes.some((axis) => axis >= lead)) return null
    const held = others(lead, axes)
    return cx.v.emit('contract', cx.operands(x), {
      contract: [
        [...pick(batch[0], axes), ...contract[0]],
        [...pick(batch[1], axes), ...contract[1]],
      ],
      batch: [pick(batch[0], held), pick(batch[1], held)],
    })
  }
  return null
}

/**
 * The identities that are not exact.
 *
 * @category rules
 * @since 0.1.0
 */
export const relaxedRules: Rules = { add: [add], sub: [sub], pow: [pow], sum: [sum] }
