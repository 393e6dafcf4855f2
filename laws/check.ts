/**
 * What checks are made of: comparing lists of numbers, and small functions to build models from.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Bounded } from '../src/algebra/ErrorBound.js'
import { compare } from '../src/algebra/tolerance.js'
import type { PrimitiveName } from '../src/primitive/index.js'
import { attempt } from '../src/primitive/Recorder.js'
import { flatMap, map, type Reverse, step } from '../src/Reverse.js'
import type { Shape } from '../src/Shape.js'
import { noAttributes, type Program } from '../src/Tape.js'
import { scalar } from '../src/Tensor.js'
import type { AnyVar } from '../src/Var.js'
import { Broken, type Subject } from './Law.js'
import { boundedResults, describe, type Model, type Numbers, pullback, reals, recorded } from './Model.js'

/**
 * A function of arrays.
 *
 * @category model
 * @since 0.1.0
 */
export type Arrows = (xs: ReadonlyArray<AnyVar>) => Reverse<ReadonlyArray<AnyVar>>

/**
 * Breaks the law unless numbers agree up to rounding. Tells whether at least one comparison was informative.
 *
 * @category checks
 * @since 0.1.0
 */
export const agreeing = (
  what: string,
  a: ReadonlyArray<Bounded>,
  b: ReadonlyArray<Bounded>,
  listing: () => string = () => '',
): boolean => {
  if (a.length !== b.length) throw new Broken(`${what}: ${a.length} numbers and ${b.length}`, listing())
  let informative = false
  for (let i = 0; i < a.length; i++) {
    const result = compare(a[i], b[i])
    if (!result.agree)
      throw new Broken(
        `${what}: number ${i} is ${a[i].value} and ${b[i].value}; they differ by ${result.difference}, rounding explains ${result.tolerance}`,
        listing(),
      )
    informative ||= result.informative
  }
  return informative
}

/** Equal numbers; zeros of both signs are equal, and so is NaN to itself. */
const same = (x: number, y: number): boolean => x === y || (Number.isNaN(x) && Number.isNaN(y))

/**
 * Breaks the law unless numbers are equal bit for bit (but for the sign of zero). Tells whether any is not zero.
 *
 * @category checks
 * @since 0.1.0
 */
export const identical = (what: string, a: Numbers, b: Numbers, listing: () => string = () => ''): boolean => {
  if (a.length !== b.length) throw new Broken(`${what}: ${a.length} numbers and ${b.length}`, listing())
  for (let i = 0; i < a.length; i++)
    if (!same(a[i], b[i])) throw new Broken(`${what}: number ${i} is ${a[i]} and should be ${b[i]}`, listing())
  return a.some((x) => x !== 0)
}

/**
 * Breaks the law unless something holds.
 *
 * @category checks
 * @since 0.1.0
 */
export const holds = (what: string, condition: boolean, listing: () => string = () => ''): void => {
  if (!condition) throw new Broken(what, listing())
}

/**
 * The float64 values.
 *
 * @category destructors
 * @since 0.1.0
 */
export const valuesOf = (numbers: ReadonlyArray<Bounded>): Numbers => numbers.map(({ value }) => value)

/**
 * A row without attributes, as a function.
 *
 * @category functions
 * @since 0.1.0
 */
export const apply =
  (primitive: PrimitiveName) =>
  (...xs: ReadonlyArray<AnyVar>): Reverse<AnyVar> =>
    step(xs, (recorder, vars) => recorder.emit(primitive, vars, noAttributes as never))

/**
 * A constant.
 *
 * @category functions
 * @since 0.1.0
 */
export const literal = (value: number): Reverse<AnyVar> =>
  step([], (recorder) => recorder.emit('constant', [], { value: scalar(value) }))

/**
 * The sum of all numbers of some arrays.
 *
 * @category functions
 * @since 0.1.0
 */
export const total = (xs: ReadonlyArray<AnyVar>): Reverse<AnyVar> =>
  step(xs, ({ vocabulary: v }, vars) =>
    attempt(() =>
      E.right(
        vars
          .map((x) =>
            v.sum(
              x,
              x.shape.map((_, d) => d),
            ),
          )
          .reduce((sum, x) => v.add(sum, x)),
      ),
    ),
  )

/**
 * A function with one number as its result.
 *
 * @category functions
 * @since 0.1.0
 */
export const scalarised =
  (f: Arrows) =>
  (xs: ReadonlyArray<AnyVar>): Reverse<AnyVar> =>
    flatMap(f(xs), total)

/**
 * First one function, then the other.
 *
 * @category functions
 * @since 0.1.0
 */
export const composed =
  (f: Arrows, g: Arrows): Arrows =>
  (xs) =>
    flatMap(f(xs), g)

/**
 * One result from a function of arrays.
 *
 * @category functions
 * @since 0.1.0
 */
export const single =
  (f: (xs: ReadonlyArray<AnyVar>) => Reverse<AnyVar>): Arrows =>
  (xs) =>
    map((y: AnyVar) => [y])(f(xs))

/**
 * The results and the gradient of a model for some cotangents, with error bounds.
 *
 * @category destructors
 * @since 0.1.0
 */
export const pulled = (
  subject: Subject,
  model: Model,
): ((cotangent: ReadonlyArray<Numbers>) => {
  readonly results: ReadonlyArray<Bounded>
  readonly gradient: ReadonlyArray<Bounded>
}) => {
  const run = boundedResults(subject, pullback(subject, model))
  return (cotangent) => {
    const outputs = run([...model.point, ...cotangent])
    const n = outputs.length - model.inputs.length
    return { results: outputs.slice(0, n).flat(), gradient: outputs.slice(n).flat() }
  }
}

/**
 * A program of the value and the gradient of a scalar function.
 *
 * @category constructors
 * @since 0.1.0
 */
export const gradientOf = (
  subject: Subject,
  inputs: ReadonlyArray<Shape>,
  f: (xs: ReadonlyArray<AnyVar>) => Reverse<AnyVar>,
): Program =>
  recorded(subject, reals(inputs), (xs) => subject.operations.grad(f as never)(xs) as Reverse<ReadonlyArray<AnyVar>>)

/**
 * The gradient of a scalar function at a point, one list after another, with error bounds.
 *
 * @category destructors
 * @since 0.1.0
 */
export const gradientAt = (
  subject: Subject,
  { inputs, point }: Pick<Model, 'inputs' | 'point'>,
  f: (xs: ReadonlyArray<AnyVar>) => Reverse<AnyVar>,
): ReadonlyArray<Bounded> => boundedResults(subject, gradientOf(subject, inputs, f))(point).flat()

/**
 * The results of a function at a point, one list after another, with error bounds.
 *
 * @category destructors
 * @since 0.1.0
 */
export const resultsAt = (
  subject: Subject,
  { inputs, point }: Pick<Model, 'inputs' | 'point'>,
  f: Arrows,
): ReadonlyArray<Bounded> => boundedResults(subject, recorded(subject, reals(inputs), f))(point).flat()

/**
 * The listing of a model, for counterexamples.
 *
 * @category destructors
 * @since 0.1.0
 */
export const told =
  (subject: Subject, model: Model): (() => string) =>
  () =>
    describe(subject, model)
