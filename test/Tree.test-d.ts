import type * as E from 'fp-ts/lib/Either.js'
import { describe, expectTypeOf, it } from 'vitest'
import type { Failure } from '../src/Failure.js'
import type { Shape } from '../src/Shape.js'
import type { AnyTensor, Tensor } from '../src/Tensor.js'
import * as Tree from '../src/Tree.js'
import type { AnyVar, Var } from '../src/Var.js'

type Net = {
  readonly layers: readonly [
    { readonly w: Var<readonly [13, 10]>; readonly b: Var<readonly [10]> },
    { readonly w: Var<readonly [10, 1]>; readonly b: Var<readonly [1]> },
  ]
  readonly scale: Var<readonly []>
  readonly steps: ReadonlyArray<Var<readonly [], 'int'>>
}

describe('Values', () => {
  it('maps records, tuples and arrays', () => {
    expectTypeOf<Tree.Values<Net>>().toEqualTypeOf<{
      readonly layers: readonly [
        { readonly w: Tensor<readonly [13, 10]>; readonly b: Tensor<readonly [10]> },
        { readonly w: Tensor<readonly [10, 1]>; readonly b: Tensor<readonly [1]> },
      ]
      readonly scale: Tensor<readonly []>
      readonly steps: ReadonlyArray<Tensor<readonly [], 'int'>>
    }>()
    expectTypeOf<Tree.Values<Var<readonly [2], 'bool'>>>().toEqualTypeOf<Tensor<readonly [2], 'bool'>>()
    expectTypeOf<Tree.Values<readonly [Var, number, Tensor]>>().toEqualTypeOf<readonly [Tensor, number, Tensor]>()
    // biome-ignore lint/complexity/noBannedTypes: a layer without parameters
    expectTypeOf<Tree.Values<{ readonly a: {} }>>().toEqualTypeOf<{ readonly a: {} }>()
  })

  it('maps trees of unknown structure as a whole', () => {
    expectTypeOf<Tree.Values<Tree.VarTree>>().toEqualTypeOf<Tree.TensorTree>()
    expectTypeOf<Tree.Values<{ readonly a: Tree.VarTree }>>().toEqualTypeOf<{ readonly a: Tree.TensorTree }>()
    expectTypeOf<Tree.Inputs<Tree.VarTree>>().toEqualTypeOf<Tree.Tree<AnyTensor | number>>()
    expectTypeOf<Tree.Replace<Tree.VarTree, string>>().toEqualTypeOf<Tree.Tree<string>>()
  })

  it('can be returned by generic functions', () => {
    const run = <P extends Tree.VarTree>(_p: P, xs: ReadonlyArray<AnyTensor>): E.Either<Failure, Tree.Values<P>> =>
      Tree.unflatten(_p, xs) as E.Either<Failure, Tree.Values<P>>
    const net = {} as Net
    expectTypeOf(run<Net>).returns.toEqualTypeOf<E.Either<Failure, Tree.Values<Net>>>()
    expectTypeOf(net).toExtend<Tree.VarTree>()
    expectTypeOf<Tree.Values<Net>>().toExtend<Tree.TensorTree>()
  })
})

describe('Inputs', () => {
  it('lets scalars be numbers', () => {
    expectTypeOf<Tree.Inputs<Net>['scale']>().toEqualTypeOf<Tensor<readonly []> | number>()
    expectTypeOf<Tree.Inputs<Net>['steps']>().toEqualTypeOf<ReadonlyArray<Tensor<readonly [], 'int'> | number>>()
    expectTypeOf<Tree.Inputs<Net>['layers'][0]['b']>().toEqualTypeOf<Tensor<readonly [10]>>()
    expectTypeOf<Tree.Inputs<Var<Shape>>>().toEqualTypeOf<Tensor<Shape> | number>()
    expectTypeOf<Tree.Values<Net>>().toExtend<Tree.Inputs<Net>>()
  })
})

describe('combinators', () => {
  const numbers = { a: 1, b: [2, 3], c: [4, { d: 5 }] as const }

  it('keep the structure', () => {
    expectTypeOf(Tree.map((x: number) => String(x))(numbers)).toEqualTypeOf<{
      readonly a: string
      readonly b: ReadonlyArray<string>
      readonly c: readonly [string, { readonly d: string }]
    }>()
    const zeros = Tree.map((v: AnyVar) => v.id)
    expectTypeOf(zeros({} as Net).layers[1].w).toEqualTypeOf<number>()
    const zipped = Tree.zipWith((x: number, t: AnyTensor) => x + t.data.length)({ a: 1 }, { a: {} as AnyTensor })
    expectTypeOf(zipped).toEqualTypeOf<E.Either<Failure, { readonly a: number }>>()
    expectTypeOf(Tree.unflatten({ a: 1 }, [''])).toEqualTypeOf<E.Either<Failure, { readonly a: string }>>()
    const parse = Tree.traverse((x: number): E.Either<Error, string> => ({ _tag: 'Right', right: `${x}` }))
    expectTypeOf(parse({ a: 1 })).toEqualTypeOf<E.Either<Error | Failure, { readonly a: string }>>()
  })

  it('know their leaves', () => {
    expectTypeOf(Tree.leaves<number>(numbers)).toEqualTypeOf<ReadonlyArray<number>>()
    expectTypeOf(Tree.flatten<AnyVar>({} as Net)).toEqualTypeOf<ReadonlyArray<Tree.Entry<AnyVar>>>()
    expectTypeOf(Tree.leaves({} as Tree.VarTree)).toEqualTypeOf<ReadonlyArray<AnyVar>>()
  })

  it('refuse what is no tree', () => {
    // @ts-expect-error a string is no leaf
    Tree.size({ a: 'x' })
    // @ts-expect-error a Map is no tree
    Tree.size(new Map<string, number>())
    // @ts-expect-error null is no tree
    Tree.size({ a: null })
    // @ts-expect-error a handle is no number
    Tree.map((x: number) => x)({} as Net)
  })
})
