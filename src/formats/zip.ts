/**
 * zip archives as far as npz needs them: entries that are stored or deflated, neither encrypted nor split, of up to 4 GiB
 * (PKWARE's APPNOTE 6.3, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT).
 *
 * Nothing is believed: offsets, lengths and checksums are checked, and an entry is inflated only to the size that was declared
 * and allowed. The directory at the end of the file says what is in it; a local header only tells where the bytes begin.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'
import { refuseFile, utf8At, utf8Of, viewOf } from './bytes.js'

/**
 * Raw deflate data (RFC 1951) to `length` bytes; null when the data are damaged or make more. `node:zlib` has one.
 *
 * @category model
 * @since 0.1.0
 */
export type Inflate = (deflated: Uint8Array, length: number) => Uint8Array | null

/**
 * @category model
 * @since 0.1.0
 */
export interface ZipOptions {
  /** how deflated entries are read; without it they are refused */
  readonly inflate?: Inflate | undefined
  /** the most bytes of all entries together, 2 GiB unless told otherwise */
  readonly most?: number | undefined
}

const MOST = 2 ** 31
const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const STORED = 0
const DEFLATED = 8
const ENCRYPTED = 1
const UNICODE = 0x800
const MAX_32 = 0xffffffff

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c
})

/**
 * The CRC-32 of zip, gzip and PNG.
 *
 * @category destructors
 * @since 0.1.0
 */
export const crc32 = (bytes: Uint8Array): number => {
  let c = MAX_32
  for (let i = 0; i < bytes.length; i++) c = TABLE[(c ^ bytes[i]) & 0xff] ^ (c >>> 8)
  return (c ^ MAX_32) >>> 0
}

/**
 * @category model
 * @since 0.1.0
 */
export interface ZipEntry {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Where the end record begins, or -1. A comment of up to 65535 bytes may follow it, and nothing else. */
const endOf = (view: DataView): number => {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 22 - 0xffff); at--)
    if (view.getUint32(at, true) === END && at + 22 + view.getUint16(at + 20, true) === view.byteLength) return at
  return -1
}

/**
 * The entries of an archive in the order of its directory; `name` is for the sentences. Fails with `MalformedFile` on what is
 * not an archive, is damaged, or uses what is not supported, and with `TooLarge` on more bytes than allowed.
 *
 * @category decoding
 * @since 0.1.0
 */
export const readZip =
  (name: string, { inflate, most = MOST }: ZipOptions = {}) =>
  (bytes: Uint8Array): E.Either<Failure, ReadonlyArray<ZipEntry>> => {
    const refuse = (sentence: string, offset: number, tag?: 'TooLarge') => refuseFile(name, sentence, { offset }, tag)
    const view = viewOf(bytes)
    const end = endOf(view)
    if (end < 0) return refuse('this is not a zip archive, or its end is cut off', 0)
    const count = view.getUint16(end + 10, true)
    let at = view.getUint32(end + 16, true)
    if (at === MAX_32 || count === 0xffff)
      return refuse('archives beyond 4 GiB or 65534 entries (zip64) are not read', end)
    const out: Array<ZipEntry> = []
    const seen = new Set<string>()
    let total = 0
    for (let i = 0; i < count; i++) {
      if (at + 46 > end || view.getUint32(at, true) !== CENTRAL)
        return refuse(`entry ${i} of the directory is damaged`, at)
      const flags = view.getUint16(at + 8, true)
      const method = view.getUint16(at + 10, true)
      const sum = view.getUint32(at + 16, true)
      const packed = view.getUint32(at + 20, true)
      const length = view.getUint32(at + 24, true)
      const [nameLength, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true))
      const local = view.getUint32(at + 42, true)
      const next = at + 46 + nameLength + extra + comment
      if (next > end) return refuse(`entry ${i} of the directory is damaged`, at)
      const entry = utf8At(bytes, at + 46, at + 46 + nameLength)
      if (E.isLeft(entry)) return refuse(`the name of entry ${i} is not UTF-8`, entry.left)
      const said = JSON.stringify(entry.right)
      if (seen.has(entry.right)) return refuse(`entry ${said} is there twice`, at)
      seen.add(entry.right)
      if (flags & ENCRYPTED) return refuse(`entry ${said} is encrypted`, at)
      if (packed === MAX_32 || length === MAX_32)
        return refuse(`entry ${said} is beyond 4 GiB (zip64), which is not read`, at)
      total += length
      if (total > most)
        return refuse(`the entries up to ${said} have ${total} bytes; at most ${most} are allowed`, at, 'TooLarge')
      if (local + 30 > bytes.length || view.getUint32(local, true) !== LOCAL)
        return refuse(`entry ${said} does not begin at byte ${local}, as the directory says`, at)
      const begin = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true)
      if (begin + packed > bytes.length) return refuse(`entry ${said} goes beyond the end of the file`, local)
      const raw = bytes.subarray(begin, begin + packed)
      if (method !== STORED && method !== DEFLATED)
        return refuse(`entry ${said} is compressed by method ${method}; 0 (stored) and 8 (deflate) are read`, at)
      if (method === DEFLATED && inflate === undefined)
        return refuse(`entry ${said} is compressed; give an inflate function, or write it without compression`, at)
      const content = method === DEFLATED && inflate !== undefined ? inflate(raw, length) : raw
      if (content === null || content.length !== length || crc32(content) !== sum)
        return refuse(`entry ${said} is damaged: its bytes do not have the length or the checksum they should`, begin)
      out.push({ name: entry.right, bytes: content })
      at = next
    }
    return E.right(out)
  }

