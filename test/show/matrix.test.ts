import { describe, expect, it } from 'vitest'
import { confusionMatrixSvg, confusionMatrixText, heatMapSvg } from '../../src/show/matrix.js'
import { colourOf } from '../../src/show/svg.js'
import { drawn, refused } from './support.js'
import { malformed } from './xml.js'

const map = {
  title: 'A <map>',
  rowLabel: 'row',
  columnLabel: 'column',
  rows: ['a', 'b'],
  columns: ['x', 'y', 'z'],
  values: [
    [0, 1, 2],
    [3, Number.NaN, 5],
  ],
}

const cells = (svg: string) =>
  [...svg.matchAll(/fill="([^"]+)"[^>]*><title>([^<]+)<\/title>/g)].map(([, fill, name]) => [name, fill])

describe('heatMapSvg', () => {
  it('has a named cell for each value, coloured from the least to the greatest', async () => {
    const svg = await drawn(heatMapSvg(map))
    expect(malformed(svg)).toEqual([])
    const found = cells(svg)
    expect(found).toHaveLength(6)
    expect(found[0]).toEqual(['row a, column x: 0', colourOf('viridis', 0)])
    expect(found[5]).toEqual(['row b, column z: 5', colourOf('viridis', 1)])
    expect(found[4]).toEqual(['row b, column y: NaN', 'none'])
  })

  it('refuses what is no matrix', async () => {
    expect(await refused(heatMapSvg({ ...map, values: [[1, 2, 3]] }))).toMatch(
      /2 row and 3 column names, but 1 rows of values/,
    )
    expect(
      await refused(
        heatMapSvg({
          ...map,
          values: [
            [1, 2],
            [3, 4, 5],
          ],
        }),
      ),
    ).toMatch(/row 0 has 2 values/)
    expect(await refused(heatMapSvg({ ...map, rows: [], values: [] }))).toMatch(/no cells/)
    const names = Array.from({ length: 200 }, String)
    expect(await refused(heatMapSvg({ ...map, rows: names, columns: names, values: [] }))).toMatch(/^TooLarge/)
  })
})

describe('confusion matrices', () => {
  const matrix = {
    title: 'Digits',
    classes: ['0', '1', '2'],
    counts: [
      [9, 1, 0],
      [2, 8, 0],
      [0, 0, 0],
    ],
  }

  it('show counts, coloured by the share of the true class', async () => {
    const svg = await drawn(confusionMatrixSvg(matrix))
    expect(malformed(svg)).toEqual([])
    expect(cells(svg)[0]).toEqual(['true class 0, predicted class 0: 0.9', colourOf('blues', 0.9)])
    expect(svg).toContain('0 90.0 %, 1 80.0 %')
    expect(svg).toContain('>9</text>')
  })

  it('are aligned text, coloured only when asked', () => {
    const text = confusionMatrixText(matrix)
    const lines = text.trimEnd().split('\n').slice(1)
    expect(new Set(lines.map((line) => line.length)).size).toBe(1)
    expect(lines[3]).toMatch(/-$/)
    expect(text).not.toContain('\u001b')
    const coloured = confusionMatrixText(matrix, { color: true })
    expect(coloured).toContain('\u001b[32m')
    expect(coloured).toContain('\u001b[31m')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes begin with one
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(text)
  })
})
