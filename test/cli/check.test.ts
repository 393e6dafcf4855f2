import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { mul, sin, sum, tensor } from 'wengert'
import { factor, library } from '../../laws/index.js'
import { loadModule, nodeLoaders } from '../../src/cli/checkLoad.js'
import { modelsOf } from '../../src/cli/checkModule.js'
import { exitCodeOf } from '../../src/cli/checkOutcome.js'
import { parsePoint } from '../../src/cli/checkPoint.js'
import { checkIn, type Environment } from '../../src/cli/checkProgram.js'
import { junitOf } from '../../src/cli/checkReports.js'
import { checkPrimitive, differentiable } from '../../src/cli/checkSelf.js'
import { wengert } from '../../src/cli/commands.js'
import { writeAtomically } from '../../src/cli/files.js'
import type { Terminal } from '../../src/cli/terminal.js'
import { ran as ranBy, root, scratch } from './support.js'

const { folder, file } = scratch('check')

const ran = (args: ReadonlyArray<string>, options: Partial<Terminal> = {}, environment: Environment = {}) =>
  ranBy(
    (all, terminal) => (all[0] === 'check' ? checkIn(environment)(all.slice(1), terminal) : wengert(all, terminal)),
    args,
    options,
  )

const WAVE = `import { abs, cos, customRule, floor, mul, sin, sum, tensor } from 'wengert'
const at = tensor([-1, 0.5, 2])
`
const right = file(
  'right.mjs',
  `${WAVE}export const wave = { model: (x) => sum(mul(x, sin(x))), point: at }\nexport const other = 3\n`,
)
const wrong = file(
  'wrong.mjs',
  `${WAVE}const wave = customRule({ name: 'wave', f: (x) => sin(x), vjp: ({ x, ct }) => mul(ct, sin(x)) })
export const fine = { model: (x) => sum(sin(x)), point: at }
export const loss = { name: 'loss <of> "waves" & co', model: (x) => sum(mul(x, wave(x))), point: at }
export const flat = { model: (x) => floor(x), point: 2.5 }
`,
)
const kink = file('kink.mjs', `${WAVE}export const bend = { model: (x) => abs(x), point: 0 }\n`)

describe('wengert', () => {
  it('says how to use it, and which version it is', async () => {
    expect(await ran(['--help'])).toMatchObject({ code: 0, error: '', out: expect.stringContaining('Exit codes: 0') })
    expect((await ran(['check', '--help'])).code).toBe(0)
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(await ran(['--version'])).toEqual({ code: 0, error: '', out: `${version}\n` })
  })

  const usage: ReadonlyArray<readonly [ReadonlyArray<string>, RegExp]> = [
    [['check'], /say which module/],
    [['check', '--wrong'], /Unknown option '--wrong'\. Try wengert check --help/],
    [['check', 'a.mjs', 'b.mjs'], /one module at a time/],
    [['check', 'a.mjs', '--seed', '1.5'], /--seed must be an integer/],
    [['check', 'a.mjs', '--samples', '0'], /--samples must be an integer from 1/],
    [['check', 'a.mjs', '--export='], /--export must not be empty/],
    [['check', '--self', 'a.mjs'], /--self .* takes no file/],
    [['check', '--self', '--order', '2'], /--self .* takes no file/],
    [['check', 'a.mjs', '--order', '3'], /--order must be an integer from 1 to 2/],
    [['check', join(folder, 'none.mjs')], /there is no file .*none\.mjs/],
    [['check', folder], /is no file/],
    [['check', join(root, 'package.json')], /is no module: its name must end in \.js/],
    [['check', right, '--at', join(folder, 'none.json')], /--at .*none\.json: ENOENT/],
    [['check', right, '--export', 'waves'], /has no export waves; it exports other, wave/],
    [['check', right, '--export', 'other'], /the export other is no model/],
  ]
  for (const [args, message] of usage)
    it(`exits with 3: ${message.source}`, async () => {
      const { code, out, error } = await ran(args)
      expect([code, out]).toEqual([3, ''])
      expect(error).toMatch(message)
    })
})

