import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { run, scalar, type Var } from 'wengert'
import { constant, cosine, exponential, inverseTime, oneCycle, type Schedule, stepwise, warmUp } from 'wengert/optim'
import { right } from './support.js'

const at = (schedule: Schedule, step: number): number =>
  right(run((t: Var<readonly []>) => schedule(t))(scalar(step))).data[0]

// the values that PyTorch's schedulers give are compared in pytorch.test.ts
describe('schedules', () => {
  it('constant', () => {
    expect([0, 1, 1e6].map((t) => at(constant(0.3), t))).toEqual([0.3, 0.3, 0.3])
  })

  it('stepwise falls at multiples of `every`', () => {
    const schedule = stepwise({ initial: 8, every: 3, factor: 0.5 })
    expect([0, 2, 3, 5, 6, 9].map((t) => at(schedule, t))).toEqual([8, 8, 4, 4, 2, 1])
  })

  it('exponential and inverseTime', () => {
    expect([0, 1, 2].map((t) => at(exponential({ initial: 8, factor: 0.5 }), t))).toEqual([8, 4, 2])
    expect([0, 1, 3].map((t) => at(inverseTime({ initial: 8, decay: 1 }), t))).toEqual([8, 4, 2])
  })

  it('cosine falls from the first value to the last and stays', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99 }), (t) => {
        const schedule = cosine({ initial: 2, steps: 100, final: 1 })
        expect(at(schedule, t + 1)).toBeLessThan(at(schedule, t))
      }),
      { seed: 1, numRuns: 20 },
    )
    const schedule = cosine({ initial: 2, steps: 100, final: 1 })
    expect([0, 100, 101, 1e5].map((t) => at(schedule, t))).toEqual([2, 1, 1, 1])
  })

  it('warmUp rises evenly, is never 0, and then begins the schedule', () => {
    const after = exponential({ initial: 4, factor: 0.5 })
    const schedule = warmUp(3, after)
    expect([0, 1, 2].map((t) => at(schedule, t))).toEqual([1, 2, 3])
    expect([3, 4, 5].map((t) => at(schedule, t))).toEqual([0, 1, 2].map((t) => at(after, t)))
    expect(at(warmUp(0, after), 0)).toBe(4)
  })

  it('oneCycle rises to the peak and falls to nearly nothing', () => {
    const schedule = oneCycle({ peak: 1, steps: 101, rise: 0.5 })
    expect(at(schedule, 0)).toBeCloseTo(1 / 25, 12)
    expect(at(schedule, 49.5)).toBeCloseTo(1, 12)
    expect(at(schedule, 100)).toBeCloseTo(1 / 250_000, 12)
    expect(at(schedule, 1000)).toBeCloseTo(1 / 250_000, 12)
  })

  const refusals: ReadonlyArray<readonly [Schedule, string]> = [
    [constant(Number.NaN), 'constant: value must be finite, not NaN'],
    [stepwise({ initial: 1, every: 0, factor: 1 }), 'stepwise: every must be finite and greater than 0, not 0'],
    [exponential({ initial: 1, factor: -1 }), 'exponential: factor must be finite and greater than 0, not -1'],
    [cosine({ initial: 1, steps: 0 }), 'cosine: steps must be finite and greater than 0, not 0'],
    [warmUp(-1, constant(1)), 'warmUp: steps must be finite and at least 0, not -1'],
    [oneCycle({ peak: 1, steps: 2 }), 'oneCycle: rise * steps must be finite and greater than 1, not 0.6'],
  ]
  for (const [schedule, message] of refusals)
    it(`refuses: ${message}`, () => {
      expect(run((t: Var<readonly []>) => schedule(t))(scalar(0))).toMatchObject({
        left: { _tag: 'InvalidArgument', message },
      })
    })
})
