/**
 * Sums of products in index notation (A. Einstein, 1916; the grammar is NumPy's).
 *
 * `'bij,bjk->bik'` has a term of indices for each operand, one letter per dimension, and a term for the result. Indices of
 * the result are kept, the others are summed. An index that a term repeats takes the diagonal. `...` stands for any number
 * of dimensions, aligned at the last one and broadcast. Without `->` the result has the indices that occur once, in
 * alphabetical order, after the dimensions of `...`.
 *
 * Lowering: each operand is reduced to its own indices that others or the result need (diagonals, then sums); then the
 * operands are multiplied from left to right, each product one contraction that keeps what is still needed.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Failure } from '../Failure.js'
import type { Vocabulary } from '../primitive/Primitive.js'
import type { AnyOperand, Operand, Reverse } from '../Reverse.js'
import { type Shape, show } from '../Shape.js'
import type { Check, DimEq, IsDynamic, IsOpen, Ok, ShapeError, Show } from '../shape/types.js'
import type { AnyVar, Var } from '../Var.js'
import { body, refuse } from './record.js'

// ------------------------------------------------------------------------------------------------------- types

type Letters<T extends string> = T extends `${infer C}${infer R}`
  ? C extends ' '
    ? Letters<R>
    : readonly [C, ...Letters<R>]
  : readonly []

type Terms<T extends string> = T extends `${infer F},${infer R}`
  ? readonly [Letters<F>, ...Terms<R>]
  : readonly [Letters<T>]

/** The lengths of the indices of one term, joined to those already known; an error where one differs. */
type Bound<T extends ReadonlyArray<string>, S extends Shape, M> = T extends readonly [
  infer C extends string,
  ...infer R extends ReadonlyArray<string>,
]
  ? S extends readonly [infer N extends number, ...infer U extends Shape]
    ? C extends keyof M
      ? M[C] extends infer L extends number
        ? DimEq<L, N> extends true
          ? Bound<R, U, IsDynamic<L> extends true ? Omit<M, C> & { readonly [K in C]: N } : M>
          : ShapeError<`index ${C} is both ${L} and ${N}`>
        : never
      : Bound<R, U, M & { readonly [K in C]: N }>
    : M
  : M

type Lengths<
  Ts extends ReadonlyArray<ReadonlyArray<string>>,
  Ss extends ReadonlyArray<Shape>,
  M,
> = Ts extends readonly [infer T extends ReadonlyArray<string>, ...infer R extends ReadonlyArray<ReadonlyArray<string>>]
  ? Ss extends readonly [infer S extends Shape, ...infer U extends ReadonlyArray<Shape>]
    ? IsOpen<S> extends true
      ? Lengths<R, U, M>
      : T['length'] extends S['length']
        ? Bound<T, S, M> extends infer B
          ? B extends ShapeError<string>
            ? B
            : Lengths<R, U, B>
          : never
        : ShapeError<`the term of ${T['length']} indices does not fit the shape ${Show<S>}`>
    : M
  : M

type Looked<T extends ReadonlyArray<string>, M> = {
  readonly [I in keyof T]: T[I] extends keyof M ? (M[T[I]] extends number ? M[T[I]] : number) : number
}

/** An index of the result that no term has; `never` where all are known. */
type Unknown<T extends ReadonlyArray<string>, Ts extends ReadonlyArray<ReadonlyArray<string>>> = Exclude<
  T[number],
  Ts[number][number]
>

/**
 * The shape of an einsum, or what is wrong with it. Any shape for notation that the types do not read: `...`, or no `->`.
 *
 * @category types
 * @since 0.1.0
 */
export type Einsum<N extends string, Ss extends ReadonlyArray<Shape>> = string extends N
  ? Shape
  : IsDynamic<Ss['length'] & number> extends true
    ? Shape
    : N extends `${string}...${string}`
      ? Shape
      : N extends `${infer L}->${infer O}`
        ? Terms<L>['length'] extends Ss['length']
          ? [Unknown<Letters<O>, Terms<L>>] extends [never]
            ? Lengths<Terms<L>, Ss, unknown> extends infer M
              ? M extends ShapeError<string>
                ? M
                : Looked<Letters<O>, M>
              : never
            : ShapeError<`no operand has the index ${Unknown<Letters<O>, Terms<L>>} of the result`>
          : ShapeError<`${Terms<L>['length']} terms for ${Ss['length']} operands`>
        : Shape

// ----------------------------------------------------------------------------------------------------- grammar

/** Indices: letters, and `.0`, `.1`, ... for the dimensions of an ellipsis, counted from the last one. */
type Indices = ReadonlyArray<string>

