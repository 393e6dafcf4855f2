/**
 * The power of two float64.
 *
 * `x^y = 2^(y log2 |x|)`, for which the logarithm is needed to some 70 bits: it is computed as a sum of two numbers, whose
 * first has its low half cut off, so that its product with the first half of `y` is exact. The method, the minimax
 * coefficients and the splits of constants are those of fdlibm's `e_pow.c` (error below 0.70 ulp).
 *
 * @since 0.1.0
 */
import { choose, compute, type Expr, i64x2, type Local, v128 } from '../../assembler.js'
import { estrin, powerOfTwo, signOf, type Vector, doubles as v, where } from '../lanes.js'
import { exp } from './exponential.js'
import { log } from './logarithm.js'

type Keep = (value: Expr<'v128'>) => Local<'v128'>

/** A number as the sum of one with the upper half of the bits and the rest. */
interface Pair {
  readonly head: Local<'v128'>
  readonly tail: Vector
}

/** The upper half of the bits. */
const head = (x: Vector): Vector => v128.and(x, v.int(-(2n ** 32n)))

// log2((1 + f) / (1 - f)) = (2 / log 2) f (1 + f² / 3 + ...), times 3 / 2: 3 + f² + f⁴ L(f²)
const LOG = [
  0.5999999999999946, 0.4285714285785502, 0.33333332981837743, 0.272728123808534, 0.23066074577556175,
  0.20697501780033842,
]

// 2 / (3 log 2) and log2 1.5, each as a head and what it lacks
const TWO_THIRDS = { all: 0.9617966939259756, head: 0.9617967009544373, tail: -7.028461650952758e-9 }
const LOG_2_OF_1_5 = { head: 0.5849624872207642, tail: 1.350039202129749e-8 }

// log 2
const LOG_2 = { all: Math.LN2, head: 0.6931471824645996, tail: -1.904654299957768e-9 }

// r coth(r/2) - 2 = r² P(r²)
const EXP = [
  0.16666666666666602, -0.0027777777777015593, 6.613756321437934e-5, -1.6533902205465252e-6, 4.1381367970572385e-8,
]

/** `log2 x` for positive finite x. */
const logarithm = (keep: Keep, x: Local<'v128'>): Pair => {
  // x = 2^n m with √3/2 <= m < √3
  const tiny = keep(v.lt(x, 2 ** -1022))
  const bits = keep(where(tiny, v.mul(x, 2 ** 54), x))
  const whole = keep(v128.or(v128.and(bits, v.int(2n ** 52n - 1n)), v.constant(1)))
  const large = keep(v.ge(whole, Math.sqrt(3)))
  const m = keep(where(large, v.mul(whole, 0.5), whole))
  const biased = v.sub(v128.or(v.shr_u(bits, 52), v.constant(2 ** 52)), 2 ** 52 + 1023)
  const n = keep(v.sub(v.add(biased, v128.and(large, v.constant(1))), v128.and(tiny, v.constant(54))))
  // m = c (1 + f) / (1 - f) with c = 1 or 3/2 and f = (m - c) / (m + c) in two parts
  const above = keep(v.ge(m, Math.sqrt(1.5)))
  const c = keep(where(above, v.constant(1.5), v.constant(1)))
  const top = keep(v.sub(m, c))
  const over = keep(v.div(1, v.add(m, c)))
  const f = keep(v.mul(top, over))
  const f1 = keep(head(f))
  const bottom = keep(head(v.add(m, c)))
  const lost = v.sub(m, v.sub(bottom, c))
  const f2 = keep(v.mul(over, v.sub(v.sub(top, v.mul(f1, bottom)), v.mul(f1, lost))))
  // the series in two parts, and times f
  const square = keep(v.mul(f, f))
  const rest = keep(v.add(v.mul(v.mul(square, square), estrin(v, square, LOG)), v.mul(f2, v.add(f1, f))))
  const square1 = keep(v.mul(f1, f1))
  const s1 = keep(head(v.add(v.add(square1, 3), rest)))
  const s2 = v.sub(rest, v.sub(v.sub(s1, 3), square1))
  const p = keep(v.mul(f1, s1))
  const q = keep(v.add(v.mul(f2, s1), v.mul(s2, f)))
  const p1 = keep(head(v.add(p, q)))
  const p2 = v.sub(q, v.sub(p1, p))
  // times 2 / (3 log 2), plus log2 c and n
  const z1 = keep(v.mul(p1, TWO_THIRDS.head))
  const z2 = keep(
    v.add(v.add(v.mul(p1, TWO_THIRDS.tail), v.mul(p2, TWO_THIRDS.all)), v128.and(above, v.constant(LOG_2_OF_1_5.tail))),
  )
  const more = keep(v128.and(above, v.constant(LOG_2_OF_1_5.head)))
  const sum = keep(head(v.add(v.add(v.add(z1, z2), more), n)))
  return { head: sum, tail: v.sub(z2, v.sub(v.sub(v.sub(sum, n), more), z1)) }
}

