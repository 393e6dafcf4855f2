import { describe, expect, it } from 'vitest'
import { lesson } from '../../docs/lessons/01-line.js'
import { describePage, toldBy } from './support.js'

const told = toldBy(lesson)

describe('lesson 1: a line through houses', () => {
  it('has the least-squares line as its yardstick, to the printed digits', async () => {
    const { slope, intercept, mse } = (await told).numbers
    expect([slope.toFixed(4), intercept.toFixed(4), mse.toFixed(4)]).toEqual(['9.1021', '-34.6706', '43.6006'])
  })

  it('derives by hand what the tape derives', async () => {
    // each gradient is a sum of 506 terms: 506 roundings of 2^-53 a side, of terms at most four times the sum
    expect((await told).numbers.gap).toBeLessThan(8 * 506 * 2 ** -53)
  })

  it('finds nothing better than the optimum, in an order of merit', async () => {
    const { mse, middleMse, stepsMse, early, movesMse, triesMse } = (await told).numbers
    expect(middleMse).toBeGreaterThanOrEqual(mse - 1e-12)
    for (const [better, worse] of [
      [middleMse, stepsMse],
      [stepsMse, triesMse],
      [stepsMse, early],
      [early, movesMse],
    ])
      expect(better).toBeLessThan(worse)
  })

  it('arrives from the middle of the cloud', async () => {
    const { slope, intercept, middleSlope, middleIntercept } = (await told).numbers
    // 50 000 steps shrink the slower error by exp(-49); what is left is where rounding stops the descent: the gradient of 506
    // terms is exact to 1e-13 of their size, which is about 100, and the second derivative is about 1
    expect(Math.abs(middleSlope - slope)).toBeLessThan(1e-11)
    expect(Math.abs(middleIntercept - intercept)).toBeLessThan(1e-10)
  })

  it('explains the creeping by a long valley', async () => {
    const { valley, roundValley } = (await told).numbers
    expect(valley / roundValley).toBeGreaterThan(40)
  })
})

describePage(lesson, told)
