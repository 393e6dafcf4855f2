import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import * as O from 'fp-ts/lib/Option.js'
import { describe, expect, it } from 'vitest'
import type { Failure } from '../src/Failure.js'
import { key } from '../src/Random.js'
import { type DType, size } from '../src/Shape.js'
import * as T from '../src/Tensor.js'

const left = <A>(result: E.Either<Failure, A>): Failure => {
  if (E.isRight(result)) throw new Error('expected a failure')
  return result.left
}
const right = <A>(result: E.Either<Failure, A>): A => {
  if (E.isLeft(result)) throw new Error(result.left.message)
  return result.right
}

const shape = fc.array(fc.nat(3), { maxLength: 8 }).filter((s) => size(s) <= 200)
const any: fc.Arbitrary<T.AnyTensor> = fc
  .tuple(shape, fc.constantFrom<DType>('real', 'int', 'bool'))
  .chain(([s, dtype]) =>
    fc
      .array(dtype === 'real' ? fc.double() : dtype === 'int' ? fc.integer() : fc.nat(1), {
        minLength: size(s),
        maxLength: size(s),
      })
      .map((data) => right(T.fromData(s, data, dtype))),
  )
const reals = any.filter((t): t is T.Tensor => t.dtype === 'real')

const same = (a: T.AnyTensor, b: T.AnyTensor): void => {
  if (!T.equals(a, b)) throw new Error(`${T.show(a)} of ${a.dtype} [${a.shape}] is not ${T.show(b)} of [${b.shape}]`)
}

describe('nested arrays', () => {
  it('go in and out at every rank from 0 to 8', () => {
    fc.assert(
      fc.property(any, (t) => {
        const back = right(T.fromArray(T.toNested(t), t.dtype))
        // an empty array says nothing of the dimensions inside it
        if (t.data.length > 0) same(back, t)
        else expect(t.shape.slice(0, back.shape.length)).toEqual(back.shape)
      }),
    )
    expect(T.toNested(T.tensor(3))).toBe(3)
    expect(T.toNested(T.zeros([2, 0, 3]))).toEqual([[], []])
    expect(T.tensor([[], []]).shape).toEqual([2, 0])
  })

  it('are copied', () => {
    const rows = [1, 2]
    const t = T.tensor(rows)
    rows[0] = 9
    expect(T.toArray(t)).toEqual([1, 2])
  })

  it.each<[unknown, string, string]>([
    [[[1, 2], [3]], 'ShapeMismatch', 'expected an array of 2 at [1], found an array of 1'],
    [[1, [2]], 'ShapeMismatch', 'expected a number, as the first element is at [1], found an array of 1'],
    [[[1], 2], 'ShapeMismatch', 'expected an array of 1 at [1], found 2'],
    [[[], [1]], 'ShapeMismatch', 'expected an array of 0 at [1], found an array of 1'],
    [[1, null], 'TypeMismatch', 'expected a number at [1], found null'],
    [[[1], ['x']], 'TypeMismatch', 'expected a number at [1][0], found a string'],
    [undefined, 'TypeMismatch', 'expected a number, found undefined'],
    [[true], 'TypeMismatch', 'expected a number at [0], found true'],
  ])('%j is refused', (nested, tag, sentence) => {
    const refused = left(T.fromArray(nested))
    expect(refused._tag).toBe(tag)
    expect(refused.message).toBe(`fromArray: ${sentence}`)
    expect(() => T.tensor(nested as ReadonlyArray<number>)).toThrow(
      new TypeError(`tensor: ${sentence}; use fromArray for data that may be malformed`),
    )
  })

  it('refuse a ring and too many dimensions', () => {
    const ring: Array<unknown> = []
    ring.push(ring)
    expect(left(T.fromArray(ring))._tag).toBe('InvalidShape')
  })

  it('are checked against the element type', () => {
    expect(T.toArray(T.ints([[1, -2]]))).toEqual([1, -2])
    expect(() => T.ints([1.5])).toThrow('expected an integer from -2^31 to 2^31 - 1 at [0], found 1.5')
    expect(() => T.ints([2 ** 31])).toThrow(TypeError)
    expect(T.toArray(T.bools([true, false]))).toEqual([1, 0])
    expect(left(T.fromArray([2], 'bool')).message).toBe('fromArray: expected a boolean, or 0 or 1 at [0], found 2')
  })
})

