import { describe, expect, it } from 'vitest'
import { crossEntropy, map, relu, type Var } from 'wengert'
import { batchNorm, dropout, linear, sequential } from 'wengert/nn'
import { adam } from 'wengert/optim'
import { key } from 'wengert/Random'
import { evaluator, inMemory, measured, supervised, fit as train } from 'wengert/train'
import { data, numbers, right } from './support.js'

type Label = Var<readonly [number], 'int'>

const model = sequential(linear(2, 16), batchNorm(16), relu, dropout(0.2), linear(16, 2))
const pairs = { input: data.x, target: data.label }
const weights = right(model.init(key(1)))
const compare = (logits: Var<readonly [number, 2]>, label: Label) => crossEntropy(logits, label)

describe('a model with running state and dropout', () => {
  const run = right(
    train({
      loss: supervised(model, compare),
      optimiser: adam({ rate: 0.02 }),
      ...weights,
      data: pairs,
      batchSize: 10,
      epochs: 30,
      seed: 2,
    }),
  )
  const events = [...run]
  const end = events[events.length - 1]

  it('learns, and its statistics move', () => {
    if (end._tag !== 'stopped') return expect.fail(end._tag)
    const measure = measured(model, (logits: Var<readonly [number, 2]>, label: Label) =>
      map((loss: Var<readonly []>) => ({ loss }))(compare(logits, label)),
    )
    const evaluate = right(evaluator(measure, right(inMemory(pairs)), weights, { batchSize: 32 }))
    expect(right(evaluate(end)).loss).toBeLessThan(0.5 * right(evaluate(weights)).loss)
    expect(numbers(end.state)).not.toEqual(numbers(weights.state))
  })

  it('does so again to the bit', () => {
    expect([...run]).toEqual(events)
  })
})
