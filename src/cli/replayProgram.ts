/**
 * `wengert verify replay`: checks again what `wengert check --certificate` wrote.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'
import { type Certificate, parseCertificate, type Replay, replay } from '../verify/index.js'
import { nearest, type Program, parsed, programOf, USAGE } from './arguments.js'
import { readText, reasonOf } from './files.js'
import { styled, type Terminal } from './terminal.js'

const HELP = `Checks a certificate of wengert check --certificate again: reaches the verdict anew from its program and its point, computes
the bounds of the gradient anew, and says what differs. The model that it was made from is not needed.

  wengert verify replay FILE [options]

  --json     one JSON document instead of text
  --help     this text

Exit codes: 0 everything is as the certificate says; 1 something is not; 3 the file is missing, or holds no certificate.
`

interface Options {
  readonly file: string
  readonly json: boolean
}

const read = (args: ReadonlyArray<string>): E.Either<string, Options> => {
  const found = parsed({ json: { type: 'boolean' } })(args)
  if (E.isLeft(found)) return found
  const [action, file, ...more] = found.right.positionals
  if (action !== 'replay') {
    const meant = action === undefined ? null : nearest(action, ['replay'])
    return E.left(`say what to verify: wengert verify replay FILE${meant === null ? '' : `, not ${action}`}`)
  }
  if (file === undefined) return E.left('say which certificate: wengert verify replay FILE')
  if (more.length > 0) return E.left(`one file at a time, not ${[file, ...more].join(' ')}`)
  return E.right({ file, json: found.right.values.json === true })
}

/** A failure as a sentence that begins with where it is. */
const named = (where: string): (<A>(result: E.Either<Failure, A>) => E.Either<string, A>) =>
  E.mapLeft(({ message }) => `${where}: ${message}`)

/** The certificates of a file: one, or an array of them. */
const certificatesOf = (file: string): E.Either<string, ReadonlyArray<Certificate>> => {
  const text = readText(file)
  if (E.isLeft(text)) return text
  let json: unknown
  try {
    json = JSON.parse(text.right)
  } catch (e) {
    return E.left(`${file} is no JSON: ${reasonOf(e)}`)
  }
  if (!Array.isArray(json)) return E.map((one: Certificate) => [one])(named(file)(parseCertificate(text.right)))
  if (json.length === 0) return E.left(`${file} holds no certificates`)
  return E.traverseArrayWithIndex((i: number, one: unknown) =>
    named(`${file}, certificate ${i + 1}`)(parseCertificate(JSON.stringify(one))),
  )(json as ReadonlyArray<unknown>)
}

/** What a certificate is about, in a few words. */
const subjectOf = ({ parameters, fingerprint }: Certificate): string => {
  const paths = parameters.map(({ path }) => (path === '' ? 'the point' : path))
  return `${paths.slice(0, 4).join(', ')}${paths.length > 4 ? ', ...' : ''} of program ${fingerprint}`
}

const shown = (
  terminal: Terminal,
  certificate: Certificate,
  { agrees, differences, report, digits }: Replay,
): string =>
  agrees
    ? `${styled(terminal, 'good', 'AGREES ')}  ${subjectOf(certificate)}: ${report.verdict}, and every entry of the gradient lies within its ` +
      `bounds (at least ${digits.toFixed(1)} certain digits)\n`
    : `${styled(terminal, 'bad', 'DIFFERS')}  ${subjectOf(certificate)}\n${differences.map((sentence) => `    ${sentence}\n`).join('')}`

const run = async ({ file, json }: Options, terminal: Terminal): Promise<number> => {
  const refused = (message: string): number => {
    terminal.error(`${message}\n`)
    if (json) terminal.write(`${JSON.stringify({ exitCode: USAGE, error: message }, null, 2)}\n`)
    return USAGE
  }
  const certificates = certificatesOf(file)
  if (E.isLeft(certificates)) return refused(certificates.left)
  const replays: Array<Replay> = []
  for (const certificate of certificates.right) {
    const again = replay()(certificate)
    if (E.isLeft(again)) return refused(`${file}: ${again.left.message}`)
    replays.push(again.right)
    if (!json) terminal.write(shown(terminal, certificate, again.right))
  }
  const exitCode = replays.every(({ agrees }) => agrees) ? 0 : 1
  if (json) {
    const found = replays.map(({ agrees, differences, report, digits }, i) => ({
      program: certificates.right[i].fingerprint,
      agrees,
      verdict: report.verdict,
      differences,
      digits,
    }))
    terminal.write(`${JSON.stringify({ exitCode, certificates: found }, null, 2)}\n`)
  }
  return exitCode
}

/**
 * Runs `wengert verify`.
 *
 * @category programs
 * @since 0.1.0
 */
export const verify: Program = programOf('wengert verify', HELP, read, run)
