import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  add,
  type Failure,
  jit,
  log,
  mul,
  scalar,
  square,
  sub,
  type Tensor,
  type Values,
  type Var,
  valueAndGrad,
} from 'wengert'
import { type LbfgsOptions, type LbfgsState, lbfgs, type Objective } from 'wengert/optim'
import { right } from './support.js'

type Point = { readonly x: Var<readonly []>; readonly y: Var<readonly []> }
const valley = ({ x, y }: Point) => add(square(sub(1, x)), mul(square(sub(y, square(x))), 100))
const objective: Objective<Values<Point>> = jit((p: Point) => valueAndGrad(valley)(p))
const start: Values<Point> = { x: scalar(-1.2), y: scalar(1) }

const taken = (steps: number, options: LbfgsOptions, from?: LbfgsState<Values<Point>>) => {
  const { start: begin, step } = lbfgs(options)
  let state = from ?? begin(start)
  for (let i = 0; i < steps; i++) state = right(step(objective)(state))
  return state
}

describe('lbfgs', () => {
  it('finds the minimum of the valley of Rosenbrock', () => {
    const { parameters, loss, converged } = taken(1, { iterations: 100, toleranceChange: 0 })
    expect(converged).toBe(true)
    expect(parameters.x.data[0]).toBeCloseTo(1, 6)
    expect(parameters.y.data[0]).toBeCloseTo(1, 6)
    expect(loss).toBeLessThan(1e-12)
  })

  it('is an unfold: stopping and going on changes no bit', () => {
    const options = { iterations: 3 }
    expect(taken(4, options, taken(2, options))).toEqual(taken(6, options))
  })

  it('does not change the state that it is given', () => {
    const state = taken(2, { iterations: 2 })
    const copy = structuredClone(state)
    taken(3, { iterations: 2 }, state)
    expect(state).toEqual(copy)
  })

  it('stays at a stationary point', () => {
    const { start: begin, step } = lbfgs()
    const there = { x: scalar(1), y: scalar(1) }
    const state = right(step(objective)(begin(there)))
    expect(state.parameters).toEqual(there)
    expect(state).toMatchObject({ converged: true, iterations: 0, evaluations: 1 })
  })

  it('evaluates no more often than it may', () => {
    let evaluations = 0
    const counting: Objective<Values<Point>> = (p) => {
      evaluations++
      return objective(p)
    }
    const { start: begin, step } = lbfgs({ iterations: 50, evaluations: 7 })
    expect(right(step(counting)(begin(start))).evaluations).toBe(evaluations)
    expect(evaluations).toBeLessThanOrEqual(7)
  })

  it('backs off where the function is no number', () => {
    // the first move goes beyond 0, where the logarithm ends
    const barrier = (x: Var<readonly []>) => sub(mul(x, 10), log(x))
    const { start: begin, step } = lbfgs({ rate: 4, toleranceChange: 0 })
    const state = right(
      step(jit((x: Var<readonly []>) => valueAndGrad(barrier)(x)) as Objective<Tensor<readonly []>>)(begin(scalar(1))),
    )
    expect(state.parameters.data[0]).toBeCloseTo(0.1, 6)
  })

  it('refuses to begin where the function is no number, and options out of range', () => {
    const { start: begin, step } = lbfgs()
    const nowhere: Objective<Tensor<readonly []>> = (x) => E.right([scalar(Number.NaN), x])
    expect(step(nowhere)(begin(scalar(0)))).toMatchObject({ left: { _tag: 'NonFinite' } })
    expect(lbfgs({ history: 0 }).step(nowhere)(begin(scalar(0)))).toMatchObject({
      left: { _tag: 'InvalidArgument', message: 'lbfgs: history cannot be 0' },
    })
  })

  it('fails as its objective does', () => {
    const failing: Objective<Tensor<readonly []>> = () => E.left({ _tag: 'Raised', message: 'no' } as Failure)
    const { start: begin, step } = lbfgs()
    expect(step(failing)(begin(scalar(0)))).toMatchObject({ left: { message: 'no' } })
  })
})
