/**
 * The WebAssembly engine against the reference evaluator, in both precisions: every primitive by itself, then random
 * programs and their gradients. AGREEMENT_RUNS asks for more of both.
 */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { record, type Shape, spec } from 'wengert'
import type { PrimitiveName } from 'wengert/primitive'
import {
  choices,
  type Drawn,
  directionAt,
  drawing,
  drawnModel,
  emitting,
  type Maker,
  names,
  numbersFor,
  type Palette,
  type SiteOf,
  shapes,
  sketches,
  sources,
  uses,
} from '../../laws/arbitrary/index.js'
import { library } from '../../laws/Law.js'
import { pullback, reals, recorded } from '../../laws/Model.js'
import { guarded } from '../../src/engine/wasm/engine.js'
import { agreement } from './agree.js'
import { right } from './given.js'

const RUNS = Number(process.env.AGREEMENT_RUNS ?? 25)
const PROGRAMS = Number(process.env.AGREEMENT_RUNS ?? 150)
const SEED = Number(process.env.AGREEMENT_SEED ?? 20261121)

const scalars = ['f64', 'f32'] as const

/** Long enough for whole vectors, blocks of them and what is left over. */
const longShapes = fc.oneof(shapes(3, 3), shapes(3, 13), shapes(1, 70))

const sites = (name: PrimitiveName): fc.Arbitrary<SiteOf> =>
  fc.record({ shape: longShapes, choices, source: sources }).map(({ shape, choices: list, source }) => {
    const use = (uses[name] as Maker<PrimitiveName>)(drawing(list), shape)
    return { ...use, primitive: name, source, values: numbersFor(use, source) }
  })

const programs = (palette: Palette, maxLength: number, outputs: number): fc.Arbitrary<Drawn> =>
  fc.record({
    sketch: sketches(palette, maxLength),
    inputs: fc.array(longShapes, { minLength: 1, maxLength: 3 }),
    outputs: fc.integer({ min: 1, max: outputs }),
    source: sources,
  })

/** A primitive as a program of all its operands. */
const siteProgram = ({ primitive, operands, attributes }: SiteOf) =>
  right(
    record((xs: never) => emitting(primitive, xs, attributes) as never)(
      operands.map(({ shape, dtype }) => spec(shape, dtype)) as never,
    ),
  )

describe.each(scalars)('by itself, over %s', (scalar) => {
  it.each(names)('%s is what its row says', (name: PrimitiveName) => {
    fc.assert(
      fc.property(sites(name), (site) => {
        expect(agreement(siteProgram(site as SiteOf), site.values, scalar).differences).toEqual([])
      }),
      { numRuns: RUNS, seed: SEED },
    )
  })
})

describe.each(scalars)('random programs over %s', (scalar) => {
  it.each(['arithmetic', 'tensor', 'any'] as const)('of %s agree', (palette) => {
    let informative = 0
    fc.assert(
      fc.property(programs(palette, 10, 3), (drawn) => {
        const model = drawnModel(drawn)
        const program = recorded(library, reals(model.inputs), model.f)
        const verdict = agreement(program, model.point, scalar)
        informative += verdict.informative
        expect(verdict.differences).toEqual([])
      }),
      { numRuns: PROGRAMS, seed: SEED },
    )
    expect(informative).toBeGreaterThan(PROGRAMS)
  })

  it('have gradients that agree', () => {
    let informative = 0
    fc.assert(
      fc.property(programs('any', 6, 1), (drawn) => {
        const model = drawnModel(drawn)
        const program = pullback(library, model)
        const size = (shape: Shape) => shape.reduce((n, d) => n * d, 1)
        const rest = (program.inputs as ReadonlyArray<{ readonly shape: Shape }>).slice(model.inputs.length)
        const cotangents = rest.map(({ shape }, i) => directionAt(drawn.source.seed, i, size(shape)))
        const verdict = agreement(program, [...model.point, ...cotangents], scalar)
        informative += verdict.informative
        expect(verdict.differences).toEqual([])
      }),
      { numRuns: PROGRAMS, seed: SEED },
    )
    expect(informative).toBeGreaterThan(PROGRAMS)
  })
})

describe.each(scalars)('memory over %s', (scalar) => {
  it('is written nowhere but where values are', () => {
    fc.assert(
      fc.property(programs('any', 8, 2), (drawn) => {
        const model = drawnModel(drawn)
        const { machine, trespass } = right(guarded(recorded(library, reals(model.inputs), model.f), scalar, 64))
        machine.inputs.forEach((view, i) => {
          view.set(model.point[i])
        })
        right(machine.step())
        right(machine.step())
        expect(trespass()).toBe(-1)
      }),
      { numRuns: PROGRAMS, seed: SEED },
    )
  })
})
