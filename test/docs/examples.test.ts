import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { allExamples, examplesOf } from '../tools/examples.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, '.cache/examples', String(process.pid))
const examples = allExamples(root).map((example) => ({
  ...example,
  path: join(folder, `${example.name.replaceAll(/\W/g, '_')}.ts`),
}))

mkdirSync(folder, { recursive: true })
for (const { path, code } of examples) writeFileSync(path, code)

describe('the extraction of examples', () => {
  it('finds the ts blocks of comments and of markdown, with their lines', () => {
    const source = ['/**', ' * @example', ' * ```ts', ' * const a = 1', ' *', ' *   a', ' * ```', ' */'].join('\n')
    expect(examplesOf('src/A.ts', source)).toEqual([{ name: 'src/A.ts:3', code: 'const a = 1\n\n  a\n', extra: '' }])
    const page = ['```sh', 'ls', '```', '```ts ignore', 'b', '```'].join('\n')
    expect(examplesOf('docs/a.md', page)).toEqual([{ name: 'docs/a.md:4', code: 'b\n', extra: 'ignore' }])
  })
})

describe('every example', () => {
  beforeEach(() => {
    vi.spyOn(console, 'log').mockImplementation(() => undefined)
    // A failed console.assert only prints; in an example it must fail.
    vi.spyOn(console, 'assert').mockImplementation((condition, ...message) => {
      if (condition !== true) throw new Error(`console.assert failed ${message.join(' ')}`)
    })
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it('is run: none excuses itself', () => {
    expect(examples.filter(({ extra }) => extra !== '').map(({ name, extra }) => `${name}: ts ${extra}`)).toEqual([])
  })

  it('type-checks', { timeout: 120_000 }, () => {
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
    const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root)
    const program = ts.createProgram(
      examples.map(({ path }) => path),
      options,
    )
    const problems = examples.flatMap(({ name, path }) => {
      const file = program.getSourceFile(path)
      return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map((problem) => {
        const { line } = file?.getLineAndCharacterOfPosition(problem.start ?? 0) ?? { line: 0 }
        return `${name}, its line ${line + 1}: ${ts.flattenDiagnosticMessageText(problem.messageText, '\n')}`
      })
    })
    expect(problems).toEqual([])
  })

  for (const { name, path } of examples)
    it(name, async () => {
      await import(/* @vite-ignore */ path)
    })
})
