/**
 * The calling thread's side of what `worker.ts` says: it publishes a job, computes parts of it like everybody, and waits
 * for those that others have taken.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Shareable } from '../engine/Threads.js'
import { type Failure, fail } from '../Failure.js'
import type { Message, Words } from './worker.js'

/**
 * 64 bytes for each control word, so that no two of them move between processors together.
 *
 * @category constants
 * @since 0.1.0
 */
export const WORDS: Words = {
  call: 0,
  claim: 16,
  state: 32,
  job: 48,
  left: 64,
  asleep: 80,
  mail: 96,
  failed: 112,
}

/**
 * Control words for a crew. The first message is the one that brings them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const controlWords = (): Int32Array => {
  const words = new Int32Array(new SharedArrayBuffer(128 * 4))
  words[WORDS.mail] = 1
  return words
}

/**
 * A worker, as the platform gives it.
 *
 * @category model
 * @since 0.1.0
 */
export interface Worker {
  readonly post: (message: Message) => void
  readonly stop: () => void
}

/**
 * @category model
 * @since 0.1.0
 */
export interface Crew {
  readonly stop: () => void
  readonly stopped: () => boolean
  readonly share: (state: Shareable) => (job: number) => E.Either<Failure, void>
}

/** Milliseconds that the caller looks for the end of a job before it sleeps. */
const LOOKING = 0.2

/** Milliseconds that it sleeps at a time. */
const NAP = 100

/**
 * A job that took so many times what the caller would have needed alone, by its own parts, is late: somebody else keeps the
 * cores busy, and a worker lost its core in the middle of a part. The caller then computes some jobs alone, twice as many
 * after each further late one.
 */
const LATE = 1.5
const REST = 16
const LONGEST_REST = 1024

const now: () => number = () => (globalThis as unknown as { performance: { now: () => number } }).performance.now()

/** Sleeps while a word has a value, at most for a nap; the main thread of a browser may not, and goes on looking. */
const sleeping = (words: Int32Array): ((at: number, value: number) => void) => {
  const sleep = (at: number, value: number): void => {
    Atomics.wait(words, at, value, NAP)
  }
  return E.isRight(E.tryCatch(() => Atomics.wait(words, WORDS.call, -1, 0), E.toError)) ? sleep : () => undefined
}

const done: E.Either<Failure, void> = E.right(undefined)

const refused = (sentence: string): E.Either<Failure, never> =>
  fail(
    'Unsupported',
    `threads: ${sentence}, and this state is lost; start another, which the calling thread computes alone`,
    {
      operation: 'run',
    },
  )

/**
 * Workers that look at these words, as a crew. A worker that has taken a part and does not finish it is given up `limit`
 * milliseconds, and ten times what the caller took for its own parts, after these.
 *
 * @category constructors
 * @since 0.1.0
 */
export const crew = (words: Int32Array, workers: ReadonlyArray<Worker>, limit: number): Crew => {
  const sleep = sleeping(words)
  let alone = workers.length === 0
  let states = 0
  let jobs = 0
  let resting = 0
  let rest = REST

  const call = (): void => {
    Atomics.add(words, WORDS.call, 1)
    if (Atomics.load(words, WORDS.asleep) > 0) Atomics.notify(words, WORDS.call)
  }
  const tell = (message: Message): void => {
    if (alone) return
    for (const worker of workers) worker.post(message)
    Atomics.add(words, WORDS.mail, 1)
    call()
  }
  const stop = (): void => {
    alone = true
    for (const worker of workers) worker.stop()
  }
  const forgotten = new FinalizationRegistry((id: number) => tell({ kind: 'forget', id }))

  /** Waits for the parts that workers have taken, given the caller's share: whether all of them are finished. */
  const finished = (began: number, share: number): boolean => {
    let at = now()
    const from = at
    for (;;) {
      const left = Atomics.load(words, WORDS.left)
      if (left === 0) break
      if (at > from + limit + 10 * (from - began)) return false
      if (at > from + LOOKING) sleep(WORDS.left, left)
      at = now()
    }
    const late = (at - began) * share > LATE * (from - began)
    if (late) resting = rest
    rest = late ? Math.min(LONGEST_REST, 2 * rest) : Math.max(REST, rest / 2)
    return true
  }

  const share = ({ module, memory, jobs: parts, scratch, stride, compute }: Shareable) => {
    const id = states++
    tell({ kind: 'share', id, module, memory, jobs: parts.length, scratch, stride })
    const run = (job: number): E.Either<Failure, void> => {
      const count = parts[job]
      if (alone || resting > 0) {
        resting = Math.max(0, resting - 1)
        for (let part = 0; part < count; part++) compute(job, part)
        return done
      }
      const began = now()
      let own = 0
      Atomics.store(words, WORDS.state, id)
      Atomics.store(words, WORDS.job, job)
      Atomics.store(words, WORDS.left, count)
      jobs = (jobs + 1) & 0xffffff
      Atomics.store(words, WORDS.claim, (jobs << 8) | count)
      call()
      for (;;) {
        const claim = Atomics.load(words, WORDS.claim)
        if ((claim & 255) === 0) break
        if (Atomics.compareExchange(words, WORDS.claim, claim, claim - 1) !== claim) continue
        compute(job, (claim & 255) - 1)
        own++
        Atomics.sub(words, WORDS.left, 1)
      }
      if (!finished(began, own / count)) {
        stop()
        return refused('a worker has not finished what it began')
      }
      if (Atomics.load(words, WORDS.failed) > 0) {
        stop()
        return refused('a worker has failed')
      }
      return done
    }
    forgotten.register(run, id)
    return run
  }
  return { stop, stopped: () => alone, share }
}
