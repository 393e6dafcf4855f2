/**
 * `npm run bench:kernels`: the kernels of the WebAssembly engine by themselves. Products and convolutions in GFLOP/s, held
 * against the same sums as plain JavaScript loops; large products against a kernel blocked by hand, and with the system's
 * BLAS against a call of it on the same memory; functions in nanoseconds for an element, held against `Math`. What is
 * compared runs in turns, and of each the first decile counts, which other work on the cores hardly touches. `--json`
 * prints the figures as data.
 */
import { createRequire } from 'node:module'
import { isLeft } from 'fp-ts/lib/Either.js'
import { compile } from 'wengert'
import { systemBlas } from 'wengert/blas'
import { type Func, forEach, func, i32, local, v128 } from '../../src/engine/wasm/assembler.js'
import { type Convolve, convolve } from '../../src/engine/wasm/kernels/convolve.js'
import { featuresOf } from '../../src/engine/wasm/kernels/features.js'
import { gemm } from '../../src/engine/wasm/kernels/gemm.js'
import { type Scalar, vectors } from '../../src/engine/wasm/kernels/lanes.js'
import { hostFunctions, unary } from '../../src/engine/wasm/kernels/math/index.js'
import { right } from '../engine/given.js'
import { type HostMemory, host, instantiate } from '../engine/wasm/support.js'
import { workloads } from './engineWorkloads.js'
import { handGemm } from './handGemm.js'
import { atMost, type Figure, report, reported } from './report.js'

const features = featuresOf((bytes) => host.validate(bytes))

const PAGE = 65536

type Values = Float32Array | Float64Array

/** A function over arrays of some lengths, in memory one after another, filled with numbers near 1. */
const placed = (scalar: Scalar, f: Func, lengths: ReadonlyArray<number>) => {
  const { bytes } = vectors[scalar]
  const addresses = lengths.map((_, i) =>
    lengths.slice(0, i).reduce((at, n) => at + Math.ceil((n * bytes) / 64) * 64, 0),
  )
  const last = addresses.length - 1
  const pages = Math.ceil((addresses[last] + lengths[last] * bytes) / PAGE) + 1
  const { f: run, memory } = instantiate({ exports: { f }, memory: { pages, as: 'memory' } }, hostFunctions)
  const { buffer } = memory as unknown as HostMemory
  const arrays = addresses.map(
    (at, i): Values =>
      scalar === 'f32' ? new Float32Array(buffer, at, lengths[i]) : new Float64Array(buffer, at, lengths[i]),
  )
  for (const array of arrays) for (let i = 0; i < array.length; i++) array[i] = 0.5 + (i % 97) / 97
  return { run: (...rest: ReadonlyArray<number>): void => run(...addresses, ...rest), arrays }
}

/** The first deciles of the seconds that each takes, in turns. */
const seconds = (runs: ReadonlyArray<() => void>, rounds = 20): ReadonlyArray<number> => {
  const samples = runs.map((): Array<number> => [])
  for (const run of runs) for (let i = 0; i < 3; i++) run()
  for (let i = 0; i < rounds; i++)
    for (const [k, run] of runs.entries()) {
      const from = performance.now()
      let turns = 0
      do {
        run()
        turns++
      } while (performance.now() - from < 5)
      samples[k].push((performance.now() - from) / turns / 1000)
    }
  return samples.map((list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 10)])
}

