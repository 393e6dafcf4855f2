/**
 * Verifications as one page for people: the verdict first, then why, with pictures of what the numbers say.
 *
 * For each model: the numbers that were compared; the V-curve of differences against the gradient; the tape, coloured by
 * what each instruction gets wrong, or where nothing is wrong by how much of the function flows through it; the ledger; the
 * condition of each instruction; the accuracy of each rule that is used; which derivatives were exercised; a smallest
 * example and a test to paste.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Task } from 'fp-ts/lib/Task.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Failure } from '../Failure.js'
import { needed } from '../primitive/evaluate.js'
import type { PrimitiveName } from '../primitive/Primitive.js'
import { type Block, barChartSvg, graphSvg, lineChartSvg, pageHtml, type Section, tapeGraph } from '../show/index.js'
import { coveredBy, nameOfCovered } from '../verify/coverage.js'
import { type Report, ruleMap, type Verdict } from '../verify/index.js'
import { sweepOf } from '../verify/problem.js'
import { condition, type Share } from './condition.js'
import { float64Curve, type Off, slopeThrough } from './curve.js'

/**
 * A model that was verified, or could not be: then `report` is `null` and `message` says why.
 *
 * @category model
 * @since 0.1.0
 */
export interface Verified {
  readonly name: string
  readonly verdict: Verdict | 'REFUSED'
  readonly message: string
  readonly report: Report | null
}

const TONES: { readonly [V in Verified['verdict']]: 'good' | 'bad' | 'plain' } = {
  PASS: 'good',
  WRONG_RULE: 'bad',
  WRONG_SWEEP: 'bad',
  ILL_CONDITIONED: 'plain',
  KINK: 'plain',
  DISCONTINUITY: 'plain',
  NOISY_FUNCTION: 'plain',
  VACUOUS: 'plain',
  INCONCLUSIVE: 'plain',
  REFUSED: 'bad',
}

/** Four digits. */
const short = (x: number): string => {
  if (!Number.isFinite(x)) return String(x)
  return Math.abs(x) >= 1e6 ? x.toExponential(3) : String(Number(x.toPrecision(4)))
}

const text = (t: string): Block => ({ kind: 'text', text: t })

/** A picture, or the sentence that says why there is none. */
const picture = async (svg: TaskEither<Failure, string>, caption: string): Promise<Block> => {
  const drawn = await svg()
  return E.isRight(drawn)
    ? { kind: 'figure', svg: drawn.right, caption }
    : text(`There is no picture here: ${drawn.left.message}.`)
}

const failed = ({ message }: Failure): ReadonlyArray<Block> => [text(`This could not be computed: ${message}.`)]

// ----------------------------------------------------------------------------------------------------- the V-curve

/** What is smaller than this is rounding in the difference of two double-doubles. */
const LEAST_DRAWN = 1e-40

const drawable = (points: ReadonlyArray<Off>): ReadonlyArray<Off> =>
  points.filter(([, y]) => y >= LEAST_DRAWN && Number.isFinite(y))

const curve = async (report: Report): Promise<ReadonlyArray<Block>> => {
  const { judgement } = report
  const low = float64Curve(report)
  if (E.isLeft(low)) return failed(low.left)
  const rough = drawable(low.right)
  const fine = drawable(judgement.curve.map(({ step, difference }) => [step, difference] as const))
  const all = [...rough, ...fine]
  if (all.length === 0)
    return [text('Every difference agrees with the gradient to the last bit, so there is no curve to draw.')]
  const wrong = judgement.verdict.startsWith('WRONG')
  const last = (points: ReadonlyArray<Off>): Off => points.reduce((a, b) => (b[0] < a[0] ? b : a))
  const first = (points: ReadonlyArray<Off>): Off => points.reduce((a, b) => (b[0] > a[0] ? b : a))
  const line = (name: string, points: ReadonlyArray<Off>) => ({ name, points: drawable(points) })
  const series = [
    { ...line('float64, second order', rough), as: 'both' as const },
    { ...line('double-double, fourth order', fine), as: 'both' as const },
    ...(wrong
      ? [
          line(
            'plateau: the error of the gradient',
            all.map(([h]) => [h, judgement.difference] as const),
          ),
        ]
      : [
          ...(rough.length === 0 ? [] : [line('slope -1: rounding', slopeThrough(rough, last(rough), -1))]),
          ...(fine.length === 0 ? [] : [line('slope 4: curvature', slopeThrough(fine, first(fine), 4))]),
        ]),
  ].filter(({ points }) => points.length > 0)
  return [
    await picture(
      lineChartSvg({
        title: 'Differences against the gradient',
        xLabel: 'step h',
        yLabel: 'distance from the gradient',
        logarithmic: true,
        logarithmicX: true,
        series,
      }),
      wrong
        ? 'A wrong gradient shows as a plateau: smaller steps bring the differences no nearer to it.'
        : 'A right gradient shows as a V: the distance falls as the function looks straighter, then grows with rounding.',
    ),
  ]
}

