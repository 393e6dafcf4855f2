import { describe, expect, it } from 'vitest'
import { convolve } from '../../../src/engine/wasm/kernels/convolve.js'
import { baseline, type Features, featuresOf } from '../../../src/engine/wasm/kernels/features.js'
import type { Scalar } from '../../../src/engine/wasm/kernels/lanes.js'
import { size } from '../../../src/Shape.js'
import { host } from '../wasm/support.js'
import {
  compared,
  described,
  must,
  plain,
  random,
  randomSites,
  reference,
  type Site,
  site,
  withGradients,
} from './convolve.support.js'
import { call } from './memory.support.js'

const here = featuresOf((bytes) => host.validate(bytes))
const FEATURES: ReadonlyArray<Features> = here.fma ? [baseline, { ...here, wide: false }, here] : [baseline]

const run = (
  features: Features,
  scalar: Scalar,
  s: Site,
  xs: ReadonlyArray<number>,
  ws: ReadonlyArray<number>,
  parts: ReadonlyArray<readonly [number, number]> = [[0, s.x[0]]],
) => {
  const kernel = convolve(features, described(scalar, s))
  return call(
    scalar,
    kernel.func,
    [
      { values: xs, writable: false },
      { values: ws, writable: false },
      { values: new Array(size(s.y)).fill(7), writable: true },
      { values: new Array(kernel.scratch / (scalar === 'f32' ? 4 : 8)).fill(NaN), writable: true },
    ],
    parts,
  )[2]
}

const check = (features: Features, scalar: Scalar, s: Site, seed = 1): void =>
  compared(scalar, s, seed, (xs, ws) => run(features, scalar, s, xs, ws), `fma ${features.fma}`)

describe('convolve', () => {
  it('agrees with the reference on a layer and its gradients', () => {
    for (const features of FEATURES)
      for (const scalar of ['f32', 'f64'] as const)
        for (const [c, o, length, kernel, stride] of [
          [1, 8, 12, 5, 2],
          [8, 16, 7, 3, 2],
          [3, 5, 9, 3, 1],
          [2, 1, 10, 4, 3],
        ])
          for (const s of withGradients(3, c, o, length, kernel, stride)) check(features, scalar, s)
  })

  it('agrees with the reference on random sites of one to three dimensions', () => {
    for (const [i, s] of randomSites(20262, 250).entries())
      check(FEATURES[i % FEATURES.length], i % 2 === 0 ? 'f32' : 'f64', s, i)
  })

  it('convolves each channel by itself', () => {
    for (const features of FEATURES)
      check(
        features,
        'f32',
        must(
          site(
            [2, 6, 11, 13],
            [6, 1, 3, 3],
            plain(2, {
              groups: 6,
              padding: [
                [1, 1],
                [1, 1],
              ],
            }),
          ),
        ),
      )
  })

  it('leaves out what lies in the padding, also where a weight is not finite', () => {
    const s = must(site([1, 1, 4], [1, 1, 3], plain(1, { padding: [[1, 1]] })))
    for (const features of FEATURES) {
      const values = run(features, 'f64', s, [1, 2, 3, 4], [Infinity, 1, 1])
      expect([...values]).toEqual([3, Infinity, Infinity, Infinity])
      expect([...values]).toEqual([...reference(s, [1, 2, 3, 4], [Infinity, 1, 1])])
    }
  })

  it('takes padding and dilations far beyond the input', () => {
    for (const features of FEATURES) {
      check(features, 'f64', must(site([1, 2, 3], [2, 2, 2], plain(1, { padding: [[9000, 9000]] }))))
      check(features, 'f64', must(site([1, 1, 5], [1, 1, 3], plain(1, { inputDilation: [40], padding: [[3, 5]] }))))
      check(features, 'f64', must(site([1, 1, 2], [1, 1, 1], plain(1, { inputDilation: [1e6], strides: [3] }))))
      check(features, 'f64', must(site([1, 1, 5], [1, 1, 2], plain(1, { padding: [[-3, 4]] }))))
    }
  })

  it('gives zeros where nothing is summed, and nothing where there is no result', () => {
    for (const features of FEATURES) {
      const none = must(site([2, 0, 4], [3, 0, 2], plain(1)))
      expect([...run(features, 'f32', none, [], [])].every((x) => x === 0)).toBe(true)
      const empty = must(site([0, 1, 4], [3, 1, 2], plain(1)))
      expect(run(features, 'f32', empty, [], [1, 2, 3, 4, 5, 6]).length).toBe(0)
    }
  })

  it('gives the same bits for parts of the examples, and on every run', () => {
    for (const features of FEATURES)
      for (const s of withGradients(5, 3, 7, 9, 3, 2)) {
        const next = random(9)
        const [xs, ws] = [s.x, s.w].map((shape) => Array.from({ length: size(shape) }, () => next() - 0.5))
        const whole = run(features, 'f64', s, xs, ws)
        expect(run(features, 'f64', s, xs, ws)).toEqual(whole)
        expect(
          run(features, 'f64', s, xs, ws, [
            [2, s.x[0]],
            [0, 2],
          ]),
        ).toEqual(whole)
      }
  })
})
