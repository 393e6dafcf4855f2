import { describe, expect, it } from 'vitest'
import { dot, matmul, outer } from '../../src/ops/linear.js'
import { sum } from '../../src/ops/reduction.js'
import { ones, type Tensor, tensor, unsafeMake } from '../../src/Tensor.js'
import { refusal, result, slope, value } from './given.js'

const counting = (shape: ReadonlyArray<number>): Tensor => {
  const n = shape.reduce((p, d) => p * d, 1)
  return unsafeMake(
    [...shape],
    'real',
    Float64Array.from({ length: n }, (_, i) => (i % 7) - 2),
  )
}

/** Element by element, by NumPy's definition, for operands of rank >= 2. */
const naive = (a: Tensor, b: Tensor, lead: ReadonlyArray<number>): ReadonlyArray<number> => {
  const [m, k] = a.shape.slice(-2)
  const n = b.shape[b.shape.length - 1]
  const batches = lead.reduce((p, d) => p * d, 1)
  const start = (t: Tensor, batch: number, block: number): number => {
    let at = 0
    for (let d = lead.length - 1, rest = batch, step = block; d >= 0; rest = Math.floor(rest / lead[d--])) {
      const own = t.shape[t.shape.length - 2 - (lead.length - d)]
      if (own !== undefined) {
        at += (own === 1 ? 0 : rest % lead[d]) * step
        step *= own
      }
    }
    return at
  }
  const out: Array<number> = []
  for (let i = 0; i < batches; i++)
    for (let r = 0; r < m; r++)
      for (let c = 0; c < n; c++) {
        let total = 0
        for (let j = 0; j < k; j++)
          total += a.data[start(a, i, m * k) + r * k + j] * b.data[start(b, i, k * n) + j * n + c]
        out.push(total)
      }
  return out
}

describe('matmul', () => {
  it.each([
    [[2, 3], [3, 4], []],
    [[5, 2, 3], [3, 4], [5]],
    [[2, 3], [5, 3, 4], [5]],
    [[5, 2, 3], [5, 3, 4], [5]],
    [[1, 2, 3], [5, 3, 4], [5]],
    [
      [5, 1, 2, 3],
      [6, 3, 4],
      [5, 6],
    ],
    [
      [1, 6, 2, 3],
      [5, 1, 3, 4],
      [5, 6],
    ],
    [
      [5, 6, 2, 3],
      [6, 3, 4],
      [5, 6],
    ],
    [
      [6, 2, 3],
      [5, 1, 3, 4],
      [5, 6],
    ],
    [[1, 2, 3], [3, 4], [1]],
    [[0, 2, 3], [1, 3, 4], [0]],
    [[2, 0], [0, 4], []],
  ])('%j with %j', (left, right, lead) => {
    const [a, b] = [counting(left), counting(right)]
    const y = result((x, z) => matmul(x, z), a, b)
    expect(y.shape).toEqual([...lead, left[left.length - 2], right[right.length - 1]])
    expect([...y.data]).toEqual(naive(a, b, lead))
  })

  it('takes a vector as a row on the left and a column on the right', () => {
    const m = tensor([
      [1, 2],
      [3, 4],
    ])
    expect(value((x) => matmul(x, m), tensor([1, 10]))).toEqual([31, 42])
    expect(value((x) => matmul(m, x), tensor([1, 10]))).toEqual([21, 43])
    expect(value((x) => matmul(x, x), tensor([1, 10]))).toBe(101)
    expect(result((x) => matmul(x, ones([5, 3, 4])), ones([3])).shape).toEqual([5, 4])
    expect(result((x) => matmul(x, ones([3])), ones([5, 2, 3])).shape).toEqual([5, 2])
  })

  it('has derivatives through broadcast batches', () => {
    expect(slope((x) => sum(matmul(x, ones([5, 3, 4]))), ones([1, 2, 3]))).toEqual([
      [
        [20, 20, 20],
        [20, 20, 20],
      ],
    ])
  })

  it('refuses', () => {
    expect(refusal((x) => matmul(x, x), ones([2, 3]))).toBe('matmul: inner dims differ: 3 (left) and 2 (right)')
    expect(refusal((x) => matmul(x, ones([3])), ones([2]))).toBe('matmul: inner dims differ: 2 (left) and 3 (right)')
    expect(refusal((x) => matmul(x, ones([3, 2, 2])), ones([4, 2, 2]))).toBe(
      'matmul: cannot broadcast [4] with [3]: 4 and 3 differ and neither is 1',
    )
    expect(refusal((x) => matmul(x, ones([2])), tensor(1))).toBe(
      'matmul: needs at least one dimension on each side, not [] with [2]',
    )
    expect(refusal((x) => matmul(x, x), ones([2, 2], 'int'))).toBe('contract: takes real operands, not int [2, 2]')
  })
})

describe('dot and outer', () => {
  it('multiply vectors', () => {
    expect(value((x) => dot(x, tensor([1, 2])), tensor([3, 4]))).toBe(11)
    expect(value((x) => outer(x, tensor([1, 2])), tensor([3, 4]))).toEqual([
      [3, 6],
      [4, 8],
    ])
    expect(refusal((x) => dot(x, ones([3])), ones([2]))).toBe('dot: inner dims differ: 2 (left) and 3 (right)')
    expect(refusal((x) => outer(x, ones([3])), ones([2, 2]))).toBe('outer: takes two vectors, not [2, 2] and [3]')
  })
})
