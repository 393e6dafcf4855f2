/**
 * The derivative along a line by differences in double-double, with an estimate of its own error.
 *
 * `D_h = (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h` is off by `c_4 h^4 + c_6 h^6 + ...`. Steps are powers of two, so that nothing
 * is rounded before the one division by 12 (a rounded `12h` is what spoils prototypes), from large to small by factors of 8.
 * From neighbouring steps the powers are eliminated one by one, which costs no further value:
 *
 *     T_h,0 = D_h,    T_h,j = T_h,j-1 + (T_h,j-1 - T_8h,j-1) / (8^(2j+2) - 1)
 *
 * (L. F. Richardson, 1911; C. J. F. Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", Advances in Engineering
 * Software 4, 1982). The error of `T_h,j` is estimated by the larger distance from the two that it was made of, which is about
 * the error of the less accurate one, and so far more than its own; to this comes what rounding may do to the values, `2 ε / h`.
 * The entry of least error is taken. Steps over which a branch changes are left out, and nothing is eliminated across them.
 *
 * @since 0.1.0
 */
import { type DoubleDoubleNumber as DD, DoubleDouble } from '../../algebra/index.js'
import { type Line, type Sample, sameBranches } from './line.js'

const { add, sub, mul, div, literal, neg } = DoubleDouble

/**
 * A difference quotient.
 *
 * @category model
 * @since 0.1.0
 */
export interface Difference {
  readonly value: DD
  readonly error: number
  readonly step: number
}

/**
 * What a ladder found: the best difference, if there were two neighbouring steps, and why other steps were left out.
 *
 * @category model
 * @since 0.1.0
 */
export interface Ladder {
  readonly best: Difference | null
  /** every usable step, largest first */
  readonly rungs: ReadonlyArray<{ readonly step: number; readonly value: DD }>
  readonly branches: number
  readonly notFinite: number
}

/** The exponents of steps: factors of 8, as far as 106 bits reach. */
const EXPONENTS: ReadonlyArray<number> = [
  5, 8, 11, 14, 17, 20, 23, 26, 29, 32, 35, 38, 41, 44, 48, 52, 56, 60, 64, 68, 72,
]

/**
 * A branch that changes this close, relative to the size of the point, counts as changing at it: float64, in which the
 * point is given, does not tell the two apart once a few operations have rounded.
 *
 * @category constants
 * @since 0.1.0
 */
export const AT: number = 2 ** -44

const times = (k: number, x: DD): DD => mul(literal(k), x)

interface Estimate {
  readonly value: DD
  /** how far it is from what it was made of */
  readonly spread: number
}

/** A step's difference, and what comes of it with the entries of the step before, which is 8 times as large. */
const eliminated = (difference: DD, before: ReadonlyArray<Estimate>, ratio: number): ReadonlyArray<Estimate> => {
  const row: Array<Estimate> = [{ value: difference, spread: Number.POSITIVE_INFINITY }]
  for (const [j, { value: rough }] of before.entries()) {
    const fine = row[j].value
    const apart = sub(fine, rough)
    const value = add(fine, div(apart, literal(ratio ** (2 * j + 4) - 1)))
    row.push({ value, spread: Math.max(Math.abs(sub(value, fine).hi), Math.abs(sub(value, rough).hi)) })
  }
  return row
}

/** The difference at one step, whether it is finite, and whether no branch changes within it. */
const quotient = (
  line: Line,
  base: Sample,
  h: number,
): { readonly value: DD; readonly finite: boolean; readonly smooth: boolean } => {
  const points = [h, -h, 2 * h, -2 * h].map(line.sample)
  const rise = sub(times(8, sub(points[0].value, points[1].value)), sub(points[2].value, points[3].value))
  const value = div(rise, literal(12 * h))
  return {
    value,
    finite: points.every((p) => p.finite) && Number.isFinite(value.hi),
    smooth: points.every((p) => sameBranches(p.signature, base.signature)),
  }
}

/**
 * Whether smaller steps contradict a difference, as they do where its own steps were multiples of a period of the function;
 * then the number of the first such step, from which to start again. Steps at which noise hides what is in question,
 * `gap`, are not asked. A smooth function's `D_h` is off by 1/4095 of what it is away from `D_8h`; 1/16 is granted.
 *
 * @category oracles
 * @since 0.1.0
 */