describe('fromData', () => {
  it('is the inverse of toArray and freezes a copy of the shape', () => {
    fc.assert(fc.property(any, (t) => same(right(T.fromData(t.shape, T.toArray(t), t.dtype)), t)))
    const s = [2]
    const t = right(T.fromData(s, [1, 2]))
    s.push(5)
    expect(t.shape).toEqual([2])
    expect(Object.isFrozen(t) && Object.isFrozen(t.shape)).toBe(true)
  })

  it('refuses', () => {
    expect(left(T.fromData([2, 2], [1, 2, 3])).message).toBe('fromData: shape [2, 2] has 4 elements, 3 were given')
    expect(left(T.fromData([-1], []))._tag).toBe('InvalidShape')
    expect(left(T.fromData([1], [0.5], 'int')).message).toContain('at element 0, found 0.5')
  })
})

describe('constructors', () => {
  it('fill', () => {
    same(T.zeros([2]), T.tensor([0, 0]))
    same(T.ones([1, 2], 'int'), T.ints([[1, 1]]))
    same(T.full([2], 7.9, 'int'), T.ints([7, 7]))
    same(T.full([1], Number.NaN, 'bool'), T.bools([true]))
    same(T.full([1], -0), T.tensor([-0]))
    same(
      T.eye(3),
      T.tensor([
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ]),
    )
    expect(T.eye(0).shape).toEqual([0, 0])
    same(T.fullLike(T.ints([3]), 2 ** 31), T.ints([-(2 ** 31)]))
    fc.assert(
      fc.property(any, (t) => {
        for (const u of [T.zerosLike(t), T.onesLike(t)]) expect([u.shape, u.dtype]).toEqual([t.shape, t.dtype])
      }),
    )
  })

  it('count', () => {
    expect(T.toArray(T.arange(0))).toEqual([])
    expect(T.toArray(T.arange(2, 5))).toEqual([2, 3, 4])
    expect(T.toArray(T.arange(0, 1, 0.25))).toEqual([0, 0.25, 0.5, 0.75])
    expect(T.toArray(T.arange(1, 5, -1))).toEqual([])
    expect(T.toArray(T.linspace(0, 1, 5))).toEqual([0, 0.25, 0.5, 0.75, 1])
    expect(T.toArray(T.linspace(2, 9, 1))).toEqual([2])
    expect(T.toArray(T.linspace(2, 9, 0))).toEqual([])
    expect(T.linspace(0, 0.3, 4).data[3]).toBe(0.3)
  })

  it('throw on shapes and ranges that cannot be', () => {
    expect(() => T.zeros([-1])).toThrow(
      new RangeError('zeros: shape [-1] has the dimension -1; it must be an integer >= 0'),
    )
    expect(() => T.uniform(key(0), [0.5])).toThrow(RangeError)
    expect(() => T.arange(0, 1, 0)).toThrow(RangeError)
    expect(() => T.arange(Number.POSITIVE_INFINITY)).toThrow(RangeError)
  })
})

describe('random', () => {
  const n = 100_000
  const moments = (t: T.Tensor): readonly [number, number] => {
    let sum = 0
    let squares = 0
    for (const x of t.data) {
      sum += x
      squares += x * x
    }
    return [sum / n, squares / n - (sum / n) ** 2]
  }

  it('uniform has its mean and variance', () => {
    const [mean, variance] = moments(T.uniform(key(5), [n], -1, 1))
    // standard errors of a mean, sqrt(1/3 / n), and of a variance, sqrt((1/5 - 1/9) / n); five of them
    expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(1 / 3 / n))
    expect(Math.abs(variance - 1 / 3)).toBeLessThan(5 * Math.sqrt(4 / 45 / n))
  })

  it('normal has its mean, variance, tails and independent pairs', () => {
    const t = T.normal(key(6), [n], 3, 2)
    const [mean, variance] = moments(t)
    expect(Math.abs(mean - 3)).toBeLessThan((5 * 2) / Math.sqrt(n))
    expect(Math.abs(variance - 4)).toBeLessThan(5 * 4 * Math.sqrt(2 / n))
    const beyond = T.toArray(t).filter((x) => Math.abs(x - 3) > 4).length / n
    const p = 0.04550026389635842
    expect(Math.abs(beyond - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / n))
    let product = 0
    for (let i = 0; i < n; i += 2) product += (t.data[i] - 3) * (t.data[i + 1] - 3)
    expect(Math.abs(product / (n / 2))).toBeLessThan((5 * 4) / Math.sqrt(n / 2))
  })

  it('depends on the key and the position alone', () => {
    expect(T.toArray(T.normal(key(1), [3]))).toEqual(T.toArray(T.normal(key(1), [2, 4])).slice(0, 3))
    expect(T.normal(key(1), [4])).not.toEqual(T.normal(key(2), [4]))
    expect(T.normal(key(1), [2, 0]).data.length).toBe(0)
  })
})

