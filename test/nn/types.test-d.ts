// What models infer and what they do not accept. A refusal stands behind `@ts-expect-error`; the sentences of two are pinned.

import { describe, expectTypeOf, it } from 'vitest'
import { gelu, relu, sigmoid, softmax } from '../../src/index.js'
import * as nn from '../../src/nn/index.js'
import type { Reverse } from '../../src/Reverse.js'
import type { ShapeError } from '../../src/shape/types.js'
import type { Tensor } from '../../src/Tensor.js'
import type { Var } from '../../src/Var.js'

type V<N extends number> = Var<readonly [N]>
type Dense<I extends number, O extends number> = {
  readonly w: Var<readonly [I, O]>
  readonly b: Var<readonly [O]>
}
type Takes<M> = nn.InputOf<M>
type Gives<M> = nn.OutputOf<M>

const { sequential, linear, conv2d, input, flatten, maxPool2d, batchNorm, dropout, embedding } = nn

describe('a sequence', () => {
  const model = sequential(linear(13, 10), sigmoid, linear(10, 1))
  it('joins parameters, and has none of what has none', () => {
    expectTypeOf(model).toEqualTypeOf<nn.Model<readonly [Dense<13, 10>, Dense<10, 1>], V<13>, V<1>>>()
    expectTypeOf(sequential(linear(2, 3, { bias: false }))).toEqualTypeOf<
      nn.Model<readonly [{ readonly w: Var<readonly [2, 3]> }], V<2>, V<3>>
    >()
    expectTypeOf<nn.StateOf<ReturnType<typeof normed>>>().toEqualTypeOf<readonly [nn.Running<8>, nn.Running<4>]>()
  })
  const normed = () => sequential(linear(2, 8), batchNorm(8), relu, linear(8, 4), batchNorm(4))
  it('serves every batch', () => {
    const p: nn.ParametersOf<typeof model> = null as never
    const x: Tensor<readonly [16, 13]> = null as never
    expectTypeOf(nn.predict(model)(p)(x)).toEqualTypeOf<Reverse<Var<readonly [16, 1]>>>()
    const some = <N extends number>(xs: Var<readonly [N, 13]>) => nn.predict(model)(p)(xs)
    expectTypeOf(some(null as unknown as Var<readonly [3, 13]>)).toEqualTypeOf<Reverse<Var<readonly [3, 1]>>>()
    // @ts-expect-error thirteen features, not twelve
    nn.predict(model)(p)(null as unknown as Tensor<readonly [16, 12]>)
    // @ts-expect-error a model with state needs it
    nn.predict(normed())(null as unknown as nn.ParametersOf<ReturnType<typeof normed>>)
  })
  it('follows shapes through layers that keep or change them', () => {
    const cnn = sequential(
      input([1, 28, 28]),
      conv2d(1, 8, 5, { padding: 'same' }),
      batchNorm(8),
      relu,
      dropout(0.2),
      flatten,
      linear(6272, 10),
      softmax,
    )
    expectTypeOf<Takes<typeof cnn>>().toEqualTypeOf<Var<readonly [1, 28, 28]>>()
    expectTypeOf<Gives<typeof cnn>>().toEqualTypeOf<V<10>>()
    const text = sequential(
      input([7], 'int'),
      embedding(50, 16),
      nn.selfAttention(16, 4),
      nn.layerNorm([16]),
      linear(16, 3),
    )
    expectTypeOf<Takes<typeof text>>().toEqualTypeOf<Var<readonly [7], 'int'>>()
    expectTypeOf<Gives<typeof text>>().toEqualTypeOf<Var<readonly [7, 3]>>()
    const small = sequential(
      input([1, 28, 28]),
      conv2d(1, 6, 5),
      maxPool2d(2),
      conv2d(6, 16, [5, 3]),
      maxPool2d([2, 3]),
    )
    expectTypeOf<Gives<typeof small>>().toEqualTypeOf<Var<readonly [16, 4, 3]>>()
    const strided = sequential(
      input([3, 224, 224]),
      conv2d(3, 64, 7, { stride: 2, padding: 3 }),
      maxPool2d(3, { stride: 2 }),
    )
    expectTypeOf<Gives<typeof strided>>().toEqualTypeOf<Var<readonly [64, 55, 55]>>()
    sequential(input([1, 28, 28]), maxPool2d(2), flatten, linear(196, 10))
    // @ts-expect-error linear takes [..., 784], and the layer before it gives [196]
    sequential(input([1, 28, 28]), maxPool2d(2), flatten, linear(784, 10))
    // what the types do not know they let pass: numbers of 4 digits, dilation, settings that are no literals
    const wide = sequential(input([1, 1000]), nn.conv1d(1, 1, 3))
    expectTypeOf<Gives<typeof wide>>().toEqualTypeOf<Var<readonly [1, number]>>()
    const either = sequential(input([1, null as unknown as 8 | 9]), nn.conv1d(1, 1, 3))
    expectTypeOf<Gives<typeof either>>().toEqualTypeOf<Var<readonly [1, number]>>()
    const dilated = sequential(input([1, 10]), nn.conv1d(1, 1, 3, { dilation: 2 }), flatten, linear(6, 1))
    expectTypeOf<Gives<typeof dilated>>().toEqualTypeOf<V<1>>()
  })
  it('has twelve layers and more', () => {
    const deep = sequential(
      linear(1, 2),
      relu,
      linear(2, 3),
      relu,
      linear(3, 4),
      gelu,
      linear(4, 5),
      relu,
      linear(5, 6),
      relu,
      linear(6, 7),
      relu,
      linear(7, 8),
      relu,
      linear(8, 9),
      softmax,
    )
    expectTypeOf<Gives<typeof deep>>().toEqualTypeOf<V<9>>()
    expectTypeOf<nn.ParametersOf<typeof deep>['length']>().toEqualTypeOf<8>()
  })
  it('refuses layers that do not fit, at the layer that does not', () => {
    // @ts-expect-error linear takes [..., 11], and the layer before it gives [10]
    sequential(linear(13, 10), sigmoid, linear(11, 1))
    // @ts-expect-error conv2d takes [3, height, width], and the layer before it gives [1, 28, 28]
    sequential(input([1, 28, 28]), conv2d(3, 8, 5))
    // @ts-expect-error conv2d takes [1, height, width], and the layer before it gives [784]
    sequential(input([784]), conv2d(1, 8, 5))
    // @ts-expect-error batchNorm takes [4, ...], and the layer before it gives [10]
    sequential(linear(13, 10), batchNorm(4))
    // @ts-expect-error embedding takes integers, and the layer before it gives something else
    sequential(linear(13, 10), embedding(5, 2))
    // @ts-expect-error selfAttention takes [positions, 8], and the layer before it gives [7, 16]
    sequential(input([7, 16]), nn.selfAttention(8, 2))
    // @ts-expect-error takes [2, 3], and the layer before it gives [4]
    sequential(linear(13, 4), input([2, 3]))
  })
  it('has the sentences of the run time', () => {
    type Given<R extends nn.Rule, A> = (R & { readonly input: A })['output']
    expectTypeOf<Given<nn.LastTo<11, 1>, V<10>>>().toEqualTypeOf<
      ShapeError<'linear takes [..., 11], and the layer before it gives [10]'>
    >()
    expectTypeOf<nn.Fits<V<4>, Var<readonly [2, 3]>>>().toEqualTypeOf<
      ShapeError<'takes [2, 3], and the layer before it gives [4]'>
    >()
    expectTypeOf<nn.Fits<V<4>, Var<readonly [4], 'int'>>>().toEqualTypeOf<
      ShapeError<'takes int [4], and the layer before it gives real [4]'>
    >()
    expectTypeOf<nn.Fits<Var<readonly [number, 4]>, Var<readonly [7, 4]>>>().toEqualTypeOf<unknown>()
  })
})

