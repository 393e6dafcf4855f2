import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { readIdx, unsafePacked, writeIdx } from '../../src/formats/index.js'
import { bits, damaged, left, packedOf, right } from './support.js'

const anyPacked = packedOf('f64', 'f32', 'i32', 'i16', 'i8', 'u8')
const read = readIdx('images')

describe('idx', () => {
  it('keeps every bit', () => {
    fc.assert(
      fc.property(anyPacked, (p) => {
        expect(bits(right(read(right(writeIdx(p)))))).toEqual(bits(p))
      }),
    )
  })

  it('is big-endian', () => {
    const bytes = Uint8Array.of(0, 0, 0x0b, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 0, 255, 254)
    const p = right(read(bytes))
    expect([p.type, p.shape, ...p.data]).toEqual(['i16', [1, 2], 256, -2])
    expect(right(writeIdx(p))).toEqual(bytes)
  })

  it.each<readonly [string, ReadonlyArray<number>, string, number]>([
    ['nothing', [], 'images: an idx file has at least 4 bytes, this one has 0', 0],
    [
      'gzip',
      [0x1f, 0x8b, 8, 0],
      'images: this is gzip data; decompress it first, or give it a name that ends with .gz',
      0,
    ],
    ['another file', [0x50, 0x4b, 3, 4], 'images: an idx file begins with two bytes 0, this one with 0x50 and 0x4b', 0],
    [
      'another type',
      [0, 0, 7, 1, 0, 0, 0, 0],
      'images: the element type 0x07 is unknown; idx has 0x08 (u8), 0x09 (i8)',
      2,
    ],
    ['a header cut off', [0, 0, 8, 3, 0, 0], 'images: the header of 3 dimensions has 16 bytes, the file 6', 3],
    ['many dimensions', [0, 0, 8, 17, ...new Array(68).fill(0)], 'images: 17 dimensions, at most 16 are possible', 4],
    ['enormous dimensions', [0, 0, 8, 1, 255, 255, 255, 255], 'images: shape [4294967295] is larger than', 4],
    [
      'elements cut off',
      [0, 0, 8, 1, 0, 0, 0, 2, 1],
      'images: u8 [2] takes 10 bytes with its header, the file has 9; is it cut off?',
      9,
    ],
    [
      'elements left over',
      [0, 0, 8, 1, 0, 0, 0, 1, 1, 1],
      'images: u8 [1] takes 9 bytes with its header, the file has 10',
      9,
    ],
  ])('refuses %s', (_, bytes, sentence, offset) => {
    const failure = left(read(Uint8Array.from(bytes)))
    expect(failure.message).toContain(sentence)
    expect(failure).toMatchObject({ file: 'images', offset })
  })

  it('has no booleans', () => {
    expect(left(writeIdx(unsafePacked([1], 'bool', Uint8Array.of(1)))).message).toBe(
      'writeIdx: idx has no element type bool; pack the array as u8',
    )
  })

  it('answers damaged files', () => {
    fc.assert(
      fc.property(anyPacked.map((p) => right(writeIdx(p))).chain(damaged), (bytes) => {
        const result = read(bytes)
        if (E.isLeft(result))
          expect(result.left).toMatchObject({ file: 'images', message: expect.stringMatching(/^images: /) })
        else expect(right(writeIdx(result.right))).toEqual(bytes)
      }),
      { numRuns: 2000 },
    )
  })
})
