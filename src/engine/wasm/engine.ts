/**
 * The WebAssembly engine: a program becomes one module with one function `step`, over one memory.
 *
 * Program, simplified, to flat list, to items of the loop language, to places in the arena, to one function for each item
 * (so that no function is long: hosts compile long ones slowly), called one after another. Where a primitive has no code,
 * `step` calls back into its row's kernel on views of the memory. What depends on no input is computed when a state starts.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Buffer } from '../../algebra/Algebra.js'
import { F32 } from '../../algebra/F32.js'
import { F64 } from '../../algebra/F64.js'
import { type Flat, flatten, type Value } from '../../compile/flat.js'
import { type Plan, plan, unit } from '../../compile/plan.js'
import { roleOf } from '../../compile/roles.js'
import { schedule } from '../../compile/schedule.js'
import { showItems } from '../../compile/show.js'
import { simplify } from '../../compile/simplify.js'
import { type Failure, fail } from '../../Failure.js'
import { standard } from '../../Program.js'
import { bufferFor, kernelFor, MAX_ELEMENTS } from '../../primitive/evaluate.js'
import type { Attributes } from '../../primitive/Primitive.js'
import { size } from '../../Shape.js'
import type { Program } from '../../Tape.js'
import type { Donation } from '../donation.js'
import type { Engine, Machine, View } from '../Executable.js'
import { assemble, call, type Func, func, i32, imported, memory, type Statement } from './assembler.js'
import { hostFunctions } from './kernels/math/index.js'
import { nestFunction } from './nestCode.js'
import { allocated, compiled, platform, type WasmModule } from './platform.js'

type Scalar = 'f64' | 'f32'

/** Memory can be addressed by 32 bits. */
const MOST_BYTES = 2 ** 32

/** What a program becomes before there is any state of it. */
interface Lowered {
  readonly flat: Flat
  readonly plan: Plan
  readonly constants: ReadonlyMap<number, ArrayLike<number>>
}

const algebraOf = (scalar: Scalar): typeof F64 => (scalar === 'f32' ? F32 : F64)

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

/** The elements that constants need at most: those that depend on no input and are more than another way of reading. */
const constantElements = ({ values }: Flat): number => {
  const moving = new Uint8Array(values.length)
  let elements = 0
  for (const value of values) {
    const { id, primitive, operands, shape } = value
    moving[id] = primitive === 'input' || operands.some((k) => moving[k] === 1) ? 1 : 0
    if (moving[id] === 0 && roleOf(value).kind !== 'view') elements += size(shape)
  }
  return elements
}

const tooLarge = (elements: number, limit: number): E.Either<Failure, never> =>
  fail('TooLarge', `the program needs ${elements} elements of memory; the limit is ${limit}`)

const lowered = (
  program: Program,
  scalar: Scalar,
  limit: number,
  donated: ReadonlyArray<Donation>,
): E.Either<Failure, Lowered> => {
  const simple = simplify({ scalar, inline: 'all', drop: ['label', 'stopGradient', 'variable'] })(program)
  if (E.isLeft(simple)) return simple
  const flat = flatten(simple.right)
  if (E.isLeft(flat)) return flat
  const { values, inputs, outputs } = flat.right
  const fixed = constantElements(flat.right)
  if (fixed > limit) return tooLarge(fixed, limit)
  const constant = constantsOf(flat.right, scalar)
  const scheduled = schedule(flat.right, constant)
  const planned = plan(
    scheduled,
    scalar,
    donated.map(([input, output]) => [inputs[input], outputs[output]]),
  )
  const elements = Math.ceil(planned.bytes / unit(scalar, 'real'))
  if (elements > limit) return tooLarge(elements, limit)
  if (planned.bytes > MOST_BYTES)
    return fail('TooLarge', `the program needs ${planned.bytes} bytes of memory; WebAssembly has ${MOST_BYTES}`)
  const constants = new Map(
    scheduled.constants.filter((id) => size(values[id].shape) > 0).map((id) => [id, constant(id)]),
  )
  return E.right({ flat: flat.right, plan: planned, constants })
}

// ------------------------------------------------------------------------------------------------------ module

/** Calls in one function: longer lists are cut. */
const CALLS = 256

const chained = (name: string, statements: ReadonlyArray<Statement>): Func<[], 'void'> => {
  if (statements.length <= CALLS) return func(name, [], 'void', () => statements) as Func<[], 'void'>
  const parts: Array<Statement> = []
  for (let i = 0; i < statements.length; i += CALLS)
    parts.push(call(chained(`${name}.${i}`, statements.slice(i, i + CALLS))))
  return chained(name, parts)
}

