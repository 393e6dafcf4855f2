/**
 * Pointwise primitives: the same function at every element. A row gives one partial derivative for each operand, in a
 * form that keeps its digits: `sech^2` rather than `1 - tanh^2`, `sigmoid(-x)` rather than `1 - sigmoid(x)`.
 *
 * Formulas: Abramowitz and Stegun chapters 4 to 7, and DLMF 5 (gamma), 7 (error function).
 *
 * Conventions where no derivative exists: `abs'(0) = 0`; `max` and `min` share a tie half and half; `sign`, the roundings
 * and the comparisons are locally constant, so their derivative is exactly zero, also at their jumps; `d(a mod b)` is that
 * of `a - b * floor(a / b)` with the floor held. Where an operand of `pow` makes a partial undefined by `log(0)`, the
 * limit from the right is taken: `d(0^b)/db = 0` for `b >= 0`.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { BinaryName, UnaryName } from '../algebra/Algebra.js'
import type { DoubleDoubleNumber } from '../algebra/doubleDoubleBasic.js'
import { TWO_OVER_SQRT_PI } from '../algebra/doubleDoubleConstants.js'
import { type Failure, fail } from '../Failure.js'
import type { DType, Spec } from '../Shape.js'
import type { AnyVar } from '../Var.js'
import { DIVISION, ELEMENTARY, perResult, SIMPLE, SPECIAL } from './cost.js'
import { type Comparison, type Pointwise, type Primitive, plain, type Vocabulary } from './Primitive.js'
import { dtypes, elementwise, index, linear, none, type Part, pointwise, sameShapes } from './rows.js'

const ARITHMETIC: ReadonlyArray<DType> = ['real', 'int']
const REAL: ReadonlyArray<DType> = ['real']
const ANY: ReadonlyArray<DType> = ['real', 'int', 'bool']

const sameSpec = (
  name: Primitive['name'],
  operands: ReadonlyArray<Spec>,
  allowed: ReadonlyArray<DType>,
): E.Either<Failure, Spec> => {
  const dtype = dtypes(name, operands, allowed)
  if (E.isLeft(dtype)) return dtype
  const shape = sameShapes(name, operands)
  return E.isLeft(shape) ? shape : E.right(operands[0])
}

interface Options {
  readonly cost?: number
  readonly domain?: string
  readonly show?: (x: string, y: string) => string
  /** the smooth piece that a point is on */
  readonly branch?: (x: number, y: number) => number
  /** arithmetic of 32-bit integers, where they are allowed */
  readonly int?: (x: number, y: number) => number
}

const unary = <K extends UnaryName>(name: K, part: Part<K> | null, options: Options = {}): Primitive<K> => {
  const { cost = ELEMENTARY, domain = '', show = (x) => `${name}(${x})`, branch, int } = options
  return {
    name,
    family: 'pointwise',
    arity: 1,
    attributes: none as Primitive<K>['attributes'],
    spec: (operands) => sameSpec(name, operands, int ? ARITHMETIC : REAL),
    kernel: (algebra, { result }) => {
      const f = algebra[name]
      return int !== undefined && result.dtype === 'int'
        ? ([x], out) => {
            const a = plain(x)
            const b = plain(out)
            for (let i = 0; i < b.length; i++) b[i] = int(a[i], 0)
          }
        : ([x], out) => {
            for (let i = 0; i < out.length; i++) out[i] = f(x[i])
          }
    },
    derivative: part === null ? null : pointwise([part]),
    batch: elementwise(name),
    domain,
    branches: branch === undefined ? null : (_, [x]) => Array.from(x, (a) => branch(a, 0)),
    flops: perResult(cost),
    show: ([x]) => show(x, ''),
  }
}

