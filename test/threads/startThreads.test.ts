import { availableParallelism } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Worker as NodeWorker } from 'node:worker_threads'
import { isLeft, isRight, left } from 'fp-ts/lib/Either.js'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { compile, matmul, type Program, record, spec, type Var } from 'wengert'
import { load, type Shareable, save, type Threads } from 'wengert/engine'
import { failure } from 'wengert/Failure'
import { fromData } from 'wengert/Tensor'
import { startThreads } from 'wengert/threads'
import { controlWords, crew, WORDS, type Worker } from '../../src/threads/crew.js'
import { right } from '../engine/given.js'

const N = 96

const squared = right(record((x: Var<readonly [96, 96]>) => matmul(x, x))(spec([N, N]))) as unknown as Program

const input = right(
  fromData(
    [N, N],
    Float64Array.from({ length: N * N }, (_, i) => Math.sin(i)),
  ),
)

const answer = (options: Parameters<typeof compile>[0]): ArrayLike<number> =>
  (right(right(compile(options)(squared)).run(input as never)) as never as { readonly data: ArrayLike<number> }).data

const alone = answer({})

/** The same threads, where the caller takes its time over each part, so that workers come to theirs. */
const watched = (threads: Threads): { readonly threads: Threads; readonly own: () => number; total: () => number } => {
  let [own, total] = [0, 0]
  const clock = new Int32Array(new SharedArrayBuffer(4))
  const share = (state: Shareable) => {
    const run = threads.share({
      ...state,
      compute: (job, part) => {
        own++
        Atomics.wait(clock, 0, 0, 5)
        state.compute(job, part)
      },
    })
    return (job: number) => {
      total += state.jobs[job]
      return run(job)
    }
  }
  return { threads: { ...threads, share }, own: () => own, total: () => total }
}

