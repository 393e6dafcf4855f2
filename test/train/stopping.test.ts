import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exhausted, observe, unwatched, type Watch } from 'wengert/train'

const watching = (losses: ReadonlyArray<number>, minDelta = 0): Watch =>
  losses.reduce<Watch>((watch, loss, epoch) => observe({ patience: 1, minDelta })(watch, epoch, loss), unwatched)

describe('early stopping', () => {
  it('keeps the first of the least losses, and counts the epochs since', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1 }), (losses) => {
        const least = Math.min(...losses)
        const epoch = losses.indexOf(least)
        expect(watching(losses)).toEqual({ best: { epoch, loss: least }, waited: losses.length - 1 - epoch })
      }),
      { seed: 1 },
    )
  })

  it('wants more than minDelta', () => {
    expect(watching([1, 0.95, 0.91], 0.1)).toEqual({ best: { epoch: 0, loss: 1 }, waited: 2 })
    expect(watching([1, 0.89], 0.1)).toEqual({ best: { epoch: 1, loss: 0.89 }, waited: 0 })
  })

  it('takes nothing that is not finite for the best', () => {
    expect(watching([Number.NaN, 2, Number.NEGATIVE_INFINITY])).toEqual({ best: { epoch: 1, loss: 2 }, waited: 1 })
  })

  it('stops when patience is exhausted', () => {
    const rule = { patience: 2 }
    expect([[1], [1, 2], [1, 2, 2], [1, 2, 2, 2]].map((losses) => exhausted(rule)(watching(losses)))).toEqual([
      false,
      false,
      true,
      true,
    ])
  })
})
