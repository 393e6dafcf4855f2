/**
 * The special functions of a complex variable. As in `complexElementary.ts`, real numbers take float64's own functions and
 * small imaginary parts have relative accuracy.
 *
 * @since 0.1.0
 */
import {
  add,
  type ComplexNumber,
  complex,
  extend,
  log,
  log1p,
  mul,
  neg,
  pow,
  reciprocal,
  scale,
  sub,
} from './complexElementary.js'
import {
  BERNOULLI,
  HALF_LOG_TWO_PI,
  ONE_MINUS_EULER,
  lgamma as realLgamma,
  polygamma as realPolygamma,
  STIRLING,
  sinCosPi,
  ZETA,
} from './gamma.js'
import { gaussian, erf as realErf } from './special.js'

type Z = ComplexNumber

const ZERO: Z = complex(0, 0)
const real = (x: number): Z => complex(x, 0)

/**
 * The error function, by Salzer's expansion around its real value (Abramowitz and Stegun 7.1.29), which is exact to
 * `1e-16 |erf z|` when summed while `exp(-n²/4 + n |y|)` matters. At imaginary parts near 0 all terms of the imaginary
 * part have one sign.
 *
 * @category error function
 * @since 0.1.0
 */
export const erf: (z: ComplexNumber) => ComplexNumber = extend(realErf, (z) => {
  const { re: x, im: y } = z
  const size = Math.abs(y)
  if (Math.abs(x) > size + 27) return complex(Math.sign(x), 0)
  // beyond, exp(ny - n²/4) = exp(y²) exp(-(n/2 - y)²) is a hump at n = 2y, and exp(y²) is taken out
  const far = size > 5
  const cos2 = Math.cos(2 * x * y)
  const sin2 = Math.sin(2 * x * y)
  // where x y is tiny the quotient is y to the last bit, and x y itself may have lost digits to underflow
  const sinc = Math.abs(x * y) < 2 ** -27 ? y : Math.sin(x * y) / x
  const lowered = far ? Math.exp(-y * y) : 1
  let re = lowered * Math.sin(x * y) * sinc
  let im = lowered * Math.cos(x * y) * sinc
  for (let n = far ? Math.max(1, Math.floor(2 * size) - 14) : 1; n <= 2 * size + 14; n++) {
    const up = Math.exp(-((n / 2 - size) ** 2))
    const down = Math.exp(-((n / 2 + size) ** 2))
    const weight = Math.exp((-n * n) / 4)
    const cosh = far ? 0.5 * (up + down) : weight * Math.cosh(n * y)
    const sinh = far ? 0.5 * Math.sign(y) * (up - down) : weight * Math.sinh(n * y)
    const constant = lowered * weight
    const share = 2 / (n * n + 4 * x * x)
    re += share * (2 * x * (constant - cosh * cos2) + n * sinh * sin2)
    im += share * (2 * x * cosh * sin2 + n * sinh * cos2)
  }
  const grown = far ? Math.exp((size - x) * (size + x)) : gaussian(x)
  const part = (sum: number): number => (sum === 0 ? 0 : (grown / Math.PI) * sum)
  return complex(realErf(x) + part(re), part(im))
})

// p(z), lowest power first
const horner = (coefficients: ReadonlyArray<number>, z: Z): Z => {
  let sum = ZERO
  for (let k = coefficients.length - 1; k >= 0; k--) {
    const product = mul(sum, z)
    sum = complex(product.re + coefficients[k], product.im)
  }
  return sum
}

const LGAMMA_AT_TWO: ReadonlyArray<number> = [0, ONE_MINUS_EULER, ...ZETA.map((c, k) => c / (k + 2))]
const DIGAMMA_AT_TWO: ReadonlyArray<number> = [ONE_MINUS_EULER, ...ZETA]
const LGAMMA_FAR: ReadonlyArray<number> = BERNOULLI.slice(0, 10).map((b, k) => b / ((2 * k + 2) * (2 * k + 1)))
const DIGAMMA_FAR: ReadonlyArray<number> = BERNOULLI.slice(0, 10).map((b, k) => b / (2 * k + 2))

