/**
 * Graphs: a program's tape as nodes and edges, and graphs in the languages that draw them, DOT and Mermaid. `layout.ts`
 * draws them as SVG.
 *
 * @since 0.1.0
 */
import { needed } from '../primitive/evaluate.js'
import { show } from '../Shape.js'
import { at, type Instruction, type Program } from '../Tape.js'
import { leaves } from '../Tree.js'
import type { AnyVar } from '../Var.js'
import { formula, namesOf, scalarOf, visible } from './names.js'
import { extent } from './numbers.js'
import { COLOURS, colourOf } from './svg.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface GraphNode {
  readonly id: string
  readonly kind: 'input' | 'constant' | 'operation' | 'output' | 'rest'
  readonly lines: ReadonlyArray<string>
  /** from 0 to 1: how warm its colour is */
  readonly heat?: number
  readonly highlighted?: boolean
}

/**
 * @category model
 * @since 0.1.0
 */
export interface GraphEdge {
  readonly from: string
  readonly to: string
}

/**
 * A graph to draw. `note` says what is not in it, if anything.
 *
 * @category model
 * @since 0.1.0
 */
export interface Graph {
  readonly title: string
  readonly nodes: ReadonlyArray<GraphNode>
  readonly edges: ReadonlyArray<GraphEdge>
  readonly note?: string
}

/**
 * How to make a graph of a program. Maps are by positions on the tape.
 *
 * @category model
 * @since 0.1.0
 */
export interface TapeGraphOptions {
  readonly title?: string
  /** colours nodes, from the least number to the greatest: residuals, costs */
  readonly heat?: ReadonlyMap<number, number>
  readonly highlight?: ReadonlyArray<number>
  /** further lines in a node: values, adjoints */
  readonly notes?: ReadonlyMap<number, ReadonlyArray<string>>
  /** whether scalar constants stand inside the formulas that use them (true) or are nodes */
  readonly collapse?: boolean
  /** at most so many instructions, those nearest to the highlighted ones or to the results (120) */
  readonly limit?: number
}

const LIMIT = 120
/** Formulas are cut here: a node is not a page. */
const WIDEST = 40

const PASSING = new Set(['broadcast', 'reshape', 'convert'])

/**
 * Where a value is computed, for people: labels and variables are the value that they stand on, and a number repeated to
 * some shape is that number.
 *
 * @category names
 * @since 0.1.0
 */
export const rootsOf = ({ tape }: Program): ((id: number) => number) => {
  const roots = new Int32Array(tape.length)
  for (let id = 0; id < tape.length; id++) {
    const { primitive, operands } = at(tape, id) as Instruction
    const below = operands.length === 1 ? roots[operands[0]] : id
    const alias =
      primitive === 'label' ||
      primitive === 'variable' ||
      (PASSING.has(primitive) && scalarOf(at(tape, below) as Instruction) !== null)
    roots[id] = alias ? below : id
  }
  return (id) => roots[id]
}

/** The nodes nearest to some, by steps along edges in either direction. */
const nearest = (
  ids: ReadonlyArray<number>,
  edges: ReadonlyArray<readonly [number, number]>,
  from: ReadonlyArray<number>,
  limit: number,
): ReadonlySet<number> => {
  const beside = new Map<number, Array<number>>(ids.map((id) => [id, []]))
  for (const [a, b] of edges) {
    beside.get(a)?.push(b)
    beside.get(b)?.push(a)
  }
  const seen = new Set<number>()
  const queue = from.filter((id) => beside.has(id))
  for (let i = 0; i < queue.length && seen.size < limit; i++) {
    if (seen.has(queue[i])) continue
    seen.add(queue[i])
    queue.push(...(beside.get(queue[i]) ?? []))
  }
  return seen
}

/**
 * A program as a graph: a node for each instruction that the outputs need. Inputs go by their path, values labelled by
 * `named` by their label. Of a huge program a part is kept, and the note says so.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { add, mul, named, record, spec, type Var } from 'wengert'
 * import { graphMermaid, tapeGraph } from 'wengert/show'
 *
 * type P = { readonly k: Var<readonly []>; readonly x: Var<readonly []> }
 * const program = record(({ k, x }: P) => named('linear')(add(mul(k, x), 1)))({ k: spec([]), x: spec([]) })
 * assert(isRight(program))
 * const graph = tapeGraph(program.right)
 * assert.deepStrictEqual(graph.nodes.map(({ lines }) => lines.join(': ')), ['k', 'x', '%2: k * x', 'linear: %2 + 1'])
 * assert(graphMermaid(graph).startsWith('flowchart TB'))
 * ```
 *
 * @category graphs
 * @since 0.1.0
 */
