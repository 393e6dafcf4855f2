import { isRight } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { F64 } from '../../../src/algebra/F64.js'
import { type Convolve, convolve } from '../../../src/engine/wasm/kernels/convolve.js'
import { baseline, type Features, featuresOf } from '../../../src/engine/wasm/kernels/features.js'
import type { Scalar } from '../../../src/engine/wasm/kernels/lanes.js'
import { convolve as row } from '../../../src/primitive/convolve.js'
import type { Convolution } from '../../../src/primitive/Primitive.js'
import { type Shape, size } from '../../../src/Shape.js'
import { host } from '../wasm/support.js'
import { call } from './memory.support.js'

const here = featuresOf((bytes) => host.validate(bytes))
const FEATURES: ReadonlyArray<Features> = here.fma ? [baseline, here] : [baseline]

const UNIT: { readonly [S in Scalar]: number } = { f32: 2 ** -24, f64: 2 ** -53 }

const random = (seed: number): (() => number) => {
  let s = seed
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0
    return (s >>> 8) / 2 ** 24
  }
}

interface Site {
  readonly x: Shape
  readonly w: Shape
  readonly y: Shape
  readonly attributes: Convolution
}

/** The site of a convolution, or null where the row refuses it or nothing comes out. */
const site = (x: Shape, w: Shape, attributes: Convolution): Site | null => {
  const spec = row.spec(
    [
      { shape: x, dtype: 'real' },
      { shape: w, dtype: 'real' },
    ],
    attributes,
  )
  return isRight(spec) ? { x, w, y: spec.right.shape, attributes } : null
}

const described = (scalar: Scalar, { x, w, y, attributes: a }: Site): Convolve => ({
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
const reference = (
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

const rounded = (scalar: Scalar, xs: ReadonlyArray<number>): ReadonlyArray<number> =>
  scalar === 'f32' ? xs.map(Math.fround) : xs

const run = (
  features: Features,
  scalar: Scalar,
  s: Site,
  xs: ReadonlyArray<number>,
  ws: ReadonlyArray<number>,
  parts: ReadonlyArray<readonly [number, number]> = [[0, s.x[0]]],
) => {
  const kernel = convolve(features, described(scalar, s))
  return call(
    scalar,
    kernel.func,
    [
      { values: xs, writable: false },
      { values: ws, writable: false },
      { values: new Array(size(s.y)).fill(7), writable: true },
      { values: new Array(kernel.scratch / (scalar === 'f32' ? 4 : 8)).fill(NaN), writable: true },
    ],
    parts,
  )[2]
}

/** Against the row over float64, within the bound of a sum of products in any order: `(terms + 2) u Σ |x w|`. */
const check = (features: Features, scalar: Scalar, s: Site, seed = 1): void => {
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
  const values = run(features, scalar, s, xs, ws)
  for (let i = 0; i < wanted.length; i++)
    if (!(Math.abs(values[i] - wanted[i]) <= (terms + 2) * (UNIT[scalar] + UNIT.f64) * sizes[i]))
      expect.fail(`${JSON.stringify(s)} ${scalar} fma ${features.fma} at ${i}: ${values[i]}, not ${wanted[i]}`)
}

const plain = (space: number, more: Partial<Convolution> = {}): Convolution => ({
  strides: new Array(space).fill(1),
  padding: new Array(space).fill([0, 0]),
  inputDilation: new Array(space).fill(1),
  kernelDilation: new Array(space).fill(1),
  groups: 1,
  ...more,
})

const must = (s: Site | null): Site => {
  if (s === null) throw new Error('the row refuses this')
  return s
}

/** A strided convolution and its two gradients, as `src/primitive/convolve.ts` writes them. */
const withGradients = (
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

describe('convolve', () => {
  it('agrees with the reference on a layer and its gradients', () => {
    for (const features of FEATURES)
      for (const scalar of ['f32', 'f64'] as const)
        for (const [c, o, length, kernel, stride] of [
          [1, 8, 12, 5, 2],
          [8, 16, 7, 3, 2],
          [3, 5, 9, 3, 1],
          [2, 1, 10, 4, 3],
        ])
          for (const s of withGradients(3, c, o, length, kernel, stride)) check(features, scalar, s)
  })

  it('agrees with the reference on random sites of one to three dimensions', () => {
    const next = random(20262)
    const whole = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
    let made = 0
    for (let i = 0; made < 250 && i < 2000; i++) {
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
      if (s === null || size(s.y) === 0) continue
      made++
      check(FEATURES[i % FEATURES.length], i % 2 === 0 ? 'f32' : 'f64', s, i)
    }
    expect(made).toBe(250)
  })

  it('convolves each channel by itself', () => {
    for (const features of FEATURES)
      check(
        features,
        'f32',
        must(
          site(
            [2, 6, 11, 13],
            [6, 1, 3, 3],
            plain(2, {
              groups: 6,
              padding: [
                [1, 1],
                [1, 1],
              ],
            }),
          ),
        ),
      )
  })

  it('leaves out what lies in the padding, also where a weight is not finite', () => {
    const s = must(site([1, 1, 4], [1, 1, 3], plain(1, { padding: [[1, 1]] })))
    for (const features of FEATURES) {
      const values = run(features, 'f64', s, [1, 2, 3, 4], [Infinity, 1, 1])
      expect([...values]).toEqual([3, Infinity, Infinity, Infinity])
      expect([...values]).toEqual([...reference(s, [1, 2, 3, 4], [Infinity, 1, 1])])
    }
  })

  it('takes padding and dilations far beyond the input', () => {
    for (const features of FEATURES) {
      check(features, 'f64', must(site([1, 2, 3], [2, 2, 2], plain(1, { padding: [[9000, 9000]] }))))
      check(features, 'f64', must(site([1, 1, 5], [1, 1, 3], plain(1, { inputDilation: [40], padding: [[3, 5]] }))))
      check(features, 'f64', must(site([1, 1, 2], [1, 1, 1], plain(1, { inputDilation: [1e6], strides: [3] }))))
      check(features, 'f64', must(site([1, 1, 5], [1, 1, 2], plain(1, { padding: [[-3, 4]] }))))
    }
  })

  it('gives zeros where nothing is summed, and nothing where there is no result', () => {
    for (const features of FEATURES) {
      const none = must(site([2, 0, 4], [3, 0, 2], plain(1)))
      expect([...run(features, 'f32', none, [], [])].every((x) => x === 0)).toBe(true)
      const empty = must(site([0, 1, 4], [3, 1, 2], plain(1)))
      expect(run(features, 'f32', empty, [], [1, 2, 3, 4, 5, 6]).length).toBe(0)
    }
  })

  it('gives the same bits for parts of the examples, and on every run', () => {
    for (const features of FEATURES)
      for (const s of withGradients(5, 3, 7, 9, 3, 2)) {
        const next = random(9)
        const [xs, ws] = [s.x, s.w].map((shape) => Array.from({ length: size(shape) }, () => next() - 0.5))
        const whole = run(features, 'f64', s, xs, ws)
        expect(run(features, 'f64', s, xs, ws)).toEqual(whole)
        expect(
          run(features, 'f64', s, xs, ws, [
            [2, s.x[0]],
            [0, 2],
          ]),
        ).toEqual(whole)
      }
  })
})
