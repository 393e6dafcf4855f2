/**
 * Constants: what is known before the program runs is computed before it runs, by the very kernels of the evaluator and
 * over the arithmetic that the program will run with, so nothing changes by a bit.
 *
 * Only small results are written out as arrays. A large value all of whose elements are one number stays what it is
 * anyway, a scalar that is broadcast: pointwise rows move below broadcasts, and so compute it once.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Algebra, Buffer } from '../../algebra/Algebra.js'
import { bufferFor, kernelFor } from '../../primitive/evaluate.js'
import { pick } from '../../primitive/indexing.js'
import type { PrimitiveName, Table } from '../../primitive/Primitive.js'
import { type Shape, type Spec, size } from '../../Shape.js'
import type { Instruction } from '../../Tape.js'
import { allocate, unsafeMake } from '../../Tensor.js'
import type { AnyVar } from '../../Var.js'
import { attributesOf, type Context, forEach, type Rule, type Rules, type Setting } from './Rewrite.js'

/** The number that all elements are, told apart as `Object.is` does. */
const single = (data: ArrayLike<number>): number | null => {
  for (let i = 1; i < data.length; i++) if (!Object.is(data[i], data[0])) return null
  return data.length === 0 ? null : data[0]
}

/** What constants are kept as. */
const KEPT: ReadonlySet<string> = new Set(['constant', 'iota', 'broadcast'])

/**
 * What is known of the values of a tape, by position: constants and what repeats them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const knowledge =
  (algebra: Algebra<number>, table: Table, limit: number): Setting['knowledge'] =>
  (operands) => {
    const uniforms = new Map<number, number | null>()
    const values = new Map<number, Buffer<number> | null>()
    const uniform: Context['uniform'] = (x) => {
      if (x.primitive === 'broadcast') return uniform(operands(x)[0])
      if (x.primitive !== 'constant') return null
      const before = uniforms.get(x.id)
      if (before !== undefined) return before
      const found = single(attributesOf<'constant'>(x).value.data)
      const value = found === null || x.dtype !== 'real' ? found : algebra.literal(found)
      uniforms.set(x.id, value)
      return value
    }
    const compute = (x: Instruction): Buffer<number> | null => {
      const xs = operands(x)
      const inputs = xs.map(known)
      if (inputs.includes(null)) return null
      const out = bufferFor(algebra, x.dtype, size(x.shape))
      kernelFor(algebra, table, x, xs)(inputs as ReadonlyArray<Buffer<number>>, out)
      return out
    }
    const known: Context['known'] = (x) => {
      if (!KEPT.has(x.primitive) || size(x.shape) > limit) return null
      const before = values.get(x.id)
      if (before !== undefined) return before
      const value = compute(x)
      values.set(x.id, value)
      return value
    }
    return { uniform, known }
  }

/** A value that repeats one number: a scalar that is broadcast, or for a single element the constant itself. */
const repeated = (cx: Context, spec: Spec, value: number): AnyVar => {
  if (size(spec.shape) !== 1) return cx.v.like(spec, value)
  const data = allocate(spec.dtype, 1)
  data[0] = value
  return cx.v.emit('constant', [], { value: unsafeMake([...spec.shape], spec.dtype, data) })
}

/** Computes what is known. */
const fold =
  (limit: number): Rule =>
  (cx, xs, attributes, name) => {
    const values: Array<Buffer<number>> = []
    for (const x of xs) {
      const value = cx.known(x)
      if (value === null) return null
      values.push(value)
    }
    if (values.length === 0) return null
    const spec = cx.table[name].spec(xs, attributes as never)
    if (E.isLeft(spec) || size(spec.right.shape) > limit) return null
    const { shape, dtype } = spec.right
    const out = bufferFor(cx.algebra, dtype, size(shape))
    const described = { primitive: name, attributes, shape, dtype } as unknown as Instruction
    kernelFor(cx.algebra, cx.table, described, xs)(values, out)
    const value = single(out)
    if (value !== null) return repeated(cx, spec.right, value)
    const data = allocate(dtype, out.length)
    for (let i = 0; i < out.length; i++) data[i] = out[i]
    return cx.v.emit('constant', [], { value: unsafeMake([...shape], dtype, data) })
  }

