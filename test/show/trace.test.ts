import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { run } from '../../src/engine/index.js'
import { add, matmul, mean, mul, named, sigmoid, square, sub, tanh } from '../../src/ops/index.js'
import { record, spec } from '../../src/Program.js'
import { chainRule, showChainRule } from '../../src/show/chainRule.js'
import { graphFrames } from '../../src/show/layout.js'
import { showTrace, trace, traceGraphs } from '../../src/show/trace.js'
import { tensor } from '../../src/Tensor.js'
import { leaves } from '../../src/Tree.js'
import { grad } from '../../src/transform/index.js'
import type { Var } from '../../src/Var.js'
import { drawn, left, right } from './support.js'

type Scalar = Var<readonly []>
type P = {
  readonly b1: Scalar
  readonly b2: Scalar
  readonly k1: Scalar
  readonly k2: Scalar
  readonly x: Scalar
  readonly y: Scalar
}

const loss = ({ k1, b1, k2, b2, x, y }: P) => {
  const linear1 = named('linear1')(add(mul(k1, x), b1))
  const hidden = named('sigmoid')(sigmoid(linear1))
  const linear2 = named('linear2')(add(mul(k2, hidden), b2))
  return named('loss')(square(sub(linear2, y)))
}
const scalars: P = { b1: spec([]), b2: spec([]), k1: spec([]), k2: spec([]), x: spec([]), y: spec([]) }
const point = { b1: 0.1, b2: 0.2, k1: 0.5, k2: -1, x: 3, y: 0.38 }
const program = right(record(loss)(scalars))

describe('trace', () => {
  it('ends with the gradient', () => {
    const { backward } = right(trace(program, point))
    const gradient = right(run(grad(loss))(point))
    for (const [i, name] of ['b1', 'b2', 'k1', 'k2', 'x', 'y'].entries())
      expect(backward.find((s) => s.name === name)?.adjoint).toEqual(leaves(gradient)[i])
  })

  it('every adjoint is the sum of what its uses gave, in the order of the steps', () => {
    const twice = right(record((x: Scalar) => mul(tanh(x), add(x, mul(x, x))))(spec([])))
    const { backward } = right(trace(twice, 0.7))
    const given = new Map<number, ReadonlyArray<number>>()
    for (const step of backward) {
      const parts = given.get(step.id) ?? []
      if (parts.length > 0) expect(step.adjoint.data[0]).toBe(parts.reduce((a, b) => a + b))
      for (const g of step.gives) {
        given.set(g.id, [...(given.get(g.id) ?? []), Number(g.value.data[0])])
        expect(g.sum.data[0]).toBe(given.get(g.id)?.reduce((a, b) => a + b))
      }
    }
    // x is used by tanh, by the sum and twice by the product
    expect(given.get(0)).toHaveLength(4)
  })

  it('says the rules as they were recorded', () => {
    const { forward, backward } = right(trace(program, point))
    const rules = new Map(backward.flatMap((s) => s.gives.map((g) => [`${s.name} to ${g.name}`, g.rule])))
    expect(rules.get('linear2 to b2')).toBe('adj(linear2)')
    expect(rules.get('%6 to k1')).toBe('adj(%6) * x')
    expect(rules.get('sigmoid to linear1')).toBe('adj(sigmoid) * (sigmoid * sigmoid(-linear1))')
    expect(forward.find(({ name }) => name === 'linear2')?.formula).toBe('%11 + b2')
  })

  it('leaves alone what is not to be differentiated by', () => {
    const { backward } = right(trace(program, point, { wrt: ['k1', 'b1', 'k2', 'b2'] }))
    const names = backward.flatMap((s) => [s.name, ...s.gives.map((g) => g.name)])
    expect(names).toContain('k1')
    expect(names).not.toContain('x')
    expect(left(trace(program, point, { wrt: ['q'] }))).toBe(
      'InvalidArgument: trace: there is no real input q; there are b1, b2, k1, k2, x, y',
    )
  })

  it('traces tensors, and prints them short', () => {
    type M = { readonly w: Var<readonly [3, 1]>; readonly x: Var<readonly [2, 3]> }
    const model = right(record(({ w, x }: M) => mean(tanh(matmul(x, w))))({ w: spec([3, 1]), x: spec([2, 3]) }))
    const inputs = {
      w: tensor([[1], [2], [3]]),
      x: tensor([
        [1, 0, 0],
        [0, 1, 0],
      ]),
    } as const
    const text = showTrace(right(trace(model, inputs)))
    expect(text).toContain('[1, 2, 3] [3, 1]')
    expect(text).toContain('[1, 0, 0, 0, ... 2 more] [2, 3]')
  })

  it('refuses other programs and inputs', () => {
    expect(left(trace(right(record((x: Var<readonly [2]>) => tanh(x))(spec([2]))), tensor([1, 2])))).toMatch(
      /^NotScalar/,
    )
    expect(left(trace(program, { k1: 1 }))).toMatch(/^StructureMismatch/)
    expect(left(trace(program, { ...point, x: tensor([1, 2]) }))).toMatch(/the input x must have shape/)
    const long = right(
      record((x: Scalar) => {
        let y = tanh(x)
        for (let i = 0; i < 2000; i++) y = tanh(y)
        return y
      })(spec([])),
    )
    expect(left(trace(long, 1))).toMatch(/^TooLarge/)
  })

  it('gives a frame for each step, with what is known by then', async () => {
    const traced = right(trace(program, point))
    const graphs = traceGraphs(traced)
    expect(graphs).toHaveLength(traced.forward.length + traced.backward.length)
    const noted = graphs.map(({ nodes }) => nodes.filter((n) => n.lines.some((l) => l.startsWith('= '))).length)
    expect(noted.slice(0, traced.forward.length)).toEqual(traced.forward.map((_, i) => i + 1))
    for (const { nodes } of graphs) expect(nodes.filter((n) => n.highlighted === true)).toHaveLength(1)
    expect(await drawn(graphFrames(graphs))).toHaveLength(graphs.length)
  })
})

