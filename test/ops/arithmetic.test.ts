import { describe, expect, it } from 'vitest'
import { add, atan2, div, maximum, minimum, mod, mul, pow, sub } from '../../src/ops/arithmetic.js'
import { sum } from '../../src/ops/reduction.js'
import { ints, ones, scalar, tensor } from '../../src/Tensor.js'
import { refusal, result, slope, value } from './given.js'

const a = tensor([
  [1, 2, 3],
  [4, 5, 6],
])

describe('broadcasting', () => {
  it('aligns at the last dimension', () => {
    expect(value((x) => add(x, tensor([10, 20, 30])), a)).toEqual([
      [11, 22, 33],
      [14, 25, 36],
    ])
    expect(value((x) => sub(x, tensor([[1], [2]])), a)).toEqual([
      [0, 1, 2],
      [2, 3, 4],
    ])
    expect(result((x, y) => mul(x, y), ones([8, 1, 6, 1]), ones([7, 1, 5])).shape).toEqual([8, 7, 6, 5])
    expect(result((x, y) => add(x, y), ones([3]), ones([1, 1])).shape).toEqual([1, 3])
    expect(result((x, y) => add(x, y), ones([0, 3]), ones([1, 3])).shape).toEqual([0, 3])
    expect(result((x, y) => add(x, y), ones([]), ones([])).shape).toEqual([])
  })

  it('takes numbers on either side, as integers beside integers', () => {
    expect(value((x) => sub(1, x), a)).toEqual([
      [0, -1, -2],
      [-3, -4, -5],
    ])
    expect(value((x) => mul(x, 3), ints([1, 2]))).toEqual([3, 6])
    expect(value((x) => add(x, 2 ** 31 - 1), ints([1]))).toEqual([-(2 ** 31)])
    expect(refusal((x) => add(x, 0.5), ints([1]))).toBe('add: operands must have one element type, not int and real')
  })

  it('sums the cotangent over what was repeated', () => {
    expect(
      slope(
        (x) =>
          sum(
            mul(
              x,
              tensor([
                [1, 2, 3],
                [4, 5, 6],
              ]),
            ),
          ),
        tensor([1, 1, 1]),
      ),
    ).toEqual([5, 7, 9])
    expect(
      slope(
        (x) =>
          sum(
            mul(
              x,
              tensor([
                [1, 2, 3],
                [4, 5, 6],
              ]),
            ),
          ),
        tensor([[1], [1]]),
      ),
    ).toEqual([[6], [15]])
  })

  it('refuses what does not fit', () => {
    expect(refusal((x) => add(x, tensor([1, 2])), a)).toBe(
      'add: cannot broadcast [2, 3] with [2]: 3 and 2 differ and neither is 1',
    )
    expect(refusal((x) => div(x, x), ints([1]))).toBe('div: takes real operands, not int [1]')
    expect(refusal((x) => add(x, null as never), a)).toMatch(/an operand must be a handle/)
  })
})

describe('functions', () => {
  it('pow keeps the conventions at zero', () => {
    expect(value((x) => pow(x, 2), tensor([-2, 0, 3]))).toEqual([4, 0, 9])
    expect(value((x) => pow(x, 0.5), tensor([-1, 4]))).toEqual([NaN, 2])
    expect(slope((x) => sum(pow(x, 2)), tensor([-2, 0, 3]))).toEqual([-4, 0, 6])
    expect(slope((x) => sum(pow(x, 1)), tensor([0, 2]))).toEqual([1, 1])
    expect(slope((x) => sum(pow(x, 0)), tensor([0, 2]))).toEqual([0, 0])
    expect(slope((x) => sum(pow(0, x)), tensor([0, 2]))).toEqual([0, 0])
  })

  it('mod has the sign of the divisor', () => {
    expect(value((x) => mod(x, 3), tensor([-1, 4, 3]))).toEqual([2, 1, 0])
    expect(value((x) => mod(x, -3), ints([-1, 4, 3]))).toEqual([-1, -2, 0])
  })

  it('maximum and minimum share ties and pass NaN on', () => {
    expect(value((x) => maximum(x, 0), tensor([-1, 0, NaN]))).toEqual([0, 0, NaN])
    expect(value((x) => minimum(x, 0), ints([-1, 3]))).toEqual([-1, 0])
    expect(slope((x) => sum(maximum(x, 0)), tensor([-1, 0, 2]))).toEqual([0, 0.5, 1])
  })

  it('atan2 takes y first', () => {
    expect(value((y) => atan2(y, -1), scalar(0))).toBe(Math.PI)
  })
})
