import { describe, expect, it } from 'vitest'
import { add, div, exp, log, mul, neg, type Reverse, record, softmax, spec, sqrt, sum, tensor, type Var } from 'wengert'
import { firstNonFinite } from 'wengert/engine'
import { right } from './given.js'

type V = Var<readonly [3]>

const found = (f: (x: V) => Reverse<Var>, at: ReadonlyArray<number>, scalar: 'f64' | 'f32' = 'f64') =>
  right(firstNonFinite(right(record(f as never)(spec([3]) as never)) as never, { scalar })(tensor([...at]) as never))

describe('firstNonFinite', () => {
  it('is null where all is finite', () => {
    expect(found((x) => exp(x), [1, 2, 3])).toBe(null)
  })

  it('finds where it began, not where it was seen', () => {
    expect(found((x) => sum(mul(add(log(x), 1), 2)), [1, 0, 2])).toMatchObject({
      primitive: 'log',
      element: 1,
      value: Number.NEGATIVE_INFINITY,
      operands: [0],
    })
  })

  it('finds the earliest of several', () => {
    expect(found((x) => add(sqrt(neg(x)), log(neg(x))), [1, 2, 3])?.primitive).toBe('sqrt')
  })

  it('tells both operands', () => {
    expect(found((x) => div(mul(x, 0), mul(x, 0)), [1, 2, 3])).toMatchObject({
      message: expect.stringMatching(/is NaN at element 0 from 0 and 0$/),
    })
  })

  it('does not blame infinities that do no harm', () => {
    // a mask: -Infinity is meant, and gives probability 0
    const masked = (x: V) => softmax(add(x, tensor([0, Number.NEGATIVE_INFINITY, 0])))
    expect(found(masked, [1, 2, 3])).toBe(null)
    expect(found((x) => add(masked(x), log(x)), [1, -1, 3])?.primitive).toBe('log')
  })

  it('blames the input that was not finite', () => {
    expect(found((x) => exp(x), [1, Number.NaN, 3])?.message).toBe('the input is NaN at element 1')
  })

  it('sees the overflow of float32', () => {
    expect(found((x) => exp(x), [1, 2, 100])).toBe(null)
    expect(found((x) => exp(x), [1, 2, 100], 'f32')).toMatchObject({ primitive: 'exp', element: 2 })
  })

  it('refuses inputs of another structure or shape', () => {
    const program = right(record((x: V) => exp(x))(spec([3])))
    expect(firstNonFinite(program as never)({ x: tensor([1]) })).toMatchObject({ left: { _tag: 'StructureMismatch' } })
    expect(firstNonFinite(program as never)(tensor([1]))).toMatchObject({ left: { _tag: 'ShapeMismatch' } })
  })
})
