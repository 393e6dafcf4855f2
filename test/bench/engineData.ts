/**
 * The numbers that every system starts from, by a linear congruential generator of 32 bits, so that all of them agree on
 * the loss after ten steps.
 */

/** `n` numbers from `low * scale` to `scale`. */
export const numbers = (n: number, scale: number, seed: number, low = -1): Float64Array => {
  let state = seed >>> 0
  return Float64Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return scale * (low + (1 - low) * (state / 2 ** 32))
  })
}

/** One-hot labels of ten classes: example `i` is of class `7 i mod 10`. */
const labels = (examples: number): Float64Array =>
  Float64Array.from({ length: examples * 10 }, (_, k) => (k % 10 === (Math.floor(k / 10) * 7) % 10 ? 1 : 0))

const separated = () => {
  const x = numbers(500 * 3, 1, 11)
  return { x, y: Float64Array.from({ length: 500 }, (_, i) => (x[3 * i] + x[3 * i + 1] > 0 ? 1 : 0)) }
}

/** Row-major arrays; images are `[N, C, H, W]`, kernels `[O, I, H, W]`. */
export const data = {
  W1: () => ({
    x: numbers(16 * 13, 1, 1),
    y: numbers(16, 1, 2),
    w1: numbers(13 * 10, 0.3, 3),
    b1: numbers(10, 0.1, 4),
    w2: numbers(10, 0.3, 5),
    b2: numbers(1, 0.1, 6),
  }),
  W2: () => ({
    ...separated(),
    w1: numbers(3 * 4, 1, 12),
    b1: numbers(4, 0.1, 13),
    w2: numbers(4, 1, 14),
    b2: numbers(1, 0.1, 15),
  }),
  W3: () => ({
    x: numbers(100 * 784, 1, 21, 0),
    t: labels(100),
    w1: numbers(784 * 128, 0.05, 22),
    b1: numbers(128, 0.05, 23),
    w2: numbers(128 * 10, 0.1, 24),
    b2: numbers(10, 0.05, 25),
  }),
  W4: () => ({
    x: numbers(64 * 784, 1, 31, 0),
    t: labels(64),
    k1: numbers(8 * 25, 0.2, 32),
    c1: numbers(8, 0.05, 33),
    k2: numbers(16 * 8 * 9, 0.1, 34),
    c2: numbers(16, 0.05, 35),
    wd: numbers(784 * 10, 0.05, 36),
    bd: numbers(10, 0.05, 37),
  }),
  W5: () => ({
    x: numbers(50 * 16 * 32, 1, 41),
    wx: numbers(32 * 256, 0.15, 42),
    wh: numbers(64 * 256, 0.15, 43),
    b: numbers(256, 0.05, 44),
  }),
  W7: () => ({ x: numbers(1000, 1, 51) }),
} as const

/** Learning rates. Adam's is small: what is measured is the work, and the network shall stay where it is. */
export const RATES = { W1: 0.1, W2: 0.01, W3: 1e-6, W4: 1e-6, W5: 0.1 } as const
