import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { add, customRule, matmul, mul, sin, sum, tanh, tensor, type Var } from 'wengert'
import { factor, library } from '../../laws/index.js'
import { verifyGradient } from '../../src/verify/index.js'

const right = <A>(e: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(e)) throw new Error(e.left.message)
  return e.right
}

type Wide = Var<readonly [40]>

/** a rule that spoils one entry */
const spoiled = (place: number, by: number) => {
  const mask = tensor(Array.from({ length: 40 }, (_, i) => (i === place ? 1 + by : 1)) as never)
  return customRule<Wide, Wide>({
    name: 'spoiled',
    f: (x) => sin(x),
    vjp: ({ x, ct }) => mul(ct, mul(mask as never, sin(add(x, Math.PI / 2)))),
  })
}

describe('the wrong entry', () => {
  const at = Float64Array.from({ length: 40 }, (_, i) => 0.1 + i / 16)

  for (const place of [0, 17, 39])
    it(`is found: ${place}`, () => {
      const rule = spoiled(place, 1e-3)
      const model = ({ a, b }: { readonly a: Wide; readonly b: Var<readonly []> }) => sum(mul(b, rule(a)))
      const report = right(verifyGradient(model)({ a: tensor([...at]) as never, b: 2 }))
      expect(report.verdict, report.message).toBe('WRONG_RULE')
      const { entry } = report
      expect(entry).toMatchObject({ path: 'a', index: [place] })
      // the rule's sine of x + pi/2 is a cosine to 1e-16
      expect((entry?.given ?? 0) / (entry?.expected ?? 1) - 1).toBeCloseTo(1e-3, 10)
      expect(entry?.expected).toBeCloseTo(2 * Math.cos(at[place]), 12)
      expect(report.message).toContain(`worst entry: a[${place}] is `)
    })

  it('is the worst where many are wrong', () => {
    const errors = Float64Array.from({ length: 40 }, (_, i) => 1e-6 * (1 + ((i * 17) % 40)))
    const worst = errors.indexOf(Math.max(...errors))
    const rule = customRule<Wide, Wide>({
      name: 'all',
      f: (x) => mul(x, 3),
      vjp: ({ ct }) => mul(ct, add(tensor([...errors] as never) as never, 3)),
    })
    const report = right(verifyGradient((x: Wide) => sum(rule(x)))(tensor([...at]) as never))
    expect(report.entry).toMatchObject({ index: [worst], expected: 3, worst: true })
  })

  it('is found by bisection where entries are too many to look at each', () => {
    type Long = Var<readonly [5000]>
    const mask = Float64Array.from({ length: 5000 }, (_, i) => (i === 3210 ? 2 : 1))
    const rule = customRule<Long, Long>({
      name: 'long',
      f: (x) => mul(x, x),
      vjp: ({ x, ct }) => mul(ct, mul(tensor([...mask] as never) as never, add(x, x))),
    })
    const point = Float64Array.from({ length: 5000 }, (_, i) => 1 + (i % 7))
    const report = right(verifyGradient((x: Long) => sum(rule(x)), { shrink: false })(tensor([...point]) as never))
    expect(report.entry).toMatchObject({ index: [3210], worst: false })
    expect(report.message).toContain('wrong entry, by bisection: [3210] is ')
  })

  it('is one of those spoiled where many are', () => {
    const { calculus } = factor(1e-6).apply(library, { primitive: 'tanh' })
    type P = { readonly w: Var<readonly [2, 3]>; readonly x: Var<readonly [3]> }
    const model = ({ w, x }: P) => sum(add(sum(matmul(w, tanh(x))), sum(w)))
    const point = {
      w: tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      x: tensor([0.1, 0.2, 0.3]),
    }
    const report = right(verifyGradient(model, { calculus })(point))
    expect(report.entry?.path).toBe('x')
  })

  it('is not asked for where nothing is wrong', () => {
    expect(right(verifyGradient((x: Wide) => sum(sin(x)))(tensor([...at]) as never)).entry).toBe(null)
  })
})
