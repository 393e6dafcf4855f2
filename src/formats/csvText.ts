/**
 * Comma-separated values as text: cells and where they stand (RFC 4180). A cell with a separator, a quote or a line break is
 * put in quotes, a quote in it is doubled; lines end with CRLF or LF, the last one may end with the file. Lines without any
 * character are passed over.
 *
 * Text may come in pieces: what is not a whole row yet is given back and put before the next piece, so that a file of any
 * length is read in the memory of a row.
 *
 * Law. The cells of `csvText(rows)` are `rows` again, however the text is cut.
 *
 * @since 0.1.0
 */
import { type Failure, type FailureTag, failure } from '../Failure.js'

/**
 * One row: its cells and where each begins, counted from 1.
 *
 * @category model
 * @since 0.1.0
 */
export interface CsvRow {
  readonly cells: ReadonlyArray<string>
  readonly lines: ReadonlyArray<number>
  readonly columns: ReadonlyArray<number>
}

/**
 * The text after the last whole row, and the line on which it begins.
 *
 * @category model
 * @since 0.1.0
 */
export interface CsvRest {
  readonly text: string
  readonly line: number
}

/**
 * @category model
 * @since 0.1.0
 */
export interface CsvFormat {
  /** one character between cells, a comma unless told otherwise */
  readonly separator?: string | undefined
  /** the most characters of a row, 2^20 unless told otherwise */
  readonly row?: number | undefined
}

const ROW = 2 ** 20

/** One row and where the next begins; a problem and its place; or null, when more text is needed to know. */
type Scanned =
  | { readonly row: CsvRow; readonly next: number; readonly line: number }
  | { readonly problem: string; readonly line: number; readonly column: number }
  | null

const scan = (text: string, from: number, firstLine: number, separator: string, last: boolean): Scanned => {
  const cells: Array<string> = []
  const lines: Array<number> = []
  const columns: Array<number> = []
  let line = firstLine
  let lineStart = from
  let at = from
  for (;;) {
    lines.push(line)
    columns.push(at - lineStart + 1)
    const begin = at
    if (text[at] === '"') {
      for (;;) {
        at = text.indexOf('"', at + 1)
        if (at < 0) {
          const column = columns[columns.length - 1]
          return last ? { problem: 'the quote is never closed', line: lines[lines.length - 1], column } : null
        }
        if (text[at + 1] !== '"') break
        at++
      }
      const inner = text.slice(begin + 1, at)
      for (let i = inner.indexOf('\n'); i >= 0; i = inner.indexOf('\n', i + 1)) {
        line++
        lineStart = begin + 2 + i
      }
      cells.push(inner.replaceAll('""', '"'))
      at++
    } else {
      while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r') {
        if (text[at] === '"')
          return {
            problem: 'a quote inside a cell that does not begin with one; put the cell in quotes and double this one',
            line,
            column: at - lineStart + 1,
          }
        at++
      }
      cells.push(text.slice(begin, at))
    }
    if (at >= text.length) return last ? { row: { cells, lines, columns }, next: at, line } : null
    if (text[at] === separator) at++
    else if (text[at] === '\n') return { row: { cells, lines, columns }, next: at + 1, line: line + 1 }
    else if (text[at] === '\r' && text[at + 1] === '\n')
      return { row: { cells, lines, columns }, next: at + 2, line: line + 1 }
    else if (text[at] === '\r' && at + 1 === text.length && !last) return null
    else
      return {
        problem:
          text[at] === '\r' ? 'a carriage return without a line feed' : 'after the closing quote a cell must end',
        line,
        column: at - lineStart + 1,
      }
  }
}

/**
 * What a piece of text gives.
 *
 * @category model
 * @since 0.1.0
 */
export interface CsvPiece {
  readonly rows: ReadonlyArray<CsvRow>
  readonly rest: CsvRest
  /** what is wrong after these rows, or null */
  readonly failure: Failure | null
}

/**
 * The whole rows of `rest` and the text that follows it. With `last`, no text comes after this, and the last row ends with it.
 * The failure is `MalformedFile` on quotes and line ends that are not RFC 4180's, with the line and the column, and `TooLarge`
 * on a row beyond the limit; the rows before it are given, so that what stands first in a file is reported first.
 *
 * @category decoding
 * @since 0.1.0
 */
export const csvRows =
  (name: string, { separator = ',', row: most = ROW }: CsvFormat = {}) =>
  (rest: CsvRest, text: string, last: boolean): CsvPiece => {
    const all = rest.text + text
    const rows: Array<CsvRow> = []
    let { line } = rest
    let at = 0
    const failed = (sentence: string, line: number, column: number, tag: FailureTag): CsvPiece => ({
      rows,
      rest,
      failure: failure(tag, `${name}: line ${line}, column ${column}: ${sentence}`, { file: name, line, column }),
    })
    while (at < all.length) {
      const scanned = scan(all, at, line, separator, last)
      if (scanned !== null && 'problem' in scanned)
        return failed(scanned.problem, scanned.line, scanned.column, 'MalformedFile')
      const end = scanned === null ? all.length : scanned.next
      if (end - at > most) return failed(`a row of more than ${most} characters; is a quote open?`, line, 1, 'TooLarge')
      if (scanned === null) break
      const { cells } = scanned.row
      if (cells.length > 1 || cells[0] !== '' || all[at] === '"') rows.push(scanned.row)
      at = end
      line = scanned.line
    }
    return { rows, rest: { text: all.slice(at), line }, failure: null }
  }

/**
 * Rows as text, each line ended by CRLF. A cell is put in quotes where it must be.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { csvText } from 'wengert/formats'
 *
 * assert.strictEqual(csvText([['epoch', 'loss'], [1, 0.5], [2, 'a "b"']]), 'epoch,loss\r\n1,0.5\r\n2,"a ""b"""\r\n')
 * ```
 *
 * @category encoding
 * @since 0.1.0
 */
export const csvText = (rows: ReadonlyArray<ReadonlyArray<string | number>>): string =>
  rows
    .map((cells) => {
      const words = cells.map((cell) => {
        const text = String(cell)
        return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
      })
      return `${words.length === 1 && words[0] === '' ? '""' : words.join(',')}\r\n`
    })
    .join('')
