/**
 * What a program amounts to, counted on its tape: nothing is evaluated or timed.
 *
 * @since 0.1.0
 */
import { type DType, size } from '../Shape.js'
import type { Instruction, Program } from '../Tape.js'
import { size as leaves } from '../Tree.js'
import { flopsOf } from './cost.js'
import { needed } from './evaluate.js'
import type { Call, PrimitiveName, Table } from './Primitive.js'

/**
 * What is counted. Except for `length`, only the instructions count that the outputs need, the inputs and whatever a
 * `peek` states.
 *
 * @category model
 * @since 0.1.0
 */
export interface Statistics {
  /** instructions on the tape */
  readonly length: number
  /** those of them that are needed */
  readonly needed: number
  /** those that are needed inside called programs, once for each call */
  readonly nested: number
  /** how often each primitive is used, called programs aside; the most frequent first */
  readonly primitives: Readonly<Partial<Record<PrimitiveName, number>>>
  /** floating-point operations by the cost model, called programs included */
  readonly flops: number
  /** memory for every result: 8 bytes for a real, 4 for an integer, 1 for a boolean; called programs included */
  readonly bytes: number
  /** the most instructions on a path from a source to a result; a call is as deep as its body, a source is 0 */
  readonly depth: number
  /** leaves of the inputs and of the outputs */
  readonly inputs: number
  readonly outputs: number
}

const BYTES: { readonly [D in DType]: number } = { real: 8, int: 4, bool: 1 }

interface Totals {
  readonly own: ReadonlyArray<Instruction>
  readonly nested: number
  readonly bytes: number
  readonly depth: number
}

const bodyOf = ({ primitive, attributes }: Instruction): Program | null =>
  primitive === 'call' ? (attributes as unknown as Call).body : null

const totals = (program: Program): Totals => {
  const own = needed(program)
  const depths = new Int32Array(program.tape.length)
  let nested = 0
  let bytes = 0
  let deepest = 0
  for (const instruction of own) {
    const { id, shape, dtype, operands } = instruction
    bytes += BYTES[dtype] * size(shape)
    const body = bodyOf(instruction)
    let step = operands.length === 0 ? 0 : 1
    if (body !== null) {
      const inside = totals(body)
      nested += inside.own.length + inside.nested
      bytes += inside.bytes
      step = inside.depth
    }
    let before = 0
    for (const k of operands) before = Math.max(before, depths[k])
    depths[id] = before + step
    deepest = Math.max(deepest, depths[id])
  }
  return { own, nested, bytes, depth: deepest }
}

const counted = (used: ReadonlyArray<Instruction>): Statistics['primitives'] => {
  const counts = new Map<string, number>()
  for (const { primitive } of used) counts.set(primitive, (counts.get(primitive) ?? 0) + 1)
  return Object.fromEntries([...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)))
}

/**
 * Counts a program's instructions, operations, memory and depth.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { mul, record, spec, sum, type Var } from 'wengert'
 * import { primitives, statisticsOf } from 'wengert/primitive'
 *
 * const program = record((x: Var<readonly [3]>) => sum(mul(x, x)))(spec([3]))
 * assert(isRight(program))
 * const { flops, bytes, depth } = statisticsOf(primitives)(program.right)
 * assert.deepStrictEqual({ flops, bytes, depth }, { flops: 6, bytes: 56, depth: 2 })
 * ```
 *
 * @category destructors
 * @since 0.1.0
 */
export const statisticsOf =
  (table: Table) =>
  (program: Program): Statistics => {
    const { own, nested, bytes, depth } = totals(program)
    return {
      length: program.tape.length,
      needed: own.length,
      nested,
      primitives: counted(own),
      flops: flopsOf(table)(program),
      bytes,
      depth,
      inputs: leaves(program.inputs),
      outputs: leaves(program.outputs),
    }
  }