const binary = <K extends BinaryName>(
  name: K,
  parts: readonly [Part<K>, Part<K>],
  options: Options = {},
): Primitive<K> => {
  const { cost = SIMPLE, domain = '', show = (x, y) => `${name}(${x}, ${y})`, branch, int } = options
  return {
    name,
    family: 'pointwise',
    arity: 2,
    attributes: none as Primitive<K>['attributes'],
    spec: (operands) => sameSpec(name, operands, int ? ARITHMETIC : REAL),
    kernel: (algebra, { result }) => {
      const f = algebra[name]
      return int !== undefined && result.dtype === 'int'
        ? ([x, y], out) => {
            const a = plain(x)
            const b = plain(y)
            const c = plain(out)
            for (let i = 0; i < c.length; i++) c[i] = int(a[i], b[i])
          }
        : ([x, y], out) => {
            for (let i = 0; i < out.length; i++) out[i] = f(x[i], y[i])
          }
    },
    derivative: pointwise(parts),
    batch: elementwise(name),
    domain,
    branches: branch === undefined ? null : (_, [x, y]) => Array.from(x, (a, i) => branch(a, y[i])),
    flops: perResult(cost),
    show: ([x, y]) => show(x, y),
  }
}

const infix = (symbol: string) => (x: string, y: string) => `${x} ${symbol} ${y}`

const sideOf = (x: number): number => Math.sign(x) + 0

const oneMinusSquare = (v: Vocabulary, x: AnyVar): AnyVar => v.mul(v.sub(v.like(x, 1), x), v.add(v.like(x, 1), x))

/**
 * A number that no float64 is, in the shape of a value: the sum of two, of which the second is less than the first rounds. So
 * it is the nearest float64 there, and has 106 bits in algebras that keep them.
 */
const constant = (v: Vocabulary, x: AnyVar, { hi, lo }: DoubleDoubleNumber): AnyVar => {
  const one: Spec = { shape: [], dtype: x.dtype }
  return v.broadcast(v.add(v.like(one, hi), v.like(one, lo)), x.shape, [])
}

/**
 * `exp(-x²)` to the last places: the exponential amplifies the rounding of `x²` by `x²` itself, so it is taken of
 * `h² + (x - h)(x + h)`, with the nearest multiple `h` of 1/64, of which the square is exact. The formula holds for any `h`, so
 * `h` counts as constant (rounding has derivative zero) and all derivatives are right. The offset puts the places where `h`
 * changes beside all numbers with few digits, and beyond 28 the result is 0 in float64.
 */
const gaussian = (v: Vocabulary, x: AnyVar): AnyVar => {
  const near = v.max(v.min(x, v.like(x, 28)), v.like(x, -28))
  const h = v.mul(v.round(v.add(v.mul(near, v.like(x, 64)), v.like(x, 1 / 3))), v.like(x, 1 / 64))
  return v.mul(v.exp(v.neg(v.mul(h, h))), v.exp(v.neg(v.mul(v.sub(x, h), v.add(x, h)))))
}

/** `d` where `mine` wins, half of it at a tie, zero elsewhere. */
const winner = (v: Vocabulary, d: AnyVar, wins: AnyVar, tie: AnyVar): AnyVar =>
  v.select(wins, d, v.select(tie, v.mul(d, v.like(d, 0.5)), v.like(d, 0)))

const signed = (f: (x: number) => number) => (x: number) => f(x) | 0

// ---------------------------------------------------------------------------------------------- one argument

