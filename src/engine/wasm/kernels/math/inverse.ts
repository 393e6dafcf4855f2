/**
 * asin, acos, atan and atan2 of two float64, by the rational and minimax approximations of fdlibm (`e_asin.c`,
 * `e_acos.c`, `s_atan.c`, `e_atan2.c`), with every branch computed and the right one selected.
 *
 * @since 0.1.0
 */
import { compute, i64x2, type Local, v128 } from '../../assembler.js'
import { horner, signOf, type Vector, doubles as v, where } from '../lanes.js'

const HALF_PI = 1.5707963267948966
const HALF_PI_REST = 6.123233995736766e-17
const PI = Math.PI
const PI_REST = 1.2246467991473532e-16

// (asin √t - √t) / (t √t) = t P(t) / Q(t) for t <= 1/4
const P = [
  0.16666666666666666, -0.3255658186224009, 0.20121253213486293, -0.04005553450067941, 0.0007915349942898145,
  3.479331075960212e-5,
]
const Q = [1, -2.403394911734414, 2.0209457602335057, -0.6882839716054533, 0.07703815055590194]

const ratio = (t: Local<'v128'>): Vector => v.div(v.mul(t, horner(v, t, P)), horner(v, t, Q))

/** The upper half of the bits of a number: a square of it is exact. */
const head = (x: Vector): Vector => v128.and(x, i64x2.const(-(2n ** 32n), -(2n ** 32n)))

/** `√t - d`, where `d` is the head of `s = √t`; the addend matters at 0 alone. */
const rest = (t: Vector, s: Vector, d: Local<'v128'>): Vector =>
  v.div(v.sub(t, v.mul(d, d)), v.add(v.add(s, d), 2 ** -1000))

/**
 * `asin x` within 1 ulp, NaN outside of [-1, 1].
 *
 * @category inverse trigonometric
 * @since 0.1.0
 */
export const asin = (of: Vector): Vector =>
  compute((keep) => {
    const x = keep(of)
    const size = keep(v.abs(x))
    const near = keep(v.lt(size, 0.5))
    // asin a = π/2 - 2 asin √((1 - a) / 2) from 1/2 on
    const t = keep(where(near, v.mul(x, x), v.mul(v.sub(1, size), 0.5)))
    const r = keep(ratio(t))
    const s = keep(v.sqrt(t))
    const d = keep(head(s))
    const c = keep(rest(t, s, d))
    const p = v.sub(v.mul(v.add(s, s), r), v.sub(HALF_PI_REST, v.add(c, c)))
    const far = v.sub(HALF_PI / 2, v.sub(p, v.sub(HALF_PI / 2, v.add(d, d))))
    return where(near, v.add(x, v.mul(x, r)), v128.or(far, signOf(v, x)))
  })

/**
 * `acos x` within 1 ulp, NaN outside of [-1, 1].
 *
 * @category inverse trigonometric
 * @since 0.1.0
 */
export const acos = (of: Vector): Vector =>
  compute((keep) => {
    const x = keep(of)
    const size = keep(v.abs(x))
    const near = keep(v.lt(size, 0.5))
    const t = keep(where(near, v.mul(x, x), v.mul(v.sub(1, size), 0.5)))
    const r = keep(ratio(t))
    const s = keep(v.sqrt(t))
    const d = keep(head(s))
    const middle = v.sub(HALF_PI, v.sub(x, v.sub(HALF_PI_REST, v.mul(x, r))))
    const right = keep(v.add(d, v.add(v.mul(r, s), rest(t, s, d))))
    const left = keep(v.add(s, v.sub(v.mul(r, s), HALF_PI_REST)))
    const far = where(v.lt(x, 0), v.sub(PI, v.add(left, left)), v.add(right, right))
    return where(near, middle, far)
  })

// atan t = t - t (t² A(t²)) for |t| < 7/16
const ATAN = [
  0.3333333333333293, -0.19999999999876483, 0.14285714272503466, -0.11111110405462356, 0.09090887133436507,
  -0.0769187620504483, 0.06661073137387531, -0.058335701337905735, 0.049768779946159324, -0.036531572744216916,
  0.016285820115365782,
]

// atan x = atan c + atan((x - c) / (1 + c x)) from each bound on; the last c is infinite
const STEPS = [
  { from: 7 / 16, c: 0.5, high: 0.4636476090008061, low: 2.2698777452961687e-17 },
  { from: 11 / 16, c: 1, high: 0.7853981633974483, low: 3.061616997868383e-17 },
  { from: 19 / 16, c: 1.5, high: 0.982793723247329, low: 1.3903311031230998e-17 },
]
const LAST = 39 / 16

/** atan of numbers that are not negative. */
const atanOf = (of: Vector): Vector =>
  compute((keep) => {
    const x = keep(of)
    const step = (f: (s: (typeof STEPS)[number]) => Vector, first: Vector, last: Vector): Vector =>
      where(
        v.gt(x, LAST),
        last,
        STEPS.reduce((rest, s) => where(v.ge(x, s.from), f(s), rest), first),
      )
    // c = 1/2 and 3/2 are taken times 2 where that saves a rounding: (2x - 1) / (2 + x)
    const top = step(({ c }) => (c === 0.5 ? v.sub(v.add(x, x), 1) : v.sub(x, c)), x, v.constant(-1))
    const bottom = step(({ c }) => (c === 0.5 ? v.add(x, 2) : v.add(v.mul(x, c), 1)), v.constant(1), x)
    const t = keep(v.div(top, bottom))
    const z = keep(v.mul(t, t))
    const high = step((s) => v.constant(s.high), v.constant(0), v.constant(HALF_PI))
    const low = step((s) => v.constant(s.low), v.constant(0), v.constant(HALF_PI_REST))
    return v.sub(high, v.sub(v.sub(v.mul(v.mul(t, z), horner(v, z, ATAN)), low), t))
  })

/**
 * `atan x` within 1 ulp.
 *
 * @category inverse trigonometric
 * @since 0.1.0
 */
export const atan = (of: Vector): Vector =>
  compute((keep) => {
    const x = keep(of)
    return v128.or(atanOf(v.abs(x)), signOf(v, x))
  })

/**
 * `atan2(y, x)` within 2 ulps: `atan |y/x|`, from `π` where x is negative, with the sign of y. Two zeros make the ratio 0,
 * two infinities 1.
 *
 * @category inverse trigonometric
 * @since 0.1.0
 */
export const atan2 = (ofY: Vector, ofX: Vector): Vector =>
  compute((keep) => {
    const y = keep(ofY)
    const x = keep(ofX)
    const a = keep(v.abs(y))
    const b = keep(v.abs(x))
    const both = v.eq(a, b)
    const alike = keep(where(v.eq(a, 0), v.constant(0), v.constant(1)))
    const angle = keep(atanOf(where(both, alike, v.div(a, b))))
    const turned = v.sub(PI, v.sub(angle, PI_REST))
    // all ones where x is negative, -0 included
    const left = i64x2.shr_s(x, 63)
    return v128.or(where(left, turned, angle), signOf(v, y))
  })
