import { describe, expect, it } from 'vitest'
import { concat, pad, roll, stack, tile } from '../../src/ops/joining.js'
import { bools, ints, ones, tensor, zeros } from '../../src/Tensor.js'
import { refusal, result, value } from './given.js'

const [beside, piled] = [concat as any, stack as any]
const a = tensor([
  [1, 2],
  [3, 4],
])

describe('concat and stack', () => {
  it('join', () => {
    expect(value((x) => beside([x, x], { axis: -1 }), a)).toEqual([
      [1, 2, 1, 2],
      [3, 4, 3, 4],
    ])
    expect(result((x) => beside([x, ones([3, 2]), zeros([0, 2])]), a).shape).toEqual([5, 2])
    expect(value((x) => beside([x]), a)).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(result((x) => piled([x, x, x]), a).shape).toEqual([3, 2, 2])
    expect(value((x) => piled([x, tensor([3, 4])], { axis: -1 }), tensor([1, 2]))).toEqual([
      [1, 3],
      [2, 4],
    ])
    expect(value((x) => piled([x, x]), ints(3))).toEqual([3, 3])
  })
  it('refuse', () => {
    expect(refusal(() => beside([]))).toBe('concat: no operand was given')
    expect(refusal((x) => beside([x, ones([2, 3])]), a)).toBe('concat: shapes [2, 2] and [2, 3] differ outside axis 0')
    expect(refusal((x) => beside([x, ones([2])]), a)).toBe('concat: shapes [2, 2] and [2] differ outside axis 0')
    expect(refusal((x) => beside([x, ints([[1, 2]])]), a)).toBe(
      'concat: operands must have one element type, not real and int',
    )
    expect(refusal((x) => beside([x, x], { axis: 2 }), a)).toBe('concat: axis 2 is out of range for rank 2')
    expect(refusal((x) => piled([x, ones([2])]), a)).toBe('stack: shapes [2, 2] and [2] differ')
    expect(refusal((x) => piled([x, x], { axis: 3 }), a)).toBe('stack: axis 3 is out of range for rank 3')
  })
})

describe('pad, tile, roll', () => {
  it('make longer or move', () => {
    expect(
      value(
        (x) =>
          pad(
            x,
            [
              [1, 0],
              [0, 1],
            ],
            9,
          ),
        a,
      ),
    ).toEqual([
      [9, 9, 9],
      [1, 2, 9],
      [3, 4, 9],
    ])
    expect(result((x) => pad(x, 2), a).shape).toEqual([6, 6])
    expect(value((x) => tile(x, [2]), a)).toEqual([
      [1, 2, 1, 2],
      [3, 4, 3, 4],
    ])
    expect(value((x) => tile(x, [2, 1, 2]), tensor([1, 2]))).toEqual([[[1, 2, 1, 2]], [[1, 2, 1, 2]]])
    expect(result((x) => tile(x, [0, 3]), a).shape).toEqual([0, 6])
    expect(value((x) => tile(x, [1, 1]), bools([true]))).toEqual([[1]])
    expect(value((x) => roll(x, 1), tensor([1, 2, 3]))).toEqual([3, 1, 2])
    expect(value((x) => roll(x, -4), tensor([1, 2, 3]))).toEqual([2, 3, 1])
    expect(value((x) => roll(x, 1, { axis: 0 }), a)).toEqual([
      [3, 4],
      [1, 2],
    ])
    expect(result((x) => roll(x, 5), zeros([0])).shape).toEqual([0])
  })
  it('refuse', () => {
    expect(refusal((x) => pad(x, [[1, 1]]), a)).toBe('pad: 1 margins for the 2 dimensions of [2, 2]')
    for (const n of [-1, 0.5, NaN])
      expect(refusal((x) => pad(x, n), a)).toBe(`pad: a margin must be an integer >= 0, not ${n}`)
    expect(refusal((x) => pad(x, 1, 0.5), ints([1]))).toBe('pad: the value 0.5 is not of the element type int')
    expect(refusal((x) => pad(x, 2 ** 31), a)).toMatch(/^pad: /)
    for (const n of [-1, 0.5, NaN])
      expect(refusal((x) => tile(x, [n]), a)).toBe(`tile: repeats must be integers >= 0, not ${n}`)
    expect(refusal((x) => tile(x, [1e30]), a)).toMatch(/broadcast: /)
    for (const n of [0.5, NaN, Infinity])
      expect(refusal((x) => roll(x, n), a)).toBe(`roll: the places must be an integer, not ${n}`)
  })
})
