import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { run, sum, tensor } from '../../src/index.js'
import * as nn from '../../src/nn/index.js'
import { key } from '../../src/Random.js'
import { map } from '../../src/Reverse.js'
import * as T from '../../src/Tensor.js'
import { grad } from '../../src/transform/index.js'
import { verifyGradient } from '../../src/verify/index.js'
import { near } from '../ops/given.js'
import { given, sentence } from './support.js'

type AnyModel = nn.Model<any, any, any, any, any>

/** What a model gives in a mode. */
const applied = (model: AnyModel, weights: any, x: any, mode: 'training' | 'evaluation' = 'evaluation'): any =>
  given(
    run((v: any) => model.apply(weights, mode === 'training' ? { mode, key: key(5) } : { mode })(v) as any)(x) as any,
  )

const output = (model: AnyModel, weights: any, x: any, mode?: 'training' | 'evaluation'): any =>
  T.toNested(applied(model, weights, x, mode).output)

const refusalOf = (model: AnyModel, x: any, weights?: any): string =>
  sentence(
    run((v: any) => model.apply(weights ?? given(model.init(key(1))), { mode: 'evaluation' })(v) as any)(x) as any,
  )

/** Every layer with an input for a batch of 3, in both modes where they differ. */
const cases: ReadonlyArray<readonly [string, AnyModel, any]> = [
  ['linear', nn.linear(4, 3), T.normal(key(2), [3, 4])],
  ['linear without bias, on sequences', nn.linear(4, 3, { bias: false }), T.normal(key(2), [3, 2, 4])],
  ['conv1d', nn.conv1d(2, 4, 3, { padding: 1, groups: 2 }), T.normal(key(2), [3, 2, 5])],
  ['conv2d', nn.conv2d(2, 3, [2, 3], { stride: [1, 2], padding: 'same' }), T.normal(key(2), [3, 2, 4, 5])],
  ['maxPool1d', nn.maxPool1d(2), T.normal(key(2), [3, 2, 4])],
  ['maxPool2d', nn.maxPool2d(2, { stride: 1 }), T.normal(key(2), [3, 2, 3, 3])],
  ['avgPool1d', nn.avgPool1d(3, { padding: 1 }), T.normal(key(2), [3, 2, 4])],
  ['avgPool2d', nn.avgPool2d(2), T.normal(key(2), [3, 2, 4, 4])],
  ['globalAvgPool', nn.globalAvgPool, T.normal(key(2), [3, 2, 4, 2])],
  ['globalMaxPool', nn.globalMaxPool, T.normal(key(2), [3, 2, 5])],
  ['flatten', nn.flatten, T.normal(key(2), [3, 2, 2, 2])],
  ['batchNorm', nn.batchNorm(2), T.normal(key(2), [3, 2, 4])],
  ['layerNorm', nn.layerNorm([2, 4]), T.normal(key(2), [3, 2, 4])],
  ['groupNorm', nn.groupNorm(2, 4), T.normal(key(2), [3, 4, 3])],
  ['dropout', nn.dropout(0.4), T.normal(key(2), [3, 6])],
  ['selfAttention', nn.selfAttention(4, 2), T.normal(key(2), [3, 3, 4])],
  ['selfAttention, causal', nn.selfAttention(4, 2, { causal: true }), T.normal(key(2), [3, 3, 4])],
  ['residual', nn.residual(nn.linear(4, 4)), T.normal(key(2), [3, 4])],
  ['fanOut', nn.fanOut(nn.linear(4, 2), nn.linear(4, 3)), T.normal(key(2), [3, 4])],
]

describe('the gradient of every layer is verified', () => {
  for (const [name, model, x] of cases)
    for (const mode of ['training', 'evaluation'] as const)
      it(`${name} in ${mode}`, () => {
        const { parameters, state } = given(model.init(key(3)))
        const context: nn.Context = mode === 'training' ? { mode, key: key(5) } : { mode }
        const f = (p: any) =>
          map(({ output }: any) => output)(model.apply({ parameters: p.parameters, state }, context)(p.x) as any)
        const report = given(verifyGradient(f as any)({ parameters, x } as any))
        expect([report.verdict, report.message]).toEqual(['PASS', report.message])
      })
})

