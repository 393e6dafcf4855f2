/**
 * What a law is: a named property of a calculus, stated once and run by whoever wants to know. The suite of this library,
 * a user's own primitive and a deliberately broken rule all go through the same laws; only the `Subject` differs.
 *
 * A law never throws and never prints. It gives back how many samples it drew and how many of them meant something, or a
 * counterexample with everything needed to see it again: seed, path, part and the listing of the smallest program found.
 *
 * A law that looked at nothing does not hold: where too few samples were informative (all at kinks, all gradients zero,
 * all overflowing) the verdict is a counterexample that says `vacuous`.
 *
 * @since 0.1.0
 */
import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { passes, simplify } from '../src/compile/index.js'
import * as nn from '../src/nn/index.js'
import * as optim from '../src/optim/index.js'
import { record, standard } from '../src/Program.js'
import type { Calculus, PrimitiveName } from '../src/primitive/index.js'
import * as R from '../src/Reverse.js'
import { checkpoint, customRule } from '../src/transform/custom.js'
import { hessian, hvp, jacobian } from '../src/transform/jacobian.js'
import { jvp } from '../src/transform/jvp.js'
import { prune } from '../src/transform/prune.js'
import { reverseSweep } from '../src/transform/sweep.js'
import { grad, vjp } from '../src/transform/vjp.js'
import { vmap } from '../src/transform/vmap.js'
import type { Maker } from './arbitrary/Use.js'

/**
 * How a law is meant.
 *
 * - `B`: equal bit for bit
 * - `S`: equal structure (tapes, trees)
 * - `N`: equal up to rounding, by derived tolerances
 * - `P`: exact, on numbers with which float64 computes without rounding
 *
 * @category model
 * @since 0.1.0
 */
export type Class = 'B' | 'S' | 'N' | 'P'

/** How models are combined. */
const combinators = {
  identity: nn.identity,
  sequential: nn.sequential,
  parallel: nn.parallel,
  fanOut: nn.fanOut,
  first: nn.first,
  second: nn.second,
  left: nn.left,
  right: nn.right,
  choice: nn.choice,
  lift: nn.lift,
}

/** What optimisers are made of. */
const optimisers = {
  chain: optim.chain,
  identity: optim.identity,
  momentum: optim.momentum,
  scaleBySum: optim.scaleBySum,
  scaleByRms: optim.scaleByRms,
  scaleByMoments: optim.scaleByMoments,
  descend: optim.descend,
  lbfgs: optim.lbfgs,
}

/**
 * The operations under test besides the calculus: the monad and the transformations.
 *
 * @category model
 * @since 0.1.0
 */
export interface Operations {
  readonly of: typeof R.of
  readonly map: typeof R.map
  readonly ap: typeof R.ap
  readonly flatMap: typeof R.flatMap
  readonly traverseArray: typeof R.traverseArray
  readonly sequenceArray: typeof R.sequenceArray
  readonly record: typeof record
  readonly vjp: typeof vjp
  readonly grad: typeof grad
  readonly jvp: typeof jvp
  readonly jacobian: typeof jacobian
  readonly hessian: typeof hessian
  readonly hvp: typeof hvp
  readonly vmap: typeof vmap
  readonly customRule: typeof customRule
  readonly checkpoint: typeof checkpoint
  readonly prune: typeof prune
  readonly simplify: typeof simplify
  readonly passes: typeof passes
  readonly sweep: typeof reverseSweep
  readonly models: typeof combinators
  readonly optimisers: typeof optimisers
}

/**
 * What the laws are about: a calculus (rows and accumulation) and the operations on it.
 *
 * @category model
 * @since 0.1.0
 */
export interface Subject {
  readonly name: string
  readonly calculus: Calculus
  readonly operations: Operations
  /** how to use primitives, where that differs from the table of uses */
  readonly uses?: { readonly [K in PrimitiveName]?: Maker<K> }
}

/**
 * This library as it is.
 *
 * @category constructors
 * @since 0.1.0
 */
export const library: Subject = {
  name: 'wengert',
  calculus: standard,
  operations: {
    of: R.of,
    map: R.map,
    ap: R.ap,
    flatMap: R.flatMap,
    traverseArray: R.traverseArray,
    sequenceArray: R.sequenceArray,
    record,
    vjp,
    grad,
    jvp,
    jacobian,
    hessian,
    hvp,
    vmap,
    customRule,
    checkpoint,
    prune,
    simplify,
    passes,
    sweep: reverseSweep,
    models: combinators,
    optimisers,
  },
}

/**
 * How to run a law. The same seed and runs give the same samples; `part` and `path` go back to one of them.
 *
 * @category model
 * @since 0.1.0
 */
export interface RunOptions {
  readonly seed: number
  readonly numRuns: number
  /** only these parts, such as the names of primitives */
  readonly only?: ReadonlyArray<string>
  /** a sample of a single part, as a counterexample names it */
  readonly path?: string
  /** look for the smallest counterexample; true unless given */
  readonly shrink?: boolean
}

/**
 * A law that held.
 *
 * @category model
 * @since 0.1.0
 */
export interface Passed {
  readonly law: string
  readonly runs: number
  /** samples that meant something: smooth, finite, not zero by accident */
  readonly informative: number
  /** samples at which the law could not be tested */
  readonly skipped: number
}

/**
 * A law that did not hold.
 *
 * @category model
 * @since 0.1.0
 */
