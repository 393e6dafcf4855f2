/**
 * A gradient held against central differences of the function itself, entry by entry, with steps and tolerances that
 * follow from the function: no constant is chosen by taste.
 *
 * `D_h = (f(x + h) - f(x - h)) / 2h` differs from `f'` by the truncation `T_h`, of order `h²`, and by rounding.
 *
 * - Rounding. One evaluation of `f` is off by at most `ε = sum_i |a_i| r_i`, where `a_i` is the cotangent of instruction `i`
 *   and `r_i` what that instruction alone may round away (S. Linnainmaa, "Taylor expansion of the accumulated rounding
 *   error", BIT 16, 1976). So `D_h` is off by at most `ε / h`. Where `x + h` is no float64 its rounding counts as one more
 *   instruction.
 * - Truncation. Halving a step quarters `T` and surely halves it, so `|T_h| <= |T_2h - T_h|`, and `|D_2h - D_h|` shows that up to
 *   the rounding `1.5 ε / h` of both. One such difference can be small by accident; the greatest of three consecutive ones
 *   counts, each brought to the present step by the ratio 4 of second order.
 * - The gradient itself is a computed number: its bound comes from evaluating the gradient's tape over `ErrorBound`.
 *
 * Steps are powers of two, from the size of `x` downwards; the one of least bound is taken, which is the optimum
 * `(3 ε / f''')^(1/3)` of J. J. Moré and S. M. Wild, "Estimating derivatives of noisy simulations", ACM TOMS 38 (2012), without
 * an estimate of `f'''`. Steps over which a branch changes (a kink, a jump, another maximum) are not used: across those a
 * difference says nothing about a derivative.
 *
 * What is not finite never agrees. Underflow is not accounted for.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Bounded, ErrorBound, UNIT } from '../algebra/ErrorBound.js'
import { type Buffer, F64 } from '../algebra/index.js'
import { SAFETY } from '../algebra/tolerance.js'
import { type Evaluation, evaluate } from '../engine/index.js'
import { type Failure, fail } from '../Failure.js'
import { type Given, record, standard } from '../Program.js'
import { bufferFor, kernelFor } from '../primitive/evaluate.js'
import type { Calculus } from '../primitive/Recorder.js'
import type { Reverse } from '../Reverse.js'
import { type Shape, show, size, strides } from '../Shape.js'
import { type Instruction, at as instructionAt, type Program } from '../Tape.js'
import * as Tree from '../Tree.js'
import { open, reverseSweep } from '../transform/index.js'
import type { AnyVar, Var } from '../Var.js'
import { worstCase } from './oracles/rounding.js'

/**
 * One entry of a gradient beside its central difference.
 *
 * @category model
 * @since 0.1.0
 */
export interface EntryCheck {
  /** the parameter, as in `layers.0.w`, and the entry's place in it */
  readonly path: string
  readonly index: ReadonlyArray<number>
  readonly analytic: number
  /** NaN where no step gave a finite difference */
  readonly numeric: number
  readonly step: number
  /** the most by which the two may differ */
  readonly tolerance: number
  /** `|analytic - numeric| / tolerance`; infinite where something is not finite */
  readonly ratio: number
}

/**
 * One parameter.
 *
 * @category model
 * @since 0.1.0
 */
export interface ParameterCheck {
  readonly path: string
  readonly shape: Shape
  /** how many entries were compared */
  readonly compared: number
  /** how many were not, because a branch changes within every step */
  readonly skipped: number
  /** the entry of the greatest ratio, if any was compared */
  readonly worst: EntryCheck | null
}

/**
 * A whole gradient.
 *
 * @category model
 * @since 0.1.0
 */
export interface GradientCheck {
  /** the function's value and the bound `ε` on its rounding error */
  readonly value: number
  readonly noise: number
  readonly parameters: ReadonlyArray<ParameterCheck>
  readonly compared: number
  readonly skipped: number
  readonly worst: EntryCheck | null
  /** at least one entry was compared, and none deviates by more than its tolerance */
  readonly agrees: boolean
}

/** The most steps tried for one entry; the search stops earlier, once rounding alone exceeds the best bound. */
const RUNGS = 60

const isReal = (v: AnyVar): boolean => v.dtype === 'real'

