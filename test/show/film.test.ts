import { chromium } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { filmSvg } from '../../src/show/film.js'
import { pageHtml } from '../../src/show/page.js'
import { svgDocument } from '../../src/show/svg.js'
import { browserPath } from '../tools/browser.js'
import { drawn, refused } from './support.js'
import { malformed } from './xml.js'

const frame = (n: number, width = 100): string =>
  svgDocument(width, 40, `frame ${n}`, '', `<circle cx="${10 * n}" cy="20" r="5"/>`)

const frames = [1, 2, 3, 4].map((n) => frame(n))

describe('a film', () => {
  it('is one document that holds every frame', async () => {
    const svg = await drawn(filmSvg({ title: 'Four', frames }))
    expect(malformed(svg)).toEqual([])
    expect(svg.match(/<circle/g)).toHaveLength(4)
    expect(svg).toContain('aria-label="Four"')
  })

  it('gives films of other frames rules of their own', async () => {
    const name = async (all: ReadonlyArray<string>) =>
      /@keyframes (film-\w+)/.exec(await drawn(filmSvg({ title: 'Four', frames: all })))?.[1]
    expect(await name(frames)).toBe(await name(frames))
    expect(await name(frames)).not.toBe(await name([...frames].reverse()))
  })

  it('refuses what cannot be shown', async () => {
    expect(await refused(filmSvg({ title: 'None', frames: [] }))).toBe('InvalidArgument: the film "None" has no frames')
    expect(await refused(filmSvg({ title: 'Odd', frames: [frame(1), frame(2, 90)] }))).toBe(
      'InvalidArgument: the film "Odd" has a frame 2 of another size than the first',
    )
    expect(await refused(filmSvg({ title: 'Text', frames: ['no svg'] }))).toBe(
      'InvalidArgument: the film "Text" has a frame 1 that is no SVG document with a size',
    )
    for (const seconds of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(await refused(filmSvg({ title: 'T', frames, seconds }))).toContain('cannot show a frame for')
  })

  it.skipIf(browserPath === undefined)(
    'shows one frame at a time in a browser, and the last to who wants rest',
    async () => {
      const svg = await drawn(filmSvg({ title: 'Four', frames, seconds: 2 }))
      const html = pageHtml({ title: 'A film', sections: [{ title: 'Film', blocks: [{ kind: 'figure', svg }] }] })
      const browser = await chromium.launch({ executablePath: browserPath as string, args: ['--no-sandbox'] })
      const visible = `[...document.querySelectorAll('svg svg')].map((s) => getComputedStyle(s).visibility === 'visible')`
      try {
        const page = await browser.newPage({ reducedMotion: 'no-preference' })
        await page.setContent(html)
        for (const [seconds, shown] of [
          [0.5, 0],
          [2.5, 1],
          [7.5, 3],
          [8.5, 0],
        ]) {
          // the time of an animation counts from its beginning, which the delays put before the page's
          await page.evaluate(
            `document.getAnimations().forEach((a) => { a.pause(); a.currentTime = ${seconds * 1000} })`,
          )
          expect(await page.evaluate(visible)).toEqual([0, 1, 2, 3].map((i) => i === shown))
        }
        const still = await browser.newPage({ reducedMotion: 'reduce' })
        await still.setContent(html)
        expect(await still.evaluate(visible)).toEqual([false, false, false, true])
      } finally {
        await browser.close()
      }
    },
  )
})
