import { spawn } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { nearest, oneOf, parsed, whole } from '../../src/cli/arguments.js'
import { wengert } from '../../src/cli/commands.js'
import { readText, writeAtomically } from '../../src/cli/files.js'
import { startProgress } from '../../src/cli/progress.js'
import { ran, root, scratch } from './support.js'

const { folder, file } = scratch('commands')

describe('wengert', () => {
  it('says which commands there are', async () => {
    const { code, out, error } = await ran(wengert, ['--help'])
    expect([code, error]).toEqual([0, ''])
    for (const part of ['wengert COMMAND', 'check ', 'lesson ', 'Exit codes: 0', 'NO_COLOR'])
      expect(out).toContain(part)
    expect(await ran(wengert, ['help'])).toEqual({ code, out, error })
    expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(120)
  })

  it('says so on the error stream when nothing is asked of it: exit code 3', async () => {
    const { code, out, error } = await ran(wengert, [])
    expect([code, out]).toEqual([3, ''])
    expect(error).toContain('wengert COMMAND')
  })

  it('helps with every command, in two ways', async () => {
    const { out } = await ran(wengert, ['--help'])
    const names = [...out.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name).filter((name) => name !== 'help')
    expect(names).toContain('check')
    for (const name of names) {
      const help = await ran(wengert, [name, '--help'])
      expect([help.code, help.error]).toEqual([0, ''])
      expect(help.out).toContain(`wengert ${name}`)
      expect(help.out).toContain('Exit codes: 0')
      expect(await ran(wengert, ['help', name])).toEqual(help)
    }
  })

  it.each([
    [['chekc'], 'there is no command chekc; did you mean wengert check? Try wengert --help.\n'],
    [['Lessons'], 'there is no command Lessons; did you mean wengert lesson? Try wengert --help.\n'],
  ])('suggests the nearest command: %j', async (args, sentence) => {
    expect(await ran(wengert, args)).toEqual({ code: 3, out: '', error: sentence })
  })

  it('names all commands where none is near', async () => {
    const { code, error } = await ran(wengert, ['frobnicate'])
    expect(code).toBe(3)
    expect(error).toMatch(/^there is no command frobnicate; there are check, .*lesson\. Try wengert --help\.\n$/)
  })
})

describe('arguments', () => {
  it('finds the nearest name, and none that is far', () => {
    expect(nearest('leson', ['lesson', 'check'])).toBe('lesson')
    expect(nearest('xyz', ['lesson', 'check'])).toBeNull()
    expect(nearest('a'.repeat(1e6), ['lesson'])).toBeNull()
    expect(nearest('', ['ab'])).toBeNull()
    expect(nearest('check', [])).toBeNull()
  })

  it('reads integers and words, or says what they must be', () => {
    expect(whole('n', '-3', -5, 5)).toEqual(E.right(-3))
    expect(whole('n', '6', -5, 5)).toEqual(E.left('--n must be an integer from -5 to 5, not 6'))
    expect(oneOf('format', 'svg', ['svg', 'png'])).toEqual(E.right('svg'))
    expect(oneOf('format', 'gif', ['svg', 'png'])).toEqual(E.left('--format must be svg or png, not gif'))
  })

  it('refuses empty values', () => {
    expect(parsed({ out: { type: 'string' } })(['--out='])).toEqual(E.left('--out must not be empty'))
  })
})

describe('files', () => {
  it('are written whole, and nothing is left beside them', () => {
    const path = join(folder, 'new', 'a.txt')
    expect(writeAtomically(path, 'one')).toBeNull()
    expect(writeAtomically(path, Uint8Array.of(50))).toBeNull()
    expect(readText(path)).toEqual(E.right('2'))
    expect(existsSync(`${path}.${process.pid}.tmp`)).toBe(false)
  })

  it('are refused with a sentence', () => {
    const path = file('plain', '')
    expect(readText(join(folder, 'none'))).toEqual(E.left(`there is no file ${join(folder, 'none')}`))
    expect(readText(folder)).toEqual(E.left(`${folder} is no file`))
    expect(writeAtomically(join(path, 'x'), '')).toMatch(/ENOTDIR|EEXIST/)
  })
})

describe('progress', () => {
  it('prints a line every so often where there is no terminal', async () => {
    const { out } = await ran(async (_, terminal) => {
      const { report, stop } = await startProgress(terminal, { unit: 'step', total: 20, first: 10 })
      for (let i = 11; i <= 20; i++) report(i, 'loss 1')
      stop()
      return 0
    }, [])
    expect(out.split('\n').length).toBe(6)
    expect(out).toMatch(/^ {2}step 12\/20 {3}loss 1 {3}about 1 s left\n/)
    expect(out).toMatch(/step 20\/20 {3}loss 1\n$/)
  })
})

const built = join(root, 'dist/src/cli/wengert.js')
const stale = !existsSync(built) || statSync(built).mtimeMs < statSync(join(root, 'src/cli/terminal.ts')).mtimeMs
if (stale) console.log('dist is missing or old (npm run build): the built command is not tried')

describe.skipIf(stale)('the built command', () => {
  it('goes on when its reader leaves, and exits as it would', async () => {
    const child = spawn(process.execPath, [built, 'check', 'nothing.mjs', '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.destroy()
    child.stderr.destroy()
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(3)
  })

  it('has the version of the package', async () => {
    const child = spawn(process.execPath, [built, '--version'], { stdio: ['ignore', 'pipe', 'inherit'] })
    let out = ''
    child.stdout.on('data', (data) => {
      out += data
    })
    await new Promise((resolve) => child.on('close', resolve))
    expect(out.trim()).toBe(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version)
  })
})
