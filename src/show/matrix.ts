/**
 * Matrices as coloured cells: heat maps and confusion matrices.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Failure, fail } from '../Failure.js'
import { brief, extent } from './numbers.js'
import { colourOf, escaped, inkOn, type Scale, type Size, svgDocument, svgText } from './svg.js'

/**
 * Numbers by row and column. Those that are not finite have no colour.
 *
 * @category model
 * @since 0.1.0
 */
export interface HeatMap {
  readonly title: string
  readonly rowLabel: string
  readonly columnLabel: string
  readonly rows: ReadonlyArray<string>
  readonly columns: ReadonlyArray<string>
  readonly values: ReadonlyArray<ReadonlyArray<number>>
  /** what stands in a cell; nothing unless given */
  readonly text?: (value: number, row: number, column: number) => string
  readonly scale?: Scale
  /** which numbers have the first and the last colour; the least and the greatest unless given */
  readonly range?: readonly [low: number, high: number]
  readonly description?: string
}

/** More cells than this are no picture any more. */
const MOST_CELLS = 20_000

const checked = ({ title, rows, columns, values }: HeatMap): E.Either<Failure, null> => {
  if (rows.length === 0 || columns.length === 0) return fail('InvalidArgument', `the heat map "${title}" has no cells`)
  if (rows.length * columns.length > MOST_CELLS)
    return fail(
      'TooLarge',
      `the heat map "${title}" has ${rows.length} by ${columns.length} cells, more than ${MOST_CELLS}: draw an image of it`,
    )
  const odd = values.findIndex((row) => row.length !== columns.length)
  if (values.length !== rows.length || odd >= 0)
    return fail(
      'StructureMismatch',
      `the heat map "${title}" has ${rows.length} row and ${columns.length} column names, but ${
        odd >= 0 ? `row ${odd} has ${values[odd].length} values` : `${values.length} rows of values`
      }`,
    )
  return E.right(null)
}

const CHARACTER = 7
const MARGIN = 16
const most = (words: ReadonlyArray<string>): number => words.reduce((n, word) => Math.max(n, word.length), 0)

/**
 * A heat map as an SVG document, with the scale of its colours beside it. The height follows from the width unless given.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { heatMapSvg } from 'wengert/show'
 *
 * const map = { title: 'Accuracy', rowLabel: 'rate', columnLabel: 'width', rows: ['0.1', '0.01'], columns: ['8', '64'] }
 * assert(isRight(await heatMapSvg({ ...map, values: [[0.8, 0.9], [0.7, 0.95]], text: String })()))
 * ```
 *
 * @category charts
 * @since 0.1.0
 */
export const heatMapSvg = (map: HeatMap, { width = 560, height }: Size = {}): TaskEither<Failure, string> =>
  TE.fromEither(
    E.map(() => {
      const { rows, columns, values, scale = 'viridis' } = map
      const [low, high] = map.range ?? extent(values.flat())
      const t = (x: number): number => (x - low) / (high - low)
      const left = MARGIN + 24 + CHARACTER * most(rows) + 8
      const top = 72
      const right = width - MARGIN - 64
      const cell = (right - left) / columns.length
      const tall = height === undefined ? Math.max(14, Math.min(cell, 64)) : (height - top - 40) / rows.length
      const bottom = top + tall * rows.length
      const fits = (words: ReadonlyArray<string>, room: number): number =>
        Math.max(1, Math.ceil((CHARACTER * most(words) + 4) / room))
      const [everyColumn, everyRow] = [fits(columns, cell), Math.max(1, Math.ceil(13 / tall))]
      const size = Math.max(8, Math.min(13, Math.floor(tall / 2.2)))
      const cells = values.flatMap((row, i) =>
        row.map((value, j) => {
          const [x, y] = [left + j * cell, top + i * tall]
          const name = `${map.rowLabel} ${rows[i]}, ${map.columnLabel} ${columns[j]}: ${brief(value)}`
          const seen = Number.isFinite(value)
          const text = map.text?.(value, i, j) ?? ''
          const box = svgBox(x, y, cell, tall, seen ? colourOf(scale, t(value)) : 'none', name)
          return text === '' || text.length * size * 0.6 > cell
            ? box
            : `${box}${svgText(x + cell / 2, y + tall / 2 + size / 3, text, {
                size,
                anchor: 'middle',
                ...(seen ? { fill: inkOn(scale, t(value)) } : {}),
              })}`
        }),
      )
      const bar = Array.from({ length: 40 }, (_, k) =>
        svgBox(
          right + 18,
          bottom - ((k + 1) * (bottom - top)) / 40,
          12,
          (bottom - top) / 40 + 0.5,
          colourOf(scale, (k + 0.5) / 40),
        ),
      )
      const body = [
        svgText(MARGIN, 30, map.title, { size: 16, bold: true }),
        svgText((left + right) / 2, 50, map.columnLabel, { size: 13, anchor: 'middle' }),
        `<g transform="translate(${MARGIN + 8},${(top + bottom) / 2}) rotate(-90)">${svgText(0, 4, map.rowLabel, { size: 13, anchor: 'middle' })}</g>`,
        ...columns.flatMap((word, j) =>
          j % everyColumn === 0 ? [svgText(left + (j + 0.5) * cell, top - 6, word, { anchor: 'middle' })] : [],
        ),
        ...rows.flatMap((word, i) =>
          i % everyRow === 0 ? [svgText(left - 6, top + (i + 0.5) * tall + 4, word, { anchor: 'end' })] : [],
        ),
        ...cells,
        ...bar,
        svgText(right + 34, top + 9, brief(high), { size: 11 }),
        svgText(right + 34, bottom, brief(low), { size: 11 }),
      ]
      return svgDocument(
        width,
        height ?? bottom + MARGIN,
        map.title,
        map.description ??
          `${rows.length} by ${columns.length} cells of ${map.rowLabel} by ${map.columnLabel}, from ${brief(low)} to ${brief(high)}.`,
        body.join('\n'),
      )
    })(checked(map)),
  )

