/**
 * What derivatives cost, counted and not timed.
 *
 * @since 0.1.0
 */
import { F64 } from '../src/algebra/index.js'
import { needed, type Primitive, type PrimitiveName } from '../src/primitive/index.js'
import { flatMap, map, of, type Reverse } from '../src/Reverse.js'
import { size } from '../src/Shape.js'
import type { Program } from '../src/Tape.js'
import type { AnyVar } from '../src/Var.js'
import { type Drawn, drawnModel, programs } from './arbitrary/index.js'
import { apply, gradientOf, holds, literal, scalarised, told } from './check.js'
import { fixed, type Law, law, part, type Subject, type Tally } from './Law.js'
import { evaluator, instructionAt, reals, recorded } from './Model.js'

/**
 * Operations of a program by the cost model, with one more for each number that an instruction writes.
 *
 * @category destructors
 * @since 0.1.0
 */
export const costOf = (subject: Subject, program: Program): number =>
  needed(program).reduce((sum, x) => {
    const row = subject.calculus.table[x.primitive as PrimitiveName] as Primitive
    const operands = x.operands.map((k) => instructionAt(program, k))
    return sum + size(x.shape) + row.flops({ attributes: x.attributes as never, operands, result: x })
  }, 0)

/**
 * A gradient costs at most this many evaluations, the evaluation included (the cheap gradient principle: A. Griewank,
 * A. Walther, "Evaluating Derivatives", 2nd ed., section 4.4).
 *
 * @category constants
 * @since 0.1.0
 */
export const CHEAP = 5

/**
 * With rows that choose, scatter or convolve it may be this many: finding the winners again, counting ties and adding up
 * what meets cost several operations where the value costs one (measured for single rows: 7.3 at most).
 *
 * @category constants
 * @since 0.1.0
 */
export const DEAR = 8

const checkCost =
  (subject: Subject, bound: number) =>
  (sample: Drawn, tally: Tally): void => {
    const model = drawnModel({ ...sample, outputs: 1 })
    const f = scalarised(model.f)
    const plain = costOf(
      subject,
      recorded(subject, reals(model.inputs), (xs) => map((y: AnyVar) => [y])(f(xs))),
    )
    const gradient = costOf(
      subject,
      recorded(subject, reals(model.inputs), (xs) =>
        map(([y, gs]: readonly [AnyVar, ReadonlyArray<AnyVar>]) => [y, ...gs])(
          flatMap(subject.operations.vjp(f as never)(xs as never), ([y, pull]) =>
            flatMap(literal(1), (one) =>
              map((gs: ReadonlyArray<AnyVar>) => [y as AnyVar, gs] as const)(
                (pull as (c: AnyVar) => Reverse<ReadonlyArray<AnyVar>>)(one),
              ),
            ),
          ),
        ),
      ),
    )
    holds(
      `the gradient costs ${gradient} operations, the value ${plain}`,
      gradient <= bound * plain,
      told(subject, model),
    )
    tally.informative()
  }

const chained =
  (n: number) =>
  ([x]: ReadonlyArray<AnyVar>): Reverse<AnyVar> => {
    let y: Reverse<AnyVar> = of(x)
    for (let i = 0; i < n; i++) y = flatMap(y, i % 2 === 0 ? (z) => apply('sin')(z) : (z) => apply('mul')(z, x))
    return y
  }

/** The tape of a gradient grows in proportion to the model, and is not deep on the call stack. */
const growth = (subject: Subject): void => {
  const lengthOf = (n: number): number => gradientOf(subject, [[]], chained(n)).tape.length
  const [a, b, c] = [lengthOf(100), lengthOf(200), lengthOf(400)]
  holds(`tapes of ${a}, ${b} and ${c} instructions grow linearly`, c - b === 2 * (b - a))
}

const DEPTH = 1e5

const depth = (subject: Subject): void => {
  const deep = gradientOf(subject, [[]], chained(DEPTH))
  holds('the gradient of a deep chain is linear in its depth', deep.tape.length < 8 * DEPTH)
  const value = evaluator(subject, F64, deep)([[0.5]]).outputs[0][0]
  holds('the gradient of a deep chain is a number', !Number.isNaN(value))
}

/**
 * L69.
 *
 * @category laws
 * @since 0.1.0
 */
export const costLaws: ReadonlyArray<Law> = [
  law(
    {
      id: 'L69',
      name: 'cheap gradients',
      cls: 'S',
      section: 'transformations',
      doc: 'a gradient costs at most 5 evaluations (counted), 8 with rows that choose or scatter; its tape grows linearly; 100000 deep is not too deep',
    },
    (subject) => [
      part('arithmetic', programs('arithmetic'), checkCost(subject, CHEAP), { share: 1 / 2 }),
      part('all primitives', programs('tensor'), checkCost(subject, DEAR), { share: 1 / 2 }),
      fixed('growth', () => growth(subject)),
      fixed('depth', () => depth(subject)),
    ],
  ),
]
