/**
 * The types of trees (see `Tree.ts`): what a tree is, and what the same structure is over other leaves.
 *
 * @since 0.1.0
 */
import type { DType, Shape } from '../Shape.js'
import type { AnyTensor, Tensor } from '../Tensor.js'
import type { AnyVar, Var } from '../Var.js'

/**
 * @category model
 * @since 0.1.0
 */
export type Leaf = AnyVar | AnyTensor | number

/**
 * A tree with leaves `L`. Declare parameter types with `type`, not `interface`: an interface has no index signature.
 *
 * @category model
 * @since 0.1.0
 */
export type Tree<L> = L | ReadonlyArray<Tree<L>> | { readonly [key: string]: Tree<L> }

/**
 * @category model
 * @since 0.1.0
 */
export type VarTree = Tree<AnyVar>

/**
 * @category model
 * @since 0.1.0
 */
export type TensorTree = Tree<AnyTensor>

/**
 * A leaf and where it is.
 *
 * @category model
 * @since 0.1.0
 */
export interface Entry<L> {
  readonly path: string
  readonly leaf: L
}

/**
 * Whether `P` is some `Tree<L>` itself, of which no particular structure is known: records of `P` are then `P` again. Such
 * a type is mapped as a whole, because going into it would never end. (`{}` and `unknown` admit such records too, and
 * also strings, which no tree does.)
 */
export type IsWide<P> = [{ readonly [key: string]: P }] extends [P] ? ([string] extends [P] ? false : true) : false

/**
 * The structure of `P` with `B` for every leaf.
 *
 * @category types
 * @since 0.1.0
 */
export type Replace<P, B> = IsWide<P> extends true ? Tree<B> : ReplaceIn<P, B>

type ReplaceIn<P, B> = P extends Leaf ? B : { readonly [K in keyof P]: Replace<P[K], B> }

/**
 * The structure of `P` with the tensor `Tensor<S, D>` for every handle `Var<S, D>`: what a program with inputs or outputs
 * `P` takes or gives when it is evaluated. Other leaves stay as they are.
 *
 * @category types
 * @since 0.1.0
 */
export type Values<P> = IsWide<P> extends true ? Tree<Value<Extract<P, Leaf>>> : ValuesIn<P>

type Value<L> = L extends Var<infer S extends Shape, infer D extends DType> ? Tensor<S, D> : L

type ValuesIn<P> = P extends Leaf ? Value<P> : { readonly [K in keyof P]: Values<P[K]> }

/**
 * `Values<P>` where a scalar may also be given as a number.
 *
 * @category types
 * @since 0.1.0
 */
export type Inputs<P> = IsWide<P> extends true ? Tree<Input<Extract<P, Leaf>>> : InputsIn<P>

type Input<L> =
  L extends Var<infer S extends Shape, infer D extends DType>
    ? Tensor<S, D> | ([S] extends [readonly []] ? number : number extends S['length'] ? number : never)
    : L

type InputsIn<P> = P extends Leaf ? Input<P> : { readonly [K in keyof P]: Inputs<P[K]> }