// -------------------------------------------------------------------------------------------- the tape and its parts

/** Instructions drawn at most: more are no picture any more. */
const DRAWN = 60

const tape = async ({ problem, blame }: Report, shares: ReadonlyArray<Share>): Promise<ReadonlyArray<Block>> => {
  const here = new Map(problem.origin.map((from, id) => [from, id] as const))
  const residuals = (blame?.ledger ?? []).flatMap(({ id, residual }) => {
    const at = here.get(id)
    return at === undefined ? [] : [[at, Math.abs(residual)] as const]
  })
  const heat = new Map(residuals.length > 0 ? residuals : shares.map(({ id, share }) => [id, share] as const))
  const notes = new Map([...heat].map(([id, h]) => [id, [short(h)]] as const))
  const guilty = blame === null ? undefined : here.get(blame.id)
  const graph = tapeGraph(problem.program, {
    title: 'The tape',
    heat,
    notes,
    limit: DRAWN,
    ...(guilty === undefined ? {} : { highlight: [guilty] }),
  })
  return [
    await picture(
      graphSvg(graph),
      blame === null
        ? 'The warmer an instruction, the more of the function flows through it (its share, below).'
        : `The warmer an instruction, the more of the error it makes (its residual); **${blame.name}** is to blame.`,
    ),
  ]
}

const ledger = ({ blame }: Report): ReadonlyArray<Block> =>
  blame === null
    ? []
    : [
        {
          kind: 'table',
          caption: `Residuals of all instructions sum to the error of the derivative, ${short(blame.total)}.`,
          head: ['instruction', 'what', 'residual', 'explained by errors of tangents'],
          rows: blame.ledger.map(({ id, name, kind, residual, tolerance }) => [
            `%${id} ${name}`,
            kind === 'rule' ? 'its rule' : 'how its cotangents are joined',
            short(residual),
            short(tolerance),
          ]),
        },
      ]

/** Bars drawn at most. */
const BARS = 12

const conditionBlocks = async (shares: ReadonlyArray<Share>): Promise<ReadonlyArray<Block>> => {
  const top = shares.filter(({ share }) => share > 0).slice(0, BARS)
  if (top.length === 0) return [text('The function is zero here, and nothing flows through any instruction.')]
  return [
    await picture(
      barChartSvg({
        title: 'How much of the function flows through an instruction',
        xLabel: 'instruction',
        yLabel: 'share',
        categories: top.map(({ id, name }) => `%${id} ${name}`),
        series: [{ name: 'share', values: top.map(({ share }) => share) }],
      }),
      'A relative error of one part in 10^16 made there moves the function by this many parts in 10^16. Far above 1 is ' +
        'where terms cancel and digits are lost.',
    ),
  ]
}

const accuracy = ({ problem }: Report): ReadonlyArray<Block> => {
  const used = [...new Set(needed(problem.program).map(({ primitive }) => primitive as PrimitiveName))]
  const map = ruleMap({ calculus: problem.calculus, only: used })
  if (E.isLeft(map)) return failed(map.left)
  if (map.right.length === 0) return [text('No rule that is used here rounds: all are exact.')]
  return [
    {
      kind: 'table',
      caption: 'Errors of the derivative rules that are used, in units in the last place, over operands of all sizes.',
      head: ['rule', 'operand', 'worst', 'median', 'worst at'],
      rows: map.right.map(({ primitive, variant, operand, rounding }) => [
        variant === '' ? primitive : `${primitive} ${variant}`,
        operand,
        rounding === null ? '' : short(rounding.worst),
        rounding === null ? '' : short(rounding.median),
        rounding === null ? '' : rounding.witness.map(short).join(', '),
      ]),
    },
  ]
}

const covered = ({ problem, direction }: Report): ReadonlyArray<Block> => {
  const sweep = sweepOf(problem)
  const found = E.isLeft(sweep) ? sweep : coveredBy(problem, sweep.right, direction)
  if (E.isLeft(found)) return failed(found.left)
  return [
    {
      kind: 'table',
      caption:
        'Derivatives that this check exercised. What carries nothing was not checked, whatever the verdict says.',
      head: ['derivative', 'uses', 'largest flow', ''],
      rows: found.right.map((c) => [nameOfCovered(c), c.uses, short(c.share), c.covered ? '' : '**not covered**']),
    },
  ]
}

