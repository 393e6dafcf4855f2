import '../../src/vitest/index.js'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { abs, cos, customRule, flatMap, floor, mul, type Reverse, sin, sum, tensor, type Var } from 'wengert'
import type { PointOf } from '../../src/vitest/index.js'

type X = Var<readonly []>
type V = Var<readonly [3]>

const at = tensor([-1, 0.5, 2])
const right = (x: V) => sum(mul(x, sin(x)))
const wave = customRule<V, V>({ name: 'wave', f: (x) => cos(x), vjp: ({ x, ct }) => mul(ct, sin(x)) })
const wrong = (x: V) => flatMap(wave(x), (y) => sum(y))

const messageOf = (body: () => void): string => {
  try {
    body()
  } catch (e) {
    return (e as Error).message
  }
  throw new Error('should have failed')
}

describe('toHaveCorrectGradient', () => {
  it('passes for a right gradient, awaited or not', async () => {
    expect(right).toHaveCorrectGradient({ at })
    await expect(right).toHaveCorrectGradient({ at, seed: 7, directions: 1 })
    await expect(Promise.resolve(right)).resolves.toHaveCorrectGradient({ at })
    expect(({ w, b }: { w: V; b: X }) => flatMap(sum(w), (s) => mul(s, b))).toHaveCorrectGradient({
      at: { w: at, b: 2 },
    })
  })

  it('fails for a wrong one with the message of the report: who is to blame, and a reproducer', () => {
    const message = messageOf(() => expect(wrong).toHaveCorrectGradient({ at }))
    expect(message).toMatch(/^WRONG_RULE: /)
    expect(message).toContain('"wave", the derivative for its operand 0')
    expect(message).toContain("from 'wengert/verify'")
    expect(wrong).not.toHaveCorrectGradient({ at })
    expect(messageOf(() => expect(right).not.toHaveCorrectGradient({ at }))).toMatch(/^expected a wrong gradient/)
  })

  it('passes at a kink where the derivative given is a subgradient', () => {
    expect((x: X) => abs(x)).toHaveCorrectGradient({ at: 0 })
  })

  it('fails either way where it cannot be told', () => {
    const step = (x: X) => floor(x)
    expect(messageOf(() => expect(step).toHaveCorrectGradient({ at: 2.3 }))).toMatch(/^VACUOUS/)
    expect(messageOf(() => expect(step).not.toHaveCorrectGradient({ at: 2.3 }))).toContain('cannot be told')
    const thrower = (_: X): Reverse<X> => {
      throw new Error('out of cheese')
    }
    for (const body of [
      () => expect(thrower).toHaveCorrectGradient({ at: 1 }),
      () => expect(thrower).not.toHaveCorrectGradient({ at: 1 }),
    ])
      expect(messageOf(body)).toContain('the model throws: out of cheese')
  })

  it('refuses what is no model', () => {
    expect(messageOf(() => expect(3 as never).toHaveCorrectGradient({ at: 1 as never }))).toMatch(
      /a model is needed, .* not number/,
    )
  })

  it('knows the type of the point', () => {
    expectTypeOf<PointOf<typeof right>>().toEqualTypeOf(at)
    expectTypeOf<PointOf<number>>().toEqualTypeOf<never>()
    // @ts-expect-error a point of another shape
    const mistyped = () => expect(right).toHaveCorrectGradient({ at: tensor([1, 2]) })
    expectTypeOf(mistyped).toBeFunction()
  })
})
