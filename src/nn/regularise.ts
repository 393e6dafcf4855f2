/**
 * Dropout, and activations with settings.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { mul } from '../ops/arithmetic.js'
import { lt, where } from '../ops/comparison.js'
import type { Elementwise } from '../ops/elementary.js'
import { uniform } from '../ops/random.js'
import { of } from '../Reverse.js'
import { invalid, leaf, only } from './layer.js'
import { fromLayers, type Model } from './Model.js'
import type { None, Same } from './types.js'

/**
 * In training sets each number to 0 with the given probability and scales the others by `1 / (1 - rate)`, so that the
 * expected value stays; in evaluation the identity (N. Srivastava et al., "Dropout", JMLR 15, 2014).
 *
 * Refuses a rate outside `[0, 1)`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { map, run, tensor, type Var } from 'wengert'
 * import { dropout, input, sequential } from 'wengert/nn'
 * import { key } from 'wengert/Random'
 *
 * const model = sequential(input([4]), dropout(0.5))
 * const f = (x: Var<readonly [1, 4]>) =>
 *   map(({ output }: { readonly output: Var<readonly [1, 4]> }) => output)(
 *     model.apply({ parameters: [], state: [] }, { mode: 'training', key: key(1) })(x),
 *   )
 * const y = run(f)(tensor([[1, 1, 1, 1]]))
 * assert(y._tag === 'Right' && [...y.right.data].every((v) => v === 0 || v === 2))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const dropout = (rate = 0.5): Model<None, unknown, unknown, None, Same> => {
  const name = `dropout(${rate})`
  return fromLayers([
    leaf({
      name,
      valid: rate >= 0 && rate < 1 ? E.right(null) : invalid(name, 'the rate must be at least 0 and less than 1'),
      draws: true,
      refuses: (x) => (x.dtype === 'real' ? undefined : 'takes reals'),
      apply: ({ key }, x) =>
        key === undefined || rate === 0
          ? of({ output: x })
          : only(where(lt(uniform(key, x.shape), rate), 0, mul(x, 1 / (1 - rate)))),
    }),
  ])
}

/**
 * An elementwise operation with settings of its own: `activation((x) => leakyRelu(x, 0.2), 'leakyRelu(0.2)')`. One
 * without settings is an item of a sequence as it is.
 *
 * @category layers
 * @since 0.1.0
 */
export const activation = (f: Elementwise, name: string): Model<None, unknown, unknown, None, Same> =>
  fromLayers([leaf({ name, apply: (_, x) => only(f(x)) })])
