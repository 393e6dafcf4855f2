/** Runs of PyTorch, made by pytorch.py, with the options that the shared runs do not have. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  add,
  jit,
  matmul,
  mean,
  type Reverse,
  sigmoid,
  square,
  sub,
  type Values,
  type Var,
  valueAndGrad,
} from 'wengert'
import {
  adagrad,
  adam,
  adamw,
  chain,
  clipByNorm,
  clipByValue,
  cosine,
  exponential,
  inverseTime,
  type LbfgsOptions,
  lbfgs,
  type Optimiser,
  oneCycle,
  rmsprop,
  sgd,
  stepwise,
} from 'wengert/optim'
import { fromArray } from 'wengert/Tensor'
import { numbers, right, trajectory } from './support.js'

interface Run {
  readonly steps: ReadonlyArray<number>
  readonly parameters: ReadonlyArray<ReadonlyArray<number>>
}

const { x, y, start, runs } = JSON.parse(readFileSync(new URL('pytorch.json', import.meta.url), 'utf8'))

type Net = {
  readonly b1: Var<readonly [3]>
  readonly b2: Var<readonly [1]>
  readonly w1: Var<readonly [2, 3]>
  readonly w2: Var<readonly [3, 1]>
}

const inputs = right(fromArray(x)) as never
const targets = right(fromArray(y)) as never
const loss = ({ b1, b2, w1, w2 }: Net): Reverse<Var<readonly []>> =>
  mean(square(sub(add(matmul(sigmoid(add(matmul(inputs, w1), b1)), w2), b2), targets))) as never

const parameters = Object.fromEntries(
  Object.entries(start).map(([name, value]) => [name, right(fromArray(value as never))]),
) as unknown as Values<Net>

const optimisers: Readonly<Record<string, Optimiser<never>>> = {
  sgd: sgd({ rate: 0.1 }),
  'sgd, weight decay': sgd({ rate: 0.1, weightDecay: 1e-2 }),
  'sgd, momentum': sgd({ rate: 0.1, momentum: 0.9 }),
  'sgd, damped momentum': sgd({ rate: 0.1, momentum: 0.9, dampening: 0.3, weightDecay: 1e-3 }),
  'sgd, nesterov': sgd({ rate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 1e-6 }),
  adagrad: adagrad({ rate: 0.5 }),
  'adagrad, weight decay': adagrad({ rate: 0.5, weightDecay: 1e-2 }),
  'adagrad, rate decay': adagrad({ rate: inverseTime({ initial: 0.5, decay: 1e-3 }), weightDecay: 1e-6 }),
  'adagrad, first sum': adagrad({ rate: 0.5, initial: 0.1, eps: 1e-6 }),
  rmsprop: rmsprop({ rate: 0.01 }),
  'rmsprop, weight decay': rmsprop({ rate: 0.01, weightDecay: 1e-2 }),
  'rmsprop, centred': rmsprop({ rate: 0.01, weightDecay: 1e-6, centred: true }),
  'rmsprop, centred, momentum': rmsprop({
    rate: 0.01,
    decay: 0.9,
    eps: 1e-6,
    weightDecay: 1e-6,
    centred: true,
    momentum: 0.9,
  }),
  'rmsprop, momentum': rmsprop({ rate: 0.01, momentum: 0.5 }),
  adam: adam({ rate: 0.1 }),
  'adam, weight decay': adam({ rate: 0.1, weightDecay: 1e-2 }),
  'adam, amsgrad': adam({ rate: 0.1, weightDecay: 1e-6, amsgrad: true }),
  'adam, other constants': adam({ rate: 0.05, beta1: 0.5, beta2: 0.9, eps: 1e-3 }),
  'adam, no averages': adam({ rate: 0.01, beta1: 0, beta2: 0, eps: 1e-2 }),
  adamw: adamw({ rate: 0.1 }),
  'adamw, no weight decay': adamw({ rate: 0.1, weightDecay: 0 }),
  'adamw, amsgrad': adamw({ rate: 0.1, amsgrad: true }),
  'clip by norm': chain(clipByNorm(0.05), sgd({ rate: 0.5 })),
  'clip by value': chain(clipByValue(0.02), sgd({ rate: 0.5, momentum: 0.5 })),
  stepwise: sgd({ rate: stepwise({ initial: 0.5, every: 30, factor: 0.5 }) }),
  exponential: sgd({ rate: exponential({ initial: 0.5, factor: 0.99 }) }),
  cosine: sgd({ rate: cosine({ initial: 0.5, steps: 500, final: 0.01 }) }),
  'one cycle': sgd({ rate: oneCycle({ peak: 0.5, steps: 501 }) }),
  'one cycle, other constants': adamw({
    rate: oneCycle({ peak: 0.1, steps: 501, rise: 0.1, divide: 10, divideLast: 100 }),
  }),
} as never

const minimisers: Readonly<Record<string, LbfgsOptions>> = {
  lbfgs: { rate: 0.5, lineSearch: 'none' },
  'lbfgs, short memory': { rate: 0.5, iterations: 7, history: 3, lineSearch: 'none' },
  'lbfgs, line search': {},
  'lbfgs, one iteration': { iterations: 1, evaluations: 10 },
}

/** The greatest relative distance of a run from PyTorch's. */
const worst = (run: Run, trace: Iterable<Values<Net>>): number => {
  const distances: Array<number> = []
  let step = 0
  for (const values of trace) {
    const sample = run.parameters[run.steps.indexOf(++step)]
    if (sample !== undefined)
      numbers(values).forEach((got, i) => {
        distances.push(Math.abs(got - sample[i]) / Math.abs(sample[i]))
      })
  }
  expect(distances.length).toBe(run.steps.length * 13)
  return Math.max(...distances)
}

describe('PyTorch 2.13, float64', () => {
  it('all of its runs are here', () => {
    expect(Object.keys({ ...optimisers, ...minimisers }).toSorted()).toEqual(Object.keys(runs).toSorted())
  })

  // both round, by 1e-16 at each of a few dozen operations of each step, and the steps contract rather than amplify
  for (const [name, optimiser] of Object.entries(optimisers))
    it(`${name} to 1e-9`, () => {
      const run: Run = runs[name]
      const steps = [...trajectory(loss, optimiser, { parameters }, run.steps[run.steps.length - 1])]
      const trace = steps.map(({ parameters: p }) => p)
      expect(worst(run, trace)).toBeLessThan(1e-9)
    })

  for (const [name, options] of Object.entries(minimisers))
    it(`${name} to 1e-9`, () => {
      const run: Run = runs[name]
      const { start: begin, step } = lbfgs(options)
      const advance = step(jit((p: Net) => valueAndGrad(loss)(p)))
      const trace = function* () {
        let state = begin(parameters)
        for (let i = 0; i < run.steps[run.steps.length - 1]; i++) {
          state = right(advance(state))
          yield state.parameters
        }
      }
      expect(worst(run, trace())).toBeLessThan(1e-9)
    })
})
