/**
 * The workloads on jax-js with its WebAssembly backend: each step jitted as a whole, parameters consumed and given back.
 */
import { data, numbers, RATES } from '../engineData.js'
import type { Stepper } from '../engineStepper.js'
import { peer, singles } from './peer.js'

export const stepper = async (workload: string): Promise<Stepper> => {
  const { numpy: np, nn, lax, valueAndGrad, jit, tree, init, defaultDevice } = peer('@jax-js/jax')
  await init('wasm')
  defaultDevice('wasm')

  const array = (a: ArrayLike<number>, shape: ReadonlyArray<number>) =>
    np.array(singles(a), { shape, dtype: np.float32 }).reshape(shape)
  let last: any = null
  const keep = (loss: any): void => {
    last?.dispose()
    last = loss
    // nothing is computed before it is asked for
    last.ref.dataSync()
  }
  const loss = (): number => last.ref.dataSync()[0]

  const descending = (f: (p: any, x: any, y: any) => any, rate: number, p: any, x: any, y: any): Stepper => {
    const both = valueAndGrad(f)
    const update = jit((q: any, a: any, b: any) => {
      const [value, gradient] = both(tree.ref(q), a, b)
      return [value, tree.map((w: any, g: any) => w.sub(g.mul(rate)), q, gradient)]
    })
    let now = p
    const step = (): void => {
      const [value, next] = update(now, x.ref, y.ref)
      now = next
      keep(value)
    }
    return { step, loss }
  }

  const adapting = (f: (p: any, x: any, y: any) => any, rate: number, p: any, x: any, y: any): Stepper => {
    const both = valueAndGrad(f)
    const update = jit((q: any, m: any, v: any, t: any, a: any, b: any) => {
      const [value, gradient] = both(tree.ref(q), a, b)
      const steps = t.add(1)
      const correction = (decay: number) => np.reciprocal(np.array(1).sub(np.exp(steps.ref.mul(Math.log(decay)))))
      const [first, second] = [correction(0.9), correction(0.999)]
      const means = tree.map((old: any, g: any) => old.mul(0.9).add(g.mul(0.1)), m, tree.ref(gradient))
      const squares = tree.map((old: any, g: any) => old.mul(0.999).add(np.square(g).mul(0.001)), v, gradient)
      const next = tree.map(
        (w: any, mean: any, square: any) =>
          w.sub(
            mean
              .mul(first.ref)
              .mul(rate)
              .div(np.sqrt(square.mul(second.ref)).add(1e-8)),
          ),
        q,
        tree.ref(means),
        tree.ref(squares),
      )
      first.dispose()
      second.dispose()
      return [value, next, means, squares, steps]
    })
    const zeros = () => tree.map((w: any) => np.zerosLike(w.ref), p)
    let now: ReadonlyArray<any> = [p, zeros(), zeros(), np.array(0, { dtype: np.float32 })]
    const step = (): void => {
      const [value, ...next] = update(...now, x.ref, y.ref)
      now = next
      keep(value)
    }
    return { step, loss }
  }

  const dense = (x: any, w: any, b: any) => np.matmul(x, w).add(b)
  const crossEntropy = (z: any, t: any) =>
    t
      .mul(nn.logSoftmax(z))
      .sum()
      .mul(-1 / t.shape[0])

  if (workload === 'W1' || workload === 'W2') {
    const d = data[workload]()
    const [inputs, hidden] = workload === 'W1' ? [13, 10] : [3, 4]
    const p = {
      w1: array(d.w1, [inputs, hidden]),
      b1: array(d.b1, [hidden]),
      w2: array(d.w2, [hidden, 1]),
      b2: array(d.b2, [1]),
    }
    const out = (q: any, x: any) => dense(nn.sigmoid(dense(x, q.w1, q.b1)), q.w2, q.b2)
    const f =
      workload === 'W1'
        ? (q: any, x: any, y: any) => np.square(out(q, x).sub(y)).mean()
        : (q: any, x: any, y: any) => np.square(nn.sigmoid(out(q, x)).sub(y)).sum()
    return descending(f, RATES[workload], p, array(d.x, [d.y.length, inputs]), array(d.y, [d.y.length, 1]))
  }
  if (workload === 'W3') {
    const d = data.W3()
    const p = {
      w1: array(d.w1, [784, 128]),
      b1: array(d.b1, [128]),
      w2: array(d.w2, [128, 10]),
      b2: array(d.b2, [10]),
    }
    const f = (q: any, x: any, t: any) => crossEntropy(dense(nn.relu(dense(x, q.w1, q.b1)), q.w2, q.b2), t)
    return adapting(f, RATES.W3, p, array(d.x, [100, 784]), array(d.t, [100, 10]))
  }
  if (workload === 'W4') {
    const d = data.W4()
    const p = {
      k1: array(d.k1, [8, 1, 5, 5]),
      c1: array(d.c1, [8]),
      k2: array(d.k2, [16, 8, 3, 3]),
      c2: array(d.c2, [16]),
      wd: array(d.wd, [784, 10]),
      bd: array(d.bd, [10]),
    }
    const layer = (x: any, k: any, c: any, n: number) =>
      nn.relu(lax.conv(x, k, [2, 2], 'SAME').add(c.reshape([n, 1, 1])))
    const f = (q: any, x: any, t: any) =>
      crossEntropy(dense(layer(layer(x, q.k1, q.c1, 8), q.k2, q.c2, 16).reshape([64, 784]), q.wd, q.bd), t)
    return adapting(f, RATES.W4, p, array(d.x, [64, 1, 28, 28]), array(d.t, [64, 10]))
  }
  if (workload === 'W5') {
    const d = data.W5()
    const p = { wx: array(d.wx, [32, 256]), wh: array(d.wh, [64, 256]), b: array(d.b, [256]) }
    const f = (q: any, x: any, unused: any) => {
      let h = np.zeros([16, 64], { dtype: np.float32 })
      let c = np.zeros([16, 64], { dtype: np.float32 })
      for (let i = 0; i < 50; i++) {
        const z = np.matmul(x.ref.slice(i), q.wx.ref).add(q.b.ref).add(np.matmul(h, q.wh.ref))
        const [input, forget, gate, output] = np.split(z, 4, 1)
        c = nn
          .sigmoid(forget)
          .mul(c)
          .add(nn.sigmoid(input).mul(np.tanh(gate)))
        h = nn.sigmoid(output).mul(np.tanh(c.ref))
      }
      for (const spent of [x, unused, c, q.wx, q.wh, q.b]) spent.dispose()
      return np.square(h).mean()
    }
    return descending(f, RATES.W5, p, array(d.x, [50, 16, 32]), array([0], [1]))
  }
  if (workload === 'W7') {
    const x = array(data.W7().x, [1000])
    const f = (at: any) => {
      const a = at.ref.slice([0, 999])
      const b = at.slice([1, 1000])
      const rest = np.square(np.array(1, { dtype: np.float32 }).sub(a.ref))
      return np
        .square(b.sub(np.square(a)))
        .mul(100)
        .add(rest)
        .sum()
    }
    const both = jit((at: any) => valueAndGrad(f)(at))
    const step = (): void => {
      const [value, gradient] = both(x.ref)
      gradient.dispose()
      keep(value)
    }
    return { step, loss }
  }
  const n = Number(workload.split('-')[1])
  const [a, b] = [array(numbers(n * n, 1, 1), [n, n]), array(numbers(n * n, 1, 2), [n, n])]
  const multiply = jit((x: any, y: any) => np.matmul(x, y))
  const step = async (): Promise<void> => {
    const c = multiply(a.ref, b.ref)
    await c.blockUntilReady()
    c.dispose()
  }
  return { step, loss: () => null }
}
