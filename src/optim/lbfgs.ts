/**
 * L-BFGS: minimising a function of all its data by its gradient and what the last steps tell about its curvature
 * (J. Nocedal, "Updating quasi-Newton matrices with limited storage", 1980).
 *
 * It evaluates as often as it likes in one step, so it is not a transformation of one gradient but an unfold outside the
 * tape: `step` takes a state to the next one and remembers nothing itself. The order of operations and the defaults are
 * those of PyTorch's `LBFGS`, whose `step` is one step here: at most `iterations` iterations, each a direction and either
 * a fixed distance or a line search.
 *
 * Laws. Taking `m + n` steps is taking `m` and going on for `n`. A stationary point stays where it is.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'
import { type AnyTensor, type Tensor, unsafeMake } from '../Tensor.js'
import * as Tree from '../Tree.js'
import { type Probe, strongWolfe } from './lineSearch.js'

/**
 * The value of a function and its gradient: `jit(valueAndGrad(loss))`, say.
 *
 * @category model
 * @since 0.1.0
 */
export type Objective<P> = (parameters: P) => E.Either<Failure, readonly [Tensor<readonly []>, P]>

/**
 * @category model
 * @since 0.1.0
 */
export interface LbfgsOptions {
  /** the distance to go along a direction, or to begin a search with; 1 unless given */
  readonly rate?: number
  /** iterations in one step, 20 unless given */
  readonly iterations?: number
  /** evaluations in one step, 5/4 of the iterations unless given */
  readonly evaluations?: number
  /** at which greatest entry of the gradient a point counts as stationary, 1e-7 unless given */
  readonly toleranceGradient?: number
  /** which change of a parameter or of the value counts as none, 1e-9 unless given */
  readonly toleranceChange?: number
  /** how many steps are remembered, 100 unless given */
  readonly history?: number
  /** how far to go: always `rate`, or by a search for the strong Wolfe conditions; a search unless given */
  readonly lineSearch?: 'strongWolfe' | 'none'
}

/** What a move told about the curvature: the change of the gradient, the move and `1 / <change, move>`. */
interface Pair {
  readonly change: Float64Array
  readonly move: Float64Array
  readonly weight: number
}

/**
 * What is remembered between iterations.
 *
 * @category model
 * @since 0.1.0
 */
export interface Memory {
  readonly direction: Float64Array
  readonly distance: number
  readonly pairs: ReadonlyArray<Pair>
  /** the diagonal of the first guess of the inverse Hessian */
  readonly diagonal: number
  readonly gradient: Float64Array
}

/**
 * Where a minimisation is.
 *
 * @category model
 * @since 0.1.0
 */
export interface LbfgsState<P> {
  readonly parameters: P
  /** the value at the point evaluated last, which is the parameters' after a line search; null before the first step */
  readonly loss: number | null
  /** all iterations and evaluations so far */
  readonly iterations: number
  readonly evaluations: number
  readonly memory: Memory | null
  /** whether the last step ended at a stationary point or without progress */
  readonly converged: boolean
}

/**
 * @category model
 * @since 0.1.0
 */
