/**
 * Double-double arithmetic: a number is the unevaluated sum of two float64, `hi + lo`, with `hi = fl(hi + lo)`. That is
 * 106 bits, or 32 digits, with float64's range.
 *
 * Sources. T. J. Dekker, "A floating-point technique for extending the available precision" (1971), for the product and
 * Veltkamp's splitting, which stands in for the fused multiply-add that JavaScript lacks; D. E. Knuth, "The Art of
 * Computer Programming", vol. 2, 4.2.2, Theorem B, for the sum; Y. Hida, X. S. Li, D. H. Bailey, "Library for
 * double-double and quad-double arithmetic" (2007); M. Joldes, J.-M. Muller, V. Popescu, "Tight and rigorous error
 * bounds for basic building blocks of double-word arithmetic" (2017), whose AccurateDWPlusDW, DWTimesDW1 and (nearly)
 * DWDivDW2 these are: with `u = 2^-53` the relative error is below 3 u² for sums, 7 u² for products and 15 u² for quotients;
 * measured are 3 u² for quotients and less for the others. J.-M. Muller, L. Rideau, "Formalization of double-word arithmetic"
 * (2022), proved these bounds by machine, with smaller ones for products. A root is one step of Newton's method from the
 * float64 root `s`: with the residual `x - s²`, at most `2 u s²` in size and rounded once, the quotient rounded once, and
 * `(2 u)² / 8` left out, it is off by less than 4 u².
 *
 * Those bounds hold where `|hi| >= 2^-968`; below, the lower half is subnormal, and the error is at most `2^-1074` more.
 *
 * Laws. Every result is normalised, and where it is not finite or is a zero its `lo` is 0. Where `hi` overflows, is NaN
 * or 0, it is what float64 gives for the upper halves, with the sign of a zero.
 *
 * It is a record because V8 keeps short-lived records of two numbers in registers as well as it does arrays, and a
 * record cannot be of the wrong length.
 *
 * @since 0.1.0
 */

/**
 * The number `hi + lo`, where `hi` is that sum rounded to float64.
 *
 * @category model
 * @since 0.1.0
 */
export interface DoubleDoubleNumber {
  readonly hi: number
  readonly lo: number
}

type DD = DoubleDoubleNumber

const SPLITTER = 2 ** 27 + 1
// A product is split as it stands where both factors are below HUGE and it is itself between TINY and VAST.
const HUGE = 2 ** 996
const VAST = 2 ** 1020
const TINY = 2 ** -968

/**
 * A float64, which is exact.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const fromNumber = (x: number): DoubleDoubleNumber => ({ hi: x, lo: 0 })

/**
 * The nearest float64.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const toNumber = (x: DoubleDoubleNumber): number => (x.lo === 0 ? x.hi : x.hi + x.lo)

// what stands where the sum of upper halves, or of everything, is 0 or not finite
const special = (s: number, v: number): DD =>
  v === 0 ? { hi: s === 0 ? s : 0, lo: 0 } : { hi: Number.isNaN(v) ? s : v, lo: 0 }

/**
 * `s + e` in normal form, for |s| >= |e|.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const normal = (s: number, e: number): DoubleDoubleNumber => {
  const v = s + e
  if (v === 0 || !Number.isFinite(v)) return special(s, v)
  return { hi: v, lo: e - (v - s) + 0 }
}

/**
 * The rounding error of `s = x + y`, exactly (Knuth); NaN where the sum overflows.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const sumError = (x: number, y: number, s: number): number => {
  const z = s - x
  return x - (s - z) + (y - z)
}

/**
 * The rounding error of `p = x y` (Dekker): exact where `2^-968 <= |p| <= 2^1020` and both factors are below 2^996.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const productError = (x: number, y: number, p: number): number => {
  const a = SPLITTER * x
  const xh = a - (a - x)
  const xl = x - xh
  const b = SPLITTER * y
  const yh = b - (b - y)
  const yl = y - yh
  return xh * yh - p + xh * yl + xl * yh + xl * yl
}

/**
 * Whether `productError(x, y, p)` is exact.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const splits = (x: number, y: number, p: number): boolean => {
  const size = Math.abs(p)
  return size >= TINY && size <= VAST && Math.abs(x) < HUGE && Math.abs(y) < HUGE
}

/**
 * @category arithmetic
 * @since 0.1.0
 */
export const neg = (x: DoubleDoubleNumber): DoubleDoubleNumber => ({ hi: -x.hi, lo: 0 - x.lo })

/**
 * @category arithmetic
 * @since 0.1.0
 */
export const add = (x: DoubleDoubleNumber, y: DoubleDoubleNumber): DoubleDoubleNumber => {
  const s = x.hi + y.hi
  const t = x.lo + y.lo
  const e = sumError(x.hi, y.hi, s) + t
  const u = s + e
  const f = e - (u - s) + sumError(x.lo, y.lo, t)
  const v = u + f
  if (v === 0 || !Number.isFinite(v)) return special(s, v)
  return { hi: v, lo: f - (v - u) + 0 }
}

/**
 * @category arithmetic
 * @since 0.1.0
 */
export const sub = (x: DoubleDoubleNumber, y: DoubleDoubleNumber): DoubleDoubleNumber => add(x, neg(y))

