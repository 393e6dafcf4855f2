/**
 * Rewriting a tape: its needed instructions are recorded once more, in order, and each is recorded in the simplest form
 * that the rules know for it.
 *
 * A rule looks at an instruction that is about to be recorded, whose operands are already in their simplest form, and
 * gives a handle of equal value, or `null`. What a rule records goes through the rules again, so one walk is bottom-up
 * normalisation. Recording hash-conses, so every walk also merges common subexpressions; it begins from what the outputs
 * need, so every walk also drops dead code.
 *
 * A rule makes the program smaller in the order `(flops, instructions that are not computed from constants alone)`, or
 * leaves that size alone and brings operands or attributes into their one normal spelling. Hence rewriting ends.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Algebra, Buffer } from '../../algebra/Algebra.js'
import type { Failure } from '../../Failure.js'
import { needed } from '../../primitive/evaluate.js'
import type { Attributes, Emit, PrimitiveName, Table, Vocabulary } from '../../primitive/Primitive.js'
import { attempt, type Calculus, recorderOn } from '../../primitive/Recorder.js'
import { vocabulary } from '../../primitive/vocabulary.js'
import { empty, equals, type Instruction, type Program } from '../../Tape.js'
import * as Tree from '../../Tree.js'
import type { AnyVar } from '../../Var.js'

/**
 * What a rule may use.
 *
 * @category model
 * @since 0.1.0
 */
export interface Context {
  /** records, through the rules */
  readonly v: Vocabulary
  readonly table: Table
  /** what is being rewritten */
  readonly program: Program
  /** the arithmetic of reals for which values must stay the same bit for bit */
  readonly algebra: Algebra<number>
  /** the operands of an instruction, in their simplest form */
  readonly operands: (x: Instruction) => ReadonlyArray<Instruction>
  /** the one number that all elements are known to be */
  readonly uniform: (x: Instruction) => number | null
  /** the elements, where they are known and few */
  readonly known: (x: Instruction) => Buffer<number> | null
  /** whether the instruction being rewritten is all that needs an operand of its own: then a rule may replace that too */
  readonly alone: (x: Instruction) => boolean
  /** records a program on given inputs, through the rules */
  readonly replay: (program: Program, inputs: ReadonlyArray<AnyVar>) => ReadonlyArray<AnyVar>
}

/**
 * A handle that equals what is about to be recorded, or `null`.
 *
 * @category model
 * @since 0.1.0
 */
export type Rule<K extends PrimitiveName = PrimitiveName> = (
  cx: Context,
  xs: ReadonlyArray<Instruction>,
  attributes: Attributes[K],
  name: K,
) => AnyVar | null

/**
 * Rules for each primitive, tried in order.
 *
 * @category model
 * @since 0.1.0
 */
export type Rules = { readonly [K in PrimitiveName]?: ReadonlyArray<Rule<K>> }

/**
 * Sets of rules, one after another.
 *
 * @category constructors
 * @since 0.1.0
 */
export const together = (...sets: ReadonlyArray<Rules>): Rules => {
  const all: { [name: string]: ReadonlyArray<unknown> } = {}
  for (const set of sets)
    for (const [name, rules] of Object.entries(set)) all[name] = [...(all[name] ?? []), ...(rules ?? [])]
  return all as Rules
}

/**
 * One rule for many primitives.
 *
 * @category constructors
 * @since 0.1.0
 */
export const forEach = (names: ReadonlyArray<PrimitiveName>, rule: Rule): Rules =>
  Object.fromEntries(names.map((name) => [name, [rule]])) as Rules

/**
 * The attributes of an instruction of a known primitive.
 *
 * @category destructors
 * @since 0.1.0
 */
export const attributesOf = <K extends PrimitiveName>(x: Instruction): Attributes[K] => x.attributes as Attributes[K]

/**
 * @category refinements
 * @since 0.1.0
 */
export const isAscending = (list: ReadonlyArray<number>): boolean => list.every((n, i) => i === 0 || n > list[i - 1])

/**
 * A program and where its instructions come from: `origins[i]` is the position, on the tape before, of the instruction
 * for which instruction `i` was recorded.
 *
 * @category model
 * @since 0.1.0
 */
export interface Traced<P extends Tree.VarTree = Tree.VarTree, Q extends Tree.VarTree = Tree.VarTree> {
  readonly program: Program<P, Q>
  readonly origins: ReadonlyArray<number>
}

/** What a walk gives, and whether another walk by the same rules would change nothing. */
interface Walked<P extends Tree.VarTree, Q extends Tree.VarTree> extends Traced<P, Q> {
  readonly settled: boolean
}

/**
 * What a walk needs besides its rules.
 *
 * @category model
 * @since 0.1.0
 */
export interface Setting {
  readonly calculus: Calculus
  readonly algebra: Algebra<number>
  /** what is known of values, made anew for each tape */
  readonly knowledge: (operands: Context['operands']) => Pick<Context, 'uniform' | 'known'>
}

const rebuilt = (template: Tree.VarTree, vars: ReadonlyArray<AnyVar>): Tree.VarTree => {
  const tree = Tree.unflatten<Tree.Tree<Tree.Leaf>, AnyVar>(template, vars)
  if (E.isLeft(tree)) throw new Error(tree.left.message)
  return tree.right as Tree.VarTree
}

/** How often each position is needed, by instructions that are needed themselves and by outputs. */
const usesOf = (program: Program): Int32Array => {
  const uses = new Int32Array(program.tape.length)
  for (const { operands } of needed(program)) for (const k of operands) uses[k]++
  for (const y of Tree.leaves<AnyVar>(program.outputs)) uses[y.id]++
  return uses
}

