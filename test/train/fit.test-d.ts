import type { Either } from 'fp-ts/lib/Either.js'
import { describe, expectTypeOf, it } from 'vitest'
import { type Failure, matmul, meanSquaredError, type Tensor, type Var } from 'wengert'
import { sgd } from 'wengert/optim'
import { type Event, fit as train } from 'wengert/train'

type Net = { readonly w: Var<readonly [3, 1]> }
type Batch = { readonly x: Var<readonly [number, 3]>; readonly y: Var<readonly [number, 1]> }

declare const w: Tensor<readonly [3, 1]>
declare const x: Tensor<readonly [100, 3]>
declare const y: Tensor<readonly [100, 1]>

const loss = (p: Net, { x: a, y: b }: Batch) => meanSquaredError(matmul(a, p.w), b)
const rest = { optimiser: sgd({ rate: 0.1 }), batchSize: 10, epochs: 1, seed: 1 }

describe('fit', () => {
  it('knows what is learnt', () => {
    const run = train({ loss, parameters: { w }, data: { x, y }, ...rest })
    expectTypeOf(run).toEqualTypeOf<Either<Failure, Iterable<Event<Net, readonly []>>>>()
    type Stopped = Extract<Event<Net, readonly []>, { readonly _tag: 'stopped' }>
    expectTypeOf<Stopped['parameters']['w']>().toEqualTypeOf<Tensor<readonly [3, 1]>>()
  })

  it('refuses data and parameters of other shapes', () => {
    // @ts-expect-error the data lack y
    train({ loss, parameters: { w }, data: { x }, ...rest })
    // @ts-expect-error x has 3 columns, y has 1
    train({ loss, parameters: { w }, data: { x: y, y }, ...rest })
    // @ts-expect-error w is [3, 1]
    train({ loss, parameters: { w: x }, data: { x, y }, ...rest })
  })
})
