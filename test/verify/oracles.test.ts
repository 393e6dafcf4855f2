import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  type AnyTensor,
  type AnyVar,
  cos,
  exp,
  mul,
  type Reverse,
  record,
  sin,
  spec,
  tanh,
  tensor,
  type Var,
} from 'wengert'
import { DoubleDouble, SAFETY } from 'wengert/algebra'
import { standard } from '../../src/Program.js'
import { bits, key, uniform01 } from '../../src/Random.js'
import { judge } from '../../src/verify/classify.js'
import { directionOf, missProbability } from '../../src/verify/directions.js'
import { examine } from '../../src/verify/examined.js'
import { problemOf } from '../../src/verify/held.js'
import { verifyFunction } from '../../src/verify/index.js'
import { complexSteps } from '../../src/verify/oracles/complexStep.js'
import { dotTest } from '../../src/verify/oracles/dotTest.js'
import { ladder, side } from '../../src/verify/oracles/ladder.js'
import { lineOf } from '../../src/verify/oracles/line.js'
import { measuredNoise } from '../../src/verify/oracles/noise.js'
import type { Flat, Problem } from '../../src/verify/problem.js'
import { corpus } from './corpus.js'

const right = <A>(e: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(e)) throw new Error(e.left.message)
  return e.right
}

const problem = (f: (x: Var<readonly []>) => Reverse<AnyVar>, x: number): Problem => {
  const { tape, inputs, outputs } = right(record(f as never)(spec([])))
  const flat = { _tag: 'Program', tape, inputs: [inputs], outputs: [outputs] } as unknown as Flat
  return right(problemOf(standard, flat, [''], [[x]], [[1]]))
}

describe('differences in double-double', () => {
  it('are right to twenty-four digits, and say how right they are', () => {
    const line = right(
      lineOf(
        problem((x) => exp(x), 1),
        [[1]],
      ),
    )
    const { best } = ladder(line, line.sample(0), 2 ** -100)
    const { sub: minus, exp: exponential, literal } = DoubleDouble
    const off = Math.abs(minus(best?.value ?? literal(0), exponential(literal(1))).hi)
    // with 2^-100 of noise the step 2^-14 is taken, at which the powers up to the eighth are eliminated
    expect(off).toBeLessThanOrEqual(best?.error ?? 0)
    expect(best?.error).toBeLessThan(2 ** -80)
    expect(Math.log2(best?.step ?? 3) % 1 === 0).toBe(true)
  })

  it('leave out steps over a kink, and see both sides of one', () => {
    const near = right(
      lineOf(
        problem((x) => mul(x, tanh(x)), 0.5),
        [[1]],
      ),
    )
    expect(ladder(near, near.sample(0), 2 ** -100).branches).toBe(0)
    const slopes = [-1, 1].map((s) => side(near, s as 1 | -1, 2 ** -100)?.slope.hi)
    expect(slopes[0]).toBeCloseTo(slopes[1] ?? 0, 12)
  })

  it('are asked again where their steps are multiples of a period', () => {
    // the period is 2^-19 and the largest step 2^-5, at which every difference is nearly 0
    const p = problem((x) => sin(mul(x, 2 ** 20 * Math.PI)), 0.3)
    const line = right(lineOf(p, [[1]]))
    const { best } = ladder(line, line.sample(0), 2 ** -90)
    expect(Math.abs(best?.value.hi ?? 1)).toBeLessThan(1)
    expect(right(judge(right(examine(p)), [[1]])).verdict).toBe('PASS')
  })
})

describe('the complex step', () => {
  it('is right to the last places', () => {
    const [{ derivative, error }] = right(
      complexSteps(
        problem((x) => sin(x), 1),
        [[[1]]],
      ),
    )
    expect(Math.abs(derivative - Math.cos(1))).toBeLessThanOrEqual(4 * 2 ** -53)
    expect(error).toBeGreaterThan(0)
    expect(error).toBeLessThan(2 ** -48)
  })

  for (const palette of ['smooth', 'tensor', 'any'] as const)
    it(`agrees with the sweep in double-double within its bound: ${palette} programs, several directions at once`, () => {
      let [compared, sharp] = [0, 0]
      for (const model of corpus(palette, 41, 100)) {
        const { tape, inputs, outputs } = right(record(model.f as never)(model.inputs.map((s) => spec(s)) as never))
        const flat = { _tag: 'Program', tape, inputs, outputs } as unknown as Flat
        const sizes = model.point.map((xs) => xs.length)
        const ones = flat.outputs.map((y) => new Array<number>(y.shape.reduce((n, k) => n * k, 1)).fill(1))
        const whole = right(problemOf(standard, flat, model.inputs.map(String), model.point, ones))
        const directions = [0, 1, 2].map((which) => directionOf(5, which, sizes))
        const { exact, bounded } = right(examine(whole))
        for (const [l, { derivative, error }] of right(complexSteps(whole, directions)).entries()) {
          const sum = (of: (i: number, j: number) => number): number =>
            sizes.reduce((s, n, i) => s + Array.from({ length: n }, (_, j) => of(i, j)).reduce((a, b) => a + b, 0), 0)
          const expected = sum((i, j) => exact[i][j].hi * directions[l][i][j])
          const spread = sum((i, j) => bounded[i][j].error * Math.abs(directions[l][i][j]))
          if (!Number.isFinite(expected + derivative) || !Number.isFinite(spread)) continue
          compared++
          expect(Math.abs(derivative - expected), String(model.label)).toBeLessThanOrEqual(SAFETY * (spread + error))
          if (spread + error <= 2 ** -30 * Math.abs(expected)) sharp++
        }
      }
      expect(compared).toBeGreaterThan(150)
      expect(sharp / compared).toBeGreaterThan(0.5)
    })
})

