import { describe, expectTypeOf, it } from 'vitest'
import type { Tensor, Values, Var } from 'wengert'
import {
  adam,
  chain,
  descend,
  type Like,
  momentum,
  type Optimiser,
  type Over,
  on,
  scaleByMoments,
  sgd,
} from 'wengert/optim'

type Net = { readonly w: Var<readonly [3, 2]>; readonly b: Var<readonly [2]> }
declare const values: Values<Net>

describe('the state of an optimiser', () => {
  it('has the structure of the parameters where it says Like', () => {
    expectTypeOf<Over<{ readonly velocity: Like }, Net>>().toEqualTypeOf<{ readonly velocity: Net }>()
    expectTypeOf(momentum({ decay: 0.9 }).init(values).velocity.w).toEqualTypeOf<Tensor<readonly [3, 2]>>()
    expectTypeOf(adam({ rate: 1 }).init(values)[1].mean).toEqualTypeOf<Values<Net>>()
  })

  it('of a chain is the tuple of the states', () => {
    const both = chain(momentum({ decay: 0.9 }), scaleByMoments(), descend(0.1))
    const state = both.init(values)
    expectTypeOf(state[0].velocity).toEqualTypeOf<Values<Net>>()
    expectTypeOf(state[1].square.b).toEqualTypeOf<Tensor<readonly [2]>>()
    expectTypeOf(state).toHaveProperty('length').toEqualTypeOf<3>()
  })

  it('of some parameters is by their paths', () => {
    const some = on((path) => path === 'w', momentum({ decay: 0.9 })).init(values)
    expectTypeOf(some.velocity.w.data).toExtend<ArrayLike<number>>()
  })

  it('is refused where it is another', () => {
    expectTypeOf(sgd({ rate: 1 })).not.toExtend<Optimiser<{ readonly velocity: Like }>>()
    // @ts-expect-error a rate is needed
    adam({})
  })
})
