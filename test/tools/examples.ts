/**
 * The examples of the documentation: every fenced `ts` block in a comment of src and laws, and in README.md and docs. The
 * pages of lessons have none: what they quote is compiled and run with the lesson.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Example {
  /** where it stands, `src/Shape.ts:42` */
  readonly name: string
  readonly code: string
  /** the fence's words after `ts`; none is allowed, so that no example can excuse itself */
  readonly extra: string
}

/** the blocks of one file; `line` numbers point at the opening fence */
export const examplesOf = (file: string, text: string): ReadonlyArray<Example> => {
  const isSource = file.endsWith('.ts')
  const found: Array<Example> = []
  let open: { readonly indent: string; readonly extra: string; readonly line: number; readonly ts: boolean } | undefined
  let code: Array<string> = []
  text.split(/\r?\n/).forEach((line, index) => {
    const content = isSource ? /^\s*\* ?(.*)$/.exec(line)?.[1] : line
    if (content === undefined) {
      open = undefined
      return
    }
    const fence = /^(\s*)```\s*(\S*)\s*(.*)$/.exec(content)
    if (open !== undefined) {
      if (fence === null || fence[2] !== '')
        code.push(content.startsWith(open.indent) ? content.slice(open.indent.length) : content)
      else {
        if (open.ts) found.push({ name: `${file}:${open.line}`, code: `${code.join('\n')}\n`, extra: open.extra })
        open = undefined
      }
    } else if (fence !== null) {
      open = { indent: fence[1], extra: fence[3].trim(), line: index + 1, ts: /^(ts|typescript)$/.test(fence[2]) }
      code = []
    }
  })
  return found
}

const filesUnder = (root: string, folder: string, ending: string): ReadonlyArray<string> =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
        .filter((name) => name.endsWith(ending))
        .sort()
    : []

export const allExamples = (root: string): ReadonlyArray<Example> =>
  [
    ...filesUnder(root, 'src', '.ts'),
    ...filesUnder(root, 'laws', '.ts'),
    ...(existsSync(join(root, 'README.md')) ? ['README.md'] : []),
    ...filesUnder(root, 'docs', '.md').filter((file) => !file.startsWith('docs/lessons/pages/')),
  ].flatMap((file) => examplesOf(file, readFileSync(join(root, file), 'utf8')))
