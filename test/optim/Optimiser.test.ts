import type * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  type Failure,
  mean,
  mul,
  type Reverse,
  run,
  scalar,
  square,
  sub,
  sum,
  tensor,
  type Values,
  type Var,
} from 'wengert'
import {
  adam,
  chain,
  clipByNorm,
  clipByValue,
  decayWeights,
  descend,
  identity,
  momentum,
  type Optimiser,
  on,
  rmsprop,
  scale,
  scaleByMoments,
  sgd,
} from 'wengert/optim'
import { type AnyTensor, ints } from 'wengert/Tensor'
import * as Tree from 'wengert/Tree'
import { numbers, right, trajectory } from './support.js'

type Pair = { readonly w: Var<readonly [2]>; readonly b: Var<readonly []> }
const start: Values<Pair> = { w: tensor([3, -4]), b: scalar(12) }
const loss = ({ w, b }: Pair) => sum(mul(w, b))

/** The update that an optimiser makes of a gradient, at the first step. */
const updateOf = <S>(
  optimiser: Optimiser<S>,
  gradient: Values<Pair>,
): E.Either<Failure, { readonly update: Values<Pair> }> =>
  run((at: Tree.VarTree) => optimiser.update(at as never) as unknown as Reverse<Tree.VarTree>)({
    gradient,
    state: optimiser.init(start),
    parameters: start,
    step: ints(0),
  } as never) as never

const gradient: Values<Pair> = { w: tensor([0.5, -2]), b: scalar(8) }

describe('transformations', () => {
  const cases: ReadonlyArray<readonly [string, Optimiser<unknown>, ReadonlyArray<number>]> = [
    // leaves in order: b, then w
    ['identity', identity as never, [8, 0.5, -2]],
    ['scale', scale(0.5) as never, [4, 0.25, -1]],
    ['descend', descend(0.5) as never, [-4, -0.25, 1]],
    ['decayWeights', decayWeights(0.5) as never, [14, 2, -4]],
    ['clipByValue', clipByValue(1) as never, [1, 0.5, -1]],
    ['on some', on((path) => path === 'b', scale(0)) as never, [0, 0.5, -2]],
  ]
  for (const [name, optimiser, expected] of cases)
    it(name, () => {
      expect(numbers(right(updateOf(optimiser, gradient)).update)).toEqual(expected)
    })

  it('clipByNorm keeps the direction and a short gradient', () => {
    const norm = Math.hypot(8, 0.5, 2)
    numbers(right(updateOf(clipByNorm(1), gradient)).update).forEach((x, i) => {
      expect(x).toBeCloseTo([8, 0.5, -2][i] / norm, 6)
    })
    expect(numbers(right(updateOf(clipByNorm(100), gradient)).update)).toEqual([8, 0.5, -2])
  })

  it('on groups: each parameter by its own optimiser', () => {
    const isBias = (path: string) => path === 'b'
    const groups = chain(
      on(isBias, descend(0.25)),
      on((path) => !isBias(path), chain(momentum({ decay: 0.5 }), descend(0.5))),
    )
    expect(numbers(right(updateOf(groups, gradient)).update)).toEqual([-2, -0.25, 1])
    expect(groups.init(start)).toEqual([{}, [{ velocity: { w: tensor([0, 0]) } }, {}]])
  })
})

describe('options', () => {
  const refusals: ReadonlyArray<readonly [Optimiser<unknown>, string]> = [
    [adam({ rate: 1, beta1: 1 }) as never, 'scaleByMoments: beta1 must be at least 0 and less than 1, not 1'],
    [adam({ rate: 1, eps: Number.NaN }) as never, 'scaleByMoments: eps must be finite and at least 0, not NaN'],
    [sgd({ rate: -1 }) as never, 'descend: rate must be finite and at least 0, not -1'],
    [sgd({ rate: 1, momentum: 1.5 }) as never, 'momentum: decay must be at least 0 and less than 1, not 1.5'],
    [sgd({ rate: 1, weightDecay: -0.1 }) as never, 'decayWeights: factor must be finite and at least 0, not -0.1'],
    [rmsprop({ rate: 1, decay: 2 }) as never, 'scaleByRms: decay must be at least 0 and less than 1, not 2'],
    [clipByNorm(Number.POSITIVE_INFINITY) as never, 'clipByNorm: limit must be finite and at least 0, not Infinity'],
  ]
  for (const [optimiser, message] of refusals)
    it(`refuses: ${message}`, () => {
      expect(updateOf(optimiser, gradient)).toMatchObject({ left: { _tag: 'InvalidArgument', message } })
    })

  it('trees that differ are refused', () => {
    const other = { w: tensor([1, 2]), c: scalar(0) } as never
    expect(updateOf(momentum({ decay: 0.5 }), other)).toMatchObject({ left: { _tag: 'StructureMismatch' } })
  })
})

describe('flushing', () => {
  const small = (tree: Tree.TensorTree, below: number) =>
    Tree.leaves<AnyTensor>(tree).flatMap(({ data }) => [...data].filter((x) => x !== 0 && Math.abs(x) < below))

  // the gradient is 0 from the second step on, and the averages decay
  const vanishing = (optimiser: Optimiser<unknown>, steps: number) => {
    const first = [...trajectory(loss, optimiser, { parameters: start }, 1)][0]
    const flatLoss = ({ w, b }: Pair) => sum(mul(w, mul(b, 0)))
    return [...trajectory(flatLoss, optimiser, { parameters: start, state: first.state }, steps, 1, { scalar: 'f32' })]
  }

  it('leaves no denormal numbers in the state', () => {
    const least = 2 ** -126
    const halving = { rate: 0.1, beta1: 0.5, beta2: 0.5 }
    const kept = vanishing(adam({ ...halving, flush: 0 }) as never, 145)
    const flushed = vanishing(adam(halving) as never, 145)
    const earlier = vanishing(adam({ ...halving, flush: 1e-36 }) as never, 145)
    expect(small(kept[144].state, least).length).toBeGreaterThan(0)
    expect(flushed.flatMap(({ state }) => small(state, least))).toEqual([])
    expect(earlier.flatMap(({ state }) => small(state, 1e-36))).toEqual([])
  })

  it('changes nothing that is larger', () => {
    const smooth = ({ w, b }: Pair) => mean(square(sub(w, b)))
    const traced = (flush: number) =>
      [...trajectory(smooth, scaleDown(flush), { parameters: start }, 50)].map(({ parameters }) => numbers(parameters))
    const scaleDown = (flush: number) => chain(scaleByMoments({ flush }), descend(0.01))
    expect(traced(2 ** -126)).toEqual(traced(0))
  })
})
