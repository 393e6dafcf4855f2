/**
 * What a program sees of the terminal it runs in, as data, so that tests can take its place; and small things to print.
 *
 * @since 0.1.0
 */
import { writeAtomically } from './files.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface Terminal {
  readonly write: (text: string) => void
  readonly error: (text: string) => void
  /** where a progress bar can be drawn, if anywhere */
  readonly screen: NodeJS.WritableStream | null
  /** how many characters fit on a line */
  readonly columns: number
  readonly color: boolean
  /** milliseconds since some moment */
  readonly now: () => number
  /** writes a file and the folders above it, all of it or nothing; the reason where that fails */
  readonly save: (file: string, content: string | Uint8Array) => string | null
}

/**
 * The terminal of this process. Colours only on a terminal, and not where `NO_COLOR` is set (https://no-color.org).
 *
 * @category constructors
 * @since 0.1.0
 */
export const processTerminal = (): Terminal => ({
  write: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  screen: process.stdout.isTTY ? process.stdout : null,
  columns: process.stdout.isTTY ? process.stdout.columns : 80,
  color: process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb',
  now: () => performance.now(),
  save: writeAtomically,
})

/**
 * Runs a program with the arguments and the terminal of this process. A reader that leaves, as `head` does, takes the output
 * away and stops nothing: what the program writes to files, and its exit code, are as they would be.
 *
 * @category running
 * @since 0.1.0
 */
export const main = async (
  program: (args: ReadonlyArray<string>, terminal: Terminal) => Promise<number>,
): Promise<void> => {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (e: NodeJS.ErrnoException) => {
      if (e.code !== 'EPIPE') throw e
    })
  process.exitCode = await program(process.argv.slice(2), processTerminal())
}

const ESCAPE = '\u001b['

/**
 * A text in one of a few styles, plain where there are no colours.
 *
 * @category printing
 * @since 0.1.0
 */
export const styled = (terminal: Pick<Terminal, 'color'>, style: 'bold' | 'good' | 'bad', text: string): string =>
  terminal.color ? `${ESCAPE}${{ bold: 1, good: 32, bad: 31 }[style]}m${text}${ESCAPE}0m` : text

/**
 * A table: the first row is its head, the first column is aligned left and the others right.
 *
 * @category printing
 * @since 0.1.0
 */
export const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = rows[0].map((_, j) => Math.max(...rows.map((row) => row[j].length)))
  const line = (row: ReadonlyArray<string>): string =>
    `  ${row.map((cell, j) => (j === 0 ? cell.padEnd(widths[j]) : cell.padStart(widths[j]))).join('   ')}`.trimEnd()
  const rule = `  ${widths.map((w) => '-'.repeat(w)).join('   ')}`
  return `${[line(rows[0]), rule, ...rows.slice(1).map(line)].join('\n')}\n`
}
