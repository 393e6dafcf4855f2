import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  add,
  cumsum,
  gen,
  matmul,
  type Program,
  type Reverse,
  record,
  slice,
  spec,
  square,
  sum,
  tanh,
  transpose,
  type Var,
  valueAndGrad,
} from 'wengert'
import { leaves } from 'wengert/Tree'
import type { Product } from '../../src/compile/Nest.js'
import { guarded } from '../../src/engine/wasm/engine.js'
import { size } from '../../src/Shape.js'
import type { AnyVar } from '../../src/Var.js'
import { agreement } from '../engine/agree.js'
import { right } from '../engine/given.js'
import { scheduled } from './support.js'

type Matrix = Var<readonly [number, number]>
type Steps = Var<readonly [number, number, number]>

const products = (program: Program): ReadonlyArray<Product> =>
  scheduled(program).items.filter((item) => item.kind === 'product')

/** The terms of each product that adds up the gradient of a matrix of so many rows. */
const terms = (program: Program, rows: number): ReadonlyArray<number> =>
  products(program).flatMap(({ m, k }) => (m === rows ? [k] : []))

const numbers = (n: number, seed: number): ReadonlyArray<number> =>
  Array.from({ length: n }, (_, i) => Math.sin(i * 0.7 + seed) / 16)

const agree = (program: Program): void => {
  const point = leaves<AnyVar>(program.inputs).map(({ shape }, i) => numbers(size(shape), i))
  for (const scalar of ['f64', 'f32'] as const) {
    const { differences, informative } = agreement(program, point, scalar)
    expect(differences).toEqual([])
    // long sums that cancel leave float32 no digits to compare
    if (scalar === 'f64') expect(informative).toBeGreaterThan(0)
  }
}

interface Sizes {
  readonly length: number
  readonly batch: number
  readonly inputs: number
  readonly units: number
}

/** The gradient of a loop that is written out, `h' = tanh(x[t] wx + h wh)`. */
const recurrent = (
  { length, batch, inputs, units }: Sizes,
  use: (h: Matrix) => Reverse<Matrix> = (h) => tanh(h),
): Program =>
  right(
    record(({ x, ...given }: { readonly x: Steps; readonly wx: Matrix; readonly wh: Matrix; readonly h: Matrix }) =>
      valueAndGrad(({ wx, wh, h }: { readonly wx: Matrix; readonly wh: Matrix; readonly h: Matrix }) =>
        gen(function* () {
          let last: Matrix = h
          for (let t = 0; t < length; t++) {
            const from = (yield* slice(x, t)) as unknown as Matrix
            last = yield* use((yield* add(matmul(from, wx), matmul(last, wh))) as Matrix)
          }
          return yield* sum(square(last))
        }),
      )(given),
    )({
      x: spec([length, batch, inputs]),
      wx: spec([inputs, units]),
      wh: spec([units, units]),
      h: spec([batch, units]),
    } as never),
  )

