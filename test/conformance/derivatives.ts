/**
 * Published functions as expression trees with their first and second derivatives at points, against ours.
 */
import {
  acos,
  add,
  asin,
  asinh,
  atan,
  atanh,
  compile,
  cos,
  cosh,
  div,
  exp,
  flatMap,
  grad,
  log,
  map,
  mul,
  neg,
  pow,
  type Reverse,
  reciprocal,
  record,
  sin,
  sinh,
  spec,
  sqrt,
  sub,
  tan,
  tanh,
  type Var,
  valueAndGrad,
} from 'wengert'
import { readShared } from './shared.js'

type Scalar = Var<readonly []>
type Term = Reverse<Scalar>
type Expression = number | ReadonlyArray<Expression | string>

interface Point {
  readonly x: number
  readonly F: number
  readonly dF: number
  readonly d2F: number
  readonly ad_err: number
}

interface Case {
  readonly id: string
  readonly var: string
  readonly params: Readonly<Record<string, number>>
  readonly F: Expression
  readonly points: ReadonlyArray<Point>
}

type Unary = (x: Scalar | Term) => Term

const unary: Readonly<Record<string, Unary>> = {
  neg,
  sqrt,
  exp,
  log,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  tanh,
  asinh,
  atanh,
  sec: (x) => reciprocal(cos(x)),
  csc: (x) => reciprocal(sin(x)),
  cot: (x) => reciprocal(tan(x)),
  sech: (x) => reciprocal(cosh(x)),
  asec: (x) => acos(reciprocal(x)),
  acsc: (x) => asin(reciprocal(x)),
  acot: (x) => atan(reciprocal(x)),
}

const binary: Readonly<Record<string, (x: Scalar | Term | number, y: Scalar | Term | number) => Term>> = {
  add: add as never,
  sub: sub as never,
  mul: mul as never,
  div: div as never,
  pow: pow as never,
}

const build = (tree: Expression, { var: name, params }: Case, x: Scalar): Scalar | Term | number => {
  if (typeof tree === 'number') return tree
  const [op, ...args] = tree
  if (op === 'var') return args[0] === (name as never) ? x : params[args[0] as never]
  if (op === 'e') return Math.E
  if (op === 'pi') return Math.PI
  const built = args.map((arg) => build(arg as Expression, { var: name, params } as Case, x))
  if (built.every((b) => typeof b === 'number')) {
    // constants are folded in doubles, as the published evaluation did not; the difference is an ulp of a constant
    const folded = fold(op as string, built as ReadonlyArray<number>)
    if (folded !== undefined) return folded
  }
  const two = binary[op as string]
  if (two !== undefined) return two(built[0], built[1])
  const one = unary[op as string]
  if (one === undefined) throw new Error(`unknown function ${op}`)
  return one(built[0] as Term)
}

const fold = (op: string, [a, b]: ReadonlyArray<number>): number | undefined =>
  ({
    add: a + b,
    sub: a - b,
    mul: a * b,
    div: a / b,
    pow: a ** b,
    neg: -a,
    sqrt: Math.sqrt(a),
    log: Math.log(a),
    exp: Math.exp(a),
  })[op]

export interface Row {
  readonly id: string
  readonly x: number
  /** relative to max(1, |published|) */
  readonly error: { readonly value: number; readonly first: number; readonly second: number }
  /** the relative error of a plain dual-number evaluation in doubles: how ill-conditioned the point is */
  readonly conditioning: number
}

const relative = (found: number, published: number): number =>
  Math.abs(found - published) / Math.max(1, Math.abs(published))

/** Every case at every point. */
export const derivativeRows = (): ReadonlyArray<Row> => {
  const { cases } = JSON.parse(readShared('conformance/derivatives/cases.json')) as {
    readonly cases: ReadonlyArray<Case>
  }
  return cases.flatMap((c) => {
    const f = (x: Scalar): Term => {
      const built = build(c.F, c, x)
      return typeof built === 'number' ? mul(x, 0) : add(built, 0)
    }
    const all = (x: Scalar) =>
      flatMap(valueAndGrad(f)(x), ([value, first]) =>
        map((second: Scalar) => ({ value, first, second }))(grad(grad(f))(x)),
      )
    const program = record(all)(spec([]))
    if (program._tag === 'Left') throw new Error(`${c.id}: ${program.left.message}`)
    const executable = compile()(program.right)
    if (executable._tag === 'Left') throw new Error(`${c.id}: ${executable.left.message}`)
    return c.points.map(({ x, F, dF, d2F, ad_err }): Row => {
      const result = executable.right.run(x)
      if (result._tag === 'Left') throw new Error(`${c.id}: ${result.left.message}`)
      const { value, first, second } = result.right
      return {
        id: c.id,
        x,
        conditioning: ad_err,
        error: {
          value: relative(value.data[0], F),
          first: relative(first.data[0], dF),
          second: relative(second.data[0], d2F),
        },
      }
    })
  })
}

/** A published table of digamma, against the derivative of lgamma. */
export const digammaRows = (
  derivativeOfLgamma: (x: number) => number,
): ReadonlyArray<{ readonly x: number; readonly error: number }> =>
  ['digamma_data', 'digamma_neg_data', 'digamma_small_data'].flatMap((name) =>
    readShared(`conformance/special-functions/${name}.txt`)
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
      .filter(([x, psi]) => Number.isFinite(x) && Number.isFinite(psi))
      .map(([x, psi]) => ({ x, error: relative(derivativeOfLgamma(x), psi) })),
  )
