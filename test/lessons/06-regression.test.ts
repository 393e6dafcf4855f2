import { describe, expect, it } from 'vitest'
import { lesson } from '../../docs/lessons/06-regression.js'
import { describePage, toldBy } from './support.js'

const told = toldBy(lesson)

describe('lesson 6: linear regression in many variables', () => {
  it('has a pseudo-inverse that inverts, and a solution near the truth', async () => {
    const { inverseGap, intercept, slope1, slope2 } = (await told).numbers
    expect(inverseGap).toBeLessThan(1e-14)
    // the standard error of a coefficient is noise / sqrt(n) = 0.05
    for (const [found, truth] of [
      [intercept, 1.5],
      [slope1, 2],
      [slope2, 5],
    ])
      expect(Math.abs(found - truth)).toBeLessThan(4 * 0.05)
  })

  it('goes, with all points, exactly where linear algebra says', async () => {
    // 2000 steps, each of which rounds numbers below 8 a few times and shrinks what was rounded before
    expect((await told).numbers.theoryGap).toBeLessThan(2000 * 8 * 8 * 2 ** -53)
  })

  it('comes near with a point at a time, trembles, and is right on average', async () => {
    const { full, stochastic, longer, averaged } = (await told).numbers
    expect(full).toBeLessThan(0.1)
    expect(stochastic).toBeLessThan(0.1)
    // at rest the trembling has the variance rate * noise^2 in each coefficient, about: 0.016 each
    expect(longer).toBeLessThan(5 * 0.016 * Math.sqrt(3))
    expect(averaged).toBeLessThan(longer)
  })
})

describePage(lesson, told)
