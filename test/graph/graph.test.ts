import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { run } from '../../src/engine/index.js'
import {
  type ComputingGraph,
  ComputingGraphCodec,
  checkGraph,
  decodeGraph,
  fromSuccessors,
  graphModel,
  standardOperations,
  successorsOf,
  topologicalOrder,
} from '../../src/graph/index.js'
import { add, meanSquaredError, mul, named, sigmoid } from '../../src/ops/index.js'
import { record, spec } from '../../src/Program.js'
import { equals } from '../../src/Tape.js'
import { scalar, tensor } from '../../src/Tensor.js'
import { grad } from '../../src/transform/index.js'
import type { Var } from '../../src/Var.js'
import { left, right } from '../show/support.js'

const lesson = {
  k1: ['L1'],
  x: ['L1'],
  b1: ['L1'],
  L1: ['sigmoid'],
  k2: ['L2'],
  sigmoid: ['L2'],
  b2: ['L2'],
  L2: ['loss'],
  y: ['loss'],
}
const kinds = { L1: 'linear', L2: 'linear', loss: 'meanSquaredError' }
const graph = right(fromSuccessors(lesson, kinds))

/** edges that go from smaller to greater numbers, so there is no cycle */
const acyclic = fc
  .array(fc.tuple(fc.nat(30), fc.nat(30)), { maxLength: 80 })
  .map((pairs) => pairs.flatMap(([a, b]) => (a === b ? [] : [[Math.min(a, b), Math.max(a, b)] as const])))

const named_ = (i: number): string => `n${(i * 17) % 31}`

const recordOf = (edges: ReadonlyArray<readonly [number, number]>): Readonly<Record<string, ReadonlyArray<string>>> => {
  const out: Record<string, Array<string>> = {}
  for (const [a, b] of edges) {
    out[named_(a)] ??= []
    out[named_(a)].push(named_(b))
  }
  return out
}

describe('topologicalOrder', () => {
  it('holds every node once, each after those that it needs', () => {
    fc.assert(
      fc.property(acyclic, (edges) => {
        const order = right(topologicalOrder(recordOf(edges)))
        expect(new Set(order)).toEqual(new Set(edges.flat().map(named_)))
        expect(new Set(order).size).toBe(order.length)
        for (const [a, b] of edges) expect(order.indexOf(named_(a))).toBeLessThan(order.indexOf(named_(b)))
      }),
      { seed: 1 },
    )
  })

  it('does not depend on how the graph is written down', () => {
    fc.assert(
      fc.property(acyclic, fc.integer(), (edges, seed) => {
        const shuffled = [...edges].map((e, i) => [Math.sin(seed + 7 * i), e] as const).sort(([a], [b]) => a - b)
        expect(topologicalOrder(recordOf(shuffled.map(([, e]) => e)))).toEqual(topologicalOrder(recordOf(edges)))
      }),
      { seed: 2 },
    )
  })

  it('names a cycle that is there, whenever there is one', () => {
    fc.assert(
      fc.property(acyclic, fc.array(fc.nat(30), { minLength: 1, maxLength: 6 }), (edges, ring) => {
        const nodes = [...new Set(ring)]
        const round = nodes.map((a, i) => [a, nodes[(i + 1) % nodes.length]] as const)
        const data = recordOf([...edges, ...round])
        const message = left(topologicalOrder(data))
        const path = /each other: (.*)$/.exec(message)?.[1].split(' -> ') as ReadonlyArray<string>
        expect(path.length).toBeGreaterThan(1)
        expect(path[0]).toBe(path[path.length - 1])
        for (let i = 0; i + 1 < path.length; i++)
          if (!path.includes('... ')) expect(data[path[i]]).toContain(path[i + 1])
      }),
      { seed: 3 },
    )
  })

  it('is linear: 100 000 nodes in a row, and as many round', () => {
    const row = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`v${i}`, [`v${i + 1}`]]))
    expect(right(topologicalOrder(row))).toHaveLength(100_001)
    expect(left(topologicalOrder({ ...row, v100000: ['v0'] }))).toMatch(
      /^InvalidArgument.* v0 -> v1 -> .* 99982 more \.\.\. -> v0$/,
    )
  })
})

