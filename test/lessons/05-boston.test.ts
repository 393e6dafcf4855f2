import { describe, expect, it } from 'vitest'
import { lesson } from '../../docs/lessons/05-boston.js'
import { describePage, toldBy } from './support.js'

const told = toldBy(lesson)

describe('lesson 5: Boston by a network', () => {
  it('bends below the best line', async () => {
    const { line, error, averagedError } = (await told).numbers
    expect(line.toFixed(4)).toBe('43.6006')
    expect(error).toBeLessThan(line)
    expect(averagedError).toBeLessThan(line)
  })

  it('asks about 32 for seven rooms', async () => {
    const { seven, averagedSeven, spread } = (await told).numbers
    // descent by one house at a time wanders: by the spread that the lesson itself measures, and not by more than a tenth
    expect(spread).toBeLessThan(3.2)
    expect(Math.abs(averagedSeven - 32)).toBeLessThan(3.2)
    expect(Math.abs(seven - averagedSeven)).toBeLessThanOrEqual(spread)
  })

  it('has an error below 6 with twelve features, on what it has learnt', async () => {
    const { allError, rSquared, heldLeast, heldEnd } = (await told).numbers
    expect(allError).toBeLessThan(6)
    // the variance of the prices is 84.42
    expect(rSquared).toBeCloseTo(1 - allError / 84.4195561561, 8)
    expect(heldEnd).toBeGreaterThanOrEqual(heldLeast)
    expect(heldLeast).toBeGreaterThan(allError)
  })

  it('finds prices that rise with rooms in large houses, and fall with lower status', async () => {
    const { roomLarge, roomSmall, percent, risingLarge, falling } = (await told).numbers
    expect(roomLarge).toBeGreaterThan(roomSmall)
    expect(risingLarge).toBeGreaterThan(0.9)
    expect(percent).toBeLessThan(0)
    expect(falling).toBeGreaterThan(0.95)
  })
})

describePage(lesson, told)
