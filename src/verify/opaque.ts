/**
 * Checks a claimed gradient of a function of which only float64 values can be had: no tape, no other algebra.
 *
 * Differences along random directions, with steps that adapt to the noise that the function shows. The noise is measured
 * (ECnoise), the truncation estimated from neighbouring steps, and the tolerance is their sum; what a value of the function
 * is worth in float64 is all that can be said, so small mistakes stay unseen, and the report says how small.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { UNIT } from '../algebra/index.js'
import { BLUNT } from '../algebra/tolerance.js'
import { type Failure, fail } from '../Failure.js'
import { type AnyTensor, unsafeMake } from '../Tensor.js'
import * as Tree from '../Tree.js'
import { directionOf } from './directions.js'
import type { Verdict } from './model.js'
import { measuredNoise } from './oracles/noise.js'
import type { Numbers } from './problem.js'

/**
 * A claimed gradient along a direction, judged.
 *
 * @category model
 * @since 0.1.0
 */
export interface OpaqueJudgement {
  readonly verdict: Extract<Verdict, 'PASS' | 'KINK' | 'NOISY_FUNCTION' | 'VACUOUS' | 'INCONCLUSIVE'> | 'WRONG_GRADIENT'
  readonly analytic: number
  readonly reference: number
  readonly step: number
  readonly tolerance: number
  readonly noise: number
}

/**
 * @category model
 * @since 0.1.0
 */
export interface OpaqueReport extends OpaqueJudgement {
  readonly message: string
  readonly seed: number
  /** the smallest relative mistake that the verdict excludes: tolerance over derivative */
  readonly resolution: number
  readonly judgements: ReadonlyArray<OpaqueJudgement>
}

const ORDER: ReadonlyArray<OpaqueJudgement['verdict']> = [
  'WRONG_GRADIENT',
  'KINK',
  'NOISY_FUNCTION',
  'INCONCLUSIVE',
  'PASS',
  'VACUOUS',
]

/** Noise this far above rounding of the value is not rounding: half of float64's digits. */
const ROUGH = 2 ** 26.5

interface Rung {
  readonly value: number
  readonly error: number
  readonly step: number
}

/** Differences at steps from 1/2 of `scale` downwards; `weights` are those of values at `0, h, 2h, ..` or `-h, h`. */
const best = (quotient: (h: number) => number, scale: number, noise: number, gain: number): Rung | null => {
  let found: Rung | null = null
  let coarser: Numbers = []
  for (let exponent = 1; exponent <= 44; exponent++) {
    const h = scale * 2 ** -exponent
    const value = quotient(h)
    if (!Number.isFinite(value)) {
      coarser = []
      continue
    }
    if (coarser.length === 3) {
      // halving a step at least halves its error; three in a row, in case one is small by accident
      const [eight, four, two] = coarser
      const truncation = Math.max(Math.abs(two - value), Math.abs(four - two) / 2, Math.abs(eight - four) / 4)
      const error = truncation + (gain * noise) / h
      if (found === null || error < found.error) found = { value, error, step: h }
    }
    coarser = [...coarser.slice(-2), value]
  }
  return found
}

const judgeOpaque = (f: (t: number) => number, analytic: number, scale: number): OpaqueJudgement => {
  const here = f(0)
  // six standard deviations: what independent errors exceed once in 10^9
  const measured = measuredNoise(f, scale * 2 ** -20)
  const noise = Math.max(6 * (measured ?? 0), 2 * UNIT * Math.abs(here))
  const central = best((h) => (f(h) - f(-h)) / (2 * h), scale, noise, 1.5)
  const said = (
    verdict: OpaqueJudgement['verdict'],
    reference: number,
    step: number,
    tolerance: number,
  ): OpaqueJudgement => ({
    verdict,
    analytic,
    reference,
    step,
    tolerance,
    noise,
  })
  if (central === null || !Number.isFinite(analytic)) return said('INCONCLUSIVE', Number.NaN, Number.NaN, Number.NaN)
  const tolerance = 2 * central.error + 4 * UNIT * Math.abs(analytic)
  const off = Math.abs(analytic - central.value)
  const rough = noise > ROUGH * UNIT * Math.abs(here)
  const { value, step } = central
  const [left, right] = [-1, 1].map((sign) =>
    best((h) => (sign * (4 * f(sign * h) - 3 * here - f(2 * sign * h))) / (2 * h), scale, noise, 4.5),
  )
  const bends = left !== null && right !== null && Math.abs(left.value - right.value) > 4 * (left.error + right.error)
  if (bends) return said('KINK', value, step, tolerance)
  if (!(tolerance <= BLUNT * Math.max(Math.abs(analytic), Math.abs(value))))
    return analytic === 0 && value === 0
      ? said('VACUOUS', value, step, tolerance)
      : said(rough ? 'NOISY_FUNCTION' : 'INCONCLUSIVE', value, step, tolerance)
  if (off > tolerance) return said('WRONG_GRADIENT', value, step, tolerance)
  return said(rough ? 'NOISY_FUNCTION' : 'PASS', value, step, tolerance)
}

