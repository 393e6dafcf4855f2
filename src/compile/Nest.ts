/**
 * The loop language: a program as a list of items that run one after another.
 *
 * A *nest* runs over a space of dimensions, some of them reduced. Its nodes are numbers at one point of the space, in the
 * order of their computation; a node in the *tail* stands behind a reduction and so belongs to a point of the kept
 * dimensions alone. With `k` for the kept and `r` for the reduced dimensions, a nest with one reduction reads
 *
 *     for k: total = join over r of body(k, r); store tail(k, total)
 *
 * Stores in the body run at every point. Every access is affine in the dimensions (`access.ts`), so a nest is data: it can
 * be printed, counted, reordered and compiled for any target. Large matrix products and convolutions are items of their
 * own, for kernels that are written for them, and a *host* item is computed by the kernel of its
 * primitive: the engine's, or its row's where the engine has none.
 *
 * @since 0.1.0
 */
import type { Attributes, PrimitiveName } from '../primitive/Primitive.js'
import { type DType, type Shape, size } from '../Shape.js'
import { type Access, cuts, isContiguous, split } from './access.js'
import type { Combine } from './roles.js'

/**
 * A number at a point of the space. Operands are positions in the list of nodes.
 *
 * @category model
 * @since 0.1.0
 */
export type Node = {
  readonly dtype: DType
  /** behind the reductions */
  readonly tail: boolean
} & (
  | { readonly kind: 'load'; readonly value: number; readonly access: Access }
  | { readonly kind: 'literal'; readonly number: number }
  | {
      readonly kind: 'apply'
      readonly primitive: PrimitiveName
      readonly attributes: Attributes[PrimitiveName]
      readonly args: ReadonlyArray<number>
    }
  | { readonly kind: 'join'; readonly combine: Combine; readonly arg: number }
)

/**
 * Writes a node into a value.
 *
 * @category model
 * @since 0.1.0
 */
export interface Store {
  readonly value: number
  readonly node: number
  readonly access: Access
  /** adds to what is there */
  readonly adding: boolean
}

/**
 * @category model
 * @since 0.1.0
 */
export interface Nest {
  readonly kind: 'nest'
  readonly dims: Shape
  /** for each dimension whether reductions run over it */
  readonly reduced: ReadonlyArray<boolean>
  readonly nodes: ReadonlyArray<Node>
  readonly stores: ReadonlyArray<Store>
}

/**
 * A value computed by the kernel of its primitive, from values in memory into memory.
 *
 * @category model
 * @since 0.1.0
 */
export interface Host {
  readonly kind: 'host'
  readonly value: number
  readonly reads: ReadonlyArray<number>
}

/**
 * Where a matrix stands: its first element, then elements from row to row and from column to column.
 *
 * @category model
 * @since 0.1.0
 */
export interface Matrix {
  readonly value: number
  readonly offset: number
  readonly steps: readonly [row: number, column: number]
}

/**
 * Products of an `m x k` matrix with a `k x n` one, one for each index into the batch, into a result whose columns stand
 * side by side. `batch` gives for each of its dimensions the length and the elements from one to the next in the left
 * matrix, the right one and the result.
 *
 * @category model
 * @since 0.1.0
 */
export interface Product {
  readonly kind: 'product'
  readonly value: number
  readonly m: number
  readonly n: number
  readonly k: number
  readonly left: Matrix
  readonly right: Matrix
  /** elements from row to row of the result */
  readonly row: number
  /** adds to what is there */
  readonly accumulate: boolean
  readonly batch: ReadonlyArray<readonly [length: number, left: number, right: number, result: number]>
}

/**
 * A convolution of values that stand in a row.
 *
 * @category model
 * @since 0.1.0
 */
export interface Convolve {
  readonly kind: 'convolve'
  readonly value: number
  readonly reads: readonly [input: number, kernel: number]
}

/**
 * @category model
 * @since 0.1.0
 */
export type Item = Nest | Product | Convolve | Host

/**
 * The kept dimensions of a nest, as positions.
 *
 * @category destructors
 * @since 0.1.0
 */
export const kept = ({ reduced }: Pick<Nest, 'reduced'>): ReadonlyArray<number> =>
  reduced.flatMap((gone, d) => (gone ? [] : [d]))

/**
 * The values that an item reads, and those that it writes.
 *
 * @category destructors
 * @since 0.1.0
 */
export const reads = (item: Item): ReadonlyArray<number> =>
  item.kind === 'host' || item.kind === 'convolve'
    ? item.reads
    : item.kind === 'product'
      ? [item.left.value, item.right.value, ...(item.accumulate ? [item.value] : [])]
      : [
          ...new Set([
            ...item.nodes.flatMap((node) => (node.kind === 'load' ? [node.value] : [])),
            ...item.stores.flatMap(({ adding, value }) => (adding ? [value] : [])),
          ]),
        ]

/**
 * @category destructors
 * @since 0.1.0
 */
export const writes = (item: Item): ReadonlyArray<number> =>
  item.kind === 'nest' ? [...new Set(item.stores.map(({ value }) => value))] : [item.value]

/**
 * The value that an item does nothing but copy, element by element, and the copy.
 *
 * @category destructors
 * @since 0.1.0
 */
export const copyOf = (item: Item, elements: (value: number) => number): readonly [from: number, to: number] | null => {
  if (item.kind !== 'nest' || item.nodes.length !== 1 || item.stores.length !== 1) return null
  const { dims, nodes, stores } = item
  const [load] = nodes
  const [store] = stores
  const whole = ({ value, access }: { readonly value: number; readonly access: Access }): boolean =>
    isContiguous(access, dims) && elements(value) === size(dims)
  return load.kind === 'load' && !store.adding && whole(load) && whole(store) ? [load.value, store.value] : null
}

/** Steps over the dimensions, each of them cut into its parts. */
const stepsCut = ({ offset, steps }: Access, parts: ReadonlyArray<ReadonlyArray<number>>): Access => ({
  offset,
  steps: steps.flatMap((step, d) => (parts[d].length === 1 ? [step] : split(step, parts[d]))),
})

/**
 * The same nest with some dimensions cut into parts: the kept ones or all of them become `refined`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const refine = (nest: Nest, refined: Shape, keptOnly: boolean): Nest => {
  const chosen = keptOnly ? kept(nest) : nest.dims.map((_, d) => d)
  const of = cuts(
    chosen.map((d) => nest.dims[d]),
    refined,
  )
  const parts = nest.dims.map((n, d) => (chosen.includes(d) ? of[chosen.indexOf(d)] : [n]))
  if (parts.every((p) => p.length === 1)) return nest
  return {
    ...nest,
    dims: parts.flat(),
    reduced: nest.reduced.flatMap((gone, d) => parts[d].map(() => gone)),
    nodes: nest.nodes.map((node) => (node.kind === 'load' ? { ...node, access: stepsCut(node.access, parts) } : node)),
    stores: nest.stores.map((store) => ({ ...store, access: stepsCut(store.access, parts) })),
  }
}
