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
import type { Attributes, PrimitiveName } from '../primitive/Primitive.js'
import { type Shape, size } from '../Shape.js'
import { noAttributes } from '../Tape.js'
import { scalar } from '../Tensor.js'
import type { Flat, Value } from './flat.js'

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
export const assembled = (flat: Flat): Flat => {
  const sums = found(flat)
  if (sums.size === 0) return flat
  const operandsOf = ({ id, operands }: Value): ReadonlyArray<number> =>
    sums.get(id)?.map(({ value }) => value) ?? operands
  const needed = new Uint8Array(flat.values.length)
  for (const k of [...flat.inputs, ...flat.outputs]) needed[k] = 1
  for (let id = flat.values.length - 1; id >= 0; id--)
    if (needed[id] === 1) for (const k of operandsOf(flat.values[id])) needed[k] = 1

  const values: Array<Value> = []
  const push = (
    shape: Shape,
    model: Value,
    primitive: PrimitiveName,
    operands: ReadonlyArray<number>,
    attributes: object,
  ): number =>
    values.push({ ...model, id: values.length, shape, primitive, operands, attributes: attributes as never }) - 1
  const here = new Int32Array(flat.values.length).fill(-1)
  for (const value of flat.values) {
    if (needed[value.id] === 0) continue
    const operands = operandsOf(value).map((k) => here[k])
    const parts = sums.get(value.id)
    if (parts === undefined) {
      here[value.id] = push(value.shape, value, value.primitive, operands, value.attributes)
      continue
    }
    const zero = push([], value, 'constant', [], { value: scalar(0) })
    const placed = operands.map((k) => {
      const { shape } = values[k]
      const zeros = push(shape, value, 'broadcast', [zero], { shape, axes: [] })
      return push(shape, value, 'add', [k, zeros], noAttributes)
    })
    here[value.id] = push(value.shape, value, 'concat', placed, { axis: parts[0].axis })
  }
  return {
    values,
    inputs: flat.inputs.map((k) => here[k]),
    outputs: flat.outputs.map((k) => here[k]),
  }
}
