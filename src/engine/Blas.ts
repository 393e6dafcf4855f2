/**
 * A library outside of WebAssembly that multiplies matrices, as engines see it. The engine knows no library: whoever
 * compiles gives one (`wengert/blas` finds those of the system), and the engine leaves to it the products that are large
 * enough and stand in memory the way such libraries want it.
 *
 * @since 0.1.0
 */
import type { Product } from '../compile/Nest.js'

/**
 * How a matrix stands in memory: its rows one after another or, transposed, its columns; `leading` elements from one to the
 * next.
 *
 * @category model
 * @since 0.1.0
 */
export interface Stored {
  readonly transposed: boolean
  readonly leading: number
}

/**
 * `C = A B`, or `C = C + A B` to accumulate, for an `m x k` matrix A and a `k x n` matrix B; `leading` elements from row to row of C.
 *
 * @category model
 * @since 0.1.0
 */
export interface Multiplication {
  readonly scalar: 'f64' | 'f32'
  readonly m: number
  readonly n: number
  readonly k: number
  readonly left: Stored
  readonly right: Stored
  readonly leading: number
  readonly accumulate: boolean
}

/**
 * @category model
 * @since 0.1.0
 */
export type Reals = Float64Array | Float32Array

/**
 * @category model
 * @since 0.1.0
 */
export interface Blas {
  /** for people */
  readonly name: string
  /** the least `m n k` that is left to it */
  readonly least: number
  /** the multiplication of what stands in two arrays when it is called, into a third; each begins with its matrix */
  readonly product: (multiplication: Multiplication, a: Reals, b: Reals, c: Reals) => () => void
}

/** A matrix with the given steps, as libraries want it: one step must be 1, the other reach over all that it steps over. */
const stored = (rows: number, columns: number, [row, column]: readonly [number, number]): Stored | null => {
  if (column === 1 && row >= columns) return { transposed: false, leading: row }
  if (row === 1 && column >= rows) return { transposed: true, leading: column }
  return null
}

/** A batch of more products than this stays with the engine, which needs no view of memory for each. */
const MOST_PRODUCTS = 1024

/**
 * Libraries are slow at products of fewer rows, columns or terms: measured, with OpenBLAS, they take up to three times as
 * long there as the engine's own kernels.
 */
const [LEAST_SIDE, LEAST_TERMS] = [8, 16]

/**
 * What a product of the loop language is to a library, or null where it is small or thin, stands in memory another way, or
 * is a batch of too many.
 *
 * @category constructors
 * @since 0.1.0
 */
export const multiplicationOf = (
  { least }: Blas,
  scalar: 'f64' | 'f32',
  { m, n, k, left, right, row, batch, accumulate }: Product,
): Multiplication | null => {
  if (m * n * k < least || Math.min(m, n) < LEAST_SIDE || k < LEAST_TERMS) return null
  if (batch.reduce((count, [length]) => count * length, 1) > MOST_PRODUCTS) return null
  const a = stored(m, k, left.steps)
  const b = stored(k, n, right.steps)
  if (a === null || b === null || row < n) return null
  return { scalar, m, n, k, left: a, right: b, leading: row, accumulate }
}

/**
 * All products of an item, on the memory of its values.
 *
 * @category combinators
 * @since 0.1.0
 */
export const multiplying = (
  blas: Blas,
  multiplication: Multiplication,
  { value, left, right, batch }: Product,
  memory: (value: number) => Reals,
): (() => void) => {
  const [a, b, c] = [left.value, right.value, value].map(memory)
  const offsets = batch.reduce<ReadonlyArray<readonly [number, number, number]>>(
    (all, [length, ...steps]) =>
      all.flatMap(([x, y, z]) =>
        Array.from({ length }, (_, i) => [x + i * steps[0], y + i * steps[1], z + i * steps[2]] as const),
      ),
    [[left.offset, right.offset, 0]],
  )
  const calls = offsets.map(([x, y, z]) => blas.product(multiplication, a.subarray(x), b.subarray(y), c.subarray(z)))
  return () => {
    for (let i = 0; i < calls.length; i++) calls[i]()
  }
}

/**
 * A multiplication of a part of one array, or of scratch memory where that is `packed`, with a part of scratch memory into
 * another; by the first elements.
 *
 * @category model
 * @since 0.1.0
 */
export interface Placed {
  readonly multiplication: Multiplication
  readonly left: { readonly packed: boolean; readonly at: number }
  readonly right: number
  readonly result: number
}

/**
 * Multiplications on an array and scratch memory.
 *
 * @category combinators
 * @since 0.1.0
 */
export const multiplyingIn = (
  blas: Blas,
  products: ReadonlyArray<Placed>,
  array: Reals,
  scratch: Reals,
): ReadonlyArray<() => void> =>
  products.map(({ multiplication, left: { packed, at }, right, result }) =>
    blas.product(
      multiplication,
      (packed ? scratch : array).subarray(at),
      scratch.subarray(right),
      scratch.subarray(result),
    ),
  )
