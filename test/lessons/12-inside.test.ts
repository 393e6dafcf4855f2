import { describe, expect, it } from 'vitest'
import { lesson } from '../../docs/lessons/12-inside.js'
import { describePage, toldBy } from './support.js'

const told = toldBy(lesson)

describe('lesson 12: looking inside', () => {
  it('looks into a network that reads', async () => {
    const { accuracy, untouched } = (await told).numbers
    expect(accuracy).toBeGreaterThan(0.9)
    // a change of 0 changes nothing: the same digits, over float64 here and over float32 there
    expect(Math.abs(untouched - accuracy)).toBeLessThanOrEqual(0.005)
  }, 120_000)

  it('keeps what the gradient promises of a tiny step', async () => {
    // the step is 1e-6, and the loss bends and has corners over it: a part of 1e-3 leaves room for a corner on the way
    expect(Math.abs((await told).numbers.kept - 1)).toBeLessThan(1e-3)
  })

  it('dreams of images that it is sure of, and loses sight of covered ones', async () => {
    const { certainty, leastCovered } = (await told).numbers
    // one of ten classes by chance would be 0.1
    expect(certainty).toBeGreaterThan(0.8)
    expect(leastCovered).toBeLessThan(0.5)
  })

  it('is deceived by the gradient, and hardly by noise of the same size', async () => {
    const { untouched, deceived, noisy, fooled } = (await told).numbers
    expect(deceived).toBeLessThan(untouched / 2)
    expect(noisy).toBeGreaterThan(deceived + 0.4)
    expect(fooled).toBeGreaterThanOrEqual(3)
  })
})

describePage(lesson, told)
