/**
 * What a worker runs. Workers are started from the text of this one function, so that no file has to be found at run time,
 * whatever a bundler made of the package; it therefore uses nothing from outside of its body.
 *
 * A worker looks at the control words, an `Int32Array` over shared memory, which are told apart by `Words`:
 *
 * - `claim` holds how many parts of the current job nobody has taken yet, in its lowest 8 bits, and the number of the job
 *   above them. Whoever lowers it by one (compare and exchange) computes the part of the new number. A job's words
 *   `state` and `job` change only while no parts are left, so they belong to a claim that succeeds.
 * - `left` is how many parts are not finished; whoever finishes the last one wakes the caller.
 * - `call` changes whenever there is something new. A worker that finds nothing to do looks at it for a while, then sleeps
 *   on it; `asleep` counts those.
 * - `mail` counts the messages to each worker. They tell of states that come and go, and only an event loop can deliver
 *   them, so a worker goes back there when there are more of them than it has read.
 *
 * Nobody waits for a worker that has taken nothing: one that is late, or dead, only helps less.
 *
 * @since 0.1.0
 */

/**
 * The places of the control words, in lines of their own.
 *
 * @category model
 * @since 0.1.0
 */
export interface Words {
  readonly call: number
  readonly claim: number
  readonly state: number
  readonly job: number
  readonly left: number
  readonly asleep: number
  readonly mail: number
  /** parts that did not come to their end */
  readonly failed: number
}

/**
 * What a worker is told.
 *
 * @category model
 * @since 0.1.0
 */
export type Message =
  | { readonly kind: 'begin'; readonly words: Int32Array; readonly me: number; readonly patience: number }
  | {
      readonly kind: 'share'
      readonly id: number
      readonly module: unknown
      readonly memory: unknown
      readonly jobs: number
      readonly scratch: number
      readonly stride: number
    }
  | { readonly kind: 'forget'; readonly id: number }

/** What is used of the platform, whose types the core does not know. */
interface Scope {
  readonly process?: {
    readonly getBuiltinModule?: (name: string) => { readonly parentPort: Port | null } | undefined
  }
  readonly performance: { readonly now: () => number }
  readonly Math: Readonly<Record<string, unknown>>
  readonly WebAssembly: {
    readonly Module: {
      readonly imports: (module: unknown) => ReadonlyArray<{
        readonly module: string
        readonly name: string
        readonly kind: string
      }>
    }
    readonly Instance: new (
      module: unknown,
      imports: object,
    ) => { readonly exports: Readonly<Record<string, (part: number, scratch: number) => void>> }
  }
}

interface State {
  readonly jobs: ReadonlyArray<(part: number, scratch: number) => void>
  readonly scratch: number
}

interface Port {
  onmessage: (event: { readonly data: Message }) => void
  readonly postMessage: (message: 'ready') => void
}

/**
 * Serves for ever.
 *
 * @category combinators
 * @since 0.1.0
 */
export const worker = (at: Words): void => {
  const scope = globalThis as unknown as Scope & Port
  const port = scope.process?.getBuiltinModule?.('node:worker_threads')?.parentPort ?? scope
  const states = new Map<number, State>()
  let words: Int32Array = new Int32Array(0)
  let me = 0
  let patience = 0
  let read = 0
  port.onmessage = ({ data }) => {
    read++
    if (data.kind === 'begin') {
      words = data.words
      me = data.me
      patience = data.patience
      port.postMessage('ready')
    } else if (data.kind === 'forget') states.delete(data.id)
    else {
      const { id, module, memory, jobs, scratch, stride } = data
      try {
        // parts call functions of `Math` and no others; the rest is for the step of the caller
        const imports: Record<string, Record<string, unknown>> = {}
        for (const { module: from, name, kind } of scope.WebAssembly.Module.imports(module)) {
          imports[from] ??= {}
          imports[from][name] = kind === 'memory' ? memory : (scope.Math[name] ?? (() => 0))
        }
        const { exports } = new scope.WebAssembly.Instance(module, imports)
        states.set(id, {
          jobs: Array.from({ length: jobs }, (_, k) => exports[`job${k}`]),
          scratch: scratch + me * stride,
        })
      } catch {
        // no room for another instance: the others compute its share
      }
    }
    for (;;) {
      // mail is counted before the call: what is not seen here changes the word that is slept on
      const call = Atomics.load(words, at.call)
      if (Atomics.load(words, at.mail) > read) return
      for (;;) {
        const claim = Atomics.load(words, at.claim)
        const state = states.get(Atomics.load(words, at.state))
        const job = Atomics.load(words, at.job)
        if ((claim & 255) === 0 || state === undefined) break
        if (Atomics.compareExchange(words, at.claim, claim, claim - 1) !== claim) continue
        try {
          state.jobs[job]((claim & 255) - 1, state.scratch)
        } catch {
          Atomics.add(words, at.failed, 1)
        }
        if (Atomics.sub(words, at.left, 1) === 1) Atomics.notify(words, at.left)
      }
      const since = scope.performance.now()
      while (Atomics.load(words, at.call) === call && scope.performance.now() - since < patience);
      Atomics.add(words, at.asleep, 1)
      Atomics.wait(words, at.call, call)
      Atomics.sub(words, at.asleep, 1)
    }
  }
}
