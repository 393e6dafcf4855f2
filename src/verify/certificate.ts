/**
 * Certificates: what a verification found, as JSON that anyone can check again without the model that it was about. A
 * certificate holds the recorded program, the point, the seed, the verdict, and every entry of the gradient between two
 * bounds, which an interval evaluation of the reverse sweep gives with outward rounding: what lies outside is no entry of
 * the gradient that this tape has.
 *
 * Checking one again trusts nothing but the program and the point: the verdict is reached anew, the bounds are computed
 * anew, and each must be what the certificate says.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { interval } from '../algebra/index.js'
import { type Failure, fail } from '../Failure.js'
import { type Program, standard } from '../Program.js'
import { ProgramCodec, stringify } from '../ProgramCodec.js'
import { needed } from '../primitive/evaluate.js'
import type { Calculus } from '../primitive/Recorder.js'
import type { Reverse } from '../Reverse.js'
import { size } from '../Shape.js'
import type * as Tree from '../Tree.js'
import { leaves } from '../Tree.js'
import { NumberCodec } from '../tensor/codec.js'
import type { AnyVar } from '../Var.js'
import { problemOf } from './held.js'
import type { Report } from './model.js'
import { certainDigits, encloseGradient } from './oracles/interval.js'
import { type Flat, indexIn, type Problem } from './problem.js'
import { BUDGET, type Budget, type Subject, subjectOf } from './subject.js'
import { type VerifyOptions, verifyRecorded } from './verify.js'

const FORMAT = 'wengert-certificate'
const VERSION = 1

const OPERATION = 'certificate'

const Numbers = t.readonlyArray(NumberCodec)

/** Each costs a verification, so there is a limit to what a file may ask for. */
const MOST = 1024

const count = (least: number) =>
  t.refinement(
    t.number,
    (n) => Number.isInteger(n) && n >= least && n <= MOST,
    `a whole number from ${least} to ${MOST}`,
  )

/** Lower and upper bounds; `null` where the interval evaluation cannot tell. */
const Bounds = t.union([
  t.null,
  t.refinement(t.readonly(t.tuple([t.number, t.number])), ([lo, hi]) => lo <= hi, 'lower and upper bound'),
])

const Parameter = t.readonly(
  t.strict({
    path: t.string,
    value: Numbers,
    /** one pair for each entry of the gradient */
    gradient: t.readonlyArray(Bounds),
  }),
)

/**
 * The codec of certificates. `certify` and `parseCertificate` make them; a value that decodes is well formed, which is
 * not to say that it is true: `replay` says that.
 *
 * @category codecs
 * @since 0.1.0
 */
export const CertificateCodec = t.readonly(
  t.strict({
    format: t.literal(FORMAT),
    version: t.literal(VERSION),
    verdict: t.string,
    reason: t.string,
    seed: t.number,
    directions: count(1),
    probes: count(0),
    /** the sweep in float64 and the reference with its error, along the direction that was judged worst */
    analytic: NumberCodec,
    reference: NumberCodec,
    referenceError: NumberCodec,
    parameters: t.readonlyArray(Parameter),
    cotangent: t.readonlyArray(Numbers),
    /** tells programs apart; what it is of is the text that `wengert/ProgramCodec` writes */
    fingerprint: t.string,
    program: ProgramCodec,
  }),
)

/**
 * @category model
 * @since 0.1.0
 */
export type Certificate = t.TypeOf<typeof CertificateCodec>

const FNV_OFFSET = 0xcbf29ce484222325n
const FNV_PRIME = 0x100000001b3n

/**
 * A program's fingerprint: FNV-1a of 64 bits over its text (G. Fowler, L. C. Noll, K.-P. Vo, 1991). It tells programs apart
 * that differ by accident; it is no protection against somebody who means to deceive.
 *
 * @category destructors
 * @since 0.1.0
 */
export const fingerprint = (program: Program): string => {
  let hash = FNV_OFFSET
  for (const c of stringify(program)) hash = BigInt.asUintN(64, (hash ^ BigInt(c.codePointAt(0) as number)) * FNV_PRIME)
  return hash.toString(16).padStart(16, '0')
}

const boundsOf = (
  problem: Problem,
): E.Either<Failure, ReadonlyArray<ReadonlyArray<readonly [number, number] | null>>> =>
  E.map((entries: ReadonlyArray<ReadonlyArray<{ readonly lo: number; readonly hi: number }>>) =>
    entries.map((g) =>
      g.map(({ lo, hi }) => (Number.isFinite(lo) && Number.isFinite(hi) ? ([lo, hi] as const) : null)),
    ),
  )(encloseGradient(problem))