it('the gradient of embedding by its table is verified', () => {
  const f = (p: any) => nn.predict(nn.embedding(4, 3))(p)(T.ints([[0, 3, 3]]) as never)
  const { parameters } = given(nn.embedding(4, 3).init(key(3)))
  expect(given(verifyGradient(f as any)(parameters as any)).verdict).toBe('PASS')
})

describe('definitions', () => {
  it('batchNorm takes the batch in training and what it remembers in evaluation', () => {
    const model = nn.batchNorm(1)
    const start = {
      parameters: [{ scale: tensor([2]), shift: tensor([1]) }],
      state: [{ mean: tensor([0]), variance: tensor([1]) }],
    }
    const x = tensor([[1], [2], [3], [6]])
    // mean 3, variance 3.5, unbiased 14 / 3
    const trained = applied(model, start, x, 'training')
    near(
      T.toNested(trained.output),
      [-2, -1, 0, 3].map((d) => [(2 * d) / Math.sqrt(3.5 + 1e-5) + 1]),
    )
    near(T.toNested(trained.state[0].mean), [0.3])
    near(T.toNested(trained.state[0].variance), [0.9 + (0.1 * 14) / 3])
    const evaluated = applied(model, start, x)
    near(
      T.toNested(evaluated.output),
      [1, 2, 3, 6].map((v) => [(2 * v) / Math.sqrt(1 + 1e-5) + 1]),
    )
    expect(T.toNested(evaluated.state[0].mean)).toEqual([0])
  })
  it('layerNorm and groupNorm', () => {
    const spread = Math.sqrt(0.25 + 1e-5)
    const scale = (shape: ReadonlyArray<number>) => ({
      parameters: [{ scale: T.ones(shape), shift: T.zeros(shape) }],
      state: [],
    })
    near(
      output(
        nn.layerNorm([2]),
        scale([2]),
        tensor([
          [
            [1, 2],
            [5, 4],
          ],
        ]),
      ),
      [
        [
          [-0.5, 0.5],
          [0.5, -0.5],
        ],
      ]
        .flat()
        .map((r) => r.map((v) => v / spread)),
    )
    // two groups of two channels: means 2 and 6, variances 1 and 1
    near(
      output(nn.groupNorm(2, 4), scale([4]), tensor([[[1], [3], [5], [7]]])),
      [-1, 1, -1, 1].map((v) => v / Math.sqrt(1 + 1e-5)),
    )
  })
  it('linear, with and without bias', () => {
    const w = tensor([
      [1, 2],
      [3, 4],
    ])
    expect(output(nn.linear(2, 2), { parameters: [{ w, b: tensor([10, 20]) }], state: [] }, tensor([[1, 1]]))).toEqual([
      [14, 26],
    ])
    expect(output(nn.linear(2, 2, { bias: false }), { parameters: [{ w }], state: [] }, tensor([[1, 1]]))).toEqual([
      [4, 6],
    ])
  })
  it('embedding reads rows, and NaN for what is no symbol', () => {
    const weights = {
      parameters: [
        {
          table: tensor([
            [1, 2],
            [3, 4],
          ]),
        },
      ],
      state: [],
    }
    expect(output(nn.embedding(2, 2), weights, T.ints([[1, 0, 2]]))).toEqual([
      [
        [3, 4],
        [1, 2],
        [NaN, NaN],
      ],
    ])
  })
  it('pooling and flattening', () => {
    const none = { parameters: [], state: [] }
    const x = tensor([
      [
        [
          [1, 2],
          [3, 6],
        ],
      ],
    ])
    expect(output(nn.maxPool2d(2), none, x)).toEqual([[[[6]]]])
    expect(output(nn.avgPool2d(2), none, x)).toEqual([[[[3]]]])
    expect(output(nn.globalAvgPool, none, x)).toEqual([[3]])
    expect(output(nn.globalMaxPool, none, x)).toEqual([[6]])
    expect(output(nn.flatten, none, x)).toEqual([[1, 2, 3, 6]])
  })
  it('dropout keeps the mean in training and does nothing in evaluation', () => {
    const x = T.ones([1, 10_000])
    const none = { parameters: [], state: [] }
    const dropped = output(nn.dropout(0.25), none, x, 'training')[0] as ReadonlyArray<number>
    expect(new Set(dropped)).toEqual(new Set([0, 4 / 3]))
    // the count of zeros is binomial: 2500 with a deviation of 43.3, and 5 of those
    expect(Math.abs(dropped.filter((v) => v === 0).length - 2500)).toBeLessThan(217)
    expect(output(nn.dropout(0.25), none, x)).toEqual([Array.from({ length: 10_000 }, () => 1)])
  })
})

