/**
 * What a gradient costs: floating-point operations of gradient tapes, primal included, over those of the functions they
 * differentiate, counted by the cost model of `src/primitive/cost.ts`. Nothing is timed.
 */
import * as fc from 'fast-check'
import {
  add,
  gen,
  grad,
  hvp,
  matmul,
  mean,
  type Reverse,
  record,
  sigmoid,
  spec,
  square,
  sub,
  sum,
  type Var,
  type VarTree,
  valueAndGrad,
} from 'wengert'
import { Arbitrary } from 'wengert/laws'
import { flopsOf, primitives } from 'wengert/primitive'
import { zeros } from 'wengert/Tensor'
import { atMost, type Figure, median, reported } from './report.js'

type Scalar = Var<readonly []>

/** Operations of what the results of `f` need. */
const count = (f: (p: never) => Reverse<VarTree>, specs: unknown): number => {
  const program = record(f as (p: VarTree) => Reverse<VarTree>)(specs as never)
  if (program._tag === 'Left') throw new Error(program.left.message)
  return flopsOf(primitives)(program.right)
}

interface Ratios {
  readonly first: number
  readonly second: number
}

/** The gradient over the function, and the product of the Hessian with a vector over the gradient. */
const ratios = (f: (p: never) => Reverse<Scalar>, specs: unknown): Ratios | null => {
  const g = f as (p: VarTree) => Reverse<Scalar>
  const primal = count(f, specs)
  if (primal === 0) return null
  const gradient = count(valueAndGrad(g) as never, specs)
  const second = count(((p: VarTree) => hvp(g)(p as never, p as never)) as never, specs)
  const alone = count(grad(g) as never, specs)
  return { first: gradient / primal, second: alone === 0 ? 0 : second / alone }
}

type Net = {
  readonly w1: Var<readonly [12, 10]>
  readonly b1: Var<readonly [10]>
  readonly w2: Var<readonly [10, 1]>
  readonly b2: Var<readonly [1]>
}

/** The network of the main job. */
const network = (): Ratios | null => {
  const specs = { w1: spec([12, 10]), b1: spec([10]), w2: spec([10, 1]), b2: spec([1]) }
  const x = zeros([16, 12])
  const y = zeros([16, 1])
  const loss = (p: Net) => mean(square(sub(add(matmul(sigmoid(add(matmul(x, p.w1), p.b1)), p.w2), p.b2), y)))
  return ratios(loss as never, specs)
}

const PROGRAMS = 1000
const SEED = 2026

const random = (palette: 'scalar' | 'smooth' | 'any'): ReadonlyArray<Ratios> =>
  fc.sample(Arbitrary.programs(palette, { maxLength: 12 }), { seed: SEED, numRuns: 2 * PROGRAMS }).flatMap((drawn) => {
    const model = Arbitrary.drawnModel(drawn)
    const f = (xs: ReadonlyArray<Var>) =>
      gen(function* () {
        const ys = yield* model.f(xs)
        let total: Scalar = yield* sum(square(ys[0] as Var))
        for (const y of ys.slice(1)) total = yield* add(total, sum(square(y as Var)))
        return total
      })
    const found = ratios(
      f as never,
      model.inputs.map((shape) => spec(shape)),
    )
    return found === null ? [] : [found]
  })

const quantile = (xs: ReadonlyArray<number>, q: number): number =>
  [...xs].sort((a, b) => a - b)[Math.min(xs.length - 1, Math.floor(q * xs.length))]

export const costFigures = (): ReadonlyArray<Figure> => {
  const net = network() as Ratios
  const drawn = random('any').slice(0, PROGRAMS)
  const first = drawn.map((r) => r.first)
  const second = drawn.map((r) => r.second)
  return [
    atMost('main network: gradient over function', net.first, 'x', 3.5),
    atMost('main network: Hessian-vector product over gradient', net.second, 'x', 5),
    reported('random programs', drawn.length, 'programs'),
    reported('random programs: gradient over function, median', median(first), 'x'),
    reported('random programs: gradient over function, 99th percentile', quantile(first, 0.99), 'x'),
    atMost('random programs: gradient over function, greatest', Math.max(...first), 'x', 5),
    reported('random programs: second over first derivative, median', median(second), 'x'),
    atMost('random programs: second over first derivative, greatest', Math.max(...second), 'x', 5),
  ]
}
