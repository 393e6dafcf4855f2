import type * as E from 'fp-ts/lib/Either.js'
import type * as O from 'fp-ts/lib/Option.js'
import { describe, expectTypeOf, it } from 'vitest'
import type { Failure } from '../src/Failure.js'
import { key } from '../src/Random.js'
import type { Shape } from '../src/Shape.js'
import * as T from '../src/Tensor.js'

describe('tensor', () => {
  it('shows the shape of a literal', () => {
    expectTypeOf(T.tensor(1)).toEqualTypeOf<T.Tensor<readonly []>>()
    expectTypeOf(T.tensor([])).toEqualTypeOf<T.Tensor<readonly [0]>>()
    expectTypeOf(T.tensor([1, 2, 3])).toEqualTypeOf<T.Tensor<readonly [3]>>()
    expectTypeOf(
      T.tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    ).toEqualTypeOf<T.Tensor<readonly [2, 3]>>()
    expectTypeOf(T.tensor([[[1], [2]]])).toEqualTypeOf<T.Tensor<readonly [1, 2, 1]>>()
    expectTypeOf(T.tensor([[[[1, 2]]], [[[3, 4]]]])).toEqualTypeOf<T.Tensor<readonly [2, 1, 1, 2]>>()
    expectTypeOf(T.tensor([[], []])).toEqualTypeOf<T.Tensor<readonly [2, 0]>>()
    expectTypeOf(T.ints([[1, 2]])).toEqualTypeOf<T.Tensor<readonly [1, 2], 'int'>>()
    expectTypeOf(T.bools([true, false])).toEqualTypeOf<T.Tensor<readonly [2], 'bool'>>()
  })

  it('leaves open what the type does not show', () => {
    const xs: Array<number> = [1, 2]
    expectTypeOf(T.tensor(xs)).toEqualTypeOf<T.Tensor<readonly [number]>>()
    expectTypeOf(T.tensor([xs, xs])).toEqualTypeOf<T.Tensor<readonly [2, number]>>()
    expectTypeOf(T.tensor([xs, [1, 2]])).toEqualTypeOf<T.Tensor<readonly [2, number]>>()
    expectTypeOf(T.tensor([1, 2].map((x) => [x, x]))).toEqualTypeOf<T.Tensor<readonly [number, number]>>()
    expectTypeOf(T.tensor(1 as T.NestedArray<number>)).toEqualTypeOf<T.Tensor<Shape>>()
  })

  it('refuses ragged literals and other things', () => {
    // @ts-expect-error not a tensor: its rows differ in length or depth
    T.tensor([[1, 2], [3]])
    // @ts-expect-error not a tensor: its rows differ in length or depth
    T.tensor([1, [2]])
    // @ts-expect-error not a tensor: its rows differ in length or depth
    T.tensor([[[1], [2]], [[1]]])
    // @ts-expect-error elements are numbers
    T.tensor(['1'])
    // @ts-expect-error elements are numbers
    T.ints([true])
    // @ts-expect-error elements are booleans
    T.bools([1])
  })

  it('has elements that cannot be written', () => {
    const t = T.zeros([2])
    // @ts-expect-error read-only
    t.data[0] = 1
    // @ts-expect-error read-only
    t.shape[0] = 3
  })
})

describe('constructors', () => {
  it('know literal shapes', () => {
    expectTypeOf(T.zeros([2, 3])).toEqualTypeOf<T.Tensor<readonly [2, 3]>>()
    expectTypeOf(T.ones([2], 'int')).toEqualTypeOf<T.Tensor<readonly [2], 'int'>>()
    expectTypeOf(T.full([], 2)).toEqualTypeOf<T.Tensor<readonly []>>()
    expectTypeOf(T.eye(4)).toEqualTypeOf<T.Tensor<readonly [4, 4]>>()
    expectTypeOf(T.linspace(0, 1, 5)).toEqualTypeOf<T.Tensor<readonly [5]>>()
    expectTypeOf(T.normal(key(0), [2, 1])).toEqualTypeOf<T.Tensor<readonly [2, 1]>>()
    expectTypeOf(T.zerosLike(T.ints([1]))).toEqualTypeOf<T.Tensor<readonly [1], 'int'>>()
    expectTypeOf(T.fromData([2, 2], [1, 2, 3, 4])).toEqualTypeOf<E.Either<Failure, T.Tensor<readonly [2, 2]>>>()
    expectTypeOf(T.fromArray(null, 'bool')).toEqualTypeOf<E.Either<Failure, T.Tensor<Shape, 'bool'>>>()
    const dynamic: Shape = [2]
    expectTypeOf(T.zeros(dynamic)).toEqualTypeOf<T.Tensor<Shape>>()
  })
})

describe('combinators', () => {
  const a = T.zeros([2, 3, 4])
  type Result<S extends Shape> = E.Either<Failure, T.Tensor<S>>

  it('compute shapes', () => {
    expectTypeOf(T.transpose(a)).toEqualTypeOf<T.Tensor<readonly [4, 3, 2]>>()
    expectTypeOf(T.permute(a, [1, 2, 0])).toEqualTypeOf<Result<readonly [3, 4, 2]>>()
    expectTypeOf(T.permute(a, [-1, 0, 1])).toEqualTypeOf<Result<readonly [number, 2, 3]>>()
    expectTypeOf(T.reshape(a, [6, -1])).toEqualTypeOf<Result<readonly [6, number]>>()
    expectTypeOf(T.slice(a, 0)).toEqualTypeOf<Result<readonly [3, 4]>>()
    expectTypeOf(T.slice(a, ':', -1)).toEqualTypeOf<Result<readonly [2, 4]>>()
    expectTypeOf(T.slice(a, ':', { start: 1 }, 2)).toEqualTypeOf<Result<readonly [2, number]>>()
    expectTypeOf(T.slice(a as T.Tensor, 1)).toEqualTypeOf<Result<Shape>>()
    expectTypeOf(T.cast(a, 'int')).toEqualTypeOf<T.Tensor<readonly [2, 3, 4], 'int'>>()
    expectTypeOf(T.map((x) => x)(a)).toEqualTypeOf<typeof a>()
    expectTypeOf(T.zipWith(Math.max)(a, a)).toEqualTypeOf<Result<readonly [2, 3, 4]>>()
  })

  it('read nested arrays', () => {
    expectTypeOf(T.toNested(T.zeros([2, 3]))).toEqualTypeOf<ReadonlyArray<ReadonlyArray<number>>>()
    expectTypeOf(T.toNested(T.scalar(1))).toEqualTypeOf<number>()
    expectTypeOf(T.toNested(a as T.Tensor)).toEqualTypeOf<T.NestedArray<number>>()
  })

  it('ask for one index per dimension', () => {
    expectTypeOf(T.get(a, 0, 0, 0)).toEqualTypeOf<O.Option<number>>()
    // @ts-expect-error three dimensions
    T.get(a, 0, 0)
    // @ts-expect-error not a range
    T.slice(a, 'all')
    // @ts-expect-error another element type
    T.zipWith(Math.max)(a, T.ints([1]))
  })
})