const products = (): ReadonlyArray<Figure> =>
  (['f32', 'f64'] as const).flatMap((scalar) =>
    [
      [128, 128, 128],
      [512, 512, 512],
      [64, 128, 784],
      [64, 10, 128],
      [1, 1024, 1024],
    ].flatMap(([m, n, k]) => {
      const made = gemm(features, { scalar, m, n, k, a: [k, 1], b: [n, 1], c: n, accumulate: false })
      const { run, arrays } = placed(scalar, made.func as Func, [
        m * k,
        k * n,
        m * n,
        made.scratch / vectors[scalar].bytes,
      ])
      const [a, b, c] = arrays
      const plain = (): void => {
        for (let i = 0; i < m; i++) {
          c.fill(0, i * n, i * n + n)
          for (let p = 0; p < k; p++) {
            const x = a[i * k + p]
            for (let j = 0; j < n; j++) c[i * n + j] += x * b[p * n + j]
          }
        }
      }
      const [own, loops] = seconds([() => run(0, m), plain])
      const name = `${scalar} [${m}, ${k}] x [${k}, ${n}]`
      return [
        reported(name, (2 * m * n * k) / own / 1e9, 'GFLOP/s'),
        atMost(`${name}, share of the time of loops`, own / loops, '', 0.5),
      ]
    }),
  )

/** The largest workloads of `engine.ts` that take a moment. */
const ORDERS = [512, 1024]

const byHand = (): ReadonlyArray<Figure> =>
  (['f32', 'f64'] as const).flatMap((scalar) =>
    ORDERS.flatMap((n) => {
      const made = gemm(features, { scalar, m: n, n, k: n, a: [n, 1], b: [n, 1], c: n, accumulate: false })
      const own = placed(scalar, made.func as Func, [n * n, n * n, n * n, made.scratch / vectors[scalar].bytes])
      const hand = handGemm(features, scalar, n)
      hand.a.set(own.arrays[0])
      hand.b.set(own.arrays[1])
      const times = seconds([() => own.run(0, n), hand.run])
      const off = (own.arrays[2] as Float64Array).reduce(
        (most, x, i) => Math.max(most, Math.abs(x / hand.c[Math.floor(i / n) * hand.row + (i % n)] - 1)),
        0,
      )
      const name = `${scalar} of order ${n}`
      return [
        ...times.map((time, k) => reported(`${name}: ${['ours', 'by hand'][k]}`, (2 * n ** 3) / time / 1e9, 'GFLOP/s')),
        atMost(`${name}: off by, in units of n ulps`, off / n / (scalar === 'f32' ? 2 ** -24 : 2 ** -53), '', 2),
        atMost(`${name}: share of the time by hand`, times[0] / times[1], '', 1 / 0.9),
      ]
    }),
  )

const byBlas = (): ReadonlyArray<Figure> => {
  const blas = systemBlas()
  if (isLeft(blas)) return [reported(blas.left.message, 0, '')]
  const library = createRequire(import.meta.url)('koffi').load(blas.right.name)
  const types = [
    ['f32', 's', 'float'],
    ['f64', 'd', 'double'],
  ] as const
  return types.flatMap(([scalar, letter, real]) => {
    const ints = new Array(6).fill('int')
    const parameters = [...ints, real, 'void *', 'int', 'void *', 'int', real, 'void *', 'int']
    const cblas = library.func(`cblas_${letter}gemm`, 'void', parameters)
    return ORDERS.flatMap((n) => {
      const { program, inputs } = workloads[`W6-${n}`]()
      const {
        inputs: operands,
        outputs,
        step,
      } = right(right(compile({ scalar, blas: blas.right })(program)).start(inputs as never)) as never as {
        readonly inputs: Record<'a' | 'b', Values>
        readonly outputs: Values
        readonly step: () => void
      }
      const direct = (): void => {
        cblas(101, 111, 111, n, n, n, 1, operands.a, n, operands.b, n, 0, outputs, n)
      }
      const times = seconds([step, direct])
      const name = `${scalar} of order ${n}`
      return [
        ...times.map((time, k) =>
          reported(`${name}: ${['a step', blas.right.name][k]}`, (2 * n ** 3) / time / 1e9, 'GFLOP/s'),
        ),
        atMost(`${name}: share of the time of ${blas.right.name}`, times[0] / times[1], '', 1 / 0.95),
      ]
    })
  })
}

