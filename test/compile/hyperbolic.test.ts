import { describe, expect, it } from 'vitest'
import { compile, cosh, div, gen, grad, mul, type Reverse, record, spec, sum, tanh, tensor, type Var } from 'wengert'
import { flatten } from '../../src/compile/flat.js'
import { hyperbolic } from '../../src/compile/hyperbolic.js'
import { right } from '../engine/given.js'

type Vec = Var<readonly [number]>

const N = 400

/** From the smallest numbers far into saturation. */
const points = Array.from({ length: N }, (_, i) => (i % 2 === 0 ? 1 : -1) * 1e-9 * 1.07 ** i).filter(
  (x) => Math.abs(x) < 40,
)

const names = (f: (x: Vec) => Reverse<Vec>): ReadonlyArray<string> =>
  hyperbolic(right(flatten(right(record(f)(spec([3])))))).values.map(({ primitive }) => primitive)

const both = (x: Vec) =>
  gen(function* () {
    return {
      value: yield* tanh(x),
      slope: yield* grad((at: Vec) => sum(tanh(at)))(x),
      weighted: yield* grad((at: Vec) => sum(mul(tanh(at), x)))(x),
    }
  })

describe('hyperbolic', () => {
  it('computes a tanh and its derivative with one exponential', () => {
    const found = names((x) => mul(tanh(x), div(div(x, cosh(x)), cosh(x))))
    expect(found.filter((name) => name === 'expm1')).toHaveLength(1)
    expect(found).not.toContain('tanh')
    expect(found).not.toContain('cosh')
  })

  it('leaves a derivative alone that has no tanh beside it, and a cosh that is needed', () => {
    expect(names((x) => div(div(x, cosh(x)), cosh(x)))).not.toContain('expm1')
    expect(names((x) => mul(tanh(x), div(x, cosh(x))))).not.toContain('expm1')
    expect(names((x) => mul(tanh(x), mul(div(div(x, cosh(x)), cosh(x)), cosh(x))))).toContain('cosh')
    // the first quotient is there anyway
    expect(names((x) => mul(tanh(x), mul(div(x, cosh(x)), div(div(x, cosh(x)), cosh(x)))))).not.toContain('expm1')
  })

  it('keeps every digit, in saturation too', () => {
    const given = tensor(points)
    const exact = (x: number): number => 1 / Math.cosh(x) ** 2
    for (const [scalar, unit] of [
      ['f64', 2 ** -53],
      ['f32', 2 ** -24],
    ] as const) {
      const rounded = (x: number): number => (scalar === 'f32' ? Math.fround(x) : x)
      const { value, slope, weighted } = right(
        right(compile({ scalar })(right(record(both)(given as never)))).run(given as never),
      ) as unknown as { readonly [K in 'value' | 'slope' | 'weighted']: { readonly data: ArrayLike<number> } }
      for (const [i, x] of points.map(rounded).entries()) {
        expect(Math.abs(value.data[i] / Math.tanh(x) - 1)).toBeLessThan(5 * unit)
        expect(Math.abs(slope.data[i] / exact(x) - 1)).toBeLessThan(8 * unit)
        expect(Math.abs(weighted.data[i] / (x * exact(x)) - 1)).toBeLessThan(9 * unit)
      }
    }
  })

  it('has the zeros, infinities and NaN of the row', () => {
    const given = tensor([0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 1e300, -700])
    const program = right(record(both)(given as never))
    const [fast, slow] = (['wasm', 'reference'] as const).map((engine) => {
      const { value, slope } = right(right(compile({ engine })(program)).run(given as never)) as never
      return [value, slope].map(({ data }) =>
        Array.from(data as Float64Array, (x) => (Math.abs(x) < 1e-300 ? 0 * x : x)),
      )
    })
    expect(fast).toEqual(slow)
  })
})
