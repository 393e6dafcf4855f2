// dist/src and dist/laws: declarations, and JavaScript in few files, because Node takes a millisecond for each that it loads.
// What `wengert` needs is one file, which all other paths share: recordings of two copies would not understand each other. In
// it are the functions of fp-ts and io-ts that it uses, since loading all of those takes longer than everything here; they
// are about plain data, so that copies do understand each other.
//
// dist/module is for bundlers: module by module, to be shaken, with fp-ts and io-ts as the project has them (`fp-ts/lib/X.js`
// spelled `fp-ts/X`, which plain Node cannot load). dist/docs are the lessons, which are programs on the package.
//
// With --stale it builds only what is older than its sources: after `npm install`, `npm start` has nothing to build. Without a
// compiler (`npm install --omit=dev`) it then leaves things as they are.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const dist = join(root, 'dist')

const compiler = join(root, 'node_modules/typescript-7/bin/tsc')
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

// what an earlier build left behind must not be published
rmSync(dist, { recursive: true, force: true })

const tsc = spawnSync(process.execPath, [compiler, '-p', join(root, '.config/tsconfig.build.json')], {
  cwd: root,
  encoding: 'utf8',
})
process.stderr.write(tsc.stdout + tsc.stderr)
if (tsc.status !== 0) process.exit(tsc.status ?? 1)

// here, because there are none without development dependencies
const { rolldown } = await import('rolldown')
const { build } = await import('esbuild')

const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const paths = Object.values(exports).flatMap((path) => path.default?.replace(/^\.\/dist\/|\.js$/g, '') ?? [])
const entries = [...paths, 'src/cli/wengert', 'src/cli/boston', 'src/cli/lessonProgram']
const bundle = await rolldown({
  cwd: root,
  input: Object.fromEntries(entries.map((path) => [path, join(root, `${path}.ts`)])),
  platform: 'neutral',
  tsconfig: false,
  transform: { target: 'es2022' },
  external: (id) => !/^(\.|fp-ts|io-ts)/.test(id) && !isAbsolute(id),
  resolve: { mainFields: ['module'] },
  plugins: [
    {
      name: 'fp-ts as modules',
      resolveId(id, importer) {
        const [, name] = /^fp-ts\/lib\/(\w+)\.js$/.exec(id) ?? []
        return name === undefined ? null : this.resolve(`fp-ts/${name}`, importer)
      },
    },
  ],
})
await bundle.write({
  dir: dist,
  format: 'esm',
  sourcemap: true,
  sourcemapExcludeSources: true,
  comments: { legal: true, annotation: true, jsdoc: false },
  minifyInternalExports: false,
  topLevelVar: true,
  entryFileNames: '[name].js',
  // as deep as src/cli, from where lessons are found
  chunkFileNames: 'src/chunks/[name].js',
  codeSplitting: {
    groups: [
      // the command's help needs these and no more
      { name: 'fp-ts', test: /[\\/]fp-ts[\\/]/, priority: 2 },
      { name: 'command', test: /[\\/]cli[\\/](arguments|files|terminal|version)\.ts$/, priority: 1 },
      { name: 'core', test: /[\\/]src[\\/]index\.ts$/, priority: 1 },
    ],
  },
})
await bundle.close()
const licence = (name) =>
  `Parts of ${name} are in these files.\n\n${readFileSync(join(root, 'node_modules', name, 'LICENSE'), 'utf8')}`
writeFileSync(join(dist, 'src/chunks/LICENSES'), ['fp-ts', 'io-ts'].map(licence).join('\n'))

/** Every module of some folders as JavaScript of its own. */
const apart = (outdir, ...folders) =>
  build({
    absWorkingDir: root,
    entryPoints: folders.map((folder) => `${folder}/**/*.ts`),
    outbase: '.',
    outdir,
    format: 'esm',
    target: 'es2022',
  })
await apart('dist', 'docs/lessons')
await apart('dist/module', 'src', 'laws')
for (const file of readdirSync(join(dist, 'module'), { recursive: true })) {
  const path = join(dist, 'module', file)
  if (path.endsWith('.js'))
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/(['"])fp-ts\/lib\/(\w+)\.js\1/g, '$1fp-ts/$2$1'))
}

mkdirSync(join(root, '.cache'), { recursive: true })
writeFileSync(stamp, '')
utimesSync(stamp, started, started)
