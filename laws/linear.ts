/**
 * Sums, means and linear functions, whose gradients are known exactly.
 *
 * @since 0.1.0
 */
import { flatMap, map, type Reverse } from '../src/Reverse.js'
import type { AnyVar } from '../src/Var.js'
import { emitting, integersAt } from './arbitrary/index.js'
import { apply, identical, literal, valuesOf } from './check.js'
import { scalarPull } from './flow.js'
import { fixed, type Law, law, type Subject } from './Law.js'
import { boundedResults, type Model, type Numbers, pullback, reals, recorded } from './Model.js'

/** `A x + b` with small integers, whose gradient is a row of A, exactly. */
const affine = (subject: Subject): void => {
  const A = [integersAt(1, 0, 3), integersAt(1, 1, 3)]
  for (const [i, row] of A.entries()) {
    const f = (xs: ReadonlyArray<AnyVar>): Reverse<ReadonlyArray<AnyVar>> =>
      map((y: AnyVar) => [y])(
        row.reduce<Reverse<AnyVar>>(
          (sum, a, j) =>
            flatMap(sum, (s) =>
              flatMap(literal(a), (k) => flatMap(apply('mul')(k, xs[j]), (term) => apply('add')(s, term))),
            ),
          literal(2),
        ),
      )
    identical(`the gradient of row ${i} of A x + b`, scalarPull(subject, f, [1.25, -2, 7], [1]), row)
  }
  identical(
    'the gradient of a constant',
    scalarPull(subject, () => map((k: AnyVar) => [k])(literal(4)), [1, 2], [1]),
    [0, 0],
  )
}

const ONES = [1, 1, 1, 1]

/** The pullback of a function of one array of four numbers. */
const vectorPull = (subject: Subject, f: (x: AnyVar) => Reverse<AnyVar>, at: Numbers, c: Numbers): Numbers => {
  const model: Model = { label: 'program', inputs: [[4]], point: [at], f: ([x]) => map((y: AnyVar) => [y])(f(x)) }
  return valuesOf(boundedResults(subject, pullback(subject, model))([at, c])[1])
}

const sumOf = (x: AnyVar): Reverse<AnyVar> => emitting('sum', [x], { axes: [0] })

const MAPPED = ['sin', 'exp', 'tanh', 'neg', 'sigmoid', 'atan', 'erf'] as const

const gradientsOfSums = (subject: Subject): void => {
  const at = [0.5, -1.25, 2, 0]
  identical('the gradient of the sum', vectorPull(subject, sumOf, at, [1]), ONES)
  const mean = (x: AnyVar) => emitting('reduceWindow', [x], { window: [4], strides: [1], dilation: [1], kind: 'mean' })
  identical(
    'the gradient of the mean',
    vectorPull(subject, mean, at, [1]),
    ONES.map(() => 1 / 4),
  )
  for (const name of MAPPED) {
    const whole = vectorPull(subject, (x) => flatMap(apply(name)(x), sumOf), at, [1])
    const each = at.map((x) => scalarPull(subject, ([y]) => map((z: AnyVar) => [z])(apply(name)(y)), [x], [1])[0])
    identical(`the gradient of the sum of ${name}`, whole, each)
  }
}

const LINEAR = {
  neg: (x: AnyVar) => apply('neg')(x),
  flip: (x: AnyVar) => emitting('flip', [x], { axes: [0] }),
  cumsum: (x: AnyVar) => emitting('cumsum', [x], { axis: 0, reverse: false }),
  reshape: (x: AnyVar) => emitting('reshape', [x], { shape: [4] }),
  slice: (x: AnyVar) => emitting('slice', [x], { start: [0], stop: [4], stride: [1] }),
  double: (x: AnyVar) => apply('add')(x, x),
} as const

/** Matrices of linear maps of four numbers, by their vjp and by the vjp of their vjp. */
const linearMaps = (subject: Subject): void => {
  const unit = (i: number): Numbers => ONES.map((_, j) => (i === j ? 1 : 0))
  for (const [name, f] of Object.entries(LINEAR)) {
    const at0 = ONES.map((_, i) => vectorPull(subject, f, [0, 0, 0, 0], unit(i)))
    const at1 = ONES.map((_, i) => vectorPull(subject, f, [0.5, -3, 7, 100], unit(i)))
    identical(`the vjp of ${name}, which is linear, at two points`, at1.flat(), at0.flat())
    // the transpose, as a function of the cotangent; its own transpose is the map itself
    const transposed = (c: AnyVar): Reverse<AnyVar> =>
      flatMap(emitting('iota', [], { shape: [4], axis: 0 }), (i) =>
        flatMap(emitting('convert', [i], { dtype: 'real' }), (x) =>
          flatMap(subject.operations.vjp(f)(x as never), ([_, pull]) => pull(c as never)),
        ),
      )
    const twice = ONES.map((_, i) => vectorPull(subject, transposed, [0, 0, 0, 0], unit(i)))
    const values = ONES.map((_, i) =>
      valuesOf(
        boundedResults(
          subject,
          recorded(subject, reals([[4]]), ([x]) => map((y: AnyVar) => [y])(f(x))),
        )([unit(i)])[0],
      ),
    )
    identical(`the transpose of the transpose of ${name}`, twice.flat(), values.flat())
  }
}

/**
 * L33.
 *
 * @category laws
 * @since 0.1.0
 */
export const linearLaws: ReadonlyArray<Law> = [
  law(
    {
      id: 'L33',
      name: 'sums and linear functions',
      cls: 'B',
      section: 'reverse',
      doc: "grad(sum) = 1, grad(mean) = 1/n, grad(sum . map f) = map f', grad(Ax + b) = A; vjp of a linear f does not depend on x, and transposing twice gives f",
    },
    (subject) => [
      fixed('sums', () => gradientsOfSums(subject)),
      fixed('linear maps', () => linearMaps(subject)),
      fixed('affine maps', () => affine(subject)),
    ],
  ),
]
