import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { F64 } from '../../src/algebra/F64.js'
import { bits } from '../../src/Random.js'
import { type Spec, size } from '../../src/Shape.js'
import { unsafeMake } from '../../src/Tensor.js'
import { apply, dims, int, laws, real, rowOf, tabulate, type Use } from './support.js'

const draws: fc.Arbitrary<Use<'randomBits'>> = fc.tuple(dims(0, 2, 3), dims(0, 3, 4)).map(([keys, shape]) => ({
  operands: [int(...keys, 2)],
  attributes: { shape },
  range: [[-(2 ** 31), 2 ** 31 - 1]],
}))

laws('randomBits', draws)

describe('sources', () => {
  it('iota counts along its axis', () => {
    const shapes = dims(1, 4).chain((shape) => fc.nat({ max: shape.length - 1 }).map((axis) => ({ shape, axis })))
    fc.assert(
      fc.property(shapes, ({ shape, axis }) => {
        expect(apply('iota', [], [], { shape, axis })).toEqual({ shape, data: tabulate(shape, (index) => index[axis]) })
      }),
    )
  })

  it('a constant is its value', () => {
    for (const value of [
      unsafeMake([2], 'real', Float64Array.of(1.5, Number.NaN)),
      unsafeMake([2], 'int', Int32Array.of(-1, 7)),
      unsafeMake([2], 'bool', Uint8Array.of(1, 0)),
      unsafeMake([0, 3], 'real', new Float64Array(0)),
    ])
      expect(apply('constant', [], [], { value })).toEqual({ shape: value.shape, data: [...value.data] })
  })

  it('the codecs give attributes back', () => {
    const given = <A>(codec: { encode: (a: A) => unknown; decode: (u: unknown) => unknown }, a: A): void =>
      expect(codec.decode(JSON.parse(JSON.stringify(codec.encode(a))))).toEqual(E.right(a))
    given(rowOf('input').attributes, { path: 'layers.0.w', shape: [2, 3], dtype: 'int' })
    given(rowOf('iota').attributes, { shape: [2, 3], axis: 1 })
    given(rowOf('constant').attributes, {
      value: unsafeMake([2], 'real', Float64Array.of(1.5, Number.NEGATIVE_INFINITY)),
    })
    expect(E.isLeft(rowOf('input').attributes.decode({ path: 'x', shape: [-1], dtype: 'real' }))).toBe(true)
    expect(E.isLeft(rowOf('input').attributes.decode({ path: 'x', shape: Array(17).fill(1), dtype: 'real' }))).toBe(
      true,
    )
    expect(E.isLeft(rowOf('constant').attributes.decode({ value: { shape: [2], dtype: 'real', data: [1] } }))).toBe(
      true,
    )
  })

  it('an input is never computed', () => {
    const attributes = { path: 'x', shape: [1], dtype: 'real' as const }
    const kernel = rowOf('input').kernel(F64, { attributes, operands: [], result: real(1) }, () => () => [])
    expect(() => kernel([], [0])).toThrow('the input x is given, not computed')
  })

  it('randomBits draws the bits of each key', () => {
    const keys = [1, 2, -3, 4, 2 ** 31 - 1, -(2 ** 31)]
    expect(apply('randomBits', [int(3, 2)], [keys], { shape: [2, 3] })).toEqual({
      shape: [3, 2, 3],
      data: [0, 1, 2].flatMap((k) => [...bits([keys[2 * k], keys[2 * k + 1]], 6)]),
    })
  })

  it('refusals say what is wrong', () => {
    const refused = (x: Spec) => {
      const spec = rowOf('randomBits').spec([x], { shape: [4] })
      return E.isLeft(spec) ? `${spec.left._tag}: ${spec.left.message}` : `accepted ${size(spec.right.shape)}`
    }
    expect(refused(real(2))).toBe('TypeMismatch: randomBits: a key is two integers, not real')
    expect(refused(int(3))).toBe('ShapeMismatch: randomBits: a key has the shape [2], not [3]')
    expect(refused(int(2))).toBe('accepted 4')
    const spec = rowOf('iota').spec([], { shape: [2], axis: 1 })
    expect(E.isLeft(spec) && spec.left.message).toBe('iota: axis 1 is out of range for rank 1')
  })
})
