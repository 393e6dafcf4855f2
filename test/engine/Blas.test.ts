import { describe, expect, it } from 'vitest'
import {
  add,
  compile,
  conv2d,
  einsum,
  grad,
  matmul,
  mul,
  type Program,
  record,
  spec,
  square,
  sum,
  type Var,
} from 'wengert'
import { type Blas, load, type Multiplication, save } from 'wengert/engine'
import { fromData } from 'wengert/Tensor'
import { right } from './given.js'

/** A library by the definition, which writes down what it is asked for. */
const slow = (least: number): { readonly blas: Blas; readonly asked: Array<Multiplication> } => {
  const asked: Array<Multiplication> = []
  const blas: Blas = {
    name: 'loops',
    least,
    product: (how, a, b, c) => {
      asked.push(how)
      const { m, n, k, left, right, leading, accumulate } = how
      const at = (row: number, column: number, { transposed, leading }: Multiplication['left']): number =>
        transposed ? column * leading + row : row * leading + column
      return () => {
        for (let i = 0; i < m; i++)
          for (let j = 0; j < n; j++) {
            let sum = accumulate ? c[i * leading + j] : 0
            for (let p = 0; p < k; p++) sum += a[at(i, p, left)] * b[at(p, j, right)]
            c[i * leading + j] = sum
          }
      }
    },
  }
  return { blas, asked }
}

/** Small integers, whose products and sums are exact in both scalars, so that order does not matter. */
const integers = (shape: ReadonlyArray<number>, seed: number) =>
  right(
    fromData(
      shape,
      Float64Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => (((i + seed) * 7919) % 9) - 4),
    ),
  )

const given = (subscripts: string, shapes: ReadonlyArray<ReadonlyArray<number>>) => {
  const program = right(
    record(({ a, b }: { readonly a: Var<any>; readonly b: Var<any> }) => einsum(subscripts as any, a, b) as any)({
      a: spec(shapes[0]),
      b: spec(shapes[1]),
    } as never),
  ) as unknown as Program
  return { program, inputs: { a: integers(shapes[0], 1), b: integers(shapes[1], 2) } }
}

const cases: ReadonlyArray<readonly [subscripts: string, shapes: ReadonlyArray<ReadonlyArray<number>>]> = [
  [
    'ik,kj->ij',
    [
      [30, 50],
      [50, 20],
    ],
  ],
  [
    'ki,kj->ij',
    [
      [50, 30],
      [50, 20],
    ],
  ],
  [
    'ik,jk->ij',
    [
      [30, 50],
      [20, 50],
    ],
  ],
  [
    'ki,jk->ij',
    [
      [50, 30],
      [20, 50],
    ],
  ],
  [
    'ik,kj->ji',
    [
      [30, 50],
      [50, 20],
    ],
  ],
  [
    'bik,bkj->bij',
    [
      [3, 30, 50],
      [3, 50, 20],
    ],
  ],
  [
    'ibk,bkj->bij',
    [
      [30, 3, 50],
      [3, 50, 20],
    ],
  ],
  [
    'bik,kj->bij',
    [
      [3, 30, 50],
      [50, 20],
    ],
  ],
  [
    'abik,abjk->abij',
    [
      [2, 3, 30, 20],
      [2, 3, 20, 20],
    ],
  ],
]