describe('attention', () => {
  const [q, k, v] = [
    tensor([[1, 0]]),
    tensor([
      [1, 0],
      [0, 1],
    ]),
    tensor([[1], [3]]),
  ]
  const read = (mask?: any): any => T.toNested(given(run((x: any) => nn.attend(x, k, v, mask) as any)(q as any)) as any)
  it('weighs values by the softmax of scaled products', () => {
    const e = Math.exp(Math.SQRT1_2)
    near(read(), [[(e + 3) / (e + 1)]])
  })
  it('looks where the mask is true, and reads 0 where that is nowhere', () => {
    expect(read(T.bools([[false, true]]))).toEqual([[3]])
    expect(read(T.bools([[false, false]]))).toEqual([[0]])
    const slope = given(
      run(grad((x: any) => sum(nn.attend(x, k, v, T.bools([[false, false]]))) as any))(q as any),
    ) as any
    expect(T.toNested(slope)).toEqual([[0, 0]])
  })
  it('has heads that each see their own features, as loops compute it', () => {
    const [positions, features, heads] = [3, 4, 2]
    const width = features / heads
    const model = nn.selfAttention(features, heads)
    const weights: any = given(model.init(key(4)))
    const x: any = T.toNested(T.normal(key(2), [positions, features]))
    const dense = (rows: any, { w, b }: any): any =>
      rows.map((row: any) =>
        Array.from({ length: features }, (_, j) =>
          row.reduce((sum: number, v: number, i: number) => sum + v * w.data[i * features + j], b.data[j]),
        ),
      )
    const [q, k, v] = [0, 1, 2].map((i) => dense(x, weights.parameters[i]))
    const mixed = x.map(() => Array.from({ length: features }, () => 0))
    for (let h = 0; h < heads; h++)
      for (let t = 0; t < positions; t++) {
        const product = (s: number): number => {
          let sum = 0
          for (let d = h * width; d < (h + 1) * width; d++) sum += q[t][d] * k[s][d]
          return Math.exp(sum / Math.sqrt(width))
        }
        const all = [0, 1, 2].map(product)
        const total = all.reduce((a, b) => a + b)
        for (let d = h * width; d < (h + 1) * width; d++)
          mixed[t][d] = all.reduce((sum, weight, s) => sum + (weight / total) * v[s][d], 0)
      }
    const found = output(model, weights, given(T.fromData([1, positions, features], x.flat())))
    near(found[0], dense(mixed, weights.parameters[3]))
  })
  it('with a causal mask does not see what comes later', () => {
    const model = nn.selfAttention(4, 2, { causal: true })
    const weights = given(model.init(key(1)))
    const x = T.normal(key(2), [1, 3, 4])
    const later = given(
      T.fromData(
        [1, 3, 4],
        [...x.data].map((a, i) => (i < 8 ? a : a + 1)),
      ),
    )
    const [a, b] = [output(model, weights, x), output(model, weights, later)]
    expect(a[0].slice(0, 2)).toEqual(b[0].slice(0, 2))
    expect(a[0][2]).not.toEqual(b[0][2])
  })
  it('to another sequence is attention to itself when that is the same', () => {
    const [self, other] = [nn.selfAttention(4, 2), nn.multiHeadAttention(4, 2)]
    const weights = given(self.init(key(1)))
    const x = T.normal(key(2), [2, 3, 4])
    const mask = T.ones([2, 3, 3], 'bool')
    expect(output(other, weights, { query: x, memory: x, mask })).toEqual(output(self, weights, x))
    const gradient = verifyGradient(((p: any) =>
      map(({ output }: any) => output)(
        other.apply(
          { parameters: p.parameters, state: [] },
          { mode: 'evaluation' },
        )({ query: p.x, memory: p.x, mask } as any) as any,
      )) as any)({ parameters: weights.parameters, x } as any)
    expect(given(gradient).verdict).toBe('PASS')
  })
})