export const contradiction = (
  line: Line,
  base: Sample,
  noise: number,
  best: Difference,
  gap: number,
): number | null => {
  let last = best.value
  for (const [i, exponent] of EXPONENTS.entries()) {
    const h = line.scale * 2 ** -exponent
    if (h >= best.step) continue
    if ((4 * noise) / h > gap / 2 || (line.branching && h < line.scale * AT)) return null
    const { value, finite, smooth } = quotient(line, base, h)
    if (!finite || !smooth) continue
    const own = Math.abs(sub(value, last).hi) / 16
    if (Math.abs(sub(value, best.value).hi) > 10 * best.error + own + (4 * noise) / h) return i
    last = value
  }
  return null
}

/**
 * Differences at smaller and smaller steps.
 *
 * @param noise - a bound on the rounding error of one value
 * @param from - how many of the largest steps to leave out
 * @category oracles
 * @since 0.1.0
 */
export const ladder = (line: Line, base: Sample, noise: number, from = 0): Ladder => {
  const rungs: Array<{ readonly step: number; readonly value: DD }> = []
  let best: Difference | null = null
  let branches = 0
  let notFinite = 0
  let row: ReadonlyArray<Estimate> = []
  let last = Number.NaN
  for (const exponent of EXPONENTS.slice(from)) {
    const h = line.scale * 2 ** -exponent
    if (line.branching && h < line.scale * AT) break
    if (best !== null && (2 * noise) / h >= best.error) break
    const { value: difference, finite, smooth } = quotient(line, base, h)
    if (!finite || !smooth) {
      if (finite) branches++
      else notFinite++
      row = []
      continue
    }
    row = eliminated(difference, row, last / h)
    for (const { value, spread } of row) {
      const error = spread + (2 * noise) / h
      if (best === null ? error < Number.POSITIVE_INFINITY : error < best.error) best = { value, error, step: h }
    }
    rungs.push({ step: h, value: difference })
    last = h
  }
  return { best, rungs, branches, notFinite }
}

/**
 * A side of a point where branches change: the slope there, and what the function tends to.
 *
 * @category model
 * @since 0.1.0
 */
export interface Side {
  readonly slope: DD
  readonly error: number
  readonly limit: DD
  readonly limitError: number
  readonly step: number
}

/**
 * The slope on one side, from values on that side only: with `f_j = f(j h)`, `j = 1..4`, the cubic through them has the value
 * `4 f_1 - 6 f_2 + 4 f_3 - f_4` and the slope `(-26 f_1 + 57 f_2 - 42 f_3 + 11 f_4) / 6h` at 0; errors of order `h^4` and `h^3`, estimated
 * from two neighbouring steps as in `ladder`. `null` where no two steps lie on one piece.
 *
 * @category oracles
 * @since 0.1.0
 */
export const side = (line: Line, sign: 1 | -1, noise: number): Side | null => {
  let best: Side | null = null
  let last: { readonly slope: DD; readonly limit: DD; readonly signature: Sample['signature'] } | null = null
  for (const exponent of EXPONENTS) {
    const h = line.scale * 2 ** -exponent
    if (h < line.scale * AT) break
    const points = [1, 2, 3, 4].map((j) => line.sample(sign * j * h))
    const smooth = points.every((p) => p.finite && sameBranches(p.signature, points[0].signature))
    if (!smooth) {
      last = null
      continue
    }
    const [f1, f2, f3, f4] = points.map(({ value }) => value)
    const limit = sub(add(times(4, f1), times(4, f3)), add(times(6, f2), f4))
    const rise = add(add(times(-26, f1), times(57, f2)), add(times(-42, f3), times(11, f4)))
    const up = div(rise, literal(6 * h))
    const slope = sign === 1 ? up : neg(up)
    if (last !== null && sameBranches(last.signature, points[0].signature)) {
      const error = Math.abs(sub(slope, last.slope).hi) + (23 * noise) / h
      const limitError = Math.abs(sub(limit, last.limit).hi) + 15 * noise
      if (best === null || error < best.error) best = { slope, error, limit, limitError, step: h }
    }
    last = { slope, limit, signature: points[0].signature }
  }
  return best
}