/** A layer of `[examples, channels, length, length]` with square kernels, and its gradients in kernel and input. */
const layer = (
  scalar: Scalar,
  [examples, channels, outputs, length, kernel, stride]: ReadonlyArray<number>,
): Readonly<Record<string, Convolve>> => {
  const to = Math.ceil(length / stride)
  const low = ((to - 1) * stride + kernel - length) >> 1
  const twice = (n: number): readonly [number, number] => [n, n]
  const one = { scalar, groups: 1, strides: twice(1), inputDilation: twice(1), kernelDilation: twice(1) }
  const image = twice(length)
  const map = twice(to)
  const square = twice(kernel)
  return {
    forward: {
      ...one,
      examples,
      channels,
      outputs,
      input: image,
      kernel: square,
      output: map,
      strides: twice(stride),
      low: twice(low),
    },
    'kernel gradient': {
      ...one,
      examples: channels,
      channels: examples,
      outputs,
      input: image,
      kernel: map,
      output: square,
      kernelDilation: twice(stride),
      low: twice(low),
    },
    'input gradient': {
      ...one,
      examples,
      channels: outputs,
      outputs: channels,
      input: map,
      kernel: square,
      output: image,
      inputDilation: twice(stride),
      low: twice(kernel - 1 - low),
    },
  }
}

const area = ([height, width]: ReadonlyArray<number>): number => height * width

const convolutions = (): ReadonlyArray<Figure> =>
  (['f32', 'f64'] as const).flatMap((scalar) =>
    [
      [64, 1, 8, 28, 5, 2],
      [64, 8, 16, 14, 3, 2],
    ].flatMap((sizes) => {
      const times = Object.entries(layer(scalar, sizes)).map(([kind, g]) => {
        const made = convolve(features, g)
        const { run } = placed(scalar, made.func as Func, [
          g.examples * g.channels * area(g.input),
          g.outputs * g.channels * area(g.kernel),
          g.examples * g.outputs * area(g.output),
          made.scratch / vectors[scalar].bytes,
        ])
        return [kind, seconds([() => run(0, g.examples)])[0]] as const
      })
      const [examples, channels, , length, kernel, stride] = sizes
      const name = `${scalar} [${examples}, ${channels}, ${length}, ${length}] kernel ${kernel} stride ${stride}`
      const [[, forward], ...gradients] = times
      return [
        ...times.map(([kind, time]) => reported(`${name}: ${kind}`, time * 1e6, 'us')),
        // they multiply as often as the layer itself
        ...gradients.map(([kind, time]) => atMost(`${name}: ${kind}, times forward`, time / forward, '', 3)),
      ]
    }),
  )

const functions = (): ReadonlyArray<Figure> =>
  (['f32', 'f64'] as const).flatMap((scalar) =>
    (['exp', 'log', 'tanh', 'sin', 'atan'] as const).flatMap((name) => {
      const v = vectors[scalar]
      const count = 4096
      const over = func('over', ['i32', 'i32'], 'void', (from, to) => {
        const i = local('i32')
        return [
          forEach(i, 0, count * v.bytes, 16, [v128.store(i32.add(to, i), unary(v, name, v128.load(i32.add(from, i))))]),
        ]
      })
      const { run, arrays } = placed(scalar, over as Func, [count, count])
      const [x, y] = arrays
      const f = Math[name]
      const [own, plain] = seconds([
        run,
        () => {
          for (let i = 0; i < count; i++) y[i] = f(x[i])
        },
      ])
      return [
        reported(`${name} of ${scalar}`, (own / count) * 1e9, 'ns'),
        atMost(`${name} of ${scalar}, share of the time of Math.${name}`, own / plain, '', 1),
      ]
    }),
  )

await report([
  [`matrix products, ${features.fma ? 'fused' : 'not fused'}`, products],
  ['large products and a kernel blocked by hand', byHand],
  ["large products and the system's BLAS", byBlas],
  ['convolutions and their gradients', convolutions],
  ['functions', functions],
])
