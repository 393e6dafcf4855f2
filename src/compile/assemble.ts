/**
 * Sums of parts that do not overlap, as one value put together from them.
 *
 * The gradient of what was taken apart, by `split` say, is a sum of parts in frames of zeros:
 *
 *     pad(a) + pad(b) + ... = concat(a + 0, b + 0, ...)
 *
 * where the parts stand side by side and leave nothing out. At every element all terms but one are 0, and a number plus any
 * count of zeros is the number plus one zero: equal to the bit, signed zeros included.
 *
 * @since 0.1.0
 */
import type { Attributes } from '../primitive/Primitive.js'
import { type Shape, size } from '../Shape.js'
import { type Flat, substituted, type Value, type Writer } from './flat.js'

/** A part of a sum: the value that is framed, and where along the one axis on which its frame is. */
interface Part {
  readonly value: number
  readonly axis: number
  readonly low: number
}

/** The part that a value is, if it is a part in a frame of zeros along one axis. */
const partOf = ({ primitive, operands, attributes, shape }: Value, values: ReadonlyArray<Value>): Part | null => {
  if (primitive !== 'pad') return null
  const { low, high, interior, value } = attributes as unknown as Attributes['pad']
  const framed = shape.flatMap((_, d) => (low[d] !== 0 || high[d] !== 0 ? [d] : []))
  const [axis] = framed
  const plain = Object.is(value, 0) && framed.length === 1 && interior[axis] === 0 && low[axis] >= 0 && high[axis] >= 0
  return plain && size(values[operands[0]].shape) > 0 ? { value: operands[0], axis, low: low[axis] } : null
}

/** The parts in their order, if they cover a shape side by side. */
const covering = (
  parts: ReadonlyArray<Part>,
  shape: Shape,
  values: ReadonlyArray<Value>,
): ReadonlyArray<Part> | null => {
  const [{ axis }] = parts
  const sorted = parts.toSorted((a, b) => a.low - b.low)
  let at = 0
  for (const part of sorted) {
    if (part.axis !== axis || part.low !== at) return null
    at += values[part.value].shape[axis]
  }
  return at === shape[axis] ? sorted : null
}

/** The most terms of a sum that are looked at together. */
const MOST = 64

/** For each value the parts that it is to be put together from, if it is such a sum. */
const found = ({ values, outputs }: Flat): ReadonlyMap<number, ReadonlyArray<Part>> => {
  const uses = new Int32Array(values.length)
  for (const { operands } of values) for (const k of operands) uses[k]++
  for (const k of outputs) uses[k]++
  const terms = new Map<number, ReadonlyArray<Part>>()
  const out = new Map<number, ReadonlyArray<Part>>()
  for (const value of values) {
    const part = partOf(value, values)
    if (part !== null) terms.set(value.id, [part])
    if (value.primitive !== 'add' || value.dtype !== 'real') continue
    const [x, y] = value.operands.map((k) =>
      values[k].primitive === 'pad' || uses[k] === 1 ? terms.get(k) : undefined,
    )
    if (x === undefined || y === undefined || x.length + y.length > MOST) continue
    const parts = covering([...x, ...y], value.shape, values)
    if (parts === null) terms.set(value.id, [...x, ...y])
    else out.set(value.id, parts)
  }
  return out
}

/**
 * The same values, with each sum of parts that cover it put together from them. What is then needed no more is left out.
 *
 * @category combinators
 * @since 0.1.0
 */
export const assembled = (flat: Flat): Flat =>
  substituted(
    flat,
    new Map(
      [...found(flat)].map(([id, parts]) => [
        id,
        {
          operands: parts.map(({ value }) => value),
          compute: (write: Writer, operands: ReadonlyArray<number>) => {
            const placed = operands.map((k) => {
              const shape = write.shape(k)
              return write.put('add', [k, write.fill(shape, 0)], shape)
            })
            return write.put('concat', placed, flat.values[id].shape, { axis: parts[0].axis })
          },
        },
      ]),
    ),
  )
