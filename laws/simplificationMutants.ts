/**
 * Broken on purpose, continued: simplifiers that believe what is nearly true, and that lose what they were given.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Context, passOf, type Rules } from '../src/compile/index.js'
import type { Attributes, PrimitiveName } from '../src/primitive/index.js'
import { inverse, pick } from '../src/primitive/indexing.js'
import { equals } from '../src/Shape.js'
import type { Instruction, Program } from '../src/Tape.js'
import type { AnyVar } from '../src/Var.js'
import type { Mutant } from './breaking.js'
import type { Operations, Subject } from './Law.js'

const operating = (kind: string, doc: string, change: (operations: Operations) => Partial<Operations>): Mutant => ({
  kind,
  doc,
  apply: (subject: Subject) => ({
    ...subject,
    operations: { ...subject.operations, ...change(subject.operations) },
  }),
})

/** First the mistake, then what the pass does. */
const after =
  (wrong: Operations['simplify'], right: Operations['simplify']): Operations['simplify'] =>
  (options) =>
  (program) =>
    E.chain(right(options))(wrong(options)(program))

/** Rules that are wrong, in one of the passes and in all of them together. */
const believing = (kind: string, doc: string, pass: keyof Operations['passes'], rules: Rules): Mutant =>
  operating(kind, doc, ({ simplify, passes }) => {
    const wrong = passOf(rules)
    return { simplify: after(wrong, simplify), passes: { ...passes, [pass]: after(wrong, passes[pass]) } }
  })

const isZero = (cx: Context, x: Instruction): boolean => cx.uniform(x) === 0

const attributesOf = <K extends PrimitiveName>(x: Instruction): Attributes[K] => x.attributes as Attributes[K]

/** What has been recorded, by name, operands and shape alone; `null` while it is being recorded. */
const seen = new WeakMap<Context, Map<string, AnyVar | null>>()

const FORGETFUL = ['sum', 'flip', 'cumsum', 'pad', 'slice', 'permute'] as const

const forgetful = Object.fromEntries(
  FORGETFUL.map((name) => [
    name,
    [
      (cx: Context, xs: ReadonlyArray<Instruction>, attributes: never) => {
        const spec = cx.table[name].spec(xs, attributes)
        if (E.isLeft(spec)) return null
        const known = seen.get(cx) ?? new Map<string, AnyVar | null>()
        seen.set(cx, known)
        const key = `${name} ${xs.map(({ id }) => id)} ${spec.right.shape}`
        const before = known.get(key)
        if (before !== undefined) return before
        known.set(key, null)
        const y = cx.v.emit(name, xs, attributes)
        known.set(key, y)
        return y
      },
    ],
  ]),
) as Rules

/**
 * Mistakes in simplification.
 *
 * @category mutants
 * @since 0.1.0
 */
