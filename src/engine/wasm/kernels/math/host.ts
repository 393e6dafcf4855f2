/**
 * The rare functions, which the host computes: one number at a time, in float64, the very functions of the reference
 * evaluator. A module that uses them imports them from `math`; `hostFunctions` is what to give it.
 *
 * @since 0.1.0
 */
import { F64 } from '../../../../algebra/F64.js'
import { call, type Expr, f64x2, type Imported, imported } from '../../assembler.js'
import type { Vector } from '../lanes.js'

const unaries = { sin: Math.sin, cos: Math.cos, tan: Math.tan, lgamma: F64.lgamma }

const binaries = {
  /** the order is a number, as everything is here */
  polygamma: (order: number, x: number): number => F64.polygamma(order, x),
}

/**
 * What the host computes.
 *
 * @category model
 * @since 0.1.0
 */
export type HostFunction = keyof typeof unaries
type HostBinary = keyof typeof binaries

/**
 * The imports `math` of a module.
 *
 * @category constants
 * @since 0.1.0
 */
export const hostFunctions: { readonly math: Readonly<Record<HostFunction | HostBinary, (...xs: never) => number>> } = {
  math: { ...unaries, ...binaries },
}

const unary = Object.fromEntries(
  Object.keys(unaries).map((name) => [name, imported('math', name, ['f64'], 'f64')]),
) as unknown as { readonly [K in HostFunction]: Imported<readonly ['f64'], 'f64'> }

const binary = Object.fromEntries(
  Object.keys(binaries).map((name) => [name, imported('math', name, ['f64', 'f64'], 'f64')]),
) as unknown as { readonly [K in HostBinary]: Imported<readonly ['f64', 'f64'], 'f64'> }

const joined = (f: (lane: number) => Expr<'f64'>): Vector => f64x2.replace_lane(f64x2.splat(f(0)), 1, f(1))

/**
 * A host function of both lanes. The operands are read twice, so they should be locals.
 *
 * @category combinators
 * @since 0.1.0
 */
export const perLane = (name: HostFunction, x: Vector): Vector =>
  joined((lane) => call(unary[name], f64x2.extract_lane(x, lane)))

/**
 * @category combinators
 * @since 0.1.0
 */
export const perLanes = (name: HostBinary, x: Vector, y: Vector): Vector =>
  joined((lane) => call(binary[name], f64x2.extract_lane(x, lane), f64x2.extract_lane(y, lane)))
