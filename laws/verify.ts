/**
 * The suite for what users write themselves: a row of the table, or a custom rule. Both are put through the laws that this
 * library goes through; the results are data.
 *
 * @since 0.1.0
 */
import type * as fc from 'fast-check'
import { F64 } from '../src/algebra/index.js'
import type { Primitive, PrimitiveName, Table } from '../src/primitive/index.js'
import { map, type Reverse } from '../src/Reverse.js'
import type { AnyTensor } from '../src/Tensor.js'
import * as Tree from '../src/Tree.js'
import type { CustomRule } from '../src/transform/custom.js'
import type { AnyVar } from '../src/Var.js'
import { bitsOf } from './arbitrary/index.js'
import type { Maker } from './arbitrary/Use.js'
import { batchingLaws } from './batching.js'
import { identical, told } from './check.js'
import { checkHessian, cubed, higherLaws } from './higher.js'
import { type Law, law, library, part, type RunOptions, type Subject, type Tally, type Verdict } from './Law.js'
import { evaluator, type Model, must, reals, recorded } from './Model.js'
import { checkAdjoint, checkModes, type Directed, directed, modesLaws } from './modes.js'
import { replayLaws } from './replay.js'
import { checkLinear, reverseLaws } from './reverse.js'
import { checkWavefront, sweepLaws } from './sweep.js'

/**
 * How to verify; a fixed seed and 200 samples of each law unless given.
 *
 * @category model
 * @since 0.1.0
 */
export interface VerifyOptions {
  readonly seed?: number
  readonly numRuns?: number
}

const defaults = ({ seed = 1, numRuns = 200 }: VerifyOptions): RunOptions => ({ seed, numRuns })

/** The laws that have a part for each primitive. */
const rowLaws: ReadonlyArray<Law> = [
  ...replayLaws.filter(({ id }) => id === 'L16' || id === 'L17'),
  ...reverseLaws.filter(({ id }) => id === 'L21'),
  ...modesLaws,
  ...sweepLaws.filter(({ id }) => id === 'L30' || id === 'L38'),
  ...higherLaws.filter(({ id }) => id === 'L47'),
  ...batchingLaws,
]

/**
 * Runs the laws of one row: that its kernel is deterministic and extends float64, that its pullback is linear, that
 * reverse, forward, dual numbers, the complex step and differences agree, that it can be differentiated again, and that
 * batching is a loop. The row takes the place of the one of its name; `use` says how to use it where that is new.
 *
 * `numRuns` counts samples of a whole law; each primitive has its share of an eighth of them, so 200 are 25 here.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { isLeft, isRight } from 'fp-ts/lib/Either.js'
 * import { verifyPrimitive } from 'wengert/laws'
 * import { primitives } from 'wengert/primitive'
 *
 * assert.ok(verifyPrimitive(primitives.sin, { numRuns: 40 }).every(isRight))
 *
 * // the derivative of another row
 * const wrong = { ...primitives.cos, derivative: primitives.sin.derivative as typeof primitives.cos.derivative }
 * const failed = verifyPrimitive(wrong, { numRuns: 40 }).filter(isLeft)
 * assert.ok(failed.some(({ left }) => left.law === 'L31' && left.part === 'cos'))
 * ```
 *
 * @category verification
 * @since 0.1.0
 */
export const verifyPrimitive = <K extends PrimitiveName>(
  row: Primitive<K>,
  options: VerifyOptions & { readonly use?: Maker<K>; readonly subject?: Subject } = {},
): ReadonlyArray<Verdict> => {
  const subject = options.subject ?? library
  const table = { ...subject.calculus.table, [row.name]: row } as unknown as Table
  const tested: Subject = {
    ...subject,
    calculus: { ...subject.calculus, table },
    ...(options.use === undefined
      ? {}
      : { uses: { ...subject.uses, [row.name]: options.use } as NonNullable<Subject['uses']> }),
  }
  return rowLaws.map((one) => one.run(tested, { ...defaults(options), only: [row.name] }))
}

