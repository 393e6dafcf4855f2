/**
 * The power of the suite, measured: which law kills which kind of mistake, and how fine a mistake in any one derivative
 * can be before nobody notices.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Primitive, PrimitiveName } from '../src/primitive/index.js'
import { drawing, names, uses } from './arbitrary/index.js'
import type { Maker } from './arbitrary/Use.js'
import type { Mutant } from './breaking.js'
import { type Law, library, type RunOptions, type Subject } from './Law.js'

/**
 * A kind of mistake and the laws that notice it.
 *
 * @category model
 * @since 0.1.0
 */
export interface Kill {
  readonly kind: string
  readonly doc: string
  readonly laws: ReadonlyArray<string>
}

/**
 * Runs every law against every mutant.
 *
 * @category destructors
 * @since 0.1.0
 */
export const kills = (
  laws: ReadonlyArray<Law>,
  mutants: ReadonlyArray<Mutant>,
  options: RunOptions,
  subject: Subject = library,
): ReadonlyArray<Kill> =>
  mutants.map(({ kind, doc, apply }) => ({
    kind,
    doc,
    laws: laws.flatMap((law) => {
      const verdict = law.run(apply(subject), { shrink: false, ...options })
      return E.isLeft(verdict) && !verdict.left.vacuous ? [law.id] : []
    }),
  }))

/**
 * The table of kills in markdown.
 *
 * @category destructors
 * @since 0.1.0
 */
export const showKills = (table: ReadonlyArray<Kill>): string =>
  [
    '| mistake | what is wrong | laws that notice |',
    '|---|---|---|',
    ...table.map(({ kind, doc, laws }) => `| ${kind} | ${doc} | ${laws.length === 0 ? '**none**' : laws.join(' ')} |`),
  ].join('\n')

/**
 * The real operands of the primitives that have a derivative, as they are in at least one use.
 *
 * @category destructors
 * @since 0.1.0
 */
export const realOperands = (subject: Subject = library): ReadonlyArray<readonly [PrimitiveName, number]> =>
  names.flatMap((name) => {
    const row = subject.calculus.table[name] as Primitive
    if (row.derivative === null) return []
    const all = new Set<number>()
    for (let i = 0; i < 24; i++) {
      const use = (uses[name] as Maker<PrimitiveName>)(
        drawing(Array.from({ length: 16 }, (_, k) => (i * 7 + k * k) % 13)),
        [2, 2],
      )
      use.operands.forEach(({ dtype }, k) => {
        if (dtype === 'real') all.add(k)
      })
    }
    return [...all].sort((a, b) => a - b).map((k) => [name, k] as const)
  })

/**
 * What a mistake in one operand of one primitive came to.
 *
 * @category model
 * @since 0.1.0
 */
export interface Sighting {
  readonly primitive: PrimitiveName
  readonly operand: number
  readonly kind: string
  /** the law that noticed first, naming the primitive; null when the mistake survived */
  readonly law: string | null
  readonly blamed: string | null
}

/**
 * Puts a mistake into each operand of each primitive in turn, and runs the laws on that primitive until one notices.
 *
 * @category destructors
 * @since 0.1.0
 */
export const sightings = (
  laws: ReadonlyArray<Law>,
  mutants: ReadonlyArray<Mutant>,
  options: RunOptions,
  subject: Subject = library,
): ReadonlyArray<Sighting> =>
  mutants.flatMap(({ kind, apply }) =>
    realOperands(subject).map(([primitive, operand]) => {
      const broken = apply(subject, { primitive, operand })
      for (const law of laws) {
        const verdict = law.run(broken, { shrink: false, ...options, only: [primitive] })
        if (E.isLeft(verdict) && !verdict.left.vacuous)
          return { primitive, operand, kind, law: law.id, blamed: verdict.left.part }
      }
      return { primitive, operand, kind, law: null, blamed: null }
    }),
  )
