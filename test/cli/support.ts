/**
 * A terminal that remembers, and whose clock moves by a millisecond at each look; and a folder for files.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import type { Program } from '../../src/cli/arguments.js'
import { writeAtomically } from '../../src/cli/files.js'
import type { Terminal } from '../../src/cli/terminal.js'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Runs a program; what it printed and its exit code. */
export const ran = async (program: Program, args: ReadonlyArray<string>, options: Partial<Terminal> = {}) => {
  const seen = { out: '', error: '' }
  let time = 0
  const terminal: Terminal = {
    write: (text) => {
      seen.out += text
    },
    error: (text) => {
      seen.error += text
    },
    screen: null,
    columns: 80,
    color: false,
    now: () => time++,
    save: writeAtomically,
    ...options,
  }
  const code = await program(args, terminal)
  return { code, ...seen }
}

/** A folder inside of the repository, where modules find the package by its name; and how a file is put there. */
export const scratch = (name: string) => {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, `.cache/${name}-`))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const file = (path: string, content: string | Uint8Array): string => {
    const full = join(folder, path)
    writeFileSync(full, content)
    return full
  }
  return { folder, file }
}
