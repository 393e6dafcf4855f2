// What operations infer and what they do not accept. A refusal stands behind `@ts-expect-error`; its sentence is pinned
// where the type that makes it is tested (ShapeTypes, ShapeLayout), and below by `Refused`.

import { flow, pipe } from 'fp-ts/lib/function.js'
import { describe, expectTypeOf, it } from 'vitest'
import * as ops from '../../src/ops/index.js'
import { flatMap, gen, type Operand, type Reverse } from '../../src/Reverse.js'
import type { Shape } from '../../src/Shape.js'
import type { ShapeError } from '../../src/shape/types.js'
import { type Tensor, tensor } from '../../src/Tensor.js'
import type { Var } from '../../src/Var.js'

type Batch = number & { readonly dim: 'batch' }
type R<S extends Shape, D extends 'real' | 'int' | 'bool' = 'real'> = Reverse<Var<S, D>>

interface Net {
  readonly w1: Var<readonly [13, 10]>
  readonly b1: Var<readonly [10]>
  readonly w2: Var<readonly [10, 1]>
  readonly b2: Var<readonly [1]>
}

declare const p: Net
declare const x: Var<readonly [16, 13]>
declare const y: Tensor<readonly [16, 1]>
declare const xb: Var<readonly [Batch, 13]>
declare const i4: Var<readonly [4], 'int'>
declare const c4: Var<readonly [4], 'bool'>
declare const open: Var<Shape>
declare const cube: Var<readonly [8, 1, 5]>

const { add, sub, mul, div, matmul, sigmoid, mean, sum, max, square, where, gt, eq, einsum, concat, stack } = ops

describe('models', () => {
  const net = <B extends number>(q: Net, v: Operand<readonly [B, 13]>) =>
    add(matmul(sigmoid(add(matmul(v, q.w1), q.b1)), q.w2), q.b2)

  it('are polymorphic in the batch', () => {
    expectTypeOf(net(p, x)).toEqualTypeOf<R<readonly [16, 1]>>()
    expectTypeOf(net(p, xb)).toEqualTypeOf<R<readonly [Batch, 1]>>()
    expectTypeOf(mean(square(sub(net(p, x), y)))).toEqualTypeOf<R<readonly []>>()
  })
  it('are written in do notation or with pipe', () => {
    const h = gen(function* () {
      const z = yield* sigmoid(add(matmul(x, p.w1), p.b1))
      return yield* matmul(z, p.w2)
    })
    expectTypeOf(h).toEqualTypeOf<R<readonly [16, 1]>>()
    expectTypeOf(
      pipe(
        matmul(x, p.w1),
        sigmoid,
        flatMap((z) => matmul(z, p.w2)),
        mean,
      ),
    ).toEqualTypeOf<R<readonly []>>()
    expectTypeOf(flow((v: Operand<readonly [4, 13]>) => matmul(v, p.w1), sigmoid, sum)).returns.toEqualTypeOf<
      R<readonly []>
    >()
  })
  it('are refused where shapes do not fit', () => {
    // @ts-expect-error inner dims differ: 13 (left) and 10 (right)
    matmul(x, p.w2)
    // @ts-expect-error cannot broadcast [16, 10] with [13, 10]: 16 and 13 differ and neither is 1
    add(matmul(x, p.w1), p.w1)
    // @ts-expect-error inner dims differ, inside a nested call
    matmul(sigmoid(x), matmul(p.w2, p.w1))
    // @ts-expect-error a batch is no number of examples
    add(xb, x)
  })
})

