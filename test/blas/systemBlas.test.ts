import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { compile, conv2d, einsum, grad, type Program, record, spec, square, sum, type Var } from 'wengert'
import { systemBlas } from 'wengert/blas'
import type { Blas, Multiplication } from 'wengert/engine'
import { fromData } from 'wengert/Tensor'
import { right } from '../engine/given.js'

const found = systemBlas()

describe('systemBlas', () => {
  it('is a library, or says what to install', () => {
    if (isRight(found)) expect(found.right.least).toBeGreaterThan(0)
    else {
      expect(found.left._tag).toBe('Unsupported')
      expect(found.left.message).toMatch(/install|koffi/)
    }
  })

  it('refuses a library that is none', () => {
    const refused = systemBlas({ library: 'libnothing-of-the-kind.so' })
    expect(isLeft(refused) && refused.left._tag).toBe('Unsupported')
  })

  it('refuses a number of threads that is none', () => {
    for (const threads of [0, -1, 1.5, Number.NaN]) {
      const refused = systemBlas({ threads })
      expect(isLeft(refused) && refused.left._tag).toBe('InvalidArgument')
    }
  })
})

const reals = (shape: ReadonlyArray<number>, seed: number) =>
  right(
    fromData(
      shape,
      Float64Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => Math.sin(seed + i * 12.9898)),
    ),
  )

const cases: ReadonlyArray<readonly [subscripts: string, shapes: ReadonlyArray<ReadonlyArray<number>>]> = [
  [
    'ik,kj->ij',
    [
      [60, 50],
      [50, 70],
    ],
  ],
  [
    'ki,kj->ij',
    [
      [50, 60],
      [50, 70],
    ],
  ],
  [
    'ik,jk->ij',
    [
      [60, 50],
      [70, 50],
    ],
  ],
  [
    'ki,jk->ij',
    [
      [50, 60],
      [70, 50],
    ],
  ],
  [
    'bik,bkj->bij',
    [
      [3, 60, 50],
      [3, 50, 70],
    ],
  ],
]

if (isLeft(found)) it.skip(`products by the system's BLAS: ${found.left.message}`)
else
  describe('products by the BLAS of the system', () => {
    for (const [scalar, unit] of [
      ['f64', 2 ** -53],
      ['f32', 2 ** -24],
    ] as const)
      for (const [subscripts, shapes] of cases)
        it(`${subscripts} over ${scalar}`, () => {
          const program = right(
            record(
              ({ a, b }: { readonly a: Var<any>; readonly b: Var<any> }) => einsum(subscripts as any, a, b) as any,
            )({
              a: spec(shapes[0]),
              b: spec(shapes[1]),
            } as never),
          ) as unknown as Program
          const inputs = { a: reals(shapes[0], 1), b: reals(shapes[1], 2) }
          const asked: Array<Multiplication> = []
          const blas: Blas = {
            ...found.right,
            product: (how, ...arrays) => {
              asked.push(how)
              return found.right.product(how, ...arrays)
            },
          }
          const computed = (options: Parameters<typeof compile>[0]): Float64Array =>
            (right(right(compile(options)(program)).run(inputs as never)) as never as { readonly data: Float64Array })
              .data
          const theirs = computed({ engine: 'wasm', scalar, blas })
          const exact = computed({ engine: 'reference' })
          expect(asked.length).toBeGreaterThan(0)
          // k products of numbers up to 1, each rounded at most k times in any order, and the operands once
          const terms = 50
          const bound = unit * terms * (terms + 2)
          expect(theirs.every((x, i) => Math.abs(x - exact[i]) <= bound)).toBe(true)
          expect(computed({ engine: 'wasm', scalar, blas })).toStrictEqual(theirs)
        })

    it('convolutions and their gradients, with the same bits each time', () => {
      type Layer = { readonly x: Var<any>; readonly w: Var<any> }
      const program = right(
        record(({ x, w }: Layer) =>
          grad((at: Layer) => sum(square(conv2d(at.x, at.w, { stride: 2, padding: 'same' }) as any)))({ x, w }),
        )({ x: spec([5, 32, 9, 9]), w: spec([32, 32, 3, 3]) } as never),
      ) as unknown as Program
      const inputs = { x: reals([5, 32, 9, 9], 1), w: reals([32, 32, 3, 3], 2) }
      const gradients = (options: Parameters<typeof compile>[0]) => {
        const { x, w } = right(right(compile(options)(program)).run(inputs as never)) as never as Readonly<
          Record<'x' | 'w', { readonly data: Float64Array }>
        >
        return [x.data, w.data]
      }
      const asked: Array<Multiplication> = []
      const blas: Blas = {
        ...found.right,
        product: (how, ...arrays) => {
          asked.push(how)
          return found.right.product(how, ...arrays)
        },
      }
      const exact = gradients({ engine: 'reference' })
      for (const [scalar, unit] of [
        ['f64', 2 ** -53],
        ['f32', 2 ** -24],
      ] as const) {
        const theirs = gradients({ scalar, blas })
        // sums of at most 32 * 9 products by twice sums of 32 * 9 products of numbers up to 1
        const terms = 32 * 9
        const bound = 2 * terms * terms * (2 * terms + 4) * unit
        for (const [k, list] of theirs.entries())
          expect(list.every((x, i) => Math.abs(x - exact[k][i]) <= bound)).toBe(true)
        expect(gradients({ scalar, blas })).toStrictEqual(theirs)
      }
      expect(asked.length).toBeGreaterThan(0)
    })
  })
