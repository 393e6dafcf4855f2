/**
 * Random programs over every primitive, for the tests of what reads and writes tapes.
 */
import * as E from 'fp-ts/lib/Either.js'
import { standard } from '../src/Program.js'
import type { Attributes, PrimitiveName } from '../src/primitive/Primitive.js'
import { type Recorder, recorderOn } from '../src/primitive/Recorder.js'
import { primitives } from '../src/primitive/table.js'
import { type DType, type Shape, size } from '../src/Shape.js'
import { empty, type Instruction, noAttributes, type Program } from '../src/Tape.js'
import { type AnyTensor, allocate, unsafeMake } from '../src/Tensor.js'
import * as Tree from '../src/Tree.js'
import type { AnyVar } from '../src/Var.js'

/** Uniform integers below a bound, from a seed (mulberry32). */
export const random = (seed: number): ((bound: number) => number) => {
  let state = seed | 0
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * bound)
  }
}

export type Random = ReturnType<typeof random>

export const pick = <A>(r: Random, from: ReadonlyArray<A>): A => from[r(from.length)]

export const SPECIAL: ReadonlyArray<number> = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -0,
  0,
  Number.MIN_VALUE,
  -Number.MIN_VALUE,
  2 ** -1022,
  Number.MAX_VALUE,
  Number.EPSILON,
  0.1,
  1 / 3,
  1e21,
  123456789.123,
]

const number = (r: Random): number => (r(3) === 0 ? pick(r, SPECIAL) : (r(2001) - 1000) / 250)

export const tensorOf = (r: Random, shape: Shape, dtype: DType): AnyTensor => {
  const data = allocate(dtype, size(shape))
  for (let i = 0; i < data.length; i++) data[i] = dtype === 'real' ? number(r) : dtype === 'int' ? r(9) - 2 : r(2)
  return unsafeMake([...shape], dtype, data)
}

const shapeOf = (r: Random, rank = r(4)): Shape => Array.from({ length: rank }, () => (r(12) === 0 ? 0 : 1 + r(3)))

const list = (n: number, f: (i: number) => number): ReadonlyArray<number> => Array.from({ length: n }, (_, i) => f(i))

const some = (r: Random, rank: number): ReadonlyArray<number> => list(rank, (i) => i).filter(() => r(2) === 0)

const shuffled = (r: Random, n: number): ReadonlyArray<number> => {
  const out = [...list(n, (i) => i)]
  for (let i = n - 1; i > 0; i--) {
    const j = r(i + 1)
    const x = out[i]
    out[i] = out[j]
    out[j] = x
  }
  return out
}

const window = (r: Random, rank: number) => {
  const n = r(rank + 1)
  return { window: list(n, () => 1 + r(2)), strides: list(n, () => 1 + r(2)), dilation: list(n, () => 1 + r(2)) }
}

