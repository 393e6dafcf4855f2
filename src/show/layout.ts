/**
 * Graphs as SVG: Graphviz (compiled to WebAssembly, by @viz-js/viz) says where nodes and edges go, and they are drawn here.
 * So several pictures of one graph, such as the steps of a trace, keep every node in its place.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { type Failure, fail } from '../Failure.js'
import { fillOf, type Graph, type GraphNode } from './graph.js'
import { using } from './optional.js'
import { COLOURS, escaped, inkOn, px, svgDocument, svgText } from './svg.js'

const FONT = 'ui-monospace, Menlo, Consolas, monospace'
const CHARACTER = 6.8
const LINE = 15
const SIZE = 11
/** Points to an inch: the unit of Graphviz. */
const INCH = 72
const TOP = 48
const MARGIN = 16

interface Box {
  readonly width: number
  readonly height: number
}

const boxOf = ({ lines }: GraphNode): Box => ({
  width: Math.max(40, CHARACTER * Math.max(...lines.map((line) => line.length)) + 20),
  height: LINE * lines.length + 12,
})

interface Layout extends Box {
  readonly nodes: ReadonlyMap<string, readonly [x: number, y: number]>
  readonly boxes: ReadonlyMap<string, Box>
  readonly edges: ReadonlyArray<string>
}

/** What Graphviz gives, of which these fields are read. */
interface Placed {
  readonly bb?: string
  readonly objects?: ReadonlyArray<{ readonly name?: string; readonly pos?: string }>
  readonly edges?: ReadonlyArray<{ readonly pos?: string }>
}

const numbers = (text: string): ReadonlyArray<number> => text.split(',').map(Number)

const skeleton = ({ nodes, edges }: Graph, boxes: ReadonlyMap<string, Box>): string =>
  [
    'digraph { nodesep=0.25 ranksep=0.35 node [shape=box fixedsize=true label=""]',
    ...nodes.map(({ id }) => {
      const { width, height } = boxes.get(id) as Box
      return `${id} [width=${width / INCH} height=${height / INCH}]`
    }),
    ...edges.map(({ from, to }) => `${from} -> ${to} [arrowhead=none]`),
    '}',
  ].join('\n')

const laidOut = (placed: Placed, boxes: ReadonlyMap<string, Box>): Layout => {
  const [, , width, height] = numbers(placed.bb ?? '0,0,0,0')
  const down = (text: string): readonly [number, number] => {
    const [x, y] = numbers(text)
    return [x, height - y]
  }
  return {
    width,
    height,
    boxes,
    nodes: new Map((placed.objects ?? []).map(({ name = '', pos = '0,0' }) => [name, down(pos)])),
    edges: (placed.edges ?? []).map(({ pos = '' }) => {
      const [first, ...rest] = pos.split(' ').map((p) =>
        down(p)
          .map((n) => px(n))
          .join(),
      )
      return `M${first}C${rest.join(' ')}`
    }),
  }
}

/** The tip of an arrow at the end of a path. */
const tip = (path: string): string => {
  const points = path.slice(1).split(/[C ]/).map(numbers)
  const [a, b] = [points[points.length - 2], points[points.length - 1]]
  const angle = Math.atan2(b[1] - a[1], b[0] - a[0])
  const wing = (by: number): string => `${px(b[0] - 7 * Math.cos(angle + by))},${px(b[1] - 7 * Math.sin(angle + by))}`
  return `M${px(b[0])},${px(b[1])}L${wing(0.4)}L${wing(-0.4)}Z`
}