/** A primitive each of whose results is one of its operand's elements, of an operand whose elements are all one. */
const repeat: Rule = (cx, xs, attributes, name) => {
  const value = cx.uniform(xs[0])
  if (value === null || !xs.every((x) => Object.is(cx.uniform(x), value))) return null
  const spec = cx.table[name].spec(xs, attributes as never)
  return E.isLeft(spec) ? null : repeated(cx, spec.right, value)
}

/** The axes of the result along which an operand can vary; `null` where it is not a broadcast. */
const varying = (cx: Context, x: Instruction): ReadonlyArray<number> | null =>
  cx.uniform(x) !== null ? [] : x.primitive === 'broadcast' ? attributesOf<'broadcast'>(x).axes : null

/** What an operand is along the axes that are kept. */
const narrowed = (cx: Context, x: Instruction, kept: ReadonlyArray<number>, shape: Shape): AnyVar => {
  const value = cx.uniform(x)
  if (value !== null) return cx.v.like({ shape, dtype: x.dtype }, value)
  return cx.v.broadcast(
    cx.operands(x)[0],
    shape,
    attributesOf<'broadcast'>(x).axes.map((axis) => kept.indexOf(axis)),
  )
}

/**
 * `f(broadcast(x), broadcast(y)) = broadcast(f(x, y))`: computed once for each axis along which something varies. Only
 * where fewer elements are computed.
 */
const below: Rule = (cx, xs, attributes, name) => {
  const { shape }: Spec = xs[0]
  const axes = new Set<number>()
  for (const x of xs) {
    const own = varying(cx, x)
    if (own === null) return null
    for (const axis of own) axes.add(axis)
  }
  const kept = [...axes].sort((a, b) => a - b)
  const small = pick(shape, kept)
  if (size(small) >= size(shape)) return null
  const inner = xs.map((x) => narrowed(cx, x, kept, small))
  return cx.v.broadcast(cx.v.emit(name, inner, attributes), shape, kept)
}

/** Conversions cost nothing by themselves, so only those of constants are moved. */
const belowConstant: Rule = (cx, xs, attributes, name) =>
  cx.uniform(xs[0]) === null ? null : below(cx, xs, attributes, name)

const SELECTING: ReadonlyArray<PrimitiveName> = [
  'reshape',
  'permute',
  'slice',
  'flip',
  'concat',
  'windows',
  'reduceMax',
  'reduceMin',
  'sort',
  'topK',
]

/** Markers keep what they say; calls may cost anything; the rest is what constants are kept as. */
const UNFOLDED: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>([
  'input',
  'constant',
  'iota',
  'broadcast',
  'variable',
  'label',
  'stopGradient',
  'peek',
  'call',
])

/**
 * Pointwise primitives moved below broadcasts.
 *
 * @category rules
 * @since 0.1.0
 */
export const broadcastRules = (table: Table): Rules => ({
  ...forEach(
    (Object.keys(table) as ReadonlyArray<PrimitiveName>).filter((name) => table[name].family === 'pointwise'),
    below,
  ),
  convert: [belowConstant],
})

/**
 * Maps of indices, and choices among elements, of a value that repeats one number.
 *
 * @category rules
 * @since 0.1.0
 */
export const repetitionRules: Rules = forEach(SELECTING, repeat)

/**
 * Constant folding: results of at most `limit` elements.
 *
 * @category rules
 * @since 0.1.0
 */
export const foldingRules = (table: Table, limit: number): Rules =>
  forEach(
    (Object.keys(table) as ReadonlyArray<PrimitiveName>).filter((name) => !UNFOLDED.has(name)),
    fold(limit),
  )
