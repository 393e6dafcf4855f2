/**
 * Broken on purpose: rules and sweeps with the mistakes that people make. A law suite is worth what it kills, so each
 * kind of mistake is put into the table, and the suite must notice.
 *
 * Mistakes in a derivative are made in the pullback and the pushforward alike, as a wrong formula would be: forward and
 * reverse mode then agree with each other, and only an oracle that does not use the rules can tell.
 *
 * @since 0.1.0
 */
import type { Vocabulary } from '../src/primitive/index.js'
import { equals, size } from '../src/Shape.js'
import { noAttributes } from '../src/Tape.js'
import type { AnyVar } from '../src/Var.js'
import {
  applying,
  contribution,
  inCalculus,
  type Mutant,
  named,
  pointwise,
  rolled,
  scaledBy,
  some,
  transposed,
} from './breaking.js'

/**
 * The derivative of one operand times `1 + d`.
 *
 * @category mutants
 * @since 0.1.0
 */
export const factor = (d: number): Mutant => ({
  kind: `factor 1 + ${d}`,
  doc: 'a derivative is off by a constant factor',
  apply: applying(contribution((v, x) => some(scaledBy(1 + d))(v, x), scaledBy(1 + d))),
})

/**
 * The derivative of one operand with the wrong sign.
 *
 * @category mutants
 * @since 0.1.0
 */
export const sign: Mutant = {
  kind: 'sign',
  doc: 'a derivative has the wrong sign',
  apply: applying(
    contribution(
      (v, x) => some((w, y) => w.neg(y))(v, x),
      (v, dx) => v.neg(dx),
    ),
  ),
}

let calls = 0

/**
 * Mistakes in rows and in how cotangents accumulate.
 *
 * @category mutants
 * @since 0.1.0
 */