/** One path through the program of a certificate: the program it holds has lists of inputs and of outputs. */
const flat = (program: Program): Flat => ({
  ...program,
  inputs: leaves<AnyVar>(program.inputs),
  outputs: leaves<AnyVar>(program.outputs),
})

const certified = (
  subject: Subject,
  options: VerifyOptions,
): E.Either<Failure, { readonly report: Report; readonly certificate: Certificate }> => {
  const { problem } = subject
  const { seed = 1, directions = 2, probes = 4 } = options
  const report = verifyRecorded(subject, options)
  if (E.isLeft(report)) return report
  const bounds = boundsOf(problem)
  if (E.isLeft(bounds)) return bounds
  const { verdict, judgement } = report.right
  const certificate: Certificate = {
    format: FORMAT,
    version: VERSION,
    verdict,
    reason: judgement.reason,
    seed,
    directions,
    probes,
    analytic: judgement.analytic,
    reference: judgement.reference,
    referenceError: judgement.referenceError,
    parameters: problem.paths.map((path, i) => ({ path, value: problem.point[i], gradient: bounds.right[i] })),
    cotangent: problem.cotangent,
    fingerprint: fingerprint(problem.program),
    program: problem.program,
  }
  return E.right({ report: report.right, certificate })
}

/**
 * Verifies the gradient of a model at a point, and certifies what was found, whatever it is. Fails as `verifyGradient` does.
 *
 * The rules are written down with the tape only where they are part of it (`customRule`); with a calculus of one's own, the
 * certificate holds for whoever checks it with the same one.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { mul, sin, sum, tensor, type Var } from 'wengert'
 * import { certify, parseCertificate, replay, showCertificate } from 'wengert/verify'
 *
 * const model = (x: Var<readonly [2]>) => sum(mul(x, sin(x)))
 * const made = certify(model)(tensor([1, 2]))
 * assert(isRight(made))
 * const text = showCertificate(made.right.certificate) // to be written to a file, and sent to somebody
 *
 * const read = parseCertificate(text)
 * assert(isRight(read))
 * const again = replay()(read.right)
 * assert(isRight(again) && again.right.agrees && again.right.report.verdict === 'PASS')
 * const [lo, hi] = read.right.parameters[0].gradient[0] ?? [0, 0]
 * assert(lo <= Math.sin(1) + Math.cos(1) && Math.sin(1) + Math.cos(1) <= hi && hi - lo < 1e-14)
 * ```
 *
 * @category certificates
 * @since 0.1.0
 */
export const certify =
  <P extends Tree.VarTree, Q extends Tree.VarTree>(model: (p: P) => Reverse<Q>, options: VerifyOptions = {}) =>
  (point: Tree.Inputs<P>): E.Either<Failure, { readonly report: Report; readonly certificate: Certificate }> => {
    const { calculus = standard, seed = 1 } = options
    const subject = subjectOf(model as unknown as (p: never) => Reverse<Tree.VarTree>, point, {
      calculus,
      seed,
      budget: { ...BUDGET, ...options.budget },
    })
    return E.isLeft(subject) ? subject : certified(subject.right, options)
  }

/**
 * A certificate as text.
 *
 * @category destructors
 * @since 0.1.0
 */
export const showCertificate = (certificate: Certificate): string =>
  `${JSON.stringify(CertificateCodec.encode(certificate), null, 1)}\n`

const CHARACTERS = 2 ** 28

