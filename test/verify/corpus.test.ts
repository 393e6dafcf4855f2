import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { bitsOf } from '../../laws/arbitrary/index.js'
import { calculusMutants, factor, library, type Mutant } from '../../laws/index.js'
import type { Model } from '../../laws/Model.js'
import type { PrimitiveName } from '../../src/primitive/index.js'
import type { Report, Verdict } from '../../src/verify/index.js'
import { corpus, primitivesOf, type Tried, verified } from './corpus.js'

const SEED = 20_261

/** `CORPUS=20 npx vitest ...` looks at twenty times as many programs. */
const TIMES = Number(process.env.CORPUS ?? 1)

const count = (reports: ReadonlyArray<Tried>): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const { report } of reports) {
    const verdict = E.isLeft(report) ? 'refused' : report.right.verdict
    counts[verdict] = (counts[verdict] ?? 0) + 1
  }
  return counts
}

const isWrong = (verdict: Verdict): boolean => verdict.startsWith('WRONG')

describe(`correct random programs, seed ${SEED}`, () => {
  for (const palette of ['smooth', 'tensor', 'any', 'scalar'] as const)
    it(`${palette}: none is called wrong`, () => {
      const tried = corpus(palette, SEED, 150 * TIMES).map(
        (model): Tried => ({ model, report: verified(model, { shrink: false }) }),
      )
      for (const { report } of tried)
        if (E.isRight(report)) {
          expect(isWrong(report.right.verdict), report.right.message).toBe(false)
          expect(report.right.dotTest.agrees, report.right.message).toBe(true)
        }
      const counts = count(tried)
      if (TIMES > 1) console.log(palette, counts)
      // kinks and jumps are rare in the smooth palette, so most of it is judged
      if (palette === 'smooth') expect((counts.PASS ?? 0) / tried.length).toBeGreaterThan(0.75)
    })
})

/** rows whose derivative does not depend on a branch */
const straight = (primitive: PrimitiveName): boolean => {
  const { branches, family } = library.calculus.table[primitive]
  return branches === null && family !== 'control' && primitive !== 'select'
}

const named = (kind: string): Mutant => calculusMutants.find((m) => m.kind === kind) as Mutant

const mistakes: ReadonlyArray<readonly [string, Mutant, boolean]> = [
  ...[1, 1e-2, 1e-4, 1e-6, 1e-9, 1e-12].map((d) => [`a factor of 1 + ${d}`, factor(d), false] as const),
  ...['sign in reverse mode only', 'swapped partials', 'dropped operand'].map(
    (kind) => [kind, named(kind), false] as const,
  ),
  ...['overwritten fan-out', 'double visit', 'lossy fan-out'].map((kind) => [kind, named(kind), true] as const),
]

describe(`mutants of random programs, seed ${SEED}`, () => {
  const programs: ReadonlyArray<readonly [Model, Report]> = [
    ...corpus('smooth', SEED + 1, 50 * TIMES),
    ...corpus('tensor', SEED + 2, 50 * TIMES),
  ].flatMap((model) => {
    const report = verified(model, { shrink: false })
    return E.isRight(report) && report.right.verdict === 'PASS' ? [[model, report.right] as const] : []
  })
  const totals = { effective: 0, wrong: 0, exact: 0, shrunk: 0, coarse: 0, proved: 0 }

  for (const [name, mutant, whole] of mistakes)
    it(`${name}: none passes`, { timeout: 60_000 * TIMES }, () => {
      for (const [i, [model, right]] of programs.entries()) {
        const primitives = primitivesOf(model)
        if (primitives.length === 0) continue
        const primitive = primitives[bitsOf(i, 5) % primitives.length]
        const operand = bitsOf(i, 6) % Math.max(1, Math.abs(library.calculus.table[primitive].arity))
        const { calculus } = mutant.apply(library, whole ? undefined : { primitive, operand })
        const report = verified(model, { calculus })
        if (E.isLeft(report)) throw new Error(report.left.message)
        const { verdict, blame, minimal, proof, judgements, message } = report.right
        // a mistake where no cotangent arrives changes nothing, in any digit of a double-double
        const exact = right.judgements.map((j) => j.exact)
        if (verdict === 'PASS' && judgements.every((j, k) => j.exact === exact[k])) continue
        totals.effective++
        expect(verdict, message).not.toBe('PASS')
        if (!isWrong(verdict)) continue
        totals.wrong++
        // what chooses between branches is not refuted, and finer mistakes than 1e-4 hide in the width of the segment
        if (name === 'a factor of 1 + 0.0001' && straight(primitive)) {
          totals.coarse++
          if (proof !== null) totals.proved++
        }
        const found = blame?.within ?? blame
        if (whole ? verdict === 'WRONG_SWEEP' : verdict === 'WRONG_RULE' && found?.primitive === primitive)
          totals.exact++
        if (minimal !== null && minimal.instructions <= 3) totals.shrunk++
      }
    })

  it('are called wrong, blamed on the right instruction, and shrunk to three instructions', () => {
    const { effective, wrong, exact, shrunk, coarse, proved } = totals
    if (TIMES > 1) console.log(totals)
    expect(effective).toBeGreaterThan(400)
    expect(wrong / effective).toBeGreaterThanOrEqual(0.99)
    expect(exact / wrong).toBeGreaterThanOrEqual(0.995)
    expect(shrunk / wrong).toBeGreaterThanOrEqual(0.95)
    expect(proved / coarse).toBeGreaterThanOrEqual(0.95)
  })
})
