/**
 * The general product of two arrays (XLA's `dot_general`): pairs of batch dimensions are kept, pairs of contracted
 * dimensions are multiplied and summed, free dimensions are all combined.
 *
 *     y[b.., i.., j..] = sum over k.. of x[b.., i.., k..] * w[b.., j.., k..]
 *
 * up to the order of the dimensions of `x` and `w`. The result has the batch dimensions in the order of their pairs, then
 * the free ones of `x`, then those of `w`, each in their own order. The products are summed one after another, in
 * row-major order of the contracted pairs as given; a sum over nothing is 0. The transpose in either argument is a
 * contraction of the cotangent with the other argument over that one's free dimensions.
 *
 * @since 0.1.0
 */

import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { show, size, strides } from '../Shape.js'
import type { AnyVar } from '../Var.js'
import { inverse, moving, offsets, others, pick } from './indexing.js'
import type { Attributes, Primitive, Vocabulary } from './Primitive.js'
import { dtypes, indices, multilinear, refusal, result, shifted } from './rows.js'

type Pairs = Attributes['contract']

const distinct = (list: ReadonlyArray<number>, rank: number): boolean =>
  list.every((axis, i) => axis < rank && list.indexOf(axis) === i)

/** The free axes of one side. */
const free = (rank: number, { contract, batch }: Pairs, side: 0 | 1): ReadonlyArray<number> =>
  others(rank, [...batch[side], ...contract[side]])

/** `0, 1, ..., n - 1`, from `start` on. */
const range = (n: number, start = 0): ReadonlyArray<number> => Array.from({ length: n }, (_, i) => start + i)

/** The contracted axes of one side, ascending, and the axes of the other side that they are paired with. */
const ordered = ({ contract }: Pairs, side: 0 | 1): readonly [ReadonlyArray<number>, ReadonlyArray<number>] => {
  const own = contract[side].toSorted((a, b) => a - b)
  return [own, own.map((axis) => contract[1 - side][contract[side].indexOf(axis)])]
}

const pull = (v: Vocabulary, ct: AnyVar, k: number, [x, w]: ReadonlyArray<AnyVar>, a: Pairs): AnyVar => {
  const { batch } = a
  const lead = range(batch[0].length)
  const mine = free(x.shape.length, a, 0)
  const theirs = free(w.shape.length, a, 1)
  if (k === 0) {
    // [b.., i.., j..] with w over j: [b.., i.., k..], k ascending in w
    const d = v.emit('contract', [ct, w], {
      contract: [range(theirs.length, lead.length + mine.length), theirs],
      batch: [lead, batch[1]],
    })
    return v.permute(d, inverse([...batch[0], ...mine, ...ordered(a, 1)[1]]))
  }
  // x with [b.., i.., j..] over i: [b.., k.., j..], k ascending in x
  const d = v.emit('contract', [x, ct], { contract: [mine, range(mine.length, lead.length)], batch: [batch[0], lead] })
  return v.permute(d, inverse([...batch[1], ...ordered(a, 0)[1], ...theirs]))
}

/** The pairs of axes, for printing: `[1]*[0]`. */
const pairs = ([mine, theirs]: Pairs['contract']): string => `${show(mine)}*${show(theirs)}`

const sides = t.readonly(t.tuple([indices, indices]))

/**
 * @category rows
 * @since 0.1.0
 */
export const contract: Primitive<'contract'> = {
  name: 'contract',
  family: 'multilinear',
  arity: 2,
  attributes: t.readonly(t.strict({ contract: sides, batch: sides })),
  spec: (xs, a) => {
    const no = refusal('contract', xs)
    const dtype = dtypes('contract', xs, ['real'])
    if (E.isLeft(dtype)) return dtype
    const [x, w] = xs
    for (const side of [0, 1] as const) {
      const axes = [...a.batch[side], ...a.contract[side]]
      if (!distinct(axes, xs[side].shape.length))
        return no('InvalidAxis', `axes ${show(axes)} must be axes of ${show(xs[side].shape)}, each named once`)
    }
    for (const [what, [mine, theirs]] of [
      ['contracted', a.contract],
      ['batch', a.batch],
    ] as const) {
      if (mine.length !== theirs.length)
        return no('InvalidArgument', `the ${what} axes ${show(mine)} and ${show(theirs)} are not pairs`)
      for (let i = 0; i < mine.length; i++)
        if (x.shape[mine[i]] !== w.shape[theirs[i]])
          return no(
            'ShapeMismatch',
            `${what} dims differ: ${x.shape[mine[i]]} (axis ${mine[i]} of ${show(x.shape)}) and ${w.shape[theirs[i]]} (axis ${theirs[i]} of ${show(w.shape)})`,
          )
    }
    return result(
      'contract',
      [
        ...pick(x.shape, a.batch[0]),
        ...pick(x.shape, free(x.shape.length, a, 0)),
        ...pick(w.shape, free(w.shape.length, a, 1)),
      ],
      'real',
    )
  },
  kernel: (algebra, { operands, result: y, attributes: a }) => {
    const { literal, add, mul } = algebra
    const zero = literal(0)
    const terms = size(pick(operands[0].shape, a.contract[0]))
    if (terms === 0 || size(y.shape) === 0)
      return (_, out) => {
        for (let i = 0; i < out.length; i++) out[i] = zero
      }
    const table = (side: 0 | 1, axes: ReadonlyArray<number>) =>
      offsets(pick(operands[side].shape, axes), pick(strides(operands[side].shape), axes))
    const [bx, bw] = [table(0, a.batch[0]), table(1, a.batch[1])]
    const [kx, kw] = [table(0, a.contract[0]), table(1, a.contract[1])]
    const ix = table(0, free(operands[0].shape.length, a, 0))
    const jw = table(1, free(operands[1].shape.length, a, 1))
    return ([x, w], out) => {
      let to = 0
      for (let b = 0; b < bx.length; b++)
        for (let i = 0; i < ix.length; i++) {
          const px = bx[b] + ix[i]
          for (let j = 0; j < jw.length; j++) {
            const pw = bw[b] + jw[j]
            let total = mul(x[px], w[pw])
            for (let k = 1; k < terms; k++) total = add(total, mul(x[px + kx[k]], w[pw + kw[k]]))
            out[to++] = total
          }
        }
    }
  },
  derivative: multilinear('contract', pull),
  batch: (v, xs, [first, second], _, { contract, batch }) => {
    const emit = (pairs: Pairs): AnyVar => v.emit('contract', xs, pairs)
    const lead = batch[0].length
    if (first && second)
      return emit({
        contract: [shifted(contract[0]), shifted(contract[1])],
        batch: [
          [0, ...shifted(batch[0])],
          [0, ...shifted(batch[1])],
        ],
      })
    // the batch is one more free dimension: the first one of its side
    const y = first
      ? emit({ contract: [shifted(contract[0]), contract[1]], batch: [shifted(batch[0]), batch[1]] })
      : emit({ contract: [contract[0], shifted(contract[1])], batch: [batch[0], shifted(batch[1])] })
    const at = first ? lead : xs[0].shape.length - contract[0].length
    return v.permute(y, moving(y.shape.length, at, 0))
  },
  domain: '',
  branches: null,
  flops: ({ operands: [x], result: y, attributes: a }) => 2 * size(y.shape) * size(pick(x.shape, a.contract[0])),
  show: ([x, w], a) =>
    `contract(${x}, ${w}, ${pairs(a.contract)}${a.batch[0].length === 0 ? '' : `, batch=${pairs(a.batch)}`})`,
}