interface Notation {
  readonly terms: ReadonlyArray<Indices>
  readonly result: Indices
}

const ELLIPSIS = '...'

/** `ab...c` as `['a', 'b', '...', 'c']`; null where it is no term. */
const lettersOf = (term: string): Indices | null => {
  if (!/^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(term)) return null
  const [before, after] = term.split(ELLIPSIS)
  return after === undefined ? [...before] : [...before, ELLIPSIS, ...after]
}

const unfolded = (letters: Indices, rank: number): Indices =>
  letters.flatMap((c) => (c === ELLIPSIS ? Array.from({ length: rank }, (_, i) => `.${rank - 1 - i}`) : [c]))

const once = (letters: Indices): Indices =>
  letters.filter((c, i) => letters.indexOf(c) === i && letters.lastIndexOf(c) === i)

const parse = (notation: string, xs: ReadonlyArray<AnyVar>): E.Either<Failure, Notation> => {
  const no = (sentence: string) => refuse('einsum', 'InvalidArgument', `${sentence} in '${notation}'`, xs)
  const [left, right, ...more] = notation.replaceAll(' ', '').split('->')
  if (more.length > 0) return no("'->' stands more than once")
  const written = left.split(',')
  if (written.length !== xs.length) return no(`${written.length} terms for ${xs.length} operands`)
  const letters: Array<Indices> = []
  for (const term of written) {
    const parsed = lettersOf(term)
    if (parsed === null) return no(`the term '${term}' is not made of letters and one '...'`)
    letters.push(parsed)
  }
  let extra = 0
  for (let i = 0; i < xs.length; i++) {
    const own = letters[i].filter((c) => c !== ELLIPSIS).length
    const rank = xs[i].shape.length
    const open = own < letters[i].length
    if (open ? own > rank : own !== rank)
      return refuse(
        'einsum',
        'ShapeMismatch',
        `the term of ${own} indices does not fit the shape ${show(xs[i].shape)}: '${written[i]}' in '${notation}'`,
        xs,
      )
    if (open) extra = Math.max(extra, rank - own)
  }
  const any = letters.some((term) => term.includes(ELLIPSIS))
  const all = letters.flat().filter((c) => c !== ELLIPSIS)
  const wanted = right === undefined ? [...(any ? [ELLIPSIS] : []), ...once(all).toSorted()] : lettersOf(right)
  if (wanted === null) return no(`the result '${right}' is not made of letters and one '...'`)
  if (wanted.includes(ELLIPSIS) !== any && (extra > 0 || !any))
    return no(any ? "the result must have the '...' of the operands" : "no operand has the '...' of the result")
  for (const c of wanted) {
    if (c !== ELLIPSIS && !all.includes(c)) return no(`no operand has the index ${c} of the result`)
    if (wanted.indexOf(c) !== wanted.lastIndexOf(c)) return no(`the result repeats the index ${c}`)
  }
  return E.right({
    terms: letters.map((term, i) => unfolded(term, xs[i].shape.length - term.filter((c) => c !== ELLIPSIS).length)),
    result: unfolded(wanted, extra),
  })
}

/** The length of every index; those of an ellipsis may be 1 where others are longer. */
const lengths = ({ terms }: Notation, xs: ReadonlyArray<AnyVar>): E.Either<Failure, ReadonlyMap<string, number>> => {
  const out = new Map<string, number>()
  for (let i = 0; i < terms.length; i++)
    for (const [d, c] of terms[i].entries()) {
      const n = xs[i].shape[d]
      const known = out.get(c)
      const stretches = c.startsWith('.') && (known === 1 || n === 1)
      if (known !== undefined && known !== n && !stretches)
        return refuse(
          'einsum',
          'ShapeMismatch',
          c.startsWith('.')
            ? `the dimensions of '...' do not broadcast: ${known} and ${n} differ and neither is 1`
            : `index ${c} is both ${known} and ${n}`,
          xs,
        )
      if (known === undefined || known === 1) out.set(c, n)
    }
  return E.right(out)
}

// ---------------------------------------------------------------------------------------------------- lowering

/** A value and the indices of its dimensions, each once. */
interface Term {
  readonly x: AnyVar
  readonly indices: Indices
}

