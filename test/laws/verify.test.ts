import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { emitting } from '../../laws/arbitrary/index.js'
import { type Arbitrary, library, show, type Verdict, verifyCustomRule, verifyPrimitive } from '../../laws/index.js'
import { primitives } from '../../src/primitive/index.js'
import { noAttributes } from '../../src/Tape.js'
import { scalar } from '../../src/Tensor.js'
import type { CustomRule } from '../../src/transform/custom.js'
import type { Var } from '../../src/Var.js'

const failed = (verdicts: ReadonlyArray<Verdict>): ReadonlyArray<string> => verdicts.filter(E.isLeft).map(show)
const laws = (verdicts: ReadonlyArray<Verdict>): ReadonlyArray<string> =>
  verdicts.flatMap((v) => (E.isLeft(v) ? [v.left.law] : []))

describe('verifyPrimitive', () => {
  it('accepts rows of every family', () => {
    for (const row of [primitives.pow, primitives.gather, primitives.contract, primitives.sort, primitives.label])
      expect(failed(verifyPrimitive(row as never, { numRuns: 80 }))).toEqual([])
  })

  it('refuses a derivative that is off by a millionth, and says where', () => {
    const { derivative } = primitives.exp
    const wrong = {
      ...primitives.exp,
      derivative: {
        pull: (v, ct, k, xs, y, a) =>
          v.mul((derivative as NonNullable<typeof derivative>).pull(v, ct, k, xs, y, a) as Var, v.like(y, 1.000001)),
        push: (v, [dx], _, y) => (dx === null ? null : v.mul(v.mul(dx, y), v.like(y, 1.000001))),
      },
    } as typeof primitives.exp
    const verdicts = verifyPrimitive(wrong, { numRuns: 80 })
    expect(laws(verdicts)).toContain('L31')
    const [first] = verdicts.filter(E.isLeft).filter(({ left }) => left.law === 'L31')
    expect(first.left).toMatchObject({ part: 'exp', vacuous: false, seed: 1 })
    expect(first.left.listing).toMatch(/%\d+: real \[\] = exp\(%0\)/)
    expect(first.left.path).not.toBe('')
  })

  it('uses a row as it is told to, and calls what it cannot test vacuous', () => {
    const flat: Arbitrary.Maker<'tanh'> = (_, shape) => ({
      operands: [{ shape, dtype: 'real' }],
      attributes: noAttributes,
      // saturated: every derivative underflows
      domains: [{ low: 800, high: 900 }],
    })
    const verdicts = verifyPrimitive(primitives.tanh, { numRuns: 80, use: flat })
    const modes = verdicts.filter(E.isLeft).find(({ left }) => left.law === 'L31')
    expect(modes?.left.vacuous).toBe(true)
  })
})

type X = Var<readonly []>
const op = (name: 'sin' | 'cos' | 'exp' | 'log') => (x: unknown) => emitting(name, [x as X], noAttributes) as never
const mul = (x: unknown, y: unknown) => emitting('mul', [x, y] as never, noAttributes) as never

describe('verifyCustomRule', () => {
  const points = fc.integer({ min: -64, max: 64 }).map((k) => scalar(k / 32))
  const wave: CustomRule<X, X> = { name: 'wave', f: (x) => op('sin')(x), vjp: ({ x, ct }) => mul(ct, op('cos')(x)) }

  it('accepts a true rule, for cotangents, for tangents and for both', () => {
    const jvp: CustomRule<X, X>['jvp'] = ({ x, dx }) => mul(dx, op('cos')(x))
    for (const rule of [wave, { name: 'wave', f: wave.f, jvp }, { ...wave, jvp }, { name: 'wave', f: wave.f }])
      expect(failed(verifyCustomRule(rule as never, points, { numRuns: 60 }))).toEqual([])
  })

  it('refuses a wrong one, and one whose directions disagree', () => {
    const wrong = { ...wave, vjp: ({ x, ct }) => mul(ct, op('sin')(x)) } as CustomRule<X, X>
    expect(laws(verifyCustomRule(wrong, points, { numRuns: 60 }))).toContain('rule modes')
    const torn = { ...wave, jvp: ({ dx }) => mul(dx, dx) } as CustomRule<X, X>
    expect(laws(verifyCustomRule(torn, points, { numRuns: 60 }))).toContain('rule adjoint')
    const affine = { ...wave, vjp: ({ x }) => op('cos')(x) } as CustomRule<X, X>
    expect(laws(verifyCustomRule(affine, points, { numRuns: 60 }))).toContain('rule linearity')
  })

  it('is about the subject it is given', () => {
    const deaf = {
      ...library,
      operations: { ...library.operations, customRule: (() => (x: never) => op('exp')(x)) as never },
    }
    expect(laws(verifyCustomRule(wave, points, { numRuns: 20, subject: deaf }))).toContain('rule value')
  })
})
