/**
 * Threads in a browser: on an isolated page workers compute parts, on the main thread's behalf, which cannot sleep there; on
 * any other page, and where the policy forbids such workers, the answer says what to do.
 */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { browserPath } from '../tools/browser.js'

const PROGRAM = `
import { compile, matmul, record, spec } from './src/index.ts'
import { startThreads } from './src/threads/index.ts'
const n = 256
const program = record(({ a, b }) => matmul(a, b))({ a: spec([n, n]), b: spec([n, n]) })
const values = { _tag: 'Tensor', shape: [n, n], dtype: 'real', data: Float64Array.from({ length: n * n }, (_, i) => Math.sin(i)) }
const alone = compile()(program.right).right.run({ a: values, b: values }).right.data
globalThis.answer = (async () => {
  const threads = await startThreads({ count: 2 })()
  if (threads._tag === 'Left') return { refused: threads.left.message }
  let own = 0
  let total = 0
  const share = (state) => {
    const run = threads.right.share({ ...state, compute: (job, part) => { own++; state.compute(job, part) } })
    return (job) => { total += state.jobs[job]; return run(job) }
  }
  const executable = compile({ threads: { ...threads.right, share } })(program.right).right
  let same = true
  const until = performance.now() + 10_000
  while (own === total && performance.now() < until) {
    const { data } = executable.run({ a: values, b: values }).right
    same &&= data.every((x, i) => Object.is(x, alone[i]))
  }
  threads.right.stop()
  return { same, helped: own < total }
})()
`

const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

describe.skipIf(browserPath === undefined)('in a browser', { timeout: 60_000 }, () => {
  let code = ''
  beforeAll(async () => {
    const root = fileURLToPath(new URL('../..', import.meta.url))
    const built = await build({
      stdin: { contents: PROGRAM, resolveDir: root, loader: 'ts' },
      bundle: true,
      minify: true,
      format: 'iife',
      platform: 'browser',
      write: false,
      logLevel: 'silent',
    })
    code = built.outputFiles[0].text
  })

  const answer = async (headers: Readonly<Record<string, string>>): Promise<unknown> => {
    const browser = await chromium.launch({ executablePath: browserPath as string, args: ['--no-sandbox'] })
    try {
      const page = await browser.newPage()
      const failures: Array<string> = []
      page.on('pageerror', (error) => failures.push(error.message))
      await page.route('http://localhost/**', (route) =>
        route.fulfill({
          headers: { 'Content-Type': 'text/html', ...headers },
          body: `<!doctype html><html><body><script>${code.replaceAll('</script', '<\\/script')}</script></body></html>`,
        }),
      )
      await page.goto('http://localhost/')
      const found = await page.evaluate('globalThis.answer')
      expect(failures).toEqual([])
      return found
    } finally {
      await browser.close()
    }
  }

  it('workers compute parts, with the bits of one thread, where the page is isolated', async () => {
    expect(await answer(ISOLATED)).toEqual({ same: true, helped: true })
  })

  it('says what to do where it is not, and where workers are forbidden', async () => {
    expect(await answer({})).toEqual({ refused: expect.stringContaining('Cross-Origin-Embedder-Policy') })
    const policy = "script-src 'unsafe-inline' 'wasm-unsafe-eval'; worker-src 'none'"
    expect(await answer({ ...ISOLATED, 'Content-Security-Policy': policy })).toEqual({
      refused: expect.stringContaining('did not start'),
    })
  })
})
