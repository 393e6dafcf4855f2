/**
 * Numbers to test at. They lie on a dyadic grid (multiples of 1/64, or a single power of two), so a step of a power of two
 * away from them is exact, and they come in strata: ordinary ones, zero, plus and minus one, close to a kink, tiny, big,
 * and ties. Raw random doubles give little but overflow.
 *
 * A number follows from a seed and from where it stands (which operand, which element), not from how many were drawn
 * before it. So when a program or a shape shrinks, the numbers that remain are the same.
 *
 * @since 0.1.0
 */
import * as fc from 'fast-check'
import type { Shape } from '../../src/Shape.js'
import { mix } from '../../src/Structure.js'

/**
 * Where an operand of a primitive may lie.
 *
 * - `low`, `high`: the interval from which ordinary numbers come, ends included
 * - `wild`: also tiny and big numbers, of the signs that the interval has
 * - `nonzero`: not zero
 * - `kink`: a point near which and at which to look
 *
 * @category model
 * @since 0.1.0
 */
export interface Domain {
  readonly low: number
  readonly high: number
  readonly wild?: boolean
  readonly nonzero?: boolean
  readonly kink?: number
}

/**
 * The domain of most functions.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ANYWHERE: Domain = { low: -4, high: 4, wild: true, kink: 0 }

/**
 * How varied numbers are: 0 small halves, 1 ordinary, 2 all strata. It shrinks to 0.
 *
 * @category model
 * @since 0.1.0
 */
export type Richness = 0 | 1 | 2

/**
 * What numbers follow from.
 *
 * @category model
 * @since 0.1.0
 */
export interface Source {
  readonly seed: number
  readonly richness: Richness
}

/**
 * 32 well-mixed bits that follow from some words (MurmurHash3 with its finaliser).
 *
 * @category destructors
 * @since 0.1.0
 */
export const bitsOf = (...words: ReadonlyArray<number>): number => {
  let h = 0
  for (const word of words) h = mix(h, word | 0)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

const GRID = 64

const inside = (x: number, { low, high, nonzero }: Domain): boolean =>
  x >= low && x <= high && !(nonzero === true && x === 0)

/** One of the numbers of the grid in the domain. */
const ordinary = (bits: number, d: Domain, grid: number): number => {
  const from = Math.ceil(d.low * grid)
  const count = Math.floor(d.high * grid) - from + 1
  const x = (from + (bits % count)) / grid
  return x === 0 && d.nonzero === true ? 1 / grid : x
}

/** A tie: one of two numbers, the same at every position. */
const TIED: ReadonlyArray<number> = [0.5, -0.75]

const TINY = 2 ** -40
const BIG = 2 ** 20

/**
 * The number at a position.
 *
 * @category destructors
 * @since 0.1.0
 */
export const valueAt = ({ seed, richness }: Source, d: Domain, operand: number, position: number): number => {
  const bits = bitsOf(seed, operand, position)
  const plain = ordinary(bits, d, richness === 0 ? 2 : GRID)
  if (richness < 2) return inside(plain, d) ? plain : ordinary(bits, d, GRID)
  const which = bitsOf(bits, 1)
  const sign = (which & 256) === 0 ? 1 : -1
  const candidate = (): number => {
    switch (which % 20) {
      case 0:
        return 0
      case 1:
        return sign
      case 2:
        return (d.kink ?? 0) + sign / GRID
      case 3:
        return d.kink ?? 0
      case 4:
        return d.wild === true ? sign * TINY : plain
      case 5:
        return d.wild === true ? sign * BIG * (1 + (bits % 3)) : plain
      case 6:
      case 7:
        return TIED[bits & 1]
      default:
        return plain
    }
  }
  const x = candidate()
  if (inside(x, d)) return x
  const fits = d.wild === true && x !== 0 && (x > 0 ? d.high > 0 : d.low < 0)
  return fits ? x : plain
}

/**
 * The numbers of a whole array.
 *
 * @category destructors
 * @since 0.1.0
 */
export const valuesAt = (source: Source, d: Domain, operand: number, count: number): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, position) => valueAt(source, d, operand, position))

const ODD: ReadonlyArray<number> = [1, -1, 3, -3, 5, -5, 7, -7]

/**
 * A tangent or cotangent: small odd integers. None is zero, so nothing is left out; they are small, so sums of them are
 * exact; and two of them seldom cancel or agree, as plus and minus one do.
 *
 * @category destructors
 * @since 0.1.0
 */
export const directionAt = (seed: number, which: number, count: number): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, position) => ODD[bitsOf(seed, 0x7a, which, position) % ODD.length])

/**
 * Small integers, with which polynomials are computed exactly.
 *
 * @category destructors
 * @since 0.1.0
 */
export const integersAt = (seed: number, which: number, count: number): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, position) => (bitsOf(seed, 0x1d, which, position) % 15) - 7)

/**
 * What numbers follow from. The seed does not shrink (other numbers are not simpler ones); the richness does.
 *
 * @category arbitraries
 * @since 0.1.0
 */
export const sources: fc.Arbitrary<Source> = fc.record({
  seed: fc.noShrink(fc.nat(2 ** 30)),
  richness: fc.oneof(
    { weight: 1, arbitrary: fc.constant<Richness>(0) },
    { weight: 4, arbitrary: fc.constantFrom<Richness>(0, 1) },
    { weight: 3, arbitrary: fc.constantFrom<Richness>(0, 1, 2) },
  ),
})

/**
 * Shapes that shrink to scalars: dimensions to 1, then ranks to 0.
 *
 * @category arbitraries
 * @since 0.1.0
 */
export const shapes = (maxRank = 3, maxDim = 3): fc.Arbitrary<Shape> =>
  fc.array(fc.integer({ min: 1, max: maxDim }), { maxLength: maxRank })

/**
 * Choices among a few things, each taken in turn from a list that shrinks to zeros, the simplest choice.
 *
 * @category model
 * @since 0.1.0
 */
export interface Draw {
  /** an integer from `low` to `high`, both possible; `low` is the simplest */
  readonly int: (low: number, high: number) => number
  readonly pick: <A>(from: ReadonlyArray<A>) => A
  readonly bool: () => boolean
  /** some of `0 .. n - 1`, ascending */
  readonly subset: (n: number) => ReadonlyArray<number>
  /** all of `0 .. n - 1` in some order */
  readonly order: (n: number) => ReadonlyArray<number>
}

/**
 * Reads choices from a list of numbers; after its end every choice is the simplest.
 *
 * @category constructors
 * @since 0.1.0
 */
export const drawing = (choices: ReadonlyArray<number>): Draw => {
  let next = 0
  const int = (low: number, high: number): number => low + ((choices[next++] ?? 0) % (high - low + 1))
  return {
    int,
    pick: (from) => from[int(0, from.length - 1)],
    bool: () => int(0, 1) === 1,
    subset: (n) => Array.from({ length: n }, (_, i) => i).filter(() => int(0, 1) === 1),
    order: (n) => {
      const left = Array.from({ length: n }, (_, i) => i)
      return Array.from({ length: n }, () => left.splice(int(0, left.length - 1), 1)[0])
    },
  }
}

/**
 * The lists that choices are read from.
 *
 * @category arbitraries
 * @since 0.1.0
 */
export const choices: fc.Arbitrary<ReadonlyArray<number>> = fc.array(fc.nat(719), { minLength: 16, maxLength: 16 })
