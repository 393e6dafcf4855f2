import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { F64 } from '../../src/algebra/F64.js'
import type { Attributes, PrimitiveName, Window } from '../../src/primitive/Primitive.js'
import { type Shape, type Spec, size } from '../../src/Shape.js'
import {
  apply,
  bool,
  dims,
  drawn,
  dtypes,
  element,
  indicesOf,
  int,
  laws,
  listOf,
  type Numbers,
  numbersFor,
  permutations,
  real,
  rowOf,
  subsets,
  tabulate,
  total,
  type Use,
} from './support.js'

const arithmetic = fc.constantFrom('real' as const, 'int' as const)

// ------------------------------------------------------------------------------------------------------- uses

const reshapes: fc.Arbitrary<Use<'reshape'>> = fc.tuple(dims(0, 4), dtypes).chain(([shape, dtype]) =>
  permutations(shape.length).map((order) => ({
    operands: [{ shape, dtype }],
    // other dimensions in another order, some of them joined
    attributes: {
      shape:
        shape.length > 1
          ? [shape[order[0]] * shape[order[1]], ...order.slice(2).map((i) => shape[i]), 1]
          : [size(shape)],
    },
  })),
)

const permutes: fc.Arbitrary<Use<'permute'>> = fc
  .tuple(dims(0, 4), dtypes)
  .chain(([shape, dtype]) =>
    permutations(shape.length).map((order) => ({ operands: [{ shape, dtype }], attributes: { order } })),
  )

const broadcasts: fc.Arbitrary<Use<'broadcast'>> = fc.tuple(dims(0, 4, 3), dtypes).chain(([shape, dtype]) =>
  subsets(shape.length).map((axes) => ({
    operands: [{ shape: axes.map((i) => shape[i]), dtype }],
    attributes: { shape, axes },
  })),
)

const slices: fc.Arbitrary<Use<'slice'>> = fc.tuple(dims(0, 3, 6), dtypes).chain(([shape, dtype]) =>
  fc
    .tuple(fc.tuple(...shape.map((n) => fc.tuple(fc.nat({ max: n }), fc.nat({ max: n })))), listOf(shape.length, 1, 4))
    .map(([ends, stride]) => ({
      operands: [{ shape, dtype }],
      attributes: { start: ends.map((e) => Math.min(...e)), stop: ends.map((e) => Math.max(...e)), stride },
    })),
)

const pads: fc.Arbitrary<Use<'pad'>> = fc.tuple(dims(0, 3, 3), dtypes).chain(([shape, dtype]) =>
  fc
    .tuple(
      listOf(shape.length, 0, 2),
      listOf(shape.length, 0, 2),
      listOf(shape.length, 0, 2),
      dtype === 'bool' ? fc.constantFrom(0, 1) : fc.constantFrom(0, 2, -7),
    )
    .map(([low, high, interior, value]) => ({
      operands: [{ shape, dtype }],
      attributes: { low, high, interior, value },
    })),
)

const concats: fc.Arbitrary<Use<'concat'>> = fc
  .tuple(dims(1, 3, 3), dtypes, fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 4 }))
  .chain(([shape, dtype, lengths]) =>
    fc.nat({ max: shape.length - 1 }).map((axis) => ({
      operands: lengths.map((n) => ({ shape: shape.with(axis, n), dtype })),
      attributes: { axis },
    })),
  )

const flips: fc.Arbitrary<Use<'flip'>> = fc
  .tuple(dims(0, 4), dtypes)
  .chain(([shape, dtype]) =>
    subsets(shape.length).map((axes) => ({ operands: [{ shape, dtype }], attributes: { axes } })),
  )

const sums: fc.Arbitrary<Use<'sum'>> = fc
  .tuple(dims(0, 4), arithmetic)
  .chain(([shape, dtype]) =>
    subsets(shape.length).map((axes) => ({ operands: [{ shape, dtype }], attributes: { axes } })),
  )

