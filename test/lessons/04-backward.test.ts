import { describe, expect, it } from 'vitest'
import { lesson } from '../../docs/lessons/04-backward.js'
import { describePage, toldBy } from './support.js'

const told = toldBy(lesson)

describe('lesson 4: forward, backward, one step at a time', () => {
  it('lowers the loss a little by ten careful steps', async () => {
    const { start, slow } = (await told).numbers
    expect(slow).toBeLessThan(start)
    expect(slow).toBeGreaterThan(start / 2)
  })

  it('drives it below 1e-20 by fifty bold ones, and the prediction to 0.38', async () => {
    const { fast, predicted } = (await told).numbers
    expect(fast).toBeLessThan(1e-20)
    // the loss is the square of the distance
    expect(Math.abs(predicted - 0.38)).toBeLessThan(1e-10)
  })

  it('gives no update to what is not trainable, nor a step backwards', async () => {
    const { x, y, forwardSteps, backwardSteps, allBackwardSteps } = (await told).numbers
    expect([x, y]).toEqual([3, 0.38])
    // every value is visited backwards but the two inputs
    expect([backwardSteps, allBackwardSteps]).toEqual([forwardSteps - 2, forwardSteps])
  })

  it('has a picture for every step that computes, in either direction', async () => {
    const { figures } = await told
    expect(Object.keys(figures).filter((name) => name.startsWith('step-'))).toHaveLength(14)
    expect(figures['step-01']).toContain('forward 7 of 13')
    expect(figures['step-14']).toContain('backward 7 of 11')
  })

  it('shows the overwritten sum, and the law that notices it', async () => {
    const { right, wrong, difference, lawHolds, lawCatches } = (await told).numbers
    expect([right, difference]).toEqual([7, 7])
    expect(wrong).not.toBe(7)
    expect([lawHolds, lawCatches]).toEqual([1, 1])
  })
})

describePage(lesson, told)
