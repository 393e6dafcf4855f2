import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { drawnModel, programs, resultOf, sites, valueAt } from '../../laws/arbitrary/index.js'
import { Arbitrary, differences, fixed, law, library, part, show } from '../../laws/index.js'
import { reals, recorded } from '../../laws/Model.js'
import { compare, ErrorBound, F64 } from '../../src/algebra/index.js'
import { primitives } from '../../src/primitive/index.js'

const { literal } = ErrorBound
const dyadic = fc.integer({ min: -(2 ** 40), max: 2 ** 40 }).map((k) => k / 2 ** 20)

/** A float64 as an exact fraction with denominator 2^1074, enough of it for sums and products of moderate numbers. */
const SCALE = 200n
const exactly = (x: number): bigint => {
  let n = x
  let shift = 0n
  while (!Number.isInteger(n)) {
    n *= 2
    shift++
  }
  return (BigInt(n) << SCALE) >> shift
}

describe('error bounds', () => {
  it('contain the exact result of sums and products', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.double({ min: -1e6, max: 1e6, noNaN: true }).filter((x) => x === 0 || Math.abs(x) > 1e-9),
          { minLength: 2, maxLength: 12 },
        ),
        (xs) => {
          let sum = literal(0)
          let exact = 0n
          for (const [i, x] of xs.entries()) {
            const y = xs[(i + 1) % xs.length]
            sum = ErrorBound.add(sum, ErrorBound.mul(literal(x), literal(y)))
            exact += (exactly(x) * exactly(y)) >> SCALE
          }
          const off = exactly(sum.value) - exact
          expect(off < 0n ? -off : off).toBeLessThanOrEqual(exactly(sum.error * (1 + 2 ** -45)) + BigInt(xs.length))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('are zero where float64 is exact', () => {
    fc.assert(
      fc.property(dyadic, dyadic, (x, y) => {
        const sum = ErrorBound.add(literal(x), literal(y))
        expect(sum).toEqual({ value: x + y, error: 0 })
        expect(ErrorBound.mul(literal(Math.round(x)), literal(2)).error).toBe(0)
        expect(ErrorBound.div(literal(x), literal(4)).error).toBe(0)
        expect(ErrorBound.sqrt(literal(Math.round(x) ** 2)).error).toBe(0)
      }),
    )
  })

  it('grow where digits are lost, and are infinite where nothing is known', () => {
    const third = ErrorBound.div(literal(1), literal(3))
    const lost = ErrorBound.sub(ErrorBound.mul(third, literal(3)), literal(1 - 2 ** -40))
    expect(lost.error).toBeGreaterThan(2 ** -54)
    const zero = ErrorBound.sub(ErrorBound.mul(third, literal(3)), literal(1))
    expect(ErrorBound.div(literal(1), zero).error).toBe(Number.POSITIVE_INFINITY)
    expect(ErrorBound.floor(ErrorBound.mul(third, literal(3))).error).toBe(1)
  })

  it('bound what a function does to an error', () => {
    const names = [
      'exp',
      'log',
      'sin',
      'tan',
      'sqrt',
      'rsqrt',
      'tanh',
      'erf',
      'lgamma',
      'sigmoid',
      'softplus',
      'atan',
      'reciprocal',
    ] as const
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.integer({ min: 32, max: 90 }), (name, k) => {
        const x = k / 64
        const e = 2 ** -30
        const bound = ErrorBound[name]({ value: x, error: e })
        for (const y of [x - e, x + e])
          expect(Math.abs(F64[name](y) - bound.value)).toBeLessThanOrEqual(bound.error * (1 + 2 ** -20))
      }),
    )
  })

  it('make comparisons sharp, and say when one is blunt', () => {
    expect(compare(literal(1), literal(1))).toMatchObject({ agree: true, informative: true, tolerance: 0 })
    expect(compare(literal(1), literal(1 + 2 ** -52)).agree).toBe(false)
    expect(compare({ value: 1, error: 0.5 }, literal(1))).toMatchObject({ agree: true, informative: false })
    expect(compare(literal(0), literal(0)).informative).toBe(false)
    expect(compare(literal(Number.NaN), literal(Number.NaN))).toMatchObject({ agree: true, informative: false })
    expect(compare(literal(Number.NaN), literal(1)).agree).toBe(false)
  })
})

