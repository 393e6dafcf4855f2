/**
 * The command line of `wengert`.
 *
 * @since 0.1.0
 */
import { parseArgs } from 'node:util'
import * as E from 'fp-ts/lib/Either.js'

/**
 * What `wengert check` was asked to do.
 *
 * @category model
 * @since 0.1.0
 */
export interface CheckOptions {
  readonly _tag: 'Check'
  /** `null` to check the primitives of the package itself */
  readonly file: string | null
  readonly export: string | null
  readonly at: string | null
  readonly samples: number
  readonly seed: number
  readonly json: boolean
  readonly junit: string | null
}

/**
 * What `wengert` was asked to do.
 *
 * @category model
 * @since 0.1.0
 */
export type Command = CheckOptions | { readonly _tag: 'Help' } | { readonly _tag: 'Version' }

const SAMPLES = 10
const MAX_SAMPLES = 100_000

/**
 * The text of `wengert --help`.
 *
 * @category constants
 * @since 0.1.0
 */
export const HELP = `Says whether the gradients of models are right, and if not, which rule is to blame.

  wengert check FILE [options]   check the models of a JavaScript or TypeScript module
  wengert check --self           check the derivatives of all primitives of wengert
  wengert --help | --version

A module offers a model by exporting { model, point }, { model, points } with an array or a fast-check arbitrary, or an
array of such. A plain function can be checked at a point from a file.

  --export NAME   only this export
  --at FILE       the point, as JSON: {"w": [[1, 2]], "b": 0}
  --samples N     how many points an arbitrary draws (default ${SAMPLES})
  --seed S        where everything random comes from (default 1)
  --json          one JSON document instead of text
  --junit FILE    also write a JUnit XML report
  --help          this text

Exit codes: 0 every gradient is right (a kink where the derivative given is a subgradient counts as right); 1 a gradient is
wrong; 2 none is wrong, and one could not be told (ill-conditioned, vacuous, noisy, a jump, a model that throws, ...); 3 the
command, a file or the module is not usable.
`

const whole = (name: string, text: string, from: number, to: number): E.Either<string, number> =>
  /^-?\d+$/.test(text) && Number(text) >= from && Number(text) <= to
    ? E.right(Number(text))
    : E.left(`--${name} must be an integer from ${from} to ${to}, not ${text === '' ? 'empty' : text}`)

const readCheck = (args: ReadonlyArray<string>): E.Either<string, Command> => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      self: { type: 'boolean' },
      export: { type: 'string' },
      at: { type: 'string' },
      samples: { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'boolean' },
      junit: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help === true) return E.right({ _tag: 'Help' })
  const self = values.self === true
  if (self && (positionals.length > 0 || values.export !== undefined || values.at !== undefined))
    return E.left('--self checks the package itself, and takes no file, --export or --at')
  if (!self && positionals.length === 0) return E.left('say which module to check: wengert check FILE')
  if (positionals.length > 1) return E.left(`one module at a time, not ${positionals.join(' ')}`)
  for (const name of ['export', 'at', 'junit'] as const)
    if (values[name] === '') return E.left(`--${name} must not be empty`)
  const samples = whole('samples', values.samples ?? String(SAMPLES), 1, MAX_SAMPLES)
  if (E.isLeft(samples)) return samples
  // fast-check takes seeds of 32 bits
  const seed = whole('seed', values.seed ?? '1', -(2 ** 31), 2 ** 31 - 1)
  if (E.isLeft(seed)) return seed
  return E.right({
    _tag: 'Check',
    file: self ? null : positionals[0],
    export: values.export ?? null,
    at: values.at ?? null,
    samples: samples.right,
    seed: seed.right,
    json: values.json === true,
    junit: values.junit ?? null,
  })
}

/**
 * Reads a command line: what to do, or a sentence that says what is wrong.
 *
 * @category constructors
 * @since 0.1.0
 */
export const readCommand = (args: ReadonlyArray<string>): E.Either<string, Command> => {
  const [command, ...rest] = args
  if (command === undefined) return E.left('say what to do: wengert check FILE')
  if (command === '--help' || command === '-h' || command === 'help') return E.right({ _tag: 'Help' })
  if (command === '--version' || command === '-v') return E.right({ _tag: 'Version' })
  if (command !== 'check') return E.left(`there is no command ${command}; there is: wengert check`)
  try {
    return readCheck(rest)
  } catch (e) {
    // parseArgs throws what it does not understand, as a TypeError with a sentence
    if (e instanceof TypeError) return E.left(e.message.split(/\. |\n/)[0].replace(/\.$/, ''))
    throw e
  }
}
