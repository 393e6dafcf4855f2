/**
 * The complex step: `Im f(x + i h) / h` is the derivative of `f` up to `h²`, and no difference is taken, so nothing cancels and
 * `h` can be as small as one likes (W. Squire, G. Trapp, "Using complex variables to estimate derivatives of real
 * functions", SIAM Review 40, 1998). It knows no rule of the table, so it can judge all of them.
 *
 * With `h = 2^-80` the real parts are the float64 values and `h²` is nothing, so imaginary parts only ever meet real ones.
 * That makes one evaluation serve many directions. Of each instruction
 *
 * - what is linear (structural rows, `select`) acts on imaginary parts alone, by its own float64 kernel;
 * - what is bilinear (`mul`, contractions, convolutions) is `f(a, b') + f(a', b)`, by its own kernel;
 * - what is pointwise is evaluated over complex numbers once for each operand that moves, not once for each direction;
 * - what selects chooses by real parts, over complex numbers.
 *
 * Beside the directions go two bounds in one: how large tangents can be along any of them, `M`, and by how much rounding
 * can have moved them, `E`: `E' = |df| E + c u M'` with the number `c` of roundings of one element (running error
 * analysis; N. J. Higham, "Accuracy and Stability of Numerical Algorithms", section 3.3).
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Buffer, Complex, type ComplexNumber, F64, UNIT } from '../../algebra/index.js'
import { evaluate } from '../../engine/index.js'
import type { Failure } from '../../Failure.js'
import { kernelFor, needed } from '../../primitive/evaluate.js'
import type { Primitive, PrimitiveName, Table } from '../../primitive/Primitive.js'
import { size } from '../../Shape.js'
import type { Instruction, Program } from '../../Tape.js'
import { leaves } from '../../Tree.js'
import type { AnyVar } from '../../Var.js'
import { at, bodyOf, type Numbers, type Problem } from '../problem.js'

/**
 * The derivative along a direction, and a bound on the rounding error that it was computed with.
 *
 * @category model
 * @since 0.1.0
 */
export interface Step {
  readonly derivative: number
  readonly error: number
}

type Lane = Buffer<number>

/** The tangents of one value: along each direction, then their sizes `M`, then their errors `E`. */
type Lanes = ReadonlyArray<Lane>

/** A linear map of the operands' tangents, and the same of absolute values, for bounds. */
type Linear = (tangents: ReadonlyArray<Lane | null>, absolute: boolean) => Lane

interface Use {
  readonly table: Table
  readonly instruction: Instruction
  readonly operands: ReadonlyArray<Instruction>
  readonly xs: ReadonlyArray<Buffer<number>>
  /** which operands move */
  readonly moves: ReadonlyArray<boolean>
}

const blank = (length: number): Lane => new Float64Array(length)

const sized = (xs: Buffer<number>): Lane => {
  const out = blank(xs.length)
  for (let i = 0; i < out.length; i++) out[i] = Math.abs(xs[i])
  return out
}

const added = (xs: Lane, ys: Lane): Lane => {
  for (let i = 0; i < xs.length; i++) xs[i] += ys[i]
  return xs
}

/** An instruction's own kernel in float64, with some operands replaced. */
const rerun = ({ table, operands }: Use, instruction: Instruction): ((xs: ReadonlyArray<Buffer<number>>) => Lane) => {
  const kernel = kernelFor(F64, table, instruction, operands)
  return (xs) => {
    const out = blank(size(instruction.shape))
    kernel(xs, out)
    return out
  }
}

/** Linear in all real operands together; padding with a number is affine, and moves nothing. */
const structural = (use: Use): Linear => {
  const { instruction, operands, xs } = use
  const { attributes, primitive } = instruction
  const homogeneous = primitive === 'pad' ? { ...instruction, attributes: { ...attributes, value: 0 } } : instruction
  const kernel = rerun(use, homogeneous)
  const still = operands.map(({ dtype }, k) => (dtype === 'real' ? blank(xs[k].length) : xs[k]))
  return (tangents) => kernel(still.map((x, k) => tangents[k] ?? x))
}

