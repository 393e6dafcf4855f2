/**
 * A report in words, always in the same order: verdict; where; the numbers and how far apart they are; what rounding and
 * branches have to do with it; the smallest example; what to do next.
 *
 * @since 0.1.0
 */
import { entryName } from './centralDifferences.js'
import { nameOfCovered } from './coverage.js'
import type { Blame, Judgement, Minimal, Report, SecondOrder, WrongEntry } from './model.js'

/** The shortest decimal that is this number. */
const digits = (x: number): string => String(x)

const short = (x: number): string => (Number.isFinite(x) ? x.toPrecision(3) : String(x))

const placeOf = ({ verdict, id, primitive, name, within, operand, parameters }: Blame): string => {
  const inside = within === null ? '' : ` (inside it, ${within.primitive} at %${within.id})`
  const where = `${primitive} at %${id}${name.startsWith(`${primitive}#`) ? '' : ` "${name}"`}${inside}`
  const which = operand === null ? 'how its cotangents are joined' : `its operand ${operand.index}`
  const rule =
    operand === null
      ? ''
      : `: it gives ${digits(operand.given)}, and should give ${digits(operand.expected)} (along the direction)`
  const spoiled = parameters.map((p) => (p === '' ? 'the parameter' : p)).join(', ')
  return `where: ${where}, ${verdict === 'WRONG_RULE' ? 'the derivative for ' : ''}${which}${rule}\nspoils the gradient of: ${spoiled || 'nothing'}`
}

const ledgerOf = ({ ledger, total }: Blame): string =>
  ['ledger (residuals of all instructions sum to the error of the derivative):']
    .concat(ledger.slice(0, 5).map((r) => `  ${short(r.residual).padStart(10)}  ${r.kind} of ${r.name} %${r.id}`))
    .concat([`  ${short(total).padStart(10)}  in total`])
    .join('\n')

const numbersOf = (j: Judgement): ReadonlyArray<string> => [
  `sweep in float64: ${digits(j.analytic)}`,
  `sweep in double-double: ${digits(j.exact)}`,
  Number.isNaN(j.reference)
    ? 'reference: none; no difference could be taken'
    : `reference: ${digits(j.reference)} ± ${short(j.referenceError)}, by differences of values in double-double, h = ${short(j.step)}`,
  ...(Number.isNaN(j.difference)
    ? []
    : [
        `difference: ${short(j.difference)}, ${short(j.difference / j.tolerance)} times the tolerance ${short(j.tolerance)}`,
      ]),
  `digits that float64 loses: ${j.lostDigits.toFixed(1)} of the gradient's, ${j.lostDigitsOfValue.toFixed(1)} of the value's`,
  `noise of one value: at most ${short(j.predictedNoise)} by its operations, ${j.measuredNoise === null ? 'none measured' : `${short(j.measuredNoise)} measured`}`,
]

const kinkOf = ({ kink, branching }: Judgement): string => {
  if (kink === null)
    return branching === 0
      ? 'no kink: every step stayed on one smooth piece'
      : `no kink at the point: ${branching} larger steps that cross one were left out`
  const [left, here, right] = kink.limits
  const say = (x: number | null): string => (x === null ? 'unknown' : digits(x))
  return (
    `slopes: ${say(kink.left)} on the left, ${say(kink.right)} on the right; limits: ${say(left)}, ${say(here)} at the point, ${say(right)}` +
    (kink.contained === null ? '' : `; the derivative given is ${kink.contained ? '' : 'not '}between the slopes`)
  )
}

const exampleOf = ({ listing, analytic, reference, instructions }: Minimal): string =>
  `smallest example (${instructions} instruction${instructions === 1 ? '' : 's'}):\n${listing.replace(/^/gm, '  ')}\n` +
  `  sweep ${digits(analytic)}, should be ${digits(reference)}`

/** How many numbers of a parameter to print. */
const FEW = 6

const pointOf = ({ paths, point }: Report['problem']): string =>
  `at: ${point
    .map((xs, i) => {
      const list = xs.slice(0, FEW).join(', ')
      const numbers = xs.length <= FEW ? `[${list}]` : `[${list}, ... ${xs.length} numbers]`
      return paths[i] === '' ? numbers : `${paths[i]} = ${numbers}`
    })
    .join('; ')}`

