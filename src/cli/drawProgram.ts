/**
 * `wengert draw`: the graph of a model, as a picture or in a language that other tools draw; or its instructions as text.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Failure } from '../Failure.js'
import { graphDot, graphMermaid, graphSvg, showTape, svgPng, tapeGraph } from '../show/index.js'
import { oneOf, type Program, parsed, programOf, USAGE } from './arguments.js'
import { type Drawable, programIn } from './programFile.js'
import type { Terminal } from './terminal.js'

const FORMATS = ['text', 'svg', 'png', 'dot', 'mermaid'] as const

const HELP = `Draws what a model records.

  wengert draw FILE [options]

FILE is a module that exports { model, point } as for wengert check, a configuration of wengert train, or a tape as JSON.

  --format F     text (instructions or layers), svg, png, dot or mermaid (default text)
  --out FILE     where it goes (default: what is text goes to the output)
  --export NAME  which model of a module
  --at FILE      the point, as JSON
  --help         this text

Exit codes: 0 drawn; 1 the picture could not be made or written; 3 the file has no model, or an option is not usable.
`

interface Options {
  readonly file: string
  readonly format: (typeof FORMATS)[number]
  readonly out: string | null
  readonly export: string | null
  readonly at: string | null
}

const read = (args: ReadonlyArray<string>): E.Either<string, Options> => {
  const text = { type: 'string' } as const
  const found = parsed({ format: text, out: text, export: text, at: text })(args)
  if (E.isLeft(found)) return found
  const { values, positionals } = found.right
  if (positionals.length !== 1) return E.left('say what to draw, one file: wengert draw FILE')
  const { out = null, at = null } = values
  return E.chain((format: Options['format']) =>
    format === 'png' && out === null
      ? E.left('--format png needs --out FILE')
      : E.right({ file: positionals[0], format, out, export: values.export ?? null, at }),
  )(oneOf('format', values.format ?? 'text', FORMATS))
}

const drawing = (
  { name, program, layers }: Drawable,
  format: Options['format'],
): TE.TaskEither<Failure, string | Uint8Array> => {
  const graph = tapeGraph(program, { title: name })
  switch (format) {
    case 'text':
      return TE.right(`${layers ?? showTape(program)}\n`)
    case 'dot':
      return TE.right(graphDot(graph))
    case 'mermaid':
      return TE.right(graphMermaid(graph))
    case 'svg':
      return graphSvg(graph)
    case 'png':
      return TE.chain((svg: string) => svgPng(svg))(graphSvg(graph))
  }
}

const run = async ({ file, format, out, ...wanted }: Options, terminal: Terminal): Promise<number> => {
  const found = await programIn(file, { ...wanted, network: 'output' })
  if (E.isLeft(found)) {
    terminal.error(`${found.left}\n`)
    return USAGE
  }
  const drawn = await drawing(found.right, format)()
  if (E.isLeft(drawn)) {
    terminal.error(`${drawn.left.message}\n`)
    return 1
  }
  if (out === null) {
    terminal.write(String(drawn.right))
    return 0
  }
  const unsaved = terminal.save(out, drawn.right)
  if (unsaved !== null) {
    terminal.error(`no ${out}: ${unsaved}\n`)
    return 1
  }
  terminal.write(`${found.right.name}: ${out}\n`)
  return 0
}

/**
 * Runs `wengert draw`.
 *
 * @category programs
 * @since 0.1.0
 */
export const draw: Program = programOf('wengert draw', HELP, read, run)
