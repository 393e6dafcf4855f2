/**
 * The special functions of double-double numbers: the formulas of `special.ts` and `gamma.ts`, carried to 32 digits.
 *
 * For x > 0 each has relative accuracy, also at the zeros of lgamma at 1 and 2 and of digamma at 1.46. On the negative
 * axis lgamma and the polygammas are reflected, and are accurate relative to the larger of the two terms of the
 * reflection: near their zeros there the relative accuracy is lost. Special values are those of `special.ts`.
 *
 * @since 0.1.0
 */
import {
  add,
  addNumber,
  type DoubleDoubleNumber,
  div,
  exponentOf,
  fromNumber,
  horner,
  mul,
  mulNumber,
  neg,
  ONE,
  reciprocal,
  scale,
  sub,
  ZERO,
} from './doubleDoubleBasic.js'
import {
  AT_ROOT,
  BERNOULLI,
  DIGAMMA_ROOT,
  HALF_LOG_TWO_PI,
  ONE_MINUS_EULER,
  PI,
  SMALL_AT_ROOT,
  SMALL_ZETA,
  TWO_OVER_SQRT_PI,
  ZETA,
} from './doubleDoubleConstants.js'
import { cos, exp, log, log1p, powWhole, sin } from './doubleDoubleElementary.js'

type DD = DoubleDoubleNumber

const overNumber = (x: DD, n: number): DD => div(x, fromNumber(n))

const square = (x: DD): DD => mul(x, x)

// (2/√π) e^(-x²) Σ 2^n x^(2n+1) / (2n+1)!! (DLMF 7.6.2): all terms are positive
const erfSeries = (x: DD): DD => {
  const step = scale(square(x), 1)
  let term = x
  let sum = x
  for (let n = 3; term.hi > 2 ** -110 * sum.hi; n += 2) {
    term = overNumber(mul(term, step), n)
    sum = add(sum, term)
  }
  return mul(mul(TWO_OVER_SQRT_PI, exp(neg(square(x)))), sum)
}

// erfc for x > 4 by its continued fraction (DLMF 7.9.2); 60 levels leave less than 2^-108 of 1
const erfcTail = (x: DD): DD => {
  const t = scale(square(x), 1)
  let tail = ZERO
  for (let n = 60; n > 0; n--) tail = div(fromNumber((2 * n - 1) * 2 * n), sub(addNumber(t, 4 * n + 1), tail))
  return div(mul(mul(TWO_OVER_SQRT_PI, exp(neg(square(x)))), x), sub(addNumber(t, 1), tail))
}

/**
 * @category exponential
 * @since 0.1.0
 */
export const erf = (x: DoubleDoubleNumber): DoubleDoubleNumber => {
  if (x.hi < 0) return neg(erf(neg(x)))
  if (!(x.hi > 0)) return x
  if (x.hi < 2 ** -60) return mul(TWO_OVER_SQRT_PI, x)
  return x.hi < 4 ? erfSeries(x) : x.hi > 28 ? ONE : sub(ONE, erfcTail(x))
}

const isWhole = (x: DD): boolean => Number.isInteger(x.hi) && Number.isInteger(x.lo)

// x minus the nearest integer, and whether that is odd
const fraction = (x: DD): readonly [rest: DD, odd: boolean] => {
  const n = Math.round(x.hi)
  const first = addNumber(x, -n)
  const m = Math.round(first.hi)
  return [addNumber(first, -m), Math.abs(n % 2) !== Math.abs(m % 2)]
}

/** `sin(πx)` and `cos(πx)`, from the exact remainder of x by 1 */
const sinCosPi = (x: DD): readonly [sin: DD, cos: DD] => {
  const [rest, odd] = fraction(x)
  const s = sin(mul(PI, rest))
  // the cosine loses relative accuracy near its zero at 1/2, so there it is a sine
  const size = rest.hi < 0 ? neg(rest) : rest
  const c = size.hi > 0.25 ? sin(mul(PI, sub(fromNumber(0.5), size))) : cos(mul(PI, rest))
  return odd ? [neg(s), neg(c)] : [s, c]
}

// from here on the asymptotic series are exact to double-double: |B_34| / (34 · 33 · 24^33) < 2^-120
const STIRLING = 24

