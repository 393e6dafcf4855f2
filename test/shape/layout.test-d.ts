import { describe, expectTypeOf, it } from 'vitest'
import type { Shape } from '../../src/Shape.js'
import type {
  Concat,
  Insert,
  IsOrder,
  Permute,
  Refill,
  Reshape,
  Size,
  Squeeze,
  Stack,
  Sum,
  Swap,
} from '../../src/shape/layout.js'
import type { ShapeError } from '../../src/shape/types.js'

type Batch = number & { readonly dim: 'batch' }

describe('sums and products', () => {
  it('are exact', () => {
    expectTypeOf<Sum<13, 51>>().toEqualTypeOf<64>()
    expectTypeOf<Sum<0, 0>>().toEqualTypeOf<0>()
    expectTypeOf<Sum<999, 1>>().toEqualTypeOf<1000>()
    expectTypeOf<Sum<50257, 1048576>>().toEqualTypeOf<1098833>()
    expectTypeOf<Sum<number, 3>>().toEqualTypeOf<number>()
    expectTypeOf<Sum<Batch, 3>>().toEqualTypeOf<number>()
    expectTypeOf<Size<readonly []>>().toEqualTypeOf<1>()
    expectTypeOf<Size<readonly [28, 28]>>().toEqualTypeOf<784>()
    expectTypeOf<Size<readonly [99, 99, 99]>>().toEqualTypeOf<970299>()
    expectTypeOf<Size<readonly [50257, 12288]>>().toEqualTypeOf<617558016>()
    expectTypeOf<Size<readonly [7, 0, 3]>>().toEqualTypeOf<0>()
    expectTypeOf<Size<readonly [1000, 1, 10]>>().toEqualTypeOf<10000>()
    expectTypeOf<Size<readonly [Batch, 2]>>().toEqualTypeOf<number>()
  })
})

describe('Reshape', () => {
  it('finds -1 where the others are known', () => {
    expectTypeOf<Reshape<readonly [Batch, 28, 28], readonly [Batch, -1]>>().toEqualTypeOf<readonly [Batch, 784]>()
    expectTypeOf<Reshape<readonly [4, 7], readonly [-1]>>().toEqualTypeOf<readonly [28]>()
    expectTypeOf<Reshape<readonly [4, 7], readonly [7, 4, -1]>>().toEqualTypeOf<readonly [7, 4, 1]>()
    expectTypeOf<Reshape<readonly [4, 6], readonly [8, -1]>>().toEqualTypeOf<readonly [8, number]>()
    expectTypeOf<Reshape<Shape, readonly [8, -1]>>().toEqualTypeOf<readonly [8, number]>()
    expectTypeOf<Reshape<readonly [6], readonly [2, 3]>>().toEqualTypeOf<readonly [2, 3]>()
  })
  it('counts the elements', () => {
    expectTypeOf<Refill<readonly [2, 3], readonly [4, 2]>>().toEqualTypeOf<
      ShapeError<'cannot reshape [2, 3] (6 elements) to [4, 2] (8 elements)'>
    >()
    expectTypeOf<Refill<readonly [2, 3], readonly [3, 2]>>().toEqualTypeOf<unknown>()
    expectTypeOf<Refill<readonly [0, 3], readonly [5, 0]>>().toEqualTypeOf<unknown>()
    expectTypeOf<Refill<readonly [Batch, 3], readonly [3, 2]>>().toEqualTypeOf<unknown>()
    expectTypeOf<Refill<readonly [2, 3], readonly [number, 2]>>().toEqualTypeOf<unknown>()
    expectTypeOf<Refill<readonly [64, 128, 56, 56], readonly [64, 401408]>>().toEqualTypeOf<unknown>()
  })
})

describe('orders', () => {
  it('permute, exchange, insert and squeeze', () => {
    expectTypeOf<Permute<readonly [2, 3, 4], readonly [2, 0, -2]>>().toEqualTypeOf<readonly [4, 2, 3]>()
    expectTypeOf<Permute<Shape, readonly [1, 0]>>().toEqualTypeOf<readonly [number, number]>()
    expectTypeOf<Permute<readonly [2, 3], readonly number[]>>().toEqualTypeOf<Shape>()
    expectTypeOf<IsOrder<readonly [2, 3], readonly [0]>>().toEqualTypeOf<
      ShapeError<'the order [0] must name each of the 2 axes of [2, 3] once'>
    >()
    expectTypeOf<IsOrder<readonly [2, 3], readonly [0, 2]>>().toEqualTypeOf<
      ShapeError<'axis 2 is out of range for rank 2'>
    >()
    expectTypeOf<Swap<readonly [2, 3, 4], -1, 0>>().toEqualTypeOf<readonly [4, 3, 2]>()
    expectTypeOf<Insert<readonly [2, 3], -1, 1>>().toEqualTypeOf<readonly [2, 3, 1]>()
    expectTypeOf<Insert<readonly [2, 3], 0, 1>>().toEqualTypeOf<readonly [1, 2, 3]>()
    expectTypeOf<Insert<readonly [], 0, 5>>().toEqualTypeOf<readonly [5]>()
    expectTypeOf<Squeeze<readonly [1, 2, 1], undefined>>().toEqualTypeOf<readonly [2]>()
    expectTypeOf<Squeeze<readonly [1, 2, 1], -1>>().toEqualTypeOf<readonly [1, 2]>()
    expectTypeOf<Squeeze<readonly [1, number], undefined>>().toEqualTypeOf<Shape>()
  })
})

describe('joining', () => {
  it('adds the lengths', () => {
    expectTypeOf<Concat<readonly [readonly [2, 13], readonly [2, 51]], -1>>().toEqualTypeOf<readonly [2, 64]>()
    expectTypeOf<Concat<readonly [readonly [2], readonly [3], readonly [4]], 0>>().toEqualTypeOf<readonly [9]>()
    expectTypeOf<Concat<readonly [readonly [Batch, 3], readonly [Batch, 4]], 1>>().toEqualTypeOf<readonly [Batch, 7]>()
    expectTypeOf<Concat<readonly [readonly [2, 3], readonly [number, 3]], 0>>().toEqualTypeOf<readonly [number, 3]>()
    expectTypeOf<Concat<readonly [readonly [2, 3], readonly [2, 4]], 0>>().toEqualTypeOf<
      ShapeError<'shapes [2, 3] and [2, 4] differ outside axis 0'>
    >()
    expectTypeOf<Concat<readonly [], 0>>().toEqualTypeOf<ShapeError<'no operand was given'>>()
    expectTypeOf<Stack<readonly [readonly [2, 3], readonly [2, 3]], -1>>().toEqualTypeOf<readonly [2, 3, 2]>()
    expectTypeOf<Stack<readonly [readonly [2], readonly [3]], 0>>().toEqualTypeOf<
      ShapeError<'shapes [2] and [3] differ'>
    >()
    expectTypeOf<Concat<ReadonlyArray<readonly [2]>, 0>>().toEqualTypeOf<Shape>()
  })
})
