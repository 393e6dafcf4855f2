/**
 * The pointwise primitives as WebAssembly expressions: one table for single numbers, one for vectors. Each entry is the
 * formula of `algebra/F64.ts`; a primitive without one does not compile.
 *
 * Reals are f64 or f32, integers i32, booleans 0 or 1. In a vector every element has as many bits as a real: an integer
 * beside float64 is in the lower half, and a boolean is a mask of ones. Operands are locals or constants, so a formula
 * may name them twice. What has no instruction is a call into the mathematical functions (`kernels/math`).
 *
 * @since 0.1.0
 */
import type { Pointwise } from '../../primitive/Primitive.js'
import type { DType } from '../../Shape.js'
import { call, type Expr, f32, f32x4, f64, f64x2, i8x16, i32, i32x4, i64x2, select, v128 } from './assembler.js'
import { type Scalar, type Vector, vectors } from './kernels/lanes.js'
import { exp, expm1 } from './kernels/math/exponential.js'
import { elementary } from './kernels/math/index.js'

/**
 * What is computed at a point, beside markers and layout.
 *
 * @category model
 * @since 0.1.0
 */
export type PointName = Pointwise | 'convert'

/**
 * Where a formula stands: the scalar, the element type of its first operand that says something, and that of its result.
 *
 * @category model
 * @since 0.1.0
 */
export interface Setting {
  readonly scalar: Scalar
  readonly from: DType
  readonly to: DType
}

type FunctionName = Parameters<typeof elementary>[1]
type Any = Expr<'i32' | 'f32' | 'f64'>
type Formula<E extends Expr> = (setting: Setting, ...xs: ReadonlyArray<E>) => E | null

/** The instructions on one real; both records have the same names. */
const reals = (scalar: Scalar): typeof f64 => (scalar === 'f64' ? f64 : (f32 as unknown as typeof f64))

const real = (scalar: Scalar, x: number): Any => (scalar === 'f64' ? f64.const(x) : f32.const(x))

const asInt = (x: Any): Expr<'i32'> => x as Expr<'i32'>
const asReal = (x: Any): Expr<'f64'> => x as Expr<'f64'>

const valueType = ({ scalar, to }: Setting): 'f64' | 'f32' | 'i32' => (to === 'real' ? scalar : 'i32')

// ------------------------------------------------------------------------------------------------ one number

type Real1 = (f: typeof f64, x: Expr<'f64'>, scalar: Scalar) => Any
type Real2 = (f: typeof f64, x: Expr<'f64'>, y: Expr<'f64'>, scalar: Scalar) => Any
type Int1 = (x: Expr<'i32'>) => Any
type Int2 = (x: Expr<'i32'>, y: Expr<'i32'>) => Any

const one =
  (onReal: Real1, onInt?: Int1): Formula<Any> =>
  ({ scalar, from }, x) =>
    from === 'real' ? onReal(reals(scalar), asReal(x), scalar) : onInt === undefined ? null : onInt(asInt(x))

const two =
  (onReal: Real2, onInt?: Int2): Formula<Any> =>
  ({ scalar, from }, x, y) =>
    from === 'real'
      ? onReal(reals(scalar), asReal(x), asReal(y), scalar)
      : onInt === undefined
        ? null
        : onInt(asInt(x), asInt(y))

const called =
  (name: FunctionName): Formula<Any> =>
  ({ scalar }, ...xs) =>
    call(elementary(scalar, name).single, ...(xs as never)) as Any

const chosen = (setting: Setting, condition: Expr<'i32'>, x: Any, y: Any): Any => {
  const type = valueType(setting)
  return select(type, condition, x as never, y as never)
}

const min32 = (x: Expr<'i32'>, y: Expr<'i32'>): Any => select('i32', i32.lt_s(x, y), x, y)
const max32 = (x: Expr<'i32'>, y: Expr<'i32'>): Any => select('i32', i32.gt_s(x, y), x, y)

/** The remainder with the sign of the divisor, and 0 for y = 0, where `rem_s` would trap. */
const mod32 = (x: Expr<'i32'>, y: Expr<'i32'>): Any => {
  const rest = i32.rem_s(x, select('i32', i32.eqz(y), 1, y))
  const other = i32.and(i32.ne(rest, 0), i32.lt_s(i32.xor(rest, y), 0))
  return select('i32', i32.eqz(y), 0, i32.add(rest, select('i32', other, y, 0)))
}

/**
 * On one number.
 *
 * @category formulas
 * @since 0.1.0
 */
