/**
 * The dense layer, on the last dimension.
 *
 * @since 0.1.0
 */
import { add, matmul } from '../ops/index.js'
import type { Shape } from '../Shape.js'
import type { DimEq, ShapeError, Show } from '../shape/types.js'
import type { Var } from '../Var.js'
import { fanIn, type Initialiser } from './initialisers.js'
import { leaf, only, positive } from './layer.js'
import { fromLayers, type Model } from './Model.js'
import type { None, Rule } from './types.js'

/**
 * Whether there are biases (yes unless told otherwise), and how weights start: as in PyTorch, uniform within
 * `1 / sqrt features`, unless told otherwise.
 *
 * @category types
 * @since 0.1.0
 */
export interface LinearOptions {
  readonly bias?: boolean | undefined
  readonly weights?: Initialiser | undefined
  readonly biases?: Initialiser | undefined
}

/**
 * A weight and, unless it was declined, a bias.
 *
 * @category types
 * @since 0.1.0
 */
export type Affine<W extends Shape, N extends number, O> = O extends { readonly bias: false }
  ? { readonly w: Var<W> }
  : { readonly w: Var<W>; readonly b: Var<readonly [N]> }

/**
 * The rule of a dense layer: the last dimension becomes another.
 *
 * @category rules
 * @since 0.1.0
 */
export interface LastTo<I extends number, O extends number> extends Rule {
  readonly output: this['input'] extends Var<readonly [...infer L extends Shape, infer J extends number]>
    ? DimEq<J, I> extends true
      ? Var<readonly [...L, O]>
      : ShapeError<`linear takes [..., ${I}], and the layer before it gives ${Show<readonly [...L, J]>}`>
    : this['input'] extends Var<infer S extends Shape>
      ? number extends S['length']
        ? Var<Shape>
        : ShapeError<`linear takes [..., ${I}], and the layer before it gives ${Show<S>}`>
      : ShapeError<`linear takes reals [..., ${I}], and the layer before it gives something else`>
}

/**
 * `x w + b`: `[..., inputs]` to `[..., outputs]`, with `w` of `[inputs, outputs]` and `b` of `[outputs]`. (PyTorch's weight is
 * the transpose.)
 *
 * Refuses numbers of inputs or outputs that are not integers >= 1.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { run, tensor, type Var } from 'wengert'
 * import { linear, predict } from 'wengert/nn'
 *
 * const double = [{ w: tensor([[2, 0], [0, 2]]), b: tensor([1, 1]) }] as const
 * const f = (x: Var<readonly [1, 2]>) => predict(linear(2, 2))(double)(x)
 * assert.deepStrictEqual(run(f)(tensor([[3, 4]])), { _tag: 'Right', right: tensor([[7, 9]]) })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const linear = <I extends number, O extends number, const X extends LinearOptions = LinearOptions>(
  inputs: I,
  outputs: O,
  options?: X,
): Model<readonly [Affine<readonly [I, O], O, X>], Var<readonly [I]>, Var<readonly [O]>, None, LastTo<I, O>> => {
  const { bias = true, weights = fanIn, biases = fanIn }: LinearOptions = options ?? {}
  const fans = { fanIn: inputs, fanOut: outputs }
  const w = { shape: [inputs, outputs], initial: weights, fans }
  const name = `linear(${inputs}, ${outputs})`
  return fromLayers([
    leaf({
      name,
      valid: positive(name, { inputs, outputs }),
      parameters: bias ? { w, b: { shape: [outputs], initial: biases, fans } } : { w },
      refuses: (x) =>
        x.dtype === 'real' && x.shape.length > 1 && x.shape.at(-1) === inputs
          ? undefined
          : `takes reals [examples, ..., ${inputs}]`,
      apply: ({ parameters: { w, b } }, x) => only(bias ? add(matmul(x, w), b) : matmul(x, w)),
    }),
  ])
}
