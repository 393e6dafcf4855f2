/** The expression trees of the conformance table of derivatives, read over any algebra. */
import type { Algebra } from 'wengert/algebra'

export type Expression = number | Application

export interface Application extends ReadonlyArray<string | Expression> {
  readonly 0: string
}

export interface Case {
  readonly id: string
  readonly var: string
  readonly params: Readonly<Record<string, number>>
  readonly F: Expression
  readonly dF: Expression
  readonly points: ReadonlyArray<{
    readonly x: number
    readonly F: number
    readonly dF: number
    readonly d2F: number
    readonly ad_err: number
  }>
}

export const evaluate = <N>(a: Algebra<N>, e: Expression, variables: Readonly<Record<string, N>>): N => {
  if (typeof e === 'number') return a.literal(e)
  const op = e[0]
  const rest = e.slice(1)
  if (op === 'var') return variables[rest[0] as string]
  const [x, y] = rest.map((r) => evaluate(a, r as Expression, variables))
  const one = a.literal(1)
  switch (op) {
    case 'e':
      return a.literal(Math.E)
    case 'pi':
      return a.literal(Math.PI)
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
    case 'pow':
      return a[op](x, y)
    case 'neg':
    case 'sqrt':
    case 'exp':
    case 'log':
    case 'sin':
    case 'cos':
    case 'tan':
    case 'asin':
    case 'acos':
    case 'atan':
    case 'sinh':
    case 'cosh':
    case 'tanh':
      return a[op](x)
    case 'cot':
      return a.reciprocal(a.tan(x))
    case 'sec':
      return a.reciprocal(a.cos(x))
    case 'csc':
      return a.reciprocal(a.sin(x))
    case 'sech':
      return a.reciprocal(a.cosh(x))
    case 'acot':
      return a.atan(a.reciprocal(x))
    case 'asec':
      return a.acos(a.reciprocal(x))
    case 'acsc':
      return a.asin(a.reciprocal(x))
    case 'asinh': {
      // odd, so that a negative argument does not cancel
      const size = a.abs(x)
      return a.mul(a.sign(x), a.log(a.add(size, a.sqrt(a.add(one, a.mul(size, size))))))
    }
    case 'atanh':
      return a.mul(a.literal(0.5), a.sub(a.log1p(x), a.log1p(a.neg(x))))
    default:
      throw new Error(`no operation ${op}`)
  }
}
