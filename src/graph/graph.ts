/**
 * Computing graphs as data: placeholders, which are fed, and operators, which name what they take. A graph is checked,
 * ordered topologically and becomes a model like any other, to be recorded, differentiated and compiled.
 *
 * Laws. `decode(encode(g))` is `g`. The model of a graph records what the same operations record when they are written as
 * an expression, with every operator labelled by its name.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { type Failure, fail, failure } from '../Failure.js'
import { named } from '../ops/index.js'
import { complete, read, readRecord } from '../program/document.js'
import { type AnyOperand, type Operand, type Reverse, throwError } from '../Reverse.js'
import type { Shape } from '../Shape.js'
import type { Var } from '../Var.js'
import { type Operations, standardOperations } from './operations.js'
import { MAX_SIZE, type Successors, topologicalOrder } from './order.js'

/**
 * A node that computes: an operation, and the nodes or numbers that it takes, in order.
 *
 * @category model
 * @since 0.1.0
 */
export interface Operator {
  readonly op: string
  readonly inputs: ReadonlyArray<string | number>
}

/**
 * @category model
 * @since 0.1.0
 */
export interface ComputingGraph {
  /** the nodes that are fed */
  readonly placeholders: ReadonlyArray<string>
  readonly operators: Readonly<Record<string, Operator>>
  /** the node that is the result */
  readonly output: string
}

const operatorProps = { op: t.string, inputs: t.readonlyArray(t.union([t.string, t.number])) }
const graphProps = {
  placeholders: t.readonlyArray(t.string),
  operators: t.record(t.string, t.readonly(t.strict(operatorProps))),
  output: t.string,
}

/** No record of feeds could have this key. */
const UNNAMEABLE = '__proto__'

/**
 * The codec of a graph, to use in codecs of one's own; `decodeGraph` also refuses what it would drop.
 *
 * @category codecs
 * @since 0.1.0
 */
export const ComputingGraphCodec: t.Type<ComputingGraph, unknown> = t.readonly(t.strict(graphProps), 'ComputingGraph')

/**
 * Reads a graph from plain JSON. Fails with a sentence that names the place. What the graph means is checked by
 * `graphModel`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isLeft } from 'fp-ts/lib/Either.js'
 * import { decodeGraph } from 'wengert/graph'
 *
 * const refused = decodeGraph({ placeholders: ['x'], operators: { y: { op: 'exp' } }, output: 'y' })
 * assert(isLeft(refused))
 * assert.strictEqual(refused.left.message, 'decode: operators.y.inputs is missing')
 * ```
 *
 * @category codecs
 * @since 0.1.0
 */
export const decodeGraph = (u: unknown): E.Either<Failure, ComputingGraph> => {
  const place = { path: '' }
  const shape = readRecord(t.type({ operators: t.UnknownRecord }), Object.keys(graphProps), u, place)
  if (E.isLeft(shape)) return shape
  if (Object.hasOwn(shape.right.operators, UNNAMEABLE))
    return fail('InvalidArgument', `decode: operators: no node can be called ${UNNAMEABLE}`, {
      operation: 'decode',
      path: 'operators',
    })
  if (Object.keys(shape.right.operators).length > MAX_SIZE)
    return fail('TooLarge', `decode: operators has more than ${MAX_SIZE} entries`, {
      operation: 'decode',
      path: 'operators',
    })
  return E.chain((graph: ComputingGraph) => E.map(() => graph)(complete(u, graph, place)))(
    read(ComputingGraphCodec, u, place),
  )
}

/** Names that people write. */
const list = (names: ReadonlyArray<string>): string => {
  const shown = names.slice(0, 8).map((name) => JSON.stringify(name.slice(0, 40)).slice(1, -1))
  return names.length > 8 ? `${shown.join(', ')} and ${names.length - 8} more` : shown.join(', ')
}

const refuse = (tag: 'InvalidArgument' | 'MissingInput' | 'StructureMismatch', sentence: string, path = '') =>
  fail(tag, `graph: ${sentence}`, { operation: 'graph', path })

/**
 * Which nodes use which, as a record that `topologicalOrder` and drawings understand. A node that takes another twice is
 * listed twice.
 *
 * @category conversions
 * @since 0.1.0
 */
