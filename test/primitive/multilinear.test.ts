import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { Attributes, Convolution, PrimitiveName } from '../../src/primitive/Primitive.js'
import { type Shape, type Spec, size } from '../../src/Shape.js'
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
  permutations,
  real,
  rowOf,
  tabulate,
  total,
  type Use,
} from './support.js'

// ------------------------------------------------------------------------------------------------------- uses

/** Puts `values[i]` at place `order[i]`. */
const placed = <A>(values: ReadonlyArray<A>, order: Numbers): ReadonlyArray<A> => {
  const out = [...values]
  order.forEach((at, i) => {
    out[at] = values[i]
  })
  return out
}

/** Batch, contracted and free lengths, and where each dimension stands in its operand. */
const contracts: fc.Arbitrary<Use<'contract'>> = fc
  .tuple(dims(0, 2, 2), dims(0, 2, 3), dims(0, 2, 3), dims(0, 2, 3))
  .chain(([batch, terms, mine, theirs]) =>
    fc
      .tuple(
        permutations(batch.length + terms.length + mine.length),
        permutations(batch.length + terms.length + theirs.length),
      )
      .map(([left, right]) => {
        const axes = (order: Numbers, from: number, n: number) => order.slice(from, from + n)
        const b = batch.length
        const k = terms.length
        return {
          operands: [
            real(...placed([...batch, ...terms, ...mine], left)),
            real(...placed([...batch, ...terms, ...theirs], right)),
          ],
          attributes: {
            batch: [axes(left, 0, b), axes(right, 0, b)],
            contract: [axes(left, b, k), axes(right, b, k)],
          },
        }
      }),
  )

/** Everything about a convolution in one to three dimensions; the remainder of the stride is what it happens to be. */
const convolutions: fc.Arbitrary<Use<'convolve'>> = fc.integer({ min: 1, max: 3 }).chain((rank) => {
  const small = rank === 1 ? 7 : rank === 2 ? 4 : 3
  return fc
    .record({
      examples: fc.nat({ max: 2 }),
      channels: fc.nat({ max: 2 }),
      outputs: fc.nat({ max: 2 }),
      groups: fc.integer({ min: 1, max: 3 }),
      space: listOf(rank, 0, small),
      kernel: listOf(rank, 1, rank === 1 ? 4 : 2),
      strides: listOf(rank, 1, 3),
      inputDilation: listOf(rank, 1, 3),
      kernelDilation: listOf(rank, 1, 3),
      padding: fc.array(fc.tuple(fc.integer({ min: -2, max: 4 }), fc.integer({ min: -2, max: 4 })), {
        minLength: rank,
        maxLength: rank,
      }),
    })
    .map(({ examples, channels, outputs, groups, space, kernel, ...a }) => ({
      operands: [real(examples, groups * channels, ...space), real(groups * outputs, channels, ...kernel)],
      attributes: { ...a, groups },
    }))
})

/** The plain ones, so that not every run is an extreme. */
const plainConvolutions: fc.Arbitrary<Use<'convolve'>> = fc
  .record({
    examples: fc.integer({ min: 1, max: 2 }),
    channels: fc.integer({ min: 1, max: 2 }),
    outputs: fc.integer({ min: 1, max: 2 }),
    groups: fc.integer({ min: 1, max: 3 }),
    space: listOf(2, 3, 6),
    kernel: listOf(2, 1, 3),
    strides: listOf(2, 1, 3),
    padding: fc.array(fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 2 })), { minLength: 2, maxLength: 2 }),
  })
  .map(({ examples, channels, outputs, groups, space, kernel, strides, padding }) => ({
    operands: [real(examples, groups * channels, ...space), real(groups * outputs, channels, ...kernel)],
    attributes: { strides, padding, inputDilation: [1, 1], kernelDilation: [1, 1], groups },
  }))

laws('contract', contracts, { runs: 300 })
laws('convolve', convolutions, { runs: 400 })
describe('without dilation', () => laws('convolve', plainConvolutions, { runs: 150 }))

// ------------------------------------------------------------------------------------------------ definitions

const must = (x: number | undefined): number => {
  if (x === undefined) throw new Error('outside')
  return x
}

