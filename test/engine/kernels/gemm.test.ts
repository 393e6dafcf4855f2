import { describe, expect, it } from 'vitest'
import { baseline, type Features, featuresOf } from '../../../src/engine/wasm/kernels/features.js'
import { type Gemm, gemm, transposed } from '../../../src/engine/wasm/kernels/gemm.js'
import type { Scalar } from '../../../src/engine/wasm/kernels/lanes.js'
import { host } from '../wasm/support.js'
import { call, GUARD, type Region } from './memory.support.js'

const here = featuresOf((bytes) => host.validate(bytes))
const FEATURES: ReadonlyArray<Features> = here.fma ? [baseline, here] : [baseline]

const UNIT: { readonly [S in Scalar]: number } = { f32: 2 ** -24, f64: 2 ** -53 }

const uniform = (length: number, seed: number): ReadonlyArray<number> => {
  let s = seed
  return Array.from({ length }, () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0
    return s / 2 ** 31 - 1
  })
}

const extent = (rows: number, columns: number, [r, c]: readonly [number, number]): number =>
  rows === 0 || columns === 0 ? 0 : (rows - 1) * r + (columns - 1) * c + 1

const at = ([r, c]: readonly [number, number], i: number, j: number): number => i * r + j * c

const run = (features: Features, g: Gemm, parts: ReadonlyArray<readonly [number, number]> = [[0, g.m]]) => {
  const kernel = gemm(features, g)
  const regions: ReadonlyArray<Region> = [
    { values: uniform(extent(g.m, g.k, g.a), 1), writable: false },
    { values: uniform(extent(g.k, g.n, g.b), 2), writable: false },
    { values: uniform(extent(g.m, g.n, [g.c, 1]), 3), writable: true },
    { values: uniform(kernel.scratch / (g.scalar === 'f32' ? 4 : 8), 4), writable: true },
  ]
  const after = call(g.scalar, kernel.func, regions, parts)
  return { kernel, regions, result: after[2] }
}

/** Checks a product against float64 sums, within the usual bound `(k + 2) u Σ |a b|` (Higham, section 3.1). */
const check = (features: Features, g: Gemm): void => {
  const { regions, result } = run(features, g)
  const [a, b, c] = regions.map(({ values }) => (g.scalar === 'f32' ? values.map(Math.fround) : values))
  const written = new Set<number>()
  for (let i = 0; i < g.m; i++)
    for (let j = 0; j < g.n; j++) {
      const to = at([g.c, 1], i, j)
      written.add(to)
      let sum = g.accumulate ? c[to] : 0
      let size = Math.abs(sum)
      for (let p = 0; p < g.k; p++) {
        const term = a[at(g.a, i, p)] * b[at(g.b, p, j)]
        sum += term
        size += Math.abs(term)
      }
      const bound = (g.k + 2) * (UNIT[g.scalar] + UNIT.f64) * size
      if (!(Math.abs(result[to] - sum) <= bound))
        expect.fail(`${JSON.stringify(g)} at ${i}, ${j}: ${result[to]}, not ${sum} within ${bound}`)
    }
  // what lies between the rows of C is left alone
  c.forEach((value, i) => {
    if (!written.has(i)) expect(result[i]).toBe(value)
  })
}

const rowMajor = (scalar: Scalar, m: number, n: number, k: number, accumulate = false): Gemm => ({
  scalar,
  m,
  n,
  k,
  a: [k, 1],
  b: [n, 1],
  c: n,
  accumulate,
})

const SIZES = [1, 3, 4, 7, 13]

