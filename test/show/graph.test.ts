import { describe, expect, it } from 'vitest'
import { add, exp, matmul, mean, mul, named, sigmoid, square, sub } from '../../src/ops/index.js'
import { record, spec } from '../../src/Program.js'
import { graphDot, graphMermaid, tapeGraph } from '../../src/show/graph.js'
import { graphFrames, graphSvg } from '../../src/show/layout.js'
import { colourOf } from '../../src/show/svg.js'
import type { Program } from '../../src/Tape.js'
import type { Var } from '../../src/Var.js'
import { drawn, refused, right } from './support.js'
import { malformed } from './xml.js'

type Scalar = Var<readonly []>
type P = { readonly k: Scalar; readonly x: Scalar }

const linear: Program = right(
  record(({ k, x }: P) => named('loss')(square(add(named('linear "1"')(mul(k, x)), 2))))({ k: spec([]), x: spec([]) }),
)

const chain = (n: number): Program =>
  right(
    record((x: Scalar) => {
      let y = exp(x)
      for (let i = 1; i < n; i++) y = exp(y)
      return y
    })(spec([])),
  )

describe('tapeGraph', () => {
  it('has a node for each instruction, named by paths and labels, with constants inside the formulas', () => {
    const { nodes, edges, note } = tapeGraph(linear)
    expect(nodes.map(({ kind, lines }) => `${kind} ${lines.join(': ')}`)).toEqual([
      'input k',
      'input x',
      'operation %2: k * x',
      'operation %5: %2 + 2',
      'output loss: %5 * %5',
    ])
    expect(edges.map(({ from, to }) => `${from}>${to}`)).toEqual(['n0>n2', 'n1>n2', 'n2>n5', 'n5>n6'])
    expect(note).toBeUndefined()
    expect(tapeGraph(linear, { collapse: false }).nodes.map(({ kind }) => kind)).toContain('constant')
  })

  it('says shapes, and hides the repetition of a number', () => {
    type M = { readonly w: Var<readonly [3, 2]>; readonly x: Var<readonly [4, 3]> }
    const program = right(
      record(({ w, x }: M) => mean(square(sub(sigmoid(matmul(x, w)), 0.5))))({ w: spec([3, 2]), x: spec([4, 3]) }),
    )
    const lines = tapeGraph(program).nodes.map((node) => node.lines.join(' | '))
    expect(lines[0]).toBe('w | real [3, 2]')
    expect(lines.some((line) => line.includes('- 0.5'))).toBe(true)
    expect(lines.join()).not.toContain('broadcast')
  })

  it('colours by numbers, highlights and adds notes', () => {
    const graph = tapeGraph(linear, {
      heat: new Map([
        [2, 10],
        [5, 30],
        [6, 20],
      ]),
      highlight: [5],
      notes: new Map([[2, ['= 6']]]),
    })
    expect(graph.nodes.map(({ heat }) => heat)).toEqual([undefined, undefined, 0, 1, 0.5])
    expect(graph.nodes.filter(({ highlighted }) => highlighted === true).map(({ id }) => id)).toEqual(['n5'])
    expect(graph.nodes[2].lines).toEqual(['%2', 'k * x', '= 6'])
    expect(graphDot(graph)).toContain(`fillcolor="${colourOf('heat', 1)}" penwidth=2`)
  })

  it('keeps a part of a huge program, near the highlighted instruction, and says so', () => {
    const graph = tapeGraph(chain(5000), { limit: 7, highlight: [2500] })
    expect(graph.nodes.map(({ id }) => id)).toEqual([
      'rest',
      'n2497',
      'n2498',
      'n2499',
      'n2500',
      'n2501',
      'n2502',
      'n2503',
    ])
    expect(graph.note).toBe('Drawn are 7 of 5001 instructions, those nearest to the highlighted ones.')
    expect(graph.edges[0]).toEqual({ from: 'rest', to: 'n2497' })
    expect(tapeGraph(chain(5000), { limit: 7 }).nodes.map(({ id }) => id)).toContain('n5000')
  })
})

describe('languages', () => {
  it('escape what names hold', () => {
    const program = right(
      record(({ a }: { readonly a: Scalar }) => named('</text>"\\\n]-->%%')(exp(a)))({ a: spec([]) }),
    )
    const graph = { ...tapeGraph(program), title: 'quote " and \\' }
    const hostile = { ...graph, nodes: graph.nodes.map((n) => ({ ...n, lines: ['</text>"\\]-->#;', ...n.lines] })) }
    expect(graphDot(hostile)).toContain('label="quote \\" and \\\\"')
    expect(graphDot(hostile)).toContain('label="</text>\\"\\\\]-->#;\\n')
    expect(graphMermaid(hostile)).toContain('["#60;#47;text#62;#34;#92;#93;--#62;#35;#59;<br/>')
  })
})

describe('graphSvg', () => {
  it('is well-formed and stable, and puts operands above their users', async () => {
    const graph = tapeGraph(linear, { title: 'A <graph>' })
    const svg = await drawn(graphSvg(graph))
    expect(malformed(svg)).toEqual([])
    expect(svg).toBe(await drawn(graphSvg(graph)))
    const top = (name: string) =>
      Number(new RegExp(`<g><title>${name}[^<]*</title><rect x="[^"]*" y="([^"]*)"`).exec(svg)?.[1])
    for (const { from, to } of graph.edges) {
      const name = (id: string) => graph.nodes.find((n) => n.id === id)?.lines[0] as string
      expect(top(name(from))).toBeLessThan(top(name(to)))
    }
    // a path and a tip for each edge
    expect(svg.match(/<path /g)).toHaveLength(2 * graph.edges.length)
  })

  it('draws frames with every node in its place', async () => {
    const frames = await drawn(
      graphFrames([tapeGraph(linear), tapeGraph(linear, { highlight: [2], notes: new Map([[2, ['= 123456789']]]) })]),
    )
    const places = frames.map((svg) =>
      [...svg.matchAll(/<rect x="[^"]*" y="[^"]*" width="[^"]*" height="[^"]*"/g)].map(String),
    )
    expect(places[0]).toEqual(places[1])
    expect(frames[1]).toContain('= 123456789')
  })

  it('refuses what cannot be drawn', async () => {
    const node = { id: 'a', kind: 'operation', lines: ['a'] } as const
    expect(await refused(graphSvg({ title: 'none', nodes: [], edges: [] }))).toMatch(/has no nodes/)
    const many = Array.from({ length: 2001 }, (_, i) => ({ ...node, id: `n${i}` }))
    expect(await refused(graphSvg({ title: 'many', nodes: many, edges: [] }))).toMatch(/^TooLarge/)
    const [one, two] = [
      { title: 'one', nodes: [node], edges: [] },
      { title: 'two', nodes: [{ ...node, id: 'b' }], edges: [] },
    ]
    expect(await refused(graphFrames([one, two]))).toMatch(/other nodes/)
    expect(await drawn(graphFrames([]))).toEqual([])
  })
})
