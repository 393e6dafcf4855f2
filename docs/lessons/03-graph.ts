/**
 * Lesson 3: the computing graph, drawn from the tape; the chain rule, read off it; and graphs that are data.
 *
 * @since 0.1.0
 */
import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  add,
  type Failure,
  grad,
  meanSquaredError,
  mul,
  named,
  type Program,
  type Reverse,
  record,
  run,
  scalar,
  sigmoid,
  spec,
  tanh,
  type Var,
} from 'wengert'
import {
  type ComputingGraph,
  ComputingGraphCodec,
  checkGraph,
  decodeGraph,
  fromSuccessors,
  type GraphModel,
  graphModel,
} from 'wengert/graph'
import {
  chainRule,
  graphDot,
  graphFrames,
  graphMermaid,
  graphSvg,
  lineChartSvg,
  type Series,
  showChainRule,
  showTape,
  tapeGraph,
} from 'wengert/show'
import {
  code,
  count,
  type Found,
  facts,
  figure,
  inParts,
  type Lesson,
  more,
  note,
  type Quote,
  row,
  section,
  type Told,
  table,
  text,
} from './lesson.js'

type Scalar = Var<readonly []>
type Parameters = { readonly k1: Scalar; readonly b1: Scalar; readonly k2: Scalar; readonly b2: Scalar }
type Neuron = Parameters & { readonly x: Scalar; readonly y: Scalar }

const loss = ({ k1, b1, k2, b2, x, y }: Neuron): Reverse<Scalar> => {
  const linear1 = named('linear1')(add(mul(k1, x), b1))
  const hidden = named('sigmoid')(sigmoid(linear1))
  const linear2 = named('linear2')(add(mul(k2, hidden), b2))
  return named('loss')(meanSquaredError(linear2, y))
}

const PARAMETERS = ['k1', 'b1', 'k2', 'b2'] as const

const scalars = { k1: spec([]), b1: spec([]), k2: spec([]), b2: spec([]), x: spec([]), y: spec([]) }

/** Neurons one after another; each neuron has two parameters. */
type Tower = { readonly k: ReadonlyArray<Scalar>; readonly b: ReadonlyArray<Scalar>; readonly x: Scalar }

const tower = ({ k, b, x }: Tower): Reverse<Scalar> =>
  k.reduce<Reverse<Scalar>>(
    (below, ki, i) => named(`s${i}`)(sigmoid(named(`l${i}`)(add(mul(ki, below), b[i])))),
    add(x, 0),
  )

const branching =
  (height: number) =>
  (x: Scalar): Reverse<Scalar> =>
    Array.from({ length: height }).reduce<Reverse<Scalar>>((below) => add(sigmoid(below), tanh(below)), add(x, 0))

const HEIGHTS = Array.from({ length: 16 }, (_, i) => i + 1)

/** Factors to multiply, each path by itself, and each factor once. */
type Work = { readonly height: number; readonly separate: number; readonly once: number }

const workOf =
  (recorded: (height: number) => E.Either<Failure, Program>) =>
  (height: number): E.Either<Failure, Work> =>
    pipe(
      recorded(height),
      E.chain(chainRule()),
      E.map(({ separate, factors }) => ({ height, separate, once: factors.length })),
    )

const towers = E.traverseArray(
  workOf((n) => {
    const all = Array.from({ length: n }, () => spec([]))
    return record(tower)({ k: all, b: all, x: spec([]) })
  }),
)

const branches = E.traverseArray(workOf((n) => record(branching(n))(spec([]))))

/** Who is taken by whom; a node takes its operands in the order in which they stand here. */
const successors = {
  k1: ['L1'],
  x: ['L1'],
  b1: ['L1'],
  L1: ['hidden'],
  k2: ['L2'],
  hidden: ['L2'],
  b2: ['L2'],
  L2: ['loss'],
  y: ['loss'],
}

const operations = { L1: 'linear', hidden: 'sigmoid', L2: 'linear', loss: 'meanSquaredError' }

const point = { k1: scalar(0.5), b1: scalar(-1), k2: scalar(2), b2: scalar(0.25), x: scalar(3), y: scalar(0.38) }

const gradients = (graph: ComputingGraph) =>
  pipe(
    E.right(graph),
    E.chain(graphModel()),
    E.chain((model) => run(grad(model))(point)),
  )

