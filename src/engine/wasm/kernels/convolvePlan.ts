/**
 * How a convolution is computed (see `src/primitive/convolve.ts` for what it is): a plan for each spatial dimension.
 *
 * In one dimension, position `p` and kernel element `j` meet input element `q` where
 *
 *     q * inputDilation = p * stride + j * kernelDilation - low
 *
 * Holes in the input would be multiplied as zeros. Instead the positions are split into *phases*, `p = f + period * t`: all
 * positions of a phase meet the same kernel elements `j = j0 + jStep * u`, and there `q = q0 + t * qStep + u * qTap` without
 * holes. A gradient of a strided convolution, which is a convolution with a dilated input, costs no more that way than the
 * convolution itself.
 *
 * @since 0.1.0
 */

/**
 * A convolution, one entry for each spatial dimension.
 *
 * @category model
 * @since 0.1.0
 */
export interface Geometry {
  readonly input: ReadonlyArray<number>
  readonly kernel: ReadonlyArray<number>
  readonly output: ReadonlyArray<number>
  readonly strides: ReadonlyArray<number>
  readonly low: ReadonlyArray<number>
  readonly inputDilation: ReadonlyArray<number>
  readonly kernelDilation: ReadonlyArray<number>
}

/**
 * The positions `first + period * t`, `t < count`, of one dimension, and what they meet.
 *
 * @category model
 * @since 0.1.0
 */
export interface Phase {
  readonly first: number
  readonly period: number
  readonly count: number
  /** the kernel elements `j0 + jStep * u`, `u < taps` */
  readonly j0: number
  readonly jStep: number
  readonly taps: number
  /** the input element `q0 + t * qStep + u * qTap`, which may lie outside of the input */
  readonly q0: number
  readonly qStep: number
  readonly qTap: number
}

/**
 * A dimension: its phases, and how many zeros must stand before and behind the input so that all of them are inside.
 *
 * @category model
 * @since 0.1.0
 */
export interface Axis {
  readonly phases: ReadonlyArray<Phase>
  readonly before: number
  readonly behind: number
}

const gcd = (m: number, n: number): number => (n === 0 ? m : gcd(n, m % n))

const mod = (a: number, n: number): number => ((a % n) + n) % n

/**
 * How many phases a dimension has, positions permitting.
 *
 * @category destructors
 * @since 0.1.0
 */
export const period = ({ strides, inputDilation }: Geometry, d: number): number =>
  inputDilation[d] / gcd(inputDilation[d], strides[d])

/**
 * @category constructors
 * @since 0.1.0
 */
export const axis = (g: Geometry, d: number): Axis => {
  const [stride, low, gap, step] = [g.strides[d], g.low[d], g.inputDilation[d], g.kernelDilation[d]]
  const steps = period(g, d)
  const jStep = gap / gcd(gap, step)
  const phases = Array.from({ length: Math.min(steps, g.output[d]) }, (_, first): Phase => {
    let j0 = 0
    const some = Math.min(jStep, g.kernel[d])
    while (j0 < some && mod(first * stride + j0 * step - low, gap) !== 0) j0++
    const met = j0 < some
    return {
      first,
      period: steps,
      count: Math.ceil((g.output[d] - first) / steps),
      j0: met ? j0 : 0,
      jStep,
      taps: met ? Math.floor((g.kernel[d] - 1 - j0) / jStep) + 1 : 0,
      q0: met ? (first * stride + j0 * step - low) / gap : 0,
      qStep: (steps * stride) / gap,
      qTap: (jStep * step) / gap,
    }
  })
  const met = phases.filter((f) => f.taps > 0)
  return {
    phases,
    before: Math.max(0, ...met.map((f) => -f.q0)),
    behind: Math.max(0, ...met.map((f) => f.q0 + (f.count - 1) * f.qStep + (f.taps - 1) * f.qTap - (g.input[d] - 1))),
  }
}

/**
 * A convolution with its input between zeros.
 *
 * @category model
 * @since 0.1.0
 */
export interface Spread {
  readonly axes: ReadonlyArray<Axis>
  /** of all dimensions together; the first one is the largest */
  readonly phases: ReadonlyArray<ReadonlyArray<Phase>>
  /** the spatial dimensions of the input with its zeros */
  readonly padded: ReadonlyArray<number>
}

/** More phases than this are not worth their code. */
const PHASES = 16

/** The most that padding may multiply an example by, for examples of more bytes than are small. */
const GROWTH = 8
const SMALL = 65536

/**
 * How a convolution is spread out, where one example takes `bytes` without its zeros; null where that would take too much
 * memory or code, or where there is nothing to compute.
 *
 * @category constructors
 * @since 0.1.0
 */
export const spread = (g: Geometry, bytes: number): Spread | null => {
  const size = (shape: ReadonlyArray<number>): number => shape.reduce((product, n) => product * n, 1)
  if (size(g.output) * bytes === 0 || size(g.input.map((_, d) => period(g, d))) > PHASES) return null
  const axes = g.input.map((_, d) => axis(g, d))
  const padded = g.input.map((n, d) => n + axes[d].before + axes[d].behind)
  const growth = size(padded) / size(g.input)
  if (growth > GROWTH && growth * bytes > SMALL) return null
  return { axes, phases: combinations(axes.map((a) => a.phases)), padded }
}

/**
 * All combinations of one phase for each dimension.
 *
 * @category combinators
 * @since 0.1.0
 */
export const combinations = <A>(lists: ReadonlyArray<ReadonlyArray<A>>): ReadonlyArray<ReadonlyArray<A>> =>
  lists.reduce<ReadonlyArray<ReadonlyArray<A>>>(
    (rest, list) => rest.flatMap((head) => list.map((a) => [...head, a])),
    [[]],
  )

/**
 * The products of what follows: how far apart neighbours along each dimension are.
 *
 * @category combinators
 * @since 0.1.0
 */
export const pitches = (shape: ReadonlyArray<number>): ReadonlyArray<number> =>
  shape.map((_, d) => shape.slice(d + 1).reduce((product, n) => product * n, 1))