const LGAMMA_AT_TWO = ZETA.map((z, k) => overNumber(z, k + 2))
const SMALL_LGAMMA_AT_TWO = SMALL_ZETA.map((z, k) => z / (k + 29))
const LGAMMA_STIRLING = BERNOULLI.slice(0, 16).map((b, k) => overNumber(b, 2 * (k + 1) * (2 * k + 1)))
const DIGAMMA_STIRLING = BERNOULLI.slice(0, 16).map((b, k) => overNumber(b, 2 * (k + 1)))

// log Γ(2 + z) for |z| <= 1/2 (DLMF 5.7.3)
const lgammaAtTwo = (z: DD): DD => mul(z, add(ONE_MINUS_EULER, mul(z, horner(LGAMMA_AT_TWO, SMALL_LGAMMA_AT_TWO, z))))

/**
 * `log |Γ(x)|` (DLMF 5.7.3, 5.5.1, 5.11.1, 5.5.3).
 *
 * @category gamma
 * @since 0.1.0
 */
export const lgamma = (x: DoubleDoubleNumber): DoubleDoubleNumber => {
  if (Number.isNaN(x.hi)) return x
  if (!Number.isFinite(x.hi) || (x.hi <= 0 && isWhole(x))) return fromNumber(Infinity)
  if (x.hi < 0) {
    if (x.hi > -1e-33) return neg(log(neg(x)))
    return sub(log(div(PI, absolute(mul(x, sinCosPi(x)[0])))), lgamma(neg(x)))
  }
  if (x.hi < 0.5) return sub(lgammaAtTwo(x), add(log(x), log1p(x)))
  if (x.hi < 1.5) return sub(lgammaAtTwo(addNumber(x, -1)), log1p(addNumber(x, -1)))
  if (x.hi < STIRLING) {
    let y = x
    let product = ONE
    while (y.hi >= 2.5) {
      y = addNumber(y, -1)
      product = mul(product, y)
    }
    const rest = lgammaAtTwo(addNumber(y, -2))
    return product === ONE ? rest : add(log(product), rest)
  }
  const inverse = reciprocal(x)
  const series = mul(inverse, horner(LGAMMA_STIRLING, [], square(inverse)))
  return add(mul(addNumber(x, -0.5), addNumber(log(x), -1)), add(addNumber(HALF_LOG_TWO_PI, -0.5), series))
}

const absolute = (x: DD): DD => (x.hi < 0 ? neg(x) : x)

const digammaAtTwo = (z: DD): DD => add(ONE_MINUS_EULER, mul(z, horner(ZETA, SMALL_ZETA, z)))

// DLMF 5.7.4, 5.5.2, 5.11.2, 5.5.4
const digamma = (x: DD): DD => {
  if (x.hi === 0) return fromNumber(-1 / x.hi)
  if (x.hi < 0) {
    if (isWhole(x) || x.hi === -Infinity) return fromNumber(NaN)
    const [s, c] = sinCosPi(x)
    return sub(digamma(sub(ONE, x)), div(mul(PI, c), s))
  }
  if (x.hi > 1.4 && x.hi < 1.523) {
    let d = x
    for (const part of DIGAMMA_ROOT) d = addNumber(d, -part)
    return mul(d, horner(AT_ROOT, SMALL_AT_ROOT, d))
  }
  if (x.hi < 0.5) return sub(sub(digammaAtTwo(x), reciprocal(addNumber(x, 1))), reciprocal(x))
  if (x.hi < 1.5) return sub(digammaAtTwo(addNumber(x, -1)), reciprocal(x))
  if (x.hi < STIRLING) {
    let y = x
    let sum = ZERO
    while (y.hi >= 2.5) {
      y = addNumber(y, -1)
      sum = add(sum, reciprocal(y))
    }
    return add(sum, digammaAtTwo(addNumber(y, -2)))
  }
  const inverse = reciprocal(x)
  const series = mul(inverse, horner(DIGAMMA_STIRLING, [], square(inverse)))
  return sub(log(x), mul(inverse, addNumber(series, 0.5)))
}

/**
 * The polygamma function of a whole order (DLMF 5.15.1, 5.15.6, 5.15.8).
 *
 * @category gamma
 * @since 0.1.0
 */
