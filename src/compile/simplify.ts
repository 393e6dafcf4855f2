/**
 * Simplification: programs to smaller programs with the same values.
 *
 * A pass is a set of rules applied until nothing changes; passes compose as functions, and `simplify` is all of them at
 * once. Unless `relaxed` is asked for, the values stay the same bit for bit, signed zeros included, over the arithmetic
 * that `scalar` names (a NaN stays a NaN; which of the many is not promised by any hardware).
 *
 * Laws (L60 to L64 in `laws/simplification.ts`). Inputs, the structure of the outputs and what a `peek` states stay; the
 * result is well formed and never larger: neither its floating-point operations nor, at equal operations, the number of
 * instructions that are not computed from constants alone. Every pass is idempotent, points of one smooth piece stay in
 * one piece, and the gradient of what is simplified is the simplified gradient up to rounding.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { F32 } from '../algebra/F32.js'
import { F64 } from '../algebra/F64.js'
import type { Failure } from '../Failure.js'
import { standard } from '../Program.js'
import type { Table } from '../primitive/Primitive.js'
import type { Calculus } from '../primitive/Recorder.js'
import type { Program } from '../Tape.js'
import type { VarTree } from '../Tree.js'
import { arithmeticRules, spellingRules } from './simplify/arithmetic.js'
import { bodyRules, type Inlining, inliningRules, type Marker, markerRules } from './simplify/calls.js'
import { broadcastRules, foldingRules, knowledge, repetitionRules } from './simplify/constants.js'
import { contractionRules } from './simplify/contraction.js'
import { layoutRules } from './simplify/layout.js'
import { exhaust, type Rules, type Traced, together } from './simplify/Rewrite.js'
import { relaxedRules } from './simplify/relaxed.js'

export type { Inlining, Marker } from './simplify/calls.js'
export type { Traced } from './simplify/Rewrite.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface SimplifyOptions {
  /** the precision that reals will be computed in, so that constants are computed in it too; float64 unless given */
  readonly scalar?: 'f64' | 'f32'
  /** identities that may change rounding and signs of zeros as well; not unless given */
  readonly relaxed?: boolean
  /** the most elements of a constant that is computed beforehand; 1024 unless given */
  readonly limit?: number
  /** which calls are written out; none unless given. A derivative taken later does not know the rules of such a call */
  readonly inline?: Inlining
  /**
   * markers that mean nothing to whoever comes next; none unless given. Labels are for people and `stopGradient` is for
   * derivatives; a `variable` is what keeps the second evaluation of a checkpointed function apart from the first
   */
  readonly drop?: ReadonlyArray<Marker>
  /** the rules by which the program was recorded */
  readonly calculus?: Calculus
}

type Simplifier = <P extends VarTree, Q extends VarTree>(program: Program<P, Q>) => E.Either<Failure, Program<P, Q>>
type Tracer = <P extends VarTree, Q extends VarTree>(program: Program<P, Q>) => E.Either<Failure, Traced<P, Q>>

/**
 * A pass: from a program to one with the same values.
 *
 * @category model
 * @since 0.1.0
 */
export type Pass = (options?: SimplifyOptions) => Simplifier

const MOST_ELEMENTS = 1024

const byRules = (ruling: (options: SimplifyOptions) => Rules, options: SimplifyOptions): Tracer => {
  const { scalar, limit = MOST_ELEMENTS, calculus = standard } = options
  const algebra = scalar === 'f32' ? F32 : F64
  const setting = { calculus, algebra, knowledge: knowledge(algebra, calculus.table, limit) }
  const rules = ruling(options)
  const inBodies: Simplifier = forgetting((program) => exhaust(together(rules, bodyRules(inBodies)), setting)(program))
  return exhaust(together(rules, bodyRules(inBodies)), setting)
}

const forgetting =
  (tracer: Tracer): Simplifier =>
  (program) =>
    E.map(({ program: simple }: { readonly program: typeof program }) => simple)(tracer(program))

/**
 * The pass that applies some rules until nothing changes: rules of one's own, say.
 *
 * @category constructors
 * @since 0.1.0
 */
export const passOf =
  (rules: Rules): Pass =>
  (options = {}) =>
    forgetting(byRules(() => rules, options))

const tableOf = ({ calculus = standard }: SimplifyOptions): Table => calculus.table

/** The rules of each pass, in the order in which they are tried together. */
const rulings = {
  deadCode: () => ({}),
  calls: ({ inline = 'none' }) => inliningRules(inline),
  markers: ({ drop = [] }) => markerRules(drop),
  repetitions: () => repetitionRules,
  arithmetic: () => arithmeticRules,
  layout: () => layoutRules,
  contractions: () => contractionRules,
  broadcasts: (options) => broadcastRules(tableOf(options)),
  constants: (options) => foldingRules(tableOf(options), options.limit ?? MOST_ELEMENTS),
  relaxed: ({ relaxed = false }) => (relaxed ? relaxedRules : {}),
  commonSubexpressions: () => spellingRules,
} satisfies { readonly [name: string]: (options: SimplifyOptions) => Rules }

/**
 * @category model
 * @since 0.1.0
 */
export type PassName = keyof typeof rulings

/**
 * Every pass by itself:
 *
 * - `deadCode`: what the outputs do not need goes
 * - `calls`: called programs are written out, as `inline` says
 * - `markers`: what `drop` names is its operand
 * - `repetitions`: maps of indices of a number that repeats
 * - `arithmetic`: identities of arithmetic, logic and choice
 * - `layout`: chains of index maps become one
 * - `contractions`: permutations become a matter of the contraction's axes
 * - `broadcasts`: pointwise operations are computed before they are broadcast
 * - `constants`: what depends on no input is computed
 * - `relaxed`: what is nearly true, where `relaxed` is asked for
 * - `commonSubexpressions`: one spelling of commutative operations, so that equal ones meet
 *
 * All drop dead code, and merge instructions that are equal.
 *
 * @category passes
 * @since 0.1.0
 */
export const passes: { readonly [K in PassName]: Pass } = Object.fromEntries(
  Object.entries(rulings).map(([name, ruling]) => [
    name,
    (options: SimplifyOptions = {}) => forgetting(byRules(ruling as (options: SimplifyOptions) => Rules, options)),
  ]),
) as { readonly [K in PassName]: Pass }

const every = (options: SimplifyOptions): Rules =>
  together(...Object.values(rulings).map((ruling: (options: SimplifyOptions) => Rules) => ruling(options)))

/**
 * Simplifies a program, and tells for each instruction of the result which one of the given program it computes.
 *
 * @category passes
 * @since 0.1.0
 */
export const simplifyWithOrigins = (options: SimplifyOptions = {}): Tracer => byRules(every, options)

/**
 * All passes together, until none of them finds anything.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { add, mul, neg, record, spec, transpose, type Var } from 'wengert'
 * import { simplify } from 'wengert/compile'
 *
 * const roundabout = (x: Var<readonly [2, 3]>) => add(transpose(transpose(x)), neg(mul(x, 1)))
 * const program = record(roundabout)(spec([2, 3]))
 * assert(isRight(program))
 * const simple = simplify()(program.right)
 * assert(isRight(simple))
 * assert.strictEqual(simple.right.tape.length, 2) // input, and x - x, which is no zero where x is infinite
 * ```
 *
 * @category passes
 * @since 0.1.0
 */
export const simplify: Pass = (options = {}) => forgetting(simplifyWithOrigins(options))
