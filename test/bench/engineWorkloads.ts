/**
 * Whole training steps, recorded: forward, backward and update.
 *
 * | | workload |
 * |---|---|
 * | W1 | 13-10-1 perceptron, sigmoid, mean squared error, batch 16, gradient descent |
 * | W2 | 3-4-1 sigmoid network, all 500 rows, summed squared error, gradient descent |
 * | W3 | 784-128-10 perceptron, ReLU, softmax cross-entropy, batch 100, Adam |
 * | W4 | two strided convolutions and a dense layer, batch 64, Adam |
 * | W5 | LSTM of 64 units over 50 steps of 32 inputs, batch 16, gradient descent |
 * | W6 | a matrix product of order 512, 1024 or 2048 |
 * | W7 | Rosenbrock's function in 1000 dimensions, value and gradient |
 */
import {
  type AnyTensor,
  add,
  conv2d,
  gen,
  ints,
  logSoftmax,
  matmul,
  mean,
  mul,
  type Program,
  type Reverse,
  record,
  relu,
  reshape,
  type Shape,
  sigmoid,
  slice,
  spec,
  split,
  square,
  sub,
  sum,
  tanh,
  type Var,
  type VarTree,
  valueAndGrad,
} from 'wengert'
import { adam, move, type Optimiser, sgd } from 'wengert/optim'
import { fromData } from 'wengert/Tensor'
import { right } from '../engine/given.js'
import { data, numbers, RATES } from './engineData.js'

type Scalar = Var<readonly []>
type Matrix<M extends number, N extends number> = Var<readonly [M, N]>
type Vector<N extends number> = Var<readonly [N]>
type Tensors = { readonly [name: string]: AnyTensor }

export interface Workload {
  readonly program: Program
  /** what the first step starts from */
  readonly inputs: unknown
  readonly donate: ReadonlyArray<string>
  /** what all systems find after ten steps, in six digits; null where there is none */
  readonly lossAfterTen: number | null
  /** floating-point operations of a step, where they are the point */
  readonly flops?: number
}

const array = (shape: Shape, elements: ArrayLike<number>): AnyTensor => right(fromData(shape, elements))

/** A step of training, as a program from parameters `p`, the optimiser's state and the data to the loss and all that moves. */
const training = <P extends VarTree, G extends VarTree, S>(
  lossAfterTen: number,
  optimiser: Optimiser<S>,
  parameters: Tensors,
  given: Tensors,
  loss: (p: P, given: G) => Reverse<Scalar>,
): Workload => {
  const memory = optimiser.init(parameters)
  const step = (inputs: {
    readonly p: P
    readonly memory: VarTree
    readonly n: Var<readonly [], 'int'>
    readonly given: G
  }) =>
    gen(function* () {
      const { p, n } = inputs
      const [value, gradient] = yield* valueAndGrad((q: P) => loss(q, inputs.given))(p as never) as Reverse<
        readonly [Scalar, P]
      >
      const moved = yield* optimiser.update({ gradient, state: inputs.memory as never, parameters: p, step: n })
      return { loss: value, p: yield* move(p, moved.update), memory: moved.state, n: yield* add(n, 1) }
    })
  const inputs = { p: parameters, memory, n: ints(0), given }
  const keeps = JSON.stringify(memory).includes('Tensor')
  return {
    program: right(record(step as never)(inputs as never)),
    inputs,
    donate: keeps ? ['p', 'memory', 'n'] : ['p', 'n'],
    lossAfterTen,
  }
}

/** `x w + b`. */
const dense = <M extends number, K extends number, N extends number>(
  x: Matrix<M, K> | Reverse<Matrix<M, K>>,
  w: Matrix<K, N>,
  b: Vector<N>,
): Reverse<Matrix<M, N>> => add(matmul(x as Matrix<M, K>, w), b) as never

type Perceptron<I extends number, H extends number, O extends number> = {
  readonly w1: Matrix<I, H>
  readonly b1: Vector<H>
  readonly w2: Matrix<H, O>
  readonly b2: Vector<O>
}

const w1 = (): Workload => {
  const { x, y, ...d } = data.W1()
  return training(
    0.194694,
    sgd({ rate: RATES.W1 }),
    { w1: array([13, 10], d.w1), b1: array([10], d.b1), w2: array([10, 1], d.w2), b2: array([1], d.b2) },
    { x: array([16, 13], x), y: array([16, 1], y) },
    (p: Perceptron<13, 10, 1>, given: { readonly x: Matrix<16, 13>; readonly y: Matrix<16, 1> }) =>
      mean(square(sub(dense(sigmoid(dense(given.x, p.w1, p.b1)), p.w2, p.b2), given.y))),
  )
}

const w2 = (): Workload => {
  const { x, y, ...d } = data.W2()
  return training(
    89.6095,
    sgd({ rate: RATES.W2 }),
    { w1: array([3, 4], d.w1), b1: array([4], d.b1), w2: array([4, 1], d.w2), b2: array([1], d.b2) },
    { x: array([500, 3], x), y: array([500, 1], y) },
    (p: Perceptron<3, 4, 1>, given: { readonly x: Matrix<500, 3>; readonly y: Matrix<500, 1> }) =>
      sum(square(sub(sigmoid(dense(sigmoid(dense(given.x, p.w1, p.b1)), p.w2, p.b2)), given.y))),
  )
}

