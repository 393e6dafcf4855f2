/**
 * Files that programs write, all of each or nothing.
 *
 * @since 0.1.0
 */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'

/**
 * What an error says, for the end of a sentence.
 *
 * @category destructors
 * @since 0.1.0
 */
export const reasonOf = (e: unknown): string => (e instanceof Error ? e.message : String(e))

/**
 * Writes a file and the folders above it, all of it or nothing: beside it first, then renamed. The reason where that fails.
 *
 * @category destructors
 * @since 0.1.0
 */
export const writeAtomically = (file: string, content: string | Uint8Array): string | null => {
  const beside = `${file}.${process.pid}.tmp`
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(beside, content)
    renameSync(beside, file)
    return null
  } catch (e) {
    // whether anything is there to remove or not, the first reason is the one to tell
    try {
      rmSync(beside, { force: true })
    } catch {}
    return reasonOf(e)
  }
}

const LARGEST = 2 ** 28

/**
 * Reads a text file of at most 256 MiB; a sentence where that fails.
 *
 * @category constructors
 * @since 0.1.0
 */
export const readText = (file: string): E.Either<string, string> => {
  try {
    const found = statSync(file, { throwIfNoEntry: false })
    if (found === undefined) return E.left(`there is no file ${file}`)
    if (!found.isFile()) return E.left(`${file} is no file`)
    if (found.size > LARGEST) return E.left(`${file} has ${found.size} bytes; at most ${LARGEST} are read`)
    return E.right(readFileSync(file, 'utf8'))
  } catch (e) {
    return E.left(`${file} cannot be read: ${reasonOf(e)}`)
  }
}
