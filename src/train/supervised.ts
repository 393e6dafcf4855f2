/**
 * Models of `wengert/nn` in training: their losses and measures on batches of inputs and targets.
 *
 * @since 0.1.0
 */
import type { Batch, Blocks, Model } from '../nn/index.js'
import { flatMap, gen, type Reverse } from '../Reverse.js'
import type { Var } from '../Var.js'
import type { Measure, Measures } from './evaluation.js'
import type { Assessed, Situation } from './step.js'

/**
 * A batch of inputs `A`, types of one example, and what they should give.
 *
 * @category model
 * @since 0.1.0
 */
export type Pairs<A, Y> = { readonly input: Batch<number, A>; readonly target: Y }

/**
 * The loss of a model: its output compared with the target. In training the model draws from the step's key and renews its
 * state.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isRight } from 'fp-ts/lib/Either.js'
 * import { crossEntropy, ints, relu, tensor, type Var } from 'wengert'
 * import { dropout, linear, sequential } from 'wengert/nn'
 * import { adam } from 'wengert/optim'
 * import { key } from 'wengert/Random'
 * import { fit, supervised } from 'wengert/train'
 *
 * const model = sequential(linear(2, 8), relu, dropout(0.1), linear(8, 2))
 * const loss = supervised(model, (logits, label: Var<readonly [number], 'int'>) => crossEntropy(logits, label))
 * const xor = { input: tensor([[0, 0], [0, 1], [1, 0], [1, 1]]), target: ints([0, 1, 1, 0]) }
 * const weights = model.init(key(1))
 * assert(isRight(weights))
 * const optimiser = adam({ rate: 0.05 })
 * const run = fit({ loss, optimiser, ...weights.right, data: xor, batchSize: 4, epochs: 3, seed: 1 })
 * assert(isRight(run))
 * assert.strictEqual([...run.right].filter(({ _tag }) => _tag === 'step').length, 3)
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const supervised =
  <P extends Blocks, A, B, S extends Blocks, R, Y>(
    model: Model<P, A, B, S, R>,
    compare: (output: Batch<number, B>, target: Y) => Reverse<Var<readonly []>>,
  ): ((parameters: P, batch: Pairs<A, Y>, situation: Situation<S>) => Reverse<Assessed<S>>) =>
  (parameters, { input, target }, situation) =>
    gen(function* () {
      const applied = yield* model.apply(
        { parameters, state: situation.state } as never,
        situation,
      )<number>(input as never)
      return { loss: yield* compare(applied.output, target), state: applied.state }
    })

/**
 * Measures of a model: named functions of its output and the target, `{ loss, accuracy }`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const measured =
  <P extends Blocks, A, B, S extends Blocks, R, Y, T extends Measures>(
    model: Model<P, A, B, S, R>,
    measure: (output: Batch<number, B>, target: Y) => Reverse<T>,
  ): Measure<P, Pairs<A, Y>, S, T> =>
  (parameters, { input, target }, situation) =>
    flatMap(
      model.apply({ parameters, state: situation.state } as never, situation)<number>(input as never),
      ({ output }) => measure(output, target),
    )
