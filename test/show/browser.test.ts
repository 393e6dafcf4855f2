import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fieldSvg, imageGridSvg, lineChartSvg, pageHtml, sampleField, surfaceSvg } from '../../src/show/index.js'
import { drawn } from './support.js'

/** the browser to look with: $CHROMIUM, or where systems install it */
const executablePath = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== '' && existsSync(path))

describe.skipIf(executablePath === undefined)('a page in a browser (skipped where there is none; set CHROMIUM)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wengert-page-'))
  const file = join(folder, 'page.html')
  let browser: Browser

  beforeAll(async () => {
    const axes = { xLabel: 'x', yLabel: 'y' }
    const field = sampleField((x, y) => x * x + y * y, [-1, 1], [-1, 1], 20)
    const line = {
      name: 'a',
      points: [
        [0, 1],
        [1, 2],
      ] as const,
    }
    const svgs = await Promise.all([
      drawn(lineChartSvg({ title: 'Line', ...axes, series: [line] })),
      drawn(fieldSvg({ title: 'Field', ...axes, field })),
      drawn(surfaceSvg({ title: 'Surface', ...axes, zLabel: 'z', field })),
      drawn(imageGridSvg({ title: 'Images', images: [{ width: 2, height: 1, values: [0, 1] }] })),
    ])
    const hostile =
      '<svg width="9" height="9" onload="document.title=1"><script>document.title = 2</script><image href="http://localhost:9/x.png"/></svg>'
    const code = `const long = ${'1 + '.repeat(100)}1`
    writeFileSync(
      file,
      pageHtml({
        title: 'A page',
        sections: [
          {
            title: 'All',
            blocks: [
              ...[...svgs, hostile].map((svg) => ({ kind: 'figure', svg }) as const),
              { kind: 'code', code },
              { kind: 'table', head: ['a', 'b'], rows: [['x'.repeat(200), 1]] },
            ],
          },
        ],
      }),
    )
    browser = await chromium.launch({ executablePath: executablePath as string, args: ['--no-sandbox'] })
  })

  afterAll(async () => {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const views = [
    ['light', 360],
    ['light', 1200],
    ['dark', 360],
    ['dark', 1200],
  ] as const

  it.each(views)(
    'is %s, %d wide: in its colours, nothing sticks out, nothing comes from outside',
    async (colorScheme, width) => {
      const page = await browser.newPage({ colorScheme, viewport: { width, height: 800 } })
      const requests: Array<string> = []
      const errors: Array<string> = []
      page.on('requestfinished', (r) => requests.push(r.url()))
      page.on('pageerror', (e) => errors.push(e.message))
      await page.goto(`file://${file}`)
      // evaluated in the page, where the names of the document object model are known
      const seen = (await page.evaluate(`({
      title: document.title,
      overflow: document.documentElement.scrollWidth - innerWidth,
      page: getComputedStyle(document.body).backgroundColor,
      chart: getComputedStyle(document.querySelector('svg rect')).fill,
    })`)) as Record<string, unknown>
      const ground = colorScheme === 'dark' ? 'rgb(13, 17, 23)' : 'rgb(255, 255, 255)'
      expect(seen).toEqual({ title: 'A page', overflow: 0, page: ground, chart: ground })
      expect(requests.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([])
      expect(errors).toEqual([])
      await page.close()
    },
  )

  it('turns a surface by the keyboard', async () => {
    const page = await browser.newPage()
    await page.goto(`file://${file}`)
    const face = page.locator('.face').first()
    const before = await face.getAttribute('d')
    await page.locator('svg:has([data-turn])').focus()
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => face.getAttribute('d')).not.toBe(before)
    await page.close()
  })
})
