import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { problems } from './floors.mjs'

const made: Array<string> = []

/** the problems of a house made of these files */
const house = (files: Readonly<Record<string, string>>): ReadonlyArray<string> => {
  const root = mkdtempSync(join(tmpdir(), 'wengert-floors-'))
  made.push(root)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  return problems(root)
}

afterEach(() => {
  for (const root of made.splice(0)) rmSync(root, { recursive: true })
})

describe('floors', () => {
  it('hold for src and laws', () => {
    expect(problems(fileURLToPath(new URL('../..', import.meta.url)))).toEqual([])
  })

  it('accept imports that go down or sideways', () => {
    expect(
      house({
        'src/Failure.ts': `import * as E from 'fp-ts/lib/Either.js'`,
        'src/Tape.ts': `import { V } from './Var.js'; import type { HKT } from 'fp-ts/HKT'`,
        'src/Var.ts': `import { fail } from './Failure.js'; import * as t from 'io-ts'`,
        'src/cli/main.ts': `import fs from 'node:fs'; import { V } from '../Var.js'`,
        'laws/index.ts': `import * as fc from 'fast-check'; import { V } from '../src/Var.js'`,
        'src/index.ts': `export * from './Tape.js'; export * from './cli/main.js'`,
      }),
    ).toEqual([])
  })

  it('refuse an import that goes up, and name both files', () => {
    expect(
      house({ 'src/Shape.ts': `import type { T } from './ops/index.js'`, 'src/ops/index.ts': 'export type T = 1' }),
    ).toEqual(['src/Shape.ts (floor 1) imports src/ops/index.ts (floor 5): imports go down, never up'])
  })

  it('refuse a cycle of files, also of types', () => {
    const a = (from: string) => `import { b } from '${from}'; export const a = b`
    expect(house({ 'src/Tape.ts': a('./Var.js'), 'src/Var.ts': a('./Tape.js') })[0]).toBe(
      'import cycle: src/Tape.ts -> src/Var.ts -> src/Tape.ts',
    )
    expect(house({ 'src/Tape.ts': a('./Var.js'), 'src/Var.ts': `export type A = import('./Tape.js').A` })[0]).toBe(
      'import cycle (through type-only imports): src/Tape.ts -> src/Var.ts -> src/Tape.ts',
    )
  })

  it('refuse a cycle of rooms even where no files form one', () => {
    expect(
      house({
        'src/nn/a.ts': `import '../optim/a.js'`,
        'src/nn/b.ts': '',
        'src/optim/a.ts': '',
        'src/optim/b.ts': `import '../nn/b.js'`,
      }),
    ).toEqual(['rooms import each other: nn -> optim -> nn'])
  })

  it('refuse platform modules, other packages and unloadable fp-ts paths in the core', () => {
    expect(
      house({
        'src/Shape.ts': `import fs from 'node:fs'`,
        'src/Random.ts': `import { pipe } from 'fp-ts/function'`,
        'src/ops/index.ts': `import fc from 'fast-check'`,
      }),
    ).toEqual([
      'src/Random.ts imports fp-ts/function: plain Node cannot load that, import fp-ts/lib/X.js',
      'src/Shape.ts imports node:fs: the core imports only fp-ts, io-ts and relative files',
      'src/ops/index.ts imports fast-check: the core imports only fp-ts, io-ts and relative files',
    ])
  })

  it('refuse a room without a floor and an import of nothing', () => {
    expect(house({ 'src/attic/a.ts': `import './b.js'` })).toEqual([
      'src/attic/a.ts is in the room attic, which has no floor: give it one in test/tools/floors.mjs',
      'src/attic/a.ts imports ./b.js, and there is no src/attic/b.ts',
    ])
  })
})
