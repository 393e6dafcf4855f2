/**
 * Where cotangents flow: through fan-out, to outputs that are inputs, not to what is unused, and whatever the order in which things were recorded.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Bounded, ErrorBound } from '../src/algebra/ErrorBound.js'
import { testable } from '../src/algebra/tolerance.js'
import type { Attributes, PrimitiveName } from '../src/primitive/index.js'
import { needed } from '../src/primitive/index.js'
import { flatMap, map, of, type Reverse, step } from '../src/Reverse.js'
import { size } from '../src/Shape.js'
import type { Instruction } from '../src/Tape.js'
import type { AnyVar } from '../src/Var.js'
import { type Drawn, drawnModel, emitting, programs } from './arbitrary/index.js'
import { bitsOf } from './arbitrary/values.js'
import { agreeing, apply, gradientAt, identical, literal, pulled, scalarised, told, valuesOf } from './check.js'
import { fixed, type Law, law, part, type Subject, type Tally } from './Law.js'
import { boundedResults, type Model, type Numbers, pullback, reals, recorded } from './Model.js'
import { cotangents } from './reverse.js'

const sums = (a: ReadonlyArray<Bounded>, b: ReadonlyArray<Bounded>): ReadonlyArray<Bounded> =>
  a.map((x, i) => ErrorBound.add(x, b[i]))

/**
 * The pullback of a function of scalars, evaluated.
 *
 * @category destructors
 * @since 0.1.0
 */
export const scalarPull = (
  subject: Subject,
  f: (xs: ReadonlyArray<AnyVar>) => Reverse<ReadonlyArray<AnyVar>>,
  point: Numbers,
  c: Numbers,
): Numbers => {
  const model: Model = { label: 'program', inputs: point.map(() => []), point: point.map((x) => [x]), f }
  return boundedResults(
    subject,
    pullback(subject, model),
  )([...model.point, ...c.map((x) => [x])])
    .slice(c.length)
    .flatMap(valuesOf)
}

const projections = (subject: Subject): void => {
  const at = [2, -3]
  identical(
    'the vjp of the identity',
    scalarPull(subject, (xs) => of(xs), at, [5, 7]),
    [5, 7],
  )
  identical(
    'an output that is an input',
    scalarPull(subject, ([x]) => of([x]), at, [5]),
    [5, 0],
  )
  identical(
    'an output listed twice',
    scalarPull(subject, ([x, y]) => of([x, x, y]), at, [5, 7, 11]),
    [12, 11],
  )
  identical(
    'swapped outputs',
    scalarPull(subject, ([x, y]) => of([y, x]), at, [5, 7]),
    [7, 5],
  )
  identical(
    'an output that is an input and used elsewhere',
    scalarPull(subject, ([x, y]) => map((z: AnyVar) => [x, z])(apply('mul')(x, y)), at, [5, 7]),
    [5 + 7 * -3, 14],
  )
  identical(
    'a constant output',
    scalarPull(subject, ([x]) => map((z: AnyVar) => [z])(apply('sub')(x, x)), at, [5]),
    [0, 0],
  )
}

/** `x + x + ... + x`, recorded so that no two sums are the same instruction. */
const repeated =
  (k: number) =>
  ([x]: ReadonlyArray<AnyVar>): Reverse<ReadonlyArray<AnyVar>> => {
    let sum: Reverse<AnyVar> = of(x)
    for (let i = 1; i < k; i++) sum = flatMap(sum, (s) => apply('add')(s, x))
    return map((y: AnyVar) => [y])(sum)
  }

const fanOut = (subject: Subject): void => {
  for (const k of [1, 2, 3, 7, 30])
    identical(`the gradient of ${k} times x`, scalarPull(subject, repeated(k), [1.5], [1]), [k])
  identical(
    'the gradient of x * x',
    scalarPull(subject, ([x]) => map((y: AnyVar) => [y])(apply('mul')(x, x)), [1.5], [1]),
    [3],
  )
}

const checkFanOut =
  (subject: Subject) =>
  (sample: Drawn, tally: Tally): void => {
    const model = drawnModel(sample)
    // f(x, x, ...) against f(x, y, ...) at y = x: all inputs of one shape, from one variable
    const shape = model.inputs[0]
    const n = model.inputs.length
    const f = scalarised(model.f)
    const apart = { inputs: model.inputs.map(() => shape), point: model.inputs.map(() => model.point[0]) }
    const separate = gradientAt(subject, apart, f)
    const together = gradientAt(subject, { inputs: [shape], point: [model.point[0]] }, ([x]) =>
      f(Array.from({ length: n }, () => x)),
    )
    if (!testable(separate) || !testable(together)) tally.skip()
    const m = together.length
    const partials = Array.from(
      { length: n },
      (_, i): ReadonlyArray<Bounded> => separate.slice(i * m, (i + 1) * m),
    ).reduce(sums)
    const informative = agreeing(
      'grad(x => f(x, x)) and the sum of the partials',
      together,
      partials,
      told(subject, model),
    )
    if (informative && n > 1) tally.informative()
  }

const shuffled = (seed: number, n: number): Numbers => {
  const left = Array.from({ length: n }, (_, i) => i)
  return Array.from({ length: n }, (_, i) => left.splice(bitsOf(seed, 5, i) % left.length, 1)[0])
}

