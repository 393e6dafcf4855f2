/**
 * npz, NumPy's archive of named arrays: a zip file of npy files.
 *
 * Law. `readNpz(writeNpz(arrays))` is `arrays` to the bit. Equal arrays are equal bytes, whatever the order of the record.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'
import { refuseFile } from './bytes.js'
import { readNpy, writeNpy } from './npy.js'
import type { Packed } from './Packed.js'
import { readZip, writeZip, type ZipOptions } from './zip.js'

const SUFFIX = '.npy'

/**
 * Accepts the bytes of a file; `name` is for the sentences. `np.savez` stores its arrays, `np.savez_compressed` deflates them:
 * reading those takes an inflate function, which `readNpzFile` of `wengert/data` brings along. Fails as `readNpy` does, and
 * with `MalformedFile` on what is not an archive of npy files.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { inflateRawSync } from 'node:zlib'
 * import * as E from 'fp-ts/lib/Either.js'
 * import * as O from 'fp-ts/lib/Option.js'
 * import { type Inflate, readNpz, unsafePacked, writeNpz } from 'wengert/formats'
 *
 * const inflate: Inflate = (bytes, length) =>
 *   O.toNullable(O.tryCatch(() => inflateRawSync(bytes, { maxOutputLength: Math.max(1, length) })))
 * const bytes = writeNpz('data.npz')({ x: unsafePacked([2], 'f32', Float32Array.of(1, 2)) })
 * const read = E.chain(readNpz('data.npz', { inflate }))(bytes)
 * assert(E.isRight(read))
 * assert.deepStrictEqual(read.right.x.data, Float32Array.of(1, 2))
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const readNpz =
  (name: string, options: ZipOptions = {}) =>
  (bytes: Uint8Array): E.Either<Failure, Readonly<Record<string, Packed>>> => {
    const entries = readZip(name, options)(bytes)
    if (E.isLeft(entries)) return entries
    const out: Array<readonly [string, Packed]> = []
    for (const entry of entries.right) {
      if (!entry.name.endsWith(SUFFIX))
        return refuseFile(name, `entry ${JSON.stringify(entry.name)} is no npy file`, { path: entry.name })
      const array = readNpy(`${name}: ${entry.name}`)(entry.bytes)
      if (E.isLeft(array)) return E.left({ ...array.left, file: name, path: entry.name })
      out.push([entry.name.slice(0, -SUFFIX.length), array.right])
    }
    return E.right(Object.fromEntries(out))
  }

/**
 * The bytes of a file, its arrays stored by name. Fails with `TooLarge` beyond 4 GiB.
 *
 * @category encoding
 * @since 0.1.0
 */
export const writeNpz =
  (name: string) =>
  (arrays: Readonly<Record<string, Packed>>): E.Either<Failure, Uint8Array<ArrayBuffer>> =>
    writeZip(name)(
      Object.keys(arrays)
        .sort()
        .map((key) => ({ name: `${key}${SUFFIX}`, bytes: writeNpy(arrays[key]) })),
    )
