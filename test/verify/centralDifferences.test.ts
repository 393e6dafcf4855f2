import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  abs,
  add,
  checkpoint,
  div,
  exp,
  log,
  logSumExp,
  matmul,
  maximum,
  mean,
  mul,
  relu,
  sigmoid,
  sqrt,
  square,
  sub,
  sum,
  tanh,
} from 'wengert'
import { initial, loss, type Net } from '../../src/cli/bostonModel.js'
import { standard } from '../../src/Program.js'
import type { Derivative, Primitive, PrimitiveName, Vocabulary } from '../../src/primitive/Primitive.js'
import type { Calculus } from '../../src/primitive/Recorder.js'
import { key } from '../../src/Random.js'
import type { Reverse } from '../../src/Reverse.js'
import { full, normal, scalar, tensor, uniform } from '../../src/Tensor.js'
import type * as Tree from '../../src/Tree.js'
import type { AnyVar, Var } from '../../src/Var.js'
import { centralDifferences, entryName, type GradientCheck } from '../../src/verify/index.js'

const right = <A>(e: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(e)) throw new Error(e.left.message)
  return e.right
}

type Scalar = Var<readonly []>
type Three = Var<readonly [3]>

const X = normal(key(11), [16, 12])
const Y = uniform(key(12), [16, 1], 5, 50)

/** a model and a point, with the types forgotten */
interface Case {
  readonly name: string
  readonly check: (calculus?: Calculus) => GradientCheck
}

const model = <P extends Tree.VarTree>(name: string, f: (p: P) => Reverse<Scalar>, at: Tree.Inputs<P>): Case => ({
  name,
  check: (calculus) => right(centralDifferences(calculus === undefined ? {} : { calculus })(f)(at)),
})

const v = tensor([-1.3, 0.4, 2.1])

const cases: ReadonlyArray<Case> = [
  model('the Boston network', (p: Net) => loss(p, X, Y), initial(key(3))),
  model('a sigmoid', (x: Three) => sum(sigmoid(x)), v),
  model('x²', (x: Three) => sum(square(x)), v),
  model('a linear function', (x: Three) => sum(mul(x, tensor([3, 0.1, -7]))), v),
  model('a function of one number', (x: Scalar) => mul(x, exp(x)), 0.7),
  model('log-sum-exp', (x: Three) => logSumExp(x), v),
  model('a quotient', (p: { readonly a: Three; readonly b: Three }) => sum(div(p.a, add(square(p.b), 1))), {
    a: v,
    b: v,
  }),
  model(
    'a product of matrices',
    (w: Var<readonly [12, 2]>) => mean(tanh(matmul(X, w))),
    uniform(key(4), [12, 2], -1, 1),
  ),
  model('kinks nearby', (x: Three) => sum(add(relu(x), abs(sub(x, 0.5)))), v),
  model('a maximum', (x: Three) => sum(maximum(x, tensor([0, 0, 0]))), v),
  model('a checkpoint', (x: Three) => sum(checkpoint((y: Three) => tanh(mul(y, y)))(x)), v),
  model('the edge of a domain nearby', (x: Three) => sum(add(log(x), sqrt(x))), tensor([1e-9, 1e-3, 40])),
  model('large and small numbers', (x: Three) => sum(mul(x, mul(x, x))), tensor([1e-8, 1, 1e7])),
  model('a large constant', (x: Three) => sub(add(sum(square(x)), 1e12), 1e12), v),
  model('a fast oscillation', (x: Three) => sum(tanh(mul(x, 50))), tensor([0.01, -0.02, 0.03])),
]

describe('correct rules', () => {
  it.each(cases)('agree: $name', ({ check }) => {
    const checked = check()
    expect(checked.skipped).toBe(0)
    expect(checked.worst?.ratio).toBeLessThanOrEqual(1)
    expect(checked.agrees).toBe(true)
  })

  it('agree at many random points of a network', () => {
    const ratios = Array.from({ length: 3 }, (_, seed) => {
      const x = normal(key(seed), [8, 12])
      const y = uniform(key(seed), [8, 1], 5, 50)
      return right(centralDifferences()((p: Net) => loss(p, x, y))(initial(key(seed + 100)))).worst?.ratio ?? Number.NaN
    })
    for (const ratio of ratios) expect(ratio).toBeLessThanOrEqual(1)
  })

  it('have tolerances that say something: small beside the gradient', () => {
    const { parameters } = cases[0].check()
    for (const { worst } of parameters)
      expect(worst !== null && worst.tolerance < 1e-5 * Math.max(1, Math.abs(worst.analytic))).toBe(true)
  })
})

/** the standard calculus with the contributions of one primitive changed */
const mutated = (name: PrimitiveName, change: (v: Vocabulary, ct: AnyVar) => AnyVar): Calculus => {
  const row = standard.table[name] as Primitive
  const derivative = row.derivative as Derivative
  const pull: Derivative['pull'] = (vocabulary, ct, ...rest) => {
    const given = derivative.pull(vocabulary, ct, ...rest)
    return given === null ? null : change(vocabulary, given)
  }
  return { ...standard, table: { ...standard.table, [name]: { ...row, derivative: { ...derivative, pull } } } }
}

