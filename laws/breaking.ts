/**
 * How mistakes are put into a calculus.
 *
 * @since 0.1.0
 */
import type { Calculus, Derivative, Primitive, PrimitiveName, Table, Vocabulary } from '../src/primitive/index.js'
import { size } from '../src/Shape.js'
import type { AnyVar } from '../src/Var.js'
import type { Subject } from './Law.js'

/**
 * A way to break a row: a row without the mistake's occasion is left as it is (`null`).
 *
 * @category model
 * @since 0.1.0
 */
export type Break = (row: Primitive, operand: number | null) => Primitive | null

/**
 * A kind of mistake.
 *
 * @category model
 * @since 0.1.0
 */
export interface Mutant {
  readonly kind: string
  readonly doc: string
  /** the subject with this mistake wherever it fits, or in some rows or one operand only */
  readonly apply: (
    subject: Subject,
    where?: { readonly primitive: PrimitiveName; readonly operand?: number },
  ) => Subject
}

type Pull = Derivative['pull']

/**
 * Changes what a row contributes to an operand (to any, if `null`), given the right contribution.
 *
 * @category constructors
 * @since 0.1.0
 */
export const contribution =
  (
    change: (
      v: Vocabulary,
      value: AnyVar | null,
      at: {
        readonly ct: AnyVar
        readonly k: number
        readonly xs: ReadonlyArray<AnyVar>
        readonly y: AnyVar
        readonly again: Pull
      },
    ) => AnyVar | null,
    forward: ((v: Vocabulary, tangent: AnyVar) => AnyVar | null) | null,
    fits: (row: Primitive) => boolean = () => true,
  ): Break =>
  (row, operand) => {
    const { derivative } = row
    if (derivative === null || !fits(row)) return null
    return {
      ...row,
      derivative: {
        pull: (v, ct, k, xs, y, a) => {
          const value = derivative.pull(v, ct, k, xs, y, a)
          if (operand !== null && operand !== k) return value
          return change(v, value, {
            ct,
            k,
            xs,
            y,
            again: (v2, c2, k2, xs2, y2, a2) => derivative.pull(v2, c2, k2, xs2, y2, a2 ?? a),
          })
        },
        push: (v, dxs, xs, y, a) => {
          if (forward === null) return derivative.push(v, dxs, xs, y, a)
          // linear in the tangents: the part of the operand that is meant is changed, the rest is not
          const mine = (k: number): boolean => operand === null || k === operand
          const part = (keep: (k: number) => boolean): AnyVar | null =>
            dxs.some((dx, k) => dx !== null && keep(k))
              ? derivative.push(
                  v,
                  dxs.map((dx, k) => (keep(k) ? dx : null)),
                  xs,
                  y,
                  a,
                )
              : null
          const right = part((k) => !mine(k))
          const wrong = part(mine)
          const changed = wrong === null ? null : forward(v, wrong)
          return right === null ? changed : changed === null ? right : v.add(right, changed)
        },
      },
    }
  }

/**
 * A value times a number.
 *
 * @category words
 * @since 0.1.0
 */
export const scaledBy =
  (factor: number) =>
  (v: Vocabulary, x: AnyVar): AnyVar =>
    v.mul(x, v.like(x, factor))

/**
 * Where there is a value.
 *
 * @category words
 * @since 0.1.0
 */
export const some =
  (f: (v: Vocabulary, x: AnyVar) => AnyVar) =>
  (v: Vocabulary, x: AnyVar | null): AnyVar | null =>
    x === null ? null : f(v, x)

/**
 * The numbers of an array one place further, the last at the front.
 *
 * @category words
 * @since 0.1.0
 */
export const rolled = (v: Vocabulary, x: AnyVar): AnyVar => {
  const n = size(x.shape)
  if (n < 2) return x
  const flat = v.reshape(x, [n])
  const cut = (start: number, stop: number): AnyVar =>
    v.emit('slice', [flat], { start: [start], stop: [stop], stride: [1] })
  return v.reshape(v.emit('concat', [cut(n - 1, n), cut(0, n - 1)], { axis: 0 }), x.shape)
}

/**
 * The numbers of an array in the order of its transpose.
 *
 * @category words
 * @since 0.1.0
 */
export const transposed = (v: Vocabulary, x: AnyVar): AnyVar =>
  x.shape.length < 2
    ? x
    : v.reshape(
        v.permute(
          x,
          x.shape.map((_, d) => x.shape.length - 1 - d),
        ),
        x.shape,
      )

/**
 * A mutant of rows.
 *
 * @category constructors
 * @since 0.1.0
 */
export const applying =
  (breaks: Break): Mutant['apply'] =>
  (subject, where) => {
    const table: Record<string, unknown> = { ...subject.calculus.table }
    for (const name of Object.keys(table) as ReadonlyArray<PrimitiveName>) {
      if (where !== undefined && where.primitive !== name) continue
      const broken = breaks(table[name] as Primitive, where?.operand ?? null)
      if (broken !== null) table[name] = broken
    }
    return { ...subject, calculus: { ...subject.calculus, table: table as unknown as Table } }
  }

/**
 * A mutant of the calculus as a whole.
 *
 * @category constructors
 * @since 0.1.0
 */
export const inCalculus =
  (change: (calculus: Calculus) => Calculus): Mutant['apply'] =>
  (subject) => ({ ...subject, calculus: change(subject.calculus) })

/**
 * These rows.
 *
 * @category rows
 * @since 0.1.0
 */
export const named =
  (...names: ReadonlyArray<PrimitiveName>) =>
  (row: Primitive): boolean =>
    names.includes(row.name)

/**
 * Pointwise rows.
 *
 * @category rows
 * @since 0.1.0
 */
export const pointwise = (row: Primitive): boolean => row.family === 'pointwise'