// ------------------------------------------------------------------------------------------------------- the page

const facts = ({ judgement, instructions, missProbability }: Report): Block => ({
  kind: 'facts',
  facts: [
    { name: 'the sweep says', value: short(judgement.analytic) },
    { name: 'differences say', value: Number.isNaN(judgement.reference) ? 'nothing' : short(judgement.reference) },
    { name: 'apart', value: Number.isNaN(judgement.difference) ? 'unknown' : short(judgement.difference) },
    { name: 'allowed', value: Number.isNaN(judgement.tolerance) ? 'unknown' : short(judgement.tolerance) },
    { name: 'digits lost', value: judgement.lostDigits.toFixed(1) },
    { name: 'instructions', value: String(instructions) },
    { name: 'one wrong entry missed with chance', value: short(missProbability) },
  ],
})

const example = ({ minimal, reproducer }: Report): ReadonlyArray<Block> => [
  ...(minimal === null
    ? []
    : [text('A smallest program that shows it:'), { kind: 'code', code: minimal.listing } as const]),
  ...(reproducer === null
    ? []
    : [
        {
          kind: 'more',
          summary: 'A test that fails by itself, to paste',
          blocks: [{ kind: 'code', code: reproducer }],
        } as const,
      ]),
]

const details = async (report: Report): Promise<ReadonlyArray<Block>> => {
  const shares = condition(report.problem)
  return [
    facts(report),
    ...(await curve(report)),
    ...(E.isLeft(shares) ? failed(shares.left) : await tape(report, shares.right)),
    ...ledger(report),
    ...example(report),
    ...(E.isLeft(shares) ? [] : await conditionBlocks(shares.right)),
    ...covered(report),
    ...accuracy(report),
    { kind: 'more', summary: 'The whole report in words', blocks: [{ kind: 'code', code: report.message }] },
  ]
}

/** Models shown with all their pictures; the others with their verdict and report in words. */
const DETAILED = 12

const section = async ({ name, verdict, message, report }: Verified, detailed: boolean): Promise<Section> => {
  const [first, ...rest] = message.split('\n')
  const note: Block = {
    kind: 'note',
    tone: TONES[verdict],
    text: first.startsWith(verdict) ? first : `${verdict}: ${first}`,
  }
  if (report !== null && detailed) return { title: name, blocks: [note, ...(await details(report))] }
  return {
    title: name,
    blocks: [note, ...(rest.length === 0 ? [] : [{ kind: 'code', code: rest.join('\n') } as const])],
  }
}

/**
 * What to say about a run besides its models.
 *
 * @category model
 * @since 0.1.0
 */
export interface Run {
  readonly subject: string
  readonly seed: number
  readonly version: string
}

/**
 * A run of the verifier as one HTML document that needs no network. Models whose gradient is wrong come first; beyond a
 * dozen, models have their report in words only. Pictures need the optional peers of `wengert/show`, and a sentence says so
 * where one is missing.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { mul, sin, sum, tensor, type Var } from 'wengert'
 * import { verificationHtml } from 'wengert/report'
 * import { verifyGradient } from 'wengert/verify'
 *
 * const report = verifyGradient((x: Var<readonly [2]>) => sum(mul(x, sin(x))))(tensor([1, 2]))
 * assert(isRight(report))
 * const { verdict, message } = report.right
 * const run = { subject: 'wave.ts', seed: 1, version: '0.1.0' }
 * const html = await verificationHtml([{ name: 'wave', verdict, message, report: report.right }], run)()
 * assert(html.startsWith('<!doctype html>') && html.includes('PASS'))
 * ```
 *
 * @category reports
 * @since 0.1.0
 */
export const verificationHtml =
  (models: ReadonlyArray<Verified>, { subject, seed, version }: Run): Task<string> =>
  async () => {
    const bad = (v: Verified): number => ['bad', 'plain', 'good'].indexOf(TONES[v.verdict])
    const ordered = [...models].sort((a, b) => bad(a) - bad(b))
    const sections: Array<Section> = []
    for (const [i, model] of ordered.entries()) sections.push(await section(model, i < DETAILED))
    const count = (tone: string): number => models.filter(({ verdict }) => TONES[verdict] === tone).length
    return pageHtml({
      title: `Gradients of ${subject}`,
      lead: `${models.length} checked: ${count('good')} right, ${count('bad')} wrong or refused, ${count('plain')} to look at.`,
      sections,
      footer: `Made by wengert ${version} with seed ${seed}; the same seed gives the same page.`,
    })
  }
