import { describe, expect, it } from 'vitest'
import {
  add,
  checkpoint,
  exp,
  gen,
  matmul,
  mul,
  neg,
  type Program,
  permute,
  record,
  reshape,
  sigmoid,
  slice,
  sort,
  spec,
  sub,
  sum,
  transpose,
  type Var,
} from 'wengert'
import type { Item, Nest } from '../../src/compile/Nest.js'
import type { Schedule } from '../../src/compile/schedule.js'
import { showItems } from '../../src/compile/show.js'
import { right } from '../engine/given.js'
import { scheduled } from './support.js'

type Matrix = Var<readonly [4, 6]>

const program = (f: (x: Matrix) => unknown): Program => right(record(f as never)(spec([4, 6]) as never))

const kinds = (items: ReadonlyArray<Item>): ReadonlyArray<string> => items.map(({ kind }) => kind)

const nest = (item: Item): Nest => {
  if (item.kind !== 'nest') throw new Error(`a ${item.kind}`)
  return item
}

describe('schedule', () => {
  it('makes one nest of a pointwise chain, and stores only its end', () => {
    const { items } = scheduled(program((x) => exp(mul(add(x, 1), x))))
    expect(kinds(items)).toEqual(['nest'])
    expect(nest(items[0]).stores.length).toBe(1)
    expect(nest(items[0]).nodes.filter(({ kind }) => kind === 'load').length).toBe(1)
  })

  it('moves nothing for layout', () => {
    const { items } = scheduled(
      program((x) => exp(reshape(slice(permute(transpose(x), [1, 0]), ':', { start: 2 }), [16]))),
    )
    expect(kinds(items)).toEqual(['nest'])
    const direct = scheduled(program((x) => exp(slice(transpose(x), { start: 1, stop: 6, step: 2 }))))
    expect(kinds(direct.items)).toEqual(['nest'])
  })

  it('puts what follows a reduction behind it, and what comes before inside', () => {
    const { items, flat } = scheduled(program((x) => mul(sum(exp(x), { axis: 1 }), 0.5)))
    expect(kinds(items)).toEqual(['nest'])
    expect(showItems(flat, items)).toBe(
      `for i < 4
  over j < 6
    t0 = %0[6i + j]
    t1 = exp(t0)
  t2 = add of t1
  t3 = 0.5
  t4 = t2 * t3
  %5[i] = t4
`,
    )
  })

  it('keeps both sums over the same elements together, and others apart', () => {
    const both = (second: number) =>
      scheduled(
        program((x) =>
          gen(function* () {
            const y = yield* exp(x)
            return { a: yield* sum(y, { axis: 1 }), b: yield* sum(mul(y, y), { axis: second }) }
          }),
        ),
      ).items
    expect(kinds(both(1))).toEqual(['nest'])
    expect(kinds(both(0))).toEqual(['nest', 'nest'])
  })

  it('computes a function and its mirror image with one exponential', () => {
    const exponentials = ({ items }: Schedule): number =>
      nest(items[0]).nodes.filter((node) => node.kind === 'apply' && node.primitive === 'exp').length
    expect(exponentials(scheduled(program((x) => mul(sigmoid(x), sigmoid(neg(x))))))).toBe(1)
    expect(exponentials(scheduled(program((x) => mul(sigmoid(x), sigmoid(sub(1, x))))))).toBe(2)
  })

  it('writes a number and an operation once', () => {
    const { items } = scheduled(program((x) => mul(add(exp(x), 2), sub(2, exp(x)))))
    expect(nest(items[0]).nodes.map(({ kind }) => kind)).toEqual([
      'load',
      'apply',
      'literal',
      'apply',
      'apply',
      'apply',
    ])
  })

  it('gives large products to a kernel and small ones to a nest', () => {
    const product = (n: number) =>
      kinds(
        scheduled(
          right(
            record(({ a, b }: { readonly a: Var; readonly b: Var }) => matmul(a as never, b as never) as never)({
              a: spec([n, n]),
              b: spec([n, n]),
            } as never),
          ),
        ).items,
      )
    expect(product(4)).toEqual(['nest'])
    expect(product(32)).toEqual(['product'])
  })

  it('writes calls out, and leaves to the host what has no code', () => {
    const called = scheduled(program((x) => checkpoint((y: Matrix) => exp(add(y, 1)))(x)))
    expect(kinds(called.items)).toEqual(['nest'])
    expect(kinds(scheduled(program((x) => sort(x))).items)).toEqual(['host'])
  })

  it('gives every output a value of its own', () => {
    const { flat, items } = scheduled(
      program((x) =>
        gen(function* () {
          const y = yield* exp(x)
          return { x, y, again: y }
        }),
      ),
    )
    expect(new Set([...flat.inputs, ...flat.outputs]).size).toBe(4)
    expect(items.flatMap((item) => nest(item).stores.map(({ value }) => value)).toSorted()).toEqual(
      [...flat.outputs].toSorted(),
    )
  })
})
