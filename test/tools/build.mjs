// dist/src and dist/laws by plain tsc, then dist/module: the same JavaScript with `fp-ts/lib/X.js` spelled `fp-ts/X`,
// which plain Node cannot load and bundlers can shake.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const dist = join(root, 'dist')

const tsc = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/typescript/bin/tsc'),
    '-p',
    join(root, '.config/tsconfig.build.json'),
    '--listEmittedFiles',
  ],
  { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 },
)
const lines = tsc.stdout.split('\n')
const messages = lines.filter((line) => !line.startsWith('TSFILE:')).join('\n')
process.stderr.write(messages.trim() === '' ? '' : `${messages}\n`)
process.stderr.write(tsc.stderr)
if (tsc.status !== 0) process.exit(tsc.status ?? 1)

const emitted = lines.filter((line) => line.startsWith('TSFILE:')).map((line) => resolve(root, line.slice(7).trim()))
const kept = new Set(emitted)

const write = (file, text) => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  kept.add(file)
}

for (const file of emitted) {
  const copy = join(dist, 'module', file.slice(dist.length))
  if (file.endsWith('.js'))
    write(copy, readFileSync(file, 'utf8').replaceAll(/(['"])fp-ts\/lib\/(\w+)\.js\1/g, '$1fp-ts/$2$1'))
  else if (file.endsWith('.js.map')) {
    const map = JSON.parse(readFileSync(file, 'utf8'))
    write(copy, JSON.stringify({ ...map, sources: map.sources.map((source) => `../${source}`) }))
  }
}

// What an earlier build left behind must not be published.
if (existsSync(dist))
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name)
    if (entry.isFile() && !kept.has(file)) rmSync(file)
  }