describe('inSeries', () => {
  it('adds the gradient of a weight of a loop up in one product', () => {
    const program = recurrent({ length: 6, batch: 16, inputs: 24, units: 32 })
    expect(terms(program, 24)).toEqual([6 * 16])
    // the state before the loop is an input, which stays where it is
    expect(terms(program, 32)).toEqual([5 * 16, 16])
    agree(program)
  })

  it('does so for loops of any size', () => {
    fc.assert(
      fc.property(
        fc.record({
          length: fc.integer({ min: 2, max: 6 }),
          batch: fc.integer({ min: 16, max: 24 }),
          inputs: fc.integer({ min: 20, max: 40 }),
          units: fc.integer({ min: 32, max: 40 }),
        }),
        (sizes) => {
          const program = recurrent(sizes)
          expect(products(program).some(({ k }) => k === 2 * sizes.batch || k > sizes.units)).toBe(true)
          agree(program)
          const { machine, trespass } = right(guarded(program, 'f64', 32))
          for (const [i, input] of machine.inputs.entries()) (input as Float64Array).set(numbers(input.length, i))
          expect(right(machine.step())).toBe(undefined)
          expect(trespass()).toBe(-1)
        },
      ),
      { numRuns: 5 },
    )
  })

  it('makes no product of more terms than a kernel takes at a time', () => {
    const program = recurrent({ length: 7, batch: 100, inputs: 20, units: 24 })
    expect(terms(program, 20)).toEqual([200, 200, 200, 100])
    agree(program)
  })

  it('leaves values where a kernel wants them in a row', () => {
    const running = recurrent({ length: 4, batch: 16, inputs: 24, units: 32 }, (h) => cumsum(h, { axis: 0 }))
    expect(terms(running, 24)).toEqual([16, 16, 16, 16])
    agree(running)
  })

  const added = (all: boolean): Program =>
    right(
      record(({ x, y }: { readonly x: Steps; readonly y: Steps }) =>
        gen(function* () {
          const [a, b, c] = [0, 1, 2].map((t) => matmul(transpose(slice(x, t) as never), slice(y, t) as never))
          const first = (yield* add(a as never, b as never)) as Matrix
          return { last: yield* add(first, c as never), ...(all ? { first } : {}) }
        }),
      )({ x: spec([3, 10, 30]), y: spec([3, 10, 40]) } as never),
    )

  it('moves nothing where the matrices are parts of one value', () => {
    const program = added(false)
    const { items, flat } = scheduled(program)
    expect(items).toMatchObject([{ kind: 'product', k: 30, accumulate: false }])
    expect(flat.values.every(({ primitive }) => primitive !== 'concat')).toBe(true)
    agree(program)
  })

  /** The sum of products of some steps of `x` with some of `y`, both as they are or computed. */
  const summed = (
    pairs: ReadonlyArray<readonly [number, number]>,
    f: (x: Matrix) => Reverse<Matrix> = (x) => transpose(transpose(x)) as Reverse<Matrix>,
    more: (x: Matrix) => Reverse<Var> = (x) => sum(x),
  ): Program =>
    right(
      record(({ x, y }: { readonly x: Steps; readonly y: Steps }) =>
        gen(function* () {
          let total: Matrix | null = null
          for (const [i, j] of pairs) {
            const [a, b] = [yield* f((yield* slice(x, i)) as never), yield* f((yield* slice(y, j)) as never)]
            const next = (yield* matmul(transpose(a), b)) as Matrix
            total = total === null ? next : ((yield* add(total, next)) as Matrix)
          }
          return { total: total as Matrix, more: yield* more(yield* f((yield* slice(x, 0)) as never)) }
        }),
      )({ x: spec([5, 10, 30]), y: spec([5, 10, 30]) } as never),
    )

  it('joins nothing whose parts run in opposite directions, or with gaps', () => {
    for (const [pairs, found] of [
      [
        [0, 0],
        [1, 1],
        [2, 2],
      ] as const,
      [
        [2, 2],
        [1, 1],
        [0, 0],
      ] as const,
      [
        [0, 2],
        [1, 1],
        [2, 0],
      ] as const,
      [
        [0, 0],
        [2, 1],
        [4, 2],
      ] as const,
    ].map((list, i) => [list, i < 2 ? [30] : [10, 10, 10]] as const)) {
      const program = summed(pairs)
      expect(terms(program, 30)).toEqual(found)
      agree(program)
    }
  })

  it('stacks nothing twice', () => {
    const program = right(
      record((x: Steps) =>
        gen(function* () {
          const [a, b] = [yield* tanh(slice(x, 0)), yield* tanh(slice(x, 1))] as ReadonlyArray<unknown>
          const squares = [a, b].map((m) => matmul(transpose(m as never), m as never))
          return yield* add(squares[0] as never, squares[1] as never)
        }),
      )(spec([2, 10, 30]) as never),
    )
    expect(terms(program, 30)).toEqual([10, 10])
    agree(program)
  })

  it('stacks nothing that a kernel reads', () => {
    const pairs = [
      [0, 0],
      [1, 1],
      [2, 2],
    ] as const
    const plain = summed(pairs, tanh as never)
    const read = summed(pairs, tanh as never, (x) => cumsum(x, { axis: 0 }) as never)
    expect(terms(plain, 30)).toEqual([30])
    expect(terms(read, 30)).toEqual([10, 20])
    for (const program of [plain, read]) agree(program)
  })

  it('keeps sums that are read elsewhere', () => {
    const program = added(true)
    expect(terms(program, 30)).toEqual([20, 10])
    agree(program)
  })
})
