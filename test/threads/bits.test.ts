/**
 * What threads compute has the bits of one thread: random programs with everything divided that can be, whole training
 * steps, and no byte outside of values written. What is compared are bits, so nothing here has a tolerance.
 */
import * as fc from 'fast-check'
import { isLeft } from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  add,
  compile,
  conv2d,
  einsum,
  mul,
  type Program,
  type Running,
  record,
  spec,
  square,
  sum,
  type Var,
  type VarTree,
  valueAndGrad,
} from 'wengert'
import { systemBlas } from 'wengert/blas'
import type { EngineOptions, Threads } from 'wengert/engine'
import { startThreads } from 'wengert/threads'
import { type Drawn, drawnModel, shapes, sketches, sources } from '../../laws/arbitrary/index.js'
import { library } from '../../laws/Law.js'
import { pullback, reals, recorded } from '../../laws/Model.js'
import { type Guarded, guarded } from '../../src/engine/wasm/engine.js'
import { divide } from '../../src/threads/divide.js'
import { workloads } from '../bench/engineWorkloads.js'
import { right } from '../engine/given.js'

const RUNS = Number(process.env.AGREEMENT_RUNS ?? 40)
const SEED = 20261121

const COUNTS = [2, 3, 4]
let started: ReadonlyArray<Threads> = []

beforeAll(async () => {
  started = await Promise.all(COUNTS.map(async (count) => right(await startThreads({ count })())))
})
afterAll(() => {
  for (const { stop } of started) stop()
})

/** The same threads, who divide whatever can be divided, and count the items. */
const eager = (threads: Threads): { readonly threads: Threads; readonly divided: () => number } => {
  const cut = divide({ threads: threads.count, least: 1 })
  let divided = 0
  return {
    divided: () => divided,
    threads: {
      ...threads,
      divide: (...item) => {
        const parts = cut(...item)
        if (parts !== null) divided++
        return parts
      },
    },
  }
}

const programs: fc.Arbitrary<Drawn> = fc.record({
  sketch: sketches('any', 8),
  inputs: fc.array(fc.oneof(shapes(1, 400), shapes(2, 40), shapes(3, 13)), { minLength: 1, maxLength: 3 }),
  outputs: fc.integer({ min: 1, max: 2 }),
  source: sources,
})

/** What a state leaves after two steps, and where it has written what it must not. */
const twoSteps = ({ machine, trespass }: Guarded, point: ReadonlyArray<ReadonlyArray<number>>) => {
  machine.inputs.forEach((view, i) => {
    view.set(point[i])
  })
  right(machine.step())
  right(machine.step())
  return { outputs: machine.outputs.map((view) => Array.from(view)), trespass: trespass() }
}

/** Runs a program with and without threads, and gives how many items were divided. */
const sameEverywhere = (
  program: Program,
  scalar: 'f64' | 'f32',
  point: ReadonlyArray<ReadonlyArray<number>>,
): number => {
  const one = twoSteps(right(guarded(program, scalar, 64)), point)
  let items = 0
  for (const threads of started) {
    const all = eager(threads)
    const many = twoSteps(right(guarded(program, scalar, 64, all.threads)), point)
    expect(many).toStrictEqual({ ...one, trespass: -1 })
    items += all.divided()
  }
  return items
}

const sizeOf = (shape: ReadonlyArray<number>): number => shape.reduce((n, d) => n * d, 1)

/** Numbers without a pattern that blocks or vectors could share, and some that are none. */
const noise = (n: number, seed: number, special: boolean): ReadonlyArray<number> =>
  Array.from({ length: n }, (_, i) => {
    const x = Math.sin(1 + i * 12.9898 + seed * 78.233) * 43758.5453
    if (special && i % 97 === 5) return [Number.NaN, Number.POSITIVE_INFINITY, -0][i % 3]
    return x - Math.floor(x) - 0.5
  })

/** Counts what a property divides, and asks for enough of it: so many items for each run. */
const dividing = <A>(least: number, arbitrary: fc.Arbitrary<A>, items: (a: A) => number): void => {
  let divided = 0
  fc.assert(
    fc.property(arbitrary, (a) => {
      divided += items(a)
    }),
    { numRuns: RUNS, seed: SEED },
  )
  expect(divided).toBeGreaterThan(least * RUNS)
}

const length = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max })

