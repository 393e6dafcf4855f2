/**
 * Inside the reverse sweep: conservation along the tape, whole Jacobians, structural rows as exact adjoints, and
 * structured parameters.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Bounded, ErrorBound } from '../src/algebra/ErrorBound.js'
import { bounded, compare, inner, testable } from '../src/algebra/tolerance.js'
import { map, type Reverse, step } from '../src/Reverse.js'
import { type Shape, size } from '../src/Shape.js'
import * as Tree from '../src/Tree.js'
import { open } from '../src/transform/vjp.js'
import type { AnyVar } from '../src/Var.js'
import { type Drawn, drawnModel, integersAt, names, programs, resultOf, siteModel, sites } from './arbitrary/index.js'
import { agreeing, apply, holds, identical, told, total, valuesOf } from './check.js'
import { differences } from './differences.js'
import { Broken, fixed, type Law, law, part, type Subject, type Tally } from './Law.js'
import {
  along,
  boundedResults,
  counts,
  describe,
  instructionAt,
  type Model,
  must,
  type Numbers,
  pullback,
  pushforward,
  reals,
  recorded,
  results,
} from './Model.js'
import { directed, isSmooth } from './modes.js'
import { modelParts } from './reverse.js'

// ----------------------------------------------------------------------------------------------- conservation

/** Where a sweep passed: the instruction of each cotangent, and of each contribution with the operand it went to. */
interface Passage {
  /** the positions that hold a cotangent, and those that the contributions come from and go to */
  visited: ReadonlyArray<number>
  given: ReadonlyArray<readonly [from: number, to: number]>
  primitives: ReadonlyMap<number, string>
}

/**
 * At every instruction `i` that the sweep visits, `a_i t_i = sum over its operands k of (what it gave to k) . t_k`, where
 * `a_i` is its cotangent and the `t` are tangents. With the `t` from central differences this judges every rule and the
 * accumulation, and names the first instruction at which something is lost (wavefront conservation).
 *
 * @category checks
 * @since 0.1.0
 */
export const checkWavefront =
  (subject: Subject) =>
  (model: Model, seed: number, tally: Tally): void => {
    const sample = directed(subject, model, seed)
    const plain = recorded(subject, reals(model.inputs), model.f)
    if (!isSmooth(subject, plain, sample)) tally.skip()
    const passage: Passage = { visited: [], given: [], primitives: new Map() }
    const swept: Passage = passage
    const outputs = results(plain)
    const n = model.inputs.length
    // primals of everything visited, then cotangents, then contributions
    const program = recorded(subject, reals([...model.inputs, ...outputs]), (all) =>
      open('sweep', model.f, all.slice(0, n), (recorder, { vars, result, from, until }) => {
        const seeds = result.map((y, i) => [y, all[n + i]] as const)
        const adjoint = subject.operations.sweep(recorder, from, vars, seeds, until)
        if (E.isLeft(adjoint)) return adjoint
        const { cotangents: found, contributions } = adjoint.right
        swept.visited = [...found.keys()]
        const target = (c: (typeof contributions)[number]): number =>
          recorder.builder.at(c.instruction)?.operands[c.operand] ?? -1
        swept.given = contributions.map((c) => [c.instruction, target(c)])
        swept.primitives = new Map(swept.visited.map((id) => [id, recorder.builder.at(id)?.primitive ?? '']))
        const primals = swept.visited.map((id) => recorder.builder.at(id) as AnyVar)
        return E.right([...primals, ...found.values(), ...contributions.map(({ value }) => value)])
      }),
    )
    const run = boundedResults(subject, program)([...model.point, ...sample.cotangent])
    const m = swept.visited.length
    const primals = { ...program, outputs: program.outputs.slice(0, m) }
    const slopes = differences(
      along(
        subject,
        primals,
        [...model.point, ...sample.cotangent],
        [...sample.tangent, ...sample.cotangent.map((c) => c.map(() => 0))],
      ),
    )
    if (slopes === null || !testable(run.flat())) tally.skip()
    const tangents = new Map<number, ReadonlyArray<Bounded>>()
    let next = 0
    for (const [i, id] of swept.visited.entries()) {
      tangents.set(id, slopes.slice(next, next + run[i].length))
      next += run[i].length
    }
    let informative = 0
    for (const [i, id] of swept.visited.entries()) {
      const gifts = swept.given.flatMap(([from, to], j) => (from === id ? [[to, run[2 * m + j]] as const] : []))
      const primitive = swept.primitives.get(id)
      if (
        gifts.length === 0 &&
        primitive !== 'stopGradient' &&
        instructionAt(program, id).operands.some((k) => tangents.has(k))
      )
        throw new Broken(`%${id}, ${primitive}: nothing flows through`, describe(subject, model))
      if (gifts.length === 0) continue
      const kept = inner(run[m + i], tangents.get(id) ?? [])
      const given = gifts
        .map(([to, value]) => inner(value, tangents.get(to) ?? []))
        .reduce((sum, one) => ErrorBound.add(sum, one), ErrorBound.literal(0))
      const result = compare(kept, given)
      if (!result.agree)
        throw new Broken(
          `%${id}, ${primitive}: it received ${kept.value} and gave ${given.value} (rounding explains ${result.tolerance})`,
          describe(subject, model),
        )
      if (result.informative) informative++
    }
    // what arrives at the variables is all there was
    if (informative > 0) tally.informative()
  }

