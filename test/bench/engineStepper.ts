/**
 * One system at one workload, ready to step; and how it is measured: `serve` takes ten steps, warms up, says what it found,
 * and then answers each line of its standard input, a number of milliseconds, with the samples of that long.
 */
import { createInterface } from 'node:readline'

export interface Stepper {
  /** may give a promise, which is waited for */
  readonly step: () => unknown
  /** what the last step found; null where there is nothing to compare */
  readonly loss: () => number | null | Promise<number | null>
}

/** What a system says before it is timed. */
export interface Ready {
  readonly loss: number | null
  /** from the start of the process to the end of the first step, in milliseconds */
  readonly first: number
}

/** What it says for each round. */
export interface Round {
  /** microseconds of a step, one for each block of steps */
  readonly samples: ReadonlyArray<number>
  /** the most memory the process has held, in MiB */
  readonly memory: number
}

const say = (what: Ready | Round): void => {
  process.stdout.write(`${JSON.stringify(what)}\n`)
}

/** Runs blocks of steps for so many milliseconds and gives the microseconds of a step in each. */
const sampled = async ({ step }: Stepper, block: number, milliseconds: number): Promise<ReadonlyArray<number>> => {
  const samples: Array<number> = []
  const waits = step() instanceof Promise
  const begin = performance.now()
  while (performance.now() - begin < milliseconds || samples.length === 0) {
    const from = performance.now()
    if (waits) for (let i = 0; i < block; i++) await step()
    else for (let i = 0; i < block; i++) step()
    samples.push(((performance.now() - from) * 1000) / block)
  }
  return samples
}

const WARM_UP = 500

export const serve = async (make: () => Stepper | Promise<Stepper>): Promise<void> => {
  const stepper = await make()
  await stepper.step()
  const first = performance.now()
  for (let i = 1; i < 10; i++) await stepper.step()
  say({ loss: await stepper.loss(), first })
  const warm = await sampled(stepper, 1, WARM_UP)
  const fastest = warm.reduce((least, x) => Math.min(least, x), Number.POSITIVE_INFINITY)
  const block = Math.max(1, Math.round(1000 / fastest))
  for await (const line of createInterface({ input: process.stdin })) {
    const samples = await sampled(stepper, block, Number(line))
    say({ samples, memory: process.resourceUsage().maxRSS / 1024 })
  }
}
