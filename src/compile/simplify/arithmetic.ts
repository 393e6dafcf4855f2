/**
 * Identities of arithmetic, logic and choice that hold bit for bit in IEEE 754 arithmetic, for every operand: signed
 * zeros, infinities and NaN included (of a NaN its being one; the bits inside it are nobody's promise).
 *
 * What looks like an identity and is none, and so is never used: `x + 0 = x` (wrong for -0; `x + -0 = x` is right),
 * `0 - x = -x` (wrong for 0; `-0 - x` is right), `x * 0`, `x - x` and `x / x` (infinity and NaN), `sqrt(x * x) = |x|`
 * (overflow), `-(x - y) = y - x` (wrong for x = y), `x / c = x * (1 / c)` unless `c` is a power of two, `not (x < y) =
 * x >= y` (NaN), and `max(x, y) = max(y, x)` (0 and -0). Integers wrap, so theirs is a ring and the first six hold.
 *
 * @since 0.1.0
 */
import type { PrimitiveName } from '../../primitive/Primitive.js'
import { type Instruction, noAttributes } from '../../Tape.js'
import type { AnyVar } from '../../Var.js'
import type { Context, Rule, Rules } from './Rewrite.js'

/** Whether all elements are this number; 0 and -0 differ. */
const all = (cx: Context, x: Instruction, value: number): boolean => Object.is(cx.uniform(x), value)

/** The operand of a negation. */
const negated = (cx: Context, x: Instruction): Instruction | null => (x.primitive === 'neg' ? cx.operands(x)[0] : null)

/** The constant of the opposite sign. */
const opposite = (cx: Context, x: Instruction): AnyVar | null => {
  const value = cx.uniform(x)
  return value === null ? null : cx.v.like(x, x.dtype === 'int' ? -value | 0 : -value)
}

/** What is added without a trace. */
const isNothing = (cx: Context, x: Instruction): boolean => all(cx, x, x.dtype === 'int' ? 0 : -0)

const neg: Rule<'neg'> = (cx, [x]) => {
  const inner = negated(cx, x)
  if (inner !== null) return inner
  if (x.primitive !== 'mul' && !(x.primitive === 'div' && cx.alone(x))) return null
  // the sign goes into a constant factor, dividend or divisor
  const [a, b] = cx.operands(x)
  const [first, second] = [opposite(cx, a), opposite(cx, b)]
  return second !== null
    ? cx.v.emit(x.primitive, [a, second], noAttributes)
    : first !== null
      ? cx.v.emit(x.primitive, [first, b], noAttributes)
      : null
}

const add: Rule<'add'> = (cx, [x, y]) => {
  if (isNothing(cx, y)) return x
  if (isNothing(cx, x)) return y
  const [a, b] = [negated(cx, x), negated(cx, y)]
  return b !== null ? cx.v.sub(x, b) : a !== null ? cx.v.sub(y, a) : null
}

const sub: Rule<'sub'> = (cx, [x, y]) => {
  if (all(cx, y, 0)) return x
  if (isNothing(cx, x)) return cx.v.neg(y)
  if (x.dtype === 'int' && x === y) return cx.v.like(x, 0)
  const inner = negated(cx, y)
  return inner === null ? null : cx.v.add(x, inner)
}

const mul: Rule<'mul'> = (cx, [x, y]) => {
  for (const [a, b] of [
    [x, y],
    [y, x],
  ]) {
    if (all(cx, b, 1)) return a
    if (all(cx, b, -1)) return cx.v.neg(a)
    if (b.dtype === 'int' && all(cx, b, 0)) return b
    const inner = negated(cx, a)
    const factor = inner === null ? null : (negated(cx, b) ?? opposite(cx, b))
    if (inner !== null && factor !== null) return cx.v.mul(inner, factor)
  }
  return null
}

/** From the smallest normal number of float32 to the largest, so that nothing is denormal in either precision. */
const SMALLEST = 2 ** -126
const LARGEST = 2 ** 126

const isPowerOfTwo = (x: number): boolean => {
  const size = Math.abs(x)
  return size >= SMALLEST && size <= LARGEST && Number.isInteger(Math.log2(size)) && 2 ** Math.log2(size) === size
}

const div: Rule<'div'> = (cx, [x, y]) => {
  const divisor = cx.uniform(y)
  if (divisor === 1) return x
  if (divisor === -1) return cx.v.neg(x)
  if (divisor !== null && isPowerOfTwo(divisor)) return cx.v.mul(x, cx.v.like(y, 1 / divisor))
  if (all(cx, x, 1)) return cx.v.reciprocal(y)
  const [a, b] = [negated(cx, x), negated(cx, y)]
  const [dividend, by] = [a ?? opposite(cx, x), b ?? opposite(cx, y)]
  return (a !== null || b !== null) && dividend !== null && by !== null ? cx.v.div(dividend, by) : null
}

const pow: Rule<'pow'> = (cx, [x, y]) => (cx.uniform(y) === 0 ? cx.v.like(x, 1) : null)

const abs: Rule<'abs'> = (cx, [x]) =>
  x.primitive === 'abs' ? x : x.primitive === 'neg' ? cx.v.abs(cx.operands(x)[0]) : null