const entryOf = (entry: WrongEntry): string =>
  `${entry.worst ? 'worst entry' : 'wrong entry, by bisection'}: ${entryName(entry)} is ${digits(entry.given)}, and should be ${digits(entry.expected)}`

const secondOf = ({ verdict, judgement, symmetry, curvature }: SecondOrder): string =>
  `second derivatives: ${verdict}, ${judgement.reason}; <Hu, v> = ${digits(symmetry.uv)}, <Hv, u> = ${digits(symmetry.vu)}; ` +
  `<Hv, v> = ${digits(curvature.exact)}${Number.isNaN(curvature.reference) ? '' : `, by second differences of values ${digits(curvature.reference)}`}`

/** How many derivatives that were not exercised to name. */
const NAMED = 6

const uncoveredOf = ({ coverage }: Pick<Report, 'coverage'>): ReadonlyArray<string> => {
  const names = coverage.filter(({ covered }) => !covered).map(nameOfCovered)
  if (names.length === 0) return []
  const more = names.length > NAMED ? `; and ${names.length - NAMED} more` : ''
  return [`not checked here, since nothing flows through: ${names.slice(0, NAMED).join('; ')}${more}`]
}

const rulesOf = ({ rules, blame }: Pick<Report, 'rules' | 'blame'>): ReadonlyArray<string> =>
  rules === null || blame !== null
    ? []
    : [
        `each rule by itself: ${rules.right} of ${rules.judged} right${rules.right === rules.judged ? '' : ', none wrong; the others are at a kink, or too flat to tell'}`,
      ]

const NEXT: { readonly [V in Report['verdict']]: string } = {
  PASS: 'nothing to do',
  WRONG_RULE: 'correct the rule, then paste the reproducer into a test file and see it pass',
  WRONG_SWEEP: 'correct how cotangents are accumulated; the rules are right',
  ILL_CONDITIONED: 'rewrite the formula: expm1, log1p, logSumExp, or an algebraically equal form that does not cancel',
  KINK: 'nothing is wrong with the rules here; check at another point, and see whether the optimiser minds',
  DISCONTINUITY: 'a gradient cannot see a jump; smooth the function, or hold that part with stopGradient',
  NOISY_FUNCTION:
    'look for float32, iterations that stop early, or rounding inside; the gradient is that of the smooth part',
  VACUOUS: 'check at another point, at which the parameters matter',
  INCONCLUSIVE: 'check at another point, or with another seed',
}

/**
 * A report as text.
 *
 * @category destructors
 * @since 0.1.0
 */
export const describe = (report: Omit<Report, 'message'>): string => {
  const { verdict, judgement, blame, entry, minimal, proof, second } = report
  const { dotTest, probes, judgements, missProbability, seed } = report
  return [
    `${verdict}: ${judgement.reason}`,
    ...(blame === null ? [] : [placeOf(blame)]),
    ...(blame === null ? [] : [pointOf(report.problem)]),
    ...(entry === null ? [] : [entryOf(entry)]),
    ...numbersOf(judgement),
    kinkOf(judgement),
    ...(blame === null ? [] : [ledgerOf(blame)]),
    ...(minimal === null ? [] : [exampleOf(minimal)]),
    ...(dotTest.agrees
      ? []
      : [
          `forward mode disagrees with reverse mode: ${digits(dotTest.forward)} and ${digits(dotTest.reverse)}, tolerance ${short(dotTest.tolerance)}`,
        ]),
    ...(proof === null
      ? []
      : [
          `proof: over the segment of ±${short(proof.step)} its values have a slope in [${digits(proof.quotient.lo)}, ${digits(proof.quotient.hi)}], ` +
            `the sweep says [${digits(proof.derivative.lo)}, ${digits(proof.derivative.hi)}]`,
        ]),
    ...(second === null ? [] : [secondOf(second)]),
    ...uncoveredOf(report),
    ...rulesOf(report),
    `checked: ${judgements.length} directions in full, ${probes.count} complex steps (worst ${short(probes.worst)} of the tolerance), seed ${seed}; ` +
      `an error in one entry of 2^20 tolerances is missed with probability ${short(missProbability)}`,
    `next: ${NEXT[verdict]}`,
  ].join('\n')
}
