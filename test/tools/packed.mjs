// Installs the packed package into an empty project and uses it as a stranger would:
// plain Node by import and by require, a bundle, every export path, and the laws once fast-check is there.
// Usage: node test/tools/packed.mjs package.tgz

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
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
const node = (label, file) => {
  execFileSync(process.execPath, [file], { cwd: project, stdio: ['ignore', 'ignore', 'inherit'] })
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

try {
  write('package.json', JSON.stringify({ name: 'stranger', private: true }))
  npmInstall(tarball, `fp-ts@${versionOf('fp-ts')}`, `io-ts@${versionOf('io-ts')}`)

  write('import.mjs', `import assert from 'node:assert'\nimport ${names} from 'wengert'\n${program}`)
  node('import', 'import.mjs')
  write('require.cjs', `const assert = require('node:assert')\nconst ${names} = require('wengert')\n${program}`)
  node('require', 'require.cjs')

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
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(project, { recursive: true, force: true })
}
