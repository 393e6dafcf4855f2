import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { bostonColumn, bostonColumns, bostonFeatures, bostonPrices } from '../../src/data/index.js'

describe('boston', () => {
  it('has 506 tracts of twelve features and a price, and no column B', () => {
    expect(bostonColumns).toHaveLength(12)
    expect(bostonColumns).not.toContain('B')
    expect(bostonFeatures().shape).toEqual([506, 12])
    expect(bostonFeatures().data.length).toBe(506 * 12)
    expect(bostonPrices().shape).toEqual([506, 1])
    expect(Array.from(bostonFeatures().data).every(Number.isFinite)).toBe(true)
  })

  it('begins and ends as the published file does', () => {
    const x = Array.from(bostonFeatures().data)
    expect(x.slice(0, 12)).toEqual([0.00632, 18, 2.31, 0, 0.538, 6.575, 65.2, 4.09, 1, 296, 15.3, 4.98])
    expect(x.slice(-12)).toEqual([0.04741, 0, 11.93, 0, 0.573, 6.03, 80.8, 2.505, 1, 273, 21, 7.88])
    expect(bostonPrices().data[0]).toBe(24)
    expect(bostonPrices().data[505]).toBe(11.9)
  })

  it('is the published file: the digest of all numbers but column B', () => {
    const x = bostonFeatures().data
    const y = bostonPrices().data
    const rows = Array.from({ length: 506 }, (_, i) => [...Array.from(x).slice(i * 12, i * 12 + 12), y[i]].join(','))
    expect(createHash('sha256').update(rows.join('\n')).digest('hex')).toBe(
      '84bdcc36fcdb43d0b905ffcdf51f3e389d1b5d2f96103523bab5648fcafc067e',
    )
  })

  it('has the known least-squares line of price over rooms', () => {
    const rooms = Array.from(bostonColumn('RM').data)
    const price = Array.from(bostonColumn('MEDV').data)
    const mean = (xs: ReadonlyArray<number>) => xs.reduce((a, b) => a + b) / xs.length
    const [mx, my] = [mean(rooms), mean(price)]
    const slope = mean(rooms.map((x, i) => (x - mx) * (price[i] - my))) / mean(rooms.map((x) => (x - mx) ** 2))
    expect(slope).toBeCloseTo(9.1021, 4)
    expect(my - slope * mx).toBeCloseTo(-34.6706, 4)
  })
})