export interface Counterexample {
  readonly law: string
  readonly name: string
  /** which part of the law: often the name of a primitive */
  readonly part: string
  readonly message: string
  /** the smallest program found, one instruction a line */
  readonly listing: string
  readonly seed: number
  /** what to pass as `path`, with `only: [part]`, to see it again; empty where nothing is drawn */
  readonly path: string
  /** the law did not fail, but it saw too little to hold */
  readonly vacuous: boolean
}

/**
 * @category model
 * @since 0.1.0
 */
export type Verdict = E.Either<Counterexample, Passed>

/**
 * A law, ready to run against any subject.
 *
 * @category model
 * @since 0.1.0
 */
export interface Law {
  /** its number in the design, `L21` */
  readonly id: string
  readonly name: string
  readonly cls: Class
  readonly section: string
  /** what it says, in mathematics */
  readonly doc: string
  readonly run: (subject: Subject, options: RunOptions) => Verdict
}

/**
 * What a check throws when the law does not hold. Only checks throw it, and only a law's `run` catches it.
 *
 * @category model
 * @since 0.1.0
 */
export class Broken extends Error {
  constructor(
    message: string,
    readonly listing: string = '',
  ) {
    super(message)
  }
}

/**
 * What a check reports about a sample besides failing.
 *
 * @category model
 * @since 0.1.0
 */
export interface Tally {
  /** the sample meant something */
  readonly informative: () => void
  /** the law cannot be tested at the sample: ends the check */
  readonly skip: () => never
}

/**
 * One kind of samples of a law.
 *
 * @category model
 * @since 0.1.0
 */
export interface Part {
  readonly label: string
  readonly run: (options: RunOptions) => E.Either<Omit<Counterexample, 'law' | 'name'>, Omit<Passed, 'law'>>
}

interface Limits {
  /** the part of all runs that this one makes; 1 unless given */
  readonly share?: number
  /** the part of its runs that must be informative; some unless given, 0 for none */
  readonly needs?: number
}

/** Ends the check of one sample. */
class Skipped extends Error {}

/** At least this many samples of every part, however small its share. */
const FEWEST = 4

/**
 * A part of a law: an arbitrary and a check that throws `Broken`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const part = <A>(
  label: string,
  arbitrary: fc.Arbitrary<A>,
  check: (sample: A, tally: Tally) => void,
  { share = 1, needs = 2 ** -10 }: Limits = {},
): Part => ({
  label,
  run: ({ seed, numRuns, path, shrink = true }) => {
    let informative = 0
    let skipped = 0
    const tally: Tally = {
      informative: () => {
        informative++
      },
      skip: () => {
        throw new Skipped()
      },
    }
    const runs = share === 0 ? 1 : Math.max(FEWEST, Math.round(numRuns * share))
    const details = fc.check(
      fc.property(arbitrary, (sample) => {
        try {
          check(sample, tally)
        } catch (e) {
          if (!(e instanceof Skipped)) throw e
          skipped++
        }
      }),
      { seed, numRuns: runs, endOnFailure: !shrink, ...(path === undefined ? {} : { path }) },
    )
    const failed = (message: string, listing: string, vacuous: boolean) =>
      E.left({ part: label, message, listing, seed, path: details.counterexamplePath ?? '', vacuous })
    if (details.failed) {
      const error = details.errorInstance
      return failed(
        error instanceof Error ? error.message : String(error),
        error instanceof Broken ? error.listing : '',
        false,
      )
    }
    return path === undefined && informative < Math.ceil(needs * runs)
      ? failed(
          `vacuous: of ${runs} samples ${informative} were informative and ${skipped} could not be tested`,
          '',
          true,
        )
      : E.right({ runs, informative, skipped })
  },
})

/**
 * A part without samples: one check of something fixed.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fixed = (label: string, check: () => void): Part =>
  part(label, fc.constant(null), check, { share: 0, needs: 0 })

/**
 * A law from its parts, which depend on the subject: a table has a part for each primitive.
 *
 * @category constructors
 * @since 0.1.0
 */
export const law = (about: Omit<Law, 'run'>, parts: (subject: Subject) => ReadonlyArray<Part>): Law => ({
  ...about,
  run: (subject, options) => {
    let runs = 0
    let informative = 0
    let skipped = 0
    for (const one of parts(subject)) {
      if (options.only !== undefined && !options.only.includes(one.label)) continue
      const result = one.run(options)
      if (E.isLeft(result)) return E.left({ law: about.id, name: about.name, ...result.left })
      runs += result.right.runs
      informative += result.right.informative
      skipped += result.right.skipped
    }
    return E.right({ law: about.id, runs, informative, skipped })
  },
})

/**
 * A verdict as a person reads it.
 *
 * @category destructors
 * @since 0.1.0
 */
export const show = (verdict: Verdict): string => {
  if (E.isRight(verdict)) {
    const { law: id, runs, informative, skipped } = verdict.right
    return `${id} holds: ${runs} samples, ${informative} informative, ${skipped} could not be tested`
  }
  const { law: id, name, part: at, message, listing, seed, path } = verdict.left
  return [
    `${id} ${name} fails for ${at}: ${message}`,
    ...(listing === '' ? [] : [listing]),
    `see it again with { seed: ${seed}, only: ['${at}']${path === '' ? '' : `, path: '${path}'`} }`,
  ].join('\n')
}