const cumsums: fc.Arbitrary<Use<'cumsum'>> = fc
  .tuple(dims(1, 3), arithmetic, fc.boolean())
  .chain(([shape, dtype, reverse]) =>
    fc.nat({ max: shape.length - 1 }).map((axis) => ({ operands: [{ shape, dtype }], attributes: { axis, reverse } })),
  )

/** `[B.., N, R..]` and `[B.., I..]`. */
const indexed = fc.tuple(dims(0, 2, 2), fc.integer({ min: 1, max: 4 }), dims(0, 2, 3), dims(0, 2, 3))

const gathers: fc.Arbitrary<Use<'gather'>> = fc.tuple(indexed, dtypes).map(([[lead, n, at, row], dtype]) => ({
  operands: [{ shape: [...lead, n, ...row], dtype }, int(...lead, ...at)],
  attributes: { batch: lead.length },
  range: [undefined, [0, n - 1]],
}))

const scatters: fc.Arbitrary<Use<'scatterAdd'>> = fc.tuple(indexed, arithmetic).map(([[lead, n, at, row], dtype]) => ({
  operands: [int(...lead, ...at), { shape: [...lead, ...at, ...row], dtype }],
  attributes: { batch: lead.length, size: n },
  range: [[-2, n + 1], undefined],
}))

const converts: fc.Arbitrary<Use<'convert'>> = fc
  .tuple(dims(0, 3), dtypes, dtypes)
  .map(([shape, dtype, to]) => ({ operands: [{ shape, dtype }], attributes: { dtype: to } }))

/** Trailing lengths, windows over them, and dimensions before them. */
const windowed: fc.Arbitrary<{ readonly lead: Shape; readonly space: Shape; readonly window: Window }> = fc
  .tuple(dims(0, 2, 3), fc.nat({ max: 2 }))
  .chain(([lead, k]) =>
    fc
      .tuple(listOf(k, 0, 6), listOf(k, 1, 3), listOf(k, 1, 3), listOf(k, 1, 2))
      .map(([space, window, strides, dilation]) => ({ lead, space, window: { window, strides, dilation } })),
  )

const windowsUses: fc.Arbitrary<Use<'windows'>> = fc
  .tuple(windowed, dtypes)
  .map(([{ lead, space, window }, dtype]) => ({
    operands: [{ shape: [...lead, ...space], dtype }],
    attributes: window,
  }))

/** The positions of a window, counted one by one. */
const places = (n: number, w: number, stride: number, dilation: number): number => {
  let count = 0
  while (count * stride + (w - 1) * dilation < n) count++
  return count
}

const folds: fc.Arbitrary<Use<'foldWindows'>> = fc
  .tuple(windowed, arithmetic)
  .map(([{ lead, space, window }, dtype]) => ({
    operands: [
      {
        shape: [
          ...lead,
          ...space.map((n, d) => places(n, window.window[d], window.strides[d], window.dilation[d])),
          ...window.window,
        ],
        dtype,
      },
    ],
    attributes: { ...window, shape: space },
  }))

laws('reshape', reshapes)
laws('permute', permutes)
laws('broadcast', broadcasts)
laws('slice', slices)
laws('pad', pads)
laws('concat', concats)
laws('flip', flips)
laws('sum', sums)
laws('cumsum', cumsums)
laws('gather', gathers)
laws('scatterAdd', scatters)
laws('convert', converts)
laws('windows', windowsUses)
laws('foldWindows', folds)

// ------------------------------------------------------------------------------------------------ definitions

/** Compares a kernel with a definition by index. */
const defined = <K extends PrimitiveName>(
  name: K,
  uses: fc.Arbitrary<Use<K>>,
  definition: (
    xs: ReadonlyArray<(index: Numbers) => number | undefined>,
    index: Numbers,
    a: Attributes[K],
    operands: ReadonlyArray<Spec>,
  ) => number,
): void =>
  it(`${name} is its definition`, () => {
    fc.assert(
      fc.property(uses, fc.nat(), ({ operands, attributes, range }, seed) => {
        const draw = drawn(seed)
        const values = operands.map((x, k) => numbersFor(x, draw, range?.[k]))
        const { shape, data } = apply(name, operands, values, attributes)
        const xs = operands.map((x, k) => (index: Numbers) => element(values[k], x.shape, index))
        expect(data).toEqual(tabulate(shape, (index) => definition(xs, index, attributes, operands)))
      }),
      { numRuns: 150 },
    )
  })

