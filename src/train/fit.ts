/**
 * Training as a lazy stream of events. `fit` plans a run and records its step; iterating over what it gives makes the steps,
 * as far as events are asked for, and leaving the loop ends the run.
 *
 * Laws. The events, and every bit of the learner, depend on the options alone: iterating twice gives the same twice. A run
 * resumed from any of its checkpoints gives the events that the uninterrupted run gives after it. The last event, and no
 * other, is `stopped` or `failed`.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { firstNonFinite } from '../engine/index.js'
import { type Failure, fail, failure } from '../Failure.js'
import { type AnyTensor, ints } from '../Tensor.js'
import * as Tree from '../Tree.js'
import type { Event, Failed, Learnt, Saved, Validated } from './events.js'
import type { AnyOptions, FitOptions } from './options.js'
import { type Cursor, type Plan, planned, stepsOf } from './plan.js'
import { exhausted, observe } from './stopping.js'

const finite = (tree: Tree.TensorTree): boolean =>
  Tree.leaves<AnyTensor>(tree).every(({ data }) => Array.prototype.every.call(data, Number.isFinite))

const broken = (message: string, position?: number): Failure =>
  failure('NonFinite', `fit: ${message}`, { operation: 'fit', ...(position === undefined ? {} : { position }) })

/**
 * Why a run met a number that is not finite. The learner has moved on since, so the steps from an earlier cursor of the
 * same epoch are made again, which gives the same numbers, up to the first that leaves something not finite.
 */
const blame = (plan: Plan, cursor: Cursor, scalar: 'f64' | 'f32'): E.Either<Failure, Failure> => {
  const machine = plan.start(cursor.learner)
  if (E.isLeft(machine)) return machine
  let learner = cursor.learner
  for (let { position } = cursor; position < plan.batches; position++) {
    const step = stepsOf(learner)
    const place = { epoch: cursor.epoch, position, step }
    const made = machine.right.step(place)
    if (E.isLeft(made)) return made
    const next = machine.right.learner()
    if (!Number.isFinite(made.right.loss) || !finite(next)) {
      const before = learner
      return pipe(
        plan.taken(place),
        E.chain(({ batch, key }) =>
          firstNonFinite(plan.program(position), { scalar })({ learner: before, batch, key: ints([key[0], key[1]]) }),
        ),
        E.map((found) =>
          found === null
            ? broken(`step ${step + 1} gave a number that is not finite, and the reference engine does not`)
            : broken(`at step ${step + 1} ${found.message}`, found.position),
        ),
      )
    }
    learner = next
  }
  return E.right(broken('a number that is not finite was met, and not when the epoch was made again'))
}

/** Whether something happens after an epoch: every so many of them, and after the last. */
const due = (every: number | undefined, epoch: number, epochs: number): boolean =>
  (epoch + 1) % (every ?? 1) === 0 || epoch + 1 === epochs

/** Whether a checkpoint is due after a step. */
const wanted = (checkpoint: AnyOptions['checkpoint'], step: number): boolean =>
  checkpoint?.now?.() === true || (checkpoint?.steps !== undefined && step % checkpoint.steps === 0)

/** The loss that early stopping looks at. */
const watched = (measures: Validated['measures'], name: string): E.Either<Failure, number> =>
  Object.hasOwn(measures, name)
    ? E.right(measures[name])
    : fail(
        'InvalidArgument',
        `fit: early stopping looks at ${name}, and the validation measures only ${Object.keys(measures).join(', ')}`,
        { operation: 'fit' },
      )

