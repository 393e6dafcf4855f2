/**
 * Whether the branches of a program are decided: the same for all numbers in some intervals.
 *
 * That is read off the operands' intervals: a comparison of disjoint ones is decided, of overlapping ones in doubt. The one
 * overlap that is no doubt is that of a number with itself: a maximum that is decided *is* one of its operands, the same
 * object, which is how the rules of `reduceMax` may ask for the winner.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Algebra, type Buffer, Interval, type IntervalNumber, interval } from '../../algebra/index.js'
import { type Evaluation, evaluate } from '../../engine/index.js'
import { needed } from '../../primitive/evaluate.js'
import { lanes, offsets } from '../../primitive/indexing.js'
import type { Attributes, Primitive, PrimitiveName, Table } from '../../primitive/Primitive.js'
import { windowSteps } from '../../primitive/windows.js'
import type { Instruction, Program } from '../../Tape.js'
import { at } from '../problem.js'

type I = IntervalNumber

const { isThin } = interval

// ----------------------------------------------------------------------------------- numbers that know themselves

const renewed =
  <A extends ReadonlyArray<never>>(f: (...xs: A) => I): ((...xs: A) => I) =>
  (...xs) => {
    const { lo, hi } = f(...xs)
    return { lo, hi }
  }

const KEPT: ReadonlySet<string> = new Set(['name', 'buffer', 'literal', 'primal'])

/**
 * Intervals of which one object is one number: a result is a new object, unless it is known to be an operand itself.
 *
 * @category instances
 * @since 0.1.0
 */
export const Tracked: Algebra<I> = {
  ...Interval,
  ...(Object.fromEntries(
    Object.entries(Interval)
      .filter(([name]) => !KEPT.has(name))
      .map(([name, f]) => [name, renewed(f as (...xs: ReadonlyArray<never>) => I)]),
  ) as Partial<Algebra<I>>),
  max: (x, y) => (x === y || x.lo > y.hi ? x : y.lo > x.hi ? y : renewed(Interval.max)(x as never, y as never)),
  min: (x, y) => (x === y || x.hi < y.lo ? x : y.hi < x.lo ? y : renewed(Interval.min)(x as never, y as never)),
}

// --------------------------------------------------------------------------------------------- decided branches

const isNumber = ({ lo, hi }: I): boolean => !Number.isNaN(lo) && !Number.isNaN(hi)

/**
 * @category refinements
 * @since 0.1.0
 */
export const hasZero = ({ lo, hi }: I): boolean => lo <= 0 && hi >= 0

/** The order of two numbers is known: they are apart, are the same, or are both known exactly. */
const ordered = (x: I, y: I): boolean =>
  x.hi < y.lo || y.hi < x.lo || (isNumber(x) && isNumber(y) && (x === y || (isThin(x) && isThin(y))))

type Lane = ReadonlyArray<I>

const best = (lane: Lane, better: (x: I, y: I) => boolean): I => lane.reduce((a, b) => (better(b, a) ? b : a))

/** A lane has one winner, or winners that are one number. */
const won =
  (better: (x: I, y: I) => boolean) =>
  (lane: Lane): boolean => {
    const winner = best(lane, better)
    return lane.every((x) => ordered(x, winner))
  }

const wonByMost = won((x, y) => x.lo > y.lo)

const wonByLeast = won((x, y) => x.hi < y.hi)

/** A lane can be sorted: what is next to each other by lower ends is in order. */
const sortable = (lane: Lane): boolean => {
  const sorted = [...lane].sort((x, y) => x.lo - y.lo || x.hi - y.hi)
  return lane.every(isNumber) && sorted.every((x, i) => i === 0 || ordered(sorted[i - 1], x))
}

const along = (
  { operands: [x] }: Site,
  axes: ReadonlyArray<number>,
  [xs]: ReadonlyArray<Buffer<I>>,
  decides: (lane: Lane) => boolean,
): boolean => everyLane(xs, lanes(x.shape, axes), decides)

const everyLane = (
  xs: Buffer<I>,
  [starts, terms]: readonly [Int32Array, Int32Array],
  decides: (lane: Lane) => boolean,
): boolean => starts.every((start) => decides(Array.from(terms, (term) => xs[start + term])))

const each = (xs: Buffer<I>, decides: (x: I, i: number) => boolean): boolean => {
  for (let i = 0; i < xs.length; i++) if (!decides(xs[i], i)) return false
  return true
}

interface Site {
  readonly instruction: Instruction
  readonly operands: ReadonlyArray<Instruction>
}

type Decides = (site: Site, xs: ReadonlyArray<Buffer<I>>) => boolean

