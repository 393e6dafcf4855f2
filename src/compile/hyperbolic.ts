/**
 * The hyperbolic tangent and its derivative from one exponential: with `E = e^(2|x|) - 1` and `q = 2 / (E + 2)`,
 *
 *     tanh |x| = E / (E + 2)        d / cosh^2 x = d q (2 - q)
 *
 * since `tanh |x| = 1 - q`. The right-hand side is how the derivative is recorded, and keeps its digits where `1 - tanh^2`
 * has none left; so does the left-hand one, without a `cosh` and a second division. Both sides are within 5 units of
 * roundoff. A derivative below the smallest number of the precision is 0 here.
 *
 * @since 0.1.0
 */
import { type Flat, type Substitute, substituted, type Value, type Writer } from './flat.js'

/** From here on `E / (E + 2)` is 1 in either precision; a larger `E` may be infinite. */
const LARGE = 2 ** 60

/**
 * The same program with quotients by the square of a `cosh` taken from the exponential of the `tanh` of the same number,
 * where there is one.
 *
 * @category combinators
 * @since 0.1.0
 */
export const hyperbolic = (flat: Flat): Flat => {
  const { values, outputs } = flat
  const uses = new Int32Array(values.length)
  for (const { operands } of values) for (const k of operands) uses[k]++
  for (const k of outputs) uses[k]++
  const tangents = new Map<number, number>()
  for (const { id, primitive, operands } of values) if (primitive === 'tanh') tangents.set(operands[0], id)

  const exponentials = new Map<number, number>()
  const exponential = ({ shape, put }: Writer, x: number): number => {
    const known = exponentials.get(x)
    if (known !== undefined) return known
    const size = put('abs', [x], shape(x))
    const made = put('expm1', [put('add', [size, size], shape(x))], shape(x))
    exponentials.set(x, made)
    return made
  }
  const tangent = (write: Writer, [x]: ReadonlyArray<number>): number => {
    const { fill, put } = write
    const shape = write.shape(x)
    const e = put('min', [exponential(write, x), fill(shape, LARGE)], shape)
    const size = put('div', [e, put('add', [e, fill(shape, 2)], shape)], shape)
    return put('mul', [size, put('sign', [x], shape)], shape)
  }
  const quotient = (write: Writer, [x, ...dividend]: ReadonlyArray<number>): number => {
    const { fill, put } = write
    const shape = write.shape(x)
    const two = fill(shape, 2)
    const q = put('div', [two, put('add', [exponential(write, x), two], shape)], shape)
    const square = put('mul', [q, put('sub', [two, q], shape)], shape)
    return dividend.reduce((made, d) => put('mul', [d, made], shape), square)
  }

  const substitutes = new Map<number, Substitute>()
  /** What a quotient by a `cosh` divides by, and its dividend, or none where that is 1. */
  const divided = ({ primitive, operands }: Value): { by: number; dividend: ReadonlyArray<number> } | null => {
    const by = primitive === 'div' ? operands[1] : primitive === 'reciprocal' ? operands[0] : -1
    return values[by]?.primitive === 'cosh' ? { by, dividend: operands.slice(0, -1) } : null
  }
  for (const value of values) {
    const outer = divided(value)
    const [once] = outer?.dividend ?? []
    const inner = once === undefined || uses[once] > 1 ? null : divided(values[once])
    if (outer === null || inner === null || outer.by !== inner.by) continue
    const [x] = values[outer.by].operands
    const tanh = tangents.get(x)
    if (tanh === undefined) continue
    substitutes.set(value.id, { operands: [x, ...inner.dividend], compute: quotient })
    substitutes.set(tanh, { operands: [x], compute: tangent })
  }
  return substituted(flat, substitutes)
}
