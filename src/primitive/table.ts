/**
 * The table of primitives: every row by its name.
 *
 * @since 0.1.0
 */
import { callRow } from './call.js'
import { markerRows } from './marker.js'
import { multilinearRows } from './multilinear.js'
import type { Table } from './Primitive.js'
import { pointwiseRows } from './pointwise.js'
import { selectingRows } from './selecting.js'
import { sourceRows } from './source.js'
import { structuralRows } from './structural.js'

/**
 * @category rows
 * @since 0.1.0
 */
export const primitives: Table = {
  ...pointwiseRows,
  ...structuralRows,
  ...multilinearRows,
  ...selectingRows,
  ...sourceRows,
  ...markerRows,
  ...callRow(() => primitives),
}
