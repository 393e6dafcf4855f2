import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { add, exp, flip, gen, mul, record, spec, sum, type Var } from 'wengert'
import { drawnModel, programs } from '../../laws/arbitrary/index.js'
import { library } from '../../laws/Law.js'
import { pullback } from '../../laws/Model.js'
import { reads, writes } from '../../src/compile/Nest.js'
import { ALIGNMENT, plan, unit } from '../../src/compile/plan.js'
import type { Schedule } from '../../src/compile/schedule.js'
import { size } from '../../src/Shape.js'
import { right } from '../engine/given.js'
import { scheduled } from './support.js'

const bytes = ({ flat }: Schedule, value: number): number =>
  size(flat.values[value].shape) * unit('f64', flat.values[value].dtype)

describe('plan', () => {
  it('never has two living values in one place', () => {
    fc.assert(
      fc.property(programs('arithmetic', { maxLength: 12, outputs: 3 }), (drawn) => {
        const given = scheduled(pullback(library, drawnModel(drawn)))
        const planned = plan(given, 'f64', [], 100)
        expect(planned.bytes).toBeGreaterThanOrEqual(planned.bound)
        const { items, address, passed } = planned
        const lasting = new Set([...given.flat.inputs, ...given.constants])
        const results = new Set(given.flat.outputs)
        const first = (value: number): number => {
          const before = passed.get(value)
          return before === undefined ? items.findIndex((item) => writes(item).includes(value)) : last(before)
        }
        const last = (value: number): number =>
          items.findLastIndex((item) => reads(item).includes(value) || writes(item).includes(value))
        const living = (value: number, at: number): boolean => {
          if (lasting.has(value)) return true
          // what takes the place of another begins where that one ends
          const begun = passed.has(value) ? first(value) < at : first(value) <= at
          return begun && (results.has(value) || last(value) >= at)
        }
        items.forEach((_, at) => {
          const places = [...address]
            .filter(([value]) => living(value, at) && bytes(given, value) > 0)
            .map(([value, from]) => [from, from + bytes(given, value)] as const)
            .toSorted(([a], [b]) => a - b)
          for (let i = 1; i < places.length; i++) expect(places[i][0]).toBeGreaterThanOrEqual(places[i - 1][1])
          for (const [from] of places) expect(from % ALIGNMENT).toBe(0)
        })
      }),
      { numRuns: 100 },
    )
  })

  it('gives places anew', () => {
    type Vec = Var<readonly [100]>
    const chain = scheduled(
      right(
        record((x: Vec) =>
          gen(function* () {
            let y: Vec = x
            for (let i = 0; i < 20; i++) y = yield* exp(add(y, yield* sum(y)))
            return y
          }),
        )(spec([100])),
      ),
    )
    const planned = plan(chain, 'f64', [], 0)
    expect(planned.address.size).toBeGreaterThan(20)
    // the input, the result, two at a time of what is between, and scalars
    expect(planned.bytes).toBeLessThan(6 * 800)
    expect(planned.bytes).toBeLessThan(1.5 * planned.bound)
  })

  it('overwrites a donated input where nobody reads it later', () => {
    type State = { readonly p: Var<readonly [8]>; readonly q: Var<readonly [8]> }
    const step = scheduled(
      right(
        record(({ p, q }: State) =>
          gen(function* () {
            const total = yield* sum(mul(p, q))
            return { p: yield* mul(p, total), q: yield* add(q, p) }
          }),
        )({ p: spec([8]), q: spec([8]) }),
      ),
    )
    const [p, q] = step.flat.inputs
    const [p2, q2] = step.flat.outputs
    const planned = plan(
      step,
      'f64',
      [
        [p, p2],
        [q, q2],
      ],
      0,
    )
    expect(planned.address.get(q2)).toBe(planned.address.get(q))
    expect(planned.address.get(p2)).toBe(planned.address.get(p))
    expect(planned.copies).toEqual([])
  })

  it('copies what is read elsewhere than where it is overwritten', () => {
    type State = { readonly p: Var<readonly [8]> }
    const step = scheduled(
      right(
        record(({ p }: State) =>
          gen(function* () {
            return { p: yield* mul(flip(p), 2) }
          }),
        )({ p: spec([8]) }),
      ),
    )
    const [p] = step.flat.inputs
    const [p2] = step.flat.outputs
    const planned = plan(step, 'f64', [[p, p2]], 0)
    expect(planned.address.get(p2)).not.toBe(planned.address.get(p))
    expect(planned.copies).toEqual([{ from: p2, to: p }])
  })
})
