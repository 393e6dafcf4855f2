/**
 * Results for other programs: a JSON document, JUnit XML and certificates.
 *
 * @since 0.1.0
 */
import { type Certificate, showCertificate } from '../verify/index.js'
import type { Checked } from './checkOutcome.js'

/**
 * Everything about one run.
 *
 * @category model
 * @since 0.1.0
 */
export interface Run {
  readonly version: string
  /** the module, or `wengert` for the package itself */
  readonly subject: string
  readonly seed: number
  readonly exitCode: number
  readonly models: ReadonlyArray<Checked>
}

/**
 * How many are right, wrong and undecided.
 *
 * @category destructors
 * @since 0.1.0
 */
export const counts = (
  models: ReadonlyArray<Checked>,
): { readonly right: number; readonly wrong: number; readonly undecided: number } => {
  const of = (status: Checked['status']): number => models.filter((m) => m.status === status).length
  return { right: of('right'), wrong: of('wrong'), undecided: of('undecided') }
}

/**
 * A run as one JSON document. What is not finite is `null` there.
 *
 * @category destructors
 * @since 0.1.0
 */
export const jsonOf = ({ models, ...run }: Run): string =>
  `${JSON.stringify(
    {
      ...run,
      summary: counts(models),
      models: models.map(({ name, verdict, status, message, report, milliseconds }) => ({
        name,
        verdict,
        status,
        message,
        milliseconds,
        ...(report === null
          ? {}
          : {
              seed: report.seed,
              value: report.value,
              instructions: report.instructions,
              elements: report.elements,
              judgement: report.judgement,
              missProbability: report.missProbability,
              coverage: report.coverage,
              second: report.second,
              blame: report.blame,
              entry: report.entry,
              smallest: report.minimal?.listing ?? null,
              reproducer: report.reproducer,
            }),
      })),
    },
    null,
    2,
  )}\n`

/** What XML 1.0 cannot hold, even escaped. */
const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu

const ENTITIES: { readonly [c: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

const text = (s: string): string => s.replaceAll(FORBIDDEN, '\uFFFD').replaceAll(/[&<>\r]/g, (c) => ENTITIES[c])

const attribute = (s: string): string =>
  s.replaceAll(FORBIDDEN, '\uFFFD').replaceAll(/[&<>"'\t\n\r]/g, (c) => ENTITIES[c])

const seconds = (ms: number): string => (ms / 1000).toFixed(3)

const testcase = (subject: string, { name, verdict, status, message, report, milliseconds }: Checked): string => {
  const head = `    <testcase classname="${attribute(subject)}" name="${attribute(name)}" time="${seconds(milliseconds)}"`
  if (verdict === 'PASS') return `${head}/>`
  const tag = status === 'wrong' ? 'failure' : 'error'
  const reproducer = report?.reproducer ?? null
  const body =
    status === 'right'
      ? `      <system-out>${text(message)}</system-out>`
      : `      <${tag} type="${attribute(verdict)}" message="${attribute(message.split('\n')[0])}">` +
        `${text(reproducer === null ? message : `${message}\n\n${reproducer}`)}</${tag}>`
  return `${head}>\n${body}\n    </testcase>`
}

/**
 * A run as JUnit XML: a wrong gradient is a failure, an undecided one an error, and an accepted kink passes with its message
 * as output.
 *
 * @category destructors
 * @since 0.1.0
 */
export const junitOf = ({ subject, models }: Run): string => {
  const { wrong, undecided } = counts(models)
  const time = seconds(models.reduce((sum, { milliseconds }) => sum + milliseconds, 0))
  const totals = `tests="${models.length}" failures="${wrong}" errors="${undecided}" time="${time}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="wengert check" ${totals}>`,
    `  <testsuite name="${attribute(subject)}" ${totals}>`,
    ...models.map((model) => testcase(subject, model)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

/**
 * Certificates as the text of a file: of one as it is, of several as an array.
 *
 * @category destructors
 * @since 0.1.0
 */
export const certificatesText = (certificates: ReadonlyArray<Certificate>): string =>
  certificates.length === 1
    ? showCertificate(certificates[0])
    : `[\n${certificates.map(showCertificate).join(',\n')}]\n`