export interface Lbfgs {
  readonly start: <P extends Tree.TensorTree>(parameters: P) => LbfgsState<P>
  readonly step: <P extends Tree.TensorTree>(
    objective: Objective<P>,
  ) => (state: LbfgsState<P>) => E.Either<Failure, LbfgsState<P>>
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

/** `a + k b`. */
const plus = (a: Float64Array, k: number, b: Float64Array): Float64Array => a.map((x, i) => x + k * b[i])

const greatest = (a: Float64Array): number => a.reduce((most, x) => Math.max(most, Math.abs(x)), 0)

const flat = (tree: Tree.TensorTree): Float64Array =>
  Float64Array.from(Tree.leaves<AnyTensor>(tree).flatMap(({ data }) => [...data]))

const shaped = <P extends Tree.TensorTree>(like: P, numbers: Float64Array): P => {
  let from = 0
  return Tree.map((t: AnyTensor) => {
    const end = from + t.data.length
    const piece = unsafeMake([...t.shape], 'real', numbers.slice(from, end))
    from = end
    return piece
  })(like) as unknown as P
}

/** The inverse Hessian, as far as the pairs tell, times minus the gradient: the two-loop recursion. */
const descent = (gradient: Float64Array, pairs: ReadonlyArray<Pair>, diagonal: number): Float64Array => {
  let d: Float64Array = gradient.map((x) => -x)
  const shares = new Float64Array(pairs.length)
  for (let i = pairs.length - 1; i >= 0; i--) {
    const { change, move, weight } = pairs[i]
    shares[i] = dot(move, d) * weight
    d = plus(d, -shares[i], change)
  }
  d = d.map((x) => x * diagonal)
  for (const [i, { change, move, weight }] of pairs.entries()) d = plus(d, shares[i] - dot(change, d) * weight, move)
  return d
}

/** Below it a pair says nothing reliable about the curvature. */
const LEAST_CURVATURE = 1e-10

const firstMemory = (gradient: Float64Array, rate: number): Memory => ({
  direction: gradient.map((x) => -x),
  distance: Math.min(1, 1 / gradient.reduce((sum, x) => sum + Math.abs(x), 0)) * rate,
  pairs: [],
  diagonal: 1,
  gradient,
})

const nextMemory = (memory: Memory, gradient: Float64Array, rate: number, history: number): Memory => {
  const change = plus(gradient, -1, memory.gradient)
  const move = memory.direction.map((x) => x * memory.distance)
  const curvature = dot(change, move)
  const told = curvature > LEAST_CURVATURE
  const pairs = told ? [...memory.pairs, { change, move, weight: 1 / curvature }].slice(-history) : memory.pairs
  const diagonal = told ? curvature / dot(change, change) : memory.diagonal
  return { direction: descent(gradient, pairs, diagonal), distance: rate, pairs, diagonal, gradient }
}

/**
 * The minimiser with some options. Fails with `InvalidArgument` on options out of range, with `NonFinite` where the value
 * at the parameters is no number, and as the objective does.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { add, jit, mul, square, scalar, sub, valueAndGrad, type Var } from 'wengert'
 * import { lbfgs } from 'wengert/optim'
 *
 * type Point = { readonly x: Var<readonly []>; readonly y: Var<readonly []> }
 * // the valley of Rosenbrock, with its minimum at (1, 1)
 * const valley = ({ x, y }: Point) => add(square(sub(1, x)), mul(square(sub(y, square(x))), 100))
 * const { start, step } = lbfgs({ iterations: 100, toleranceChange: 0 })
 * const end = step(jit((p: Point) => valueAndGrad(valley)(p)))(start({ x: scalar(-1.2), y: scalar(1) }))
 * assert(isRight(end) && end.right.converged && end.right.loss !== null && end.right.loss < 1e-15)
 * ```
 *
 * @category minimisers
 * @since 0.1.0
 */
export const lbfgs = (options: LbfgsOptions = {}): Lbfgs => {
  const { rate = 1, iterations = 20, evaluations = Math.floor((iterations * 5) / 4), history = 100 } = options
  const { toleranceGradient = 1e-7, toleranceChange = 1e-9, lineSearch = 'strongWolfe' } = options

  const wrong = (
    [
      ['rate', rate, rate >= 0 && Number.isFinite(rate)],
      ['iterations', iterations, Number.isSafeInteger(iterations) && iterations > 0],
      ['evaluations', evaluations, Number.isSafeInteger(evaluations) && evaluations > 0],
      ['history', history, Number.isSafeInteger(history) && history > 0],
      ['toleranceGradient', toleranceGradient, toleranceGradient >= 0],
      ['toleranceChange', toleranceChange, toleranceChange >= 0],
    ] as const
  ).find(([_, __, holds]) => !holds)

  return {
    start: (parameters) => ({
      parameters,
      loss: null,
      iterations: 0,
      evaluations: 0,
      memory: null,
      converged: false,
    }),
    step: (objective) => (state) => {
      if (wrong !== undefined)
        return fail('InvalidArgument', `lbfgs: ${wrong[0]} cannot be ${wrong[1]}`, { operation: 'lbfgs' })
      const evaluate = (point: Float64Array): E.Either<Failure, readonly [number, Float64Array]> =>
        E.map(
          ([value, gradient]: readonly [Tensor<readonly []>, Tree.TensorTree]) =>
            [value.data[0], flat(gradient)] as const,
        )(objective(shaped(state.parameters, point)))
      let point = flat(state.parameters)
      const first = evaluate(point)
      if (E.isLeft(first)) return first
      let [loss, gradient] = first.right
      if (!Number.isFinite(loss))
        return fail('NonFinite', `lbfgs: the loss is ${loss} at the parameters given`, { operation: 'lbfgs' })
      let made = 1
      let round = 0
      let memory = state.memory
      let converged = greatest(gradient) <= toleranceGradient
      while (!converged && round < iterations && (round === 0 || made < evaluations)) {
        round++
        const next = memory === null ? firstMemory(gradient, rate) : nextMemory(memory, gradient, rate, history)
        memory = next
        const { direction, distance } = next
        const slope = dot(gradient, direction)
        if (slope > -toleranceChange) {
          converged = true
          break
        }
        const before = loss
        if (lineSearch === 'none') {
          point = plus(point, distance, direction)
          // after the last iteration nobody would look at it
          if (round === iterations) break
          const there = evaluate(point)
          if (E.isLeft(there)) return there
          ;[loss, gradient] = there.right
          made++
        } else {
          const origin = point
          const probe = (t: number): E.Either<Failure, Probe> =>
            E.map(([value, g]: readonly [number, Float64Array]) => ({
              distance: t,
              value,
              gradient: g,
              slope: dot(g, direction),
            }))(evaluate(plus(origin, t, direction)))
          const here = { distance: 0, value: loss, gradient, slope }
          const found = strongWolfe(probe, here, distance, greatest(direction), toleranceChange, evaluations - made)
          if (E.isLeft(found)) return found
          const end = found.right.probe
          memory = { ...next, distance: end.distance }
          point = plus(point, end.distance, direction)
          loss = end.value
          gradient = end.gradient
          made += found.right.evaluations
        }
        converged =
          greatest(gradient) <= toleranceGradient ||
          greatest(direction) * memory.distance <= toleranceChange ||
          Math.abs(loss - before) < toleranceChange
      }
      return E.right({
        parameters: shaped(state.parameters, point),
        loss,
        iterations: state.iterations + round,
        evaluations: state.evaluations + made,
        memory,
        converged,
      })
    },
  }
}
