import { describe, expect, it } from 'vitest'
import type { Reals } from '../../../src/engine/Blas.js'
import { type ConvolveProducts, convolveProducts } from '../../../src/engine/wasm/kernels/convolveProduct.js'
import type { Scalar } from '../../../src/engine/wasm/kernels/lanes.js'
import { size } from '../../../src/Shape.js'
import { compared, described, must, plain, randomSites, type Site, site, withGradients } from './convolve.support.js'
import { call, type Placing } from './memory.support.js'

/** The products by the definition, on the kernels (the second region) and scratch memory (the fourth). */
const multiplier =
  (scalar: Scalar, { products }: ConvolveProducts) =>
  (placing: () => Placing): object => ({
    host: {
      multiply: (id: number, position: number): void => {
        if (id !== 7) throw new Error(`it calls itself ${id}`)
        const { buffer, addresses } = placing()
        const at = (region: number): Reals =>
          scalar === 'f32' ? new Float32Array(buffer, addresses[region]) : new Float64Array(buffer, addresses[region])
        const { multiplication: how, left, right, result } = products[position]
        const [a, b, c] = [at(left.packed ? 3 : 1).subarray(left.at), at(3).subarray(right), at(3).subarray(result)]
        for (let i = 0; i < how.m; i++)
          for (let j = 0; j < how.n; j++) {
            let sum = how.accumulate ? c[i * how.leading + j] : 0
            for (let p = 0; p < how.k; p++)
              sum +=
                a[i * how.left.leading + p] *
                b[how.right.transposed ? j * how.right.leading + p : p * how.right.leading + j]
            c[i * how.leading + j] = sum
          }
      },
    },
  })

const compute = (
  scalar: Scalar,
  s: Site,
  made: ConvolveProducts,
  xs: ReadonlyArray<number>,
  ws: ReadonlyArray<number>,
) =>
  call(
    scalar,
    made.func,
    [
      { values: xs, writable: false },
      { values: ws, writable: false },
      { values: new Array(size(s.y)).fill(7), writable: true },
      { values: new Array(made.scratch / (scalar === 'f32' ? 4 : 8)).fill(NaN), writable: true },
    ],
    [[7]],
    multiplier(scalar, made),
  )[2]

/** Against the row over float64. Gives how many products there are. */
const check = (scalar: Scalar, s: Site, seed = 1): number => {
  const made = convolveProducts(described(scalar, s), true)
  if (made === null) return 0
  compared(scalar, s, seed, (xs, ws) => compute(scalar, s, made, xs, ws))
  return made.products.length
}

describe('convolutions by products', () => {
  it('agree with the reference on a layer and its gradients', () => {
    for (const scalar of ['f32', 'f64'] as const)
      for (const [c, o, length, kernel, stride] of [
        [1, 8, 12, 5, 2],
        [8, 16, 7, 3, 2],
        [3, 5, 9, 3, 1],
        [2, 1, 10, 4, 3],
        [4, 4, 6, 1, 1],
      ])
        for (const s of withGradients(3, c, o, length, kernel, stride)) expect(check(scalar, s)).toBeGreaterThan(0)
  })

  it('agree with the reference on random sites of one to three dimensions', () => {
    const found = randomSites(20263, 250).map((s, i) => check(i % 2 === 0 ? 'f32' : 'f64', s, i))
    // dilations leave some positions of some sites without terms
    expect(found.filter((products) => products > 0).length).toBeGreaterThan(100)
  })

  it('agree in blocks of examples, channels and rows', () => {
    const sites: ReadonlyArray<Site> = [
      // 3 examples of 80 KiB at a time, the last block smaller
      ...withGradients(7, 16, 3, 12, 3, 1),
      // an example of 1.1 MiB by rows of positions, a channel of it by rows of kernel elements
      ...withGradients(2, 20, 2, 40, 3, 1),
      must(site([5, 8, 40], [6, 4, 9], plain(1, { groups: 2, padding: [[4, 4]] }))),
      must(site([30, 2, 700], [2, 2, 690], plain(1))),
    ]
    for (const s of sites) expect(check('f64', s)).toBeGreaterThan(0)
    expect(Math.max(...sites.map((s) => check('f64', s)))).toBeGreaterThan(3)
  })

  it('leave out what lies in the padding, also where a weight is not finite', () => {
    const s = must(site([1, 1, 4], [1, 1, 3], plain(1, { padding: [[1, 1]] })))
    const made = convolveProducts(described('f64', s), true) as ConvolveProducts
    expect([...compute('f64', s, made, [1, 2, 3, 4], [Infinity, 1, 1])]).toEqual([3, Infinity, Infinity, Infinity])
  })

  it('are none where nothing is computed or nothing is summed', () => {
    const none = [
      must(site([2, 0, 4], [3, 0, 2], plain(1))),
      must(site([0, 1, 4], [3, 1, 2], plain(1))),
      must(site([1, 1, 3], [1, 1, 1], plain(1, { inputDilation: [2] }))),
    ]
    expect(none.map((s) => convolveProducts(described('f64', s), true))).toEqual([null, null, null])
  })

  it('are preferred where numbers are copied for enough outputs', () => {
    const layer = (channels: number, outputs: number, kernel: number, stride: number) =>
      withGradients(16, channels, outputs, 14, kernel, stride).map(
        (s) => convolveProducts(described('f32', s)) !== null,
      )
    expect(layer(16, 32, 3, 1)).toEqual([true, true, true])
    expect(layer(8, 16, 3, 2)).toEqual([false, false, false])
    expect(layer(1, 8, 5, 2)).toEqual([false, false, false])
  })

  it('count the memory they need, which does not grow with the number of examples', () => {
    const scratch = (examples: number): number =>
      (convolveProducts(described('f32', withGradients(examples, 32, 32, 14, 3, 1)[0])) as ConvolveProducts).scratch
    expect(scratch(1000)).toBe(scratch(100))
    // 32 channels of 9 elements for 196 positions, the results, and the example between zeros
    expect(scratch(100)).toBe(4 * (32 * 9 * 196 + 32 * 196 + 32 * 256))
  })
})
