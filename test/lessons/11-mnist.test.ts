import { describe, expect, it } from 'vitest'
import { lesson } from '../../docs/lessons/11-mnist.js'
import { shared } from '../conformance/shared.js'
import { describePage, toldBy } from './support.js'

const MINUTES = 120_000

/** Below this an accuracy over so many digits would be three deviations off. */
const surely = (accuracy: number, digits: number): number =>
  accuracy - 3 * Math.sqrt((accuracy * (1 - accuracy)) / digits)

describe('lesson 11: the digits that come along', () => {
  const told = toldBy(lesson)

  it(
    'teaches two networks of 800 digits',
    async () => {
      const { train, test, accuracy, denseAccuracy } = (await told).numbers
      expect([train, test]).toEqual([800, 200])
      expect(denseAccuracy).toBeGreaterThan(surely(0.9, test))
      expect(accuracy).toBeGreaterThan(surely(0.95, test))
    },
    MINUTES,
  )

  it('counts parameters as the layers do', async () => {
    const { denseParameters, parameters } = (await told).numbers
    expect(denseParameters).toBe(784 * 128 + 128 + 128 * 10 + 10)
    expect(parameters).toBe(16 * 25 + 2 * 16 + 32 * 16 * 9 + 2 * 32 + 1568 * 64 + 64 + 64 * 10 + 10)
  })

  it('resumes to the same bits', async () => {
    const { compared, differing, parameters } = (await told).numbers
    // the running means and variances of both normalisations besides
    expect(compared).toBe(parameters + 2 * (16 + 32))
    expect(differing).toBe(0)
  })

  it('says that these are not all', async () => {
    expect(JSON.stringify((await told).page)).toContain('--data FOLDER')
  })

  describePage(lesson, told)
})

describe.skipIf(shared === null)('lesson 11: MNIST from a folder', () => {
  it(
    'reads the files and learns some of the digits',
    async () => {
      const { numbers, page } = await toldBy(lesson, { data: `${shared}/data/mnist` })
      expect([numbers.train, numbers.test]).toEqual([5000, 1000])
      expect(numbers.denseAccuracy).toBeGreaterThan(surely(0.9, 1000))
      expect(numbers.accuracy).toBeGreaterThan(surely(0.95, 1000))
      expect(JSON.stringify(page)).toContain('four files')
    },
    MINUTES,
  )

  it('says what is missing of a folder without them', async () => {
    await expect(toldBy(lesson, { data: 'no/such/folder' })).rejects.toThrow('download https://')
  })
})
