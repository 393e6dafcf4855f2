/** Runs functions of vectors over arrays, and measures in ulps. */
import type { BinaryName, UnaryName } from '../../../src/algebra/Algebra.js'
import { forEach, func, i32, local, v128 } from '../../../src/engine/wasm/assembler.js'
import { type Scalar, type Vector, vectors } from '../../../src/engine/wasm/kernels/lanes.js'
import { binary, hostFunctions, polygamma, unary } from '../../../src/engine/wasm/kernels/math/index.js'
import { type HostMemory, instantiate } from '../wasm/support.js'

const PAGE = 65536

type Values = Float32Array | Float64Array

const arrayOf = (scalar: Scalar, values: ArrayLike<number>): Values =>
  scalar === 'f32' ? Float32Array.from(values) : Float64Array.from(values)

/** `f` on all numbers, read as pairs where it has two arguments. */
const over =
  (scalar: Scalar, f: (x: Vector, y: Vector) => Vector) =>
  (xs: ArrayLike<number>, ys: ArrayLike<number> = xs): Values => {
    const { bytes } = vectors[scalar]
    const room = Math.ceil(xs.length / 4) * 4 * bytes
    const run = func('run', [], 'void', () => {
      const i = local('i32')
      return [forEach(i, 0, room, 16, [v128.store(i32.add(i, 2 * room), f(v128.load(i), v128.load(i32.add(i, room))))])]
    })
    const m = instantiate(
      { exports: { run }, memory: { pages: Math.ceil((3 * room) / PAGE) + 1, as: 'memory' } },
      hostFunctions,
    )
    const { buffer } = m.memory as unknown as HostMemory
    const at = (k: number): Values =>
      scalar === 'f32' ? new Float32Array(buffer, k * room, xs.length) : new Float64Array(buffer, k * room, xs.length)
    at(0).set(arrayOf(scalar, xs))
    at(1).set(arrayOf(scalar, ys))
    m.run()
    return at(2).slice()
  }

export const unaryOver = (scalar: Scalar, name: UnaryName): ((xs: ArrayLike<number>) => Values) =>
  over(scalar, (x) => unary(vectors[scalar], name, x))

export const binaryOver = (
  scalar: Scalar,
  name: BinaryName,
): ((xs: ArrayLike<number>, ys: ArrayLike<number>) => Values) =>
  over(scalar, (x, y) => binary(vectors[scalar], name, x, y))

export const polygammaOver = (scalar: Scalar, order: number): ((xs: ArrayLike<number>) => Values) =>
  over(scalar, (x) => polygamma(vectors[scalar], order, x))

/** The distance from a number to the next one of the scalar, of the size of the value. */
export const ulp = (scalar: Scalar, value: number): number => {
  const [digits, least] = scalar === 'f32' ? [23, -149] : [52, -1074]
  const a = Math.abs(value)
  if (a === 0) return 2 ** least
  let exponent = Math.floor(Math.log2(a))
  if (2 ** exponent > a) exponent--
  return 2 ** Math.max(least, exponent - digits)
}

/**
 * How far a value is from the true one, which is given as two numbers, in ulps of the true one. Special values must be the
 * very same, also the sign of zero; a number beyond the largest one may be that or infinity.
 */
export const error = (scalar: Scalar, value: number, high: number, low = 0): number => {
  const rounded = scalar === 'f32' ? Math.fround(high) : high
  if (Object.is(value, rounded) && low === 0 && rounded === high) return 0
  if (Number.isNaN(rounded)) return Number.isNaN(value) ? 0 : Number.POSITIVE_INFINITY
  const most = scalar === 'f32' ? 2 ** 128 : Number.POSITIVE_INFINITY
  if (!Number.isFinite(rounded)) {
    if (value === rounded) return 0
    return scalar === 'f32' && Math.abs(high) <= most * (1 + 2 ** -23)
      ? Math.abs(value - high) / 2 ** 104
      : Number.POSITIVE_INFINITY
  }
  if (rounded === 0 && value === 0 && !Object.is(rounded, value)) return Number.POSITIVE_INFINITY
  return Math.abs(value - high - low) / ulp(scalar, high)
}
