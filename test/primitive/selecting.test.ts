import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { Attributes, PrimitiveName } from '../../src/primitive/Primitive.js'
import type { Spec } from '../../src/Shape.js'
import {
  apply,
  dims,
  drawn,
  element,
  evaluate,
  indicesOf,
  int,
  laws,
  listOf,
  type Numbers,
  numbersFor,
  real,
  rowOf,
  subsets,
  tabulate,
  type Use,
} from './support.js'

const arithmetic = fc.constantFrom('real' as const, 'int' as const)

/**
 * Numbers so far apart that a step of at most 3 changes no choice, unless they are equal, which is excluded where the
 * laws are asked (`apart`) because there the derivative is a convention.
 */
const FAR: readonly [number, number] = [-4, 4]

// ------------------------------------------------------------------------------------------------------- uses

const filled = (min: number, max: number) => dims(min, max, 3).map((shape) => shape.map((n) => Math.max(1, n)))

const reductions: fc.Arbitrary<Use<'reduceMax'>> = fc.tuple(dims(0, 4, 3), arithmetic).chain(([shape, dtype]) =>
  subsets(shape.length).map((axes) => ({
    operands: [{ shape: shape.map((n, d) => (axes.includes(d) ? Math.max(1, n) : n)), dtype }],
    attributes: { axes },
  })),
)

const places: fc.Arbitrary<Use<'argMax'>> = fc.tuple(dims(1, 3, 4), arithmetic).chain(([shape, dtype]) =>
  fc.nat({ max: shape.length - 1 }).map((axis) => ({
    operands: [{ shape: shape.with(axis, Math.max(1, shape[axis])), dtype }],
    attributes: { axis },
  })),
)

const sorts: fc.Arbitrary<Use<'sort'>> = fc
  .tuple(dims(1, 3, 5), arithmetic, fc.boolean())
  .chain(([shape, dtype, descending]) =>
    fc
      .nat({ max: shape.length - 1 })
      .map((axis) => ({ operands: [{ shape, dtype }], attributes: { axis, descending } })),
  )

const tops: fc.Arbitrary<Use<'topK'>> = fc
  .tuple(dims(1, 3, 5), arithmetic)
  .chain(([shape, dtype]) =>
    fc
      .nat({ max: shape.length - 1 })
      .chain((axis) =>
        fc.nat({ max: shape[axis] }).map((k) => ({ operands: [{ shape, dtype }], attributes: { axis, k } })),
      ),
  )

const pools = (kind: 'max' | 'mean'): fc.Arbitrary<Use<'reduceWindow'>> =>
  fc.tuple(filled(0, 2), fc.nat({ max: 2 })).chain(([lead, k]) =>
    fc
      .tuple(listOf(k, 0, 6), listOf(k, 1, 3), listOf(k, 1, 3), listOf(k, 1, 2))
      .map(([space, window, strides, dilation]) => ({
        operands: [real(...lead, ...space)],
        // means of 2^n elements are exact
        attributes: {
          kind,
          window: kind === 'mean' ? window.map((w) => (w === 3 ? 4 : w)) : window,
          strides,
          dilation,
        },
      })),
  )

// ties make the laws inexact: they have their own tests below, and the laws get distinct numbers
const distinct = <K extends PrimitiveName>(uses: fc.Arbitrary<Use<K>>): fc.Arbitrary<Use<K>> =>
  uses.map((use) => ({ ...use, distinct: true }))

laws('reduceMax', distinct(reductions))
laws('reduceMin', distinct(reductions))
laws('argMax', places)
laws('argMin', places)
laws('sort', distinct(sorts))
laws('argSort', sorts)
laws('topK', distinct(tops))
laws('argTopK', tops)
describe('max', () => laws('reduceWindow', distinct(pools('max'))))
describe('mean', () => laws('reduceWindow', pools('mean')))

// ------------------------------------------------------------------------------------------------ definitions

/** The lane of numbers through an index along an axis. */
const lane = (x: Numbers, shape: Numbers, index: Numbers, axis: number): Numbers =>
  Array.from({ length: shape[axis] }, (_, i) => element(x, shape, index.with(axis, i)) as number)

/** Places in order, by insertion: NaN last, earlier places first among equals. */
const ordered = (numbers: Numbers, descending: boolean): Numbers => {
  const out: Array<number> = []
  const before = (a: number, b: number) =>
    Number.isNaN(a) ? false : Number.isNaN(b) ? true : descending ? a > b : a < b
  numbers.forEach((x, i) => {
    const at = out.findIndex((j) => before(x, numbers[j]))
    out.splice(at < 0 ? out.length : at, 0, i)
  })
  return out
}

/** Data with repeated numbers and NaN. */
const rough = (spec: Spec, seed: number): Numbers => {
  const draw = drawn(seed)
  return numbersFor(spec, draw, FAR).map((x) => (spec.dtype === 'real' && draw(0, 6) === 0 ? Number.NaN : x))
}

