/**
 * The command line of `wengert check`.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { parsed, whole } from './arguments.js'

/**
 * What `wengert check` was asked to do.
 *
 * @category model
 * @since 0.1.0
 */
export interface CheckOptions {
  /** `null` to check the primitives of the package itself */
  readonly file: string | null
  readonly export: string | null
  readonly at: string | null
  readonly samples: number
  readonly seed: number
  /** 2 to judge second derivatives as well */
  readonly order: 1 | 2
  readonly json: boolean
  readonly junit: string | null
  readonly html: string | null
  readonly certificate: string | null
}

const SAMPLES = 10
const MAX_SAMPLES = 100_000

/**
 * The text of `wengert check --help`.
 *
 * @category constants
 * @since 0.1.0
 */
export const HELP = `Says whether the gradients of models are right, and if not, which rule is to blame.

  wengert check FILE [options]   check the models of a JavaScript or TypeScript module
  wengert check --self           check the derivatives of all primitives of wengert

A module offers a model by exporting { model, point }, { model, points } with an array or a fast-check arbitrary, or an
array of such. A plain function can be checked at a point from a file.

  --export NAME   only this export
  --at FILE       the point, as JSON: {"w": [[1, 2]], "b": 0}
  --samples N     how many points an arbitrary draws (default ${SAMPLES})
  --seed S        where everything random comes from (default 1)
  --order N       2 to judge second derivatives as well (default 1)
  --json          one JSON document instead of text
  --junit FILE    also write a JUnit XML report
  --html FILE     also write a page that shows what was found, with pictures
  --certificate FILE   also write certificates, which wengert verify replay checks again; an array of them if there are several
  --help          this text

Exit codes: 0 every gradient is right (a kink where the derivative given is a subgradient counts as right); 1 a gradient is
wrong; 2 none is wrong, and one could not be told (ill-conditioned, vacuous, noisy, a jump, a model that throws, ...); 3 the
command, a file or the module is not usable.
`

/**
 * Reads the arguments of `wengert check`: what to do, or a sentence that says what is wrong.
 *
 * @category constructors
 * @since 0.1.0
 */
export const readCheck = (args: ReadonlyArray<string>): E.Either<string, CheckOptions> => {
  const found = parsed({
    self: { type: 'boolean' },
    export: { type: 'string' },
    at: { type: 'string' },
    samples: { type: 'string' },
    seed: { type: 'string' },
    order: { type: 'string' },
    json: { type: 'boolean' },
    junit: { type: 'string' },
    html: { type: 'string' },
    certificate: { type: 'string' },
  })(args)
  if (E.isLeft(found)) return found
  const { values, positionals } = found.right
  const self = values.self === true
  const only = [values.export, values.at, values.order, values.certificate]
  if (self && (positionals.length > 0 || only.some((value) => value !== undefined)))
    return E.left('--self checks the package itself, and takes no file, --export, --at, --order or --certificate')
  if (!self && positionals.length === 0) return E.left('say which module to check: wengert check FILE')
  if (positionals.length > 1) return E.left(`one module at a time, not ${positionals.join(' ')}`)
  const samples = whole('samples', values.samples ?? String(SAMPLES), 1, MAX_SAMPLES)
  if (E.isLeft(samples)) return samples
  // fast-check takes seeds of 32 bits
  const seed = whole('seed', values.seed ?? '1', -(2 ** 31), 2 ** 31 - 1)
  if (E.isLeft(seed)) return seed
  const order = whole('order', values.order ?? '1', 1, 2)
  if (E.isLeft(order)) return order
  return E.right({
    file: self ? null : positionals[0],
    export: values.export ?? null,
    at: values.at ?? null,
    samples: samples.right,
    seed: seed.right,
    order: order.right === 2 ? 2 : 1,
    json: values.json === true,
    junit: values.junit ?? null,
    html: values.html ?? null,
    certificate: values.certificate ?? null,
  })
}