const moduleOf = ({ flat, plan: { items, address, copies } }: Lowered, scalar: Scalar): Uint8Array => {
  const around = {
    scalar,
    address: (value: number) => address.get(value) as number,
    dtype: (value: number) => flat.values[value].dtype,
  }
  const host = imported('host', 'kernel', ['i32'], 'void')
  const statements = items.map((item, i) =>
    item.kind === 'host' ? call(host, i32.const(i)) : call(nestFunction(item, `item${i}`, around)),
  )
  const moves = copies.map(({ from, to }) => {
    const { shape, dtype } = flat.values[from]
    return memory.copy(around.address(to), around.address(from), size(shape) * unit(scalar, dtype))
  })
  return assemble({
    exports: { step: chained('step', [...statements, ...moves]) as Func },
    memory: { pages: 1, from: ['host', 'memory'] },
  })
}

// ------------------------------------------------------------------------------------------------------- state

const viewOf = (buffer: ArrayBuffer, scalar: Scalar, { dtype, shape }: Value, at: number): View => {
  const n = size(shape)
  if (dtype === 'real') return scalar === 'f64' ? new Float64Array(buffer, at, n) : new Float32Array(buffer, at, n)
  return dtype === 'int' ? new Int32Array(buffer, at, n) : new Uint8Array(buffer, at, n)
}

const departs = (stated: ArrayLike<number>, value: ArrayLike<number>): number => {
  for (let i = 0; i < value.length; i++)
    if (value[i] !== stated[i] && !(Number.isNaN(value[i]) && Number.isNaN(stated[i]))) return i
  return -1
}

const machineOf =
  ({ flat, plan: { items, address, bytes }, constants }: Lowered, module: WasmModule, scalar: Scalar) =>
  (): E.Either<Failure, Machine> => {
    const host = platform()
    if (E.isLeft(host)) return host
    const memory = allocated(host.right, bytes)
    if (E.isLeft(memory)) return memory
    const { buffer } = memory.right
    const algebra = algebraOf(scalar)
    const view = (id: number): View => viewOf(buffer, scalar, flat.values[id], address.get(id) ?? 0)
    for (const [id, value] of constants) (view(id) as Float64Array).set(value)

    let refused: E.Either<Failure, never> | null = null
    const kernels = items.map((item) => {
      if (item.kind !== 'host') return () => undefined
      const value = flat.values[item.value]
      const kernel = kernelFor(
        algebra,
        standard.table,
        value,
        value.operands.map((k) => flat.values[k]),
      )
      const operands = item.reads.map(view) as ReadonlyArray<unknown> as ReadonlyArray<Buffer<number>>
      const out = view(item.value) as unknown as Buffer<number>
      if (value.primitive !== 'peek') return () => kernel(operands, out)
      const { value: stated } = value.attributes as unknown as Attributes['peek']
      return () => {
        kernel(operands, out)
        const at = departs(stated.data, out)
        if (at >= 0)
          refused ??= fail(
            'Specialised',
            `peek: the tape is specialised to the value it looked at, and element ${at} differs; ` +
              'record it again at these inputs, or use where()',
            { operation: 'peek' },
          )
      }
    })
    const { exports } = new host.right.Instance(module, {
      host: { memory: memory.right, kernel: (i: number) => kernels[i]() },
      ...hostFunctions,
    })
    const run = exports.step as () => void
    const done: E.Either<Failure, void> = E.right(undefined)
    return E.right({
      inputs: flat.inputs.map(view),
      outputs: flat.outputs.map(view),
      step: () => {
        refused = null
        run()
        return refused ?? done
      },
    })
  }

/**
 * The WebAssembly engine of a program. Fails with `Unsupported` where the host cannot, and with `TooLarge` before it
 * allocates beyond the limit.
 *
 * @category constructors
 * @since 0.1.0
 */
export const wasmEngine = (
  program: Program,
  scalar: Scalar,
  limit: number = MAX_ELEMENTS,
  donated: ReadonlyArray<Donation> = [],
): E.Either<Failure, Engine> => {
  const host = platform()
  if (E.isLeft(host)) return host
  const low = lowered(program, scalar, limit, donated)
  if (E.isLeft(low)) return low
  const module = compiled(host.right, moduleOf(low.right, scalar))
  if (E.isLeft(module)) return module
  const { bytes, bound } = low.right.plan
  return E.right({
    engine: 'wasm',
    footprint: { bytes, bound },
    machine: machineOf(low.right, module.right, scalar),
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
    lowered(program, scalar, Number.POSITIVE_INFINITY, []),
  )