/**
 * `x + y` for a float64 y.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const addNumber = (x: DoubleDoubleNumber, y: number): DoubleDoubleNumber => {
  const s = x.hi + y
  return normal(s, sumError(x.hi, y, s) + x.lo)
}

// how many powers of two bring a number into [2^-374, 2^400]
const shiftOf = (x: number): number => {
  const size = Math.abs(x)
  return size > 2 ** 400 ? -700 : size < 2 ** -400 ? 700 : 0
}

const unusual = (x: number): boolean => x === 0 || !Number.isFinite(x)

/**
 * @category arithmetic
 * @since 0.1.0
 */
export const mul = (x: DoubleDoubleNumber, y: DoubleDoubleNumber): DoubleDoubleNumber => {
  const p = x.hi * y.hi
  if (splits(x.hi, y.hi, p)) return normal(p, productError(x.hi, y.hi, p) + (x.hi * y.lo + x.lo * y.hi))
  if (unusual(x.hi) || unusual(y.hi)) return { hi: p, lo: 0 }
  const j = shiftOf(x.hi)
  const k = shiftOf(y.hi)
  return scale(mul(scale(x, j), scale(y, k)), -j - k)
}

/**
 * `x y` for a float64 y.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const mulNumber = (x: DoubleDoubleNumber, y: number): DoubleDoubleNumber => {
  const p = x.hi * y
  return splits(x.hi, y, p) ? normal(p, productError(x.hi, y, p) + x.lo * y) : mul(x, { hi: y, lo: 0 })
}

/**
 * @category arithmetic
 * @since 0.1.0
 */
export const div = (x: DoubleDoubleNumber, y: DoubleDoubleNumber): DoubleDoubleNumber => {
  const q = x.hi / y.hi
  const size = Math.abs(x.hi)
  if (size > 2 ** -900 && size < 2 ** 900 && splits(q, y.hi, x.hi)) {
    const p = q * y.hi
    // x - q y: its first difference is exact
    const rest = x.hi - p - productError(q, y.hi, p) + (x.lo - q * y.lo)
    return normal(q, rest / y.hi)
  }
  if (unusual(x.hi) || unusual(y.hi)) return { hi: q, lo: 0 }
  const j = shiftOf(x.hi)
  const k = shiftOf(y.hi)
  return j === 0 && k === 0 ? normal(q, 0) : scale(div(scale(x, j), scale(y, k)), k - j)
}

/**
 * @category arithmetic
 * @since 0.1.0
 */
export const reciprocal = (x: DoubleDoubleNumber): DoubleDoubleNumber => div(ONE, x)

/**
 * @category arithmetic
 * @since 0.1.0
 */
export const sqrt = (x: DoubleDoubleNumber): DoubleDoubleNumber => {
  const s = Math.sqrt(x.hi)
  if (unusual(s)) return { hi: s, lo: 0 }
  if (x.hi < 2 ** -900) return scale(sqrt(scale(x, 512)), -256)
  if (x.hi > 2 ** 1000) return scale(sqrt(scale(x, -512)), 256)
  const p = s * s
  return normal(s, (x.hi - p - productError(s, s, p) + x.lo) / (2 * s))
}

const word = new DataView(new ArrayBuffer(8))

/**
 * `2^k` for `-1022 <= k <= 1023`, from its bits.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const power = (k: number): number => {
  word.setUint32(0, (k + 1023) << 20)
  word.setUint32(4, 0)
  return word.getFloat64(0)
}

/**
 * The k with `2^k <= |x| < 2^(k+1)`, for a normal float64.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const exponentOf = (x: number): number => {
  word.setFloat64(0, x)
  return ((word.getUint32(0) >>> 20) & 2047) - 1023
}

const times = (x: number, k: number): number => {
  if (k >= -1022 && k <= 1023) return x * power(k)
  const half = Math.trunc(k / 2)
  return x * power(half) * power(k - half)
}

/**
 * `x 2^k` for `|k| <= 2044`: exact, or rounded once where it is subnormal.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const scale = (x: DoubleDoubleNumber, k: number): DoubleDoubleNumber => {
  const hi = times(x.hi, k)
  if (!Number.isFinite(hi)) return { hi, lo: 0 }
  if (Math.abs(hi) >= TINY) return { hi, lo: times(x.lo, k) + 0 }
  return normal(hi, times(x.hi - times(hi, -k) + x.lo, k))
}

/**
 * The sign of `x - y`, or NaN.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const compare = (x: DoubleDoubleNumber, y: DoubleDoubleNumber): number =>
  x.hi === y.hi ? Math.sign(x.lo - y.lo) : Math.sign(x.hi - y.hi)

/**
 * @category constants
 * @since 0.1.0
 */
export const ZERO: DoubleDoubleNumber = { hi: 0, lo: 0 }

/**
 * @category constants
 * @since 0.1.0
 */
export const ONE: DoubleDoubleNumber = { hi: 1, lo: 0 }

/**
 * `Σ c_k x^k`. The terms beyond the coefficients are given in float64, where that is all the precision they need.
 *
 * @category arithmetic
 * @since 0.1.0
 */
export const horner = (
  coefficients: ReadonlyArray<DoubleDoubleNumber>,
  further: ReadonlyArray<number>,
  x: DoubleDoubleNumber,
): DoubleDoubleNumber => {
  let tail = 0
  for (let k = further.length - 1; k >= 0; k--) tail = tail * x.hi + further[k]
  let k = coefficients.length - 1
  let sum = tail === 0 ? coefficients[k] : add(coefficients[k], mulNumber(x, tail))
  while (k > 0) {
    k -= 1
    sum = add(coefficients[k], mul(sum, x))
  }
  return sum
}