// The zeta series at 2 serve a strip around the real axis after a shift by an integer.
const inStrip = (z: Z): boolean => Math.abs(z.im) <= 0.3 && z.re < STIRLING

// sin πz, but for the factor e^(π|y|) where that may overflow; its logarithm is the second component
const sinPi = (z: Z): readonly [Z, number] => {
  const [sin, cos] = sinCosPi(z.re)
  const y = Math.PI * z.im
  return Math.abs(y) > 20
    ? [complex(sin / 2, (Math.sign(y) * cos) / 2), Math.abs(y)]
    : [complex(sin * Math.cosh(y), cos * Math.sinh(y)), 0]
}

// cot πz = (sin a cos a - i sinh b cosh b) / (sin² a + sinh² b), a = πx, b = πy
const cotPi = (z: Z): Z => {
  const [sin, cos] = sinCosPi(z.re)
  const y = Math.PI * z.im
  if (Math.abs(y) > 20) return complex(4 * sin * cos * Math.exp(-2 * Math.abs(y)), -Math.sign(y))
  const sinh = Math.sinh(y)
  const size = sin * sin + sinh * sinh
  return complex((sin * cos) / size, (-sinh * Math.cosh(y)) / size)
}

/**
 * The analytic continuation of `log |Γ(x)|` from the real number under z: `log Γ(z)` for Re z > 0, and
 * `log(sign Γ(x) · Γ(z))` for Re z < 0, whose imaginary part vanishes on the real axis on both sides of 0. (The principal
 * `log Γ` has a cut there, and steps of π.)
 *
 * Formulas as in the real `lgamma`.
 *
 * @category gamma
 * @since 0.1.0
 */
export const lgamma: (z: ComplexNumber) => ComplexNumber = extend(realLgamma, (z) => {
  if (z.re < 0) {
    const [sin, growth] = sinPi(z)
    const product = mul(z, sin)
    // the sign that makes it positive at y = 0
    const positive = z.re * sin.re < 0 ? neg(product) : product
    return sub(sub(real(Math.log(Math.PI) - growth), log(positive)), lgamma(neg(z)))
  }
  if (inStrip(z)) {
    const n = Math.round(z.re)
    const d = complex(z.re - n, z.im)
    const base = horner(LGAMMA_AT_TWO, d)
    if (n === 0) return sub(sub(base, log1p(d)), log(d))
    if (n === 1) return sub(base, log1p(d))
    let product: Z = real(1)
    for (let k = 2; k < n; k++) product = mul(product, complex(k + d.re, d.im))
    return add(base, log(product))
  }
  let y = z
  let sum = ZERO
  while (y.re < STIRLING && Math.hypot(y.re, y.im) < 20) {
    sum = add(sum, log(y))
    y = complex(y.re + 1, y.im)
  }
  const inverse = reciprocal(y)
  const tail = mul(inverse, horner(LGAMMA_FAR, mul(inverse, inverse)))
  const logarithm = log(y)
  const main = mul(complex(y.re - 0.5, y.im), complex(logarithm.re - 1, logarithm.im))
  return sub(add(add(main, tail), real(HALF_LOG_TWO_PI - 0.5)), sum)
})

