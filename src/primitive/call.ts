/**
 * `call` evaluates a named sub-tape with one result. It carries rules of its own (`customRule`), and without any it is
 * differentiated by running its body again beside the derivative, which is what checkpointing is.
 *
 * The walkers that differentiate and batch a tape treat it themselves, since its derivative is made from whole tapes; the
 * row therefore has neither rule.
 *
 * @since 0.1.0
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { type Failure, fail } from '../Failure.js'
import { equals, type Spec, show } from '../Shape.js'
import type { Program } from '../Tape.js'
import { leaves } from '../Tree.js'
import { flopsOf } from './cost.js'
import type { Call, Primitive, Table } from './Primitive.js'

const isProgram = (u: unknown): u is Program =>
  typeof u === 'object' && u !== null && (u as { readonly _tag?: unknown })._tag === 'Program'

/** Programs in memory only: the tape format writes and reads nested programs itself. */
const ProgramValue: t.Type<Program, unknown> = new t.Type<Program, unknown>(
  'Program',
  isProgram,
  (u, c) => (isProgram(u) ? t.success(u) : t.failure(u, c, 'must be a program')),
  (p) => p,
)

const attributes: t.Type<Call, unknown> = t.readonly(
  t.exact(
    t.intersection([
      t.type({ name: t.string, body: ProgramValue }),
      t.partial({ vjp: ProgramValue, jvp: ProgramValue }),
    ]),
  ),
) as t.Type<Call, unknown>

const describe = (specs: ReadonlyArray<Spec>): string => specs.map((s) => `${s.dtype} ${show(s.shape)}`).join(', ')

const sameSpecs = (a: ReadonlyArray<Spec>, b: ReadonlyArray<Spec>): boolean =>
  a.length === b.length && a.every((s, i) => s.dtype === b[i].dtype && equals(s.shape, b[i].shape))

/** A program's inputs or outputs must be these. */
const expect = (
  what: string,
  found: ReadonlyArray<Spec>,
  expected: ReadonlyArray<Spec>,
): E.Either<Failure, ReadonlyArray<Spec>> =>
  sameSpecs(found, expected)
    ? E.right(found)
    : fail('ShapeMismatch', `${what} should be (${describe(expected)}), not (${describe(found)})`, {
        operation: 'call',
        shapes: found.map((v) => v.shape),
      })

const reals = (specs: ReadonlyArray<Spec>): ReadonlyArray<Spec> => specs.filter((s) => s.dtype === 'real')

/** Checks a rule's signature against the primal's. */
const checkRule = (
  what: string,
  rule: Program | undefined,
  inputs: ReadonlyArray<Spec>,
  outputs: ReadonlyArray<Spec>,
): E.Either<Failure, unknown> =>
  rule === undefined
    ? E.right(undefined)
    : E.chain(() => expect(`${what}: the results`, leaves(rule.outputs), outputs))(
        expect(`${what}: the arguments`, leaves(rule.inputs), inputs),
      )

/**
 * The row of `call`, over a table that holds it: counting its operations looks the others up there.
 *
 * @category rows
 * @since 0.1.0
 */
export const callRow = (table: () => Table): { readonly call: Primitive<'call'> } => ({
  call: {
    name: 'call',
    family: 'control',
    arity: -2,
    attributes,
    spec: (operands, { name, body, vjp, jvp }) => {
      const results = leaves(body.outputs)
      if (results.length !== 1)
        return fail('StructureMismatch', `call ${name}: the body must have one result, not ${results.length}`, {
          operation: 'call',
        })
      const [y] = results
      const checks = [
        expect(`call ${name}: the operands`, operands, leaves(body.inputs)),
        checkRule(`call ${name}: its vjp`, vjp, [...operands, y, y], reals(operands)),
        checkRule(`call ${name}: its jvp`, jvp, [...operands, y, ...reals(operands)], [y]),
      ]
      return checks.find(E.isLeft) ?? E.right({ shape: y.shape, dtype: y.dtype })
    },
    kernel: (algebra, { attributes: { body } }, evaluate) => {
      const run = evaluate(algebra, body)
      return (operands, out) => {
        const [y] = run(operands)
        for (let i = 0; i < out.length; i++) out[i] = y[i]
      }
    },
    derivative: null,
    batch: null,
    domain: '',
    branches: null,
    flops: ({ attributes: { body } }) => flopsOf(table())(body),
    show: (operands, { name }) => `${name}(${operands.join(', ')})`,
  },
})
