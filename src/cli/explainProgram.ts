/**
 * `wengert explain`: the chain rule of a parameter, read off the tape.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'
import { chainRule, showChainRule } from '../show/index.js'
import { flatten } from '../Tree.js'
import type { AnyVar } from '../Var.js'
import { nearest, type Program, parsed, programOf, USAGE } from './arguments.js'
import { type Drawable, programIn } from './programFile.js'
import type { Terminal } from './terminal.js'

const HELP = `Prints the derivative of a model with respect to a parameter as sums of products along the paths of the graph, which factors
several parameters share, and what sharing saves.

  wengert explain FILE [PARAMETER] [options]

FILE is a module that exports { model, point } as for wengert check, a configuration of wengert train, or a tape as JSON. A
parameter is named by its path, such as w or parameters.0.w; without one, all are explained. Values that the model names
(named) are the stations of a chain; where it names none, every instruction is.

  --export NAME  which model of a module
  --at FILE      the point, as JSON
  --help         this text

Exit codes: 0 explained; 3 there is no such model or parameter, the model gives no scalar, or an option is not usable.
`

interface Options {
  readonly file: string
  readonly parameter: string | null
  readonly export: string | null
  readonly at: string | null
}

const read = (args: ReadonlyArray<string>): E.Either<string, Options> => {
  const found = parsed({ export: { type: 'string' }, at: { type: 'string' } })(args)
  if (E.isLeft(found)) return found
  const { values, positionals } = found.right
  if (positionals.length === 0) return E.left('say what to explain: wengert explain FILE PARAMETER')
  if (positionals.length > 2) return E.left(`one parameter at a time, not ${positionals.slice(1).join(' ')}`)
  const [file, parameter = null] = positionals
  return E.right({ file, parameter, export: values.export ?? null, at: values.at ?? null })
}

/** The parameters to explain, or a sentence that names those that there are. */
const chosen = ({ program, layers }: Drawable, parameter: string | null): E.Either<string, ReadonlyArray<string>> => {
  // of a network's inputs its weights are parameters, and its data are not
  const paths = flatten<AnyVar>(program.inputs)
    .filter(({ leaf, path }) => leaf.dtype === 'real' && (layers === null || path.startsWith('parameters')))
    .map(({ path }) => path)
  if (parameter === null || paths.includes(parameter)) return E.right(paths)
  const meant = nearest(parameter, paths)
  return E.left(
    `there is no parameter ${parameter}; ${meant === null ? `there are ${paths.join(', ')}` : `did you mean ${meant}?`}`,
  )
}

const run = async ({ file, parameter, ...wanted }: Options, terminal: Terminal): Promise<number> => {
  const refused = (message: string): number => {
    terminal.error(`${message}\n`)
    return USAGE
  }
  const found = await programIn(file, { ...wanted, network: 'loss' })
  if (E.isLeft(found)) return refused(found.left)
  const wrt = chosen(found.right, parameter)
  if (E.isLeft(wrt)) return refused(`${file}: ${wrt.left}`)
  const rule = E.mapLeft(({ message }: Failure) => `${file}: ${message}`)(
    chainRule({ wrt: wrt.right })(found.right.program),
  )
  if (E.isLeft(rule)) return refused(rule.left)
  terminal.write(`${showChainRule(rule.right, parameter ?? undefined).trimEnd()}\n`)
  return 0
}

/**
 * Runs `wengert explain`.
 *
 * @category programs
 * @since 0.1.0
 */
export const explain: Program = programOf('wengert explain', HELP, read, run)