describe('fromSuccessors', () => {
  it('finds placeholders, operands in the order of the record, and the result', () => {
    expect(graph).toEqual({
      placeholders: ['k1', 'x', 'b1', 'k2', 'b2', 'y'],
      operators: {
        L1: { op: 'linear', inputs: ['k1', 'x', 'b1'] },
        sigmoid: { op: 'sigmoid', inputs: ['L1'] },
        L2: { op: 'linear', inputs: ['k2', 'sigmoid', 'b2'] },
        loss: { op: 'meanSquaredError', inputs: ['L2', 'y'] },
      },
      output: 'loss',
    })
    expect(right(topologicalOrder(successorsOf(graph)))).toEqual(right(topologicalOrder(lesson)))
  })

  it.each([
    [{ a: ['b'], b: ['a'] }, {}, 'InvalidArgument: graph: nodes wait for each other: a -> b -> a'],
    [{ a: ['exp', 'log'] }, {}, 'InvalidArgument: graph: nobody takes exp, log: only one node can be the result'],
    [
      { a: ['exp'] },
      { b: 'exp' },
      'StructureMismatch: graph: operations are given for b, which the graph does not have',
    ],
    [{}, {}, 'InvalidArgument: graph: there is no node that nobody takes, so no result'],
  ])('refuses %j', (data, operations, sentence) => {
    expect(left(fromSuccessors(data, operations as Record<string, string>))).toBe(sentence)
  })
})

describe('graphModel', () => {
  const model = right(graphModel()(graph))
  const feeds = { k1: scalar(0.5), x: scalar(3), b1: scalar(0.1), k2: scalar(-1), b2: scalar(0.2), y: scalar(0.38) }

  it('records what the same operations record as an expression', () => {
    type P = Readonly<Record<'k1' | 'x' | 'b1' | 'k2' | 'b2' | 'y', Var<readonly []>>>
    const written = ({ k1, x, b1, k2, b2, y }: P) => {
      const l1 = named('L1')(add(mul(k1, x), b1))
      const l2 = named('L2')(add(mul(k2, named('sigmoid')(sigmoid(l1))), b2))
      return named('loss')(meanSquaredError(l2, y))
    }
    const specs: P = { k1: spec([]), x: spec([]), b1: spec([]), k2: spec([]), b2: spec([]), y: spec([]) }
    const [a, b] = [right(record(written)(specs)), right(record(model)(specs))]
    expect(run(model)(feeds)).toEqual(run(written)(feeds))
    expect(run(grad(model))(feeds)).toEqual(run(grad(written))(feeds))
    // the order may differ where the graph leaves it open; here waves and the expression agree in length
    expect(a.tape.length).toBe(b.tape.length)
    expect(equals(b.tape, right(record(model)(specs)).tape)).toBe(true)
  })

  it('works on tensors, numbers among the inputs, nodes used twice, and operations of one’s own', () => {
    const cube = { arity: 1, record: (x: Var) => mul(x, mul(x, x)) }
    const own: ComputingGraph = {
      placeholders: ['x', 'w', 'b'],
      operators: {
        h: { op: 'dense', inputs: ['x', 'w', 'b'] },
        c: { op: 'cube', inputs: ['h'] },
        s: { op: 'add', inputs: ['c', 'c'] },
        y: { op: 'mul', inputs: ['s', 0.5] },
      },
      output: 'y',
    }
    const built = right(graphModel<readonly [1, 2]>({ ...standardOperations, cube })(own))
    const result = right(
      run(built)({
        x: tensor([[1, 2]]),
        w: tensor([
          [1, 0],
          [0, 1],
        ]),
        b: tensor([0, 1]),
      }),
    )
    expect([...result.data]).toEqual([1, 27])
  })

  it('names what is not fed, and what is fed and not known', () => {
    const { y: _, x: __, ...few } = feeds
    expect(left(run(model)(few))).toBe('MissingInput: graph: x, y are not fed')
    expect(left(run(model)({ ...feeds, z: scalar(1) }))).toBe('StructureMismatch: graph: z is fed, and no placeholder')
  })

  it.each([
    [
      { operators: { y: { op: 'exp', inputs: ['q'] } } },
      'MissingInput: graph: the node y takes q, which the graph does not have',
    ],
    [
      { operators: { y: { op: 'expp', inputs: ['x'] } } },
      'InvalidArgument: graph: the node y is to compute expp, which is no known operation',
    ],
    [
      { operators: { y: { op: 'constructor', inputs: ['x'] } } },
      'InvalidArgument: graph: the node y is to compute constructor, which is no known operation',
    ],
    [
      { operators: { y: { op: 'add', inputs: ['x'] } } },
      'InvalidArgument: graph: the node y computes add of 2, and takes 1',
    ],
    [{ output: 'q' }, 'MissingInput: graph: the result q is no node of the graph'],
    [{ placeholders: ['x', 'x'] }, 'InvalidArgument: graph: x is defined twice'],
    [{ placeholders: ['x', 'y'] }, 'InvalidArgument: graph: y is defined twice'],
    [
      { operators: { y: { op: 'add', inputs: ['x', 'z'] }, z: { op: 'exp', inputs: ['y'] } } },
      'InvalidArgument: graph: nodes wait for each other: y -> z -> y',
    ],
  ])('refuses %j', (part, sentence) => {
    const sound: ComputingGraph = { placeholders: ['x'], operators: { y: { op: 'exp', inputs: ['x'] } }, output: 'y' }
    expect(E.isRight(graphModel()(sound))).toBe(true)
    expect(left(graphModel()({ ...sound, ...part } as ComputingGraph))).toBe(sentence)
  })
})