describe('startThreads', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  it('starts workers that compute parts, with the bits of one thread', async () => {
    const started = right(await startThreads({ count: 3 })())
    expect(started.count).toBe(3)
    const { threads, own, total } = watched(started)
    const executable = right(compile({ threads })(squared))
    for (let i = 0; i < 50 && own() === total(); i++)
      expect((right(executable.run(input as never)) as never as { readonly data: unknown }).data).toStrictEqual(alone)
    expect(total()).toBeGreaterThan(own())
    started.stop()
  })

  it('leaves what is small to the calling thread', async () => {
    const threads = right(await startThreads({ count: 2 })())
    const { threads: small, total } = watched(threads)
    const program = right(record((x: Var<readonly [8, 8]>) => matmul(x, x))(spec([8, 8])))
    const eye = right(
      fromData(
        [8, 8],
        Float64Array.from({ length: 64 }, (_, i) => (i % 9 === 0 ? 1 : 0)),
      ),
    )
    const out = right(right(compile({ threads: small })(program)).run(eye as never))
    expect([out, total()]).toStrictEqual([eye, 0])
    threads.stop()
  })

  it('after stop, states go on with the same bits, and new ones have memory of their own', async () => {
    const started = right(await startThreads({ count: 2 })())
    const { threads, own, total } = watched(started)
    const executable = right(compile({ threads })(squared))
    const state = right(executable.start(input as never))
    right(state.step())
    const before = total()
    const mine = own()
    started.stop()
    started.stop()
    right(state.step())
    expect([total() - before, own() - mine]).toStrictEqual([before, before])
    expect(Array.from(state.outputs as never as ArrayLike<number>)).toStrictEqual(Array.from(alone))
    expect(answer({ threads: started })).toStrictEqual(alone)
    expect((state.outputs as never as Float64Array).buffer).toBeInstanceOf(SharedArrayBuffer)
  })

  it('with a count of 1 there is only the calling thread', async () => {
    const threads = right(await startThreads({ count: 1 })())
    const state = right(right(compile({ threads })(squared)).start(input as never))
    right(state.step())
    expect((state.outputs as never as Float64Array).buffer).toBeInstanceOf(ArrayBuffer)
    expect(Array.from(state.outputs as never as ArrayLike<number>)).toStrictEqual(Array.from(alone))
    threads.stop()
  })

  it('counts as many threads as the machine runs, at most 8, unless told', async () => {
    const threads = right(await startThreads()())
    expect(threads.count).toBe(Math.min(8, availableParallelism()))
    threads.stop()
  })

  it('refuses counts and patience that are none', async () => {
    for (const options of [{ count: 0 }, { count: 1.5 }, { count: 65 }, { count: Number.NaN }, { patience: -1 }]) {
      const refused = await startThreads(options)()
      expect(isLeft(refused) && refused.left._tag).toBe('InvalidArgument')
    }
  })

  it('says what to do where memory cannot be shared, or where there are no workers', async () => {
    vi.stubGlobal('SharedArrayBuffer', undefined)
    const unshared = await startThreads({ count: 2 })()
    expect(isLeft(unshared) && [unshared.left._tag, unshared.left.message]).toMatchObject([
      'Unsupported',
      expect.stringContaining('Cross-Origin-Opener-Policy: same-origin'),
    ])
    vi.unstubAllGlobals()
    vi.stubGlobal('process', undefined)
    const workerless = await startThreads({ count: 2 })()
    expect(isLeft(workerless) && workerless.left.message).toContain('no workers')
  })

  it('says why a worker did not start, and leaves none', async () => {
    let stopped = 0
    class Broken {
      onerror: (event: { readonly message: string }) => void = () => undefined
      postMessage(): void {
        queueMicrotask(() => this.onerror({ message: 'blocked by policy' }))
      }
      terminate(): void {
        stopped++
      }
    }
    vi.stubGlobal('process', undefined)
    vi.stubGlobal('Worker', Broken)
    const refused = await startThreads({ count: 3 })()
    expect(isLeft(refused) && refused.left.message).toContain('blocked by policy')
    expect(stopped).toBe(2)
  })

  it('a state whose step was not finished is refused from then on, and others go on alone', async () => {
    const started = right(await startThreads({ count: 2 })())
    let lost = true
    const share = (state: Shareable) => {
      const run = started.share(state)
      return (job: number) => (lost ? left(failure('Unsupported', 'lost')) : run(job))
    }
    const executable = right(compile({ threads: { ...started, share } })(squared))
    const state = right(executable.start(input as never))
    expect(isLeft(state.step())).toBe(true)
    lost = false
    expect(isLeft(state.step())).toBe(true)
    expect((right(executable.run(input as never)) as never as { readonly data: unknown }).data).toStrictEqual(alone)
    started.stop()
  })

  it('are not part of a document; who reads it gives them', async () => {
    const started = right(await startThreads({ count: 2 })())
    const { threads, total } = watched(started)
    const document = JSON.parse(JSON.stringify(save({ threads, scalar: 'f32' })(squared)))
    expect(document.options).toStrictEqual({ scalar: 'f32' })
    right(right(load(document)).run(input as never))
    expect(total()).toBe(0)
    right(right(load(document, { threads })).run(input as never))
    expect(total()).toBeGreaterThan(0)
    started.stop()
  })
})

