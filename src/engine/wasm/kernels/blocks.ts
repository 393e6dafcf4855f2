/**
 * Nested loops over blocks, and the addresses inside them.
 *
 * @since 0.1.0
 */
import { type Expr, forEach, i32, type Local, local, type Statement, set } from '../assembler.js'

type Steps = ReadonlyArray<readonly [count: Expr<'i32'>, step: number]>

/**
 * `base + offset + sum of count * step`.
 *
 * @category expressions
 * @since 0.1.0
 */
export const address = (base: Expr<'i32'>, offset: number, steps: Steps): Expr<'i32'> =>
  steps.reduce(
    (sum: Expr<'i32'>, [count, step]) => (step === 0 ? sum : i32.add(sum, step === 1 ? count : i32.mul(count, step))),
    offset === 0 ? base : i32.add(base, offset),
  )

/**
 * A loop over blocks of a dimension; the last one may be smaller.
 *
 * @category model
 * @since 0.1.0
 */
export interface Blocks {
  readonly total: number
  readonly block: number
}

/**
 * Nested loops over blocks, the first one outermost. The body gets where each block starts and how large it is; it is written
 * once for each combination of sizes.
 *
 * @category loops
 * @since 0.1.0
 */
export const overBlocks = (
  dims: ReadonlyArray<Blocks>,
  body: (starts: ReadonlyArray<Local<'i32'>>, sizes: ReadonlyArray<number>) => ReadonlyArray<Statement>,
): ReadonlyArray<Statement> => {
  const starts = dims.map(() => local('i32'))
  const nest = (sizes: ReadonlyArray<number>): ReadonlyArray<Statement> => {
    const d = sizes.length
    if (d === dims.length) return body(starts, sizes)
    const { total, block } = dims[d]
    const whole = total - (total % block)
    return [
      forEach(starts[d], 0, whole, block, nest([...sizes, block])),
      ...(whole === total ? [] : [set(starts[d], whole), ...nest([...sizes, total - whole])]),
    ]
  }
  return nest([])
}

/**
 * Blocks of one.
 *
 * @category loops
 * @since 0.1.0
 */
export const counted = (counts: ReadonlyArray<number>): ReadonlyArray<Blocks> =>
  counts.map((total) => ({ total, block: 1 }))
