/**
 * The workloads on ONNX Runtime for Node: each step is one graph, written by hand with its gradient and its update, whose
 * results are fed to the next step.
 */
import { data, numbers, RATES } from '../engineData.js'
import type { Stepper } from '../engineStepper.js'
import { type Graph, graph, type Value } from './onnx.js'
import { peer, singles } from './peer.js'

type Arrays = Readonly<Record<string, readonly [elements: ArrayLike<number>, shape: ReadonlyArray<number>]>>
type Values = Readonly<Record<string, Value>>

const ort = peer('onnxruntime-node')

const tensor = (elements: ArrayLike<number>, shape: ReadonlyArray<number>) =>
  new ort.Tensor('float32', singles(elements), shape)

const session = (model: Uint8Array) =>
  ort.InferenceSession.create(model, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    executionProviders: ['cpu'],
    logSeverityLevel: 3,
  })

const named = (g: Graph, arrays: Arrays): Values =>
  Object.fromEntries(Object.entries(arrays).map(([name, [, shape]]) => [name, g.input(name, shape)]))

const tensors = (arrays: Arrays): Readonly<Record<string, any>> =>
  Object.fromEntries(Object.entries(arrays).map(([name, [elements, shape]]) => [name, tensor(elements, shape)]))

const zeros = ([elements, shape]: Arrays[string]): Arrays[string] => [new Float32Array(elements.length), shape]

/** What Adam keeps: averages for each parameter, and the number of the step. */
const memory = (parameters: Arrays): Arrays => ({
  step: [[0], []],
  ...Object.fromEntries(
    Object.entries(parameters).flatMap(([name, array]) => [
      [`m_${name}`, zeros(array)],
      [`v_${name}`, zeros(array)],
    ]),
  ),
})

const adam = (g: Graph, p: Values, gradients: ReadonlyArray<Value>, kept: Values, rate: number): Values => {
  const step = g.plus(kept.step, g.literal(1))
  const correction = (decay: number): Value =>
    g.minus(g.literal(1), g.map('Exp', g.times(step, g.literal(Math.log(decay)))))
  const [first, second] = [correction(0.9), correction(0.999)]
  const size = g.over(g.literal(rate), first)
  const next: Record<string, Value> = { step }
  for (const [i, name] of Object.keys(p).entries()) {
    const gradient = gradients[i]
    const mean = g.plus(g.times(kept[`m_${name}`], g.literal(0.9)), g.times(gradient, g.literal(0.1)))
    const squares = g.plus(
      g.times(kept[`v_${name}`], g.literal(0.999)),
      g.times(g.times(gradient, gradient), g.literal(0.001)),
    )
    const scale = g.plus(g.map('Sqrt', g.over(squares, second)), g.literal(1e-8))
    next[name] = g.minus(p[name], g.over(g.times(mean, size), scale))
    next[`m_${name}`] = mean
    next[`v_${name}`] = squares
  }
  return next
}

const descent = (g: Graph, p: Values, gradients: ReadonlyArray<Value>, rate: number): Values =>
  Object.fromEntries(Object.keys(p).map((name, i) => [name, g.minus(p[name], g.times(gradients[i], g.literal(rate)))]))

const training = async (
  rate: number,
  remembers: boolean,
  parameters: Arrays,
  given: Arrays,
  loss: (g: Graph, p: Values, x: Values) => Value,
): Promise<Stepper> => {
  const g = graph()
  const p = named(g, parameters)
  const x = named(g, given)
  const state = remembers ? memory(parameters) : {}
  const kept = named(g, state)
  const value = loss(g, p, x)
  const gradients = g.gradient(value, Object.values(p))
  const next = remembers ? adam(g, p, gradients, kept, rate) : descent(g, p, gradients, rate)
  g.output(value, 'loss')
  for (const [name, result] of Object.entries(next)) g.output(result, `next_${name}`)
  const run = await session(g.model())
  const fixed = tensors(given)
  let now = { ...tensors(parameters), ...tensors(state) }
  let last: any = null
  return {
    step: async () => {
      const found = await run.run({ ...fixed, ...now })
      last = found.loss
      now = Object.fromEntries(Object.keys(next).map((name) => [name, found[`next_${name}`]]))
    },
    loss: () => last.data[0],
  }
}

