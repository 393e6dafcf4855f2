/**
 * The engine in a browser: the same module, unchanged, under a policy that forbids `eval`; and where compiling WebAssembly
 * is forbidden too, the reference engine with the same numbers.
 */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { browserPath } from '../tools/browser.js'

const PROGRAM = `
import { add, compile, grad, matmul, mean, record, sigmoid, spec, square, sub, tensor } from './src/index.ts'
const x = tensor([[0, 0], [0, 1], [1, 0], [1, 1]])
const y = tensor([[0], [1], [1], [1]])
const loss = (p) => mean(square(sub(sigmoid(add(matmul(x, p.w), p.b)), y)))
const program = record(grad(loss))({ w: spec([2, 1]), b: spec([1]) })
if (program._tag === 'Left') throw new Error(program.left.message)
const executable = compile()(program.right)
if (executable._tag === 'Left') throw new Error(executable.left.message)
const result = executable.right.run({ w: tensor([[0.5], [-0.5]]), b: tensor([0]) })
if (result._tag === 'Left') throw new Error(result.left.message)
let evaluates = true
try { new Function('return 1')() } catch { evaluates = false }
globalThis.answer = { engine: executable.right.engine, evaluates, gradient: [...result.right.w.data, ...result.right.b.data] }
`

interface Answer {
  readonly engine: string
  readonly evaluates: boolean
  readonly gradient: ReadonlyArray<number>
}

describe.skipIf(browserPath === undefined)('in a browser', { timeout: 60_000 }, () => {
  let code = ''
  beforeAll(async () => {
    const root = fileURLToPath(new URL('../..', import.meta.url))
    const built = await build({
      stdin: { contents: PROGRAM, resolveDir: root, loader: 'ts' },
      bundle: true,
      format: 'iife',
      platform: 'browser',
      write: false,
      logLevel: 'silent',
    })
    code = built.outputFiles[0].text
  })

  const answers = async (policy: string): Promise<Answer> => {
    const browser = await chromium.launch({ executablePath: browserPath as string, args: ['--no-sandbox'] })
    try {
      const page = await browser.newPage()
      const failures: Array<string> = []
      page.on('pageerror', (error) => failures.push(error.message))
      const head = `<meta http-equiv="Content-Security-Policy" content="script-src ${policy}">`
      await page.setContent(
        `<!doctype html><html><head>${head}</head><body><script>${code.replaceAll('</script', '<\\/script')}</script></body></html>`,
      )
      expect(failures).toEqual([])
      return (await page.evaluate('globalThis.answer')) as Answer
    } finally {
      await browser.close()
    }
  }

  it('runs WebAssembly where eval is forbidden, and the reference engine where WebAssembly is', async () => {
    const wasm = await answers("'unsafe-inline' 'wasm-unsafe-eval'")
    expect(wasm).toMatchObject({ engine: 'wasm', evaluates: false })
    const reference = await answers("'unsafe-inline'")
    expect(reference).toMatchObject({ engine: 'reference', evaluates: false })
    // a dozen operations on numbers below 1: each rounds by at most 2^-53
    for (const [i, g] of wasm.gradient.entries())
      expect(Math.abs(g - reference.gradient[i])).toBeLessThan(20 * 2 ** -53)
    expect(Math.max(...wasm.gradient.map(Math.abs))).toBeGreaterThan(0.01)
  })
})
