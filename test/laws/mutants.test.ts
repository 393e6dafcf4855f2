import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  calculusMutants,
  factor,
  kernelMutants,
  kills,
  type Law,
  laws,
  library,
  type Mutant,
  modelMutants,
  operationMutants,
  optimiserMutants,
  realOperands,
  showKills,
  sightings,
  sign,
  simplificationMutants,
} from 'wengert/laws'
import { resultOf, siteModel, sites } from '../../laws/arbitrary/index.js'
import { reals, recorded } from '../../laws/Model.js'
import { byDifferences, byReverse, directed, isSmooth } from '../../laws/modes.js'
import { compare } from '../../src/algebra/tolerance.js'
import { FULL, SEED } from './settings.js'

const mutants = [
  ...calculusMutants,
  ...kernelMutants,
  ...operationMutants,
  ...simplificationMutants,
  ...modelMutants,
  ...optimiserMutants,
]

const mutant = (kind: string): Mutant => {
  const found = mutants.find((m) => m.kind === kind)
  if (found === undefined) throw new Error(`no mutant ${kind}`)
  return found
}

/** For each law a mistake that it notices: a law that notices none would be worth nothing. */
const witnesses: Readonly<Record<string, string>> = {
  L1: 'of records',
  L2: 'chain records',
  L3: 'chain records',
  L4: 'map records',
  L5: 'of records',
  L6: 'argument before function',
  L7: 'recursive traversal',
  L8: 'recording forgets its tape',
  L9: 'recording counts',
  L11: 'recording counts',
  L12: 'unstable shapes',
  L13: 'unstable shapes',
  L14: 'everything is active',
  L16: 'kernel that remembers',
  L17: 'another algebra, another function',
  L18: 'another algebra, another function',
  L19: 'another algebra, another function',
  L20: 'another algebra, another function',
  L21: 'constant term',
  L22: 'overwritten fan-out',
  L23: 'hidden state',
  L24: 'doubled cotangent',
  L25: 'averaged fan-out',
  L26: 'swapped partials',
  L27: 'double visit',
  L28: 'depends on the position',
  L29: 'sign in reverse mode only',
  L30: 'stale primal',
  L31: 'sign',
  L32: 'transposed Jacobian',
  L33: 'missing reduction',
  L34: 'hidden state',
  L35: 'overwritten fan-out',
  L36: 'depends on the position',
  L37: 'first example for all',
  L38: 'transposed operand',
  L39: 'lossy fan-out',
  L40: 'overwritten fan-out',
  L41: 'constant term',
  L42: 'doubled cotangent',
  L43: 'double visit',
  L44: 'doubled cotangent',
  L45: 'square of the cotangent',
  L46: 'wrong branch',
  L47: 'frozen rule',
  L48: 'frozen rule',
  L49: 'confused perturbations',
  L50: 'factor 1 + 1e-12',
  L51: 'stale primal',
  L52: 'sign',
  L53: 'factor 1 + 1e-12',
  L54: 'factor 1 + 0.001',
  L55: 'swapped partials',
  L56: 'stale primal',
  L57: 'dropped operand',
  L58: 'sign',
  L59: 'sign',
  L60: 'nothing is pruned',
  L61: 'folded in float64',
  L62: 'no normal form',
  L63: 'zero added',
  L64: 'statements forgotten',
  L66: 'leaky stop',
  L67: 'rules are ignored',
  L68: 'kernel that remembers',
  L69: 'wasteful rule',
  L70: 'optimiser counts recordings',
  L71: 'restless',
  L72: 'chain backwards',
  L73: 'no root',
  L74: 'no memory',
  L80: 'identity takes a key',
  L81: 'sequence backwards',
  L82: 'parallel swaps',
  L83: 'always left',
  L84: 'lifted twice',
}

const notices = (law: Law, { apply }: Mutant, numRuns: number): boolean => {
  const verdict = law.run(apply(library), { seed: SEED, numRuns, shrink: false })
  return E.isLeft(verdict) && !verdict.left.vacuous
}

describe('every law', () => {
  for (const law of laws)
    it(`${law.id} notices: ${witnesses[law.id]}`, () => {
      expect(notices(law, mutant(witnesses[law.id]), 60)).toBe(true)
    })
})

describe('every mistake', () => {
  const witnessed = new Set(Object.values(witnesses))
  // the rest by the laws that look at most
  const strong = ['L72', 'L73', 'L81', 'L82', 'L7', 'L60', 'L61', 'L62', 'L63', 'L64', 'L31', 'L37', 'L47'].flatMap(
    (id) => laws.filter((law) => law.id === id),
  )
  for (const one of mutants.filter((m) => !simplificationMutants.includes(m)))
    it(`${one.kind} is noticed`, () => {
      expect(witnessed.has(one.kind) || strong.some((law) => notices(law, one, 40))).toBe(true)
    })
})

describe('every mistake in simplification', () => {
  const close = ['L64', 'L63', 'L62', 'L61'].flatMap((id) => laws.filter((law) => law.id === id))
  for (const one of simplificationMutants)
    it(`${one.kind} is noticed`, () => {
      expect(close.some((law) => notices(law, one, 40))).toBe(true)
    })
})

describe('in every operand of every primitive', () => {
  const modes = laws.filter(({ id }) => id === 'L31')
  const fine = [sign, factor(1e-3), factor(1e-6), factor(1e-12)]

  it('there are enough of them', () => {
    expect(realOperands().length).toBeGreaterThan(60)
  })

  for (const one of fine)
    it(`${one.kind} is noticed, and the primitive named`, () => {
      const all = sightings(modes, [one], { seed: SEED, numRuns: 100 })
      expect(all.filter(({ law, blamed, primitive }) => law === null || blamed !== primitive)).toEqual([])
    })
})

describe('central differences alone, which know no rule and no other algebra', () => {
  for (const one of [sign, factor(1e-6)])
    it(`notice ${one.kind} in every operand of every primitive`, () => {
      const survivors = realOperands().filter(([name, operand]) => {
        const broken = one.apply(library, { primitive: name, operand })
        return !fc.sample(sites(name), { seed: SEED, numRuns: 60 }).some((site) => {
          const model = siteModel(site as never)
          const result = resultOf(library.calculus.table[name] as never, site as never)
          if (model.inputs.length === 0 || result.dtype !== 'real') return false
          const sample = directed(broken, model, site.source.seed)
          const program = recorded(broken, reals(model.inputs), model.f)
          const slope = isSmooth(broken, program, sample) ? byDifferences(broken, program, sample) : null
          return slope !== null && !compare(byReverse(broken, sample).value, slope).agree
        })
      })
      expect(survivors).toEqual([])
    })
})

describe.runIf(FULL)('the whole table', () => {
  it('is printed', { timeout: 3_600_000 }, () => {
    const table = kills(laws, mutants, { seed: SEED, numRuns: 24 })
    console.log(showKills(table))
    expect(table.filter((kill) => kill.laws.length === 0)).toEqual([])
    const used = new Set(table.flatMap((kill) => kill.laws))
    expect(laws.filter(({ id }) => !used.has(id)).map(({ id }) => id)).toEqual([])
  })
})
