import { isRight } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { F32 } from '../../../src/algebra/F32.js'
import { F64 } from '../../../src/algebra/F64.js'
import type { Scalar } from '../../../src/engine/wasm/kernels/lanes.js'
import { rowKernel } from '../../../src/engine/wasm/kernels/rows.js'
import { standard } from '../../../src/Program.js'
import { kernelFor } from '../../../src/primitive/evaluate.js'
import type { Attributes, Primitive, PrimitiveName } from '../../../src/primitive/Primitive.js'
import { bits } from '../../../src/Random.js'
import { type DType, type Shape, type Spec, size } from '../../../src/Shape.js'
import { call } from './memory.support.js'

const SCALARS: ReadonlyArray<Scalar> = ['f32', 'f64']

const random = (seed: number): (() => number) => {
  let s = seed
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0
    return (s >>> 8) / 2 ** 24
  }
}

interface Operand {
  readonly shape: Shape
  readonly dtype: DType
  readonly values: ReadonlyArray<number>
}

const real = (shape: Shape, values: ReadonlyArray<number>): Operand => ({ shape, dtype: 'real', values })
const int = (shape: Shape, values: ReadonlyArray<number>): Operand => ({ shape, dtype: 'int', values })

/** What the row gives over an algebra, and what the kernel gives. */
const both = <K extends PrimitiveName>(
  scalar: Scalar,
  primitive: K,
  attributes: Attributes[K],
  operands: ReadonlyArray<Operand>,
) => {
  const rounded = operands.map((o) =>
    o.dtype === 'real' && scalar === 'f32' ? { ...o, values: o.values.map(Math.fround) } : o,
  )
  const row = standard.table[primitive] as unknown as Primitive<K>
  const spec = row.spec(rounded, attributes)
  if (!isRight(spec)) throw new Error(spec.left.message)
  const result: Spec = spec.right
  const wanted = new Array<number>(size(result.shape)).fill(0)
  const evaluated = (values: ReadonlyArray<ReadonlyArray<number>>, out: Array<number>): ReadonlyArray<number> => {
    const instruction = { primitive, attributes, shape: result.shape, dtype: result.dtype, operands: [] }
    kernelFor(
      scalar === 'f32' ? F32 : F64,
      standard.table,
      instruction as never,
      rounded as never,
    )(values as never, out as never)
    return out
  }
  const kernel = rowKernel(primitive, attributes, { scalar, operands: rounded })
  if (kernel === null) throw new Error(`${primitive} has no kernel`)
  const regions = [
    ...rounded.map(({ values, dtype }) => ({ values, dtype, writable: false })),
    { values: wanted.map(() => 1), dtype: result.dtype, writable: true },
    { values: new Array<number>(kernel.scratch).fill(255), dtype: 'bool' as const, writable: true },
  ]
  return {
    wanted: evaluated(
      rounded.map((o) => o.values),
      wanted,
    ),
    values: Array.from(call(scalar, kernel.func, regions, [[]])[operands.length]),
  }
}

const exactly = <K extends PrimitiveName>(
  primitive: K,
  attributes: Attributes[K],
  operands: ReadonlyArray<Operand>,
): void => {
  for (const scalar of SCALARS) {
    const { wanted, values } = both(scalar, primitive, attributes, operands)
    expect(values, `${primitive} ${JSON.stringify(attributes)} of ${scalar}`).toEqual(wanted)
  }
}

const draws = (n: number, seed: number): ReadonlyArray<number> => {
  const next = random(seed)
  return Array.from({ length: n }, () => 2 * next() - 1)
}

describe('gather and scatterAdd', () => {
  const next = random(3)
  const places = (n: number, length: number): ReadonlyArray<number> =>
    Array.from({ length: n }, () => Math.floor(next() * (length + 2)) - 1)

  it('read and add whole rows, single elements and nothing', () => {
    for (const rest of [[], [1], [3], [5], [4, 4], [70]]) {
      const row = size(rest)
      exactly('gather', { batch: 0 }, [real([6, ...rest], draws(6 * row, 1)), int([2, 5], places(10, 6))])
      exactly('gather', { batch: 1 }, [real([3, 4, ...rest], draws(12 * row, 1)), int([3, 7], places(21, 4))])
      exactly('scatterAdd', { batch: 0, size: 6 }, [
        int([2, 5], places(10, 6)),
        real([2, 5, ...rest], draws(10 * row, 2)),
      ])
      exactly('scatterAdd', { batch: 1, size: 4 }, [
        int([3, 7], places(21, 4)),
        real([3, 7, ...rest], draws(21 * row, 2)),
      ])
    }
    exactly('gather', { batch: 0 }, [real([3, 2], draws(6, 1)), int([0], [])])
    exactly('scatterAdd', { batch: 0, size: 4 }, [int([0], []), real([0, 2], [])])
  })

  it('work on integers and booleans', () => {
    const whole = Array.from({ length: 18 }, (_, i) => (i - 8) * 2 ** 27)
    exactly('gather', { batch: 0 }, [int([6, 3], whole), int([5], [0, 5, 6, -1, 2])])
    exactly('scatterAdd', { batch: 0, size: 2 }, [int([6], [0, 1, 1, 0, 1, 7]), int([6, 3], whole)])
    exactly('gather', { batch: 0 }, [
      { shape: [3, 5], dtype: 'bool', values: [1, 0, 1, 1, 0, 0, 0, 1, 0, 1, 1, 1, 1, 0, 0] },
      int([4], [2, 0, 9, 1]),
    ])
  })
})

