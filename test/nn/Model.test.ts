import { describe, expect, it } from 'vitest'
import { grad, meanSquaredError, run, sigmoid, type Var } from '../../src/index.js'
import { linear, type ParametersOf, predict, sequential } from '../../src/nn/index.js'
import { key } from '../../src/Random.js'
import * as T from '../../src/Tensor.js'
import { given } from './support.js'

describe('a regressor', () => {
  const model = sequential(linear(13, 10), sigmoid, linear(10, 1))
  it('serves any batch size', () => {
    const { parameters } = given(model.init(key(1)))
    const f = <N extends number>(x: Var<readonly [N, 13]>) => predict(model)(parameters)(x)
    for (const n of [1, 3]) expect(given(run(f)(T.ones([n, 13]) as never)).shape).toEqual([n, 1])
  })
  it('has a gradient with the structure of its parameters', () => {
    type P = ParametersOf<typeof model>
    const loss = (p: P) => meanSquaredError(predict(model)(p)(T.ones([4, 13])), T.zeros([4, 1]))
    const { parameters } = given(model.init(key(1)))
    const g = given(run(grad(loss))(parameters))
    expect(g[1].w.shape).toEqual([10, 1])
  })
})
