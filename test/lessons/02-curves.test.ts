import { describe, expect, it } from 'vitest'
import { lesson } from '../../docs/lessons/02-curves.js'
import { describePage, toldBy } from './support.js'

const told = toldBy(lesson)

describe('lesson 2: curves out of lines', () => {
  it('has a sigmoid whose slope on the tape is f (1 - f)', async () => {
    // a handful of operations on numbers of at most 1/4, each rounded by 2^-53 of its result at most
    expect((await told).numbers.slopeGap).toBeLessThan(8 * 2 ** -53)
  })

  it("comes nearer to it by Euler's steps in proportion to their length", async () => {
    const { coarse, fine } = (await told).numbers
    // 16 times shorter: 16 times nearer, up to the second order, which is large for steps of 1
    expect(coarse / fine).toBeGreaterThan(12)
    expect(coarse / fine).toBeLessThan(24)
  })

  it('composes as a monoid: an empty list records nothing, brackets change no bit', async () => {
    const { emptyInstructions, bracketGap } = (await told).numbers
    expect([emptyInstructions, bracketGap]).toEqual([0, 0])
  })

  it('gets lines from lines', async () => {
    // 4 layers of sums of 16 terms, rounded by 2^-53 each, may cancel a little
    expect((await told).numbers.bend).toBeLessThan(4 * 4 * 16 * 2 ** -53 * 8)
  })

  it('turns only where curves are summed', async () => {
    const { narrowTurns, wideTurns } = (await told).numbers
    expect(narrowTurns).toBe(0)
    expect(wideTurns).toBeGreaterThan(1)
  })
})

describePage(lesson, told)
