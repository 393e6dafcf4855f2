/**
 * Libraries that are not dependencies: loaded from where the benchmark installs them, without types.
 */
import { createRequire } from 'node:module'

/** The file that `engine.ts` names: the `package.json` of the folder with the libraries. */
export const peer: NodeJS.Require = createRequire(process.env.BENCH_PEERS as string)

export const singles = (a: ArrayLike<number>): Float32Array => Float32Array.from(a)

/** Kernels `[O, I, H, W]` as `[H, W, I, O]`. */
export const channelsLast = (k: ArrayLike<number>, [o, i, h, w]: readonly [number, number, number, number]) =>
  Float32Array.from({ length: k.length }, (_, at) => {
    const output = at % o
    const input = Math.floor(at / o) % i
    const place = Math.floor(at / (o * i))
    return k[(output * i + input) * h * w + place]
  })

/** Rows `[C, H, W]` of a matrix with `n` columns as `[H, W, C]`. */
export const rowsChannelsLast = (m: ArrayLike<number>, [c, h, w]: readonly [number, number, number], n: number) =>
  Float32Array.from({ length: m.length }, (_, at) => {
    const column = at % n
    const channel = Math.floor(at / n) % c
    const place = Math.floor(at / (n * c))
    return m[(channel * h * w + place) * n + column]
  })
