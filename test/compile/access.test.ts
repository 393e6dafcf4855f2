import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Access, contiguous, cuts, isContiguous, refinement, reshaped, split } from '../../src/compile/access.js'
import { offsets } from '../../src/primitive/indexing.js'
import { type Shape, size } from '../../src/Shape.js'

const positions = ({ offset, steps }: Access, shape: Shape): ReadonlyArray<number> =>
  Array.from(offsets(shape, steps, offset))

/** Ways of writing one number as a product. */
const factored = (n: number): fc.Arbitrary<Shape> =>
  fc.array(fc.nat(5), { maxLength: 6 }).map((choices) => {
    const out: Array<number> = []
    let rest = n
    for (const c of choices) {
      const divisors = Array.from({ length: rest }, (_, i) => i + 1).filter((d) => rest % d === 0)
      const d = divisors[c % divisors.length]
      out.push(d)
      rest /= d
    }
    return [...out, rest]
  })

const pairs = fc.constantFrom(1, 2, 12, 24, 30, 36, 60).chain((n) => fc.tuple(factored(n), factored(n)))

describe('reshaped', () => {
  it('reads the same elements in the same order, or says that it cannot', () => {
    fc.assert(
      fc.property(
        pairs,
        fc.array(fc.integer({ min: -3, max: 9 }), { minLength: 8, maxLength: 8 }),
        ([from, to], steps) => {
          const access = { offset: 40, steps: from.map((_, d) => steps[d % steps.length]) }
          const found = reshaped(access, from, to)
          if (found !== null) expect(positions(found, to)).toEqual(positions(access, from))
        },
      ),
    )
  })

  it('never refuses rows that follow one another, nor what only takes dimensions apart', () => {
    fc.assert(
      fc.property(pairs, ([from, to]) => {
        expect(reshaped(contiguous(from), from, to)).not.toBeNull()
        const shared = refinement(from, to)
        if (shared === null) return
        const scattered = { offset: 0, steps: from.map((_, d) => 7 * d + 2) }
        const found = reshaped(scattered, from, shared) as Access
        expect(positions(found, shared)).toEqual(positions(scattered, from))
      }),
    )
  })

  it('refuses what is not affine', () => {
    expect(reshaped({ offset: 0, steps: [1, 2] }, [2, 3], [6])).toBeNull()
    expect(reshaped({ offset: 0, steps: [0, 1] }, [2, 3], [3, 2])).toBeNull()
  })
})

describe('refinement', () => {
  it('cuts both spaces into one', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const shared = refinement(a, b)
        if (shared === null) return
        expect(size(shared)).toBe(size(a))
        for (const space of [a, b]) {
          const plain = space.filter((n) => n !== 1)
          const parts = cuts(plain, shared)
          expect(parts.flat()).toEqual(shared)
          expect(parts.map(size)).toEqual(plain)
        }
      }),
    )
    expect(refinement([2, 12], [6, 4])).toEqual([2, 3, 4])
    expect(refinement([2, 3], [3, 2])).toBeNull()
    expect(refinement([], [1])).toEqual([])
    expect(refinement([2], [4])).toBeNull()
  })
})

describe('split', () => {
  it('walks through a dimension in parts', () => {
    expect(split(5, [2, 3])).toEqual([15, 5])
    expect(isContiguous({ offset: 0, steps: split(1, [4, 6]) }, [4, 6])).toBe(true)
    expect(isContiguous({ offset: 1, steps: [6, 1] }, [4, 6])).toBe(false)
    expect(isContiguous({ offset: 0, steps: [9, 1] }, [1, 6])).toBe(true)
  })
})