export const tapeGraph = (program: Program, options: TapeGraphOptions = {}): Graph => {
  const { tape } = program
  const { title = 'Computing graph', heat, notes, highlight = [], collapse = true, limit = LIMIT } = options
  const root = rootsOf(program)
  const names = namesOf(tape, root)
  const shown = needed(program).filter(
    (i) => root(i.id) === i.id && !(collapse && i.operands.length === 0 && scalarOf(i) !== null),
  )
  const here = new Set(shown.map(({ id }) => id))
  const all = shown.flatMap(({ id, operands }) =>
    [...new Set(operands.map(root))].filter((k) => here.has(k)).map((k) => [k, id] as const),
  )
  const marked = new Set(highlight.map(root))
  const results = new Set(leaves<AnyVar>(program.outputs).map((v) => root(v.id)))
  const kept =
    shown.length <= limit ? here : nearest([...here], all, marked.size > 0 ? [...marked] : [...results], limit)
  // a value and its labels are one node: the hottest counts
  const heats = new Map<number, number>()
  for (const [id, h] of heat ?? []) heats.set(root(id), Math.max(h, heats.get(root(id)) ?? h))
  const [low, high] = extent(heats.values())
  const cut = (text: string): string => {
    const seen = visible(text)
    return seen.length > WIDEST ? `${seen.slice(0, WIDEST - 1)}…` : seen
  }
  const nodes = shown
    .filter(({ id }) => kept.has(id))
    .map((instruction): GraphNode => {
      const { id, primitive, operands, shape, dtype } = instruction
      const text = formula(instruction, operands.map(names), 4)
      const own = primitive === 'input' ? [names(id).startsWith('%') ? text : names(id)] : [names(id), text]
      const typed = shape.length === 0 && dtype === 'real' ? [] : [`${dtype} ${show(shape)}`]
      const h = heats.get(id)
      return {
        id: `n${id}`,
        kind:
          primitive === 'input'
            ? 'input'
            : results.has(id)
              ? 'output'
              : operands.length === 0
                ? 'constant'
                : 'operation',
        lines: [...own, ...typed, ...(notes?.get(id) ?? [])].map(cut),
        ...(h === undefined || !Number.isFinite(h) ? {} : { heat: (h - low) / (high - low) }),
        ...(marked.has(id) ? { highlighted: true } : {}),
      }
    })
  const edges = all.filter(([a, b]) => kept.has(a) && kept.has(b)).map(([a, b]) => ({ from: `n${a}`, to: `n${b}` }))
  if (kept === here) return { title, nodes, edges }
  const inward = all.some(([a, b]) => !kept.has(a) && kept.has(b))
  const rest: GraphNode = { id: 'rest', kind: 'rest', lines: [`${shown.length - kept.size} more`] }
  const links = [...new Set(all.filter(([a, b]) => !kept.has(a) && kept.has(b)).map(([, b]) => b))]
  return {
    title,
    nodes: inward ? [rest, ...nodes] : nodes,
    edges: [...links.map((b) => ({ from: 'rest', to: `n${b}` })), ...edges],
    note: `Drawn are ${kept.size} of ${shown.length} instructions, those nearest to ${marked.size > 0 ? 'the highlighted ones' : 'the results'}.`,
  }
}

/**
 * The colour of a node.
 *
 * @category colours
 * @since 0.1.0
 */
export const fillOf = ({ kind, heat, highlighted }: GraphNode): string =>
  heat !== undefined
    ? colourOf('heat', heat)
    : highlighted === true
      ? COLOURS.mark
      : {
          input: COLOURS.input,
          constant: COLOURS.panel,
          operation: COLOURS.node,
          output: COLOURS.output,
          rest: COLOURS.page,
        }[kind]

const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`

/**
 * A graph in the language of Graphviz.
 *
 * @category graphs
 * @since 0.1.0
 */
export const graphDot = ({ title, nodes, edges, note }: Graph): string =>
  [
    'digraph {',
    `  label=${quoted(note === undefined ? title : `${title}\n${note}`).replaceAll('\n', '\\n')}`,
    '  node [shape=box style="rounded,filled" fontname="monospace" fontsize=11]',
    ...nodes.map(
      (node) =>
        `  ${node.id} [label="${node.lines.map((line) => quoted(line).slice(1, -1)).join('\\n')}" fillcolor="${fillOf(node)}"${
          node.highlighted === true ? ' penwidth=2' : ''
        }]`,
    ),
    ...edges.map(({ from, to }) => `  ${from} -> ${to}`),
    '}',
    '',
  ].join('\n')

/** Mermaid has its own entities, and reads markup and some words inside labels. */
const entity = (text: string): string => text.replace(/[^\p{L}\p{N} _.,+-]/gu, (c) => `#${c.codePointAt(0)};`)

/**
 * A graph in the language of Mermaid, which many places that show Markdown draw.
 *
 * @category graphs
 * @since 0.1.0
 */
export const graphMermaid = ({ nodes, edges, note }: Graph): string =>
  [
    'flowchart TB',
    ...(note === undefined ? [] : [`  %% ${note}`]),
    ...nodes.map(({ id, kind, lines }) => {
      const label = `"${lines.map(entity).join('<br/>')}"`
      return `  ${id}${kind === 'input' ? `([${label}])` : `[${label}]`}`
    }),
    ...edges.map(({ from, to }) => `  ${from} --> ${to}`),
    ...nodes
      .filter(({ heat, highlighted }) => highlighted === true || heat !== undefined)
      .map((node) => `  style ${node.id} fill:${fillOf(node)}`),
    '',
  ].join('\n')