describe('the adjoint dot test', () => {
  it('agrees for right rules', () => {
    const p = problem((x) => mul(cos(x), exp(x)), 0.3)
    const { bounded } = right(examine(p))
    const dot = right(dotTest(p, bounded, [[1]]))
    expect(dot.agrees && dot.tolerance < 2 ** -45).toBe(true)
  })
})

describe('measured noise', () => {
  it('is that of single precision where values are rounded to it', () => {
    const rough = measuredNoise((t) => Math.fround(Math.exp(1 + t)), 2 ** -20) ?? 0
    // a uniform rounding error of half a unit, 2^-23 here, has standard deviation 2^-23 / sqrt(3)
    expect(rough / (2 ** -23 / Math.sqrt(3))).toBeGreaterThan(1 / 4)
    expect(rough / (2 ** -23 / Math.sqrt(3))).toBeLessThan(4)
    expect(measuredNoise((t) => Math.exp(1 + t), 2 ** -20) ?? 0).toBeLessThan(2 ** -49)
    expect(measuredNoise(() => 3, 2 ** -20)).toBe(null)
  })
})

describe('random directions', () => {
  it('are of both signs, unnormalised and reproducible', () => {
    const [plus, normal] = [directionOf(3, 0, [1000])[0], directionOf(3, 1, [1000])[0]]
    expect(new Set(plus)).toStrictEqual(new Set([1, -1]))
    // four standard errors of the mean and of the variance
    expect(Math.abs(normal.reduce((s, x) => s + x, 0)) / 1000).toBeLessThan(4 / Math.sqrt(1000))
    expect(Math.abs(normal.reduce((s, x) => s + x * x, 0) / 1000 - 1)).toBeLessThan(4 * Math.sqrt(2 / 1000))
    expect(directionOf(3, 1, [1000])[0]).toStrictEqual(normal)
  })

  it('miss a single entry as often as stated, whatever directions are taken and results weighed', () => {
    const RUNS = 50_000
    const words = bits(key(9), 2 * RUNS * 4)
    const normal = (i: number): number =>
      Math.sqrt(-2 * Math.log(uniform01(words[2 * i]))) * Math.cos(2 * Math.PI * uniform01(words[2 * i + 1]))
    for (const s of [0.3, 0.05])
      for (const weighed of [false, true])
        for (const [rademacher, count] of [
          [0, 1],
          [0, 3],
          [1, 0],
          [1, 1],
          [2, 2],
        ] as const) {
          let missed = 0
          for (let i = 0; i < RUNS; i++) {
            // one weight for all directions; a Rademacher direction shows all of it
            const c = Math.abs(weighed ? normal(4 * i) : 1)
            const seen = [
              ...Array.from({ length: rademacher }, () => c),
              ...Array.from({ length: count }, (_, k) => Math.abs(c * normal(4 * i + 1 + k))),
            ]
            if (seen.every((x) => x < s)) missed++
          }
          const p = missProbability(s, { rademacher, normal: count, weighed })
          // four standard errors
          expect(Math.abs(missed / RUNS - p)).toBeLessThanOrEqual(4 * Math.sqrt((p * (1 - p)) / RUNS))
        }
    const s = 0.001
    const known = ((2 * s) / Math.PI) * (1.116 + Math.log(1 / s))
    expect(missProbability(s, { rademacher: 0, normal: 1, weighed: true }) / known).toBeCloseTo(1, 3)
    expect(missProbability(0.001, { rademacher: 1, normal: 1, weighed: false })).toBe(0)
  })
})

describe('a claimed gradient of a plain function', () => {
  const f = (x: AnyTensor): number => Math.sin(x.data[0]) * x.data[1]
  const g = (scale: number) => (x: AnyTensor) => tensor([scale * Math.cos(x.data[0]) * x.data[1], Math.sin(x.data[0])])
  const at = tensor([1, 2])

  it('passes where it is right, and says what stays unseen', () => {
    const report = right(verifyFunction(f, g(1))(at))
    expect(report.verdict).toBe('PASS')
    expect(report.resolution).toBeLessThan(1e-8)
  })

  it('is WRONG_GRADIENT where it is not', () => {
    for (const d of [1, 1e-2, 1e-4, 1e-6])
      expect(right(verifyFunction(f, g(1 + d))(at)).verdict, String(d)).toBe('WRONG_GRADIENT')
  })

  it('is KINK, NOISY_FUNCTION and VACUOUS where it should be', () => {
    const one = tensor([0])
    expect(
      right(
        verifyFunction(
          (x: AnyTensor) => Math.abs(x.data[0]),
          () => one,
        )(one),
      ).verdict,
    ).toBe('KINK')
    const single = right(verifyFunction((x: AnyTensor) => Math.fround(f(x)), g(1))(at))
    expect(single.verdict).toBe('NOISY_FUNCTION')
    expect(right(verifyFunction((x: AnyTensor) => Math.fround(f(x)), g(1.01))(at)).verdict).toBe('WRONG_GRADIENT')
    expect(
      right(
        verifyFunction(
          () => 3,
          () => one,
        )(one),
      ).verdict,
    ).toBe('VACUOUS')
  })

  it('is right about a sum of many entries', () => {
    const many = (x: AnyTensor): number => Array.from(x.data).reduce((s, a) => s + a * a * a, 0)
    const cubes = (x: AnyTensor) => tensor(Array.from(x.data, (a) => 3 * a * a))
    expect(right(verifyFunction(many, cubes)(tensor(Array.from({ length: 50 }, (_, i) => i / 7)))).verdict).toBe('PASS')
  })
})
