import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { log, matmul, mean, meanSquaredError, mul, sub, type Tensor, tensor, type Values, type Var } from 'wengert'
import { asReals, batches, bostonFeatures, bostonPrices, dataset } from 'wengert/data'
import { identity, sgd } from 'wengert/optim'
import { key } from 'wengert/Random'
import { zeros } from 'wengert/Tensor'
import {
  type Checkpoint,
  type FitOptions,
  inMemory,
  type Numbered,
  type Saving,
  type Source,
  fit as train,
} from 'wengert/train'
import { type Batch, data, eventsOf, initial, numbers, options, right } from './support.js'

const tags = (events: ReadonlyArray<{ readonly _tag: string }>) => events.map(({ _tag }) => _tag)

const last = <A>(events: ReadonlyArray<A>): A => events[events.length - 1]

describe('a run', () => {
  const events = eventsOf(options)

  it('is its steps, an event after each epoch, and an end', () => {
    const epoch = [...new Array(4).fill('step'), 'epoch']
    expect(tags(events)).toEqual([...epoch, ...epoch, ...epoch, ...epoch, ...epoch, 'stopped'])
    const steps = events.flatMap((e) => (e._tag === 'step' ? [e] : []))
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    expect(steps[0].rate).toBe(0.05)
    expect(steps[19].rate).toBeCloseTo(0.025 * (1 + Math.cos((Math.PI * 19) / 40)), 12)
  })

  it('learns', () => {
    const losses = events.flatMap((e) => (e._tag === 'epoch' ? [e.loss] : []))
    expect(losses[4]).toBeLessThan(losses[0])
  })

  it('tells the mean of the losses of an epoch', () => {
    const [a, b, c, d, epoch] = events as ReadonlyArray<{ readonly loss: number }>
    expect(epoch.loss).toBe((a.loss + b.loss + c.loss + d.loss) / 4)
  })

  it('gives the same events whenever it is iterated, also while it is', () => {
    const run = right(train(options))
    expect([...run]).toEqual(events)
    const first = run[Symbol.iterator]()
    const second = run[Symbol.iterator]()
    for (const event of events) {
      expect(first.next().value).toEqual(event)
      expect(second.next().value).toEqual(event)
    }
  })

  it('depends on the seed', () => {
    expect(eventsOf({ ...options, seed: 4 })[0]).not.toEqual(events[0])
  })

  it('leaves what it was given as it was', () => {
    const before = numbers(initial)
    eventsOf(options)
    expect(numbers(initial)).toEqual(before)
  })

  it('makes no step that is not asked for, and ends when the loop is left', () => {
    let taken = 0
    const source = right(inMemory(data))
    const counting: Source<Values<Batch>> = {
      ...source,
      take: (at, key) => {
        taken++
        return source.take(at, key)
      },
    }
    const run = right(train({ ...options, data: counting }))
    const planned = taken
    for (const event of run) if (event._tag === 'step' && event.step === 3) break
    expect(taken - planned).toBe(3)
  })
})

describe('the last examples', () => {
  it('make a smaller batch when they are kept', () => {
    const events = eventsOf({ ...options, lastBatch: 'keep', epochs: 2 })
    expect(tags(events)).toEqual([
      ...new Array(5).fill('step'),
      'epoch',
      ...new Array(5).fill('step'),
      'epoch',
      'stopped',
    ])
  })

  it('may be all there are', () => {
    expect(tags(eventsOf({ ...options, batchSize: 100, lastBatch: 'keep', epochs: 2 }))).toEqual([
      'step',
      'epoch',
      'step',
      'epoch',
      'stopped',
    ])
  })

  it('are refused when they are all and are dropped', () => {
    expect(train({ ...options, batchSize: 100 })).toMatchObject({
      left: { message: 'fit: 70 examples do not fill a batch of 100; take a smaller batchSize' },
    })
  })
})

