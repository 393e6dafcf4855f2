/**
 * Charts between the lines that a program prints.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type LineChart, lineChartText } from '../show/index.js'
import type { Terminal } from './terminal.js'

/** Columns beside a chart: its numbers, and some air. */
const BESIDE = 16

/**
 * A chart in characters, as wide as the terminal has room for; or a sentence that says why there is none.
 *
 * @category printing
 * @since 0.1.0
 */
export const charted = async (
  { columns, color }: Pick<Terminal, 'columns' | 'color'>,
  chart: LineChart,
): Promise<string> => {
  const width = Math.max(20, Math.min(72, columns - BESIDE))
  const text = await lineChartText(chart, { width, color })()
  return E.isRight(text) ? text.right : `  ${text.left.message}\n`
}