/** Attributes that are likely to fit the operands. */
const attributesFor = (r: Random, name: PrimitiveName, xs: ReadonlyArray<AnyVar>, depth: number): unknown => {
  const [x, w] = xs
  const shape = x?.shape ?? []
  const rank = shape.length
  switch (name) {
    case 'polygamma':
      return { order: r(4) }
    case 'reshape':
      return { shape: r(2) === 0 ? [size(shape)] : [1, ...shape, 1] }
    case 'permute':
      return { order: shuffled(r, rank) }
    case 'broadcast': {
      const to = [...shape]
      const axes = [...list(rank, (i) => i)]
      const at = r(rank + 1)
      to.splice(at, 0, 1 + r(3))
      return { shape: to, axes: axes.map((i) => (i >= at ? i + 1 : i)) }
    }
    case 'slice': {
      const start = shape.map((n) => r(n + 1))
      return { start, stop: shape.map((n, d) => start[d] + r(n - start[d] + 1)), stride: shape.map(() => 1 + r(2)) }
    }
    case 'pad': {
      const value = x?.dtype === 'real' ? number(r) : r(2)
      return { low: shape.map(() => r(2)), high: shape.map(() => r(2)), interior: shape.map(() => r(2)), value }
    }
    case 'flip':
    case 'sum':
    case 'reduceMax':
    case 'reduceMin':
      return { axes: some(r, rank) }
    case 'gather':
      return { batch: r(2) }
    case 'scatterAdd':
      return { batch: r(2), size: r(4) }
    case 'cumsum':
      return { axis: r(rank), reverse: r(2) === 0 }
    case 'sort':
    case 'argSort':
      return { axis: r(rank), descending: r(2) === 0 }
    case 'topK':
    case 'argTopK':
      return { axis: r(rank), k: r(3) }
    case 'concat':
    case 'argMax':
    case 'argMin':
      return { axis: r(rank) }
    case 'convert':
      return { dtype: pick(r, ['real', 'int', 'bool']) }
    case 'windows':
      return window(r, rank)
    case 'reduceWindow':
      return { ...window(r, rank), kind: pick(r, ['max', 'mean']) }
    case 'foldWindows': {
      const n = Math.floor(rank / 2)
      const inner = shape.slice(rank - n)
      const outer = shape.slice(rank - 2 * n, rank - n)
      return {
        window: inner,
        strides: inner.map(() => 1),
        dilation: inner.map(() => 1),
        shape: outer.map((p, d) => p + inner[d] - 1),
      }
    }
    case 'contract': {
      const pairs = shape.flatMap((n, i) => (w?.shape ?? []).flatMap((m, j) => (n === m ? [[i, j] as const] : [])))
      const pair = pairs.length > 0 && r(3) > 0 ? [pick(r, pairs)] : []
      const none: ReadonlyArray<number> = []
      const both = [pair.map(([i]) => i), pair.map(([, j]) => j)]
      return r(3) === 0 ? { contract: [none, none], batch: both } : { contract: both, batch: [none, none] }
    }
    case 'convolve': {
      const n = Math.max(0, rank - 2)
      return {
        strides: list(n, () => 1 + r(2)),
        padding: Array.from({ length: n }, () => [r(3) - 1, r(3)]),
        inputDilation: list(n, () => 1 + r(2)),
        kernelDilation: list(n, () => 1),
        groups: 1,
      }
    }
    case 'input':
      return { path: String(r(100)), shape: shapeOf(r), dtype: 'real' }
    case 'constant':
      return { value: tensorOf(r, shapeOf(r), pick(r, ['real', 'int', 'bool'])) }
    case 'iota':
      return { shape: shapeOf(r, 1 + r(2)), axis: 0 }
    case 'randomBits':
      return { shape: shapeOf(r) }
    case 'label':
      return { name: pick(r, ['a', 'hidden layer', '"', '\u2028\n', '\ud800', '__proto__', '']) }
    case 'peek':
      return { value: x === undefined ? undefined : tensorOf(r, x.shape, x.dtype) }
    case 'call':
      return callOn(r, xs, depth)
    default:
      return {}
  }
}

/** A program of given inputs, with one output like `y` where there is one. */
const ruleOn = (r: Random, inputs: ReadonlyArray<AnyVar>, outputs: ReadonlyArray<AnyVar>): Program => {
  const recorder = recorderOn(empty, standard)
  const xs = inputs.map(({ shape, dtype }, i) => right(recorder.emit('input', [], { path: String(i), shape, dtype })))
  const { vocabulary: v } = recorder
  const ys = outputs.map((y) => {
    const same = xs.find((x) => x.dtype === y.dtype && String(x.shape) === String(y.shape) && r(2) === 0)
    return same === undefined ? v.like(y, r(2)) : y.dtype === 'real' ? v.add(v.neg(same), v.like(y, 0.5)) : same
  })
  return { _tag: 'Program', tape: recorder.builder.tape(), inputs: xs, outputs: ys }
}