const unaries = {
  neg: unary('neg', (v, d) => v.neg(d), { cost: SIMPLE, show: (x) => `-${x}`, int: (x) => -x | 0 }),
  reciprocal: unary('reciprocal', (v, d, _, y) => v.neg(v.mul(d, v.mul(y, y))), {
    cost: DIVISION,
    domain: 'x != 0',
    show: (x) => `1 / ${x}`,
  }),
  exp: unary('exp', (v, d, _, y) => v.mul(d, y)),
  // expm1' = exp, not 1 + expm1: the sum loses every digit for x << 0
  expm1: unary('expm1', (v, d, [x]) => v.mul(d, v.exp(x))),
  log: unary('log', (v, d, [x]) => v.div(d, x), { domain: 'x > 0' }),
  log1p: unary('log1p', (v, d, [x]) => v.div(d, v.add(v.like(x, 1), x)), { domain: 'x > -1' }),
  sqrt: unary('sqrt', (v, d, _, y) => v.div(d, v.add(y, y)), { cost: DIVISION, domain: 'x > 0' }),
  // -y / (2x) rather than -y^3 / 2, which underflows and overflows early
  rsqrt: unary('rsqrt', (v, d, [x], y) => v.neg(v.mul(d, v.div(y, v.add(x, x)))), {
    cost: DIVISION,
    domain: 'x > 0',
    show: (x) => `1 / sqrt(${x})`,
  }),
  sin: unary('sin', (v, d, [x]) => v.mul(d, v.cos(x))),
  cos: unary('cos', (v, d, [x]) => v.neg(v.mul(d, v.sin(x)))),
  tan: unary(
    'tan',
    (v, d, [x]) => {
      const c = v.cos(x)
      return v.div(d, v.mul(c, c))
    },
    { domain: 'x != pi/2 + k pi' },
  ),
  // (1 - x)(1 + x) is exact near |x| = 1, where 1 - x^2 cancels
  asin: unary('asin', (v, d, [x]) => v.div(d, v.sqrt(oneMinusSquare(v, x))), { domain: '|x| < 1' }),
  acos: unary('acos', (v, d, [x]) => v.neg(v.div(d, v.sqrt(oneMinusSquare(v, x)))), { domain: '|x| < 1' }),
  atan: unary('atan', (v, d, [x]) => v.div(d, v.add(v.like(x, 1), v.mul(x, x)))),
  sinh: unary('sinh', (v, d, [x]) => v.mul(d, v.cosh(x))),
  cosh: unary('cosh', (v, d, [x]) => v.mul(d, v.sinh(x))),
  // sech^2 keeps its digits where 1 - tanh^2 has none left
  tanh: unary('tanh', (v, d, [x]) => {
    const c = v.cosh(x)
    return v.div(v.div(d, c), c)
  }),
  sigmoid: unary('sigmoid', (v, d, [x], y) => v.mul(d, v.mul(y, v.sigmoid(v.neg(x))))),
  softplus: unary('softplus', (v, d, [x]) => v.mul(d, v.sigmoid(x)), { cost: ELEMENTARY * 2 }),
  erf: unary('erf', (v, d, [x]) => v.mul(d, v.mul(constant(v, x, TWO_OVER_SQRT_PI), gaussian(v, x)))),
  lgamma: unary('lgamma', (v, d, [x]) => v.mul(d, v.emit('polygamma', [x], { order: 0 })), {
    cost: SPECIAL,
    domain: 'x not in {0, -1, -2, ...}',
  }),
  abs: unary('abs', (v, d, [x]) => v.mul(d, v.sign(x)), {
    cost: SIMPLE,
    show: (x) => `|${x}|`,
    branch: sideOf,
    int: signed(Math.abs),
  }),
  sign: unary('sign', null, { cost: SIMPLE, branch: sideOf, int: signed(Math.sign) }),
  floor: unary('floor', null, { cost: SIMPLE, branch: Math.floor }),
  ceil: unary('ceil', null, { cost: SIMPLE, branch: Math.ceil }),
  round: unary('round', null, { cost: SIMPLE, branch: (x) => Math.floor(x + 0.5) }),
}

// ---------------------------------------------------------------------------------------------- two arguments

