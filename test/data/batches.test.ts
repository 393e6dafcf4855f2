import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  asImages,
  asInts,
  asOneHot,
  asReals,
  batches,
  dataset,
  datasetRows,
  digits,
  type Fed,
  oneHot,
  splitDataset,
} from '../../src/data/index.js'
import { compile } from '../../src/engine/index.js'
import type { Failure } from '../../src/Failure.js'
import { unsafePacked } from '../../src/formats/index.js'
import { matmul, mean, square, sub } from '../../src/ops/index.js'
import { record, spec } from '../../src/Program.js'
import { key } from '../../src/Random.js'
import { arange, ints, ones, type Tensor, tensor, toNested } from '../../src/Tensor.js'
import type { Var } from '../../src/Var.js'

const right = <A>(e: E.Either<Failure, A>): A => {
  if (E.isLeft(e)) throw new Error(JSON.stringify(e.left))
  return e.right
}
const said = <A>(e: E.Either<Failure, A>): string => (E.isLeft(e) ? e.left.message : 'accepted')

const bytes = (...data: ReadonlyArray<number>) => unsafePacked([data.length] as const, 'u8', Uint8Array.from(data))
/** `n` rows that say their number. */
const numbered = (n: number) =>
  right(
    dataset({
      i: unsafePacked(
        [n] as const,
        'i32',
        Int32Array.from({ length: n }, (_, i) => i),
      ),
    }),
  )