describe('arithmetic', () => {
  it('broadcasts', () => {
    expectTypeOf(add(cube, tensor([[1], [2], [3], [4]]))).toEqualTypeOf<R<readonly [8, 4, 5]>>()
    expectTypeOf(add(x, 1)).toEqualTypeOf<R<readonly [16, 13]>>()
    expectTypeOf(div(1, x)).toEqualTypeOf<R<readonly [16, 13]>>()
    expectTypeOf(mul(open, x)).toEqualTypeOf<R<Shape>>()
    expectTypeOf(add(i4, 1)).toEqualTypeOf<R<readonly [4], 'int'>>()
    expectTypeOf(mul(ops.iota([3, 1]), i4)).toEqualTypeOf<R<readonly [3, 4], 'int'>>()
    // @ts-expect-error integers are not divided
    div(i4, 2)
    // @ts-expect-error an integer is no real
    add(i4, tensor([1, 2, 3, 4]))
    // @ts-expect-error a boolean is no number
    add(c4, 1)
  })
  it('compares and chooses', () => {
    expectTypeOf(gt(x, 0)).toEqualTypeOf<R<readonly [16, 13], 'bool'>>()
    expectTypeOf(eq(i4, 2)).toEqualTypeOf<R<readonly [4], 'bool'>>()
    expectTypeOf(where(gt(x, 0), x, 0)).toEqualTypeOf<R<readonly [16, 13]>>()
    expectTypeOf(where(c4, 1, 0)).toEqualTypeOf<R<readonly [4]>>()
    expectTypeOf(where(c4, i4, 0)).toEqualTypeOf<R<readonly [4], 'int'>>()
    expectTypeOf(where(c4, tensor([[1], [2]]), tensor([1, 2, 3, 4]))).toEqualTypeOf<R<readonly [2, 4]>>()
    // @ts-expect-error the condition must be boolean
    where(i4, 1, 0)
    // @ts-expect-error cannot broadcast [4] with [3]
    where(c4, tensor([1, 2, 3]), 0)
  })
  it('keeps the shape of what is elementwise', () => {
    expectTypeOf(ops.neg(i4)).toEqualTypeOf<R<readonly [4], 'int'>>()
    expectTypeOf(ops.convert(i4, 'real')).toEqualTypeOf<R<readonly [4]>>()
    expectTypeOf(ops.clip(x, 0, 1)).toEqualTypeOf<R<readonly [16, 13]>>()
    // @ts-expect-error the exponential takes reals
    ops.exp(i4)
  })
})

describe('reductions', () => {
  it('compute the shape for literal axes', () => {
    expectTypeOf(sum(cube, { axis: -2 })).toEqualTypeOf<R<readonly [8, 5]>>()
    expectTypeOf(max(cube, { axis: -1, keepDims: true })).toEqualTypeOf<R<readonly [8, 1, 1]>>()
    expectTypeOf(max(cube, { axis: [0, -1] })).toEqualTypeOf<R<readonly [1]>>()
    expectTypeOf(ops.argmax(x, { axis: 0 })).toEqualTypeOf<R<readonly [13], 'int'>>()
    expectTypeOf(ops.variance(x, { axis: 0, ddof: 1 })).toEqualTypeOf<R<readonly [13]>>()
    expectTypeOf(ops.all(c4)).toEqualTypeOf<R<readonly [], 'bool'>>()
    expectTypeOf(ops.softmax(x, { axis: -2 })).toEqualTypeOf<R<readonly [16, 13]>>()
    const axis: number = 0
    expectTypeOf(sum(x, { axis })).toEqualTypeOf<R<Shape>>()
  })
  it('refuse axes that are not there', () => {
    // @ts-expect-error axis 2 is out of range for rank 2
    sum(x, { axis: 2 })
    // @ts-expect-error axis -3 is out of range for rank 2
    sum(x, { axis: [0, -3] })
    // @ts-expect-error axis 2 is out of range for rank 2
    ops.softmax(x, { axis: 2 })
    // @ts-expect-error no such option
    sum(x, { axes: 0 })
  })
})

