import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  add,
  cos,
  customRule,
  exp,
  flatMap,
  gen,
  mul,
  relu,
  sin,
  square,
  sub,
  sum,
  tanh,
  tensor,
  type Var,
} from 'wengert'
import { calculusMutants, factor, library, type Mutant } from '../../laws/index.js'
import { verifyGradient } from '../../src/verify/index.js'
import { corpus, verified } from './corpus.js'

type X = Var<readonly []>
type V = Var<readonly [3]>

const right = <A>(e: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(e)) throw new Error(e.left.message)
  return e.right
}

const at = tensor([0.3, -1.2, 2])

const frozenRule = calculusMutants.find(({ kind }) => kind === 'frozen rule') as Mutant

describe('second derivatives', () => {
  it('are not judged unless asked for', () => {
    expect(right(verifyGradient((x: V) => sum(sin(x)))(at)).second).toBe(null)
  })

  it('are right, symmetric, and those of the function', () => {
    const report = right(verifyGradient((x: V) => sum(mul(exp(x), mul(tanh(x), sum(x)))), { order: 2 })(at))
    expect(report.verdict, report.message).toBe('PASS')
    const { symmetry, curvature, verdict } = report.second as NonNullable<typeof report.second>
    expect(verdict).toBe('PASS')
    expect(symmetry.difference).toBeLessThanOrEqual(symmetry.tolerance)
    expect(symmetry.uv).not.toBe(0)
    expect(curvature.tolerance).toBeLessThan(1e-12 * Math.abs(curvature.exact))
    expect(report.message).toContain('second derivatives: PASS')
  })

  it('are wrong where a rule cannot be differentiated again, although first ones are right', () => {
    const { calculus } = frozenRule.apply(library, { primitive: 'tanh' })
    const model = (x: V) => sum(mul(x, tanh(x)))
    expect(right(verifyGradient(model, { calculus })(at)).verdict).toBe('PASS')
    const report = right(verifyGradient(model, { calculus, order: 2 })(at))
    expect(report.verdict, report.message).toMatch(/^WRONG/)
  })

  it('are wrong where a derivative is right at the point only', () => {
    // cos(1) (1 + (x - 1)): right at 1, and consistent with its own differences everywhere
    const rule = customRule<X, X>({
      name: 'tangent line',
      f: (x) => sin(x),
      vjp: ({ x, ct }) =>
        mul(
          ct,
          flatMap(cos(x), (c) => mul(c, x)),
        ),
    })
    expect(right(verifyGradient((x: X) => rule(x))(1)).verdict).toBe('PASS')
    const report = right(verifyGradient((x: X) => rule(x), { order: 2 })(1))
    expect(report.verdict, report.message).toBe('WRONG_RULE')
    expect(report.judgement.reason).toContain('second differences of the function')
  })

  it('are wrong where the gradient is that of no function beside the point', () => {
    type P = { readonly x: X; readonly y: X }
    const rule = customRule<P, X>({
      name: 'swirl',
      f: ({ x, y }) => add(square(x), square(y)),
      // at (1, 1): right, with a rotation about it
      vjp: ({ x: { x, y }, ct }) =>
        gen(function* () {
          const dx = yield* mul(ct, add(mul(x, 2), sub(y, 1)))
          const dy = yield* mul(ct, sub(mul(y, 2), sub(x, 1)))
          return { x: dx, y: dy }
        }),
    })
    const report = verifyGradient(({ x, y }: P) => rule({ x, y }), { order: 2 })({ x: 1, y: 1 })
    if (E.isLeft(report)) throw new Error(report.left.message)
    expect(report.right.verdict, report.right.message).toBe('WRONG_RULE')
    expect(report.right.judgement.reason).toMatch(/not symmetric/)
  })

  it('are zero of linear functions, which is no reason not to pass', () => {
    const report = right(verifyGradient((x: V) => sum(mul(x, 3)), { order: 2 })(at))
    expect([report.verdict, report.second?.verdict]).toEqual(['PASS', 'VACUOUS'])
  })

  it('are fine beside kinks', () => {
    expect(right(verifyGradient((x: V) => sum(mul(x, relu(x))), { order: 2 })(at)).verdict).toBe('PASS')
  })

  for (const palette of ['smooth', 'tensor'] as const)
    it(`of correct random programs are never called wrong: ${palette}`, () => {
      let judged = 0
      for (const model of corpus(palette, 61, 80)) {
        const report = verified(model, { order: 2, shrink: false })
        if (E.isLeft(report)) continue
        expect(report.right.verdict.startsWith('WRONG'), report.right.message).toBe(false)
        if (report.right.second?.verdict === 'PASS') judged++
      }
      expect(judged).toBeGreaterThan(15)
    })

  it('by mutated rules are called wrong', () => {
    const { calculus } = factor(1e-9).apply(library, { primitive: 'cos' })
    // the first derivative of sin uses cos without differentiating it; the second needs its rule
    expect(right(verifyGradient((x: V) => sum(sin(x)), { calculus })(at)).verdict).toBe('PASS')
    const report = right(verifyGradient((x: V) => sum(sin(x)), { calculus, order: 2 })(at))
    expect(report.verdict).toBe('WRONG_RULE')
    expect(report.blame?.primitive).toBe('cos')
  })
})