const bilinear = (use: Use): Linear => {
  const { xs } = use
  const kernel = rerun(use, use.instruction)
  const sizes = xs.map(sized)
  return (tangents, absolute) => {
    const given = absolute ? sizes : xs
    return tangents.flatMap((t, k) => (t === null ? [] : [kernel(given.with(k, t))])).reduce(added)
  }
}

/** Steps relative to each number, but no subnormal ones. */
const stepAt = (x: number): number => Math.max(Math.abs(x) * 2 ** -80, 2 ** -900)

type Numbered = Array<ComplexNumber>

const complex = (xs: Buffer<number>, im: (x: number, i: number) => number): Numbered =>
  Array.from(xs as ArrayLike<number>, (x, i) => ({ re: x, im: im(x, i) }))

/** An instruction over complex numbers; what is not real is a plain number there as well. */
const imaginary = (
  { table, instruction, operands, xs }: Use,
  im: (k: number) => (x: number, i: number) => number,
): Numbered => {
  const out = Complex.buffer(size(instruction.shape)) as Numbered
  const given = operands.map(({ dtype }, k) => (dtype === 'real' ? complex(xs[k], im(k)) : xs[k]))
  kernelFor(Complex, table, instruction, operands)(given as ReadonlyArray<Numbered>, out)
  return out
}

const pointwise = (use: Use): Linear => {
  const { xs, moves } = use
  const partials = moves.map((moving, k) =>
    moving
      ? Float64Array.from(
          imaginary(use, (j) => (x) => (j === k ? stepAt(x) : 0)),
          ({ im }, i) => im / stepAt(xs[k][i]),
        )
      : null,
  )
  return (tangents, absolute) => {
    const out = blank(size(use.instruction.shape))
    for (const [k, d] of partials.entries()) {
      const t = tangents[k]
      if (d === null || t === null) continue
      for (let i = 0; i < out.length; i++) out[i] += (absolute ? Math.abs(d[i]) : d[i]) * t[i]
    }
    return out
  }
}

const selecting =
  (use: Use): Linear =>
  (tangents) =>
    Float64Array.from(
      imaginary(use, (k) => (_, i) => tangents[k]?.[i] ?? 0),
      ({ im }) => im,
    )

const linearised = (use: Use): Linear => {
  const { primitive } = use.instruction
  const { family } = use.table[primitive as PrimitiveName] as Primitive
  if (family === 'multilinear' || primitive === 'mul') return bilinear(use)
  if (family === 'structural' || family === 'marker' || primitive === 'select') return structural(use)
  return family === 'pointwise' ? pointwise(use) : selecting(use)
}

/** How often one element is rounded: what it costs, and what partials and products round besides. */
const roundings = ({ table, instruction, operands }: Use): number => {
  const { primitive, attributes, shape } = instruction
  const row = table[primitive as PrimitiveName] as Primitive
  const flops = row.flops({ attributes: attributes as never, operands, result: instruction })
  return flops === 0 ? 0 : 4 + flops / Math.max(1, size(shape))
}

type Pushed = (id: number) => Lanes | null