describe('get and slice', () => {
  const a = right(T.reshape(T.arange(24), [2, 3, 4]))

  it('get counts from both ends and is none elsewhere', () => {
    expect(T.get(a, 1, 2, 3)).toEqual(O.some(23))
    expect(T.get(a, -1, -3, -4)).toEqual(O.some(12))
    for (const index of [
      [2, 0, 0],
      [0, -4, 0],
      [0, 0, 0.5],
      [0, 0, Number.NaN],
    ] as const)
      expect(T.get(a as T.Tensor, ...index)).toEqual(O.none)
    expect(T.get(a as T.Tensor, 1, 2)).toEqual(O.none)
    expect(T.get(T.tensor(5))).toEqual(O.some(5))
  })

  it.each<[ReadonlyArray<T.Range>, unknown]>([
    [
      [1],
      [
        [12, 13, 14, 15],
        [16, 17, 18, 19],
        [20, 21, 22, 23],
      ],
    ],
    [
      [0, -1, { start: 1, stop: -1 }],
      [9, 10],
    ],
    [
      [':', 0, 0],
      [0, 12],
    ],
    [
      [0, { step: -1 }, { start: 3, stop: 0, step: -2 }],
      [
        [11, 9],
        [7, 5],
        [3, 1],
      ],
    ],
    [
      [0, 0, { start: -100, stop: 100, step: 3 }],
      [0, 3],
    ],
    [
      [0, 0, { start: 100, stop: -100, step: -3 }],
      [3, 0],
    ],
    [[0, 0, { start: 2, stop: 1 }], []],
    [[1, 1, 1], 17],
  ])('slice %j', (ranges, expected) => {
    expect(T.toNested(right(T.slice(a as T.Tensor, ...ranges)) as T.Tensor)).toEqual(expected)
  })

  it('slice agrees with Array.prototype.slice', () => {
    const bound = fc.integer({ min: -9, max: 9 })
    fc.assert(
      fc.property(fc.array(fc.double(), { maxLength: 7 }), bound, bound, (xs, start, stop) => {
        const sliced = right(T.slice(right(T.fromData([xs.length], xs)), { start, stop }))
        expect(T.toArray(sliced)).toEqual(xs.slice(start, stop))
      }),
    )
  })

  it('slice refuses', () => {
    expect(left(T.slice(a, 2)).message).toBe(
      'slice: along axis 0 of [2, 3, 4]: position 2 is out of range for a dimension of 2',
    )
    expect(left(T.slice(a, { step: 0 }))._tag).toBe('InvalidArgument')
    expect(left(T.slice(a, { start: 0.5 }))._tag).toBe('InvalidArgument')
    expect(left(T.slice(a as T.Tensor, 0, 0, 0, 0))._tag).toBe('InvalidAxis')
  })
})

