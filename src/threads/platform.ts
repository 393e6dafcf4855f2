/**
 * Workers of this platform: those of Node, or those of a browser where memory may be shared. Typed here because no types of
 * a platform are needed anywhere else.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Failure, fail } from '../Failure.js'
import { controlWords, type Worker } from './crew.js'
import type { Message } from './worker.js'

interface NodeWorker {
  readonly postMessage: (message: Message) => void
  readonly terminate: () => unknown
  readonly on: (event: 'message' | 'error', listener: (what: unknown) => void) => void
  readonly unref: () => void
}

interface WebWorker {
  readonly postMessage: (message: Message) => void
  readonly terminate: () => void
  onmessage: (event: unknown) => void
  onerror: (event: { readonly message?: string; readonly preventDefault?: () => void }) => void
}

interface Scope {
  readonly process?: {
    readonly getBuiltinModule?: (name: string) => Readonly<Record<string, never>> | undefined
  }
  readonly navigator?: { readonly hardwareConcurrency?: number }
  readonly crossOriginIsolated?: boolean
  readonly SharedArrayBuffer?: unknown
  readonly Worker?: new (url: string) => WebWorker
  readonly Blob?: new (parts: ReadonlyArray<string>, options: { readonly type: string }) => unknown
  readonly URL: { readonly createObjectURL: (blob: unknown) => string; readonly revokeObjectURL: (url: string) => void }
  readonly setTimeout: (f: () => void, milliseconds: number) => unknown
  readonly clearTimeout: (timer: unknown) => void
}

const scope = (): Scope => globalThis as unknown as Scope

const builtin = (name: string): Readonly<Record<string, never>> | undefined => scope().process?.getBuiltinModule?.(name)

/**
 * How many threads the machine runs at the same time, as far as it says.
 *
 * @category constants
 * @since 0.1.0
 */
export const parallelism = (): number =>
  (builtin('node:os') as { readonly availableParallelism: () => number } | undefined)?.availableParallelism() ??
  scope().navigator?.hardwareConcurrency ??
  1

const lacking = (sentence: string): E.Either<Failure, never> =>
  fail('Unsupported', `startThreads: ${sentence}`, { operation: 'startThreads' })

type Starter = (script: string, ready: () => void, failed: (why: string) => void) => Worker

const onNode =
  (Constructor: new (script: string, options: { readonly eval: true }) => NodeWorker): Starter =>
  (script, ready, failed) => {
    const worker = new Constructor(script, { eval: true })
    worker.on('message', ready)
    worker.on('error', (e) => failed(e instanceof Error ? e.message : String(e)))
    worker.unref()
    return { post: (message) => worker.postMessage(message), stop: () => void worker.terminate() }
  }

const inBrowser =
  (Constructor: new (url: string) => WebWorker): Starter =>
  (script, ready, failed) => {
    const { Blob, URL } = scope()
    const url = URL.createObjectURL(new (Blob as NonNullable<typeof Blob>)([script], { type: 'text/javascript' }))
    const worker = new Constructor(url)
    worker.onmessage = () => {
      URL.revokeObjectURL(url)
      ready()
    }
    worker.onerror = (event) => {
      event.preventDefault?.()
      failed(event.message ?? 'the page’s policy may forbid workers from blob: addresses (worker-src)')
    }
    return { post: (message) => worker.postMessage(message), stop: () => worker.terminate() }
  }

/** What starts workers here, or why nothing does. */
const starter = (): E.Either<Failure, Starter> => {
  const { SharedArrayBuffer: shared, crossOriginIsolated, Worker } = scope()
  const node = builtin('node:worker_threads') as { readonly Worker: never } | undefined
  if (shared === undefined || (node === undefined && crossOriginIsolated === false))
    return lacking(
      'memory cannot be shared here; serve the page with the headers ' +
        'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp',
    )
  if (node !== undefined) return E.right(onNode(node.Worker))
  return Worker === undefined ? lacking('this host has no workers') : E.right(inBrowser(Worker))
}

/** How long a worker may take to start, in milliseconds. */
const START = 30_000

const begun =
  (start: Starter, script: string, first: Message): TE.TaskEither<Failure, Worker> =>
  () =>
    new Promise((resolve) => {
      const refuse = (why: string): void => {
        clearTimeout(timer)
        worker?.stop()
        resolve(lacking(`a worker did not start: ${why}`))
      }
      const { setTimeout, clearTimeout } = scope()
      let worker: Worker | null = null
      const timer = setTimeout(() => refuse(`no answer for ${START / 1000} s`), START)
      try {
        const made = start(
          script,
          () => {
            clearTimeout(timer)
            resolve(E.right(made))
          },
          refuse,
        )
        worker = made
        made.post(first)
      } catch (e) {
        refuse(e instanceof Error ? e.message : String(e))
      }
    })

/**
 * Workers that are ready, and the control words that they look at.
 *
 * @category model
 * @since 0.1.0
 */
export interface Started {
  readonly words: Int32Array
  readonly workers: ReadonlyArray<Worker>
}

/**
 * Starts so many workers, with the script as their program, and waits until all are ready. Fails with `Unsupported`, saying
 * what is missing; then none is left running.
 *
 * @category constructors
 * @since 0.1.0
 */
export const started = (script: string, count: number, patience: number): TE.TaskEither<Failure, Started> => {
  const start = starter()
  if (E.isLeft(start)) return TE.fromEither(start)
  return async () => {
    const words = controlWords()
    const all = await Promise.all(
      Array.from({ length: count }, (_, i) =>
        begun(start.right, script, { kind: 'begin', words, me: i + 1, patience })(),
      ),
    )
    const workers = all.flatMap((one) => (E.isRight(one) ? [one.right] : []))
    const refused = all.find(E.isLeft)
    if (refused === undefined) return E.right({ words, workers })
    for (const worker of workers) worker.stop()
    return refused
  }
}
