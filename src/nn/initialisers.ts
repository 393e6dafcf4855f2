/**
 * How weights start: draws from an explicit key for a shape and its fans.
 *
 * The fan-in is the number of inputs that one output sums over and the fan-out the number of outputs that one input
 * reaches: `in` and `out` for a dense layer `[in, out]`, `channels / groups * kernel` and `outputs * kernel` for a convolution
 * `[outputs, channels / groups, ...kernel]`, as in PyTorch.
 *
 * @since 0.1.0
 */
import type { Key } from '../Random.js'
import { type Shape, size } from '../Shape.js'
import * as T from '../Tensor.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface Fans {
  readonly fanIn: number
  readonly fanOut: number
}

/**
 * The first value of a weight of some shape.
 *
 * @category model
 * @since 0.1.0
 */
export type Initialiser = (key: Key, shape: Shape, fans: Fans) => T.Tensor<Shape>

/**
 * One number everywhere.
 *
 * @category constructors
 * @since 0.1.0
 */
export const constant =
  (value: number): Initialiser =>
  (_, shape) =>
    T.full(shape, value)

/**
 * @category constructors
 * @since 0.1.0
 */
export const zeros: Initialiser = constant(0)

/**
 * @category constructors
 * @since 0.1.0
 */
export const ones: Initialiser = constant(1)

/**
 * Uniform on `(low, high)`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const uniform =
  (low: number, high: number): Initialiser =>
  (key, shape) =>
    T.uniform(key, shape, low, high)

/**
 * Normal with a mean and a standard deviation.
 *
 * @category constructors
 * @since 0.1.0
 */
export const normal =
  (mean = 0, std = 1): Initialiser =>
  (key, shape) =>
    T.normal(key, shape, mean, std)

/** Uniform on `(-bound, bound)`, whose variance is `bound^2 / 3`. */
const within =
  (bound: (fans: Fans) => number): Initialiser =>
  (key, shape, fans) => {
    const most = bound(fans)
    return T.uniform(key, shape, -most, most)
  }

const spread =
  (std: (fans: Fans) => number): Initialiser =>
  (key, shape, fans) =>
    T.normal(key, shape, 0, std(fans))

/**
 * Uniform on `(-1 / sqrt fanIn, 1 / sqrt fanIn)`: how PyTorch starts the weights and biases of its dense and convolutional
 * layers, and so do these. (There it is written as He's with the slope `sqrt 5`.)
 *
 * @category constructors
 * @since 0.1.0
 */
export const fanIn: Initialiser = within((fans) => 1 / Math.sqrt(fans.fanIn))

/**
 * Uniform with the variance `2 / (fanIn + fanOut)`, times `gain^2`, which keeps the size of signals and of gradients
 * (X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010, eq. 16).
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { initialisers } from 'wengert/nn'
 * import { key } from 'wengert/Random'
 *
 * const w = initialisers.glorotUniform()(key(1), [12, 10], { fanIn: 12, fanOut: 10 })
 * assert([...w.data].every((x) => Math.abs(x) < Math.sqrt(6 / 22)))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const glorotUniform = (gain = 1): Initialiser =>
  within(({ fanIn, fanOut }) => gain * Math.sqrt(6 / (fanIn + fanOut)))

/**
 * Normal with the variance `2 / (fanIn + fanOut)`, times `gain^2`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const glorotNormal = (gain = 1): Initialiser =>
  spread(({ fanIn, fanOut }) => gain * Math.sqrt(2 / (fanIn + fanOut)))

/**
 * Uniform with the variance `2 / ((1 + slope^2) fanIn)`, for layers followed by `relu` (slope 0) or `leakyRelu` (K. He et al.,
 * "Delving deep into rectifiers", ICCV 2015, eq. 15).
 *
 * @category constructors
 * @since 0.1.0
 */
export const heUniform = (slope = 0): Initialiser => within((fans) => Math.sqrt(6 / ((1 + slope * slope) * fans.fanIn)))

/**
 * Normal with the variance `2 / ((1 + slope^2) fanIn)`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const heNormal = (slope = 0): Initialiser => spread((fans) => Math.sqrt(2 / ((1 + slope * slope) * fans.fanIn)))

/** Gram and Schmidt: makes the rows orthonormal in place. Each projection is taken twice, which keeps all digits. */
const orthonormalise = (rows: ReadonlyArray<Float64Array>): void => {
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i], 0)
  rows.forEach((row, r) => {
    for (let pass = 0; pass < 2; pass++)
      for (let s = 0; s < r; s++) {
        const along = dot(row, rows[s])
        for (let i = 0; i < row.length; i++) row[i] -= along * rows[s][i]
      }
    const length = Math.sqrt(dot(row, row))
    for (let i = 0; i < row.length; i++) row[i] /= length
  })
}

/**
 * `gain` times a matrix with orthonormal rows or columns, whichever are fewer, uniform among them: the orthogonal factor,
 * with the signs that make it unique, of a matrix of normal draws (A. M. Saxe et al., "Exact solutions to the nonlinear
 * dynamics of learning in deep linear neural networks", ICLR 2014). The matrix is the first dimension by all others.
 *
 * @category constructors
 * @since 0.1.0
 */
export const orthogonal =
  (gain = 1): Initialiser =>
  (key, shape) => {
    const n = shape.length === 0 ? 1 : shape[0]
    const m = n === 0 ? 0 : size(shape) / n
    const [few, many] = [Math.min(n, m), Math.max(n, m)]
    const drawn = Float64Array.from(T.normal(key, [few, many]).data)
    const rows = Array.from({ length: few }, (_, r) => drawn.subarray(r * many, (r + 1) * many))
    orthonormalise(rows)
    const data = new Float64Array(n * m)
    for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) data[i * m + j] = gain * (n <= m ? rows[i][j] : rows[j][i])
    return T.unsafeMake([...shape], 'real', data)
  }
