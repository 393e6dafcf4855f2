/**
 * Items that have kernels of their own: calls of the functions for matrix products, convolutions, and what is neither they
 * nor a loop over elements.
 *
 * @since 0.1.0
 */
import type { Flat } from '../../compile/flat.js'
import type { Convolve, Host, Product } from '../../compile/Nest.js'
import { unit } from '../../compile/plan.js'
import type { Attributes, PrimitiveName } from '../../primitive/Primitive.js'
import { size } from '../../Shape.js'
import type { Placed } from '../Blas.js'
import {
  call,
  type Expr,
  type Func,
  forEach,
  i32,
  type Local,
  local,
  type Operand,
  type Statement,
} from './assembler.js'
import { type ConvolveKernel, convolve, type Convolve as Geometry } from './kernels/convolve.js'
import { convolveProducts } from './kernels/convolveProduct.js'
import type { Features } from './kernels/features.js'
import { gemm } from './kernels/gemm.js'
import type { Scalar } from './kernels/lanes.js'
import { type Context, rowKernel } from './kernels/rows.js'

/**
 * The code of an item, once it is known where its operands stand, and the bytes it wants for itself.
 *
 * @category model
 * @since 0.1.0
 */
export interface Kernel {
  readonly scratch: number
  readonly code: (address: (value: number) => number, scratch: Operand<'i32'>) => Statement
}

/**
 * A product, which may be cut into products of fewer rows or columns, with the same bits: at multiples of `grain` rows, or
 * of `breadth` columns, where these are fewer than it has.
 *
 * @category model
 * @since 0.1.0
 */
export interface ProductKernel extends Kernel {
  readonly grain: number
  readonly breadth: number
}

/** Equal kernels are one function: a program that is written out has many. */
const remembered = <G, K>(make: (features: Features, geometry: G) => K): ((features: Features, geometry: G) => K) => {
  const made = new Map<string, K>()
  return (features, geometry) => {
    const key = JSON.stringify([features, geometry])
    const known = made.get(key) ?? make(features, geometry)
    if (made.size >= KEPT) made.clear()
    made.set(key, known)
    return known
  }
}

/** How many kernels are remembered before all are forgotten. */
const KEPT = 256

const multiplying = remembered(gemm)

/**
 * The function of a convolution, always the same one.
 *
 * @category functions
 * @since 0.1.0
 */
export const convolving: (features: Features, geometry: Geometry) => ConvolveKernel = remembered(convolve)

const spreading = remembered((_, geometry: Geometry) => convolveProducts(geometry))
const computing = remembered(
  (_, { primitive, attributes, context }: { primitive: PrimitiveName; attributes: never; context: Context }) =>
    rowKernel(primitive, attributes, context),
)

/**
 * @category constructors
 * @since 0.1.0
 */
export const productKernel = (features: Features, scalar: Scalar, item: Product): ProductKernel => {
  const { value, m, n, k, left, right, row, batch, accumulate } = item
  const made = multiplying(features, { scalar, m, n, k, a: left.steps, b: right.steps, c: row, accumulate })
  const bytes = unit(scalar, 'real')
  const { grain, breadth } = made
  return {
    grain,
    breadth,
    scratch: made.scratch,
    code: (address, scratch) => {
      const counters = batch.map(() => local('i32'))
      const at = (start: number, step: (d: Product['batch'][number]) => number): Expr<'i32'> =>
        batch.reduce<Expr<'i32'>>(
          (sum, d, i) => (step(d) === 0 ? sum : i32.add(sum, i32.mul(counters[i], step(d) * bytes))),
          i32.const(start),
        )
      const one: Statement = call(
        made.func,
        at(address(left.value) + left.offset * bytes, ([, step]) => step),
        at(address(right.value) + right.offset * bytes, ([, , step]) => step),
        at(address(value), ([, , , step]) => step),
        scratch,
        0,
        m,
      )
      return batch.reduceRight(
        (body: Statement, [length], i) => forEach(counters[i] as Local<'i32'>, 0, length, 1, [body]),
        one,
      )
    },
  }
}

/**
 * What a convolution is apart from where its operands stand.
 *
 * @category destructors
 * @since 0.1.0
 */
export const geometryOf = (scalar: Scalar, item: Convolve, { values }: Flat): Geometry => {
  const y = values[item.value]
  const [x, w] = y.operands.map((k) => values[k].shape)
  const { strides, padding, inputDilation, kernelDilation, groups } = y.attributes as unknown as Attributes['convolve']
  return {
    scalar,
    examples: x[0],
    channels: w[1],
    outputs: w[0],
    groups,
    input: x.slice(2),
    kernel: w.slice(2),
    output: y.shape.slice(2),
    strides,
    low: padding.map(([low]) => low),
    inputDilation,
    kernelDilation,
  }
}

/**
 * @category constructors
 * @since 0.1.0
 */
export const convolveKernel = (features: Features, scalar: Scalar, item: Convolve, flat: Flat): Kernel => {
  const geometry = geometryOf(scalar, item, flat)
  const made = convolving(features, geometry)
  return {
    scratch: made.scratch,
    code: (address, scratch) =>
      call(
        made.func,
        address(item.reads[0]),
        address(item.reads[1]),
        address(item.value),
        scratch,
        0,
        geometry.examples,
      ),
  }
}

/**
 * A convolution by products that a library computes; it asks for them by the number of the value.
 *
 * @category model
 * @since 0.1.0
 */
export interface ProductsKernel extends Kernel {
  readonly products: ReadonlyArray<Placed>
}

/**
 * The kernel of a convolution whose products are left to a library, or null where the engine does better.
 *
 * @category constructors
 * @since 0.1.0
 */
export const productsKernel = (
  features: Features,
  scalar: Scalar,
  item: Convolve,
  flat: Flat,
): ProductsKernel | null => {
  const made = spreading(features, geometryOf(scalar, item, flat))
  if (made === null) return null
  return {
    scratch: made.scratch,
    products: made.products,
    code: (address, scratch) =>
      call(made.func, address(item.reads[0]), address(item.reads[1]), address(item.value), scratch, item.value),
  }
}

/**
 * The kernel of an item that has no loops of its own; `null` where only its row computes it, or where an operand is empty
 * and stands nowhere.
 *
 * @category constructors
 * @since 0.1.0
 */
export const hostKernel = (features: Features, scalar: Scalar, item: Host, { values }: Flat): Kernel | null => {
  const { primitive, attributes, operands: from } = values[item.value]
  const operands = from.map((k) => ({ shape: values[k].shape, dtype: values[k].dtype }))
  if (operands.some(({ shape }) => size(shape) === 0)) return null
  const made = computing(features, { primitive, attributes: attributes as never, context: { scalar, operands } })
  if (made === null) return null
  const run = made.func as Func<ReadonlyArray<'i32'>, 'void'>
  return {
    scratch: made.scratch,
    code: (address, scratch) => call(run, ...[...item.reads, item.value].map(address), scratch),
  }
}