const sentence = (e: E.Either<Failure, unknown>): string => (E.isLeft(e) ? e.left.message : 'accepted')

/** Graphs that make no sense, and what is said about them. */
const refusals = (graph: ComputingGraph): ReadonlyArray<readonly [what: string, said: string]> => {
  const { k1: _, ...unfed } = point
  const circle = { ...graph.operators, L1: { op: 'linear', inputs: ['k1', 'L2', 'b1'] } }
  return [
    ['`L1` takes `L2`, which takes `L1`', sentence(checkGraph({ ...graph, operators: circle }))],
    [
      'there is no placeholder `b1`',
      sentence(checkGraph({ ...graph, placeholders: graph.placeholders.filter((name) => name !== 'b1') })),
    ],
    ['`k1` is not fed', sentence(E.chain((model: GraphModel) => run(model)(unfed))(graphModel()(graph)))],
  ]
}

const computed = () =>
  pipe(
    E.Do,
    E.apS('program', record(loss)(scalars)),
    E.bind('rule', ({ program }) => chainRule({ wrt: PARAMETERS })(program)),
    E.apS('towers', towers(HEIGHTS)),
    E.apS('branches', branches(HEIGHTS)),
    E.apS('graph', fromSuccessors(successors, operations)),
    E.bind('order', ({ graph }) => checkGraph(graph)),
    E.bind('again', ({ graph }) => decodeGraph(JSON.parse(JSON.stringify(ComputingGraphCodec.encode(graph))))),
    E.bind('fromData', ({ again }) => gradients(again)),
    E.apS('fromFunction', run(grad(loss))(point)),
  )

type Computed = Found<typeof computed>

/** The positions through which a parameter acts on the result: itself and whatever takes one of them. */
const through = (program: Program, path: string): ReadonlyArray<number> => {
  const { nodes, edges } = tapeGraph(program)
  const reached = new Set(nodes.filter(({ lines }) => lines[0] === path).map(({ id }) => id))
  // nodes stand in the order of the tape, so what a node takes is decided before it
  for (const { id } of nodes) if (edges.some(({ from, to }) => to === id && reached.has(from))) reached.add(id)
  return [...reached].map((id) => Number(id.slice(1)))
}

const drawn = ({ program, towers, branches }: Computed) => {
  const work = (name: string, all: ReadonlyArray<Work>, which: 'separate' | 'once'): Series => ({
    name,
    points: all.map((w) => [w.height, w[which]] as const),
    as: 'both',
  })
  return sequenceS(TE.ApplyPar)({
    graph: graphSvg(tapeGraph(program, { title: 'The graph of the loss' })),
    chains: graphFrames(
      PARAMETERS.map((path) =>
        tapeGraph(program, { title: `From the loss to ${path}`, highlight: through(program, path) }),
      ),
    ),
    work: lineChartSvg({
      title: 'Factors to compute for all parameters',
      xLabel: 'height of the network',
      yLabel: 'factors',
      logarithmic: true,
      series: [
        work('branches, by paths', branches, 'separate'),
        work('tower, by paths', towers, 'separate'),
        work('branches, once', branches, 'once'),
        work('tower, once', towers, 'once'),
      ],
    }),
  })
}

