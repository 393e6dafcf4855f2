import { describe, expect, test } from 'vitest'
import { compile, grad, lgamma, record, spec, type Var } from 'wengert'
import { derivativeRows, digammaRows } from './derivatives.js'
import { shared } from './shared.js'

describe.skipIf(shared === null)('published derivatives', () => {
  test('first derivatives to 1e-12, second to 1e-10, or as well as the point is conditioned', () => {
    const misses = derivativeRows().filter(
      ({ id, error, conditioning }) =>
        // the published antiderivative of this one is the constant 0, whose derivatives are not those listed
        id !== 'Welz Problems #80' && conditioning <= 5e-13 && !(error.first <= 1e-12 && error.second <= 1e-10),
    )
    expect(misses).toEqual([])
  })

  test('digamma is the derivative of lgamma', () => {
    const program = record(grad((x: Var<readonly []>) => lgamma(x)))(spec([]))
    if (program._tag === 'Left') throw new Error(program.left.message)
    const digamma = compile()(program.right)
    if (digamma._tag === 'Left') throw new Error(digamma.left.message)
    const rows = digammaRows((x) => {
      const y = digamma.right.run(x)
      return y._tag === 'Right' ? y.right.data[0] : Number.NaN
    })
    expect(rows.length).toBeGreaterThan(300)
    expect(rows.filter(({ error }) => !(error <= 1e-12))).toEqual([])
  })
})
