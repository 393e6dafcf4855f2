/**
 * Uses of the pointwise primitives, each inside the domain that its row states.
 *
 * @since 0.1.0
 */
import type { Pointwise } from '../../src/primitive/index.js'
import type { Shape, Spec } from '../../src/Shape.js'
import { noAttributes } from '../../src/Tape.js'
import { anywhere, bool, CONDITION, int, type Maker, real } from './Use.js'
import { ANYWHERE, type Domain, type Draw } from './values.js'

const POSITIVE: Domain = { low: 1 / 64, high: 8, wild: true, kink: 1 }
const NONZERO: Domain = { low: -4, high: 4, wild: true, nonzero: true, kink: 1 }
const MODERATE: Domain = { low: -8, high: 8, kink: 0 }
const INSIDE_ONE: Domain = { low: -15 / 16, high: 15 / 16, kink: 0 }

const unary =
  (domain: Domain) =>
  (_: Draw, shape: Shape): Bare => ({ operands: [real(shape)], attributes: noAttributes, domains: [domain] })

const binary =
  (x: Domain, y: Domain) =>
  (_: Draw, shape: Shape): Bare => ({
    operands: [real(shape), real(shape)],
    attributes: noAttributes,
    domains: [x, y],
  })

/** A use without attributes, of whichever primitive. */
interface Bare {
  readonly operands: ReadonlyArray<Spec>
  readonly attributes: typeof noAttributes
  readonly domains: ReadonlyArray<Domain>
}

const comparison = (draw: Draw, shape: Shape): Bare => {
  const of = draw.int(0, 3) === 3 ? int : real
  return { operands: [of(shape), of(shape)], attributes: noAttributes, domains: [ANYWHERE, ANYWHERE] }
}

const logical =
  (arity: number) =>
  (_: Draw, shape: Shape): Bare => ({
    operands: Array.from({ length: arity }, () => bool(shape)),
    attributes: noAttributes,
    domains: Array.from({ length: arity }, () => CONDITION),
  })

/**
 * @category uses
 * @since 0.1.0
 */
export const pointwiseUses: { readonly [K in Pointwise | 'polygamma']: Maker<K> } = {
  neg: unary(ANYWHERE),
  reciprocal: unary(NONZERO),
  exp: unary(MODERATE),
  expm1: unary(MODERATE),
  log: unary(POSITIVE),
  log1p: unary({ low: -15 / 16, high: 8, wild: true, kink: 0 }),
  sqrt: unary(POSITIVE),
  rsqrt: unary(POSITIVE),
  sin: unary(MODERATE),
  cos: unary(MODERATE),
  // between the poles at -pi/2 and pi/2
  tan: unary({ low: -1.375, high: 1.375, kink: 0 }),
  asin: unary(INSIDE_ONE),
  acos: unary(INSIDE_ONE),
  atan: unary(ANYWHERE),
  sinh: unary(MODERATE),
  cosh: unary(MODERATE),
  tanh: unary(MODERATE),
  sigmoid: unary(MODERATE),
  softplus: unary(MODERATE),
  erf: unary({ low: -3, high: 3, kink: 0 }),
  lgamma: unary({ low: 1 / 16, high: 16, kink: 1 }),
  abs: unary(ANYWHERE),
  sign: unary(ANYWHERE),
  floor: unary(ANYWHERE),
  ceil: unary(ANYWHERE),
  round: unary({ ...ANYWHERE, kink: 0.5 }),
  add: binary(ANYWHERE, ANYWHERE),
  sub: binary(ANYWHERE, ANYWHERE),
  mul: binary(ANYWHERE, ANYWHERE),
  div: binary(ANYWHERE, NONZERO),
  pow: binary({ low: 1 / 4, high: 4, kink: 1 }, { low: -3, high: 3, kink: 1 }),
  atan2: binary(ANYWHERE, NONZERO),
  mod: binary(MODERATE, { low: 1 / 2, high: 4, nonzero: true, kink: 1 }),
  max: binary(ANYWHERE, ANYWHERE),
  min: binary(ANYWHERE, ANYWHERE),
  eq: comparison,
  ne: comparison,
  lt: comparison,
  le: comparison,
  gt: comparison,
  ge: comparison,
  and: logical(2),
  or: logical(2),
  xor: logical(2),
  not: logical(1),
  select: (_, shape) => anywhere([bool(shape), real(shape), real(shape)], noAttributes),
  polygamma: (draw, shape) => ({
    operands: [real(shape)],
    attributes: { order: draw.int(0, 2) },
    domains: [{ low: 1 / 4, high: 16, kink: 1 }],
  }),
}
