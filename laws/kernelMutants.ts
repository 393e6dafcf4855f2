/**
 * Broken on purpose, continued: batching rules and kernels.
 *
 * @since 0.1.0
 */
import type { Primitive } from '../src/primitive/index.js'
import { applying, type Mutant, named } from './breaking.js'

/**
 * Mistakes in batching rules and in kernels.
 *
 * @category mutants
 * @since 0.1.0
 */
export const kernelMutants: ReadonlyArray<Mutant> = [
  {
    kind: 'batch in the wrong order',
    doc: 'a batching rule puts the examples in another order',
    apply: applying((row) =>
      row.batch === null || row.family === 'source' || row.family === 'structural'
        ? null
        : {
            ...row,
            batch: (v, xs, batched, length, a) =>
              v.emit('flip', [(row.batch as NonNullable<Primitive['batch']>)(v, xs, batched, length, a)], {
                axes: [0],
              }),
          },
    ),
  },
  {
    kind: 'first example for all',
    doc: 'a batching rule treats a batched operand as shared',
    apply: applying((row) =>
      row.batch === null || row.family === 'source' || named('slice', 'broadcast', 'flip', 'reshape')(row)
        ? null
        : {
            ...row,
            batch: (v, xs, batched, length, a) => {
              const first = xs.map((x, k) => {
                if (!batched[k] || length < 2) return x
                const one = v.emit('slice', [x], {
                  start: x.shape.map(() => 0),
                  stop: x.shape.map((n, d) => (d === 0 ? 1 : n)),
                  stride: x.shape.map(() => 1),
                })
                const shape = x.shape.slice(1)
                return v.broadcast(
                  v.reshape(one, shape),
                  x.shape,
                  shape.map((_, d) => d + 1),
                )
              })
              return (row.batch as NonNullable<Primitive['batch']>)(v, first, batched, length, a)
            },
          },
    ),
  },
  {
    kind: 'wrong kernel',
    doc: 'values are off by a factor, so they do not match their derivative',
    apply: applying((row) =>
      row.derivative === null || !(row.family === 'pointwise' || row.family === 'multilinear' || row.name === 'sum')
        ? null
        : {
            ...row,
            kernel: (algebra, site, evaluate) => {
              const kernel = row.kernel(algebra, site, evaluate)
              const off = algebra.literal(1 + 2 ** -10)
              return (operands, out) => {
                kernel(operands, out)
                if (site.result.dtype === 'real') for (let i = 0; i < out.length; i++) out[i] = algebra.mul(out[i], off)
              }
            },
          },
    ),
  },
  {
    kind: 'kernel that remembers',
    doc: 'a kernel adds to its result of the run before',
    apply: applying((row) =>
      row.derivative === null
        ? null
        : {
            ...row,
            kernel: (algebra, site, evaluate) => {
              const kernel = row.kernel(algebra, site, evaluate)
              let runs = 0
              return (operands, out) => {
                kernel(operands, out)
                const drift = algebra.literal(1 + 2 ** -20 * runs++)
                if (site.result.dtype === 'real')
                  for (let i = 0; i < out.length; i++) out[i] = algebra.mul(out[i], drift)
              }
            },
          },
    ),
  },
]