describe('data sets', () => {
  it('keep columns in their types, rows together', () => {
    const d = right(
      dataset({
        x: tensor([
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
        y: bytes(7, 8, 9),
      }),
    )
    expect(d.columns.y.type).toBe('u8')
    const picked = right(datasetRows([2, 0, 2])(d))
    expect([...picked.columns.x.data]).toEqual([5, 6, 1, 2, 5, 6])
    expect([...picked.columns.y.data]).toEqual([9, 7, 9])
    const { train, test } = right(splitDataset(key(3), 2)(d))
    expect([...train.columns.y.data, ...test.columns.y.data].sort()).toEqual([7, 8, 9])
  })

  it('refuse columns that do not fit', () => {
    expect(said(dataset({}))).toBe('dataset: it needs a column')
    expect(said(dataset({ x: arange(3), y: bytes(1) }))).toBe('dataset: the column x has 3 rows, the column y has 1')
    expect(said(datasetRows([3])(numbered(3)))).toBe('datasetRows: there is no row 3 among 3')
    expect(said(splitDataset(key(1), 3)(numbered(3)))).toBe(
      'splitDataset: cannot take 3 of 3 rows for training and leave some',
    )
  })

  it('give labels as unit rows', () => {
    expect(toNested(right(oneHot(3)(bytes(2, 0))))).toEqual([
      [0, 0, 1],
      [1, 0, 0],
    ])
    expect(said(oneHot(3)(ints([0, 3])))).toBe('oneHot: label 1 is 3; it must be an integer from 0 to 2')
    expect(said(oneHot(3)(tensor([0.5])))).toContain('label 0 is 0.5')
    expect(said(oneHot(3)(tensor([[1]])))).toBe('oneHot: labels [n] are needed, not [1, 1]')
  })
})

describe('batches', () => {
  it('have every row once in an epoch, and depend on key and number alone', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 8 }), (seed, n, size) => {
        const loader = () =>
          right(batches({ size, key: key(seed), last: 'wrap', feeds: { i: asInts('i') } })(numbered(n)))
        const one = loader()
        for (const epoch of [0, 1]) {
          const seen = Array.from({ length: one.perEpoch }, (_, b) => {
            const i = epoch * one.perEpoch + b
            return [...one.at(i).i.data].slice(0, one.count(i))
          }).flat()
          expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i))
        }
        expect(loader().at(one.perEpoch + 1)).toEqual(one.at(one.perEpoch + 1))
      }),
    )
  })

  it('come in order without a key, in another one each epoch with it', () => {
    const still = right(batches({ size: 4, feeds: { i: asInts('i') } })(numbered(10)))
    expect([still.perEpoch, ...still.at(1).i.data, ...still.at(2).i.data]).toEqual([2, 4, 5, 6, 7, 0, 1, 2, 3])
    const moved = right(batches({ size: 10, key: key(1), feeds: { i: asInts('i') } })(numbered(10)))
    expect([...moved.at(0).i.data]).not.toEqual([...moved.at(1).i.data])
    const wrapped = right(batches({ size: 4, last: 'wrap', feeds: { i: asInts('i') } })(numbered(10)))
    expect([...wrapped.at(2).i.data, wrapped.count(2)]).toEqual([8, 9, 0, 1, 2])
  })

  it('fill memory that is there, with what `at` gives', () => {
    const feeds = {
      x: asImages('images', { scale: 1 / 255, shift: 2, flip: true, shape: [784] }),
      y: asOneHot('labels', 10),
      n: asInts('labels'),
    }
    const loader = right(batches({ size: 16, key: key(5), feeds })(digits()))
    const views = { x: new Float64Array(16 * 784), y: new Float64Array(160), n: new Int32Array(16) }
    const fill = right(loader.into(views))
    for (const i of [3, 0, 100, 3]) {
      fill(i)
      const made = loader.at(i)
      expect([views.x, views.y, views.n]).toEqual([made.x.data, made.y.data, made.n.data])
    }
    expect(loader.specs).toEqual({ x: spec([16, 784]), y: spec([16, 10]), n: spec([16], 'int') })
    expectTypeOf(loader.at(0).x).toEqualTypeOf<Tensor<readonly [16, 784]>>()
  })

  it('fill the inputs of an engine, by the shapes that they say', () => {
    const feeds = { x: asImages('images', { scale: 1 / 255, shape: [784] }), y: asOneHot('labels', 10) }
    const loader = right(batches({ size: 20, key: key(5), feeds })(digits()))
    const loss = ({ w, x, y }: Fed<typeof feeds, 20> & { readonly w: Var<readonly [784, 10]> }) =>
      mean(square(sub(matmul(x, w), y)))
    const program = right(record(loss)({ ...loader.specs, w: spec([784, 10]) }))
    const running = right(right(compile()(program)).start({ ...loader.at(0), w: ones([784, 10]) }))
    const fill = right(loader.into(running.inputs))
    fill(3)
    right(running.step())
    const expected = right(right(compile()(program)).run({ ...loader.at(3), w: ones([784, 10]) }))
    expect([...running.outputs]).toEqual([...expected.data])
  })

  it('share labels and images row by row, and scale', () => {
    const d = right(
      dataset({
        a: tensor([
          [1, 10],
          [2, 20],
          [3, 30],
        ]),
        b: bytes(1, 2, 3),
      }),
    )
    const loader = right(
      batches({ size: 3, key: key(9), feeds: { a: asReals('a', { scale: 2, offset: 1 }), b: asReals('b') } })(d),
    )
    const { a, b } = loader.at(4)
    for (let r = 0; r < 3; r++)
      expect([a.data[2 * r], a.data[2 * r + 1]]).toEqual([2 * b.data[r] + 1, 20 * b.data[r] + 1])
  })

  it('give each number of each row, whatever the types of column and view, and however wide a row', () => {
    const columns = {
      u8: (n: number) => unsafePacked([n] as const, 'u8', new Uint8Array(n)),
      i32: (n: number) => unsafePacked([n] as const, 'i32', new Int32Array(n)),
      f32: (n: number) => unsafePacked([n] as const, 'f32', new Float32Array(n)),
      f64: (n: number) => unsafePacked([n] as const, 'f64', new Float64Array(n)),
    }
    const [rows, size] = [7, 3]
    for (const [type, make] of Object.entries(columns))
      for (const width of [1, 63, 64, 65])
        for (const [scale, offset] of [
          [1, 0],
          [0.5, -3],
        ]) {
          const { data } = make(rows * width)
          for (let i = 0; i < data.length; i++) data[i] = (i * 37) % 251
          const x = unsafePacked([rows, width], type as 'u8', data as Uint8Array)
          const loader = right(
            batches({ size, key: key(4), feeds: { x: asReals('x', { scale, offset }), at: asInts('at') } })(
              right(dataset({ x, at: ints([0, 1, 2, 3, 4, 5, 6]) })),
            ),
          )
          for (const view of [new Float32Array(size * width), new Float64Array(size * width)]) {
            const at = new Int32Array(size)
            right(loader.into({ x: view, at }))(3)
            const expected = [...at].flatMap((row) =>
              Array.from(data.subarray(row * width, (row + 1) * width), (n) => n * scale + offset),
            )
            expect([type, width, ...view]).toEqual([type, width, ...expected])
          }
        }
  })

  it('refuse what does not fit', () => {
    const d = right(dataset({ x: tensor([[1, 2]]), y: bytes(11) }))
    const make = (feeds: Parameters<typeof batches>[0]['feeds'], size = 1) => said(batches({ size, feeds })(d))
    expect(make({}, 2)).toBe('batches: cannot make batches of 2 of 1 rows')
    expect(make({ z: asReals('z') })).toBe('batches: there is no column z for the input z; there are x, y')
    expect(make({ x: asInts('x') })).toBe('batches: the input x: integers are needed, the column x is f64')
    expect(make({ x: asReals('x', { shape: [3] }) })).toBe(
      'batches: the input x: rows [2] of the column x cannot have the shape [3]',
    )
    expect(make({ y: asOneHot('y', 10) })).toBe(
      'batches: the input y: label 0 is 11; it must be an integer from 0 to 9',
    )
    expect(make({ x: asImages('x') })).toContain('images [n, height, width] or [n, channels, height, width] are needed')
    const image = (options: Parameters<typeof asImages>[1]) =>
      said(batches({ size: 1, feeds: { x: asImages('images', options) } })(digits()))
    expect(image({ crop: [29, 1] })).toBe(
      'batches: the input x: a part of 29 by 1 cannot be taken of images of 28 by 28',
    )
    expect(image({ shift: 0.5 })).toBe('batches: the input x: the shift 0.5 must be an integer from 0 to 28')
    const loader = right(batches({ size: 1, feeds: { y: asReals('y') } })(d))
    expect(said(loader.into({ y: new Float32Array(2) }))).toBe(
      'batches: the input y is [1], which needs 1 elements; its view has 2',
    )
  })
})

