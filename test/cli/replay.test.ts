import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { check } from '../../src/cli/checkProgram.js'
import { verify } from '../../src/cli/replayProgram.js'
import { browserPath, looks } from '../tools/browser.js'
import { ran, scratch } from './support.js'

const { folder, file } = scratch('replay')

const waves = file(
  'waves.mjs',
  `import { customRule, mul, sin, sum, tensor } from 'wengert'
const wave = customRule({ name: 'wave', f: (x) => sin(x), vjp: ({ x, ct }) => mul(ct, sin(x)) })
export const right = { model: (x) => sum(mul(x, sin(x))), point: tensor([-1, 0.5, 2]) }
export const wrong = { model: ({ w }) => sum(mul(w, wave(w))), point: { w: tensor([-1, 0.5, 2]) } }
`,
)

const certificateOf = async (name: string, ...args: ReadonlyArray<string>) => {
  const path = join(folder, name)
  const { code } = await ran(check, [waves, '--certificate', path, ...args])
  return { path, code }
}

describe('wengert check --certificate, wengert verify replay', () => {
  it('one certificate: what is replayed agrees', async () => {
    const { path, code } = await certificateOf('one.json', '--export', 'right')
    expect(code).toBe(0)
    const again = await ran(verify, ['replay', path])
    expect([again.code, again.error]).toEqual([0, ''])
    expect(again.out).toMatch(
      /^AGREES {3}the point of program [0-9a-f]{16}: PASS, and every entry .*at least 1[3-6]\.\d certain digits/,
    )
  })

  it('several are an array, and a wrong gradient is certified as wrong', async () => {
    const { path, code } = await certificateOf('both.json')
    expect(code).toBe(1)
    const again = await ran(verify, ['replay', path, '--json'])
    expect(again.code).toBe(0)
    const { certificates } = JSON.parse(again.out)
    expect(certificates.map(({ verdict }: { readonly verdict: string }) => verdict)).toEqual(['PASS', 'WRONG_RULE'])
  })

  it('says what differs in a certificate that was changed: exit code 1', async () => {
    const { path } = await certificateOf('two.json', '--export', 'wrong')
    const forged = { ...JSON.parse(readFileSync(path, 'utf8')), verdict: 'PASS' }
    forged.parameters[0].gradient[1] = [5, 6]
    const again = await ran(verify, ['replay', file('forged.json', JSON.stringify(forged))])
    expect(again.code).toBe(1)
    expect(again.out).toMatch(/^DIFFERS {2}w of program/)
    expect(again.out).toContain('    the verdict is WRONG_RULE; the certificate says PASS\n')
    expect(again.out).toMatch(/ {4}the gradient at w\[1\] lies in \[.*\]; the certificate says \[5, 6\]\n/)
  })

  it.each([
    [['replay', 'none.json'], /^there is no file none\.json\n$/],
    [['replay', file('no.json', 'certificate')], /no\.json is no JSON: /],
    [['replay', file('empty.json', '[]')], /empty\.json holds no certificates/],
    [['replay', file('other.json', '[{}]')], /other\.json, certificate 1: certificate: this is no certificate/],
    [['replay', file('null.json', 'null')], /null\.json: certificate: this is no certificate/],
    [['replay'], /say which certificate: .*Try wengert verify --help/],
    [['replay', 'a', 'b'], /one file at a time/],
    [['reply', 'a'], /wengert verify replay FILE, not reply/],
    [[], /say what to verify/],
  ])('refuses with a sentence: %j', async (args, sentence) => {
    const { code, out, error } = await ran(verify, args)
    expect([code, out]).toEqual([3, ''])
    expect(error).toMatch(sentence)
  })

  it('says so when a file cannot be written, and a wrong gradient stays wrong', async () => {
    const path = join(waves, 'x.json')
    const right = await ran(check, [waves, '--export', 'right', '--certificate', path])
    expect(right.code).toBe(3)
    expect(right.error).toMatch(/^no .*x\.json: /)
    expect((await ran(check, [waves, '--html', path])).code).toBe(1)
  })
})

describe('wengert check --html', () => {
  it('writes the page of the run', async () => {
    const path = join(folder, 'page.html')
    const { code } = await ran(check, [waves, '--html', path])
    expect(code).toBe(1)
    const html = readFileSync(path, 'utf8')
    expect(html).toMatch(/^<!doctype html>/)
    for (const part of ['waves.mjs', 'WRONG_RULE', 'wave']) expect(html).toContain(part)
  })

  it.skipIf(browserPath === undefined)(
    'which a reader can read',
    async () => {
      const path = join(folder, 'seen.html')
      await ran(check, [waves, '--html', path])
      for (const look of await looks(readFileSync(path, 'utf8'))) {
        expect(look).toMatchObject({ complaints: [], badPictures: 0 })
        expect(look.overflow).toBeLessThanOrEqual(0)
        expect(look.pictures).toBeGreaterThan(3)
        expect(look.contrast).toBeGreaterThan(4.5)
      }
    },
    60_000,
  )
})
