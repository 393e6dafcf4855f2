/**
 * A product of square matrices as a person writes it for WebAssembly, to hold the engine's own against: panels packed in
 * JavaScript, 256 terms and 96 rows at a time, and a tile of sums in registers (K. Goto and R. A. van de Geijn, 2008). Its
 * tile is the best one for the host: 6 rows of 2 vectors where multiplications are fused and 4 elsewhere, in a loop that is
 * unrolled where the compiler then still keeps the sums in registers.
 */

import { call, forEach, func, i32, local, set, v128 } from '../../src/engine/wasm/assembler.js'
import { address } from '../../src/engine/wasm/kernels/blocks.js'
import type { Features } from '../../src/engine/wasm/kernels/features.js'
import { type Scalar, vectors } from '../../src/engine/wasm/kernels/lanes.js'
import { multiplyAdd } from '../../src/engine/wasm/kernels/tile.js'
import { type HostMemory, instantiate } from '../engine/wasm/support.js'

const TERMS = 256
const ROWS = 96
const ACROSS = 2

const range = (n: number): ReadonlyArray<number> => Array.from({ length: n }, (_, i) => i)

/** `C = A B` of order `n`, on arrays of its own: what runs it, the operands and the result with its row's length. */
export const handGemm = (features: Features, scalar: Scalar, n: number) => {
  const v = vectors[scalar]
  const rows = features.fma ? 6 : 4
  const unroll = features.wide ? 4 : 1
  const columns = ACROSS * v.lanes
  const padded = { m: Math.ceil(n / rows) * rows, n: Math.ceil(n / columns) * columns }

  const tile = func('hand_tile', ['i32', 'i32', 'i32', 'i32'], 'void', (a, b, c, end) => {
    const sums = range(rows).map(() => range(ACROSS).map(() => local('v128')))
    const row = range(ACROSS).map(() => local('v128'))
    const [one, p] = [local('v128'), local('i32')]
    const at = (r: number, j: number): number => r * padded.n * v.bytes + 16 * j
    const each = <T>(f: (r: number, j: number) => T): ReadonlyArray<T> =>
      range(rows).flatMap((r) => range(ACROSS).map((j) => f(r, j)))
    return [
      ...each((r, j) => set(sums[r][j], v128.load(c, at(r, j)))),
      forEach(p, 0, end, unroll, [
        ...range(unroll).flatMap((u) => [
          ...row.map((l, j) => set(l, v128.load(b, 16 * (u * ACROSS + j)))),
          ...range(rows).flatMap((r) => [
            set(one, v.loadSplat(a, (u * rows + r) * v.bytes)),
            ...row.map((l, j) => set(sums[r][j], multiplyAdd(v, features, one, l, sums[r][j]))),
          ]),
        ]),
        set(a, i32.add(a, unroll * rows * v.bytes)),
        set(b, i32.add(b, unroll * columns * v.bytes)),
      ]),
      ...each((r, j) => v128.store(c, sums[r][j], at(r, j))),
    ]
  })
  const block = func('block', ['i32', 'i32', 'i32', 'i32', 'i32'], 'void', (a, b, c, m, terms) => {
    const [i, j] = [local('i32'), local('i32')]
    const panel = (base: typeof a, first: typeof i) => i32.add(base, i32.mul(i32.mul(first, terms), v.bytes))
    const place = address(c, 0, [
      [i, padded.n * v.bytes],
      [j, v.bytes],
    ])
    return [
      forEach(j, 0, padded.n, columns, [forEach(i, 0, m, rows, [call(tile, panel(a, i), panel(b, j), place, terms)])]),
    ]
  })

  const elements = [n * n, n * n, padded.m * padded.n, TERMS * (ROWS + rows), TERMS * padded.n]
  const starts = elements.map((_, i) => elements.slice(0, i).reduce((sum, count) => sum + count, 0) * v.bytes)
  const bytes = starts[4] + elements[4] * v.bytes
  const exports = instantiate({ exports: { block }, memory: { pages: Math.ceil(bytes / 65536), as: 'memory' } })
  const { buffer } = exports.memory as unknown as HostMemory
  const [a, b, c, panelA, panelB] = starts.map((start, i) =>
    scalar === 'f32' ? new Float32Array(buffer, start, elements[i]) : new Float64Array(buffer, start, elements[i]),
  )

  const packB = (k: number, terms: number): void => {
    let to = 0
    for (let j = 0; j < padded.n; j += columns)
      for (let p = 0; p < terms; p++)
        for (let t = 0; t < columns; t++) panelB[to++] = j + t < n ? b[(k + p) * n + j + t] : 0
  }
  const packA = (i: number, m: number, k: number, terms: number): void => {
    let to = 0
    for (let r = 0; r < m; r += rows)
      for (let p = 0; p < terms; p++)
        for (let t = 0; t < rows; t++) panelA[to++] = i + r + t < n ? a[(i + r + t) * n + k + p] : 0
  }
  const run = (): void => {
    c.fill(0)
    for (let k = 0; k < n; k += TERMS) {
      const terms = Math.min(TERMS, n - k)
      packB(k, terms)
      for (let i = 0; i < padded.m; i += ROWS) {
        const m = Math.min(ROWS, padded.m - i)
        packA(i, m, k, terms)
        exports.block(starts[3], starts[4], starts[2] + i * padded.n * v.bytes, m, terms)
      }
    }
  }
  return { run, a, b, c, row: padded.n }
}
