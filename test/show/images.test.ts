import { inflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { imageGridSvg, imageText } from '../../src/show/images.js'
import { encodePng, svgPng } from '../../src/show/raster.js'
import { drawn, refused } from './support.js'
import { malformed } from './xml.js'

describe('encodePng', () => {
  it('is a signature, a header, rows that are given back, and an end', () => {
    const rgb = Uint8Array.from({ length: 3 * 2 * 3 }, (_, i) => 13 * i)
    const png = Buffer.from(encodePng(2, 3, rgb))
    expect([...png.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10])
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2, 3])
    const start = png.indexOf('IDAT')
    const rows = inflateSync(png.subarray(start + 4, start + 4 + png.readUInt32BE(start - 4)))
    expect([...rows].filter((_, i) => i % 7 !== 0)).toEqual([...rgb])
    expect(png.subarray(-8, -4).toString('latin1')).toBe('IEND')
  })
})

describe('svgPng', () => {
  it('reads images inside drawings, so both agree on what a PNG is', async () => {
    const red = `data:image/png;base64,${Buffer.from(encodePng(1, 1, [255, 0, 0])).toString('base64')}`
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"><image width="2" height="2" href="${red}"/></svg>`
    const { Resvg } = await import('@resvg/resvg-js')
    expect([...new Resvg(svg).render().pixels.subarray(0, 4)]).toEqual([255, 0, 0, 255])
    const png = Buffer.from(await drawn(svgPng(svg, { scale: 3 })))
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([6, 6])
  })

  it('refuses what is no drawing', async () => {
    expect(await refused(svgPng('<svg'))).toMatch(/^InvalidArgument: the drawing cannot become a PNG: /)
  })
})

describe('images', () => {
  const image = { width: 2, height: 1, values: [0, 1], caption: 'two <pixels>' }

  it('stand in a grid with their captions', async () => {
    const svg = await drawn(imageGridSvg({ title: 'Pairs', images: [image, image, image], columns: 2 }))
    expect(malformed(svg)).toEqual([])
    expect(svg.match(/<image /g)).toHaveLength(3)
    expect(svg).toContain('two &lt;pixels&gt;, from 0 to 1')
  })

  it('are refused with other numbers of pixels than they say, and none', async () => {
    expect(await refused(imageGridSvg({ title: 't', images: [image, { ...image, width: 3 }] }))).toBe(
      'ShapeMismatch: image 1 of "t" is 3 by 1 and has 2 values',
    )
    expect(await refused(imageGridSvg({ title: 't', images: [] }))).toMatch(/are none/)
  })

  it('are text in a terminal: as wide as asked, plain unless colours are asked for', () => {
    const wide = { width: 100, height: 60, values: Float64Array.from({ length: 6000 }, (_, i) => i % 100) }
    const lines = imageText(wide, { columns: 25 }).trimEnd().split('\n')
    expect(lines).toHaveLength(8)
    expect(lines[0]).toHaveLength(25)
    expect(lines[0][24]).toBe('@')
    const coloured = imageText(image, { color: true })
    expect(coloured).toContain('\u001b[38;2;0;0;0;')
    expect(coloured).toContain('\u001b[38;2;255;255;255;')
    expect(coloured.trimEnd().endsWith('\u001b[0m')).toBe(true)
  })
})
