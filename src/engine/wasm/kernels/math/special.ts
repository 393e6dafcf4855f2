/**
 * The error function of two float64.
 *
 * @since 0.1.0
 */
import { compute, v128 } from '../../assembler.js'
import { horner, signOf, type Vector, doubles as v, where } from '../lanes.js'
import { exp } from './exponential.js'

// erf x = x + x A(x²) for |x| < 1: interpolation at 13 Chebyshev points, relative error 2^-55.5
const NEAR = [
  0.1283791670955126, -0.3761263890318375, 0.11283791670954879, -0.026866170645076792, 0.0052239776248180145,
  -0.000854832698083379, 0.0001205533111164271, -1.4925595266831182e-5, 1.6461000484121368e-6, -1.6350312701054695e-7,
  1.4659775274047436e-8, -1.1372848856791674e-9, 5.957176147748911e-11,
]

// 1 - erf x = exp(-x²) B((x - 2) / (x + 2)) for 1 <= x <= 6: interpolation at 15 Chebyshev points, error 2^-56.4 of erf
const FAR = [
  0.25539567631050575, -0.4271858474139579, 0.24165819424246987, -0.07897858101585253, 0.00373289240349224,
  0.006997461747753573, -0.0008471431980760424, -0.0009819773208131022, 4.3554202452705896e-5, 0.00017436697232946864,
  2.754312818566672e-5, -2.7647305443610053e-5, -1.4067532694582058e-5, 1.820143195975009e-6, 3.917059299925389e-6,
]

/**
 * `erf x` within 1.5 ulps.
 *
 * @category error function
 * @since 0.1.0
 */
export const erf = (of: Vector): Vector =>
  compute((keep) => {
    const x = keep(of)
    const square = keep(v.mul(x, x))
    const near = v.add(x, v.mul(x, horner(v, square, NEAR)))
    // from 6 on the complement is below 2^-54; NaN stays NaN
    const a = keep(v.pmin(v.abs(x), 6))
    const u = keep(v.div(v.sub(a, 2), v.add(a, 2)))
    const far = v.sub(1, v.mul(exp(v, v.neg(v.mul(a, a))), horner(v, u, FAR)))
    return where(v.lt(v.abs(x), 1), near, v128.or(far, signOf(v, x)))
  })
