import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  minibatches,
  permutation,
  rows,
  shuffle,
  split,
  standardise,
  standardOf,
  unstandardise,
} from '../../src/data/index.js'
import { bits, key } from '../../src/Random.js'
import { arange, equals, reshape, scalar, tensor, toArray, uniform, zeros } from '../../src/Tensor.js'

const right = <A>(e: E.Either<unknown, A>): A => {
  if (E.isLeft(e)) throw new Error(JSON.stringify(e.left))
  return e.right
}
const refused = (e: E.Either<{ readonly message: string }, unknown>) => (E.isLeft(e) ? e.left.message : 'accepted')

const seed = fc.maxSafeInteger()

describe('permutation', () => {
  it('has every number once, and is the same for the same key', () => {
    fc.assert(
      fc.property(seed, fc.nat(50), (s, n) => {
        const p = permutation(key(s), n)
        expect([...p].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i))
        expect(permutation(key(s), n)).toEqual(p)
      }),
    )
  })

  it('is the order of its words, as signed integers', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 300 }), (s, n) => {
        const words = bits(key(s), n)
        const sorted = [...words.keys()].sort((i, j) => words[i] - words[j] || i - j)
        expect([...permutation(key(s), n)]).toEqual(sorted)
      }),
    )
  })

  it('is uniform: each of the six orders of three, by chi-squared', () => {
    const counts = new Map<string, number>()
    const n = 6000
    for (let s = 0; s < n; s++) {
      const order = permutation(key(s), 3).join()
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    const chi2 = [...counts.values()].reduce((sum, c) => sum + (c - n / 6) ** 2 / (n / 6), 0)
    expect(counts.size).toBe(6)
    // five degrees of freedom: above 25.7 once in 10 000; the seeds are fixed
    expect(chi2).toBeLessThan(25.7)
  })
})

describe('rows, shuffle, split, minibatches', () => {
  it('pick rows of any rank, in order and repeatedly', () => {
    expect(
      rows(
        tensor([
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
        [2, 0, 2],
      ),
    ).toEqual(
      E.right(
        tensor([
          [5, 6],
          [1, 2],
          [5, 6],
        ]),
      ),
    )
    expect(rows(tensor([1, 2]), [])).toEqual(E.right(zeros([0])))
    expect(refused(rows(tensor([1, 2]), [2]))).toBe('rows: there is no row 2 in [2]')
    expect(refused(rows(tensor([1, 2]), [0.5]))).toBe('rows: there is no row 0.5 in [2]')
    expect(refused(rows(scalar(1), []))).toBe('rows: a scalar has no rows')
  })

  it('keep what belongs together together', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 40 }), (s, n) => {
        const x = arange(n)
        const y = right(reshape(arange(0, 10 * n, 5), [n, 2]))
        const [sx, sy] = [right(shuffle(key(s))(x)), right(shuffle(key(s))(y))]
        expect(toArray(sy).filter((_, i) => i % 2 === 0)).toEqual(toArray(sx).map((v) => 10 * v))
      }),
    )
    expect(refused(shuffle(key(1))(scalar(1)))).toBe('shuffle: a scalar has no rows')
  })

  it('split into two parts that together are the shuffled whole', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 2, max: 40 }), fc.nat(), (s, n, k) => {
        const count = 1 + (k % (n - 1))
        const { train, test } = right(split(key(s), count)(arange(n)))
        expect(train.shape).toEqual([count])
        expect([...train.data, ...test.data]).toEqual(toArray(right(shuffle(key(s))(arange(n)))))
      }),
    )
  })

  it.each([0, 3, 4, -1, 1.5, Number.NaN])('refuse to split three rows at %s', (count) => {
    expect(refused(split(key(1), count)(arange(3)))).toBe(
      `split: cannot take ${count} of the rows of [3] for training and leave some`,
    )
  })

  it('batch in order and leave out the rest', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }), (a, b) => {
        const [length, n] = [Math.min(a, b), Math.max(a, b)]
        const batches = right(minibatches(length)(arange(n)))
        expect(batches).toHaveLength(Math.floor(n / length))
        expect(batches.every((t) => t.shape[0] === length)).toBe(true)
        expect(batches.flatMap(toArray)).toEqual(toArray(arange(batches.length * length)))
      }),
    )
    expect(refused(minibatches(4)(arange(3)))).toBe('minibatches: cannot cut [3] into batches of 4 rows')
    expect(refused(minibatches(0)(arange(3)))).toContain('batches of 0 rows')
    expect(refused(minibatches(1)(scalar(3)))).toContain('cannot cut []')
  })
})

describe('standardise', () => {
  it('gives mean 0 and standard deviation 1, and back', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 2, max: 30 }), fc.integer({ min: 1, max: 5 }), (s, n, d) => {
        const x = uniform(key(s), [n, d], -3, 5)
        const standard = right(standardOf(x))
        const z = right(standardise(standard)(x))
        const again = right(standardOf(z))
        // sums of n numbers of size at most 8 / std round by less than 2 n u each, and std may be small by chance
        const within = (4 * n * 2 ** -52 * 8) / Math.min(...standard.std)
        for (let j = 0; j < d; j++) {
          expect(Math.abs(again.mean[j])).toBeLessThan(within)
          expect(Math.abs(again.std[j] - 1)).toBeLessThan(within)
        }
        const back = right(unstandardise(standard)(z))
        back.data.length > 0 && expect(toArray(back).every((v, i) => Math.abs(v - x.data[i]) < within)).toBe(true)
      }),
    )
  })

  it('only centres a constant column', () => {
    const x = tensor([
      [1, 0.1],
      [3, 0.1],
      [5, 0.1],
    ])
    const standard = right(standardOf(x))
    expect(standard.std[1]).toBe(1)
    expect(Math.abs(right(standardise(standard)(x)).data[1])).toBeLessThan(2 ** -52)
  })

  it('uses the given numbers, not those of its argument', () => {
    const standard = { mean: [1], std: [2] }
    expect(standardise(standard)(tensor([[5], [1]]))).toEqual(E.right(tensor([[2], [0]])))
  })

  it('refuses what is no matrix, has no rows or other columns', () => {
    expect(refused(standardOf(tensor([1, 2])))).toBe('standardOf: a real matrix with rows is needed, not real [2]')
    expect(refused(standardOf(zeros([0, 2])))).toContain('not real [0, 2]')
    expect(refused(standardise({ mean: [1], std: [1] })(tensor([[1, 2]])))).toBe(
      'standardise: [1, 2] has 2 columns, the standard has 1',
    )
  })

  it('leaves its argument alone', () => {
    const x = tensor([[1], [3]])
    right(standardise(right(standardOf(x)))(x))
    expect(equals(x, tensor([[1], [3]]))).toBe(true)
  })
})
