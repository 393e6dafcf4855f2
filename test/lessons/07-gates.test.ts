import { describe, expect, it } from 'vitest'
import { lesson } from '../../docs/lessons/07-gates.js'
import { describePage, toldBy } from './support.js'

const told = toldBy(lesson)

/** As published for these weights and examples, to eight digits. */
const PUBLISHED = [
  [0.72780576, 0.26927918, 0.00291506],
  [0.62054212, 0.37682531, 0.00263257],
  [0.69267581, 0.30361576, 0.00370844],
  [0.36618794, 0.63016955, 0.00364252],
  [0.57199769, 0.4251982, 0.00280411],
  [0.38373781, 0.61163804, 0.00462415],
  [0.52510443, 0.4725011, 0.00239447],
]

describe('lesson 7: gates, and a forward pass by hand', () => {
  it('has the truth tables of OR, NAND, AND and XOR', async () => {
    expect((await told).numbers.wrong).toBe(0)
  })

  it('has the published outputs', async () => {
    const { numbers } = await told
    for (const [i, row] of PUBLISHED.entries())
      for (const [j, value] of row.entries()) expect(numbers[`output${i + 1}${j + 1}`]).toBeCloseTo(value, 8)
  })
})

describePage(lesson, told)
