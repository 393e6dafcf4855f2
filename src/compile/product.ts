/**
 * Contractions as products of matrices: which of their dimensions are rows, columns and terms, and which are a batch.
 *
 * @since 0.1.0
 */
import { others, pick } from '../primitive/indexing.js'
import type { Attributes } from '../primitive/Primitive.js'
import { type Shape, strides } from '../Shape.js'
import type { Access } from './access.js'
import type { Value } from './flat.js'
import type { Product } from './Nest.js'

/**
 * A contraction's dimensions: those of the batch, of the left operand, of the right one, and those summed over; each with
 * its length and the steps through the left operand, the right one and the result.
 *
 * @category model
 * @since 0.1.0
 */
export interface Contraction {
  readonly batch: ReadonlyArray<Dimension>
  readonly rows: ReadonlyArray<Dimension>
  readonly columns: ReadonlyArray<Dimension>
  readonly terms: ReadonlyArray<Dimension>
}

/**
 * @category model
 * @since 0.1.0
 */
export interface Dimension {
  readonly n: number
  readonly left: number
  readonly right: number
  readonly result: number
}

/**
 * The dimensions of a contraction whose operands are read in some way. The result has those of the batch, then the rows,
 * then the columns.
 *
 * @category constructors
 * @since 0.1.0
 */
export const dimensionsOf = (
  value: Value,
  shapes: readonly [Shape, Shape],
  accesses: readonly [Access, Access],
): Contraction => {
  const { contract, batch } = value.attributes as unknown as Attributes['contract']
  const free = ([0, 1] as const).map((side) => others(shapes[side].length, [...batch[side], ...contract[side]]))
  const through = strides(value.shape)
  const list = (left: ReadonlyArray<number> | null, right: ReadonlyArray<number> | null, from: number | null) => {
    const lengths = left === null ? pick(shapes[1], right as ReadonlyArray<number>) : pick(shapes[0], left)
    return lengths.map((n, i) => ({
      n,
      left: left === null ? 0 : accesses[0].steps[left[i]],
      right: right === null ? 0 : accesses[1].steps[right[i]],
      result: from === null ? 0 : through[from + i],
    }))
  }
  const lead = batch[0].length
  return {
    batch: list(batch[0], batch[1], 0),
    rows: list(free[0], null, lead),
    columns: list(null, free[1], lead + free[0].length),
    terms: list(contract[0], contract[1], null),
  }
}

/** Neighbouring dimensions that everything walks through as one become one; those of length 1 go. */
const merged = (dimensions: ReadonlyArray<Dimension>): ReadonlyArray<Dimension> => {
  const out: Array<Dimension> = []
  for (const next of dimensions) {
    const last = out[out.length - 1]
    if (next.n === 1) continue
    if (
      last !== undefined &&
      last.left === next.left * next.n &&
      last.right === next.right * next.n &&
      last.result === next.result * next.n
    )
      out[out.length - 1] = { ...next, n: last.n * next.n }
    else out.push(next)
  }
  return out
}

/** Fewer multiplications are not worth a kernel of their own. */
const LEAST = 2 ** 13

/**
 * A contraction as products of matrices, or `null` where it is small or its terms are not one dimension.
 *
 * @category constructors
 * @since 0.1.0
 */
export const productOf = (
  value: Value,
  [left, right]: readonly [
    { readonly base: number; readonly access: Access },
    { readonly base: number; readonly access: Access },
  ],
  contraction: Contraction,
): Product | null => {
  const terms = merged(contraction.terms)
  if (terms.length !== 1) return null
  const rows = merged(contraction.rows)
  const columns = merged(contraction.columns)
  const one: Dimension = { n: 1, left: 0, right: 0, result: 1 }
  const row = rows[rows.length - 1] ?? one
  const column = columns[columns.length - 1] ?? one
  const [term] = terms
  const steps = [row.left, term.left, term.right, column.right]
  const outer = [...merged(contraction.batch), ...rows.slice(0, -1), ...columns.slice(0, -1)]
  if (row.n * column.n * term.n < LEAST || row.n * column.n === 1) return null
  if ([...steps, ...outer.flatMap((d) => [d.left, d.right])].some((step) => step < 0)) return null
  return {
    kind: 'product',
    value: value.id,
    m: row.n,
    n: column.n,
    k: term.n,
    left: { value: left.base, offset: left.access.offset, steps: [row.left, term.left] },
    right: { value: right.base, offset: right.access.offset, steps: [term.right, column.right] },
    row: row.result,
    accumulate: false,
    batch: outer.map((d) => [d.n, d.left, d.right, d.result]),
  }
}
