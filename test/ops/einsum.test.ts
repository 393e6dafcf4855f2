import { describe, expect, it } from 'vitest'
import { einsum } from '../../src/ops/einsum.js'
import { sum } from '../../src/ops/reduction.js'
import { ones, tensor } from '../../src/Tensor.js'
import { refusal, result, slope, value } from './given.js'

const einstein = einsum as any
const a = tensor([
  [1, 2],
  [3, 4],
])
const cube = tensor([
  [
    [1, 2],
    [3, 4],
  ],
  [
    [5, 6],
    [7, 8],
  ],
])

describe('einsum', () => {
  it('of one operand (values of NumPy)', () => {
    expect(value((x) => einstein('ij->ji', x), a)).toEqual([
      [1, 3],
      [2, 4],
    ])
    expect(value((x) => einstein('ij->', x), a)).toBe(10)
    expect(value((x) => einstein('ii->i', x), a)).toEqual([1, 4])
    expect(value((x) => einstein('ii', x), a)).toBe(5)
    expect(value((x) => einstein('ji', x), a)).toEqual([
      [1, 3],
      [2, 4],
    ])
    expect(value((x) => einstein('iii->i', x), cube)).toEqual([1, 8])
    expect(value((x) => einstein('iji->j', x), cube)).toEqual([7, 11])
    expect(value((x) => einstein('->', x), tensor(3))).toBe(3)
  })
  it('of two', () => {
    expect(value((x) => einstein('ij,jk->ik', x, x), a)).toEqual([
      [7, 10],
      [15, 22],
    ])
    expect(value((x) => einstein('ij,jk', x, x), a)).toEqual([
      [7, 10],
      [15, 22],
    ])
    expect(value((x) => einstein(' i j , i j -> i ', x, x), a)).toEqual([5, 25])
    expect(value(() => einstein('i,j->ji', tensor([1, 2]), tensor([3, 4])))).toEqual([
      [3, 6],
      [4, 8],
    ])
    expect(value((x) => einstein('ij,kl->', x, x), a)).toBe(100)
    expect(value((x) => einstein('ii,jk->k', x, x), a)).toEqual([20, 30])
  })
  it('of several, from left to right', () => {
    expect(value((x) => einstein('ij,jk,kl->il', x, x, x), a)).toEqual([
      [37, 54],
      [81, 118],
    ])
    expect(value((x) => einstein('ij,ij,ij->j', x, x, x), a)).toEqual([28, 72])
    expect(
      result(() => einstein('bhqd,bhkd,bhke->bhqe', ones([2, 3, 4, 5]), ones([2, 3, 6, 5]), ones([2, 3, 6, 7]))).shape,
    ).toEqual([2, 3, 4, 7])
  })
  it('with an ellipsis, broadcast', () => {
    expect(value((x) => einstein('...ij->...ji', x), cube)).toEqual([
      [
        [1, 3],
        [2, 4],
      ],
      [
        [5, 7],
        [6, 8],
      ],
    ])
    expect(value((x) => einstein('...i,i->...', x, tensor([1, 10])), cube)).toEqual([
      [21, 43],
      [65, 87],
    ])
    expect(result(() => einstein('...ij,...jk->...ik', ones([5, 1, 2, 3]), ones([4, 3, 6]))).shape).toEqual([
      5, 4, 2, 6,
    ])
    expect(result(() => einstein('i...,j...', ones([2, 4, 1]), ones([3, 5]))).shape).toEqual([4, 5, 2, 3])
    expect(value(() => einstein('...,...', tensor(2), tensor([3, 4])))).toEqual([6, 8])
    expect(result(() => einstein('a...->a...', ones([3]))).shape).toEqual([3])
    expect(result(() => einstein('...,...', ones([1]), ones([1]))).shape).toEqual([1])
  })
  it('with zero-size operands', () => {
    expect(value(() => einstein('ij,jk->ik', ones([2, 0]), ones([0, 2])))).toEqual([
      [0, 0],
      [0, 0],
    ])
    expect(result(() => einstein('ii->i', ones([0, 0]))).shape).toEqual([0])
  })
  it('has derivatives, through diagonals too', () => {
    expect(slope((x) => einstein('ii', x), a)).toEqual([
      [1, 0],
      [0, 1],
    ])
    expect(slope((x) => sum(einstein('ij,jk->ik', x, x)), a)).toEqual([
      [7, 11],
      [9, 13],
    ])
  })
  it('refuses each mistake with its own sentence', () => {
    const refused = (notation: any, ...xs: ReadonlyArray<any>) => refusal(() => einstein(notation, ...xs))
    expect(refused('ij,jk->ik', a)).toBe("einsum: 2 terms for 1 operands in 'ij,jk->ik'")
    expect(refused('ij->ik', a)).toBe("einsum: no operand has the index k of the result in 'ij->ik'")
    expect(refused('ij->ii', a)).toBe("einsum: the result repeats the index i in 'ij->ii'")
    expect(refused('ijk->i', a)).toBe("einsum: the term of 3 indices does not fit the shape [2, 2]: 'ijk' in 'ijk->i'")
    expect(refused('ij...k->i', a)).toMatch(/does not fit the shape/)
    expect(refused('ij,jk->ik', a, ones([3, 2]))).toBe('einsum: index j is both 2 and 3')
    expect(refused('i1->i', a)).toBe("einsum: the term 'i1' is not made of letters and one '...' in 'i1->i'")
    expect(refused('......->i', a)).toMatch(/is not made of letters/)
    expect(refused('ij->i->j', a)).toBe("einsum: '->' stands more than once in 'ij->i->j'")
    expect(refused('...j->j', a)).toBe("einsum: the result must have the '...' of the operands in '...j->j'")
    expect(refused('ij->...', a)).toBe("einsum: no operand has the '...' of the result in 'ij->...'")
    expect(refused('...i,...i->...', ones([2, 5]), ones([3, 5]))).toBe(
      "einsum: the dimensions of '...' do not broadcast: 2 and 3 differ and neither is 1",
    )
    expect(refused('', a)).toMatch(/does not fit/)
    expect(refused('')).toBe("einsum: 1 terms for 0 operands in ''")
  })
})