const must = (x: number | undefined): number => {
  if (x === undefined) throw new Error('outside')
  return x
}

describe('structural definitions', () => {
  it('reshape keeps the row-major order', () => {
    expect(apply('reshape', [real(2, 3)], [[1, 2, 3, 4, 5, 6]], { shape: [3, 2] })).toEqual({
      shape: [3, 2],
      data: [1, 2, 3, 4, 5, 6],
    })
  })

  it('permute takes dimension order[d] of the operand as its dimension d', () => {
    expect(apply('permute', [real(2, 3, 1)], [[1, 2, 3, 4, 5, 6]], { order: [1, 2, 0] })).toEqual({
      shape: [3, 1, 2],
      data: [1, 4, 2, 5, 3, 6],
    })
  })

  defined('permute', permutes, ([x], index, { order }) => must(x(order.map((_, axis) => index[order.indexOf(axis)]))))
  defined('broadcast', broadcasts, ([x], index, { axes }) => must(x(axes.map((axis) => index[axis]))))
  defined('slice', slices, ([x], index, { start, stride }) => must(x(index.map((i, d) => start[d] + i * stride[d]))))
  defined(
    'pad',
    pads,
    ([x], index, { low, interior, value }) => x(index.map((i, d) => (i - low[d]) / (interior[d] + 1))) ?? value,
  )
  defined('flip', flips, ([x], index, { axes }, [{ shape }]) =>
    must(x(index.map((i, d) => (axes.includes(d) ? shape[d] - 1 - i : i)))),
  )
  defined('concat', concats, (xs, index, { axis }, operands) => {
    let i = index[axis]
    let k = 0
    while (i >= operands[k].shape[axis]) i -= operands[k++].shape[axis]
    return must(xs[k](index.with(axis, i)))
  })
  defined('sum', sums, ([x], index, { axes }, [{ shape }]) =>
    total(
      indicesOf(axes.map((axis) => shape[axis])).map((inner) => {
        const rest = [...index]
        return must(x(shape.map((_, d) => (axes.includes(d) ? inner[axes.indexOf(d)] : (rest.shift() as number)))))
      }),
    ),
  )
  defined('cumsum', cumsums, ([x], index, { axis, reverse }, [{ shape }]) =>
    total(
      Array.from({ length: shape[axis] }, (_, i) => i)
        .filter((i) => (reverse ? i >= index[axis] : i <= index[axis]))
        .map((i) => must(x(index.with(axis, i)))),
    ),
  )
  defined('gather', gathers, ([x, at], index, { batch }, [, { shape }]) =>
    must(x([...index.slice(0, batch), must(at(index.slice(0, shape.length))), ...index.slice(shape.length)])),
  )
  defined('scatterAdd', scatters, ([at, updates], index, { batch }, [{ shape }]) =>
    total(
      indicesOf(shape)
        .filter((i) => i.slice(0, batch).every((n, d) => n === index[d]) && must(at(i)) === index[batch])
        .map((i) => must(updates([...i, ...index.slice(batch + 1)]))),
    ),
  )
  defined('windows', windowsUses, ([x], index, { window, strides, dilation }) => {
    const k = window.length
    const lead = index.length - 2 * k
    return must(
      x([
        ...index.slice(0, lead),
        ...window.map((_, d) => index[lead + d] * strides[d] + index[lead + k + d] * dilation[d]),
      ]),
    )
  })
  defined('foldWindows', folds, ([y], index, { window, strides, dilation }, [{ shape }]) => {
    const k = window.length
    const lead = index.length - k
    return total(
      indicesOf(shape.slice(lead))
        .filter((pw) => window.every((_, d) => pw[d] * strides[d] + pw[k + d] * dilation[d] === index[lead + d]))
        .map((pw) => must(y([...index.slice(0, lead), ...pw]))),
    )
  })
})

