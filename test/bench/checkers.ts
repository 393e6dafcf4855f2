/**
 * Gradient checkers in common use, re-implemented from their documentation and sources with the constants they have by
 * default, for a side-by-side comparison. What they draw at random is drawn from the generator given here, not from
 * theirs; everything else is as published. They see float64 only, as they would in their own libraries.
 */

export type Numbers = ReadonlyArray<number>

/** A differentiated function, results and parameters as lists of flat arrays. */
export interface Case {
  readonly point: ReadonlyArray<Numbers>
  readonly f: (xs: ReadonlyArray<Numbers>) => ReadonlyArray<Numbers>
  /** the pullback at the point */
  readonly pull: (cotangents: ReadonlyArray<Numbers>) => ReadonlyArray<Numbers>
  /** the pushforward at the point */
  readonly push: (tangents: ReadonlyArray<Numbers>) => ReadonlyArray<Numbers>
}

/** Random numbers that follow from a seed. */
export interface Draws {
  /** between 0 and 1 */
  readonly uniform: () => number
  /** standard normal */
  readonly normal: () => number
}

/** Whether a checker accepts the derivatives of a case. */
export type Checker = (given: Case, draws: Draws) => boolean

const dot = (xs: Numbers, ys: Numbers): number => xs.reduce((sum, x, j) => sum + x * ys[j], 0)

const total = (xs: Numbers): number => xs.reduce((sum, x) => sum + x, 0)

/** `point + t * direction`. */
const moved = (point: ReadonlyArray<Numbers>, direction: ReadonlyArray<Numbers>, t: number): ReadonlyArray<Numbers> =>
  point.map((xs, i) => xs.map((x, j) => x + t * direction[i][j]))

/** Central difference of all results. */
const central = ({ point, f }: Case, direction: ReadonlyArray<Numbers>, step: number): ReadonlyArray<Numbers> => {
  const [after, before] = [f(moved(point, direction, step)), f(moved(point, direction, -step))]
  return after.map((ys, i) => ys.map((y, j) => (y - before[i][j]) / (2 * step)))
}

/** `a` is the number checked and `b` the reference: `|a - b| <= atol + rtol |b|`; no NaN is close to anything. */
const close = (a: number, b: number, atol: number, rtol: number): boolean =>
  a === b || (Number.isFinite(b) && Math.abs(a - b) <= atol + rtol * Math.abs(b))

const TORCH = { eps: 1e-6, atol: 1e-5, rtol: 1e-3 } as const

/** Zeros but for one entry. */
const unit = (like: ReadonlyArray<Numbers>, at: number, entry: number): ReadonlyArray<Numbers> =>
  like.map((xs, i) => xs.map((_, j) => (i === at && j === entry ? 1 : 0)))

/** Zeros but for one array. */
const only = (like: ReadonlyArray<Numbers>, at: number, value: Numbers): ReadonlyArray<Numbers> =>
  like.map((xs, i) => (i === at ? value : xs.map(() => 0)))

/**
 * `torch.autograd.gradcheck(fast_mode=False)`: the whole Jacobian, numerical columns against analytical rows.
 * https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html (eps=1e-06, atol=1e-05,
 * rtol=0.001), `torch/autograd/gradcheck.py`: `_slow_gradcheck`, `_get_numerical_jacobian`.
 */
export const torchSlow: Checker = (given) => {
  const { point, f, pull } = given
  const values = f(point)
  const rows = values.map((ys, o) => ys.map((_, r) => pull(unit(values, o, r))))
  return point.every((xs, i) =>
    xs.every((_, j) => {
      const column = central(given, unit(point, i, j), TORCH.eps)
      return values.every((ys, o) => ys.every((_, r) => close(rows[o][r][i][j], column[o][r], TORCH.atol, TORCH.rtol)))
    }),
  )
}

/** `_vec_from_tensor`: non-negative, of length 1. */
const torchVector = (xs: Numbers, { uniform }: Draws): Numbers => {
  const drawn = xs.map(uniform)
  const norm = Math.sqrt(dot(drawn, drawn))
  return drawn.map((x) => x / norm)
}