/** The value, its gradient, and every instruction between them with its cotangent. */
const swept =
  <P extends Tree.VarTree>(f: (p: P) => Reverse<Var<readonly []>>) =>
  (p: P) =>
    open('centralDifferences', f, p, (recorder, { vars, result, from, until }) => {
      const y: AnyVar = result
      if (y._tag !== 'Var' || y.shape.length !== 0 || !isReal(y))
        return fail('NotScalar', 'centralDifferences: the function must give a real scalar; take its sum or mean', {
          operation: 'centralDifferences',
          shapes: y._tag === 'Var' ? [y.shape] : [],
        })
      const { vocabulary: v, builder } = recorder
      const adjoint = reverseSweep(recorder, from, vars, [[y, v.like(y, 1)]], until)
      if (E.isLeft(adjoint)) return adjoint
      const { cotangents } = adjoint.right
      return E.right({
        value: y,
        gradient: vars.map((x) => cotangents.get(x.id) ?? v.like(x, 0)),
        visited: [...cotangents.keys()].map((id) => builder.at(id) as AnyVar),
        cotangents: [...cotangents.values()],
      })
    })

type Swept = {
  readonly value: AnyVar
  readonly gradient: ReadonlyArray<AnyVar>
  readonly visited: ReadonlyArray<AnyVar>
  readonly cotangents: ReadonlyArray<AnyVar>
}

const exact = (value: number): Bounded => ({ value, error: 0 })

/** `sum_i |a_i| r_i`: what rounding may do to one evaluation of the function, to first order. */
const noiseOf = (
  calculus: Calculus,
  { tape, outputs: { visited, cotangents } }: Program<Tree.VarTree, Swept>,
  { value }: Evaluation<Bounded>,
): number => {
  let noise = 0
  for (const [i, v] of visited.entries()) {
    const instruction = instructionAt(tape, v.id) as Instruction
    const operands = instruction.operands.map((k) => instructionAt(tape, k) as Instruction)
    const given = operands.map((x) => {
      const computed = value(x.id) as Buffer<Bounded>
      return isReal(x) ? Array.from(computed, (b) => exact(b.value)) : computed
    })
    const out = bufferFor(worstCase, instruction.dtype, size(instruction.shape))
    kernelFor(worstCase, calculus.table, instruction, operands)(given, out)
    const cotangent = value(cotangents[i].id) as Buffer<Bounded>
    // an instruction that rounds nothing adds nothing, whatever its cotangent
    for (let j = 0; j < out.length; j++) if (out[j].error !== 0) noise += Math.abs(cotangent[j].value) * out[j].error
  }
  return noise
}

interface Sample {
  readonly value: number
  readonly signature: ReadonlyArray<number>
}

const sameBranches = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): boolean =>
  a.length === b.length && a.every((x, i) => Object.is(x, b[i]))

interface Difference {
  readonly numeric: number
  readonly step: number
  readonly bound: number
}

/** No step can be used: a branch changes within each, or values are not finite. */
type Unusable = 'branch' | 'notFinite'

/** The central difference of least bound at `x`, of a function of that entry alone. */
const bestDifference = (
  f: (x: number) => Sample,
  here: Sample,
  x: number,
  noise: number,
  slope: number,
): Difference | Unusable => {
  let best: Difference | null = null
  let why: Unusable = 'branch'
  // the differences at 8h, 4h and 2h; where a step is unusable they start afresh
  let coarser: ReadonlyArray<number> = []
  const top = 2 ** Math.floor(Math.log2(Math.max(1, Math.abs(x))))
  for (let rung = 0; rung < RUNGS; rung++) {
    const h = top * 2 ** -rung
    const placed = x + h - x === h && x - (x - h) === h ? 0 : UNIT * (Math.abs(x) + h) * Math.abs(slope)
    const rounding = (2.5 * (noise + placed)) / h
    if (x + h === x || (best !== null && rounding >= best.bound)) break
    const right = f(x + h)
    const left = f(x - h)
    const numeric = (right.value - left.value) / (2 * h)
    const smooth = sameBranches(right.signature, here.signature) && sameBranches(left.signature, here.signature)
    if (!smooth || !Number.isFinite(numeric)) {
      if (smooth) why = 'notFinite'
      coarser = []
      continue
    }
    if (coarser.length === 3) {
      const [eight, four, two] = coarser
      const truncation = Math.max(Math.abs(two - numeric), Math.abs(four - two) / 4, Math.abs(eight - four) / 16)
      const bound = truncation + rounding + UNIT * Math.abs(numeric)
      if (best === null || bound < best.bound) best = { numeric, step: h, bound }
    }
    coarser = [...coarser.slice(-2), numeric]
  }
  return best ?? why
}

const indexOf = (flat: number, shape: Shape): ReadonlyArray<number> => {
  const along = strides(shape)
  return shape.map((n, d) => Math.floor(flat / along[d]) % n)
}

/** Numbers that are not finite are never close to anything. */
const ratioOf = (analytic: number, numeric: number, tolerance: number): number => {
  const deviation = Math.abs(analytic - numeric)
  if (!Number.isFinite(deviation) || !Number.isFinite(tolerance)) return Number.POSITIVE_INFINITY
  return deviation === 0 ? 0 : deviation / tolerance
}