describe.each(['f64', 'f32'] as const)('over %s, on 1, 2, 3 and 4 threads,', (scalar) => {
  it('random programs have the same bits, and write nowhere else', () => {
    dividing(0.1, programs, (drawn) => {
      const model = drawnModel(drawn)
      return sameEverywhere(recorded(library, reals(model.inputs), model.f), scalar, model.point)
    })
  })

  it('gradients of random programs do', () => {
    dividing(1, programs, (drawn) => {
      const model = drawnModel({ ...drawn, outputs: 1 })
      const program = pullback(library, model)
      const rest = (program.inputs as ReadonlyArray<{ readonly shape: ReadonlyArray<number> }>).slice(
        model.inputs.length,
      )
      const ones = rest.map(({ shape }) => Array.from({ length: sizeOf(shape) }, () => 1))
      return sameEverywhere(program, scalar, [...model.point, ...ones])
    })
  })

  it('products of any shape do, with either operand transposed, in batches, added to what is there', () => {
    const products = fc.record({
      subscripts: fc.constantFrom('ik,kj->ij', 'ki,kj->ij', 'ik,jk->ij', 'ki,jk->ij', 'ik,kj->ji', 'bik,bkj->bij'),
      sizes: fc.record({ i: length(150), j: length(150), k: length(90), b: length(9) }),
      added: fc.boolean(),
      special: fc.boolean(),
    })
    dividing(1, products, ({ subscripts, sizes, added, special }) => {
      const shapesOf = subscripts
        .split(/,|->/)
        .map((letters) => Array.from(letters, (letter) => sizes[letter as keyof typeof sizes]))
      const program = right(
        record(([a, b, c]: ReadonlyArray<Var<any>>) => {
          const product = einsum(subscripts as never, a as never, b as never) as never
          return (added ? add(mul(c, 2), product) : product) as never
        })(shapesOf.map((shape) => spec(shape)) as never),
      ) as unknown as Program
      return sameEverywhere(
        program,
        scalar,
        shapesOf.map((shape, i) => noise(sizeOf(shape), i, special)),
      )
    })
  })

  it('convolutions and their gradients do', () => {
    const convolutions = fc.record({
      examples: length(6),
      channels: length(4),
      outputs: length(20),
      height: fc.integer({ min: 5, max: 12 }),
      width: fc.integer({ min: 5, max: 20 }),
      kernel: length(4),
      stride: length(2),
      padding: fc.constantFrom('same' as const, 'valid' as const),
      special: fc.boolean(),
    })
    dividing(1, convolutions, ({ examples, channels, outputs, height, width, kernel, stride, padding, special }) => {
      const given = [
        [examples, channels, height, width],
        [outputs, channels, kernel, kernel],
      ]
      const program = right(
        record((xs: readonly [Var<any>, Var<any>]) =>
          valueAndGrad(([x, w]: readonly [Var<any>, Var<any>]) =>
            sum(square(conv2d(x, w, { stride, padding }) as never)),
          )(xs),
        )(given.map((shape) => spec(shape)) as never),
      ) as unknown as Program
      return sameEverywhere(
        program,
        scalar,
        given.map((shape, i) => noise(sizeOf(shape), i, special)),
      )
    })
  })

  it('a convolution of one example does, where one kernel of many is not finite', () => {
    const given = [
      [1, 5, 14, 14],
      [16, 5, 3, 3],
    ]
    const program = right(
      record(([x, w]: readonly [Var<any>, Var<any>]) => conv2d(x, w, { padding: 'same' }) as never)(
        given.map((shape) => spec(shape)) as never,
      ),
    ) as unknown as Program
    const [x, w] = given.map((shape, i) => noise(sizeOf(shape), i, false))
    expect(sameEverywhere(program, scalar, [x, w.with(-1, Number.POSITIVE_INFINITY)])).toBeGreaterThan(0)
  })
})

/** All views of a tree. */
const views = (tree: unknown): ReadonlyArray<ReadonlyArray<number>> =>
  ArrayBuffer.isView(tree)
    ? [Array.from(tree as Float64Array)]
    : Object.values(tree as Record<string, unknown>).flatMap(views)

/** Where two lists of numbers differ first, or -1. */
const difference = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number =>
  a.findIndex((x, i) => !Object.is(x, b[i]))

const blas = systemBlas()

describe.each(['f64', 'f32'] as const)('training steps over %s', (scalar) => {
  const sameSteps = (name: string, engine: EngineOptions): void => {
    const { program, inputs, donate } = workloads[name]()
    const stepped = (threads?: Threads): ReadonlyArray<ReadonlyArray<number>> => {
      const options = { ...engine, scalar, donate, ...(threads === undefined ? {} : { threads }) }
      const state = right(right(compile(options)(program)).start(inputs as never)) as Running<VarTree, VarTree>
      for (let i = 0; i < 3; i++) right(state.step())
      return [...views(state.outputs), ...views(state.inputs)]
    }
    const one = stepped()
    for (const threads of started) {
      const all = stepped(threads)
      expect(all.map((view, i) => difference(view, one[i]))).toStrictEqual(one.map(() => -1))
    }
  }

  it.each(scalar === 'f32' ? ['W3', 'W4', 'W5', 'W6-512'] : ['W3', 'W4', 'W6-512'])(
    'of %s have the same bits on 1, 2, 3 and 4 threads',
    (name) => {
      sameSteps(name, { engine: 'wasm' })
    },
  )

  it.skipIf(isLeft(blas))("have those of the system's BLAS, where it multiplies and threads do the rest", () => {
    sameSteps('W3', { engine: 'wasm', blas: right(blas) })
    sameSteps('W4', { engine: 'wasm', blas: right(blas) })
  })
})