export const calculusMutants: ReadonlyArray<Mutant> = [
  sign,
  factor(1e-3),
  factor(1e-6),
  factor(1e-12),
  {
    kind: 'sign in reverse mode only',
    doc: 'the pullback has the wrong sign, the pushforward is right',
    apply: applying(contribution((v, x) => some((w, y) => w.neg(y))(v, x), null)),
  },
  {
    kind: 'swapped partials',
    doc: 'the two operands get what is due to each other',
    apply: applying(
      contribution(
        (v, _, { ct, k, xs, y, again }) => again(v, ct, 1 - k, xs, y, undefined as never),
        null,
        (row) => pointwise(row) && row.arity === 2,
      ),
    ),
  },
  {
    kind: 'dropped operand',
    doc: 'one operand gets nothing',
    apply: applying(
      contribution(
        (_, x, { k }) => (k === 0 ? null : x),
        null,
        (row) => row.arity !== 1,
      ),
    ),
  },
  {
    kind: 'detached',
    doc: 'nothing flows through the instruction, in either mode',
    apply: applying(
      contribution(
        () => null,
        () => null,
        (row) => row.name === 'sin' || row.name === 'contract' || row.name === 'sum',
      ),
    ),
  },
  {
    kind: 'overwritten fan-out',
    doc: 'a later cotangent replaces the earlier one',
    apply: inCalculus((calculus) => ({ ...calculus, accumulate: (_, __, later) => later })),
  },
  {
    kind: 'double visit',
    doc: 'what is accumulated is added twice',
    apply: inCalculus((calculus) => ({ ...calculus, accumulate: (v, a, b) => v.add(v.add(a, b), b) })),
  },
  {
    kind: 'averaged fan-out',
    doc: 'cotangents are averaged',
    apply: inCalculus((calculus) => ({ ...calculus, accumulate: (v, a, b) => scaledBy(0.5)(v, v.add(a, b)) })),
  },
  {
    kind: 'lossy fan-out',
    doc: 'each addition loses a little of the later cotangent',
    apply: inCalculus((calculus) => ({ ...calculus, accumulate: (v, a, b) => v.add(a, scaledBy(1 + 2 ** -20)(v, b)) })),
  },
  {
    kind: 'stale primal',
    doc: 'the result is used where the operand is meant',
    apply: applying((row, operand) => {
      const { derivative } = row
      if (derivative === null || !pointwise(row)) return null
      const stale = (xs: ReadonlyArray<AnyVar>, y: AnyVar): ReadonlyArray<AnyVar> =>
        xs.map((x, k) =>
          (operand === null || k === operand) && x.dtype === 'real' && equals(x.shape, y.shape) ? y : x,
        )
      return {
        ...row,
        derivative: {
          pull: (v, ct, k, xs, y, a) => derivative.pull(v, ct, k, stale(xs, y), y, a),
          push: (v, dxs, xs, y, a) => derivative.push(v, dxs, stale(xs, y), y, a),
        },
      }
    }),
  },
  {
    kind: 'off by one',
    doc: 'contributions of structural rows land one place further',
    apply: applying(
      contribution(
        (v, x) => some(rolled)(v, x),
        null,
        (row) => row.family === 'structural' || row.family === 'selecting',
      ),
    ),
  },
  {
    kind: 'missing reduction',
    doc: 'the transpose of broadcasting takes the mean, that of summing divides',
    apply: applying(
      contribution(
        (v, x, { ct, xs, k }) =>
          some((w, value) => scaledBy(size(xs[k].shape) / Math.max(1, size(ct.shape)))(w, value))(v, x),
        null,
        named('broadcast', 'sum'),
      ),
    ),
  },
  {
    kind: 'transposed operand',
    doc: 'contributions of products come out transposed',
    apply: applying(
      contribution(
        (v, x) => some(transposed)(v, x),
        null,
        (row) => row.family === 'multilinear',
      ),
    ),
  },
  {
    kind: 'wrong branch',
    doc: 'the loser of a choice is given the cotangent',
    apply: applying(
      contribution(
        (v, value, { ct, xs, k, y, again }) => {
          if (value === null) return null
          if (xs.length > 1) return again(v, ct, xs.length === 3 ? 3 - k : 1 - k, xs, y, undefined as never)
          return equals(value.shape, ct.shape) ? v.neg(value) : rolled(v, value)
        },
        null,
        named('max', 'min', 'select', 'abs', 'reduceMax', 'reduceMin', 'sort', 'topK', 'reduceWindow'),
      ),
    ),
  },
  {
    kind: 'constant term',
    doc: 'a pullback adds a constant: it is affine, not linear',
    apply: applying(contribution((v, x) => some((w, y) => w.add(y, w.like(y, 2 ** -10)))(v, x), null)),
  },
  {
    kind: 'square of the cotangent',
    doc: 'a pullback is not linear: the cotangent enters twice',
    apply: applying(
      contribution(
        (v, x, { ct }) => some((w, y) => (equals(y.shape, ct.shape) ? w.mul(y, ct) : w.mul(y, y)))(v, x),
        null,
      ),
    ),
  },
  {
    kind: 'depends on the position',
    doc: 'a derivative depends on where the instruction stands',
    apply: applying(contribution((v, x, { y }) => some(scaledBy(1 + y.id * 2 ** -16))(v, x), null)),
  },
  {
    kind: 'hidden state',
    doc: 'a rule answers differently each time it is asked',
    apply: applying(contribution((v, x) => some(scaledBy(1 + 2 ** -16 * (calls++ % 7)))(v, x), null)),
  },
  {
    kind: 'linear row that looks at its operand',
    doc: 'the derivative of a linear row depends on where it is',
    apply: applying(
      contribution(
        (v, x, { xs, k }) =>
          some((w, y) => (equals(y.shape, xs[k].shape) ? w.add(y, w.mul(xs[k], w.like(y, 2 ** -10))) : y))(v, x),
        null,
        named('neg', 'add', 'sub', 'flip', 'cumsum', 'reshape', 'slice', 'sum', 'label'),
      ),
    ),
  },
  {
    kind: 'frozen rule',
    doc: 'a rule is right once, but cannot be differentiated again',
    apply: applying((row) => {
      const { derivative } = row
      if (derivative === null || (row.family !== 'pointwise' && row.family !== 'multilinear')) return null
      const still = (v: Vocabulary, xs: ReadonlyArray<AnyVar>): ReadonlyArray<AnyVar> =>
        xs.map((x) => (x.dtype === 'real' ? v.emit('stopGradient', [x], noAttributes) : x))
      return {
        ...row,
        derivative: {
          pull: (v, ct, k, xs, y, a) => derivative.pull(v, ct, k, still(v, xs), still(v, [y])[0], a),
          push: (v, dxs, xs, y, a) => derivative.push(v, dxs, still(v, xs), still(v, [y])[0], a),
        },
      }
    }),
  },
  {
    kind: 'wasteful rule',
    doc: 'a rule computes far more than it needs',
    apply: applying(
      contribution(
        (v, x) =>
          some((w, y) => {
            let more = w.atan(y)
            for (let i = 0; i < 12; i++) more = w.atan(more)
            return w.add(y, w.mul(more, w.like(y, 0)))
          })(v, x),
        null,
        // what is wasted is not wasteful itself, or second derivatives would never end
        (row) => row.family === 'pointwise' && row.name !== 'atan',
      ),
    ),
  },
]
