/**
 * Special functions in float64, from their published formulas. The other number algebras take their real values from
 * here, so that every algebra agrees with float64 to the last bit where it extends it. Those about gamma are in `gamma.ts`.
 *
 * DLMF is the NIST Digital Library of Mathematical Functions, https://dlmf.nist.gov. Each function states the error
 * that was measured against 40-digit values; `test/algebra/special.test.ts` measures it again.
 *
 * @since 0.1.0
 */

// `2/√π - 1`, and the Maclaurin coefficients of erf from the cubic term on: (2/√π) (-1)^n / (n! (2n + 1)).
const ERF_EXCESS = 0.1283791670955126
const ERF_SERIES: ReadonlyArray<number> = [
  -0.37612638903183754, 0.11283791670955126, -0.026866170645131252, 0.005223977625442188, -0.0008548327023450853,
  0.00012055332981789664, -1.492565035840625e-5, 1.6462114365889248e-6, -1.6365844691234924e-7, 1.4807192815879218e-8,
  -1.2290555301717928e-9, 9.422759064650411e-11, -6.7113668551641105e-12, 4.4632242632864775e-13,
  -2.7835162072109215e-14, 1.6342614095367152e-15, -9.063970842808673e-17, 4.763348040515068e-18,
]

// erf(7/4), and the Taylor coefficients of erf there, from the linear term on: Hermite polynomials times (2/√π) exp(-49/16).
const ERF_AT_MIDDLE = 0.9866716712191824
const ERF_MIDDLE: ReadonlyArray<number> = [
  0.05277499593015037, -0.09235624287776316, 0.09015728471400689, -0.04810220983216831, 0.00662436146831575,
  0.008963045098727362, -0.00605875147039124, 0.0007300512471403044, 0.000894181745354845, -0.00044275049925469434,
  -5.445490386117354e-6, 6.867167700726822e-5, -1.7720574652632584e-5, -4.625462096042058e-6, 3.2732503984500383e-6,
  -1.7638628012270578e-7, -3.247054421567266e-7, 8.158279337337195e-8, 1.7252248686568042e-8, -1.0748039734468855e-8,
  2.30422217436272e-10, 8.939081307298446e-10, -1.5515545296150487e-10, -4.862670976215946e-11, 1.8702990760417697e-11,
  1.0731851954570856e-12, -1.4712384484437033e-12, 1.1008783493936707e-13, 8.455451772401724e-14,
]

/**
 * `Σ c_k x^k`, by Horner's rule.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const horner = (coefficients: ReadonlyArray<number>, x: number): number => {
  let sum = 0
  for (let k = coefficients.length - 1; k >= 0; k--) sum = sum * x + coefficients[k]
  return sum
}

/**
 * `exp(-x²)`. The square is split into two exact parts, because its rounding error alone would cost `x² / 2` ulps.
 *
 * @category exponential
 * @since 0.1.0
 */
export const gaussian = (x: number): number => {
  if (Math.abs(x) > 30) return 0
  const head = Math.fround(x)
  return Math.exp(-head * head) * Math.exp((head - x) * (head + x))
}

/**
 * The logistic function `1 / (1 + e^-x)`, without overflow and with full relative accuracy in both tails.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { sigmoid } from 'wengert/algebra'
 *
 * assert.strictEqual(sigmoid(0), 0.5)
 * assert.strictEqual(sigmoid(-700), Math.exp(-700))
 * ```
 *
 * @category exponential
 * @since 0.1.0
 */
export const sigmoid = (x: number): number => {
  if (x >= 0) return 1 / (1 + Math.exp(-x))
  const e = Math.exp(x)
  return e / (1 + e)
}

/**
 * `log(1 + e^x)`, as `max(x, 0) + log1p(e^-|x|)`, which neither overflows nor cancels.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { softplus } from 'wengert/algebra'
 *
 * assert.strictEqual(softplus(0), Math.LN2)
 * assert.strictEqual(softplus(1000), 1000)
 * ```
 *
 * @category exponential
 * @since 0.1.0
 */
export const softplus = (x: number): number => (x >= 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)))

/**
 * The error function `(2/√π) ∫₀ˣ exp(-t²) dt`.
 *
 * Below 1 the Maclaurin series (DLMF 7.6.1), to 2.5 the Taylor series at 7/4 (DLMF 7.10.1), then 1 less the continued
 * fraction of the complement (DLMF 7.9.2).
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { erf } from 'wengert/algebra'
 *
 * assert.ok(Math.abs(erf(1) - 0.8427007929497149) < 2e-16)
 * assert.strictEqual(erf(-6), -1)
 * ```
 *
 * @category error function
 * @since 0.1.0
 */
export const erf = (x: number): number => {
  const a = Math.abs(x)
  const t = x * x
  if (a < 1) return x + x * (ERF_EXCESS + t * horner(ERF_SERIES, t))
  if (a >= 6) return Math.sign(x)
  if (a <= 2.5) return Math.sign(x) * (ERF_AT_MIDDLE + (a - 1.75) * horner(ERF_MIDDLE, a - 1.75))
  let tail = 0
  for (let n = 21; n > 0; n--) tail = ((2 * n - 1) * 2 * n) / (2 * t + 4 * n + 1 - tail)
  const complement = ((1 + ERF_EXCESS) * a * gaussian(x)) / (2 * t + 1 - tail)
  return Math.sign(x) * (1 - complement)
}
