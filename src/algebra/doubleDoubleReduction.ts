/**
 * The remainder of a double-double number by π/2, and the exact integer arithmetic behind it.
 *
 * W. J. Cody and W. Waite, "Software manual for the elementary functions" (1980): `x - k π/2` with π/2 in parts whose
 * products with k are exact. Where x is so large that those parts do not suffice, or so close to a multiple of π/2 that
 * their subtraction cancels, the same is computed in fixed point with 1280 bits behind the point (the idea of M. Payne
 * and R. Hanek, "Radian reduction for trigonometric functions", 1983): that is exact for every finite number.
 *
 * @since 0.1.0
 */
import { addNumber, type DoubleDoubleNumber, normal, scale } from './doubleDoubleBasic.js'
import { HALF_PI_PARTS } from './doubleDoubleConstants.js'

type DD = DoubleDoubleNumber

const word = new DataView(new ArrayBuffer(8))

/**
 * A finite float64 as `m 2^e`, exactly.
 *
 * @category reduction
 * @since 0.1.0
 */
export const parts = (x: number): readonly [m: bigint, e: number] => {
  word.setFloat64(0, Math.abs(x))
  const bits = word.getBigUint64(0)
  const e = Number(bits >> 52n)
  const fraction = bits & ((1n << 52n) - 1n)
  const m = e === 0 ? fraction : fraction | (1n << 52n)
  return [x < 0 ? -m : m, Math.max(e, 1) - 1075]
}

/**
 * `m 2^e` for `m >= 0`, rounded to the nearest double-double; what m has beyond 128 bits is cut off.
 *
 * @category reduction
 * @since 0.1.0
 */
export const fromParts = (m: bigint, e: number): DoubleDoubleNumber => {
  const excess = Math.max(0, 4 * m.toString(16).length - 128)
  const top = m >> BigInt(excess)
  const hi = Number(top)
  return scale(normal(hi, Number(top - BigInt(hi))), e + excess)
}

const BITS = 1280n
const GUARD = 32n

// atan(1 / n), fixed point
const inverseTangent = (n: bigint): bigint => {
  let power = (1n << (BITS + GUARD)) / n
  let sum = power
  for (let k = 3n; power !== 0n; k += 2n) {
    power /= -n * n
    sum += power / k
  }
  return sum
}

// π/2 = 8 atan(1/5) - 2 atan(1/239) (J. Machin, 1706), computed when it is first needed
let cached: bigint | undefined
const halfPi = (): bigint => {
  if (cached === undefined) cached = (8n * inverseTangent(5n) - 2n * inverseTangent(239n)) >> GUARD
  return cached
}

const fixed = (x: number): bigint => {
  const [m, e] = parts(x)
  return m << (BITS + BigInt(e))
}

const remainderExactly = (x: DD): readonly [quadrant: number, rest: DD] => {
  const whole = fixed(x.hi) + fixed(x.lo)
  const size = whole < 0n ? -whole : whole
  const P = halfPi()
  const k = (2n * size + P) / (2n * P)
  const rest = size - k * P
  const r = fromParts(rest < 0n ? -rest : rest, -Number(BITS))
  const quadrant = Number(k & 3n)
  const flip = rest < 0n !== whole < 0n
  return [whole < 0n ? (4 - quadrant) % 4 : quadrant, flip ? { hi: -r.hi, lo: -r.lo } : r]
}

/**
 * The quadrant 0, 1, 2 or 3 and the rest r with `|r| <= π/4` and `x = r + (quadrant + 4 n) π/2`.
 *
 * @category reduction
 * @since 0.1.0
 */
export const remainder = (x: DoubleDoubleNumber): readonly [quadrant: number, rest: DoubleDoubleNumber] => {
  if (Math.abs(x.hi) > 2 ** 18) return remainderExactly(x)
  const k = Math.round(x.hi / HALF_PI_PARTS[0])
  let rest = x
  for (const part of HALF_PI_PARTS) rest = addNumber(rest, -k * part)
  return Math.abs(rest.hi) < 2 ** -8 ? remainderExactly(x) : [((k % 4) + 4) % 4, rest]
}
