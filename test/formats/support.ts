/** What the tests of formats share: arrays to draw, and damage to do to files. */
import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../../src/Failure.js'
import { allocatePacked, type Packed, type PackedType, unsafePacked } from '../../src/formats/index.js'
import { size } from '../../src/Shape.js'

export const right = <A>(e: E.Either<Failure, A>): A => {
  if (E.isLeft(e)) throw new Error(JSON.stringify(e.left))
  return e.right
}

export const left = <A>(e: E.Either<Failure, A>): Failure => {
  if (E.isRight(e)) throw new Error('accepted')
  return e.left
}

/** A file that other software wrote. */
export const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'))

/** An array of a type, its bytes random: every NaN, infinity and -0 occurs. */
export const packedOf = (...types: ReadonlyArray<PackedType>): fc.Arbitrary<Packed> =>
  fc
    .record({ type: fc.constantFrom(...types), shape: fc.array(fc.nat(4), { maxLength: 4 }) })
    .chain(({ type, shape }) => {
      const width = allocatePacked(type, 1).BYTES_PER_ELEMENT
      const length = size(shape) * width
      return fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => {
        const data = allocatePacked(type, size(shape))
        new Uint8Array(data.buffer).set(type === 'bool' ? bytes.map((b) => b & 1) : bytes)
        return unsafePacked(shape, type, data)
      })
    })

/** Equality to the bit. */
export const bits = (p: Packed): unknown => [
  p.type,
  p.shape,
  [...new Uint8Array(p.data.buffer, p.data.byteOffset, p.data.byteLength)],
]

/** A file with some bytes changed, cut off, put in or taken out. */
export const damaged = (file: Uint8Array): fc.Arbitrary<Uint8Array> =>
  fc
    .array(
      fc.record({
        kind: fc.constantFrom('set', 'flip', 'cut', 'insert', 'remove'),
        // headers are where most can go wrong
        at: fc.oneof(fc.nat(Math.min(160, file.length)), fc.nat(file.length)),
        byte: fc.oneof(fc.constantFrom(0, 1, 0x2d, 0x39, 0x7f, 0x80, 0xff), fc.nat(255)),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((edits) =>
      edits.reduce((bytes: Array<number>, { kind, at, byte }) => {
        if (kind === 'cut') return bytes.slice(0, at)
        if (kind === 'insert') return [...bytes.slice(0, at), byte, ...bytes.slice(at)]
        if (kind === 'remove') return [...bytes.slice(0, at), ...bytes.slice(at + 1)]
        return bytes.map((b, i) => (i !== at ? b : kind === 'set' ? byte : b ^ (1 << (byte & 7))))
      }, Array.from(file)),
    )
    .map((bytes) => Uint8Array.from(bytes))
