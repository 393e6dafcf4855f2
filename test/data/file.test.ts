import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { afterAll, describe, expect, it } from 'vitest'
import {
  digits,
  groupStream,
  readBytes,
  readCsvFile,
  readCsvNumbersFile,
  readIdxFile,
  readMnist,
  readNpyFile,
  readNpzFile,
  readSafetensorsFile,
  type Stream,
  shuffleStream,
  streamCsv,
  streamIdx,
  zipStreams,
} from '../../src/data/index.js'
import type { Failure } from '../../src/Failure.js'
import { CsvNumber, unsafePacked, writeIdx, writeNpy, writeNpz, writeSafetensors } from '../../src/formats/index.js'
import { key } from '../../src/Random.js'
import { tensor } from '../../src/Tensor.js'
import { shared } from '../conformance/shared.js'

const folder = mkdtempSync(join(tmpdir(), 'wengert-'))
afterAll(() => rmSync(folder, { recursive: true }))

const right = <A>(e: E.Either<Failure, A>): A => {
  if (E.isLeft(e)) throw new Error(JSON.stringify(e.left))
  return e.right
}
const save = (name: string, content: Uint8Array | string): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
/** What a task refuses with, the folder taken off. */
const refused = async (task: () => Promise<E.Either<Failure, unknown>>): Promise<string> => {
  const e = await task()
  return E.isLeft(e) ? `${e.left._tag} ${e.left.message.replaceAll(`${folder}/`, '')}` : 'accepted'
}
const collect = async <A>(stream: Stream<A>): Promise<ReadonlyArray<A | string>> => {
  const out: Array<A | string> = []
  for await (const one of stream) out.push(E.isLeft(one) ? one.left.message.replaceAll(`${folder}/`, '') : one.right)
  return out
}

const array = unsafePacked([3, 2] as const, 'i16', Int16Array.of(1, -2, 3, -4, 5, -6))
const idx = right(writeIdx(array))

describe('files', () => {
  it('are read by every format, compressed or not', async () => {
    expect(right(await readIdxFile(save('a.idx', idx))())).toEqual(array)
    expect(right(await readIdxFile(save('a.idx.gz', gzipSync(idx)))())).toEqual(array)
    expect(right(await readNpyFile(save('a.npy', writeNpy(array)))())).toEqual(array)
    expect(right(await readNpzFile(save('a.npz', right(writeNpz('a.npz')({ array }))))())).toEqual({ array })
    const model = right(writeSafetensors('m')({ tensors: { array } }))
    expect(right(await readSafetensorsFile(save('m.safetensors', model))()).tensors).toEqual({ array })
    const csv = save('a.csv', 'x,y\n1,2\n')
    expect(right(await readCsvFile(csv, t.type({ y: CsvNumber }))())).toEqual([{ x: '1', y: 2 }])
    expect([...right(await readCsvNumbersFile(csv)()).values.data]).toEqual([1, 2])
  })

  it('that are missing, damaged or too large are refused by name', async () => {
    mkdirSync(join(folder, 'sub'))
    expect(await refused(readIdxFile(join(folder, 'none')))).toBe('UnreadableFile none: there is no such file')
    expect(await refused(readIdxFile(join(folder, 'sub')))).toBe('UnreadableFile sub: it is a folder')
    expect(await refused(readIdxFile(save('b.idx', idx), { most: 10 }))).toBe(
      'TooLarge b.idx: it has 24 bytes; at most 10 are allowed',
    )
    const bomb = save('bomb.gz', gzipSync(new Uint8Array(1e6)))
    expect(await refused(readBytes(bomb, { most: 2000 }))).toBe(
      'TooLarge bomb.gz: it decompresses to more than the 2000 bytes that are allowed',
    )
    expect(await refused(readIdxFile(save('c.gz', gzipSync(idx).subarray(0, 20))))).toMatch(
      /^MalformedFile c.gz: the gzip data are damaged/,
    )
    expect(await refused(readIdxFile(save('d.gz', idx)))).toMatch(/^MalformedFile d.gz: the gzip data are damaged/)
    expect(await refused(readIdxFile(save('e', gzipSync(idx))))).toMatch(/^MalformedFile e: this is gzip data/)
  })
})