export const single: { readonly [K in PointName]: Formula<Any> } = {
  neg: one(
    (f, x) => f.neg(x),
    (x) => i32.sub(0, x),
  ),
  reciprocal: one((f, x, s) => f.div(real(s, 1) as Expr<'f64'>, x)),
  exp: called('exp'),
  expm1: called('expm1'),
  log: called('log'),
  log1p: called('log1p'),
  sqrt: one((f, x) => f.sqrt(x)),
  rsqrt: one((f, x, s) => f.div(real(s, 1) as Expr<'f64'>, f.sqrt(x))),
  sin: called('sin'),
  cos: called('cos'),
  tan: called('tan'),
  asin: called('asin'),
  acos: called('acos'),
  atan: called('atan'),
  sinh: called('sinh'),
  cosh: called('cosh'),
  tanh: called('tanh'),
  sigmoid: called('sigmoid'),
  softplus: called('softplus'),
  erf: called('erf'),
  lgamma: called('lgamma'),
  abs: one(
    (f, x) => f.abs(x),
    (x) => select('i32', i32.lt_s(x, 0), i32.sub(0, x), x),
  ),
  // a zero keeps its sign, and NaN is neither above nor below
  sign: one(
    (f, x, s) =>
      select(
        s,
        f.gt(x, real(s, 0) as Expr<'f64'>),
        real(s, 1) as never,
        select(s, f.lt(x, real(s, 0) as Expr<'f64'>), real(s, -1) as never, x as never) as never,
      ),
    (x) => i32.sub(i32.gt_s(x, 0), i32.lt_s(x, 0)),
  ),
  floor: one((f, x) => f.floor(x)),
  ceil: one((f, x) => f.ceil(x)),
  round: one((f, x) => f.nearest(x)),
  add: two((f, x, y) => f.add(x, y), i32.add),
  sub: two((f, x, y) => f.sub(x, y), i32.sub),
  mul: two((f, x, y) => f.mul(x, y), i32.mul),
  div: two((f, x, y) => f.div(x, y)),
  pow: called('pow'),
  atan2: called('atan2'),
  mod: two((f, x, y) => f.sub(x, f.mul(f.floor(f.div(x, y)), y)), mod32),
  max: two((f, x, y, s) => select(s, i32.or(f.ge(x, y), f.ne(x, x)), x as never, y as never), max32),
  min: two((f, x, y, s) => select(s, i32.or(f.le(x, y), f.ne(x, x)), x as never, y as never), min32),
  eq: two((f, x, y) => f.eq(x, y), i32.eq),
  ne: two((f, x, y) => f.ne(x, y), i32.ne),
  lt: two((f, x, y) => f.lt(x, y), i32.lt_s),
  le: two((f, x, y) => f.le(x, y), i32.le_s),
  gt: two((f, x, y) => f.gt(x, y), i32.gt_s),
  ge: two((f, x, y) => f.ge(x, y), i32.ge_s),
  and: (_, x, y) => i32.and(asInt(x), asInt(y)),
  or: (_, x, y) => i32.or(asInt(x), asInt(y)),
  xor: (_, x, y) => i32.xor(asInt(x), asInt(y)),
  not: (_, x) => i32.eqz(asInt(x)),
  select: (setting, c, x, y) => chosen(setting, asInt(c), x, y),
  convert: ({ scalar, from, to }, x) => {
    const f = reals(scalar)
    if (from === to) return x
    if (to === 'real') return f.convert_i32_s(asInt(x))
    if (to === 'bool') return from === 'real' ? f.ne(asReal(x), real(scalar, 0) as Expr<'f64'>) : i32.ne(asInt(x), 0)
    if (from === 'bool') return x
    return scalar === 'f64' ? i32.trunc_sat_f64_s(asReal(x)) : i32.trunc_sat_f32_s(x as Expr<'f32'>)
  },
}

// --------------------------------------------------------------------------------------------------- vectors

type Lanes1 = (v: (typeof vectors)['f64'], x: Vector) => Vector
type Lanes2 = (v: (typeof vectors)['f64'], x: Vector, y: Vector) => Vector

const lanes1 =
  (onReal: Lanes1, onInt?: (x: Vector) => Vector): Formula<Vector> =>
  ({ scalar, from }, x) =>
    from === 'real' ? onReal(vectors[scalar], x) : (onInt?.(x) ?? null)

const lanes2 =
  (onReal: Lanes2, onInt?: (x: Vector, y: Vector) => Vector): Formula<Vector> =>
  ({ scalar, from }, x, y) =>
    from === 'real' ? onReal(vectors[scalar], x, y) : from === 'int' ? (onInt?.(x, y) ?? null) : null

/** A mask of integers' lanes as one of reals' lanes. */
const widened = (scalar: Scalar, mask: Vector): Vector => (scalar === 'f64' ? i64x2.extend_low_i32x4_s(mask) : mask)

/** A mask of reals' lanes as one of integers' lanes. */
const narrowed = (scalar: Scalar, mask: Vector): Vector =>
  scalar === 'f64' ? i8x16.shuffle(mask, mask, [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11]) : mask

const compared =
  (
    name: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge',
    onInt: (x: Vector, y: Vector) => Vector,
    onBool: (x: Vector, y: Vector) => Vector,
  ): Formula<Vector> =>
  ({ scalar, from }, x, y) =>
    from === 'real' ? vectors[scalar][name](x, y) : from === 'int' ? widened(scalar, onInt(x, y)) : onBool(x, y)

