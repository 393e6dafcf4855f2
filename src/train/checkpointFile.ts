/**
 * Checkpoints as files. A file appears whole or not at all: it is written beside its place, flushed to the disk, and
 * renamed, which every usual file system does at once. Whoever reads the path, at any moment and after any crash, finds
 * the last checkpoint that was saved, or the one before.
 *
 * @since 0.1.0
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { IOEither } from 'fp-ts/lib/IOEither.js'
import { type Failure, fail } from '../Failure.js'
import { type Checkpoint, decode, encode } from './Checkpoint.js'

/** The bytes of a checkpoint that is read: 2 GiB, the most that one read gives. */
const LIMIT = 2 ** 31 - 1

const attempted = <A>(path: string, what: string, f: () => A): E.Either<Failure, A> => {
  try {
    return E.right(f())
  } catch (e) {
    const reason = e instanceof Error ? e.message : String(e)
    return fail('UnreadableFile', `${path}: the checkpoint cannot be ${what}: ${reason}`, { file: path })
  }
}

const flushed = (descriptor: number): void => {
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** A folder has to be flushed for a name in it to last; some systems do not open folders, and need it not. */
const flushFolder = (folder: string): void => {
  const descriptor = (() => {
    try {
      return openSync(folder, 'r')
    } catch {
      return null
    }
  })()
  if (descriptor === null) return
  try {
    flushed(descriptor)
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== 'EPERM' && (e as NodeJS.ErrnoException).code !== 'EINVAL') throw e
  }
}

/**
 * Puts a checkpoint in the place of the one at a path, atomically. One process at a time may save to a path. Fails with
 * `UnreadableFile` where the system refuses; then the old checkpoint is still there.
 *
 * @category files
 * @since 0.1.0
 */
export const saveTo =
  (path: string) =>
  (checkpoint: Checkpoint): IOEither<Failure, void> =>
  () =>
    E.chain((bytes: Uint8Array) =>
      attempted(path, 'written', () => {
        const beside = `${path}.partial`
        const descriptor = openSync(beside, 'w')
        try {
          for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
        } catch (e) {
          closeSync(descriptor)
          throw e
        }
        flushed(descriptor)
        renameSync(beside, path)
        flushFolder(dirname(path))
      }),
    )(encode(path)(checkpoint))

/**
 * The checkpoint at a path. Fails with `UnreadableFile` where there is none, with `TooLarge` on more than 2 GiB, and as
 * `decode` does.
 *
 * @category files
 * @since 0.1.0
 */
export const loadFrom =
  (path: string): IOEither<Failure, Checkpoint> =>
  () => {
    const bytes = attempted(path, 'read', () => (statSync(path).size > LIMIT ? null : readFileSync(path)))
    if (E.isLeft(bytes)) return bytes
    return bytes.right === null
      ? fail('TooLarge', `${path}: the checkpoint has more than ${LIMIT} bytes`, { file: path })
      : decode(path)(bytes.right)
  }
