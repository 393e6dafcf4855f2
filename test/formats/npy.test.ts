import { inflateRawSync } from 'node:zlib'
import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { type Inflate, readNpy, readNpz, writeNpy, writeNpz } from '../../src/formats/index.js'
import { crc32 } from '../../src/formats/zip.js'
import { bits, bytesOf, damaged, left, packedOf, right } from './support.js'

const anyPacked = packedOf('f64', 'f32', 'i32', 'i16', 'i8', 'u8', 'bool')
const read = readNpy('x.npy')

/** A file of version 1 with the header given. */
const file = (header: string, data: ArrayLike<number> = [], version = 1): Uint8Array => {
  const text = new TextEncoder().encode(header)
  const start = version === 1 ? 10 : 12
  const out = new Uint8Array(start + text.length + data.length)
  out.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0])
  new DataView(out.buffer).setUint16(8, text.length, true)
  out.set(text, start)
  out.set(Uint8Array.from(data), start + text.length)
  return out
}

describe('npy', () => {
  it('keeps every bit', () => {
    fc.assert(
      fc.property(anyPacked, (p) => {
        expect(bits(right(read(writeNpy(p))))).toEqual(bits(p))
      }),
    )
  })

  // np.array([[0, 1, 1], [1, 0, 1]]).astype(...), 2.5 and np.arange(5) as NumPy 2.4 writes them
  it.each([
    [
      '<f8',
      'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAAAAAAAAAPA/AAAAAAAA8D8AAAAAAADwPwAAAAAAAAAAAAAAAAAA8D8=',
    ],
    [
      '<f4',
      'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAACAPwAAgD8AAIA/AAAAAAAAgD8=',
    ],
    [
      '<i4',
      'k05VTVBZAQB2AHsnZGVzY3InOiAnPGk0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAQAAAAEAAAABAAAAAAAAAAEAAAA=',
    ],
    [
      '<i2',
      'k05VTVBZAQB2AHsnZGVzY3InOiAnPGkyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAEAAQABAAAAAQA=',
    ],
    [
      '|i1',
      'k05VTVBZAQB2AHsnZGVzY3InOiAnfGkxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAQEBAAE=',
    ],
    [
      '|u1',
      'k05VTVBZAQB2AHsnZGVzY3InOiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAQEBAAE=',
    ],
    [
      '|b1',
      'k05VTVBZAQB2AHsnZGVzY3InOiAnfGIxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAQEBAAE=',
    ],
    [
      's',
      'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAEQA==',
    ],
    [
      'v',
      'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDUsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAACAPwAAAEAAAEBAAACAQA==',
    ],
  ])('reads and writes what NumPy writes: %s', (name, base64) => {
    const theirs = bytesOf(base64)
    const p = right(read(theirs))
    const expected = name === 's' ? [2.5] : name === 'v' ? [0, 1, 2, 3, 4] : [0, 1, 1, 1, 0, 1]
    expect([...p.data]).toEqual(expected)
    expect(p.shape).toEqual(name === 's' ? [] : name === 'v' ? [5] : [2, 3])
    expect(writeNpy(p)).toEqual(theirs)
  })

  it('reads Fortran order, big-endian elements, halves, long integers and versions 2 and 3', () => {
    // np.asfortranarray(np.arange(24).reshape(2, 3, 4).astype('>f8'))
    const f = right(
      read(
        bytesOf(
          'k05VTVBZAQB2AHsnZGVzY3InOiAnPmY4JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMywgNCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAEAoAAAAAAAAQBAAAAAAAABAMAAAAAAAAEAgAAAAAAAAQDQAAAAAAAA/8AAAAAAAAEAqAAAAAAAAQBQAAAAAAABAMQAAAAAAAEAiAAAAAAAAQDUAAAAAAABAAAAAAAAAAEAsAAAAAAAAQBgAAAAAAABAMgAAAAAAAEAkAAAAAAAAQDYAAAAAAABACAAAAAAAAEAuAAAAAAAAQBwAAAAAAABAMwAAAAAAAEAmAAAAAAAAQDcAAAAAAAA=',
        ),
      ),
    )
    expect([f.type, f.shape, ...f.data]).toEqual(['f64', [2, 3, 4], ...Array.from({ length: 24 }, (_, i) => i)])
    // np.array([1, 2], '>i2') as version 2, np.array([1, -2], '<i8') as version 3, np.array([1, -2, 65504], '<f2')
    expect([
      ...right(
        read(
          bytesOf(
            'k05VTVBZAgB0AAAAeydkZXNjcic6ICc+aTInLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAQAC',
          ),
        ),
      ).data,
    ]).toEqual([1, 2])
    expect([
      ...right(
        read(
          bytesOf(
            'k05VTVBZAwB0AAAAeydkZXNjcic6ICc8aTgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAAAAAAAAAP7/////////',
          ),
        ),
      ).data,
    ]).toEqual([1, -2])
    expect([
      ...right(
        read(
          bytesOf(
            'k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAPADA/3s=',
          ),
        ),
      ).data,
    ]).toEqual([1, -2, 65504])
  })

  const header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n"
  const eight = new Uint8Array(8)
  it('reads a header however it is spaced', () => {
    expect(right(read(file(header, eight))).shape).toEqual([1])
    expect(right(read(file("{'shape':(1,1),'fortran_order':True,'descr':'>f8'}", eight))).shape).toEqual([1, 1])
  })

  it.each<readonly [string, Uint8Array, string]>([
    ['another file', Uint8Array.of(1, 2, 3), 'a npy file begins with'],
    ['another version', file(header, eight, 9), 'version 9.0 is unknown'],
    ['a long header', file('', []).map((b, i) => (i === 9 ? 0xff : b)), 'at most 10000 are allowed'],
    ['a header cut off', file('', []).map((b, i) => (i === 8 ? 9 : b)), 'but 0 follow; is the file cut off?'],
    [
      'elements cut off',
      file(header, [1, 2]),
      'an array [1] of 8 bytes each takes 76 bytes with its header, the file has 70; is it cut off?',
    ],
    ['elements left over', file(header, new Uint8Array(9)), 'takes 76 bytes with its header, the file has 77'],
    [
      'text',
      bytesOf(
        'k05VTVBZAQB2AHsnZGVzY3InOiAnPFUyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAphAAAAYgAAAA==',
      ),
      "the element type '<U2' is not read; known are f8, f4",
    ],
    ['no byte order', file(header.replace('<', '|'), eight), "the element type '|f8' is not read"],
    [
      'code',
      file("{'descr': __import__('os'), }"),
      "the header cannot be read from its character 1 on: \"'descr': __import__",
    ],
    ['a repeated key', file("{'descr': '<f8', 'descr': '<f8'}"), "the header has 'descr' twice"],
    ['a missing key', file("{'descr': '<f8'}"), "the header needs 'descr', 'fortran_order' and 'shape'"],
    [
      'a shape that is a number',
      file("{'descr': '<f8', 'fortran_order': False, 'shape': (1)}", eight),
      "the header has a 'shape' of another type",
    ],
    [
      'a truth that is a string',
      file("{'fortran_order': 'False'}"),
      "the header has a 'fortran_order' of another type",
    ],
    ['more after the end', file(`${header.trim()}}`), 'the header cannot be read from its character'],
    ['a shape beyond the limits', file(header.replace('(1,)', '(65536, 65536)')), 'shape [65536, 65536] is larger'],
    [
      'a large integer',
      file(header.replace('f8', 'i8'), [0, 0, 0, 0, 1, 0, 0, 0]),
      'element 0, in the order of the file, does not fit i32',
    ],
    [
      'a boolean that is none',
      file(header.replace('<f8', '|b1'), [2]),
      'element 0, in the order of the file, does not fit bool',
    ],
  ])('refuses %s', (_, bytes, sentence) => {
    const failure = left(read(bytes))
    expect(failure.message).toContain(sentence)
    expect(failure).toMatchObject({ file: 'x.npy', offset: expect.any(Number) })
  })

  it('answers damaged files', () => {
    fc.assert(
      fc.property(anyPacked.map(writeNpy).chain(damaged), (bytes) => {
        const result = read(bytes)
        if (E.isLeft(result))
          expect(result.left).toMatchObject({ file: 'x.npy', message: expect.stringMatching(/^x\.npy: /) })
        else expect(bits(right(read(writeNpy(result.right))))).toEqual(bits(result.right))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('npz', () => {
  const asked: Array<number> = []
  const inflate: Inflate = (bytes, length) => {
    asked.push(length)
    try {
      return inflateRawSync(bytes, { maxOutputLength: Math.max(1, length) })
    } catch {
      return null
    }
  }
  const read = readNpz('x.npz', { inflate, most: 4096 })
  const write = writeNpz('x.npz')
  const arrays = fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 5 }), anyPacked, { maxKeys: 4 })
  // np.savez(x=np.array([1.5, 2]), y=np.array([3], 'u1')) and np.savez_compressed(x=np.zeros((8, 8)), y=np.array([3], 'u1'))
  const stored = bytesOf(
    'UEsDBC0AAAAAAAAAIQCQG32s//////////8FABQAeC5ucHkBABAAkAAAAAAAAACQAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmOCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAAAAA+D8AAAAAAAAAQFBLAwQtAAAAAAAAACEAV9OoLv//////////BQAUAHkubnB5AQAQAIEAAAAAAAAAgQAAAAAAAACTTlVNUFkBAHYAeydkZXNjcic6ICd8dTEnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMSwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgCgNQSwECLQMtAAAAAAAAACEAkBt9rJAAAACQAAAABQAAAAAAAAAAAAAAgAEAAAAAeC5ucHlQSwECLQMtAAAAAAAAACEAV9OoLoEAAACBAAAABQAAAAAAAAAAAAAAgAHHAAAAeS5ucHlQSwUGAAAAAAIAAgBmAAAAfwEAAAAA',
  )
  const deflated = bytesOf(
    'UEsDBC0AAAAIAAAAIQCACVgV//////////8FABQAeC5ucHkBABAAgAIAAAAAAABLAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GhY6ChaaOgq1CmQDLoZRMKIBAFBLAwQtAAAACAAAACEAV9OoLv//////////BQAUAHkubnB5AQAQAIEAAAAAAAAARQAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBeU2qorqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqGOpo6CrUKFAAuZgBQSwECLQMtAAAACAAAACEAgAlYFUsAAACAAgAABQAAAAAAAAAAAAAAgAEAAAAAeC5ucHlQSwECLQMtAAAACAAAACEAV9OoLkUAAACBAAAABQAAAAAAAAAAAAAAgAGCAAAAeS5ucHlQSwUGAAAAAAIAAgBmAAAA/gAAAAAA',
  )

  it('keeps every bit and name, in any order', () => {
    fc.assert(
      fc.property(arrays, (given) => {
        const bytes = right(write(given))
        const back = right(readNpz('x.npz')(bytes))
        expect(Object.keys(back).sort()).toEqual(Object.keys(given).sort())
        for (const [key, p] of Object.entries(given)) expect(bits(back[key])).toEqual(bits(p))
        expect(right(write(Object.fromEntries(Object.entries(given).reverse())))).toEqual(bytes)
      }),
    )
  })

  it('reads what NumPy writes, stored and deflated', () => {
    const a = right(read(stored))
    expect([...a.x.data, ...a.y.data]).toEqual([1.5, 2, 3])
    const b = right(read(deflated))
    expect(b.x.shape).toEqual([8, 8])
    expect([...b.y.data]).toEqual([3])
  })

  it('has the checksum of zip', () => {
    // the check value of CRC-32
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
  })

  it('refuses what is no archive, is damaged or too large', () => {
    const said = (bytes: Uint8Array, with_ = read): string => left(with_(bytes)).message
    expect(said(Uint8Array.of(1))).toBe('x.npz: this is not a zip archive, or its end is cut off')
    expect(said(stored.subarray(0, stored.length - 1))).toContain('its end is cut off')
    expect(said(deflated, readNpz('x.npz'))).toContain('entry "x.npy" is compressed; give an inflate function')
    expect(said(stored, readNpz('x.npz', { most: 100 }))).toBe(
      'x.npz: the entries up to "x.npy" have 144 bytes; at most 100 are allowed',
    )
    const flipped = stored.map((b, i) => (i === 150 ? b ^ 1 : b))
    expect(said(flipped)).toContain('entry "x.npy" is damaged')
  })

  it('answers damaged files, and inflates no more than is allowed', () => {
    const files = fc
      .oneof(
        fc.constantFrom(stored, deflated),
        arrays.map((a) => right(write(a))),
      )
      .chain((f) =>
        fc.boolean().chain((end) =>
          // damage at the end meets the directory
          end ? damaged(f.slice().reverse()).map((d) => d.slice().reverse()) : damaged(f),
        ),
      )
    fc.assert(
      fc.property(files, (bytes) => {
        const result = read(bytes)
        if (E.isLeft(result))
          expect(result.left).toMatchObject({ file: 'x.npz', message: expect.stringMatching(/^x\.npz: /) })
      }),
      { numRuns: 2000 },
    )
    expect(Math.max(...asked)).toBeLessThanOrEqual(4096)
  })
})
