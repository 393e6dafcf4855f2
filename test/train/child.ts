/** A run that saves after every step and goes on from what it finds: `node child.js PATH`. Killed by checkpoint.test.ts. */
import { existsSync, writeSync } from 'node:fs'
import { loadFrom, saveTo, fit as train } from 'wengert/train'
import { long, numbers, right } from './support.js'

const path = process.argv[2]
const run = right(
  train({
    ...long,
    checkpoint: { save: saveTo(path), steps: 1 },
    ...(existsSync(path) ? { resume: right(loadFrom(path)()) } : {}),
  }),
)
// written at once, so that what was said is said even if the next instruction never runs
for (const event of run) {
  if (event._tag === 'checkpoint') writeSync(1, `${event.step}\n`)
  if (event._tag === 'failed') throw new Error(event.failure.message)
  if (event._tag === 'stopped') writeSync(1, `end ${JSON.stringify(numbers(event.parameters))}\n`)
}
