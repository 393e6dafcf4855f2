/**
 * Holds the WebAssembly engine against the reference evaluator: every output within what any engine may be off.
 */

import type { AnyVar } from 'wengert'
import { compile, evaluate, type Program } from 'wengert'
import { type Primitive, type PrimitiveName, primitives } from 'wengert/primitive'
import { at, type Instruction } from 'wengert/Tape'
import { leaves, unflatten } from 'wengert/Tree'
import { tensorOf } from '../../laws/arbitrary/index.js'
import { right } from './given.js'
import { SPREADS, type Spread } from './spread.js'

/** What the first-order bounds leave out, and the reference's own errors. */
const SAFETY = 4

/** Primitives whose branches join continuously: a wrong branch there is no more wrong than the numbers compared. */
const CONTINUOUS: ReadonlySet<string> = new Set<PrimitiveName>([
  ...(['abs', 'max', 'min', 'reduceMax', 'reduceMin', 'reduceWindow', 'sort', 'topK'] as const),
])

type Numbers = ReadonlyArray<number>

/** Where numbers with errors decide a branch otherwise than their values do. */
const undecided = (program: Program, value: (id: number) => ArrayLike<Spread> | undefined): boolean => {
  const seen = new Uint8Array(program.tape.length)
  const stack = leaves<AnyVar>(program.outputs).map(({ id }) => id)
  while (stack.length > 0) {
    const id = stack.pop() as number
    if (seen[id] === 1) continue
    seen[id] = 1
    const instruction = at(program.tape, id) as Instruction
    stack.push(...instruction.operands)
    if (instruction.primitive === 'call') return true
    const row = primitives[instruction.primitive as PrimitiveName] as Primitive
    if (row.branches === null || CONTINUOUS.has(row.name)) continue
    const operands = instruction.operands.map((k) => at(program.tape, k) as Instruction)
    const numbers = operands.map((operand) => {
      const found = Array.from(value(operand.id) as ArrayLike<Spread>)
      return operand.dtype === 'real' ? found : found.map((x) => ({ value: x as unknown as number, error: 0, size: 0 }))
    })
    if (numbers.every((xs) => xs.every(({ error }) => error === 0))) continue
    if (numbers.some((xs) => xs.some(({ error }) => !Number.isFinite(error)))) return true
    const branch = row.branches
    const site = { attributes: instruction.attributes as never, operands, result: instruction }
    const moved = (sign: (k: number, i: number) => number): string =>
      branch(
        site,
        numbers.map((xs, k) => xs.map(({ value: x, error }, i) => x + sign(k, i) * SAFETY * error)),
      ).join()
    const plain = moved(() => 0)
    for (const sign of [
      () => 1,
      () => -1,
      (k: number) => (k === 0 ? 1 : -1),
      (k: number) => (k === 0 ? -1 : 1),
      (_: number, i: number) => (i % 2 === 0 ? 1 : -1),
      (_: number, i: number) => (i % 2 === 0 ? -1 : 1),
    ])
      if (moved(sign) !== plain) return true
  }
  return false
}

export interface Verdict {
  /** what differs, in words; empty where nothing does */
  readonly differences: ReadonlyArray<string>
  /** outputs compared with a tolerance that says something */
  readonly informative: number
}

/** Runs a program on numbers for its inputs, by the WebAssembly engine and over the bounds. */
export const agreement = (program: Program, point: ReadonlyArray<Numbers>, scalar: 'f64' | 'f32'): Verdict => {
  const inputs = leaves<AnyVar>(program.inputs)
  const algebra = SPREADS[scalar]
  const rounded = (x: number): number => (scalar === 'f32' ? Math.fround(x) : x)
  const bounds = right(
    right(evaluate(algebra)(program))(
      inputs.map(({ dtype }, i) =>
        dtype === 'real' ? point[i].map((x) => ({ value: rounded(x), error: 0, size: Math.abs(x) })) : point[i],
      ) as never,
    ),
  )
  const executable = right(compile({ engine: 'wasm', scalar })(program))
  const tensors = inputs.map((v, i) => tensorOf(v, point[i]))
  const given = right(unflatten(program.inputs as never, tensors))
  const results = leaves(right(executable.run(given as never)) as never) as ReadonlyArray<{
    readonly data: ArrayLike<number>
  }>
  const again = leaves(right(executable.run(given as never)) as never) as typeof results
  const differences: Array<string> = []
  let informative = 0
  if (undecided(program, bounds.value)) return { differences, informative }
  const huge = scalar === 'f32' ? 2 ** 127 : 2 ** 1023
  leaves<AnyVar>(program.outputs).forEach((v, o) => {
    const wanted = bounds.outputs[o]
    for (let i = 0; i < wanted.length; i++) {
      const x = results[o].data[i]
      const where = `output ${o}[${i}] (${v.dtype})`
      if (!Object.is(x, again[o].data[i])) differences.push(`${where} is ${x}, then ${again[o].data[i]}`)
      if (v.dtype !== 'real') {
        informative++
        if (x !== (wanted[i] as unknown as number)) differences.push(`${where} is ${x}, not ${wanted[i]}`)
        continue
      }
      const { value, error } = wanted[i]
      // what is beyond the range of the precision, or on its edge, may or may not have become infinite on the way
      if (!Number.isFinite(error) || !Number.isFinite(value) || Math.abs(value) > huge) {
        if (error === 0 && !Object.is(x, value) && Math.abs(value) > Number.MAX_VALUE)
          differences.push(`${where} is ${x}, not ${value}`)
        continue
      }
      if (SAFETY * error <= 2 ** -8 * Math.abs(value)) informative++
      if (!(Math.abs(x - value) <= 2 * SAFETY * error || x === value))
        differences.push(`${where} is ${x}, not ${value} within ${error}`)
    }
  })
  return { differences, informative }
}
