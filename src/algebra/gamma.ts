/**
 * The logarithm of the gamma function and its derivatives in float64, from their published formulas; see `special.ts`.
 *
 * DLMF is the NIST Digital Library of Mathematical Functions, https://dlmf.nist.gov. Each function states the error
 * that was measured against 40-digit values; `test/algebra/gamma.test.ts` measures it again.
 *
 * @since 0.1.0
 */
import { horner } from './special.js'

/**
 * `1 - γ`, where γ is Euler's constant (DLMF 5.2.3).
 *
 * @category constants
 * @since 0.1.0
 */
export const ONE_MINUS_EULER: number = 0.42278433509846713

/**
 * `(-1)^k (ζ(k) - 1)` for `k = 2, 3, ...`: the Taylor coefficients of digamma at 2, and, divided by `k`, of lgamma
 * (DLMF 5.7.3).
 *
 * @category constants
 * @since 0.1.0
 */
export const ZETA: ReadonlyArray<number> = [
  0.6449340668482264, -0.2020569031595943, 0.08232323371113819, -0.03692775514336993, 0.01734306198444914,
  -0.008349277381922827, 0.00407735619794434, -0.0020083928260822143, 0.0009945751278180853, -0.0004941886041194645,
  0.0002460865533080483, -0.00012271334757848915, 6.124813505870483e-5, -3.058823630702049e-5, 1.528225940865187e-5,
  -7.637197637899763e-6, 3.81729326499984e-6, -1.908212716553939e-6, 9.539620338727962e-7, -4.769329867878064e-7,
  2.38450502727733e-7, -1.1921992596531106e-7, 5.960818905125948e-8, -2.980350351465228e-8, 1.4901554828365043e-8,
  -7.45071178983543e-9, 3.725334024788457e-9, -1.862659723513049e-9, 9.313274324196682e-10,
]

/**
 * The Bernoulli numbers `B_2, B_4, ..., B_30` (DLMF 24.2(iv)).
 *
 * @category constants
 * @since 0.1.0
 */
export const BERNOULLI: ReadonlyArray<number> = [
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
  43867 / 798,
  -174611 / 330,
  854513 / 138,
  -236364091 / 2730,
  8553103 / 6,
  -23749461029 / 870,
  8615841276005 / 14322,
]

/**
 * `½ log 2π`, the constant of Stirling's formula.
 *
 * @category constants
 * @since 0.1.0
 */
export const HALF_LOG_TWO_PI: number = 0.9189385332046728

/**
 * From here on, to the right, the asymptotic series of lgamma and digamma are exact to float64 (DLMF 5.11(ii): the
 * error is below the first term left out, and `|B_22| / (22 · 10^22) < 2^-64`).
 *
 * @category constants
 * @since 0.1.0
 */
export const STIRLING: number = 10

// The positive root of digamma as an unevaluated sum of two doubles, and digamma's Taylor coefficients there.
const ROOT = 1.4616321449683622
const ROOT_REST = 9.549995429965697e-17
const AT_ROOT: ReadonlyArray<number> = [
  0.9676722454476212, -0.4427631689835921, 0.258499760955651, -0.16394270544240652, 0.10782405069126237,
  -0.07219956125645471, 0.04880428816414311, -0.03316112647484736, 0.022597648232218104, -0.01542476590494896,
  0.010538791616612175, -0.007204534386356869, 0.004926781395729853, -0.003369801655439328, 0.002305126326734928,
  -0.0015769367714301972, 0.0010788252019162967, -0.0007380709389960052, 0.000504953265834602, -0.0003454680251063077,
]

/**
 * `sin(πx)` and `cos(πx)`, from the exact remainder of x by 1.
 *
 * @category trigonometric
 * @since 0.1.0
 */
export const sinCosPi = (x: number): readonly [sin: number, cos: number] => {
  const nearest = Math.round(x)
  const rest = x - nearest
  const sign = nearest % 2 === 0 ? 1 : -1
  // the cosine loses relative accuracy near its zero at 1/2, so there it is a sine
  const cos = Math.abs(rest) > 0.25 ? Math.sin(Math.PI * (0.5 - Math.abs(rest))) : Math.cos(Math.PI * rest)
  return [sign * Math.sin(Math.PI * rest), sign * cos]
}

// log Γ(2 + z) for |z| <= 1/2 (DLMF 5.7.3): exactly 0 at z = 0, with relative accuracy around it.
const lgammaAtTwo = (z: number): number => {
  let sum = 0
  for (let k = ZETA.length - 1; k >= 0; k--) sum = sum * z + ZETA[k] / (k + 2)
  return z * (ONE_MINUS_EULER + z * sum)
}

