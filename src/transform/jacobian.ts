/**
 * Whole derivatives of tensor functions: Jacobians, Hessians and their products with vectors.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { failure } from '../Failure.js'
import type { OnTree, OnTrees } from '../Program.js'
import { attempt } from '../primitive/Recorder.js'
import { flatMap, type Reverse, step, throwError } from '../Reverse.js'
import { type Shape, size } from '../Shape.js'
import { type Tensor, unsafeMake } from '../Tensor.js'
import type * as Tree from '../Tree.js'
import { type AnyVar, isVar, type Var } from '../Var.js'
import { jvp, pushforwardOf } from './jvp.js'
import { grad, open, pullbackOf, type Recorded } from './vjp.js'
import { vmap } from './vmap.js'

/**
 * How a Jacobian is built: a pullback for each row, or a pushforward for each column.
 *
 * @category model
 * @since 0.1.0
 */
export interface JacobianOptions {
  /** the one that needs fewer sweeps, unless given; rows when equal */
  readonly by?: 'rows' | 'columns'
}

/** The unit vectors of a space of tensors, as one tensor `[size, ...shape]`. */
const basis = (shape: Shape): Tensor<readonly [number, ...Shape]> => {
  const n = size(shape)
  const data = new Float64Array(n * n)
  for (let i = 0; i < n; i++) data[i * n + i] = 1
  return unsafeMake([n, ...shape] as const, 'real', data)
}

/** A function of tensors, whatever their shapes. */
type Column = (x: AnyVar) => Reverse<AnyVar>

/**
 * The Jacobian of `f: [...S] -> [...T]` as one tensor `[...T, ...S]`: entry `(t, s)` is `d f_t / d x_s`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { jacobian, mul, run, tensor, type Var } from 'wengert'
 *
 * const square = (x: Var<readonly [2]>) => mul(x, x)
 * assert.deepStrictEqual(run(jacobian(square))(tensor([3, 4])), {
 *   _tag: 'Right',
 *   right: tensor([[6, 0], [0, 8]]),
 * })
 * ```
 *
 * @category derivatives
 * @since 0.1.0
 */
export const jacobian =
  <S extends Shape, T extends Shape>(
    f: (x: Var<S>) => Reverse<Var<T>>,
    options: JacobianOptions = {},
  ): OnTree<Var<S>, Reverse<Var<readonly [...T, ...S]>>> =>
  (x: unknown) =>
    flatMap(
      open('jacobian', f as unknown as Column, x, (_, r) => E.right(r as Recorded<AnyVar, AnyVar>)),
      (recorded) => {
        const { argument, result } = recorded
        if (!isVar(argument) || !isVar(result) || result.dtype !== 'real')
          return throwError(
            failure('StructureMismatch', 'jacobian: the function must go from one real tensor to one real tensor', {
              operation: 'jacobian',
            }),
          )
        const byRows = (options.by ?? (size(result.shape) <= size(argument.shape) ? 'rows' : 'columns')) === 'rows'
        const stacked: Reverse<AnyVar> = byRows
          ? vmap<AnyVar, AnyVar>(pullbackOf(recorded))(basis(result.shape))
          : vmap<AnyVar, AnyVar>(pushforwardOf(recorded), { out: -1 })(basis(argument.shape))
        return step([stacked], ({ vocabulary: v }, [j]) =>
          attempt(() => E.right(v.reshape(j, [...result.shape, ...argument.shape]) as Var<readonly [...T, ...S]>)),
        )
      },
    )

/**
 * The Hessian of a scalar function of a tensor, `[...S, ...S]`: forward over reverse, a column at a time.
 *
 * @category derivatives
 * @since 0.1.0
 */
export const hessian = <S extends Shape>(
  f: (x: Var<S>) => Reverse<Var<readonly []>>,
): OnTree<Var<S>, Reverse<Var<readonly [...S, ...S]>>> => jacobian<S, S>(grad(f), { by: 'columns' })

/**
 * The Hessian of a scalar function times a vector, both with the structure of the argument, at the cost of a few
 * gradients and without the Hessian (B. A. Pearlmutter, "Fast exact multiplication by the Hessian", 1994).
 *
 * @category derivatives
 * @since 0.1.0
 */
export const hvp =
  <P extends Tree.VarTree>(f: (p: P) => Reverse<Var<readonly []>>): OnTrees<P, Reverse<P>> =>
  (p: unknown, v: unknown) =>
    jvp<P, P>(grad(f))(p as P, v as P)