/** Two equal indices become one: the square `[..., n, n]` laid out flat has its diagonal at every `n + 1`-th place. */
const diagonal = (v: Vocabulary, { x, indices }: Term): Term => {
  const p = indices.findIndex((c, i) => indices.indexOf(c, i + 1) > i)
  if (p < 0) return { x, indices }
  const q = indices.indexOf(indices[p], p + 1)
  const n = x.shape[p]
  const rest = indices.map((_, d) => d).filter((d) => d !== p && d !== q)
  const lead = rest.map((d) => x.shape[d])
  const flat = v.reshape(v.permute(x, [...rest, p, q]), [...lead, n * n])
  const taken = v.emit('slice', [flat], {
    start: [...lead.map(() => 0), 0],
    stop: [...lead, n * n],
    stride: [...lead.map(() => 1), n + 1],
  })
  return diagonal(v, { x: taken, indices: [...rest.map((d) => indices[d]), indices[p]] })
}

/** Drops the dimensions of 1 that broadcast: other operands have that index. */
const unstretched = (v: Vocabulary, { x, indices }: Term, all: ReadonlyMap<string, number>): Term => {
  const kept = indices.map((_, d) => d).filter((d) => x.shape[d] === all.get(indices[d]))
  return kept.length === indices.length
    ? { x, indices }
    : {
        x: v.reshape(
          x,
          kept.map((d) => x.shape[d]),
        ),
        indices: kept.map((d) => indices[d]),
      }
}

/** Sums over what nobody else needs. */
const summed = (v: Vocabulary, { x, indices }: Term, needed: (c: string) => boolean): Term => ({
  x: v.sum(
    x,
    indices.map((_, d) => d).filter((d) => !needed(indices[d])),
  ),
  indices: indices.filter(needed),
})

const multiplied = (v: Vocabulary, a: Term, b: Term, needed: (c: string) => boolean): Term => {
  const shared = a.indices.filter((c) => b.indices.includes(c))
  const kept = shared.filter(needed)
  const gone = shared.filter((c) => !needed(c))
  const at = (side: Term, indices: Indices) => indices.map((c) => side.indices.indexOf(c))
  return {
    x: v.emit('contract', [a.x, b.x], { contract: [at(a, gone), at(b, gone)], batch: [at(a, kept), at(b, kept)] }),
    indices: [
      ...kept,
      ...a.indices.filter((c) => !shared.includes(c)),
      ...b.indices.filter((c) => !shared.includes(c)),
    ],
  }
}

/**
 * A sum of products in index notation.
 *
 * Fails with `InvalidArgument` on notation that cannot be read: another number of terms than operands, other characters
 * than letters, an index of the result that no term has or that is repeated there; and with `ShapeMismatch` when a term has
 * not as many indices as its operand dimensions, or an index two lengths.
 *
 * @example
 * ```ts
 * import assert from 'node:assert'
 * import { einsum, run, tensor, type Var } from 'wengert'
 *
 * const a = tensor([[1, 2], [3, 4]])
 * const of = (f: (x: Var<readonly [2, 2]>) => ReturnType<typeof einsum>) => run(f)(a)
 * assert.deepStrictEqual(of((x) => einsum('ij,jk->ik', x, x)), { _tag: 'Right', right: tensor([[7, 10], [15, 22]]) })
 * assert.deepStrictEqual(of((x) => einsum('ii->i', x)), { _tag: 'Right', right: tensor([1, 4]) })
 * assert.deepStrictEqual(of((x) => einsum('ij->j', x)), { _tag: 'Right', right: tensor([4, 6]) })
 * ```
 *
 * @category products
 * @since 0.1.0
 */
export const einsum = <const N extends string, Ss extends ReadonlyArray<Shape>>(
  notation: N & Check<Einsum<N, Ss>>,
  ...operands: { readonly [I in keyof Ss]: Operand<Ss[I]> }
): Reverse<Var<Ok<Einsum<N, Ss>>>> =>
  body(operands as ReadonlyArray<AnyOperand>, (v, xs) => {
    const parsed = parse(String(notation), xs)
    if (E.isLeft(parsed)) return parsed
    const all = lengths(parsed.right, xs)
    if (E.isLeft(all)) return all
    const { result } = parsed.right
    const terms = parsed.right.terms.map((indices, i) => unstretched(v, diagonal(v, { x: xs[i], indices }), all.right))
    const neededBeside = (i: number) => (c: string) =>
      result.includes(c) || terms.some((term, k) => k !== i && term.indices.includes(c))
    const [first, ...others] = terms.map((term, i) => summed(v, term, neededBeside(i)))
    const product = others.reduce(
      (a, b, i) =>
        multiplied(v, a, b, (c) => result.includes(c) || others.slice(i + 1).some((t) => t.indices.includes(c))),
      first,
    )
    return E.right(
      v.permute(
        product.x,
        result.map((c) => product.indices.indexOf(c)),
      ),
    )
  }) as never
