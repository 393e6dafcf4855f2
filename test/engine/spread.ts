/**
 * The algebra of numbers that know how far any engine may be from them: whatever order it sums in, and with functions as
 * accurate as engines promise. `ErrorBound` bounds one computation; this bounds every computation of one program.
 *
 * A number is a float64 value, a bound on the distance to what exact arithmetic gives, and the sum of the sizes of its
 * terms: each partial sum of a sum, in any order, is at most that, so each addition loses at most a unit of roundoff of it.
 * Functions pass errors on by their derivatives (dual numbers), to first order; the tests multiply by a safety factor.
 */
import { type Algebra, type Dual, dual, F64 } from 'wengert/algebra'

export interface Spread {
  readonly value: number
  readonly error: number
  /** the sum of the sizes of the terms */
  readonly size: number
}

const D = dual(F64)

/** Errors beside which a derivative says nothing about the function any more. */
const BLUNT = 2 ** -6

/** Units of roundoff that one function may be off, in any engine: see the tables of the WebAssembly functions. */
const ACCURACY = 8

type Slope = (x: Dual<number>) => Dual<number>
type Slope2 = (x: Dual<number>, y: Dual<number>) => Dual<number>

/** `e` times a slope: no error stays none, also beside an infinite slope. */
const times = (e: number, slope: number): number => (e === 0 ? 0 : e * Math.abs(slope))

/**
 * The algebra for a unit of roundoff. `least` is the smallest normal number of the precision: below it there are no digits
 * to be relative to. Beyond `most`, its largest one, a number or a partial sum may have become infinite, of which nothing is
 * known but what follows from it: 1 / infinity is 0.
 */
export const spreads = (unit: number, least: number, most: number): Algebra<Spread> => {
  const make = (value: number, error: number, terms = 0): Spread => {
    const size = Math.max(terms, Math.abs(value))
    const beyond = Number.isFinite(value) && size + error > most
    return { value, error: beyond || Number.isNaN(error) ? Number.POSITIVE_INFINITY : error, size }
  }
  const rounded = (value: number, units: number): number => units * unit * (Math.abs(value) + least)
  const dull = (x: Spread): boolean => x.error > BLUNT * Math.abs(x.value) && x.error > BLUNT * BLUNT

  const one =
    (f: Slope, units = ACCURACY) =>
    (x: Spread): Spread => {
      const { primal, tangent } = f({ primal: x.value, tangent: 1 })
      return make(primal, dull(x) ? Number.POSITIVE_INFINITY : times(x.error, tangent) + rounded(primal, units))
    }
  const two =
    (f: Slope2, units = ACCURACY) =>
    (x: Spread, y: Spread): Spread => {
      const { primal, tangent } = f({ primal: x.value, tangent: 1 }, { primal: y.value, tangent: 0 })
      const other = f({ primal: x.value, tangent: 0 }, { primal: y.value, tangent: 1 }).tangent
      const far = dull(x) || dull(y)
      const passed = times(x.error, tangent) + times(y.error, other)
      return make(primal, far ? Number.POSITIVE_INFINITY : passed + rounded(primal, units))
    }
  const exact = (value: number, x: Spread): Spread => make(value, x.error)
  const add = (x: Spread, y: Spread): Spread => {
    const size = x.size + y.size
    return make(x.value + y.value, x.error + y.error + unit * (size + least), size)
  }
  const neg = (x: Spread): Spread => make(-x.value, x.error, x.size)
  /** constant between jumps; whoever compares looks at the branches */
  const step = (f: (x: number) => number) => (x: Spread) => make(f(x.value), 0)

  return {
    name: `spread ${unit}`,
    buffer: (length) => Array.from({ length }, () => make(0, 0)),
    literal: (x) => make(x, Number.isInteger(x) && Math.abs(x) < 2 ** 20 ? 0 : rounded(x, 1)),
    primal: (x) => x.value,
    add,
    sub: (x, y) => add(x, neg(y)),
    neg,
    mul: (x, y) => {
      const value = x.value * y.value
      const passed = times(y.error, x.value) + times(x.error, y.value) + x.error * y.error
      return make(value, passed + rounded(value, 1))
    },
    div: two(D.div, 2),
    max: (x, y) => make(F64.max(x.value, y.value), Math.max(x.error, y.error)),
    min: (x, y) => make(F64.min(x.value, y.value), Math.max(x.error, y.error)),
    abs: (x) => exact(Math.abs(x.value), x),
    mod: (x, y) => {
      const quotient = Math.floor(x.value / y.value)
      const value = F64.mod(x.value, y.value)
      return make(value, x.error + times(y.error, quotient) + 2 * rounded(quotient * y.value, 1) + rounded(value, 1))
    },
    sign: step(F64.sign),
    floor: step(F64.floor),
    ceil: step(F64.ceil),
    round: step(F64.round),
    reciprocal: one(D.reciprocal, 2),
    sqrt: one(D.sqrt, 2),
    rsqrt: one(D.rsqrt, 4),
    exp: one(D.exp),
    expm1: one(D.expm1),
    log: one(D.log),
    log1p: one(D.log1p),
    sin: one(D.sin),
    cos: one(D.cos),
    tan: one(D.tan),
    asin: one(D.asin),
    acos: one(D.acos),
    atan: one(D.atan),
    sinh: one(D.sinh),
    cosh: one(D.cosh),
    tanh: one(D.tanh),
    sigmoid: one(D.sigmoid),
    softplus: one(D.softplus),
    erf: one(D.erf),
    lgamma: one(D.lgamma, 64),
    pow: two(D.pow, 64),
    atan2: two(D.atan2),
    polygamma: (order, x) => one((t) => D.polygamma(order, t), 64)(x),
  }
}

/** Of float64 and of float32. */
export const SPREADS = {
  f64: spreads(2 ** -53, 2 ** -1022, Number.MAX_VALUE),
  f32: spreads(2 ** -24, 2 ** -126, (2 - 2 ** -23) * 2 ** 127),
}
