/**
 * What the operators of a graph can be: operations by name.
 *
 * @since 0.1.0
 */
import * as ops from '../ops/index.js'
import type { Reverse } from '../Reverse.js'
import type { AnyVar } from '../Var.js'

/**
 * An operation on a given number of operands.
 *
 * @category model
 * @since 0.1.0
 */
export interface Operation {
  readonly arity: number
  /** any operation: what fits together, shapes included, is checked when the model is recorded */
  readonly record: (...operands: ReadonlyArray<never>) => Reverse<AnyVar>
}

/**
 * @category model
 * @since 0.1.0
 */
export type Operations = Readonly<Record<string, Operation>>

const taking = <K extends string>(
  arity: number,
  table: { readonly [N in K]: unknown },
): { readonly [N in K]: Operation } =>
  Object.fromEntries(
    Object.entries(table).map(([name, f]) => [name, { arity, record: f as Operation['record'] }]),
  ) as never

/**
 * The operations that graphs know by themselves. `linear` takes `k, x, b` and gives `k * x + b`, element by element;
 * `dense` takes `x, w, b` and gives `x w + b` with a matrix product.
 *
 * @category operations
 * @since 0.1.0
 */
export const standardOperations: Operations = {
  ...taking(1, {
    neg: ops.neg,
    abs: ops.abs,
    square: ops.square,
    sqrt: ops.sqrt,
    exp: ops.exp,
    log: ops.log,
    sin: ops.sin,
    cos: ops.cos,
    tanh: ops.tanh,
    sigmoid: ops.sigmoid,
    relu: ops.relu,
    softplus: ops.softplus,
    // not the functions themselves: they have further, optional arguments
    softmax: (x: AnyVar) => ops.softmax(x as never),
    sum: (x: AnyVar) => ops.sum(x as never),
    mean: (x: AnyVar) => ops.mean(x as never),
    max: (x: AnyVar) => ops.max(x as never),
    min: (x: AnyVar) => ops.min(x as never),
  }),
  ...taking(2, {
    add: ops.add,
    sub: ops.sub,
    mul: ops.mul,
    div: ops.div,
    pow: ops.pow,
    maximum: ops.maximum,
    minimum: ops.minimum,
    matmul: ops.matmul,
    meanSquaredError: (x: AnyVar, y: AnyVar) => ops.meanSquaredError(x as never, y as never),
    meanAbsoluteError: (x: AnyVar, y: AnyVar) => ops.meanAbsoluteError(x as never, y as never),
  }),
  ...taking(3, {
    linear: (k: AnyVar, x: AnyVar, b: AnyVar) => ops.add(ops.mul(k as never, x as never), b as never),
    dense: (x: AnyVar, w: AnyVar, b: AnyVar) => ops.add(ops.matmul(x as never, w as never) as never, b as never),
  }),
}
