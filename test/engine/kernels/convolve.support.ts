/** Convolutions by their sites: described to kernels, computed by their row, drawn at random, with their gradients. */
import { isRight } from 'fp-ts/lib/Either.js'
import { expect } from 'vitest'
import { F64 } from '../../../src/algebra/F64.js'
import type { Convolve } from '../../../src/engine/wasm/kernels/convolve.js'
import type { Scalar } from '../../../src/engine/wasm/kernels/lanes.js'
import { convolve as row } from '../../../src/primitive/convolve.js'
import type { Convolution } from '../../../src/primitive/Primitive.js'
import { type Shape, size } from '../../../src/Shape.js'

export const UNIT: { readonly [S in Scalar]: number } = { f32: 2 ** -24, f64: 2 ** -53 }

export const random = (seed: number): (() => number) => {
  let s = seed
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0
    return (s >>> 8) / 2 ** 24
  }
}

export interface Site {
  readonly x: Shape
  readonly w: Shape
  readonly y: Shape
  readonly attributes: Convolution
}

/** The site of a convolution, or null where the row refuses it or nothing comes out. */
export const site = (x: Shape, w: Shape, attributes: Convolution): Site | null => {
  const spec = row.spec(
    [
      { shape: x, dtype: 'real' },
      { shape: w, dtype: 'real' },
    ],
    attributes,
  )
  return isRight(spec) ? { x, w, y: spec.right.shape, attributes } : null
}

export const described = (scalar: Scalar, { x, w, y, attributes: a }: Site): Convolve => ({
  scalar,
  examples: x[0],
  channels: w[1],
  outputs: w[0],
  groups: a.groups,
  input: x.slice(2),
  kernel: w.slice(2),
  output: y.slice(2),
  strides: a.strides,
  low: a.padding.map(([low]) => low),
  inputDilation: a.inputDilation,
  kernelDilation: a.kernelDilation,
})

/** The reference row on numbers. */
export const reference = (
  { x, w, y, attributes }: Site,
  xs: ReadonlyArray<number>,
  ws: ReadonlyArray<number>,
): Float64Array => {
  const out = new Float64Array(size(y))
  const real = { dtype: 'real' } as const
  row.kernel(
    F64,
    {
      operands: [
        { shape: x, ...real },
        { shape: w, ...real },
      ],
      result: { shape: y, ...real },
      attributes,
    } as never,
    undefined as never,
  )([Float64Array.from(xs), Float64Array.from(ws)] as never, out as never)
  return out
}

export const rounded = (scalar: Scalar, xs: ReadonlyArray<number>): ReadonlyArray<number> =>
  scalar === 'f32' ? xs.map(Math.fround) : xs

export const plain = (space: number, more: Partial<Convolution> = {}): Convolution => ({
  strides: new Array(space).fill(1),
  padding: new Array(space).fill([0, 0]),
  inputDilation: new Array(space).fill(1),
  kernelDilation: new Array(space).fill(1),
  groups: 1,
  ...more,
})

export const must = (s: Site | null): Site => {
  if (s === null) throw new Error('the row refuses this')
  return s
}

/** A strided convolution and its two gradients, as `src/primitive/convolve.ts` writes them. */
export const withGradients = (
  examples: number,
  channels: number,
  outputs: number,
  length: number,
  kernel: number,
  stride: number,
): ReadonlyArray<Site> => {
  const to = Math.ceil(length / stride)
  const total = (to - 1) * stride + kernel - length
  const low = Math.floor(total / 2)
  const twice = <A>(a: A): readonly [A, A] => [a, a]
  const back = kernel - 1 - low
  return [
    must(
      site(
        [examples, channels, length, length],
        [outputs, channels, kernel, kernel],
        plain(2, { strides: twice(stride), padding: twice([low, total - low] as const) }),
      ),
    ),
    must(
      site(
        [examples, outputs, to, to],
        [channels, outputs, kernel, kernel],
        plain(2, {
          inputDilation: twice(stride),
          padding: twice([back, length + kernel - 1 - back - ((to - 1) * stride + 1)] as const),
        }),
      ),
    ),
    must(
      site(
        [channels, examples, length, length],
        [outputs, examples, to, to],
        plain(2, {
          kernelDilation: twice(stride),
          padding: twice([low, kernel + stride * (to - 1) - low - length] as const),
        }),
      ),
    ),
  ]
}

/** Sites of one to three dimensions, with whatever strides, paddings, dilations and groups. */
export const randomSites = (seed: number, count: number): ReadonlyArray<Site> => {
  const next = random(seed)
  const whole = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  const made: Array<Site> = []
  while (made.length < count) {
    const space = whole(1, 3)
    const groups = whole(1, 2)
    const channels = whole(1, 3)
    const each = <A>(f: () => A): ReadonlyArray<A> => Array.from({ length: space }, f)
    const most = space === 1 ? 20 : space === 2 ? 9 : 5
    const s = site(
      [whole(1, 3), groups * channels, ...each(() => whole(1, most))],
      [groups * whole(1, 6), channels, ...each(() => whole(1, 4))],
      {
        strides: each(() => whole(1, 3)),
        padding: each(() => [whole(-2, 4), whole(-2, 4)] as const),
        inputDilation: each(() => whole(1, 3)),
        kernelDilation: each(() => whole(1, 3)),
        groups,
      },
    )
    if (s !== null && size(s.y) > 0) made.push(s)
  }
  return made
}

/** Numbers computed at random places, against the row over float64, within the bound of sums in any order: `(terms + 2) u Σ |x w|`. */
export const compared = (
  scalar: Scalar,
  s: Site,
  seed: number,
  compute: (xs: ReadonlyArray<number>, ws: ReadonlyArray<number>) => ArrayLike<number>,
  by = '',
): void => {
  const next = random(seed)
  const draw = (n: number) =>
    rounded(
      scalar,
      Array.from({ length: n }, () => 2 * next() - 1),
    )
  const [xs, ws] = [draw(size(s.x)), draw(size(s.w))]
  const wanted = reference(s, xs, ws)
  const sizes = reference(s, xs.map(Math.abs), ws.map(Math.abs))
  const terms = s.w[1] * size(s.w.slice(2))
  const values = compute(xs, ws)
  for (let i = 0; i < wanted.length; i++)
    if (!(Math.abs(values[i] - wanted[i]) <= (terms + 2) * (UNIT[scalar] + UNIT.f64) * sizes[i]))
      expect.fail(`${JSON.stringify(s)} ${scalar} ${by} at ${i}: ${values[i]}, not ${wanted[i]}`)
}