const checkPermuted =
  (subject: Subject) =>
  (sample: Drawn, tally: Tally): void => {
    const model = drawnModel(sample)
    const n = model.inputs.length
    const order = shuffled(sample.source.seed, n)
    const back = order.map((_, i) => order.indexOf(i))
    const permuted: Model = {
      ...model,
      inputs: order.map((i) => model.inputs[i]),
      point: order.map((i) => model.point[i]),
      f: (xs) => model.f(back.map((i) => xs[i])),
    }
    const c = cotangents(subject, model, sample.source.seed)
    const run = (m: Model) => boundedResults(subject, pullback(subject, m))([...m.point, ...c]).slice(c.length)
    const [plain, other] = [run(model), run(permuted)]
    if (!testable(plain.flat())) tally.skip()
    const some = identical(
      'grad(f . P) and the permuted grad f',
      other.flatMap(valuesOf),
      order.flatMap((i) => valuesOf(plain[i])),
      told(subject, model),
    )
    if (some && n > 1) tally.informative()
  }

/** The same instructions in another order that respects operands. */
const reordered = (
  instructions: ReadonlyArray<Instruction>,
  known: ReadonlyArray<number>,
  seed: number,
): ReadonlyArray<Instruction> => {
  const done = new Set(known)
  const left = [...instructions]
  const out: Array<Instruction> = []
  while (left.length > 0) {
    const ready = left.filter(({ operands }) => operands.every((k) => done.has(k)))
    const next = ready[bitsOf(seed, 6, left.length) % ready.length]
    left.splice(left.indexOf(next), 1)
    done.add(next.id)
    out.push(next)
  }
  return out
}

const checkReordered =
  (subject: Subject) =>
  (sample: Drawn, tally: Tally): void => {
    const model = drawnModel(sample)
    const program = recorded(subject, reals(model.inputs), model.f)
    const inputIds = program.inputs.map(({ id }) => id)
    const order = reordered(
      needed(program).filter(({ id }) => !inputIds.includes(id)),
      inputIds,
      sample.source.seed,
    )
    const other: Model = {
      ...model,
      f: (xs) =>
        step(xs, (recorder, vars) => {
          const here = new Map(inputIds.map((id, i) => [id, vars[i]]))
          for (const { id, primitive, operands, attributes } of order) {
            const again = recorder.emit(
              primitive as PrimitiveName,
              operands.map((k) => here.get(k) as AnyVar),
              attributes as Attributes[PrimitiveName],
            )
            if (E.isLeft(again)) return again
            here.set(id, again.right)
          }
          return E.right(program.outputs.map(({ id }) => here.get(id) as AnyVar))
        }),
    }
    const c = cotangents(subject, model, sample.source.seed)
    const [plain, moved] = [pulled(subject, model)(c), pulled(subject, other)(c)]
    if (!testable(plain.results) || !testable(plain.gradient)) tally.skip()
    identical('the values of a reordered tape', valuesOf(moved.results), valuesOf(plain.results), told(subject, model))
    if (agreeing('the gradients of a reordered tape', moved.gradient, plain.gradient, told(subject, model)))
      tally.informative()
  }

const checkShifted =
  (subject: Subject) =>
  (sample: Drawn, tally: Tally): void => {
    const model = drawnModel(sample)
    // other instructions come first, so every position differs
    const shifted: Model = {
      ...model,
      f: (xs) =>
        flatMap(
          xs.reduce<Reverse<AnyVar>>(
            (last, x) =>
              flatMap(last, () =>
                emitting('pad', [x], {
                  low: x.shape.map(() => 3),
                  high: x.shape.map(() => 0),
                  interior: x.shape.map(() => 0),
                  value: size(x.shape),
                }),
              ),
            literal(0.375),
          ),
          () => model.f(xs),
        ),
    }
    const c = cotangents(subject, model, sample.source.seed)
    const [plain, moved] = [pulled(subject, model)(c), pulled(subject, shifted)(c)]
    if (!testable(plain.results) || !testable(plain.gradient)) tally.skip()
    if (
      identical(
        'the gradient at other positions',
        valuesOf(moved.gradient),
        valuesOf(plain.gradient),
        told(subject, model),
      )
    )
      tally.informative()
  }

/**
 * L24, L25 and L34 to L36.
 *
 * @category laws
 * @since 0.1.0
 */
export const flowLaws: ReadonlyArray<Law> = [
  law(
    {
      id: 'L24',
      name: 'projections',
      cls: 'B',
      section: 'reverse',
      doc: 'an output that is an input gets its cotangent; listed twice, the sum; unused inputs and constants give 0',
    },
    (subject) => [fixed('projections', () => projections(subject))],
  ),
  law(
    {
      id: 'L25',
      name: 'fan-out',
      cls: 'N',
      section: 'reverse',
      doc: 'grad(x => f(x, ..., x)) is the sum of the partials; bit for bit grad(x + ... + x) = k',
    },
    (subject) => [
      fixed('sums of one variable', () => fanOut(subject)),
      part('tensor programs', programs('tensor'), checkFanOut(subject)),
    ],
  ),
  law(
    {
      id: 'L34',
      name: 'permutations of the inputs',
      cls: 'B',
      section: 'reverse',
      doc: 'grad(f . P)(x) = P^T grad(f)(P x)',
    },
    (subject) => [part('tensor programs', programs('tensor'), checkPermuted(subject))],
  ),
  law(
    {
      id: 'L35',
      name: 'order of independent instructions',
      cls: 'N',
      section: 'reverse',
      doc: 'a tape in another topological order has the same values (bit for bit) and gradients',
    },
    (subject) => [part('tensor programs', programs('tensor'), checkReordered(subject))],
  ),
  law(
    {
      id: 'L36',
      name: 'positions',
      cls: 'B',
      section: 'reverse',
      doc: 'the gradient does not depend on where on the tape a model stands',
    },
    (subject) => [part('tensor programs', programs('tensor'), checkShifted(subject))],
  ),
]
