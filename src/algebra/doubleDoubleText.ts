/**
 * Double-double numbers to and from decimal digits, exactly: both ways go through integers of any length.
 *
 * @since 0.1.0
 */
import { type DoubleDoubleNumber, fromNumber, neg } from './doubleDoubleBasic.js'
import { fromParts, parts } from './doubleDoubleReduction.js'

export { fromNumber, toNumber } from './doubleDoubleBasic.js'

const DECIMAL = /^\s*([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?\s*$/i

/**
 * The double-double number nearest to a decimal number; where the text is none, or has no digit, it is what `Number` makes
 * of it (infinities, NaN).
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { DoubleDouble, doubleDouble } from 'wengert/algebra'
 *
 * const tenth = doubleDouble.fromString('0.1')
 * assert.strictEqual(tenth.hi, 0.1)
 * // what float64 misses of 0.1
 * assert.strictEqual(tenth.lo, -5.551115123125783e-18)
 * assert.deepStrictEqual(DoubleDouble.mul(tenth, doubleDouble.fromNumber(10)), doubleDouble.fromNumber(1))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromString = (text: string): DoubleDoubleNumber => {
  const match = DECIMAL.exec(text)
  const rough = Number(text)
  if (match === null || match[2] + match[3] === '' || !Number.isFinite(rough)) return fromNumber(rough)
  const digits = BigInt(match[2] + match[3])
  const exponent = Number(match[4] ?? 0) - match[3].length
  if (digits === 0n || exponent + match[2].length + match[3].length < -330) return fromNumber(rough)
  const ten = 10n ** BigInt(Math.abs(exponent))
  const [top, bottom] = exponent < 0 ? [digits, ten] : [digits * ten, 1n]
  // enough binary digits that the quotient has more than 128
  const shift = Math.max(0, 4 * (bottom.toString(16).length - top.toString(16).length) + 136)
  const size = fromParts((top << BigInt(shift)) / bottom, -shift)
  return match[1] === '-' ? neg(size) : size
}

/**
 * Decimal digits in scientific notation, correctly rounded: `toString(x, 5)` has 5 digits. 106 bits are 32 digits, and
 * two more make `fromString` of them the same number to its last bit.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { DoubleDouble, doubleDouble } from 'wengert/algebra'
 *
 * const pi = DoubleDouble.acos(DoubleDouble.literal(-1))
 * assert.strictEqual(doubleDouble.toString(pi, 30), '3.14159265358979323846264338328e+0')
 * ```
 *
 * @category destructors
 * @since 0.1.0
 */
const toDigits = (x: DoubleDoubleNumber, digits = 34): string => {
  if (x.hi === 0 || !Number.isFinite(x.hi)) return Object.is(x.hi, -0) ? '-0' : String(x.hi)
  const [high, e] = parts(x.hi)
  const [low, f] = parts(x.lo)
  const least = Math.min(e, f)
  const sum = (high << BigInt(e - least)) + (low << BigInt(f - least))
  const size = sum < 0n ? -sum : sum
  const top = least > 0 ? size << BigInt(least) : size
  const bottom = least < 0 ? 1n << BigInt(-least) : 1n
  const count = Math.max(1, Math.floor(digits))
  let exponent = Math.floor(Math.log10(Math.abs(x.hi)))
  // the guess is off by one at most, and rounding may carry into one digit more
  for (;;) {
    const places = count - 1 - exponent
    const numerator = places > 0 ? top * 10n ** BigInt(places) : top
    const denominator = places < 0 ? bottom * 10n ** BigInt(-places) : bottom
    const text = ((2n * numerator + denominator) / (2n * denominator)).toString()
    if (text.length === count) {
      const sign = sum < 0n ? '-' : ''
      return `${sign}${text[0]}${count > 1 ? '.' : ''}${text.slice(1)}e${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`
    }
    exponent += text.length > count ? 1 : -1
  }
}

export { toDigits as toString }
