import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type AnyVar, add, compile, gen, mul, type Program, record, spec, sum, tensor, type Var } from 'wengert'
import { equals, hash } from 'wengert/Tape'
import { draw, sketches } from '../../../laws/arbitrary/index.js'
import { remembering } from '../../../src/engine/wasm/remember.js'
import { right } from '../given.js'

type Long = Var<readonly [100]>

const scaled = (constants: ReadonlyArray<number>): Program =>
  right(record((x: Long) => sum(mul(x, tensor(constants) as never)))(spec([100]))) as unknown as Program

/** A hundred ones, but for one place. */
const ones = (place: number, value: number): ReadonlyArray<number> =>
  Array.from({ length: 100 }, (_, i) => (i === place ? value : 1))

/** Answers are numbered in the order in which they were made. */
const numbering = (answers: number, bytes = Number.POSITIVE_INFINITY, weigh: () => number = () => 0) => {
  let made = 0
  const ask = remembering<number>({ answers, bytes }, weigh)
  return (program: Program, settings: ReadonlyArray<unknown> = []): number =>
    right(ask(program, settings, () => E.right(made++)))
}

describe('remembering', () => {
  it('knows a program again, whoever recorded it', () => {
    const ask = numbering(10)
    expect([ones(0, 2), ones(1, 2), ones(0, 2), ones(1, 2)].map((list) => ask(scaled(list)))).toEqual([0, 1, 0, 1])
  })

  it('tells constants apart by their bits, wherever they differ', () => {
    const ask = numbering(10)
    const different = [ones(99, 0), ones(99, -0), ones(99, Number.NaN), ones(98, 0), ones(99, Number.MIN_VALUE)]
    const asked = different.map((list) => ask(scaled(list)))
    expect(asked).toEqual([0, 1, 2, 3, 4])
    expect(different.map((list) => ask(scaled(list)))).toEqual(asked)
  })

  it('tells apart what one tape is asked for, and how', () => {
    const ask = numbering(10)
    const both = right(
      record((x: Long) =>
        gen(function* () {
          return { a: yield* mul(x, 2), b: yield* add(x, 2) }
        }),
      )(spec([100])),
    )
    const { a, b } = both.outputs
    const swapped = { ...both, outputs: { a: b, b: a } } as unknown as Program
    const one = { ...both, outputs: a } as unknown as Program
    const programs = [both as unknown as Program, swapped, one]
    expect(programs.map((program) => ask(program))).toEqual([0, 1, 2])
    const library = {}
    const settings = [['f64'], ['f32'], ['f64', library], ['f64', {}]]
    expect(settings.map((list) => ask(programs[0], list))).toEqual([3, 4, 5, 6])
    expect(settings.slice(0, 3).map((list) => ask(programs[0], list))).toEqual([3, 4, 5])
  })

  it('keeps those used last', () => {
    const ask = numbering(2)
    const [a, b, c] = [0, 1, 2].map((place) => scaled(ones(place, 2)))
    expect([a, b, a, c, a, b].map((program) => ask(program))).toEqual([0, 1, 0, 2, 0, 3])
  })

  it('keeps no more than fits, and the last one whatever its size', () => {
    const [a, b, c] = [0, 1, 2].map((place) => scaled(ones(place, 2)))
    const two = numbering(10, 200_000, () => 90_000)
    expect([a, b, a, b, c, a].map((program) => two(program))).toEqual([0, 1, 0, 1, 2, 3])
    const one = numbering(10, 0)
    expect([a, a, b, a].map((program) => one(program))).toEqual([0, 0, 1, 2])
  })

  it('does not keep failures', () => {
    const ask = remembering<number>({ answers: 2, bytes: 1e9 }, () => 0)
    const program = scaled(ones(0, 2))
    const failure = { _tag: 'Unsupported', message: 'not here' } as never
    expect(ask(program, [], () => E.left(failure))).toEqual(E.left(failure))
    expect(ask(program, [], () => E.right(1))).toEqual(E.right(1))
  })

  it('gives one answer to two recordings of a random model, and two to two models', () => {
    const programOf = (sketch: Parameters<typeof draw>[0], inputs: ReadonlyArray<readonly number[]>): Program =>
      right(record(draw(sketch, 1) as (p: ReadonlyArray<AnyVar>) => never)(inputs.map((s) => spec(s)))) as never
    fc.assert(
      fc.property(sketches('any'), sketches('any'), (one, other) => {
        const ask = numbering(4)
        const inputs = [[2, 3], [3]] as const
        const [a, again, b] = [one, one, other].map((sketch) => programOf(sketch, inputs))
        expect(equals(a.tape, again.tape)).toBe(true)
        expect(hash(a.tape)).toBe(hash(again.tape))
        expect([ask(a), ask(again)]).toEqual([0, 0])
        expect(ask(b)).toBe(equals(a.tape, b.tape) ? 0 : 1)
      }),
      { numRuns: 50 },
    )
  })
})

describe('two recordings of one program', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('share a module and no memory', () => {
    const host = (globalThis as unknown as { readonly WebAssembly: { readonly Module: () => void } }).WebAssembly
    const modules = vi.spyOn(host, 'Module')
    const start = () => right(right(compile()(scaled(ones(7, 1 / 7)))).start(tensor(ones(0, 1)) as never))
    const [a, b] = [start(), start()] as unknown as ReadonlyArray<{
      readonly inputs: Float64Array
      readonly outputs: Float64Array
      readonly step: () => unknown
    }>
    expect(modules).toHaveBeenCalledTimes(1)
    a.inputs.fill(0)
    a.step()
    b.step()
    expect([a.outputs[0], b.outputs[0]]).toEqual([0, 99 + 1 / 7])
  })
})