/** The attributes of the row that the table below is asked for. */
const of = <K extends PrimitiveName>({ instruction }: Site, _: K): Attributes[K] =>
  instruction.attributes as Attributes[PrimitiveName] as Attributes[K]

const stepped =
  (f: (x: I) => I): Decides =>
  (_, [xs]) =>
    each(xs, (x) => isThin(f(x)))

const compared: Decides = (_, [xs, ys]) => each(xs, (x, i) => ordered(x, ys[i]))

const converts: Decides = (site, [xs]) =>
  of(site, 'convert').dtype === 'real' ||
  each(xs, (x) =>
    of(site, 'convert').dtype === 'bool'
      ? isThin(x) || x.lo > 0 || x.hi < 0
      : isThin(x) || (Math.trunc(x.lo) === Math.trunc(x.hi) && Number.isSafeInteger(Math.trunc(x.lo))),
  )

const windowed: Decides = (site, [xs]) => {
  const a = of(site, 'reduceWindow')
  const { shape } = site.instruction
  if (a.kind === 'mean' || shape.includes(0)) return true
  const [lead, across, within] = windowSteps(site.operands[0].shape, a)
  return everyLane(xs, [offsets(shape, [...lead, ...across]), offsets(a.window, within)], wonByMost)
}

/** Whether the branch of a row is the same for all numbers in the operands' intervals; a row not named is in doubt. */
const DECIDES: { readonly [K in PrimitiveName]?: Decides } = {
  abs: (_, [xs]) => each(xs, (x) => isThin(x) || (isNumber(x) && !hasZero(x))),
  sign: stepped(Interval.sign),
  floor: stepped(Interval.floor),
  ceil: stepped(Interval.ceil),
  round: stepped(Interval.round),
  mod: (_, [xs, ys]) =>
    each(xs, (x, i) => (isThin(x) && isThin(ys[i])) || isThin(Interval.floor(Interval.div(x, ys[i])))),
  atan2: (_, [ys, xs]) => each(xs, (x, i) => x.lo > 0 || ys[i].lo > 0 || ys[i].hi < 0 || (isThin(x) && isThin(ys[i]))),
  max: compared,
  min: compared,
  eq: compared,
  ne: compared,
  lt: compared,
  le: compared,
  gt: compared,
  ge: compared,
  reduceMax: (site, xs) => along(site, of(site, 'reduceMax').axes, xs, wonByMost),
  reduceMin: (site, xs) => along(site, of(site, 'reduceMin').axes, xs, wonByLeast),
  argMax: (site, xs) => along(site, [of(site, 'argMax').axis], xs, wonByMost),
  argMin: (site, xs) => along(site, [of(site, 'argMin').axis], xs, wonByLeast),
  sort: (site, xs) => along(site, [of(site, 'sort').axis], xs, sortable),
  argSort: (site, xs) => along(site, [of(site, 'argSort').axis], xs, sortable),
  topK: (site, xs) => along(site, [of(site, 'topK').axis], xs, sortable),
  argTopK: (site, xs) => along(site, [of(site, 'argTopK').axis], xs, sortable),
  reduceWindow: windowed,
  convert: converts,
}

/**
 * Whether all branches of a program that was just evaluated over `Tracked` are decided, those in called functions included.
 *
 * @category refinements
 * @since 0.1.0
 */
export const decided = (table: Table, program: Program, { value }: Evaluation<I>): boolean =>
  needed(program).every((instruction) => {
    const { primitive, attributes } = instruction
    const operands = instruction.operands.map((k) => at(program, k))
    const xs = operands.map(({ id }) => value(id) as Buffer<I>)
    if (primitive === 'call') {
      const body = attributes.body as Program
      const run = evaluate(Tracked, table)(body)
      if (E.isLeft(run)) return false
      const inside = run.right(xs)
      return E.isRight(inside) && decided(table, body, inside.right) && bounded(body, inside.right)
    }
    const row = table[primitive as PrimitiveName] as Primitive
    // integers and booleans are one number each
    if (row.branches === null || operands.every(({ dtype }) => dtype !== 'real')) return true
    return DECIDES[primitive as PrimitiveName]?.({ instruction, operands }, xs) ?? false
  })

/**
 * Whether both ends are finite.
 *
 * @category refinements
 * @since 0.1.0
 */
export const isBounded = ({ lo, hi }: I): boolean => Number.isFinite(lo) && Number.isFinite(hi)

/**
 * Whether all values of a program that was just evaluated are bounded: nothing has a pole.
 *
 * @category refinements
 * @since 0.1.0
 */
export const bounded = (program: Program, { value }: Evaluation<I>): boolean =>
  needed(program).every(({ id, dtype }) => dtype !== 'real' || each(value(id) as Buffer<I>, isBounded))