export const successorsOf = ({ placeholders, operators }: ComputingGraph): Successors => {
  const out = new Map<string, Array<string>>([...placeholders, ...Object.keys(operators)].map((name) => [name, []]))
  for (const [name, { inputs }] of Object.entries(operators))
    for (const input of inputs) {
      if (typeof input === 'number') continue
      const list = out.get(input)
      if (list === undefined) out.set(input, [name])
      else list.push(name)
    }
  return Object.fromEntries(out)
}

/**
 * A graph from the lists of who uses whom, as in `{ k: ['L1'], x: ['L1'], b: ['L1'], L1: ['sigmoid'] }`. Nodes that take
 * nothing are placeholders. `operations` says what the others compute; without an entry a node computes the operation
 * that has its name. A node takes its operands in the order in which they stand in the record, and the result is the one
 * node that nobody takes. Fails where there is none or several, and on a node whose operation is not said.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import * as E from 'fp-ts/lib/Either.js'
 * import { run, scalar } from 'wengert'
 * import { fromSuccessors, graphModel } from 'wengert/graph'
 *
 * const data = { k: ['L1'], x: ['L1'], b: ['L1'], L1: ['sigmoid'] }
 * const model = E.chain(graphModel())(fromSuccessors(data, { L1: 'linear' }))
 * assert(E.isRight(model))
 * assert.deepStrictEqual(run(model.right)({ k: scalar(2), x: scalar(3), b: scalar(-6) }), E.right(scalar(0.5)))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromSuccessors = (
  successors: Successors,
  operations: Readonly<Record<string, string>> = {},
): E.Either<Failure, ComputingGraph> => {
  const taken = new Map<string, Array<string>>()
  for (const name of Object.keys(successors)) taken.set(name, [])
  for (const [name, users] of Object.entries(successors))
    for (const user of users) {
      const list = taken.get(user)
      if (list === undefined) taken.set(user, [name])
      else list.push(name)
    }
  const unknown = Object.keys(operations).filter((name) => !taken.has(name))
  if (unknown.length > 0)
    return refuse(
      'StructureMismatch',
      `operations are given for ${list(unknown)}, which the graph does not have`,
      unknown[0],
    )
  const ends = [...taken.keys()].filter(
    (name) => (Object.hasOwn(successors, name) ? successors[name] : []).length === 0,
  )
  if (ends.length !== 1)
    return ends.length === 0
      ? // then every node leads on, so some lead back: the order says which
        E.chain(() => refuse('InvalidArgument', 'there is no node that nobody takes, so no result'))(
          topologicalOrder(successors),
        )
      : refuse('InvalidArgument', `nobody takes ${list(ends)}: only one node can be the result`, ends[0])
  return E.right({
    placeholders: [...taken].flatMap(([name, inputs]) => (inputs.length === 0 ? [name] : [])),
    operators: Object.fromEntries(
      [...taken].flatMap(([name, inputs]) =>
        inputs.length === 0
          ? []
          : [[name, { op: Object.hasOwn(operations, name) ? operations[name] : name, inputs }] as const],
      ),
    ),
    output: ends[0],
  })
}

/**
 * What a graph's placeholders stand for.
 *
 * @category model
 * @since 0.1.0
 */
export type Feeds = Readonly<Record<string, AnyOperand>>

/**
 * The nodes of a graph in topological order, once it is known to make sense. Fails where a node takes one that does not
 * exist, where a name is both placeholder and operator, where an operation is not known or takes another number of
 * operands, where the result is missing, and where nodes wait for each other.
 *
 * @category ordering
 * @since 0.1.0
 */