const worse = (a: EntryCheck | null, b: EntryCheck | null): EntryCheck | null =>
  a === null || (b !== null && b.ratio > a.ratio) ? b : a

const total = (parameters: ReadonlyArray<ParameterCheck>, count: (p: ParameterCheck) => number): number =>
  parameters.reduce((sum, p) => sum + count(p), 0)

/**
 * Compares the gradient of a scalar model with central differences, at given parameters, entry by entry: some thirty
 * evaluations of the model for each entry. `calculus` says by which rules to differentiate.
 *
 * Fails as recording the model does, and with `NotDifferentiable` for integer or boolean parameters. A gradient that
 * disagrees is no failure but the result.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { mul, sigmoid, sum, tensor, type Var } from 'wengert'
 * import { centralDifferences } from 'wengert/verify'
 *
 * const f = ({ w }: { readonly w: Var<readonly [3]> }) => sum(mul(w, sigmoid(w)))
 * const checked = centralDifferences()(f)({ w: tensor([-1, 0.5, 2]) })
 * assert(isRight(checked) && checked.right.agrees)
 * assert(checked.right.compared === 3 && checked.right.worst !== null && checked.right.worst.ratio <= 1)
 * ```
 *
 * @category oracles
 * @since 0.1.0
 */
export const centralDifferences =
  ({ calculus = standard }: { readonly calculus?: Calculus } = {}) =>
  <P extends Tree.VarTree>(f: (p: P) => Reverse<Var<readonly []>>) =>
  (at: Tree.Inputs<P>): E.Either<Failure, GradientCheck> => {
    const adjoint = record(swept(f), { calculus })(at as Given<P>)
    if (E.isLeft(adjoint)) return adjoint
    const primal = record(f, { calculus })(at as Given<P>)
    if (E.isLeft(primal)) return primal
    const sweep = evaluate(ErrorBound, calculus.table)(adjoint.right)
    if (E.isLeft(sweep)) return sweep
    const forward = evaluate(F64, calculus.table)(primal.right)
    if (E.isLeft(forward)) return forward

    const entries = Tree.flatten(at as Tree.Tree<Tree.Leaf>)
    const point = entries.map(({ leaf }) =>
      typeof leaf === 'number' ? Float64Array.of(leaf) : Float64Array.from('data' in leaf ? leaf.data : []),
    )
    const swung = sweep.right(point.map((data) => Array.from(data, exact)))
    if (E.isLeft(swung)) return swung
    const outputs: Swept = adjoint.right.outputs
    const noise = noiseOf(calculus, adjoint.right, swung.right)

    const sample = (): E.Either<Failure, Sample> =>
      E.map(({ outputs: [y], signature }: Evaluation<number>): Sample => ({ value: y[0], signature: signature() }))(
        forward.right(point),
      )
    const here = sample()
    if (E.isLeft(here)) return here

    const parameters = entries.map(({ path, leaf }, p): ParameterCheck => {
      const shape = typeof leaf === 'number' ? [] : leaf.shape
      const gradient = swung.right.value(outputs.gradient[p].id) as Buffer<Bounded>
      let worst: EntryCheck | null = null
      let skipped = 0
      for (let i = 0; i < gradient.length; i++) {
        const x = point[p][i]
        const { value: analytic, error } = gradient[i]
        const along = (moved: number): Sample => {
          point[p][i] = moved
          const found = sample()
          point[p][i] = x
          return E.isRight(found) ? found.right : { value: Number.NaN, signature: here.right.signature }
        }
        const found = bestDifference(along, here.right, x, noise, analytic)
        if (found === 'branch') {
          skipped++
          continue
        }
        const { numeric, step, bound } =
          found === 'notFinite' ? { numeric: Number.NaN, step: Number.NaN, bound: Number.NaN } : found
        const tolerance = bound + SAFETY * error
        const ratio = ratioOf(analytic, numeric, tolerance)
        worst = worse(worst, { path, index: indexOf(i, shape), analytic, numeric, step, tolerance, ratio })
      }
      return { path, shape, compared: gradient.length - skipped, skipped, worst }
    })
    const worst = parameters.map((p) => p.worst).reduce(worse, null)
    return E.right({
      value: here.right.value,
      noise,
      parameters,
      compared: total(parameters, (p) => p.compared),
      skipped: total(parameters, (p) => p.skipped),
      worst,
      agrees: worst !== null && worst.ratio <= 1,
    })
  }

/**
 * An entry by its name: `layers.0.w[2, 1]`.
 *
 * @category destructors
 * @since 0.1.0
 */
export const entryName = ({ path, index }: Pick<EntryCheck, 'path' | 'index'>): string =>
  `${path}${index.length === 0 && path !== '' ? '' : show(index)}`