describe('whatever comes in', () => {
  const inputs = fc.record({
    shape: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 5 }),
    dtype: fc.constantFrom('real', 'int', 'bool'),
  })
  for (const [name, model, x] of cases)
    it(`${name} records what has the shape of its result, or refuses, and never throws`, () => {
      const { parameters, state } = given(model.init(key(3)))
      fc.assert(
        fc.property(inputs, fc.integer({ min: 0, max: 3 }), ({ shape, dtype }, batch) => {
          // half of the inputs have the layer's own dimensions, for any number of examples
          const own = batch < 2 ? [batch, ...x.shape.slice(1)] : shape
          const kind = batch < 2 ? 'real' : dtype
          for (const context of [
            { mode: 'evaluation' },
            { mode: 'training', key: key(5) },
          ] as ReadonlyArray<nn.Context>) {
            const found = run((v: any) => model.apply({ parameters, state }, context)(v) as any)(
              T.ones(own, kind as any) as any,
            ) as any
            if (E.isLeft(found)) expect((found.left as any).message).toMatch(/: /)
            else if (!Array.isArray(found.right.output)) expect(found.right.output.shape[0]).toBe(own[0])
          }
        }),
        { seed: 1, numRuns: 40 },
      )
    })
})

describe('refusals', () => {
  const settings: ReadonlyArray<readonly [AnyModel, string]> = [
    [nn.linear(0, 3), 'linear(0, 3): inputs must be an integer >= 1, not 0'],
    [nn.linear(2, 1.5), 'linear(2, 1.5): outputs must be an integer >= 1, not 1.5'],
    [nn.linear(1e5, 1e5), 'linear(100000, 100000), w: shape [100000, 100000] is larger than 2147483647 elements'],
    [nn.linear(2e4, 2e4), 'linear(20000, 20000): w of [20000, 20000] has more than 268435456 elements'],
    [nn.conv2d(3, 4, 2, { groups: 2 }), 'conv2d(3, 4, 2): 2 groups must divide the channels and the outputs'],
    [nn.conv1d(2, 2, 0), 'conv1d(2, 2, 0): the kernel must be an integer >= 1, not 0'],
    [nn.conv2d(2, 2, 3, { padding: -1 }), 'conv2d(2, 2, 3): the padding must be an integer >= 0, not -1'],
    [
      nn.conv2d(2, 2, 3, { stride: [1] }),
      'conv2d(2, 2, 3): the stride [1] needs 2 entries, one for each spatial dimension',
    ],
    [nn.maxPool2d(0), 'maxPool2d(0): the window must be an integer >= 1, not 0'],
    [nn.dropout(1), 'dropout(1): the rate must be at least 0 and less than 1'],
    [nn.dropout(NaN), 'dropout(NaN): the rate must be at least 0 and less than 1'],
    [nn.batchNorm(-1), 'batchNorm(-1): features must be an integer >= 1, not -1'],
    [nn.batchNorm(2, { momentum: 2 }), 'batchNorm(2): the momentum must be from 0 to 1, not 2'],
    [nn.layerNorm([]), 'layerNorm([]): the shape needs a dimension'],
    [nn.layerNorm([2], { epsilon: -1 }), 'layerNorm([2]): epsilon must be a finite number >= 0, not -1'],
    [nn.groupNorm(3, 4), 'groupNorm(3, 4): 3 groups do not divide 4 channels'],
    [nn.embedding(0, 4), 'embedding(0, 4): symbols must be an integer >= 1, not 0'],
    [nn.selfAttention(4, 3), 'selfAttention(4, 3): 3 heads do not divide 4 features'],
    [nn.residual(nn.linear(0, 0)), 'linear(0, 0): inputs must be an integer >= 1, not 0'],
  ]
  for (const [model, expected] of settings)
    it(expected, () => {
      expect(sentence(model.init(key(1)))).toBe(expected)
    })
  it('a layer that cannot be does not record either', () => {
    for (const [model, expected] of settings.filter((_, i) => i !== 2 && i !== 3))
      expect(
        refusalOf(model, T.ones([1, 2]), {
          parameters: Array.from({ length: model.layers[0].parameters }, () => ({})),
          state: model.layers[0].states === 0 ? [] : [{}],
        }),
      ).toBe(expected)
  })
  const inputs: ReadonlyArray<readonly [AnyModel, T.AnyTensor, string]> = [
    [nn.linear(4, 1), T.ones([2, 3]), 'linear(4, 1): takes reals [examples, ..., 4], not real [2, 3]'],
    [nn.linear(4, 1), T.ones([4]), 'linear(4, 1): takes reals [examples, ..., 4], not real [4]'],
    [
      nn.conv2d(1, 1, 3),
      T.ones([1, 1, 2, 5]),
      'conv2d(1, 1, 3): takes at least [3, 3] positions, padding included, not real [1, 1, 2, 5]',
    ],
    [
      nn.conv1d(1, 1, 2, { dilation: 4 }),
      T.ones([1, 1, 4]),
      'conv1d(1, 1, 2): takes at least [5] positions, padding included, not real [1, 1, 4]',
    ],
    [
      nn.maxPool2d(3),
      T.ones([1, 1, 2, 2]),
      'maxPool2d(3): takes at least [3, 3] positions, padding included, not real [1, 1, 2, 2]',
    ],
    [nn.maxPool1d(2), T.ones([1, 4]), 'maxPool1d(2): takes reals [examples, channels, length], not real [1, 4]'],
    [nn.embedding(3, 2), T.ones([1, 4]), 'embedding(3, 2): takes integers, not real [1, 4]'],
    [nn.layerNorm([3]), T.ones([1, 4]), 'layerNorm([3]): takes reals [examples, ..., 3], not real [1, 4]'],
    [nn.groupNorm(1, 2), T.ones([1, 3]), 'groupNorm(1, 2): takes reals [examples, 2, ...], not real [1, 3]'],
    [
      nn.globalAvgPool,
      T.ones([1, 3]),
      'globalAvgPool: takes reals [examples, channels, ...space] with some space, not real [1, 3]',
    ],
    [nn.input([2, 2]), T.ones([3, 2]), 'input([2, 2]): takes real [examples, 2, 2], not real [3, 2]'],
    [nn.selfAttention(4, 2), T.ones([3, 4]), 'selfAttention(4, 2): takes [examples, positions, 4]'],
    [
      nn.residual(nn.linear(2, 3) as any),
      T.ones([1, 2]),
      'residual: the model must keep the shape, but makes [1, 3] of [1, 2]',
    ],
    [nn.dropout(0.5), T.ones([1], 'int'), 'dropout(0.5): takes reals, not int [1]'],
  ]
  for (const [model, x, expected] of inputs)
    it(expected, () => {
      expect(refusalOf(model, x)).toBe(expected)
    })
  it('one number for each channel says nothing of its variance', () => {
    const model = nn.batchNorm(2)
    const training = run(
      (x: any) => model.apply(given(model.init(key(1))), { mode: 'training', key: key(1) })(x) as any,
    )
    expect(sentence(training(T.ones([1, 2]) as any))).toBe(
      'batchNorm(2): takes more than one number for each channel in training, not real [1, 2]',
    )
  })
  it("weights that are not the layer's", () => {
    const x = T.ones([1, 2])
    const wrong = (weights: any) => refusalOf(nn.linear(2, 1), x, weights)
    expect(wrong({ parameters: [], state: [] })).toBe('apply: the parameters of this model are a list of 1, not of 0')
    expect(wrong({ parameters: [{ w: T.ones([2, 1]) }], state: [] })).toBe(
      'linear(2, 1): the weight b is missing; expected [1]',
    )
    expect(wrong({ parameters: [{ w: T.ones([1, 2]), b: T.ones([1]) }], state: [] })).toBe(
      'linear(2, 1): the weight w must be real [2, 1], not real [1, 2]',
    )
    expect(refusalOf(nn.batchNorm(2), x, { parameters: [{ scale: T.ones([2]), shift: T.ones([2]) }], state: [] })).toBe(
      'apply: the states of this model are a list of 1, not of 0',
    )
  })
})
