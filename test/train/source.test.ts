import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { ints, tensor } from 'wengert'
import { bits } from 'wengert/Random'
import { augmented, inMemory } from 'wengert/train'
import { drawsOf } from '../../src/train/source.js'
import { right } from './support.js'

describe('inMemory', () => {
  const source = right(
    inMemory({
      x: tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      y: ints([7, 8, 9]),
    }),
  )

  it('gives rows by their positions', () => {
    expect(source.rows).toBe(3)
    expect(right(source.take([2, 0, 2], [0, 0]))).toEqual({
      x: tensor([
        [5, 6],
        [1, 2],
        [5, 6],
      ]),
      y: ints([9, 7, 9]),
    })
  })

  it('refuses positions that are none', () => {
    expect(source.take([3], [0, 0])).toMatchObject({ left: { _tag: 'InvalidArgument' } })
  })

  it('refuses tensors that differ in rows, and no tensors', () => {
    expect(inMemory({ x: tensor([1, 2]), y: tensor([1, 2, 3]) })).toMatchObject({
      left: { message: 'inMemory: y has the shape [3], x has 2 rows' },
    })
    expect(inMemory({})).toMatchObject({ left: { _tag: 'InvalidArgument' } })
  })

  it('is augmented by key', () => {
    const noisy = augmented(
      (key) =>
        ({ x, y }: { x: unknown; y: unknown }) =>
          E.right({ x, y, noise: bits(key, 1)[0] }),
    )(source as never)
    const noise = (key: readonly [number, number]) =>
      (right(noisy.take([0], key)) as unknown as { noise: number }).noise
    expect(noise([1, 0])).toBe(noise([1, 0]))
    expect(noise([1, 0])).not.toBe(noise([2, 0]))
  })
})

describe('the draws of a seed', () => {
  it('are permutations, another one for each epoch', () => {
    const { order } = drawsOf(5)
    const orders = [0, 1, 2].map((epoch) => order(epoch, 50))
    for (const one of orders) expect(one.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i))
    expect(new Set(orders.map(String)).size).toBe(3)
    expect(drawsOf(5).order(1, 50)).toEqual(orders[1])
    expect(drawsOf(6).order(1, 50)).not.toEqual(orders[1])
  })

  it('are two keys for each step, all different', () => {
    const { keys } = drawsOf(5)
    const all = Array.from({ length: 100 }, (_, step) => keys(step)).flat()
    expect(new Set(all.map(String)).size).toBe(200)
  })
})
