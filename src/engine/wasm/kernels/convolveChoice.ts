/**
 * Which tiles a convolution is cut into: the cheapest ones by a simple model of a core that multiplies two vectors and loads
 * two in a cycle.
 *
 * @since 0.1.0
 */
import { waysOfTile } from './convolveTile.js'
import type { Features } from './features.js'
import type { Vectors } from './lanes.js'

/** What a tile takes for itself, spread over its terms. */
const BEGINNING = 0.25

/** Half a cycle for each multiplication and each load; a chain of additions takes four, shared by sums that take turns. */
const cost = (features: Features, rows: number, across: number): number =>
  BEGINNING + Math.max(4 / waysOfTile(features, rows * across), (rows * across) / 2, (rows + across) / 2)

/** The cost of covering `total` by blocks of `block`, given the cost of one. */
const covering = (total: number, block: number, of: (used: number) => number): number =>
  Math.floor(total / block) * of(block) + (total % block === 0 ? 0 : of(total % block))

/**
 * A tile: outputs, and positions along the last two dimensions. Its cost is an estimate in cycles for the whole result.
 *
 * @category model
 * @since 0.1.0
 */
export interface Choice {
  readonly cost: number
  readonly outputs: number
  readonly tall: number
  readonly wide: number
}

/** How many rows of two vectors of sums fit into the registers. */
const rowsOf = ({ wide }: Features): number => (wide ? 6 : 4)

const best = (choices: ReadonlyArray<Choice>): Choice =>
  choices.reduce((least, choice) => (choice.cost < least.cost ? choice : least))

/**
 * The best tile with the outputs in vectors, for `rows` times `columns` positions.
 *
 * @category constructors
 * @since 0.1.0
 */
export const alongOutputs = (
  v: Vectors,
  features: Features,
  outputs: number,
  rows: number,
  columns: number,
): Choice => {
  const vectorsOf = Math.ceil(outputs / v.lanes)
  const across = Math.min(vectorsOf, 2)
  const limit = across === 1 ? 2 * rowsOf(features) : rowsOf(features)
  const choices: Array<Choice> = []
  for (let tall = 1; tall <= Math.min(rows, limit); tall++)
    for (let wide = 1; wide <= Math.min(columns, Math.floor(limit / tall)); wide++)
      choices.push({
        cost:
          Math.ceil(vectorsOf / across) *
          covering(rows, tall, (t) => covering(columns, wide, (w) => cost(features, t * w, across))),
        outputs: across * v.lanes,
        tall,
        wide,
      })
  return best(choices)
}

/**
 * The best tile with the positions in vectors.
 *
 * @category constructors
 * @since 0.1.0
 */
export const alongPositions = (
  v: Vectors,
  features: Features,
  outputs: number,
  rows: number,
  columns: number,
): Choice => {
  const choices: Array<Choice> = []
  for (let across = 1; across <= Math.min(4, Math.ceil(columns / v.lanes)); across++) {
    // sums, a row of them, and the number they are multiplied by
    const limit = Math.min(outputs, Math.floor((2 * rowsOf(features) + 2 - across) / across))
    choices.push({
      cost:
        rows *
        covering(columns, across * v.lanes, (w) =>
          covering(outputs, limit, (o) => cost(features, o, Math.ceil(w / v.lanes))),
        ),
      outputs: limit,
      tall: 1,
      wide: across * v.lanes,
    })
  }
  return best(choices)
}
