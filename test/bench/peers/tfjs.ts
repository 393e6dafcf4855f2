/**
 * The workloads on TensorFlow.js with its WebAssembly backend, which has no gradient of convolutions.
 */
import { dirname } from 'node:path'
import { data, numbers, RATES } from '../engineData.js'
import type { Stepper } from '../engineStepper.js'
import { channelsLast, peer, rowsChannelsLast, singles } from './peer.js'

console.warn = () => undefined

export const stepper = async (workload: string): Promise<Stepper> => {
  const tf = peer('@tensorflow/tfjs')
  const backend = peer('@tensorflow/tfjs-backend-wasm')
  backend.setWasmPaths(`${dirname(peer.resolve('@tensorflow/tfjs-backend-wasm'))}/`)
  await tf.setBackend('wasm')
  await tf.ready()
  tf.enableProdMode()

  const t = (a: ArrayLike<number>, shape: ReadonlyArray<number>) => tf.tensor(singles(a), shape)
  const v = (a: ArrayLike<number>, shape: ReadonlyArray<number>) => tf.variable(t(a, shape))
  let last: any = null
  const keep = (loss: any): void => {
    last?.dispose()
    last = loss
  }
  const loss = (): number => last.dataSync()[0]
  const training = (optimiser: any, f: () => any): Stepper => ({ step: () => keep(optimiser.minimize(f, true)), loss })

  if (workload === 'W1' || workload === 'W2') {
    const d = data[workload]()
    const [inputs, hidden] = workload === 'W1' ? [13, 10] : [3, 4]
    const x = t(d.x, [d.y.length, inputs])
    const y = t(d.y, [d.y.length, 1])
    const [w1, b1, w2, b2] = [v(d.w1, [inputs, hidden]), v(d.b1, [hidden]), v(d.w2, [hidden, 1]), v(d.b2, [1])]
    const out = () => x.matMul(w1).add(b1).sigmoid().matMul(w2).add(b2)
    return training(
      tf.train.sgd(RATES[workload]),
      workload === 'W1' ? () => out().sub(y).square().mean() : () => out().sigmoid().sub(y).square().sum(),
    )
  }
  if (workload === 'W3') {
    const d = data.W3()
    const [x, y] = [t(d.x, [100, 784]), t(d.t, [100, 10])]
    const [w1, b1, w2, b2] = [v(d.w1, [784, 128]), v(d.b1, [128]), v(d.w2, [128, 10]), v(d.b2, [10])]
    return training(tf.train.adam(RATES.W3), () =>
      tf.losses.softmaxCrossEntropy(y, x.matMul(w1).add(b1).relu().matMul(w2).add(b2)),
    )
  }
  if (workload === 'W4') {
    const d = data.W4()
    const [x, y] = [t(d.x, [64, 28, 28, 1]), t(d.t, [64, 10])]
    const k1 = tf.variable(tf.tensor(channelsLast(d.k1, [8, 1, 5, 5]), [5, 5, 1, 8]))
    const k2 = tf.variable(tf.tensor(channelsLast(d.k2, [16, 8, 3, 3]), [3, 3, 8, 16]))
    const wd = tf.variable(tf.tensor(rowsChannelsLast(d.wd, [16, 7, 7], 10), [784, 10]))
    const [c1, c2, bd] = [v(d.c1, [8]), v(d.c2, [16]), v(d.bd, [10])]
    return training(tf.train.adam(RATES.W4), () => {
      const one = tf.conv2d(x, k1, 2, 'same').add(c1).relu()
      const two = tf.conv2d(one, k2, 2, 'same').add(c2).relu()
      return tf.losses.softmaxCrossEntropy(y, two.reshape([64, 784]).matMul(wd).add(bd))
    })
  }
  if (workload === 'W5') {
    const d = data.W5()
    const xs = t(d.x, [50, 16, 32]).unstack(0)
    const [wx, wh, b] = [v(d.wx, [32, 256]), v(d.wh, [64, 256]), v(d.b, [256])]
    return training(tf.train.sgd(RATES.W5), () => {
      let [h, c] = [tf.zeros([16, 64]), tf.zeros([16, 64])]
      for (const x of xs) {
        const [i, f, g, o] = tf.split(x.matMul(wx).add(b).add(h.matMul(wh)), 4, 1)
        c = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()))
        h = o.sigmoid().mul(c.tanh())
      }
      return h.square().mean()
    })
  }
  if (workload === 'W7') {
    const x = t(data.W7().x, [1000])
    const both = tf.valueAndGrad((at: any) => {
      const [a, b] = [at.slice(0, 999), at.slice(1, 999)]
      return b.sub(a.square()).square().mul(100).add(tf.scalar(1).sub(a).square()).sum()
    })
    const step = (): void => {
      const { value, grad } = tf.tidy(() => both(x))
      grad.dispose()
      keep(value)
    }
    return { step, loss }
  }
  const n = Number(workload.split('-')[1])
  const [a, b] = [t(numbers(n * n, 1, 1), [n, n]), t(numbers(n * n, 1, 2), [n, n])]
  return { step: () => tf.matMul(a, b).dispose(), loss: () => null }
}
