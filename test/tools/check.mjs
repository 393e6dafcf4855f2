// Everything that must hold besides the tests. `npm run check` runs all, `npm run check -- floors lint` some.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const bin = (path) => join(root, 'node_modules', path)
const packFolder = join(root, '.cache/pack')

const node = (...args) => spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 })

const pack = () => {
  rmSync(packFolder, { recursive: true, force: true })
  mkdirSync(packFolder, { recursive: true })
  return spawnSync('npm', ['pack', '--ignore-scripts', '--loglevel=error', '--pack-destination', packFolder], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
}
const tarball = () => join(packFolder, readdirSync(packFolder)[0])

const steps = {
  types: () => node(bin('typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.json'),
  'types-7': () => node(bin('typescript-7/bin/tsc'), '--noEmit', '-p', 'tsconfig.json'),
  // The core compiles where there is neither Node nor a browser.
  'types-core': () => node(bin('typescript-7/bin/tsc'), '--noEmit', '-p', '.config/tsconfig.core.json'),
  lint: () => node(bin('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings'),
  floors: () => node('test/tools/floors.mjs'),
  build: () => node('test/tools/build.mjs'),
  pack,
  publint: () => node(bin('publint/src/cli.js'), 'run', tarball(), '--strict'),
  attw: () => node(bin('@arethetypeswrong/cli/dist/index.js'), tarball(), '--profile', 'esm-only'),
  packed: () => node('test/tools/packed.mjs', tarball()),
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in steps))
if (unknown.length > 0) {
  console.error(`no such check: ${unknown.join(', ')}; there are ${Object.keys(steps).join(', ')}`)
  process.exit(2)
}

const failed = []
for (const name of asked.length > 0 ? asked : Object.keys(steps)) {
  const start = performance.now()
  let problem
  try {
    const { status, stdout, stderr, error } = steps[name]()
    if (status !== 0) problem = [stdout, stderr, error?.message].filter(Boolean).join('\n').trim() || `exit ${status}`
  } catch (error) {
    problem = String(error)
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(`${problem === undefined ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`)
  if (problem !== undefined) {
    failed.push(name)
    console.log(problem.replaceAll(/^/gm, '  '))
  }
}
if (failed.length > 0) {
  console.log(`checks failed: ${failed.join(', ')}`)
  process.exitCode = 1
}
