/**
 * Early stopping: a fold over the losses of epochs that says when they no longer fall.
 *
 * Laws. Whether to stop depends on the losses alone. The best is the first of the least losses, up to `minDelta`; what is
 * not finite is never the best.
 *
 * @since 0.1.0
 */

/**
 * @category model
 * @since 0.1.0
 */
export interface Patience {
  /** how many epochs in a row may pass without a new best */
  readonly patience: number
  /** by how much less a loss must be to be a new best; 0 unless given */
  readonly minDelta?: number
  /** end with the learner of the best epoch instead of the last; true unless given */
  readonly restoreBest?: boolean
}

/**
 * The best so far, and how many epochs ago it was.
 *
 * @category model
 * @since 0.1.0
 */
export interface Watch {
  readonly best: { readonly epoch: number; readonly loss: number } | null
  readonly waited: number
}

/**
 * Before the first epoch.
 *
 * @category constructors
 * @since 0.1.0
 */
export const unwatched: Watch = { best: null, waited: 0 }

/**
 * After the loss of one more epoch.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { exhausted, observe, unwatched, type Watch } from 'wengert/train'
 *
 * const rule = { patience: 2, minDelta: 0.1 }
 * const after = [3, 2, 1.95, 2.5].reduce<Watch>((watch, loss, epoch) => observe(rule)(watch, epoch, loss), unwatched)
 * assert.deepStrictEqual(after, { best: { epoch: 1, loss: 2 }, waited: 2 })
 * assert(exhausted(rule)(after))
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const observe =
  ({ minDelta = 0 }: Patience) =>
  ({ best, waited }: Watch, epoch: number, loss: number): Watch =>
    Number.isFinite(loss) && (best === null || loss < best.loss - minDelta)
      ? { best: { epoch, loss }, waited: 0 }
      : { best, waited: waited + 1 }

/**
 * Whether it is time to stop.
 *
 * @category refinements
 * @since 0.1.0
 */
export const exhausted =
  ({ patience }: Patience) =>
  ({ waited }: Watch): boolean =>
    waited >= patience
