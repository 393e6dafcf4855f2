import { describe, expect, it } from 'vitest'
import * as init from '../../src/nn/initialisers.js'
import { key } from '../../src/Random.js'

const fans = { fanIn: 300, fanOut: 100 }
const N = 30_000

const moments = (
  initial: init.Initialiser,
): { readonly mean: number; readonly variance: number; readonly most: number } => {
  const xs = [...initial(key(3), [300, 100], fans).data]
  const mean = xs.reduce((a, x) => a + x, 0) / N
  return {
    mean,
    variance: xs.reduce((a, x) => a + (x - mean) ** 2, 0) / N,
    most: xs.reduce((a, x) => Math.max(a, Math.abs(x)), 0),
  }
}

describe('constants', () => {
  it('fill', () => {
    expect([...init.zeros(key(1), [2], fans).data]).toEqual([0, 0])
    expect([...init.ones(key(1), [2], fans).data]).toEqual([1, 1])
    expect([...init.constant(7)(key(1), [2], fans).data]).toEqual([7, 7])
  })
})

describe('draws have the mean and variance of their source', () => {
  // n draws: the mean is off by std / sqrt n; the variance of a normal by sqrt(2 / n), of a uniform by less. Five of those.
  const cases: ReadonlyArray<readonly [string, init.Initialiser, number]> = [
    ['uniform', init.uniform(-2, 2), 4 / 3],
    ['normal', init.normal(0, 3), 9],
    ['fanIn', init.fanIn, 1 / 300 / 3],
    ['glorotUniform', init.glorotUniform(), 2 / 400],
    ['glorotUniform with a gain', init.glorotUniform(2), 8 / 400],
    ['glorotNormal', init.glorotNormal(), 2 / 400],
    ['heUniform', init.heUniform(), 2 / 300],
    ['heUniform with a slope', init.heUniform(1), 1 / 300],
    ['heNormal', init.heNormal(), 2 / 300],
  ]
  for (const [name, initial, variance] of cases)
    it(name, () => {
      const found = moments(initial)
      expect(Math.abs(found.mean)).toBeLessThan(5 * Math.sqrt(variance / N))
      expect(Math.abs(found.variance / variance - 1)).toBeLessThan(5 * Math.sqrt(2 / N))
    })
  it('uniform ones stay within sqrt 3 deviations', () => {
    expect(moments(init.glorotUniform()).most).toBeLessThan(Math.sqrt(6 / 400))
    expect(moments(init.heUniform()).most).toBeLessThan(Math.sqrt(6 / 300))
    expect(moments(init.fanIn).most).toBeLessThan(1 / Math.sqrt(300))
  })
})

describe('orthogonal', () => {
  for (const shape of [
    [5, 5],
    [3, 8],
    [8, 3],
    [4, 2, 3],
    [1, 1],
  ])
    it(`of [${shape}] has orthonormal rows or columns`, () => {
      const { data } = init.orthogonal(2)(key(1), shape, fans)
      const n = shape[0]
      const m = data.length / n
      const few = Math.min(n, m)
      const at = (i: number, k: number): number => (n <= m ? data[i * m + k] : data[k * m + i])
      for (let i = 0; i < few; i++)
        for (let j = 0; j < few; j++) {
          let product = 0
          for (let k = 0; k < Math.max(n, m); k++) product += at(i, k) * at(j, k)
          // eight terms of at most 4, each rounded twice
          expect(Math.abs(product - (i === j ? 4 : 0))).toBeLessThan(16 * 4 * Number.EPSILON)
        }
    })
})