describe('structural conventions', () => {
  it('an index outside reads NaN, 0 or false', () => {
    const at = [-1, 0, 1, 2, -(2 ** 31)]
    expect(apply('gather', [real(2), int(5)], [[5, 6], at], { batch: 0 }).data).toEqual([
      Number.NaN,
      5,
      6,
      Number.NaN,
      Number.NaN,
    ])
    expect(apply('gather', [int(2), int(5)], [[5, 6], at], { batch: 0 }).data).toEqual([0, 5, 6, 0, 0])
    expect(apply('gather', [bool(2), int(5)], [[1, 1], at], { batch: 0 }).data).toEqual([0, 1, 1, 0, 0])
    expect(apply('gather', [real(0, 2), int(1)], [[], [0]], { batch: 0 }).data).toEqual([Number.NaN, Number.NaN])
  })

  it('an index outside scatters nothing', () => {
    expect(
      apply(
        'scatterAdd',
        [int(4), real(4)],
        [
          [-1, 1, 2, 1],
          [1, 2, 4, 8],
        ],
        { batch: 0, size: 2 },
      ).data,
    ).toEqual([0, 10])
  })

  it('real to int truncates, saturates and takes NaN to 0', () => {
    const x = [1.9, -1.9, -0.5, 3e9, -3e9, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 2147483646.5]
    expect(apply('convert', [real(9)], [x], { dtype: 'int' }).data).toEqual([
      1, -1, 0, 2147483647, -2147483648, 2147483647, -2147483648, 0, 2147483646,
    ])
  })

  it('anything but zero is true', () => {
    expect(apply('convert', [real(5)], [[0, -0, 1e-320, Number.NaN, -2]], { dtype: 'bool' }).data).toEqual([
      0, 0, 1, 1, 1,
    ])
    expect(apply('convert', [int(3)], [[0, 256, -1]], { dtype: 'bool' }).data).toEqual([0, 1, 1])
    expect(apply('convert', [bool(2)], [[0, 1]], { dtype: 'real' }).data).toEqual([0, 1])
  })

  it('conversions to discrete types name their branch', () => {
    const site = { operands: [real(3)], attributes: { dtype: 'int' as const }, result: int(3) }
    expect(rowOf('convert').branches?.(site, [[0.5, 1.5, -1.5]])).toEqual([0, 1, -1])
    expect(
      rowOf('convert').branches?.({ ...site, attributes: { dtype: 'real' }, result: real(3) }, [[0.5, 1.5, -1.5]]),
    ).toEqual([])
  })

  it('integer sums wrap', () => {
    expect(apply('sum', [int(3)], [[2 ** 31 - 1, 1, 5]], { axes: [0] }).data).toEqual([-(2 ** 31) + 5])
    expect(apply('cumsum', [int(2)], [[2 ** 31 - 1, 1]], { axis: 0, reverse: false }).data).toEqual([
      2 ** 31 - 1,
      -(2 ** 31),
    ])
  })

  it('the sum of nothing is 0', () => {
    expect(apply('sum', [real(2, 0)], [[]], { axes: [1] })).toEqual({ shape: [2], data: [0, 0] })
  })

  it('data movement keeps every bit of a number', () => {
    const out = new Float64Array(4)
    const site = { operands: [real(4)], attributes: { axes: [0] }, result: real(4) }
    rowOf('flip').kernel(F64, site, () => () => [])([[Number.NaN, -0, Number.POSITIVE_INFINITY, 5e-324]], out)
    expect([...out]).toEqual([5e-324, Number.POSITIVE_INFINITY, -0, Number.NaN])
  })

  it('a pad may hold any number, also one that JSON has no word for', () => {
    const a = { low: [1], high: [0], interior: [0], value: Number.NEGATIVE_INFINITY }
    expect(apply('pad', [real(1)], [[3]], a).data).toEqual([Number.NEGATIVE_INFINITY, 3])
    const row = rowOf('pad')
    expect(row.attributes.decode(JSON.parse(JSON.stringify(row.attributes.encode(a))))).toEqual(E.right(a))
  })
})