describe('streams', () => {
  it('read idx rows and tables in pieces, as the whole file is read', async () => {
    const rows = 30_000
    const large = unsafePacked(
      [rows, 4] as const,
      'i32',
      Int32Array.from({ length: rows * 4 }, (_, i) => i),
    )
    const expected = Array.from({ length: rows }, (_, i) => i)
    for (const path of [save('l.idx', right(writeIdx(large))), save('l.idx.gz', gzipSync(right(writeIdx(large))))]) {
      const found = await collect(streamIdx(path))
      expect(found.map((r) => (typeof r === 'string' ? r : [...r.data].map((x, j) => (x - j) / 4).join()))).toEqual(
        expected.map((i) => [i, i, i, i].join()),
      )
    }
    const csv = save('l.csv', `\ufeffi,word\n${expected.map((i) => `${i},"ü, ${i}"\r\n`).join('')}`)
    const found = await collect(streamCsv(csv, t.type({ i: CsvNumber, word: t.string })))
    expect(found).toEqual(expected.map((i) => ({ i, word: `ü, ${i}` })))
  })

  it('end with the failure', async () => {
    expect(await collect(streamIdx(join(folder, 'none')))).toEqual(['none: there is no such file'])
    expect((await collect(streamIdx(save('cut.idx', idx.subarray(0, 21))))).slice(-1)).toEqual([
      'cut.idx: the file ends 1 rows early; is it cut off?',
    ])
    const long = new Uint8Array(idx.length + 1)
    long.set(idx)
    expect((await collect(streamIdx(save('long.idx', long)))).slice(-1)).toEqual([
      'long.idx: there are bytes after the last row',
    ])
    expect(await collect(streamIdx(save('short', idx.subarray(0, 3))))).toEqual([
      'short: an idx file has at least 4 bytes, this one has 3',
    ])
    expect(await collect(streamIdx(save('z.gz', gzipSync(idx).subarray(0, 15))))).toEqual([
      expect.stringContaining('z.gz: the gzip data are damaged'),
    ])
    const wide = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 1, 127, 255, 255, 255)
    expect(await collect(streamIdx(save('wide', wide)))).toEqual([
      'wide: a row has 2147483647 bytes; at most 16777216 are allowed',
    ])
    const bad = save('bad.csv', 'x\n1\nno\n3\n')
    expect(await collect(streamCsv(bad, t.type({ x: CsvNumber })))).toEqual([
      'bad.csv: line 3, column 1 (x): expected a number, found "no"',
    ])
    expect(
      await collect(streamCsv(save('latin.csv', Uint8Array.of(0x78, 0x0a, 0xe9, 0x0a)), t.type({ x: t.string }))),
    ).toEqual([expect.stringContaining('there is a byte that is not UTF-8')])
  })

  const counting = (n: number): Stream<number> =>
    (async function* () {
      for (let i = 0; i < n; i++) yield E.right(i)
    })()

  it('are shuffled through a buffer, by key', async () => {
    for (const [n, capacity] of [
      [0, 3],
      [2, 3],
      [3, 3],
      [5000, 100],
    ] as const) {
      const shuffled = await collect(shuffleStream(key(1), capacity)(counting(n)))
      expect([...shuffled].sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: n }, (_, i) => i))
      expect(await collect(shuffleStream(key(1), capacity)(counting(n)))).toEqual(shuffled)
      // a row can leave only when it has come: at most `capacity` rows are held
      expect(shuffled.every((row, place) => Number(row) <= place + capacity)).toBe(true)
    }
    expect(await collect(shuffleStream(key(2), 100)(counting(5000)))).not.toEqual(
      await collect(shuffleStream(key(1), 100)(counting(5000))),
    )
  })

  it('are grouped and zipped', async () => {
    expect(await collect(groupStream(2)(counting(5)))).toEqual([[0, 1], [2, 3], [4]])
    expect(await collect(zipStreams(counting(2), counting(2)))).toEqual([
      [0, 0],
      [1, 1],
    ])
    expect((await collect(zipStreams(counting(2), counting(1)))).slice(-1)).toEqual([
      'zipStreams: the second stream ends after 1 rows, the first goes on',
    ])
    expect((await collect(zipStreams(counting(1), counting(2)))).slice(-1)).toEqual([
      'zipStreams: the first stream ends after 1 rows, the second goes on',
    ])
  })
})

describe('MNIST', () => {
  it('says what is missing and where to get it', async () => {
    expect(await refused(readMnist(folder))).toContain(
      'UnreadableFile train-images-idx3-ubyte: neither this file nor train-images-idx3-ubyte.gz is there; download https://ossci-datasets.s3.amazonaws.com/mnist/train-images-idx3-ubyte.gz and put it into',
    )
  })

  it('refuses another file by what it has', async () => {
    save('train-images-idx3-ubyte', idx)
    expect(await refused(readMnist(folder))).toBe(
      'MalformedFile train-images-idx3-ubyte: MNIST has u8 [60000, 28, 28] here, the file has i16 [3, 2]',
    )
  })

  it.skipIf(shared === null)('is read, and the small digits are its first', async () => {
    const { train, test } = right(await readMnist(`${shared}/data/mnist`)())
    expect([train.rows, test.rows]).toEqual([60_000, 10_000])
    const counts = new Array(10).fill(0)
    for (const x of train.columns.labels.data) counts[x]++
    // as published
    expect(counts).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
    const small = digits().columns
    const seen = new Array(10).fill(0)
    let k = 0
    for (let i = 0; k < 1000; i++) {
      const label = test.columns.labels.data[i]
      if (seen[label]++ >= 100) continue
      expect(small.labels.data[k]).toBe(label)
      const pixels = test.columns.images.data.subarray(i * 784, (i + 1) * 784)
      const close = small.images.data
        .subarray(k * 784, (k + 1) * 784)
        .every((p, j) => p === Math.round(pixels[j] / 17) * 17)
      expect(close).toBe(true)
      k++
    }
  })
})

describe('the small digits', () => {
  it('are a hundred of each, of 16 levels', () => {
    const { images, labels } = digits().columns
    const counts = new Array(10).fill(0)
    for (const x of labels.data) counts[x]++
    expect(counts).toEqual(new Array(10).fill(100))
    expect(images.data.every((p) => p % 17 === 0)).toBe(true)
    expect(tensor([...new Set(images.data)]).data.length).toBe(16)
  })
})
