import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { abs, add, atan2, exp, maximum, mul, relu, square, sum, tensor, type Var } from 'wengert'
import { factor, library } from '../../laws/index.js'
import { coverage, mutationPower, showCoverage, showPower, verifyGradient, wilson } from '../../src/verify/index.js'

type V = Var<readonly [2]>

const right = <A>(e: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(e)) throw new Error(e.left.message)
  return e.right
}

describe('coverage', () => {
  const model = (x: V) => sum(mul(relu(x), add(abs(x), exp(x))))

  it('names the rules, operands and branches that nothing flows through', () => {
    const open = right(coverage(model)([tensor([1, 2])])).filter(({ covered }) => !covered)
    expect(open).toMatchObject([{ rule: 'abs', operand: 0, branch: 'x < 0', share: 0 }])
    expect(showCoverage(open)).toContain('| abs | 0 | x < 0 | 1 | 0.0 | **not covered** |')
  })

  it('is of all samples together', () => {
    // where relu is dead nothing is covered; abs below zero needs a factor that is not
    const dead = right(coverage(model)([tensor([-1, -2])]))
    expect(dead.every(({ covered }) => !covered)).toBe(true)
    const direct = (x: V) => sum(mul(x, abs(x)))
    const both = right(coverage(direct)([tensor([1, 2]), tensor([-1, 2])]))
    expect(both.every(({ covered }) => covered)).toBe(true)
  })

  it('knows the branches of atan2, and not those that are not there', () => {
    const angle = (x: V) => sum(atan2(x, add(x, 3)))
    const rows = right(coverage(angle)([tensor([1, -2])]))
    expect(
      rows.filter(({ rule }) => rule === 'atan2').map(({ operand, branch, covered }) => [operand, branch, covered]),
    ).toEqual([
      [0, 'x < 0, y < 0', false],
      [0, 'x < 0, y > 0', false],
      [0, 'x >= 0', true],
      [1, 'x < 0, y < 0', false],
      [1, 'x < 0, y > 0', false],
      [1, 'x >= 0', true],
    ])
  })

  it('tells a VACUOUS check what it did not see', () => {
    const report = right(verifyGradient((x: V) => sum(square(relu(x))))(tensor([-1, -2])))
    expect(report.verdict).toBe('VACUOUS')
    expect(report.message).toMatch(/not checked here, since nothing flows through: .*mul, operand 0/)
    expect(report.coverage.every(({ covered }) => !covered)).toBe(true)
  })
})

describe('mutation power', () => {
  it('is full where everything is exercised, down to 1e-12', () => {
    const power = right(mutationPower((x: V) => sum(mul(x, exp(x))))([tensor([1, 2]), tensor([-1, 0.5])]))
    expect(power.map(({ primitive, operand }) => `${primitive} ${operand}`)).toContain('mul 1')
    expect(power.filter(({ killed, points }) => killed !== points)).toEqual([])
    expect(power.every(({ interval: [low] }) => low > 0.3)).toBe(true)
  })

  it('shows what the points do not reach', () => {
    const power = right(mutationPower((x: V) => sum(add(x, maximum(x, 0))))([tensor([-1, -2])]))
    const survivors = new Set(
      power.filter(({ killed }) => killed === 0).map(({ primitive, operand }) => `${primitive} ${operand}`),
    )
    expect([survivors.has('max 0'), survivors.has('add 1'), survivors.has('add 0')]).toEqual([true, true, false])
    expect(showPower(power).split('\n')[2]).toContain('0 of 1')
  })

  it('counts a rule that is wrong already as noticed', () => {
    const { calculus } = factor(1).apply(library, { primitive: 'exp' })
    const power = right(mutationPower((x: V) => sum(exp(x)), { calculus })([tensor([1, 2])]))
    expect(power.every(({ killed }) => killed === 1)).toBe(true)
  })
})

it('Wilson intervals hold the true probability 95 times in 100', () => {
  // exactly, by the binomial distribution; the coverage oscillates about its nominal value
  const choose = (n: number, k: number): number => {
    let c = 1
    for (let i = 0; i < k; i++) c = (c * (n - i)) / (i + 1)
    return c
  }
  const coverages = [0.1, 0.25, 0.5, 0.75, 0.9].map((p) => {
    let held = 0
    for (let k = 0; k <= 50; k++) {
      const [low, high] = wilson(k, 50)
      if (low <= p && p <= high) held += choose(50, k) * p ** k * (1 - p) ** (50 - k)
    }
    return held
  })
  expect(Math.min(...coverages)).toBeGreaterThan(0.92)
  expect(coverages.reduce((a, b) => a + b, 0) / coverages.length).toBeGreaterThan(0.94)
  expect(wilson(0, 0)).toEqual([0, 1])
})