const draw = ({ title, nodes, note }: Graph, layout: Layout): string => {
  const wide = Math.max(title.length * 9, (note ?? '').length * 6.5)
  const width = Math.max(layout.width, wide) + 2 * MARGIN
  const left = (width - layout.width) / 2
  const boxes = nodes.map((node) => {
    const [x, y] = layout.nodes.get(node.id) as readonly [number, number]
    const box = layout.boxes.get(node.id) as Box
    const ink = node.heat === undefined ? COLOURS.ink : inkOn('heat', node.heat)
    const lines = node.lines.map((line, i) =>
      svgText(x, y - box.height / 2 + 17 + i * LINE, line, {
        size: SIZE,
        anchor: 'middle',
        font: FONT,
        fill: ink,
        bold: i === 0,
      }),
    )
    const edge = node.highlighted === true ? `stroke="${COLOURS.ink}" stroke-width="3"` : `stroke="${COLOURS.muted}"`
    const dash = node.kind === 'rest' ? ' stroke-dasharray="4 3"' : ''
    const round = node.kind === 'input' ? box.height / 2 : 6
    return (
      `<g><title>${escaped(node.lines.join('\n'))}</title>` +
      `<rect x="${px(x - box.width / 2)}" y="${px(y - box.height / 2)}" width="${px(box.width)}" height="${px(box.height)}" rx="${px(Math.min(round, 16))}" fill="${fillOf(node)}" ${edge}${dash}/>` +
      `${lines.join('')}</g>`
    )
  })
  return svgDocument(
    width,
    TOP + layout.height + MARGIN + (note === undefined ? 0 : 18),
    title,
    [
      note ?? '',
      `${nodes.length} nodes: ${nodes
        .slice(0, 40)
        .map(({ lines }) => lines.slice(0, 2).join(' = '))
        .join('; ')}.`,
    ]
      .join(' ')
      .trim(),
    [
      svgText(MARGIN, 30, title, { size: 16, bold: true }),
      ...(note === undefined ? [] : [svgText(MARGIN, 48, note, { fill: COLOURS.muted })]),
      `<g transform="translate(${px(left)},${TOP + (note === undefined ? 0 : 18)})">`,
      ...layout.edges.map(
        (d) => `<path d="${d}" fill="none" stroke="${COLOURS.muted}"/><path d="${tip(d)}" fill="${COLOURS.muted}"/>`,
      ),
      ...boxes,
      '</g>',
    ].join('\n'),
  )
}

const MOST_NODES = 2000

/**
 * Pictures of one graph at several moments: the same nodes and edges, with other lines, colours and highlights. Every node
 * has room for the longest of its texts, and stays where it is.
 *
 * @category graphs
 * @since 0.1.0
 */
export const graphFrames = (graphs: ReadonlyArray<Graph>): TaskEither<Failure, ReadonlyArray<string>> =>
  using(
    '@viz-js/viz',
    () => import('@viz-js/viz'),
    async ({ instance }) => {
      if (graphs.length === 0) return E.right([])
      const [first] = graphs
      if (first.nodes.length === 0) return fail('InvalidArgument', `the graph "${first.title}" has no nodes`)
      if (first.nodes.length > MOST_NODES)
        return fail(
          'TooLarge',
          `the graph "${first.title}" has ${first.nodes.length} nodes, more than ${MOST_NODES}: limit it`,
        )
      const ids = new Set(first.nodes.map(({ id }) => id))
      const odd = graphs.find(({ nodes }) => nodes.length !== ids.size || nodes.some(({ id }) => !ids.has(id)))
      if (odd !== undefined)
        return fail('StructureMismatch', `the graph "${odd.title}" has other nodes than "${first.title}"`)
      const boxes = new Map<string, Box>()
      for (const { nodes } of graphs)
        for (const node of nodes) {
          const [old, box] = [boxes.get(node.id), boxOf(node)]
          boxes.set(node.id, {
            width: Math.max(old?.width ?? 0, box.width),
            height: Math.max(old?.height ?? 0, box.height),
          })
        }
      const viz = await instance()
      const layout = laidOut(viz.renderJSON(skeleton(first, boxes)) as Placed, boxes)
      return E.right(graphs.map((graph) => draw(graph, layout)))
    },
  )

/**
 * A graph as an SVG document.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { mul, record, spec, type Var } from 'wengert'
 * import { graphSvg, tapeGraph } from 'wengert/show'
 *
 * const program = record((x: Var<readonly []>) => mul(x, x))(spec([]))
 * assert(isRight(program))
 * const svg = await graphSvg(tapeGraph(program.right, { title: 'A square' }))()
 * assert(isRight(svg) && svg.right.includes('A square'))
 * ```
 *
 * @category graphs
 * @since 0.1.0
 */
export const graphSvg =
  (graph: Graph): TaskEither<Failure, string> =>
  async () =>
    E.map((frames: ReadonlyArray<string>) => frames[0])(await graphFrames([graph])())
