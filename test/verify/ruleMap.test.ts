import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { type RuleAccuracy, ruleMap, showRuleMap } from 'wengert/verify'
import { library } from '../../laws/Law.js'
import { factor } from '../../laws/mutants.js'

const mapped = (options: Parameters<typeof ruleMap>[0] = {}): ReadonlyArray<RuleAccuracy> => {
  const map = ruleMap(options)
  if (E.isLeft(map)) throw new Error(map.left.message)
  return map.right
}

const worst = (row: RuleAccuracy): number => Math.max(row.rounding?.worst ?? 0, row.truth?.worst ?? 0)

/** What is lost, in ulps, where it is more than 3: `polygamma` behind it is no more accurate. */
const LOSSES: Readonly<Record<string, number>> = { lgamma: 32, polygamma: 16 }

describe('the map of rule accuracy', () => {
  it('bounds the loss of every rule over all sizes', () => {
    const rows = mapped()
    expect(new Set(rows.map(({ primitive }) => primitive)).size).toBeGreaterThanOrEqual(32)
    for (const row of rows) {
      const name = `${row.primitive} ${row.variant} by ${row.operand}`
      expect(row.rounding?.samples, name).toBeGreaterThan(10)
      expect(row.truth?.samples, name).toBeGreaterThan(10)
      expect(worst(row), name).toBeLessThanOrEqual(LOSSES[row.primitive] ?? 3)
      expect(row.rounding?.median, name).toBeLessThan(1.5)
    }
  })

  it('sees nothing lost where nothing is computed', () => {
    for (const row of mapped({ only: ['add', 'sub', 'mul', 'neg', 'abs', 'max', 'min', 'mod'] })) {
      expect(row.rounding?.worst).toBe(0)
      // what differences in double-double do not know
      expect(row.truth?.worst).toBeLessThan(2 ** -5)
    }
  })

  it('pins the rules that keep their digits', () => {
    const bound = (
      name: 'tanh' | 'expm1' | 'log1p' | 'sigmoid' | 'softplus' | 'asin' | 'rsqrt' | 'erf' | 'pow',
      ulps: number,
    ) => expect(Math.max(...mapped({ only: [name] }).map(worst)), name).toBeLessThanOrEqual(ulps)
    // a rounding for each operation, and half an ulp or a whole one for each function
    bound('tanh', 3)
    bound('sigmoid', 3)
    bound('expm1', 1)
    bound('log1p', 1.5)
    bound('softplus', 1.5)
    bound('asin', 1.5)
    bound('rsqrt', 1.5)
    // exp(-x²) would lose 300, b a^(b-1) for small b 30
    bound('erf', 2)
    bound('pow', 3)
  })

  it('finds a rule that cancels, and one that is wrong', () => {
    const { table } = library.calculus
    const naive = {
      ...library.calculus,
      table: {
        ...table,
        tanh: {
          ...table.tanh,
          derivative: {
            pull: (v, ct, _k, _xs, y) => v.mul(ct, v.sub(v.like(y, 1), v.mul(y, y))),
            push: (v, [dx], _xs, y) => (dx === null ? null : v.mul(dx, v.sub(v.like(y, 1), v.mul(y, y)))),
          } satisfies typeof table.tanh.derivative,
        },
      },
    }
    // 1 - tanh² has no digit left from 19 on
    expect(mapped({ calculus: naive, only: ['tanh'] })[0].rounding?.worst).toBeGreaterThan(2 ** 40)
    // a constant that is off is no loss by rounding, but it is not the derivative either
    const off = mapped({ calculus: factor(1e-9).apply(library, { primitive: 'sin' }).calculus, only: ['sin'] })[0]
    expect(off.rounding?.worst).toBeLessThan(3)
    expect(off.truth?.worst).toBeGreaterThan(1e6)
  })

  it('is shown worst first', () => {
    const lines = showRuleMap(mapped({ only: ['exp', 'tanh', 'polygamma'], range: 4 })).split('\n')
    expect(lines[0]).toContain('| primitive |')
    expect(lines[2]).toMatch(/^\| polygamma \(order \d\) \| 0 \| \d/)
    expect(lines).toHaveLength(2 + 5)
  })
})
