/**
 * sin, cos and tan of two float64.
 *
 * `x = n π/2 + r` with `|r| <= π/4`, `π/2` in four parts of which the first three have 33 bits, so that `n` times them is
 * exact for `n < 2^20` (W. J. Cody and W. Waite, 1980; the parts are those of fdlibm's `e_rem_pio2.c`). What the
 * differences round away is collected, and `r` comes with a tail, so that multiples of `π/2` keep full relative accuracy.
 * Then the minimax polynomials of fdlibm's `k_sin.c` and `k_cos.c` (errors below `2^-58`).
 *
 * Beyond `|x| = 2^20` the host's function computes the whole vector, lane by lane: reduction by a thousand bits of `π` is
 * rare, and is as good there.
 *
 * @since 0.1.0
 */
import { choose, compute, type Expr, f64x2, i64x2, type Local, v128 } from '../../assembler.js'
import { horner, type Vector, doubles as v, where } from '../lanes.js'
import { type HostFunction, perLane } from './host.js'

type Keep = (value: Expr<'v128'>) => Local<'v128'>

const HALF_PI = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32]

const TWO_OVER_PI = 0.6366197723675814

const LIMIT = 2 ** 20

// sin r = r + r³ S(r²), cos r = 1 - r²/2 + r⁴ C(r²)
const SIN = [
  -0.16666666666666632, 0.00833333333332249, -0.0001984126982985795, 2.7557313707070068e-6, -2.5050760253406863e-8,
  1.58969099521155e-10,
]
const COS = [
  0.0416666666666666, -0.001388888888887411, 2.480158728947673e-5, -2.7557314351390663e-7, 2.087572321298175e-9,
  -1.1359647557788195e-11,
]

/** `a - b` and what rounding takes from it. */
const difference = (keep: Keep, a: Local<'v128'>, b: Local<'v128'>) => {
  const value = keep(v.sub(a, b))
  const part = keep(v.sub(value, a))
  return { value, lost: v.sub(v.sub(a, v.sub(value, part)), v.add(b, part)) }
}

/** The quadrant as an integer in the low bits, and `sin r` and `cos r` of the rest. */
const reduced = (keep: Keep, x: Local<'v128'>) => {
  const shifted = keep(v.add(v.mul(x, TWO_OVER_PI), 1.5 * 2 ** 52))
  const n = keep(v.sub(shifted, 1.5 * 2 ** 52))
  const [p1, p2, p3, p4] = HALF_PI
  const first = keep(v.sub(x, v.mul(n, p1)))
  const second = difference(keep, first, keep(v.mul(n, p2)))
  const third = difference(keep, second.value, keep(v.mul(n, p3)))
  const tail = keep(v.sub(v.add(second.lost, third.lost), v.mul(n, p4)))
  const r = keep(v.add(third.value, tail))
  const low = keep(v.add(v.sub(third.value, r), tail))

  const z = keep(v.mul(r, r))
  const cube = keep(v.mul(z, r))
  const high = horner(v, z, SIN.slice(1))
  const sin = v.sub(r, v.sub(v.sub(v.mul(z, v.sub(v.mul(low, 0.5), v.mul(cube, high))), low), v.mul(cube, SIN[0])))
  const half = keep(v.mul(z, 0.5))
  const one = keep(v.sub(1, half))
  const cos = v.add(one, v.add(v.sub(v.sub(1, one), half), v.sub(v.mul(z, v.mul(z, horner(v, z, COS))), v.mul(r, low))))
  return { quadrant: shifted, sin: keep(sin), cos: keep(cos) }
}

/** All ones where the quadrant is odd. */
const odd = (quadrant: Vector): Vector => i64x2.neg(v128.and(quadrant, i64x2.const(1n, 1n)))

/** The sign bit where bit 1 of the quadrant is set. */
const flip = (quadrant: Vector): Vector => i64x2.shl(i64x2.shr_u(quadrant, 1), 63)

/** A function by reduction, or by the host where an argument is too large. NaN and infinities go the short way. */
const guarded = (host: HostFunction, of: Vector, near: (keep: Keep, x: Local<'v128'>) => Vector): Vector =>
  compute((keep) => {
    const x = keep(of)
    const size = keep(f64x2.abs(x))
    const large = v128.any_true(v128.and(f64x2.gt(size, LIMIT), f64x2.lt(size, Number.POSITIVE_INFINITY)))
    return choose('v128', large, [perLane(host, x)], [compute((inner) => near(inner as Keep, x))])
  })

/**
 * `sin x` within 1 ulp.
 *
 * @category trigonometric
 * @since 0.1.0
 */
export const sin = (x: Vector): Vector =>
  guarded('sin', x, (keep, y) => {
    const { quadrant, sin: s, cos: c } = reduced(keep, y)
    const value = v128.xor(where(odd(quadrant), c, s), flip(quadrant))
    // -0 keeps its sign, and so do the smallest numbers their digits
    return where(v.lt(v.abs(y), 2 ** -27), y, value)
  })

/**
 * `cos x` within 1 ulp.
 *
 * @category trigonometric
 * @since 0.1.0
 */
export const cos = (x: Vector): Vector =>
  guarded('cos', x, (keep, y) => {
    const { quadrant, sin: s, cos: c } = reduced(keep, y)
    const next = keep(i64x2.add(quadrant, i64x2.const(1n, 1n)))
    return v128.xor(where(odd(quadrant), s, c), flip(next))
  })

/**
 * `tan x` within 2 ulps, as `sin r / cos r` or `-cos r / sin r`.
 *
 * @category trigonometric
 * @since 0.1.0
 */
export const tan = (x: Vector): Vector =>
  guarded('tan', x, (keep, y) => {
    const { quadrant, sin: s, cos: c } = reduced(keep, y)
    const turned = keep(odd(quadrant))
    const value = v.div(where(turned, c, s), where(turned, s, c))
    const signed = v128.xor(value, v128.and(turned, v.constant(-0)))
    return where(v.lt(v.abs(y), 2 ** -27), y, signed)
  })