describe('chainRule', () => {
  const rule = right(chainRule({ wrt: ['k1', 'b1', 'k2', 'b2'] })(program))

  it('reads as in a textbook', () => {
    expect(showChainRule(rule, 'k1').split('\n')[0]).toBe(
      'dloss/dk1 = dloss/dlinear2 * dlinear2/dsigmoid * dsigmoid/dlinear1 * dlinear1/dk1',
    )
    expect(rule.factors.filter((f) => f.parameters.length > 1)).toEqual([
      { name: 'dloss/dlinear2', parameters: ['b1', 'b2', 'k1', 'k2'] },
      { name: 'dlinear2/dsigmoid', parameters: ['b1', 'k1'] },
      { name: 'dsigmoid/dlinear1', parameters: ['b1', 'k1'] },
    ])
    expect([rule.factors.length, rule.separate]).toEqual([7, 4 + 4 + 2 + 2])
  })

  it('counts all paths, of which there can be very many, and writes some', () => {
    const ladder = right(
      record((x: Scalar) => {
        let y = mul(x, 2)
        for (let i = 0; i < 60; i++) y = add(tanh(y), sigmoid(y))
        return y
      })(spec([])),
    )
    const counted = right(chainRule({ products: 3 })(ladder))
    expect(counted.parameters[0].paths).toBe(2 ** 60)
    expect(counted.parameters[0].products).toHaveLength(3)
    // a rung has four factors, and the first one comes before
    expect(counted.factors).toHaveLength(60 * 4 + 1)
    expect(showChainRule(counted)).toContain('more paths')
  })

  it('knows parameters that the result does not depend on', () => {
    const idle = right(
      record(({ a }: { readonly a: Scalar; readonly z: Scalar }) => tanh(a))({ a: spec([]), z: spec([]) }),
    )
    const found = right(chainRule()(idle))
    expect(found.parameters.map(({ paths }) => paths)).toEqual([1, 0])
    expect(showChainRule(found)).toContain('dresult/dz = 0')
    expect(E.isLeft(chainRule({ wrt: ['q'] })(idle))).toBe(true)
  })
})