const scaled = (name: PrimitiveName, factor: number): Calculus =>
  mutated(name, (vocabulary, ct) => vocabulary.mul(ct, vocabulary.like(ct, factor)))

describe('broken rules', () => {
  it.each([2, 1 + 1e-2, 1 + 1e-4, 1 - 1e-4, 1 + 1e-6, -1, 0])('disagree: sigmoid times %s', (factor) => {
    const checked = cases[1].check(scaled('sigmoid', factor))
    expect(checked.agrees).toBe(false)
    expect(checked.worst?.ratio).toBeGreaterThan(1)
  })

  it('are blamed on the parameters behind them only', () => {
    const { parameters } = cases[0].check(scaled('sigmoid', 1 + 1e-4))
    expect(parameters.map(({ path, worst }) => [path, (worst?.ratio ?? 0) > 1])).toEqual([
      ['0.b', true],
      ['0.w', true],
      ['1.b', false],
      ['1.w', false],
    ])
  })

  it.each(['add', 'mul', 'contract', 'sum', 'broadcast'] as const)('disagree: %s times 1 + 1e-4', (name) => {
    expect(cases[0].check(scaled(name, 1 + 1e-4)).worst?.ratio).toBeGreaterThan(1)
  })

  it('disagree when cotangents overwrite each other', () => {
    const overwrite: Calculus = { ...standard, accumulate: (_, _earlier, later) => later }
    expect(model('', (x: Three) => sum(mul(x, sigmoid(x))), v).check(overwrite).worst?.ratio).toBeGreaterThan(1)
  })

  it('disagree when they give what is not finite', () => {
    for (const factor of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const checked = cases[1].check(scaled('sigmoid', factor))
      expect(checked.worst?.ratio).toBe(Number.POSITIVE_INFINITY)
      expect(checked.agrees).toBe(false)
    }
  })
})

describe('points without a derivative', () => {
  it('skips an entry at a kink and counts it', () => {
    const checked = right(centralDifferences()((x: Three) => sum(relu(x)))(tensor([0, 1, -1])))
    expect([checked.compared, checked.skipped, checked.agrees]).toEqual([2, 1, true])
  })

  it('does not agree when nothing was compared', () => {
    const checked = right(centralDifferences()((x: Scalar) => abs(x))(0))
    expect([checked.compared, checked.skipped, checked.worst, checked.agrees]).toEqual([0, 1, null, false])
  })

  it('never agrees outside of the domain', () => {
    for (const x of [0, -1, Number.NaN]) {
      const checked = right(centralDifferences()((p: Scalar) => log(p))(x))
      expect([checked.worst?.ratio, checked.agrees]).toEqual([Number.POSITIVE_INFINITY, false])
    }
  })
})

describe('the report', () => {
  it('names the entry, its value, the step and the tolerance', () => {
    const checked = right(
      centralDifferences({ calculus: scaled('sigmoid', 2) })(
        (p: { readonly layers: readonly [{ readonly w: Var<readonly [2, 3]> }] }) => sum(sigmoid(p.layers[0].w)),
      )({
        layers: [
          {
            w: tensor([
              [9, 9, 9],
              [9, 0, 9],
            ]),
          },
        ],
      }),
    )
    const worst = checked.worst
    expect(worst !== null && entryName(worst)).toBe('layers.0.w[1, 1]')
    expect(worst?.analytic).toBe(0.5)
    expect(Math.abs((worst?.numeric ?? 0) - 0.25)).toBeLessThanOrEqual(worst?.tolerance ?? 0)
    expect(Number.isInteger(Math.log2(worst?.step ?? 0))).toBe(true)
    expect(checked.parameters).toHaveLength(1)
    expect(checked.parameters[0]).toMatchObject({ path: 'layers.0.w', shape: [2, 3], compared: 6, skipped: 0 })
  })

  it('gives the value and a bound on its rounding error that holds', () => {
    // 0.1 + 0.1 + ... ten times is not 1
    const tenth = right(centralDifferences()((x: Var<readonly [10]>) => sum(x))(full([10], 0.1)))
    expect(tenth.value).not.toBe(1)
    expect(Math.abs(tenth.value - 1)).toBeLessThanOrEqual(tenth.noise)
    expect(tenth.noise).toBeLessThan(1e-14)
  })

  it('is the same on every run', () => {
    expect(cases[0].check()).toEqual(cases[0].check())
  })

  it('fails as the model does, on a result that is no scalar, and on integers', () => {
    const message = (e: E.Either<{ readonly message: string }, unknown>) => (E.isLeft(e) ? e.left.message : 'checked')
    expect(message(centralDifferences()(((x: Three) => x) as never)(v as never))).toContain(
      'a model must give a recording',
    )
    expect(message(centralDifferences()(((x: Three) => sigmoid(x)) as never)(v as never))).toBe(
      'centralDifferences: the function must give a real scalar; take its sum or mean',
    )
    const n = { ...scalar(1), dtype: 'int' as const, data: Int32Array.of(1) }
    expect(message(centralDifferences()((_x: Var<readonly [], 'int'>) => square(scalar(2)))(n))).toContain(
      'only reals have derivatives',
    )
  })
})
