/**
 * From a program to a plan of code: simplified, flat, as items of the loop language, and with places in the arena. What
 * depends on no input is computed here, by the rows' kernels.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Buffer } from '../../algebra/Algebra.js'
import { assembled } from '../../compile/assemble.js'
import { type Flat, flatten, type Value } from '../../compile/flat.js'
import { fused } from '../../compile/fuse.js'
import { hyperbolic } from '../../compile/hyperbolic.js'
import type { Convolve, Item } from '../../compile/Nest.js'
import { type Plan, plan, unit } from '../../compile/plan.js'
import { roleOf } from '../../compile/roles.js'
import { schedule } from '../../compile/schedule.js'
import { showItems } from '../../compile/show.js'
import { simplify } from '../../compile/simplify.js'
import { type Failure, fail } from '../../Failure.js'
import { standard } from '../../Program.js'
import { bufferFor, kernelFor, needed } from '../../primitive/evaluate.js'
import type { Attributes } from '../../primitive/Primitive.js'
import { type Spec, size } from '../../Shape.js'
import type { Program } from '../../Tape.js'
import { type Blas, type Multiplication, multiplicationOf, type Placed } from '../Blas.js'
import type { Donation } from '../donation.js'
import { algebraOf } from '../reference.js'
import type { Part, Threads } from '../Threads.js'
import { convolveKernel, hostKernel, type Kernel, productKernel, productsKernel } from './kernelCode.js'
import { baseline, type Features } from './kernels/features.js'
import type { Scalar } from './kernels/lanes.js'

/** Memory can be addressed by 32 bits. */
const MOST_BYTES = 2 ** 32

/**
 * What a program becomes before there is any state of it.
 *
 * @category model
 * @since 0.1.0
 */
export interface Lowered {
  readonly flat: Flat
  /** the items that have kernels of their own */
  readonly kernels: ReadonlyMap<Item, Kernel>
  /** the products that are left to a library */
  readonly multiplications: ReadonlyMap<Item, Multiplication>
  /** the convolutions whose products are left to it */
  readonly convolutions: ReadonlyMap<Convolve, ReadonlyArray<Placed>>
  /** the items that threads share */
  readonly divisions: ReadonlyMap<Item, ReadonlyArray<Part>>
  /** bytes from the scratch memory of one thread to that of the next */
  readonly stride: number
  readonly plan: Plan
  readonly constants: ReadonlyMap<number, ArrayLike<number>>
}

/** Values that depend on no input, computed when they are asked for. */
const constantsOf = (flat: Flat, scalar: Scalar): ((id: number) => ArrayLike<number>) => {
  const algebra = algebraOf(scalar)
  const known = new Map<number, Buffer<number>>()
  return (id) => {
    const stack = [id]
    while (stack.length > 0) {
      const value = flat.values[stack[stack.length - 1]]
      const missing = value.operands.filter((k) => !known.has(k))
      if (known.has(value.id) || missing.length > 0) {
        if (missing.length > 0) stack.push(...missing)
        else stack.pop()
        continue
      }
      const out = bufferFor(algebra, value.dtype, size(value.shape))
      const operands = value.operands.map((k) => flat.values[k])
      kernelFor(
        algebra,
        standard.table,
        value,
        operands,
      )(
        operands.map((x) => known.get(x.id) as Buffer<number>),
        out,
      )
      known.set(value.id, out)
      stack.pop()
    }
    return known.get(id) as Buffer<number>
  }
}

/** Which values depend on no input. */
const fixedValues = ({ values }: Flat): ReadonlyArray<boolean> => {
  const fixed: Array<boolean> = []
  for (const { primitive, operands } of values) fixed.push(primitive !== 'input' && operands.every((k) => fixed[k]))
  return fixed
}

/** The elements of the values that have to be computed beforehand, with what they are computed from. */
const constantElements = ({ values }: Flat, fixed: ReadonlyArray<boolean>): number => {
  const computed = new Uint8Array(values.length)
  for (const value of values) {
    if (!fixed[value.id] || roleOf(value).kind === 'view') continue
    computed[value.id] = 1
    for (const k of value.operands) computed[k] = 1
  }
  return values.reduce((sum, { id, shape }) => (computed[id] === 1 ? sum + size(shape) : sum), 0)
}

/** The elements of the largest value, wherever it is only passed on or never held at all. */
const largest = (values: ReadonlyArray<Spec>): number =>
  values.reduce((most, { shape }) => Math.max(most, size(shape)), 0)

/**
 * The refusal of a value that is not what a `peek` states, if it is not.
 *
 * @category destructors
 * @since 0.1.0
 */
export const departure = ({ attributes }: Value, found: ArrayLike<number>): E.Either<Failure, never> | null => {
  const { data } = (attributes as unknown as Attributes['peek']).value
  for (let i = 0; i < found.length; i++)
    if (found[i] !== data[i] && !(Number.isNaN(found[i]) && Number.isNaN(data[i])))
      return fail(
        'Specialised',
        `peek: the tape is specialised to the value it looked at, and element ${i} differs; ` +
          'record it again at these inputs, or use where()',
        { operation: 'peek' },
      )
  return null
}

