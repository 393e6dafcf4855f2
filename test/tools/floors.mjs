// The floors of the house: what may import what, checked on the import graph of src/ and laws/.
//
//   - no import cycles, between files or between rooms (a room is a folder of src, or a file directly in it);
//   - an import goes down, or sideways on the same floor, never up;
//   - the core imports fp-ts, io-ts and relative files only, so it runs wherever JavaScript does.
//
// Type-only imports count: a cycle of types is still two things that cannot be understood apart.
// Run by `npm run check` and by test/tools/floors.test.ts.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** floor -> rooms; `index` is src/index.ts, the front door */
export const FLOORS = [
  ['Failure'],
  ['Shape', 'shape', 'Structure', 'Random', 'algebra'],
  ['Tape', 'Var', 'Tensor', 'tensor', 'Tree', 'tree'],
  ['primitive'],
  ['Reverse', 'reverse', 'Program', 'ProgramCodec', 'program'],
  ['ops'],
  ['transform'],
  ['compile', 'engine'],
  ['verify', 'nn', 'optim', 'data', 'train', 'formats', 'show', 'report', 'graph', 'blas', 'threads', 'laws'],
  ['cli', 'vitest', 'index'],
]

/** rooms that may use the platform */
const PLATFORM = new Set(['cli', 'show', 'report', 'data', 'train', 'blas', 'laws'])

/** libraries that a room may use: optional peers of the package, never needed by the core */
const LIBRARIES = {
  show: ['simple-ascii-chart', 'echarts', '@viz-js/viz', '@resvg/resvg-js'],
  cli: ['cli-progress', 'fast-check', 'jiti'],
  vitest: ['vitest'],
  blas: ['koffi'],
  laws: ['fast-check'],
}

/** @param {string} file a path such as src/algebra/F64.ts, src/Shape.ts, laws/index.ts */
const roomOf = (file) => (file.startsWith('laws/') ? 'laws' : file.split('/')[1].replace(/\.ts$/, ''))

const floorOf = (room) => FLOORS.findIndex((rooms) => rooms.includes(room))

const filesIn = (root, folder) =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
        .filter((name) => name.endsWith('.ts'))
        .sort()
    : []

/** every module specifier of a file: import, export from, import(), import types */
const importsOf = (root, file) => {
  const found = []
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.ESNext)
  const add = (node, typeOnly) => {
    if (node && ts.isStringLiteralLike(node)) found.push({ specifier: node.text, typeOnly })
  }
  const visit = (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.isTypeOnly === true)
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** one cycle through each strongly connected group of a graph, by depth-first search */
const cyclesOf = (graph) => {
  const cycles = []
  const state = new Map()
  const path = []
  const visit = (node) => {
    state.set(node, 'open')
    path.push(node)
    for (const next of graph.get(node) ?? []) {
      if (state.get(next) === 'open') cycles.push([...path.slice(path.indexOf(next)), next])
      else if (!state.has(next)) visit(next)
    }
    path.pop()
    state.set(node, 'done')
  }
  for (const node of graph.keys()) if (!state.has(node)) visit(node)
  return cycles
}

const externalProblem = (file, room, { specifier, typeOnly }) => {
  if (specifier.startsWith('fp-ts')) {
    if (/^fp-ts\/lib\/\w+\.js$/.test(specifier) || (typeOnly && specifier === 'fp-ts/HKT')) return undefined
    return `${file} imports ${specifier}: plain Node cannot load that, import fp-ts/lib/X.js`
  }
  if (specifier === 'io-ts') return undefined
  if (LIBRARIES[room]?.includes(specifier)) return undefined
  if (PLATFORM.has(room) && specifier.startsWith('node:')) return undefined
  return PLATFORM.has(room)
    ? `${file} imports ${specifier}: only fp-ts, io-ts, node: modules, relative files and the libraries named in test/tools/floors.mjs are allowed here`
    : `${file} imports ${specifier}: the core imports only fp-ts, io-ts and relative files`
}

/**
 * Everything wrong with the imports under `root`, one sentence each; empty when the house stands.
 * @param {string} root
 * @returns {string[]}
 */
export const problems = (root) => {
  const found = []
  const files = [...filesIn(root, 'src'), ...filesIn(root, 'laws')]
  const known = new Set(files)
  const fileGraph = new Map(files.map((file) => [file, new Set()]))
  const roomGraph = new Map()
  const typeOnlyEdges = new Set()

  for (const file of files) {
    const room = roomOf(file)
    if (floorOf(room) < 0)
      found.push(`${file} is in the room ${room}, which has no floor: give it one in test/tools/floors.mjs`)
    for (const imported of importsOf(root, file)) {
      const { specifier, typeOnly } = imported
      if (!specifier.startsWith('.')) {
        const problem = externalProblem(file, room, imported)
        if (problem) found.push(problem)
        continue
      }
      const target = posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts')
      if (!known.has(target)) {
        found.push(`${file} imports ${specifier}, and there is no ${target}`)
        continue
      }
      const edge = `${file} ${target}`
      if (!typeOnly) typeOnlyEdges.delete(edge)
      else if (!fileGraph.get(file).has(target)) typeOnlyEdges.add(edge)
      fileGraph.get(file).add(target)
      const targetRoom = roomOf(target)
      if (floorOf(targetRoom) > floorOf(room))
        found.push(
          `${file} (floor ${floorOf(room)}) imports ${target} (floor ${floorOf(targetRoom)}): imports go down, never up`,
        )
      else if (room !== targetRoom) {
        if (!roomGraph.has(room)) roomGraph.set(room, new Set())
        roomGraph.get(room).add(targetRoom)
      }
    }
  }
  for (const cycle of cyclesOf(fileGraph)) {
    const types = cycle.slice(1).some((to, i) => typeOnlyEdges.has(`${cycle[i]} ${to}`))
    found.push(`import cycle${types ? ' (through type-only imports)' : ''}: ${cycle.join(' -> ')}`)
  }
  for (const cycle of cyclesOf(roomGraph)) found.push(`rooms import each other: ${cycle.join(' -> ')}`)
  return found
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = problems(join(dirname(fileURLToPath(import.meta.url)), '../..'))
  for (const problem of found) console.error(problem)
  if (found.length > 0) process.exitCode = 1
  else console.log('the house stands: no cycles, no import goes up')
}