export const checkGraph = (
  graph: ComputingGraph,
  operations: Operations = standardOperations,
): E.Either<Failure, ReadonlyArray<string>> => {
  const { placeholders, operators, output } = graph
  const nodes = new Set([...placeholders, ...Object.keys(operators)])
  if (nodes.size < placeholders.length + Object.keys(operators).length) {
    const seen = new Set(Object.keys(operators))
    const twice = placeholders.find((name) => seen.has(name) || !seen.add(name)) as string
    return refuse('InvalidArgument', `${list([twice])} is defined twice`, twice)
  }
  if (nodes.has(UNNAMEABLE)) return refuse('InvalidArgument', `no node can be called ${UNNAMEABLE}`, UNNAMEABLE)
  for (const [name, { op, inputs }] of Object.entries(operators)) {
    const absent = inputs.filter((input): input is string => typeof input === 'string' && !nodes.has(input))
    if (absent.length > 0)
      return refuse(
        'MissingInput',
        `the node ${list([name])} takes ${list(absent)}, which the graph does not have`,
        name,
      )
    if (!Object.hasOwn(operations, op))
      return refuse(
        'InvalidArgument',
        `the node ${list([name])} is to compute ${list([op])}, which is no known operation`,
        name,
      )
    if (operations[op].arity !== inputs.length)
      return refuse(
        'InvalidArgument',
        `the node ${list([name])} computes ${op} of ${operations[op].arity}, and takes ${inputs.length}`,
        name,
      )
  }
  if (!nodes.has(output)) return refuse('MissingInput', `the result ${list([output])} is no node of the graph`, output)
  return topologicalOrder(successorsOf(graph))
}

/**
 * The model of a graph. `S` is the shape that is expected of the result, a scalar unless said; recording finds the real one.
 * The signature on handles comes last, so that it is the one that transformations read.
 *
 * @category model
 * @since 0.1.0
 */
export interface GraphModel<S extends Shape = readonly []> {
  (feeds: Feeds): Reverse<Var<S>>
  (feeds: Readonly<Record<string, Var>>): Reverse<Var<S>>
}

/**
 * The model of a graph: a function of its feeds. Every operator's value is labelled by its name, so drawings, traces and
 * `watch` know it. Fails as `checkGraph` does; the model fails with `MissingInput` where a placeholder is not fed, and with
 * `StructureMismatch` where something is fed that is none.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isLeft, isRight } from 'fp-ts/lib/Either.js'
 * import { grad, run, scalar } from 'wengert'
 * import { graphModel } from 'wengert/graph'
 *
 * const operators = { twice: { op: 'mul', inputs: ['x', 2] }, y: { op: 'square', inputs: ['twice'] } }
 * const model = graphModel()({ placeholders: ['x'], operators, output: 'y' })
 * assert(isRight(model))
 * assert.deepStrictEqual(run(grad(model.right))({ x: scalar(3) }), { _tag: 'Right', right: { x: scalar(24) } })
 * const unfed = run(model.right)({})
 * assert(isLeft(unfed) && unfed.left.message === 'graph: x is not fed')
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const graphModel =
  <S extends Shape = readonly []>(operations: Operations = standardOperations) =>
  (graph: ComputingGraph): E.Either<Failure, GraphModel<S>> =>
    E.map((order: ReadonlyArray<string>) => {
      const fed = new Set(graph.placeholders)
      return (feeds: Feeds): Reverse<Var<S>> => {
        const unfed = graph.placeholders.filter((name) => !Object.hasOwn(feeds, name))
        if (unfed.length > 0)
          return refused('MissingInput', `${list(unfed)} ${unfed.length > 1 ? 'are' : 'is'} not fed`)
        const spare = Object.keys(feeds).filter((name) => !fed.has(name))
        if (spare.length > 0)
          return refused(
            'StructureMismatch',
            `${list(spare)} ${spare.length > 1 ? 'are' : 'is'} fed, and no placeholder`,
          )
        const values = new Map<string, AnyOperand>(Object.entries(feeds))
        for (const name of order) {
          if (fed.has(name)) continue
          const { op, inputs } = graph.operators[name]
          const operands = inputs.map((input) =>
            typeof input === 'number' ? input : (values.get(input) as AnyOperand),
          )
          values.set(
            name,
            named(name)(operations[op].record(...(operands as ReadonlyArray<unknown> as ReadonlyArray<never>))),
          )
        }
        const result = values.get(graph.output) as AnyOperand
        return (fed.has(graph.output) ? named(graph.output)(result as Operand) : result) as Reverse<Var<S>>
      }
    })(checkGraph(graph, operations))

const refused = (tag: 'MissingInput' | 'StructureMismatch', sentence: string): Reverse<never> =>
  throwError(failure(tag, `graph: ${sentence}`, { operation: 'graph' }))
