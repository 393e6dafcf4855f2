import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import * as m from '../../src/nn/metrics.js'
import { ints, tensor } from '../../src/Tensor.js'
import { near } from '../ops/given.js'
import { given, sentence } from './support.js'

// the example of scikit-learn's guide: labels 0 1 2 0 1 2, predictions 0 2 1 0 0 1
const matrix = given(m.confusionMatrix(3)([0, 2, 1, 0, 0, 1], [0, 1, 2, 0, 1, 2]))

describe('classification', () => {
  it('accuracy', () => {
    expect(m.accuracy([0, 2, 1], ints([0, 1, 1]))).toEqual(E.right(2 / 3))
    expect(m.accuracy([], [])).toEqual(E.right(NaN))
    expect(sentence(m.accuracy([1], []))).toBe('accuracy: 1 predictions for 0 targets')
  })
  it('the confusion matrix has true classes in rows', () => {
    expect(matrix).toEqual(
      ints([
        [2, 0, 0],
        [1, 0, 1],
        [0, 2, 0],
      ]),
    )
    expect(sentence(m.confusionMatrix(2)([2], [0]))).toBe(
      'confusionMatrix: example 0 is predicted 2, which is not a class from 0 to 1',
    )
    expect(sentence(m.confusionMatrix(2)([0, 0], [0, 0.5]))).toBe(
      'confusionMatrix: example 1 is labelled 0.5, which is not a class from 0 to 1',
    )
    expect(sentence(m.confusionMatrix(1e9)([], []))).toMatch(/from 1 to 4096/)
  })
  it('precision, recall and F1 as scikit-learn documents them', () => {
    near(m.precision('macro')(matrix), 2 / 9)
    near(m.precision('micro')(matrix), 1 / 3)
    near(m.recall('macro')(matrix), 1 / 3)
    near(m.recall('micro')(matrix), 1 / 3)
    near(m.f1('macro')(matrix), 0.8 / 3)
    near(m.f1('micro')(matrix), 1 / 3)
    expect(m.byClass(matrix)[0]).toEqual({ precision: 2 / 3, recall: 1, f1: 0.8, support: 2 })
  })
  it('binary figures are those of class 1', () => {
    const two = given(m.confusionMatrix(2)([1, 1, 1, 0], [1, 0, 1, 1]))
    expect([m.precision('binary')(two), m.recall('binary')(two), m.f1('binary')(two)]).toEqual([2 / 3, 2 / 3, 2 / 3])
  })
  it('a class never predicted or never occurring counts 0, one that does neither is left out', () => {
    const rare = given(m.confusionMatrix(4)([0, 0], [0, 1]))
    expect(m.precision('macro')(rare)).toBe(0.25)
    expect(m.recall('macro')(rare)).toBe(0.5)
    expect(m.byClass(rare)[3]).toEqual({ precision: 0, recall: 0, f1: 0, support: 0 })
    expect(m.f1('macro')(given(m.confusionMatrix(2)([], [])))).toBe(NaN)
    expect(m.f1('binary')(given(m.confusionMatrix(1)([0], [0])))).toBe(0)
  })
  it('classOf takes the first of the largest', () => {
    expect(
      m.classOf(
        tensor([
          [1, 3, 3],
          [0, -1, -2],
          [0, NaN, 1],
        ]),
      ),
    ).toEqual([1, 0, -1])
  })
  it('logLoss', () => {
    near(
      given(
        m.logLoss(
          tensor([
            [0.5, 0.5],
            [0.2, 0.8],
          ]),
          [0, 1],
        ),
      ),
      (Math.log(2) - Math.log(0.8)) / 2,
    )
    expect(m.logLoss(tensor([[1, 0]]), [1])).toEqual(E.right(Infinity))
    expect(sentence(m.logLoss(tensor([[1, 0]]), [2]))).toBe('logLoss: the label 2 is not a class from 0 to 1')
    expect(sentence(m.logLoss(tensor([[1, 0]]), []))).toBe('logLoss: 0 labels for probabilities [1, 2]')
  })
})

describe('regression', () => {
  it('rSquared', () => {
    // the example of scikit-learn's documentation
    near(given(m.rSquared([2.5, 0, 2, 8], [3, -0.5, 2, 7])), 0.9486081370449679)
    expect(m.rSquared(tensor([1, 1]), [1, 1])).toEqual(E.right(1))
    expect(m.rSquared([1, 2], [1, 1])).toEqual(E.right(0))
    expect(m.rSquared([], [])).toEqual(E.right(NaN))
    expect(sentence(m.rSquared([1], []))).toMatch(/1 predictions for 0 targets/)
  })
})
