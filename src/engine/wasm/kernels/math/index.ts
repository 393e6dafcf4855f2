/**
 * The functions of the number algebras on vectors, for generated code.
 *
 * `unary(v, 'exp', x)` and `binary(v, 'mod', x, y)` are expressions, `elementary('f64', 'exp')` are functions. Cheap ones are a few instructions in place, the
 * others calls of functions that are written once and that a module contains if it uses them. Those of two float64 that
 * have no formula of their own for four float32 are computed in float64 there and rounded once.
 *
 * Values agree with the algebras `F64` and `F32` exactly for `neg reciprocal sqrt abs sign floor ceil round add sub mul div
 * mod max min`, within 1 ulp for rsqrt, and with the true value within what each function states; NaN, infinities, signs
 * of zeros, overflow and gradual underflow are those of the algebras. No instruction here is relaxed: the bits are the same
 * on every host, but for what `host.ts` takes from there.
 *
 * @since 0.1.0
 */
import type { BinaryName, UnaryName } from '../../../../algebra/Algebra.js'
import { call, compute, type Expr, type Func, f32x4, f64x2, func, i8x16, type Local, v128 } from '../../assembler.js'
import { once, type Scalar, signOf, type Vector, type Vectors, vectors, where } from '../lanes.js'
import { cosh, exp, expm1, sigmoid, sinh, softplus, tanh } from './exponential.js'
import { perLane, perLanes } from './host.js'
import { acos, asin, atan, atan2 } from './inverse.js'
import { log, log1p } from './logarithm.js'
import { pow, powOfSingles } from './power.js'
import { erf } from './special.js'
import { cos, sin, tan } from './trigonometric.js'

export { hostFunctions } from './host.js'

type InPlace = 'neg' | 'reciprocal' | 'sqrt' | 'rsqrt' | 'abs' | 'sign' | 'floor' | 'ceil' | 'round'

const inPlace: { readonly [K in InPlace]: (v: Vectors, x: Vector) => Vector } = {
  neg: (v, x) => v.neg(x),
  reciprocal: (v, x) => v.div(1, x),
  sqrt: (v, x) => v.sqrt(x),
  rsqrt: (v, x) => v.div(1, v.sqrt(x)),
  abs: (v, x) => v.abs(x),
  sign: (v, of) =>
    compute((keep) => {
      const x = keep(of)
      return where(v.gt(v.abs(x), 0), v128.or(signOf(v, x), v.constant(1)), x)
    }),
  floor: (v, x) => v.floor(x),
  ceil: (v, x) => v.ceil(x),
  round: (v, x) => v.nearest(x),
}

const ofBoth = { exp, expm1, log, log1p, sigmoid, softplus, tanh, sinh, cosh }

const ofDoubles: { readonly [K in Exclude<UnaryName, InPlace | keyof typeof ofBoth>]: (x: Local<'v128'>) => Vector } = {
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  erf,
  lgamma: (x) => perLane('lgamma', x),
}

const ofTwoDoubles: { readonly [K in 'pow' | 'atan2']: (x: Local<'v128'>, y: Local<'v128'>) => Vector } = {
  pow,
  atan2,
}

/** The same for halves of four float32, whose results are rounded. */
const ofTwoSingles: typeof ofTwoDoubles = { pow: powOfSingles, atan2 }

/** The upper half of a vector in its lower half. */
const upper = (x: Vector): Vector => i8x16.shuffle(x, x, [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15])

/** A function of two float64 on four float32. */
const widened = (xs: ReadonlyArray<Local<'v128'>>, f: (...xs: ReadonlyArray<Vector>) => Vector): Vector => {
  const low = f32x4.demote_f64x2_zero(f(...xs.map((x) => f64x2.promote_low_f32x4(x))))
  const high = f32x4.demote_f64x2_zero(f(...xs.map((x) => f64x2.promote_low_f32x4(upper(x)))))
  return i8x16.shuffle(low, high, [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23])
}

type Of1 = Func<readonly ['v128'], 'v128'>
type Of2 = Func<readonly ['v128', 'v128'], 'v128'>

const keyed = (scalar: Scalar, name: string): string => `${scalar} ${name}`

const isKey = <K extends string>(table: Readonly<Record<K, unknown>>, name: string): name is K =>
  Object.hasOwn(table, name)