const best = (numbers: Numbers, of: 'max' | 'min'): number =>
  numbers.some(Number.isNaN) ? Number.NaN : of === 'max' ? Math.max(...numbers) : Math.min(...numbers)

describe('selecting definitions', () => {
  for (const [name, of] of [
    ['reduceMax', 'max'],
    ['reduceMin', 'min'],
  ] as const)
    it(`${name} is the ${of} of each lane, NaN if there is one`, () => {
      fc.assert(
        fc.property(reductions, fc.nat(), ({ operands: [spec], attributes }, seed) => {
          const x = rough(spec, seed)
          const { shape, data } = apply(name, [spec], [x], attributes)
          const { axes } = attributes
          expect(data).toEqual(
            tabulate(shape, (index) =>
              best(
                indicesOf(axes.map((axis) => spec.shape[axis])).map((inner) => {
                  const rest = [...index]
                  return element(
                    x,
                    spec.shape,
                    spec.shape.map((_, d) => (axes.includes(d) ? inner[axes.indexOf(d)] : (rest.shift() as number))),
                  ) as number
                }),
                of,
              ),
            ),
          )
        }),
      )
    })

  for (const [name, of] of [
    ['argMax', 'max'],
    ['argMin', 'min'],
  ] as const)
    it(`${name} is the first place of the ${of}`, () => {
      fc.assert(
        fc.property(places, fc.nat(), ({ operands: [spec], attributes }, seed) => {
          const x = rough(spec, seed)
          const { axis } = attributes
          const { shape, data } = apply(name, [spec], [x], attributes)
          expect(data).toEqual(
            tabulate(shape, (index) => {
              const numbers = lane(x, spec.shape, index.toSpliced(axis, 0, 0), axis)
              return numbers.findIndex((n) => Object.is(n + 0, best(numbers, of) + 0))
            }),
          )
        }),
      )
    })

  it('argSort is the stable order and sort its values', () => {
    fc.assert(
      fc.property(sorts, fc.nat(), ({ operands: [spec], attributes }, seed) => {
        const x = rough(spec, seed)
        const { axis, descending } = attributes
        const order = (index: Numbers) => ordered(lane(x, spec.shape, index, axis), descending)[index[axis]]
        expect(apply('argSort', [spec], [x], attributes).data).toEqual(tabulate(spec.shape, order))
        expect(apply('sort', [spec], [x], attributes).data).toEqual(
          tabulate(spec.shape, (index) => element(x, spec.shape, index.with(axis, order(index))) as number),
        )
      }),
    )
  })

  it('topK is the beginning of the descending sort', () => {
    fc.assert(
      fc.property(tops, fc.nat(), ({ operands: [spec], attributes }, seed) => {
        const x = rough(spec, seed)
        const { axis, k } = attributes
        const shape = spec.shape.with(axis, k)
        for (const [few, all] of [
          ['topK', 'sort'],
          ['argTopK', 'argSort'],
        ] as const) {
          const sorted = apply(all, [spec], [x], { axis, descending: true }).data
          expect(apply(few, [spec], [x], attributes)).toEqual({
            shape,
            data: tabulate(shape, (index) => element(sorted, spec.shape, index) as number),
          })
        }
      }),
    )
  })

  for (const kind of ['max', 'mean'] as const)
    it(`reduceWindow is the ${kind} of the windows`, () => {
      fc.assert(
        fc.property(pools(kind), fc.nat(), ({ operands: [spec], attributes: { window, strides, dilation } }, seed) => {
          const x = kind === 'max' ? rough(spec, seed) : numbersFor(spec, drawn(seed))
          const { shape, data } = apply('reduceWindow', [spec], [x], { kind, window, strides, dilation })
          const lead = spec.shape.length - window.length
          expect(data).toEqual(
            tabulate(shape, (index) => {
              const inside = indicesOf(window).map(
                (w) =>
                  element(x, spec.shape, [
                    ...index.slice(0, lead),
                    ...w.map((i, d) => index[lead + d] * strides[d] + i * dilation[d]),
                  ]) as number,
              )
              return kind === 'max' ? best(inside, 'max') : inside.reduce((a, b) => a + b, 0) / inside.length
            }),
          )
        }),
      )
    })
})

// ------------------------------------------------------------------------------------------------ conventions

const pulled = <K extends PrimitiveName>(name: K, x: Spec, data: Numbers, ct: Numbers, a: Attributes[K]): Numbers =>
  evaluate([x, { shape: shapeOf(name, x, a), dtype: 'real' }], [data, ct], (v, [x, c]) => [
    rowOf(name).derivative?.pull(v, c, 0, [x], v.emit(name, [x], a), a) ?? x,
  ])[0].data

const pushed = <K extends PrimitiveName>(name: K, x: Spec, data: Numbers, dx: Numbers, a: Attributes[K]): Numbers =>
  evaluate([x, x], [data, dx], (v, [x, d]) => [
    rowOf(name).derivative?.push(v, [d], [x], v.emit(name, [x], a), a) ?? x,
  ])[0].data