describe('combinators', () => {
  it('compute', () => {
    const two = nn.parallel(linear(2, 3), linear(4, 5))
    expectTypeOf<Takes<typeof two>>().toEqualTypeOf<readonly [V<2>, V<4>]>()
    expectTypeOf<Gives<typeof two>>().toEqualTypeOf<readonly [V<3>, V<5>]>()
    expectTypeOf<nn.ParametersOf<typeof two>>().toEqualTypeOf<readonly [Dense<2, 3>, Dense<4, 5>]>()
    const heads = nn.fanOut(linear(2, 3), linear(2, 1))
    expectTypeOf<Gives<typeof heads>>().toEqualTypeOf<readonly [V<3>, V<1>]>()
    const around = nn.residual(sequential(linear(4, 8), relu, linear(8, 4)))
    expectTypeOf<Gives<typeof around>>().toEqualTypeOf<V<4>>()
    const lifted = nn.lift(<N extends number>(x: Var<readonly [N, 3]>) => relu(x))
    expectTypeOf<Gives<typeof lifted>>().toEqualTypeOf<V<3>>()
  })
  it('refuse', () => {
    // @ts-expect-error takes [3], and the layer before it gives [2]
    nn.fanOut(linear(2, 3), linear(3, 1))
    // @ts-expect-error takes [4], and the layer before it gives [8]
    nn.residual(linear(4, 8))
    // @ts-expect-error the sides meet in one type
    nn.choice(linear(2, 3), linear(4, 5))
    // @ts-expect-error no such option
    conv2d(1, 2, 3, { strides: 2 })
  })
})