// -------------------------------------------------------------------------------------------------- Jacobians

const checkJacobian =
  (subject: Subject) =>
  (sample: Drawn, tally: Tally): void => {
    const model = drawnModel({ ...sample, inputs: sample.inputs.slice(0, 1), outputs: 1 })
    const f =
      ([x]: ReadonlyArray<AnyVar>) =>
      (v: AnyVar) =>
        map((ys: ReadonlyArray<AnyVar>) => ys[0])(model.f([v ?? x]))
    const by = (how: 'rows' | 'columns') =>
      boundedResults(
        subject,
        recorded(subject, reals(model.inputs), (xs) =>
          map((j: AnyVar) => [j])(subject.operations.jacobian(f(xs) as never, { by: how })(xs[0] as never) as never),
        ),
      )(model.point).flat()
    const [rows, columns] = [by('rows'), by('columns')]
    if (!testable(rows) || !testable(columns)) tally.skip()
    if (agreeing('the Jacobian by rows and by columns', rows, columns, told(subject, model))) tally.informative()
  }

// ------------------------------------------------------------------------------------------- exact adjointness

/** `<c, f(u)> = <f^T c, u>` on integers, where nothing is rounded, for rows that are linear or multilinear. */
const checkExact =
  (subject: Subject) =>
  (model: Model, seed: number, tally: Tally): void => {
    const at = counts(model.inputs).map((n, i) => integersAt(seed, i, n))
    const u = counts(model.inputs).map((n, i) => integersAt(seed, 10 + i, n))
    const outputs = results(recorded(subject, reals(model.inputs), model.f))
    const c = counts(outputs).map((n, i) => integersAt(seed, 20 + i, n))
    const tangent = boundedResults(subject, pushforward(subject, model))([...at, ...u]).flat()
    const gradient = boundedResults(
      subject,
      pullback(subject, model),
    )([...at, ...c])
      .slice(outputs.length)
      .flat()
    const [left, right] = [inner(tangent, bounded(c.flat())), inner(gradient, bounded(u.flat()))]
    if (
      identical(
        '<c, J u> and <J^T c, u> on integers',
        [left.value],
        [right.value],
        told(subject, { ...model, point: at }),
      )
    )
      tally.informative()
  }

// ------------------------------------------------------------------------------------------ structured parameters

type Params = { readonly layers: ReadonlyArray<{ readonly w: AnyVar; readonly b: AnyVar }>; readonly scale: AnyVar }

const PARAMS = (leaf: (shape: Shape) => unknown) => ({
  layers: [
    { w: leaf([2]), b: leaf([]) },
    { w: leaf([3]), b: leaf([]) },
  ],
  scale: leaf([]),
})

const structured = (subject: Subject): void => {
  const shapes = Tree.leaves(PARAMS((shape) => ({ _tag: 'Var', id: -1, shape, dtype: 'real' })) as never).map(
    (v) => (v as AnyVar).shape,
  )
  const at = shapes.map((shape, i) => integersAt(5, i, size(shape)))
  const gradient = (f: (p: Params) => Reverse<AnyVar>) => {
    let found: unknown
    const program = recorded(subject, reals(shapes), (xs) => {
      const p = must(
        Tree.unflatten<Tree.Tree<Tree.Leaf>, AnyVar>(
          PARAMS((shape) => ({ _tag: 'Var', id: -1, shape, dtype: 'real' })) as never,
          xs,
        ),
        'unflatten',
      )
      return map((g: unknown) => {
        found = g
        return Tree.leaves<AnyVar>(g as Tree.VarTree)
      })(subject.operations.grad(f as never)(p as never) as Reverse<unknown>)
    })
    holds(
      'a gradient has the structure of its argument',
      Tree.structureEquals(
        PARAMS(() => 0),
        found,
      ),
    )
    return boundedResults(subject, program)(at).map(valuesOf)
  }
  const zeros = (): Array<Numbers> => at.map((numbers) => numbers.map(() => 0))
  // leaves in order: layers.0.b, layers.0.w, layers.1.b, layers.1.w, scale
  const view = zeros()
  view[3] = [1, 1, 1]
  identical('the gradient of a view is set in zero', gradient((p) => total([p.layers[1].w])).flat(), view.flat())
  const all = gradient((p) => total([p.layers[0].w, p.layers[0].b, p.layers[1].w, p.layers[1].b, p.scale]))
  identical(
    'the gradient of the sum of all parameters',
    all.flat(),
    at.flat().map(() => 1),
  )
  const product = zeros()
  product[0] = at[4]
  product[4] = at[0]
  identical('two parameters', gradient((p) => apply('mul')(p.layers[0].b, p.scale)).flat(), product.flat())
  identical(
    'a parameter that is written before it is read',
    gradient((p) => {
      const over = { ...p, scale: p.layers[0].b }
      return apply('mul')(over.scale, over.scale)
    }).flat(),
    zeros()
      .with(0, [2 * at[0][0]])
      .flat(),
  )
}

