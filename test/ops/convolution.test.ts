import { describe, expect, it } from 'vitest'
import { conv1d, conv2d } from '../../src/ops/convolution.js'
import { sum } from '../../src/ops/reduction.js'
import { ints, ones, tensor } from '../../src/Tensor.js'
import { refusal, result, slope, value } from './given.js'

const conv = conv1d as any
const x = tensor([[[1, 4, 9, 16]]])
const w = tensor([[[1, -1]]])
const image = tensor([
  [
    [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ],
  ],
])

describe('conv1d', () => {
  it('by hand', () => {
    expect(value((v) => conv(v, w), x)).toEqual([[[-3, -5, -7]]])
    expect(value((v) => conv(v, w, { padding: 1 }), x)).toEqual([[[-1, -3, -5, -7, 16]]])
    expect(value((v) => conv(v, w, { padding: [[1, 0]], stride: 2 }), x)).toEqual([[[-1, -5]]])
    expect(value((v) => conv(v, w, { dilation: 3 }), x)).toEqual([[[-15]]])
    expect(value((v) => conv(v, w, { padding: 'same' }), x)).toEqual([[[-3, -5, -7, 16]]])
    expect(value((v) => conv(v, w, { padding: 'same', stride: 3 }), x)).toEqual([[[-3, 16]]])
    expect(value((v) => conv(v, ones([1, 1, 5])), x)).toEqual([[[]]])
  })
  it('in groups', () => {
    const two = tensor([
      [
        [1, 2],
        [10, 20],
      ],
    ])
    expect(value((v) => conv(v, tensor([[[1]], [[2]]]), { groups: 2 }), two)).toEqual([
      [
        [1, 2],
        [20, 40],
      ],
    ])
    expect(value((v) => conv(v, tensor([[[1], [2]]])), two)).toEqual([[[21, 42]]])
  })
  it('refuses', () => {
    const refused = (options: any, kernel: any = w) => refusal((v) => conv(v, kernel, options), x)
    expect(refused({}, ones([1, 2]))).toBe(
      'conv1d: [1, 1, 4] with [1, 2] are not [examples, channels, length] and [outputs, channels / groups, kernel]',
    )
    expect(refused({}, ones([1, 2, 2]))).toBe('conv1d: channels differ: 1 (input, in each group) and 2 (kernel)')
    expect(refused({}, ones([1, 1, 0]))).toBe('conv1d: the kernel of [1, 1, 0] is empty')
    expect(refused({ groups: 2 })).toBe('conv1d: 2 groups must divide the 1 channels and the 1 outputs')
    for (const n of [0, -1, 0.5, NaN]) {
      expect(refused({ stride: n })).toBe(`conv1d: the stride must be an integer >= 1, not ${n}`)
      expect(refused({ dilation: [n] })).toBe(`conv1d: the dilation must be an integer >= 1, not ${n}`)
      expect(refused({ groups: n })).toBe(`conv1d: the groups must be an integer >= 1, not ${n}`)
    }
    for (const n of [-1, 0.5, NaN])
      expect(refused({ padding: n })).toBe(`conv1d: the padding must be an integer >= 0, not ${n}`)
    expect(refused({ padding: 'full' })).toBe(
      "conv1d: the padding must be 'same', 'valid', a number or pairs, not 'full'",
    )
    expect(refused({ stride: [1, 2] })).toBe(
      'conv1d: the stride [1, 2] needs 1 entries, one for each spatial dimension',
    )
    expect(refused({ padding: [] })).toBe('conv1d: 0 pairs of padding for 1 spatial dimensions')
    expect(refusal((v) => conv(v, ints([[[1]]])), ints([[[1]]]))).toBe(
      'convolve: takes real operands, not int [1, 1, 1]',
    )
  })
})

describe('conv2d', () => {
  it('by hand', () => {
    expect(value((v) => conv2d(v, ones([1, 1, 2, 2])), image)).toEqual([
      [
        [
          [12, 16],
          [24, 28],
        ],
      ],
    ])
    expect(value((v) => conv2d(v, ones([1, 1, 3, 3]), { padding: 'same', stride: 2 }), image)).toEqual([
      [
        [
          [12, 16],
          [24, 28],
        ],
      ],
    ])
    expect(
      result(
        (v) =>
          conv2d(v, ones([4, 1, 3, 1]), {
            padding: [
              [1, 1],
              [0, 2],
            ],
          }),
        image,
      ).shape,
    ).toEqual([1, 4, 3, 5])
    expect(slope((v) => sum(conv2d(v, ones([1, 1, 2, 2]))), image)).toEqual([
      [
        [
          [1, 2, 1],
          [2, 4, 2],
          [1, 2, 1],
        ],
      ],
    ])
  })
})