const binaries = {
  add: binary('add', [(_, d) => d, (_, d) => d], { show: infix('+'), int: (x, y) => (x + y) | 0 }),
  sub: binary('sub', [(_, d) => d, (v, d) => v.neg(d)], { show: infix('-'), int: (x, y) => (x - y) | 0 }),
  mul: binary('mul', [(v, d, [, y]) => v.mul(d, y), (v, d, [x]) => v.mul(d, x)], { show: infix('*'), int: Math.imul }),
  div: binary('div', [(v, d, [, b]) => v.div(d, b), (v, d, [, b], y) => v.neg(v.mul(d, v.div(y, b)))], {
    cost: DIVISION,
    domain: 'y != 0',
    show: infix('/'),
  }),
  pow: binary(
    'pow',
    [
      // b a^(b-1), with 0 at a = b = 0, where the general formula gives 0 * infinity. For |b| < 1 it is b y / a: there b - 1 loses
      // digits of b, and y is no further from 1 than a is, so nothing over- or underflows on the way
      (v, d, [a, b], y) => {
        const zero = v.like(a, 0)
        const one = v.like(a, 1)
        const divides = v.and(v.lt(v.abs(b), one), v.ne(a, zero))
        const exponent = v.select(v.and(v.eq(a, zero), v.eq(b, zero)), one, b)
        const power = v.pow(a, v.sub(exponent, one))
        return v.mul(d, v.mul(b, v.select(divides, v.div(y, v.select(divides, a, one)), power)))
      },
      // a^b log a, with 0 at a = 0
      (v, d, [a], y) => v.mul(d, v.mul(y, v.log(v.select(v.eq(a, v.like(a, 0)), v.like(a, 1), a)))),
    ],
    { cost: SPECIAL, domain: 'x > 0, or y a constant integer', show: infix('**') },
  ),
  atan2: binary(
    'atan2',
    [
      (v, d, [y, x]) => v.mul(d, v.div(x, v.add(v.mul(x, x), v.mul(y, y)))),
      (v, d, [y, x]) => v.neg(v.mul(d, v.div(y, v.add(v.mul(x, x), v.mul(y, y))))),
    ],
    { cost: SPECIAL, domain: '(x, y) != (0, 0)', branch: (y, x) => (x < 0 ? Math.sign(y) + 2 : 0) },
  ),
  mod: binary('mod', [(_, d) => d, (v, d, [a, b]) => v.neg(v.mul(d, v.floor(v.div(a, b))))], {
    cost: DIVISION,
    domain: 'y != 0',
    branch: (x, y) => Math.floor(x / y),
    int: (x, y) => (y === 0 ? 0 : (((x % y) + y) % y) | 0),
  }),
  max: binary(
    'max',
    [(v, d, [x, y]) => winner(v, d, v.gt(x, y), v.eq(x, y)), (v, d, [x, y]) => winner(v, d, v.gt(y, x), v.eq(x, y))],
    { branch: (x, y) => sideOf(x - y), int: Math.max },
  ),
  min: binary(
    'min',
    [(v, d, [x, y]) => winner(v, d, v.lt(x, y), v.eq(x, y)), (v, d, [x, y]) => winner(v, d, v.lt(y, x), v.eq(x, y))],
    { branch: (x, y) => sideOf(x - y), int: Math.min },
  ),
}

// ------------------------------------------------------------------------------- comparison, logic and choice

const comparison = <K extends Comparison>(
  name: K,
  symbol: string,
  test: (x: number, y: number) => boolean,
): Primitive<K> => ({
  name,
  family: 'pointwise',
  arity: 2,
  attributes: none as Primitive<K>['attributes'],
  spec: (operands) => E.map((spec: Spec) => ({ ...spec, dtype: 'bool' as const }))(sameSpec(name, operands, ANY)),
  kernel: (algebra, { operands }) =>
    operands[0].dtype === 'real'
      ? ([x, y], out) => {
          const c = plain(out)
          for (let i = 0; i < c.length; i++) c[i] = test(algebra.primal(x[i]), algebra.primal(y[i])) ? 1 : 0
        }
      : ([x, y], out) => {
          const a = plain(x)
          const b = plain(y)
          const c = plain(out)
          for (let i = 0; i < c.length; i++) c[i] = test(a[i], b[i]) ? 1 : 0
        },
  derivative: null,
  batch: elementwise(name),
  domain: '',
  branches: ({ operands }, [x, y]) =>
    operands[0].dtype === 'real' ? Array.from(x, (a, i) => (test(a, y[i]) ? 1 : 0)) : [],
  flops: perResult(SIMPLE),
  show: ([x, y]) => `${x} ${symbol} ${y}`,
})

