import { describe, expect, it } from 'vitest'
import { avgPool1d, avgPool2d, maxPool1d, maxPool2d } from '../../src/ops/pooling.js'
import { sum } from '../../src/ops/reduction.js'
import { ones, tensor } from '../../src/Tensor.js'
import { near, refusal, result, slope, value } from './given.js'

const x = tensor([[[1, 2, 3, 4, 5]]])

describe('pooling', () => {
  it('over one dimension', () => {
    expect(value((v) => maxPool1d(v, 2), x)).toEqual([[[2, 4]]])
    expect(value((v) => maxPool1d(v, 3, { stride: 1, padding: 1 }), x)).toEqual([[[2, 3, 4, 5, 5]]])
    expect(value((v) => maxPool1d(v, 2, { padding: 'same' }), x)).toEqual([[[2, 4, 5]]])
    expect(value((v) => maxPool1d(v, 2, { padding: 1 }), tensor([[[-1, -2]]]))).toEqual([[[-1, -2]]])
    expect(value((v) => avgPool1d(v, 2), x)).toEqual([[[1.5, 3.5]]])
  })
  it('divides by the real elements, unless padding counts', () => {
    near(
      value((v) => avgPool1d(v, 3, { stride: 1, padding: 1 }), x),
      [1.5, 2, 3, 4, 4.5],
    )
    near(
      value((v) => avgPool1d(v, 3, { stride: 1, padding: 1, countPadding: true }), x),
      [1, 2, 3, 4, 3],
    )
    expect(value((v) => avgPool2d(v, 2, { padding: 1, stride: 1 }), ones([1, 1, 2, 3]))).toEqual([
      [
        [
          [1, 1, 1, 1],
          [1, 1, 1, 1],
          [1, 1, 1, 1],
        ],
      ],
    ])
    expect(slope((v) => sum(avgPool2d(v, 2, { padding: 1 })), ones([1, 1, 2, 2]))).toEqual([
      [
        [
          [1, 1],
          [1, 1],
        ],
      ],
    ])
  })
  it('over two', () => {
    expect(
      value(
        (v) => maxPool2d(v, [1, 2]),
        tensor([
          [
            [
              [1, 2],
              [4, 3],
            ],
          ],
        ]),
      ),
    ).toEqual([[[[2], [4]]]])
    expect(
      slope(
        (v) => sum(maxPool2d(v, 2)),
        tensor([
          [
            [
              [1, 4],
              [4, 3],
            ],
          ],
        ]),
      ),
    ).toEqual([
      [
        [
          [0, 0.5],
          [0.5, 0],
        ],
      ],
    ])
    expect(result((v) => maxPool2d(v, 3), ones([2, 3, 2, 2])).shape).toEqual([2, 3, 0, 0])
  })
  it('refuses', () => {
    expect(refusal((v) => maxPool2d(v, 2), x)).toBe(
      'maxPool2d: takes [examples, channels, height, width], not [1, 1, 5]',
    )
    for (const n of [0, -1, 0.5, NaN]) {
      expect(refusal((v) => maxPool1d(v, n), x)).toBe(`maxPool1d: the window must be an integer >= 1, not ${n}`)
      expect(refusal((v) => avgPool1d(v, 2, { stride: n }), x)).toBe(
        `avgPool1d: the stride must be an integer >= 1, not ${n}`,
      )
    }
    expect(refusal((v) => maxPool1d(v, 2, { padding: 2 }), x)).toBe(
      'maxPool1d: the padding [2, 2] must be less than the window, which is 2',
    )
  })
})
