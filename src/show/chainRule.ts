/**
 * The chain rule, read off the tape: for every parameter the products of factors along every path from the result to it,
 * which factors several parameters share, and how much work it saves to compute each once, as the reverse sweep does.
 *
 * Where a program names values (`named`), the chains run through these alone, so that a chain reads as in a textbook;
 * where it names none, through every instruction.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Failure, fail } from '../Failure.js'
import { needed } from '../primitive/evaluate.js'
import type { Primitive, PrimitiveName } from '../primitive/Primitive.js'
import { primitives } from '../primitive/table.js'
import type { Instruction, Program } from '../Tape.js'
import { flatten, leaves } from '../Tree.js'
import type { AnyVar } from '../Var.js'
import { rootsOf } from './graph.js'
import { namesOf, visible } from './names.js'

/**
 * The derivative of the result with respect to one parameter: a sum over paths of products of factors, from the result to
 * the parameter, each written `dloss/dlinear2`.
 *
 * @category model
 * @since 0.1.0
 */
export interface Chains {
  readonly path: string
  /** the first of the paths */
  readonly products: ReadonlyArray<ReadonlyArray<string>>
  /** how many paths there are */
  readonly paths: number
}

/**
 * @category model
 * @since 0.1.0
 */
export interface ChainRule {
  readonly result: string
  readonly parameters: ReadonlyArray<Chains>
  /** every factor once, with the parameters whose chains have it */
  readonly factors: ReadonlyArray<{ readonly name: string; readonly parameters: ReadonlyArray<string> }>
  /** factors to compute when every path is multiplied out by itself */
  readonly separate: number
}

const PRODUCTS = 20
const MOST_NODES = 5000

/**
 * The chain rule of a program that gives one real scalar, with respect to its real inputs, or to those at the
 * paths `wrt`. At most `products` paths of a
 * parameter are written out (20); all are counted.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import * as E from 'fp-ts/lib/Either.js'
 * import { add, mul, named, record, sigmoid, spec, type Var } from 'wengert'
 * import { chainRule } from 'wengert/show'
 *
 * type P = { readonly k: Var<readonly []>; readonly b: Var<readonly []> }
 * const f = ({ k, b }: P) => named('out')(sigmoid(named('linear')(add(mul(k, 3), b))))
 * const rule = E.chain(chainRule())(record(f)({ k: spec([]), b: spec([]) }))
 * assert(E.isRight(rule))
 * assert.deepStrictEqual(rule.right.parameters[1].products, [['dout/dlinear', 'dlinear/dk']])
 * assert.deepStrictEqual(rule.right.factors[0], { name: 'dout/dlinear', parameters: ['b', 'k'] })
 * assert.deepStrictEqual([rule.right.separate, rule.right.factors.length], [4, 3])
 * ```
 *
 * @category chain rule
 * @since 0.1.0
 */