const WHY: { readonly [V in OpaqueJudgement['verdict']]: string } = {
  PASS: 'the claimed gradient agrees with differences of the function',
  WRONG_GRADIENT: 'the claimed gradient differs from differences of the function by more than their error',
  KINK: 'the slopes on both sides differ: the function has no derivative here',
  NOISY_FUNCTION:
    'the values carry far more noise than rounding: look for float32, sampling or iterations that stop early',
  VACUOUS: 'every derivative that was compared is zero',
  INCONCLUSIVE: 'no difference is accurate enough to judge by',
}

/**
 * Checks a claimed gradient of a plain function from a tree of tensors to a number, along random directions. The function
 * is called some two hundred times for each.
 *
 * Fails with `Raised` where one of them throws, `StructureMismatch` and `ShapeMismatch` where the gradient does not have the
 * structure of the point, and `InvalidArgument` where the function gives no number or two different ones at one point.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { type AnyTensor, tensor } from 'wengert'
 * import { verifyFunction } from 'wengert/verify'
 *
 * const f = (x: AnyTensor) => Math.sin(x.data[0]) * x.data[1]
 * const claimed = (x: AnyTensor) => tensor([Math.cos(x.data[0]) * x.data[1], Math.sin(x.data[0])])
 * const checked = verifyFunction(f, claimed)(tensor([1, 2]))
 * assert(isRight(checked) && checked.right.verdict === 'PASS' && checked.right.resolution < 1e-6)
 * ```
 *
 * @category verification
 * @since 0.1.0
 */
export const verifyFunction =
  <T extends Tree.TensorTree>(
    f: (point: T) => number,
    gradient: (point: T) => unknown,
    { seed = 1, directions = 2 }: { readonly seed?: number; readonly directions?: number } = {},
  ) =>
  (point: T): E.Either<Failure, OpaqueReport> => {
    const refuse = (tag: Parameters<typeof fail>[0], message: string): E.Either<Failure, never> =>
      fail(tag, `verifyFunction: ${message}`, { operation: 'verifyFunction' })
    const tree = Tree.check(point, 'verifyFunction')
    if (E.isLeft(tree)) return tree
    const leaves = Tree.leaves<AnyTensor>(point)
    if (leaves.every(({ data }) => data.length === 0)) return refuse('InvalidArgument', 'there are no parameters')
    if (leaves.some(({ dtype }) => dtype !== 'real'))
      return refuse('NotDifferentiable', 'only reals have derivatives; capture what is not real')
    try {
      const claimed = gradient(point)
      const same = Tree.checkStructure(point, claimed, 'verifyFunction')
      if (E.isLeft(same)) return same
      const g = Tree.leaves<AnyTensor | number>(claimed as Tree.Tree<AnyTensor | number>).map((leaf) =>
        typeof leaf === 'number' ? [leaf] : Array.from(leaf.data),
      )
      if (g.some((xs, i) => xs.length !== leaves[i].data.length))
        return refuse('ShapeMismatch', 'the claimed gradient does not have the shapes of the point')
      const [first, second] = [f(point), f(point)]
      if (typeof first !== 'number' || !Number.isFinite(first))
        return refuse('InvalidArgument', `the function gives ${String(first)} at the point; a finite number is needed`)
      if (!Object.is(first, second))
        return refuse(
          'InvalidArgument',
          'the function gives two different numbers at one point: it is not deterministic',
        )
      const sizes = leaves.map(({ data }) => data.length)
      const largest = leaves.reduce(
        (most, { data }) => Array.from(data).reduce((m, x) => Math.max(m, Math.abs(x)), most),
        1,
      )
      const scale = 2 ** Math.floor(Math.log2(largest))
      const judgements = Array.from({ length: Math.max(1, directions) }, (_, which) => {
        const u = directionOf(seed, which, sizes)
        const along = (t: number): number => {
          const moved = leaves.map((leaf, i) =>
            unsafeMake(
              leaf.shape,
              'real',
              Float64Array.from(leaf.data, (x, j) => x + t * u[i][j]),
            ),
          )
          const at = Tree.unflatten<Tree.Tree<Tree.Leaf>, AnyTensor>(tree.right, moved)
          return E.isLeft(at) ? Number.NaN : f(at.right as T)
        }
        const analytic = g.reduce((sum, xs, i) => sum + xs.reduce((s, x, j) => s + x * u[i][j], 0), 0)
        return judgeOpaque(along, analytic, scale)
      })
      const worst = [...judgements].sort((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict))[0]
      const resolution = worst.tolerance / Math.abs(worst.reference)
      const message =
        `${worst.verdict}: ${WHY[worst.verdict]}\nclaimed: ${worst.analytic}\nreference: ${worst.reference}, by differences in float64, h = ${worst.step}\n` +
        `difference: ${Math.abs(worst.analytic - worst.reference)}, tolerance ${worst.tolerance}; noise of one value ${worst.noise}\n` +
        `relative mistakes below ${resolution.toPrecision(2)} stay unseen; seed ${seed}`
      return E.right({ ...worst, message, seed, resolution, judgements })
    } catch (e) {
      return refuse('Raised', `it throws: ${e instanceof Error ? e.message : String(e)}`)
    }
  }