const logical = <K extends 'and' | 'or' | 'xor' | 'not'>(
  name: K,
  arity: number,
  test: (x: number, y: number) => number,
  show: (x: string, y: string) => string,
): Primitive<K> => ({
  name,
  family: 'pointwise',
  arity,
  attributes: none as Primitive<K>['attributes'],
  spec: (operands) => sameSpec(name, operands, ['bool']),
  kernel: () => (xs, out) => {
    const a = plain(xs[0])
    const b = plain(xs[arity - 1])
    const c = plain(out)
    for (let i = 0; i < c.length; i++) c[i] = test(a[i], b[i])
  },
  derivative: null,
  batch: elementwise(name),
  domain: '',
  branches: null,
  flops: perResult(SIMPLE),
  show: ([x, y]) => show(x, y),
})

const select: Primitive<'select'> = {
  name: 'select',
  family: 'pointwise',
  arity: 3,
  attributes: none,
  spec: (operands) =>
    operands[0].dtype !== 'bool'
      ? fail('TypeMismatch', `select: the condition must be bool, not ${operands[0].dtype}`, { operation: 'select' })
      : E.chain((_: Spec['shape']) => sameSpec('select', operands.slice(1), ANY))(sameShapes('select', operands)),
  kernel:
    () =>
    ([c, x, y], out) => {
      const chosen = plain(c)
      for (let i = 0; i < out.length; i++) out[i] = chosen[i] !== 0 ? x[i] : y[i]
    },
  derivative: linear('select', (v, d, k, [c]) =>
    k === 1 ? v.select(c, d, v.like(d, 0)) : v.select(c, v.like(d, 0), d),
  ),
  batch: elementwise('select'),
  domain: '',
  branches: null,
  flops: perResult(SIMPLE),
  show: ([c, x, y]) => `${c} ? ${x} : ${y}`,
}

/** The work grows with the order; beyond some 170 the values leave float64 anyway, unless x is large. */
const MAX_ORDER = 1000

const polygamma: Primitive<'polygamma'> = {
  name: 'polygamma',
  family: 'pointwise',
  arity: 1,
  attributes: t.readonly(t.strict({ order: index })),
  spec: (operands, { order }) =>
    order > MAX_ORDER
      ? fail('InvalidArgument', `polygamma: the order ${order} is beyond ${MAX_ORDER}`, { operation: 'polygamma' })
      : sameSpec('polygamma', operands, REAL),
  kernel:
    (algebra, { attributes: { order } }) =>
    ([x], out) => {
      for (let i = 0; i < out.length; i++) out[i] = algebra.polygamma(order, x[i])
    },
  derivative: pointwise([(v, d, [x], _, { order }) => v.mul(d, v.emit('polygamma', [x], { order: order + 1 }))]),
  batch: elementwise('polygamma'),
  domain: 'x not in {0, -1, -2, ...}',
  branches: null,
  flops: perResult(SPECIAL),
  show: ([x], { order }) => (order === 0 ? `digamma(${x})` : `polygamma(${order}, ${x})`),
}

/**
 * @category rows
 * @since 0.1.0
 */
export const pointwiseRows = {
  ...unaries,
  ...binaries,
  eq: comparison('eq', '==', (x, y) => x === y),
  ne: comparison('ne', '!=', (x, y) => x !== y),
  lt: comparison('lt', '<', (x, y) => x < y),
  le: comparison('le', '<=', (x, y) => x <= y),
  gt: comparison('gt', '>', (x, y) => x > y),
  ge: comparison('ge', '>=', (x, y) => x >= y),
  and: logical('and', 2, (x, y) => x & y, infix('and')),
  or: logical('or', 2, (x, y) => x | y, infix('or')),
  xor: logical('xor', 2, (x, y) => x ^ y, infix('xor')),
  not: logical(
    'not',
    1,
    (x) => 1 - x,
    (x) => `not ${x}`,
  ),
  select,
  polygamma,
} satisfies { readonly [K in Pointwise | 'polygamma']: Primitive<K> }
