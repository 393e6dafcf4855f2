/**
 * What a verification means to whoever asked: the gradient is right, wrong, or it cannot be told.
 *
 * `PASS` is right, and so is a `KINK` at which the derivative given is a subgradient: there is no derivative to be right about,
 * and a point on a tie is no mistake of anybody's. `WRONG_RULE` and `WRONG_SWEEP` are wrong. Everything else is undecided, and so
 * is a model that the verifier refuses: one that throws, gives another structure, or is not the same twice.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Calculus } from '../primitive/Recorder.js'
import type { Reverse } from '../Reverse.js'
import type * as Tree from '../Tree.js'
import {
  type Certificate,
  certify,
  type Report,
  type Verdict,
  type VerifyOptions,
  verifyGradient,
} from '../verify/index.js'

/**
 * @category model
 * @since 0.1.0
 */
export type Status = 'right' | 'wrong' | 'undecided'

/**
 * One model at one point, verified.
 *
 * @category model
 * @since 0.1.0
 */
export interface Checked {
  readonly name: string
  /** `REFUSED` where the model could not be verified */
  readonly verdict: Verdict | 'REFUSED'
  readonly status: Status
  /** the report in words, or the sentence of the refusal */
  readonly message: string
  /** `null` for a refusal */
  readonly report: Report | null
  /** where one was asked for and there is a report */
  readonly certificate: Certificate | null
  readonly milliseconds: number
}

/**
 * What a report comes to.
 *
 * @category destructors
 * @since 0.1.0
 */
export const statusOf = ({ verdict, judgement }: Pick<Report, 'verdict' | 'judgement'>): Status => {
  if (verdict === 'PASS') return 'right'
  if (verdict === 'WRONG_RULE' || verdict === 'WRONG_SWEEP') return 'wrong'
  return verdict === 'KINK' && judgement.kink?.contained === true ? 'right' : 'undecided'
}

/**
 * The exit code of several: 1 if one is wrong, else 2 if one is undecided, else 0.
 *
 * @category destructors
 * @since 0.1.0
 */
export const exitCodeOf = (all: ReadonlyArray<Pick<Checked, 'status'>>): 0 | 1 | 2 =>
  all.some(({ status }) => status === 'wrong') ? 1 : all.some(({ status }) => status === 'undecided') ? 2 : 0

/**
 * Verifies a model of unknown type at a point of unknown type. Never throws.
 *
 * @category verification
 * @since 0.1.0
 */
export const checkModel = (
  name: string,
  model: unknown,
  point: unknown,
  { certified = false, ...options }: VerifyOptions & { readonly calculus?: Calculus; readonly certified?: boolean },
  now: () => number,
): Checked => {
  const started = now()
  const refused = (message: string): Checked => ({
    name,
    verdict: 'REFUSED',
    status: 'undecided',
    message,
    report: null,
    certificate: null,
    milliseconds: now() - started,
  })
  try {
    const f = model as (p: Tree.VarTree) => Reverse<Tree.VarTree>
    const at = point as Tree.Inputs<Tree.VarTree>
    const result = certified
      ? certify(f, options)(at)
      : E.map((found: Report) => ({ report: found, certificate: null }))(verifyGradient(f, options)(at))
    if (E.isLeft(result)) return refused(result.left.message)
    const { report, certificate } = result.right
    return {
      name,
      verdict: report.verdict,
      status: statusOf(report),
      message: report.message,
      report,
      certificate,
      milliseconds: now() - started,
    }
  } catch (e) {
    return refused(`the verification itself fails: ${e instanceof Error ? e.message : String(e)}`)
  }
}
