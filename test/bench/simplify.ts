/**
 * What simplification leaves of whole training steps: instructions, floating-point operations and memory of all results,
 * counted before and after. The last figure alone is timed, as a ratio: a tape ten times as long.
 */
import {
  add,
  conv2d,
  crossEntropy,
  gen,
  matmul,
  maxPool2d,
  mean,
  mul,
  type Program,
  type Reverse,
  record,
  relu,
  reshape,
  sigmoid,
  sin,
  slice,
  spec,
  split,
  square,
  sub,
  tanh,
  type Var,
  type VarTree,
  valueAndGrad,
} from 'wengert'
import { type SimplifyOptions, simplify } from 'wengert/compile'
import { primitives, statisticsOf } from 'wengert/primitive'
import { atMost, type Figure, median, reported } from './report.js'

type Scalar = Var<readonly []>
type Matrix = Var<readonly [number, number]>

const recorded = (f: (p: never) => Reverse<VarTree>, specs: unknown): Program => {
  const program = record(f as (p: VarTree) => Reverse<VarTree>)(specs as never)
  if (program._tag === 'Left') throw new Error(program.left.message)
  return program.right
}

const simplified = (program: Program, options: SimplifyOptions): Program => {
  const simple = simplify(options)(program)
  if (simple._tag === 'Left') throw new Error(simple.left.message)
  return simple.right
}

/** One step of gradient descent on a loss: the loss and the new weights. */
const descent =
  <W extends Readonly<Record<string, Var>>>(loss: (w: W) => Reverse<Scalar>) =>
  (w: W) =>
    gen(function* () {
      const [value, gradient] = yield* valueAndGrad(loss)(w as never)
      const moved: Record<string, Var> = {}
      for (const [name, v] of Object.entries(w)) moved[name] = yield* sub(v, mul((gradient as unknown as W)[name], 0.1))
      return { value, moved }
    })

const perceptron = (): Program => {
  const batch = 64
  type W = {
    readonly w1: Matrix
    readonly b1: Var
    readonly w2: Matrix
    readonly b2: Var
    readonly w3: Matrix
    readonly b3: Var
  }
  return recorded(
    ({ w, x, y }: { readonly w: W; readonly x: Matrix; readonly y: Var<readonly [number], 'int'> }) =>
      descent((p: W) => {
        const h = relu(add(matmul(x, p.w1), p.b1))
        const g = relu(add(matmul(h as never, p.w2 as never), p.b2))
        return crossEntropy(add(matmul(g as never, p.w3 as never), p.b3) as never, y as never)
      })(w),
    {
      w: {
        w1: spec([784, 128]),
        b1: spec([128]),
        w2: spec([128, 64]),
        b2: spec([64]),
        w3: spec([64, 10]),
        b3: spec([10]),
      },
      x: spec([batch, 784]),
      y: spec([batch], 'int'),
    },
  )
}

const convolutional = (): Program => {
  const batch = 16
  type W = {
    readonly k1: Var
    readonly c1: Var
    readonly k2: Var
    readonly c2: Var
    readonly w: Matrix
    readonly b: Var
  }
  const layer = (x: unknown, k: Var, c: Var): Reverse<Var> =>
    maxPool2d(
      relu(
        add(conv2d(x as never, k as never, { padding: 1 }) as never, reshape(c, [c.shape[0], 1, 1]) as never),
      ) as never,
      2,
    ) as never
  return recorded(
    ({ w, x, y }: { readonly w: W; readonly x: Var; readonly y: Var<readonly [number], 'int'> }) =>
      descent((p: W) => {
        const features = layer(layer(x, p.k1, p.c1), p.k2, p.c2)
        return crossEntropy(
          add(matmul(reshape(features, [batch, 16 * 7 * 7]) as never, p.w as never), p.b) as never,
          y as never,
        )
      })(w),
    {
      w: {
        k1: spec([8, 1, 3, 3]),
        c1: spec([8]),
        k2: spec([16, 8, 3, 3]),
        c2: spec([16]),
        w: spec([784, 10]),
        b: spec([10]),
      },
      x: spec([batch, 1, 28, 28]),
      y: spec([batch], 'int'),
    },
  )
}

/** Long short-term memory (Hochreiter and Schmidhuber, 1997), unrolled: the last state is to be the target. */
const recurrent = (steps: number): Program => {
  const [batch, width, inputs] = [16, 32, 8]
  type W = { readonly wx: Matrix; readonly wh: Matrix; readonly b: Var }
  return recorded(
    ({ w, xs, y }: { readonly w: W; readonly xs: Var<readonly [number, number, number]>; readonly y: Matrix }) =>
      descent((p: W) =>
        gen(function* () {
          let h = (yield* mul(y, 0)) as Var
          let c = h
          for (let t = 0; t < steps; t++) {
            const x = slice(xs, t)
            const z = add(add(matmul(x as never, p.wx as never), matmul(h as never, p.wh as never)), p.b)
            const [i, f, g, o] = (yield* split(z as never, 4, { axis: 1 } as never)) as unknown as ReadonlyArray<Var>
            c = (yield* add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)))) as Var
            h = (yield* mul(sigmoid(o), tanh(c))) as Var
          }
          return yield* mean(square(sub(h, y as Var)))
        }),
      )(w),
    {
      w: { wx: spec([inputs, 4 * width]), wh: spec([width, 4 * width]), b: spec([4 * width]) },
      xs: spec([steps, batch, inputs]),
      y: spec([batch, width]),
    },
  )
}

/** What the engine asks for. */
const RUNNING: SimplifyOptions = { scalar: 'f32', inline: 'all', drop: ['variable', 'label', 'stopGradient'] }

const figures = (name: string, program: Program): ReadonlyArray<Figure> => {
  const count = statisticsOf(primitives)
  const before = count(program)
  return [RUNNING, { ...RUNNING, relaxed: true }].flatMap((options) => {
    const after = count(simplified(program, options))
    const label = `${name}${options.relaxed === true ? ', relaxed' : ''}`
    return [
      atMost(`${label}: instructions`, after.needed / before.needed, `of ${before.needed}`, 1),
      atMost(`${label}: operations`, after.flops / before.flops, `of ${before.flops}`, 1),
      reported(`${label}: memory of all results`, after.bytes / before.bytes, `of ${before.bytes}`),
    ]
  })
}

const chain = (length: number): Program =>
  recorded(
    (x: Scalar) =>
      gen(function* () {
        let y = x
        for (let i = 0; i < length / 4; i++) y = yield* sub(mul(sin(y), 1), mul(y, -1))
        return y
      }),
    spec([]),
  )

const milliseconds = (program: Program): number => {
  const start = performance.now()
  simplified(program, RUNNING)
  return performance.now() - start
}

export const simplifyFigures = (): ReadonlyArray<Figure> => {
  const [short, long] = [chain(10_000), chain(100_000)]
  const times = [1, 2, 3, 4, 5].map(() => [milliseconds(short), milliseconds(long)] as const)
  return [
    ...figures('perceptron 784-128-64-10', perceptron()),
    ...figures('convolutions 8 and 16', convolutional()),
    ...figures('LSTM of 50 steps', recurrent(50)),
    reported(`a tape of ${long.tape.length} instructions`, median(times.map(([, l]) => l)), 'ms'),
    atMost('ten times the tape, time', median(times.map(([s, l]) => l / s)), 'x', 30),
  ]
}