describe('a crew', () => {
  /** A state with one job of four parts, which are counted. */
  const counted = (during: (part: number) => void = () => undefined) => {
    const done = [0, 0, 0, 0]
    const state: Shareable = {
      module: {} as never,
      memory: { buffer: new SharedArrayBuffer(8) },
      jobs: [4],
      scratch: 0,
      stride: 0,
      compute: (_, part) => {
        during(part)
        done[part]++
      },
    }
    return { state, done }
  }

  /** A worker that takes a part of whatever there is when the caller computes one, and does with it what it is told. */
  const taking = (words: Int32Array, then: () => void) => {
    let stopped = 0
    const worker: Worker = { post: () => undefined, stop: () => stopped++ }
    const take = (): void => {
      const claim = Atomics.load(words, WORDS.claim)
      if ((claim & 255) === 0) return
      Atomics.compareExchange(words, WORDS.claim, claim, claim - 1)
      then()
    }
    return { worker, take, stopped: () => stopped }
  }

  it('computes every part once, alone where nobody helps', () => {
    const { state, done } = counted()
    const { share } = crew(controlWords(), [{ post: () => undefined, stop: () => undefined }], 1000)
    const run = share(state)
    for (let i = 1; i <= 3; i++) {
      expect(isRight(run(0))).toBe(true)
      expect(done).toStrictEqual([i, i, i, i])
    }
  })

  it('gives up a worker that dies in the middle of a part, says so, and goes on alone', () => {
    const words = controlWords()
    const dead = taking(words, () => undefined)
    const { state, done } = counted((part) => part === 3 && dead.take())
    const { share, stopped } = crew(words, [dead.worker], 20)
    const run = share(state)
    const refused = run(0)
    expect(isLeft(refused) && [refused.left._tag, refused.left.message]).toMatchObject([
      'Unsupported',
      expect.stringContaining('has not finished'),
    ])
    expect(done).toStrictEqual([1, 1, 0, 1])
    expect([stopped(), dead.stopped()]).toStrictEqual([true, 1])
    expect(isRight(run(0))).toBe(true)
    expect(done).toStrictEqual([2, 2, 1, 2])
  })

  it('leaves workers alone for a while when they are late, and then tries again', () => {
    const words = controlWords()
    const late = taking(words, () => {
      new NodeWorker(
        `const { words, left } = require('node:worker_threads').workerData
         Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
         Atomics.sub(words, left, 1)
         Atomics.notify(words, left)`,
        { eval: true, workerData: { words, left: WORDS.left } },
      ).unref()
    })
    let first = true
    const { state, done } = counted((part) => {
      if (part !== 3 || !first) return
      first = false
      late.take()
    })
    const run = crew(words, [late.worker], 10_000).share(state)
    run(0)
    const claims = Array.from({ length: 18 }, () => {
      run(0)
      return Atomics.load(words, WORDS.claim)
    })
    expect(done).toStrictEqual([19, 19, 18, 19])
    expect(claims.slice(0, 16)).toStrictEqual(Array.from({ length: 16 }, () => 1 << 8))
    expect(claims.slice(16)).toStrictEqual([2 << 8, 3 << 8])
  })

  it('says that a worker has failed', () => {
    const words = controlWords()
    const failing = taking(words, () => {
      Atomics.add(words, WORDS.failed, 1)
      Atomics.sub(words, WORDS.left, 1)
    })
    const { state } = counted((part) => part === 3 && failing.take())
    const refused = crew(words, [failing.worker], 1000).share(state)(0)
    expect(isLeft(refused) && refused.left.message).toContain('has failed')
  })

  it('lets workers forget a state that nobody holds any more', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const said: Array<string> = []
    const { share } = crew(
      controlWords(),
      [{ post: (message) => said.push(`${message.kind} ${'id' in message ? message.id : ''}`), stop: () => undefined }],
      1000,
    )
    const held = share(counted().state)
    share(counted().state)
    for (let i = 0; i < 100 && said.length < 3; i++) {
      collect()
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(said).toStrictEqual(['share 0', 'share 1', 'forget 1'])
    expect(isRight(held(0))).toBe(true)
  })

  it('numbers its jobs so that a claim of an earlier one is none of a later one', () => {
    const words = controlWords()
    const claims: Array<number> = []
    const { state } = counted((part) => part === 3 && claims.push(Atomics.load(words, WORDS.claim)))
    const run = crew(words, [{ post: () => undefined, stop: () => undefined }], 1000).share(state)
    for (let i = 0; i < 100; i++) run(0)
    expect(new Set(claims).size).toBe(100)
  })
})