describe('cumsum', () => {
  it('adds in order along any axis', () => {
    for (const reverse of [false, true])
      for (const [shape, axis] of [
        [[7], 0],
        [[3, 5], 0],
        [[3, 5], 1],
        [[2, 6, 9], 1],
        [[4, 1, 8], 1],
      ] as const) {
        exactly('cumsum', { axis, reverse }, [real(shape, draws(size(shape), 4))])
        exactly('cumsum', { axis, reverse }, [
          int(
            shape,
            draws(size(shape), 4).map((x) => Math.round(x * 2 ** 31)),
          ),
        ])
      }
    exactly('cumsum', { axis: 0, reverse: true }, [real([0, 3], [])])
  })
})

/** Many ties, zeros of both signs, infinities and NaN. */
const awkward = (n: number, seed: number): ReadonlyArray<number> => {
  const next = random(seed)
  const some = [0, -0, 1, 1, -1, NaN, Infinity, -Infinity, 0.5]
  return Array.from({ length: n }, () => some[Math.floor(next() * some.length)])
}

describe('orders', () => {
  it('argMax and argMin give the first winner, NaN before all', () => {
    for (const [shape, axis] of [
      [[9], 0],
      [[4, 7], 1],
      [[4, 7], 0],
      [[2, 3, 5], 1],
    ] as const)
      for (let seed = 0; seed < 3; seed++) {
        exactly('argMax', { axis }, [real(shape, awkward(size(shape), seed))])
        exactly('argMin', { axis }, [real(shape, awkward(size(shape), seed))])
        exactly('argMin', { axis }, [
          int(
            shape,
            draws(size(shape), seed).map((x) => Math.round(3 * x)),
          ),
        ])
      }
  })

  it('sort and topK are stable, with NaN last', () => {
    for (const [shape, axis] of [
      [[1], 0],
      [[33], 0],
      [[3, 17], 1],
      [[17, 3], 0],
      [[2, 6, 3], 1],
    ] as const)
      for (let seed = 0; seed < 2; seed++)
        for (const values of [awkward(size(shape), seed), draws(size(shape), seed)]) {
          const x = real(shape, values)
          for (const descending of [false, true]) {
            exactly('sort', { axis, descending }, [x])
            exactly('argSort', { axis, descending }, [x])
          }
          const k = Math.ceil((shape[axis] ?? 0) / 2)
          exactly('topK', { axis, k }, [x])
          exactly('argTopK', { axis, k }, [x])
        }
    exactly('sort', { axis: 0, descending: true }, [int([8], [3, -1, 3, 2 ** 31 - 1, -(2 ** 31), 0, 3, 1])])
    exactly('topK', { axis: 0, k: 0 }, [real([4], [1, 2, 3, 4])])
  })

  it('sort many elements', () => {
    exactly('argSort', { axis: 0, descending: false }, [
      real(
        [5000],
        draws(5000, 9).map((x) => Math.round(x * 100)),
      ),
    ])
  })
})

describe('randomBits', () => {
  it('are those of Random, for any number of words and keys', () => {
    for (const count of [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 1001])
      exactly('randomBits', { shape: [count] }, [int([2], [42, -7])])
    exactly('randomBits', { shape: [3, 7] }, [int([2, 2, 2], [1, 2, 3, 4, -5, 6, 2 ** 31 - 1, -(2 ** 31)])])
    const { values } = both('f64', 'randomBits', { shape: [100] }, [int([2], [7, 8])])
    expect(values).toEqual([...bits([7, 8], 100)])
  })
})

describe('rowKernel', () => {
  it('gives null for primitives without a kernel', () => {
    const context = { scalar: 'f64', operands: [] } as const
    expect(rowKernel('exp', {} as never, context)).toBeNull()
  })
})