const makers: Readonly<Record<string, () => Promise<Stepper>>> = {
  W1: () => {
    const { x, y, ...d } = data.W1()
    return training(
      RATES.W1,
      false,
      { w1: [d.w1, [13, 10]], b1: [d.b1, [10]], w2: [d.w2, [10, 1]], b2: [d.b2, [1]] },
      { x: [x, [16, 13]], y: [y, [16, 1]] },
      (g, p, given) => {
        const h = g.sigmoid(g.linear(given.x, p.w1, p.b1))
        return g.mean(g.square(g.sub(g.linear(h, p.w2, p.b2), given.y)))
      },
    )
  },
  W2: () => {
    const { x, y, ...d } = data.W2()
    return training(
      RATES.W2,
      false,
      { w1: [d.w1, [3, 4]], b1: [d.b1, [4]], w2: [d.w2, [4, 1]], b2: [d.b2, [1]] },
      { x: [x, [500, 3]], y: [y, [500, 1]] },
      (g, p, given) => {
        const h = g.sigmoid(g.linear(given.x, p.w1, p.b1))
        return g.sum(g.square(g.sub(g.sigmoid(g.linear(h, p.w2, p.b2)), given.y)))
      },
    )
  },
  W3: () => {
    const { x, t, ...d } = data.W3()
    return training(
      RATES.W3,
      true,
      { w1: [d.w1, [784, 128]], b1: [d.b1, [128]], w2: [d.w2, [128, 10]], b2: [d.b2, [10]] },
      { x: [x, [100, 784]], t: [t, [100, 10]] },
      (g, p, given) => g.crossEntropy(g.linear(g.relu(g.linear(given.x, p.w1, p.b1)), p.w2, p.b2), given.t),
    )
  },
  W4: () => {
    const { x, t, ...d } = data.W4()
    return training(
      RATES.W4,
      true,
      {
        k1: [d.k1, [8, 1, 5, 5]],
        c1: [d.c1, [8]],
        k2: [d.k2, [16, 8, 3, 3]],
        c2: [d.c2, [16]],
        wd: [d.wd, [784, 10]],
        bd: [d.bd, [10]],
      },
      { x: [x, [64, 1, 28, 28]], t: [t, [64, 10]] },
      (g, p, given) => {
        const one = g.relu(g.conv(given.x, p.k1, p.c1, 2, [1, 1, 2, 2], false))
        const two = g.relu(g.conv(one, p.k2, p.c2, 2, [0, 0, 1, 1], true))
        return g.crossEntropy(g.linear(g.reshape(two, [64, 784]), p.wd, p.bd), given.t)
      },
    )
  },
  W5: () => {
    const { x, ...d } = data.W5()
    const nothing = new Float32Array(16 * 64)
    return training(
      RATES.W5,
      false,
      { wx: [d.wx, [32, 256]], wh: [d.wh, [64, 256]], b: [d.b, [256]] },
      {
        h: [nothing, [16, 64]],
        c: [nothing, [16, 64]],
        ...Object.fromEntries(
          Array.from({ length: 50 }, (_, i) => [`x${i}`, [x.slice(i * 512, i * 512 + 512), [16, 32]]]),
        ),
      },
      (g, p, given) => {
        let { h, c } = given
        for (let i = 0; i < 50; i++) {
          const z = g.add(g.linear(given[`x${i}`], p.wx, p.b), g.matmul(h, p.wh))
          const [input, forget, gate, output] = g.split(z, 4)
          c = g.add(g.mul(g.sigmoid(forget), c), g.mul(g.sigmoid(input), g.tanh(gate)))
          h = g.mul(g.sigmoid(output), g.tanh(c))
        }
        return g.mean(g.square(h))
      },
    )
  },
  W7: async () => {
    const g = graph()
    const x = g.input('x', [1000])
    const [a, b] = [g.slice(x, 0, 999), g.slice(x, 1, 1000)]
    const valley = g.scaled(g.square(g.sub(b, g.square(a))), 100)
    const loss = g.sum(g.add(valley, g.square(g.sub(g.literal(1), a))))
    const [gradient] = g.gradient(loss, [x])
    g.output(loss, 'loss')
    g.output(gradient, 'gradient')
    const run = await session(g.model())
    const feeds = { x: tensor(data.W7().x, [1000]) }
    let last: any = null
    return {
      step: async () => {
        last = (await run.run(feeds)).loss
      },
      loss: () => last.data[0],
    }
  },
}

const product = async (n: number): Promise<Stepper> => {
  const g = graph()
  g.output(g.matmul(g.input('a', [n, n]), g.input('b', [n, n])), 'c')
  const run = await session(g.model())
  const feeds = { a: tensor(numbers(n * n, 1, 1), [n, n]), b: tensor(numbers(n * n, 1, 2), [n, n]) }
  const results = { c: tensor(new Float32Array(n * n), [n, n]) }
  return { step: () => run.run(feeds, results), loss: () => null }
}

export const stepper = (workload: string): Promise<Stepper> =>
  makers[workload]?.() ?? product(Number(workload.split('-')[1]))