// --------------------------------------------------------------------------------------------------- refusals

const refused = <K extends PrimitiveName>(name: K, operands: ReadonlyArray<Spec>, a: Attributes[K]): string => {
  const spec = rowOf(name).spec(operands, a)
  return E.isLeft(spec) ? `${spec.left._tag}: ${spec.left.message}` : 'accepted'
}

describe('structural refusals', () => {
  it('say what is wrong', () => {
    expect(refused('reshape', [real(2, 3)], { shape: [4] })).toBe(
      'ShapeMismatch: reshape: cannot reshape [2, 3] (6 elements) to [4] (4 elements)',
    )
    expect(refused('permute', [real(2, 3)], { order: [0, 0] })).toBe(
      'InvalidAxis: permute: the order [0, 0] must name each of the 2 axes of [2, 3] once',
    )
    expect(refused('broadcast', [real(1)], { shape: [3], axes: [0] })).toBe(
      'ShapeMismatch: broadcast: dimension 0 of [1] must be dimension 0 of [3], but 1 and 3 differ',
    )
    expect(refused('slice', [real(4)], { start: [3], stop: [2], stride: [1] })).toBe(
      'InvalidArgument: slice: the range 3 to 2 is not inside dimension 0 of [4], whose length is 4',
    )
    expect(refused('concat', [real(2, 3), real(2, 4)], { axis: 0 })).toBe(
      'ShapeMismatch: concat: shapes [2, 3] and [2, 4] differ outside axis 0',
    )
    expect(refused('concat', [real(2), int(2)], { axis: 0 })).toBe(
      'TypeMismatch: concat: operands must have one element type, not real and int',
    )
    expect(refused('sum', [real(2, 3)], { axes: [1, 0] })).toBe(
      'InvalidAxis: sum: axes [1, 0] must be ascending and below the rank 2',
    )
    expect(refused('pad', [int(1)], { low: [0], high: [0], interior: [0], value: 0.5 })).toBe(
      'TypeMismatch: pad: the value 0.5 is not of the element type int',
    )
    expect(refused('gather', [real(2), real(2)], { batch: 0 })).toBe(
      'TypeMismatch: gather: the indices must be int, not real',
    )
    expect(refused('windows', [real(4)], { window: [2, 2], strides: [1, 1], dilation: [1, 1] })).toBe(
      'ShapeMismatch: windows: a window [2, 2] needs 2 dimensions, [4] has 1',
    )
  })

  it('sizes beyond the limit are refused before anything is allocated', () => {
    const huge = 2 ** 31 - 1
    expect(refused('broadcast', [real()], { shape: [huge, 2], axes: [] })).toMatch(/^TooLarge: broadcast/)
    expect(refused('pad', [real(2)], { low: [huge], high: [huge], interior: [huge], value: 0 })).toMatch(
      /^TooLarge: pad/,
    )
    expect(refused('pad', [real(2, 0)], { low: [huge, 0], high: [huge, 0], interior: [huge, 0], value: 0 })).toMatch(
      /^TooLarge: pad/,
    )
    expect(refused('scatterAdd', [int(1), real(1, 2)], { batch: 0, size: huge })).toMatch(/^TooLarge: scatterAdd/)
  })

  it('empty arrays with enormous dimensions cost nothing', () => {
    const huge = 2 ** 31 - 1
    expect(apply('sum', [real(huge, 0)], [[]], { axes: [0] }).data).toEqual([])
    expect(apply('flip', [real(huge, 0)], [[]], { axes: [0] }).data).toEqual([])
    expect(apply('gather', [real(huge, 0), int(0)], [[], []], { batch: 0 }).data).toEqual([])
    expect(apply('scatterAdd', [int(0), real(0, huge)], [[], []], { batch: 0, size: 0 }).data).toEqual([])
    expect(apply('cumsum', [real(huge, 0)], [[]], { axis: 0, reverse: false }).data).toEqual([])
  })
})
