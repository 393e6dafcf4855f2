import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allocatePacked, dtypeOf, type Packed, pack, packedOf, unpack, unsafePacked } from '../../src/formats/index.js'
import { bools, ints, tensor } from '../../src/Tensor.js'
import { packedOf as arbitrary, left, right } from './support.js'

describe('packed arrays', () => {
  it('unpack exactly and pack again to what they were', () => {
    fc.assert(
      fc.property(arbitrary('f64', 'f32', 'i32', 'i16', 'i8', 'u8', 'bool'), (p: Packed) => {
        const t = unpack(p)
        expect([t.shape, t.dtype, [...t.data]]).toEqual([p.shape, dtypeOf(p.type), [...p.data]])
        expect(right(pack(p.type)(t))).toEqual(p)
      }),
    )
  })

  it('refuse what the type does not have', () => {
    const said = (...[type, t]: readonly [Packed['type'], Parameters<ReturnType<typeof pack>>[0]]) =>
      left(pack(type)(t)).message
    expect(said('u8', ints([1, 256]))).toBe('pack: element 1 is 256, which u8 does not have')
    expect(said('i8', ints([-129]))).toBe('pack: element 0 is -129, which i8 does not have')
    expect(said('i32', tensor([Number.NaN]))).toBe('pack: element 0 is NaN, which i32 does not have')
    expect(said('bool', ints([2]))).toBe('pack: element 0 is 2, which bool does not have')
    expect([...right(pack('f32')(tensor([0.1]))).data]).toEqual([Math.fround(0.1)])
  })

  it('are made of tensors without a copy, and of themselves', () => {
    const x = tensor([1, 2])
    expect(packedOf(x).data).toBe(x.data)
    expect([packedOf(ints([1])).type, packedOf(bools([true])).type]).toEqual(['i32', 'bool'])
    const p = unsafePacked([1], 'u8', allocatePacked('u8', 1))
    expect(packedOf(p)).toBe(p)
  })
})