const shapeOf = <K extends PrimitiveName>(name: K, x: Spec, a: Attributes[K]): Numbers => {
  const spec = rowOf(name).spec([x], a)
  if (E.isLeft(spec)) throw new Error(spec.left.message)
  return spec.right.shape
}

const window = { kind: 'max', window: [2], strides: [1], dilation: [1] } as const

describe('selecting conventions', () => {
  it('equal winners share', () => {
    expect(
      pulled('reduceMax', real(5), [2, 7, 7, 1, 7], [6], { axes: [0] }).map((x) => Math.round(x * 1e9) / 1e9),
    ).toEqual([0, 2, 2, 0, 2])
    expect(pushed('reduceMin', real(4), [2, 7, 2, 3], [10, 1, 20, 1], { axes: [0] })).toEqual([15])
    expect(pulled('reduceWindow', real(3), [4, 4, 4], [2, 4], window)).toEqual([1, 3, 2])
    expect(pushed('reduceWindow', real(3), [4, 4, 1], [2, 4, 100], window)).toEqual([3, 4])
  })

  it('the derivative of a NaN is NaN', () => {
    expect(pulled('reduceMax', real(2), [1, Number.NaN], [1], { axes: [0] })).toEqual([Number.NaN, Number.NaN])
    expect(pushed('reduceMax', real(2), [1, Number.NaN], [1, 1], { axes: [0] })).toEqual([Number.NaN])
  })

  it('the windows of a mean share equally', () => {
    expect(pulled('reduceWindow', real(3), [4, 4, 4], [2, 4], { ...window, kind: 'mean' })).toEqual([1, 3, 2])
  })

  it('-0 and 0 are equal when sorting', () => {
    expect(apply('argSort', [real(3)], [[0, -0, 0]], { axis: 0, descending: false }).data).toEqual([0, 1, 2])
    expect(apply('argSort', [real(3)], [[-0, 0, -0]], { axis: 0, descending: true }).data).toEqual([0, 1, 2])
  })

  it('nothing has no largest element', () => {
    const refused = <K extends PrimitiveName>(name: K, x: Spec, a: Attributes[K]): string => {
      const spec = rowOf(name).spec([x], a)
      return E.isLeft(spec) ? `${spec.left._tag}: ${spec.left.message}` : 'accepted'
    }
    expect(refused('reduceMax', real(2, 0), { axes: [1] })).toBe(
      'InvalidArgument: reduceMax: there is no max of nothing: [2, 0] is empty along axes [1]',
    )
    expect(refused('reduceMax', real(2, 0), { axes: [0] })).toBe('accepted')
    expect(refused('argMin', int(0), { axis: 0 })).toBe(
      'InvalidArgument: argMin: there is no min of nothing: [0] is empty along axis 0',
    )
    expect(refused('topK', real(3), { axis: 0, k: 4 })).toBe(
      'InvalidArgument: topK: k = 4 is more than the 3 elements along axis 0',
    )
    expect(refused('sort', real(), { axis: 0, descending: false })).toBe(
      'InvalidAxis: sort: axis 0 is out of range for rank 0',
    )
  })
})

describe('branches', () => {
  const branches = <K extends PrimitiveName>(name: K, x: Spec, data: Numbers, a: Attributes[K]) =>
    rowOf(name).branches?.({ operands: [x], attributes: a, result: { shape: shapeOf(name, x, a), dtype: 'real' } }, [
      data,
    ])

  it('name the winners: equal lists, equal pieces', () => {
    const a = { axes: [1] }
    const at = branches('reduceMax', real(2, 2), [1, 2, 4, 3], a)
    expect(branches('reduceMax', real(2, 2), [0, 5, 9, 3], a)).toEqual(at)
    expect(branches('reduceMax', real(2, 2), [5, 0, 9, 3], a)).not.toEqual(at)
    expect(branches('reduceMax', real(2, 2), [2, 2, 4, 3], a)).not.toEqual(at)
  })

  it('name the order', () => {
    expect(branches('sort', real(3), [3, 1, 2], { axis: 0, descending: false })).toEqual([1, 2, 0])
    expect(branches('topK', real(3), [3, 1, 2], { axis: 0, k: 2 })).toEqual([0, 2])
    expect(branches('argMax', real(3), [3, 1, 2], { axis: 0 })).toEqual([0])
  })

  it('of overlapping windows tell apart which window chose what', () => {
    // both have the winners 0, 1, 2, 2 in a row, cut differently
    const one = branches('reduceWindow', real(4), [1, 1, 2, 0], window)
    const other = branches('reduceWindow', real(4), [2, 1, 1, 0], window)
    expect(one).not.toEqual(other)
    expect(branches('reduceWindow', real(3), [1, 2, 1], { ...window, kind: 'mean' })).toEqual([])
  })
})