const told = (
  found: Computed,
  {
    graph: picture,
    chains,
    work,
  }: { readonly graph: string; readonly chains: ReadonlyArray<string>; readonly work: string },
  quote: Quote,
): Told => {
  const { program, rule, towers, branches, graph, again, order, fromData, fromFunction } = found
  const shared = rule.factors.filter((f) => f.parameters.length > 1)
  const [tall, tallest] = [towers[towers.length - 1], branches[branches.length - 1]]
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
  const differences = PARAMETERS.map((p) => Math.abs(fromData[p].data[0] - fromFunction[p].data[0]))
  const refused = refusals(graph)
  const numbers = {
    instructions: program.tape.length,
    factors: rule.factors.length,
    separate: rule.separate,
    shared: shared.length,
    towerSeparate: tall.separate,
    towerOnce: tall.once,
    branchesSeparate: tallest.separate,
    branchesOnce: tallest.once,
    difference: Math.max(...differences),
    roundTrip: same(again, graph) ? 1 : 0,
    refused: refused.filter(([, said]) => said.startsWith('graph: ')).length,
  }
  return {
    numbers,
    figures: {
      graph: picture,
      work,
      ...Object.fromEntries(PARAMETERS.map((path, i) => [`chain-${path}`, chains[i]])),
    },
    page: {
      title: 'Lesson 3: the computing graph',
      lead: 'What a model writes down, and how the chain rule walks through it.',
      sections: [
        section(
          'Nobody drew this',
          text(
            'Here is a network of one neuron and a line, and how wrong it is. The names are for us; the library needs none.',
          ),
          quote('loss'),
          text(
            `Run it and nothing is computed: it writes ${program.tape.length} instructions onto a tape, each of which says what it takes. Instructions and what they take are nodes and edges, so the tape is a graph already, in topological order. This picture was made from it:`,
          ),
          figure(picture, 'Inputs are round, the result is below.'),
          more('The same tape as text', code(showTape(program))),
          more(
            'The same graph for Graphviz and for Mermaid',
            code(graphDot(tapeGraph(program))),
            code(graphMermaid(tapeGraph(program))),
          ),
        ),
        section(
          'A chain for every parameter',
          text(
            'How does the loss move when a parameter does? Walk from the loss to the parameter, and multiply what each step contributes:',
          ),
          code(showChainRule(rule)),
          row(
            figure(chains[0], 'The way to `k1` goes through everything.'),
            figure(chains[2], 'The way to `k2` leaves it early.'),
          ),
          more('The ways to the biases', row(figure(chains[1], 'To `b1`.'), figure(chains[3], 'To `b2`.'))),
          text(
            `${shared.length} of the ${rule.factors.length} factors are in several chains: ${shared.map((f) => `\`${f.name}\``).join(', ')}. Multiplying out every chain by itself takes ${rule.separate} factors. Walking backwards once, and keeping at each node what has been multiplied so far, takes ${rule.factors.length}. That is all there is to backpropagation.`,
          ),
        ),
        section(
          'What sharing saves',
          text('With one neuron this hardly matters. Put neurons on top of each other, or let values branch and join:'),
          quote('tower', 'branching'),
          figure(work, 'Counted by walking the tapes of networks of 1 to 16 levels.'),
          facts({
            'tower, path by path': count(tall.separate),
            'tower, each once': count(tall.once),
            'branches, path by path': count(tallest.separate),
            'branches, each once': count(tallest.once),
          }),
          text(
            `A tower of n neurons has chains of up to 2n factors for each of its 2n + 1 inputs, so path by path the work grows with the square of its height, and in one walk with the height. Where values branch, the paths double with every level: 16 levels have ${count(2 ** HEIGHTS.length)} paths from top to bottom, but only ${tallest.once} edges.`,
          ),
        ),
        section(
          'Graphs that are data',
          text(
            'The other way round: a graph that somebody wrote down, as lists of who is taken by whom. Nodes that take nothing are fed; what the others compute is said beside it.',
          ),
          quote('successors', 'operations'),
          text('`fromSuccessors` makes a graph of it that says the same in full, and that is what files hold:'),
          more('The graph as JSON', code(JSON.stringify(ComputingGraphCodec.encode(graph), null, 2))),
          text(
            `Sorted topologically: ${order.map((name) => `\`${name}\``).join(', ')}. And \`graphModel\` makes a model of it like any other:`,
          ),
          quote('gradients'),
          table(
            ['', 'gradient, graph as data', 'gradient, function'],
            PARAMETERS.map((p) => [p, fromData[p].data[0], fromFunction[p].data[0]]),
          ),
          text(`They are equal bit for bit, though the graph has been to JSON and back.`),
        ),
        section(
          'Graphs that make no sense',
          text('People make mistakes in data. Nothing is thrown; each mistake is a `Left` that names the nodes.'),
          table(
            ['the mistake', 'what is said'],
            refused.map(([what, said]) => [what, `\`${said}\``]),
          ),
          note('plain', 'A tape cannot have these faults: an instruction can only take what was written before it.'),
        ),
      ],
    },
  }
}

/**
 * @category lessons
 * @since 0.1.0
 */
export const lesson: Lesson = {
  number: 3,
  name: 'graph',
  title: 'The computing graph',
  run: inParts({
    sources: [import.meta.url],
    computed: () => TE.fromIOEither(computed),
    drawn,
    told,
  }),
}
