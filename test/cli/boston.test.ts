import { describe, expect, it } from 'vitest'
import { bostonBy, readOptions } from '../../src/cli/bostonProgram.js'
import { styled, type Terminal, table } from '../../src/cli/terminal.js'
import { standard } from '../../src/Program.js'
import type { Calculus } from '../../src/primitive/Recorder.js'

/** a terminal that remembers, and whose clock moves by a millisecond at each look */
const fake = (options: Partial<Terminal> = {}) => {
  const seen = { out: '', error: '', files: new Map<string, string>() }
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
    save: (file, text) => {
      seen.files.set(file, String(text))
      return null
    },
    ...options,
  }
  return { terminal, seen }
}

const ran = async (args: ReadonlyArray<string>, options?: Partial<Terminal>, calculus?: Calculus) => {
  const { terminal, seen } = fake(options)
  const code = await bostonBy(calculus)(args, terminal)
  return { code, ...seen }
}

const brokenSigmoid: Calculus = {
  ...standard,
  table: {
    ...standard.table,
    sigmoid: {
      ...standard.table.sigmoid,
      derivative: {
        push: () => null,
        pull: (v, d, _, [x], y) => v.mul(d, v.mul(v.like(d, 1 + 1e-4), v.mul(y, v.sigmoid(v.neg(x))))),
      },
    },
  },
}

describe('boston', () => {
  it('checks, trains, shows and saves', async () => {
    const { code, out, error, files } = await ran(['--epochs', '20', '--seed', '5'])
    expect([code, error]).toEqual([0, ''])
    for (const part of [
      'seed 5',
      '0.b',
      '[12, 10]',
      'of the derived tolerance',
      'The gradient agrees: 141 entries',
      '500 steps',
    ])
      expect(out).toContain(part)
    for (const part of ['epoch  2/20', 'epoch 20/20', '● training', 'R²', 'predicted', 'out/boston-loss.svg'])
      expect(out).toContain(part)
    const ratio = Number(/largest deviation: ([\d.e-]+) of/.exec(out)?.[1])
    expect(ratio).toBeGreaterThan(0)
    expect(ratio).toBeLessThanOrEqual(1)
    for (const name of ['loss', 'predictions'])
      expect(files.get(`out/boston-${name}.svg`)).toMatch(/^<svg [\s\S]*<\/svg>\n$/)
    expect(out).not.toContain('\u001b')
  })

  it('learns: after 40 epochs far better than the mean price and than a linear fit (MSE 22)', async () => {
    const { out } = await ran(['--epochs', '40', '--quiet'])
    expect(Number(/training\s+400\s+([\d.]+)/.exec(out)?.[1])).toBeLessThan(10)
    expect(Number(/test\s+106\s+([\d.]+)/.exec(out)?.[1])).toBeLessThan(22)
  })

  it('prints and draws the same for the same seed, and something else for another', async () => {
    const [a, b, c] = [
      await ran(['--epochs', '2']),
      await ran(['--epochs', '2']),
      await ran(['--epochs', '2', '--seed', '2']),
    ]
    expect(b.out).toBe(a.out)
    expect(b.files).toEqual(a.files)
    expect(c.files).not.toEqual(a.files)
  })

  it('is quiet when asked', async () => {
    const { out } = await ran(['--epochs', '1', '--quiet'])
    expect(out).not.toContain('epoch 1/1')
    expect(out).not.toContain('● training')
    expect(out).toContain('R²')
  })

  it('refuses to train by a wrong rule: exit code 1', async () => {
    const { code, out, files } = await ran(['--epochs', '1'], {}, brokenSigmoid)
    expect(code).toBe(1)
    expect(out).toContain('The gradient is WRONG')
    expect(Number(/largest deviation: ([\d.e+-]+) of/.exec(out)?.[1])).toBeGreaterThan(1)
    expect(out).not.toContain('Training')
    expect(files.size).toBe(0)
  })

  it('colours only where there are colours', async () => {
    const { out } = await ran(['--epochs', '1'], { color: true })
    expect(out).toContain('\u001b[32mThe gradient agrees\u001b[0m')
  })

  it('says so when the chart cannot be saved', async () => {
    const { code, out } = await ran(['--epochs', '1', '--quiet'], { save: () => 'no space left' })
    expect(code).toBe(1)
    expect(out).toContain('no out/boston-loss.svg: no space left')
  })

  it('helps', async () => {
    const { code, out } = await ran(['--help'])
    expect(code).toBe(0)
    for (const option of ['--seed N', '--epochs N', '--quiet', '--help']) expect(out).toContain(option)
  })

  it.each([
    [['--speed', '1'], /^Unknown option '--speed'/],
    [['--seed'], /--seed/],
    [['--seed', 'one'], /^--seed must be an integer from -9007199254740991 to 9007199254740991, not one/],
    [['--seed', '9007199254740993'], /^--seed must be an integer/],
    [['--epochs', '0'], /^--epochs must be an integer from 1 to 100000, not 0/],
    [['--epochs', '1.5'], /^--epochs must be/],
    [['--epochs='], /^--epochs must not be empty/],
    [['train'], /train/],
  ])('refuses %j with a sentence and exit code 3', async (args, sentence) => {
    const { code, out, error } = await ran(args)
    expect([code, out]).toEqual([3, ''])
    expect(error).toMatch(sentence)
    expect(error).toMatch(/\. Try npm start -- --help\.\n$/)
  })

  it('reads options', () => {
    expect(readOptions([])).toEqual({ _tag: 'Right', right: { seed: 1, epochs: 300, quiet: false } })
    expect(readOptions(['--seed=-3', '--quiet'])).toEqual({
      _tag: 'Right',
      right: { seed: -3, epochs: 300, quiet: true },
    })
  })
})

describe('the terminal', () => {
  it('aligns tables', () => {
    expect(
      table([
        ['a', 'long'],
        ['bcd', '1'],
      ]),
    ).toBe('  a     long\n  ---   ----\n  bcd      1\n')
  })

  it('styles only in colour', () => {
    expect(styled({ color: false }, 'bold', 'x')).toBe('x')
    expect(styled({ color: true }, 'bold', 'x')).toBe('\u001b[1mx\u001b[0m')
  })
})
