import { describe, expect, it } from 'vitest'
import { add, exp, flip, gen, matmul, mul, record, spec, sum, type Var } from 'wengert'
import type { Item } from '../../src/compile/Nest.js'
import { plan } from '../../src/compile/plan.js'
import { right } from '../engine/given.js'
import { scheduled } from './support.js'

type Square = Var<readonly [32, 32]>
type Vec = Var<readonly [64]>

const kinds = (items: ReadonlyArray<Item>): ReadonlyArray<string> =>
  items.map((item) => (item.kind === 'product' && item.accumulate ? 'accumulate' : item.kind))

describe('fused', () => {
  it('adds products onto one another, in one place', () => {
    const given = scheduled(
      right(
        record(({ x, w, v }: { readonly x: Square; readonly w: Square; readonly v: Square }) =>
          add(matmul(x, w), matmul(w, v)),
        )({ x: spec([32, 32]), w: spec([32, 32]), v: spec([32, 32]) }),
      ),
    )
    expect(kinds(given.items)).toEqual(['product', 'nest', 'accumulate'])
    const planned = plan(given, 'f64', [], 0)
    expect(kinds(planned.items)).toEqual(['product', 'accumulate'])
    expect(planned.passed.size).toBe(1)
  })

  it('copies what is added to where it is needed later', () => {
    const given = scheduled(
      right(
        record(({ x, w }: { readonly x: Square; readonly w: Square }) =>
          gen(function* () {
            const first = yield* matmul(x, w)
            return { first, second: yield* add(first, matmul(w, x)) }
          }),
        )({ x: spec([32, 32]), w: spec([32, 32]) }),
      ),
    )
    expect(kinds(plan(given, 'f64', [], 0).items)).toEqual(['product', 'nest', 'accumulate'])
  })

  it('makes one nest of an average that is moved on and what is computed from it', () => {
    const given = scheduled(
      right(
        record(({ m, v, g }: { readonly m: Vec; readonly v: Vec; readonly g: Vec }) =>
          gen(function* () {
            const kept = yield* mul(m, 0.9)
            const next = yield* add(kept, mul(g, 0.1))
            const power = yield* add(mul(v, 0.99), mul(mul(g, g), 0.01))
            return { m: next, v: power, p: yield* mul(next, power) }
          }),
        )({ m: spec([64]), v: spec([64]), g: spec([64]) }),
      ),
    )
    expect(kinds(given.items)).toEqual(['nest'])
  })

  it('keeps apart what is read elsewhere than where it is computed', () => {
    const given = scheduled(
      right(
        record((x: Vec) =>
          gen(function* () {
            const y = yield* exp(x)
            return yield* add(flip(y), mul(y, yield* sum(y)))
          }),
        )(spec([64])),
      ),
    )
    expect(given.items.length).toBeGreaterThan(1)
  })
})