describe('arranging', () => {
  it('reshape keeps the elements, finds -1, and refuses', () => {
    fc.assert(
      fc.property(any, (t) => {
        same(right(T.reshape(right(T.reshape(t, [t.data.length])), t.shape)), t)
        expect(right(T.reshape(t, [-1])).shape).toEqual([t.data.length])
      }),
    )
    const t = T.zeros([2, 3])
    expect(left(T.reshape(t, [4, -1])).message).toBe('reshape: 6 elements of [2, 3] do not fill [4, -1]')
    expect(left(T.reshape(t, [5])).message).toBe('reshape: [2, 3] has 6 elements and [5] has 5')
    for (const s of [[-1, -1], [-2], [0, -1], [1.5, -1]]) expect(left(T.reshape(t, s))._tag).toBe('InvalidShape')
  })

  it('transpose is its own inverse and permute has an inverse', () => {
    fc.assert(
      fc.property(any, fc.infiniteStream(fc.double({ noNaN: true })), (t, stream) => {
        same(T.transpose(T.transpose(t)), t)
        const axes = t.shape
          .map((_, i) => ({ i, at: stream.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ i }) => i)
        const p = right(T.permute(t, axes))
        expect(p.shape).toEqual(axes.map((d) => t.shape[d]))
        same(
          right(
            T.permute(
              p,
              axes.map((_, i) => axes.indexOf(i)),
            ),
          ),
          t,
        )
      }),
    )
    const p = right(T.permute(right(T.reshape(T.arange(24), [2, 3, 4])), [2, -3, 1]))
    expect(T.get(p, 3, 1, 2)).toEqual(O.some(23))
    expect(T.get(p, 1, 0, 2)).toEqual(O.some(9))
    for (const axes of [[0], [0, 0], [0, 2]]) expect(left(T.permute(T.zeros([1, 2]), axes))._tag).toBe('InvalidAxis')
  })

  it('concat undoes slicing along every axis', () => {
    fc.assert(
      fc.property(any, fc.nat(), fc.nat(), (t, i, j) => {
        fc.pre(t.shape.length > 0)
        const axis = i % t.shape.length
        const cut = j % (t.shape[axis] + 1)
        const part = (range: T.Range) =>
          right(T.slice(t, ...t.shape.map((_, d) => (d === axis ? range : (':' as const)))))
        same(right(T.concat([part({ stop: cut }), part({ start: cut })], axis - t.shape.length)), t)
      }),
    )
    expect(left(T.concat([]))._tag).toBe('InvalidArgument')
    expect(left(T.concat([T.tensor(1)]))._tag).toBe('InvalidAxis')
    expect(left(T.concat([T.zeros([1, 2]), T.zeros([1, 3])])).message).toBe(
      'concat: [1, 2] and [1, 3] differ beside axis 0',
    )
    expect(left(T.concat<DType>([T.zeros([1]), T.zeros([1], 'int')]))._tag).toBe('TypeMismatch')
  })
})

describe('elements', () => {
  it('map keeps identity and composition', () => {
    fc.assert(
      fc.property(reals, (t) => {
        same(T.map((x) => x)(t), t)
        same(T.map((x) => 3 * x)(T.map((x) => x + 1)(t)), T.map((x) => 3 * (x + 1))(t))
      }),
    )
    same(T.map((x) => x * 2 ** 31)(T.ints([1, 3])), T.ints([-(2 ** 31), -(2 ** 31)]))
  })

  it('zipWith refuses different shapes and types', () => {
    same(right(T.zipWith((x, y) => x - y)(T.tensor([1, 2]), T.tensor([3, 5]))), T.tensor([-2, -3]))
    expect(left(T.zipWith(Math.max)(T.tensor([1]), T.tensor([1, 2]))).message).toBe(
      'zipWith: shapes [1] and [2] differ',
    )
    expect(left(T.zipWith(Math.max)(T.tensor([1]) as T.AnyTensor, T.ints([1])))._tag).toBe('TypeMismatch')
  })

  it('cast truncates, wraps and tests', () => {
    const t = T.tensor([1.9, -1.9, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32 + 1, -0])
    same(T.cast(t, 'int'), T.ints([1, -1, 0, 0, 1, 0]))
    same(T.cast(t, 'bool'), T.bools([true, true, true, true, true, false]))
    same(T.cast(T.bools([true]), 'real'), T.tensor([1]))
    expect(T.cast(t, 'real')).toBe(t)
  })

  it('item is the only element', () => {
    expect(T.item(T.ones([1, 1]))).toEqual(E.right(1))
    expect(left(T.item(T.ones([2]))).message).toBe('item: a tensor of shape [2] has 2 elements, not one')
    expect(left(T.item(T.ones([0])))._tag).toBe('NotScalar')
  })

  it('maxAbsDiff never hides a NaN', () => {
    const { NaN: nan, POSITIVE_INFINITY: inf } = Number
    expect(T.maxAbsDiff(T.tensor([1, 2]), T.tensor([1.5, 4]))).toEqual(E.right(2))
    expect(T.maxAbsDiff(T.tensor([inf, 1]), T.tensor([inf, 1]))).toEqual(E.right(0))
    expect(T.maxAbsDiff(T.tensor([inf]), T.tensor([-inf]))).toEqual(E.right(inf))
    expect(T.maxAbsDiff(T.tensor([nan, 9]), T.tensor([nan, 1]))).toEqual(E.right(nan))
    expect(T.maxAbsDiff(T.zeros([0]), T.zeros([0]))).toEqual(E.right(0))
    expect(E.isLeft(T.maxAbsDiff(T.zeros([2, 1]), T.zeros([1, 2])))).toBe(true)
  })

  it('equality is by Object.is and by shape and type', () => {
    const Eq = T.getEq()
    fc.assert(fc.property(any, (t) => Eq.equals(t, T.unsafeMake([...t.shape], t.dtype, t.data))))
    expect(Eq.equals(T.tensor([Number.NaN]), T.tensor([Number.NaN]))).toBe(true)
    expect(Eq.equals(T.tensor([0]), T.tensor([-0]))).toBe(false)
    expect(Eq.equals(T.tensor([1]), T.ints([1]))).toBe(false)
    expect(Eq.equals(T.zeros([0, 2]), T.zeros([2, 0]))).toBe(false)
  })
})