describe('wengert check FILE', () => {
  it('exits with 0 when the gradient is right', async () => {
    const { code, out, error } = await ran(['check', right])
    expect([code, error]).toEqual([0, ''])
    expect(out).toMatch(/^PASS +wave$/m)
    expect(out).toContain('1 right, 0 wrong, 0 undecided of 1 gradients')
    expect(out).not.toContain('\u001b')
  })

  it('exits with 1 when one is wrong, and names the rule', async () => {
    const { code, out } = await ran(['check', wrong])
    expect(code).toBe(1)
    expect(out).toMatch(/^WRONG_RULE +loss <of> "waves" & co: /m)
    expect(out).toContain('"wave", the derivative for its operand 0')
    expect(out).toMatch(/^VACUOUS +flat: /m)
    expect(out).toContain('1 right, 1 wrong, 1 undecided of 3 gradients')
    expect((await ran(['check', wrong, '--export', 'fine'])).code).toBe(0)
    expect((await ran(['check', wrong, '--export', 'flat'])).code).toBe(2)
  })

  it('accepts a kink where the derivative given is a subgradient', async () => {
    const { code, out } = await ran(['check', kink])
    expect(code).toBe(0)
    expect(out).toMatch(/^KINK +bend: /m)
    expect(out).toContain('accepted: there is no derivative here')
  })

  it('exits with 2 for models that cannot be verified, each with its sentence', async () => {
    const path = file(
      'odd.mjs',
      `import { mul, log } from 'wengert'
let n = 0
export const models = [
  { name: 'thrower', model: () => { throw new Error('out of cheese') }, point: 1 },
  { name: 'three', model: () => 3, point: 1 },
  { name: 'moody', model: (x) => mul(x, n++), point: 1 },
  { name: 'infinite', model: (x) => log(x), point: -1 },
  { name: 'pointless', model: (x) => x, point: null },
  { name: 'empty', model: (x) => mul(1, 2), point: {} },
]
`,
    )
    const { code, out } = await ran(['check', path])
    expect(code).toBe(2)
    for (const sentence of [
      /^REFUSED +thrower: .*the model throws: out of cheese$/m,
      /^REFUSED +three: .*must give a recording/m,
      /^REFUSED +moody: .*not deterministic/m,
      /^REFUSED +infinite: .*gives NaN at this point/m,
      /^REFUSED +pointless: .*null/m,
      /^REFUSED +empty: .*no parameters/m,
    ])
      expect(out).toMatch(sentence)
  })

  it('says where a module does not load', async () => {
    const broken = await ran(['check', file('broken.mjs', 'export const a = 1\nexport const b = = 2\n')])
    expect([broken.code, broken.out]).toEqual([3, ''])
    expect(broken.error).toMatch(/broken\.mjs does not load: .*broken\.mjs:2/)
    const thrown = await ran(['check', file('thrown.mjs', "const a = 1\nthrow new Error('no luck')\n")])
    expect(thrown.error).toMatch(/thrown\.mjs does not load: Error: no luck \(at .*thrown\.mjs:2/)
    const lost = await ran(['check', file('lost.mjs', "import 'no-such-package'\n")])
    expect(lost.error).toMatch(/lost\.mjs does not load: .*no-such-package/)
    expect([thrown.code, lost.code]).toEqual([3, 3])
  })

  it('finds the place of a syntax error that Node keeps to itself', async () => {
    const path = file('bare.mjs', 'export const a = 1\nexport const b = = 2\n')
    const load = async () => {
      throw Object.assign(new SyntaxError("Unexpected token '='"), { stack: '' })
    }
    const found = await loadModule(path, { ...nodeLoaders, load })
    expect(found).toEqual(E.left(`${path} does not load: SyntaxError: Unexpected token '=' (at ${path}:2)`))
  })

  it('refuses a module that uses another copy of the package', async () => {
    const other = join(folder, 'other')
    mkdirSync(join(other, 'node_modules/wengert'), { recursive: true })
    file('other/package.json', '{ "name": "other" }')
    file('other/node_modules/wengert/package.json', '{ "name": "wengert", "version": "0.0.1" }')
    const { code, error } = await ran(['check', file('other/model.mjs', 'export const a = 1\n')])
    expect([code, error]).toEqual([
      3,
      expect.stringMatching(/model\.mjs uses the wengert at .*other.*, and this is the one at /),
    ])
  })

  it('says so when there are no models', async () => {
    const none = await ran(['check', file('none.mjs', 'export const a = 1\nexport const b = { c: 2 }\n')])
    expect([none.code, none.out]).toEqual([3, ''])
    expect(none.error).toContain('has no models: it exports a, b. Export { model, point }')
    const half = await ran(['check', file('half.mjs', 'export const m = { model: (x) => x }\n')])
    expect([half.code, half.error]).toEqual([3, expect.stringContaining('m has a model and no point')])
  })

  it('checks a plain function at a point from a file', async () => {
    const path = file(
      'plain.mjs',
      "import { mul, sum } from 'wengert'\nexport const f = ({ w, b }) => sum(mul(w, b))\n",
    )
    expect((await ran(['check', path, '--export', 'f'])).error).toContain('f is a function; say at which point')
    const at = file('at.json', '{ "w": [[1, 2], [3, 4]], "b": 0.5 }')
    expect(await ran(['check', path, '--at', at])).toMatchObject({ code: 0, error: '' })
    const ragged = await ran(['check', path, '--at', file('ragged.json', '{ "w": [[1, 2], [3]], "b": 1 }')])
    expect([ragged.code, ragged.error]).toEqual([3, expect.stringContaining('w: expected an array of 2 at [1]')])
  })

  it('checks at every point, and at points that an arbitrary draws', async () => {
    const path = file(
      'many.mjs',
      `import * as fc from 'fast-check'
import { sin } from 'wengert'
export const given = { model: (x) => sin(x), points: [0.1, 0.2] }
export const drawn = { model: (x) => sin(x), points: fc.integer({ min: 1, max: 64 }).map((k) => k / 64) }
`,
    )
    const { code, out } = await ran(['check', path, '--samples', '3'])
    expect([code, out.match(/^PASS.*$/gm)?.length]).toEqual([0, 5])
    expect(out).toMatch(/^PASS +given, point 2$/m)
    expect(out).toMatch(/^PASS +drawn, sample 3$/m)
    const screen = new PassThrough()
    const drawn = await ran(['check', path, '--samples', '3'], { screen, color: true })
    expect(drawn.out).toContain('\u001b[32mPASS')
  })

  it('judges second derivatives if asked', async () => {
    const path = file(
      'twice.mjs',
      `import { customRule, mul, sin, cos } from 'wengert'
// right at 1 only
const wave = customRule({ name: 'wave', f: (x) => sin(x), vjp: ({ x, ct }) => mul(ct, mul(cos(x), x)) })
export const one = { model: (x) => wave(x), point: 1 }
`,
    )
    expect((await ran(['check', path])).code).toBe(0)
    const { code, out } = await ran(['check', path, '--order', '2', '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(out).models[0]).toMatchObject({ verdict: 'WRONG_RULE', second: { verdict: 'WRONG_RULE' } })
  })

  it('looks for the smallest point at which a gradient is wrong', async () => {
    const path = file(
      'shrunk.mjs',
      `import * as fc from 'fast-check'
import { customRule, gt, mul, sin, cos, where } from 'wengert'
// right up to 3, and wrong beyond
const wave = customRule({ name: 'wave', f: (x) => sin(x), vjp: ({ x, ct }) => mul(ct, mul(cos(x), where(gt(x, 3), 2, 1))) })
const points = fc.integer({ min: 0, max: 1000 })
export const drawn = { model: (x) => wave(x), points }
export const fine = { model: (x) => sin(x), points }
`,
    )
    const { code, out } = await ran(['check', path, '--samples', '4'])
    expect(code).toBe(1)
    expect(out.match(/smallest sample/g)?.length).toBe(1)
    expect(out).toMatch(/^WRONG_RULE +drawn, smallest sample: [\s\S]*?^ +at: \[4\]$/m)
  })

  it('gives one JSON document', async () => {
    const { code, out } = await ran(['check', wrong, '--json', '--seed', '5'])
    const document = JSON.parse(out)
    expect([code, document.exitCode, document.seed]).toEqual([1, 1, 5])
    expect(document.summary).toEqual({ right: 1, wrong: 1, undecided: 1 })
    const loss = document.models.find((m: { verdict: string }) => m.verdict === 'WRONG_RULE')
    expect(loss).toMatchObject({ status: 'wrong', blame: { primitive: 'call', name: 'wave' } })
    expect(loss.reproducer).toContain('verifyTape')
    const missing = await ran(['check', 'none.mjs', '--json'])
    expect([missing.code, JSON.parse(missing.out).error]).toEqual([3, 'there is no file none.mjs'])
  })

  it('writes JUnit XML, escaped, all of it or nothing', async () => {
    const path = join(folder, 'out', 'junit.xml')
    expect((await ran(['check', wrong, '--junit', path])).code).toBe(1)
    const xml = readFileSync(path, 'utf8')
    expect(xml).toContain('<testsuites name="wengert check" tests="3" failures="1" errors="1"')
    expect(xml).toContain('name="loss &lt;of&gt; &quot;waves&quot; &amp; co"')
    expect(xml).toMatch(/<failure type="WRONG_RULE" message="WRONG_RULE: /)
    expect(xml).toMatch(/<error type="VACUOUS"/)
    expect(readdirSync(join(folder, 'out'))).toEqual(['junit.xml'])
    const name = 'a\u0000b\ud800\n"<'
    const models = [
      {
        name,
        verdict: 'REFUSED',
        status: 'undecided',
        message: ']]>\u0007',
        report: null,
        certificate: null,
        milliseconds: 1,
      },
    ] as const
    expect(junitOf({ version: '', subject: 's', seed: 1, exitCode: 2, models })).toContain(
      'name="a\uFFFDb\uFFFD&#10;&quot;&lt;" time="0.001">\n      <error type="REFUSED" message="]]&gt;\uFFFD">]]&gt;\uFFFD</error>',
    )
    expect(writeAtomically(join(right, 'x.xml'), '')).toMatch(/ENOTDIR|EEXIST/)
    const unsaved = await ran(['check', right, '--junit', join(right, 'x.xml')])
    expect([unsaved.code, unsaved.error]).toEqual([3, expect.stringMatching(/^no .*x\.xml: /)])
  })

  it('loads TypeScript, also what only a loader understands, and says what to install where there is none', async () => {
    // a loader has modules of its own: sources that it loads are another copy of the package, so operations are handed over
    Object.assign(globalThis, { operations: { mul, sin, sum, tensor } })
    const path = file(
      'typed.ts',
      `enum Scale { Two = 2 }
type Operations = typeof import('../../src/index.js')
const { mul, sin, sum, tensor } = (globalThis as unknown as { operations: Operations }).operations
const model = (x: Parameters<Operations['sin']>[0]) => sum(mul(x, sin(mul(x, Scale.Two))))
export const wave: unknown = { model, point: tensor([-1, 0.5, 2]) }
`,
    )
    expect(await ran(['check', path])).toMatchObject({ code: 0, error: '' })
    const loaders = { ...nodeLoaders, strips: false }
    expect(await ran(['check', path], {}, { loaders })).toMatchObject({ code: 0, error: '' })
    const bare = await ran(['check', path], {}, { loaders: { ...loaders, jiti: async () => null } })
    expect([bare.code, bare.error]).toEqual([3, expect.stringContaining('npm install --save-dev jiti')])
    const broken = await ran(
      ['check', file('broken.ts', 'export const a = 1\nexport const b = = 2\n')],
      {},
      { loaders },
    )
    expect(broken.error).toMatch(/broken\.ts does not load: .*broken\.ts:2/)
  })
})

describe('wengert check --self', () => {
  it('finds the primitives right, and gives a table', async () => {
    const { code, out } = await ran(['check', '--self', '--samples', '4'])
    expect(code, out).toBe(0)
    expect(out).toMatch(/^ {2}tanh +PASS +4 /m)
    expect(out).toContain(`${differentiable.length} right, 0 wrong, 0 undecided of ${differentiable.length} primitives`)
  })

  it('fails and names the primitive when a rule is broken', async () => {
    const { calculus } = factor(1e-6).apply(library, { primitive: 'tanh' })
    const { code, out } = await ran(['check', '--self', '--samples', '4'], {}, { calculus })
    expect(code).toBe(1)
    expect(out).toMatch(/^ {2}tanh +WRONG_RULE/m)
    expect(out).toMatch(/where: tanh at %/)
  })

  it('does so for every primitive', { timeout: 120_000 }, () => {
    const missed = differentiable.filter((name) => {
      if (name === 'call') return false
      const { calculus } = factor(1e-6).apply(library, { primitive: name })
      const { checked } = checkPrimitive(name, { seed: 1, samples: 10, calculus }, () => 0)
      return checked.status !== 'wrong' || checked.report?.blame?.primitive !== name
    })
    expect(missed).toEqual([])
  })
})

describe('points, modules and exit codes', () => {
  it('reads points', () => {
    expect(parsePoint('[[1, 2], [3, 4]]')).toEqual(
      E.right(
        tensor([
          [1, 2],
          [3, 4],
        ]),
      ),
    )
    expect(parsePoint('[{ "w": [1] }, 2]')).toEqual(E.right([{ w: tensor([1]) }, 2]))
    const spelled = '{ "a": { "shape": [2], "dtype": "real", "data": [1, 2] } }'
    expect(parsePoint(spelled)).toEqual(E.right({ a: tensor([1, 2]) }))
    for (const [text, message] of [
      ['{', /no JSON/],
      ['{ "w": [1, "2"] }', /w\.1 is "2", where a number/],
      ['null', /the point is null/],
      ['{ "a": { "shape": [3], "dtype": "real", "data": [1] } }', /a: .*3 elements/],
      ['['.repeat(100) + ']'.repeat(100), /nested deeper/],
    ] as const)
      expect(parsePoint(text)).toEqual(E.left(expect.stringMatching(message)))
  })

  it('takes the default or the only function, and asks when there are several', () => {
    const at = { point: 1 }
    const [f, g] = [() => 1, () => 2]
    expect(modelsOf('m', { f }, { at })).toMatchObject(E.right([{ name: 'f', model: f }]))
    expect(modelsOf('m', { f, default: g }, { at })).toMatchObject(E.right([{ name: 'default', model: g }]))
    expect(modelsOf('m', { f, g }, { at })).toEqual(E.left(expect.stringContaining('choose with --export: f, g')))
    expect(modelsOf('m', { a: { model: 1, point: 2 } }, {})).toEqual(E.left('m: the model of a is no function'))
    expect(modelsOf('m', { a: { model: f, points: 2 } }, {})).toEqual(
      E.left(expect.stringContaining('neither an array')),
    )
  })

  it('lets a wrong one outweigh an undecided one', () => {
    expect(exitCodeOf([{ status: 'right' }])).toBe(0)
    expect(exitCodeOf([{ status: 'right' }, { status: 'undecided' }])).toBe(2)
    expect(exitCodeOf([{ status: 'undecided' }, { status: 'wrong' }])).toBe(1)
  })
})
