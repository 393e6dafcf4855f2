import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { elementsAt, putElements, utf8At, utf8Of } from '../../src/formats/bytes.js'
import { repeatedKey } from '../../src/formats/json.js'

describe('UTF-8', () => {
  const fatal = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

  it('is written and read as the platform does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (s) => {
        const bytes = new TextEncoder().encode(s)
        expect(utf8Of(s)).toEqual(bytes)
        expect(utf8At(bytes, 0, bytes.length)).toEqual(E.right(s))
      }),
    )
    expect(utf8Of('a\ud800')).toEqual(new TextEncoder().encode('a\ud800'))
    // more than the pieces in which characters are joined
    const long = 'ä'.repeat(20_000)
    expect(utf8At(utf8Of(long), 0, 40_000)).toEqual(E.right(long))
  })

  it('is refused where the platform refuses it', () => {
    const byte = fc.oneof(
      fc.constantFrom(0x41, 0x80, 0xbf, 0xc1, 0xc2, 0xe0, 0xa0, 0xed, 0x9f, 0xf0, 0x90, 0xf4, 0x8f, 0xf5),
      fc.nat(255),
    )
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 6 }), (list) => {
        const bytes = Uint8Array.from(list)
        const theirs = E.tryCatch(
          () => fatal.decode(bytes),
          () => 'no',
        )
        const ours = utf8At(bytes, 0, bytes.length)
        expect(E.isRight(ours)).toBe(E.isRight(theirs))
        if (E.isRight(ours)) expect(ours).toEqual(theirs)
        else expect(utf8At(bytes, 0, ours.left)).toEqual(E.right(fatal.decode(bytes.subarray(0, ours.left))))
      }),
      { numRuns: 5000 },
    )
  })
})

describe('elements', () => {
  it('are read and written in both byte orders', () => {
    const bytes = Uint8Array.of(9, 1, 2, 3, 4)
    expect([...elementsAt('i16', bytes, 1, 2, false)]).toEqual([0x0102, 0x0304])
    expect([...elementsAt('i16', bytes, 1, 2, true)]).toEqual([0x0201, 0x0403])
    for (const little of [true, false]) {
      const out = new Uint8Array(5)
      putElements(elementsAt('i32', bytes, 1, 1, little), out, 1, little)
      expect([...out]).toEqual([0, 1, 2, 3, 4])
    }
  })
})

describe('repeated keys', () => {
  it.each([
    ['{"a":1,"b":{"a":2},"c":[{"a":1},{"a":1}]}', null],
    ['{"a":":","b":"{\\"a\\":1","\\"":"\\\\"}', null],
    ['{"x":[{"a":1,"\\u0061":2}]}', 'a'],
    ['{"a":1,"b":{},"a":2}', 'a'],
    ['[]', null],
  ])('of %s: %s', (json, expected) => {
    JSON.parse(json)
    expect(repeatedKey(json)).toBe(expected)
  })
})
