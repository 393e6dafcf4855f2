/**
 * Products cut into products of fewer rows, columns or members of a batch.
 *
 * An element of a product is a sum whose order its tile decides. Parts begin at whole tiles, and only the last one has what
 * fills none, so every element is in a tile of the same shape as in the whole.
 *
 * @since 0.1.0
 */
import type { Product } from '../compile/Nest.js'
import { unit } from '../compile/plan.js'
import { type Kernel, productKernel } from '../engine/wasm/kernelCode.js'
import type { Features } from '../engine/wasm/kernels/features.js'
import type { Scalar } from '../engine/wasm/kernels/lanes.js'
import { type Grain, partsOf, ranges } from './ranges.js'

/** A product of some rows, columns or members of another, and where its result starts in that of the other. */
interface Piece {
  readonly item: Product
  readonly at: number
}

const moved = ({ left, right, ...item }: Product, a: number, b: number): Product => ({
  ...item,
  left: { ...left, offset: left.offset + a },
  right: { ...right, offset: right.offset + b },
})

const rows = (item: Product, from: number, to: number): Piece => ({
  item: { ...moved(item, from * item.left.steps[0], 0), m: to - from },
  at: from * item.row,
})

const columns = (item: Product, from: number, to: number): Piece => ({
  item: { ...moved(item, 0, from * item.right.steps[1]), n: to - from },
  at: from,
})

const members = (item: Product, d: number, from: number, to: number): Piece => {
  const [, left, right, result] = item.batch[d]
  return {
    item: { ...moved(item, from * left, from * right), batch: item.batch.with(d, [to - from, left, right, result]) },
    at: from * result,
  }
}

/** The product in about so many pieces, given the rows and columns of a tile. */
const piecesOf = (item: Product, parts: number, grain: number, breadth: number): ReadonlyArray<Piece> => {
  const { m, n, batch, left } = item
  const long = batch.findIndex(([length, , , result]) => length >= parts && result !== 0)
  if (long >= 0) return ranges(batch[long][0], 1, parts).map(([from, to]) => members(item, long, from, to))
  const [high, wide] = [Math.floor(m / grain), Math.floor(n / breadth)]
  // a part of the rows packs B once more, a part of the columns packs A once more, which is not packed along its rows
  const byColumns = wide > high || (left.steps[1] === 1 && wide >= parts)
  return byColumns
    ? ranges(n, breadth, parts).map(([from, to]) => columns(item, from, to))
    : ranges(m, grain, parts).map(([from, to]) => rows(item, from, to))
}

/**
 * The parts of a product, or null where it is too small or of too few tiles.
 *
 * @category destructors
 * @since 0.1.0
 */
export const productParts = (
  by: Grain,
  features: Features,
  scalar: Scalar,
  item: Product,
): ReadonlyArray<Kernel> | null => {
  const { m, n, k, batch, value } = item
  const parts = partsOf(
    by,
    batch.reduce((product, [length]) => product * length, m * n * k),
  )
  if (parts < 2) return null
  const { grain, breadth } = productKernel(features, scalar, item)
  const pieces = piecesOf(item, parts, grain, breadth)
  const kernels = pieces.map(({ item: piece }) => productKernel(features, scalar, piece))
  if (pieces.length < 2 || kernels.some((kernel) => kernel.grain !== grain || kernel.breadth !== breadth)) return null
  const bytes = unit(scalar, 'real')
  return kernels.map(({ scratch, code }, i) => ({
    scratch,
    code: (address, space) => code((v) => address(v) + (v === value ? pieces[i].at * bytes : 0), space),
  }))
}