describe('augmentation', () => {
  /** one image of two channels, 3 by 4, its pixels numbered from 1 */
  const image = right(
    dataset({
      x: unsafePacked(
        [1, 2, 3, 4] as const,
        'u8',
        Uint8Array.from({ length: 24 }, (_, i) => i + 1),
      ),
    }),
  )
  const at = (x: number, y: number, c: number): number =>
    x < 0 || x > 3 || y < 0 || y > 2 ? -1 : 12 * c + 4 * y + x + 1

  it('is one of the shifts, flips and crops, the same for all channels, and each of them comes', () => {
    const loader = right(
      batches({
        size: 1,
        key: key(2),
        feeds: { x: asImages('x', { shift: 1, flip: true, crop: [2, 3], background: -1 }) },
      })(image),
    )
    const seen = new Set<string>()
    for (let epoch = 0; epoch < 600; epoch++) seen.add([...loader.at(epoch).x.data].join())
    const possible = new Set<string>()
    for (let top = -1; top <= 2; top++)
      for (let side = -1; side <= 2; side++)
        for (const flip of [false, true]) {
          const pixels = [0, 1].flatMap((c) =>
            [0, 1].flatMap((y) => [0, 1, 2].map((i) => at(side + (flip ? 2 - i : i), top + y, c))),
          )
          possible.add(pixels.join())
        }
    expect([...seen].filter((s) => !possible.has(s))).toEqual([])
    // 32 cases over 600 draws: one is missing with a probability below 32 (31/32)^600 < 2e-7
    expect(seen.size).toBe(possible.size)
  })

  it('is nothing without a key: the middle', () => {
    const loader = right(
      batches({ size: 1, feeds: { x: asImages('x', { shift: 1, flip: true, crop: [1, 2] }) } })(image),
    )
    expect([...loader.at(0).x.data]).toEqual([at(1, 1, 0), at(2, 1, 0), at(1, 1, 1), at(2, 1, 1)])
  })
})
