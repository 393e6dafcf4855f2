import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { F32, F64 } from 'wengert/algebra'
import { BINARY, stratified, UNARY } from './support.js'

const single = stratified.map(Math.fround)

describe('F32', () => {
  it('has only float32 results', () => {
    fc.assert(
      fc.property(single, single, (x, y) => {
        for (const name of UNARY) {
          const value = F32[name](x)
          expect(value, name).toBe(Math.fround(value))
        }
        for (const name of BINARY) {
          const value = F32[name](x, y)
          expect(value, name).toBe(Math.fround(value))
        }
        expect(F32.polygamma(1, x)).toBe(Math.fround(F64.polygamma(1, x)))
      }),
    )
  })

  it('rounds the result of float64 once, but for mod, which is three operations', () => {
    fc.assert(
      fc.property(single, single, (x, y) => {
        for (const name of UNARY) expect(F32[name](x), name).toBe(Math.fround(F64[name](x)))
        for (const name of BINARY) if (name !== 'mod') expect(F32[name](x, y), name).toBe(Math.fround(F64[name](x, y)))
        const floor = Math.floor(Math.fround(x / y))
        expect(F32.mod(x, y)).toBe(Math.fround(x - Math.fround(Math.fround(floor) * y)))
      }),
    )
  })

  it('does the arithmetic of Float32Array', () => {
    fc.assert(
      fc.property(single, single, (x, y) => {
        const [a, b, out] = [new Float32Array([x]), new Float32Array([y]), new Float32Array(5)]
        out[0] = a[0] + b[0]
        out[1] = a[0] - b[0]
        out[2] = a[0] * b[0]
        out[3] = a[0] / b[0]
        out[4] = Math.sqrt(a[0])
        expect([F32.add(x, y), F32.sub(x, y), F32.mul(x, y), F32.div(x, y), F32.sqrt(x)]).toEqual([...out])
      }),
    )
  })

  it('has buffers and literals of float32', () => {
    expect(F32.buffer(2)).toEqual(new Float32Array(2))
    expect([F32.name, F32.literal(0.1), F32.literal(1e300), F32.primal(F32.literal(0.1))]).toEqual([
      'float32',
      0.10000000149011612,
      Infinity,
      0.10000000149011612,
    ])
  })
})