export const chainRule =
  ({ wrt, products = PRODUCTS }: { readonly wrt?: ReadonlyArray<string>; readonly products?: number } = {}) =>
  (program: Program): E.Either<Failure, ChainRule> => {
    const results = leaves<AnyVar>(program.outputs)
    if (results.length !== 1 || results[0].dtype !== 'real' || results[0].shape.length !== 0)
      return fail('NotScalar', 'chainRule: the program must give one real scalar; take its sum or mean', {
        operation: 'chainRule',
      })
    const all = needed(program)
    if (all.length > MOST_NODES)
      return fail('TooLarge', `chainRule: the program has ${all.length} instructions, more than ${MOST_NODES}`, {
        operation: 'chainRule',
      })
    const root = rootsOf(program)
    const names = namesOf(program.tape, root)
    const result = root(results[0].id)
    const real = flatten<AnyVar>(program.inputs).filter(({ leaf }) => leaf.dtype === 'real')
    const unknown = wrt?.find((path) => !real.some((e) => e.path === path))
    if (unknown !== undefined)
      return fail(
        'InvalidArgument',
        `chainRule: there is no real input ${unknown}; there are ${real.map((e) => e.path).join(', ')}`,
        { operation: 'chainRule', path: unknown },
      )
    const inputs = real.filter(({ path }) => wrt === undefined || wrt.includes(path))
    const below = activeOperands(
      all,
      root,
      inputs.map(({ leaf }) => leaf.id),
    )
    const labelled = new Set(
      all.filter(({ primitive, id }) => primitive === 'label' && root(id) !== result).map(({ id }) => root(id)),
    )
    const kept = (id: number): boolean => labelled.size === 0 || labelled.has(id) || below.get(id)?.length === 0
    const next = contracted(below, kept)

    const title = (id: number): string => visible(id === result && names(id).startsWith('%') ? 'result' : names(id))
    const factor = (a: number, b: number): string => `d${title(a)}/d${title(b)}`
    /** from the result down, in the order of the tape read backwards */
    const reached = new Set([result])
    const edges: Array<readonly [number, number]> = []
    for (const id of [...below.keys()].sort((a, b) => b - a)) {
      if (!reached.has(id)) continue
      for (const k of next(id)) {
        edges.push([id, k])
        reached.add(k)
      }
    }
    /** paths from a node to each input below it, and the sum of their lengths */
    const counts = new Map<number, ReadonlyMap<number, readonly [paths: number, factors: number]>>()
    for (const id of [...reached].sort((a, b) => a - b)) {
      if (below.get(id)?.length === 0) {
        counts.set(id, new Map([[id, [1, 0]]]))
        continue
      }
      const own = new Map<number, readonly [number, number]>()
      for (const k of next(id))
        for (const [input, [paths, factors]] of counts.get(k) ?? []) {
          const [p, f] = own.get(input) ?? [0, 0]
          own.set(input, [p + paths, f + factors + paths])
        }
      counts.set(id, own)
    }
    const at = counts.get(result) ?? new Map<number, readonly [number, number]>()
    const paths = new Map(inputs.map(({ path, leaf }) => [leaf.id, path || 'the input']))
    const walk = (to: number): ReadonlyArray<ReadonlyArray<string>> => {
      const out: Array<ReadonlyArray<string>> = []
      const down = (id: number, taken: ReadonlyArray<string>): void => {
        if (out.length >= products) return
        if (id === to) out.push(taken)
        else for (const k of next(id)) if (counts.get(k)?.has(to) === true) down(k, [...taken, factor(id, k)])
      }
      down(result, [])
      return out
    }
    return E.right({
      result: title(result),
      parameters: inputs.map(({ path, leaf }) => ({
        path,
        products: at.has(leaf.id) ? walk(leaf.id) : [],
        paths: at.get(leaf.id)?.[0] ?? 0,
      })),
      factors: edges.map(([a, b]) => ({
        name: factor(a, b),
        parameters: [...(counts.get(b)?.keys() ?? [])].map((id) => paths.get(id) as string).sort(),
      })),
      separate: [...at.values()].reduce((n, [, factors]) => n + factors, 0),
    })
  }

/** The operands through which a value depends on the inputs, once each; none for an input. */
const activeOperands = (
  all: ReadonlyArray<Instruction>,
  root: (id: number) => number,
  inputs: ReadonlyArray<number>,
): ReadonlyMap<number, ReadonlyArray<number>> => {
  const below = new Map<number, ReadonlyArray<number>>(inputs.map((id) => [id, []]))
  for (const { id, primitive, dtype, operands } of all) {
    const { derivative } = primitives[primitive as PrimitiveName] as Primitive
    if (below.has(id) || root(id) !== id || dtype !== 'real' || (derivative === null && primitive !== 'call')) continue
    const moving = [...new Set(operands.map(root))].filter((k) => below.has(k))
    if (moving.length > 0) below.set(id, moving)
  }
  return below
}

/** The kept nodes next below each, through any others. */
const contracted = (
  below: ReadonlyMap<number, ReadonlyArray<number>>,
  kept: (id: number) => boolean,
): ((id: number) => ReadonlyArray<number>) => {
  const found = new Map<number, ReadonlyArray<number>>()
  for (const [id, operands] of [...below].sort(([a], [b]) => a - b))
    found.set(id, [...new Set(operands.flatMap((k) => (kept(k) ? [k] : (found.get(k) ?? []))))])
  return (id) => found.get(id) ?? []
}

const plural = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`

/**
 * The chain rule as text: the chains of one parameter, or of all; then the factors that are shared, and what sharing saves.
 *
 * @category chain rule
 * @since 0.1.0
 */
export const showChainRule = ({ result, parameters, factors, separate }: ChainRule, path?: string): string => {
  const chain = ({ path: name, products, paths }: Chains): ReadonlyArray<string> => {
    const head = `d${result}/d${name || 'input'} = `
    const lines = products.map((p) => p.join(' * ') || '1')
    const more = paths > products.length ? [`... ${paths - products.length} more paths`] : []
    const all = [...lines, ...more]
    return all.length === 0
      ? [`${head}0`]
      : all.map((line, i) => (i === 0 ? head + line : `${' '.repeat(head.length - 2)}+ ${line}`))
  }
  const shared = factors.filter((f) => f.parameters.length > 1)
  return [
    ...parameters.filter((p) => path === undefined || p.path === path).flatMap(chain),
    '',
    ...(shared.length === 0 ? ['no factor is shared'] : ['shared factors']),
    ...shared.map((f) => `  ${f.name}: in the chains of ${f.parameters.join(', ')}`),
    '',
    `${plural(factors.length, 'factor')}, each computed once, instead of ${separate} when every path is multiplied out by itself`,
    '',
  ].join('\n')
}
