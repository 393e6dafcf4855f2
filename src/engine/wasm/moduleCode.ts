/**
 * A lowered program as one WebAssembly module. Every item is a function, so that no function is long: hosts compile long
 * ones slowly. Nests that differ only in where their values stand are one function of their addresses.
 *
 * @since 0.1.0
 */
import { unit } from '../../compile/plan.js'
import { type DType, size } from '../../Shape.js'
import {
  assemble,
  call,
  type Func,
  func,
  i32,
  imported,
  type Local,
  memory,
  type Statement,
  when,
} from './assembler.js'
import type { Scalar } from './kernels/lanes.js'
import type { Lowered } from './lower.js'
import { nestFunction, type Shape, shapeOf, sharedFunction } from './nestCode.js'

/** Pages of memory at most. */
const PAGES = 65536

/** Calls in one function: longer lists are cut. */
const CALLS = 256

const chained = (name: string, statements: ReadonlyArray<Statement>): Func<[], 'void'> => {
  if (statements.length <= CALLS) return func(name, [], 'void', () => statements) as Func<[], 'void'>
  const parts: Array<Statement> = []
  for (let i = 0; i < statements.length; i += CALLS)
    parts.push(call(chained(`${name}.${i}`, statements.slice(i, i + CALLS))))
  return chained(name, parts)
}

/** The one of these statements that the number says, found by halving. */
const chosen = (which: Local<'i32'>, statements: ReadonlyArray<Statement>, first = 0): Statement => {
  if (statements.length === 1) return statements[0]
  const half = statements.length >> 1
  return when(
    i32.lt_s(which, first + half),
    [chosen(which, statements.slice(0, half), first)],
    [chosen(which, statements.slice(half), first + half)],
  )
}

/**
 * The bytes of the module of a lowered program: `step`, which runs its items one after another. It imports its memory, and
 * from `host` the `kernel` of an item by its position. Where threads share items the memory is shared, `divided` is imported,
 * which takes the number of a job, and `job0`, `job1`, ... are exported, each of which computes one part of its item.
 *
 * @category constructors
 * @since 0.1.0
 */
export const moduleOf = (
  { flat, kernels, divisions, plan: { items, address, scratch, copies } }: Lowered,
  scalar: Scalar,
): Uint8Array => {
  const at = (value: number): number => address.get(value) as number
  const dtype = (value: number): DType => flat.values[value].dtype
  // an item, or its parts
  const pieces = items.map((item) => divisions.get(item) ?? [item])
  const shapes = pieces.map((list) => list.map((piece) => ('nodes' in piece ? shapeOf(piece, at, dtype) : null)))
  const times = new Map<string, number>()
  for (const shape of shapes.flat()) if (shape !== null) times.set(shape.key, (times.get(shape.key) ?? 0) + 1)
  const shared = new Map<string, Func<ReadonlyArray<'i32'>, 'void'>>()
  const host = imported('host', 'kernel', ['i32'], 'void')
  const divided = imported('host', 'divided', ['i32'], 'void')

  const running = (shape: Shape, i: number): Statement => {
    const types = shape.values.map(({ value }) => dtype(value))
    const starts = shape.values.map(({ value, offset }) => at(value) + offset * unit(scalar, dtype(value)))
    if (times.get(shape.key) === 1) return call(nestFunction(shape, `item${i}`, scalar, starts, types))
    const known = shared.get(shape.key) ?? sharedFunction(shape, `items${i}`, scalar, types)
    shared.set(shape.key, known)
    return call(known, ...starts)
  }
  const jobs: Array<Func> = []
  const statements = items.map((item, i) => {
    const parts = divisions.get(item)
    if (parts !== undefined) {
      const part = (p: number, space: Local<'i32'>): Statement => {
        const piece = parts[p]
        return 'code' in piece ? piece.code(at, space) : running(shapes[i][p] as Shape, i)
      }
      const job = func(`job${i}`, ['i32', 'i32'], 'void', (which, space) => [
        chosen(
          which,
          parts.map((_, p) => part(p, space)),
        ),
      ])
      return call(divided, jobs.push(job as Func) - 1)
    }
    const [shape] = shapes[i]
    return shape === null ? (kernels.get(item)?.code(at, scratch) ?? call(host, i)) : running(shape, i)
  })
  const moves = copies.map(({ from, to }) => {
    const { shape, dtype } = flat.values[from]
    return memory.copy(at(to), at(from), size(shape) * unit(scalar, dtype))
  })
  return assemble({
    exports: {
      step: chained('step', [...statements, ...moves]) as Func,
      ...Object.fromEntries(jobs.map((job, k) => [`job${k}`, job])),
    },
    memory: { pages: 1, from: ['host', 'memory'], ...(divisions.size > 0 ? { most: PAGES, shared: true } : {}) },
  })
}