describe('central differences', () => {
  const of = (f: (x: number) => { value: number; error: number }, x: number, branch: (x: number) => number = () => 0) =>
    differences((t) => ({ values: [f(x + t)], signature: [branch(x + t)] }))

  it('find derivatives to about ten digits, and know how good they are', () => {
    for (const x of [0.25, 1, 3.5, -2]) {
      const [slope] = of((t) => ErrorBound.sin(literal(t)), x) ?? []
      expect(compare(slope, literal(Math.cos(x))).agree).toBe(true)
      expect(slope.error).toBeLessThan(1e-8)
    }
  })

  it('are not fooled by a pole between the steps, nor by a kink', () => {
    expect(of((t) => ErrorBound.reciprocal(literal(t)), 2 ** -40)).toBe(null)
    expect(of((t) => ErrorBound.abs(literal(t)), 0, Math.sign)).toBe(null)
    const [near] = of((t) => ErrorBound.abs(literal(t)), -(2 ** -10), Math.sign) ?? []
    expect(near.value).toBe(-1)
  })

  it('are not fooled by oscillations that the large steps alias', () => {
    const fast = of((t) => ErrorBound.sin(ErrorBound.mul(literal(2 * Math.PI * 64), literal(t))), 0.125)
    expect(fast !== null && compare(fast[0], literal(2 * Math.PI * 64)).agree).toBe(true)
  })
})

describe('samples', () => {
  it('are valid uses of every primitive, inside their domains', () => {
    for (const name of Arbitrary.names)
      fc.assert(
        fc.property(sites(name), (site) => {
          const result = resultOf(primitives[name] as never, site as never)
          expect(result.shape.every((n) => n > 0)).toBe(true)
          const sizes = site.operands.map(({ shape }) => shape.reduce((n, d) => n * d, 1))
          expect(site.values.map((numbers) => numbers.length)).toEqual(sizes)
        }),
        { numRuns: 40 },
      )
  })

  it('are programs whatever steps are left out', () => {
    fc.assert(
      fc.property(programs('any'), fc.infiniteStream(fc.boolean()), (drawn, coins) => {
        const keep = drawn.sketch.filter(() => coins.next().value === true)
        const model = drawnModel({ ...drawn, sketch: keep })
        expect(recorded(library, reals(model.inputs), model.f).tape.length).toBeGreaterThan(0)
      }),
      { numRuns: 100 },
    )
  })

  it('keep their numbers when they shrink', () => {
    const d = { low: -4, high: 4 }
    expect(valueAt({ seed: 5, richness: 1 }, d, 0, 3)).toBe(valueAt({ seed: 5, richness: 1 }, d, 0, 3))
    const values = Array.from({ length: 500 }, (_, i) =>
      valueAt({ seed: 9, richness: 2 }, { ...d, wild: true, kink: 0 }, 0, i),
    )
    for (const stratum of [0, 1, -1, 2 ** -40, 1 / 64, 0.5]) expect(values).toContain(stratum)
    expect(values.some((x) => Math.abs(x) >= 2 ** 20)).toBe(true)
  })

  it('reach every primitive', () => {
    const seen = new Set<string>()
    for (const { sketch } of fc.sample(programs('any', { maxLength: 20 }), { seed: 1, numRuns: 300 }))
      for (const { primitive } of sketch) seen.add(primitive)
    expect(Arbitrary.names.filter((name) => !seen.has(name))).toEqual([])
  })
})

describe('a law', () => {
  const about = { id: 'L0', name: 'test', cls: 'B', section: 'test', doc: '' } as const

  it('that sees nothing is vacuous', () => {
    const blind = law(about, () => [part('nothing', fc.nat(), (_, tally) => tally.skip())])
    const verdict = blind.run(library, { seed: 1, numRuns: 10 })
    expect(E.isLeft(verdict) && verdict.left.vacuous).toBe(true)
    expect(show(verdict)).toContain('vacuous: of 10 samples 0 were informative and 10 could not be tested')
  })

  it('gives back its counterexample by seed, part and path', () => {
    const small = law(about, () => [
      fixed('fine', () => undefined),
      part('below a hundred', fc.nat(1000), (n, tally) => {
        tally.informative()
        if (n >= 100) throw new Error(`${n} is too much`)
      }),
    ])
    const first = small.run(library, { seed: 3, numRuns: 50 })
    if (E.isRight(first)) return expect.fail('should fail')
    expect(first.left.message).toBe('100 is too much')
    const { seed, part: label, path } = first.left
    const again = small.run(library, { seed, numRuns: 50, only: [label], path })
    expect(E.isLeft(again) && again.left.message).toBe('100 is too much')
    expect(show(first)).toContain(`{ seed: 3, only: ['below a hundred'], path: '${path}' }`)
  })
})
