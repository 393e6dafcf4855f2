/**
 * Evaluating in batches: the mean of measures over all examples, however many fit into memory at once.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { compile, type EngineOptions } from '../engine/index.js'
import { type Failure, fail } from '../Failure.js'
import { record } from '../Program.js'
import type { Reverse } from '../Reverse.js'
import type { Tensor } from '../Tensor.js'
import type * as Tree from '../Tree.js'
import type { Var } from '../Var.js'
import type { Source } from './source.js'
import type { Situation } from './step.js'

/**
 * Named measures of a batch, each the mean over its examples: `{ loss, accuracy }`.
 *
 * @category model
 * @since 0.1.0
 */
export type Measures = { readonly [name: string]: Var<readonly []> }

/**
 * What is measured.
 *
 * @category model
 * @since 0.1.0
 */
export type Measure<P, X, M, R extends Measures> = (parameters: P, batch: X, situation: Situation<M>) => Reverse<R>

/**
 * @category model
 * @since 0.1.0
 */
export interface EvaluationOptions extends EngineOptions {
  /** 256 unless given */
  readonly batchSize?: number
}

const KEY = [0, 0] as const

/**
 * The means of measures over a source: every example counts once, those of a last batch that is not full included, for
 * which a second program is compiled. Both are compiled once; the result may be called for many parameters.
 *
 * Fails with `InvalidArgument` on an empty source or a batch size that is no positive integer, and as recording does.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { pipe } from 'fp-ts/lib/function.js'
 * import * as E from 'fp-ts/lib/Either.js'
 * import { map, meanSquaredError, mul, scalar, tensor, type Var } from 'wengert'
 * import { evaluator, inMemory } from 'wengert/train'
 *
 * type K = { readonly k: Var<readonly []> }
 * type Batch = { readonly x: Var<readonly [number]>; readonly y: Var<readonly [number]> }
 * const fit = ({ k }: K, { x, y }: Batch) => map((mse: Var<readonly []>) => ({ mse }))(meanSquaredError(mul(x, k), y))
 * const means = pipe(
 *   inMemory({ x: tensor([1, 2, 3]), y: tensor([2, 4, 9]) }),
 *   E.chain((data) => evaluator(fit, data, { parameters: { k: scalar(2) }, state: [] }, { batchSize: 2 })),
 *   E.chain((evaluate) => evaluate({ parameters: { k: scalar(2) }, state: [] })),
 * )
 * assert.deepStrictEqual(means, E.right({ mse: 3 }))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const evaluator = <P extends Tree.VarTree, X extends Tree.VarTree, M extends Tree.VarTree, R extends Measures>(
  measure: Measure<P, X, M, R>,
  source: Source<Tree.Values<X>>,
  like: { readonly parameters: Tree.Values<P>; readonly state: Tree.Values<M> },
  { batchSize = 256, ...engine }: EvaluationOptions = {},
): E.Either<
  Failure,
  (weights: {
    readonly parameters: Tree.Values<P>
    readonly state: Tree.Values<M>
  }) => E.Either<Failure, { readonly [K in keyof R]: number }>
> => {
  if (!Number.isSafeInteger(batchSize) || batchSize < 1)
    return fail('InvalidArgument', `evaluator: the batch size must be a positive integer, not ${batchSize}`)
  if (source.rows === 0) return fail('InvalidArgument', 'evaluator: there are no examples to evaluate')
  type Inputs = { readonly parameters: P; readonly state: M; readonly batch: X }
  type Run = (inputs: unknown) => E.Either<Failure, { readonly [name: string]: Tensor<readonly []> }>

  const ranges = Array.from({ length: Math.ceil(source.rows / batchSize) }, (_, i) =>
    Array.from({ length: Math.min(batchSize, source.rows - i * batchSize) }, (__, j) => i * batchSize + j),
  )
  const compiled = (at: ReadonlyArray<number>): E.Either<Failure, Run> =>
    E.chain((batch: Tree.Values<X>) =>
      E.map(({ run }: { readonly run: unknown }) => run as Run)(
        E.chain(compile(engine))(
          record(({ parameters, state, batch: x }: Inputs) => measure(parameters, x, { mode: 'evaluation', state }))({
            parameters: like.parameters,
            state: like.state,
            batch,
          } as never),
        ),
      ),
    )(source.take(at, KEY))
  const whole = compiled(ranges[0])
  if (E.isLeft(whole)) return whole
  const last = ranges[ranges.length - 1]
  const rest = last.length === ranges[0].length ? whole : compiled(last)
  if (E.isLeft(rest)) return rest

  return E.right(({ parameters, state }) => {
    const totals: Record<string, number> = {}
    for (const at of ranges) {
      const batch = source.take(at, KEY)
      if (E.isLeft(batch)) return batch
      const measured = (at === last ? rest : whole).right({ parameters, state, batch: batch.right })
      if (E.isLeft(measured)) return measured
      for (const [name, value] of Object.entries(measured.right))
        totals[name] = (totals[name] ?? 0) + value.data[0] * at.length
    }
    return E.right(
      Object.fromEntries(Object.entries(totals).map(([name, total]) => [name, total / source.rows])) as {
        readonly [K in keyof R]: number
      },
    )
  })
}