export const polygamma = (order: number, x: DoubleDoubleNumber): DoubleDoubleNumber => {
  if (!Number.isInteger(order) || order < 0 || Number.isNaN(x.hi)) return fromNumber(NaN)
  if (order === 0) return digamma(x)
  const odd = order % 2 === 1
  if (x.hi === 0) return fromNumber(odd ? Infinity : -1 / x.hi)
  if (x.hi < 0) {
    if (x.hi === -Infinity) return fromNumber(NaN)
    if (isWhole(x)) return fromNumber(odd ? Infinity : NaN)
    const mirrored = polygamma(order, sub(ONE, x))
    return sub(odd ? neg(mirrored) : mirrored, cotangentDerivative(order, x))
  }
  const size = x.hi === Infinity ? ZERO : hurwitz(order, x)
  return odd ? size : neg(size)
}

// m! / x^(m+1) as a number of modest size and the power of 2 that belongs to it
const factorialOver = (m: number, x: DD): readonly [DD, number] => {
  const e = exponentOf(x.hi)
  const unit = scale(x, -e)
  let value = reciprocal(unit)
  let exponent = -e * (m + 1)
  for (let k = 1; k <= m; k++) {
    value = mul(value, div(fromNumber(k), unit))
    if (Math.abs(value.hi) > 2 ** 256) {
      value = scale(value, -256)
      exponent += 256
    }
  }
  return [value, exponent]
}

// for a number of modest size; further powers of 2 leave the range in any case
const shifted = (value: DD, exponent: number): DD => scale(value, Math.max(-2040, Math.min(2040, exponent)))

// Σ_k (x / (x + k))^(m+1) for x > 0: directly, and beyond m + 22 by the Euler-Maclaurin formula
const hurwitzSum = (m: number, x: DD): DD => {
  let sum = ZERO
  let y = x
  while (y.hi < m + 22) {
    const term = powWhole(div(x, y), m + 1)
    sum = add(sum, term)
    // the formula diverges for small y; but what is left then is less than y / m terms like this
    if (term.hi < 2 ** -120 * sum.hi) return sum
    y = addNumber(y, 1)
  }
  const inverse = reciprocal(y)
  const inverse2 = square(inverse)
  let tail = ZERO
  for (let k = BERNOULLI.length; k > 0; k--) {
    const ratio = ((m + 2 * k - 2) * (m + 2 * k - 1)) / 2
    tail = overNumber(mulNumber(mul(add(BERNOULLI[k - 1], tail), inverse2), ratio), (2 * k - 1) * k)
  }
  const rest = mul(powWhole(div(x, y), m), addNumber(add(mulNumber(inverse, 0.5 * m), tail), 1))
  return add(sum, mul(overNumber(x, m), rest))
}

// m! ζ(m + 1, x) = m! / x^(m+1) Σ_k (x / (x + k))^(m+1)
const hurwitz = (m: number, x: DD): DD => {
  const [value, exponent] = factorialOver(m, x)
  // the sum is up to x / m
  const e = Math.max(0, exponentOf(x.hi))
  return shifted(mul(value, scale(hurwitzSum(m, x), -e)), exponent + e)
}

// The coefficients, divided by π^(m+1), of the polynomial p with π (d/dx)^m cot πx = p(cot πx), as in `gamma.ts`;
// exact integers up to m = 18, and rounded to double-double beyond.
const cotangentPolynomial = (m: number): ReadonlyArray<DD> => {
  let p: ReadonlyArray<DD> = [ZERO, ONE]
  for (let k = 0; k < m; k++) {
    const next = new Array<DD>(p.length + 1).fill(ZERO)
    for (let j = 1; j < p.length; j++) {
      next[j - 1] = sub(next[j - 1], mulNumber(p[j], j))
      next[j + 1] = sub(next[j + 1], mulNumber(p[j], j))
    }
    p = next
  }
  return p
}

// π (d/dx)^m cot πx. Beyond order 20 a few terms of the sum over all poles, (-1)^m m! Σ_k (x - k)^-(m+1), are exact.
const cotangentDerivative = (m: number, x: DD): DD => {
  if (m <= 20) {
    const [s, c] = sinCosPi(x)
    return mul(powWhole(PI, m + 1), horner(cotangentPolynomial(m), [], div(c, s)))
  }
  const [rest] = fraction(x)
  let sum = ONE
  for (let k = 1; k <= 16; k++)
    for (const pole of [-k, k]) sum = add(sum, powWhole(div(rest, addNumber(rest, pole)), m + 1))
  const [value, exponent] = factorialOver(m, rest)
  const result = shifted(mul(value, sum), exponent)
  return m % 2 === 0 ? result : neg(result)
}
