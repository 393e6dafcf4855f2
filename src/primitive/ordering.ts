/**
 * Sorting, and the largest few, along one axis. The order is stable, and NaN comes last whether ascending or descending;
 * so `topK` is the beginning of the descending sort. What is chosen is a list of places (`argSort`, `argTopK`), and the
 * values (`sort`, `topK`) are what stands there: tangents are read at the same places, cotangents are scattered to them.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { type Shape, size, strides } from '../Shape.js'
import type { AnyVar } from '../Var.js'
import { arithmetic, lanes, moving } from './indexing.js'
import { type Attributes, type Derivative, type Primitive, plain, type Vocabulary } from './Primitive.js'
import { dtypes, index, refusal, result } from './rows.js'

type Values = 'sort' | 'topK'
type Places = 'argSort' | 'argTopK'

/** How many places along which axis; all of them where `k` is absent. */
interface Choice {
  readonly axis: number
  readonly descending: boolean
  readonly k?: number
}

const places: { readonly [K in Values]: (v: Vocabulary, x: AnyVar, a: Attributes[K]) => AnyVar } = {
  sort: (v, x, a) => v.emit('argSort', [x], a),
  topK: (v, x, a) => v.emit('argTopK', [x], a),
}

/**
 * Walks over the chosen places of every lane, best first: `visit` gets the offset in the result, the place along the
 * axis, and the offset of that place in the operand.
 */
const choosing = (from: Shape, into: Shape, { axis, descending }: Choice) => {
  const [starts] = lanes(from, [axis])
  const [targets] = lanes(into, [axis])
  const step = strides(from)[axis]
  const stride = strides(into)[axis]
  const order = new Int32Array(targets.length === 0 ? 0 : from[axis])
  const sign = descending ? -1 : 1
  return (value: (at: number) => number, visit: (to: number, place: number, at: number) => void): void => {
    for (let lane = 0; lane < targets.length; lane++) {
      const start = starts[lane]
      for (let i = 0; i < order.length; i++) order[i] = i
      order.sort((i, j) => {
        const x = value(start + i * step)
        const y = value(start + j * step)
        if (x < y) return -sign
        if (x > y) return sign
        // equal, or NaN among them; then earlier places first
        return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || i - j
      })
      for (let i = 0; i < into[axis]; i++) visit(targets[lane] + i * stride, order[i], start + order[i] * step)
    }
  }
}

/** Works with the axis last, as `gather` and `scatterAdd` with batch dimensions want it. */
const lastly = (
  v: Vocabulary,
  axis: number,
  xs: ReadonlyArray<AnyVar>,
  f: (xs: ReadonlyArray<AnyVar>, last: number) => AnyVar,
) => {
  const rank = xs[0].shape.length
  const there = moving(rank, axis, rank - 1)
  return v.permute(
    f(
      xs.map((x) => v.permute(x, there)),
      rank - 1,
    ),
    moving(rank, rank - 1, axis),
  )
}

const chosen = <K extends Values>(name: K): Derivative<K> => ({
  pull: (v, ct, _k, [x], _y, a) =>
    lastly(v, a.axis, [places[name](v, x, a), ct], (xs, batch) =>
      v.emit('scatterAdd', xs, { batch, size: x.shape[a.axis] }),
    ),
  push: (v, [dx], [x], _y, a) =>
    dx === null ? null : lastly(v, a.axis, [dx, places[name](v, x, a)], (xs, batch) => v.emit('gather', xs, { batch })),
})

const row = <K extends Values | Places>(
  name: K,
  attributes: Primitive<K>['attributes'],
  choice: (a: Attributes[K]) => Choice,
  derivative: Derivative<K> | null,
): Primitive<K> => ({
  name,
  family: 'selecting',
  arity: 1,
  attributes,
  spec: (xs, a) => {
    const [x] = xs
    const no = refusal(name, xs)
    const dtype = dtypes(name, xs, ['real', 'int'])
    if (E.isLeft(dtype)) return dtype
    const { axis, k = x.shape[axis] } = choice(a)
    if (axis >= x.shape.length) return no('InvalidAxis', `axis ${axis} is out of range for rank ${x.shape.length}`)
    if (k > x.shape[axis])
      return no('InvalidArgument', `k = ${k} is more than the ${x.shape[axis]} elements along axis ${axis}`)
    return result(name, x.shape.with(axis, k), derivative === null ? 'int' : dtype.right)
  },
  kernel: (algebra, { operands: [x], result: y, attributes: a }) => {
    const each = choosing(x.shape, y.shape, choice(a))
    const { primal } = arithmetic(algebra, x.dtype)
    return derivative === null
      ? ([from], out) => {
          const indices = plain(out)
          each(
            (at) => primal(from[at]),
            (to, place) => {
              indices[to] = place
            },
          )
        }
      : ([from], out) => {
          each(
            (at) => primal(from[at]),
            (to, _, at) => {
              out[to] = from[at]
            },
          )
        }
  },
  derivative,
  batch: (v, [x], _b, _l, a) => v.emit(name, [x], { ...a, axis: a.axis + 1 }),
  domain: '',
  branches: ({ operands: [x], result: y, attributes: a }, [from]) => {
    const out: Array<number> = []
    choosing(
      x.shape,
      y.shape,
      choice(a),
    )(
      (at) => from[at],
      (_, place) => out.push(place),
    )
    return out
  },
  flops: ({ operands: [x], attributes: a }) =>
    Math.ceil(size(x.shape) * Math.log2(Math.max(1, x.shape[choice(a).axis]))),
  show: ([x], a) => {
    const { axis, descending, k } = choice(a)
    return `${name}(${x}, axis=${axis}${k === undefined ? (descending ? ', descending' : '') : `, k=${k}`})`
  },
})

const whole = t.readonly(t.strict({ axis: index, descending: t.boolean }))
const few = t.readonly(t.strict({ axis: index, k: index }))

const largest = ({ axis, k }: Attributes['topK']): Choice => ({ axis, k, descending: true })

/**
 * @category rows
 * @since 0.1.0
 */
export const orderingRows = {
  sort: row('sort', whole, (a) => a, chosen('sort')),
  argSort: row('argSort', whole, (a) => a, null),
  topK: row('topK', few, largest, chosen('topK')),
  argTopK: row('argTopK', few, largest, null),
} satisfies { readonly [K in Values | Places]: Primitive<K> }