/**
 * `log |Γ(x)|`.
 *
 * A zeta series around 1 and 2, which keeps *relative* accuracy at those two zeros (DLMF 5.7.3); recurrence to 10
 * (DLMF 5.5.1); Stirling's series beyond (DLMF 5.11.1); reflection for negative x (DLMF 5.5.3), which is accurate to
 * `ε max(1, |log |Γ(-x)||)` absolutely: near the zeros on the negative axis the relative accuracy is lost.
 *
 * It is +∞ at the poles 0, -1, -2, ... and at both infinities, as in C.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { lgamma } from 'wengert/algebra'
 *
 * assert.ok(Math.abs(lgamma(5) - Math.log(24)) < 1e-15)
 * assert.strictEqual(lgamma(1), 0)
 * assert.strictEqual(lgamma(-3), Infinity)
 * ```
 *
 * @category gamma
 * @since 0.1.0
 */
export const lgamma = (x: number): number => {
  if (Number.isNaN(x)) return NaN
  if (!Number.isFinite(x) || (x <= 0 && Number.isInteger(x))) return Infinity
  if (x < 0) return x > -1e-17 ? -Math.log(-x) : Math.log(Math.PI / Math.abs(x * sinCosPi(x)[0])) - lgamma(-x)
  if (x < 0.5) return lgammaAtTwo(x) - lgammaLog1p(x)
  if (x < 1.5) return lgammaAtTwo(x - 1) - Math.log1p(x - 1)
  if (x < STIRLING) {
    let y = x
    let product = 1
    while (y >= 2.5) {
      y -= 1
      product *= y
    }
    return Math.log(product) + lgammaAtTwo(y - 2)
  }
  const square = 1 / x / x
  let sum = 0
  for (let k = 10; k > 0; k--) sum = sum * square + BERNOULLI[k - 1] / (2 * k * (2 * k - 1))
  return (x - 0.5) * (Math.log(x) - 1) + (HALF_LOG_TWO_PI - 0.5 + sum / x)
}

// log(x (1 + x)) for 0 < x < 1/2: the two steps of the recurrence from x to x + 2.
const lgammaLog1p = (x: number): number => Math.log(x) + Math.log1p(x)

/**
 * The digamma function `ψ(x) = Γ'(x) / Γ(x)`.
 *
 * A Taylor series at its positive root, which keeps relative accuracy there; the zeta series around 2 (the derivative
 * of DLMF 5.7.3); recurrence (DLMF 5.5.2); the asymptotic series (DLMF 5.11.2); reflection for negative x
 * (DLMF 5.5.4).
 *
 * At a pole the value is what the side that the sign of zero names tends to: `-∞` at 0, `+∞` at -0. The negative
 * integers have no such sign, and there it is NaN.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { digamma } from 'wengert/algebra'
 *
 * assert.ok(Math.abs(digamma(1) + 0.5772156649015329) < 1e-15)
 * assert.strictEqual(digamma(0), -Infinity)
 * ```
 *
 * @category gamma
 * @since 0.1.0
 */
export const digamma = (x: number): number => {
  if (x === 0) return -1 / x
  if (x < 0) {
    if (Number.isInteger(x) || x === -Infinity) return NaN
    const [sin, cos] = sinCosPi(x)
    return digamma(1 - x) - (Math.PI * cos) / sin
  }
  if (x > 1.3 && x < 1.6) {
    const d = x - ROOT - ROOT_REST
    return d * horner(AT_ROOT, d)
  }
  if (x < 0.5) return digammaAtTwo(x) - 1 / (1 + x) - 1 / x
  if (x < 1.5) return digammaAtTwo(x - 1) - 1 / x
  if (x < STIRLING) {
    let y = x
    let sum = 0
    while (y >= 2.5) {
      y -= 1
      sum += 1 / y
    }
    return sum + digammaAtTwo(y - 2)
  }
  const square = 1 / x / x
  let sum = 0
  for (let k = 10; k > 0; k--) sum = sum * square + BERNOULLI[k - 1] / (2 * k)
  return Math.log(x) - (0.5 / x + sum * square)
}

const digammaAtTwo = (z: number): number => ONE_MINUS_EULER + z * horner(ZETA, z)

