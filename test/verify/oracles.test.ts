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
import { DoubleDouble, interval } from 'wengert/algebra'
import { factor, library } from '../../laws/index.js'
import { standard } from '../../src/Program.js'
import type { Calculus } from '../../src/primitive/index.js'
import { bits, key, uniform01 } from '../../src/Random.js'
import { judge } from '../../src/verify/classify.js'
import { directionOf, missProbability } from '../../src/verify/directions.js'
import { examine } from '../../src/verify/examined.js'
import { verifyFunction } from '../../src/verify/index.js'
import { complexStep } from '../../src/verify/oracles/complexStep.js'
import { dotTest } from '../../src/verify/oracles/dotTest.js'
import { ladder, side } from '../../src/verify/oracles/ladder.js'
import { lineOf } from '../../src/verify/oracles/line.js'
import { measuredNoise } from '../../src/verify/oracles/noise.js'
import { prove } from '../../src/verify/oracles/proof.js'
import { type Flat, type Problem, problemOf } from '../../src/verify/problem.js'
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
  it('are right to twenty digits, and say how right they are', () => {
    const line = right(
      lineOf(
        problem((x) => exp(x), 1),
        [[1]],
      ),
    )
    const { best } = ladder(line, line.sample(0), 2 ** -100)
    const { sub: minus, exp: exponential, literal } = DoubleDouble
    const off = Math.abs(minus(best?.value ?? literal(0), exponential(literal(1))).hi)
    // fourth order in steps of which each is an eighth of the one before, in 100 bits: 2^-80 and better
    expect(off).toBeLessThanOrEqual(best?.error ?? 0)
    expect(best?.error).toBeLessThan(2 ** -64)
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
    // the period is 2^-19 and the largest step 2^-14, at which every difference is nearly 0
    const p = problem((x) => sin(mul(x, 2 ** 20 * Math.PI)), 0.3)
    const line = right(lineOf(p, [[1]]))
    const { best } = ladder(line, line.sample(0), 2 ** -90)
    expect(Math.abs(best?.value.hi ?? 1)).toBeLessThan(1)
    expect(right(judge(right(examine(p)), [[1]])).verdict).toBe('PASS')
  })
})

describe('a proof by intervals', () => {
  const wrong = (d: number): Calculus => factor(d).apply(library, { primitive: 'exp' }).calculus
  const p = problem((x) => mul(sin(x), exp(x)), 0.7)

  it('refutes wrong derivatives and shows the two intervals', () => {
    for (const d of [1, 1e-2, 1e-4]) {
      const found = right(prove({ ...p, calculus: wrong(d) }, [[1]]))
      expect(found).not.toBe(null)
      expect(interval.intersects(found?.quotient ?? interval.ENTIRE, found?.derivative ?? interval.ENTIRE)).toBe(false)
    }
  })

  it('never refutes a right one', () => {
    expect(right(prove(p, [[1]]))).toBe(null)
    for (const model of corpus('smooth', 31, 100)) {
      const { tape, inputs, outputs } = right(record(model.f as never)(model.inputs.map((s) => spec(s)) as never))
      const flat = { _tag: 'Program', tape, inputs, outputs } as unknown as Flat
      const ones = flat.outputs.map((y) => new Array<number>(y.shape.reduce((n, k) => n * k, 1)).fill(1))
      const whole = right(problemOf(standard, flat, model.inputs.map(String), model.point, ones))
      expect(
        right(
          prove(
            whole,
            directionOf(
              1,
              1,
              model.point.map((xs) => xs.length),
            ),
          ),
        ),
      ).toBe(null)
    }
  })
})

describe('the complex step', () => {
  it('is right to the last places', () => {
    const d = right(
      complexStep(
        problem((x) => sin(x), 1),
        [[1]],
      ),
    )
    expect(Math.abs(d - Math.cos(1))).toBeLessThanOrEqual(4 * 2 ** -53)
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

  it('miss a single entry as often as stated', () => {
    // both the tangent and the cotangent normal: P(|N N'| < s), simulated
    const words = bits(key(9), 400_000)
    const normal = (i: number): number =>
      Math.sqrt(-2 * Math.log(uniform01(words[2 * i]))) * Math.cos(2 * Math.PI * uniform01(words[2 * i + 1]))
    const s = 0.01
    let missed = 0
    for (let i = 0; i < 100_000; i++) if (Math.abs(normal(2 * i) * normal(2 * i + 1)) < s) missed++
    const p = missProbability(s, 1)
    expect(Math.abs(missed / 100_000 - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 100_000) + s * s)
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
