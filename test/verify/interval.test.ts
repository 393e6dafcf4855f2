import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { interval } from 'wengert/algebra'
import { certainDigits, disprove, encloseGradient } from 'wengert/verify'
import { Broken, library, type Subject } from '../../laws/Law.js'
import { type Model, recorded, reals } from '../../laws/Model.js'
import { factor, sign } from '../../laws/mutants.js'
import type { PrimitiveName } from '../../src/primitive/Primitive.js'
import { size } from '../../src/Shape.js'
import { instructions } from '../../src/Tape.js'
import { judge } from '../../src/verify/classify.js'
import { examine } from '../../src/verify/examined.js'
import { directionOf } from '../../src/verify/directions.js'
import { type Problem, problemOf } from '../../src/verify/problem.js'
import { corpus } from './corpus.js'

const right = <A>(e: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(e)) throw new Error(e.left.message)
  return e.right
}

const problemFor = (subject: Subject, model: Model): Problem | null => {
  try {
    const program = recorded(subject, reals(model.inputs), model.f)
    const cotangent = program.outputs.map((y, i) => directionOf(5, i, [size(y.shape)])[0])
    const made = problemOf(subject.calculus, program, model.inputs.map((_, i) => `x${i}`), model.point, cotangent)
    return E.isLeft(made) ? null : made.right
  } catch (e) {
    if (e instanceof Broken) return null
    throw e
  }
}

const along = (model: Model): ReadonlyArray<ReadonlyArray<number>> =>
  directionOf(1, 1, model.inputs.map((shape) => size(shape)))

/** The rows that a problem differentiates. */
const differentiated = ({ program, calculus }: Problem): ReadonlyArray<PrimitiveName> => [
  ...new Set(
    instructions(program.tape)
      .filter(({ primitive, dtype }) => dtype === 'real' && calculus.table[primitive as PrimitiveName].derivative !== null)
      .map(({ primitive }) => primitive as PrimitiveName),
  ),
]

describe('the interval refuter', () => {
  it.each([
    ['scalar', 3, 150],
    ['smooth', 4, 150],
    ['any', 5, 200],
  ] as const)('never refutes a right gradient: %s programs', (palette, seed, count) => {
    let concluded = 0
    let digits = 0
    for (const model of corpus(palette, seed, count)) {
      const problem = problemFor(library, model)
      if (problem === null) continue
      const found = disprove(problem, along(model))
      if (E.isLeft(found)) continue
      expect(found.right.proof, JSON.stringify(found.right)).toBe(null)
      if (found.right.segments.some(({ conclusion }) => conclusion === 'consistent')) concluded++
      if (found.right.digits > 8) digits++
    }
    console.log(palette, count, 'concluded', concluded, 'more than 8 digits', digits)
  })

  it('proves rule errors of 1e-4 and 1e-2 on smooth programs', () => {
    for (const d of [1e-2, 1e-4, 1e-6]) {
      const mutant = factor(d)
      let occasions = 0
      let proved = 0
      const missed: Array<string> = []
      for (const palette of ['scalar', 'smooth'] as const)
        for (const model of corpus(palette, 11, 100)) {
          const good = problemFor(library, model)
          if (good === null) continue
          const names = differentiated(good)
          const name = names[model.inputs.length % Math.max(1, names.length)]
          if (name === undefined) continue
          const subject = mutant.apply(library, { primitive: name })
          const bad = problemFor(subject, model)
          if (bad === null) continue
          const direction = along(model)
          // an occasion: both gradients are finite along the direction, and differ by a tenth of the mistake
          const [g, b] = [examine(good), examine(bad)]
          if (E.isLeft(g) || E.isLeft(b)) continue
          const [jg, jb] = [judge(g.right, direction), judge(b.right, direction)]
          if (E.isLeft(jg) || E.isLeft(jb) || jg.right.verdict !== 'PASS') continue
          if (!(Math.abs(jg.right.exact - jb.right.exact) > 0.1 * d * Math.abs(jg.right.exact))) continue
          occasions++
          const found = right(disprove(bad, direction))
          if (found.proof !== null) {
            proved++
            expect(found.gap).toBeGreaterThan(0)
          } else missed.push(`${name} ${found.segments.map((s) => s.conclusion).join(',')} ${interval.width(found.segments[0].derivative)} ${jg.right.exact}`)
        }
      console.log(d, 'occasions', occasions, 'proved', proved, missed.slice(0, 12))
    }
  }, 120_000)
  it('proves a wrong sign', () => {
    expect([sign, certainDigits, encloseGradient]).toBeDefined()
  })
})