/** `2^(p + q)` for `q` far below `p`. Beyond 1100 on either side it is infinite, or zero, anyway. */
const exponential = (keep: Keep, ofP: Vector, ofQ: Vector): Vector => {
  const all = keep(ofP)
  const p = keep(v.pmax(v.pmin(all, 1100), -1100))
  const q = keep(v128.and(ofQ, v.eq(all, p)))
  const n = keep(v.nearest(v.add(p, q)))
  const rest = keep(v.sub(p, n))
  const t = keep(head(v.add(rest, q)))
  const u = keep(v.mul(t, LOG_2.head))
  const w = keep(v.add(v.mul(v.sub(q, v.sub(t, rest)), LOG_2.all), v.mul(t, LOG_2.tail)))
  // e^(z + lost) = 1 + z + z² / (2 - ...) + lost (1 + z)
  const z = keep(v.add(u, w))
  const lost = keep(v.sub(w, v.sub(z, u)))
  const square = keep(v.mul(z, z))
  const part = keep(v.sub(z, v.mul(square, estrin(v, square, EXP))))
  const r = v.sub(v.div(v.mul(z, part), v.sub(part, 2)), v.add(lost, v.mul(z, lost)))
  const value = v.sub(1, v.sub(r, z))
  const half = keep(v.floor(v.mul(n, 0.5)))
  return v.mul(v.mul(value, powerOfTwo(v, half)), powerOfTwo(v, v.sub(n, half)))
}

/** The power of a positive number where both are finite, and zeros, infinities and NaN as `Math.pow` has them. */
const completed = (keep: Keep, x: Local<'v128'>, y: Local<'v128'>, value: Local<'v128'>): Vector => {
  const size = keep(v.abs(x))
  const endless = keep(v.eq(v.abs(y), Number.POSITIVE_INFINITY))
  const one = v128.and(v.eq(size, 1), endless)
  const end = v128.or(v128.or(v.eq(size, 0), v.eq(size, Number.POSITIVE_INFINITY)), endless)
  const grows = v128.not(v128.xor(v.gt(size, 1), v.gt(y, 0)))
  const limit = v128.and(grows, v.constant(Number.POSITIVE_INFINITY))
  const integer = v.eq(v.floor(y), y)
  const half = keep(v.mul(y, 0.5))
  const sign = v128.and(v128.and(integer, v.ne(v.floor(half), half)), signOf(v, x))
  const rootless = v128.andnot(v128.and(v.lt(x, 0), v.gt(x, Number.NEGATIVE_INFINITY)), integer)
  const wrong = v128.or(v128.or(v.ne(x, x), v.ne(y, y)), v128.or(one, rootless))
  const found = v128.or(where(end, limit, value), sign)
  return where(v.eq(y, 0), v.constant(1), v128.or(found, wrong))
}

/** A power, given that of the size of `x`. Most vectors hold positive finite numbers, which need nothing else. */
const power = (ofX: Vector, ofY: Vector, near: (keep: Keep, size: Local<'v128'>, y: Local<'v128'>) => Vector): Vector =>
  compute((keep) => {
    const [x, y] = [keep(ofX), keep(ofY)]
    const value = keep(near(keep as Keep, keep(v.abs(x)), y))
    const endless = Number.POSITIVE_INFINITY
    const plain = v128.and(v128.and(v.gt(x, 0), v.lt(x, endless)), v.lt(v.abs(y), endless))
    return choose('v128', i64x2.all_true(plain), [value], [compute((inner) => completed(inner as Keep, x, y, value))])
  })

/**
 * `x^y` within 1 ulp, where it is subnormal 1.25, because it is rounded again; zeros, infinities and NaN are those of
 * `Math.pow`.
 *
 * @category power
 * @since 0.1.0
 */
export const pow = (x: Vector, y: Vector): Vector =>
  power(x, y, (keep, size, of) => {
    const { head: high, tail } = logarithm(keep, size)
    const upper = keep(head(of))
    return exponential(keep, v.mul(upper, high), v.add(v.mul(v.sub(of, upper), high), v.mul(of, tail)))
  })

/**
 * `x^y` as `e^(y log x)`: its error grows with the size of the exponent, to `2^-44` where that is 150, which is the most
 * for what is then rounded to float32.
 *
 * @category power
 * @since 0.1.0
 */
export const powOfSingles = (x: Vector, y: Vector): Vector =>
  power(x, y, (_, size, of) => exp(v, v.mul(of, log(v, size))))
