import { describe, expect, it } from 'vitest'
import { lesson } from '../../docs/lessons/10-numerical.js'
import { describePage, toldBy } from './support.js'

const told = toldBy(lesson)

describe('lesson 10: why not numerical gradients?', () => {
  it('finds the same gradient by 15 680 losses as by the tape', async () => {
    const { passes, gap, worstGap, greatest } = (await told).numbers
    expect(passes).toBe(15_680)
    // at h = 1e-4 the loss of 2.5 is rounded to 2^-53, which the division by 2h makes 2e-12 for each of a few hundred operations;
    // what the bend adds is h^2 / 6 times a third derivative of at most 1
    expect(gap).toBeLessThan(1e-8)
    expect(worstGap).toBeLessThan(1e-6)
    expect(greatest).toBeGreaterThan(0.01)
  })

  it('descends by either to the same loss', async () => {
    const { first, last, lossGap } = (await told).numbers
    expect(last).toBeLessThan(first)
    expect(lossGap).toBeLessThan(1e-6)
  })

  it('is best at a step between the large and the small', async () => {
    const { bestH, bestError, largeError, smallError } = (await told).numbers
    expect(bestH).toBeLessThan(1e-2)
    expect(bestH).toBeGreaterThan(1e-8)
    expect(bestError).toBeLessThan(1e-3 * Math.min(largeError, smallError))
  })
})

describePage(lesson, told)