/** The laws of a commutative monoid, for the accumulation of cotangents, on integers. */
const monoid = (subject: Subject): void => {
  const run = (f: (join: (a: AnyVar, b: AnyVar) => AnyVar, xs: ReadonlyArray<AnyVar>) => AnyVar): Numbers =>
    boundedResults(
      subject,
      recorded(subject, reals([[3], [3], [3]]), (xs) =>
        step(xs, ({ vocabulary, calculus }, vars) =>
          E.right([f((a, b) => calculus.accumulate(vocabulary, a, b), [...vars, vocabulary.like(vars[0], 0)])]),
        ),
      ),
    )([integersAt(1, 0, 3), integersAt(1, 1, 3), integersAt(1, 2, 3)]).flatMap(valuesOf)
  identical(
    'associativity',
    run((p, [a, b, c]) => p(p(a, b), c)),
    run((p, [a, b, c]) => p(a, p(b, c))),
  )
  identical(
    'commutativity',
    run((p, [a, b]) => p(a, b)),
    run((p, [a, b]) => p(b, a)),
  )
  identical(
    'identity',
    run((p, [a, , , zero]) => p(zero, a)),
    integersAt(1, 0, 3),
  )
  identical(
    'identity',
    run((p, [a, , , zero]) => p(a, zero)),
    integersAt(1, 0, 3),
  )
}

/**
 * L30, L32, L38 and L39.
 *
 * @category laws
 * @since 0.1.0
 */
export const sweepLaws: ReadonlyArray<Law> = [
  law(
    {
      id: 'L30',
      name: 'conservation along the sweep',
      cls: 'N',
      section: 'reverse',
      doc: 'at every instruction <cotangent, tangent> = the sum over operands of <contribution, tangent>, tangents by differences',
    },
    (subject) => modelParts(subject, checkWavefront(subject)),
  ),
  law(
    {
      id: 'L32',
      name: 'Jacobians by rows and by columns',
      cls: 'N',
      section: 'reverse',
      doc: 'every entry of the Jacobian is the same by pullbacks of unit cotangents and by pushforwards of unit tangents',
    },
    (subject) => [
      part('tensor programs', programs('tensor', { maxLength: 5 }), checkJacobian(subject), { share: 1 / 2 }),
    ],
  ),
  law(
    {
      id: 'L38',
      name: 'structural and multilinear rows are exact adjoints',
      cls: 'P',
      section: 'reverse',
      doc: '<c, J u> = <J^T c, u> without any rounding, on small integers',
    },
    (subject) =>
      names.flatMap((name) => {
        const row = subject.calculus.table[name]
        if (
          row.derivative === null ||
          (row.family !== 'structural' && row.family !== 'multilinear' && row.family !== 'marker')
        )
          return []
        return [
          part(
            name,
            sites(name, subject),
            (site, tally) => {
              const model = siteModel(site as never)
              if (model.inputs.length === 0 || resultOf(row as never, site as never).dtype !== 'real') tally.skip()
              checkExact(subject)(model, site.source.seed, tally)
            },
            { share: 1 / 4 },
          ),
        ]
      }),
  ),
  law(
    {
      id: 'L39',
      name: 'structured parameters and the monoid of cotangents',
      cls: 'B',
      section: 'reverse',
      doc: 'a gradient has the structure of its argument; views, tuples and updates; accumulation is a commutative monoid',
    },
    (subject) => [fixed('trees', () => structured(subject)), fixed('the monoid', () => monoid(subject))],
  ),
]
