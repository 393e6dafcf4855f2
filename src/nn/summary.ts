/**
 * What a model is made of: its layers with their output shapes, parameters and operations, as data and as a table.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'
import { record, spec } from '../Program.js'
import { flopsOf } from '../primitive/cost.js'
import { primitives } from '../primitive/table.js'
import { fold, key } from '../Random.js'
import { map } from '../Reverse.js'
import { show, size } from '../Shape.js'
import type { AnyTensor } from '../Tensor.js'
import * as Tree from '../Tree.js'
import type { AnyVar } from '../Var.js'
import type { Applied, Layer, Model } from './Model.js'
import type { Blocks } from './types.js'

/**
 * A layer of a summary.
 *
 * @category model
 * @since 0.1.0
 */
export interface Row {
  readonly name: string
  /** the shapes that it gives for one example, in order */
  readonly output: ReadonlyArray<ReadonlyArray<number>>
  /** how many numbers are trained */
  readonly parameters: number
  /** floating-point operations to evaluate it for one example, by the cost model of the library */
  readonly operations: number
}

/**
 * @category model
 * @since 0.1.0
 */
export interface Summary {
  readonly rows: ReadonlyArray<Row>
  readonly parameters: number
  readonly operations: number
}

const specs = Tree.map(({ shape, dtype }: AnyTensor) => spec(shape, dtype))

const count = (tree: Tree.VarTree): number => Tree.leaves<AnyVar>(tree).reduce((sum, { shape }) => sum + size(shape), 0)

/** One layer on a batch of one: its row, and what it gives. */
const rowOf = (layer: Layer, number: number, input: Tree.VarTree): E.Either<Failure, readonly [Row, Tree.VarTree]> => {
  const keys = Array.from({ length: layer.keys }, (_, i) => fold(fold(key(0), number), i))
  const initial = layer.init(keys)
  if (E.isLeft(initial)) return initial
  const inputs: { readonly [part: string]: Tree.VarTree } = {
    parameters: specs(initial.right.parameters as Tree.Tree<AnyTensor>) as Tree.VarTree,
    state: specs(initial.right.state as Tree.Tree<AnyTensor>) as Tree.VarTree,
    input,
  }
  const program = record((given: typeof inputs) =>
    map(({ output }: Applied<unknown, unknown>) => output as Tree.VarTree)(
      layer.apply(
        {
          parameters: given.parameters as Blocks,
          state: given.state as Blocks,
          keys: [],
          mode: 'evaluation',
        },
        given.input,
      ),
    ),
  )(inputs as never)
  if (E.isLeft(program)) return program
  const { outputs } = program.right
  return E.right([
    {
      name: layer.name,
      output: Tree.leaves<AnyVar>(outputs).map(({ shape }) => shape.slice(1)),
      parameters: count(inputs.parameters),
      operations: flopsOf(primitives)(program.right),
    },
    Tree.map(({ shape, dtype }: AnyVar) => spec(shape, dtype))(outputs as Tree.Tree<AnyVar>) as Tree.VarTree,
  ])
}

/**
 * The layers of a model for one example of the given shapes. Fails as the model does.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { sigmoid, spec } from 'wengert'
 * import { linear, sequential, showSummary, summary } from 'wengert/nn'
 *
 * const found = summary(sequential(linear(13, 10), sigmoid, linear(10, 1)), spec([13]))
 * assert(found._tag === 'Right')
 * assert.strictEqual(
 *   showSummary(found.right),
 *   `layer           output  parameters  operations
 * linear(13, 10)  [10]           140         270
 * sigmoid         [10]             0         100
 * linear(10, 1)   [1]             11          21
 * total                          151         391`,
 * )
 * ```
 *
 * @category destructors
 * @since 0.1.0
 */
export const summary = <P extends Blocks, A, B, S extends Blocks, R>(
  model: Model<P, A, B, S, R>,
  example: A & Tree.VarTree,
): E.Either<Failure, Summary> => {
  const rows: Array<Row> = []
  let input = Tree.map(({ shape, dtype }: AnyVar) => spec([1, ...shape], dtype))(
    example as Tree.Tree<AnyVar>,
  ) as Tree.VarTree
  for (const [i, layer] of model.layers.entries()) {
    const row = rowOf(layer, i, input)
    if (E.isLeft(row)) return row
    rows.push(row.right[0])
    input = row.right[1]
  }
  const sum = (what: 'parameters' | 'operations'): number => rows.reduce((total, row) => total + row[what], 0)
  return E.right({ rows, parameters: sum('parameters'), operations: sum('operations') })
}

/**
 * A summary as a table for people.
 *
 * @category destructors
 * @since 0.1.0
 */
export const showSummary = ({ rows, parameters, operations }: Summary): string => {
  const digits = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ' ')
  const lines = [
    ['layer', 'output', 'parameters', 'operations'],
    ...rows.map((row) => [row.name, row.output.map(show).join(' '), digits(row.parameters), digits(row.operations)]),
    ['total', '', digits(parameters), digits(operations)],
  ]
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)))
  return lines
    .map((line) => line.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '))
    .join('\n')
}
