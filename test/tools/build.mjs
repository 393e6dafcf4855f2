// dist/src, dist/laws and dist/docs by plain tsc, then dist/module: the same JavaScript with `fp-ts/lib/X.js` spelled `fp-ts/X`,
// which plain Node cannot load and bundlers can shake. Lessons are programs, which nobody bundles.
//
// With --stale it builds only what is older than its sources: after `npm install`, `npm start` has nothing to build. Without a
// compiler (`npm install --omit=dev`) it then leaves things as they are.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const dist = join(root, 'dist')

const compiler = join(root, 'node_modules/typescript/bin/tsc')
const stamp = join(root, '.cache/built')
const sources = ['package.json', 'tsconfig.json', '.config', 'src', 'laws', 'docs/lessons', 'test/tools/build.mjs']

/** The latest change of a file, or of a folder and what is in it, which notices what was removed too. */
const changed = (path) => {
  const found = statSync(path)
  return found.isDirectory()
    ? Math.max(found.mtimeMs, ...readdirSync(path).map((name) => changed(join(path, name))))
    : found.mtimeMs
}

if (process.argv.includes('--stale')) {
  if (!existsSync(compiler)) process.exit(0)
  const built = existsSync(stamp) && existsSync(dist) ? statSync(stamp).mtimeMs : 0
  if (sources.every((path) => changed(join(root, path)) < built)) process.exit(0)
}
// sources that change from now on are not in this build
const started = new Date()

const tsc = spawnSync(
  process.execPath,
  [compiler, '-p', join(root, '.config/tsconfig.build.json'), '--listEmittedFiles'],
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
  if (file.startsWith(join(dist, 'docs'))) continue
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

mkdirSync(dirname(stamp), { recursive: true })
writeFileSync(stamp, '')
utimesSync(stamp, started, started)
