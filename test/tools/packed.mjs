// Installs the packed package into an empty project and uses it as a stranger would:
// plain Node by import and by require, how many files that loads, a bundle, every export path, the laws once fast-check is there, the command and the
// matcher, each on a right and on a wrong gradient.
// Usage: node test/tools/packed.mjs package.tgz

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))
const tarball = resolve(process.argv[2])
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const versionOf = (name) => JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version

const project = mkdtempSync(join(tmpdir(), 'wengert-packed-'))
const npmInstall = (...packages) =>
  execFileSync('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...packages], {
    cwd: project,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
const node = (label, ...args) => {
  execFileSync(process.execPath, args, { cwd: project, stdio: ['ignore', 'ignore', 'inherit'] })
  console.log(`packed package, ${label}: ok`)
}
const write = (name, text) => writeFileSync(join(project, name), text)

// The gradient of x . x is 2 x.
const program = `
const result = run(grad((x) => sum(mul(x, x))))(tensor([1, 2, 3]))
assert.equal(result._tag, 'Right', JSON.stringify(result))
assert.deepEqual(Array.from(result.right.data), [2, 4, 6])
`
const names = '{ run, grad, mul, sum, tensor }'

// A right gradient, and one whose sign was forgotten.
const models = `
import { cos, customRule, mul, sin, sum, tensor } from 'wengert'
const wave = customRule({ name: 'wave', f: (x) => cos(x), vjp: ({ x, ct }) => mul(ct, sin(x)) })
export const right = { model: (x) => sum(mul(x, sin(x))), point: tensor([1, 2]) }
export const wrong = { model: (x) => sum(wave(x)), point: tensor([1, 2]) }
`

const matches = `
import 'wengert/vitest'
import { expect, it } from 'vitest'
import { right, wrong } from './models.mjs'
it('tells right from wrong', () => {
  expect(right.model).toHaveCorrectGradient({ at: right.point })
  expect(wrong.model).not.toHaveCorrectGradient({ at: wrong.point })
  expect(() => expect(wrong.model).toHaveCorrectGradient({ at: wrong.point })).toThrow('wave')
})
`

/** Runs the command and expects an exit code, and words in what it says. */
const command = (args, code, words) => {
  const bin = join(project, 'node_modules/wengert/dist/src/cli/wengert.js')
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { cwd: project, encoding: 'utf8' })
  if (status !== code || !stdout.includes(words))
    throw new Error(`wengert ${args.join(' ')}: exit ${status}, not ${code}, or no "${words}" in:\n${stdout}${stderr}`)
  console.log(`packed package, wengert ${args.join(' ')}: ok`)
}

/** The files that Node loads for a file of the package, without those of other packages. */
const loaded = (file, all = new Set()) => {
  if (all.has(file)) return all
  all.add(file)
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^;]*?"(\.[^"]+)";$/gm))
    loaded(join(dirname(file), path), all)
  return all
}

try {
  write('package.json', JSON.stringify({ name: 'stranger', private: true }))
  npmInstall(tarball, `fp-ts@${versionOf('fp-ts')}`, `io-ts@${versionOf('io-ts')}`)

  write('import.mjs', `import assert from 'node:assert'\nimport ${names} from 'wengert'\n${program}`)
  node('import', 'import.mjs')
  write('require.cjs', `const assert = require('node:assert')\nconst ${names} = require('wengert')\n${program}`)
  node('require', 'require.cjs')

  const files = loaded(join(project, 'node_modules/wengert/dist/src/index.js'))
  if (files.size > 3) throw new Error(`import 'wengert' loads ${files.size} files: ${[...files].join(', ')}`)
  console.log(`packed package, ${files.size} files for the front door: ok`)

  const entries = Object.keys(exports).filter((path) => !['./package.json', './laws', './vitest'].includes(path))
  const imports = entries.map((path) => `await import('wengert${path.slice(1)}')`)
  write('paths.mjs', imports.join('\n'))
  node(`${entries.length} export paths`, 'paths.mjs')

  // The default conditions of a bundler include "module", so this goes through dist/module.
  const bundled = await build({
    entryPoints: [join(project, 'import.mjs')],
    outfile: join(project, 'bundle.mjs'),
    bundle: true,
    minify: true,
    metafile: true,
    format: 'esm',
    mainFields: ['module', 'main'],
    external: ['node:*'],
    logLevel: 'error',
  })
  if (!Object.keys(bundled.metafile.inputs).some((input) => input.includes('wengert/dist/module/')))
    throw new Error('the bundle does not go through dist/module')
  node(`bundle of ${statSync(join(project, 'bundle.mjs')).size} bytes`, 'bundle.mjs')

  npmInstall(`fast-check@${versionOf('fast-check')}`)
  write('laws.mjs', `await import('wengert/laws')`)
  node('laws', 'laws.mjs')

  write('models.mjs', models)
  command(['check', 'models.mjs', '--export', 'right'], 0, 'PASS')
  command(['check', 'models.mjs'], 1, '"wave"')

  npmInstall(`vitest@${versionOf('vitest')}`)
  write('matcher.test.mjs', matches)
  node('matcher', 'node_modules/vitest/vitest.mjs', 'run')
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(project, { recursive: true, force: true })
}
