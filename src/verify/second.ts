/**
 * Second derivatives: the gradient is a function too, recorded on a tape of its own, so all that judges a function's first
 * derivative judges the gradient's. With directions `u` and `v` drawn independently and the Hessian `H`,
 *
 * - reverse over reverse, `<H u, v>`, is held against differences of the gradient, `<g(x + t v), u>`, in double-double, with
 *   the same verdicts and the same blame;
 * - forward over reverse is the adjoint dot test of the gradient, and its complex step another witness;
 * - `<H u, v> = <H v, u>`, by two sweeps of different gradients;
 * - `<H v, v>` is the second derivative of the function's values along `v`, by second differences of fourth order: the one
 *   statement here that knows no rule at all, neither of the first nor of the second derivative.
 *
 * The last two see what the others cannot: a gradient that is right at the point and wrong beside it. They need `u` and `v`
 * to be independent; with both taken from the point, as some checkers do, they say nothing at zero.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { DoubleDouble } from '../algebra/index.js'
import type { Failure } from '../Failure.js'
import { size } from '../Shape.js'
import { directionOf } from './directions.js'
import { type Examined, examine, SUMMING, sweptAlong } from './examined.js'
import { frozen } from './held.js'
import { type Found, judged, worstOf } from './judged.js'
import type { Judgement, SecondOrder } from './model.js'
import { type Line, lineOf, sameBranches } from './oracles/line.js'
import type { Numbers, Problem } from './problem.js'

/** Where the weights of the gradient's entries are drawn: normal ones, apart from all directions. */
const WEIGHTS = 3001

/** The gradient of a problem as a problem: its results are the gradient's entries, weighed. */
const gradientOf = ({ problem, sweep }: Examined, weights: ReadonlyArray<Numbers>): E.Either<Failure, Problem> => {
  const { calculus, program, point, paths, cotangent } = problem
  const given = new Map(sweep.program.inputs.slice(program.inputs.length).map(({ id }, i) => [id, cotangent[i]]))
  const length = program.tape.length
  const origin = Array.from({ length: sweep.program.tape.length }, (_, id) =>
    id < length ? (problem.origin[id] ?? -1) : id,
  )
  const gradient = frozen(
    { calculus, program: { ...sweep.program, inputs: program.inputs, outputs: sweep.gradient }, origin },
    ({ id }) => given.has(id),
    (id) => given.get(id) ?? [],
  )
  return E.isLeft(gradient) ? gradient : E.right({ calculus, paths, point, cotangent: weights, ...gradient.right })
}

interface Curvature {
  readonly value: number
  readonly error: number
}

/** Steps in halvings of the point's size, by factors of 4: second differences lose twice as many digits as first ones. */
const EXPONENTS: Numbers = Array.from({ length: 14 }, (_, i) => 8 + 2 * i)

/**
 * The second derivative along a line: `(16 (f(h) + f(-h)) - (f(2h) + f(-2h)) - 30 f(0)) / 12h²`, of fourth order. Its error is
 * estimated by the difference of two neighbouring steps and what rounding may do, `16 ε / 3h²`.
 */
const curvature = (line: Line, noise: number): Curvature | null => {
  const { add, sub, mul, div, literal } = DoubleDouble
  const base = line.sample(0)
  let last: ReturnType<typeof literal> | null = null
  let before = Number.POSITIVE_INFINITY
  let best: Curvature | null = null
  for (const exponent of EXPONENTS) {
    const h = line.scale * 2 ** -exponent
    const [a, b, c, d] = [h, -h, 2 * h, -2 * h].map(line.sample)
    if (![a, b, c, d].every((p) => p.finite && sameBranches(p.signature, base.signature))) {
      last = null
      before = Number.POSITIVE_INFINITY
      continue
    }
    const near = mul(literal(16), add(a.value, b.value))
    const far = add(add(c.value, d.value), mul(literal(30), base.value))
    const value = div(div(sub(near, far), literal(12)), literal(h * h))
    if (last !== null) {
      const now = Math.abs(sub(value, last).hi)
      // two in a row, the earlier one brought to this step by the order, in case one is small by accident
      const error = Math.max(now, before * 4 ** -4) + (16 * noise) / (3 * h * h)
      if (best === null || error < best.error) best = { value: value.hi, error }
      before = now
    }
    last = value
  }
  return best
}

/**
 * Judges the second derivatives of a problem whose first ones have been examined.
 *
 * @category verification
 * @since 0.1.0
 */
export const secondOrder = (
  first: Examined,
  seed: number,
  directions: number,
): E.Either<Failure, { readonly found: Found; readonly second: SecondOrder }> => {
  const sizes = first.problem.program.inputs.map(({ shape }) => size(shape))
  const u = directionOf(seed, WEIGHTS, sizes)
  const inner = E.chain(examine)(gradientOf(first, u))
  if (E.isLeft(inner)) return inner
  const found: Array<Found> = []
  for (let which = 0; which < directions; which++) {
    const one = judged(inner.right, directionOf(seed, which, sizes))
    if (E.isLeft(one)) return one
    found.push(one.right)
    if (one.right.judgement.verdict.startsWith('WRONG')) break
  }
  const worst = worstOf(found)
  const v = found[0].direction
  const outer = E.chain(examine)(gradientOf(first, v))
  if (E.isLeft(outer)) return outer
  const line = lineOf(first.problem, v)
  if (E.isLeft(line)) return line
  const { precision } = line.right
  const [uv, vu, vv] = [
    sweptAlong(inner.right, v, precision),
    sweptAlong(outer.right, u, precision),
    sweptAlong(outer.right, v, precision),
  ]
  const noise = precision * first.rounding.noise + SUMMING * first.weight
  const bend = curvature(line.right, noise)
  const asymmetry = Math.abs(DoubleDouble.sub(uv.exact, vu.exact).hi)
  const second: SecondOrder = {
    verdict: worst.judgement.verdict,
    judgement: worst.judgement,
    symmetry: { uv: uv.exact.hi, vu: vu.exact.hi, difference: asymmetry, tolerance: uv.slack + vu.slack },
    curvature: {
      exact: vv.exact.hi,
      reference: bend?.value ?? Number.NaN,
      tolerance: bend === null ? Number.NaN : 10 * bend.error + vv.slack,
    },
  }
  const odd = oddity(second)
  if (odd === null || worst.judgement.verdict.startsWith('WRONG')) return E.right({ found: worst, second })
  const judgement: Judgement = { ...worst.judgement, verdict: 'WRONG_RULE', reason: odd }
  return E.right({ found: { ...worst, judgement }, second: { ...second, verdict: 'WRONG_RULE', judgement } })
}

/** What the two statements about the function itself say against the gradient. */
const oddity = ({ symmetry, curvature: { exact, reference, tolerance } }: SecondOrder): string | null => {
  if (symmetry.difference > symmetry.tolerance)
    return 'second derivatives are not symmetric: beside this point the gradient is not that of a function'
  if (Math.abs(exact - reference) > tolerance)
    return 'the gradient does not change as second differences of the function do: beside this point it is wrong'
  return null
}
