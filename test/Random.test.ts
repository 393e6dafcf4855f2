import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bits, fold, type Key, key, split, threefry2x32, uniform01 } from '../src/Random.js'

const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const anyKey: fc.Arbitrary<Key> = fc.tuple(word, word)
const safe = fc.maxSafeInteger()

describe('threefry2x32', () => {
  // from kat_vectors of Random123: `threefry2x32 20 counter key result`
  it.each([
    [0, 0, 0, 0, 0x6b200159, 0x99ba4efe],
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x1cb996fc, 0xbb002be7],
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xc4923a9c, 0x483df7a0],
  ])('counter %i %i key %i %i', (c0, c1, k0, k1, x0, x1) => {
    expect(threefry2x32(k0, k1, c0, c1)).toEqual([x0 | 0, x1 | 0])
  })

  it('reads words modulo 2^32', () => {
    fc.assert(
      fc.property(word, word, word, word, (a, b, c, d) => {
        expect(threefry2x32(a >>> 0, b >>> 0, c >>> 0, d >>> 0)).toEqual(threefry2x32(a, b, c, d))
      }),
    )
  })

  it('changes about half of the bits when one bit of the counter changes', () => {
    let flipped = 0
    const ones = (x: number): number => (x >>> 0).toString(2).replaceAll('0', '').length
    for (let bit = 0; bit < 32; bit++)
      for (let i = 0; i < 32; i++) {
        const a = threefry2x32(1, 2, i, 0)
        const b = threefry2x32(1, 2, i ^ (1 << bit), 0)
        flipped += ones(a[0] ^ b[0]) + ones(a[1] ^ b[1])
      }
    // 65 536 fair coins: mean 32 768, standard deviation 128; five of them
    expect(Math.abs(flipped - 32768)).toBeLessThan(5 * 128)
  })
})

describe('keys', () => {
  it('differ for different seeds', () => {
    fc.assert(fc.property(safe, safe, (a, b) => a === b || key(a).join() !== key(b).join()))
    expect(key(-1)).toEqual([-1, -1])
    expect(key(2 ** 32 + 5)).toEqual([5, 1])
    expect(key(-0)).toEqual([0, 0])
    expect(Object.is(key(-0)[0], 0) && Object.is(key(-0)[1], 0)).toBe(true)
    expect(key(Number.MAX_SAFE_INTEGER)).toEqual([-1, 2 ** 21 - 1])
    expect(key(Number.MIN_SAFE_INTEGER)).toEqual([1, -(2 ** 21)])
  })

  it('are frozen plain data of int32 words', () => {
    fc.assert(
      fc.property(safe, safe, (seed, i) => {
        for (const k of [key(seed), fold(key(seed), i), ...split(key(seed), 2)]) {
          expect(Object.isFrozen(k)).toBe(true)
          expect(JSON.parse(JSON.stringify(k))).toEqual(k)
          expect(k.every((w) => (w | 0) === w)).toBe(true)
        }
      }),
    )
  })

  it.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('refuse the seed %d', (seed) => {
    expect(() => key(seed)).toThrow(RangeError)
    expect(() => fold(key(0), seed)).toThrow(RangeError)
  })

  it.each([-1, 1.5, Number.NaN, 2 ** 31])('refuse the count %d', (n) => {
    expect(() => split(key(0), n)).toThrow(RangeError)
    expect(() => bits(key(0), n)).toThrow(RangeError)
  })

  it('split into as many as asked, each independent of how many', () => {
    fc.assert(
      fc.property(anyKey, fc.nat(20), fc.nat(20), (k, n, m) => {
        const few = split(k, Math.min(n, m))
        expect(split(k, Math.max(n, m)).slice(0, few.length)).toEqual(few)
      }),
    )
    expect(split(key(1), 0)).toEqual([])
  })

  it('folded, split and drawn never coincide', () => {
    const k = key(3)
    const words = bits(k, 2000)
    const drawn = Array.from({ length: 1000 }, (_, j) => `${words[2 * j]},${words[2 * j + 1]}`)
    const splits = split(k, 1000).map(String)
    const folds = Array.from({ length: 1000 }, (_, i) => String(fold(k, i - 500)))
    const far = Array.from({ length: 1000 }, (_, i) => String(fold(k, 2 ** 32 * (i + 1))))
    expect(new Set([...drawn, ...splits, ...folds, ...far]).size).toBe(4000)
  })
})

describe('bits', () => {
  it('are a prefix of more bits, also for odd counts', () => {
    fc.assert(
      fc.property(anyKey, fc.nat(40), fc.nat(40), (k, n, m) => {
        const few = bits(k, Math.min(n, m))
        expect(bits(k, Math.max(n, m)).slice(0, few.length)).toEqual(few)
      }),
    )
  })

  it('have the documented layout', () => {
    const k = key(99)
    const words = bits(k, 6)
    for (let j = 0; j < 3; j++) expect([words[2 * j], words[2 * j + 1]]).toEqual(threefry2x32(k[0], k[1], j, 0))
  })

  it('have bytes that are uniform', () => {
    const n = 65536
    const bytes = new Uint8Array(bits(key(2024), n).buffer)
    const counts = new Float64Array(256)
    for (const b of bytes) counts[b]++
    const expected = (4 * n) / 256
    const chiSquared = counts.reduce((sum, c) => sum + (c - expected) ** 2 / expected, 0)
    // 255 degrees of freedom: mean 255, standard deviation sqrt(510) = 22.6; five of them
    expect(Math.abs(chiSquared - 255)).toBeLessThan(5 * Math.sqrt(510))
  })
})

describe('uniform01', () => {
  it('is inside the open interval, symmetric and exact', () => {
    fc.assert(
      fc.property(word, (w) => {
        const u = uniform01(w)
        expect(u).toBeGreaterThan(0)
        expect(u).toBeLessThan(1)
        // ~w mirrors the cells, and 2^33 u is an odd integer
        expect(uniform01(~w)).toBe(1 - u)
        expect((2 ** 33 * u) % 2).toBe(1)
      }),
    )
    expect(uniform01(-(2 ** 31))).toBe(2 ** -33)
    expect(uniform01(2 ** 31 - 1)).toBe(1 - 2 ** -33)
  })
})