describe('contract', () => {
  it('is its definition', () => {
    fc.assert(
      fc.property(contracts, fc.nat(), ({ operands, attributes: { contract, batch } }, seed) => {
        const draw = drawn(seed)
        const [x, w] = operands.map((spec) => numbersFor(spec, draw))
        const [left, right] = operands.map(({ shape }) => shape)
        const { shape, data } = apply('contract', operands, [x, w], { contract, batch })
        const free = (of: Shape, side: 0 | 1) =>
          of.map((_, d) => d).filter((d) => !contract[side].includes(d) && !batch[side].includes(d))
        const mine = free(left, 0)
        const theirs = free(right, 1)
        expect(shape).toEqual([
          ...batch[0].map((d) => left[d]),
          ...mine.map((d) => left[d]),
          ...theirs.map((d) => right[d]),
        ])
        expect(data).toEqual(
          tabulate(shape, (index) => {
            const b = index.slice(0, batch[0].length)
            const i = index.slice(b.length, b.length + mine.length)
            const j = index.slice(b.length + mine.length)
            return total(
              indicesOf(contract[0].map((d) => left[d])).map((k) => {
                const at = (of: Shape, side: 0 | 1, names: Numbers, values: Numbers) =>
                  of.map((_, d) =>
                    batch[side].includes(d)
                      ? b[batch[side].indexOf(d)]
                      : contract[side].includes(d)
                        ? k[contract[side].indexOf(d)]
                        : values[names.indexOf(d)],
                  )
                return must(element(x, left, at(left, 0, mine, i))) * must(element(w, right, at(right, 1, theirs, j)))
              }),
            )
          }),
        )
      }),
      { numRuns: 200 },
    )
  })

  it('of matrices is their product', () => {
    const a = { contract: [[1], [0]], batch: [[], []] } as const
    expect(
      apply(
        'contract',
        [real(2, 3), real(3, 2)],
        [
          [1, 2, 3, 4, 5, 6],
          [1, 0, 0, 1, 1, 1],
        ],
        a,
      ),
    ).toEqual({
      shape: [2, 2],
      data: [4, 5, 10, 11],
    })
  })

  it('of nothing is 0', () => {
    const a = { contract: [[1], [0]], batch: [[], []] } as const
    expect(apply('contract', [real(2, 0), real(0, 1)], [[], []], a)).toEqual({ shape: [2, 1], data: [0, 0] })
  })

  it('its transposes as a matrix product need no permutation', () => {
    const recorded: Array<string> = []
    const row = rowOf('contract')
    evaluate(
      [real(4, 3), real(3, 2), real(4, 2)],
      [Array(12).fill(1), Array(6).fill(1), Array(8).fill(1)],
      (v, [x, w, ct]) => {
        const a = { contract: [[1], [0]], batch: [[], []] } as const
        const y = v.emit('contract', [x, w], a)
        const spy = {
          ...v,
          permute: (z: typeof x, order: Numbers) => {
            if (order.some((axis, i) => axis !== i)) recorded.push(String(order))
            return v.permute(z, order)
          },
        }
        return [0, 1].map((k) => row.derivative?.pull(spy, ct, k, [x, w], y, a) ?? y)
      },
    )
    expect(recorded).toEqual([])
  })
})

/** Padding, dilation and groups carried out literally, then every product that is there. */
const convolved = (x: Numbers, [left, right]: readonly [Shape, Shape], w: Numbers, a: Convolution) => {
  const [examples, channels, ...space] = left
  const [outputs, each, ...kernel] = right
  const padded = space.map(
    (n, d) => (n === 0 ? 0 : (n - 1) * a.inputDilation[d] + 1) + a.padding[d][0] + a.padding[d][1],
  )
  const value = (n: number, c: number, at: Numbers): number => {
    const origin = at.map((i, d) => (i - a.padding[d][0]) / a.inputDilation[d])
    return element(x, [examples, channels, ...space], [n, c, ...origin]) ?? 0
  }
  const places = space.map((_, d) => {
    let count = 0
    while (count * a.strides[d] + (kernel[d] - 1) * a.kernelDilation[d] < padded[d]) count++
    return count
  })
  const shape = [examples, outputs, ...places]
  return {
    shape,
    data: tabulate(shape, ([n, o, ...p]) =>
      total(
        indicesOf([each, ...kernel]).map(([c, ...j]) => {
          const group = Math.floor(o / (outputs / a.groups))
          const at = p.map((i, d) => i * a.strides[d] + j[d] * a.kernelDilation[d])
          return value(n, group * each + c, at) * must(element(w, right, [o, c, ...j]))
        }),
      ),
    ),
  }
}