/** A rule at a point as a model of its real leaves; the others are constants. */
const ruleModel = <P extends Tree.VarTree, Y extends AnyVar>(
  subject: Subject,
  rule: CustomRule<P, Y>,
  point: Tree.TensorTree,
  primitive = false,
): Model => {
  const leaves = Tree.leaves<AnyTensor>(point)
  const moving = leaves.filter(({ dtype }) => dtype === 'real')
  const rebuilt = (xs: ReadonlyArray<AnyVar>): unknown => {
    let next = 0
    const all = leaves.map((leaf) => (leaf.dtype === 'real' ? xs[next++] : leaf))
    return must(Tree.unflatten<Tree.Tree<Tree.Leaf>, AnyVar | AnyTensor>(point, all), rule.name)
  }
  const f = primitive
    ? (p: never) => rule.f(p)
    : (p: never) => subject.operations.customRule<P, Y>(rule)(p) as Reverse<Y>
  return {
    label: rule.name,
    inputs: moving.map(({ shape }) => shape),
    point: moving.map(({ data }) => Array.from(data)),
    f: (xs) => map((y: AnyVar) => [y])(f(rebuilt(xs) as never)),
  }
}

/**
 * Runs the laws on a custom rule at points that an arbitrary draws: that its function is what it is without the rule, that
 * the rule is linear, that both its directions are adjoint, that it agrees with dual numbers, the complex step and
 * differences of the function itself, and that it can be differentiated again. A rule that is meant not to be the
 * derivative (a clipped or straight-through gradient) is to fail `rule modes`, and only what depends on it.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import * as fc from 'fast-check'
 * import { isLeft, isRight } from 'fp-ts/lib/Either.js'
 * import { type CustomRule, cos, mul, scalar, sin, type Var } from 'wengert'
 * import { verifyCustomRule } from 'wengert/laws'
 *
 * type X = Var<readonly []>
 * const rule: CustomRule<X, X> = { name: 'wave', f: (x) => sin(x), vjp: ({ x, ct }) => mul(ct, cos(x)) }
 * const points = fc.integer({ min: -64, max: 64 }).map((k) => scalar(k / 32))
 * assert.ok(verifyCustomRule(rule, points, { numRuns: 40 }).every(isRight))
 *
 * const wrong: CustomRule<X, X> = { ...rule, vjp: ({ x, ct }) => mul(ct, sin(x)) }
 * assert.ok(verifyCustomRule(wrong, points, { numRuns: 40 }).some(isLeft))
 * ```
 *
 * @category verification
 * @since 0.1.0
 */
export const verifyCustomRule = <P extends Tree.VarTree, Y extends AnyVar>(
  rule: CustomRule<P, Y>,
  points: fc.Arbitrary<Tree.TensorTree>,
  options: VerifyOptions & { readonly subject?: Subject } = {},
): ReadonlyArray<Verdict> => {
  const subject = options.subject ?? library
  const seedOf = (model: Model): number => bitsOf(...model.point.flat().map((x) => Math.round(x * 1024)))
  const about = (id: string, name: string, doc: string) => ({
    id,
    name,
    cls: 'N' as const,
    section: 'custom rules',
    doc,
  })
  const one = (id: string, name: string, doc: string, check: (model: Model, seed: number, tally: Tally) => void) =>
    law(about(id, name, doc), () => [
      part(rule.name, points, (point, tally) => {
        const model = ruleModel(subject, rule, point)
        check(model, seedOf(model), tally)
      }),
    ])
  const withDirections =
    (check: (sample: Directed, tally: Tally) => void) =>
    (model: Model, seed: number, tally: Tally): void =>
      check(directed(subject, model, seed), tally)
  const laws: ReadonlyArray<Law> = [
    law(about('rule value', 'value', 'the function with the rule has the values of the function'), () => [
      part(rule.name, points, (point, tally) => {
        const [ruled, plain] = [ruleModel(subject, rule, point), ruleModel(subject, rule, point, true)]
        const values = (model: Model) =>
          evaluator(subject, F64, recorded(subject, reals(model.inputs), model.f))(model.point).outputs.flat()
        identical('the value', values(ruled), values(plain), told(subject, plain))
        tally.informative()
      }),
    ]),
    one('rule linearity', 'linearity', 'the pullback is linear', checkLinear(subject)),
    one('rule adjoint', 'adjointness', 'pullback and pushforward are adjoint', withDirections(checkAdjoint(subject))),
    one('rule modes', 'the modes agree', 'the rule is the derivative', withDirections(checkModes(subject))),
    one('rule conservation', 'conservation', 'nothing is lost at the call', checkWavefront(subject)),
    one('rule second', 'second derivatives', 'the rule can be differentiated again', (model, seed, tally) =>
      checkHessian(subject)(model, cubed(model), seed, tally),
    ),
  ]
  return laws.map((each) => each.run(subject, defaults(options)))
}
