import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { add, matmul, type Reverse, sigmoid, sum, type Tensor, tensor, transpose, type Values, type Var } from 'wengert'
import { adagrad, adam, adamw, type Optimiser, rmsprop, sgd } from 'wengert/optim'
import { fromData } from 'wengert/Tensor'
import { shared } from '../conformance/shared.js'
import { right, trajectory } from './support.js'

type Net = {
  readonly '0.weight': Var<readonly [3, 2]>
  readonly '0.bias': Var<readonly [3]>
  readonly '2.weight': Var<readonly [1, 3]>
  readonly '2.bias': Var<readonly [1]>
}

const x = tensor([
  [0.1, 0.2],
  [0.3, 0.4],
  [0.5, 0.6],
])

const loss = (p: Net): Reverse<Var<readonly []>> => {
  const hidden = sigmoid(add(matmul(x, transpose(p['0.weight'])), p['0.bias']))
  return sum(sigmoid(add(matmul(hidden, transpose(p['2.weight'])), p['2.bias'])))
}

const optimisers: Readonly<Record<string, Optimiser<never>>> = {
  Adam: adam({ rate: 1 }),
  AdamW: adamw({ rate: 1, weightDecay: 0.01 }),
  Adagrad: adagrad({ rate: 1 }),
  RMSprop: rmsprop({ rate: 0.1 }),
  SGD: sgd({ rate: 0.1 }),
  SGD_with_weight_decay_and_momentum: sgd({ rate: 0.1, momentum: 0.9, weightDecay: 0.01 }),
} as never

type Flat = Readonly<Record<keyof Net, ReadonlyArray<number>>>

const valuesOf = (flat: Flat): Values<Net> => ({
  '0.weight': right(fromData([3, 2], flat['0.weight'])),
  '0.bias': right(fromData([3], flat['0.bias'])),
  '2.weight': right(fromData([1, 3], flat['2.weight'])),
  '2.bias': right(fromData([1], flat['2.bias'])),
})

describe.skipIf(shared === null)('PyTorch 1.13.1, float64, 1001 steps on a 2-3-1 network', () => {
  const cases = JSON.parse(readFileSync(join(shared ?? '', 'conformance/optimisers/cases.json'), 'utf8'))
  const start = valuesOf(cases.initial_parameters_recovered)

  it('all of its runs are here', () => {
    expect(Object.keys(cases.runs).toSorted()).toEqual(Object.keys(optimisers).toSorted())
  })

  for (const [name, optimiser] of Object.entries(optimisers))
    it(`${name} to 1e-9`, () => {
      const samples: ReadonlyArray<Flat> = cases.runs[name].parameters
      let step = 0
      let worst = 0
      for (const { parameters } of trajectory(loss, optimiser, { parameters: start }, cases.iterations)) {
        if (step % 100 === 0)
          for (const [key, values] of Object.entries(samples[step / 100]) as never as ReadonlyArray<
            [keyof Net, number[]]
          >)
            values.forEach((want, i) => {
              const got: number = (parameters[key] as Tensor).data[i]
              worst = Math.max(worst, Math.abs(got - want) / Math.abs(want))
            })
        step++
      }
      expect(step).toBe(1001)
      expect(worst).toBeLessThan(1e-9)
    })
})