/**
 * Reads a certificate. Fails with `MalformedTape`, `TooLarge` or a shape that does not fit, saying where.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parseCertificate = (text: string): E.Either<Failure, Certificate> => {
  const refuse = (message: string, path = ''): E.Either<Failure, never> =>
    fail('MalformedTape', `${OPERATION}: ${message}`, { operation: OPERATION, path })
  if (text.length > CHARACTERS)
    return fail('TooLarge', `${OPERATION}: the text has ${text.length} characters; at most ${CHARACTERS} are allowed`)
  let u: unknown
  try {
    u = JSON.parse(text)
  } catch (e) {
    return refuse(`the text is not JSON: ${e instanceof Error ? e.message : String(e)}`)
  }
  if ((u as { readonly format?: unknown } | null)?.format !== FORMAT)
    return refuse(`this is no certificate: its format is not ${FORMAT}`, 'format')
  const decoded = CertificateCodec.decode(u)
  if (E.isLeft(decoded)) {
    const [{ context, message }] = decoded.left
    const path = context
      .map(({ key }) => key)
      .filter((key) => key !== '')
      .join('.')
    return refuse(`${path} ${message ?? 'is missing or not what it should be'}`, path)
  }
  const { parameters, cotangent, program } = decoded.right
  const [inputs, outputs] = [leaves<AnyVar>(program.inputs), leaves<AnyVar>(program.outputs)]
  const fits =
    parameters.length === inputs.length &&
    cotangent.length === outputs.length &&
    parameters.every(({ value, gradient }, i) => [value, gradient].every((x) => x.length === size(inputs[i].shape))) &&
    cotangent.every((c, i) => c.length === size(outputs[i].shape))
  return fits ? E.right(decoded.right) : refuse('the parameters and cotangents do not fit the program', 'parameters')
}

/**
 * What came of checking a certificate.
 *
 * @category model
 * @since 0.1.0
 */
export interface Replay {
  /** whether everything is as the certificate says */
  readonly agrees: boolean
  /** what is not, a sentence each */
  readonly differences: ReadonlyArray<string>
  readonly report: Report
  /** the fewest certain digits of an entry of the gradient, by its bounds; entries that are zero, or without bounds, aside */
  readonly digits: number
}

type Entries = ReadonlyArray<{
  readonly path: string
  readonly gradient: ReadonlyArray<readonly [number, number] | null>
}>

/** Bounds of one thing must meet: elementary functions may differ by rounding from machine to machine. */
const apart = (before: Entries, after: Entries, program: Flat): ReadonlyArray<string> =>
  before.flatMap(({ path, gradient }, i) =>
    gradient.flatMap((was, j) => {
      const is = after[i].gradient[j]
      const where = `the gradient at ${path === '' ? 'the point' : path}[${indexIn(program.inputs[i].shape, j).join(', ')}]`
      if (was === null || is === null)
        return was === is
          ? []
          : [`${where} has ${is === null ? 'no bounds' : 'bounds'} now, and the certificate differs`]
      return was[0] <= is[1] && is[0] <= was[1]
        ? []
        : [`${where} lies in [${is.join(', ')}]; the certificate says [${was.join(', ')}]`]
    }),
  )

/**
 * Checks a certificate: verifies its program at its point again, and compares.
 *
 * @category certificates
 * @since 0.1.0
 */
export const replay =
  (options: { readonly calculus?: Calculus; readonly budget?: Partial<Budget> } = {}) =>
  (certificate: Certificate): E.Either<Failure, Replay> => {
    const { seed, directions, probes, parameters, cotangent } = certificate
    const program = flat(certificate.program)
    const { calculus = standard } = options
    const wanted = needed(program)
    const elements = wanted.reduce((sum, { shape }) => sum + size(shape), 0)
    const most = { ...BUDGET, ...options.budget }
    if (wanted.length > most.instructions || elements > most.elements)
      return fail(
        'TooLarge',
        `${OPERATION}: its program has ${wanted.length} instructions and ${elements} elements; the budget is ` +
          `${most.instructions} and ${most.elements}: raise it to check this certificate`,
      )
    const problem = problemOf(
      calculus,
      program,
      parameters.map(({ path }) => path),
      parameters.map(({ value }) => value),
      cotangent,
    )
    if (E.isLeft(problem)) return problem
    const again = certified(
      { problem: problem.right, instructions: wanted.length, elements },
      { ...options, calculus, seed, directions, probes },
    )
    if (E.isLeft(again)) return again
    const { report, certificate: now } = again.right
    const differences = [
      ...(fingerprint(certificate.program) === certificate.fingerprint
        ? []
        : ['the program is not the one that the certificate was made for: its fingerprint differs']),
      ...(now.verdict === certificate.verdict
        ? []
        : [`the verdict is ${now.verdict}; the certificate says ${certificate.verdict}`]),
      ...apart(parameters, now.parameters, program),
    ]
    const digits = now.parameters
      .flatMap(({ gradient }) => gradient)
      .filter((b) => b !== null && (b[0] !== 0 || b[1] !== 0))
      .reduce(
        (least, b) =>
          Math.min(least, certainDigits(interval.make((b as [number, number])[0], (b as [number, number])[1]))),
        16,
      )
    return E.right({ agrees: differences.length === 0, differences, report, digits })
  }
