/**
 * The cost model: how many floating-point operations an instruction counts for.
 *
 * | what | operations for each element of the result |
 * |---|---|
 * | `add sub mul neg abs sign max min select`, comparisons, rounding | 1 |
 * | `div sqrt rsqrt reciprocal mod` | 4 |
 * | `exp log sin cos tanh sigmoid erf ...` and the rest of the elementary functions | 10 |
 * | `pow atan2 lgamma polygamma` | 20 |
 * | a sum over n elements | n |
 * | a contraction or convolution over n products | 2 n |
 * | moving data (reshape, gather, concat, ...), constants, inputs | 0 |
 * | a sort of n elements | n log2 n |
 *
 * The weights are the usual relative throughputs of vectorised implementations; what matters is that the same model
 * counts a function and its gradient.
 *
 * @since 0.1.0
 */
import { size } from '../Shape.js'
import { instructions, type Program } from '../Tape.js'
import { needed } from './evaluate.js'
import type { Primitive, PrimitiveName, Site, Table } from './Primitive.js'

/**
 * @category model
 * @since 0.1.0
 */
export const SIMPLE = 1

/**
 * @category model
 * @since 0.1.0
 */
export const DIVISION = 4

/**
 * @category model
 * @since 0.1.0
 */
export const ELEMENTARY = 10

/**
 * @category model
 * @since 0.1.0
 */
export const SPECIAL = 20

/**
 * A cost for each element of the result.
 *
 * @category constructors
 * @since 0.1.0
 */
export const perResult =
  (weight: number) =>
  (site: Site): number =>
    weight * size(site.result.shape)

/**
 * A cost for each element of the first operand.
 *
 * @category constructors
 * @since 0.1.0
 */
export const perOperand =
  (weight: number) =>
  (site: Site): number =>
    weight * size(site.operands[0].shape)

/**
 * @category constructors
 * @since 0.1.0
 */
export const free = (): number => 0

/**
 * The floating-point operations of a program: those of the instructions that its outputs need, nested programs included.
 *
 * @category destructors
 * @since 0.1.0
 */
export const flopsOf =
  (table: Table) =>
  (program: Program): number => {
    const at = instructions(program.tape)
    let total = 0
    for (const instruction of needed(program)) {
      const row = table[instruction.primitive as PrimitiveName] as Primitive
      const operands = instruction.operands.map((k) => at[k])
      total += row.flops({ attributes: instruction.attributes as never, operands, result: instruction })
    }
    return total
  }