/**
 * The refusal of a program beyond a limit.
 *
 * @category constructors
 * @since 0.1.0
 */
export const tooLarge = (elements: number, limit: number): E.Either<Failure, never> =>
  fail('TooLarge', `the program needs ${elements} elements of memory; the limit is ${limit}`)

/** Scratch memory of two threads is never in one line of a cache, nor in two that are fetched together. */
const LINES = 128

/** The bytes that the greediest part wants for itself, in whole lines. */
const strideOf = (parts: ReadonlyArray<Part>): number =>
  Math.ceil(parts.reduce((most, part) => ('scratch' in part ? Math.max(most, part.scratch) : most), 0) / LINES) * LINES

/**
 * Lowers a program. Fails with `TooLarge` where one of its values, its constants or its arena is beyond the limit: a value
 * that is never held takes no memory, but it takes time.
 *
 * @category constructors
 * @since 0.1.0
 */
export const lowered = (
  program: Program,
  scalar: Scalar,
  limit: number,
  donated: ReadonlyArray<Donation>,
  features: Features,
  blas: Blas | null = null,
  threads: Threads | null = null,
  guard = 0,
): E.Either<Failure, Lowered> => {
  const before = largest(needed(program))
  if (before > limit) return tooLarge(before, limit)
  const simple = simplify({ scalar, inline: 'all', drop: ['label', 'stopGradient', 'variable'] })(program)
  if (E.isLeft(simple)) return simple
  const flat = E.map((given: Flat) => hyperbolic(assembled(given)))(flatten(simple.right))
  if (E.isLeft(flat)) return flat
  const { values, inputs, outputs } = flat.right
  const fixed = fixedValues(flat.right)
  const least = Math.max(largest(values), constantElements(flat.right, fixed))
  if (least > limit) return tooLarge(least, limit)
  const constant = constantsOf(flat.right, scalar)
  for (const value of values) {
    const refused = fixed[value.id] && value.primitive === 'peek' ? departure(value, constant(value.id)) : null
    if (refused !== null) return refused
  }
  const scheduled = fused(schedule(flat.right, constant))
  const kernels = new Map<Item, Kernel>()
  const multiplications = new Map<Item, Multiplication>()
  const convolutions = new Map<Convolve, ReadonlyArray<Placed>>()
  const divisions = new Map<Item, ReadonlyArray<Part>>()
  for (const item of scheduled.items) {
    const multiplication = blas === null || item.kind !== 'product' ? null : multiplicationOf(blas, scalar, item)
    if (multiplication !== null) {
      multiplications.set(item, multiplication)
      continue
    }
    if (blas !== null && item.kind === 'convolve') {
      const kernel = productsKernel(features, scalar, item, scheduled.flat)
      if (kernel !== null) {
        kernels.set(item, kernel)
        convolutions.set(item, kernel.products)
        continue
      }
    }
    const parts = threads === null ? null : threads.divide(features, scalar, item, scheduled.flat)
    if (parts !== null) divisions.set(item, parts)
    else if (item.kind === 'product') kernels.set(item, productKernel(features, scalar, item))
    else if (item.kind === 'convolve') kernels.set(item, convolveKernel(features, scalar, item, flat.right))
    else if (item.kind === 'host') {
      const kernel = hostKernel(features, scalar, item, flat.right)
      if (kernel !== null) kernels.set(item, kernel)
    }
  }
  const alone = [...kernels.values()].reduce((most, { scratch }) => Math.max(most, scratch), 0)
  const stride = strideOf([...divisions.values()].flat())
  const planned = plan(
    scheduled,
    scalar,
    donated.map(([input, output]) => [inputs[input], outputs[output]]),
    Math.max(alone, stride * (threads === null ? 0 : threads.count)),
    guard,
  )
  const elements = Math.ceil(planned.bytes / unit(scalar, 'real'))
  if (elements > limit) return tooLarge(elements, limit)
  if (planned.bytes > MOST_BYTES)
    return fail('TooLarge', `the program needs ${planned.bytes} bytes of memory; WebAssembly has ${MOST_BYTES}`)
  const constants = new Map(
    scheduled.constants.filter((id) => size(values[id].shape) > 0).map((id) => [id, constant(id)]),
  )
  return E.right({
    flat: scheduled.flat,
    kernels,
    multiplications,
    convolutions,
    divisions,
    stride,
    plan: planned,
    constants,
  })
}

/**
 * The items that the WebAssembly engine runs for a program, as text.
 *
 * @category printing
 * @since 0.1.0
 */
export const showSchedule = (program: Program, scalar: Scalar = 'f64'): E.Either<Failure, string> =>
  E.map(({ flat, plan: { items } }: Lowered) => showItems(flat, items))(
    lowered(program, scalar, Number.POSITIVE_INFINITY, [], baseline),
  )
