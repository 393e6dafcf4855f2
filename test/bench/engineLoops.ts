/**
 * The small workloads as a person writes them in JavaScript: loops over typed arrays, the gradient by hand.
 */
import { data, RATES } from './engineData.js'
import type { Stepper } from './engineStepper.js'

const perceptron = (name: 'W1' | 'W2', inputs: number, hidden: number): Stepper => {
  const { x, y, w1, b1, w2, b2 } = data[name]()
  const examples = y.length
  const rate = RATES[name]
  const squashed = name === 'W2'
  const [g1, gb, g2, h] = [new Float64Array(w1.length), b1.slice(), w2.slice(), new Float64Array(hidden)]
  let loss = 0
  const step = (): void => {
    g1.fill(0)
    gb.fill(0)
    g2.fill(0)
    let last = 0
    loss = 0
    for (let n = 0; n < examples; n++) {
      for (let j = 0; j < hidden; j++) h[j] = b1[j]
      for (let i = 0; i < inputs; i++) {
        const v = x[n * inputs + i]
        for (let j = 0; j < hidden; j++) h[j] += v * w1[i * hidden + j]
      }
      let z = b2[0]
      for (let j = 0; j < hidden; j++) {
        h[j] = 1 / (1 + Math.exp(-h[j]))
        z += h[j] * w2[j]
      }
      const p = squashed ? 1 / (1 + Math.exp(-z)) : z
      const e = p - y[n]
      const weight = squashed ? 1 : 1 / examples
      loss += weight * e * e
      const dz = 2 * weight * e * (squashed ? p * (1 - p) : 1)
      last += dz
      for (let j = 0; j < hidden; j++) {
        g2[j] += dz * h[j]
        h[j] = dz * w2[j] * h[j] * (1 - h[j])
        gb[j] += h[j]
      }
      for (let i = 0; i < inputs; i++) {
        const v = x[n * inputs + i]
        for (let j = 0; j < hidden; j++) g1[i * hidden + j] += v * h[j]
      }
    }
    for (let k = 0; k < w1.length; k++) w1[k] -= rate * g1[k]
    for (let j = 0; j < hidden; j++) {
      b1[j] -= rate * gb[j]
      w2[j] -= rate * g2[j]
    }
    b2[0] -= rate * last
  }
  return { step, loss: () => loss }
}

const rosenbrock = (): Stepper => {
  const { x } = data.W7()
  const gradient = new Float64Array(x.length)
  let loss = 0
  const step = (): void => {
    gradient.fill(0)
    loss = 0
    for (let i = 0; i < x.length - 1; i++) {
      const a = x[i]
      const e = x[i + 1] - a * a
      const u = 1 - a
      loss += 100 * e * e + u * u
      gradient[i] += -400 * a * e - 2 * u
      gradient[i + 1] += 200 * e
    }
  }
  return { step, loss: () => loss }
}

export const loops: Readonly<Record<string, () => Stepper>> = {
  W1: () => perceptron('W1', 13, 10),
  W2: () => perceptron('W2', 3, 4),
  W7: rosenbrock,
}
