/**
 * Nested derivatives: perturbations that must not be confused, Taylor coefficients, and inverse functions.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Bounded, ErrorBound } from '../src/algebra/ErrorBound.js'
import { type Algebra, dual, F64 } from '../src/algebra/index.js'
import { testable } from '../src/algebra/tolerance.js'
import { flatMap, map, type Reverse } from '../src/Reverse.js'
import type { AnyVar } from '../src/Var.js'
import { type Drawn, drawnModel, emitting, programs } from './arbitrary/index.js'
import { agreeing, apply, holds, identical, literal, resultsAt, scalarised, told, total } from './check.js'
import { fixed, type Law, law, part, type Subject, type Tally } from './Law.js'
import { boundedResults, evaluator, type Numbers, reals, recorded } from './Model.js'
import { isSmooth } from './modes.js'

type Curve = (x: AnyVar) => Reverse<AnyVar>

/** Ways to write `D f (x)` for a curve. */
const ways = (subject: Subject): { readonly [name: string]: (f: Curve) => Curve } => ({
  grad: (f) => (x) => subject.operations.grad(f as never)(x as never) as unknown as Reverse<AnyVar>,
  jvp: (f) => (x) =>
    flatMap(literal(1), (one) => subject.operations.jvp(f as never)(x as never, one as never) as Reverse<AnyVar>),
  vjp: (f) => (x) =>
    flatMap(subject.operations.vjp(f as never)(x as never), ([_, pull]) =>
      flatMap(literal(1), (one) => (pull as (c: AnyVar) => Reverse<AnyVar>)(one)),
    ),
})

const at = (subject: Subject, f: Curve, x: number): number =>
  boundedResults(
    subject,
    recorded(subject, reals([[]]), ([v]) => map((y: AnyVar) => [y])(f(v))),
  )([[x]])[0][0].value

const mul = apply('mul')
const add = apply('add')

/** Each nest with its right answer, for any two ways to differentiate. */
const battery = (
  outer: (f: Curve) => Curve,
  inner: (f: Curve) => Curve,
): ReadonlyArray<readonly [string, Curve, number, number]> => {
  const times = (x: AnyVar, r: Reverse<AnyVar>) => flatMap(r, (y) => mul(x, y))
  const atOne = (f: Curve): Reverse<AnyVar> => flatMap(literal(1), (one) => inner(f)(one))
  const atTwo = (f: Curve): Reverse<AnyVar> => flatMap(literal(2), (two) => inner(f)(two))
  const cubed: Curve = (y) => flatMap(mul(y, y), (s) => mul(s, y))
  return [
    [
      'D(x => x D(y => x + y)(1))',
      outer((x) =>
        times(
          x,
          atOne((y) => add(x, y)),
        ),
      ),
      1,
      1,
    ],
    [
      'D(x => x D(y => x y)(2))',
      outer((x) =>
        times(
          x,
          atTwo((y) => mul(x, y)),
        ),
      ),
      1,
      2,
    ],
    // the inner derivative is taken at the very variable that the outer one moves
    ['D(x => x D(y => x + y)(x))', outer((x) => times(x, inner((y) => add(x, y))(x))), 3, 1],
    ['D(x => D(y => x y)(x))', outer((x) => inner((y) => mul(x, y))(x)), 3, 1],
    [
      'D(x => x D(y => x y y)(x))',
      outer((x) => times(x, inner((y) => flatMap(mul(y, y), (s) => mul(x, s)))(x))),
      2,
      24,
    ],
    ['D(D(cube))', outer(inner(cubed)), 5, 30],
    ['D(D(D(cube)))', outer(inner(outer(cubed))), 5, 6],
    // D_z = 2 x y z at z = x, then D_y = 2 x x, then D_x = 4 x
    [
      'D(x => D(y => D(z => x y z z)(x))(x))',
      outer((x) => inner((y) => outer((z) => flatMap(mul(x, y), (s) => flatMap(mul(z, z), (q) => mul(s, q))))(x))(x)),
      4,
      16,
    ],
    // curried: D(x => (y => f(x + y))) applied twice (Manzyuk, Pearlmutter et al., "Perturbation confusion", 2019)
    [
      'D(x => y => f(x + y))(0) twice',
      (h) =>
        flatMap(literal(0), (zero) => {
          const shifted =
            (f: Curve): Curve =>
            (y) =>
              outer((x) => flatMap(add(x, y), f))(zero)
          return shifted(shifted(cubed))(h)
        }),
      7,
      42,
    ],
  ]
}