const right = <A>(e: E.Either<unknown, A>): A => {
  if (E.isLeft(e)) throw new Error(JSON.stringify(e.left))
  return e.right
}

const callOn = (r: Random, xs: ReadonlyArray<AnyVar>, depth: number): Attributes['call'] => {
  const whole = grow(
    r,
    xs.map(({ shape, dtype }) => ({ shape, dtype })),
    { length: 4, depth: depth - 1, peeks: false },
  )
  const body = { ...whole, outputs: [pick(r, Tree.leaves<AnyVar>(whole.outputs))] }
  const [y] = body.outputs
  const reals = xs.filter((x) => x.dtype === 'real')
  return {
    name: pick(r, ['f', 'clipped', 'a b']),
    body,
    ...(r(2) === 0 ? {} : { vjp: ruleOn(r, [...xs, y, y], reals) }),
    ...(r(2) === 0 ? {} : { jvp: ruleOn(r, [...xs, y, ...reals], [y]) }),
  }
}

const names = Object.keys(primitives) as ReadonlyArray<PrimitiveName>

export interface Growth {
  readonly length: number
  /** how deeply calls may be nested */
  readonly depth: number
  readonly peeks: boolean
}

const emit = (recorder: Recorder, name: PrimitiveName, xs: ReadonlyArray<AnyVar>, attributes: unknown): void => {
  recorder.emit(name, xs, attributes as never)
}

/** A program on inputs of given specs, grown by trying instructions until enough are accepted. */
export const grow = (
  r: Random,
  specs: ReadonlyArray<{ readonly shape: Shape; readonly dtype: DType }>,
  { length, depth, peeks }: Growth,
): Program => {
  const recorder = recorderOn(empty, standard)
  const inputs = specs.map(({ shape, dtype }, i) =>
    right(recorder.emit('input', [], { path: String(i), shape, dtype })),
  )
  const { builder } = recorder
  for (const dtype of ['int', 'bool'] as const) emit(recorder, 'constant', [], { value: tensorOf(r, [2], dtype) })
  for (let tries = 0; builder.length() < length + specs.length + 2 && tries < 100 * length; tries++) {
    const name = pick(r, names)
    if (name === 'input' || (name === 'peek' && !peeks) || (name === 'call' && depth === 0)) continue
    const { arity } = primitives[name]
    const n = arity >= 0 ? arity : r(3) - 1 - arity
    const xs = Array.from({ length: Math.max(0, n) }, () => builder.at(r(builder.length())) as Instruction)
    const attributes = attributesFor(r, name, xs, depth)
    // the codec is asked as well, so that only what a document can say is recorded
    if (
      name !== 'call' &&
      E.isLeft(primitives[name].attributes.decode(primitives[name].attributes.encode(attributes as never)))
    )
      continue
    emit(
      recorder,
      name,
      xs,
      name === 'call' || Object.keys(attributes as object).length > 0 ? attributes : noAttributes,
    )
  }
  const outs = Array.from({ length: 1 + r(3) }, () => builder.at(r(builder.length())) as Instruction)
  return { _tag: 'Program', tape: builder.tape(), inputs, outputs: outs }
}

/** A random program with random inputs and trees around them. */
export const randomProgram = (r: Random, growth: Partial<Growth> = {}): Program => {
  const specs = Array.from({ length: r(4) }, () => ({
    shape: shapeOf(r),
    dtype: pick(r, ['real', 'real', 'real', 'int', 'bool'] as const),
  }))
  const program = grow(r, specs, { length: 12, depth: 2, peeks: true, ...growth })
  const [first, ...rest] = program.inputs as ReadonlyArray<AnyVar>
  const inputs =
    first === undefined ? {} : pick(r, [program.inputs, { 'a.b': first, rest }, { z: [first], constructor: rest }])
  return { ...program, inputs, outputs: pick(r, [program.outputs, { y: program.outputs, none: [] }]) }
}