describe('batches of wengert/data', () => {
  type Rows = { readonly x: Var<readonly [number, 12]>; readonly y: Var<readonly [number, 1]> }
  const houses = right(dataset({ x: bostonFeatures(), y: bostonPrices() }))
  const drawnBy = (seed: number, scale = 1) =>
    right(
      batches({
        size: 50,
        key: key(seed),
        feeds: { x: asReals<readonly [12]>('x', { scale }), y: asReals<readonly [1]>('y') },
      })(houses),
    )
  const loader = drawnBy(3)
  const run: FitOptions<{ readonly w: Var<readonly [12, 1]> }, Rows, readonly [], unknown> = {
    loss: ({ w }, { x, y }) => meanSquaredError(matmul(x, w), y),
    optimiser: sgd({ rate: 1e-7 }) as never,
    parameters: { w: zeros([12, 1], 'real') },
    data: loader,
    epochs: 2,
    seed: 1,
  }

  it('are taken in their order, epoch after epoch', () => {
    const asked: Array<number> = []
    const data: Numbered<Values<Rows>> = {
      perEpoch: loader.perEpoch,
      at: (i) => loader.at(asked[asked.push(i) - 1]),
    }
    expect(tags(eventsOf({ ...run, data }))).toEqual([
      ...new Array(10).fill('step'),
      'epoch',
      ...new Array(10).fill('step'),
      'epoch',
      'stopped',
    ])
    // the first is also asked for its length, and to record the step with
    expect(asked).toEqual([0, 0, ...Array.from({ length: 20 }, (_, i) => i)])
  })

  it('are put where the step reads them, with the same outcome', () => {
    const { perEpoch, at } = loader
    expect(eventsOf(run)).toEqual(eventsOf({ ...run, data: { perEpoch, at } }))
  })

  it('are resumed at the one that comes next', () => {
    const saved: Array<Checkpoint> = []
    const save: Saving['save'] = (checkpoint) => () => E.right(void saved.push(checkpoint))
    const events = eventsOf({ ...run, checkpoint: { save, steps: 3 } })
    const rest = eventsOf({ ...run, resume: saved[1] })
    expect(rest).toEqual(events.filter(({ _tag }) => _tag !== 'checkpoint').slice(6))
  })

  it('of another key or with other feeds are not resumed', () => {
    const saved: Array<Checkpoint> = []
    const save: Saving['save'] = (checkpoint) => () => E.right(void saved.push(checkpoint))
    eventsOf({ ...run, epochs: 1, checkpoint: { save } })
    const [resume] = saved
    expect(train({ ...run, resume })).toMatchObject({ _tag: 'Right' })
    expect(train({ ...run, data: drawnBy(3), resume })).toMatchObject({ _tag: 'Right' })
    const other = train({ ...run, data: drawnBy(4), resume })
    expect(other).toMatchObject({ left: { _tag: 'StructureMismatch', path: 'drawn' } })
    expect(E.isLeft(other) && other.left.message).toMatch(
      /^fit: the checkpoint is of another run: its batches are drawn by \{"key":\[3,0\].*, here they are drawn by \{"key":\[4,0\]/,
    )
    expect(train({ ...run, data: drawnBy(3, 2), resume })).toMatchObject({ left: { path: 'drawn' } })
    const { perEpoch, at } = loader
    expect(train({ ...run, data: { perEpoch, at }, resume })).toMatchObject({ left: { path: 'drawn' } })
  })
})

describe('a number that is not finite', () => {
  type P = { readonly w: Var<readonly []> }
  type X = { readonly x: Var<readonly [number]> }
  const start = { w: tensor(1) as Tensor<readonly []> }

  it('ends the run and names the instruction', () => {
    // log(w x - 3) at x = 3 is -Infinity at the first step that sees it
    const events = eventsOf({
      loss: ({ w }: P, { x }: X) => mean(log(sub(mul(x, w), 3))),
      optimiser: sgd({ rate: 0 }),
      parameters: start,
      data: { x: tensor([4, 5, 3, 6]) as Tensor<readonly [number]> },
      batchSize: 1,
      epochs: 1,
      seed: 1,
    })
    const end = last(events)
    if (end._tag !== 'failed') return expect.fail(end._tag)
    expect(end.failure._tag).toBe('NonFinite')
    expect(end.failure.message).toMatch(/^fit: at step \d %\d+ = log\(%\d+\), \[1\], is -Infinity at element 0 from 0$/)
    expect(tags(events).slice(0, -1)).toEqual(new Array(end.step).fill('step'))
  })

  it('is noticed in the update, when the loss was still finite', () => {
    const events = eventsOf({
      loss: ({ w }: P, { x }: X) => mean(mul(x, w)),
      optimiser: sgd({ rate: 1e308 }),
      parameters: start,
      data: { x: tensor([1e10, 1e10]) as Tensor<readonly [number]> },
      batchSize: 1,
      epochs: 1,
      seed: 1,
    })
    expect(last(events)).toMatchObject({
      _tag: 'failed',
      failure: { message: expect.stringMatching(/^fit: at step 1 %\d+ = %\d+ \* %\d+, \[\], is -Infinity/) },
    })
  })

  it('in the data is traced to them', () => {
    const end = last(
      eventsOf({
        loss: ({ w }: P, { x }: X) => mean(mul(x, w)),
        optimiser: sgd({ rate: 0.1 }),
        parameters: start,
        data: { x: tensor([Number.NaN]) as Tensor<readonly [number]> },
        batchSize: 1,
        epochs: 1,
        seed: 1,
      }),
    )
    expect(end).toMatchObject({ failure: { message: 'fit: at step 1 the input batch.x is NaN at element 0' } })
  })
})

describe('validation', () => {
  it('comes after the epochs it is asked for, and after the last', () => {
    const validation = { evaluate: () => E.right({ loss: 1 }), epochs: 2 }
    const epochs = eventsOf({ ...options, validation }).flatMap((e) => (e._tag === 'validation' ? [e.epoch] : []))
    expect(epochs).toEqual([1, 3, 4])
  })

  it('that fails ends the run', () => {
    const validation = { evaluate: () => E.left({ _tag: 'Raised' as const, message: 'no' }) }
    expect(last(eventsOf({ ...options, validation }))).toMatchObject({ _tag: 'failed', failure: { message: 'no' } })
  })

  it('stops the run when it no longer falls, with the best learner', () => {
    const losses = [3, 2, 5, 4, 1]
    let i = 0
    const events = eventsOf({
      ...options,
      validation: { evaluate: () => E.right({ loss: losses[i++] }) },
      stopping: { patience: 2 },
    })
    const end = last(events)
    const second = events.filter((e) => e._tag === 'epoch')[1]
    if (end._tag !== 'stopped' || second._tag !== 'epoch') return expect.fail()
    expect(end).toMatchObject({ reason: 'patience', step: 16, best: { epoch: 1, loss: 2 } })
    expect(numbers(end.parameters)).toEqual(numbers(second.parameters))
    expect(numbers(end.state)).toEqual(numbers(second.state))
  })

  it('may leave the last learner', () => {
    let i = 0
    const events = eventsOf({
      ...options,
      validation: { evaluate: () => E.right({ loss: i++ }) },
      stopping: { patience: 1, restoreBest: false },
    })
    const end = last(events)
    const epochs = events.filter((e) => e._tag === 'epoch')
    if (end._tag !== 'stopped') return expect.fail()
    expect(numbers(end.parameters)).toEqual(numbers((last(epochs) as unknown as typeof end).parameters))
    expect(end.best).toBe(null)
  })

  it('must measure what is watched', () => {
    const end = last(
      eventsOf({ ...options, validation: { evaluate: () => E.right({ error: 1 }) }, stopping: { patience: 1 } }),
    )
    expect(end).toMatchObject({
      failure: { message: 'fit: early stopping looks at loss, and the validation measures only error' },
    })
  })
})

describe('options', () => {
  const refusals: ReadonlyArray<readonly [Partial<typeof options>, string]> = [
    [{ batchSize: 0 }, 'fit: batchSize must be an integer of at least 1, not 0'],
    [{ batchSize: 1.5 }, 'fit: batchSize must be an integer of at least 1, not 1.5'],
    [{ epochs: -1 }, 'fit: epochs must be an integer of at least 0, not -1'],
    [{ seed: 0.5 }, `fit: seed must be an integer of at least ${Number.MIN_SAFE_INTEGER}, not 0.5`],
    [{ stopping: { patience: 0 } }, 'fit: stopping.patience must be an integer of at least 1, not 0'],
    [{ optimiser: sgd({ rate: -1 }) as never }, 'descend: rate must be finite and at least 0, not -1'],
  ]
  for (const [wrong, message] of refusals)
    it(`refuses ${message.replace(/^.*: /, '')}`, () => {
      expect(train({ ...options, ...wrong })).toMatchObject({ left: { message } })
    })

  it('an optimiser without a rate has rate 0', () => {
    expect(eventsOf({ ...options, optimiser: identity as never, epochs: 1 })[0]).toMatchObject({ rate: 0 })
  })

  it('no epochs is no steps', () => {
    expect(tags(eventsOf({ ...options, epochs: 0 }))).toEqual(['stopped'])
  })

  it('data whose tensors differ in rows are refused', () => {
    const uneven = { x: tensor([1, 2]) as never, label: tensor([1]) as never }
    expect(train({ ...options, data: uneven })).toMatchObject({ left: { _tag: 'InvalidArgument' } })
  })

  it('a loss that is no scalar is refused', () => {
    const loss = (_: unknown, { x }: { readonly x: Var<readonly [number, 2]> }) => mul(x, 1)
    expect(train({ ...options, loss } as unknown as typeof options)).toMatchObject({
      left: { _tag: 'NotScalar', message: 'fit: the loss must be a real scalar, not real [16, 2]; take its mean' },
    })
  })
})

describe('checkpoints', () => {
  const uninterrupted = eventsOf({ ...options, stopping: { patience: 3 }, lastBatch: 'keep' })

  it('resume every run at every step, to the bit', () => {
    const saved: Array<Parameters<Saving['save']>[0]> = []
    const save: Saving['save'] = (checkpoint) => () => {
      saved.push(checkpoint)
      return E.right(undefined)
    }
    const run = { ...options, stopping: { patience: 3 }, lastBatch: 'keep' as const }
    const events = eventsOf({ ...run, checkpoint: { save, steps: 1 } })
    const others = events.filter(({ _tag }) => _tag !== 'checkpoint')
    expect(others).toEqual(uninterrupted)
    expect(saved.length).toBe(25)
    for (const checkpoint of saved) {
      const rest = eventsOf({ ...run, resume: checkpoint })
      const before = uninterrupted.findLastIndex(
        (e) => e._tag === 'epoch' && e.step <= checkpoint.progress.step && checkpoint.progress.position === 0,
      )
      const from =
        checkpoint.progress.position === 0
          ? before + 1
          : uninterrupted.findIndex((e) => e._tag === 'step' && e.step === checkpoint.progress.step) + 1
      expect(rest).toEqual(uninterrupted.slice(from))
    }
  })

  it('of another run are refused', () => {
    let kept: Parameters<Saving['save']>[0] | null = null
    const save: Saving['save'] = (checkpoint) => () => {
      kept = checkpoint
      return E.right(undefined)
    }
    eventsOf({ ...options, epochs: 1, checkpoint: { save } })
    if (kept === null) return expect.fail()
    const resume = kept
    expect(train({ ...options, seed: 9, resume })).toMatchObject({
      left: { message: 'fit: the checkpoint is of another run: its seed is 3, here it is 9' },
    })
    expect(train({ ...options, batchSize: 8, resume })).toMatchObject({ left: { path: 'batchSize' } })
    expect(train({ ...options, optimiser: sgd({ rate: 1 }) as never, resume })).toMatchObject({
      left: { path: 'optimiser' },
    })
    expect(train({ ...options, engine: { scalar: 'f32' }, resume })).toMatchObject({ left: { path: 'program' } })
    expect(tags(eventsOf({ ...options, epochs: 2, resume }))).toEqual([
      ...new Array(4).fill('step'),
      'epoch',
      'stopped',
    ])
  })

  it('that cannot be saved end the run', () => {
    const save: Saving['save'] = () => () => E.left({ _tag: 'UnreadableFile', message: 'disk full' })
    const events = eventsOf({ ...options, checkpoint: { save } })
    expect(last(events)).toMatchObject({ _tag: 'failed', failure: { message: 'disk full' } })
  })
})