describe('products', () => {
  it('batch', () => {
    const q: Var<readonly [Batch, 8, 16, 64]> = null as never
    const k: Var<readonly [Batch, 8, 64, 16]> = null as never
    expectTypeOf(matmul(q, k)).toEqualTypeOf<R<readonly [Batch, 8, 16, 16]>>()
    expectTypeOf(matmul(q, ops.full([64, 13], 1))).toEqualTypeOf<R<readonly [Batch, 8, 16, 13]>>()
    expectTypeOf(ops.outer(p.b1, p.b2)).toEqualTypeOf<R<readonly [10, 1]>>()
    // @ts-expect-error inner dims differ: 10 (left) and 1 (right)
    ops.dot(p.b1, p.b2)
  })
  it('einsum reads its notation', () => {
    expectTypeOf(einsum('ij,jk->ik', x, p.w1)).toEqualTypeOf<R<readonly [16, 10]>>()
    expectTypeOf(einsum('bi, ij -> jb', xb, p.w1)).toEqualTypeOf<R<readonly [10, Batch]>>()
    expectTypeOf(einsum('ii->', ops.eye(3))).toEqualTypeOf<R<readonly []>>()
    expectTypeOf(einsum('...i->...', x)).toEqualTypeOf<R<Shape>>()
    expectTypeOf(einsum('ij->j', open)).toEqualTypeOf<R<readonly [number]>>()
    // @ts-expect-error index j is both 13 and 10
    einsum('ij,jk->ik', x, p.w2)
    // @ts-expect-error the term of 3 indices does not fit the shape [16, 13]
    einsum('ijk->i', x)
    // @ts-expect-error no operand has the index k of the result
    einsum('ij->ik', x)
    // @ts-expect-error 2 terms for 1 operands
    einsum('ij,jk->ik', x)
  })
  it('einsum has the sentences of the run time', () => {
    type Two = readonly [readonly [2, 3], readonly [4, 5]]
    expectTypeOf<ops.Einsum<'ij,jk->ik', Two>>().toEqualTypeOf<ShapeError<'index j is both 3 and 4'>>()
    expectTypeOf<ops.Einsum<'ij->i', Two>>().toEqualTypeOf<ShapeError<'1 terms for 2 operands'>>()
    expectTypeOf<ops.Einsum<'ij,k->i', Two>>().toEqualTypeOf<
      ShapeError<'the term of 1 indices does not fit the shape [4, 5]'>
    >()
    expectTypeOf<ops.Einsum<'ij,kl->m', Two>>().toEqualTypeOf<ShapeError<'no operand has the index m of the result'>>()
  })
})

