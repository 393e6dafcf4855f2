/**
 * Threads for `compile`: workers that compute parts of large products, convolutions and loops beside the calling thread, on
 * shared memory, to the same bits.
 *
 * `step` and `run` stay synchronous: the calling thread computes too, and waits for the others at the end of each item. What
 * is small stays with it. Workers sleep between steps, and do not keep a process alive.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Threads } from '../engine/Threads.js'
import { type Failure, fail } from '../Failure.js'
import { crew, WORDS } from './crew.js'
import { divide } from './divide.js'
import { parallelism, type Started, started } from './platform.js'
import { worker } from './worker.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface ThreadsOptions {
  /** how many compute, the calling thread among them, 1 to 64; as many as the machine runs at a time, at most 8, unless given */
  readonly count?: number
  /** milliseconds that a step waits for a worker that does not finish what it began, beyond what the work explains; 10000 unless given */
  readonly patience?: number
}

const MOST = 64
const USUAL = 8
const PATIENCE = 10_000

/** Simple operations of a part at least: some 3 us, many times what it takes to hand it over. */
const LEAST = 2 ** 16

/** Milliseconds that a worker looks for more work before it sleeps: a step has one item soon after another. */
const LOOKING = 0.1

/** The calling thread, which has nobody to divide anything with. */
const single: Threads = {
  count: 1,
  stop: () => undefined,
  divide: () => null,
  share:
    ({ jobs, compute }) =>
    (job) => {
      for (let part = 0; part < jobs[job]; part++) compute(job, part)
      return E.right(undefined)
    },
}

/**
 * Starts workers. Fails with `InvalidArgument` on a count or patience out of range, and with `Unsupported`, saying what is
 * missing, where there are no workers or memory cannot be shared: browsers share it on pages that are isolated
 * (`Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`).
 *
 * `stop()` lets the workers go. Executables that were compiled for them stay usable: the calling thread then computes all.
 * A step fails with `Unsupported` when a worker dies in the middle of a part, and so does every later step of that state; other
 * states go on alone.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { compile, matmul, record, spec, tensor, type Var } from 'wengert'
 * import { startThreads } from 'wengert/threads'
 *
 * const program = record((x: Var<readonly [2, 2]>) => matmul(x, x))(spec([2, 2]))
 * assert(isRight(program))
 * const threads = await startThreads({ count: 2 })()
 * const fast = compile(isRight(threads) ? { threads: threads.right } : {})(program.right)
 * assert(isRight(fast))
 * assert.deepStrictEqual(fast.right.run(tensor([[1, 1], [0, 1]])), { _tag: 'Right', right: tensor([[1, 2], [0, 1]]) })
 * if (isRight(threads)) threads.right.stop()
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const startThreads = (options: ThreadsOptions = {}): TE.TaskEither<Failure, Threads> => {
  const { count = Math.min(USUAL, parallelism()), patience = PATIENCE } = options
  const invalid = (sentence: string): TE.TaskEither<Failure, never> =>
    TE.fromEither(fail('InvalidArgument', `startThreads: ${sentence}`, { operation: 'startThreads' }))
  if (!Number.isInteger(count) || count < 1 || count > MOST)
    return invalid(`the number of threads must be an integer from 1 to ${MOST}, not ${count}`)
  if (!(patience >= 0)) return invalid(`patience must be a number of milliseconds, not ${patience}`)
  if (count === 1) return TE.right(single)
  const parts = divide({ threads: count, least: LEAST })
  const script = `(${worker})(${JSON.stringify(WORDS)})`
  return TE.map(({ words, workers }: Started): Threads => {
    const { stop, stopped, share } = crew(words, workers, patience)
    return {
      count,
      stop,
      divide: (...item) => (stopped() ? null : parts(...item)),
      share,
    }
  })(started(script, count - 1, LOOKING))
}
