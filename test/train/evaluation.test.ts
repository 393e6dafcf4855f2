import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { map, mean, mul, scalar, tensor, type Values, type Var } from 'wengert'
import { evaluator, inMemory, type Source } from 'wengert/train'
import { right } from './support.js'

type P = { readonly k: Var<readonly []> }
type X = { readonly x: Var<readonly [number]> }

const source = right(inMemory<Values<X>>({ x: tensor([1, 2, 3, 4, 5, 6, 7]) }))
const measure = ({ k }: P, { x }: X) => map((y: Var<readonly []>) => ({ mean: y }))(mean(mul(x, k)))
const weights = { parameters: { k: scalar(2) }, state: [] as const }

describe('evaluator', () => {
  for (const batchSize of [1, 2, 3, 6, 7, 100])
    it(`counts every example once, in batches of ${batchSize}`, () => {
      const evaluate = right(evaluator(measure, source, weights, { batchSize }))
      expect(right(evaluate(weights)).mean).toBeCloseTo(8, 14)
      expect(right(evaluate({ ...weights, parameters: { k: scalar(3) } })).mean).toBeCloseTo(12, 14)
    })

  it('records in evaluation mode', () => {
    const modes: Array<string> = []
    right(
      evaluator(
        (p: P, x: X, { mode }) => {
          modes.push(mode)
          return measure(p, x)
        },
        source,
        weights,
        { batchSize: 3 },
      ),
    )
    // once for whole batches, once for the last one
    expect(modes).toEqual(['evaluation', 'evaluation'])
  })

  it('refuses an empty source and a batch size that is none', () => {
    const empty = right(inMemory<Values<X>>({ x: tensor([]) as never }))
    expect(evaluator(measure, empty, weights)).toMatchObject({ left: { _tag: 'InvalidArgument' } })
    expect(evaluator(measure, source, weights, { batchSize: 0 })).toMatchObject({ left: { _tag: 'InvalidArgument' } })
  })

  it('fails as its source does', () => {
    let calls = 0
    const broken: Source<Values<X>> = {
      ...source,
      take: (at, key) => (++calls > 2 ? E.left({ _tag: 'UnreadableFile', message: 'gone' }) : source.take(at, key)),
    }
    const evaluate = right(evaluator(measure, broken, weights, { batchSize: 3 }))
    expect(evaluate(weights)).toMatchObject({ left: { message: 'gone' } })
  })
})