describe('convolve', () => {
  for (const [kind, uses] of [
    ['any', convolutions],
    ['plain', plainConvolutions],
  ] as const)
    it(`is its definition: ${kind}`, () => {
      fc.assert(
        fc.property(uses, fc.nat(), ({ operands, attributes }, seed) => {
          const draw = drawn(seed)
          const [x, w] = operands.map((spec) => numbersFor(spec, draw))
          expect(apply('convolve', operands, [x, w], attributes)).toEqual(
            convolved(x, [operands[0].shape, operands[1].shape], w, attributes),
          )
        }),
        { numRuns: 300 },
      )
    })

  it('does not turn the kernel round', () => {
    const a = { strides: [1], padding: [[0, 0]], inputDilation: [1], kernelDilation: [1], groups: 1 } as const
    expect(
      apply(
        'convolve',
        [real(1, 1, 4), real(1, 1, 2)],
        [
          [1, 2, 3, 4],
          [10, 1],
        ],
        a,
      ).data,
    ).toEqual([12, 23, 34])
  })

  it('leaves padding out: an infinite weight over it does no harm', () => {
    const a = { strides: [1], padding: [[1, 0]], inputDilation: [1], kernelDilation: [1], groups: 1 } as const
    expect(apply('convolve', [real(1, 1, 1), real(1, 1, 2)], [[3], [Number.POSITIVE_INFINITY, 2]], a).data).toEqual([6])
  })

  it('a kernel that does not fit has no position, and its cotangents are zero', () => {
    const a = { strides: [1], padding: [[0, 0]], inputDilation: [1], kernelDilation: [1], groups: 1 } as const
    expect(
      apply(
        'convolve',
        [real(1, 1, 2), real(1, 1, 3)],
        [
          [1, 2],
          [1, 2, 3],
        ],
        a,
      ),
    ).toEqual({ shape: [1, 1, 0], data: [] })
  })

  it('costs two operations for each product', () => {
    const site = {
      operands: [real(2, 6, 8, 8), real(4, 3, 3, 3)],
      attributes: {
        strides: [1, 1],
        padding: [
          [0, 0],
          [0, 0],
        ],
        inputDilation: [1, 1],
        kernelDilation: [1, 1],
        groups: 2,
      } as const,
      result: real(2, 4, 6, 6),
    }
    expect(rowOf('convolve').flops(site)).toBe(2 * size(site.result.shape) * 27)
  })
})

// --------------------------------------------------------------------------------------------------- refusals

const refused = <K extends PrimitiveName>(name: K, operands: ReadonlyArray<Spec>, a: Attributes[K]): string => {
  const spec = rowOf(name).spec(operands, a)
  return E.isLeft(spec) ? `${spec.left._tag}: ${spec.left.message}` : 'accepted'
}

describe('multilinear refusals', () => {
  const matmul = { contract: [[1], [0]], batch: [[], []] } as const
  const conv = { strides: [1], padding: [[0, 0]], inputDilation: [1], kernelDilation: [1], groups: 1 } as const

  it('say what is wrong', () => {
    expect(refused('contract', [real(2, 3), real(4, 5)], matmul)).toBe(
      'ShapeMismatch: contract: contracted dims differ: 3 (axis 1 of [2, 3]) and 4 (axis 0 of [4, 5])',
    )
    expect(refused('contract', [real(2), real(2)], matmul)).toMatch(/^InvalidAxis: contract: /)
    expect(refused('contract', [real(2, 2), real(2, 2)], { ...matmul, batch: [[1], [1]] })).toBe(
      'InvalidAxis: contract: axes [1, 1] must be axes of [2, 2], each named once',
    )
    expect(refused('contract', [real(2, 2), int(2, 2)], matmul)).toMatch(/^TypeMismatch: contract: /)
    expect(refused('convolve', [real(1, 3, 5), real(2, 2, 3)], conv)).toBe(
      'ShapeMismatch: convolve: channels differ: 3 in each group of [1, 3, 5] and 2 in [2, 2, 3]',
    )
    expect(refused('convolve', [real(1, 3, 5), real(2, 3, 3)], { ...conv, groups: 2 })).toBe(
      'InvalidArgument: convolve: 2 groups must divide the 3 channels and the 2 outputs',
    )
    expect(refused('convolve', [real(1, 3, 5), real(2, 3, 3)], { ...conv, strides: [1, 1] })).toBe(
      'InvalidArgument: convolve: strides has 2 entries for 1 spatial dimensions',
    )
  })

  it('sizes beyond the limit are refused before anything is allocated', () => {
    const huge = 2 ** 31 - 1
    expect(refused('contract', [real(huge), real(huge)], { contract: [[], []], batch: [[], []] })).toMatch(
      /^TooLarge: /,
    )
    expect(refused('convolve', [real(1, 1, 1), real(1, 1, 1)], { ...conv, padding: [[huge, huge]] })).toMatch(
      /^TooLarge: /,
    )
  })
})
