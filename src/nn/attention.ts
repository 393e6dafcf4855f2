/**
 * Attention: each position reads a weighted mean of others, by how well what it asks fits what they offer.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { failure } from '../Failure.js'
import { mul } from '../ops/arithmetic.js'
import { le, where } from '../ops/comparison.js'
import { iota } from '../ops/creation.js'
import { expandDims, permute, reshape, swapAxes } from '../ops/layout.js'
import { matmul } from '../ops/linear.js'
import { seeing } from '../ops/record.js'
import { softmax } from '../ops/softmax.js'
import { gen, type Operand, type Reverse, throwError } from '../Reverse.js'
import type { Shape } from '../Shape.js'
import type { DimEq, ShapeError, Show } from '../shape/types.js'
import { type AnyVar, isVar, type Var } from '../Var.js'
import { parallel } from './combinators.js'
import type { Other } from './convolution.js'
import { glorotUniform, zeros } from './initialisers.js'
import { containing, invalid, positive } from './layer.js'
import { type Affine, linear } from './linear.js'
import { fromLayers, type Model } from './Model.js'
import type { None, Rule } from './types.js'

/** In place of scores that do not count: its exponential is 0, and unlike infinity it makes no NaN of a row of its own. */
const NEVER = -1e30

/**
 * `softmax(q k^T / sqrt D) v` over the last two dimensions: queries `[..., T, D]`, keys `[..., S, D]` and values `[..., S, V]`
 * to `[..., T, V]` (A. Vaswani et al., "Attention is all you need", NIPS 2017, eq. 1). A mask, boolean and broadcast to
 * `[..., T, S]`, is true where a query may look; a query that may look nowhere gives 0.
 *
 * @category operations
 * @since 0.1.0
 */
export const attend = (
  query: Operand<Shape>,
  key: Operand<Shape>,
  value: Operand<Shape>,
  mask?: Operand<Shape, 'bool'>,
): Reverse<Var<Shape>> =>
  seeing([query], (q) => {
    const scores = mul(matmul(q as Var<Shape>, swapAxes(key, -1, -2)), 1 / Math.sqrt(q.shape.at(-1) ?? 1))
    return mask === undefined
      ? matmul(softmax(scores), value)
      : matmul(where(mask, softmax(where(mask, scores, NEVER)), 0), value)
  })

/** `[N, T, heads D]` to `[N, heads, T, D]`. */
const apart = (x: Var<Shape>, heads: number): Reverse<Var<Shape>> =>
  permute(reshape(x, [...x.shape.slice(0, 2), heads, x.shape[2] / heads]), [0, 2, 1, 3])

/** The inverse. */
const together = (x: Operand<Shape>): Reverse<Var<Shape>> =>
  seeing([permute(x, [0, 2, 1, 3])], (y) => reshape(y as Var<Shape>, [y.shape[0], y.shape[1], y.shape[2] * y.shape[3]]))

type Projection<N extends number> = Affine<readonly [N, N], N, null>

/**
 * The parameters of attention with several heads: projections of queries, keys, values and of the result.
 *
 * @category types
 * @since 0.1.0
 */
export type Projections<N extends number> = readonly [Projection<N>, Projection<N>, Projection<N>, Projection<N>]

/** Projections, the heads and the last projection, on a list of queries, keys, values and perhaps a mask. */
const multiHead = <M>(
  name: string,
  features: number,
  heads: number,
  asList: (input: never) => ReadonlyArray<unknown>,
  causal: boolean,
): M => {
  // PyTorch draws the three projections as one matrix with 3 features of output
  const into = linear(features, features, {
    weights: (key, shape) => glorotUniform()(key, shape, { fanIn: features, fanOut: 3 * features }),
    biases: zeros,
  })
  const look = ([q, k, v, given]: ReadonlyArray<AnyVar>): Reverse<unknown> => {
    const [t, s] = [q.shape[1], k.shape[1]]
    const mask = causal ? le(iota([t, s], 1), iota([t, s], 0)) : given && expandDims(given as Var<Shape, 'bool'>, 1)
    const [qs, ks, vs] = [q, k, v].map((x) => apart(x as Var<Shape>, heads))
    return together(attend(qs, ks, vs, mask as Operand<Shape, 'bool'> | undefined))
  }
  const wrong = (xs: ReadonlyArray<unknown>): boolean =>
    xs.some((x, i) => !isVar(x) || x.shape.length !== 3 || x.dtype !== (i === 3 ? 'bool' : 'real'))
  const projected = parallel(into, into, into)
  return fromLayers([
    containing(
      name,
      [projected, linear(features, features, { biases: zeros })],
      ([inner, outer], input) => {
        const list = asList(input as never)
        return wrong(list)
          ? throwError(
              failure('ShapeMismatch', `${name}: takes [examples, positions, ${features}]`, { operation: name }),
            )
          : gen(function* () {
              const three = yield* inner.apply(list.slice(0, 3))
              const read = yield* look([...(three.output as ReadonlyArray<AnyVar>), ...list.slice(3)] as never)
              return yield* outer.apply(read)
            })
      },
      E.chain(() =>
        features % heads === 0 ? E.right(null) : invalid(name, `${heads} heads do not divide ${features} features`),
      )(positive(name, { features, heads })),
    ),
  ]) as M
}

/**
 * The rule of attention of a sequence to itself.
 *
 * @category rules
 * @since 0.1.0
 */
export interface SelfAttended<N extends number> extends Rule {
  readonly output: this['input'] extends Var<readonly [infer T extends number, infer E extends number]>
    ? DimEq<E, N> extends true
      ? this['input']
      : ShapeError<`selfAttention takes [positions, ${N}], and the layer before it gives ${Show<readonly [T, E]>}`>
    : Other<'selfAttention', `positions, ${N}`, this['input'], readonly [number, N]>
}

/**
 * Attention of a sequence to itself with several heads: `[positions, features]` to the same. With `causal` a position looks
 * at itself and those before it only. The projections are dense layers; those of queries, keys and values start as Glorot's for a matrix
 * `[features, 3 features]`, biases as 0, as in PyTorch.
 *
 * Refuses numbers that are not integers >= 1, and heads that do not divide the features.
 *
 * @category layers
 * @since 0.1.0
 */
export const selfAttention = <N extends number>(
  features: N,
  heads: number,
  { causal = false }: { readonly causal?: boolean } = {},
): Model<Projections<N>, Var<readonly [number, N]>, Var<readonly [number, N]>, None, SelfAttended<N>> =>
  multiHead(`selfAttention(${features}, ${heads})`, features, heads, (x) => [x, x, x], causal)

/**
 * What attention to another sequence takes: queries `[T, features]`, a memory `[S, features]` to read, and a mask `[T, S]`
 * that is true where a query may look. A query that may look nowhere reads 0.
 *
 * @category types
 * @since 0.1.0
 */
export type Attending<N extends number> = {
  readonly query: Var<readonly [number, N]>
  readonly memory: Var<readonly [number, N]>
  readonly mask: Var<readonly [number, number], 'bool'>
}

/**
 * Attention to another sequence, or to the same under a mask of each example, with several heads.
 *
 * @category layers
 * @since 0.1.0
 */
export const multiHeadAttention = <N extends number>(
  features: N,
  heads: number,
): Model<Projections<N>, Attending<N>, Var<readonly [number, N]>> =>
  multiHead(
    `multiHeadAttention(${features}, ${heads})`,
    features,
    heads,
    ({ query, memory, mask }: Attending<N>) => [query, memory, memory, mask],
    false,
  )
