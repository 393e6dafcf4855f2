import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  type AnyVar,
  abs,
  add,
  cos,
  customRule,
  erf,
  exp,
  flatMap,
  log,
  maximum,
  mul,
  neg,
  type Program,
  type Reverse,
  record,
  scalar,
  sin,
  spec,
  stopGradient,
  sub,
  sum,
  tanh,
  tensor,
  type Var,
} from 'wengert'
import { factor, library } from '../../laws/index.js'
import { standard } from '../../src/Program.js'
import { alone } from '../../src/verify/alone.js'
import { type Examined, examine } from '../../src/verify/examined.js'
import { problemOf } from '../../src/verify/held.js'
import { type Report, type VerifyOptions, verifyGradient } from '../../src/verify/index.js'
import type { Flat } from '../../src/verify/problem.js'

type X = Var<readonly []>
type V = Var<readonly [3]>

const right = <A>(e: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(e)) throw new Error(e.left.message)
  return e.right
}

const at = (f: (x: X) => Reverse<AnyVar>, x: number, options: VerifyOptions = {}): Report =>
  right(verifyGradient(f as (x: X) => Reverse<X>, options)(scalar(x)))

const wrong = (primitive: 'tanh' | 'exp' | 'sin', d: number) => factor(d).apply(library, { primitive }).calculus

const examinedAt = (f: (x: X) => Reverse<AnyVar>, x: number): Examined => {
  const { tape, inputs, outputs } = right(record(f as never)(spec([]))) as Program
  const flat = { _tag: 'Program', tape, inputs: [inputs], outputs: [outputs] } as unknown as Flat
  return right(examine(right(problemOf(standard, flat, [''], [[x]], [[1]]))))
}

describe('each rule by itself', () => {
  it('is seen where 2^-80 of the derivative flows through it, down to 1e-12', () => {
    // in the whole 1e-12 changes the derivative by 1e-36 of its size
    const model = (x: X) => add(exp(x), mul(tanh(x), 2 ** -80))
    for (const d of [1, 1e-6, 1e-9, 1e-12]) {
      const report = at(model, 0.7, { calculus: wrong('tanh', d) })
      expect(report.verdict).toBe('WRONG_RULE')
      expect(report.blame?.primitive).toBe('tanh')
      expect(report.blame?.parameters).toStrictEqual([''])
      expect(report.minimal?.instructions).toBe(1)
    }
    expect(at(model, 0.7)).toMatchObject({ verdict: 'PASS', rules: { judged: 4, right: 4 } })
  })

  it('is seen where the flow cancels', () => {
    // sin(x) - sin(x), by two instructions
    const model = (x: X) => add(exp(x), sub(sin(x), sin(mul(x, 1))))
    expect(at(model, 0.7, { calculus: wrong('sin', 1e-9) }).blame?.primitive).toBe('sin')
  })

  it('is seen beside a kink, which is no mistake', () => {
    const model = (x: X) => add(abs(x), tanh(x))
    expect(at(model, 0).verdict).toBe('KINK')
    expect(at(model, 0).message).toContain('each rule by itself: 2 of 3 right, none wrong')
    expect(at(model, 0, { calculus: wrong('tanh', 1e-6) }).blame?.primitive).toBe('tanh')
  })

  it('is seen in the elements of an array that are not at a kink', () => {
    const at = tensor([0, 1, -2, 0, 3])
    type Five = Var<readonly [5]>
    const { calculus } = factor(1e-9).apply(library, { primitive: 'abs' })
    expect(right(verifyGradient((x: Five) => sum(abs(x)))(at)).verdict).toBe('KINK')
    const report = right(verifyGradient((x: Five) => sum(abs(x)), { calculus })(at))
    expect(report.blame).toMatchObject({ primitive: 'abs', verdict: 'WRONG_RULE' })
  })

  it('names the parameter that it spoils, and where on the tape', () => {
    type P = { readonly a: V; readonly b: V }
    const model = ({ a, b }: P) => sum(add(exp(a), mul(tanh(b), 2 ** -90)))
    const point = { a: tensor([1, 2, 3]), b: tensor([0.5, -1, 2]) }
    const report = right(verifyGradient(model, { calculus: wrong('tanh', 1e-6) })(point))
    expect(report.blame?.parameters).toStrictEqual(['b'])
    expect(report.problem.program.tape.length).toBeGreaterThan(report.blame?.id ?? Number.POSITIVE_INFINITY)
    expect(report.message).toContain('the rule of an instruction differs from its own function')
  })

  it('says nothing of what nothing flows through, of constants, and of what holds more than float64', () => {
    const counted = (f: (x: X) => Reverse<AnyVar>, x: number): number => right(alone(examinedAt(f, x), 1)).judged
    expect(counted((x) => maximum(exp(x), mul(tanh(x), 0)), 1)).toBe(2)
    const held = customRule<X, X>({
      name: 'held',
      f: (x) => mul(stopGradient(x), sin(x)),
      vjp: ({ x, ct }) =>
        mul(
          ct,
          flatMap(cos(x), (c) => mul(x, c)),
        ),
    })
    expect(counted((x) => flatMap(exp(x), (y) => held(y as X)), 0.3)).toBe(1)
  })
})

describe('rounded constants of rules', () => {
  const along = (f: (x: X) => Reverse<AnyVar>, x: number): number => examinedAt(f, x).literals([[1]])

  // 2^x, with a rule of one's own that says ln 2 as float64 has it
  const power = customRule<X, X>({
    name: 'power',
    f: (x) => exp(mul(x, Math.LN2)),
    vjp: ({ x, ct }) =>
      mul(
        ct,
        flatMap(exp(mul(x, Math.LN2)), (y) => mul(y, Math.LN2)),
      ),
  })

  it('are allowed for in what flows through them only', () => {
    expect(along((x) => exp(x), 1)).toBe(0)
    const whole = along((x) => power(x), 1)
    expect(whole).toBeGreaterThan(0)
    expect(whole).toBeLessThan(2 ** -48)
    // what comes after it, and what goes beside it, is not made with its constant
    expect(along((x) => exp(add(x, mul(power(x), 2 ** -20))), 1)).toBeLessThan(2 ** -64)
    expect(along((x) => log(add(power(x), exp(x))), 1)).toBeLessThan(whole)
  })

  it('are none in the rules of this library: erf has its factor in two parts', () => {
    expect(along((x) => erf(x), 0.4)).toBe(0)
    expect(at((x) => erf(x), 0.4).judgement.tolerance).toBeLessThan(2 ** -72)
  })

  it("are none where a rule of one's own gives them in two parts", () => {
    const ruled = (factor: () => Reverse<X>) =>
      customRule<X, X>({
        name: 'ruled',
        f: (x) => erf(x),
        vjp: ({ x, ct }) => mul(ct, mul(factor(), exp(neg(mul(x, x))))),
      })
    const rounded = ruled(() => mul(scalar(2 / Math.sqrt(Math.PI)), 1))
    const split = ruled(() => add(scalar(2 / Math.sqrt(Math.PI)), 1.533545961316588e-17))
    expect(along((x) => rounded(x), 0.4)).toBeGreaterThan(0)
    expect(along((x) => split(x), 0.4)).toBe(0)
    for (const rule of [rounded, split]) expect(at((x) => rule(x), 0.4).verdict).toBe('PASS')
  })
})