/**
 * Records a program once more by the rules, on a tape of its own. Inputs stay, used or not, and so does whatever a `peek`
 * states.
 *
 * What is recorded has been through the rules with the very operands that it has. So a second walk differs only where a
 * rule has asked about more than those, and the answer may be another one then: whether it is alone in its need of an
 * operand, or for the whole program.
 *
 * @category combinators
 * @since 0.1.0
 */
export const rewrite =
  (rules: Rules, { calculus, algebra, knowledge }: Setting) =>
  <P extends Tree.VarTree, Q extends Tree.VarTree>(program: Program<P, Q>): E.Either<Failure, Walked<P, Q>> =>
    attempt(() => {
      const { builder, vocabulary: raw } = recorderOn(empty, calculus)
      const origins: Array<number> = []
      const before = usesOf(program)
      // of what is recorded here, so far as it stands for something there
      const uses: Array<number> = []
      const denied = new Set<number>()
      let wholeAsked = false
      // by the instruction being rewritten
      let read: ReadonlyArray<AnyVar> = []
      const emit: Emit = (primitive, xs, attributes) => {
        for (const rule of (rules[primitive] ?? []) as ReadonlyArray<Rule>) {
          const y = rule(cx, xs as ReadonlyArray<Instruction>, attributes, primitive)
          if (y !== null) return y
        }
        return raw.emit(primitive, xs, attributes)
      }
      const replay = (
        inner: Program,
        inputs: ReadonlyArray<AnyVar>,
        after: (id: number, y: AnyVar) => void = () => undefined,
      ): ReadonlyArray<AnyVar> => {
        const here = new Array<AnyVar | undefined>(inner.tape.length).fill(undefined)
        for (const [i, x] of Tree.leaves<AnyVar>(inner.inputs).entries()) here[x.id] = inputs[i]
        for (const { id, primitive, operands, attributes } of needed(inner)) {
          if (here[id] !== undefined) continue
          read = operands.map((k) => here[k] as AnyVar)
          const y = emit(primitive as PrimitiveName, read, attributes as Attributes[PrimitiveName])
          here[id] = y
          after(id, y)
        }
        return Tree.leaves<AnyVar>(inner.outputs).map((y) => here[y.id] as AnyVar)
      }
      const operands: Context['operands'] = (x) => x.operands.map((k) => builder.at(k) as Instruction)
      const cx: Context = {
        v: vocabulary(emit),
        table: calculus.table,
        get program() {
          wholeAsked = true
          return program
        },
        algebra,
        operands,
        ...knowledge(operands),
        // an operand found by looking through others may be needed by those
        alone: (x) => {
          const alone = uses[x.id] === 1 && read.includes(x)
          if (!alone) denied.add(x.id)
          return alone
        },
        replay: (inner, inputs) => replay(inner, inputs),
      }
      const trace = (id: number, y: AnyVar): void => {
        while (origins.length < builder.length()) origins.push(id)
        while (uses.length < builder.length()) uses.push(0)
        uses[y.id] += before[id]
      }
      const inputs = Tree.leaves<AnyVar>(program.inputs).map((x) => {
        const input = raw.emit('input', [], (x as Instruction).attributes as Attributes['input'])
        trace(x.id, input)
        return input
      })
      const outputs = replay(program, inputs, trace)
      const after: Program<P, Q> = Object.freeze({
        _tag: 'Program',
        tape: builder.tape(),
        inputs: rebuilt(program.inputs, inputs) as P,
        outputs: rebuilt(program.outputs, outputs) as Q,
      })
      const now = denied.size === 0 ? null : usesOf(after)
      return E.right({
        program: after,
        origins,
        settled: !wholeAsked && (now === null || [...denied].every((id) => now[id] !== 1)),
      })
    })

/**
 * First one walk, then another: where the result's instructions come from, all the way back.
 *
 * @category combinators
 * @since 0.1.0
 */
export const through = (before: ReadonlyArray<number>, after: ReadonlyArray<number>): ReadonlyArray<number> =>
  after.map((k) => before[k])

/** A walk that changes something makes room for another; more than this many in a row have not been seen. */
const MAX_ROUNDS = 16

/**
 * Rewrites until nothing changes: each round is a walk by the rules and, where they have left something unused, one that
 * drops it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const exhaust =
  (rules: Rules, setting: Setting) =>
  <P extends Tree.VarTree, Q extends Tree.VarTree>(program: Program<P, Q>): E.Either<Failure, Traced<P, Q>> => {
    const [byRules, sweeping] = [rewrite(rules, setting), rewrite({}, setting)]
    const swept = (walked: Walked<P, Q>): E.Either<Failure, Walked<P, Q>> =>
      needed(walked.program).length === walked.program.tape.length
        ? E.right(walked)
        : E.map(({ program: clean, origins }: Traced<P, Q>) => ({
            program: clean,
            origins: through(walked.origins, origins),
            settled: walked.settled,
          }))(sweeping(walked.program))
    let current: Traced<P, Q> = { program, origins: Array.from({ length: program.tape.length }, (_, i) => i) }
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const next = E.chain(swept)(byRules(current.program))
      if (E.isLeft(next)) return next
      const { program: after, origins, settled } = next.right
      const still = settled || (equals(after.tape, current.program.tape) && sameOutputs(after, current.program))
      current = { program: after, origins: through(current.origins, origins) }
      if (still) break
    }
    return E.right(current)
  }

const sameOutputs = (a: Program, b: Program): boolean => {
  const [xs, ys] = [Tree.leaves<AnyVar>(a.outputs), Tree.leaves<AnyVar>(b.outputs)]
  return xs.every((x, i) => x.id === ys[i].id)
}