const confusion = (subject: Subject): void => {
  const all = ways(subject)
  for (const [first, outer] of Object.entries(all))
    for (const [second, inner] of Object.entries(all))
      for (const [name, f, x, expected] of battery(outer, inner))
        identical(`${name} by ${first} and ${second}`, [at(subject, f, x)], [expected])
}

/** A variable of an inner derivative is no use outside it: it is refused, by name, and never becomes a number. */
const leaking = (subject: Subject): void => {
  let leaked: AnyVar | null = null
  const first = subject.operations.record<AnyVar, AnyVar>(
    (x) =>
      subject.operations.grad(((y: AnyVar) => {
        leaked = y
        return mul(y, y)
      }) as never)(x as never) as unknown as Reverse<AnyVar>,
    { calculus: subject.calculus },
  )({ _tag: 'Var', id: -1, shape: [], dtype: 'real' } as never)
  holds('the inner derivative is recorded', E.isRight(first) && leaked !== null)
  const second = subject.operations.record<AnyVar, AnyVar>((x) => mul(x, leaked as AnyVar), {
    calculus: subject.calculus,
  })({ _tag: 'Var', id: -1, shape: [], dtype: 'real' } as never)
  holds('a variable of another recording is refused as foreign', E.isLeft(second) && second.left._tag === 'ForeignVar')
}

/** The number at the end of so many derivatives, and where a dual number of that depth starts. */
const nested = (order: number) => {
  type Deep = Algebra<unknown>
  let algebra: Deep = ErrorBound as Deep
  let point = (x: number): unknown => ErrorBound.literal(x)
  for (let i = 0; i < order; i++) {
    const inner = algebra
    const below = point
    algebra = dual(inner) as Deep
    point = (x) => ({ primal: below(x), tangent: inner.literal(1) })
  }
  const last = (n: unknown): Bounded => {
    let found = n
    for (let i = 0; i < order; i++) found = (found as { readonly tangent: unknown }).tangent
    return found as Bounded
  }
  return { algebra, point, last }
}

const ORDERS = [1, 2, 3]

const checkTaylor =
  (subject: Subject) =>
  (sample: Drawn, tally: Tally): void => {
    const model = drawnModel({ ...sample, inputs: [[]], outputs: 1 })
    const f: Curve = (x) => scalarised(model.f)([x])
    const plain = recorded(subject, reals([[]]), ([x]) => map((y: AnyVar) => [y])(f(x)))
    if (!isSmooth(subject, plain, { model, tangent: [[1]], cotangent: [] })) tally.skip()
    let informative = true
    for (const order of ORDERS) {
      const D = ways(subject).jvp
      let g = f
      for (let i = 0; i < order; i++) g = D(g)
      const taped = resultsAt(subject, model, ([x]) => map((y: AnyVar) => [y])(g(x)))
      const { algebra, point, last } = nested(order)
      const duals = last(evaluator(subject, algebra, plain)([[point(model.point[0][0])]]).outputs[0][0])
      if (!testable([...taped, duals])) tally.skip()
      informative =
        agreeing(
          `derivative ${order} by nested jvp and by nested dual numbers`,
          taped,
          [duals],
          told(subject, model),
        ) && informative
    }
    if (informative) tally.informative()
  }

/** `D^k x^n = n (n - 1) ... x^(n - k)`, and zero from `k = n + 1` on, exactly. */
const powers = (subject: Subject): void => {
  const power =
    (n: number): Curve =>
    (x) => {
      let y: Reverse<AnyVar> = literal(1)
      for (let i = 0; i < n; i++) y = flatMap(y, (z) => mul(z, x))
      return y
    }
  for (const [name, D] of Object.entries(ways(subject)))
    for (const n of [1, 2, 3, 4]) {
      let f = power(n)
      let expected = 3 ** n
      for (let k = 1; k <= n + 1; k++) {
        f = D(f)
        expected = (expected * (n - k + 1)) / 3
        identical(`derivative ${k} of x^${n} by ${name}`, [at(subject, f, 3)], [expected])
      }
    }
}

