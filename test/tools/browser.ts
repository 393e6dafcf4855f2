/**
 * Pages looked at in a real browser: Chromium or Chrome, where there is one (`CHROME_PATH` or the usual places).
 */
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

const PLACES = [
  process.env.CHROME_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:/Program Files/Google/Chrome/Application/chrome.exe',
]

/** The browser's program; `undefined` where there is none. */
export const browserPath: string | undefined = PLACES.find((path) => path !== undefined && existsSync(path))

if (browserPath === undefined)
  console.log('no Chromium was found (set CHROME_PATH): pages are not looked at in a browser')

/** What a reader would notice. */
export interface Look {
  readonly scheme: 'light' | 'dark'
  readonly width: number
  /** errors in the console, and whatever was asked of the network */
  readonly complaints: ReadonlyArray<string>
  /** by how many pixels the page is wider than the window */
  readonly overflow: number
  /** pictures without a size, or wider than what holds them without a way to scroll */
  readonly badPictures: number
  readonly pictures: number
  /** the least contrast of text against what is behind it (WCAG 2.1, 1.4.3), and the text that has it */
  readonly contrast: number
  readonly faintest: string
}

/** Looks at a page in light and dark, narrow and wide. */
export const looks = async (html: string): Promise<ReadonlyArray<Look>> => {
  const browser = await chromium.launch({ executablePath: browserPath as string, args: ['--no-sandbox'] })
  try {
    const found: Array<Look> = []
    for (const scheme of ['light', 'dark'] as const)
      for (const width of [360, 1280]) {
        const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme })
        const complaints: Array<string> = []
        page.on('console', (message) => {
          if (message.type() === 'error') complaints.push(message.text())
        })
        page.on('pageerror', (error) => complaints.push(error.message))
        page.on('request', (request) => complaints.push(`asks for ${request.url()}`))
        await page.setContent(html)
        const seen = await page.evaluate(LOOK)
        found.push({ scheme, width, complaints, ...(seen as Omit<Look, 'scheme' | 'width' | 'complaints'>) })
        await page.close()
      }
    return found
  } finally {
    await browser.close()
  }
}

/** Runs in the page, so it is text: the tests are compiled without a browser's types. */
const LOOK = `(() => {
  const channels = (c) => (c.match(/[\\d.]+/g) || []).map(Number)
  const luminance = ([r, g, b]) => [r, g, b]
    .map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0)
  const behind = (element) => {
    for (let e = element; e !== null; e = e.parentElement) {
      const colour = channels(getComputedStyle(e).backgroundColor)
      if (colour.length === 3 || colour[3] > 0) return colour
    }
    return [255, 255, 255]
  }
  let contrast = 21
  let faintest = ''
  for (const element of document.querySelectorAll('h1, h2, p, td, th, dt, dd, li, figcaption, caption, summary, a, pre code, footer')) {
    if (element.textContent.trim() === '' || element.getClientRects().length === 0) continue
    const [a, b] = [channels(getComputedStyle(element).color), behind(element)].map(luminance)
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    if (ratio < contrast) [contrast, faintest] = [ratio, element.textContent.slice(0, 40)]
  }
  const pictures = [...document.querySelectorAll('figure svg')]
  const badPictures = pictures.filter((svg) => {
    const { width, height } = svg.getBoundingClientRect()
    const holder = svg.closest('.wide') || svg.parentElement
    return width < 20 || height < 20 || (width > holder.clientWidth + 1 && getComputedStyle(holder).overflowX !== 'auto')
  }).length
  const root = document.scrollingElement
  return { overflow: root.scrollWidth - root.clientWidth, pictures: pictures.length, badPictures, contrast, faintest }
})()`
