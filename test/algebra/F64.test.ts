import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { F64, roundEven, type UnaryName } from 'wengert/algebra'
import { stratified, table, ulps, worst } from './support.js'

// A bit pattern in hex to the float64 it stands for.
const fromBits = (hex: string): number => {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, BigInt(hex))
  return view.getFloat64(0)
}

/**
 * V8's elementary functions are its port of fdlibm, which promises less than 1 ulp; measured against the correctly rounded
 * results of these tables, that is an error of 1 ulp or none. Two ulps are allowed, so that another engine's library,
 * within 1.5 ulps, passes too. Where an argument of sin, cos and tan is huge, the promise includes its reduction.
 */
const ELEMENTARY: ReadonlyArray<readonly [file: string, operation: UnaryName]> = [
  ['arccos', 'acos'],
  ['arcsin', 'asin'],
  ['arctan', 'atan'],
  ['cos', 'cos'],
  ['cosh', 'cosh'],
  ['exp', 'exp'],
  ['expm1', 'expm1'],
  ['log', 'log'],
  ['log1p', 'log1p'],
  ['sin', 'sin'],
  ['sinh', 'sinh'],
  ['tan', 'tan'],
  ['tanh', 'tanh'],
]

describe('F64', () => {
  for (const [file, operation] of ELEMENTARY) {
    const text = table(`elementary-functions/${file}.csv`)
    it.skipIf(text === undefined)(`${operation}: within 2 ulps of the correctly rounded result`, () => {
      const rows = (text ?? '')
        .split('\n')
        .filter((line) => line.startsWith('np.float64'))
        .map((line) => line.split(',').slice(1, 3).map(fromBits))
      expect(rows.length).toBeGreaterThan(50)
      const [error, row] = worst(rows, ([x, right]) => ulps(F64[operation](x), right))
      console.log(`${operation}: ${rows.length} rows, worst ${error.toFixed(0)} ulps at ${row[0]}`)
      expect(error).toBeLessThanOrEqual(2)
    })
  }

  it('mod has the sign of the divisor, and is a - b floor(a / b)', () => {
    expect([F64.mod(7, 3), F64.mod(-7, 3), F64.mod(7, -3), F64.mod(-7, -3)]).toEqual([1, 2, -2, -1])
    expect([F64.mod(1, 0), F64.mod(NaN, 1), F64.mod(1, NaN)]).toEqual([NaN, NaN, NaN])
    fc.assert(
      fc.property(stratified, stratified, (x, y) => {
        expect(F64.mod(x, y)).toBe(x - Math.floor(x / y) * y)
      }),
    )
  })

  it('max and min are NaN when either argument is', () => {
    fc.assert(
      fc.property(stratified, stratified, (x, y) => {
        for (const [ours, theirs] of [
          [F64.max(x, y), Math.max(x, y)],
          [F64.min(x, y), Math.min(x, y)],
        ]) {
          // of 0 and -0 the first argument is taken, where Math orders them
          if (theirs === 0) expect(ours === 0).toBe(true)
          else expect(ours).toBe(theirs)
        }
      }),
    )
  })

  it('abs, sign, floor and ceil are those of Math', () => {
    fc.assert(
      fc.property(stratified, (x) => {
        expect(F64.abs(x)).toBe(Math.abs(x))
        expect(F64.sign(x)).toBe(Math.sign(x))
        expect(F64.floor(x)).toBe(Math.floor(x))
        expect(F64.ceil(x)).toBe(Math.ceil(x))
      }),
    )
  })

  it('round is to the nearest integer, ties to even', () => {
    expect([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999999999999994, -0.2, -0].map(F64.round)).toEqual([
      0, 2, 2, -0, -2, -2, 0, -0, -0,
    ])
    fc.assert(
      fc.property(stratified, (x) => {
        const r = roundEven(x)
        if (!Number.isFinite(x)) {
          expect(r).toBe(x)
          return
        }
        expect(Number.isInteger(r)).toBe(true)
        expect(Math.abs(x - r)).toBeLessThanOrEqual(0.5)
        if (Math.abs(x - r) === 0.5) expect(Math.abs(r % 2)).toBe(0)
        expect(roundEven(-x)).toBe(-r)
      }),
    )
  })

  it('has buffers of zeros', () => {
    expect(F64.buffer(3)).toEqual(new Float64Array(3))
    expect([F64.name, F64.literal(0.1), F64.primal(0.1)]).toEqual(['float64', 0.1, 0.1])
  })
})
