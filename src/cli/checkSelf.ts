/**
 * `wengert check --self`: the derivative of every primitive, at valid uses and numbers that the arbitraries of the law suite
 * draw, put through the verifier. Needs fast-check.
 *
 * @since 0.1.0
 */
import * as fc from 'fast-check'
import { Arbitrary, library } from '../../laws/index.js'
import { standard } from '../Program.js'
import type { Calculus, PrimitiveName } from '../primitive/index.js'
import { type Checked, checkModel } from './checkOutcome.js'
import { table } from './terminal.js'

/**
 * One primitive, checked at several sites.
 *
 * @category model
 * @since 0.1.0
 */
export interface SelfCheck {
  /** the worst site, or one that passes */
  readonly checked: Checked
  readonly sites: number
  readonly passed: number
  readonly kinks: number
  /** sites that say nothing: derivatives that are all zero, digits that float64 loses, values that overflow */
  readonly silent: number
}

/**
 * The primitives that have a derivative.
 *
 * @category constants
 * @since 0.1.0
 */
export const differentiable: ReadonlyArray<PrimitiveName> = Arbitrary.names.filter(
  (name) => name === 'call' || standard.table[name].derivative !== null,
)

/**
 * Checks one primitive by the rules of a calculus. A wrong site decides; otherwise one right site is enough, because zeros and
 * overflow are as they should be at many sites.
 *
 * @category verification
 * @since 0.1.0
 */
export const checkPrimitive = (
  name: PrimitiveName,
  {
    seed,
    samples,
    calculus = standard,
  }: { readonly seed: number; readonly samples: number; readonly calculus?: Calculus },
  now: () => number,
): SelfCheck => {
  const started = now()
  const drawn = fc.sample(Arbitrary.sites(name, library), { seed, numRuns: samples })
  const all: Array<Checked> = []
  for (const site of drawn) {
    const model = Arbitrary.siteModel(site)
    if (model.inputs.length === 0) continue
    const point = model.inputs.map((shape, k) => Arbitrary.tensorOf({ shape, dtype: 'real' }, model.point[k]))
    const checked = checkModel(name, model.f, point, { seed, calculus }, now)
    all.push(checked)
    if (checked.status === 'wrong') break
  }
  const worst =
    all.find(({ status }) => status === 'wrong') ??
    all.find(({ verdict }) => verdict === 'PASS') ??
    all.find(({ status }) => status === 'right') ??
    all[0]
  const count = (of: (c: Checked) => boolean): number => all.filter(of).length
  const milliseconds = now() - started
  return {
    checked:
      worst === undefined
        ? {
            name,
            verdict: 'VACUOUS',
            status: 'undecided',
            message: 'VACUOUS: no site has real operands',
            report: null,
            certificate: null,
            milliseconds,
          }
        : { ...worst, milliseconds },
    sites: all.length,
    passed: count(({ verdict }) => verdict === 'PASS'),
    kinks: count(({ verdict }) => verdict === 'KINK'),
    silent: count(({ verdict, status }) => status === 'undecided' && verdict !== 'KINK'),
  }
}

/**
 * All primitives as a table.
 *
 * @category printing
 * @since 0.1.0
 */
export const selfTable = (all: ReadonlyArray<SelfCheck>): string =>
  table([
    ['primitive', 'verdict', 'sites', 'pass', 'kink', 'silent'],
    ...all.map(({ checked, sites, passed, kinks, silent }) => [
      checked.name,
      checked.verdict,
      String(sites),
      String(passed),
      String(kinks),
      String(silent),
    ]),
  ])