const svgBox = (x: number, y: number, w: number, h: number, fill: string, name?: string): string => {
  const [a, b, c, d] = [x, y, w, h].map((n) => Number(n.toFixed(2)))
  return name === undefined
    ? `<rect x="${a}" y="${b}" width="${c}" height="${d}" fill="${fill}" shape-rendering="crispEdges"/>`
    : `<rect x="${a}" y="${b}" width="${c}" height="${d}" fill="${fill}" shape-rendering="crispEdges"><title>${escaped(name)}</title></rect>`
}

/**
 * How often examples of one class were taken for another.
 *
 * @category model
 * @since 0.1.0
 */
export interface ConfusionMatrix {
  readonly title: string
  readonly classes: ReadonlyArray<string>
  /** `counts[true class][predicted class]` */
  readonly counts: ReadonlyArray<ReadonlyArray<number>>
}

/** What the rows say: the share of a true class that was recognised. */
const recalls = ({ counts }: ConfusionMatrix): ReadonlyArray<number> =>
  counts.map((row, i) => row[i] / row.reduce((a, b) => a + b, 0))

/**
 * A confusion matrix as an SVG document: counts in the cells, colours by the share of the true class.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { confusionMatrixSvg } from 'wengert/show'
 *
 * const matrix = { title: 'Inside or outside', classes: ['outside', 'inside'], counts: [[240, 10], [4, 246]] }
 * assert(isRight(await confusionMatrixSvg(matrix)()))
 * ```
 *
 * @category charts
 * @since 0.1.0
 */
export const confusionMatrixSvg = (matrix: ConfusionMatrix, size: Size = {}): TaskEither<Failure, string> => {
  const { title, classes, counts } = matrix
  const totals = counts.map((row) => row.reduce((a, b) => a + b, 0))
  return heatMapSvg(
    {
      title,
      rowLabel: 'true class',
      columnLabel: 'predicted class',
      rows: classes,
      columns: classes,
      values: counts.map((row, i) => row.map((n) => (totals[i] === 0 ? Number.NaN : n / totals[i]))),
      text: (_, i, j) => (counts[i][j] === 0 ? '' : String(counts[i][j])),
      scale: 'blues',
      range: [0, 1],
      description: `Of each class recognised: ${recalls(matrix)
        .map((r, i) => `${classes[i]} ${(100 * r).toFixed(1)} %`)
        .join(', ')}.`,
    },
    size,
  )
}

const RESET = '\u001b[0m'

/**
 * A confusion matrix for a terminal: counts, and the share of each class that was recognised. Right answers are green and
 * wrong ones red when colours are asked for.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { confusionMatrixText } from 'wengert/show'
 *
 * const text = confusionMatrixText({ title: 'Parity', classes: ['even', 'odd'], counts: [[9, 1], [0, 10]] })
 * assert.strictEqual(
 *   text,
 *   ['  Parity', '  true \\ predicted  even  odd  recognised', '              even     9    1      90.0 %',
 *     '               odd     0   10     100.0 %', ''].join('\n'),
 * )
 * ```
 *
 * @category terminal
 * @since 0.1.0
 */
export const confusionMatrixText = (
  matrix: ConfusionMatrix,
  { color = false }: { readonly color?: boolean } = {},
): string => {
  const { title, classes, counts } = matrix
  const shares = recalls(matrix)
  const head = ['true \\ predicted', ...classes, 'recognised']
  const rows = classes.map((name, i) => [
    name,
    ...counts[i].map(String),
    Number.isNaN(shares[i]) ? '-' : `${(100 * shares[i]).toFixed(1)} %`,
  ])
  const widths = head.map((word, j) => most([word, ...rows.map((row) => row[j] ?? '')]))
  const painted = (word: string, i: number, j: number): string =>
    !color || i < 0 || j < 1 || j > classes.length || counts[i][j - 1] === 0
      ? word
      : `\u001b[${i === j - 1 ? 32 : 31}m${word}${RESET}`
  const line = (row: ReadonlyArray<string>, i: number): string =>
    `  ${row.map((word, j) => painted(word.padStart(widths[j]), i, j)).join('  ')}`
  return [`  ${title}`, line(head, -1), ...rows.map(line), ''].join('\n')
}