describe('gemm', () => {
  it('multiplies every small shape, with transposed operands too', () => {
    for (const features of [...FEATURES, { ...here, wide: false }])
      for (const scalar of ['f32', 'f64'] as const)
        for (const m of SIZES)
          for (const n of SIZES)
            for (const k of [1, 4, 7]) {
              const g = rowMajor(scalar, m, n, k, (m + n + k) % 2 === 0)
              const form = (m + 2 * n + 3 * k) % 4
              check(features, {
                ...g,
                a: form % 2 === 0 ? [k, 1] : [1, m],
                b: form < 2 ? [n, 1] : [1, k],
              })
            }
  })

  it('multiplies sizes around its tiles, ranges and blocks', () => {
    const shapes: ReadonlyArray<readonly [number, number, number]> = [
      [97, 33, 513],
      [6, 300, 520],
      [200, 16, 40],
      [13, 10, 700],
      [1, 130, 257],
      [130, 1, 257],
      [13, 530, 260],
      [1, 1100, 19],
      [1, 1600, 3],
      [2, 1700, 3],
      [100, 1600, 3],
      [64, 65, 0],
      // rows of B that compete for the same lines of a cache
      [13, 1024, 9],
      [3, 4, 500],
    ]
    for (const features of FEATURES)
      for (const scalar of ['f32', 'f64'] as const)
        for (const [m, n, k] of shapes)
          for (const form of [0, 1, 2, 3])
            check(features, {
              ...rowMajor(scalar, m, n, k, form === 3),
              a: form % 2 === 0 ? [k, 1] : [1, m],
              b: form < 2 ? [n, 1] : [1, k],
            })
  })

  it('takes operands that are parts of larger arrays, and repeated ones', () => {
    for (const features of FEATURES)
      for (const scalar of ['f32', 'f64'] as const) {
        check(features, { ...rowMajor(scalar, 9, 11, 5), a: [17, 3], b: [40, 1], c: 19 })
        check(features, { ...rowMajor(scalar, 9, 11, 5), a: [0, 1], b: [1, 0] })
        check(features, { ...rowMajor(scalar, 40, 70, 300), a: [2, 90], b: [3, 1000], c: 71 })
        check(features, { ...rowMajor(scalar, 9, 1, 5), c: 4 })
        check(features, { ...rowMajor(scalar, 9, 1, 5), c: 1, a: [1, 9] })
      }
  })

  it('adds the product to C when asked', () => {
    for (const features of FEATURES) check(features, rowMajor('f64', 50, 20, 600, true))
  })

  it('gives the same bits for parts of the rows, and on every run', () => {
    for (const features of FEATURES)
      for (const scalar of ['f32', 'f64'] as const) {
        const g = rowMajor(scalar, 205, 37, 530)
        const whole = run(features, g)
        const { grain } = whole.kernel
        const middle = Math.floor(100 / grain) * grain
        const parts = run(features, g, [
          [middle, g.m],
          [0, grain],
          [grain, middle],
        ])
        expect(parts.result).toEqual(whole.result)
        expect(run(features, g).result).toEqual(whole.result)
      }
  })

  it('computes the transpose as the product of the transposes', () => {
    const g: Gemm = { ...rowMajor('f64', 7, 9, 5), a: [5, 1], b: [9, 1] }
    const t = transposed(g, 7)
    expect([t.m, t.n, t.k]).toEqual([9, 7, 5])
    const { result } = run(baseline, { ...g, accumulate: false })
    // A and B trade places, so their values do: the same seeds at the other's sizes
    const kernel = gemm(baseline, t)
    const back = call(
      'f64',
      kernel.func,
      [
        { values: uniform(45, 2), writable: false },
        { values: uniform(35, 1), writable: false },
        { values: uniform(63, 3), writable: true },
        { values: uniform(kernel.scratch / 8, 4), writable: true },
      ],
      [[0, t.m]],
    )[2]
    // five terms at most 1, in another order
    for (let i = 0; i < 7; i++)
      for (let j = 0; j < 9; j++) expect(Math.abs(back[j * 7 + i] - result[i * 9 + j])).toBeLessThan(25 * UNIT.f64)
  })

  it('is found out whether the host fuses, and never assumed', () => {
    expect(featuresOf(() => false)).toEqual(baseline)
    expect(featuresOf(() => true)).toEqual({ fma: true, wide: true })
    expect(featuresOf((bytes) => bytes.length > 20)).toEqual({ fma: true, wide: false })
    expect(featuresOf((bytes) => bytes.length < 20)).toEqual({ fma: false, wide: false })
    expect(GUARD).toBeGreaterThan(64)
  })
})