const digamma = (z: Z): Z => {
  if (z.re < 0) return sub(digamma(complex(1 - z.re, -z.im)), scale(Math.PI, cotPi(z)))
  if (inStrip(z)) {
    const n = Math.round(z.re)
    const d = complex(z.re - n, z.im)
    let sum = horner(DIGAMMA_AT_TWO, d)
    for (let k = n; k < 2; k++) sum = sub(sum, reciprocal(complex(k + d.re, d.im)))
    for (let k = 2; k < n; k++) sum = add(sum, reciprocal(complex(k + d.re, d.im)))
    return sum
  }
  let y = z
  let sum = ZERO
  while (y.re < STIRLING && Math.hypot(y.re, y.im) < 20) {
    sum = add(sum, reciprocal(y))
    y = complex(y.re + 1, y.im)
  }
  const inverse = reciprocal(y)
  const square = mul(inverse, inverse)
  const tail = add(scale(0.5, inverse), mul(square, horner(DIGAMMA_FAR, square)))
  return sub(sub(log(y), tail), sum)
}

// ψ^(m)(z) for m >= 1: the formulas of the real `hurwitz`, the factor m! in one piece
const higher = (m: number, z: Z): Z => {
  if (z.re < 0) return sub(mirrored(m, z), cotangentDerivative(m, z))
  let y = z
  let sum = ZERO
  while (y.re < m + 12) {
    sum = add(sum, pow(y, real(-(m + 1))))
    y = complex(y.re + 1, y.im)
  }
  const inverse = reciprocal(y)
  const square = mul(inverse, inverse)
  let tail = ZERO
  for (let k = 14; k > 0; k--) {
    const ratio = ((m + 2 * k - 2) * (m + 2 * k - 1)) / ((2 * k - 1) * (2 * k))
    tail = scale(ratio, mul(square, complex(BERNOULLI[k - 1] + tail.re, tail.im)))
  }
  const series = add(real(1), add(scale(0.5 * m, inverse), tail))
  const rest = scale(1 / m, mul(pow(y, real(-m)), series))
  let factorial = 1
  for (let k = 2; k <= m; k++) factorial *= k
  const value = scale(factorial, add(sum, rest))
  return m % 2 === 0 ? neg(value) : value
}

// (-1)^m ψ^(m)(1 - z)
const mirrored = (m: number, z: Z): Z => {
  const value = higher(m, complex(1 - z.re, -z.im))
  return m % 2 === 0 ? value : neg(value)
}

// π (d/dz)^m cot πz. Near the real axis it is reflection itself, at z less the nearest integer. Away from it, where that
// would cancel, it is Lipschitz's formula -(2πi)^(m+1) Σ_(k >= 1) k^m e^(2πikz) for Im z > 0, since
// cot πz = -i (1 + 2 Σ_(k >= 1) e^(2πikz)).
const cotangentDerivative = (m: number, z: Z): Z => {
  if (Math.abs(z.im) <= 0.5) {
    const rest = complex(z.re - Math.round(z.re), z.im)
    const r = rest.re < 0 ? neg(rest) : rest
    const value = sub(mirrored(m, r), higher(m, r))
    return rest.re < 0 && m % 2 === 0 ? neg(value) : value
  }
  const [sin, cos] = sinCosPi(2 * z.re)
  const decay = Math.exp(-2 * Math.PI * Math.abs(z.im))
  const q = complex(decay * cos, decay * sin)
  let sum = ZERO
  let power: Z = real(1)
  for (let k = 1; k <= 12 + m; k++) {
    power = mul(power, q)
    sum = add(sum, scale(k ** m, power))
  }
  const factor = -((2 * Math.PI) ** (m + 1))
  const turned = [sum, complex(-sum.im, sum.re), neg(sum), complex(sum.im, -sum.re)][(m + 1) % 4]
  return scale(factor, z.im > 0 ? turned : complex(turned.re, -turned.im))
}

/**
 * The polygamma function of a complex variable: digamma and its derivatives, analytic but for the poles. Orders above 170
 * overflow away from the real axis.
 *
 * @category gamma
 * @since 0.1.0
 */
export const polygamma = (order: number, z: ComplexNumber): ComplexNumber => {
  if (z.im === 0 || !Number.isInteger(order) || order < 0) return complex(realPolygamma(order, z.re), 0)
  return order === 0 ? digamma(z) : higher(order, z)
}
