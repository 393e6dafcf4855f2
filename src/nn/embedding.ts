/**
 * Tables of vectors for symbols.
 *
 * @since 0.1.0
 */
import { take } from '../ops/indexing.js'
import type { Operand } from '../Reverse.js'
import type { Shape } from '../Shape.js'
import type { ShapeError } from '../shape/types.js'
import type { Var } from '../Var.js'
import { type Initialiser, normal } from './initialisers.js'
import { leaf, only, positive } from './layer.js'
import { fromLayers, type Model } from './Model.js'
import type { None, Rule } from './types.js'

/**
 * The rule of an embedding: integers become vectors.
 *
 * @category rules
 * @since 0.1.0
 */
export interface Embedded<N extends number> extends Rule {
  readonly output: this['input'] extends Var<infer S extends Shape, 'int'>
    ? Var<readonly [...S, N]>
    : ShapeError<'embedding takes integers, and the layer before it gives something else'>
}

/**
 * Row `i` of a table for each symbol `i` of `0, ..., symbols - 1`: integers of any shape `[...]` to `[..., features]`. A
 * symbol that is none reads NaN. The table `[symbols, features]` starts standard normal, as in PyTorch.
 *
 * Refuses numbers that are not integers >= 1.
 *
 * @category layers
 * @since 0.1.0
 */
export const embedding = <M extends number, N extends number>(
  symbols: M,
  features: N,
  options: { readonly table?: Initialiser | undefined } = {},
): Model<
  readonly [{ readonly table: Var<readonly [M, N]> }],
  Var<readonly [number], 'int'>,
  Var<readonly [number, N]>,
  None,
  Embedded<N>
> => {
  const name = `embedding(${symbols}, ${features})`
  return fromLayers([
    leaf({
      name,
      valid: positive(name, { symbols, features }),
      parameters: {
        table: {
          shape: [symbols, features],
          initial: options.table ?? normal(),
          fans: { fanIn: symbols, fanOut: features },
        },
      },
      refuses: (x) => (x.dtype === 'int' ? undefined : 'takes integers'),
      apply: ({ parameters: { table } }, x) => only(take(table, x as unknown as Operand<Shape, 'int'>)),
    }),
  ])
}
