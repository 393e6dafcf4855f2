/**
 * What all reductions share: their options, their types, and how one is made. A reduction turns every lane, the elements
 * that differ in the reduced axes alone, into one number.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Vocabulary } from '../primitive/Primitive.js'
import type { AnyOperand, Operand, Reverse } from '../Reverse.js'
import { axes as axesOf, type DType, type Shape, show, size } from '../Shape.js'
import type { Axes, HasAxes, Reduce } from '../shape/types.js'
import type { AnyVar, Var } from '../Var.js'
import { body, type Recorded, refuse } from './record.js'

/**
 * What every reduction may be told.
 *
 * @category types
 * @since 0.1.0
 */
export interface ReduceOptions<A extends Axes = Axes, K extends boolean = boolean> {
  /** the axes to reduce; all of them when absent */
  readonly axis?: A | undefined
  /** whether the axes stay, with length 1 */
  readonly keepDims?: K | undefined
}

/**
 * A reduction of reals.
 *
 * @category types
 * @since 0.1.0
 */
export type RealReduction = <S extends Shape, const A extends Axes = undefined, const K extends boolean = false>(
  x: Operand<S>,
  options?: ReduceOptions<A, K> & HasAxes<S, A>,
) => Reverse<Var<Reduce<S, A, K>>>

/**
 * A reduction of reals or integers.
 *
 * @category types
 * @since 0.1.0
 */
export type Reduction = <
  S extends Shape,
  const A extends Axes = undefined,
  const K extends boolean = false,
  D extends 'real' | 'int' = 'real',
>(
  x: Operand<S, D>,
  options?: ReduceOptions<A, K> & HasAxes<S, A>,
) => Reverse<Var<Reduce<S, A, K>, D>>

/**
 * A reduction of booleans.
 *
 * @category types
 * @since 0.1.0
 */
export type LogicalReduction = <S extends Shape, const A extends Axes = undefined, const K extends boolean = false>(
  x: Operand<S, 'bool'>,
  options?: ReduceOptions<A, K> & HasAxes<S, A>,
) => Reverse<Var<Reduce<S, A, K>, 'bool'>>

/**
 * The place of a largest or smallest element, along one axis or in the whole.
 *
 * @category types
 * @since 0.1.0
 */
export type Place = <S extends Shape, const A extends number | undefined = undefined, const K extends boolean = false>(
  x: Operand<S, 'real' | 'int'>,
  options?: ReduceOptions<A, K> & HasAxes<S, A>,
) => Reverse<Var<Reduce<S, A, K>, 'int'>>

/**
 * @category element types
 * @since 0.1.0
 */
export const NUMBERS: ReadonlyArray<DType> = ['real', 'int']

/**
 * @category element types
 * @since 0.1.0
 */
export const REALS: ReadonlyArray<DType> = ['real']

/**
 * What a reduction works with.
 *
 * @category model
 * @since 0.1.0
 */
export interface Lanes {
  readonly v: Vocabulary
  readonly x: AnyVar
  /** the axes, ascending */
  readonly axes: ReadonlyArray<number>
  /** the number of elements that are reduced to one */
  readonly count: number
  /** repeats one number of each lane over its elements */
  readonly over: (lane: AnyVar) => AnyVar
}

/**
 * A reduction from one that drops its axes.
 *
 * @category constructors
 * @since 0.1.0
 */
export const reduction = <O extends ReduceOptions>(
  operation: string,
  dtypes: ReadonlyArray<DType>,
  write: (lanes: Lanes, options: O) => Recorded,
) =>
  ((operand: AnyOperand, options: O = {} as O) =>
    body([operand], (v, [x]) => {
      if (!dtypes.includes(x.dtype))
        return refuse(
          operation,
          'TypeMismatch',
          `takes ${dtypes.join(' or ')} operands, not ${x.dtype} ${show(x.shape)}`,
          [x],
        )
      const found = axesOf(options.axis, x.shape.length, operation)
      if (E.isLeft(found)) return found
      const axes = found.right
      const kept = x.shape.map((_, d) => d).filter((d) => !axes.includes(d))
      const lanes: Lanes = {
        v,
        x,
        axes,
        count: size(axes.map((d) => x.shape[d])),
        over: (lane) => v.broadcast(lane, x.shape, kept),
      }
      const y = write(lanes, options)
      return E.isLeft(y) || options.keepDims !== true || axes.length === 0
        ? y
        : E.right(
            v.reshape(
              y.right,
              x.shape.map((n, d) => (axes.includes(d) ? 1 : n)),
            ),
          )
    })) as never