const INVERSES = [
  ['exp', 'log', [0.5, 1.25, 3]],
  ['sin', 'asin', [-0.75, 0.25, 0.5]],
  ['tan', 'atan', [-2, 0.5, 3]],
  ['cos', 'acos', [-0.5, 0.25, 0.75]],
  ['expm1', 'log1p', [-0.5, 0.25, 3]],
  ['reciprocal', 'reciprocal', [-2, 0.5, 3]],
] as const

/** `(f^-1)'(y) f'(f^-1(y)) = 1`, and `D(f . f^-1) = 1`. */
const inverses = (subject: Subject): void => {
  const bound = (f: Curve, x: number): Bounded =>
    boundedResults(
      subject,
      recorded(subject, reals([[]]), ([v]) => map((y: AnyVar) => [y])(f(v))),
    )([[x]])[0][0]
  const one = [ErrorBound.literal(1)]
  for (const [name, D] of Object.entries(ways(subject)))
    for (const [f, g, points] of INVERSES)
      for (const y of points) {
        const there: Curve = (x) =>
          flatMap(D((z) => apply(g)(z))(x), (slope) =>
            flatMap(apply(g)(x), (back) => flatMap(D((z) => apply(f)(z))(back), (other) => mul(slope, other))),
          )
        agreeing(`(${g})' times (${f})' at its value, at ${y} by ${name}`, [bound(there, y)], one)
        agreeing(
          `D(${f} . ${g}) at ${y} by ${name}`,
          [
            bound(
              D((x) => flatMap(apply(g)(x), (z) => apply(f)(z))),
              y,
            ),
          ],
          one,
        )
      }
}

/** `grad(v => sum(v) D(y => y norm(v))(1))([1]) = [2]`. */
const norms = (subject: Subject): void => {
  for (const [name, D] of Object.entries(ways(subject))) {
    const f = (v: AnyVar): Reverse<AnyVar> => {
      const norm = flatMap(mul(v, v), (s) => flatMap(total([s]), (q) => apply('sqrt')(q)))
      return flatMap(emitting('sum', [v], { axes: [0] }), (s) =>
        flatMap(literal(1), (one) => flatMap(D((y) => flatMap(norm, (r) => mul(y, r)))(one), (d) => mul(s, d))),
      )
    }
    const program = recorded(subject, reals([[1]]), ([v]) =>
      map((g: AnyVar) => [g])(subject.operations.grad(f as never)(v as never) as unknown as Reverse<AnyVar>),
    )
    const result: Numbers = evaluator(subject, F64, program)([[1]]).outputs[0]
    identical(`grad of a product with an inner derivative by ${name}`, result, [2])
  }
}

/**
 * L49 to L51.
 *
 * @category laws
 * @since 0.1.0
 */
export const nestingLaws: ReadonlyArray<Law> = [
  law(
    {
      id: 'L49',
      name: 'no perturbation confusion',
      cls: 'B',
      section: 'higher',
      doc: 'D(x => x D(y => x + y)(1))(1) = 1 and its relatives, by every nesting of grad, jvp and vjp; a leaked variable is refused',
    },
    (subject) => [
      fixed('nested derivatives', () => confusion(subject)),
      fixed('norms', () => norms(subject)),
      fixed('leaked variables', () => leaking(subject)),
    ],
  ),
  law(
    {
      id: 'L50',
      name: 'Taylor coefficients',
      cls: 'N',
      section: 'higher',
      doc: 'nested jvp and nested dual numbers give the same D^k f; derivatives of powers are exact and end',
    },
    (subject) => [
      part('scalar programs', programs('scalar', { maxLength: 4 }), checkTaylor(subject), { share: 1 / 2 }),
      fixed('powers', () => powers(subject)),
    ],
  ),
  law(
    {
      id: 'L51',
      name: 'inverse functions',
      cls: 'N',
      section: 'higher',
      doc: "(f^-1)'(y) f'(f^-1(y)) = 1 and D(f . f^-1) = 1",
    },
    (subject) => [fixed('pairs of inverses', () => inverses(subject))],
  ),
]
