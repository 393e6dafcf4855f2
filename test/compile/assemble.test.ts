import { describe, expect, it } from 'vitest'
import { add, compile, concat, mul, pad, type Reverse, record, spec, type Var } from 'wengert'
import { assembled } from '../../src/compile/assemble.js'
import { flatten, type Value } from '../../src/compile/flat.js'
import { tensor } from '../../src/Tensor.js'
import { right } from '../engine/given.js'

type Two = Var<readonly [2]>
type Parts = { readonly a: Two; readonly b: Two; readonly c: Two }

const framed = (x: Two, low: number, high: number): Reverse<Var<readonly [6]>> =>
  pad(x, [[low, high]]) as Reverse<Var<readonly [6]>>

const given = { a: spec([2]), b: spec([2]), c: spec([2]) }

/** Out of order, and nested to the right. */
const covering = ({ a, b, c }: Parts) => add(framed(b, 2, 2), add(framed(c, 4, 0), framed(a, 0, 4)))

const names = (f: (p: Parts) => Reverse<Var>): ReadonlyArray<string> =>
  assembled(right(flatten(right(record(f)(given))))).values.map(({ primitive }: Value) => primitive)

describe('assembled', () => {
  it('puts a sum of parts side by side together', () => {
    const found = names(covering)
    expect(found.filter((name) => name === 'concat')).toHaveLength(1)
    expect(found).not.toContain('pad')
  })

  it('leaves gaps and overlaps alone', () => {
    expect(names(({ a, b }) => add(framed(a, 0, 4), framed(b, 2, 2)))).not.toContain('concat')
    expect(names(({ a, b }) => add(framed(a, 0, 4), framed(b, 1, 3)))).not.toContain('concat')
  })

  it('keeps what else is read of the sum', () => {
    const found = names((p) => add(covering(p), mul(covering(p), 2)))
    expect(found.filter((name) => name === 'concat')).toHaveLength(1)
  })

  it('changes no bit, zeros with a sign included', () => {
    const x = { a: tensor([-0, 1]), b: tensor([Number.NaN, -0]), c: tensor([0, Number.NEGATIVE_INFINITY]) }
    const program = right(record(covering)(given))
    const [fast, slow] = (['wasm', 'reference'] as const).map((engine) =>
      Array.from(right(right(compile({ engine })(program)).run(x)).data),
    )
    expect(fast).toEqual(slow)
    expect(fast).toEqual([0, 1, Number.NaN, 0, 0, Number.NEGATIVE_INFINITY])
  })

  it('is nothing but the concatenation where nothing was taken apart', () => {
    const found = names(({ a, b, c }) => concat([a, b, c]) as Reverse<Var>)
    expect(found).toEqual(['input', 'input', 'input', 'concat'])
  })
})