const vectorCalled =
  (name: FunctionName): Formula<Vector> =>
  ({ scalar }, ...xs) =>
    call(elementary(scalar, name).many, ...(xs as never)) as Vector

/** False is below true: masks compare as integers 0 and 1. */
const less = (x: Vector, y: Vector): Vector => v128.andnot(y, x)

/**
 * On vectors; `null` where there is no vector form, and then the whole nest goes number by number.
 *
 * @category formulas
 * @since 0.1.0
 */
export const many: { readonly [K in PointName]: Formula<Vector> } = {
  neg: lanes1((v, x) => v.neg(x), i32x4.neg),
  reciprocal: lanes1((v, x) => v.div(1, x)),
  // in place: a call would put everything that is in registers into memory
  exp: lanes1((v, x) => exp(v, x)),
  expm1: lanes1((v, x) => expm1(v, x)),
  log: vectorCalled('log'),
  log1p: vectorCalled('log1p'),
  sqrt: lanes1((v, x) => v.sqrt(x)),
  rsqrt: lanes1((v, x) => v.div(1, v.sqrt(x))),
  sin: vectorCalled('sin'),
  cos: vectorCalled('cos'),
  tan: vectorCalled('tan'),
  asin: vectorCalled('asin'),
  acos: vectorCalled('acos'),
  atan: vectorCalled('atan'),
  sinh: vectorCalled('sinh'),
  cosh: vectorCalled('cosh'),
  tanh: vectorCalled('tanh'),
  sigmoid: vectorCalled('sigmoid'),
  softplus: vectorCalled('softplus'),
  erf: vectorCalled('erf'),
  lgamma: vectorCalled('lgamma'),
  abs: lanes1((v, x) => v.abs(x), i32x4.abs),
  // the sign of x on 1 where x is not 0, and x itself where it is 0 or NaN
  sign: lanes1(
    (v, x) => v128.bitselect(v128.or(v128.and(x, v.constant(-0)), v.constant(1)), x, v128.or(v.lt(x, 0), v.gt(x, 0))),
    (x) => i32x4.sub(i32x4.lt_s(x, 0), i32x4.gt_s(x, 0)),
  ),
  floor: lanes1((v, x) => v.floor(x)),
  ceil: lanes1((v, x) => v.ceil(x)),
  round: lanes1((v, x) => v.nearest(x)),
  add: lanes2((v, x, y) => v.add(x, y), i32x4.add),
  sub: lanes2((v, x, y) => v.sub(x, y), i32x4.sub),
  mul: lanes2((v, x, y) => v.mul(x, y), i32x4.mul),
  div: lanes2((v, x, y) => v.div(x, y)),
  pow: vectorCalled('pow'),
  atan2: vectorCalled('atan2'),
  mod: lanes2((v, x, y) => v.sub(x, v.mul(v.floor(v.div(x, y)), y))),
  max: lanes2((v, x, y) => v128.bitselect(x, y, v128.or(v.ge(x, y), v.ne(x, x))), i32x4.max_s),
  min: lanes2((v, x, y) => v128.bitselect(x, y, v128.or(v.le(x, y), v.ne(x, x))), i32x4.min_s),
  eq: compared('eq', i32x4.eq, (x, y) => v128.not(v128.xor(x, y))),
  ne: compared('ne', i32x4.ne, v128.xor),
  lt: compared('lt', i32x4.lt_s, less),
  le: compared('le', i32x4.le_s, (x, y) => v128.not(less(y, x))),
  gt: compared('gt', i32x4.gt_s, (x, y) => less(y, x)),
  ge: compared('ge', i32x4.ge_s, (x, y) => v128.not(less(x, y))),
  and: (_, x, y) => v128.and(x, y),
  or: (_, x, y) => v128.or(x, y),
  xor: (_, x, y) => v128.xor(x, y),
  not: (_, x) => v128.not(x),
  select: ({ scalar, to }, c, x, y) => v128.bitselect(x, y, to === 'int' ? narrowed(scalar, c) : c),
  convert: ({ scalar, from, to }, x) => {
    const v = vectors[scalar]
    if (from === to) return x
    if (to === 'real') {
      if (from === 'bool') return v128.and(x, v.constant(1))
      return scalar === 'f64' ? f64x2.convert_low_i32x4_s(x) : f32x4.convert_i32x4_s(x)
    }
    if (to === 'bool') return from === 'real' ? v.ne(x, 0) : widened(scalar, i32x4.ne(x, 0))
    if (from === 'bool') return v128.and(narrowed(scalar, x), i32x4.const(1, 1, 1, 1))
    return scalar === 'f64' ? i32x4.trunc_sat_f64x2_s_zero(x) : i32x4.trunc_sat_f32x4_s(x)
  },
}