/**
 * The polygamma function `ψ^(m)(x)`, the m-th derivative of digamma: `polygamma(0, x) = digamma(x)`.
 *
 * For x > 0 and m >= 1 it is `(-1)^(m+1) m! Σ_k (x + k)^-(m+1)` (DLMF 5.15.1), summed directly to `x + k >= m + 12` and
 * from there by the Euler-Maclaurin formula (DLMF 5.15.8). Negative x are reflected (DLMF 5.15.6). An order that is not
 * an integer >= 0 gives NaN.
 *
 * At the poles odd orders are `+∞`; even orders are `-∞` at 0, `+∞` at -0 and NaN at the negative integers, as in
 * `digamma`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { polygamma } from 'wengert/algebra'
 *
 * assert.ok(Math.abs(polygamma(1, 1) - Math.PI ** 2 / 6) < 1e-15)
 * assert.ok(Math.abs(polygamma(2, 1) + 2 * 1.2020569031595942) < 2e-15)
 * ```
 *
 * @category gamma
 * @since 0.1.0
 */
export const polygamma = (order: number, x: number): number => {
  if (!Number.isInteger(order) || order < 0 || Number.isNaN(x)) return NaN
  if (order === 0) return digamma(x)
  const odd = order % 2 === 1
  if (x === 0) return odd ? Infinity : -1 / x
  if (Math.abs(x) < 2 ** -200) return odd ? pole(order, x) : -Math.sign(x) * pole(order, x)
  if (x < 0) {
    if (x === -Infinity) return NaN
    if (Number.isInteger(x)) return odd ? Infinity : NaN
    const mirrored = polygamma(order, 1 - x)
    return (odd ? -mirrored : mirrored) - cotangentDerivative(order, x)
  }
  const magnitude = x === Infinity ? 0 : hurwitz(order, x)
  return odd ? magnitude : -magnitude
}

// m! / |x|^(m + 1): so near the pole at 0 nothing else is left
const pole = (m: number, x: number): number => {
  let value = 1 / Math.abs(x)
  for (let k = 1; k <= m; k++) value *= k / Math.abs(x)
  return value
}

// m! ζ(m + 1, x) for x > 0. With the scale (m - 1)! / x^m taken out, everything that is summed lies within 0 and 2.
const hurwitz = (m: number, x: number): number => {
  const from = m + 12
  let sum = 0
  let y = x
  while (y < from) {
    const term = (x / y) ** (m + 1)
    sum += term
    y += 1
    if (term < 1e-19 * sum) break
  }
  const square = 1 / y / y
  let tail = 0
  for (let k = 14; k > 0; k--)
    tail = (BERNOULLI[k - 1] + tail) * square * (((m + 2 * k - 2) * (m + 2 * k - 1)) / ((2 * k - 1) * (2 * k)))
  const rest = (x / y) ** m * (1 + (0.5 * m) / y + tail)
  // (m - 1)! / x^m, kept in range by powers of 2^512
  let scale = 1 / x
  let exponent = 0
  for (let k = 1; k < m; k++) {
    scale *= k / x
    if (scale > 0 && scale < 2 ** -512) {
      scale *= 2 ** 512
      exponent -= 1
    } else if (scale > 2 ** 512) {
      scale *= 2 ** -512
      exponent += 1
    }
  }
  let value = scale * ((m / x) * sum + rest)
  for (; exponent > 0; exponent--) value *= 2 ** 512
  for (; exponent < 0; exponent++) value *= 2 ** -512
  return value
}

// The coefficients of the polynomial p with π (d/dx)^m cot πx = p(cot πx), lowest power first: p_0(c) = πc and
// p_(m+1)(c) = -π (1 + c²) p_m'(c). Those that are not 0 share one sign, so summing them does not cancel.
const cotangentPolynomial = (order: number): ReadonlyArray<number> => {
  let p: ReadonlyArray<number> = [0, Math.PI]
  for (let m = 0; m < order; m++) {
    const next = new Array<number>(p.length + 1).fill(0)
    for (let k = 1; k < p.length; k++) {
      next[k - 1] -= Math.PI * k * p[k]
      next[k + 1] -= Math.PI * k * p[k]
    }
    p = next
  }
  return p
}

// π (d/dx)^m cot πx. Beyond order 20 a few terms of the sum over all poles, (-1)^m m! Σ_k (x - k)^-(m+1), are exact.
const cotangentDerivative = (m: number, x: number): number => {
  if (m <= 20) {
    const [sin, cos] = sinCosPi(x)
    return horner(cotangentPolynomial(m), cos / sin)
  }
  const rest = x - Math.round(x)
  let sum = 1
  for (let k = 1; k <= 4; k++) sum += (rest / (rest - k)) ** (m + 1) + (rest / (rest + k)) ** (m + 1)
  let scale = 1 / rest
  for (let k = 1; k <= m; k++) scale *= k / rest
  return m % 2 === 0 ? scale * sum : -scale * sum
}