/** Primitives that change nothing when their operand comes from one of these. */
const idempotent =
  <K extends PrimitiveName>(...after: ReadonlyArray<PrimitiveName>): Rule<K> =>
  (_, [x]) =>
    (after as ReadonlyArray<string>).includes(x.primitive) ? x : null

const WHOLE: ReadonlyArray<PrimitiveName> = ['floor', 'ceil', 'round', 'sign']

/** The larger, or the smaller, of one thing; and of something and what every number beats. */
const extreme =
  <K extends 'max' | 'min'>(beaten: number): Rule<K> =>
  (cx, [x, y]) =>
    x === y || all(cx, y, beaten) ? x : all(cx, x, beaten) ? y : null

// ------------------------------------------------------------------------------- comparison, logic and choice

/** A whole number or a truth compared with itself; a real may be NaN. */
const withItself =
  <K extends PrimitiveName>(outcome: 0 | 1): Rule<K> =>
  (cx, [x, y]) =>
    x === y && x.dtype !== 'real' ? cx.v.like({ shape: x.shape, dtype: 'bool' }, outcome) : null

const and: Rule<'and'> = (cx, [x, y]) =>
  x === y || all(cx, y, 1) || all(cx, x, 0) ? x : all(cx, x, 1) || all(cx, y, 0) ? y : null

const or: Rule<'or'> = (cx, [x, y]) =>
  x === y || all(cx, y, 0) || all(cx, x, 1) ? x : all(cx, x, 0) || all(cx, y, 1) ? y : null

const xor: Rule<'xor'> = (cx, [x, y]) => {
  if (x === y) return cx.v.like(x, 0)
  for (const [a, b] of [
    [x, y],
    [y, x],
  ]) {
    if (all(cx, b, 0)) return a
    if (all(cx, b, 1)) return cx.v.emit('not', [a], noAttributes)
  }
  return null
}

const not: Rule<'not'> = (cx, [x]) => {
  const [a, b] = cx.operands(x)
  return x.primitive === 'not' ? a : x.primitive === 'eq' ? cx.v.ne(a, b) : x.primitive === 'ne' ? cx.v.eq(a, b) : null
}

const select: Rule<'select'> = (cx, [c, x, y]) => {
  const chosen = cx.uniform(c)
  if (x === y || chosen === 1) return x
  if (chosen === 0) return y
  if (c.primitive === 'not') return cx.v.select(cx.operands(c)[0], y, x)
  if (all(cx, x, 1) && all(cx, y, 0) && x.dtype === 'bool') return c
  // a choice inside a choice by the same condition is already made
  const [cx1, yes] = x.primitive === 'select' ? cx.operands(x) : []
  if (cx1 === c) return cx.v.select(c, yes, y)
  const [cx2, , no] = y.primitive === 'select' ? cx.operands(y) : []
  return cx2 === c ? cx.v.select(c, x, no) : null
}

/**
 * A conversion to the type that a value has; and one through a type that holds every value of the first. Float64 holds
 * every integer, float32 does not.
 */
const convert: Rule<'convert'> = (cx, [x], { dtype }) => {
  if (x.dtype === dtype) return x
  if (x.primitive !== 'convert') return null
  const [first] = cx.operands(x)
  const kept = first.dtype === 'bool' || (first.dtype === 'int' && x.dtype === 'real' && cx.algebra.name === 'float64')
  return kept ? cx.v.convert(first, dtype) : null
}

/**
 * The identities.
 *
 * @category rules
 * @since 0.1.0
 */
export const arithmeticRules: Rules = {
  neg: [neg],
  add: [add],
  sub: [sub],
  mul: [mul],
  div: [div],
  pow: [pow],
  abs: [abs],
  sign: [idempotent('sign')],
  floor: [idempotent(...WHOLE)],
  ceil: [idempotent(...WHOLE)],
  round: [idempotent(...WHOLE)],
  max: [extreme(Number.NEGATIVE_INFINITY)],
  min: [extreme(Number.POSITIVE_INFINITY)],
  eq: [withItself(1)],
  le: [withItself(1)],
  ge: [withItself(1)],
  ne: [withItself(0)],
  lt: [withItself(0)],
  gt: [withItself(0)],
  and: [and],
  or: [or],
  xor: [xor],
  not: [not],
  select: [select],
  convert: [convert],
}

// ------------------------------------------------------------------------------------------------ one spelling

/** The operands in the order of their positions. */
const sorted: Rule = (cx, [x, y], attributes, name) => (x.id > y.id ? cx.v.emit(name, [y, x], attributes) : null)

const turned =
  (to: 'lt' | 'le'): Rule =>
  (cx, [x, y]) =>
    cx.v[to](y, x)

/**
 * One spelling for what has two: commutative operations take the earlier operand first, `x > y` is `y < x`. Common
 * subexpressions then look alike. `max` and `min` of reals do not commute: they tell 0 from -0 by the place.
 *
 * @category rules
 * @since 0.1.0
 */
export const spellingRules: Rules = {
  add: [sorted],
  mul: [sorted],
  eq: [sorted],
  ne: [sorted],
  and: [sorted],
  or: [sorted],
  xor: [sorted],
  gt: [turned('lt')],
  ge: [turned('le')],
}
