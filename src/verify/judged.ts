/**
 * A direction judged, and whoever is to blame found.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'
import { blame } from './blame.js'
import { judge } from './classify.js'
import type { Examined } from './examined.js'
import type { Blame, Judgement, Verdict } from './model.js'
import type { Numbers } from './problem.js'

/**
 * What a direction came to.
 *
 * @category model
 * @since 0.1.0
 */
export interface Found {
  readonly examined: Examined
  readonly judgement: Judgement
  readonly direction: ReadonlyArray<Numbers>
  readonly blame: Blame | null
}

/** What is worst comes first. */
const ORDER: ReadonlyArray<Verdict> = [
  'WRONG_RULE',
  'WRONG_SWEEP',
  'DISCONTINUITY',
  'KINK',
  'NOISY_FUNCTION',
  'ILL_CONDITIONED',
  'INCONCLUSIVE',
  'PASS',
  'VACUOUS',
]

/**
 * The worst of several, the first of equals.
 *
 * @category destructors
 * @since 0.1.0
 */
export const worstOf = (found: ReadonlyArray<Found>): Found =>
  [...found].sort((a, b) => ORDER.indexOf(a.judgement.verdict) - ORDER.indexOf(b.judgement.verdict))[0]

/**
 * Judges a direction, and finds who is to blame if something is wrong.
 *
 * @category verification
 * @since 0.1.0
 */
export const judged = (examined: Examined, direction: ReadonlyArray<Numbers>): E.Either<Failure, Found> => {
  const first = judge(examined, direction)
  if (E.isLeft(first)) return first
  if (first.right.verdict !== 'WRONG_RULE') return E.right({ examined, judgement: first.right, direction, blame: null })
  const who = blame(examined, direction, first.right.step)
  if (E.isLeft(who)) return who
  // what disagrees without anybody to blame is a contradiction between the oracles, not a proof
  if (who.right === null) {
    const reason =
      'the sweep differs from the function, and every instruction conserves what it is given, as far as can be told'
    const judgement: Judgement = { ...first.right, verdict: 'INCONCLUSIVE', reason }
    return E.right({ examined, judgement, direction, blame: null })
  }
  const { verdict } = who.right
  const reason =
    verdict === 'WRONG_RULE'
      ? first.right.reason
      : 'the rules are right, and cotangents are not joined as they should be'
  return E.right({ examined, judgement: { ...first.right, verdict, reason }, direction, blame: who.right })
}