function* events(options: AnyOptions, plan: Plan): Generator<Event<Tree.VarTree, Tree.VarTree>, void, void> {
  const { epochs, validation, stopping, checkpoint } = options
  const failed = (step: number, epoch: number, why: Failure): Failed => ({ _tag: 'failed', step, epoch, failure: why })
  const spoilt = (): Failure => E.toUnion(blame(plan, cursor, options.engine?.scalar ?? 'f64'))
  const learnt = ({ parameters, state }: Learnt<Tree.VarTree, Tree.VarTree>) => ({ parameters, state })
  const exhaustedNow = (): boolean => stopping !== undefined && exhausted(stopping)(cursor.watch)

  let cursor = plan.from
  let step = stepsOf(cursor.learner)
  const started = plan.start(cursor.learner)
  if (E.isLeft(started)) return yield failed(step, cursor.epoch, started.left)
  const machine = started.right
  const save = (): Saved | Failed => {
    const at = { step: stepsOf(cursor.learner), epoch: cursor.epoch }
    const done = checkpoint?.save(plan.checkpoint(cursor))() ?? E.right(undefined)
    return E.isLeft(done) ? failed(at.step, at.epoch, done.left) : { _tag: 'checkpoint', ...at }
  }

  while (cursor.epoch < epochs && !exhaustedNow()) {
    const { epoch } = cursor
    let { total } = cursor
    for (let { position } = cursor; position < plan.batches; position++) {
      const made = machine.step({ epoch, position, step })
      if (E.isLeft(made)) return yield failed(step, epoch, made.left)
      const { loss, rate } = made.right
      if (!Number.isFinite(loss)) return yield failed(step, epoch, spoilt())
      step++
      total += loss
      yield { _tag: 'step', step, epoch, loss, rate }
      if (wanted(checkpoint, step) && position + 1 < plan.batches) {
        const learner = machine.learner()
        if (!finite(learner)) return yield failed(step, epoch, spoilt())
        cursor = { ...cursor, learner, position: position + 1, total }
        const saved = save()
        yield saved
        if (saved._tag === 'failed') return
      }
    }

    const learner = machine.learner()
    if (!finite(learner)) return yield failed(step, epoch, spoilt())
    const now = learnt(learner as never)
    cursor = { ...cursor, learner, epoch: epoch + 1, position: 0, total: 0 }
    const mean = total / plan.batches
    yield { _tag: 'epoch', epoch, step, loss: mean, ...now }

    let observed: E.Either<Failure, number> | null = validation === undefined ? E.right(mean) : null
    if (validation !== undefined && due(validation.epochs, epoch, epochs)) {
      const measures = validation.evaluate(now as never)
      if (E.isLeft(measures)) return yield failed(step, epoch, measures.left)
      yield { _tag: 'validation', epoch, step, measures: measures.right }
      observed = watched(measures.right, validation.watch ?? 'loss')
    }
    if (stopping !== undefined && observed !== null) {
      if (E.isLeft(observed)) return yield failed(step, epoch, observed.left)
      const watch = observe(stopping)(cursor.watch, epoch, observed.right)
      const better = watch.waited === 0 && stopping.restoreBest !== false
      cursor = { ...cursor, watch, best: better ? learner : cursor.best }
    }
    if (checkpoint !== undefined && (due(checkpoint.epochs, epoch, epochs) || exhaustedNow())) {
      const saved = save()
      yield saved
      if (saved._tag === 'failed') return
    }
  }
  const end = learnt((cursor.best ?? cursor.learner) as never)
  const best = cursor.best === null ? null : cursor.watch.best
  yield { _tag: 'stopped', reason: exhaustedNow() ? 'patience' : 'finished', step, best, ...end }
}

/**
 * Plans a run and records its step. What it gives may be iterated any number of times, each time a run from the beginning
 * (or from `resume`); nothing is computed before the first event is asked for.
 *
 * Fails with `InvalidArgument` on options out of range, as recording and compiling the step do, and with
 * `StructureMismatch` on a checkpoint of another run. What goes wrong later is the event `failed`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { add, meanSquaredError, mul, scalar, tensor, type Var } from 'wengert'
 * import { sgd } from 'wengert/optim'
 * import { fit } from 'wengert/train'
 *
 * type Line = { readonly slope: Var<readonly []>; readonly height: Var<readonly []> }
 * type Points = { readonly x: Var<readonly [number]>; readonly y: Var<readonly [number]> }
 *
 * const run = fit({
 *   loss: ({ slope, height }: Line, { x, y }: Points) => meanSquaredError(add(mul(x, slope), height), y),
 *   optimiser: sgd({ rate: 0.1 }),
 *   parameters: { slope: scalar(0), height: scalar(0) },
 *   data: { x: tensor([0, 1, 2, 3]), y: tensor([1, 3, 5, 7]) },
 *   batchSize: 2,
 *   epochs: 200,
 *   seed: 1,
 * })
 * assert(isRight(run))
 * for (const event of run.right)
 *   if (event._tag === 'stopped') {
 *     const { slope, height } = event.parameters
 *     assert(Math.abs(slope.data[0] - 2) < 1e-6 && Math.abs(height.data[0] - 1) < 1e-6)
 *   }
 * ```
 *
 * @category training
 * @since 0.1.0
 */
export const fit = <P extends Tree.VarTree, X extends Tree.VarTree, M extends Tree.VarTree = readonly [], S = unknown>(
  options: FitOptions<P, X, M, S>,
): E.Either<Failure, Iterable<Event<P, M>>> => {
  const erased = options as unknown as AnyOptions
  return E.map((plan: Plan) => ({ [Symbol.iterator]: () => events(erased, plan) }))(planned(erased)) as never
}
