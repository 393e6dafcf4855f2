import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { count, iterate, quoting } from '../../docs/lessons/lesson.js'
import { map, mul, type Reverse, raise, scalar, type Var } from '../../src/index.js'

const folder = fileURLToPath(new URL('../../docs/lessons', import.meta.url))

type Scalar = Var<readonly []>
type State = { readonly x: Scalar }

const doubled = ({ x }: State): Reverse<State> => map((y: Scalar) => ({ x: y }))(mul(x, 2))

describe('iterate', () => {
  it('looks at the state at first and after every so many steps', () => {
    const seen = iterate(doubled, { x: scalar(1) }, { steps: 7, every: 3, look: ({ x }, i) => [i, x[0]] as const })
    expect(seen).toEqual(
      E.right([
        [0, 1],
        [3, 8],
        [6, 64],
      ]),
    )
  })

  it('fails as recording does', () => {
    const refused = iterate(
      (_: State): Reverse<State> => raise('enough'),
      { x: scalar(1) },
      { steps: 1, look: () => 0 },
    )
    expect(E.isLeft(refused) && refused.left.message).toBe('enough')
  })
})

describe('quoting', () => {
  it('gives the text of declarations', async () => {
    const quote = await quoting(new URL('../../docs/lessons/lesson.ts', import.meta.url).href)
    const block = quote('count')
    expect(block.kind === 'code' && block.code.startsWith('export const count = (n: number): string =>')).toBe(true)
    expect(() => quote('nothing')).toThrow(/nothing is not declared in .*lesson\.ts/)
  })
})

it('writes whole numbers in groups of three', () => {
  expect([0, 999, 1000, 1234567].map(count)).toEqual(['0', '999', '1\u00a0000', '1\u00a0234\u00a0567'])
})

describe('the pages', () => {
  const files = ['README.md', ...readdirSync(join(folder, 'pages')).map((name) => `pages/${name}`)].filter((name) =>
    name.endsWith('.md'),
  )

  it.each(files)('%s has no broken link, and no picture that is not there', (name) => {
    const text = readFileSync(join(folder, name), 'utf8')
    const addresses = [...text.matchAll(/\]\(([^()\s]+)\)|(?:src|href)="([^"]+)"/g)].map(([, a, b]) => a ?? b)
    const local = addresses.filter((address) => !/^https?:|^#/.test(address))
    expect(local.length).toBeGreaterThan(0)
    expect(local.filter((address) => !existsSync(join(dirname(join(folder, name)), address)))).toEqual([])
  })

  it('show all the pictures that are kept', () => {
    const pages = files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n')
    const kept = readdirSync(join(folder, 'pages/figures'))
    expect(kept.filter((name) => !pages.includes(`(figures/${name})`))).toEqual([])
  })
})