const unaryFunction: (scalar: Scalar, name: UnaryName) => Of1 = once(keyed, (scalar: Scalar, name: UnaryName) =>
  func(`${name}_${scalar}`, ['v128'], 'v128', (x) => {
    const v = vectors[scalar]
    if (isKey(inPlace, name)) return [inPlace[name](v, x)]
    if (isKey(ofBoth, name)) return [ofBoth[name](v, x)]
    return [scalar === 'f64' ? ofDoubles[name](x) : widened([x], (y) => call(unaryFunction('f64', name), y))]
  }),
)

const halfFunction: (name: keyof typeof ofTwoSingles) => Of2 = once(
  (name) => name,
  (name: keyof typeof ofTwoSingles) =>
    func(`${name}_half_f32`, ['v128', 'v128'], 'v128', (x, y) => [ofTwoSingles[name](x, y)]),
)

const binaryFunction: (scalar: Scalar, name: keyof typeof ofTwoDoubles) => Of2 = once(
  keyed,
  (scalar: Scalar, name: keyof typeof ofTwoDoubles) =>
    func(`${name}_${scalar}`, ['v128', 'v128'], 'v128', (x, y) => [
      scalar === 'f64' ? ofTwoDoubles[name](x, y) : widened([x, y], (x2, y2) => call(halfFunction(name), x2, y2)),
    ]),
)

const polygammaFunction: (scalar: Scalar, name: 'polygamma') => Of2 = once(keyed, (scalar) =>
  func(`polygamma_${scalar}`, ['v128', 'v128'], 'v128', (order, x) => [
    scalar === 'f64'
      ? perLanes('polygamma', order, x)
      : widened([order, x], (o, y) => call(polygammaFunction('f64', 'polygamma'), o, y)),
  ]),
)

/**
 * A function of one number (or two), and of vectors of them.
 *
 * @category model
 * @since 0.1.0
 */
export interface Elementary {
  readonly single: Func
  readonly many: Func
}

/** One number in every lane, and the number of the first lane. */
const spread = { f32: f32x4.splat, f64: f64x2.splat } as { readonly [S in Scalar]: (x: Expr) => Vector }
const first = { f32: f32x4.extract_lane, f64: f64x2.extract_lane }

/**
 * A function of the algebras as functions of a module, always the same ones. The single one computes with the vector one,
 * so a number has the same bits wherever in an array it stands.
 *
 * @category functions
 * @since 0.1.0
 */
export const elementary: (scalar: Scalar, name: UnaryName | 'pow' | 'atan2') => Elementary = once(
  keyed,
  (scalar: Scalar, name: UnaryName | 'pow' | 'atan2') => {
    if (name === 'pow' || name === 'atan2') {
      const many = binaryFunction(scalar, name)
      const single = func(`${name}_one_${scalar}`, [scalar, scalar], scalar, (x, y) => [
        first[scalar](call(many, spread[scalar](x), spread[scalar](y)), 0) as Expr<never>,
      ])
      return { single, many }
    }
    const many = unaryFunction(scalar, name)
    const single = func(`${name}_one_${scalar}`, [scalar], scalar, (x) => [
      first[scalar](call(many, spread[scalar](x)), 0) as Expr<never>,
    ])
    return { single, many }
  },
)

/**
 * @category expressions
 * @since 0.1.0
 */
export const unary = (v: Vectors, name: UnaryName, x: Vector): Vector =>
  isKey(inPlace, name) ? inPlace[name](v, x) : call(unaryFunction(v.scalar, name), x)

/** The one that the mask prefers, and NaN where there is one. */
const extremum = (v: Vectors, order: 'ge' | 'le', ofX: Vector, ofY: Vector): Vector =>
  compute((keep) => {
    const x = keep(ofX)
    const y = keep(ofY)
    return where(v128.or(v[order](x, y), v.ne(x, x)), x, y)
  })

/**
 * @category expressions
 * @since 0.1.0
 */
export const binary = (v: Vectors, name: BinaryName, x: Vector, y: Vector): Vector => {
  switch (name) {
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
      return v[name](x, y)
    case 'max':
      return extremum(v, 'ge', x, y)
    case 'min':
      return extremum(v, 'le', x, y)
    case 'mod':
      return compute((keep) => {
        const a = keep(x)
        const b = keep(y)
        return v.sub(a, v.mul(v.floor(v.div(a, b)), b))
      })
    case 'pow':
    case 'atan2':
      return call(binaryFunction(v.scalar, name), x, y)
  }
}

/**
 * The polygamma function of a fixed order, by the host.
 *
 * @category expressions
 * @since 0.1.0
 */
export const polygamma = (v: Vectors, order: number, x: Vector): Vector =>
  call(polygammaFunction(v.scalar, 'polygamma'), v.constant(order), x)
