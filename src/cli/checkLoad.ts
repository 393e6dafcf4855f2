/**
 * Loading a module, JavaScript or TypeScript, and saying where it does not load.
 *
 * @since 0.1.0
 */
import { spawnSync } from 'node:child_process'
import { realpathSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import * as E from 'fp-ts/lib/Either.js'

const JAVASCRIPT: ReadonlyArray<string> = ['.js', '.mjs', '.cjs']
const TYPESCRIPT: ReadonlyArray<string> = ['.ts', '.mts', '.cts']

/** Places in stacks and messages: a path or file URL, a line and maybe a column. */
const PLACE = /(?<=^|[\s(])(file:\/\/\S+?|(?:\/|[A-Za-z]:[\\/])[^\n()]*?):(\d+)(?::(\d+))?(?=[\s),]|$)/gm

/** Where this module is, so that its own frames are not taken for the user's. */
const HERE = fileURLToPath(new URL('.', import.meta.url))

const own = (path: string): boolean => !path.startsWith(HERE) && !/[\\/]node_modules[\\/]/.test(path)

const placeIn = (text: string): string | null => {
  for (const [, named, line, column] of text.matchAll(PLACE)) {
    const path = named.startsWith('file:') ? fileURLToPath(named) : named
    if (own(path)) return `${path}:${line}${column === undefined ? '' : `:${column}`}`
  }
  return null
}

/** Node leaves the place out of the stack of a syntax error, and prints it when asked to look at the file. */
const syntaxPlace = (file: string): string | null =>
  JAVASCRIPT.includes(extname(file))
    ? placeIn(spawnSync(process.execPath, ['--check', file], { encoding: 'utf8', timeout: 20_000 }).stderr ?? '')
    : null

const sentence = (file: string, e: unknown): string => {
  if (!(e instanceof Error) && !(typeof e === 'object' && e !== null && 'message' in e))
    return `${file} does not load: it throws ${String(e)}`
  const { name = 'Error', message, stack = '' } = e as Error
  const place = placeIn(stack) ?? (name === 'SyntaxError' ? syntaxPlace(file) : null)
  const [said] = message.split('\n')
  return `${file} does not load: ${name}: ${said}${place === null || said.includes(place) ? '' : ` (at ${place})`}`
}

/** What another way of loading may get over: syntax that stripping types leaves, and `./x.js` that is written in `./x.ts`. */
const RETRIED: ReadonlyArray<unknown> = ['ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX', 'ERR_MODULE_NOT_FOUND']

const packageFrom = (file: string): string | null => {
  try {
    return dirname(realpathSync(createRequire(file).resolve('wengert/package.json')))
  } catch {
    return null
  }
}

/** Recordings of one copy of this package mean nothing to another one. */
const otherCopy = (file: string): string | null => {
  const [theirs, ours] = [packageFrom(file), packageFrom(fileURLToPath(import.meta.url))]
  return theirs === null || ours === null || theirs === ours
    ? null
    : `${file} uses the wengert at ${theirs}, and this is the one at ${ours}: run the one of the project, npx wengert check`
}

/**
 * How Node loads things; a test may take its place.
 *
 * @category model
 * @since 0.1.0
 */
export interface Loaders {
  /** whether `load` understands TypeScript */
  readonly strips: boolean
  readonly load: (url: string) => Promise<unknown>
  /** a loader for TypeScript, `null` if none is installed */
  readonly jiti: () => Promise<((file: string) => Promise<unknown>) | null>
}

/**
 * The loaders of this process: its own, and the optional peer jiti.
 *
 * @category constructors
 * @since 0.1.0
 */
export const nodeLoaders: Loaders = {
  strips: Boolean((process.features as { readonly typescript?: unknown }).typescript),
  load: (url) => import(/* @vite-ignore */ url),
  jiti: async () => {
    const library = await import('jiti').catch(() => null)
    if (library === null) return null
    const jiti = library.createJiti(import.meta.url, { interopDefault: false, fsCache: false })
    return (file) => jiti.import(file)
  },
}

/**
 * Loads a module; a sentence with the place where it does not load.
 *
 * @category constructors
 * @since 0.1.0
 */
export const loadModule = async (
  file: string,
  { strips, load, jiti }: Loaders = nodeLoaders,
): Promise<E.Either<string, unknown>> => {
  const path = resolve(file)
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return E.left(`there is no file ${file}`)
  if (!found.isFile()) return E.left(`${file} is no file`)
  const extension = extname(path)
  const typed = TYPESCRIPT.includes(extension)
  if (!typed && !JAVASCRIPT.includes(extension))
    return E.left(`${file} is no module: its name must end in ${[...JAVASCRIPT, ...TYPESCRIPT].join(', ')}`)
  const other = otherCopy(path)
  if (other !== null) return E.left(other)
  try {
    if (!typed || strips) {
      try {
        return E.right(await load(pathToFileURL(path).href))
      } catch (e) {
        if (!typed || !RETRIED.includes((e as { readonly code?: unknown } | null)?.code)) throw e
        const another = await jiti()
        if (another === null) throw e
        return E.right(await another(path))
      }
    }
    const another = await jiti()
    if (another === null)
      return E.left(
        `${file} is TypeScript, which Node ${process.versions.node} cannot load by itself: ` +
          'npm install --save-dev jiti, or use Node 22.18 or later',
      )
    return E.right(await another(path))
  } catch (e) {
    return E.left(sentence(file, e))
  }
}