/** 1 January 1980, the least date of zip, so that equal content is equal bytes. */
const DATE = 0x21

/**
 * An archive of stored entries, all with the same date. Fails with `TooLarge` beyond 4 GiB, 65534 entries or names of 65535 bytes.
 *
 * @category encoding
 * @since 0.1.0
 */
export const writeZip =
  (name: string) =>
  (entries: ReadonlyArray<ZipEntry>): E.Either<Failure, Uint8Array<ArrayBuffer>> => {
    const list = entries.map((entry) => ({ ...entry, named: utf8Of(entry.name) }))
    const central = list.reduce((n, { bytes, named }) => n + 30 + named.length + bytes.length, 0)
    const end = list.reduce((n, { named }) => n + 46 + named.length, central)
    if (end >= MAX_32 || list.length >= 0xffff || list.some(({ named }) => named.length > 0xffff))
      return refuseFile(
        name,
        `${list.length} entries in ${end} bytes are more than a zip archive takes`,
        {},
        'TooLarge',
      )
    const out = new Uint8Array(end + 22)
    const view = viewOf(out)
    /** version 2.0, flags, stored, date, checksum, both sizes and the length of the name: the same in both places */
    const describe = (at: number, { bytes, named }: (typeof list)[number], sum: number): void => {
      view.setUint16(at, 20, true)
      view.setUint16(at + 2, UNICODE, true)
      view.setUint16(at + 8, DATE, true)
      view.setUint32(at + 10, sum, true)
      view.setUint32(at + 14, bytes.length, true)
      view.setUint32(at + 18, bytes.length, true)
      view.setUint16(at + 22, named.length, true)
    }
    let local = 0
    let at = central
    for (const entry of list) {
      const { bytes, named } = entry
      const sum = crc32(bytes)
      view.setUint32(local, LOCAL, true)
      describe(local + 4, entry, sum)
      out.set(named, local + 30)
      out.set(bytes, local + 30 + named.length)
      view.setUint32(at, CENTRAL, true)
      view.setUint16(at + 4, 20, true)
      describe(at + 6, entry, sum)
      view.setUint32(at + 42, local, true)
      out.set(named, at + 46)
      local += 30 + named.length + bytes.length
      at += 46 + named.length
    }
    view.setUint32(end, END, true)
    view.setUint16(end + 8, list.length, true)
    view.setUint16(end + 10, list.length, true)
    view.setUint32(end + 12, end - central, true)
    view.setUint32(end + 16, central, true)
    return E.right(out)
  }
