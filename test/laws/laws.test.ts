import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { laws, library, show } from 'wengert/laws'
import { RUNS, SEED } from './settings.js'

describe(`the laws of this library, seed ${SEED}, ${RUNS} runs`, () => {
  it('are numbered once each', () => {
    const ids = laws.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  for (const law of laws)
    it(`${law.id} (${law.cls}) ${law.name}: ${law.doc}`, { timeout: 600_000 }, () => {
      const verdict = law.run(library, { seed: SEED, numRuns: RUNS })
      if (E.isLeft(verdict)) expect.fail(show(verdict))
    })
})
