/**
 * A builder of ONNX graphs that differentiates as it goes: forward nodes are recorded with their rules, and `gradient`
 * appends the nodes of the backward pass. It is how a person would write a training step for a runtime of inference.
 */
import { peer } from './peer.js'

type Shape = ReadonlyArray<number>

export interface Value {
  readonly name: string
  readonly shape: Shape
}

type Attributes = Readonly<Record<string, number | ReadonlyArray<number>>>

interface Step {
  readonly results: ReadonlyArray<Value>
  readonly operands: ReadonlyArray<Value>
  readonly pull: (cotangents: ReadonlyArray<Value>) => ReadonlyArray<Value | null>
}

const FLOAT = 1
const INT64 = 7

const bytes = (array: Float32Array | BigInt64Array): Uint8Array => new Uint8Array(array.buffer)

export const graph = () => {
  const nodes: Array<object> = []
  const initializers: Array<object> = []
  const inputs: Array<Value> = []
  const outputs: Array<Value> = []
  const tape: Array<Step> = []
  let count = 0

  const fresh = (shape: Shape): Value => ({ name: `v${count++}`, shape })
  const integers = (list: ReadonlyArray<number>): Value => {
    const value = fresh([list.length])
    const rawData = bytes(BigInt64Array.from(list.map(BigInt)))
    initializers.push({ name: value.name, dataType: INT64, dims: [list.length], rawData })
    return value
  }
  const literal = (x: number): Value => {
    const value = fresh([])
    initializers.push({ name: value.name, dataType: FLOAT, dims: [], rawData: bytes(Float32Array.of(x)) })
    return value
  }
  const several = (
    opType: string,
    operands: ReadonlyArray<Value>,
    shapes: ReadonlyArray<Shape>,
    attributes: Attributes = {},
  ) => {
    const results = shapes.map(fresh)
    nodes.push({
      opType,
      input: operands.map(({ name }) => name),
      output: results.map(({ name }) => name),
      attribute: Object.entries(attributes).map(([name, x]) =>
        typeof x === 'number' ? { name, type: 2, i: x } : { name, type: 7, ints: x },
      ),
    })
    return results
  }
  const op = (opType: string, operands: ReadonlyArray<Value>, shape: Shape, attributes: Attributes = {}): Value =>
    several(opType, operands, [shape], attributes)[0]
  const ruled = (result: Value, operands: ReadonlyArray<Value>, pull: (g: Value) => ReadonlyArray<Value | null>) => {
    tape.push({ results: [result], operands, pull: ([g]) => pull(g) })
    return result
  }

  const broadcast = (a: Shape, b: Shape): Shape => {
    const rank = Math.max(a.length, b.length)
    const at = (s: Shape, i: number): number => s[s.length - rank + i] ?? 1
    return Array.from({ length: rank }, (_, i) => Math.max(at(a, i), at(b, i)))
  }
  /** A cotangent summed over what was broadcast. */
  const narrowed = (g: Value, shape: Shape): Value => {
    const lead = g.shape.length - shape.length
    const axes = g.shape.flatMap((n, i) => (i < lead || (shape[i - lead] === 1 && n !== 1) ? [i] : []))
    if (axes.length === 0) return g
    const kept = g.shape.filter((_, i) => !axes.includes(i))
    const total = op('ReduceSum', [g, integers(axes)], kept, { keepdims: 0 })
    return kept.join() === shape.join() ? total : op('Reshape', [total, integers(shape)], shape)
  }
  const same =
    (opType: string) =>
    (a: Value, b: Value): Value =>
      op(opType, [a, b], broadcast(a.shape, b.shape))
  const [plus, minus, times, over] = ['Add', 'Sub', 'Mul', 'Div'].map(same)
  const map = (opType: string, a: Value): Value => op(opType, [a], a.shape)

  const add = (a: Value, b: Value): Value =>
    ruled(plus(a, b), [a, b], (g) => [narrowed(g, a.shape), narrowed(g, b.shape)])
  const sub = (a: Value, b: Value): Value =>
    ruled(minus(a, b), [a, b], (g) => [narrowed(g, a.shape), narrowed(map('Neg', g), b.shape)])
  const mul = (a: Value, b: Value): Value =>
    ruled(times(a, b), [a, b], (g) => [narrowed(times(g, b), a.shape), narrowed(times(g, a), b.shape)])
  const square = (a: Value): Value => ruled(times(a, a), [a], (g) => [times(times(g, a), literal(2))])
  const scaled = (a: Value, x: number): Value => ruled(times(a, literal(x)), [a], (g) => [times(g, literal(x))])
  const sigmoid = (a: Value): Value => {
    const y = map('Sigmoid', a)
    return ruled(y, [a], (g) => [times(g, times(y, minus(literal(1), y)))])
  }
  const tanh = (a: Value): Value => {
    const y = map('Tanh', a)
    return ruled(y, [a], (g) => [times(g, minus(literal(1), times(y, y)))])
  }
  const relu = (a: Value): Value => {
    const y = map('Relu', a)
    return ruled(y, [a], (g) => [times(g, map('Sign', y))])
  }
  const pulledProduct = (a: Value, b: Value) => (g: Value) => [
    op('Gemm', [g, b], a.shape, { transB: 1 }),
    op('Gemm', [a, g], b.shape, { transA: 1 }),
  ]
  const matmul = (a: Value, b: Value): Value =>
    ruled(op('MatMul', [a, b], [a.shape[0], b.shape[1]]), [a, b], pulledProduct(a, b))
  const linear = (a: Value, w: Value, b: Value): Value =>
    ruled(op('Gemm', [a, w, b], [a.shape[0], w.shape[1]]), [a, w, b], (g) => [
      ...pulledProduct(a, w)(g),
      narrowed(g, b.shape),
    ])
  const sum = (a: Value): Value =>
    ruled(op('ReduceSum', [a], [], { keepdims: 0 }), [a], (g) => [op('Expand', [g, integers(a.shape)], a.shape)])
  const mean = (a: Value): Value => scaled(sum(a), 1 / a.shape.reduce((n, d) => n * d, 1))
  const reshape = (a: Value, shape: Shape): Value =>
    ruled(op('Reshape', [a, integers(shape)], shape), [a], (g) => [op('Reshape', [g, integers(a.shape)], a.shape)])
  const slice = (a: Value, from: number, to: number): Value =>
    ruled(op('Slice', [a, integers([from]), integers([to])], [to - from]), [a], (g) => [
      op('Pad', [g, integers([from, a.shape[0] - to])], a.shape),
    ])
  const split = (z: Value, parts: number): ReadonlyArray<Value> => {
    const shape = [z.shape[0], z.shape[1] / parts]
    const results = several('Split', [z], Array(parts).fill(shape), { axis: 1, num_outputs: parts })
    tape.push({ results, operands: [z], pull: (gs) => [op('Concat', gs, z.shape, { axis: 1 })] })
    return results
  }
  /** Convolution of images that need no gradient of their own, or do; `pads` before and behind both dimensions. */
  const conv = (x: Value, k: Value, b: Value, stride: number, pads: Shape, images: boolean): Value => {
    const [n, c, size] = x.shape
    const [o, , width] = k.shape
    const out = Math.floor((size + pads[0] + pads[2] - width) / stride) + 1
    const strides = [stride, stride]
    const y = op('Conv', [x, k, b], [n, o, out, out], { strides, pads })
    return ruled(y, [x, k, b], (g) => {
      const gap = size - ((out - 1) * stride + width - pads[0] - pads[2])
      const toImages = images
        ? op('ConvTranspose', [g, k], x.shape, { strides, pads, output_padding: [gap, gap] })
        : null
      const swapped = (v: Value): Value =>
        op('Transpose', [v], [v.shape[1], v.shape[0], ...v.shape.slice(2)], { perm: [1, 0, 2, 3] })
      const found = size + pads[0] + pads[2] - ((out - 1) * stride + 1) + 1
      const whole = op('Conv', [swapped(x), swapped(g)], [c, o, found, found], { dilations: strides, pads })
      const toKernel =
        found === width
          ? whole
          : op('Slice', [whole, integers([0, 0]), integers([width, width]), integers([2, 3])], [c, o, width, width])
      return [toImages, swapped(toKernel), op('ReduceSum', [g, integers([0, 2, 3])], [o], { keepdims: 0 })]
    })
  }
  const crossEntropy = (z: Value, t: Value): Value => {
    const [rows] = z.shape
    const logs = op('LogSoftmax', [z], z.shape, { axis: 1 })
    const total = op('ReduceSum', [times(logs, t)], [], { keepdims: 0 })
    return ruled(times(total, literal(-1 / rows)), [z], () => [times(minus(map('Exp', logs), t), literal(1 / rows))])
  }

  /** Cotangents of the named values, by the steps that lie between them and the loss. */
  const gradient = (loss: Value, wanted: ReadonlyArray<Value>): ReadonlyArray<Value> => {
    const steps = tape.splice(0)
    const needed = new Set(wanted.map(({ name }) => name))
    for (const { operands, results } of steps)
      if (operands.some(({ name }) => needed.has(name))) for (const { name } of results) needed.add(name)
    const found = new Map([[loss.name, literal(1)]])
    for (const { results, operands, pull } of steps.reverse()) {
      if (!results.some(({ name }) => found.has(name))) continue
      const pulled = pull(results.map(({ name }) => found.get(name) as Value))
      for (const [i, { name }] of operands.entries()) {
        const part = pulled[i]
        if (part === null || part === undefined || !needed.has(name)) continue
        const before = found.get(name)
        found.set(name, before === undefined ? part : plus(before, part))
      }
    }
    return wanted.map(({ name }) => found.get(name) as Value)
  }

  const input = (name: string, shape: Shape): Value => {
    inputs.push({ name, shape })
    return { name, shape }
  }
  const output = (value: Value, name: string): void => {
    nodes.push({ opType: 'Identity', input: [value.name], output: [name], attribute: [] })
    outputs.push({ name, shape: value.shape })
  }
  const model = (): Uint8Array => {
    const { onnx } = peer('onnx-proto')
    const info = ({ name, shape }: Value) => ({
      name,
      type: { tensorType: { elemType: FLOAT, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
    })
    const made = onnx.ModelProto.create({
      irVersion: 8,
      opsetImport: [{ domain: '', version: 18 }],
      graph: {
        name: 'step',
        node: nodes,
        input: inputs.map(info),
        output: outputs.map(info),
        initializer: initializers,
      },
    })
    return onnx.ModelProto.encode(made).finish()
  }
  return {
    ...{ add, sub, mul, square, scaled, sigmoid, tanh, relu, matmul, linear, sum, mean, reshape, slice, split, conv },
    ...{ crossEntropy, gradient, input, output, model, literal, plus, minus, times, over, map },
  }
}

export type Graph = ReturnType<typeof graph>