describe('the codec', () => {
  const word = fc.oneof(fc.constantFrom('a', 'b', 'x', '__proto__', 'constructor', '', '0', 'é "\\'), fc.string())
  const graphs: fc.Arbitrary<ComputingGraph> = fc.record({
    placeholders: fc.array(word),
    operators: fc
      .array(
        fc.tuple(
          word,
          fc.record({
            op: fc.oneof(word, fc.constantFrom(...Object.keys(standardOperations))),
            inputs: fc.array(
              fc.oneof(
                word,
                fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
              ),
            ),
          }),
        ),
      )
      .map((entries) => Object.fromEntries(entries)),
    output: word,
  })

  it('gives back every graph, through JSON too', () => {
    fc.assert(
      fc.property(graphs, (g) => {
        const text = JSON.stringify(g)
        if (Object.hasOwn(g.operators, '__proto__'))
          expect(left(decodeGraph(JSON.parse(text)))).toMatch(/can be called __proto__/)
        else {
          expect(decodeGraph(ComputingGraphCodec.encode(g))).toEqual(E.right(g))
          expect(decodeGraph(JSON.parse(text))).toEqual(E.right(g))
        }
      }),
      { seed: 4 },
    )
  })

  it('never throws, on graphs that make no sense either', () => {
    fc.assert(
      fc.property(graphs, (g) => {
        const checked = checkGraph(g)
        if (E.isRight(checked)) expect(E.isRight(graphModel()(g))).toBe(true)
        else expect(left(checked)).toMatch(/: graph: /)
        fromSuccessors(successorsOf(g))
      }),
      { seed: 5 },
    )
  })

  it('never throws on any JSON, and says where it is wrong', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (json) => {
        const decoded = decodeGraph(json)
        if (E.isLeft(decoded)) expect(decoded.left.message).toMatch(/^decode: /)
      }),
      { seed: 6, numRuns: 500 },
    )
    const sound = { placeholders: ['x'], operators: { y: { op: 'exp', inputs: ['x'] } }, output: 'y' }
    expect(left(decodeGraph({ ...sound, operators: { y: { op: 'exp', inputs: [null] } } }))).toMatch(
      /operators\.y\.inputs\[0\]/,
    )
    expect(left(decodeGraph({ ...sound, operators: { y: { op: 'exp', inputs: [], extra: 1 } } }))).toMatch(
      /operators\.y\.extra is not known/,
    )
    expect(left(decodeGraph({ ...sound, outputs: 'y' }))).toMatch(/outputs is not known/)
  })
})
