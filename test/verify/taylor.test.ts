import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { type AnyVar, abs, exp, map, mul, type Reverse, sin, sub, type Var } from 'wengert'
import { library, type Subject } from '../../laws/Law.js'
import { reals, recorded } from '../../laws/Model.js'
import { factor } from '../../laws/mutants.js'
import { size } from '../../src/Shape.js'
import { directionOf } from '../../src/verify/directions.js'
import { problemOf } from '../../src/verify/held.js'
import { type TaylorReport, taylorTest } from '../../src/verify/oracles/taylor.js'
import { corpus } from './corpus.js'

const right = <A>(e: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(e)) throw new Error(e.left.message)
  return e.right
}

const tested = (f: (x: Var<readonly []>) => Reverse<AnyVar>, x: number, subject: Subject = library): TaylorReport => {
  const program = recorded(subject, reals([[]]), ([v]) => map((y: AnyVar) => [y])(f(v as Var<readonly []>)))
  return right(taylorTest(right(problemOf(subject.calculus, program, ['x'], [[x]], [[1]])), [[1]]))
}

describe('the Taylor test', () => {
  it('fails an error of 5e-4 of either sign, of which the classic test passes one', () => {
    const off = (d: number) => factor(d / Math.cos(1)).apply(library, { primitive: 'sin' })
    expect(tested((x) => sin(x), 1, off(5e-4)).verdict).toBe('fails')
    expect(tested((x) => sin(x), 1, off(-5e-4)).verdict).toBe('fails')
    // four steps from 0.01 on, one direction, least rate above 1.9
    const classic = (d: number): number => {
      const r = [0, 1, 2, 3].map((i) => {
        const h = 0.01 * 2 ** -i
        return Math.abs(Math.sin(1 + h) - Math.sin(1) - h * (Math.cos(1) + d))
      })
      return Math.min(...[0, 1, 2].map((i) => Math.log2(r[i] / r[i + 1])))
    }
    expect([classic(5e-4), classic(-5e-4)].filter((rate) => rate > 1.9)).toHaveLength(1)
  })

  it('passes what is right, with its order, and says what it would have seen', () => {
    const report = tested((x) => sin(x), 1)
    expect(report.verdict).toBe('passes')
    expect(Math.abs(report.along.rate - 2)).toBeLessThan(0.01)
    expect(Math.abs(report.against.rate - 2)).toBeLessThan(0.01)
    expect(report.resolution).toBeLessThan(1e-9)
    for (const sign of [1, -1]) {
      const d = (sign * 2 * report.resolution) / Math.cos(1)
      expect(tested((x) => sin(x), 1, factor(d).apply(library, { primitive: 'sin' })).verdict).not.toBe('passes')
    }
  })

  it('sees a higher order at an inflexion', () => {
    const report = tested((x) => sin(x), 0)
    expect(report.verdict).toBe('passes')
    expect(Math.round(report.along.rate)).toBe(3)
  })

  it('passes linear functions as exact, and fails them when they are not', () => {
    expect(tested((x) => sub(mul(x, 3), 1), 0.7).verdict).toBe('exact')
    const wrong = factor(1e-9).apply(library, { primitive: 'mul' })
    expect(tested((x) => sub(mul(x, 3), 1), 0.7, wrong).verdict).toBe('fails')
  })

  it('concludes nothing at a kink', () => {
    expect(tested((x) => abs(x), 0).verdict).toBe('inconclusive')
    expect(tested((x) => exp(abs(x)), 1).verdict).toBe('passes')
  })

  it.each([
    ['smooth', 21, 100],
    ['any', 22, 100],
  ] as const)('never fails a right gradient: %s programs', (palette, seed, count) => {
    const seen = { exact: 0, passes: 0, fails: 0, inconclusive: 0 }
    for (const model of corpus(palette, seed, count)) {
      const program = recorded(library, reals(model.inputs), model.f)
      const cotangent = program.outputs.map((y, i) => directionOf(5, i, [size(y.shape)])[0])
      const problem = problemOf(
        library.calculus,
        program,
        model.inputs.map(() => ''),
        model.point,
        cotangent,
      )
      if (E.isLeft(problem)) continue
      const report = taylorTest(
        problem.right,
        directionOf(
          1,
          1,
          model.inputs.map((shape) => size(shape)),
        ),
      )
      if (E.isRight(report)) seen[report.right.verdict]++
    }
    expect(seen.fails).toBe(0)
    expect(seen.exact + seen.passes).toBeGreaterThan(0.7 * count)
  })
})
