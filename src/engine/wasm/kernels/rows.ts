/**
 * Primitives that are neither loops over elements nor products, by name: what generated code calls for them instead of the
 * row's own kernel. All agree with their rows to the bit.
 *
 * A kernel takes the addresses of its operands in order, of its result and of scratch memory; operands and result are
 * row-major, reals as the scalar, integers as i32, booleans as bytes, and do not overlap.
 *
 * @since 0.1.0
 */
import type { Attributes, PrimitiveName } from '../../../primitive/Primitive.js'
import { type Spec, size } from '../../../Shape.js'
import { call, type Func, func } from '../assembler.js'
import { argExtremum, cumsum, gather, scatterAdd } from './indexing.js'
import type { Scalar } from './lanes.js'
import { ordering } from './ordering.js'
import { randomBits } from './random.js'

/**
 * @category model
 * @since 0.1.0
 */
export interface RowKernel {
  /** as many addresses as there are operands, then those of the result and of scratch memory */
  readonly func: Func
  /** bytes of scratch memory, at a multiple of 16 */
  readonly scratch: number
}

/**
 * What a kernel knows of its operands.
 *
 * @category model
 * @since 0.1.0
 */
export interface Context {
  readonly scalar: Scalar
  readonly operands: ReadonlyArray<Spec>
}

type Maker<K extends PrimitiveName> = (context: Context, attributes: Attributes[K]) => RowKernel

const one = (f: Func<readonly ['i32', 'i32'], 'void'>): RowKernel => ({
  func: func(f.name, ['i32', 'i32', 'i32'], 'void', (x, y) => [call(f, x, y)]) as Func,
  scratch: 0,
})

const two = (f: Func<readonly ['i32', 'i32', 'i32'], 'void'>): RowKernel => ({
  func: func(f.name, ['i32', 'i32', 'i32', 'i32'], 'void', (x, w, y) => [call(f, x, w, y)]) as Func,
  scratch: 0,
})

const ordered = (
  { scalar, operands: [x] }: Context,
  axis: number,
  descending: boolean,
  count: number,
  places: boolean,
): RowKernel => {
  const { func: made, scratch } = ordering(scalar, x.dtype, x.shape, { axis, descending, count, places })
  return { func: made as Func, scratch }
}

const makers: { readonly [K in PrimitiveName]?: Maker<K> } = {
  gather: ({ scalar, operands: [x, at] }, { batch }) => two(gather(scalar, x.dtype, x.shape, at.shape, batch)),
  scatterAdd: ({ scalar, operands: [at, x] }, { batch, size: n }) =>
    two(scatterAdd(scalar, x.dtype, at.shape, x.shape, batch, n)),
  cumsum: ({ scalar, operands: [x] }, { axis, reverse }) => one(cumsum(scalar, x.dtype, x.shape, axis, reverse)),
  argMax: ({ scalar, operands: [x] }, { axis }) => one(argExtremum(scalar, x.dtype, x.shape, axis, 'max')),
  argMin: ({ scalar, operands: [x] }, { axis }) => one(argExtremum(scalar, x.dtype, x.shape, axis, 'min')),
  randomBits: ({ operands: [key] }, { shape }) => one(randomBits(size(key.shape) / 2, size(shape))),
  sort: (c, { axis, descending }) => ordered(c, axis, descending, c.operands[0].shape[axis], false),
  argSort: (c, { axis, descending }) => ordered(c, axis, descending, c.operands[0].shape[axis], true),
  topK: (c, { axis, k }) => ordered(c, axis, true, k, false),
  argTopK: (c, { axis, k }) => ordered(c, axis, true, k, true),
}

/**
 * The kernel of a primitive, or `null` where there is none.
 *
 * @category constructors
 * @since 0.1.0
 */
export const rowKernel = <K extends PrimitiveName>(
  primitive: K,
  attributes: Attributes[K],
  context: Context,
): RowKernel | null => (makers[primitive] as Maker<K> | undefined)?.(context, attributes) ?? null