describe('products by a library', () => {
  for (const scalar of ['f64', 'f32'] as const)
    for (const [subscripts, shapes] of cases)
      it(`${subscripts} over ${scalar} is what the engine finds`, () => {
        const { program, inputs } = given(subscripts, shapes)
        const { blas, asked } = slow(1)
        const own = right(right(compile({ engine: 'reference', scalar })(program)).run(inputs as never))
        const theirs = right(right(compile({ engine: 'wasm', scalar, blas })(program)).run(inputs as never))
        expect(theirs).toStrictEqual(own)
        expect(asked.length).toBeGreaterThan(0)
        expect(asked.every((how) => how.scalar === scalar)).toBe(true)
      })

  it('are added to what is there', () => {
    const program = right(
      record(({ a, b, c }: Readonly<Record<'a' | 'b' | 'c', Var<any>>>) => add(mul(c, 2), matmul(a, b)))({
        a: spec([30, 50]),
        b: spec([50, 20]),
        c: spec([30, 20]),
      } as never),
    ) as unknown as Program
    const inputs = { a: integers([30, 50], 1), b: integers([50, 20], 2), c: integers([30, 20], 3) }
    const { blas, asked } = slow(1)
    const own = right(right(compile({ engine: 'reference' })(program)).run(inputs as never))
    expect(right(right(compile({ blas })(program)).run(inputs as never))).toStrictEqual(own)
    expect(asked.map(({ accumulate }) => accumulate)).toStrictEqual([true])
  })

  it('are left to it from its size on', () => {
    const { program, inputs } = given('ik,kj->ij', [
      [30, 50],
      [50, 20],
    ])
    const [enough, more] = [slow(30 * 50 * 20), slow(30 * 50 * 20 + 1)]
    for (const { blas } of [enough, more]) right(right(compile({ blas })(program)).run(inputs as never))
    expect([enough.asked.length > 0, more.asked.length]).toStrictEqual([true, 0])
  })

  it('stay with the engine where there are few rows, columns or terms', () => {
    const thin: typeof cases = [
      ['k,kj->j', [[500], [500, 200]]],
      ['ik,k->i', [[200, 500], [500]]],
      [
        'ik,kj->ij',
        [
          [500, 10],
          [10, 20],
        ],
      ],
      [
        'ik,kj->ij',
        [
          [7, 500],
          [500, 20],
        ],
      ],
    ]
    for (const [subscripts, shapes] of thin) {
      const { program, inputs } = given(subscripts, shapes)
      const { blas, asked } = slow(1)
      const own = right(right(compile({ engine: 'reference' })(program)).run(inputs as never))
      expect(right(right(compile({ blas })(program)).run(inputs as never))).toStrictEqual(own)
      expect(asked).toStrictEqual([])
    }
  })

  it('stay with the engine where no step is 1', () => {
    const { program, inputs } = given('kij,kl->ijl', [
      [20, 30, 5],
      [20, 40],
    ])
    const strided = given('iak,kj->aij', [
      [30, 2, 50],
      [50, 20],
    ])
    for (const { program: p, inputs: x } of [{ program, inputs }, strided]) {
      const own = right(right(compile({ engine: 'reference' })(p)).run(x as never))
      expect(right(right(compile({ blas: slow(1).blas })(p)).run(x as never))).toStrictEqual(own)
    }
  })

  it('are what convolutions and both their gradients become', () => {
    type Layer = { readonly x: Var<any>; readonly w: Var<any> }
    const program = right(
      record(({ x, w }: Layer) =>
        grad((at: Layer) => sum(square(conv2d(at.x, at.w, { padding: 'same' }) as any)))({ x, w }),
      )({
        x: spec([3, 32, 6, 6]),
        w: spec([32, 32, 3, 3]),
      } as never),
    ) as unknown as Program
    const inputs = { x: integers([3, 32, 6, 6], 1), w: integers([32, 32, 3, 3], 2) }
    for (const scalar of ['f64', 'f32'] as const) {
      const { blas, asked } = slow(1)
      const own = right(right(compile({ engine: 'reference', scalar })(program)).run(inputs as never))
      const executable = right(compile({ scalar, blas })(program))
      expect(right(executable.run(inputs as never))).toStrictEqual(own)
      expect(right(executable.run(inputs as never))).toStrictEqual(own)
      // 32 outputs of 288 terms at 108 positions; for the kernel 288 elements of 108 terms
      const shapes = asked.map(({ m, n, k }) => [m, n, k].join())
      expect(new Set(shapes)).toStrictEqual(new Set(['32,108,288', '32,288,108']))
    }
  })

  it('are compiled apart from those of the same tape without it', () => {
    const { program, inputs } = given('ik,kj->ij', [
      [30, 50],
      [50, 20],
    ])
    right(right(compile()(program)).run(inputs as never))
    const { blas, asked } = slow(1)
    right(right(compile({ blas })(program)).run(inputs as never))
    const before = asked.length
    right(right(compile()(program)).run(inputs as never))
    expect([before > 0, asked.length]).toStrictEqual([true, before])
  })

  it('are not part of a document; who reads it gives them', () => {
    const { program, inputs } = given('ik,kj->ij', [
      [30, 50],
      [50, 20],
    ])
    const { blas, asked } = slow(1)
    const document = JSON.parse(JSON.stringify(save({ blas, scalar: 'f32' })(program)))
    expect(document.options).toStrictEqual({ scalar: 'f32' })
    right(right(load(document)).run(inputs as never))
    expect(asked.length).toBe(0)
    right(right(load(document, { blas })).run(inputs as never))
    expect(asked.length).toBeGreaterThan(0)
  })
})
