/**
 * How to use each primitive: one maker for every row of the table.
 *
 * @since 0.1.0
 */
import type { Attributes, PrimitiveName, Vocabulary } from '../../src/primitive/index.js'
import { noAttributes } from '../../src/Tape.js'
import { unsafeMake } from '../../src/Tensor.js'
import type { AnyVar } from '../../src/Var.js'
import { pointwiseUses } from './pointwise.js'
import { selectingUses, structuralUses } from './structural.js'
import { anywhere, below, int, type Maker, programFrom, ranked, real } from './Use.js'
import { ANYWHERE } from './values.js'

/** Some axes of the first operand are contracted, some are batch; the second has them in another order. */
const contract: Maker<'contract'> = (draw, shape) => {
  const roles = shape.map(() => draw.pick(['contract', 'free', 'batch', 'contract'] as const))
  const axes = (role: string) => shape.flatMap((_, d) => (roles[d] === role ? [d] : []))
  const contracted = axes('contract')
  const batch = axes('batch')
  const free = Array.from({ length: draw.int(0, 1) }, () => draw.int(1, 3))
  const dims = [...contracted.map((d) => shape[d]), ...batch.map((d) => shape[d]), ...free]
  const order = draw.order(dims.length)
  const place = (i: number): number => order.indexOf(i)
  return anywhere([real(shape), real(order.map((i) => dims[i]))], {
    contract: [contracted, contracted.map((_, i) => place(i))],
    batch: [batch, batch.map((_, i) => place(contracted.length + i))],
  })
}

const convolve: Maker<'convolve'> = (draw) => {
  const rank = draw.int(1, 2)
  const axes = Array.from({ length: rank }, (_, d) => d)
  const groups = draw.int(1, 2)
  const channels = draw.int(1, 2)
  const kernel = axes.map(() => draw.int(1, 2))
  const kernelDilation = axes.map(() => draw.int(1, 2))
  const low = axes.map(() => draw.int(0, 2) - 1)
  const space = axes.map((d) => kernelDilation[d] * (kernel[d] - 1) + 1 + draw.int(0, 2) + (low[d] < 0 ? 1 : 0))
  return anywhere(
    [real([draw.int(1, 2), groups * channels, ...space]), real([groups * draw.int(1, 2), channels, ...kernel])],
    {
      strides: axes.map(() => draw.int(1, 2)),
      padding: axes.map((d) => [low[d], draw.int(0, 1)] as const),
      inputDilation: axes.map(() => draw.int(1, 2)),
      kernelDilation,
      groups,
    },
  )
}

const product = (v: Vocabulary, x: AnyVar, y: AnyVar): AnyVar => v.mul(v.sin(x), y)

/** `sin(x) y`, with no rule, a rule for cotangents, one for tangents, or both; or a gather, whose indices do not move. */
const call: Maker<'call'> = (draw, given) => {
  const kind = draw.int(0, 4)
  if (kind === 4) {
    const shape = ranked(given, 1)
    const specs = [real(shape), int([2])]
    const body = programFrom(specs, (v, [x, at]) => [v.sin(v.emit('gather', [x, at], { batch: 0 }))])
    return { operands: specs, attributes: { name: 'picked', body }, domains: [ANYWHERE, below(shape[0])] }
  }
  const one = real(given)
  const body = programFrom([one, one], (v, [x, y]) => [product(v, x, y)])
  const pull = () =>
    programFrom([one, one, one, one], (v, [x, y, _, ct]) => [v.mul(ct, v.mul(v.cos(x), y)), v.mul(ct, v.sin(x))])
  const push = () =>
    programFrom([one, one, one, one, one], (v, [x, y, _, dx, dy]) => [
      v.add(v.mul(dx, v.mul(v.cos(x), y)), v.mul(dy, v.sin(x))),
    ])
  const attributes: Attributes['call'] = {
    name: 'product',
    body,
    ...(kind === 1 || kind === 3 ? { vjp: pull() } : {}),
    ...(kind === 2 || kind === 3 ? { jvp: push() } : {}),
  }
  return {
    operands: [one, one],
    attributes,
    domains: [
      { low: -4, high: 4 },
      { low: -4, high: 4 },
    ],
  }
}

/**
 * A maker for every primitive. `null` for `input` and `peek`, which mean nothing by themselves: the one is given and not
 * computed, the other states a value of one particular point.
 *
 * @category uses
 * @since 0.1.0
 */
export const uses: { readonly [K in PrimitiveName]: Maker<K> | null } = {
  ...pointwiseUses,
  ...structuralUses,
  ...selectingUses,
  contract,
  convolve,
  input: null,
  constant: (_, shape) =>
    anywhere([], {
      value: unsafeMake(
        shape,
        'real',
        Float64Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => i / 4 - 1),
      ),
    }),
  iota: (draw, given) => {
    const shape = ranked(given, 1)
    return anywhere([], { shape, axis: draw.int(0, shape.length - 1) })
  },
  randomBits: (draw, shape) => ({
    operands: [int(draw.bool() ? [2, 2] : [2])],
    attributes: { shape },
    domains: [{ low: -1000, high: 1000 }],
  }),
  variable: (_, shape) => anywhere([real(shape)], noAttributes),
  label: (_, shape) => anywhere([real(shape)], { name: 'here' }),
  stopGradient: (_, shape) => anywhere([real(shape)], noAttributes),
  peek: null,
  call,
}