/** The tangents of a program's values from those of its inputs. */
const push = (
  table: Table,
  program: Program,
  inputs: ReadonlyArray<Buffer<number>>,
  tangents: ReadonlyArray<Lanes | null>,
): E.Either<Failure, Pushed> => {
  const run = evaluate(F64, table)(program)
  if (E.isLeft(run)) return run
  const evaluation = run.right(inputs)
  if (E.isLeft(evaluation)) return evaluation
  const value = (id: number): Buffer<number> => evaluation.right.value(id) as Buffer<number>
  const lanes = new Map<number, Lanes>()
  for (const [i, { id }] of leaves<AnyVar>(program.inputs).entries()) {
    const given = tangents[i]
    if (given !== null) lanes.set(id, given)
  }
  for (const instruction of needed(program)) {
    const { id, primitive, dtype } = instruction
    const operands = instruction.operands.map((k) => at(program, k))
    const moving = operands.map((x) => lanes.get(x.id) ?? null)
    const first = moving.find((m) => m !== null)
    if (first === undefined || dtype !== 'real' || lanes.has(id) || primitive === 'stopGradient') continue
    const xs = operands.map((x) => value(x.id))
    if (primitive === 'call') {
      const inside = push(table, bodyOf(instruction), xs, moving)
      if (E.isLeft(inside)) return inside
      const result = inside.right(bodyOf(instruction).outputs[0].id)
      if (result !== null) lanes.set(id, result)
      continue
    }
    const use = { table, instruction, operands, xs, moves: moving.map((m) => m !== null) }
    const linear = linearised(use)
    const directions = first.length - 2
    const out = first.map((_, l) =>
      linear(
        moving.map((m) => m?.[l] ?? null),
        l >= directions,
      ),
    )
    const [sizes, errors] = out.slice(directions)
    const rounding = UNIT * roundings(use)
    for (let i = 0; i < errors.length; i++) errors[i] += rounding * sizes[i]
    lanes.set(id, out)
  }
  return E.right((id) => lanes.get(id) ?? null)
}

const pushed = (
  { calculus, program, point }: Problem,
  directions: ReadonlyArray<ReadonlyArray<Numbers>>,
): E.Either<Failure, Pushed> => {
  const inputs = point.map((xs): Buffer<number> => Float64Array.from(xs))
  const tangents = inputs.map((xs, i) => {
    const along = directions.map((u): Lane => Float64Array.from(u[i]))
    const largest = blank(xs.length)
    for (const u of along) for (let j = 0; j < largest.length; j++) largest[j] = Math.max(largest[j], Math.abs(u[j]))
    return [...along, largest, blank(xs.length)]
  })
  return push(calculus.table, program, inputs, tangents)
}

/**
 * The tangent of every value along a direction; `null` for what does not move.
 *
 * @category oracles
 * @since 0.1.0
 */
export const tangentsAlong = (
  problem: Problem,
  direction: ReadonlyArray<Numbers>,
): E.Either<Failure, (id: number) => Buffer<number> | null> =>
  E.map((lanes: Pushed) => (id: number) => lanes(id)?.[0] ?? null)(pushed(problem, [direction]))

/** `<c, xs>`, or with absolute values. */
const against = (cotangent: ReadonlyArray<Numbers>, lanes: ReadonlyArray<Lanes | null>, lane: number): number => {
  let sum = 0
  for (const [i, c] of cotangent.entries()) {
    const t = lanes[i]
    if (t === null) continue
    const absolute = lane >= t.length - 2
    for (let j = 0; j < c.length; j++) sum += (absolute ? Math.abs(c[j]) : c[j]) * t[lane][j]
  }
  return sum
}

/**
 * The derivatives of `<c, f(x)>` along several directions. The bound covers rounding on the way from the float64 values, which
 * a reverse sweep in float64 starts from too.
 *
 * @category oracles
 * @since 0.1.0
 */
export const complexSteps = (
  problem: Problem,
  directions: ReadonlyArray<ReadonlyArray<Numbers>>,
): E.Either<Failure, ReadonlyArray<Step>> => {
  const tangents = pushed(problem, directions)
  if (E.isLeft(tangents)) return tangents
  const { program, cotangent } = problem
  const lanes = program.outputs.map(({ id }) => tangents.right(id))
  const terms = cotangent.reduce((n, c) => n + c.length, 0)
  const error =
    against(cotangent, lanes, directions.length + 1) + UNIT * terms * against(cotangent, lanes, directions.length)
  return E.right(directions.map((_, l) => ({ derivative: against(cotangent, lanes, l), error })))
}
