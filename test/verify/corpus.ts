import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { drawnModel, programs } from '../../laws/arbitrary/index.js'
import { library } from '../../laws/Law.js'
import type { Model } from '../../laws/Model.js'
import { record, spec } from '../../src/Program.js'
import type { PrimitiveName } from '../../src/primitive/index.js'
import type { Calculus } from '../../src/primitive/Recorder.js'
import { instructions } from '../../src/Tape.js'
import { unsafeMake } from '../../src/Tensor.js'
import { type Report, type VerifyOptions, verifyGradient } from '../../src/verify/index.js'

/** Random tensor programs, the same for the same seed. */
export const corpus = (
  palette: 'smooth' | 'tensor' | 'scalar' | 'any',
  seed: number,
  count: number,
): ReadonlyArray<Model> =>
  fc.sample(programs(palette, { maxLength: 8, outputs: 2 }), { seed, numRuns: count }).map(drawnModel)

export const pointOf = (model: Model) =>
  model.inputs.map((shape, i) => unsafeMake([...shape], 'real', Float64Array.from(model.point[i])))

export const verified = (model: Model, options: VerifyOptions = {}): E.Either<{ readonly message: string }, Report> =>
  verifyGradient(model.f as never, options)(pointOf(model) as never)

/** The primitives that a program differentiates, with how many real operands each has. */
export const primitivesOf = (model: Model): ReadonlyArray<PrimitiveName> => {
  const program = record(model.f as never, { calculus: library.calculus as Calculus })(
    model.inputs.map((s) => spec(s)) as never,
  )
  if (E.isLeft(program)) return []
  return [
    ...new Set(
      instructions(program.right.tape)
        .filter((x) => x.dtype === 'real' && library.calculus.table[x.primitive as PrimitiveName].derivative !== null)
        .map((x) => x.primitive as PrimitiveName),
    ),
  ]
}

/** A program and what was said of it. */
export interface Tried {
  readonly model: Model
  readonly report: E.Either<{ readonly message: string }, Report>
}
