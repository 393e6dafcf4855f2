import { describe, expect, it } from 'vitest'
import { lesson } from '../../docs/lessons/08-boundary.js'
import { describePage, toldBy } from './support.js'

const told = toldBy(lesson)

describe('lesson 8: a curved boundary', () => {
  it('gets more than 97 of 100 points right, and nearly as many of others', async () => {
    const { accuracy, otherAccuracy } = (await told).numbers
    expect(accuracy).toBeGreaterThan(0.97)
    // of 500 points with a chance of 0.97, two deviations are 0.015
    expect(otherAccuracy).toBeGreaterThan(0.955)
  })

  it('has the F1 of its precision and recall', async () => {
    const { precision, recall, f1 } = (await told).numbers
    expect(f1).toBeCloseTo((2 * precision * recall) / (precision + recall), 12)
  })

  it('descends from not knowing', async () => {
    const { first, loss } = (await told).numbers
    expect(first).toBeLessThan(Math.LN2 + 0.01)
    expect(loss).toBeLessThan(first / 4)
  })

  it('finds lines that are upright or flat', async () => {
    // the edges of the square would have 1 here
    expect((await told).numbers.tilt).toBeLessThan(0.25)
  })
})

describePage(lesson, told)
