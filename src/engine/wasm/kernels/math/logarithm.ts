/**
 * log and log1p for both scalars.
 *
 * `x = 2^k (1 + f)` with `√½ <= 1 + f < √2`, and with `s = f / (2 + f)`
 *
 *     log(1 + f) = f - (½f² - s (½f² + R)),  R = (2/3) s² + (2/5) s⁴ + ...
 *
 * which keeps the leading term f exact. The coefficients are the minimax ones of fdlibm (`e_log.c`, `e_logf.c`; error
 * below `2^-58` and `2^-34`), and so is the split of `log 2`, whose head times `k` is exact.
 *
 * @since 0.1.0
 */
import { compute, type Expr, type Local, v128 } from '../../assembler.js'
import { horner, type Scalar, signOf, type Vector, type Vectors, where } from '../lanes.js'

type Keep = (value: Expr<'v128'>) => Local<'v128'>

const SERIES: { readonly [S in Scalar]: ReadonlyArray<number> } = {
  f64: [
    0.6666666666666735, 0.3999999999940942, 0.2857142874366239, 0.22222198432149784, 0.1818357216161805,
    0.15313837699209373, 0.14798198605116586,
  ],
  f32: [0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841],
}

const LOG_2: { readonly [S in Scalar]: readonly [head: number, tail: number] } = {
  f64: [0.6931471803691238, 1.9082149292705877e-10],
  f32: [6.9313812256e-1, 9.0580006145e-6],
}

// the bits of 1 and of a number just below √½
const BITS: { readonly [S in Scalar]: readonly [one: bigint, root: bigint] } = {
  f64: [0x3ff0000000000000n, 0x3fe6a09e00000000n],
  f32: [0x3f800000n, 0x3f3504f3n],
}

/** `x = 2^k m` with `√½ <= m < √2`, for positive normal x. */
const split = (v: Vectors, keep: Keep, x: Vector): { readonly k: Local<'v128'>; readonly m: Local<'v128'> } => {
  const [one, root] = BITS[v.scalar]
  const bits = keep(v.iadd(x, v.int(one - root)))
  const fraction = v128.and(bits, v.int(2n ** BigInt(v.significand) - 1n))
  // the biased exponent, written into the significand of 2^significand
  const biased = v128.or(v.shr_u(bits, v.significand), v.constant(2 ** v.significand))
  return { k: keep(v.sub(biased, 2 ** v.significand + v.bias)), m: keep(v.iadd(fraction, v.int(root))) }
}

/** `k log 2 + log(1 + f) + c`. */
const joined = (v: Vectors, keep: Keep, k: Local<'v128'>, f: Local<'v128'>, c?: Vector): Vector => {
  const [head, tail] = LOG_2[v.scalar]
  const s = keep(v.div(f, v.add(f, 2)))
  const z = keep(v.mul(s, s))
  const half = keep(v.mul(v.mul(f, 0.5), f))
  const r = v.mul(z, horner(v, z, SERIES[v.scalar]))
  const low = v.mul(k, tail)
  const rest = v.sub(half, v.add(v.mul(s, v.add(half, r)), c === undefined ? low : v.add(low, c)))
  return v.sub(v.mul(k, head), v.sub(rest, f))
}

const normal = (v: Vectors): number => 2 ** (1 - v.bias)

/**
 * `log x` within 1 ulp; `-∞` at both zeros, NaN below.
 *
 * @category logarithm
 * @since 0.1.0
 */
export const log = (v: Vectors, of: Vector): Vector =>
  compute((keep) => {
    const x = keep(of)
    const up = 2 ** (v.significand + 2)
    const tiny = keep(v.lt(x, normal(v)))
    const { k, m } = split(v, keep, where(tiny, v.mul(x, up), x))
    const exponent = keep(v.sub(k, v128.and(tiny, v.constant(v.significand + 2))))
    const value = joined(v, keep, exponent, keep(v.sub(m, 1)))
    const edge = where(v.eq(x, 0), v.constant(Number.NEGATIVE_INFINITY), v.add(x, v.sqrt(x)))
    return where(v128.and(v.gt(x, 0), v.lt(x, Number.POSITIVE_INFINITY)), value, edge)
  })

/**
 * `log(1 + x)` within 2 ulps; `-∞` at -1, NaN below. Where `1 + x` is rounded, its error over it is added; near 0 nothing
 * is, because `f` is `x` itself.
 *
 * @category logarithm
 * @since 0.1.0
 */
export const log1p = (v: Vectors, of: Vector): Vector =>
  compute((keep) => {
    const x = keep(of)
    const u = keep(v.add(x, 1))
    const { k, m } = split(v, keep, u)
    const near = keep(v.eq(k, 0))
    const lost = where(v.gt(k, 0), v.sub(1, v.sub(u, x)), v.sub(x, v.sub(u, 1)))
    const c = v128.andnot(v.div(lost, u), near)
    const value = joined(v, keep, k, keep(where(near, x, v.sub(m, 1))), c)
    const edge = where(v.eq(x, -1), v.constant(Number.NEGATIVE_INFINITY), v.add(x, v.sqrt(u)))
    const inside = v128.and(v.gt(x, -1), v.lt(x, Number.POSITIVE_INFINITY))
    return where(inside, v128.or(value, signOf(v, x)), edge)
  })