/**
 * `torch.autograd.gradcheck(fast_mode=True)`: `v' J u` for each pair of a result and a parameter, with `atol` times
 * `sum(u) sum(v)`. `torch/autograd/gradcheck.py`: `_fast_gradcheck`, `_make_vectors`, `_vec_from_tensor`, `_adjusted_atol`;
 * https://docs.pytorch.org/docs/stable/notes/gradcheck.html.
 */
export const torchFast: Checker = (given, draws) => {
  const { point, f, pull } = given
  const values = f(point)
  const us = point.map((xs) => torchVector(xs, draws))
  const vs = values.map((ys) => torchVector(ys, draws))
  const pulled = vs.map((v, o) => pull(only(values, o, v)))
  return us.every((u, i) => {
    const numerical = central(given, only(point, i, u), TORCH.eps)
    return vs.every((v, o) =>
      close(dot(pulled[o][i], u), dot(numerical[o], v), TORCH.atol * total(u) * total(v), TORCH.rtol),
    )
  })
}

const JAX = { eps: 1e-4, tolerance: 1e-5 } as const

/** `numpy.testing.assert_allclose(a, b, atol * a.size, rtol * b.size)`, in which NaN equals NaN. */
const allClose = (as: Numbers, bs: Numbers): boolean =>
  as.every(
    (a, j) =>
      (Number.isNaN(a) && Number.isNaN(bs[j])) || close(a, bs[j], JAX.tolerance * as.length, JAX.tolerance * bs.length),
  )

/**
 * `jax.test_util.check_grads(f, args, order=1)`, modes forward and reverse, float64: one normal tangent, and one normal
 * cotangent. https://docs.jax.dev/en/latest/_autosummary/jax.test_util.check_grads.html, `jax/_src/public_test_util.py`:
 * `EPS = 1e-4`, `default_gradient_tolerance` (float64: 1e-5), `check_jvp`, `check_vjp`, `_assert_numpy_close` (tolerances
 * times the number of elements).
 */
export const jaxCheckGrads: Checker = (given, { normal }) => {
  const { point, f, pull, push } = given
  const tangent = point.map((xs) => xs.map(normal))
  const numerical = central(given, tangent, JAX.eps)
  if (!push(tangent).every((ts, o) => allClose(ts, numerical[o]))) return false
  const cotangent = f(point).map((ys) => ys.map(normal))
  const gradient = pull(cotangent)
  const pulled = total(tangent.map((t, i) => dot(t, gradient[i])))
  const pushed = total(numerical.map((t, o) => dot(t, cotangent[o])))
  return allClose([pulled], [pushed])
}

const TAYLOR = [0, 1, 2, 3].map((i) => 0.01 / 2 ** i)

/**
 * `pyadjoint.taylor_test(J, m, h) > 1.9`: the least of three rates at which `|J(m + eps h) - J(m) - eps dJ h|` falls.
 * `pyadjoint/verification.py`: `taylor_test`, `convergence_rates`; the assertion is the documentation's,
 * https://www.dolfin-adjoint.org/en/latest/documentation/verification.html. Results that are not one number are weighed with
 * normal ones, and the direction is normal, as is usual.
 */
export const taylorTest: Checker = ({ point, f, pull }, { normal }) => {
  const values = f(point)
  const weights = values.length === 1 && values[0].length === 1 ? [[1]] : values.map((ys) => ys.map(normal))
  const functional = (ys: ReadonlyArray<Numbers>): number => total(ys.map((y, o) => dot(y, weights[o])))
  const direction = point.map((xs) => xs.map(normal))
  const gradient = pull(weights)
  const slope = total(direction.map((h, i) => dot(h, gradient[i])))
  const base = functional(values)
  const remainders = TAYLOR.map((eps) => Math.abs(functional(f(moved(point, direction, eps))) - base - eps * slope))
  const rates = [1, 2, 3].map((i) => Math.log(remainders[i] / remainders[i - 1]) / Math.log(TAYLOR[i] / TAYLOR[i - 1]))
  // a rate that is not a number fails the assertion
  return rates.every((rate) => rate > 1.9)
}

export const checkers: ReadonlyArray<readonly [string, Checker]> = [
  ['torch gradcheck, slow', torchSlow],
  ['torch gradcheck, fast', torchFast],
  ['JAX check_grads', jaxCheckGrads],
  ['Taylor test > 1.9', taylorTest],
]
