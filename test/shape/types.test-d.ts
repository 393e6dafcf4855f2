import { describe, expectTypeOf, it } from 'vitest'
import type { Shape } from '../../src/Shape.js'
import type {
  AxisOf,
  Broadcast,
  BroadcastsTo,
  HasAxes,
  HasAxis,
  Inner,
  MatMul,
  Reduce,
  ShapeError,
  WithLength,
} from '../../src/shape/types.js'

type Batch = number & { readonly dim: 'batch' }

describe('Broadcast', () => {
  it('computes', () => {
    expectTypeOf<Broadcast<readonly [8, 1, 5], readonly [4, 1]>>().toEqualTypeOf<readonly [8, 4, 5]>()
    expectTypeOf<Broadcast<readonly [], readonly [3]>>().toEqualTypeOf<readonly [3]>()
    expectTypeOf<Broadcast<readonly [], readonly []>>().toEqualTypeOf<readonly []>()
    expectTypeOf<Broadcast<readonly [0], readonly [1]>>().toEqualTypeOf<readonly [0]>()
    expectTypeOf<Broadcast<readonly [number, 3], readonly [2, 1]>>().toEqualTypeOf<readonly [2, 3]>()
    expectTypeOf<Broadcast<readonly [number], readonly [1]>>().toEqualTypeOf<readonly [number]>()
    expectTypeOf<Broadcast<readonly [Batch, 3], readonly [3]>>().toEqualTypeOf<readonly [Batch, 3]>()
    expectTypeOf<Broadcast<Shape, readonly [3]>>().toEqualTypeOf<Shape>()
  })
  it('refuses with the sentence of the run time', () => {
    expectTypeOf<Broadcast<readonly [2, 3], readonly [2]>>().toEqualTypeOf<
      ShapeError<'cannot broadcast [2, 3] with [2]: 3 and 2 differ and neither is 1'>
    >()
    expectTypeOf<Broadcast<readonly [Batch], readonly [16]>>().toExtend<ShapeError<string>>()
    expectTypeOf<BroadcastsTo<readonly [2, 3], readonly [2, 2]>>().toEqualTypeOf<
      ShapeError<'cannot broadcast [2, 3] to [2, 2]: 3 and 2 differ'>
    >()
    expectTypeOf<BroadcastsTo<readonly [2, 3], readonly [3]>>().toEqualTypeOf<
      ShapeError<'cannot broadcast [2, 3] to [3]: it has more dimensions'>
    >()
    expectTypeOf<BroadcastsTo<readonly [1, 3], readonly [5, 2, 3]>>().toEqualTypeOf<unknown>()
  })
})

describe('axes', () => {
  it('count from either end', () => {
    expectTypeOf<AxisOf<readonly [2, 3, 4], -1>>().toEqualTypeOf<'2'>()
    expectTypeOf<AxisOf<readonly [2, 3, 4], -3>>().toEqualTypeOf<'0'>()
    expectTypeOf<AxisOf<readonly [2, 3, 4], -4>>().toEqualTypeOf<never>()
    expectTypeOf<AxisOf<readonly [2, 3, 4], 3>>().toEqualTypeOf<never>()
    expectTypeOf<HasAxis<readonly [2], 1>>().toEqualTypeOf<ShapeError<'axis 1 is out of range for rank 1'>>()
    expectTypeOf<HasAxis<readonly [2], -100000>>().toEqualTypeOf<
      ShapeError<'axis -100000 is out of range for rank 1'>
    >()
    expectTypeOf<HasAxis<readonly [2], number>>().toEqualTypeOf<unknown>()
    expectTypeOf<HasAxis<Shape, 7>>().toEqualTypeOf<unknown>()
    expectTypeOf<HasAxes<readonly [2, 3], readonly [0, 2]>>().toEqualTypeOf<
      ShapeError<'axis 2 is out of range for rank 2'>
    >()
    expectTypeOf<HasAxes<readonly [2, 3], undefined>>().toEqualTypeOf<unknown>()
  })
  it('are reduced', () => {
    expectTypeOf<Reduce<readonly [2, 3, 4], undefined>>().toEqualTypeOf<readonly []>()
    expectTypeOf<Reduce<readonly [2, 3, 4], undefined, true>>().toEqualTypeOf<readonly [1, 1, 1]>()
    expectTypeOf<Reduce<readonly [2, 3, 4], -2>>().toEqualTypeOf<readonly [2, 4]>()
    expectTypeOf<Reduce<readonly [2, 3, 4], 0, true>>().toEqualTypeOf<readonly [1, 3, 4]>()
    expectTypeOf<Reduce<readonly [2, 3, 4], readonly [0, -1]>>().toEqualTypeOf<readonly [3]>()
    expectTypeOf<Reduce<readonly [2, 3, 4], readonly []>>().toEqualTypeOf<readonly [2, 3, 4]>()
    expectTypeOf<Reduce<readonly [Batch, 3], -1>>().toEqualTypeOf<readonly [Batch]>()
    expectTypeOf<Reduce<readonly [2, 3], number>>().toEqualTypeOf<Shape>()
    expectTypeOf<Reduce<Shape, 0>>().toEqualTypeOf<Shape>()
    expectTypeOf<WithLength<readonly [2, 3], -1, 7>>().toEqualTypeOf<readonly [2, 7]>()
  })
})

describe('MatMul', () => {
  it("has NumPy's rules", () => {
    expectTypeOf<MatMul<readonly [2, 3], readonly [3, 4]>>().toEqualTypeOf<readonly [2, 4]>()
    expectTypeOf<MatMul<readonly [3], readonly [3]>>().toEqualTypeOf<readonly []>()
    expectTypeOf<MatMul<readonly [3], readonly [5, 3, 4]>>().toEqualTypeOf<readonly [5, 4]>()
    expectTypeOf<MatMul<readonly [5, 2, 3], readonly [3]>>().toEqualTypeOf<readonly [5, 2]>()
    expectTypeOf<MatMul<readonly [5, 1, 2, 3], readonly [6, 3, 4]>>().toEqualTypeOf<readonly [5, 6, 2, 4]>()
    expectTypeOf<MatMul<readonly [Batch, 2, 3], readonly [3, 4]>>().toEqualTypeOf<readonly [Batch, 2, 4]>()
    expectTypeOf<MatMul<readonly [2, number], readonly [3, 4]>>().toEqualTypeOf<readonly [2, 4]>()
    expectTypeOf<MatMul<Shape, readonly [3, 4]>>().toEqualTypeOf<Shape>()
  })
  it('refuses with the sentence of the run time', () => {
    expectTypeOf<Inner<13, 10>>().toEqualTypeOf<ShapeError<'inner dims differ: 13 (left) and 10 (right)'>>()
    expectTypeOf<MatMul<readonly [4, 2, 2], readonly [3, 2, 2]>>().toEqualTypeOf<
      ShapeError<'cannot broadcast [4] with [3]: 4 and 3 differ and neither is 1'>
    >()
    expectTypeOf<MatMul<readonly [], readonly [3]>>().toExtend<ShapeError<string>>()
  })
})
