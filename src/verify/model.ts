/**
 * What the verifier says, as plain data.
 *
 * @since 0.1.0
 */
import type { Covered } from './coverage.js'
import type { Segment } from './oracles/interval.js'
import type { Flat, Numbers, Problem } from './problem.js'

/**
 * - `PASS`: the gradient is right, as far as the tolerance says
 * - `WRONG_RULE`: the derivative of an instruction is wrong
 * - `WRONG_SWEEP`: the rules are right, and cotangents get lost or are counted twice on their way
 * - `ILL_CONDITIONED`: the rules are right, and float64 loses more than half of its digits on the way
 * - `KINK`: the function has no derivative here
 * - `DISCONTINUITY`: the function jumps here
 * - `NOISY_FUNCTION`: the function's values carry more noise than its operations explain
 * - `VACUOUS`: nothing was compared but zeros
 * - `INCONCLUSIVE`: no difference is accurate enough to judge by
 *
 * @category model
 * @since 0.1.0
 */
export type Verdict =
  | 'PASS'
  | 'WRONG_RULE'
  | 'WRONG_SWEEP'
  | 'ILL_CONDITIONED'
  | 'KINK'
  | 'DISCONTINUITY'
  | 'NOISY_FUNCTION'
  | 'VACUOUS'
  | 'INCONCLUSIVE'

/**
 * What was found where branches change.
 *
 * @category model
 * @since 0.1.0
 */
export interface KinkFacts {
  /** the slopes on both sides, `null` where no piece is wide enough to see one */
  readonly left: number | null
  readonly right: number | null
  /** the limits from both sides and the value itself */
  readonly limits: readonly [left: number | null, here: number, right: number | null]
  /** whether the derivative that the sweep gives lies between the slopes (F. H. Clarke's subdifferential in one dimension) */
  readonly contained: boolean | null
}

/**
 * The derivative along one direction, judged.
 *
 * @category model
 * @since 0.1.0
 */
export interface Judgement {
  readonly verdict: Verdict
  /** why, in a sentence */
  readonly reason: string
  /** the sweep in float64 and in double-double, along the direction */
  readonly analytic: number
  readonly exact: number
  /** by differences in double-double, with its error and step; NaN where there is none */
  readonly reference: number
  readonly referenceError: number
  readonly step: number
  /** `|exact - reference|`, and by how much the two may differ */
  readonly difference: number
  readonly tolerance: number
  /** how many of float64's 16 digits are lost in the gradient, and in the value */
  readonly lostDigits: number
  readonly lostDigitsOfValue: number
  /** bounds and measurements of the rounding error of one float64 value; the latter `null` where none shows */
  readonly predictedNoise: number
  readonly measuredNoise: number | null
  /** how many steps were left out because a branch changes within them */
  readonly branching: number
  readonly kink: KinkFacts | null
  /** differences by step, for drawing */
  readonly curve: ReadonlyArray<{ readonly step: number; readonly difference: number }>
}

/**
 * One line of the ledger: what goes wrong at one instruction.
 *
 * @category model
 * @since 0.1.0
 */
export interface LedgerRow {
  /** the position on the tape of the model's recording */
  readonly id: number
  readonly primitive: string
  readonly name: string
  readonly kind: 'rule' | 'accumulation'
  /** by how much it changes the derivative along the direction */
  readonly residual: number
  /** what the tangents' errors explain of it */
  readonly tolerance: number
}

/**
 * Who is to blame.
 *
 * @category model
 * @since 0.1.0
 */
export interface Blame {
  readonly verdict: 'WRONG_RULE' | 'WRONG_SWEEP'
  readonly id: number
  readonly primitive: string
  /** the name of a label or a called function, or the primitive and its position */
  readonly name: string
  /** inside a called function without a rule of its own: the instruction of its body */
  readonly within: Blame | null
  /** the operand whose contribution is wrong, and both contributions along the direction; `null` for an accumulation */
  readonly operand: { readonly index: number; readonly given: number; readonly expected: number } | null
  /** the parameters whose gradient it spoils */
  readonly parameters: ReadonlyArray<string>
  /** the largest rows, largest first; all rows sum to `total` */
  readonly ledger: ReadonlyArray<LedgerRow>
  readonly total: number
}

/**
 * An entry of the gradient that is wrong. Where the results are several, of the gradient of their weighed sum.
 *
 * @category model
 * @since 0.1.0
 */
export interface WrongEntry {
  /** the path of the parameter; empty where it is the whole point */
  readonly path: string
  readonly index: Numbers
  readonly given: number
  readonly expected: number
  /** whether no other entry is further off */
  readonly worst: boolean
}

/**
 * What is known of second derivatives, with the Hessian `H` and independent directions `u` and `v`.
 *
 * @category model
 * @since 0.1.0
 */
export interface SecondOrder {
  readonly verdict: Verdict
  /** the derivative of `<g, u>` along `v`, judged as that of any function */
  readonly judgement: Judgement
  /** `<H u, v>` and `<H v, u>` in double-double, from sweeps of two different gradients */
  readonly symmetry: {
    readonly uv: number
    readonly vu: number
    readonly difference: number
    readonly tolerance: number
  }
  /** `<H v, v>` by the sweep, and by second differences of the function's values; NaN where there are none */
  readonly curvature: { readonly exact: number; readonly reference: number; readonly tolerance: number }
}

/**
 * A smallest program that shows the same mistake.
 *
 * @category model
 * @since 0.1.0
 */
export interface Minimal {
  readonly program: Flat
  readonly point: ReadonlyArray<Numbers>
  readonly cotangent: ReadonlyArray<Numbers>
  readonly direction: ReadonlyArray<Numbers>
  /** instructions besides inputs and constants */
  readonly instructions: number
  /** one instruction a line */
  readonly listing: string
  readonly analytic: number
  readonly reference: number
}

/**
 * Everything about one verification.
 *
 * @category model
 * @since 0.1.0
 */
export interface Report {
  readonly verdict: Verdict
  /** the whole of it in words */
  readonly message: string
  /** what was verified: the recorded program and the point */
  readonly problem: Problem
  readonly seed: number
  readonly value: number
  /** the worst of the directions */
  readonly judgement: Judgement
  readonly direction: ReadonlyArray<Numbers>
  /** every direction that was judged, in order */
  readonly judgements: ReadonlyArray<Judgement>
  /** rules judged by themselves, and those of them that are right; `null` where a direction was wrong already */
  readonly rules: { readonly judged: number; readonly right: number } | null
  /** the first tier: complex steps, of which the worst ratio of difference to tolerance */
  readonly probes: { readonly count: number; readonly worst: number }
  readonly dotTest: {
    readonly forward: number
    readonly reverse: number
    readonly tolerance: number
    readonly agrees: boolean
  }
  /** the chance that an error in one entry, 2^20 times the tolerance, was missed by all directions judged */
  readonly missProbability: number
  /** how much went through each derivative here: what is not covered was not checked */
  readonly coverage: ReadonlyArray<Covered>
  /** second derivatives, where they were asked for and first ones are not wrong */
  readonly second: SecondOrder | null
  readonly instructions: number
  readonly elements: number
  readonly blame: Blame | null
  /** an entry of the gradient that is wrong */
  readonly entry: WrongEntry | null
  readonly minimal: Minimal | null
  /** two intervals that would have to meet if the smallest program's derivative were right, and do not */
  readonly proof: Segment | null
  /** a vitest file that fails by itself */
  readonly reproducer: string | null
}