export const simplificationMutants: ReadonlyArray<Mutant> = [
  believing('anything times zero', 'x * 0 = 0, also for infinity and NaN', 'arithmetic', {
    mul: [(cx, [x, y]) => (x.dtype === 'real' && isZero(cx, y) ? y : null)],
  }),
  believing('zero added', 'x + 0 = x, also for -0', 'arithmetic', {
    add: [(cx, [x, y]) => (isZero(cx, y) ? x : null)],
  }),
  believing('less itself', 'x - x = 0, also for infinity', 'arithmetic', {
    sub: [(cx, [x, y]) => (x === y ? cx.v.like(x, 0) : null)],
  }),
  believing('negated difference', '-(x - y) = y - x, also for x = y', 'arithmetic', {
    neg: [(cx, [x]) => (x.primitive === 'sub' ? cx.v.sub(cx.operands(x)[1], cx.operands(x)[0]) : null)],
  }),
  believing('divided by its inverse', 'x / c = x * (1 / c), also where 1 / c is rounded', 'arithmetic', {
    div: [
      (cx, [x, y]) => {
        const divisor = cx.uniform(y)
        return divisor === null ? null : cx.v.mul(x, cx.v.like(y, 1 / divisor))
      },
    ],
  }),
  believing('not less is at least', 'not (x < y) = x >= y, also for NaN', 'arithmetic', {
    not: [(cx, [x]) => (x.primitive === 'lt' ? cx.v.le(cx.operands(x)[1], cx.operands(x)[0]) : null)],
  }),
  believing('reassociated', '(x + y) + z = x + (y + z)', 'arithmetic', {
    add: [
      (cx, [x, y]) => {
        const [a, b] = cx.operands(x)
        return x.primitive === 'add' ? cx.v.add(a, cx.v.add(b, y)) : null
      },
    ],
  }),
  believing('extremes commute', 'max(x, y) = max(y, x), also for 0 and -0', 'commonSubexpressions', {
    max: [(cx, [x, y]) => (x.id > y.id ? cx.v.max(y, x) : null)],
    min: [(cx, [x, y]) => (x.id > y.id ? cx.v.min(y, x) : null)],
  }),
  believing('differences commute', 'x - y in the order of the tape', 'commonSubexpressions', {
    sub: [(cx, [x, y]) => (x.id > y.id ? cx.v.sub(y, x) : null)],
  }),
  believing(
    'attributes forgotten',
    'equal operands and equal shapes are taken for equal instructions',
    'commonSubexpressions',
    forgetful,
  ),
  believing('branches swapped', 'a choice by a negation keeps its branches', 'arithmetic', {
    select: [(cx, [c, x, y]) => (c.primitive === 'not' ? cx.v.select(cx.operands(c)[0], x, y) : null)],
  }),
  believing('through float32', 'an integer survives its conversion to float32', 'arithmetic', {
    convert: [
      (cx, [x], { dtype }) =>
        x.primitive === 'convert' && x.dtype === 'real' ? cx.v.convert(cx.operands(x)[0], dtype) : null,
    ],
  }),
  believing('order not inverted', 'the permutation of an operand is folded the wrong way round', 'contractions', {
    contract: [
      (cx, [x, w], { contract, batch }) => {
        if (x.primitive !== 'permute') return null
        const [inner] = cx.operands(x)
        const order = inverse(attributesOf<'permute'>(x).order)
        return equals(pick(inner.shape, inverse(order)), pick(inner.shape, order))
          ? cx.v.emit('contract', [inner, w], {
              contract: [pick(order, contract[0]), contract[1]],
              batch: [pick(order, batch[0]), batch[1]],
            })
          : null
      },
    ],
  }),
  believing('sum of one', 'a sum over a dimension of 1 is its operand, dimension and all', 'layout', {
    sum: [(_, [x], { axes }) => (axes.length > 0 && axes.every((axis) => x.shape[axis] === 1) ? x : null)],
  }),
  believing('slice past padding', 'a slice of what is padded forgets where the padding ended', 'layout', {
    slice: [
      (cx, [x], a) =>
        x.primitive === 'pad' &&
        equals(
          cx.operands(x)[0].shape,
          x.shape.map((_, d) => a.stop[d] - a.start[d]),
        )
          ? cx.operands(x)[0]
          : null,
    ],
  }),
  believing('sums regrouped', 'a sum of a sum is one sum', 'layout', {
    sum: [
      (cx, [x], { axes }) =>
        x.primitive === 'sum' && axes.length === x.shape.length
          ? cx.v.sum(
              cx.operands(x)[0],
              cx.operands(x)[0].shape.map((_, d) => d),
            )
          : null,
    ],
  }),
  believing('statements forgotten', 'what a peek states is dropped', 'deadCode', { peek: [(_, [x]) => x] }),
  operating('folded in float64', 'constants are computed in float64, whatever runs later', ({ simplify, passes }) => ({
    simplify: (options) => simplify({ ...options, scalar: 'f64' }),
    passes: { ...passes, constants: (options) => passes.constants({ ...options, scalar: 'f64' }) },
  })),
  operating('meaning is inlined', 'rules of their own and stopped gradients are dropped unasked', ({ simplify }) => ({
    simplify: (options) => simplify({ ...options, inline: 'all', drop: ['stopGradient'] }),
  })),
  operating('unused inputs go', 'inputs that nothing needs are dropped', ({ simplify }) => ({
    simplify: (options) => (program) =>
      E.map((simple: Program) => ({ ...simple, inputs: (simple.inputs as ReadonlyArray<AnyVar>).slice(0, 1) }))(
        simplify(options)(program),
      ) as never,
  })),
  operating('once round', 'each pass has one turn, whatever the others leave it', ({ passes }) => ({
    simplify: Object.values(passes).reduce((all, pass) => after(pass, all)),
  })),
  operating('a branch too many', 'a sum is written as a choice between two equal sums', ({ simplify }) => ({
    simplify: after(
      simplify,
      passOf({
        add: [
          (cx, [x, y]) =>
            x.dtype === 'real' && x.id < y.id ? cx.v.select(cx.v.lt(x, y), cx.v.add(y, x), cx.v.add(y, x)) : null,
        ],
      }),
    ),
  })),
  operating('no normal form', 'commutative operands stay as they were written', ({ passes }) => ({
    passes: { ...passes, commonSubexpressions: passes.deadCode },
  })),
  operating('negation by multiplication', 'the result is put in a longer form', ({ simplify }) => ({
    simplify: after(
      simplify,
      passOf({ sub: [(cx, [x, y]) => (x.dtype === 'real' ? cx.v.add(x, cx.v.neg(y)) : null)] }),
    ),
  })),
]