const crossEntropy = <M extends number>(logits: Reverse<Matrix<M, 10>>, t: Matrix<M, 10>): Reverse<Scalar> =>
  mul(sum(mul(logSoftmax(logits), t)), -1 / t.shape[0])

const w3 = (): Workload => {
  const { x, t, ...d } = data.W3()
  return training(
    2.34667,
    adam({ rate: RATES.W3 }),
    { w1: array([784, 128], d.w1), b1: array([128], d.b1), w2: array([128, 10], d.w2), b2: array([10], d.b2) },
    { x: array([100, 784], x), t: array([100, 10], t) },
    (p: Perceptron<784, 128, 10>, given: { readonly x: Matrix<100, 784>; readonly t: Matrix<100, 10> }) =>
      crossEntropy(dense(relu(dense(given.x, p.w1, p.b1)), p.w2, p.b2), given.t),
  )
}

type Convolutional = {
  readonly k1: Var<readonly [8, 1, 5, 5]>
  readonly c1: Var<readonly [8, 1, 1]>
  readonly k2: Var<readonly [16, 8, 3, 3]>
  readonly c2: Var<readonly [16, 1, 1]>
  readonly wd: Matrix<784, 10>
  readonly bd: Vector<10>
}

const w4 = (): Workload => {
  const { x, t, ...d } = data.W4()
  return training(
    2.30695,
    adam({ rate: RATES.W4 }),
    {
      k1: array([8, 1, 5, 5], d.k1),
      c1: array([8, 1, 1], d.c1),
      k2: array([16, 8, 3, 3], d.k2),
      c2: array([16, 1, 1], d.c2),
      wd: array([784, 10], d.wd),
      bd: array([10], d.bd),
    },
    { x: array([64, 1, 28, 28], x), t: array([64, 10], t) },
    (p: Convolutional, given: { readonly x: Var<readonly [64, 1, 28, 28]>; readonly t: Matrix<64, 10> }) => {
      const one = relu(add(conv2d(given.x, p.k1, { stride: 2, padding: 'same' }), p.c1))
      const two = relu(add(conv2d(one, p.k2, { stride: 2, padding: 'same' }), p.c2))
      return crossEntropy(dense(reshape(two, [64, 784]), p.wd, p.bd), given.t)
    },
  )
}

type Recurrent = { readonly wx: Matrix<32, 256>; readonly wh: Matrix<64, 256>; readonly b: Vector<256> }

const w5 = (): Workload => {
  const { x, ...d } = data.W5()
  return training(
    0.0054625,
    sgd({ rate: RATES.W5 }),
    { wx: array([32, 256], d.wx), wh: array([64, 256], d.wh), b: array([256], d.b) },
    { x: array([50, 16, 32], x) },
    (p: Recurrent, given: { readonly x: Var<readonly [50, 16, 32]> }) =>
      gen(function* () {
        let h: Matrix<16, 64> | null = null
        let c: Matrix<16, 64> | null = null
        for (let i = 0; i < 50; i++) {
          const from = dense(yield* slice(given.x, i), p.wx, p.b)
          const z: Matrix<16, 256> = yield* h === null ? from : add(from, matmul(h, p.wh))
          const [input, forget, gate, output] = yield* split(z, 4, { axis: 1 })
          const fresh = mul(sigmoid(input), tanh(gate))
          c = (yield* c === null ? fresh : add(mul(sigmoid(forget), c), fresh)) as Matrix<16, 64>
          h = (yield* mul(sigmoid(output), tanh(c))) as Matrix<16, 64>
        }
        return yield* mean(square(h as unknown as Matrix<16, 64>))
      }),
  )
}

const w6 = (n: number) => (): Workload => ({
  program: right(
    record(({ a, b }: { readonly a: Matrix<number, number>; readonly b: Matrix<number, number> }) => matmul(a, b))({
      a: spec([n, n]),
      b: spec([n, n]),
    } as never),
  ),
  inputs: { a: array([n, n], numbers(n * n, 1, 1)), b: array([n, n], numbers(n * n, 1, 2)) },
  donate: [],
  lossAfterTen: null,
  flops: 2 * n ** 3,
})

const w7 = (): Workload => ({
  program: right(
    record((x: Vector<1000>) =>
      gen(function* () {
        const [loss, gradient] = yield* valueAndGrad((at: Vector<1000>) =>
          gen(function* () {
            const a = yield* slice(at, { stop: 999 })
            const b = yield* slice(at, { start: 1 })
            return yield* sum(add(mul(square(sub(b, square(a))), 100), square(sub(1, a))))
          }),
        )(x)
        return { loss, gradient }
      }),
    )(spec([1000])),
  ),
  inputs: array([1000], data.W7().x),
  donate: [],
  lossAfterTen: 53362.6,
})

export const workloads: Readonly<Record<string, () => Workload>> = {
  W1: w1,
  W2: w2,
  W3: w3,
  W4: w4,
  W5: w5,
  'W6-512': w6(512),
  'W6-1024': w6(1024),
  'W6-2048': w6(2048),
  W7: w7,
}
