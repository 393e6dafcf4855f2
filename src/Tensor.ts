/**
 * Immutable n-dimensional arrays: a shape, an element type and the elements in row-major order.
 *
 * Reals are held as float64, integers as int32, booleans as bytes, each in its typed array. Typed arrays cannot be
 * frozen, so immutability is kept by the type (`Data` has no way to write) and by copying whatever comes in.
 *
 * A tensor is a value to put into a program or to read out of one; computing is what programs do. So there is no
 * arithmetic here, only what builds, takes apart, compares and prints. Functions that take a function come with it first
 * and the tensor last, as in fp-ts: `map(f)(t)`; the others take the tensor first, as operations do: `reshape(t, shape)`.
 *
 * Laws: `fromArray(toNested(t), t.dtype)` and `fromData(t.shape, toArray(t), t.dtype)` are `t`, except that nested arrays
 * forget what follows a dimension of 0; `transpose` is its own inverse; `reshape` keeps `toArray`; `map` keeps identity
 * and composition on reals; `getEq` is an equivalence.
 *
 * @since 0.1.0
 */
export * from './tensor/arrange.js'
export * from './tensor/fill.js'
export * from './tensor/map.js'
export {
  type AnyTensor,
  allocate,
  type Data,
  isTensor,
  scalar,
  type Tensor,
  unsafeMake,
  write,
} from './tensor/model.js'
export * from './tensor/nested.js'
export * from './tensor/show.js'
export * from './tensor/slicing.js'