describe('layout', () => {
  it('computes', () => {
    expectTypeOf(ops.reshape(x, [4, 52])).toEqualTypeOf<R<readonly [4, 52]>>()
    expectTypeOf(ops.reshape(xb, [-1])).toEqualTypeOf<R<readonly [number]>>()
    expectTypeOf(ops.permute(cube, [2, 0, 1])).toEqualTypeOf<R<readonly [5, 8, 1]>>()
    expectTypeOf(ops.transpose(cube)).toEqualTypeOf<R<readonly [5, 1, 8]>>()
    expectTypeOf(ops.swapAxes(cube, -1, -2)).toEqualTypeOf<R<readonly [8, 5, 1]>>()
    expectTypeOf(ops.squeeze(cube)).toEqualTypeOf<R<readonly [8, 5]>>()
    expectTypeOf(ops.expandDims(i4, 1)).toEqualTypeOf<R<readonly [4, 1], 'int'>>()
    expectTypeOf(ops.broadcastTo(p.b1, [3, 10])).toEqualTypeOf<R<readonly [3, 10]>>()
    expectTypeOf(concat([x, open], { axis: 1 })).toEqualTypeOf<R<Shape>>()
    expectTypeOf(concat([x, y], { axis: -1 })).toEqualTypeOf<R<readonly [16, 14]>>()
    expectTypeOf(stack([x, x], { axis: -1 })).toEqualTypeOf<R<readonly [16, 13, 2]>>()
    expectTypeOf(ops.slice(x, 0, { start: 1 })).toEqualTypeOf<R<readonly [number]>>()
    expectTypeOf(ops.split(x, [3, 10], { axis: 1 })).toEqualTypeOf<
      Reverse<readonly [Var<readonly [16, 3]>, Var<readonly [16, 10]>]>
    >()
    expectTypeOf(ops.split(x, 2)).toEqualTypeOf<
      Reverse<readonly [Var<readonly [number, 13]>, Var<readonly [number, 13]>]>
    >()
  })
  it('refuses', () => {
    // @ts-expect-error cannot reshape [16, 13] (208 elements) to [4, 50] (200 elements)
    ops.reshape(x, [4, 50])
    // @ts-expect-error the order [0] must name each of the 2 axes of [16, 13] once
    ops.permute(x, [0])
    // @ts-expect-error axis 2 is out of range for rank 2
    ops.swapAxes(x, 0, 2)
    // @ts-expect-error cannot broadcast [16, 13] to [13]
    ops.broadcastTo(x, [13])
    // @ts-expect-error shapes [16, 13] and [16, 1] differ outside axis 0
    concat([x, y])
    // @ts-expect-error shapes [16, 13] and [16, 1] differ
    stack([x, y])
    // @ts-expect-error axis 2 is out of range for rank 2
    concat([x, x], { axis: 2 })
    // @ts-expect-error reals and integers together
    concat([p.b1, i4])
  })
})

describe('the rest', () => {
  const image: Var<readonly [Batch, 3, 28, 28]> = null as never
  const kernel: Var<readonly [8, 3, 5, 5]> = null as never
  it('indexes, convolves, draws', () => {
    expectTypeOf(ops.take(x, i4)).toEqualTypeOf<R<readonly [4, 13]>>()
    expectTypeOf(ops.oneHot(i4, 10)).toEqualTypeOf<R<readonly [4, 10]>>()
    expectTypeOf(ops.topK(x, 3)).toEqualTypeOf<
      Reverse<{ readonly values: Var<readonly [16, 3]>; readonly indices: Var<readonly [16, 3], 'int'> }>
    >()
    expectTypeOf(ops.conv2d(image, kernel)).toEqualTypeOf<R<readonly [Batch, 8, number, number]>>()
    expectTypeOf(ops.conv2d(image, kernel, { padding: 'same' })).toEqualTypeOf<R<readonly [Batch, 8, 28, 28]>>()
    expectTypeOf(ops.maxPool2d(image, 2)).toEqualTypeOf<R<readonly [Batch, 3, number, number]>>()
    expectTypeOf(ops.normal([1, 2], [3, 4])).toEqualTypeOf<R<readonly [3, 4]>>()
    expectTypeOf(ops.peek(i4)).toEqualTypeOf<Reverse<Tensor<readonly [4], 'int'>>>()
    expectTypeOf(ops.named('h')(x)).toEqualTypeOf<R<readonly [16, 13]>>()
    expectTypeOf(ops.crossEntropy(x, null as unknown as Tensor<readonly [16], 'int'>)).toEqualTypeOf<R<readonly []>>()
    expectTypeOf(ops.crossEntropy(xb, null as unknown as Var<readonly [Batch], 'int'>)).toEqualTypeOf<R<readonly []>>()
  })
  it('refuses', () => {
    // @ts-expect-error channels differ: 3 (input, in each group) and 8 (kernel)
    ops.conv2d(image, null as unknown as Var<readonly [8, 8, 5, 5]>)
    // @ts-expect-error no such option
    ops.conv2d(image, kernel, { strides: 2 })
    // @ts-expect-error indices are integers
    ops.take(x, tensor([1]))
    // @ts-expect-error targets of another shape
    ops.meanSquaredError(x, y)
    // @ts-expect-error labels of another shape
    ops.crossEntropy(x, i4)
  })
})