// What NumPy 2.4.6 prints: print(np.array(...)). A run against 6 000 random arrays agreed on all of them.
describe('show', () => {
  const { NaN: nan, POSITIVE_INFINITY: inf } = Number
  it.each<[T.AnyTensor, string]>([
    [T.tensor(1), '1.'],
    [T.tensor([]), '[]'],
    [T.zeros([2, 0, 3]), '[]'],
    [T.tensor([1, 2, 3]), '[1. 2. 3.]'],
    [T.tensor([0.1, -0, 1 / 3]), '[ 0.1        -0.          0.33333333]'],
    [T.tensor([1, nan, inf, -inf]), '[  1.  nan  inf -inf]'],
    [T.tensor([nan]), '[nan]'],
    [T.tensor([1e-5, 1]), '[1.e-05 1.e+00]'],
    [T.tensor([1e8]), '[1.e+08]'],
    [T.tensor([99999999.1]), '[99999999.1]'],
    [T.tensor([1e-100, 1.5]), '[1.0e-100 1.5e+000]'],
    [T.tensor([1234.5, nan, 0.01]), '[1.2345e+03        nan 1.0000e-02]'],
    [T.tensor([2 ** -9, 3 * 2 ** -9]), '[0.00195312 0.00585938]'],
    [
      T.tensor([
        [1, 2.5],
        [-3, 0.125],
      ]),
      '[[ 1.     2.5  ]\n [-3.     0.125]]',
    ],
    [
      T.ints([
        [1, -20],
        [300, 4],
      ]),
      '[[  1 -20]\n [300   4]]',
    ],
    [T.bools([true, false]), '[ true false]'],
    [
      T.tensor([
        [[1], [2]],
        [[3], [4]],
      ]),
      '[[[1.]\n  [2.]]\n\n [[3.]\n  [4.]]]',
    ],
    [T.arange(1001), '[   0.    1.    2. ...  998.  999. 1000.]'],
    [
      T.cast(T.arange(30), 'int'),
      '[ 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23\n 24 25 26 27 28 29]',
    ],
  ])('%#', (t, text) => {
    expect(T.getShow().show(t)).toBe(text)
  })

  it('summarises every dimension and honours its options', () => {
    const t = T.cast(right(T.reshape(T.arange(2000), [40, 50])), 'int')
    expect(T.show(t)).toBe(
      [
        '[[   0    1    2 ...   47   48   49]',
        ' [  50   51   52 ...   97   98   99]',
        ' [ 100  101  102 ...  147  148  149]',
        ' ...',
        ' [1850 1851 1852 ... 1897 1898 1899]',
        ' [1900 1901 1902 ... 1947 1948 1949]',
        ' [1950 1951 1952 ... 1997 1998 1999]]',
      ].join('\n'),
    )
    expect(T.show(T.tensor([1, 2, 3]), { threshold: 2, edgeItems: 1, separator: ', ' })).toBe('[1., ..., 3.]')
    expect(T.show(T.tensor([Math.PI]), { precision: 3 })).toBe('[3.142]')
    expect(T.show(T.tensor([1, 2]), { lineWidth: 4 })).toBe('[1.\n 2.]')
  })
})
