/**
 * Control flow: sequences, blocks, loops, choices, branches, and the loops that generated code is made of.
 *
 * @since 0.1.0
 */
import {
  type Body,
  type Expr,
  instruction,
  type Label,
  type Local,
  lift,
  local,
  type Operand,
  type ResultType,
  type Statement,
  set,
  type ValueType,
} from './assemblerModel.js'

/**
 * Statements one after another.
 *
 * @category control
 * @since 0.1.0
 */
export const sequence = (...statements: ReadonlyArray<Statement>): Statement => ({
  type: 'void',
  op: { _tag: 'Sequence' },
  args: statements,
})

/**
 * Statements, then a value: `letting([set(t, f64.mul(x, x))], f64.add(t, t))`.
 *
 * @category control
 * @since 0.1.0
 */
export const letting = <T extends ValueType>(statements: ReadonlyArray<Statement>, value: Expr<T>): Expr<T> => ({
  type: value.type,
  op: { _tag: 'Sequence' },
  args: [...statements, value],
})

/**
 * A value computed in steps: `keep` puts an expression into a new local, so that it can be used more than once.
 * `compute((keep) => { const s = keep(f64.mul(x, x)); return f64.add(s, f64.sqrt(s)) })`.
 *
 * @category control
 * @since 0.1.0
 */
export const compute = <T extends ValueType>(
  body: (keep: <A extends ValueType>(value: Expr<A>) => Local<A>) => Expr<T>,
): Expr<T> => {
  const steps: Array<Statement> = []
  const value = body((step) => {
    const kept = local(step.type)
    steps.push({ type: 'void', op: { _tag: 'Set', local: kept, keep: false }, args: [step] })
    return kept
  })
  return letting(steps, value)
}

const scope = (isLoop: boolean, body: (label: Label) => ReadonlyArray<Statement>): Statement => {
  const label: Label = { _tag: 'Label' }
  return { type: 'void', op: { _tag: 'Block', loop: isLoop, label }, args: body(label) }
}

/**
 * A block; branching to its label leaves it.
 *
 * @category control
 * @since 0.1.0
 */
export const block = (body: (exit: Label) => ReadonlyArray<Statement>): Statement => scope(false, body)

/**
 * A loop; branching to its label starts it again, and reaching its end leaves it.
 *
 * @category control
 * @since 0.1.0
 */
export const loop = (body: (again: Label) => ReadonlyArray<Statement>): Statement => scope(true, body)

/**
 * @category control
 * @since 0.1.0
 */
export const branch = (label: Label): Statement => ({
  type: 'void',
  op: { _tag: 'Branch', label, conditional: false },
  args: [],
})

/**
 * Branches where the condition is not 0.
 *
 * @category control
 * @since 0.1.0
 */
export const branchIf = (label: Label, condition: Operand<'i32'>): Statement => ({
  type: 'void',
  op: { _tag: 'Branch', label, conditional: true },
  args: [lift('i32', condition)],
})

/**
 * One of two bodies; the second may be left out where there is no value.
 *
 * @category control
 * @since 0.1.0
 */
export const choose = <R extends ResultType>(
  type: R,
  condition: Operand<'i32'>,
  then: Body<NoInfer<R>>,
  otherwise: Body<NoInfer<R>>,
): Expr<R> => ({
  type,
  op: { _tag: 'If', taken: then.length },
  args: [lift('i32', condition), ...then, ...otherwise],
})

/**
 * Statements that run where the condition is not 0.
 *
 * @category control
 * @since 0.1.0
 */
export const when = (
  condition: Operand<'i32'>,
  then: ReadonlyArray<Statement>,
  otherwise: ReadonlyArray<Statement> = [],
): Statement => choose('void', condition, then, otherwise)

/**
 * One of two values, both computed: no branch.
 *
 * @category control
 * @since 0.1.0
 */
export const select = <T extends ValueType>(
  type: T,
  condition: Operand<'i32'>,
  then: NoInfer<Operand<T>>,
  otherwise: NoInfer<Operand<T>>,
): Expr<T> =>
  type === 'v128'
    ? instruction(type, [0x1c, 1, 0x7b], [lift(type, then), lift(type, otherwise), lift('i32', condition)])
    : instruction(type, [0x1b], [lift(type, then), lift(type, otherwise), lift('i32', condition)])

/**
 * @category control
 * @since 0.1.0
 */
export const drop = (value: Expr<ValueType>): Statement => instruction('void', [0x1a], [value])

/**
 * Leaves the function, with its result where it has one.
 *
 * @category control
 * @since 0.1.0
 */
export const leave = (value?: Expr<ValueType>): Statement =>
  instruction('void', [0x0f], value === undefined ? [] : [value])

/**
 * @category control
 * @since 0.1.0
 */
export const unreachable: Statement = instruction('void', [0x00])

/**
 * `for (i = from; i < to; i += step)`, signed, tested before the first turn unless both ends are literals.
 *
 * `to` is evaluated on every turn, so it should be a literal or a local.
 *
 * @category control
 * @since 0.1.0
 */
export const forEach = (
  i: Local<'i32'>,
  from: Operand<'i32'>,
  to: Operand<'i32'>,
  step: number,
  body: ReadonlyArray<Statement>,
): Statement => {
  const known = typeof from === 'number' && typeof to === 'number'
  if (known && from >= to) return sequence()
  const less = (): Expr<'i32'> => instruction('i32', [0x48], [i, lift('i32', to)])
  const turns = loop((again) => [
    ...body,
    set(i, instruction('i32', [0x6a], [i, lift('i32', step)])),
    branchIf(again, less()),
  ])
  return sequence(set(i, from), known ? turns : when(less(), [turns]))
}

/**
 * `while (condition) body`.
 *
 * @category control
 * @since 0.1.0
 */
export const whilst = (condition: Expr<'i32'>, body: ReadonlyArray<Statement>): Statement =>
  loop((again) => [when(condition, [...body, branch(again)])])
